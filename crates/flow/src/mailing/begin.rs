//! The start of a mailing: at its time, once, and again for those who join late.

use super::MailingError;
use super::approval::standing;
use super::plan::{Plan, plan, words_of};
use super::save::fit_words;
use crate::Flow;
use crate::notice;
use crate::run::{Refusal, check_run};
use crate::settings::Settings;
use domain::id::{MailingId, RunId};
use domain::mailing::{MailingState, Round};
use domain::trigger::Trigger;
use serde_json::json;
use std::sync::Arc;
use store::mailing::{self, Mailing};
use store::run::{NewRun, Run};
use store::{Acting, StoreError, Tx, audit, recipient, run, setting, template};

/// How long a start waits while all sending is stopped, in milliseconds.
const STOPPED_MS: i64 = 30_000;

impl Flow {
    /// Begins the mailings that are due; gives how many runs began.
    ///
    /// # Errors
    /// The database is not available.
    pub(crate) async fn begin_mailings(&self, now_ms: i64) -> Result<usize, StoreError> {
        let due =
            self.store.read(move |tx| Box::pin(async move { mailing::list_due(tx, now_ms).await })).await?;
        let (mut begun, mut failed) = (0, None);
        for id in due {
            match self.begin_mailing(id, now_ms).await {
                Ok(began) => begun += usize::from(began),
                // One that cannot be dealt with must not keep the others from starting.
                Err(error) => {
                    tracing::error!(mailing.id = %id, %error, "a mailing could not be dealt with");
                    failed = Some(error);
                }
            }
        }
        self.forget_mailings(now_ms).await?;
        self.erase_tests(now_ms).await?;
        failed.map_or(Ok(begun), Err)
    }

    /// Begins an armed mailing that is due without waiting for the scheduler, for whoever watches it; gives whether a
    /// run began here. Where it stands afterwards says whether it failed or waits.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn begin_armed(&self, id: MailingId) -> Result<bool, StoreError> {
        let began = self.begin_mailing(id, self.clock.now_ms()).await?;
        self.wake.notify_one();
        Ok(began)
    }

    /// Forgets the people of mailings whose time is over.
    async fn forget_mailings(&self, now_ms: i64) -> Result<(), StoreError> {
        let due = self
            .store
            .read(move |tx| Box::pin(async move { mailing::list_to_forget(tx, now_ms).await }))
            .await?;
        for id in due {
            self.store
                .write(move |tx| Box::pin(async move { mailing::forget(tx, id, now_ms).await }))
                .await?;
        }
        Ok(())
    }

    async fn begin_mailing(&self, id: MailingId, now_ms: i64) -> Result<bool, StoreError> {
        let (settings, run) = (Arc::clone(&self.settings), self.run_id(now_ms));
        let begun = self
            .store
            .write(move |tx| Box::pin(async move { begin(tx, id, run, &settings, now_ms).await }))
            .await;
        match begun {
            Ok(began) => Ok(began),
            Err(MailingError::Store(error)) => Err(error),
            // The run could not begin, and its transaction left nothing behind. Now the failure is recorded.
            Err(error) => {
                let why = error.to_string();
                tracing::error!(mailing.id = %id, %why, "a mailing could not begin");
                self.store
                    .write(move |tx| Box::pin(async move { record_failure(tx, id, &why, now_ms).await }))
                    .await?;
                Ok(false)
            }
        }
    }
}

async fn begin(
    tx: &mut Tx,
    id: MailingId,
    run_id: RunId,
    settings: &Settings,
    now_ms: i64,
) -> Result<bool, MailingError> {
    // Locked, so that of two nodes the second sees what the first one did.
    let mailing = mailing::lock(tx, id).await?;
    if mailing.next_at.is_none_or(|at| at > now_ms) {
        return Ok(false);
    }
    let round = match mailing.state {
        MailingState::Armed => Round::First,
        MailingState::Started => Round::Late,
        _ => return Ok(false),
    };
    if setting::find(tx, setting::SENDING_STOPPED).await?.is_some() {
        mailing::postpone(tx, id, now_ms + STOPPED_MS, "all sending is stopped").await?;
        return Ok(false);
    }
    if round == Round::First && mailing.starts_at.is_some_and(|at| now_ms - at > settings.limits.grace_ms) {
        let why = "the program was not running or sending was stopped at its start, and it is too late now";
        fail(tx, &mailing, why, now_ms).await?;
        return Ok(false);
    }
    let began = start_run(tx, &mailing, round, run_id, settings, now_ms).await?;
    match round {
        Round::First => mailing::start(tx, &mailing, now_ms).await?,
        Round::Late => mailing::begin_again(tx, &mailing, None, now_ms).await?,
    }
    Ok(began.is_some())
}

/// Begins a run with everything frozen; `None`: nobody joined late.
async fn start_run(
    tx: &mut Tx,
    mailing: &Mailing,
    round: Round,
    id: RunId,
    settings: &Settings,
    now_ms: i64,
) -> Result<Option<Run>, MailingError> {
    let words = fit_words(tx, mailing).await?;
    let sender = mailing.armed_by.unwrap_or(mailing.owner_id);
    let plan = plan(tx, mailing.clone(), sender, round, now_ms).await?;
    if round == Round::Late && recipient::preview(tx, &plan.audience, &plan.rules).await?.would_receive == 0 {
        return Ok(None);
    }
    let approval = standing(tx, &plan, &settings.limits, now_ms).await?;
    let frozen = template::freeze(tx, &[words_of(mailing, &words.template.html, sender)], now_ms).await?;
    let new = new_run(&plan, id, frozen);
    let number = run::insert(tx, &new, now_ms).await?;
    let (total, left_out) = recipient::freeze(tx, number, &plan.audience, &plan.rules).await?;
    let would_receive = total - left_out;
    check_run(would_receive, &plan.job, &settings.limits)?;
    let used = run::accepted_since(tx, now_ms - 24 * 3_600_000).await?;
    if would_receive + used > settings.limits.people_per_day {
        let limit = settings.limits.people_per_day;
        return Err(Refusal::TooManyToday { would_receive, used, limit }.into());
    }
    if let Some(approver) = approval.require(would_receive)? {
        run::approve(tx, id, approver).await?;
    }
    run::begin(tx, id, number, total, left_out, now_ms).await?;
    let detail = json!({ "number": number, "total": total, "left_out": left_out, "trigger": "start_time",
        "mailing": mailing.number });
    audit::append(tx, Acting::system().entry("run.started", "run", id, detail, now_ms)).await?;
    let begun = run::get(tx, id).await?;
    notice::run_finished(tx, &begun, settings.notices.closing_report, now_ms).await?;
    Ok(Some(begun))
}

fn new_run(plan: &Plan, id: RunId, templates: Vec<String>) -> NewRun {
    NewRun {
        id,
        trigger: Trigger::StartTime,
        automation_id: None,
        mailing_id: Some(plan.mailing.id),
        selection_id: plan.mailing.selection_id,
        name: plan.mailing.name.clone(),
        job: plan.job.clone(),
        filter: plan.filter.clone(),
        started_by: None,
        owner_id: plan.sender,
        shaped_by: plan.shaped_by.clone(),
        templates,
    }
}

/// It did not begin, and who armed it is told.
async fn fail(tx: &mut Tx, mailing: &Mailing, why: &str, now_ms: i64) -> Result<(), StoreError> {
    mailing::fail(tx, mailing, why, now_ms).await?;
    notice::mailing_failed(tx, mailing, why, now_ms).await
}

async fn record_failure(tx: &mut Tx, id: MailingId, why: &str, now_ms: i64) -> Result<(), StoreError> {
    let mailing = mailing::lock(tx, id).await?;
    if mailing.next_at.is_none_or(|at| at > now_ms) {
        return Ok(());
    }
    match mailing.state {
        MailingState::Armed => fail(tx, &mailing, why, now_ms).await,
        _ => mailing::begin_again(tx, &mailing, Some(why), now_ms).await,
    }
}
