//! Claiming: a chunk of recipients, checked again, minted and stored as intent in one transaction.

use crate::approval;
use crate::credential::{Intent, Minted, OsRandomness, mint};
use crate::halt;
use crate::settings::ClosingReport;
use auth::keys::{Keys, Purpose};
use domain::account_mail::MOST_LIVE_LINKS;
use domain::automation::Carries;
use domain::credential::{Mode, Scheme};
use domain::id::{LeaseId, RecipientId, RunId};
use domain::notice::PausedWhy;
use domain::pace::{Allowed, Standing, Waits};
use domain::password::Generator;
use domain::run::RunState;
use std::sync::Arc;
use store::recipient::{Chunk, Rules};
use store::run::{Change, Run};
use store::{StoreError, Tx, audit, credential, lease, recipient, reset_link_of_run, rights, run, setting};

/// What a claim gave.
#[derive(Debug)]
pub(crate) enum Claim {
    /// Recipients to write to, under a lease.
    Chunk { run: Box<Run>, lease: LeaseId, minted: Vec<Minted>, valid_until: i64 },
    /// Only people who must be left out now; ask again.
    OnlyLeftOut,
    /// Nobody is due before this moment; `None`: nobody is left to claim.
    Nobody { next_due: Option<i64> },
    /// The run does not go on: paused, cancelled, stopped by the kill switch or by lost rights.
    Halted,
}

/// What a claim needs besides the database.
#[derive(Debug, Clone)]
pub(crate) struct Claiming {
    pub run: RunId,
    pub node: String,
    pub generator: Generator,
    pub keys: Arc<Keys>,
    pub limit: u32,
    pub closing_report: ClosingReport,
    /// The custom attributes the words show.
    pub attributes: Vec<String>,
    pub now_ms: i64,
}

/// Claims the next chunk of a run. All of it is one transaction: when it returns, the intent to mail
/// these people is durable, and no password has left this process.
pub(crate) async fn claim(tx: &mut Tx, asked: Claiming) -> Result<Claim, StoreError> {
    let now_ms = asked.now_ms;
    tx.by_keys().await?;
    if setting::find(tx, setting::SENDING_STOPPED).await?.is_some() {
        return Ok(Claim::Halted);
    }
    let current = run::lock(tx, asked.run).await?;
    if current.state != RunState::Running {
        return Ok(Claim::Halted);
    }
    let Some(rules) = rules(tx, &current, now_ms).await? else { return Ok(Claim::Halted) };
    let (limit, standing) = match at_its_pace(&current, asked.limit, now_ms) {
        Ok(may) => may,
        Err((until, cause)) => {
            if cause.is_some() && current.cause.as_deref() != cause {
                run::note(tx, current.id, cause).await?;
            }
            return Ok(Claim::Nobody { next_due: Some(until) });
        }
    };
    let mut chunk =
        recipient::next_chunk(tx, current.number, current.cursor, current.last, &rules, limit.into()).await?;
    if chunk.claimed.is_empty() && chunk.left_out.is_empty() {
        if let Some(cursor) = chunk.cursor {
            run::advance(tx, current.id, cursor, now_ms).await?;
        }
        let next_due = recipient::next_due(tx, current.number).await?;
        if next_due.is_none() {
            settle(tx, current.id, asked.closing_report, now_ms).await?;
        }
        return Ok(Claim::Nobody { next_due });
    }
    leave_out(tx, &current, &chunk, now_ms).await?;
    let arrived = recipient::accept_arrived(tx, &mut chunk, now_ms).await?;
    if arrived > 0 {
        run::count(tx, current.id, Change { accepted: arrived, ..Change::default() }).await?;
    }
    if chunk.claimed.is_empty() {
        halt::finish(tx, current.id, asked.closing_report, now_ms).await?;
        return Ok(Claim::OnlyLeftOut);
    }
    keep_pace(tx, &current, standing, chunk.claimed.len(), now_ms).await?;
    store_intent(tx, current, chunk, &asked).await
}

/// How many a run may claim by its own pace; or when it may again, and why not now.
fn at_its_pace(
    current: &Run,
    wanted: u32,
    now_ms: i64,
) -> Result<(u32, Standing), (i64, Option<&'static str>)> {
    let mut standing = current.pace;
    let Some(settings) = current.job.mailing() else { return Ok((wanted, standing)) };
    let left = current.counts.waiting() + current.counts.deferred;
    match settings.pace.ask(&mut standing, wanted, left, now_ms) {
        Allowed::For(limit) => Ok((limit, standing)),
        Allowed::Not { until, why } => {
            let why = match why {
                // It goes on in a moment: nothing to tell.
                Waits::Rate => None,
                Waits::Wave => Some("waiting for the next wave"),
                Waits::Quiet => Some("waiting for the end of the quiet hours"),
            };
            Err((until, why))
        }
    }
}

async fn keep_pace(
    tx: &mut Tx,
    current: &Run,
    mut standing: Standing,
    claimed: usize,
    now_ms: i64,
) -> Result<(), StoreError> {
    let Some(settings) = current.job.mailing().filter(|settings| !settings.pace.is_free()) else {
        return Ok(());
    };
    settings.pace.took(&mut standing, u32::try_from(claimed).unwrap_or(u32::MAX), now_ms);
    run::keep_pace(tx, current.id, &standing).await
}

/// Ends a run with nobody left to write to. When the counts disagree although no worker holds anybody, the
/// recipients are counted anew: a run must not stay open because of a wrong number.
async fn settle(tx: &mut Tx, id: RunId, report: ClosingReport, now_ms: i64) -> Result<(), StoreError> {
    if halt::finish(tx, id, report, now_ms).await? || lease::is_held(tx, id).await? {
        return Ok(());
    }
    if run::recount(tx, id).await? {
        tracing::error!(run.id = %id, "the counts of a run were wrong and have been counted anew");
        let entry = audit::Entry::new("run.recounted", "run", id, serde_json::json!({}), now_ms);
        audit::append(tx, entry).await?;
        halt::finish(tx, id, report, now_ms).await?;
    }
    Ok(())
}

/// Who is left out, judged by what is true now; `None` when the run has lost its rights or its approval
/// and paused.
async fn rules(tx: &mut Tx, current: &Run, now_ms: i64) -> Result<Option<Rules>, StoreError> {
    let needed = current.job.needs();
    let rights = rights::read(tx, current.owner_id, &current.shaped_by, needed, now_ms).await?;
    let Some(rank) = rights.rank else {
        let who = rights.lacking.unwrap_or_default();
        let cause =
            format!("{who} no longer has a valid system role that allows this, so the run has no rights");
        halt::pause(tx, current.id, PausedWhy::Rights, &cause, now_ms).await?;
        return Ok(None);
    };
    if let Some(approver) = current.approved_by
        && let Some(why) = approval::lost(tx, approver, rank, now_ms).await?
    {
        let cause = format!("the approval of this run no longer holds: {why}");
        halt::pause(tx, current.id, PausedWhy::Approval, &cause, now_ms).await?;
        return Ok(None);
    }
    Ok(Some(rules_of(current, rank, rights.owners, now_ms)))
}

/// The rules of a run for a given effective rank.
pub(crate) fn rules_of(current: &Run, rank: i64, owners: i64, now_ms: i64) -> Rules {
    let settings = current.job.password();
    Rules {
        rank,
        owner: current.owner_id,
        actor: current.started_by,
        owners,
        now_ms,
        mailed_since: mailed_since(settings.remail_after_hours, now_ms),
        hybrid_users: settings.hybrid_users.clone(),
        carries: current.job.carries(),
        only: current.job.only(),
        done_of: current
            .job
            .mailing()
            .and_then(|mailing| mailing.reminder.as_ref())
            .map(|reminder| reminder.of),
    }
}

/// Whoever was mailed after this moment is left out; with 0 hours nobody is.
pub(crate) fn mailed_since(remail_after_hours: u32, now_ms: i64) -> i64 {
    if remail_after_hours == 0 { i64::MAX } else { now_ms - i64::from(remail_after_hours) * 3_600_000 }
}

async fn leave_out(tx: &mut Tx, current: &Run, chunk: &Chunk, now_ms: i64) -> Result<(), StoreError> {
    recipient::leave_out(tx, &chunk.left_out, now_ms).await?;
    let change =
        Change { left_out: chunk.left_out.len() as i64, deferred: -chunk.were_deferred, ..Change::default() };
    if change != Change::default() {
        run::count(tx, current.id, change).await?;
    }
    run::advance(tx, current.id, chunk.cursor.unwrap_or(current.cursor), now_ms).await
}

async fn store_intent(
    tx: &mut Tx,
    current: Run,
    mut chunk: Chunk,
    asked: &Claiming,
) -> Result<Claim, StoreError> {
    let now_ms = asked.now_ms;
    if current.cause.is_some() {
        run::note(tx, current.id, None).await?;
    }
    let ids = || chunk.claimed.iter().map(|one| one.id);
    let first = ids().min().unwrap_or(RecipientId(0));
    let last = ids().max().unwrap_or(first);
    let lease = lease::insert(tx, current.id, &asked.node, first, last, now_ms).await?;
    recipient::claim(tx, &chunk, lease).await?;
    let carries = current.job.carries();
    if carries == Carries::Password && current.job.password().mode == Mode::RevokeNow {
        let people: Vec<_> = chunk.claimed.iter().map(|one| (one.person_id, one.id)).collect();
        credential::revoke_old(tx, &people, now_ms).await?;
    }
    let valid_until = now_ms + i64::from(current.job.valid_hours()) * 3_600_000;
    recipient::read_attributes(tx, &mut chunk.claimed, &asked.attributes).await?;
    let claimed = std::mem::take(&mut chunk.claimed);
    let (intent, minted) =
        mint(claimed, carries, &asked.generator, &asked.keys, &mut OsRandomness::new(), now_ms)
            .map_err(|error| StoreError::Defect(error.to_string()))?;
    match intent {
        Intent::Passwords(candidates) => {
            let key = asked.keys.current(Purpose::MailedPassword);
            credential::insert(tx, &candidates, Scheme::Hmac, key.id(), now_ms, valid_until).await?;
        }
        Intent::Links(links) => {
            let key = asked.keys.current(Purpose::Link);
            reset_link_of_run::insert(tx, &links, key.id(), MOST_LIVE_LINKS, now_ms, valid_until).await?;
        }
        Intent::Nothing => {}
    }
    Ok(Claim::Chunk { run: Box::new(current), lease, minted, valid_until })
}
