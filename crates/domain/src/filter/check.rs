//! Looks up the names of a filter and holds its values against their types.

use super::catalogue::{Catalogue, Kind, SECRETS};
use super::facts::Fact;
use super::problem::{Problem, Span, nearest};
use super::said::{Compared, Fault, Hint, May};
use super::syntax::{Literal, Name, Node};
use super::tree::{Attribute, Filter, Operator, Place, Value};
use crate::sentence::Sentence;
use jiff::Timestamp;

/// The largest whole number a filter compares with; every number up to it is exact in JSON.
const MOST_WHOLE: f64 = 9_007_199_254_740_991.0;

pub(super) struct Check<'a> {
    pub(super) text: &'a str,
    pub(super) catalogue: &'a Catalogue,
}

impl Check<'_> {
    /// The typed filter.
    pub(super) fn filter(&self, node: Node, in_group: bool) -> Result<Filter, Problem> {
        let each = |of: Vec<Node>| {
            of.into_iter().map(|node| self.filter(node, in_group)).collect::<Result<Vec<_>, _>>()
        };
        Ok(match node {
            Node::All(of) => Filter::All { of: each(of)? },
            Node::Any(of) => Filter::Any { of: each(of)? },
            Node::Not(of) => Filter::Not { of: Box::new(self.filter(*of, in_group)?) },
            Node::Inside { name, .. } if in_group || !name.text.eq_ignore_ascii_case(Fact::Groups.name()) => {
                return Err(self
                    .problem(name.span, Fault::NoBrackets { name: name.text })
                    .allow(["groups[…]"])
                    .hint(Hint::Write { text: "groups[name eq \"members\"]".into() }));
            }
            Node::Inside { filter, .. } => Filter::InGroup { of: Box::new(self.filter(*filter, true)?) },
            Node::Test { name, operator: (operator, span), value } => {
                let attribute = self.attribute(&name, in_group)?;
                self.operator(&name, &attribute, operator, span)?;
                let value = value
                    .map(|(literal, span)| self.value(&attribute, operator, literal, span))
                    .transpose()?;
                Filter::Test { attribute, operator, value, place: Place(name.span) }
            }
        })
    }

    fn problem(&self, span: Span, fault: Fault) -> Problem {
        Problem::new(self.text, span, fault)
    }

    fn attribute(&self, name: &Name, in_group: bool) -> Result<Attribute, Problem> {
        if in_group {
            return self.attribute_of_group(name);
        }
        if let Some(attribute) = self.catalogue.find(&name.text) {
            return Ok(attribute);
        }
        let secret = SECRETS.iter().find(|(secret, _)| secret.eq_ignore_ascii_case(&name.text));
        if let Some((_, instead)) = secret {
            return Err(self
                .problem(name.span, Fault::Secret { name: name.text.clone() })
                .hint(Hint::Instead { name: (*instead).to_owned() }));
        }
        let names = self.catalogue.names();
        let word = name.text.to_ascii_lowercase();
        let as_custom = format!("attributes.{word}");
        let hint = names
            .iter()
            .find(|known| **known == as_custom)
            .map(String::as_str)
            .or_else(|| nearest(&word, names.iter().map(String::as_str)))
            .map(|near| Hint::Meant { name: near.to_owned() });
        // Names that begin alike are listed first.
        let family = word.split_once('.').map_or("", |(family, _)| family);
        let mut names = names.clone();
        names.sort_by_key(|known| {
            family.is_empty() || known.split_once('.').is_none_or(|(other, _)| other != family)
        });
        let name_text = name.text.clone();
        let fault = if word.starts_with("attributes.") {
            Fault::NoCustom { name: name_text }
        } else {
            Fault::NoAttribute { name: name_text }
        };
        Err(self.problem(name.span, fault).allow(names).hint_if(hint))
    }

    fn attribute_of_group(&self, name: &Name) -> Result<Attribute, Problem> {
        let facts = || Fact::all().filter(|fact| fact.is_of_group());
        if let Some(fact) = facts().find(|fact| fact.name_in_group().eq_ignore_ascii_case(&name.text)) {
            return Ok(Attribute::Fact(fact));
        }
        let names: Vec<&str> = facts().map(Fact::name_in_group).collect();
        let word = name.text.to_ascii_lowercase();
        let hint = nearest(word.strip_prefix("groups.").unwrap_or(&word), names.iter().copied());
        Err(self
            .problem(name.span, Fault::NoGroupAttribute { name: name.text.clone() })
            .hint_if(hint.map(|near| Hint::InGroup { name: near.to_owned() }))
            .allow(names))
    }

    fn operator(
        &self,
        name: &Name,
        attribute: &Attribute,
        operator: Operator,
        span: Span,
    ) -> Result<(), Problem> {
        let kind = attribute.kind();
        if kind.operators().contains(&operator) {
            return Ok(());
        }
        let hint = match kind {
            Kind::Several => Some(Hint::Several),
            Kind::Selection => Some(Hint::Selection),
            Kind::Flag => Some(Hint::Write { text: format!("{} eq true", name.text) }),
            _ => None,
        };
        Err(self
            .problem(
                span,
                Fault::Operator {
                    operator: operator.to_string(),
                    name: name.text.clone(),
                    expected: Compared::with(kind).into(),
                },
            )
            .allow(kind.operators().iter().map(|one| one.as_str()))
            .hint_if(hint))
    }

    fn value(
        &self,
        attribute: &Attribute,
        operator: Operator,
        literal: Literal,
        span: Span,
    ) -> Result<Value, Problem> {
        let kind = attribute.kind();
        match (kind, literal) {
            (Kind::Several, _) => Err(self.mismatch(kind, span)),
            (Kind::Selection, Literal::Null) => Err(self.mismatch(kind, span)),
            (_, Literal::Null) if matches!(operator, Operator::Equal | Operator::NotEqual) => Ok(Value::Null),
            (_, Literal::Null) => {
                let fault = Fault::NullOrder { operator: operator.to_string() };
                Err(self.problem(span, fault).allow(["eq null", "ne null"]))
            }
            (Kind::Flag, Literal::Flag(flag)) => Ok(Value::Flag(flag)),
            (Kind::Number, Literal::Number(number)) => Ok(Value::Number(number)),
            (Kind::Whole, Literal::Number(number)) if number.fract() == 0.0 && number.abs() <= MOST_WHOLE => {
                Ok(Value::Number(number))
            }
            (_, Literal::Text(text)) if text.is_empty() => {
                Err(self.problem(span, Fault::EmptyText).hint(Hint::Absent))
            }
            (Kind::Text | Kind::Selection, Literal::Text(text)) => Ok(Value::Text(text)),
            (Kind::Choice(words), Literal::Text(text)) => self.choice(words, &text, span).map(Value::Text),
            (Kind::Id, Literal::Text(text)) => match uuid::Uuid::parse_str(&text) {
                Ok(id) => Ok(Value::Text(id.to_string())),
                Err(_) => Err(self.mismatch(kind, span)),
            },
            (Kind::Time, Literal::Text(text)) => self.moment(&text, span),
            (Kind::Flag, Literal::Text(text))
                if ["true", "false"].contains(&text.to_ascii_lowercase().as_str()) =>
            {
                Err(self.mismatch(kind, span).hint(Hint::Unquote { word: text.to_ascii_lowercase() }))
            }
            (Kind::Whole | Kind::Number, Literal::Text(text)) if text.parse::<f64>().is_ok() => {
                Err(self.mismatch(kind, span).hint(Hint::UnquoteNumber))
            }
            (Kind::Text, Literal::Number(_) | Literal::Flag(_)) => {
                Err(self.mismatch(kind, span).hint(Hint::Quote))
            }
            _ => Err(self.mismatch(kind, span)),
        }
    }

    fn mismatch(&self, kind: Kind, span: Span) -> Problem {
        let problem = self.problem(span, Fault::Value { expected: Compared::with(kind).into() });
        let words: &[&str] = match kind {
            Kind::Text | Kind::Selection => return problem.allow([Sentence::from(May::Text)]),
            Kind::Whole => return problem.allow([Sentence::from(May::Whole)]),
            Kind::Number => return problem.allow([Sentence::from(May::Number)]),
            Kind::Id => return problem.allow([Sentence::from(May::Id)]),
            Kind::Flag => &["true", "false"],
            Kind::Time => &["\"now-90d\"", "\"today\"", "\"2026-11-21\"", "\"2026-11-21T09:00:00Z\""],
            Kind::Choice(words) => words,
            Kind::Several => &["groups[…]"],
        };
        problem.allow(words.iter().copied())
    }

    fn choice(&self, words: &[&str], text: &str, span: Span) -> Result<String, Problem> {
        if let Some(word) = words.iter().find(|word| word.eq_ignore_ascii_case(text)) {
            return Ok((*word).to_owned());
        }
        let hint = nearest(text, words.iter().copied()).map(|near| Hint::MeantText { name: near.to_owned() });
        Err(self.problem(span, Fault::Choice).allow(words.iter().copied()).hint_if(hint))
    }

    fn moment(&self, text: &str, span: Span) -> Result<Value, Problem> {
        let moment: super::Moment =
            text.parse().map_err(|hint: Hint| self.mismatch(Kind::Time, span).hint(hint))?;
        // Any now would do: this catches dates and steps the calendar does not reach.
        match moment.range(Timestamp::UNIX_EPOCH, &jiff::tz::TimeZone::UTC) {
            Ok(_) => Ok(Value::Moment(moment)),
            Err(_) => Err(self.problem(span, Fault::Calendar)),
        }
    }
}
