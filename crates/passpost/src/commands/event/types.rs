//! `passpost event types`: the catalogue of events.

use super::words;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::moment;
use crate::table::{self, Column};
use domain::event::{BuiltIn, EventType, sensible_jobs};
use domain::role::Permission;
use serde_json::{Value, json};

pub(super) async fn run(context: &Context, which: Option<&str>) -> Outcome {
    context.acting(Permission::EventsView).await?;
    let seen = context.store.read(|tx| Box::pin(store::event::list_types(tx))).await?;
    let last = |name: &str| seen.iter().find(|(one, _)| one == name).and_then(|(_, at)| *at);
    if let Some(text) = which {
        let event = EventType::parse(text).map_err(Failure::usage)?;
        let at = last(&event.type_name());
        context.out.show(&document(&event, at), |_, _| one(context, &event, at));
        return Ok(Done::All);
    }
    let built_in = BuiltIn::ALL.iter().map(|one| EventType::BuiltIn(*one));
    let custom = seen
        .iter()
        .filter_map(|(name, _)| EventType::parse(name).ok())
        .filter(|one| one.built_in().is_none());
    let all: Vec<EventType> = built_in.chain(custom).collect();
    if context.out.is_json() {
        let documents: Vec<Value> = all.iter().map(|one| document(one, last(&one.type_name()))).collect();
        context.out.document(&documents);
        return Ok(Done::All);
    }
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|event| {
            let at = last(&event.type_name()).map_or_else(|| "–".into(), moment);
            vec![event.to_string(), words::carries(event), at]
        })
        .collect();
    table::print(
        &context.out,
        &[Column::Whole("TYPE"), Column::Left("CARRIES"), Column::Whole("LAST KEPT")],
        &rows,
    );
    context.out.note(
        "What one says and which jobs suit it: passpost event types TYPE\n\
         Of Passpost's own events only those are kept that an automation listens to.",
    );
    Ok(Done::All)
}

fn one(context: &Context, event: &EventType, at: Option<i64>) {
    let out = &context.out;
    out.heading(words::called(event));
    out.facts(&[
        ("Carries", words::carries(event)),
        ("Jobs", sensible_jobs(event).join(", ")),
        ("Last kept", at.map_or_else(|| "never".into(), moment)),
    ]);
    out.line("");
    if event.built_in().is_none() {
        out.line("  Its data is what its sender puts in: a condition names a field as course.id.");
    } else if event.data_fields().is_empty() {
        out.line("  It says nothing more.");
    }
    let rows: Vec<Vec<String>> = event
        .data_fields()
        .iter()
        .map(|field| vec![field.name.to_owned(), field.meaning.to_owned()])
        .collect();
    table::print(out, &[Column::Whole("FIELD"), Column::Left("WHAT IT SAYS")], &rows);
}

fn document(event: &EventType, at: Option<i64>) -> Value {
    json!({
        "type": event.type_name(),
        "built_in": event.built_in().is_some(),
        "nature": event.nature(),
        "carries": event.carried(),
        "data_fields": event.data_fields(),
        "jobs": sensible_jobs(event),
        "last_kept_at": at,
    })
}
