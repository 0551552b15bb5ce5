//! From a filter to a question that can be put to a database: times become milliseconds, reused
//! selections become their filters, and the many operators become few.

use super::catalogue::Catalogue;
use super::facts::{Fact, Folding};
use super::problem::Problem;
use super::said::{Fault, Hint, May};
use super::tree::{Attribute, Filter, Operator, Place, Value};
use crate::person::AttributeKind;
use crate::sentence::Sentence;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

/// How many selections may stand on one another.
pub const MOST_REUSE: usize = 16;
/// How many criteria a filter may have once its selections are filled in. SQLite takes 32,766 values.
pub const MOST_RESOLVED_TERMS: usize = 2_000;
/// How deep it may then be nested. SQLite takes expressions 1,000 deep.
pub const MOST_RESOLVED_DEPTH: usize = 128;

/// A filter with nothing left to look up.
///
/// No value in it is relative; every part is true or false of a person, never unknown.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolved {
    /// Every one holds; of none: everyone.
    All(Vec<Resolved>),
    /// At least one holds.
    Any(Vec<Resolved>),
    /// The exact complement.
    Not(Box<Resolved>),
    /// There is a membership for which it holds; inside are only tests of memberships.
    InGroup(Box<Resolved>),
    /// One test.
    Test {
        /// Of what. Never [`Fact::Groups`], [`Fact::Selection`], [`Fact::Expired`] or
        /// [`Fact::NeverLoggedIn`]: those are resolved into other tests.
        attribute: Attribute,
        /// Which.
        test: Test,
    },
    /// A mailed password waits to be used and expires after this time, milliseconds since 1970.
    CandidateOutstanding(i64),
}

/// What is asked of one attribute. Whoever has no value passes none of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Has a value, and not an empty one.
    Present,
    /// A text compared as [`Fact::folding`] says; the text is folded already and not empty.
    Text(Comparison, String),
    /// A whole number.
    Whole(Comparison, i64),
    /// A number; finite.
    Number(Comparison, f64),
    /// Exactly this.
    Flag(bool),
    /// Exactly this word.
    Choice(String),
    /// Exactly this id.
    Id(Uuid),
    /// From the first (inclusive) to the second (exclusive), milliseconds since 1970.
    Time {
        /// Not before.
        from: Option<i64>,
        /// Before.
        until: Option<i64>,
    },
}

/// How a stored value stands to the given one. Texts are ordered by their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Equal,
    Greater,
    AtLeast,
    Less,
    AtMost,
    /// Texts only, as the next two.
    Contains,
    StartsWith,
    EndsWith,
}

/// What reuse needs to know of a saved selection.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedSelection {
    /// The filter as written.
    pub filter: String,
    /// Its own zone, in which its `today` is read.
    pub zone: TimeZone,
    /// Whether it may be used.
    pub published: bool,
    /// Whether it was put away.
    pub archived: bool,
    /// Whether it has a size limit; no condition can express one, so it cannot be reused.
    pub limited: bool,
}

/// What a filter is resolved against.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The moment of use.
    pub now: Timestamp,
    /// The zone of the selection, or of whoever asks.
    pub zone: &'a TimeZone,
    /// What can be compared.
    pub catalogue: &'a Catalogue,
    /// The name of the selection this filter belongs to, so that it cannot reuse itself.
    pub name: Option<&'a str>,
    /// Finds a selection by its exact name.
    pub selections: &'a dyn Fn(&str) -> Option<SavedSelection>,
}

impl std::fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings")
            .field("now", &self.now)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Reads a filter and resolves it.
///
/// # Errors
/// What is wrong and where; for a reused selection the place where it is named, and the chain of names.
pub fn resolve(text: &str, surroundings: &Surroundings<'_>) -> Result<Resolved, Problem> {
    let mut resolver = Resolver {
        surroundings,
        chain: surroundings.name.iter().map(|&name| name.to_owned()).collect(),
        terms: 0,
        depth: 0,
    };
    resolver.text(text, surroundings.zone)
}

struct Resolver<'a> {
    surroundings: &'a Surroundings<'a>,
    chain: Vec<String>,
    terms: usize,
    depth: usize,
}

impl Resolver<'_> {
    fn text(&mut self, text: &str, zone: &TimeZone) -> Result<Resolved, Problem> {
        let filter = super::parse(text, self.surroundings.catalogue)?;
        self.filter(&filter, text, zone, false)
    }

    fn filter(
        &mut self,
        filter: &Filter,
        text: &str,
        zone: &TimeZone,
        in_group: bool,
    ) -> Result<Resolved, Problem> {
        self.depth += 1;
        let resolved = match filter {
            Filter::All { of } => Resolved::All(self.each(of, text, zone, in_group)?),
            Filter::Any { of } => Resolved::Any(self.each(of, text, zone, in_group)?),
            Filter::Not { of } => Resolved::Not(Box::new(self.filter(of, text, zone, in_group)?)),
            Filter::InGroup { of } => Resolved::InGroup(Box::new(self.filter(of, text, zone, true)?)),
            Filter::Test { attribute, operator, value, place } => {
                self.terms += 1;
                if self.terms > MOST_RESOLVED_TERMS || self.depth > MOST_RESOLVED_DEPTH {
                    let most = May::Criteria { criteria: MOST_RESOLVED_TERMS, depth: MOST_RESOLVED_DEPTH };
                    return Err(Problem::new(text, place.0, Fault::TooLarge)
                        .allow([Sentence::from(most)])
                        .through(&self.chain));
                }
                self.test(attribute, *operator, value.as_ref(), (text, *place), zone, in_group)?
            }
        };
        self.depth -= 1;
        Ok(resolved)
    }

    fn each(
        &mut self,
        of: &[Filter],
        text: &str,
        zone: &TimeZone,
        in_group: bool,
    ) -> Result<Vec<Resolved>, Problem> {
        of.iter().map(|filter| self.filter(filter, text, zone, in_group)).collect()
    }

    fn test(
        &mut self,
        attribute: &Attribute,
        operator: Operator,
        value: Option<&Value>,
        (text, place): (&str, Place),
        zone: &TimeZone,
        in_group: bool,
    ) -> Result<Resolved, Problem> {
        // `ne` is the complement of `eq`, and `null` is what is not present.
        let (negated, value) = match (operator, value) {
            (Operator::Equal, Some(Value::Null)) => (true, None),
            (Operator::NotEqual, Some(Value::Null)) => (false, None),
            (operator, value) => (operator == Operator::NotEqual, value),
        };
        let resolved = match (attribute, value) {
            (Attribute::Fact(Fact::Selection), Some(Value::Text(name))) => self.reuse(name, (text, place))?,
            (Attribute::Fact(Fact::Groups), _) => Resolved::InGroup(Box::new(Resolved::All(Vec::new()))),
            _ => {
                let comparison = comparison(operator);
                let test = match value {
                    None => Test::Present,
                    Some(value) => self.value(attribute, comparison, value, (text, place), zone)?,
                };
                let resolved = self.lowered(attribute, test);
                let fact_of_group = matches!(attribute, Attribute::Fact(fact) if fact.is_of_group());
                if fact_of_group && !in_group { Resolved::InGroup(Box::new(resolved)) } else { resolved }
            }
        };
        Ok(if negated { not(resolved) } else { resolved })
    }

    fn value(
        &self,
        attribute: &Attribute,
        comparison: Comparison,
        value: &Value,
        (text, place): (&str, Place),
        zone: &TimeZone,
    ) -> Result<Test, Problem> {
        let unfit = || Problem::new(text, place.0, Fault::Unfit);
        Ok(match (attribute.kind(), value) {
            (super::Kind::Text, Value::Text(given)) => {
                Test::Text(comparison, folded(attribute, comparison, given))
            }
            (super::Kind::Choice(_), Value::Text(word)) => Test::Choice(word.clone()),
            (super::Kind::Id, Value::Text(id)) => Test::Id(Uuid::parse_str(id).map_err(|_| unfit())?),
            (super::Kind::Flag, Value::Flag(flag)) => Test::Flag(*flag),
            (super::Kind::Number, Value::Number(number)) => Test::Number(comparison, *number),
            #[expect(clippy::cast_possible_truncation, reason = "checked: a whole number of at most 53 bits")]
            (super::Kind::Whole, Value::Number(number)) => Test::Whole(comparison, *number as i64),
            (super::Kind::Time, Value::Moment(moment)) => {
                let (begin, end) = moment
                    .range(self.surroundings.now, zone)
                    .map_err(|_| Problem::new(text, place.0, Fault::Calendar).through(&self.chain))?;
                let (from, until) = match comparison {
                    Comparison::Greater => (Some(end), None),
                    Comparison::AtLeast => (Some(begin), None),
                    Comparison::Less => (None, Some(begin)),
                    Comparison::AtMost => (None, Some(end)),
                    _ => (Some(begin), Some(end)),
                };
                Test::Time { from, until }
            }
            _ => return Err(unfit()),
        })
    }

    /// Facts that are other facts in disguise.
    fn lowered(&self, attribute: &Attribute, test: Test) -> Resolved {
        let now = self.surroundings.now.as_millisecond();
        let of = |fact, test| Resolved::Test { attribute: Attribute::Fact(fact), test };
        let disguised = match attribute {
            Attribute::Fact(Fact::Expired) => {
                of(Fact::ExpiresAt, Test::Time { from: None, until: Some(now + 1) })
            }
            Attribute::Fact(Fact::NeverLoggedIn) => not(of(Fact::LastLoginAt, Test::Present)),
            Attribute::Fact(Fact::CandidateOutstanding) => Resolved::CandidateOutstanding(now),
            _ => return Resolved::Test { attribute: attribute.clone(), test },
        };
        match test {
            Test::Flag(true) => disguised,
            Test::Flag(false) => not(disguised),
            // Yes or no: there is always a value.
            _ => Resolved::All(Vec::new()),
        }
    }

    fn reuse(&mut self, name: &str, (text, place): (&str, Place)) -> Result<Resolved, Problem> {
        let problem = |fault: Fault| Problem::new(text, place.0, fault).through(&self.chain);
        if self.chain.iter().any(|outer| outer == name) {
            let chain: Vec<String> =
                self.chain.iter().chain([&name.to_owned()]).map(|one| format!("\"{one}\"")).collect();
            return Err(problem(Fault::Circle { chain: chain.join(" → ") }));
        }
        if self.chain.len() >= MOST_REUSE {
            return Err(problem(Fault::Reuse { most: MOST_REUSE }));
        }
        let Some(saved) = (self.surroundings.selections)(name) else {
            return Err(problem(Fault::NoSelection { name: name.to_owned() }).hint(Hint::Letters));
        };
        let unusable = match saved {
            SavedSelection { archived: true, .. } => Some(Fault::Archived { name: name.to_owned() }),
            SavedSelection { published: false, .. } => Some(Fault::Draft { name: name.to_owned() }),
            SavedSelection { limited: true, .. } => Some(Fault::Limited { name: name.to_owned() }),
            _ => None,
        };
        if let Some(fault) = unusable {
            return Err(problem(fault));
        }
        self.chain.push(name.to_owned());
        let resolved = self.text(&saved.filter, &saved.zone).map_err(|inner| {
            // The place is the one in the text the reader has before them.
            let (line, column) = (inner.line, inner.column);
            let is_told = TOLD_WHOLE.contains(&inner.message.code());
            let fault = Fault::Inside { name: name.to_owned(), inner: inner.message.clone(), line, column };
            let mut outer = Problem::new(text, place.0, fault);
            if is_told {
                outer.message = inner.message;
            }
            outer.chain = if inner.chain.is_empty() { self.chain.clone() } else { inner.chain };
            outer.allowed = inner.allowed;
            outer.hint = inner.hint;
            outer
        })?;
        self.chain.pop();
        Ok(resolved)
    }
}

/// What says by itself which selections it is about.
const TOLD_WHOLE: [&str; 2] = ["filter-fault-inside", "filter-fault-circle"];

fn not(resolved: Resolved) -> Resolved {
    match resolved {
        Resolved::Not(inner) => *inner,
        other => Resolved::Not(Box::new(other)),
    }
}

const fn comparison(operator: Operator) -> Comparison {
    match operator {
        Operator::Equal | Operator::NotEqual | Operator::Present => Comparison::Equal,
        Operator::Contains => Comparison::Contains,
        Operator::StartsWith => Comparison::StartsWith,
        Operator::EndsWith => Comparison::EndsWith,
        Operator::Greater => Comparison::Greater,
        Operator::AtLeast => Comparison::AtLeast,
        Operator::Less => Comparison::Less,
        Operator::AtMost => Comparison::AtMost,
    }
}

/// The given text in the form it is compared in.
fn folded(attribute: &Attribute, comparison: Comparison, given: &str) -> String {
    let folding = match attribute {
        Attribute::Fact(fact) => fact.folding(),
        Attribute::Custom { kind, .. } => {
            debug_assert_eq!(*kind, AttributeKind::String);
            Folding::Ascii
        }
    };
    match folding {
        Folding::Exact => given.to_owned(),
        Folding::Ascii => given.to_ascii_lowercase(),
        Folding::Canonical if comparison == Comparison::Equal => crate::address::canonical_username(given),
        Folding::Canonical => {
            let given: String = given.nfc().collect::<String>().to_ascii_lowercase();
            // A whole domain at the end can be brought into A-labels; a piece of one cannot.
            let ends_whole = comparison == Comparison::EndsWith;
            match given.rsplit_once('@').filter(|(_, domain)| ends_whole && !domain.is_ascii()) {
                Some((local, domain)) => {
                    let ascii = idna::domain_to_ascii_strict(domain).unwrap_or_else(|_| domain.to_owned());
                    format!("{local}@{ascii}")
                }
                None => given,
            }
        }
    }
}
