//! The events at the end of a run: of the run, and of its automation.

use super::SOURCE;
use super::happened::{Happened, INSERT, IS_REAL, PERSON, happened, is_heard, text};
use crate::error::Result;
use crate::run::Run;
use crate::{Tx, params};
use domain::automation::Job;
use domain::event::BuiltIn;
use domain::id::{AutomationId, RecipientId};
use domain::run::RunState;
use serde_json::{Value as Json, json};

/// Writes that a run is over, and with it, unless it was cancelled, its automation. Of an automation that events begin
/// there is one event for each person it mailed, so that the next automation knows whom it is about. A run that is
/// over once more, because recipients were tried again, is written once more; a person of it only once.
///
/// # Errors
/// The database is not available.
pub async fn finished(tx: &mut Tx, run: &Run, now_ms: i64) -> Result<()> {
    let (whole, single) = (BuiltIn::RunFinished, BuiltIn::AutomationFinished);
    let is_heard = [is_heard(tx, whole).await?, is_heard(tx, single).await?];
    if is_heard == [false, false] || is_test(tx, run).await? {
        return Ok(());
    }
    let counts = run.counts;
    let data = json!({ "run": run.id, "number": run.number, "name": run.name, "state": run.state,
        "total": counts.total, "left_out": counts.left_out, "accepted": counts.accepted, "refused": counts.refused,
        "unknown": counts.unknown, "cancelled": counts.cancelled });
    let about = Happened {
        actor: run.started_by.or(Some(run.owner_id)),
        run: Some(run.id),
        automation: run.automation_id,
        chain: super::chain::of_run(tx, run).await?,
        data,
        ..Happened::default()
    };
    happened(tx, whole, &about, now_ms).await?;
    let Some(automation) = run.automation_id.filter(|_| run.state != RunState::Cancelled) else {
        return Ok(());
    };
    if !run.job.is_of_events() {
        return happened(tx, single, &about, now_ms).await;
    }
    match is_heard {
        [_, true] => finished_for_each(tx, run, automation, &about.data, now_ms).await,
        _ => Ok(()),
    }
}

/// Whether a run belongs to no automation and no mailing and mails a throw-away account.
async fn is_test(tx: &mut Tx, run: &Run) -> Result<bool> {
    if run.automation_id.is_some() || run.mailing_id.is_some() || run.counts.total != 1 {
        return Ok(false);
    }
    let (first, last) = RecipientId::bounds(run.number);
    let sql = "SELECT 1 FROM recipients q JOIN mailing_tests t ON t.person_id = q.person_id WHERE q.id BETWEEN $1 AND $2";
    Ok(tx.find(sql, params![first, last]).await?.is_some())
}

/// One event for each person mailed; its chain is that of the event the person's job came from, and this automation. Of
/// several such events it is the one with a chain.
async fn finished_for_each(
    tx: &mut Tx,
    run: &Run,
    automation: AutomationId,
    data: &Json,
    now_ms: i64,
) -> Result<()> {
    let (first, last) = RecipientId::bounds(run.number);
    let contact = matches!(run.job, Job::SendNewPasswordToContact(_));
    let sql = format!(
        "{INSERT} SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BIGINT), $4, NULL, $5, $6,
            TRIM(COALESCE((SELECT MAX(e.chain) FROM event_jobs j JOIN events e ON e.number = j.event
                  WHERE j.run_id = $5 AND j.person_id = q.person_id), '') || ' ' || CAST($7 AS TEXT)),
            '{{}}', CAST($8 AS TEXT), {PERSON}
         FROM recipients q JOIN people p ON p.id = q.person_id
         WHERE q.id BETWEEN $9 AND $10 AND q.state = 'accepted' AND (CAST($11 AS BOOLEAN) = FALSE OR p.role_id IS NULL)
           AND {IS_REAL}
           AND NOT EXISTS (SELECT 1 FROM events o WHERE o.contact_id = p.id AND o.run_id = $5 AND o.type = CAST($2 AS TEXT))
           AND NOT EXISTS (SELECT 1 FROM events o WHERE o.system_user_id = p.id AND o.run_id = $5
             AND o.type = CAST($2 AS TEXT))"
    );
    tx.execute(
        &sql,
        params![
            SOURCE,
            BuiltIn::AutomationFinished.type_name(),
            now_ms,
            run.owner_id,
            run.id,
            automation,
            automation.to_string(),
            text(data)?,
            first,
            last,
            contact
        ],
    )
    .await
    .map(|_| ())
}
