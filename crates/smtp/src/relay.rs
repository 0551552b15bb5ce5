//! How one relay is reached: address, TLS, login, timeouts and bounds.

use crate::roots::Roots;
use std::fmt;
use std::time::Duration;
use zeroize::Zeroizing;

/// Everything needed to talk to one relay. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Relay {
    /// Host name, also the name its certificate must have; or an IP address.
    pub host: String,
    /// 465 for implicit TLS, 587 for STARTTLS.
    pub port: u16,
    /// How the connection is secured.
    pub tls: Tls,
    /// The certificates that are trusted.
    pub roots: Roots,
    /// User and password, if the relay wants a login.
    pub credentials: Option<Credentials>,
    /// What we call ourselves in EHLO: our full host name or an address literal such as `[192.0.2.1]`.
    pub helo: String,
    /// How long each step may take.
    pub timeouts: Timeouts,
    /// Octets a message may have, whatever the relay offers.
    pub max_message_size: u64,
    /// Messages after which the connection is closed and another one opened.
    pub messages_per_connection: u32,
    /// Messages in flight on one connection when the relay offers PIPELINING and CHUNKING; at least 1. This is also
    /// how many outcomes one broken connection can leave unknown.
    pub in_flight: usize,
}

impl Relay {
    /// A relay with the default bounds and no login; change the fields as needed.
    #[must_use]
    pub fn new(host: impl Into<String>, port: u16, tls: Tls, roots: Roots) -> Self {
        Self {
            host: host.into(),
            port,
            tls,
            roots,
            credentials: None,
            helo: "localhost".to_owned(),
            timeouts: Timeouts::default(),
            max_message_size: 25 * 1024 * 1024,
            messages_per_connection: 10_000,
            in_flight: 4,
        }
    }
}

/// How the connection to a relay is secured. Certificates are always verified, with the name (RFC 8314).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// TLS from the first octet, port 465. The best choice.
    Implicit,
    /// STARTTLS or nothing happens.
    StartTls,
    /// STARTTLS when offered; without it only toward this very machine (a loopback address).
    Opportunistic,
    /// No TLS, only toward this very machine (a loopback address).
    None,
}

/// User and password for the relay. The password is wiped when dropped and does not print.
#[derive(Clone)]
pub struct Credentials {
    user: String,
    password: Zeroizing<String>,
}

impl Credentials {
    /// Takes user and password over.
    #[must_use]
    pub fn new(user: impl Into<String>, password: String) -> Self {
        Self { user: user.into(), password: Zeroizing::new(password) }
    }
    pub(crate) fn user(&self) -> &str {
        &self.user
    }
    pub(crate) fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// How long each step may take. The defaults are those of RFC 5321 §4.5.3.2, which a relay under load does need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Name lookup and TCP connection together, and the TLS handshake.
    pub connect: Duration,
    /// The 220 greeting.
    pub greeting: Duration,
    /// The reply to EHLO, STARTTLS, AUTH, RSET and NOOP.
    pub command: Duration,
    /// The reply to `MAIL FROM`.
    pub mail: Duration,
    /// The reply to `RCPT TO`.
    pub rcpt: Duration,
    /// The 354 reply to `DATA`.
    pub data: Duration,
    /// Any progress while writing.
    pub block: Duration,
    /// The reply to the end of the message. Long on purpose: giving up early is what makes duplicates.
    pub end: Duration,
    /// The reply to QUIT, and the last words of a relay that closes.
    pub quit: Duration,
    /// An idle connection is closed after this.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(60 * n);
        Self {
            connect: Duration::from_secs(30),
            greeting: minutes(5),
            command: minutes(5),
            mail: minutes(5),
            rcpt: minutes(5),
            data: minutes(2),
            block: minutes(3),
            end: minutes(10),
            quit: Duration::from_secs(3),
            idle: Duration::from_secs(60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_prints_without_its_password() {
        let mut relay = Relay::new("relay.example", 465, Tls::Implicit, Roots::none());
        relay.credentials = Some(Credentials::new("mailer", "hunter2".to_owned()));
        let printed = format!("{relay:?}");
        assert!(printed.contains("mailer") && !printed.contains("hunter2"));
    }
}
