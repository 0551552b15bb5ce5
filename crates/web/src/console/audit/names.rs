//! Names for what a page of the log is about, read together.

use crate::failure::Failure;
use domain::id::PersonId;
use std::collections::HashMap;
use store::audit::Listed;
use store::{Store, StoreError, Tx, api_key, automation, group, mailing, person, role, run, selection};
use uuid::Uuid;

/// A thing with a name, and where it is shown.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) name: String,
    /// Empty: it has no page of its own.
    pub(super) path: String,
}

/// The names of everybody and everything on a page of the log; who was erased has none any more.
#[derive(Debug, Default)]
pub(super) struct Names {
    people: HashMap<Uuid, String>,
    things: HashMap<(String, String), Named>,
}

impl Names {
    pub(super) async fn read(store: &Store, entries: &[Listed]) -> Result<Self, Failure> {
        let mut people: Vec<PersonId> = entries.iter().filter_map(|one| one.actor_id).map(PersonId).collect();
        let of_people = entries.iter().filter(|one| one.subject_kind == "person");
        people.extend(of_people.filter_map(|one| one.subject_id.parse::<PersonId>().ok()));
        people.sort_unstable();
        people.dedup();
        let mut things: Vec<(String, String)> = entries
            .iter()
            .filter(|one| one.subject_kind != "person")
            .map(|one| (one.subject_kind.clone(), one.subject_id.clone()))
            .collect();
        let keys = entries.iter().filter_map(|one| one.detail.get("key")?.as_str());
        things.extend(keys.map(|key| ("key".to_owned(), key.to_owned())));
        things.sort_unstable();
        things.dedup();
        let names = store.read(move |tx| {
            Box::pin(async move {
                let mut names = Self::default();
                for person in person::list_by_ids(tx, &people).await? {
                    names.people.insert(person.id.0, person.full_name());
                }
                for (kind, id) in things {
                    if let Some(named) = thing(tx, &kind, &id).await? {
                        names.things.insert((kind, id), named);
                    }
                }
                Ok::<_, StoreError>(names)
            })
        });
        names.await.map_err(Failure::from)
    }

    pub(super) fn person(&self, id: Uuid) -> Option<&str> {
        self.people.get(&id).map(String::as_str)
    }

    /// The name of the key that a program used.
    pub(super) fn key(&self, id: &str) -> Option<String> {
        self.things.get(&("key".to_owned(), id.to_owned())).map(|key| key.name.clone())
    }

    pub(super) fn subject(&self, entry: &Listed) -> Option<Named> {
        if entry.subject_kind == "person" {
            let id = entry.subject_id.parse().ok()?;
            let path = format!("/console/people/{}", entry.subject_id);
            return self.person(id).map(|name| Named { name: name.to_owned(), path });
        }
        self.things.get(&(entry.subject_kind.clone(), entry.subject_id.clone())).cloned()
    }
}

/// What one thing is called now; `None`: it is gone, or has no name.
async fn thing(tx: &mut Tx, kind: &str, id: &str) -> Result<Option<Named>, StoreError> {
    if kind == "template" {
        return Ok(Some(Named { name: id.to_owned(), path: format!("/console/templates/{id}") }));
    }
    let Ok(uuid) = id.parse::<Uuid>() else { return Ok(None) };
    let found = match kind {
        "run" => run::get(tx, domain::id::RunId(uuid)).await.map(|run| (run.name, "runs")),
        "automation" => {
            automation::get(tx, domain::id::AutomationId(uuid)).await.map(|one| (one.name, "automations"))
        }
        "mailing" => mailing::get(tx, domain::id::MailingId(uuid)).await.map(|one| (one.name, "mailings")),
        "selection" => {
            selection::get(tx, domain::id::SelectionId(uuid)).await.map(|one| (one.name, "selections"))
        }
        // These have no page of their own.
        "group" => group::get(tx, domain::id::GroupId(uuid)).await.map(|one| (one.name, "")),
        "key" => api_key::get(tx, domain::id::ApiKeyId(uuid)).await.map(|one| (one.name, "")),
        "role" => role::get(tx, domain::id::RoleId(uuid)).await.map(|one| (one.name, "")),
        _ => return Ok(None),
    };
    match found {
        Ok((name, "")) => Ok(Some(Named { name, path: String::new() })),
        Ok((name, place)) => Ok(Some(Named { name, path: format!("/console/{place}/{id}") })),
        Err(StoreError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
