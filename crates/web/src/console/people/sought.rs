//! Whom the browser looks for: the words, filters and choices of its address, as a search and as an address again.

use crate::failure::Failure;
use crate::query::{Pairs, encode};
use domain::filter::Problem;
use domain::id::GroupId;
use store::person_search::Search;
use store::{Tx, group, selection};

/// The names of a search in an address or a form.
pub(super) const NAMES: [&str; 5] = ["q", "group", "who", "filter", "inside"];

/// Groups of people one often wants to see, each with its filter.
pub(super) const WHO: &[(&str, &str)] = &[
    ("blocked", "blocked eq true"),
    ("undeliverable", "undeliverable eq true"),
    ("no-address", "not (address pr)"),
    ("no-password", "password.has eq false"),
    ("must-change", "password.must_change eq true"),
    ("never-logged-in", "never_logged_in eq true"),
    ("system-user", "system_user eq true"),
];

/// Whom to look for, as asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Sought {
    pub(super) words: String,
    pub(super) group: Option<GroupId>,
    /// A name out of [`WHO`]; empty: everybody.
    pub(super) who: String,
    /// A filter as selections have it.
    pub(super) filter: String,
    pub(super) inside: bool,
}

impl Sought {
    pub(super) fn read(pairs: &Pairs) -> Result<Self, Failure> {
        let group = match pairs.text("group") {
            "" => None,
            text => {
                Some(text.parse().map_err(|_| Failure::BadRequest("group: expected the id of a group."))?)
            }
        };
        let who = pairs.text("who").to_owned();
        if !who.is_empty() && !WHO.iter().any(|(name, _)| *name == who) {
            return Err(Failure::BadRequest("who: there is no such choice."));
        }
        Ok(Self {
            words: pairs.text("q").trim().chars().take(200).collect(),
            group,
            who,
            filter: pairs.text("filter").trim().to_owned(),
            inside: !pairs.text("inside").is_empty(),
        })
    }

    /// Whether everybody is meant.
    pub(super) fn is_everybody(&self) -> bool {
        self.words.is_empty() && self.group.is_none() && self.who.is_empty() && self.filter.is_empty()
    }

    /// The search, or what is wrong with the filter.
    pub(super) async fn search(
        &self,
        tx: &mut Tx,
        zone: &str,
        now_ms: i64,
    ) -> Result<Result<Search, Box<Problem>>, Failure> {
        let mut parts = Vec::new();
        if let Some((_, filter)) = WHO.iter().find(|(name, _)| *name == self.who) {
            parts.push((*filter).to_owned());
        }
        if let Some(id) = self.group {
            let found = group::find(tx, id).await?.ok_or(Failure::NotFound)?;
            parts.push(format!("groups.name eq {}", serde_json::Value::from(found.name)));
        }
        if !self.filter.is_empty() {
            // Read alone first, so that the place of a mistake is that in the typed text.
            if let Err(problem) = selection::read_filter(tx, &self.filter, zone, now_ms).await? {
                return Ok(Err(problem));
            }
            parts.push(format!("({})", self.filter));
        }
        let audience = if parts.is_empty() {
            None
        } else {
            match selection::read_filter(tx, &parts.join(" and "), zone, now_ms).await? {
                Ok(audience) => Some(audience),
                Err(problem) => return Ok(Err(problem)),
            }
        };
        let text = (!self.words.is_empty()).then(|| self.words.clone());
        Ok(Ok(Search { audience, text, inside: self.inside }))
    }

    /// As part of an address, without the question mark.
    pub(super) fn address(&self) -> String {
        let group = self.group.map(|id| id.to_string()).unwrap_or_default();
        let inside = if self.inside { "1" } else { "" };
        let values = [&*self.words, &group, &self.who, &self.filter, inside];
        let pairs = NAMES.iter().zip(values).filter(|(_, value)| !value.is_empty());
        pairs.map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
    }

    /// As hidden fields of a form.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        let group = self.group.map(|id| id.to_string()).unwrap_or_default();
        let inside = if self.inside { "1" } else { "" };
        let values = [self.words.clone(), group, self.who.clone(), self.filter.clone(), inside.to_owned()];
        NAMES.into_iter().zip(values).filter(|(_, value)| !value.is_empty()).collect()
    }
}
