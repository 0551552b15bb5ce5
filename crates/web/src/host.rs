//! Whether a request is meant for us: its `Host` must be ours, and what changes something must come
//! from our own pages.

use crate::settings::{Settings, split_port};
use axum::http::header::{HOST, HeaderMap, ORIGIN};
use axum::http::{Method, Uri};

/// What is wrong with where a request is addressed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WrongHost {
    /// None, or more than one, or unreadable.
    Malformed,
    /// Somebody else's.
    Unknown,
}

/// Checks `Host`, and the target's own host when it has one (RFC 9112 §3.2.2).
pub(crate) fn check(settings: &Settings, uri: &Uri, headers: &HeaderMap) -> Result<(), WrongHost> {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(WrongHost::Malformed) };
    let host = host.to_str().map_err(|_| WrongHost::Malformed)?;
    let named = std::iter::once(host).chain(uri.authority().map(|authority| authority.as_str()));
    for name in named {
        let (host, port) = split_port(name).ok_or(WrongHost::Unknown)?;
        if !is_ours(settings, &host, port) {
            return Err(WrongHost::Unknown);
        }
    }
    Ok(())
}

fn is_ours(settings: &Settings, host: &str, port: Option<u16>) -> bool {
    let base = &settings.base;
    let loopback = settings.loopback_hosts && ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    loopback || (host == base.host && port.unwrap_or(base.default_port()) == base.port)
}

/// Whether a request that changes something comes from one of our pages: `Sec-Fetch-Site` says so in
/// every current browser, `Origin` in the others. What sends neither is no browser and has no cookies
/// that somebody else could use; its form token is checked all the same.
pub(crate) fn comes_from_us(settings: &Settings, method: &Method, headers: &HeaderMap) -> bool {
    if method.is_safe() {
        return true;
    }
    let site = headers.get("sec-fetch-site").map(|value| value.as_bytes());
    if site.is_some_and(|site| site != b"same-origin") {
        return false;
    }
    let mut origins = headers.get_all(ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (None, _) => true,
        (Some(origin), None) => origin.to_str().is_ok_and(|origin| is_our_origin(settings, origin)),
        (Some(_), Some(_)) => false,
    }
}

pub(crate) fn is_our_origin(settings: &Settings, origin: &str) -> bool {
    let (https, rest) = match (origin.strip_prefix("https://"), origin.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return false,
    };
    let Some((host, port)) = split_port(rest) else { return false };
    let loopback = settings.loopback_hosts && ["localhost", "127.0.0.1", "[::1]"].contains(&host.as_str());
    loopback
        || (https == settings.base.https
            && host == settings.base.host
            && port.unwrap_or(settings.base.default_port()) == settings.base.port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn settings() -> Settings {
        Settings::new("https://pass.example", "Example", "#245bb0", "", "UTC").unwrap()
    }

    fn host(name: &'static str) -> Result<(), WrongHost> {
        let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(name))]);
        check(&settings(), &Uri::from_static("/login"), &headers)
    }

    #[test]
    fn only_the_configured_host_is_ours() {
        for ours in ["pass.example", "PASS.example", "pass.example:443"] {
            assert_eq!(host(ours), Ok(()), "{ours}");
        }
        for other in [
            "evil.example",
            "pass.example:80",
            "pass.example.",
            "user@pass.example",
            "127.0.0.1",
            "",
            "pass.example:443@evil.example",
            "pass.example/x",
            "pass.example, evil.example",
        ] {
            assert_eq!(host(other), Err(WrongHost::Unknown), "{other}");
        }
    }

    #[test]
    fn two_hosts_or_a_foreign_target_are_refused() {
        let mut headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static("pass.example"))]);
        let foreign = Uri::from_static("http://evil.example/login");
        assert_eq!(check(&settings(), &foreign, &headers), Err(WrongHost::Unknown));
        headers.append(HOST, HeaderValue::from_static("pass.example"));
        assert_eq!(check(&settings(), &Uri::from_static("/"), &headers), Err(WrongHost::Malformed));
        assert_eq!(check(&settings(), &Uri::from_static("/"), &HeaderMap::new()), Err(WrongHost::Malformed));
    }

    #[test]
    fn a_change_must_come_from_our_own_pages() {
        let from = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, HeaderValue::from_static(value));
            }
            comes_from_us(&settings(), &Method::POST, &headers)
        };
        assert!(from(&[]) && from(&[("sec-fetch-site", "same-origin"), ("origin", "https://pass.example")]));
        assert!(from(&[("origin", "https://pass.example:443")]));
        for wrong in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("origin", "null")],
            &[("origin", "http://pass.example")],
            &[("origin", "https://pass.example.evil.example")],
            &[("origin", "https://pass.example"), ("origin", "https://evil.example")],
        ] {
            assert!(!from(wrong), "{wrong:?}");
        }
    }
}
