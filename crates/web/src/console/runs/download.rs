//! Files of a run: its recipients and its report as CSV, safe to open in a spreadsheet.

use super::recipients::Asked;
use super::{get, id_of};
use crate::console::operator::Operator;
use crate::failure::Failure;
use crate::stream::{self, CSV, Pieces};
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::response::Response;
use domain::csv;
use domain::role::Permission;
use flow::Report;
use serde_json::json;
use std::io;
use store::recipient::{Listed, Side, search};
use store::run::Run;
use store::{Store, StoreError, audit};

/// Recipients read at once: a run of a million must not be in memory.
const PAGE: i64 = 1_000;

/// GET /console/runs/{id}/recipients.csv: those the page shows, or all. Names and addresses are in it for who may
/// export people.
pub(crate) async fn recipients(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let asked = Asked::of(&operator, id)?;
    let run = get(&operator, id).await?;
    let named = operator.may(Permission::PeopleView) && operator.may(Permission::PeopleExport);
    let entry = operator.acting().entry(
        "run.exported",
        "run",
        id,
        json!({ "number": run.number, "with_people": named }),
        operator.now_ms(),
    );
    let store = operator.state().store.clone();
    store
        .write::<_, StoreError, _>(move |tx| Box::pin(audit::append(tx, entry)))
        .await
        .map_err(Failure::from)?;
    let name = format!("run-{}-recipients.csv", run.number);
    let (pieces, body) = stream::body();
    tokio::spawn(async move {
        if let Err(error) = write(&store, &run, asked, named, &pieces).await {
            tracing::warn!(%error, "the recipients of a run could not be written to the end");
            let _ = pieces.send(Err(io::Error::other("cut off"))).await;
        }
    });
    Ok(stream::download(&name, CSV, body))
}

async fn write(
    store: &Store,
    run: &Run,
    asked: Asked,
    named: bool,
    pieces: &Pieces,
) -> Result<(), StoreError> {
    const HEADINGS: [&str; 10] = [
        "place",
        "username",
        "name",
        "address",
        "state",
        "reason",
        "attempts",
        "settled_at",
        "next_try_at",
        "reply",
    ];
    let mut text = csv::line(HEADINGS);
    let mut after = 0;
    loop {
        let (number, total, wanted) = (run.number, run.counts.total, asked.wanted.clone());
        let found = store
            .read::<_, StoreError, _>(move |tx| {
                Box::pin(async move { search(tx, number, total, &wanted, Side::After(after), PAGE).await })
            })
            .await?;
        found.iter().for_each(|one| text.push_str(&line(one, named)));
        // Whoever saved the file has gone: no need to read on.
        if !text.is_empty() && pieces.send(Ok(Bytes::from(std::mem::take(&mut text)))).await.is_err() {
            return Ok(());
        }
        match found.last() {
            Some(last) if found.len() as i64 == PAGE => after = last.position,
            _ => return Ok(()),
        }
    }
}

fn line(one: &Listed, named: bool) -> String {
    let person = |text: &Option<String>| text.clone().filter(|_| named).unwrap_or_default();
    let cells = [
        one.position.to_string(),
        person(&one.username),
        person(&one.name),
        person(&one.address),
        one.state.to_string(),
        one.reason.clone().unwrap_or_default(),
        one.attempts.to_string(),
        moment(one.settled_at),
        moment(one.due_at),
        one.reply.clone().unwrap_or_default(),
    ];
    csv::line(cells.iter().map(String::as_str))
}

/// RFC 3339, in UTC: for programs.
pub(crate) fn moment(at_ms: Option<i64>) -> String {
    at_ms
        .and_then(|at| jiff::Timestamp::from_millisecond(at).ok())
        .map(|at| at.to_string())
        .unwrap_or_default()
}

/// GET /console/runs/{id}/report.csv: the numbers, one a line.
pub(crate) async fn report(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    operator.query(&[])?;
    let id = id_of(&id)?;
    let report = Report::read(&operator.state().store, id, operator.now_ms()).await?;
    let run = &report.run;
    let mut text = csv::line(["what", "which", "value"]);
    let mut add = |what: &str, which: &str, value: String| text.push_str(&csv::line([what, which, &value]));
    add("run", "number", run.number.to_string());
    add("run", "name", run.name.clone());
    add("run", "state", run.state.to_string());
    add("run", "cause", run.cause.clone().unwrap_or_default());
    add("time", "created", moment(Some(run.created_at)));
    add("time", "began", moment(run.started_at));
    add("time", "ended", moment(run.finished_at));
    add(
        "time",
        "seconds",
        report.took_ms.map(|ms| format!("{}.{:03}", ms / 1_000, ms % 1_000)).unwrap_or_default(),
    );
    add(
        "rate",
        "accepted_per_second",
        report.per_second.map(|rate| format!("{rate:.1}")).unwrap_or_default(),
    );
    let counts = [
        ("total", run.counts.total),
        ("accepted", run.counts.accepted),
        ("bounced", report.bounced),
        ("refused", run.counts.refused),
        ("unknown", run.counts.unknown),
        ("deferred", run.counts.deferred),
        ("waiting", run.counts.waiting()),
        ("cancelled", run.counts.cancelled),
        ("left_out", run.counts.left_out),
    ];
    for (state, count) in counts {
        add("people", state, count.to_string());
    }
    for (reason, count) in &report.left_out {
        add("left_out", reason, count.to_string());
    }
    for (reason, count) in &report.refused {
        add("refused", reason, count.to_string());
    }
    for (reply, count) in &report.failures {
        add("reply", reply, count.to_string());
    }
    Ok(stream::download(&format!("run-{}-report.csv", run.number), CSV, Body::from(text)))
}
