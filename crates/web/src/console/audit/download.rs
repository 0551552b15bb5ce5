//! The log as CSV: the entries the list shows, the newest first, safe to open in a spreadsheet.

use super::wanted::{Asked, FIELDS, Meant};
use crate::console::operator::Operator;
use crate::console::runs::download::moment;
use crate::failure::Failure;
use crate::stream::{self, CSV, Pieces};
use axum::body::Bytes;
use axum::response::Response;
use domain::csv;
use std::io;
use store::audit::{self, Listed, Wanted};
use store::{Store, StoreError};

/// Entries read at once.
const PAGE: i64 = 1_000;

/// GET /console/audit.csv
pub(crate) async fn show(operator: Operator) -> Result<Response, Failure> {
    let asked = Asked::of(&operator.query(&FIELDS)?);
    let wanted = match asked.meant(&operator).await? {
        Meant::Entries(wanted) => Some(wanted),
        Meant::Nothing(_) => None,
        Meant::Wrong(_) => {
            return Err(Failure::BadRequest("from and until: expected days, as in 2026-11-21."));
        }
    };
    let store = operator.state().store.clone();
    let (pieces, body) = stream::body();
    tokio::spawn(async move {
        if let Err(error) = write(&store, wanted, &pieces).await {
            tracing::warn!(%error, "the audit log could not be written to the end");
            let _ = pieces.send(Err(io::Error::other("cut off"))).await;
        }
    });
    Ok(stream::download("audit.csv", CSV, body))
}

async fn write(store: &Store, wanted: Option<Wanted>, pieces: &Pieces) -> Result<(), StoreError> {
    let headings =
        ["number", "at", "actor", "actor_id", "action", "subject_kind", "subject_id", "detail", "network"];
    let mut text = csv::line(headings);
    let mut before = i64::MAX;
    loop {
        let found = match &wanted {
            None => Vec::new(),
            Some(wanted) => {
                let wanted = wanted.clone();
                store
                    .read::<_, StoreError, _>(move |tx| {
                        Box::pin(async move { audit::search(tx, &wanted, before, PAGE).await })
                    })
                    .await?
            }
        };
        found.iter().for_each(|one| text.push_str(&line(one)));
        if !text.is_empty() && pieces.send(Ok(Bytes::from(std::mem::take(&mut text)))).await.is_err() {
            return Ok(());
        }
        match found.last() {
            Some(last) if found.len() as i64 == PAGE => before = last.number,
            _ => return Ok(()),
        }
    }
}

fn line(one: &Listed) -> String {
    let cells = [
        one.number.to_string(),
        moment(Some(one.at)),
        one.actor.clone(),
        one.actor_id.map(|id| id.to_string()).unwrap_or_default(),
        one.action.clone(),
        one.subject_kind.clone(),
        one.subject_id.clone(),
        one.detail.to_string(),
        one.network.clone(),
    ];
    csv::line(cells.iter().map(String::as_str))
}
