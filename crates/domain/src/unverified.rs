//! What a mail to an address nobody has confirmed may say of its person: names that are only names.
//!
//! Who the mailbox belongs to did not write them. Whoever can put people into the databank could otherwise write to any
//! mailbox in our name, above a real link or password (3-safety 82, CVE-2024-41953).

use crate::address::{Address, poses_as_ascii};
use crate::message::RunMessage;
use crate::person::AttributeValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use unicode_normalization::char::is_combining_mark;

/// The most characters of a plain name; a letter of a script that is written without spaces counts [`WIDE`] times.
pub const MOST_CHARACTERS: usize = 60;
/// The most words of a plain name.
pub const MOST_WORDS: usize = 5;
/// The most letters before a full stop: `J.`, `Dr.`, `Prof.`.
const MOST_ABBREVIATED: usize = 4;
/// The most marks on one letter; more would cover the lines around it.
const MOST_MARKS: usize = 4;
/// A Chinese character says about as much as four letters.
const WIDE: usize = 4;
/// The most characters of a code.
const MOST_CODE: usize = 24;
/// The most characters of a user name that is neither a name nor an address.
const MOST_USERNAME: usize = 64;

/// Which names stand in runs and mailings to people whose address nobody has confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NamesOfUnverified {
    /// Those that are plain names; see [`is_plain`].
    #[default]
    Plain,
    /// None: where strangers can put people into the databank.
    Never,
}

impl NamesOfUnverified {
    /// The values of custom attributes as the mail shows them, without those that may not stand in it.
    #[must_use]
    pub fn shown(self, verified: bool, values: BTreeMap<String, AttributeValue>) -> BTreeMap<String, String> {
        let shown = values.into_iter().filter(|(_, value)| verified || self.shows(value));
        shown.map(|(name, value)| (name, value.in_a_mail())).collect()
    }

    /// Whether the value of a custom attribute may stand in the mail. Numbers, dates and flags are no text: who filled
    /// them in could not write with them.
    fn shows(self, value: &AttributeValue) -> bool {
        match (self, value) {
            (Self::Never, _) => false,
            (Self::Plain, AttributeValue::String(text)) => is_plain(text) || is_code(text),
            (Self::Plain, _) => true,
        }
    }
}

impl RunMessage {
    /// As it may go to an address nobody has confirmed. One name that is not plain takes all of them out: whoever wrote
    /// it wrote the others. Attributes are judged before, by [`NamesOfUnverified::shown`].
    #[must_use]
    pub fn for_unverified(mut self, names: NamesOfUnverified) -> Self {
        self.username = shown_username(&self.username, &self.to).into_owned();
        let written = [&self.full_name, &self.display_name, &self.given_name, &self.family_name];
        match names {
            NamesOfUnverified::Never => self.without_names(),
            NamesOfUnverified::Plain if written.into_iter().all(|name| is_plain(name)) => self,
            NamesOfUnverified::Plain => {
                let attributes = std::mem::take(&mut self.attributes);
                Self { attributes, ..self.without_names() }
            }
        }
    }
}

/// Whether a text is only a name: at most five words and sixty characters, of letters of any script with their marks,
/// hyphens and apostrophes; a full stop ends an abbreviation of at most four letters, and a space or nothing follows it.
/// So it has no digit, no address and nothing a mail program makes a link of. Empty is plain.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    let weight: usize = text.chars().map(|c| if is_wide(c) { WIDE } else { 1 }).sum();
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    weight <= MOST_CHARACTERS && words.by_ref().take(MOST_WORDS).all(is_plain_word) && words.next().is_none()
}

/// Whether a text is one short code, as a customer number is: `K-4711`. Without a full stop, a slash, a colon and a blank
/// it is neither a place to go to nor a sentence.
#[must_use]
pub fn is_code(text: &str) -> bool {
    (1..=MOST_CODE).contains(&text.len())
        && text.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'#'))
}

fn is_plain_word(word: &str) -> bool {
    let (letters, abbreviated) = word.strip_suffix('.').map_or((word, false), |rest| (rest, true));
    let last = letters.rsplit(is_joining).next().unwrap_or_default();
    let count = last.chars().filter(|c| is_letter(*c)).count();
    (!abbreviated || (1..=MOST_ABBREVIATED).contains(&count)) && are_written_together(letters)
}

/// Letters with their marks and what joins them; a mark stands on a letter.
fn are_written_together(text: &str) -> bool {
    let mut marks = MOST_MARKS;
    text.chars().all(|c| {
        if is_letter(c) {
            marks = 0;
            true
        } else if is_mark(c) {
            marks += 1;
            marks <= MOST_MARKS
        } else {
            marks = MOST_MARKS;
            is_joining(c)
        }
    })
}

/// A letter as names have it: no numeral, no letter in a circle, none that only poses as one of A to Z (but the raised
/// letters of *Mª*), none that looks like a full stop or a colon.
fn is_letter(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    let looks_otherwise = matches!(c, '\u{2B0}'..='\u{2FF}' | '\u{24B6}'..='\u{24E9}' | '\u{A4F8}'..='\u{A4FF}'
        | '\u{A788}'..='\u{A78A}' | '\u{1F130}'..='\u{1F189}');
    let is_posing = !matches!(c, 'ª' | 'º') && poses_as_ascii(c);
    c.is_alphabetic() && !c.is_numeric() && !is_combining_mark(c) && !looks_otherwise && !is_posing
}

/// A mark on a letter, or what keeps two letters from joining (Persian, the scripts of India).
fn is_mark(c: char) -> bool {
    is_combining_mark(c) && c != '\u{1D16D}' || matches!(c, '\u{200C}' | '\u{200D}')
}

/// Hyphens and apostrophes of all scripts.
fn is_joining(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2011}' | '\u{58A}' | '\u{5BE}')
        || matches!(
            c,
            '\'' | '‘'
                | '’'
                | '\u{2B9}'
                | '\u{2BB}'
                | '\u{2BC}'
                | '\u{2BE}'
                | '\u{2BF}'
                | '\u{5F3}'
                | '\u{5F4}'
        )
}

/// Han, kana and Hangul, where one character is a syllable or a word.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11FF}' | '\u{2E80}'..='\u{A48F}' | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Put behind a full stop it is not seen, and keeps mail programs from making a link; signing in passes over it.
pub const WORD_JOINER: char = '\u{2060}';

/// A user name as a mail to an address nobody has confirmed shows it. It is needed to sign in, so most stay as they are:
/// the own address, another one, `ada42`, `CORP\ada`, what is a plain name. What reads like a link (`ada.lovelace` as well as
/// `evil.example`) gets a [`WORD_JOINER`] behind each full stop. A text that is none of these is left out.
#[must_use]
pub fn shown_username<'a>(username: &'a str, own: &Address) -> Cow<'a, str> {
    if let Ok(address) = Address::parse(username) {
        let local = username.split('@').next().unwrap_or_default();
        let shows = address.canonical() == own.canonical() || local.chars().all(is_of_username);
        return Cow::Borrowed(if shows { username } else { "" });
    }
    if is_plain(username) {
        return Cow::Borrowed(username);
    }
    let one_word = username.chars().count() <= MOST_USERNAME
        && username.chars().all(|c| is_of_username(c) || c == '\\')
        && !username.starts_with('\\')
        && !username.contains("\\\\");
    match one_word {
        false => Cow::Borrowed(""),
        true if username.contains('.') => Cow::Owned(username.replace('.', &format!(".{WORD_JOINER}"))),
        true => Cow::Borrowed(username),
    }
}

/// What one word of a user name is made of. Nothing of it begins a path, an address or a scheme.
fn is_of_username(c: char) -> bool {
    match c {
        '/' | '\\' | ':' | '@' | '<' | '>' | '"' | '(' | ')' | '[' | ']' | '{' | '}' | ',' | ';' | '?' => {
            false
        }
        _ if c.is_ascii() => c.is_ascii_graphic(),
        _ => is_letter(c) || is_mark(c) || c.is_numeric() && !poses_as_ascii(c),
    }
}

#[cfg(test)]
#[path = "unverified_tests.rs"]
mod tests;
