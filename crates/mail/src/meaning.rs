//! The answer's meaning: from code, enhanced status (RFC 3463) and text to a decision.
//!
//! One refusal says something about one person; another says something about us, and then going on would
//! burn everybody else. Where an answer can be read both ways it counts against us, because a run that
//! pauses can be resumed and a person marked undeliverable is lost.

use crate::words::Words;
use domain::language::Language;

/// The most characters kept of a relay's text.
const MOST_TEXT: usize = 300;

/// What an answer asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// The relay took the message.
    Accepted,
    /// Not now: try this person again later.
    Retry(Cause),
    /// Not this person. `undeliverable`: mark the address, no later run should write to it.
    GiveUp {
        /// Why.
        cause: Cause,
        /// Whether the address itself is at fault.
        undeliverable: bool,
    },
    /// It is about the relay or about us, not about this person, who stays as before and is tried again.
    RelayTrouble {
        /// Why.
        cause: Cause,
        /// What to do with the run.
        remedy: Remedy,
    },
}

/// What to do when the relay has trouble with us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Pause the run at once: every further message would fail alike.
    Pause,
    /// Use the next relay, and this one later and more slowly.
    SlowDown,
    /// Count it: pause when it goes on ([`crate::refusals::Watch`]).
    Count,
}

macro_rules! causes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// Why a message was not accepted, in words that can be shown.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Cause { $($(#[$doc])* $variant),+ }

        impl Cause {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// As stored and as in reports.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

causes! {
    /// There is no such mailbox.
    MailboxUnknown = "mailbox-unknown",
    /// The domain takes no mail.
    DomainUnknown = "domain-unknown",
    /// The mailbox is switched off.
    MailboxDisabled = "mailbox-disabled",
    /// The mailbox is full.
    MailboxFull = "mailbox-full",
    /// The address needs SMTPUTF8.
    NeedsSmtputf8 = "needs-smtputf8",
    /// The message is too large.
    TooLarge = "too-large",
    /// The content was refused.
    ContentRefused = "content-refused",
    /// Refused without a reason we can read.
    Refused = "refused",
    /// To be tried later.
    Later = "later",
    /// Our login was refused.
    LoginRefused = "login-refused",
    /// TLS or a login is demanded.
    EncryptionDemanded = "encryption-demanded",
    /// Our sender address was refused.
    SenderRefused = "sender-refused",
    /// A rule refuses our mail.
    Policy = "policy",
    /// Fewer messages are wanted.
    RateLimited = "rate-limited",
    /// The relay cannot take mail now.
    RelayBusy = "relay-busy",
    /// The relay does not understand us.
    Protocol = "protocol",
}

impl Cause {
    /// A sentence for people.
    #[must_use]
    pub fn sentence(self, language: Language) -> String {
        Words::of(language).say(&format!("cause-{}", self.as_str()))
    }
}

/// Reads an answer. `enhanced` is the status of RFC 3463 without the text, such as `5.1.1`.
#[must_use]
pub fn meaning(code: u16, enhanced: Option<&str>, text: &str) -> Meaning {
    let status = enhanced.and_then(parts);
    let text = text.to_lowercase();
    match code {
        200..=299 => Meaning::Accepted,
        400..=499 => temporary(code, status, &text),
        _ => permanent(code, status, &text),
    }
}

fn parts(enhanced: &str) -> Option<(u16, u16)> {
    let mut parts = enhanced.trim().split('.').map(str::parse::<u16>);
    match (parts.next()?, parts.next()?, parts.next()?, parts.next()) {
        (Ok(2 | 4 | 5), Ok(subject), Ok(detail), None) => Some((subject, detail)),
        _ => None,
    }
}

fn trouble(cause: Cause, remedy: Remedy) -> Meaning {
    Meaning::RelayTrouble { cause, remedy }
}

fn give_up(cause: Cause, undeliverable: bool) -> Meaning {
    Meaning::GiveUp { cause, undeliverable }
}

fn says(text: &str, hints: &[&str]) -> bool {
    hints.iter().any(|hint| text.contains(hint))
}

fn temporary(code: u16, status: Option<(u16, u16)>, text: &str) -> Meaning {
    // Greylisting is about one pair of addresses, whatever status it is dressed in.
    if says(text, &["greylist", "graylist", "grey list", "gray list"]) {
        return Meaning::Retry(Cause::Later);
    }
    match (code, status) {
        (421, Some((7, _))) => trouble(Cause::RateLimited, Remedy::SlowDown),
        (421, _) => trouble(Cause::RelayBusy, Remedy::SlowDown),
        // 454 is "TLS not available" or a login that fails for now (RFC 3207 §4, RFC 4954 §6).
        (454 | 432, _) => trouble(Cause::LoginRefused, Remedy::SlowDown),
        (_, Some((2, 2))) => Meaning::Retry(Cause::MailboxFull),
        (_, Some((3, 1 | 2 | 5))) => trouble(Cause::RelayBusy, Remedy::SlowDown),
        (_, Some((7, _))) => trouble(Cause::RateLimited, Remedy::SlowDown),
        (_, Some((1, 7 | 8))) => trouble(Cause::SenderRefused, Remedy::SlowDown),
        _ if says(
            text,
            &["rate limit", "too many messages", "too many connections", "throttl", "try slower"],
        ) =>
        {
            trouble(Cause::RateLimited, Remedy::SlowDown)
        }
        _ => Meaning::Retry(Cause::Later),
    }
}

fn permanent(code: u16, status: Option<(u16, u16)>, text: &str) -> Meaning {
    match code {
        530 | 538 => return trouble(Cause::EncryptionDemanded, Remedy::Pause),
        534 | 535 => return trouble(Cause::LoginRefused, Remedy::Pause),
        521 => return trouble(Cause::RelayBusy, Remedy::Pause),
        _ => {}
    }
    match status {
        Some((1, 1 | 3 | 6 | 10)) => give_up(Cause::MailboxUnknown, true),
        Some((1, 2)) | Some((4, 4)) => give_up(Cause::DomainUnknown, true),
        Some((1, 7 | 8)) => trouble(Cause::SenderRefused, Remedy::Pause),
        Some((2, 1)) => give_up(Cause::MailboxDisabled, true),
        Some((2, 2)) => give_up(Cause::MailboxFull, false),
        Some((2, 3) | (3, 4)) => give_up(Cause::TooLarge, false),
        // Exchange Online says 5.4.1 for mailboxes it does not know; elsewhere it means a dead host.
        Some((4, 1)) => give_up(Cause::MailboxUnknown, true),
        Some((4, _)) => give_up(Cause::Refused, false),
        Some((6, 7)) => give_up(Cause::NeedsSmtputf8, false),
        Some((6, _)) => give_up(Cause::ContentRefused, false),
        // RFC 7505: the sender's or the receiver's domain has a null MX.
        Some((7, 27)) => trouble(Cause::SenderRefused, Remedy::Pause),
        Some((7, 8 | 9 | 14)) => trouble(Cause::LoginRefused, Remedy::Pause),
        Some((7, 10 | 11)) => trouble(Cause::EncryptionDemanded, Remedy::Pause),
        Some((7, 13)) => give_up(Cause::MailboxDisabled, true),
        Some((7, _)) => trouble(Cause::Policy, Remedy::Count),
        Some((5, _)) => trouble(Cause::Protocol, Remedy::Count),
        Some((3, _)) => trouble(Cause::RelayBusy, Remedy::Count),
        _ => by_code(code, text),
    }
}

/// For relays without enhanced status, or with one that says nothing (5.0.0).
fn by_code(code: u16, text: &str) -> Meaning {
    let unknown = [
        "user unknown",
        "unknown user",
        "no such user",
        "does not exist",
        "no such recipient",
        "unknown recipient",
        "no mailbox",
        "invalid recipient",
        "mailbox not found",
        "no such address",
        "recipient address rejected",
        "mailbox unavailable",
    ];
    let policy = [
        "spam",
        "blocked",
        "blacklist",
        "blocklist",
        "denied",
        "policy",
        "reputation",
        "relay",
        "not permitted",
        "dmarc",
        "spf",
        "listed",
    ];
    match code {
        500..=504 => trouble(Cause::Protocol, Remedy::Count),
        550 | 551 | 553 if says(text, &unknown) && !says(text, &["denied", "blocked", "relay"]) => {
            give_up(Cause::MailboxUnknown, true)
        }
        _ if says(text, &["sender address rejected", "sender rejected", "invalid sender"]) => {
            trouble(Cause::SenderRefused, Remedy::Count)
        }
        _ if says(text, &policy) => trouble(Cause::Policy, Remedy::Count),
        552 if says(text, &["size", "large"]) => give_up(Cause::TooLarge, false),
        552 => give_up(Cause::MailboxFull, false),
        550 | 551 | 553 => give_up(Cause::Refused, false),
        556 => give_up(Cause::DomainUnknown, true),
        _ => trouble(Cause::Refused, Remedy::Count),
    }
}

/// Makes a relay's text fit to store and show: no secret, no address, no control characters, 300 characters.
///
/// `secrets` are texts that must not appear, such as the password just mailed; addresses are found by their `@`.
#[must_use]
pub fn redact(text: &str, secrets: &[&str]) -> String {
    if is_harmless(text, secrets) {
        return text.to_owned();
    }
    let visible = strip_escapes(text);
    let mut clean = visible;
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        clean = replace_ignoring_case(&clean, secret);
    }
    let words: Vec<String> = clean.split_whitespace().map(hide_address).collect();
    let line = words.join(" ");
    if line.chars().count() <= MOST_TEXT {
        return line;
    }
    line.chars().take(MOST_TEXT - 1).chain(std::iter::once('…')).collect()
}

/// Whether nothing has to be done: the usual case, and there is one for each mail of a run.
fn is_harmless(text: &str, secrets: &[&str]) -> bool {
    let plain = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'@';
    let hides = |secret: &&str| {
        let length = secret.len();
        length > 0 && text.as_bytes().windows(length).any(|part| part.eq_ignore_ascii_case(secret.as_bytes()))
    };
    text.len() <= MOST_TEXT
        && text.bytes().all(plain)
        && text.trim() == text
        && !text.contains("  ")
        && !secrets.iter().any(hides)
}

/// Drops terminal sequences whole and turns every other control or direction mark into a blank.
fn strip_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        if c == '\u{1b}' || c == '\u{9b}' {
            if c == '\u{9b}' || characters.next_if_eq(&'[').is_some() {
                while characters.next_if(|c| matches!(c, '\u{20}'..='\u{3f}')).is_some() {}
                characters.next();
            }
            out.push(' ');
        } else {
            out.push(c);
        }
    }
    crate::header::clean(&out).into_owned()
}

fn replace_ignoring_case(text: &str, secret: &str) -> String {
    // ASCII only, so that places in the lowered text are places in the text.
    let (low_text, low_secret) = (text.to_ascii_lowercase(), secret.to_ascii_lowercase());
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = low_text.get(at..).and_then(|rest| rest.find(&low_secret)) {
        out.push_str(text.get(at..at + found).unwrap_or_default());
        out.push_str("[hidden]");
        at += found + low_secret.len();
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

fn hide_address(word: &str) -> String {
    let Some(at) = word.find('@') else { return word.to_owned() };
    let edge = |c: char| "<>()[]{},;:\"'=".contains(c);
    let start = word[..at].rfind(edge).map_or(0, |place| place + 1);
    let end = word[at + 1..].find(edge).map_or(word.len(), |place| at + 1 + place);
    let behind = hide_address(&word[end..]);
    format!("{}[address]{behind}", &word[..start])
}

#[cfg(test)]
#[path = "meaning_tests.rs"]
mod tests;
