//! Events: the log of what has happened, one event with what came of it, the types there are, and trying one out.

pub(crate) mod attempt;
pub(crate) mod log;
pub(crate) mod one;
pub(in crate::console) mod outcome;
pub(crate) mod types;
pub(in crate::console) mod words;

use crate::console::operator::Operator;
use crate::console::shell::Tab;
use domain::id::PersonId;
use domain::person::Person;
use domain::role::Permission;
use store::person_search::{self, Search};
use store::{StoreError, Tx, person};

/// The log.
const HERE: &str = "/console/events";
/// People shown of those who fit what was typed.
const MOST_FOUND: i64 = 6;

/// The places within Events.
fn tabs(operator: &Operator, here: &str) -> Vec<Tab> {
    let all = [(HERE, "events-log"), (types::HERE, "events-types"), (attempt::HERE, "events-try")];
    all.map(|(path, label)| Tab { path, label: operator.say(label), is_here: path == here }).into()
}

/// Who is meant by what was typed: the one of this user name or id, else whoever a few words find.
pub(in crate::console) async fn find_people(tx: &mut Tx, typed: &str) -> Result<Vec<Person>, StoreError> {
    if let Ok(id) = typed.parse::<PersonId>() {
        return Ok(person::find(tx, id).await?.into_iter().collect());
    }
    if let Some(person) = person::find_by_username(tx, typed).await? {
        return Ok(vec![person]);
    }
    let search = Search { text: Some(typed.to_owned()), ..Search::default() };
    Ok(person_search::list(tx, &search, None, MOST_FOUND).await?.people)
}

/// The path of a person's page, for who may see people.
fn person_path(operator: &Operator, id: PersonId) -> Option<String> {
    operator.may(Permission::PeopleView).then(|| format!("/console/people/{id}"))
}
