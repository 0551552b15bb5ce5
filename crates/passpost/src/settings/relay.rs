//! The relays: the SMTP servers that take the mail, tried in the order they stand in.

use super::masked::Masked;
use super::problem::Problems;
use super::server::{is_loopback, split_port};
use domain::secret::Secret;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Raw {
    #[serde(serialize_with = "super::masked::serialize_url")]
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_file: Option<PathBuf>,
    /// Only from a variable; a password in the file is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<Masked>,
    tls: TlsSetting,
    connections: u16,
    messages_per_minute: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    helo: Option<String>,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            url: String::new(),
            password_file: None,
            password: None,
            tls: TlsSetting::Required,
            connections: 4,
            messages_per_minute: 0,
            ca_file: None,
            helo: None,
        }
    }
}

impl Raw {
    /// Whether a password stands among the settings themselves.
    pub(super) const fn has_password(&self) -> bool {
        self.password.is_some()
    }
}

/// How the way to a relay is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TlsSetting {
    /// TLS, or no mail.
    Required,
    /// TLS when offered; without it only toward this machine.
    Opportunistic,
    /// No TLS, only toward this machine.
    None,
}

/// One relay.
#[derive(Debug, Clone)]
pub(crate) struct RelaySettings {
    /// `host:port`, as reports call it.
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// `smtps://`: TLS from the first octet.
    pub(crate) implicit_tls: bool,
    pub(crate) tls: TlsSetting,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<Secret>,
    pub(crate) connections: u16,
    /// `None`: as fast as the relay takes it.
    pub(crate) messages_per_minute: Option<u32>,
    /// More trusted root certificates, in PEM.
    pub(crate) ca_pem: Option<Vec<u8>>,
    pub(crate) helo: Option<String>,
}

pub(super) fn resolve(raw: &[Raw], problems: &mut Problems) -> Vec<RelaySettings> {
    raw.iter().enumerate().filter_map(|(place, relay)| one(relay, &format!("smtp[{place}]"), problems)).collect()
}

fn one(raw: &Raw, key: &str, problems: &mut Problems) -> Option<RelaySettings> {
    let url = problems.keep(&format!("{key}.url"), RelayUrl::parse(&raw.url))?;
    let tls_key = format!("{key}.tls");
    if url.implicit && raw.tls != TlsSetting::Required {
        problems.add(&tls_key, "smtps:// always uses TLS; expected required, or a url that begins with smtp://");
    }
    if raw.tls == TlsSetting::None && !is_loopback(&url.host) {
        problems.add(&tls_key, "none is only allowed toward this very machine; expected required");
    }
    let connections = problems.within(&format!("{key}.connections"), raw.connections, 1..=100);
    let password = password(raw, key, url.user.is_some(), problems);
    let ca_pem = raw.ca_file.as_ref().and_then(|file| {
        let read = std::fs::read(file).map_err(|error| format!("{} cannot be read ({error})", file.display()));
        problems.keep(&format!("{key}.ca_file"), read)
    });
    Some(RelaySettings {
        name: format!("{}:{}", url.host, url.port),
        host: url.host,
        port: url.port,
        implicit_tls: url.implicit,
        tls: raw.tls,
        user: url.user,
        password,
        connections,
        messages_per_minute: (raw.messages_per_minute > 0).then_some(raw.messages_per_minute),
        ca_pem,
        helo: raw.helo.clone(),
    })
}

fn password(raw: &Raw, key: &str, has_user: bool, problems: &mut Problems) -> Option<Secret> {
    match (&raw.password_file, &raw.password) {
        (Some(_), Some(_)) => {
            problems.add(format!("{key}.password"), "there is a password_file too; keep one of them");
            None
        }
        (Some(_), None) | (None, Some(_)) if !has_user => {
            problems.add(format!("{key}.url"), "there is a password but no user; expected smtp://user@host:587");
            None
        }
        (Some(file), None) => problems.keep(&format!("{key}.password_file"), read_secret(file)),
        (None, Some(password)) => Some(password.0.clone()),
        (None, None) => {
            if has_user {
                problems.add(
                    format!("{key}.password_file"),
                    "a relay with a user needs a file with its password (or the variable \
                     PASSPOST_SMTP__0__PASSWORD, counted from 0)",
                );
            }
            None
        }
    }
}

/// The first line of a file, without the line end.
pub(super) fn read_secret(file: &Path) -> Result<Secret, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{} cannot be read ({error})", file.display()))?;
    let secret = Secret::new(text);
    match secret.expose().lines().next() {
        Some(line) if !line.is_empty() => Ok(Secret::new(line.to_owned())),
        _ => Err(format!("{} is empty; expected the password on its first line", file.display())),
    }
}

#[derive(Debug, PartialEq, Eq)]
struct RelayUrl {
    host: String,
    port: u16,
    implicit: bool,
    user: Option<String>,
}

impl RelayUrl {
    fn parse(url: &str) -> Result<Self, String> {
        let example = "expected smtp://user@host:587 or smtps://user@host:465";
        let (implicit, rest) = match (url.strip_prefix("smtps://"), url.strip_prefix("smtp://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err(example.into()),
        };
        let (user, authority) = match rest.rsplit_once('@') {
            Some((user, authority)) => (Some(user), authority),
            None => (None, rest),
        };
        if user.is_some_and(|user| user.contains(':')) {
            return Err(format!("{example}; the password belongs into password_file, not into the url"));
        }
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let (host, port) = split_port(authority).ok_or(example)?;
        let user = user.map(percent_decoded).transpose()?.filter(|user| !user.is_empty());
        let usual = if implicit { 465 } else { 587 };
        Ok(Self { host: host.to_owned(), port: port.unwrap_or(usual), implicit, user })
    }
}

/// User names that are addresses are written with `%40`.
fn percent_decoded(text: &str) -> Result<String, String> {
    let wrong = || format!("the user {text:?} has a % that is not followed by two hexadecimal digits");
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'%' {
            let digits = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok()).ok_or_else(wrong)?;
            bytes.push(u8::from_str_radix(digits, 16).map_err(|_| wrong())?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_url_names_scheme_user_host_and_port() {
        let parse = |url| RelayUrl::parse(url).map(|u| (u.host, u.port, u.implicit, u.user));
        assert_eq!(parse("smtp://relay"), Ok(("relay".into(), 587, false, None)));
        assert_eq!(parse("smtps://me%40x.org@relay.example"), Ok(("relay.example".into(), 465, true, Some("me@x.org".into()))));
        assert_eq!(parse("smtp://me@x.org@[::1]:25"), Ok(("::1".into(), 25, false, Some("me@x.org".into()))));
        for bad in ["", "relay:25", "http://relay", "smtp://", "smtp://me:secret@relay", "smtp://relay:0x", "smtp://a b"] {
            assert!(RelayUrl::parse(bad).is_err(), "{bad}");
        }
        assert!(!RelayUrl::parse("smtp://me:hunter2@relay").unwrap_err().contains("hunter2"));
    }
}
