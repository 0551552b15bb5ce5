//! Numbers for Prometheus: the installation's from the database, this process's own from memory. No label holds
//! a name, an address or an id of a person.

use crate::context::Context;
use crate::failure::Failure;
use crate::routes::{Audience, ROUTES};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use store::StoreError;
use store::figures::{self, Figures};

/// Requests of this process by class of route and status.
static REQUESTS: Mutex<BTreeMap<(&'static str, u16), u64>> = Mutex::new(BTreeMap::new());

/// Counts an answered request; `route` is the route's own text.
pub(crate) fn count(route: &str, status: StatusCode) {
    let mut requests = REQUESTS.lock().unwrap_or_else(PoisonError::into_inner);
    *requests.entry((class(route), status.as_u16())).or_default() += 1;
}

fn class(route: &str) -> &'static str {
    match ROUTES.iter().find(|one| one.path == route).map(|one| one.audience) {
        Some(Audience::Recipient) => "recipient",
        Some(Audience::Console) => "console",
        Some(Audience::Mailbox) => "mailbox",
        Some(Audience::Api) => "api",
        Some(Audience::Design) => "design",
        None => "none",
    }
}

/// GET /metrics
pub(crate) async fn show(context: Context) -> Result<Response, Failure> {
    let figures = context
        .state
        .store
        .read::<_, StoreError, _>(|tx| Box::pin(figures::read(tx)))
        .await
        .map_err(Failure::from)?;
    let requests = REQUESTS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    Ok(([(CONTENT_TYPE, kind)], text(&figures, &requests, context.now_ms)).into_response())
}

fn text(figures: &Figures, requests: &BTreeMap<(&'static str, u16), u64>, now_ms: i64) -> String {
    let mut out = String::new();
    head(&mut out, "passpost_people", "gauge", "People in the databank.");
    let _ = writeln!(out, "passpost_people {}", figures.people);
    head(&mut out, "passpost_runs", "gauge", "Runs by state.");
    for (state, count) in &figures.runs {
        let _ = writeln!(out, "passpost_runs{{state=\"{state}\"}} {count}");
    }
    head(&mut out, "passpost_open_recipients", "gauge", "Recipients of runs that are not over, by state.");
    for (state, count) in &figures.recipients {
        let _ = writeln!(out, "passpost_open_recipients{{state=\"{state}\"}} {count}");
    }
    head(
        &mut out,
        "passpost_settled_recipients",
        "gauge",
        "Recipients of all runs, by how they were settled.",
    );
    for (outcome, count) in &figures.settled {
        let _ = writeln!(out, "passpost_settled_recipients{{outcome=\"{outcome}\"}} {count}");
    }
    head(
        &mut out,
        "passpost_run_accepted_per_second",
        "gauge",
        "Accepted mails a second of each running run.",
    );
    for (number, accepted, started_at) in &figures.running {
        #[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
        let rate = *accepted as f64 * 1_000.0 / (now_ms - started_at).max(1) as f64;
        let _ = writeln!(out, "passpost_run_accepted_per_second{{run=\"{number}\"}} {rate:.3}");
    }
    let about = "Requests this process answered, by class of route and status.";
    head(&mut out, "passpost_http_requests_total", "counter", about);
    for ((class, status), count) in requests {
        let _ =
            writeln!(out, "passpost_http_requests_total{{class=\"{class}\",status=\"{status}\"}} {count}");
    }
    out
}

fn head(out: &mut String, name: &str, kind: &str, about: &str) {
    let _ = writeln!(out, "# HELP {name} {about}\n# TYPE {name} {kind}");
}
