//! How a run stops by itself: it pauses, or it is finished. Whoever must know gets a notice in the same transaction.

use crate::notice;
use crate::settings::ClosingReport;
use domain::id::RunId;
use domain::notice::PausedWhy;
use serde_json::json;
use store::{Acting, StoreError, Tx, audit, event, run};

/// *running* → *paused*, because the run cannot or must not go on; says whether it was running. The owner, and who
/// started it, get a notice: once a pause, for only one of those who pause it finds it running.
pub(crate) async fn pause(
    tx: &mut Tx,
    id: RunId,
    why: PausedWhy,
    cause: &str,
    now_ms: i64,
) -> Result<bool, StoreError> {
    if !run::pause(tx, id, cause).await? {
        return Ok(false);
    }
    let paused = run::get(tx, id).await?;
    let detail = json!({ "number": paused.number, "reason": why.as_str() });
    audit::append(tx, Acting::system().entry("run.paused", "run", id, detail, now_ms)).await?;
    notice::run_paused(tx, &paused, why, cause, now_ms).await?;
    Ok(true)
}

/// *running* → *finished*, when every recipient is settled; says whether it is so. The owner of a scheduled run gets
/// the closing report.
pub(crate) async fn finish(
    tx: &mut Tx,
    id: RunId,
    report: ClosingReport,
    now_ms: i64,
) -> Result<bool, StoreError> {
    if !run::finish(tx, id, now_ms).await? {
        return Ok(false);
    }
    let finished = run::get(tx, id).await?;
    event::finished(tx, &finished, now_ms).await?;
    notice::run_finished(tx, &finished, report, now_ms).await?;
    Ok(true)
}
