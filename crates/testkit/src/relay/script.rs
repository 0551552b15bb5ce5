//! What the relay offers and how it behaves.

use super::Certificate;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The commands and moments a script can answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The connection, before the greeting.
    Connect,
    /// EHLO or HELO.
    Ehlo,
    /// STARTTLS.
    StartTls,
    /// AUTH.
    Auth,
    /// `MAIL FROM`.
    Mail,
    /// `RCPT TO`.
    Rcpt,
    /// `DATA`, before any content.
    Data,
    /// The end of the content, of DATA or of BDAT; the message is complete and not yet stored.
    Content,
    /// RSET.
    Rset,
    /// NOOP.
    Noop,
    /// QUIT.
    Quit,
    /// Anything else.
    Other,
}

impl Stage {
    pub(crate) const COUNT: usize = Self::Other as usize + 1;
}

/// What the script is asked about.
#[derive(Debug)]
pub struct Moment<'a> {
    /// Which command.
    pub stage: Stage,
    /// How often this command came, over all connections, this time included.
    pub nth: u64,
    /// The connection, counted from 1.
    pub connection: u64,
    /// The recipient just named, or the last one taken; empty before.
    pub recipient: &'a str,
}

/// What the relay does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// As a friendly relay does; a message is stored.
    Accept,
    /// Says this instead, CR LF is added. A message is not stored, even with a 2xx.
    Reply(String),
    /// Says this and closes, as with 421.
    ReplyAndClose(String),
    /// Sends these octets and goes on: garbage, huge or surplus replies.
    Raw(Vec<u8>),
    /// Says this one octet at a time with a pause after each.
    Drip(String, Duration),
    /// Waits, then does as a friendly relay.
    Wait(Duration),
    /// Never says anything again, and reads nothing.
    Stall,
    /// Cuts the connection at once. At [`Stage::Content`] the message is not stored.
    Cut,
    /// At [`Stage::Data`]: asks for content, takes so many octets of it and cuts.
    CutWithinContent(usize),
    /// At [`Stage::Data`]: asks for content, takes so many octets of it, says this and cuts.
    RefuseWithinContent(usize, String),
    /// At [`Stage::Content`]: stores the message, then does something else.
    StoreThen(Box<Action>),
}

impl Action {
    /// Says this.
    #[must_use]
    pub fn reply(text: impl Into<String>) -> Self {
        Self::Reply(text.into())
    }
    /// Stores the message and cuts the connection before the reply.
    #[must_use]
    pub fn store_and_cut() -> Self {
        Self::StoreThen(Box::new(Self::Cut))
    }
}

/// How TLS is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tls {
    /// Not at all, as if somebody stripped it.
    #[default]
    Never,
    /// By STARTTLS.
    StartTls,
    /// By STARTTLS, with a reply of an attacker sent along before the handshake.
    StartTlsWithInjection,
    /// From the first octet.
    Implicit,
}

/// Who may log in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Auth {
    /// AUTH is not offered and not needed.
    #[default]
    None,
    /// This user may; MAIL needs a login. Offers PLAIN and LOGIN.
    Required {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
    /// As `Required`, but offers these mechanisms only, such as `LOGIN`.
    Only {
        /// What EHLO names.
        mechanisms: String,
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
    /// Everybody is refused with 535.
    Refused,
}

/// The answer closure of a script.
pub type Answer = Arc<dyn Fn(&Moment<'_>) -> Action + Send + Sync>;

/// Everything about a relay's behaviour. The default accepts all and offers what a modern relay does, without TLS
/// and CHUNKING.
#[derive(Clone)]
pub struct Script {
    /// How TLS is offered.
    pub tls: Tls,
    /// The certificate for it.
    pub certificate: Certificate,
    /// Who may log in.
    pub auth: Auth,
    /// Offer PIPELINING.
    pub pipelining: bool,
    /// Offer CHUNKING.
    pub chunking: bool,
    /// Offer SMTPUTF8.
    pub smtputf8: bool,
    /// Offer 8BITMIME.
    pub eight_bit_mime: bool,
    /// Offer SIZE with this limit; larger messages are refused with 552.
    pub size: Option<u64>,
    /// Refuse EHLO, so that only HELO works.
    pub helo_only: bool,
    /// Answer 354 to DATA although no recipient was taken (RFC 2920 §3.1 allows it).
    pub data_without_recipient: bool,
    /// Every reply leaves so much later, as over a long line; commands meanwhile are taken.
    pub round_trip: Duration,
    /// Messages per second; what comes faster is deferred with 451 at MAIL.
    pub per_second: Option<u32>,
    /// Keep the contents of stored messages.
    pub keep_content: bool,
    /// Answers to `RCPT TO` by recipient, one after the other; then accepted. Set by [`Script::rcpt`].
    pub per_recipient: HashMap<String, Vec<Action>>,
    /// What is asked at every moment, set by [`Script::answer`] and its sisters.
    pub answer: Option<Answer>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            tls: Tls::Never,
            certificate: Certificate::Good,
            auth: Auth::None,
            pipelining: true,
            chunking: false,
            smtputf8: true,
            eight_bit_mime: true,
            size: Some(50 * 1024 * 1024),
            helo_only: false,
            data_without_recipient: false,
            round_trip: Duration::ZERO,
            per_second: None,
            keep_content: true,
            per_recipient: HashMap::new(),
            answer: None,
        }
    }
}

impl Script {
    /// Answers to `RCPT TO` for one recipient, one after the other; after the last one it is accepted.
    #[must_use]
    pub fn rcpt(mut self, recipient: &str, answers: impl IntoIterator<Item = Action>) -> Self {
        self.per_recipient.insert(recipient.to_owned(), answers.into_iter().collect());
        self
    }

    /// Asks this closure at every moment (after the answers per recipient).
    #[must_use]
    pub fn answer(mut self, answer: impl Fn(&Moment<'_>) -> Action + Send + Sync + 'static) -> Self {
        self.answer = Some(Arc::new(answer));
        self
    }

    /// Does one thing whenever one command comes.
    #[must_use]
    pub fn always(self, stage: Stage, action: Action) -> Self {
        self.answer(move |moment| if moment.stage == stage { action.clone() } else { Action::Accept })
    }

    /// Does one thing the nth time (from 1, over all connections) one command comes.
    #[must_use]
    pub fn nth(self, stage: Stage, nth: u64, action: Action) -> Self {
        self.answer(
            move |moment| {
                if moment.stage == stage && moment.nth == nth { action.clone() } else { Action::Accept }
            },
        )
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("tls", &self.tls).field("auth", &self.auth).finish_non_exhaustive()
    }
}
