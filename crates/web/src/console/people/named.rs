//! People by what somebody types, and what they are called.

use crate::console::operator::Operator;
use crate::failure::Failure;
use domain::id::PersonId;
use domain::person::Person;
use domain::role::Permission;
use std::collections::BTreeMap;
use store::person_search::{self, Search};
use store::{StoreError, Tx, person};

/// Somebody found by a few typed words, for who may see people.
pub(in crate::console) async fn find(operator: &Operator, words: &str) -> Result<Option<Person>, Failure> {
    if !operator.may(Permission::PeopleView) {
        return Err(Failure::Forbidden);
    }
    let search = Search { text: Some(words.to_owned()), ..Search::default() };
    let named = words.to_owned();
    let found = operator.state().store.read(move |tx| {
        Box::pin(async move {
            // A whole user name means this person, however many others have it in theirs.
            match person::find_by_username(tx, &named).await? {
                Some(person) => Ok::<_, StoreError>(Some(person)),
                None => Ok(person_search::list(tx, &search, None, 1).await?.people.pop()),
            }
        })
    });
    Ok(found.await?)
}

/// Somebody, so that no other can be meant.
pub(in crate::console) fn called(person: &Person) -> String {
    format!("{} ({})", person.full_name(), person.username)
}

/// What people are called; who was erased is missing.
pub(in crate::console) async fn names_of(
    tx: &mut Tx,
    ids: &[PersonId],
) -> Result<BTreeMap<PersonId, String>, StoreError> {
    let people = person::list_by_ids(tx, ids).await?;
    Ok(people.into_iter().map(|person| (person.id, person.full_name())).collect())
}
