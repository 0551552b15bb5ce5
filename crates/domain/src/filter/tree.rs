//! A filter as a tree, as the console's builder edits it, and its canonical text.

use super::facts::Fact;
use super::moment::Moment;
use crate::person::AttributeKind;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which people are meant.
///
/// Printed, it is the canonical text: parsing that gives an equal tree again. A tree that did not
/// come from [`super::parse`] is checked by printing and parsing it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Filter {
    /// Every one of them holds (`and`).
    All {
        /// Two or more.
        of: Vec<Filter>,
    },
    /// At least one of them holds (`or`).
    Any {
        /// Two or more.
        of: Vec<Filter>,
    },
    /// The exact complement.
    Not {
        /// What must not hold.
        of: Box<Filter>,
    },
    /// `groups[…]`: there is one membership for which all that is inside holds.
    InGroup {
        /// About `name` and `added_at` of one membership.
        of: Box<Filter>,
    },
    /// One criterion.
    Test {
        /// What is compared.
        attribute: Attribute,
        /// How.
        operator: Operator,
        /// With what; only [`Operator::Present`] has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<Value>,
        /// Where it stood in the text.
        #[serde(skip)]
        place: Place,
    },
}

/// Where a criterion stood in the text it was parsed from; takes no part in comparing filters.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place(pub(super) super::problem::Span);

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// What can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    /// One that every installation has.
    Fact(Fact),
    /// One that this installation defined: `attributes.NAME`.
    Custom {
        /// Without `attributes.`, in lower case.
        name: String,
        /// Its kind.
        kind: AttributeKind,
    },
}

/// How an attribute is compared (RFC 7644 §3.4.2.2, table 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operator {
    /// Equal.
    #[serde(rename = "eq")]
    Equal,
    /// Not equal, or absent: the exact complement of `eq`.
    #[serde(rename = "ne")]
    NotEqual,
    /// Contains.
    #[serde(rename = "co")]
    Contains,
    /// Starts with.
    #[serde(rename = "sw")]
    StartsWith,
    /// Ends with.
    #[serde(rename = "ew")]
    EndsWith,
    /// Greater, or later.
    #[serde(rename = "gt")]
    Greater,
    /// Greater or equal.
    #[serde(rename = "ge")]
    AtLeast,
    /// Less, or earlier.
    #[serde(rename = "lt")]
    Less,
    /// Less or equal.
    #[serde(rename = "le")]
    AtMost,
    /// Has a value that is not empty.
    #[serde(rename = "pr")]
    Present,
}

impl Operator {
    /// Every operator, in the order menus show them.
    pub const ALL: [Self; 10] = [
        Self::Equal,
        Self::NotEqual,
        Self::Contains,
        Self::StartsWith,
        Self::EndsWith,
        Self::Greater,
        Self::AtLeast,
        Self::Less,
        Self::AtMost,
        Self::Present,
    ];

    /// As written in filters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Contains => "co",
            Self::StartsWith => "sw",
            Self::EndsWith => "ew",
            Self::Greater => "gt",
            Self::AtLeast => "ge",
            Self::Less => "lt",
            Self::AtMost => "le",
            Self::Present => "pr",
        }
    }

    /// The operator of this name, in any case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.as_str().eq_ignore_ascii_case(text))
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an attribute is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// No value.
    Null,
    /// Yes or no.
    Flag(bool),
    /// A number; finite.
    Number(f64),
    /// A text; not empty.
    Text(String),
    /// A time, perhaps relative to the moment the filter is used.
    Moment(Moment),
}

impl Filter {
    /// The names of the selections it reuses, each once, in order of appearance.
    #[must_use]
    pub fn selections(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.visit(&mut |filter| {
            if let Self::Test {
                attribute: Attribute::Fact(Fact::Selection),
                value: Some(Value::Text(name)),
                ..
            } = filter
                && !names.contains(&name.as_str())
            {
                names.push(name);
            }
        });
        names
    }

    fn visit<'a>(&'a self, with: &mut impl FnMut(&'a Self)) {
        with(self);
        match self {
            Self::All { of } | Self::Any { of } => of.iter().for_each(|part| part.visit(with)),
            Self::Not { of } | Self::InGroup { of } => of.visit(with),
            Self::Test { .. } => {}
        }
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, in_group: bool) -> fmt::Result {
        match self {
            Self::All { of } => print_joined(of, " and ", f, in_group),
            Self::Any { of } => print_joined(of, " or ", f, in_group),
            Self::Not { of } => {
                f.write_str("not (")?;
                of.print(f, in_group)?;
                f.write_str(")")
            }
            Self::InGroup { of } => {
                f.write_str("groups[")?;
                of.print(f, true)?;
                f.write_str("]")
            }
            Self::Test { attribute, operator, value, .. } => {
                match attribute {
                    Attribute::Fact(fact) if in_group => f.write_str(fact.name_in_group())?,
                    Attribute::Fact(fact) => f.write_str(fact.name())?,
                    Attribute::Custom { name, .. } => write!(f, "attributes.{name}")?,
                }
                write!(f, " {operator}")?;
                value.iter().try_for_each(|value| write!(f, " {value}"))
            }
        }
    }
}

fn print_joined(of: &[Filter], word: &str, f: &mut fmt::Formatter<'_>, in_group: bool) -> fmt::Result {
    if of.is_empty() {
        // Not a filter; the parser says so with the place.
        return f.write_str("()");
    }
    for (i, part) in of.iter().enumerate() {
        if i > 0 {
            f.write_str(word)?;
        }
        // Parentheses also where `and` binds anyway: people should not have to know that.
        if of.len() > 1 && matches!(part, Filter::All { .. } | Filter::Any { .. }) {
            f.write_str("(")?;
            part.print(f, in_group)?;
            f.write_str(")")?;
        } else {
            part.print(f, in_group)?;
        }
    }
    Ok(())
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.print(f, false)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Flag(flag) => write!(f, "{flag}"),
            // JSON has no infinity; the parser refuses the word with the place.
            Self::Number(number) => match serde_json::Number::from_f64(*number) {
                Some(_) if number.fract() == 0.0 && number.abs() < 1e15 => write!(f, "{number:.0}"),
                Some(json) => write!(f, "{json}"),
                None => write!(f, "{number}"),
            },
            Self::Text(text) => {
                serde_json::to_string(text).map_err(|_| fmt::Error).and_then(|json| f.write_str(&json))
            }
            Self::Moment(moment) => write!(f, "\"{moment}\""),
        }
    }
}
