//! Selections in the database: saved filters, evaluated at use and never a stored list.

mod condition;
mod filed;
mod halves;
mod uses;

pub use condition::Condition;
pub use filed::{
    Change, Draft, EditError, archive, attributes, find, get, insert, list, publish, remove, update,
};
pub use uses::{User, Uses, list_users, where_used};

use crate::error::StoreError;
use crate::recipient::Audience;
use crate::{Tx, Value};
use domain::filter::{Catalogue, Problem, Resolved, SavedSelection, Surroundings, resolve};
use domain::id::{PersonId, SelectionId};
use domain::selection::Selection;
use domain::sentence::Sentence;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};

/// A selection ready for use: whom it finds, and everyone who shaped it.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The selection.
    pub selection: Selection,
    /// The authors and editors of it and of every selection it reuses.
    pub editors: Vec<PersonId>,
    /// It and every selection it reuses, by name: all that decides whom it finds.
    pub sources: Vec<Selection>,
    /// Whom it finds.
    pub audience: Audience,
}

domain::sentences! {
    /// Why a selection cannot be used, for people.
    pub enum Unusable in "unusable" {
        Gone = "gone", "it is no longer there";
        Archived { name: String } = "archived", "the selection {name:?} is archived";
        Draft { name: String } = "draft", "the selection {name:?} is a draft: publish it first";
        Filter { problem: String, fault: Sentence, line: usize, column: usize } = "filter", "{problem}";
    }
}

/// Why a selection cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// Missing, a draft, archived or invalid; for people to read.
    #[error("{0}")]
    Unusable(Unusable),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Prepares a selection for use in a run: it must be published and not archived, and so must every
/// selection it reuses. It never falls back to everyone.
///
/// # Errors
/// It cannot be used, and why.
pub async fn prepare(tx: &mut Tx, id: SelectionId, now_ms: i64) -> Result<Prepared, PrepareError> {
    let unusable = |why: Unusable| Err(PrepareError::Unusable(why));
    let selection = match get(tx, id).await {
        Ok(selection) => selection,
        Err(StoreError::NotFound(_)) => return unusable(Unusable::Gone),
        Err(error) => return Err(error.into()),
    };
    if selection.archived {
        return unusable(Unusable::Archived { name: selection.name });
    }
    if !selection.published {
        return unusable(Unusable::Draft { name: selection.name });
    }
    let shelf = Shelf::read(tx).await?;
    let resolved = shelf
        .resolve(&selection.filter, Some(&selection.name), &selection.time_zone, now_ms)
        .map_err(|problem| {
            let (line, column, problem, fault) =
                (problem.line, problem.column, problem.to_string(), problem.message);
            PrepareError::Unusable(Unusable::Filter { problem, fault, line, column })
        })?;
    let sources = shelf.sources_of(&selection.name);
    let editors: BTreeSet<PersonId> = sources.iter().flat_map(Selection::shapers).collect();
    let condition = Condition::new(&resolved, 1);
    Ok(Prepared {
        editors: editors.into_iter().collect(),
        sources,
        audience: Audience {
            condition: condition.sql,
            values: condition.values,
            size_limit: selection.size_limit,
        },
        selection,
    })
}

/// Reads a filter text as if it were a selection: for counting and showing before it is saved.
///
/// # Errors
/// What is wrong with it, and where; or the database failed.
pub async fn read_filter(
    tx: &mut Tx,
    filter: &str,
    time_zone: &str,
    now_ms: i64,
) -> Result<Result<Audience, Box<Problem>>, StoreError> {
    read_named(tx, filter, None, time_zone, now_ms).await
}

/// The same for the filter of a selection with this name, which may not reuse itself.
///
/// # Errors
/// What is wrong with it, and where; or the database failed.
pub async fn read_named(
    tx: &mut Tx,
    filter: &str,
    name: Option<&str>,
    time_zone: &str,
    now_ms: i64,
) -> Result<Result<Audience, Box<Problem>>, StoreError> {
    let shelf = Shelf::read(tx).await?;
    Ok(shelf.resolve(filter, name, time_zone, now_ms).map_err(Box::new).map(|resolved| {
        let condition = Condition::new(&resolved, 1);
        Audience { condition: condition.sql, values: condition.values, size_limit: None }
    }))
}

/// How many people an audience has.
///
/// # Errors
/// The database is not available.
pub async fn count(tx: &mut Tx, audience: &Audience) -> Result<i64, StoreError> {
    let found = if let Some(found) = halves::count(tx, audience).await? {
        found
    } else {
        let sql = format!("SELECT count(*) FROM people p WHERE {}", audience.condition);
        tx.find(&sql, &audience.values).await?.map_or(Ok(0), |mut row| row.take(0))?
    };
    Ok(audience.size_limit.map_or(found, |limit| found.min(limit)))
}

/// The first people of an audience, in the order of their ids.
///
/// # Errors
/// The database is not available.
pub async fn sample(tx: &mut Tx, audience: &Audience, limit: i64) -> Result<Vec<PersonId>, StoreError> {
    let limit = audience.size_limit.map_or(limit, |most| most.min(limit));
    let sql = format!("SELECT p.id FROM people p WHERE {} ORDER BY p.id LIMIT {limit}", audience.condition);
    let values: &[Value] = &audience.values;
    tx.query(&sql, values).await?.into_iter().map(|mut row| row.take(0)).collect()
}

/// Everything reuse may need: there are few selections, so all of them are read at once.
pub(crate) struct Shelf {
    catalogue: Catalogue,
    saved: BTreeMap<String, Selection>,
}

impl Shelf {
    pub(crate) async fn read(tx: &mut Tx) -> Result<Self, StoreError> {
        let catalogue = Catalogue::new(attributes(tx).await?);
        let saved = list(tx, None).await?.into_iter().map(|one| (one.name.clone(), one)).collect();
        Ok(Self { catalogue, saved })
    }

    pub(crate) fn resolve(
        &self,
        filter: &str,
        name: Option<&str>,
        time_zone: &str,
        now_ms: i64,
    ) -> Result<Resolved, Problem> {
        let find = |name: &str| {
            self.saved.get(name).map(|one| SavedSelection {
                filter: one.filter.clone(),
                zone: zone(&one.time_zone),
                published: one.published,
                archived: one.archived,
                limited: one.size_limit.is_some(),
            })
        };
        resolve(
            filter,
            &Surroundings {
                now: Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::UNIX_EPOCH),
                zone: &zone(time_zone),
                catalogue: &self.catalogue,
                name,
                selections: &find,
            },
        )
    }

    /// A selection and all it reuses, at any depth, by name.
    fn sources_of(&self, name: &str) -> Vec<Selection> {
        let mut waiting = vec![name.to_owned()];
        let mut found = BTreeMap::new();
        while let Some(name) = waiting.pop() {
            let Some(selection) = self.saved.get(&name) else { continue };
            if found.insert(name, selection.clone()).is_some() {
                continue;
            }
            if let Ok(filter) = domain::filter::parse(&selection.filter, &self.catalogue) {
                waiting.extend(filter.selections().into_iter().map(str::to_owned));
            }
        }
        found.into_values().collect()
    }

    /// The selections that reuse one by name.
    pub(crate) fn users_of(&self, name: &str) -> Vec<String> {
        self.saved
            .values()
            .filter(|one| {
                domain::filter::parse(&one.filter, &self.catalogue)
                    .is_ok_and(|filter| filter.selections().contains(&name))
            })
            .map(|one| one.name.clone())
            .collect()
    }
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}
