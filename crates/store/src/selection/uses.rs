//! What uses selections: automations, mailings, and other selections.

use super::{Shelf, get};
use crate::Tx;
use crate::error::StoreError;
use domain::id::{AutomationId, MailingId, SelectionId};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Something that uses a selection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum User {
    /// An automation that writes to it.
    Automation {
        /// Its id.
        id: AutomationId,
        /// Its number.
        number: i64,
        /// Its name.
        name: String,
    },
    /// A mailing that goes to it.
    Mailing {
        /// Its id.
        id: MailingId,
        /// Its number.
        number: i64,
        /// Its name.
        name: String,
    },
    /// A selection that reuses it.
    Selection {
        /// Its id.
        id: SelectionId,
        /// Its name.
        name: String,
    },
}

domain::sentences! {
    /// What uses something, for people.
    pub enum Uses in "used-by" {
        Automation { number: i64, name: String } = "automation", "automation {number} ({name})";
        Mailing { number: i64, name: String } = "mailing", "mailing {number} ({name})";
        Selection { name: String } = "selection", "selection {name:?}";
        Compares { name: String } = "compares", "the selection {name:?}";
    }
}

impl User {
    /// In words.
    #[must_use]
    pub fn told(&self) -> Uses {
        match self {
            Self::Automation { number, name, .. } => Uses::Automation { number: *number, name: name.clone() },
            Self::Mailing { number, name, .. } => Uses::Mailing { number: *number, name: name.clone() },
            Self::Selection { name, .. } => Uses::Selection { name: name.clone() },
        }
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.told().fmt(f)
    }
}

/// What uses each selection; those that nothing uses are not in it.
///
/// # Errors
/// The database is not available.
pub async fn list_users(tx: &mut Tx) -> Result<BTreeMap<SelectionId, Vec<User>>, StoreError> {
    let sql = "SELECT selection_id, id, number, name FROM automations WHERE selection_id IS NOT NULL ORDER BY number";
    let mut users: BTreeMap<SelectionId, Vec<User>> = BTreeMap::new();
    for mut row in tx.query(sql, &[]).await? {
        let selection: SelectionId = row.take(0)?;
        let user = User::Automation { id: row.take(1)?, number: row.take(2)?, name: row.take(3)? };
        users.entry(selection).or_default().push(user);
    }
    let sql =
        "SELECT selection_id, id, number, name FROM mailings WHERE selection_id IS NOT NULL ORDER BY number";
    for mut row in tx.query(sql, &[]).await? {
        let selection: SelectionId = row.take(0)?;
        let user = User::Mailing { id: row.take(1)?, number: row.take(2)?, name: row.take(3)? };
        users.entry(selection).or_default().push(user);
    }
    let shelf = Shelf::read(tx).await?;
    for user in shelf.saved.values() {
        let Ok(filter) = domain::filter::parse(&user.filter, &shelf.catalogue) else { continue };
        for used in filter.selections().into_iter().filter_map(|name| shelf.saved.get(name)) {
            let user = User::Selection { id: user.id, name: user.name.clone() };
            users.entry(used.id).or_default().push(user);
        }
    }
    Ok(users)
}

/// What uses a selection: automations, also those put away, and other selections.
///
/// # Errors
/// There is no such selection.
pub async fn where_used(tx: &mut Tx, id: SelectionId) -> Result<Vec<User>, StoreError> {
    let selection = get(tx, id).await?;
    Ok(list_users(tx).await?.remove(&selection.id).unwrap_or_default())
}
