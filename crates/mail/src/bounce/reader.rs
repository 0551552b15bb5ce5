//! What a mail that came to a return path says: failed, delayed, delivered, or no bounce at all.

use super::fields::{Block, addresses, blocks, header};
use super::parts::{Part, before_the_copy, leaves};
use super::status;
use crate::meaning::{Cause, Meaning, meaning, redact};

/// The most octets of a mail that are looked at: a longer one is cut, the answer stands near its top.
pub const MOST_OCTETS: usize = 1024 * 1024;
/// The most addresses it may have come to, and the most people a notification may speak of.
const MOST_ADDRESSES: usize = 50;
const MOST_BLOCKS: usize = 50;
/// Fields that hold the address a mail came to, the surest ones first.
const CAME_TO: [&str; 9] = [
    "x-original-to",
    "delivered-to",
    "envelope-to",
    "x-envelope-to",
    "x-rcpt-to",
    "apparently-to",
    "to",
    "resent-to",
    "cc",
];

/// A mail that came back, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// What it says.
    pub said: Said,
    /// The addresses it may have come to; one of them may be a return path of ours.
    pub came_to: Vec<String>,
}

/// What a mail that came back says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// The mail was not delivered and will not be.
    Failed(Failure),
    /// It is late and still being tried.
    Delayed,
    /// It was delivered, or handed on to a server that reports nothing more.
    Delivered,
    /// A program answered for the person (RFC 3834).
    AutoReply,
    /// A mail of a person, a read receipt, a complaint, spam: no bounce.
    Other,
}

/// Why a mail was not delivered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failure {
    /// The reply code of the server that refused it.
    pub code: Option<u16>,
    /// The enhanced status (RFC 3463).
    pub enhanced: Option<String>,
    /// The server's words as they came: redact them before they are stored.
    pub words: String,
}

/// What a failure means for the recipient and the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meant {
    /// The class, for reports.
    pub reason: &'static str,
    /// Whether the address itself is at fault.
    pub undeliverable: bool,
}

impl Failure {
    /// The meaning, by the same table as a refusal of the relay. What was tried for days and given up says
    /// nothing lasting about an address.
    #[must_use]
    pub fn meant(&self) -> Meant {
        let class = self.enhanced.as_ref().and_then(|status| status.bytes().next());
        let permanent = match (class, self.code) {
            (Some(class), _) => class == b'5',
            (None, Some(code)) => code >= 500,
            (None, None) => return Meant { reason: "returned", undeliverable: false },
        };
        let code = self.code.filter(|code| (*code >= 500) == permanent);
        let code = code.unwrap_or(if permanent { 550 } else { 450 });
        let (cause, undeliverable) = match meaning(code, self.enhanced.as_deref(), &self.words) {
            Meaning::GiveUp { cause, undeliverable } => (cause, undeliverable && permanent),
            Meaning::RelayTrouble { cause, .. } | Meaning::Retry(cause) => (cause, false),
            Meaning::Accepted => (Cause::Refused, false),
        };
        let reason = if cause == Cause::Later { "given-up" } else { cause.as_str() };
        Meant { reason, undeliverable }
    }

    /// The words, fit to store and show: no address, no password, one line.
    #[must_use]
    pub fn redacted(&self) -> String {
        if self.words.trim().is_empty() && self.enhanced.is_none() && self.code.is_none() {
            return "returned without a reason".into();
        }
        // The mail itself came back, and a server may quote it: what looks like a mailed password is hidden.
        let symbols = self.words.split(|c: char| !c.is_ascii_alphanumeric()).filter(looks_mailed);
        let words = self.words.split(|c: char| !c.is_alphanumeric() && c != '-').filter(looks_like_words);
        // So may be a mail with personal links: a whole link, or a piece of it that a line end left.
        let links = self.words.split_whitespace().filter(|word| word.contains("/reset/"));
        let tokens = self.words.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
        let tokens = tokens.filter(|run| run.len() >= LEAST_TOKEN);
        let secrets: Vec<&str> = links.chain(tokens).chain(words).chain(symbols).collect();
        redact(&self.words, &secrets)
    }
}

/// The fewest characters in a row that may be a piece of a personal link's token, which has 43.
const LEAST_TOKEN: usize = 30;

fn looks_mailed(word: &&str) -> bool {
    word.len() == domain::password::LENGTH
        && word.bytes().all(|byte| domain::password::ALPHABET.contains(&byte))
}

/// Words joined by hyphens, as passphrases are, or a piece of them that a line end left. Which list they come from
/// is no matter: a host or a name hidden as well harms nobody.
fn looks_like_words(run: &&str) -> bool {
    let words = run.split('-').filter(|word| word.chars().any(char::is_alphabetic)).count();
    words >= 3 || (words > 0 && (run.starts_with('-') || run.ends_with('-')))
}

/// Reads a mail that came back. Never fails: what cannot be read says nothing.
#[must_use]
pub fn read(mail: &[u8]) -> Returned {
    let mail = mail.get(..MOST_OCTETS).unwrap_or(mail);
    let top = header(mail);
    let leaves = leaves(mail);
    let mut came_to: Vec<String> = Vec::new();
    let inner = leaves.iter().filter(|(kind, _)| is_copy(kind)).map(|(_, part)| header(part.body()));
    let inner: Vec<Block> = inner.take(3).collect();
    let of_top = CAME_TO.iter().flat_map(|name| top.all(name));
    // Some servers answer to an address of their choice; the copy still names the path it left with.
    let of_copy = inner.iter().flat_map(|copy| copy.all("return-path"));
    for address in of_top.chain(of_copy).flat_map(addresses).take(MOST_ADDRESSES) {
        if !came_to.iter().any(|known| known == address) {
            came_to.push(address.to_owned());
        }
    }
    Returned { said: said(&top, &leaves), came_to }
}

fn is_copy(kind: &str) -> bool {
    matches!(kind, "message/rfc822" | "message/global" | "text/rfc822-headers" | "message/global-headers")
}

fn said(top: &Block, leaves: &[(String, Part<'_>)]) -> Said {
    let of_kind = |names: &[&str]| leaves.iter().find(|(kind, _)| names.contains(&kind.as_str()));
    let human = || {
        let texts = leaves.iter().filter(|(kind, _)| matches!(kind.as_str(), "text/plain" | "text/html"));
        texts.take(2).map(|(kind, part)| before_the_copy(&part.text(kind))).collect::<Vec<_>>().join("\n")
    };
    if let Some((kind, part)) = of_kind(&["message/delivery-status", "message/global-delivery-status"]) {
        return reported(&part.text(kind), &human());
    }
    if of_kind(&["message/disposition-notification", "message/feedback-report"]).is_some() {
        return Said::Other;
    }
    let subject = top.get("subject").unwrap_or_default().to_lowercase();
    if is_from_a_mail_server(top) {
        let late = subject.contains("delayed") || subject.starts_with("warning: could not send");
        return if late { Said::Delayed } else { in_words(&human()) };
    }
    if is_automatic(top, &subject) {
        return Said::AutoReply;
    }
    if top.get("in-reply-to").is_some() || top.get("references").is_some() || subject.starts_with("re:") {
        return Said::Other;
    }
    // A vacation note may come from the null path as well (RFC 3834), so that alone proves nothing: a note, a
    // fresh mail or spam must mark nobody. With a status in its words it is a mail server of an unusual name.
    if is_from_the_null_path(top)
        && let Said::Failed(failure) = in_words(&human())
        && failure.enhanced.is_some()
    {
        return Said::Failed(failure);
    }
    Said::Other
}

/// A delivery status notification: the worst thing it says of anybody counts, for our mails go to one person.
fn reported(text: &str, human: &str) -> Said {
    let blocks = blocks(text.as_bytes(), MOST_BLOCKS);
    let people = || blocks.iter().filter(|block| block.get("action").or(block.get("status")).is_some());
    let action = |block: &Block| {
        let action = block.get("action").unwrap_or_default();
        let action = action.split([' ', '(']).next().unwrap_or_default().to_ascii_lowercase();
        match (action.as_str(), block.get("status").unwrap_or_default().as_bytes().first()) {
            ("", Some(b'5')) => "failed".to_owned(),
            ("", Some(b'4')) => "delayed".to_owned(),
            _ => action,
        }
    };
    if let Some(block) = people().find(|block| action(block) == "failed") {
        return Said::Failed(failure(block, human));
    }
    if people().any(|block| action(block) == "delayed") {
        return Said::Delayed;
    }
    if people().next().is_some() {
        return Said::Delivered;
    }
    in_words(human)
}

fn failure(block: &Block, human: &str) -> Failure {
    let diagnostic = block.get("diagnostic-code").unwrap_or_default();
    let words = match diagnostic.split_once(';') {
        Some((kind, words)) if !kind.trim().contains(' ') => words.trim(),
        _ => diagnostic.trim(),
    };
    let words = if words.is_empty() { status::line_of(human).unwrap_or_default().trim() } else { words };
    let stated = block.get("status").and_then(status::enhanced);
    let in_words = status::enhanced(words);
    // 5.0.0 says nothing; the server's own words may say more.
    let vague = stated.as_ref().is_none_or(|status| status.ends_with(".0.0"));
    let enhanced = if vague { in_words.or(stated) } else { stated };
    Failure { code: status::code(words), enhanced, words: words.to_owned() }
}

/// The plain text of a mail server, such as qmail's.
fn in_words(text: &str) -> Said {
    let line = status::line_of(text).unwrap_or_default().trim();
    Said::Failed(Failure {
        code: status::code(line),
        enhanced: status::enhanced(line),
        words: line.to_owned(),
    })
}

fn is_from_a_mail_server(top: &Block) -> bool {
    let from = top.get("from").unwrap_or_default().to_ascii_lowercase();
    top.get("x-failed-recipients").is_some()
        || ["mailer-daemon", "mailerdaemon", "postmaster@", "mail delivery s"]
            .iter()
            .any(|sign| from.contains(sign))
}

fn is_from_the_null_path(top: &Block) -> bool {
    top.get("return-path").is_some_and(|path| path.trim() == "<>")
}

fn is_automatic(top: &Block, subject: &str) -> bool {
    const SUBJECTS: [&str; 12] = [
        "out of office",
        "automatic reply",
        "auto:",
        "autoreply",
        "auto-reply",
        "automatische antwort",
        "abwesenheit",
        "réponse automatique",
        "risposta automatica",
        "respuesta automática",
        "automatisch antwoord",
        "vacation",
    ];
    let submitted = top.get("auto-submitted").unwrap_or("no").trim_start().to_ascii_lowercase();
    let precedence = top.get("precedence").unwrap_or_default().to_ascii_lowercase();
    !submitted.starts_with("no")
        || matches!(precedence.as_str(), "auto_reply" | "bulk" | "junk" | "list")
        || ["x-autoreply", "x-autorespond", "x-autoresponse"].iter().any(|name| top.get(name).is_some())
        || SUBJECTS.iter().any(|begin| subject.starts_with(begin))
}
