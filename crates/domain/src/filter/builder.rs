//! A filter as the console's builder holds it: containers and criteria as typed, perhaps not finished yet.
//!
//! [`Container::show`] makes it of a filter, [`Container::filter`] a filter of it; criteria that are not finished
//! are left out on that way. Texts that no row of the builder can hold (value paths, times of several steps) are not
//! shown: they stay texts.

use super::catalogue::{Catalogue, Kind};
use super::facts::Fact;
use super::moment::{Moment, Step, Unit};
use super::tree::{Attribute, Filter, Operator, Place, Value};

/// How many criteria the builder shows; a longer filter stays a text.
pub const MOST_ROWS: usize = 60;
/// How deep containers are shown inside each other.
pub const MOST_LEVELS: usize = 6;

/// Criteria that are joined by one word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Whether the whole is negated.
    pub not: bool,
    /// One of them is enough (`or`); else all must hold (`and`).
    pub any: bool,
    /// What is joined.
    pub parts: Vec<Part>,
}

/// What stands in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Another container.
    Container(Container),
    /// One comparison.
    Criterion(Criterion),
}

/// One comparison as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criterion {
    /// Whether it is negated.
    pub not: bool,
    /// The name of the attribute, as in filters.
    pub attribute: String,
    /// How it is compared.
    pub operator: Operator,
    /// What is typed: a text, a number, a word, a day or a moment; not used by relative times.
    pub value: String,
    /// Which kind of time; of no meaning for other attributes.
    pub when: When,
    /// How many units of a relative time, as typed.
    pub amount: String,
    /// Its unit.
    pub unit: Unit,
}

/// How a time is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// So much before now.
    Ago,
    /// So much after now.
    Ahead,
    /// Now.
    Now,
    /// The day it is.
    Today,
    /// So much before today.
    BeforeToday,
    /// So much after today.
    AfterToday,
    /// A day of the calendar.
    Day,
    /// A moment with its offset.
    Instant,
}

impl When {
    /// Every one, in the order of menus.
    pub const ALL: [Self; 8] = [
        Self::Ago,
        Self::Ahead,
        Self::Now,
        Self::Today,
        Self::BeforeToday,
        Self::AfterToday,
        Self::Day,
        Self::Instant,
    ];

    /// As forms name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ago => "ago",
            Self::Ahead => "ahead",
            Self::Now => "now",
            Self::Today => "today",
            Self::BeforeToday => "before-today",
            Self::AfterToday => "after-today",
            Self::Day => "day",
            Self::Instant => "instant",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// Whether a number and a unit belong to it.
    #[must_use]
    pub const fn is_counted(self) -> bool {
        matches!(self, Self::Ago | Self::Ahead | Self::BeforeToday | Self::AfterToday)
    }
}

/// Why a criterion is no filter yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfinished {
    /// There is no attribute of this name.
    Attribute,
    /// Its value is missing.
    Empty,
    /// Its value does not fit the type of the attribute.
    Wrong(Kind),
}

impl Default for Criterion {
    fn default() -> Self {
        Self {
            not: false,
            attribute: Fact::GroupName.name().to_owned(),
            operator: Operator::Equal,
            value: String::new(),
            when: When::Ago,
            amount: String::new(),
            unit: Unit::Day,
        }
    }
}

impl Default for Container {
    fn default() -> Self {
        Self { not: false, any: false, parts: vec![Part::Criterion(Criterion::default())] }
    }
}

impl Criterion {
    /// The type of its attribute; `None`: there is no such attribute.
    #[must_use]
    pub fn kind(&self, catalogue: &Catalogue) -> Option<Kind> {
        catalogue.find(&self.attribute).map(|attribute| attribute.kind())
    }

    /// Keeps of what was typed for another attribute only what fits the one it has now.
    pub fn retype(&mut self, before: Option<Kind>, catalogue: &Catalogue) {
        let kind = self.kind(catalogue);
        if kind != before {
            self.value.clear();
        }
        let Some(kind) = kind else { return };
        let operators = kind.operators();
        if !operators.contains(&self.operator) || (kind == Kind::Time && before != Some(Kind::Time)) {
            self.operator = match kind {
                Kind::Time => Operator::Less,
                _ => operators.first().copied().unwrap_or(Operator::Present),
            };
        }
    }

    /// The filter it is.
    ///
    /// # Errors
    /// What is missing or wrong.
    pub fn filter(&self, catalogue: &Catalogue) -> Result<Filter, Unfinished> {
        let attribute = catalogue.find(&self.attribute).ok_or(Unfinished::Attribute)?;
        let kind = attribute.kind();
        let value = if self.operator == Operator::Present { None } else { Some(self.written(kind)?) };
        let text = [Some(self.attribute.clone()), Some(self.operator.to_string()), value];
        let text = text.into_iter().flatten().collect::<Vec<_>>().join(" ");
        // Read like any text, so that the builder knows no rule of its own.
        let test = match super::parse(&text, catalogue) {
            Ok(test @ Filter::Test { .. }) => test,
            _ => return Err(Unfinished::Wrong(kind)),
        };
        Ok(if self.not { Filter::Not { of: Box::new(test) } } else { test })
    }

    /// The value as filters write it.
    fn written(&self, kind: Kind) -> Result<String, Unfinished> {
        if kind == Kind::Time {
            return Ok(format!("\"{}\"", self.moment()?));
        }
        if self.value.is_empty() {
            return Err(Unfinished::Empty);
        }
        match kind {
            Kind::Flag | Kind::Whole | Kind::Number => Ok(self.value.trim().to_owned()),
            _ => serde_json::to_string(&self.value).map_err(|_| Unfinished::Wrong(kind)),
        }
    }

    fn moment(&self) -> Result<Moment, Unfinished> {
        let step = |sign: i64| {
            if self.amount.trim().is_empty() {
                return Err(Unfinished::Empty);
            }
            let amount = self.amount.trim().parse::<i64>().ok().filter(|amount| *amount > 0);
            let amount = amount.ok_or(Unfinished::Wrong(Kind::Time))?;
            Ok(vec![Step { amount: sign * amount, unit: self.unit }])
        };
        Ok(match self.when {
            When::Now => Moment::Now(Vec::new()),
            When::Today => Moment::Today(Vec::new()),
            When::Ago => Moment::Now(step(-1)?),
            When::Ahead => Moment::Now(step(1)?),
            When::BeforeToday => Moment::Today(step(-1)?),
            When::AfterToday => Moment::Today(step(1)?),
            When::Day | When::Instant if self.value.trim().is_empty() => return Err(Unfinished::Empty),
            When::Day | When::Instant => {
                self.value.trim().parse().map_err(|_| Unfinished::Wrong(Kind::Time))?
            }
        })
    }

    /// The row of one test; `None`: no row can hold it.
    fn show(attribute: &Attribute, operator: Operator, value: Option<&Value>) -> Option<Self> {
        let name = match attribute {
            Attribute::Fact(fact) => fact.name().to_owned(),
            Attribute::Custom { name, .. } => format!("attributes.{name}"),
        };
        let mut row = Self { attribute: name, operator, ..Self::default() };
        match value {
            None => {}
            // Nothing there is the same as no value: the row says it in one way.
            Some(Value::Null) => (row.not, row.operator) = (operator == Operator::Equal, Operator::Present),
            Some(Value::Text(text)) => row.value.clone_from(text),
            Some(number @ (Value::Flag(_) | Value::Number(_))) => row.value = number.to_string(),
            Some(Value::Moment(moment)) => row.show_moment(moment)?,
        }
        Some(row)
    }

    fn show_moment(&mut self, moment: &Moment) -> Option<()> {
        let (steps, [none, before, after]) = match moment {
            Moment::Day(_) | Moment::Instant(_) => {
                self.value = moment.to_string();
                self.when = if matches!(moment, Moment::Day(_)) { When::Day } else { When::Instant };
                return Some(());
            }
            Moment::Now(steps) => (steps, [When::Now, When::Ago, When::Ahead]),
            Moment::Today(steps) => (steps, [When::Today, When::BeforeToday, When::AfterToday]),
        };
        match steps.as_slice() {
            [] => self.when = none,
            [Step { amount, unit }] => {
                self.when = if *amount < 0 { before } else { after };
                (self.amount, self.unit) = (amount.abs().to_string(), *unit);
            }
            _ => return None,
        }
        Some(())
    }
}

impl Container {
    /// The builder of a filter; `None`: it holds something no row can, or too much.
    #[must_use]
    pub fn show(filter: &Filter) -> Option<Self> {
        let mut rows = 0;
        let root = match show(filter, false, 0, &mut rows)? {
            Part::Container(root) => root,
            row @ Part::Criterion(_) => Self { not: false, any: false, parts: vec![row] },
        };
        (rows <= MOST_ROWS).then_some(root)
    }

    /// The filter of all that is finished; `None`: nothing is.
    #[must_use]
    pub fn filter(&self, catalogue: &Catalogue) -> Option<Filter> {
        let mut of: Vec<Filter> = self
            .parts
            .iter()
            .filter_map(|part| match part {
                Part::Container(inner) => inner.filter(catalogue),
                Part::Criterion(row) => row.filter(catalogue).ok(),
            })
            .collect();
        let joined = match of.len() {
            0 => return None,
            1 => of.pop()?,
            _ if self.any => Filter::Any { of },
            _ => Filter::All { of },
        };
        Some(if self.not { Filter::Not { of: Box::new(joined) } } else { joined })
    }

    /// The canonical text of all that is finished; empty when nothing is.
    #[must_use]
    pub fn text(&self, catalogue: &Catalogue) -> String {
        self.filter(catalogue).map(|filter| filter.to_string()).unwrap_or_default()
    }

    /// How many criteria there are, at any depth.
    #[must_use]
    pub fn rows(&self) -> usize {
        let each = self.parts.iter().map(|part| match part {
            Part::Container(inner) => inner.rows(),
            Part::Criterion(_) => 1,
        });
        each.sum()
    }

    /// Whether every criterion is finished.
    #[must_use]
    pub fn is_finished(&self, catalogue: &Catalogue) -> bool {
        self.parts.iter().all(|part| match part {
            Part::Container(inner) => inner.is_finished(catalogue),
            Part::Criterion(row) => row.filter(catalogue).is_ok(),
        })
    }
}

fn show(filter: &Filter, not: bool, level: usize, rows: &mut usize) -> Option<Part> {
    if level > MOST_LEVELS {
        return None;
    }
    match filter {
        Filter::Test { attribute, operator, value, place: Place(_) } => {
            *rows += 1;
            let mut row = Criterion::show(attribute, *operator, value.as_ref())?;
            row.not ^= not;
            Some(Part::Criterion(row))
        }
        Filter::All { of } | Filter::Any { of } => {
            let parts =
                of.iter().map(|part| show(part, false, level + 1, rows)).collect::<Option<Vec<_>>>()?;
            Some(Part::Container(Container { not, any: matches!(filter, Filter::Any { .. }), parts }))
        }
        // Two negations are kept apart: each is a place where somebody can take one away.
        Filter::Not { of } if not => {
            let inner = show(of, true, level + 1, rows)?;
            Some(Part::Container(Container { not: true, any: false, parts: vec![inner] }))
        }
        Filter::Not { of } => show(of, true, level, rows),
        Filter::InGroup { .. } => None,
    }
}

#[cfg(test)]
#[path = "builder_tests.rs"]
mod tests;
