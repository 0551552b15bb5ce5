//! Whom the job is done to: the person of the event, or one who is chosen by name; exactly one of the two.

use crate::console::events::find_people;
use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::people::named::called;
use crate::console::shell::Choice;
use crate::failure::Failure;
use domain::automation::{Only, Target};
use domain::id::PersonId;
use domain::person::Person;
use domain::role::Permission;
use store::person;

/// The two ways as forms name them.
pub(super) const EVENT: &str = "event";
pub(super) const PERSON: &str = "person";

/// Who fits what was typed.
#[derive(Default)]
pub(super) struct Found {
    people: Vec<Person>,
}

impl Found {
    /// Those to choose from, when there are several.
    pub(super) fn choices(&self, chosen: &str) -> Vec<Choice> {
        if self.people.len() < 2 {
            return Vec::new();
        }
        self.people.iter().map(|one| Choice::new(&one.id.to_string(), called(one), chosen)).collect()
    }

    /// The only one there is; who is meant by a user name is the only one.
    pub(super) fn only(&self) -> Option<String> {
        let [person] = self.people.as_slice() else { return None };
        Some(called(person))
    }
}

/// Looks for whoever was typed.
pub(super) async fn look(operator: &Operator, filled: &Filled) -> Result<Found, Failure> {
    let typed = filled.value("person").trim().to_owned();
    if typed.is_empty() || !operator.may(Permission::PeopleView) {
        return Ok(Found::default());
    }
    let read = operator.state().store.read(move |tx| Box::pin(async move { find_people(tx, &typed).await }));
    Ok(Found { people: read.await.map_err(Failure::from)? })
}

/// The target as chosen; what is wrong is noted at its field. `kept`: who was chosen before.
pub(super) fn read(
    operator: &Operator,
    filled: &mut Filled,
    found: &Found,
    only: Option<Only>,
    kept: Option<Target>,
) -> Option<Target> {
    match filled.value("target") {
        EVENT => return Some(Target::EventParameter),
        PERSON => {}
        _ => {
            filled.wrong("target", operator.say("target-wrong"));
            return None;
        }
    }
    if !operator.may(Permission::PeopleView) {
        // Whoever may not see people leaves the choice as it is.
        if let Some(Target::Person(id)) = kept {
            return Some(Target::Person(id));
        }
        filled.wrong("person", operator.say("target-not-yours"));
        return None;
    }
    let chosen = filled.value("chosen").parse::<PersonId>().ok();
    let person = match found.people.as_slice() {
        [person] => Some(person),
        people => people.iter().find(|person| Some(person.id) == chosen),
    };
    let wrong = match (person, found.people.len(), only) {
        (None, 0, _) if filled.value("person").trim().is_empty() => "target-missing",
        (None, 0, _) => "target-nobody",
        (None, ..) => "target-choose",
        (Some(one), _, Some(Only::Contacts)) if one.system.is_some() => "target-no-contact",
        (Some(one), _, Some(Only::SystemUsers)) if one.system.is_none() => "target-no-system-user",
        (Some(one), ..) => return Some(Target::Person(one.id)),
    };
    filled.wrong("person", operator.say(wrong));
    None
}

/// A saved target as fields.
pub(super) async fn fields(
    operator: &Operator,
    target: Option<Target>,
) -> Result<Vec<(String, String)>, Failure> {
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Ok(match target {
        None => Vec::new(),
        Some(Target::EventParameter) => vec![field("target", EVENT)],
        Some(Target::Person(id)) => {
            let read =
                operator.state().store.read(move |tx| Box::pin(async move { person::find(tx, id).await }));
            let found = read.await.map_err(Failure::from)?;
            let may_name = operator.may(Permission::PeopleView);
            let name = match &found {
                Some(person) if may_name => person.username.clone(),
                _ => String::new(),
            };
            vec![field("target", PERSON), field("person", &name), field("chosen", &id.to_string())]
        }
    })
}
