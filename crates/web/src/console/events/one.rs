//! One event: all it carried, and what each automation made of it.

use super::outcome::Outcome;
use super::{HERE, person_path, words};
use crate::console::operator::Operator;
use crate::console::place::id_of;
use crate::console::shell::{Place, Shell};
use crate::failure::Failure;
use crate::page;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::PersonId;
use domain::role::Permission;
use store::automation::Automation;
use store::event::job::{self, EventJob};
use store::event::{self, Event};
use store::{StoreError, Tx, automation, group, person, run};

#[derive(Template)]
#[template(path = "console/events/one.html")]
struct EventPage {
    shell: Shell,
    here: &'static str,
    number: i64,
    title: String,
    event_type: String,
    facts: Vec<Fact>,
    extensions: Vec<(String, String)>,
    /// Pretty JSON; empty: none, or what names people is hidden.
    data: String,
    is_hidden: bool,
    is_new: bool,
    outcomes: Vec<Outcome>,
    /// Where the same event can be tried again.
    attempt: String,
}

/// Something an event says; with a path where there is more.
struct Fact {
    label: String,
    text: String,
    path: Option<String>,
}

/// What the page reads.
struct Read {
    event: Event,
    jobs: Vec<EventJob>,
    contact: Option<String>,
    system_user: Option<String>,
    actor: Option<String>,
    group: Option<String>,
    run: Option<i64>,
    automation: Option<String>,
    chain: Vec<Automation>,
}

/// GET /console/events/{number}
pub(crate) async fn show(operator: Operator, Path(number): Path<String>) -> Result<Response, Failure> {
    operator.query(&[])?;
    let number: i64 = id_of(&number)?;
    let asked = operator.state().store.read(move |tx| Box::pin(async move { read(tx, number).await }));
    let read = asked.await.map_err(Failure::from)?;
    page::show(StatusCode::OK, &event_page(&operator, &read))
}

async fn read(tx: &mut Tx, number: i64) -> Result<Read, StoreError> {
    let event = event::get(tx, number).await?;
    let mut chain = Vec::new();
    for id in &event.chain {
        match automation::get(tx, *id).await {
            Ok(one) => chain.push(one),
            Err(StoreError::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let automation = match event.automation_id {
        None => None,
        Some(id) => found(automation::get(tx, id).await)?.map(|one| one.name),
    };
    let run = match event.run_id {
        None => None,
        Some(id) => found(run::get(tx, id).await)?.map(|one| one.number),
    };
    let group = match event.group_id {
        None => None,
        Some(id) => group::find(tx, id).await?.map(|one| one.name),
    };
    Ok(Read {
        jobs: job::list_of_event(tx, number).await?,
        contact: name(tx, event.contact_id).await?,
        system_user: name(tx, event.system_user_id).await?,
        actor: name(tx, event.actor_id).await?,
        group,
        run,
        automation,
        chain,
        event,
    })
}

fn found<T>(read: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match read {
        Ok(one) => Ok(Some(one)),
        Err(StoreError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn name(tx: &mut Tx, id: Option<PersonId>) -> Result<Option<String>, StoreError> {
    let Some(id) = id else { return Ok(None) };
    Ok(person::find(tx, id).await?.map(|person| format!("{} ({})", person.full_name(), person.username)))
}

fn event_page(operator: &Operator, read: &Read) -> EventPage {
    let event = &read.event;
    let may_name = operator.may(Permission::PeopleView);
    let data = if event.data.is_null() { String::new() } else { pretty(&event.data) };
    EventPage {
        shell: operator.shell(Place::Events),
        here: HERE,
        number: event.number,
        title: words::label_of(operator.context.words, &event.event_type),
        event_type: event.event_type.clone(),
        facts: facts(operator, read),
        extensions: if may_name {
            event.extensions.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
        } else {
            Vec::new()
        },
        is_hidden: !may_name && !data.is_empty(),
        data: if may_name { data } else { String::new() },
        is_new: event.routed_at.is_none(),
        outcomes: read.jobs.iter().map(|job| Outcome::of(operator, job)).collect(),
        attempt: format!("{}?event={}", super::attempt::HERE, crate::query::encode(&event.event_type)),
    }
}

/// Pretty JSON.
pub(super) fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn facts(operator: &Operator, read: &Read) -> Vec<Fact> {
    let event = &read.event;
    let plain = |id: &str, text: String| Fact { label: operator.say(id), text, path: None };
    let mut all = vec![
        plain("event-source", event.source.clone()),
        plain("event-received", operator.at_second(event.received_at)),
    ];
    all.extend(event.event_id.clone().map(|id| plain("event-id", id)));
    all.extend(event.claimed_at.map(|at| plain("event-claimed", operator.at_second(at))));
    let may_name = operator.may(Permission::PeopleView);
    // In the words of the sender: it may name a person.
    all.extend(event.subject.clone().filter(|_| may_name).map(|text| plain("event-subject", text)));
    let people = [
        ("event-contact", event.contact_id, &read.contact, &event.contact),
        ("event-system-user", event.system_user_id, &read.system_user, &event.system_user),
        ("event-actor", event.actor_id, &read.actor, &None),
    ];
    for (label, id, name, sent) in people {
        let text = match (id, name, sent) {
            (None, _, None) => continue,
            (Some(_), Some(_), _) | (None, _, Some(_)) if !may_name => operator.say("run-hidden"),
            (Some(_), Some(name), _) => name.clone(),
            (Some(_), None, _) => operator.say("run-erased"),
            (None, _, Some(sent)) => operator.fill("event-nobody-called", "name", sent),
        };
        let path = id.filter(|_| name.is_some()).and_then(|id| person_path(operator, id));
        all.push(Fact { label: operator.say(label), text, path });
    }
    all.extend(read.group.clone().map(|name| plain("event-group", name)));
    all.extend(read.run.zip(event.run_id).map(|(number, id)| Fact {
        path: operator.may(Permission::RunsView).then(|| format!("/console/runs/{id}")),
        ..plain("event-run-label", number.to_string())
    }));
    all.extend(read.automation.clone().zip(event.automation_id).map(|(name, id)| Fact {
        path: operator.may(Permission::AutomationsView).then(|| format!("/console/automations/{id}")),
        ..plain("event-automation", name)
    }));
    if !read.chain.is_empty() {
        let names: Vec<&str> = read.chain.iter().map(|one| &*one.name).collect();
        all.push(plain("event-chain", names.join(" → ")));
    }
    all
}
