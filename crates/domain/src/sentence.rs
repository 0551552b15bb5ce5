//! What is said to a person about what is wrong: a stable code with its values, and the English sentence. Programs
//! and the command line get the English one; pages say the same in the reader's language, by the code.

use serde::{Serialize, Serializer};
use std::fmt;

/// A value that stands in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A name or something typed, as it is.
    Text(String),
    /// A number.
    Number(i64),
    /// A sentence within a sentence.
    Sentence(Sentence),
}

/// A sentence with its code. In a box, for it stands in errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence(Box<Told>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    code: &'static str,
    pieces: Vec<(&'static str, Piece)>,
    english: String,
}

/// A kind of sentences: declared by [`crate::sentences!`], so that every one of them has a code.
pub trait Tell: fmt::Display {
    /// The codes of all of them.
    const CODES: &'static [&'static str];

    /// The code of this one: small letters, digits and hyphens.
    fn code(&self) -> &'static str;

    /// The values by name.
    fn pieces(&self) -> Vec<(&'static str, Piece)>;
}

impl Sentence {
    /// The sentence something tells.
    #[must_use]
    pub fn of<T: Tell>(told: &T) -> Self {
        Self(Box::new(Told { code: told.code(), pieces: told.pieces(), english: told.to_string() }))
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// Its values by name.
    #[must_use]
    pub fn pieces(&self) -> &[(&'static str, Piece)] {
        &self.0.pieces
    }

    /// In English.
    #[must_use]
    pub fn english(&self) -> &str {
        &self.0.english
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.english)
    }
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Sentence(sentence) => write!(f, "{sentence}"),
        }
    }
}

impl Serialize for Sentence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Piece {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl From<Sentence> for String {
    fn from(sentence: Sentence) -> Self {
        sentence.0.english
    }
}

impl From<Sentence> for Piece {
    fn from(sentence: Sentence) -> Self {
        Self::Sentence(sentence)
    }
}

impl From<&Sentence> for Piece {
    fn from(sentence: &Sentence) -> Self {
        sentence.clone().into()
    }
}

impl From<String> for Piece {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Piece {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Piece {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&&'static str> for Piece {
    fn from(text: &&'static str) -> Self {
        Self::Text((*text).to_owned())
    }
}

impl From<&i64> for Piece {
    fn from(number: &i64) -> Self {
        Self::Number(*number)
    }
}

impl From<&u64> for Piece {
    fn from(number: &u64) -> Self {
        Self::Number(i64::try_from(*number).unwrap_or(i64::MAX))
    }
}

impl From<&usize> for Piece {
    fn from(number: &usize) -> Self {
        Self::Number(i64::try_from(*number).unwrap_or(i64::MAX))
    }
}

/// Declares an enum of sentences: each variant with its values, its code and the English sentence. The code begins
/// with the area, which no two enums share; pages have the words of every code in every language.
#[macro_export]
macro_rules! sentences {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident in $area:literal {
            $($variant:ident $({ $($field:ident: $kind:ty),+ })? = $code:literal, $english:tt;)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        $vis enum $name {
            $(
                #[doc = $english]
                #[error($english)]
                $variant $({ $(#[doc = "Stands in the sentence."] $field: $kind),+ })?,
            )+
        }

        impl $crate::sentence::Tell for $name {
            const CODES: &'static [&'static str] = &[$(concat!($area, "-", $code)),+];

            fn code(&self) -> &'static str {
                match self { $(Self::$variant { .. } => concat!($area, "-", $code)),+ }
            }

            fn pieces(&self) -> Vec<(&'static str, $crate::sentence::Piece)> {
                match self {
                    $(Self::$variant $({ $($field),+ })? => vec![
                        $($((stringify!($field), $crate::sentence::Piece::from($field))),+)?
                    ]),+
                }
            }
        }

        impl From<$name> for $crate::sentence::Sentence {
            fn from(told: $name) -> Self {
                Self::of(&told)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::sentences! {
        /// Sentences of this test.
        enum Sample in "sample" {
            Plain = "plain", "nothing is here";
            Many { name: String, many: i64 } = "many", "{name:?} has {many}";
            Within { inner: Sentence } = "within", "so it is: {inner}";
        }
    }

    #[test]
    fn a_sentence_has_its_code_its_values_and_its_english_words() {
        let many = Sentence::from(Sample::Many { name: "a".into(), many: 3 });
        assert_eq!((many.code(), many.english()), ("sample-many", "\"a\" has 3"));
        assert_eq!(many.pieces(), [("name", Piece::Text("a".into())), ("many", Piece::Number(3))]);
        let within = Sentence::from(Sample::Within { inner: Sample::Plain.into() });
        assert_eq!(within.to_string(), "so it is: nothing is here");
        assert_eq!(Sample::CODES, ["sample-plain", "sample-many", "sample-within"]);
        assert_eq!(serde_json::to_string(&within).unwrap(), "\"so it is: nothing is here\"");
    }
}
