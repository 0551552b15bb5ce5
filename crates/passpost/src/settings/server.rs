//! Where people reach the server, where it listens and where it keeps its files.

use super::Raw;
use super::problem::Problems;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// Addresses and folders.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) base_url: BaseUrl,
    pub(crate) listen: SocketAddr,
    pub(crate) data_dir: PathBuf,
    pub(crate) trusted_proxies: web::Networks,
}

/// The origin of every link: only from here, never from a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    text: String,
    host: String,
    https: bool,
}

impl BaseUrl {
    /// Reads `https://host[:port]`.
    fn parse(text: &str) -> Result<Self, String> {
        let example = "expected an origin such as https://passwords.example.org";
        let (https, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err(format!("{example}, not {text:?}")),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#', '@', '\\', ' ']) || authority.is_empty() {
            return Err(format!("{example}, without path, query or user; not {text:?}"));
        }
        let (host, port) = split_port(authority).ok_or_else(|| format!("{example}, not {text:?}"))?;
        let base = Self {
            text: text.trim_end_matches('/').to_ascii_lowercase(),
            host: host.to_ascii_lowercase(),
            https,
        };
        if port == Some(0) {
            return Err("port 0 cannot be reached".into());
        }
        if !https && !is_loopback(&base.host) {
            return Err(format!(
                "http is only for this very machine (127.0.0.1, localhost): sign-in cookies need https; \
                 expected https://{authority}"
            ));
        }
        Ok(base)
    }
    /// Without a slash at the end.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
    pub(crate) fn host(&self) -> &str {
        &self.host
    }
    pub(crate) const fn is_https(&self) -> bool {
        self.https
    }
    pub(crate) fn is_local(&self) -> bool {
        is_loopback(&self.host)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// `host`, `host:port`, `[::1]:port`.
pub(super) fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, after) = rest.split_once(']')?;
        host.parse::<std::net::Ipv6Addr>().ok()?;
        return match after.strip_prefix(':') {
            Some(port) => Some((host, Some(port.parse().ok()?))),
            None => after.is_empty().then_some((host, None)),
        };
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok()?)),
        None => (authority, None),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.' || c == '_';
    (!host.is_empty() && host.chars().all(plain)).then_some((host, port))
}

/// Whether a host can only be this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

pub(super) fn resolve(raw: &Raw, problems: &mut Problems) -> Option<Server> {
    let base_url = problems.keep("base_url", BaseUrl::parse(&raw.base_url));
    let listen = raw.listen.parse::<SocketAddr>().map_err(|_| {
        format!("expected an address and a port such as 127.0.0.1:8080 or [::]:8080, not {:?}", raw.listen)
    });
    let listen = problems.keep("listen", listen);
    if raw.data_dir.trim().is_empty() {
        problems.add("data_dir", "expected a folder such as /var/lib/passpost");
    }
    let trusted_proxies = problems.keep("trusted_proxies", web::Networks::parse(&raw.trusted_proxies));
    Some(Server {
        base_url: base_url?,
        listen: listen?,
        data_dir: PathBuf::from(&raw.data_dir),
        trusted_proxies: trusted_proxies?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_an_origin_and_nothing_more() {
        for good in ["https://pp.example.org", "https://pp.example.org:8443/", "http://localhost:1", "http://[::1]:8080"] {
            assert!(BaseUrl::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "", "pp.example.org", "ftp://x", "https://", "https://a/b", "https://u@h", "https://h?x", "https://h\\e",
            "http://pp.example.org", "https://h:port", "https://h:99999", "https://ä.example",
        ] {
            assert!(BaseUrl::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(BaseUrl::parse("HTTPS://PP.example.org/").map(|b| b.text), Err("expected an origin such as https://passwords.example.org, not \"HTTPS://PP.example.org/\"".into()));
        assert_eq!(BaseUrl::parse("https://PP.example.org/").unwrap().as_str(), "https://pp.example.org");
    }
}
