//! What the installation is called, where it is reached and whom it trusts.

use crate::client::Networks;
use crate::colour::Colour;
use domain::automation::SendNewPassword;

/// Who may read `/metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MetricsFor {
    /// This machine only.
    #[default]
    Loopback,
    /// Everybody who can reach the server: for a network of its own.
    Everyone,
    /// Nobody: the path answers 404.
    Nobody,
}

/// Who may ask `POST /api/v1/sessions/verify` without an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VerifyApi {
    /// Programs on this machine only.
    #[default]
    Loopback,
    /// Everybody who can reach the server; attempts are limited per network like sign-ins.
    Everyone,
    /// Nobody: the path answers 404.
    Off,
}

/// Settings of the pages and the API.
#[derive(Debug, Clone)]
pub struct Settings {
    pub(crate) base: BaseUrl,
    /// What the operator is called.
    pub organisation: String,
    pub(crate) accent: Colour,
    /// Whom to ask, such as an address or a telephone number; may be empty.
    pub help_contact: String,
    /// The zone of clock times for people without one of their own.
    pub(crate) time_zone: jiff::tz::TimeZone,
    /// Proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Networks,
    /// Whether loopback names with any port are right hosts, too: for the demo.
    pub loopback_hosts: bool,
    /// Who may verify passwords by API without a key.
    pub verify: VerifyApi,
    /// Who may read the numbers.
    pub metrics: MetricsFor,
    /// What a new automation begins with.
    pub job: SendNewPassword,
}

/// Origin of every link, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    pub(crate) https: bool,
    /// Lower case.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Settings {
    /// Settings with nothing trusted and nothing opened.
    ///
    /// # Errors
    /// Names the setting and what would be right.
    pub fn new(
        base_url: &str,
        organisation: &str,
        accent: &str,
        help_contact: &str,
        time_zone: &str,
    ) -> Result<Self, String> {
        Ok(Self {
            base: BaseUrl::parse(base_url).map_err(|wrong| format!("base_url: {wrong}, not {base_url:?}"))?,
            organisation: organisation.to_owned(),
            accent: Colour::parse(accent)
                .ok_or_else(|| format!("accent: expected # and six hexadecimal digits, not {accent:?}"))?,
            help_contact: help_contact.to_owned(),
            time_zone: jiff::tz::TimeZone::get(time_zone).map_err(|_| {
                format!("time_zone: expected a zone such as Europe/Berlin, not {time_zone:?}")
            })?,
            trusted_proxies: Networks::default(),
            loopback_hosts: false,
            verify: VerifyApi::default(),
            metrics: MetricsFor::default(),
            job: SendNewPassword::default(),
        })
    }
}

impl Settings {
    /// The zone's IANA name.
    pub(crate) fn zone_name(&self) -> String {
        self.time_zone.iana_name().unwrap_or("UTC").to_owned()
    }
}

impl BaseUrl {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let (https, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err("expected it to begin with https:// or http://"),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let authority = split_port(authority).ok_or("expected a host and perhaps a port, and no path")?;
        let port = authority.1.unwrap_or(if https { 443 } else { 80 });
        Ok(Self { https, host: authority.0, port })
    }

    /// As browsers write it in `Origin`.
    pub(crate) fn origin(&self) -> String {
        let scheme = if self.https { "https" } else { "http" };
        if self.port == self.default_port() {
            format!("{scheme}://{}", self.host)
        } else {
            format!("{scheme}://{}:{}", self.host, self.port)
        }
    }

    pub(crate) const fn default_port(&self) -> u16 {
        if self.https { 443 } else { 80 }
    }
}

/// Splits `host:port`; the host in lower case. `None`: this is no authority, or it has more than that.
pub(crate) fn split_port(authority: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => {
            let number = port.parse::<u16>().ok().filter(|_| port.bytes().all(|b| b.is_ascii_digit()));
            (host, Some(number?))
        }
        _ => (authority, None),
    };
    let bracketed = host.starts_with('[') && host.ends_with(']');
    let allowed =
        |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.' || (bracketed && b":[]".contains(&b));
    (!host.is_empty() && host.bytes().all(allowed)).then(|| (host.to_ascii_lowercase(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_has_a_scheme_a_host_and_no_path() {
        let url = BaseUrl::parse("https://Pass.Example/").unwrap();
        assert_eq!((url.https, url.host.as_str(), url.port), (true, "pass.example", 443));
        assert_eq!(BaseUrl::parse("http://127.0.0.1:8080").unwrap().origin(), "http://127.0.0.1:8080");
        assert_eq!(BaseUrl::parse("http://[::1]:8080").unwrap().host, "[::1]");
        for bad in [
            "pass.example",
            "https://",
            "https://a/b",
            "https://u@a",
            "https://a:x",
            "https://a:+1",
            "ftp://a",
        ] {
            assert!(BaseUrl::parse(bad).is_err(), "{bad}");
        }
    }
}
