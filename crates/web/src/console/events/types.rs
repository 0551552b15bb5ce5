//! The catalogue: every type of event with what it carries, and the types other systems have sent.

use super::{tabs, words};
use crate::console::operator::Operator;
use crate::console::shell::{Place, Shell, Tab};
use crate::failure::Failure;
use crate::page;
use crate::query::encode;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::event::{BuiltIn, EventType};
use domain::role::Permission;
use store::event;

/// The path.
pub(super) const HERE: &str = "/console/events/types";

#[derive(Template)]
#[template(path = "console/events/types.html")]
struct TypesPage {
    shell: Shell,
    tabs: Vec<Tab>,
    groups: Vec<Group>,
    custom: Vec<Custom>,
    example: String,
    may_edit: bool,
}

/// Types that are about the same.
struct Group {
    label: String,
    types: Vec<Known>,
}

/// A built-in type.
struct Known {
    name: String,
    label: String,
    letters: &'static str,
    about: String,
    carries: String,
    fields: Vec<(&'static str, String)>,
    /// When one came last; empty: none is kept.
    last: String,
    log: String,
}

/// A type another system has sent, or an automation waits for.
struct Custom {
    name: String,
    last: String,
    log: String,
}

/// GET /console/events/types
pub(crate) async fn list(operator: Operator) -> Result<Response, Failure> {
    operator.query(&[])?;
    let read = operator.state().store.read(|tx| Box::pin(async move { event::list_types(tx).await }));
    let seen = read.await.map_err(Failure::from)?;
    let last = |name: &str| {
        let at = seen.iter().find(|(other, _)| other == name).and_then(|(_, at)| *at);
        at.map(|at| operator.at(at)).unwrap_or_default()
    };
    let log = |name: &str| format!("{}?type={}", super::HERE, encode(name));
    let known = |event: &BuiltIn| {
        let (event, name) = (EventType::BuiltIn(*event), event.type_name());
        let words = operator.context.words;
        Known {
            label: words::label(words, &event),
            letters: words::letters(event.nature()),
            about: words::about(words, &event),
            carries: words::carries(words, event.carried()),
            fields: event
                .data_fields()
                .iter()
                .map(|field| (field.name, words::meaning(words, field.name)))
                .collect(),
            last: last(&name),
            log: log(&name),
            name,
        }
    };
    let custom = seen.iter().filter(|(name, _)| matches!(EventType::parse(name), Ok(EventType::Custom(_))));
    let page = TypesPage {
        shell: operator.shell(Place::Events),
        tabs: tabs(&operator, HERE),
        groups: words::GROUPS
            .iter()
            .map(|(id, events)| Group { label: operator.say(id), types: events.iter().map(known).collect() })
            .collect(),
        custom: custom
            .map(|(name, _)| Custom { name: name.clone(), last: last(name), log: log(name) })
            .collect(),
        example: example(&operator.state().settings.base.origin()),
        may_edit: operator.may(Permission::AutomationsEdit),
    };
    page::show(StatusCode::OK, &page)
}

/// How a program sends an event.
fn example(origin: &str) -> String {
    format!(
        "curl {origin}/api/v1/events \\\n  \
         -H \"Authorization: Bearer $PASSPOST_KEY\" \\\n  \
         -H \"Content-Type: application/cloudevents+json\" \\\n  \
         -d '{{\n    \"specversion\": \"1.0\",\n    \"id\": \"booking-4711\",\n    \"source\": \"https://courses.example/\",\n    \
         \"type\": \"org.example.course.booked\",\n    \"contact\": \"ada\",\n    \
         \"data\": {{ \"course\": {{ \"id\": \"C-7\", \"title\": \"First aid\" }} }}\n  }}'"
    )
}
