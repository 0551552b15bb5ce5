//! The people of a search as a file, in pieces: nobody waits for a million rows to be ready.

use super::sought::{NAMES, Sought};
use crate::console::operator::Operator;
use crate::failure::Failure;
use crate::headers::Kind;
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use store::export::{Format, Pages};
use store::{audit, person_search};
use tokio::sync::mpsc;

/// Pieces that may wait for a slow reader.
const PIECES: usize = 2;

/// GET /console/people/export
pub(crate) async fn show(operator: Operator) -> Result<Response, Failure> {
    let known: Vec<&str> = NAMES.iter().copied().chain(["format"]).collect();
    let query = operator.query(&known)?;
    let format = match query.text("format") {
        "" | "csv" => Format::Csv,
        "jsonl" => Format::JsonLines,
        _ => return Err(Failure::BadRequest("format: csv or jsonl.")),
    };
    let sought = Sought::read(&query)?;
    let (zone, now_ms, acting) = (operator.zone(), operator.now_ms(), operator.acting());
    let condition = operator.state().store.write(move |tx| {
        Box::pin(async move {
            let search = sought.search(tx, &zone, now_ms).await?;
            let search = search.map_err(|_| Failure::BadRequest("filter: it cannot be read."))?;
            let condition = person_search::condition(tx, &search).await?;
            // Who took the data out stands in the log before the first of it leaves.
            let entry = acting.entry(
                "people.exported",
                "people",
                "",
                json!({ "everybody": condition.is_none() }),
                now_ms,
            );
            audit::append(tx, entry).await?;
            Ok::<_, Failure>(condition)
        })
    });
    let pages = Pages::new(&operator.state().store, format, condition.await?).await.map_err(Failure::from)?;
    let name = match format {
        Format::Csv => "attachment; filename=\"people.csv\"",
        Format::JsonLines => "attachment; filename=\"people.jsonl\"",
    };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (CONTENT_DISPOSITION, HeaderValue::from_static(name)),
    ];
    let mut response = (headers, streamed(pages)).into_response();
    response.extensions_mut().insert(Kind::Data);
    Ok(response)
}

/// A body that is made while it is read. What fails on the way cuts it off, so that half a file is not taken for a
/// whole one.
fn streamed(mut pages: Pages) -> Body {
    let (sender, receiver) = mpsc::channel::<Result<Bytes, std::io::Error>>(PIECES);
    tokio::spawn(async move {
        loop {
            let piece = match pages.next().await {
                Ok(None) => break,
                Ok(Some(piece)) => Ok(Bytes::from(piece)),
                Err(error) => {
                    tracing::error!(%error, "an export ended early");
                    Err(std::io::Error::other("the export ended early"))
                }
            };
            let failed = piece.is_err();
            if sender.send(piece).await.is_err() || failed {
                break;
            }
        }
    });
    Body::from_stream(crate::stream::Received::new(receiver))
}
