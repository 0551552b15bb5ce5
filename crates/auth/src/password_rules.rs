//! The rules for chosen passwords: long, not known, not about oneself; nothing about character classes.
//!
//! After NIST SP 800-63B-4 §3.1.1.2: a least length, a blocklist with the words of the service and of
//! the person, no composition rules and no expiry. Every problem has a stable code for the web's
//! translations and an English sentence.

use crate::password_words::{folded, is_repeated, is_sequence, mostly_made_of};
use crate::typed::{MOST_BYTES, MOST_CODE_POINTS, TooLong, TypedPassword};
use domain::secret::Secret;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use zxcvbn::feedback::{Suggestion, Warning};

/// What is asked of a chosen password.
#[derive(Debug, Clone)]
pub struct PasswordRules {
    /// The least number of code points.
    pub least_length: usize,
    /// The least strength, 0 to 4, as zxcvbn estimates it; 0 switches the estimate's veto off.
    pub least_strength: u8,
    /// Passwords that are too well known.
    pub blocklist: Blocklist,
    /// The names of this service and of the organisation.
    pub service_words: Vec<String>,
}

impl Default for PasswordRules {
    fn default() -> Self {
        Self {
            least_length: 15,
            least_strength: 3,
            blocklist: Blocklist::default(),
            service_words: vec!["Passpost".into()],
        }
    }
}

/// The least number of code points for who also has a second factor (requirement W1).
const LEAST_WITH_SECOND_FACTOR: usize = 8;
/// What a password of that length can reach in the estimate.
const STRENGTH_WITH_SECOND_FACTOR: u8 = 2;

/// Passwords nobody may choose, compared without regard to case; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Blocklist(Arc<HashSet<String>>);

impl Blocklist {
    /// Takes a list with one password a line; blank lines are passed over.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let lines = text.lines().map(|line| line.trim_end_matches('\r'));
        Self(Arc::new(lines.filter(|line| !line.trim().is_empty()).map(folded).collect()))
    }
    /// How many passwords it holds.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }
    fn contains(&self, password: &str) -> bool {
        let folded = folded(password);
        self.0.contains(&folded) || self.0.contains(folded.trim())
    }
}

/// What is known of the person, so that the password is not made of it.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// User name.
    pub username: String,
    /// Mail address, when there is one.
    pub address: Option<String>,
    /// Given, family and display name.
    pub names: Vec<String>,
}

impl About {
    fn words(&self) -> Vec<String> {
        let mut words = vec![self.username.clone()];
        for address in self.address.iter().chain(std::iter::once(&self.username)) {
            words.push(address.clone());
            words.extend(address.split(['@', '.', '-', '_', '+']).map(str::to_owned));
        }
        for name in &self.names {
            words.push(name.clone());
            words.extend(name.split([' ', '-']).map(str::to_owned));
        }
        words.retain(|word| word.chars().count() >= 3);
        words
    }
}

/// Why a password was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Fewer code points than asked for.
    TooShort {
        /// What it has.
        length: usize,
        /// What is asked for.
        least: usize,
    },
    /// More than 256 code points or 1,024 bytes.
    TooLong,
    /// On the blocklist.
    Blocklisted,
    /// Hardly more than the name of the service or organisation.
    ServiceName,
    /// Hardly more than the person's own user name, address or name.
    OwnName,
    /// One short piece again and again.
    Repeated,
    /// Mostly a run such as `abcdef` or a row of the keyboard.
    Sequence,
    /// The estimate is below the least strength.
    EasyToGuess {
        /// What would help.
        hints: Vec<Hint>,
    },
    /// The same as the current password or as one that was mailed.
    NotNew,
    /// The two fields differ. For the web, which alone sees both.
    Different,
}

impl Problem {
    /// A stable code, for translations and for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "too_short",
            Self::TooLong => "too_long",
            Self::Blocklisted => "blocklisted",
            Self::ServiceName => "service_name",
            Self::OwnName => "own_name",
            Self::Repeated => "repeated",
            Self::Sequence => "sequence",
            Self::EasyToGuess { .. } => "easy_to_guess",
            Self::NotNew => "not_new",
            Self::Different => "different",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { length, least } => {
                write!(f, "It has {length} characters; at least {least} are needed. A few words in a row are easy to remember.")
            }
            Self::TooLong => write!(f, "It is longer than {MOST_CODE_POINTS} characters or {MOST_BYTES} bytes."),
            Self::Blocklisted => f.write_str("It is on a list of well-known passwords. Choose another one."),
            Self::ServiceName => {
                f.write_str("It is hardly more than the name of this service or organisation. Choose something unrelated.")
            }
            Self::OwnName => {
                f.write_str("It is hardly more than your own name, user name or address. Choose something unrelated.")
            }
            Self::Repeated => f.write_str("It repeats one short piece. Use different words or characters."),
            Self::Sequence => f.write_str("It is mostly a row such as abcdef, 123456 or a row of keys. Mix it up."),
            Self::EasyToGuess { hints } => {
                f.write_str("It is easy to guess.")?;
                hints.iter().try_for_each(|hint| write!(f, " {hint}"))
            }
            Self::NotNew => f.write_str("It is the password you already had. Choose a new one."),
            Self::Different => f.write_str("The two fields differ. Type the same password twice."),
        }
    }
}

macro_rules! hints {
    ($($name:ident = $code:literal, $text:literal;)+) => {
        /// What would make a password harder to guess.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Hint { $(#[doc = $text] $name),+ }

        impl Hint {
            /// Every hint.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            /// A stable code, for translations.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }
        }
        impl fmt::Display for Hint {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$name => $text),+ })
            }
        }
    };
}

hints! {
    MoreWords = "more_words", "Add another uncommon word or two.";
    NotCommon = "not_common", "It resembles a password many people use.";
    NoKeyboardRows = "no_keyboard_rows", "Rows of keys are tried first.";
    NoRepeats = "no_repeats", "Repeating a piece adds almost nothing.";
    NoSequences = "no_sequences", "Rows such as abc or 6543 add almost nothing.";
    NoDates = "no_dates", "Years and dates are easy to guess.";
    NoNames = "no_names", "Names are easy to guess.";
    NoTricks = "no_tricks", "Capital letters, reversed words and signs in place of letters add almost nothing.";
}

/// What the rules say about a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// How hard it is to guess, 0 to 4.
    pub strength: u8,
    /// Everything that stands against it; empty: it may be used.
    pub problems: Vec<Problem>,
}

impl PasswordRules {
    /// The rules for who has a second factor: a shorter password is enough.
    #[must_use]
    pub fn with_second_factor(&self) -> Self {
        Self {
            least_length: self.least_length.min(LEAST_WITH_SECOND_FACTOR),
            least_strength: self.least_strength.min(STRENGTH_WITH_SECOND_FACTOR),
            ..self.clone()
        }
    }

    /// Judges a password for a person.
    #[must_use]
    pub fn judge(&self, typed: &Secret, about: &About) -> Judged {
        match TypedPassword::new(typed) {
            Ok(password) => self.judge_typed(&password, about),
            Err(TooLong) => Judged { strength: 0, problems: vec![Problem::TooLong] },
        }
    }

    pub(crate) fn judge_typed(&self, password: &TypedPassword, about: &About) -> Judged {
        let (text, length) = (password.expose(), password.length());
        let own = about.words();
        let inputs: Vec<&str> = own.iter().chain(&self.service_words).map(String::as_str).collect();
        let estimate = zxcvbn::zxcvbn(text, &inputs);
        let strength = u8::from(estimate.score());
        let mut problems = Vec::new();
        if length < self.least_length {
            problems.push(Problem::TooShort { length, least: self.least_length });
        }
        if self.blocklist.contains(text) {
            problems.push(Problem::Blocklisted);
        }
        if mostly_made_of(text, &self.service_words) {
            problems.push(Problem::ServiceName);
        } else if mostly_made_of(text, &own) {
            problems.push(Problem::OwnName);
        }
        if is_repeated(text) {
            problems.push(Problem::Repeated);
        } else if is_sequence(text) {
            problems.push(Problem::Sequence);
        }
        // A reason above says more than the estimate; a short password is always weak, too.
        if problems.is_empty() && strength < self.least_strength {
            problems.push(Problem::EasyToGuess { hints: estimate.feedback().map(hints).unwrap_or_default() });
        }
        Judged { strength, problems }
    }
}

fn hints(feedback: &zxcvbn::feedback::Feedback) -> Vec<Hint> {
    let mut hints: Vec<Hint> = feedback.warning().map(hint_of_warning).into_iter().collect();
    for hint in feedback.suggestions().iter().map(|suggestion| hint_of_suggestion(*suggestion)) {
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    hints
}

const fn hint_of_warning(warning: Warning) -> Hint {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess => {
            Hint::NoKeyboardRows
        }
        Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            Hint::NoRepeats
        }
        Warning::ThisIsATop10Password
        | Warning::ThisIsATop100Password
        | Warning::ThisIsACommonPassword
        | Warning::ThisIsSimilarToACommonlyUsedPassword => Hint::NotCommon,
        Warning::SequencesLikeAbcAreEasyToGuess => Hint::NoSequences,
        Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => Hint::NoDates,
        Warning::AWordByItselfIsEasyToGuess => Hint::MoreWords,
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
        | Warning::CommonNamesAndSurnamesAreEasyToGuess => Hint::NoNames,
    }
}

const fn hint_of_suggestion(suggestion: Suggestion) -> Hint {
    match suggestion {
        Suggestion::UseAFewWordsAvoidCommonPhrases
        | Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters
        | Suggestion::AddAnotherWordOrTwo => Hint::MoreWords,
        Suggestion::CapitalizationDoesntHelpVeryMuch
        | Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase
        | Suggestion::ReversedWordsArentMuchHarderToGuess
        | Suggestion::PredictableSubstitutionsDontHelpVeryMuch => Hint::NoTricks,
        Suggestion::UseALongerKeyboardPatternWithMoreTurns => Hint::NoKeyboardRows,
        Suggestion::AvoidRepeatedWordsAndCharacters => Hint::NoRepeats,
        Suggestion::AvoidSequences => Hint::NoSequences,
        Suggestion::AvoidRecentYears
        | Suggestion::AvoidYearsThatAreAssociatedWithYou
        | Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => Hint::NoDates,
    }
}

#[cfg(test)]
#[path = "password_rules_tests.rs"]
mod tests;
