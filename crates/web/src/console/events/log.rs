//! The event log: what has happened, newest first, and how many automations made something of it.

use super::outcome::{reason_label, state_label};
use super::{HERE, find_people, person_path, tabs, words};
use crate::console::operator::Operator;
use crate::console::people::named::names_of;
use crate::console::shell::{Choice, Place, Shell, Tab};
use crate::failure::Failure;
use crate::page;
use crate::query::{Pairs, encode};
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::event_job::{EventJobReason, EventJobState};
use domain::id::{AutomationId, PersonId};
use domain::role::Permission;
use std::collections::BTreeMap;
use store::event::{self, Logged, Wanted};
use store::{StoreError, automation, group};

/// Events on one page.
const PER_PAGE: usize = 50;
/// The fields of the filter.
const FIELDS: [&str; 7] = ["type", "source", "person", "automation", "state", "reason", "unheard"];

#[derive(Template)]
#[template(path = "console/events/log.html")]
struct LogPage {
    shell: Shell,
    tabs: Vec<Tab>,
    asked: Asked,
    types: Vec<(String, String)>,
    automations: Vec<Choice>,
    states: Vec<Choice>,
    /// Why nothing was done, if that is asked for.
    reason: String,
    lines: Vec<Line>,
    notice: String,
    newer: Option<String>,
    older: Option<String>,
    is_filtered: bool,
    may_name: bool,
}

/// An event in the list.
struct Line {
    number: i64,
    at: String,
    label: String,
    event_type: String,
    source: String,
    /// Whom or what it is about, with its path.
    about: String,
    about_path: Option<String>,
    /// The class and the word of what came of it.
    state: &'static str,
    came: String,
}

/// What was asked for, as typed.
#[derive(Debug, Clone, Default)]
struct Asked {
    event_type: String,
    source: String,
    person: String,
    automation: String,
    state: String,
    reason: String,
    unheard: bool,
}

/// What the page reads.
struct Read {
    found: Vec<Logged>,
    names: BTreeMap<PersonId, String>,
    groups: BTreeMap<domain::id::GroupId, String>,
    types: Vec<(String, Option<i64>)>,
    automations: Vec<(AutomationId, String)>,
    nobody: bool,
}

impl Asked {
    fn of(query: &Pairs) -> Self {
        let text = |name: &str| query.text(name).trim().to_owned();
        Self {
            event_type: text("type"),
            source: text("source"),
            person: text("person"),
            automation: text("automation"),
            state: text("state"),
            reason: text("reason"),
            unheard: !query.text("unheard").is_empty(),
        }
    }

    /// As it stands in an address, without the question mark.
    fn query(&self) -> String {
        let unheard = if self.unheard { "1" } else { "" };
        let values = [
            &*self.event_type,
            &self.source,
            &self.person,
            &self.automation,
            &self.state,
            &self.reason,
            unheard,
        ];
        let pairs = FIELDS.iter().zip(values).filter(|(_, value)| !value.is_empty());
        pairs.map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
    }

    /// What is meant; the person is looked for later.
    fn wanted(&self) -> Result<Wanted, Failure> {
        let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let state = match &*self.state {
            "" => None,
            text => Some(
                EventJobState::parse(text).ok_or(Failure::BadRequest("state: there is no such state."))?,
            ),
        };
        let reason = match &*self.reason {
            "" => None,
            text => Some(
                EventJobReason::parse(text).ok_or(Failure::BadRequest("reason: there is no such reason."))?,
            ),
        };
        let automation = match &*self.automation {
            "" => None,
            text => Some(text.parse().map_err(|_| Failure::BadRequest("automation: expected an id."))?),
        };
        Ok(Wanted {
            event_type: some(&self.event_type),
            source: some(&self.source),
            person: None,
            automation,
            state,
            reason,
            unheard: self.unheard,
        })
    }
}

/// GET /console/events
pub(crate) async fn list(operator: Operator) -> Result<Response, Failure> {
    let known: Vec<&str> = FIELDS.into_iter().chain(["before", "after"]).collect();
    let query = operator.query(&known)?;
    let asked = Asked::of(&query);
    let number = |name: &str| match query.text(name) {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Failure::BadRequest("expected the number of an event.")),
    };
    let way = (number("before")?, number("after")?);
    let wanted = asked.wanted()?;
    let read = read(&operator, wanted, asked.person.clone(), way).await?;
    page::show(StatusCode::OK, &log_page(&operator, asked, read, way))
}

async fn read(
    operator: &Operator,
    mut wanted: Wanted,
    typed: String,
    (before, after): (Option<i64>, Option<i64>),
) -> Result<Read, Failure> {
    let most = PER_PAGE as i64 + 1;
    let may_name = operator.may(Permission::PeopleView);
    let read = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let mut nobody = false;
            if !typed.is_empty() {
                // Who may not see people may follow a link that names an id.
                let person = match typed.parse() {
                    Ok(id) => Some(id),
                    Err(_) if may_name => find_people(tx, &typed).await?.first().map(|person| person.id),
                    Err(_) => None,
                };
                nobody = person.is_none();
                wanted.person = person;
            }
            let found = match (nobody, after) {
                (true, _) => Vec::new(),
                (_, Some(after)) => event::search(tx, &wanted, "e.number > $1", "ASC", after, most).await?,
                _ => event::list(tx, &wanted, before.unwrap_or(i64::MAX), most).await?,
            };
            let people: Vec<PersonId> =
                found.iter().filter_map(|one| one.event.contact_id.or(one.event.system_user_id)).collect();
            let mut groups = BTreeMap::new();
            for id in found.iter().filter_map(|one| one.event.group_id) {
                if !groups.contains_key(&id)
                    && let Some(found) = group::find(tx, id).await?
                {
                    groups.insert(id, found.name);
                }
            }
            let listening = automation::list_of_events(tx).await?;
            Ok::<_, StoreError>(Read {
                found,
                names: names_of(tx, &people).await?,
                groups,
                types: event::list_types(tx).await?,
                automations: listening.into_iter().map(|one| (one.id, one.name)).collect(),
                nobody,
            })
        })
    });
    Ok(read.await?)
}

fn log_page(
    operator: &Operator,
    asked: Asked,
    mut read: Read,
    (before, after): (Option<i64>, Option<i64>),
) -> LogPage {
    let more = read.found.len() > PER_PAGE;
    if more && after.is_some() {
        // Newest first: the one too many is the newest.
        read.found.remove(0);
    }
    read.found.truncate(PER_PAGE);
    let filter = asked.query();
    let link = |way: &str, number: i64| {
        let rest = if filter.is_empty() { String::new() } else { format!("&{filter}") };
        format!("{HERE}?{way}={number}{rest}")
    };
    let (newest, oldest) =
        (read.found.first().map(|one| one.event.number), read.found.last().map(|one| one.event.number));
    let has_newer = if after.is_some() { more } else { before.is_some() };
    let has_older = after.is_some() || more;
    let words = operator.context.words;
    let reason = EventJobReason::parse(&asked.reason);
    LogPage {
        shell: operator.shell(Place::Events),
        tabs: tabs(operator, HERE),
        newer: newest.filter(|_| has_newer).map(|number| link("after", number)),
        older: oldest.filter(|_| has_older).map(|number| link("before", number)),
        lines: read.found.iter().map(|one| line(operator, one, &read)).collect(),
        types: read.types.iter().map(|(text, _)| (text.clone(), words::label_of(words, text))).collect(),
        automations: read
            .automations
            .iter()
            .map(|(id, name)| Choice::new(&id.to_string(), name.clone(), &asked.automation))
            .collect(),
        states: EventJobState::ALL
            .iter()
            .map(|state| Choice::new(state.as_str(), state_label(operator, *state), &asked.state))
            .collect(),
        reason: reason.map(|reason| reason_label(operator, reason)).unwrap_or_default(),
        notice: if read.nobody {
            operator.fill("events-nobody", "typed", &asked.person)
        } else {
            String::new()
        },
        is_filtered: !filter.is_empty(),
        may_name: operator.may(Permission::PeopleView),
        asked,
    }
}

fn line(operator: &Operator, one: &Logged, read: &Read) -> Line {
    let event = &one.event;
    let words = operator.context.words;
    let person = event.contact_id.or(event.system_user_id);
    let named = person.and_then(|id| read.names.get(&id)).cloned();
    let sent = event.contact.clone().or_else(|| event.system_user.clone());
    let may_name = operator.may(Permission::PeopleView);
    let (about, about_path) = match (person, named, sent) {
        (Some(id), Some(name), _) if may_name => (name, person_path(operator, id)),
        (Some(_), Some(_), _) | (_, _, Some(_)) if !may_name => (operator.say("run-hidden"), None),
        (Some(_), ..) => (operator.say("run-erased"), None),
        (None, _, Some(sent)) => (sent, None),
        _ => {
            let group = event.group_id.and_then(|id| read.groups.get(&id)).cloned();
            (group.or_else(|| event.subject.clone()).unwrap_or_default(), None)
        }
    };
    let (state, came) = match (event.routed_at, one.listened, one.executed, one.waiting) {
        (None, ..) => ("", words.say("events-came-new")),
        (_, 0, ..) => ("", words.say("events-came-unheard")),
        (.., 0, 0) => ("", words.count("events-came-nothing", "n", one.listened)),
        (.., executed, 0) => ("accepted", words.count("events-came-done", "n", executed)),
        (.., waiting) => ("deferred", words.count("events-came-waiting", "n", waiting)),
    };
    Line {
        number: event.number,
        at: operator.at_second(event.received_at),
        label: words::label_of(words, &event.event_type),
        event_type: event.event_type.clone(),
        source: event.source.clone(),
        about,
        about_path,
        state,
        came,
    }
}
