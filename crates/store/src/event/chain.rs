//! Chains: which automations led to an event, one after the other, so that none acts on what itself has led to.

use crate::error::{Result, StoreError};
use crate::run::Run;
use crate::{Row, Tx, params};
use domain::id::{AutomationId, PersonId};

/// Ids with spaces between, as they are kept.
pub(super) fn text(chain: &[AutomationId]) -> String {
    chain.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The automations that led to a run and the run's own, each once. Where its jobs come from events with different
/// chains it is all of them: rather a job too few than a circle.
///
/// # Errors
/// The database is not available.
pub async fn of_run(tx: &mut Tx, run: &Run) -> Result<Vec<AutomationId>> {
    let Some(own) = run.automation_id else { return Ok(Vec::new()) };
    if !run.job.is_of_events() {
        return Ok(vec![own]);
    }
    let rows = tx
        .query(
            "SELECT DISTINCT e.chain FROM event_jobs j JOIN events e ON e.number = j.event WHERE j.run_id = $1 ORDER BY 1",
            params![run.id],
        )
        .await?;
    joined(rows, own)
}

/// The automations that led to the mail of one person in a run, and the run's own.
///
/// # Errors
/// The database is not available.
pub async fn of_person(tx: &mut Tx, run: &Run, person: PersonId) -> Result<Vec<AutomationId>> {
    let Some(own) = run.automation_id else { return Ok(Vec::new()) };
    let rows = tx
        .query(
            "SELECT DISTINCT e.chain FROM event_jobs j JOIN events e ON e.number = j.event
             WHERE j.run_id = $1 AND j.person_id = $2 ORDER BY 1",
            params![run.id, person],
        )
        .await?;
    joined(rows, own)
}

fn joined(rows: Vec<Row>, own: AutomationId) -> Result<Vec<AutomationId>> {
    let mut chain: Vec<AutomationId> = Vec::new();
    for mut row in rows {
        for id in row.take::<String>(0)?.split_whitespace() {
            let id =
                id.parse().map_err(|_| StoreError::Corrupt("an event has an unreadable chain".into()))?;
            if !chain.contains(&id) {
                chain.push(id);
            }
        }
    }
    chain.retain(|one| *one != own);
    chain.push(own);
    Ok(chain)
}
