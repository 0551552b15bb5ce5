//! Approvals: a second operator lets the runs of an automation reach many people.

use crate::acting::Acting;
use crate::audit;
use crate::error::Result;
use crate::{Tx, params};
use domain::id::{AutomationId, PersonId};
use serde::Serialize;
use serde_json::json;

/// An approval as stored. It holds only as long as the automation has the same digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// Of what was approved.
    pub digest: String,
    /// Who approved it.
    pub approver_id: PersonId,
    /// How many people would have received a mail then.
    pub would_receive: i64,
    /// When, milliseconds since 1970.
    pub approved_at: i64,
}

/// The approval of an automation, whether it still holds or not.
///
/// # Errors
/// The database is not available.
pub async fn find(tx: &mut Tx, automation: AutomationId) -> Result<Option<Approval>> {
    let sql =
        "SELECT digest, approver_id, would_receive, approved_at FROM approvals WHERE automation_id = $1";
    let Some(mut row) = tx.find(sql, params![automation]).await? else { return Ok(None) };
    Ok(Some(Approval {
        digest: row.take(0)?,
        approver_id: row.take(1)?,
        would_receive: row.take(2)?,
        approved_at: row.take(3)?,
    }))
}

/// Approves an automation as it is; takes the place of an earlier approval.
///
/// # Errors
/// The database is not available.
pub async fn replace(
    tx: &mut Tx,
    acting: &Acting,
    automation: AutomationId,
    approval: &Approval,
) -> Result<()> {
    tx.execute(
        "INSERT INTO approvals (automation_id, digest, approver_id, would_receive, approved_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (automation_id) DO UPDATE SET digest = excluded.digest, approver_id = excluded.approver_id,
            would_receive = excluded.would_receive, approved_at = excluded.approved_at",
        params![
            automation,
            approval.digest.as_str(),
            approval.approver_id,
            approval.would_receive,
            approval.approved_at
        ],
    )
    .await?;
    let detail = json!({ "digest": approval.digest, "would_receive": approval.would_receive });
    let entry = acting.entry("automation.approved", "automation", automation, detail, approval.approved_at);
    audit::append(tx, entry).await
}

/// Takes an approval back; says whether there was one.
///
/// # Errors
/// The database is not available.
pub async fn remove(tx: &mut Tx, acting: &Acting, automation: AutomationId, now_ms: i64) -> Result<bool> {
    let removed =
        tx.execute("DELETE FROM approvals WHERE automation_id = $1", params![automation]).await? == 1;
    if removed {
        let entry = acting.entry("automation.unapproved", "automation", automation, json!({}), now_ms);
        audit::append(tx, entry).await?;
    }
    Ok(removed)
}
