//! People as files, for programs: CSV in, CSV and JSON Lines out, both in bounded memory.

use crate::api::document::operation::{Operation, Parameter, of, text};
use crate::api::paging::Asked;
use crate::api::people::{self, flag};
use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::failure::Failure;
use crate::refused::Meddled;
use crate::stream::Received;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_core::Stream as _;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::json;
use std::future::poll_fn;
use std::io::{self, Read};
use std::pin::Pin;
use std::time::Duration;
use store::export::{Format, Pages};
use store::import::{self, Fate, ImportError, Options, Outcome};
use store::{audit, person_search};
use tokio::sync::{Semaphore, mpsc};

/// Where people are imported.
pub(crate) const IMPORT: &str = "/api/v1/people/import";
/// The largest file, in bytes (3-safety 4.4).
pub(crate) const MOST_CSV: usize = 25 * 1024 * 1024;
/// How many imports a process reads at once.
static AT_ONCE: Semaphore = Semaphore::const_new(2);
/// How long the next piece of a file may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

fn format(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": ["csv", "jsonl"], "default": "csv" })
}

const PREVIEW: Parameter = Parameter::new("preview", "Only say what would happen.", flag).example("true");
const GROUP: Parameter = Parameter::new("group", "Adds everybody in the file to this group.", text);
const FORMAT: Parameter =
    Parameter::new("format", "CSV, or JSON Lines with what is known of the credential.", format)
        .example("csv");
const FILTER: Parameter = Parameter::new("filter", "Only whom this filter finds.", text);

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::post(IMPORT, "Import people from CSV")
        .text(
            "UTF-8, a header row, cells separated by commas, semicolons or tabs, at most 25 MiB. A row is about the \
             person with its external id, else with its user name, else the only one with its address. Rows about \
             system users are refused. Each refused row is told with its line, and why; the others are applied.",
        )
        .query(&[PREVIEW, GROUP])
        .takes_media("text/csv", "username,address,given_name\ngrace,grace@example.org,Grace\n")
        .gives(200, of::<Imported>),
    Operation::get("/api/v1/people/export", "Export people")
        .text("Cells that a spreadsheet would compute have an apostrophe in front; the import takes it away.")
        .query(&[FORMAT, FILTER])
        .gives_media("text/csv", "The file, as long as it is."),
];

/// What an import did, or would do.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Imported {
    /// Whether nothing was changed.
    preview: bool,
    rows: u64,
    created: u64,
    updated: u64,
    unchanged: u64,
    refused: u64,
    /// Groups that rows name and nobody had made.
    new_groups: Vec<String>,
    /// Why rows were refused, by line; the first thousand.
    problems: Vec<RowProblem>,
    /// The first rows that were not refused.
    sample: Vec<RowSample>,
}

/// Why a row was refused.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RowProblem {
    line: u64,
    column: Option<String>,
    reason: String,
}

/// A row as it is understood.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RowSample {
    line: u64,
    /// `created`, `updated` or `unchanged`.
    fate: String,
    username: String,
    address: Option<String>,
    name: String,
    groups: Vec<String>,
}

impl Imported {
    fn new(outcome: Outcome, preview: bool) -> Self {
        let problem = |one: import::Problem| RowProblem {
            line: one.line,
            column: one.column,
            reason: one.reason.into(),
        };
        let sample = |one: import::Sample| RowSample {
            line: one.line,
            fate: match one.fate {
                Fate::Created => "created".to_owned(),
                Fate::Updated => "updated".to_owned(),
                Fate::Unchanged => "unchanged".to_owned(),
            },
            username: one.username,
            address: one.address,
            name: one.name,
            groups: one.groups,
        };
        Self {
            preview,
            rows: outcome.rows,
            created: outcome.created,
            updated: outcome.updated,
            unchanged: outcome.unchanged,
            refused: outcome.refused,
            new_groups: outcome.new_groups,
            problems: outcome.problems.into_iter().map(problem).collect(),
            sample: outcome.sample.into_iter().map(sample).collect(),
        }
    }
}

/// POST /api/v1/people/import
pub(crate) async fn create(
    caller: Caller,
    asked: Asked,
    request: Request,
) -> Result<Json<Imported>, Problem> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/csv") {
        return Err(Failure::UnsupportedMedia("Expected text/csv.").into());
    }
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if length.and_then(|text| text.parse::<usize>().ok()).is_some_and(|length| length > MOST_CSV) {
        return Err(Failure::TooLarge.into());
    }
    let preview = asked.flag("preview")?;
    let options = Options {
        apply: !preview,
        groups_for_all: asked.text("group").map(str::to_owned).into_iter().collect(),
        file: String::new(),
        acting: caller.acting(),
        now_ms: caller.now_ms,
    };
    let _turn = AT_ONCE.try_acquire().map_err(|_| Problem::from(Failure::Unavailable))?;
    let (source, pump) = source(request.into_body());
    let mut random = |bytes: &mut [u8]| {
        // Ids only have to differ: without randomness the database refuses the second one.
        if let Ok(fresh) = auth::random::bytes::<32>() {
            bytes.iter_mut().zip(fresh.iter().cycle()).for_each(|(byte, fresh)| *byte = *fresh);
        }
    };
    let imported = import::import(&caller.store, source, options, &mut random, |_| {}).await;
    match (imported, pump.await.unwrap_or(Some(Failure::Internal))) {
        (Ok(outcome), None) => Ok(Json(Imported::new(outcome, preview))),
        (_, Some(failure)) => Err(failure.into()),
        (Err(error), None) => Err(refused(&error)),
    }
}

fn refused(error: &ImportError) -> Problem {
    match error {
        ImportError::Store(_) => Failure::Unavailable.into(),
        ImportError::Stopped { cause, so_far } => {
            let text = format!(
                "{cause}. Up to there {} people were added and {} changed; the same file again completes it.",
                so_far.created, so_far.updated
            );
            let status = match **cause {
                ImportError::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::BAD_REQUEST,
            };
            Problem::new(status, text)
        }
        ImportError::Group { .. } => Problem::parameter("group", &error.to_string()),
        other => Problem::new(StatusCode::BAD_REQUEST, other.to_string()).meddled(Meddled::in_file(other)),
    }
}

/// The body as it arrives, for the thread that reads the file; the task tells what went wrong on the way.
fn source(body: Body) -> (Arriving, tokio::task::JoinHandle<Option<Failure>>) {
    let (sender, pieces) = mpsc::channel(4);
    let pump = tokio::spawn(async move {
        let (mut stream, mut octets) = (body.into_data_stream(), 0);
        loop {
            let next = poll_fn(|context| Pin::new(&mut stream).poll_next(context));
            match tokio::time::timeout(PATIENCE, next).await {
                Err(_) => return Some(Failure::TimedOut),
                Ok(None) => {
                    let _ = sender.send(Piece::End).await;
                    return None;
                }
                Ok(Some(Err(_))) => return Some(Failure::BadRequest("The body did not arrive whole.")),
                Ok(Some(Ok(piece))) => {
                    octets += piece.len();
                    if octets > MOST_CSV {
                        return Some(Failure::TooLarge);
                    }
                    if sender.send(Piece::Of(piece)).await.is_err() {
                        // The file is wrong and nobody reads on.
                        return None;
                    }
                }
            }
        }
    });
    (Arriving { pieces, now: Bytes::new() }, pump)
}

/// A file that breaks off must not be taken for a shorter one: its end is told.
enum Piece {
    Of(Bytes),
    End,
}

struct Arriving {
    pieces: mpsc::Receiver<Piece>,
    now: Bytes,
}

impl Read for Arriving {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.now.is_empty() {
            match self.pieces.blocking_recv() {
                Some(Piece::Of(piece)) => self.now = piece,
                Some(Piece::End) => return Ok(0),
                None => return Err(io::Error::other("it broke off")),
            }
        }
        let count = self.now.len().min(out.len());
        let piece = self.now.split_to(count);
        out.iter_mut().zip(piece.iter()).for_each(|(to, from)| *to = *from);
        Ok(count)
    }
}

/// GET /api/v1/people/export
pub(crate) async fn show(caller: Caller, asked: Asked) -> Result<Response, Problem> {
    let format = match asked.text("format") {
        None | Some("csv") => Format::Csv,
        Some("jsonl") => Format::JsonLines,
        Some(_) => return Err(Problem::parameter("format", "expected csv or jsonl")),
    };
    let filter = asked.text("filter").map(str::to_owned);
    let (zone, now, acting) = (caller.state.settings.zone_name(), caller.now_ms, caller.acting());
    // Noted before anything leaves: what is on its way cannot be taken back.
    let condition = caller
        .write(move |tx| {
            Box::pin(async move {
                let search = people::search(tx, None, filter, false, &zone, now).await?;
                let condition = person_search::condition(tx, &search).await?;
                let detail = json!({ "everybody": condition.is_none() });
                audit::append(tx, acting.entry("people.exported", "people", "", detail, now)).await?;
                Ok(condition)
            })
        })
        .await?;
    let pages = Pages::new(&caller.store, format, condition).await?;
    let ending = if format == Format::Csv { "csv" } else { "jsonl" };
    let headers = [
        (CONTENT_TYPE, format.media_type().to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"people.{ending}\"")),
    ];
    Ok((headers, streamed(pages)).into_response())
}

/// A body that is made while it is read. What fails on the way cuts it off, so that half a file is not taken for
/// a whole one.
fn streamed(mut pages: Pages) -> Body {
    let (sender, receiver) = mpsc::channel(2);
    tokio::spawn(async move {
        while let Some(piece) = pages.next().await.map_err(io::Error::other).transpose() {
            let failed = piece.is_err();
            if sender.send(piece.map(Bytes::from)).await.is_err() || failed {
                break;
            }
        }
    });
    Body::from_stream(Received::new(receiver))
}
