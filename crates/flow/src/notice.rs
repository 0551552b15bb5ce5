//! Notices: who is told what. The intent is written in the transaction of what caused it; `notice_lane` sends it.
//!
//! **Who is told.** The nearest of those who must know and can be reached: the owner (and who started the run, or who
//! is named to be reminded); when none of them has a valid system role and an address that takes mail, the Owners of
//! the house. So a notice about somebody's lost rights does not end with the one who lost them.

use crate::run::Refusal;
use crate::settings::ClosingReport;
use domain::automation::MOST_REMINDED;
use domain::id::{NoticeId, PersonId};
use domain::notice::{About, AboutAutomation, AboutMailing, AboutRun, Because, FailedWhy, Notice, PausedWhy};
use domain::recipient::RecipientState;
use domain::run::RunState;
use domain::trigger::Trigger;
use store::automation::Automation;
use store::mailing::Mailing;
use store::run::Run;
use store::{StoreError, Tx, notice, recipient, run};

fn about_automation(automation: &Automation) -> AboutAutomation {
    AboutAutomation { id: automation.id, number: automation.number, name: automation.name.clone() }
}

fn about_run(run: &Run) -> AboutRun {
    AboutRun { id: run.id, number: run.number, name: run.name.clone(), counts: run.counts }
}

fn fresh_id(now_ms: i64) -> NoticeId {
    use domain::password::Randomness as _;
    let mut bytes = [0; 10];
    crate::credential::OsRandomness::new().fill(&mut bytes);
    NoticeId::generate(now_ms, bytes)
}

/// Writes a notice for each of those who can be reached, once a person; says for how many.
async fn write(
    tx: &mut Tx,
    people: &[(PersonId, Because)],
    notice: &Notice,
    now_ms: i64,
) -> Result<usize, StoreError> {
    let ids: Vec<PersonId> = people.iter().map(|(person, _)| *person).collect();
    let able = notice::list_able(tx, &ids, now_ms).await?;
    let mut told: Vec<PersonId> = Vec::new();
    for (person, because) in people {
        if able.contains(person) && !told.contains(person) {
            let about = About { because: *because, notice: notice.clone() };
            notice::insert(tx, fresh_id(now_ms), *person, &about, now_ms).await?;
            told.push(*person);
        }
    }
    Ok(told.len())
}

/// Tells the first group somebody of which can be reached; the Owners of the house are the last one.
async fn tell(
    tx: &mut Tx,
    groups: &[Vec<(PersonId, Because)>],
    notice: &Notice,
    now_ms: i64,
) -> Result<(), StoreError> {
    for group in groups {
        if write(tx, group, notice, now_ms).await? > 0 {
            return Ok(());
        }
    }
    let owners: Vec<_> =
        notice::list_owners(tx, now_ms).await?.into_iter().map(|owner| (owner, Because::House)).collect();
    if write(tx, &owners, notice, now_ms).await? == 0 {
        tracing::warn!(kind = %notice.kind(), "nobody can be told: no owner has an address that takes mail");
    }
    Ok(())
}

/// Tells the owner of an automation.
async fn tell_owner(tx: &mut Tx, owner: PersonId, notice: &Notice, now_ms: i64) -> Result<(), StoreError> {
    tell(tx, &[vec![(owner, Because::Owner)]], notice, now_ms).await
}

/// A run paused by itself: the owner is told, and who started it.
pub(crate) async fn run_paused(
    tx: &mut Tx,
    run: &Run,
    why: PausedWhy,
    cause: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    let notice = Notice::RunPaused { run: about_run(run), why, cause: cause.to_owned() };
    let mut people = vec![(run.owner_id, Because::Owner)];
    people.extend(run.started_by.map(|person| (person, Because::Starter)));
    tell(tx, &[people], &notice, now_ms).await
}

/// A run is finished: the owner of a scheduled one, or who armed the mailing, gets the closing report. Who starts a run by hand sees it end.
/// One with nobody to write to needs no report, or an hourly automation would send one each hour.
pub(crate) async fn run_finished(
    tx: &mut Tx,
    run: &Run,
    report: ClosingReport,
    now_ms: i64,
) -> Result<(), StoreError> {
    let failed = run.counts.refused + run.counts.unknown > 0;
    let wanted = match report {
        ClosingReport::Always => true,
        ClosingReport::Failures => failed,
        ClosingReport::Never => false,
    };
    let is_empty = run.counts.total == run.counts.left_out;
    let is_by_itself = matches!(run.trigger, Trigger::Schedule | Trigger::StartTime);
    if !wanted || is_empty || !is_by_itself || run.state != RunState::Finished {
        return Ok(());
    }
    let notice = Notice::RunFinished {
        run: about_run(run),
        left_out: recipient::count_by_reason(tx, run.number, RecipientState::LeftOut).await?,
        refused: recipient::count_by_reason(tx, run.number, RecipientState::Refused).await?,
    };
    tell_owner(tx, run.owner_id, &notice, now_ms).await
}

/// A run could not begin.
pub(crate) async fn run_failed(
    tx: &mut Tx,
    automation: &Automation,
    planned_at: i64,
    refusal: &Refusal,
    now_ms: i64,
) -> Result<(), StoreError> {
    let why = match refusal {
        Refusal::NoSelection | Refusal::Selection(_) => FailedWhy::Selection,
        Refusal::NoRights(_) => FailedWhy::Rights,
        Refusal::TooMany { .. } | Refusal::TooManyToday { .. } | Refusal::Unconfirmed { .. } => {
            FailedWhy::Limit
        }
        Refusal::Unapproved { .. } => FailedWhy::Approval,
        Refusal::SendingStopped => FailedWhy::Stopped,
        Refusal::AlreadyRunning | Refusal::NotNow(_) | Refusal::LeftOut(_) => FailedWhy::Other,
    };
    let notice = Notice::RunFailed {
        automation: about_automation(automation),
        planned_at,
        why,
        cause: refusal.to_string(),
    };
    tell_owner(tx, automation.owner_id, &notice, now_ms).await
}

/// A mailing could not begin: who armed it is told.
pub(crate) async fn mailing_failed(
    tx: &mut Tx,
    mailing: &Mailing,
    cause: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    let about = AboutMailing { id: mailing.id, number: mailing.number, name: mailing.name.clone() };
    let planned_at = mailing.starts_at.unwrap_or(now_ms);
    let notice = Notice::MailingFailed { mailing: about, planned_at, cause: cause.to_owned() };
    tell_owner(tx, mailing.armed_by.unwrap_or(mailing.owner_id), &notice, now_ms).await
}

/// Occurrences were missed: `missed` of them, the latest planned at a moment.
pub(crate) async fn run_missed(
    tx: &mut Tx,
    automation: &Automation,
    planned_at: i64,
    missed: i64,
    later_due: bool,
    now_ms: i64,
) -> Result<(), StoreError> {
    let notice =
        Notice::RunMissed { automation: about_automation(automation), planned_at, missed, later_due };
    tell_owner(tx, automation.owner_id, &notice, now_ms).await
}

/// An occurrence was skipped: the run before is not over.
pub(crate) async fn run_skipped(
    tx: &mut Tx,
    automation: &Automation,
    planned_at: i64,
    now_ms: i64,
) -> Result<(), StoreError> {
    let notice = Notice::RunSkipped { automation: about_automation(automation), planned_at };
    tell_owner(tx, automation.owner_id, &notice, now_ms).await
}

/// An automation ends soon: those named are told, at most ten; when none of them can be, the owner.
pub(crate) async fn automation_ends(
    tx: &mut Tx,
    automation: &Automation,
    ends_at: i64,
    last_at: Option<i64>,
    now_ms: i64,
) -> Result<(), StoreError> {
    let notice = Notice::AutomationEnds { automation: about_automation(automation), ends_at, last_at };
    let named = automation.reminder_to.iter().take(MOST_REMINDED);
    let named = named.map(|person| (*person, Because::Reminded)).collect();
    tell(tx, &[named, vec![(automation.owner_id, Because::Owner)]], &notice, now_ms).await
}

/// The kill switch was used: the Owners of the house and the owners of open runs are told, but not who did it.
pub(crate) async fn sending_stopped(
    tx: &mut Tx,
    actor: Option<PersonId>,
    cause: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    let notice = Notice::SendingStopped { at: now_ms, cause: cause.to_owned() };
    let mut people = Vec::new();
    for id in run::list_running(tx).await? {
        people.push((run::get(tx, id).await?.owner_id, Because::Owner));
    }
    people.extend(notice::list_owners(tx, now_ms).await?.into_iter().map(|owner| (owner, Because::House)));
    people.retain(|(person, _)| Some(*person) != actor);
    write(tx, &people, &notice, now_ms).await.map(|_| ())
}
