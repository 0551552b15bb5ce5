//! What filters of one installation can be about: the published facts and its custom attributes.

use super::facts::{FACTS, Fact};
use super::tree::{Attribute, Operator};
use crate::person::AttributeKind;
use serde::Serialize;
use std::collections::BTreeMap;

/// The type of an attribute, which decides its operators and the values it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "type", content = "choices")]
pub enum Kind {
    /// A text; see [`super::Folding`] for upper and lower case.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Yes or no.
    Flag,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// A point in time.
    Time,
    /// A UUID.
    Id,
    /// Several values, asked about by `groups[…]`.
    Several,
    /// The name of a selection.
    Selection,
}

/// One line of the published list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// As written in filters.
    pub name: String,
    /// Its type.
    #[serde(flatten)]
    pub kind: Kind,
    /// What it says about a person.
    pub description: String,
    /// What may follow it.
    pub operators: Vec<Operator>,
    /// A filter that uses it.
    pub example: String,
}

/// Names people try that would compare secrets, with what they may use instead.
pub(super) const SECRETS: &[(&str, &str)] = &[
    ("password", "password.has"),
    ("password_hash", "password.scheme"),
    ("password.hash", "password.scheme"),
    ("password.value", "password.has"),
    ("password.candidate", "candidate.outstanding"),
    ("candidate", "candidate.outstanding"),
    ("candidate.hash", "candidate.outstanding"),
    ("credentials", "candidate.outstanding"),
    ("credentials.hash", "candidate.outstanding"),
    ("token", "candidate.outstanding"),
    ("link.token", "candidate.outstanding"),
    ("session.token", "last_login_at"),
    ("api_key", "api_user"),
    ("totp", "system_user"),
    ("totp.secret", "system_user"),
    ("recovery_codes", "system_user"),
];

impl Kind {
    /// The operators that make sense for it; the others are errors that list these.
    #[must_use]
    pub const fn operators(self) -> &'static [Operator] {
        use Operator as O;
        match self {
            Self::Text => &O::ALL,
            Self::Choice(_) | Self::Flag | Self::Id => &[O::Equal, O::NotEqual, O::Present],
            Self::Whole | Self::Number | Self::Time => {
                &[O::Equal, O::NotEqual, O::Greater, O::AtLeast, O::Less, O::AtMost, O::Present]
            }
            Self::Several => &[O::Present],
            Self::Selection => &[O::Equal, O::NotEqual],
        }
    }
}

impl From<AttributeKind> for Kind {
    fn from(kind: AttributeKind) -> Self {
        match kind {
            AttributeKind::String => Self::Text,
            AttributeKind::Number => Self::Number,
            AttributeKind::Boolean => Self::Flag,
            AttributeKind::DateTime => Self::Time,
        }
    }
}

impl Attribute {
    /// Its type.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Fact(fact) => fact.kind(),
            Self::Custom { kind, .. } => (*kind).into(),
        }
    }
}

/// A custom attribute of this installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeDefinition {
    /// In lower case.
    pub name: String,
    /// Its kind.
    pub kind: AttributeKind,
}

/// The published list together with the custom attributes of one installation.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    custom: BTreeMap<String, AttributeKind>,
}

impl Catalogue {
    /// The list for an installation with these custom attributes.
    #[must_use]
    pub fn new(definitions: impl IntoIterator<Item = AttributeDefinition>) -> Self {
        Self {
            custom: definitions.into_iter().map(|one| (one.name.to_ascii_lowercase(), one.kind)).collect(),
        }
    }

    /// Every line, for documents, completion and the console's builder.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let entry = |name: &str, kind: Kind, description: &str, example: &str| Entry {
            name: name.to_owned(),
            kind,
            description: description.to_owned(),
            operators: kind.operators().to_vec(),
            example: example.to_owned(),
        };
        let facts = FACTS.iter().map(|line| entry(line.name, line.kind, line.description, line.example));
        let custom = self.custom.iter().map(|(name, kind)| {
            let value = match kind {
                AttributeKind::String => "eq \"text\"",
                AttributeKind::Number => "ge 10",
                AttributeKind::Boolean => "eq true",
                AttributeKind::DateTime => "ge \"today\"",
            };
            let name = format!("attributes.{name}");
            entry(&name, (*kind).into(), "custom attribute of this installation", &format!("{name} {value}"))
        });
        facts.chain(custom).collect()
    }

    /// The attribute of this name, in any case.
    pub(super) fn find(&self, name: &str) -> Option<Attribute> {
        let name = name.to_ascii_lowercase();
        if let Some(custom) = name.strip_prefix("attributes.") {
            let kind = *self.custom.get(custom)?;
            return Some(Attribute::Custom { name: custom.to_owned(), kind });
        }
        Fact::all().find(|fact| fact.name() == name).map(Attribute::Fact)
    }

    /// Every name, for hints.
    pub(super) fn names(&self) -> Vec<String> {
        let custom = self.custom.keys().map(|name| format!("attributes.{name}"));
        Fact::all().map(|fact| fact.name().to_owned()).chain(custom).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_is_listed_once_under_its_own_name() {
        // `Selection` is the last variant, so this many there are.
        assert_eq!(FACTS.len(), Fact::Selection as usize + 1);
        for names in
            [Fact::all().map(|fact| format!("{fact:?}")).collect::<Vec<_>>(), Catalogue::default().names()]
        {
            let distinct: std::collections::BTreeSet<_> = names.iter().collect();
            assert_eq!(distinct.len(), FACTS.len());
        }
    }

    #[test]
    fn every_example_is_a_filter_about_its_attribute() {
        let catalogue =
            Catalogue::new([AttributeDefinition { name: "Tier".into(), kind: AttributeKind::String }]);
        for entry in catalogue.entries() {
            let filter = crate::filter::parse(&entry.example, &catalogue).unwrap_or_else(|p| panic!("{p}"));
            assert!(entry.example.contains(&entry.name), "{}", entry.name);
            assert_eq!(crate::filter::parse(&filter.to_string(), &catalogue).unwrap(), filter);
        }
    }

    #[test]
    fn no_secret_has_a_name_in_the_list_and_every_substitute_has() {
        let catalogue = Catalogue::default();
        for (secret, instead) in SECRETS {
            assert!(catalogue.find(secret).is_none(), "{secret}");
            assert!(catalogue.find(instead).is_some(), "{instead}");
        }
    }
}
