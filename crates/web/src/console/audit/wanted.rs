//! Which entries somebody asked for: what was typed, and what that means.

use crate::console::operator::Operator;
use crate::failure::Failure;
use crate::query::{Pairs, encode};
use jiff::civil::Date;
use store::audit::Wanted;
use store::{StoreError, Tx, automation, mailing, person, run};

/// The fields of the filter.
pub(super) const FIELDS: [&str; 5] = ["who", "action", "subject", "from", "until"];

/// As what entries are written.
pub(super) const ACTORS: [&str; 5] = ["operator", "program", "command line", "system", "recipient"];

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    pub(super) who: String,
    pub(super) action: String,
    pub(super) subject: String,
    pub(super) from: String,
    pub(super) until: String,
}

/// What it means; or what of it means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meant {
    Entries(Wanted),
    /// There is nobody and nothing of this name, so there are no entries: the field, which is the id of its text.
    Nothing(&'static str),
    /// A field cannot be read.
    Wrong(&'static str),
}

impl Asked {
    pub(super) fn of(pairs: &Pairs) -> Self {
        let text = |name: &str| pairs.text(name).trim().to_owned();
        Self {
            who: text("who"),
            action: text("action"),
            subject: text("subject"),
            from: text("from"),
            until: text("until"),
        }
    }

    /// As it stands in an address, without the question mark.
    pub(super) fn query(&self) -> String {
        let values = [&self.who, &self.action, &self.subject, &self.from, &self.until];
        let pairs = FIELDS.iter().zip(values).filter(|(_, value)| !value.is_empty());
        pairs.map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
    }

    /// Finds out what is meant: names become ids, days become moments in the operator's zone.
    pub(super) async fn meant(&self, operator: &Operator) -> Result<Meant, Failure> {
        let mut wanted = Wanted {
            action: Some(self.action.clone()).filter(|action| !action.is_empty()),
            ..Wanted::default()
        };
        let Ok(from) = day(operator, &self.from, 0) else { return Ok(Meant::Wrong("from")) };
        // The last day is meant with all of its hours.
        let Ok(until) = day(operator, &self.until, 1) else { return Ok(Meant::Wrong("until")) };
        (wanted.from_ms, wanted.until_ms) = (from, until);
        let (who, subject) = (self.who.clone(), self.subject.clone());
        let meant = operator.state().store.read(move |tx| {
            Box::pin(async move {
                if ACTORS.contains(&who.as_str()) {
                    wanted.actor = Some(who);
                } else if !who.is_empty() {
                    let Some(person) = person_of(tx, &who).await? else { return Ok(Meant::Nothing("who")) };
                    wanted.actor_id = Some(person);
                }
                if !subject.is_empty() {
                    let Some(id) = subject_of(tx, &subject).await? else {
                        return Ok(Meant::Nothing("subject"));
                    };
                    wanted.subject_id = Some(id);
                }
                Ok::<_, StoreError>(Meant::Entries(wanted))
            })
        });
        meant.await.map_err(Failure::from)
    }
}

/// When a day begins, or one so many days later; `None`: no day is named.
fn day(operator: &Operator, text: &str, later: i64) -> Result<Option<i64>, ()> {
    if text.is_empty() {
        return Ok(None);
    }
    let date: Date = text.parse().map_err(|_| ())?;
    let date = date.checked_add(jiff::Span::new().days(later)).map_err(|_| ())?;
    let at = date.to_zoned(operator.time_zone()).map_err(|_| ())?;
    Ok(Some(at.timestamp().as_millisecond()))
}

/// The person of a user name, an address or an id; one who was erased has only the id.
async fn person_of(tx: &mut Tx, text: &str) -> Result<Option<uuid::Uuid>, StoreError> {
    if let Ok(id) = text.parse() {
        return Ok(Some(id));
    }
    if let Some(person) = person::find_by_username(tx, text).await? {
        return Ok(Some(person.id.0));
    }
    let Ok(address) = domain::address::Address::parse(text) else { return Ok(None) };
    Ok(person::list_by_address(tx, &address).await?.first().map(|person| person.id.0))
}

/// The id of what was named: an id itself, a run, automation or mailing by number (`run 7`), a person by name or address, a
/// template as in `new-password/en`.
async fn subject_of(tx: &mut Tx, text: &str) -> Result<Option<String>, StoreError> {
    let numbered = |word: &str| text.strip_prefix(word).and_then(|rest| rest.trim().parse::<i64>().ok());
    if let Some(number) = numbered("run") {
        return Ok(run::find_by_number(tx, number).await?.map(|run| run.id.to_string()));
    }
    if let Some(number) = numbered("automation") {
        return Ok(automation::find_by_number(tx, number).await?.map(|one| one.id.to_string()));
    }
    if let Some(number) = numbered("mailing") {
        return Ok(mailing::find_by_number(tx, number).await?.map(|one| one.id.to_string()));
    }
    if let Some(person) = person_of(tx, text).await? {
        return Ok(Some(person.to_string()));
    }
    // Templates, holidays and the like are named by words.
    Ok(Some(text.to_owned()))
}
