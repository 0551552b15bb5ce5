//! What became of one message, with the decision that follows from it.

use crate::reply::Reply;
use std::time::Duration;

/// The answer to one message. Each variant carries its decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The relay took the message: a 2xx reply to its end (RFC 5321 §4.2.5).
    Accepted(Reply),
    /// A 4xx reply: not taken now, the same message may be taken later.
    Deferred {
        /// Where in the transaction the relay said so.
        stage: Stage,
        /// What it said.
        reply: Reply,
    },
    /// A 5xx reply: not taken, and repeating it unchanged is pointless.
    Refused {
        /// Where in the transaction the relay said so.
        stage: Stage,
        /// What it said.
        reply: Reply,
    },
    /// The message cannot be sent to this relay at all; nothing of it was said to the relay.
    Unsendable(Unsendable),
    /// The end of the message may have reached the relay and no final reply was read (RFC 1047): it may
    /// or may not be delivered.
    Unknown {
        /// Why there is no reply.
        cause: Cause,
    },
    /// The relay cannot have the complete message, so it delivers nothing: try again.
    NotSent {
        /// Why it was not sent.
        cause: Cause,
    },
}

impl Answer {
    /// Whether the answer speaks about the relay or our account there rather than about this recipient: the whole
    /// relay should rest then, instead of one recipient failing after another.
    ///
    /// These are 421 (closing, RFC 5321 §3.8), 454, 530, 534, 535 and 538 (RFC 4954 §6) at any stage.
    #[must_use]
    pub fn concerns_the_relay(&self) -> bool {
        match self {
            Self::Deferred { reply, .. } | Self::Refused { reply, .. } => {
                matches!(reply.code, 421 | 454 | 530 | 534 | 535 | 538)
            }
            Self::Accepted(_) | Self::Unsendable(_) | Self::Unknown { .. } | Self::NotSent { .. } => false,
        }
    }
}

/// The answer to one message, with what the caller gave along.
#[derive(Debug)]
pub struct Answered<T> {
    /// What the caller gave along.
    pub tag: T,
    /// What became of the message.
    pub answer: Answer,
    /// From writing the envelope to knowing the answer; zero when nothing was written.
    pub elapsed: Duration,
}

/// The part of a mail transaction a reply belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// `MAIL FROM`: the relay speaks about the sender.
    Mail,
    /// `RCPT TO`: the relay speaks about the recipient.
    Rcpt,
    /// `DATA`, before any content.
    Data,
    /// The end of the content.
    Content,
}

impl Stage {
    /// The word used in messages.
    pub(crate) fn waiting(self) -> &'static str {
        match self {
            Self::Mail => "the reply to MAIL FROM",
            Self::Rcpt => "the reply to RCPT TO",
            Self::Data => "the reply to DATA",
            Self::Content => "the reply to the end of the message",
        }
    }
}

/// Why a message has no final reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// The connection ended or broke.
    #[error("the relay's connection ended while waiting for {waiting_for}: {detail}")]
    Closed {
        /// What was awaited.
        waiting_for: &'static str,
        /// The system's word for it.
        detail: String,
    },
    /// Nothing came in time (RFC 5321 §4.5.3.2).
    #[error("the relay did not give {waiting_for} in time")]
    TimedOut {
        /// What was awaited.
        waiting_for: &'static str,
    },
    /// What came is no SMTP reply, or is longer than 64 KiB.
    #[error("the relay gave no readable SMTP reply for {waiting_for}: {problem}")]
    Garbled {
        /// What was awaited.
        waiting_for: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Replies and commands no longer match, so no later reply can be trusted.
    #[error("the relay's replies are out of step: {0}")]
    OutOfStep(&'static str),
    /// The relay said 421 to another message or to nobody and closed (RFC 5321 §3.8).
    #[error("the relay closed the connection: {0}")]
    RelayClosing(Reply),
    /// The caller's `may_send` said no before the content was written.
    #[error("withheld: the right to send this message was lost before its content was written")]
    Vetoed,
    /// We were stopping and the deadline passed.
    #[error("stopped before the relay answered")]
    Stopped,
}

/// Why a message cannot be sent to this relay at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    /// The address needs SMTPUTF8 (RFC 6531) and the relay does not offer it.
    #[error(
        "the address has non-ASCII characters and the relay does not offer SMTPUTF8; use a relay that does"
    )]
    NeedsSmtputf8,
    /// The content has octets above 127 and the relay does not offer 8BITMIME (RFC 6152).
    #[error(
        "the content has non-ASCII octets and the relay does not offer 8BITMIME; encode it as quoted-printable"
    )]
    Needs8BitMime,
    /// The content is larger than the relay or our own setting allows (RFC 1870).
    #[error("the message has {size} octets, more than the {limit} that may be sent to this relay")]
    TooLarge {
        /// Octets of the message.
        size: u64,
        /// Octets allowed.
        limit: u64,
    },
    /// A CR without LF or an LF without CR, which relays read differently (RFC 5321 §2.3.8).
    #[error("the content has a bare CR or LF near octet {position}; every line must end with CR LF")]
    BareLineEnd {
        /// Zero-based place in the content.
        position: usize,
    },
    /// A NUL octet (RFC 5321 §4.5.2 forbids it in practice, RFC 5322 §3.5 in text).
    #[error("the content has a NUL octet at {position}; it must have none")]
    Nul {
        /// Zero-based place in the content.
        position: usize,
    },
    /// An envelope address that could say more than an address.
    #[error("the {which} address is refused: {problem}")]
    Address {
        /// `sender` or `recipient`.
        which: &'static str,
        /// What is wrong with it and what would be right.
        problem: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_about_our_login_concerns_the_whole_relay() {
        let reply = |code| Reply { code, enhanced: None, text: String::new() };
        assert!(Answer::Refused { stage: Stage::Mail, reply: reply(530) }.concerns_the_relay());
        assert!(Answer::Deferred { stage: Stage::Rcpt, reply: reply(421) }.concerns_the_relay());
        assert!(!Answer::Refused { stage: Stage::Rcpt, reply: reply(550) }.concerns_the_relay());
        assert!(!Answer::Accepted(reply(250)).concerns_the_relay());
    }
}
