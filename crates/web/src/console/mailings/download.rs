//! Files of a mailing: its people with how far each came, and the raw events; as CSV that no spreadsheet takes for
//! formulas, and as JSON Lines. They are made while they are sent.

use super::get;
use super::people::stage_of;
use crate::console::operator::Operator;
use crate::console::runs::download::moment;
use crate::failure::Failure;
use crate::stream::{self, CSV, Pieces};
use axum::body::Bytes;
use axum::extract::Path;
use axum::response::Response;
use domain::csv;
use domain::id::MailingId;
use domain::mailing::Step;
use domain::role::Permission;
use serde_json::json;
use std::fmt::Write as _;
use std::io;
use store::mailing::{self, Done, FunnelStage, Mailing, Told};
use store::{Store, StoreError, audit};

/// Lines read at once.
const PAGE: i64 = 1_000;
const JSON_LINES: &str = "application/x-ndjson; charset=utf-8";

/// What stands in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    People(FunnelStage),
    Events,
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    JsonLines,
}

/// GET /console/mailings/{id}/people.csv
pub(crate) async fn people_csv(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    people(operator, &id, Format::Csv).await
}

/// GET /console/mailings/{id}/people.jsonl
pub(crate) async fn people_lines(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    people(operator, &id, Format::JsonLines).await
}

/// GET /console/mailings/{id}/events.csv
pub(crate) async fn events_csv(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    operator.query(&[])?;
    answer(operator, &id, What::Events, Format::Csv).await
}

/// GET /console/mailings/{id}/events.jsonl
pub(crate) async fn events_lines(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    operator.query(&[])?;
    answer(operator, &id, What::Events, Format::JsonLines).await
}

async fn people(operator: Operator, id: &str, format: Format) -> Result<Response, Failure> {
    let stage = stage_of(operator.query(&["stage"])?.text("stage"))?;
    answer(operator, id, What::People(stage), format).await
}

async fn answer(operator: Operator, id: &str, what: What, format: Format) -> Result<Response, Failure> {
    let one = get(&operator, id).await?;
    let named = operator.may(Permission::PeopleView);
    let of = match what {
        What::People(_) => "people",
        What::Events => "events",
    };
    let detail = json!({ "number": one.number, "what": of, "with_people": named });
    let entry = operator.acting().entry("mailing.exported", "mailing", one.id, detail, operator.now_ms());
    let store = operator.state().store.clone();
    // Who took the data out stands in the log before the first of it leaves.
    store
        .write::<_, StoreError, _>(move |tx| Box::pin(audit::append(tx, entry)))
        .await
        .map_err(Failure::from)?;
    let (ending, kind) = match format {
        Format::Csv => ("csv", CSV),
        Format::JsonLines => ("jsonl", JSON_LINES),
    };
    let name = format!("mailing-{}-{of}.{ending}", one.number);
    let (pieces, body) = stream::body();
    tokio::spawn(async move {
        let written = match what {
            What::People(stage) => write_people(&store, &one, stage, format, named, &pieces).await,
            What::Events => write_events(&store, &one, format, &pieces).await,
        };
        if let Err(error) = written {
            tracing::warn!(%error, "the file of a mailing could not be written to the end");
            let _ = pieces.send(Err(io::Error::other("cut off"))).await;
        }
    });
    Ok(stream::download(&name, kind, body))
}

async fn write_people(
    store: &Store,
    one: &Mailing,
    stage: FunnelStage,
    format: Format,
    named: bool,
    pieces: &Pieces,
) -> Result<(), StoreError> {
    let mut text = match format {
        Format::Csv => {
            let first = ["username", "name", "address", "state", "reason", "settled_at", "reminded"];
            let steps: Vec<String> = Step::ALL.iter().map(|step| format!("{step}_at")).collect();
            csv::line(first.into_iter().chain(steps.iter().map(String::as_str)))
        }
        Format::JsonLines => String::new(),
    };
    let (root, mut after) = (one.root(), None);
    loop {
        let found = store
            .read::<_, StoreError, _>(move |tx| {
                Box::pin(async move { mailing::list_people(tx, root, stage, after, PAGE).await })
            })
            .await?;
        for one in &found {
            text.push_str(&match format {
                Format::Csv => person_line(one, named),
                Format::JsonLines => person_json(one, named),
            });
        }
        // Whoever saved the file has gone: no need to read on.
        if !text.is_empty() && pieces.send(Ok(Bytes::from(std::mem::take(&mut text)))).await.is_err() {
            return Ok(());
        }
        match found.last() {
            Some(last) if found.len() as i64 == PAGE => after = Some(last.recipient),
            _ => return Ok(()),
        }
    }
}

fn person_line(one: &Done, named: bool) -> String {
    let person = |text: &Option<String>| text.clone().filter(|_| named).unwrap_or_default();
    let first = [
        person(&one.username),
        person(&one.name),
        person(&one.address),
        one.state.clone(),
        one.reason.clone().unwrap_or_default(),
        moment(one.settled_at),
        one.reminded.to_string(),
    ];
    let cells: Vec<String> = first.into_iter().chain(one.steps.map(moment)).collect();
    csv::line(cells.iter().map(String::as_str))
}

fn person_json(one: &Done, named: bool) -> String {
    let person = |text: &Option<String>| text.clone().filter(|_| named);
    let at = |at: Option<i64>| Some(moment(at)).filter(|text| !text.is_empty());
    let mut line = json!({
        "person_id": one.person_id,
        "username": person(&one.username),
        "name": person(&one.name),
        "address": person(&one.address),
        "state": one.state,
        "reason": one.reason,
        "settled_at": at(one.settled_at),
        "reminded": one.reminded,
    });
    for (step, taken) in Step::ALL.iter().zip(one.steps) {
        line[format!("{step}_at")] = json!(at(taken));
    }
    format!("{line}\n")
}

async fn write_events(
    store: &Store,
    one: &Mailing,
    format: Format,
    pieces: &Pieces,
) -> Result<(), StoreError> {
    let mut text = match format {
        Format::Csv => csv::line(["at", "step", "person_id", "run", "place"]),
        Format::JsonLines => String::new(),
    };
    let (root, mut skip): (MailingId, i64) = (one.root(), 0);
    loop {
        let found = store
            .read::<_, StoreError, _>(move |tx| {
                Box::pin(async move { mailing::list_events(tx, root, skip, PAGE).await })
            })
            .await?;
        found.iter().for_each(|one| write_event(&mut text, one, format));
        if !text.is_empty() && pieces.send(Ok(Bytes::from(std::mem::take(&mut text)))).await.is_err() {
            return Ok(());
        }
        if (found.len() as i64) < PAGE {
            return Ok(());
        }
        skip += PAGE;
    }
}

fn write_event(text: &mut String, one: &Told, format: Format) {
    let (run, place) = (one.recipient.run_number(), one.recipient.position());
    let at = moment(Some(one.at));
    match format {
        Format::Csv => {
            let cells =
                [at, one.step.to_string(), one.person_id.to_string(), run.to_string(), place.to_string()];
            text.push_str(&csv::line(cells.iter().map(String::as_str)));
        }
        Format::JsonLines => {
            let line = json!({ "at": at, "step": one.step.as_str(), "person_id": one.person_id, "run": run, "place": place });
            let _ = writeln!(text, "{line}");
        }
    }
}
