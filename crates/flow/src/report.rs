//! The closing report of a run: numbers, reasons, failures by cause, how fast it was.

use domain::id::RunId;
use domain::recipient::RecipientState;
use serde::Serialize;
use std::collections::BTreeMap;
use store::run::Run;
use store::{Store, StoreError, bounce, delivery, recipient, run};

/// What a run came to.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The run with its counts.
    pub run: Run,
    /// How many were left out, by reason.
    pub left_out: BTreeMap<String, i64>,
    /// How many were refused, by the class of the answer.
    pub refused: BTreeMap<String, i64>,
    /// How many of the accepted came back; the run's own counts have them among the accepted.
    pub bounced: i64,
    /// The relay's words behind failures, most frequent first.
    pub failures: Vec<(String, i64)>,
    /// From the first claim to the end or to now, milliseconds.
    pub took_ms: Option<i64>,
    /// Accepted mails a second.
    pub per_second: Option<f64>,
}

impl Report {
    /// Reads the report of a run; while it goes on, as far as it has come.
    ///
    /// # Errors
    /// There is no such run.
    pub async fn read(store: &Store, id: RunId, now_ms: i64) -> Result<Self, StoreError> {
        store
            .read(move |tx| {
                Box::pin(async move {
                    let run = run::get(tx, id).await?;
                    let left_out =
                        recipient::count_by_reason(tx, run.number, RecipientState::LeftOut).await?;
                    let refused = recipient::count_by_reason(tx, run.number, RecipientState::Refused).await?;
                    let bounced = bounce::count(tx, run.number).await?;
                    let failures = delivery::failures(tx, run.number, 20).await?;
                    let took_ms =
                        run.started_at.map(|from| (run.finished_at.unwrap_or(now_ms) - from).max(0));
                    #[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
                    let per_second = took_ms
                        .filter(|took| *took > 0)
                        .map(|took| run.counts.accepted as f64 * 1_000.0 / took as f64);
                    Ok(Self { run, left_out, refused, bounced, failures, took_ms, per_second })
                })
            })
            .await
    }
}
