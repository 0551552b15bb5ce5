//! Why a relay could not be made ready to take mail, in words that say what to do.

use crate::answer::Cause;
use crate::reply::Reply;
use std::fmt;

/// Why there is no connection. Until one of these is answered, the relay has seen neither `MAIL FROM` nor, unless
/// it is [`ConnectError::AuthRefused`], a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The name has no address.
    #[error(
        "the relay's name {host} cannot be resolved ({detail}); check the host name and this machine's DNS"
    )]
    Dns {
        /// The configured name.
        host: String,
        /// The system's word for it.
        detail: String,
    },
    /// Nobody listens, or the way is blocked.
    #[error("cannot connect to {host} port {port} ({detail}); check host, port and firewall")]
    Tcp {
        /// The configured host.
        host: String,
        /// The configured port.
        port: u16,
        /// The system's word for it.
        detail: String,
    },
    /// No TLS was asked for toward another machine.
    #[error(
        "{host} is not this machine, so mail to it needs TLS; set TLS to implicit (port 465) or STARTTLS (587)"
    )]
    PlainToOthers {
        /// The configured host.
        host: String,
    },
    /// The relay does not offer STARTTLS, or somebody on the way removed the offer.
    #[error(
        "the relay does not offer STARTTLS, or somebody on the way removed it; use implicit TLS (port 465) if the \
         relay has it"
    )]
    NoStartTls,
    /// The relay offers STARTTLS and then refuses it.
    #[error("the relay refused STARTTLS: {0}")]
    StartTlsRefused(Reply),
    /// Octets came before the handshake that would be taken for the relay's own words afterwards.
    #[error("somebody put words into the connection before TLS began; this may be an attack (CVE-2011-0411)")]
    WordsBeforeTls,
    /// The certificate is not the right one.
    #[error("the certificate of {host} is not accepted: {detail}")]
    Certificate {
        /// The name that was expected.
        host: String,
        /// What is wrong and what to do.
        detail: String,
    },
    /// Any other failure of TLS.
    #[error("TLS with {host} failed ({detail}); check that the port speaks TLS the way it is configured")]
    Tls {
        /// The configured host.
        host: String,
        /// What the TLS library says.
        detail: String,
    },
    /// The relay does not greet with 220.
    #[error("the relay does not want to talk: {0}")]
    Greeting(Reply),
    /// Neither EHLO nor HELO was accepted.
    #[error("the relay refused our greeting: {0}; check the name we introduce ourselves with")]
    Ehlo(Reply),
    /// A name, user or password that cannot be said in SMTP.
    #[error("the setting {setting} cannot be used: {problem}")]
    Setting {
        /// Which setting.
        setting: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A login is configured and the relay offers none that we know.
    #[error(
        "a user is configured but the relay offers neither AUTH PLAIN nor AUTH LOGIN; check port and TLS"
    )]
    AuthNotOffered,
    /// The relay refused user or password for now (4xx) or for good (5xx).
    #[error("the relay refused the login of our user: {0}; check user and password")]
    AuthRefused(Reply),
    /// The connection broke or the relay spoke no SMTP.
    #[error("no usable connection at {step}: {cause}")]
    Session {
        /// Where.
        step: Step,
        /// What happened.
        cause: Cause,
    },
    /// A step took too long.
    #[error("{host} port {port} did not answer in time at {step}; check port, TLS setting and firewall")]
    TimedOut {
        /// The configured host.
        host: String,
        /// The configured port.
        port: u16,
        /// Where.
        step: Step,
    },
}

impl ConnectError {
    /// Whether it may pass by itself. The others need somebody to change a setting or the relay.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Dns { .. } | Self::Tcp { .. } | Self::Session { .. } | Self::TimedOut { .. } => true,
            Self::Greeting(reply)
            | Self::Ehlo(reply)
            | Self::AuthRefused(reply)
            | Self::StartTlsRefused(reply) => reply.code < 500,
            Self::PlainToOthers { .. }
            | Self::NoStartTls
            | Self::WordsBeforeTls
            | Self::Certificate { .. }
            | Self::Tls { .. }
            | Self::Setting { .. }
            | Self::AuthNotOffered => false,
        }
    }

    /// Whether the safety of the connection is in doubt: worth an alarm, not only a retry.
    #[must_use]
    pub fn is_alarm(&self) -> bool {
        matches!(
            self,
            Self::NoStartTls | Self::WordsBeforeTls | Self::Certificate { .. } | Self::StartTlsRefused(_)
        )
    }
}

/// The steps to a usable connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Name lookup and TCP.
    Connect,
    /// The TLS handshake.
    Tls,
    /// The 220 greeting.
    Greeting,
    /// EHLO or HELO.
    Ehlo,
    /// STARTTLS.
    StartTls,
    /// AUTH.
    Login,
    /// NOOP, when only checking.
    Noop,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Tls => "the TLS handshake",
            Self::Greeting => "the greeting",
            Self::Ehlo => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::Login => "the login",
            Self::Noop => "NOOP",
        })
    }
}
