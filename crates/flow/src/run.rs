//! Runs: preview, start, pause, resume, cancel, retry; the kill switch.

use crate::Flow;
use crate::approval::{self, Approval};
use crate::notice;
use crate::plan::plan;
use domain::id::{AutomationId, PersonId, RecipientId, RunId};
use domain::run::RunState;
use domain::trigger::Trigger;
use serde_json::json;
use std::sync::Arc;
use store::audit::{self, Entry};
use store::recipient::Previewed;
use store::run::{Change, NewRun, Run};
use store::{StoreError, Tx, automation, bounce, recipient, run, setting, template};

/// Starts a run of an automation.
#[derive(Debug, Clone)]
pub struct StartRun {
    /// Which automation.
    pub automation: AutomationId,
    /// The operator who starts it by hand.
    pub actor: Option<PersonId>,
    /// The number of people the operator confirmed; `None`: not confirmed.
    pub confirmed: Option<i64>,
}

/// Why a run does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A rule forbids it; nothing was changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A rule that forbids a run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The automation has no selection.
    #[error("the automation has no selection; a password job needs one, it never falls back to everyone")]
    NoSelection,
    /// The selection cannot be used.
    #[error("the selection cannot be used: {0}")]
    Selection(String),
    /// Somebody who shaped the run has lost the system role.
    #[error("{0} no longer has a valid system role that allows this, so the run would have no rights")]
    NoRights(String),
    /// A run of the automation is not over yet.
    #[error("a run of this automation is not over yet; wait for it or cancel it")]
    AlreadyRunning,
    /// The audience is larger than allowed.
    #[error("{would_receive} people would receive a mail, a run may write to {limit} at most ({setting})")]
    TooMany {
        /// People who would receive a mail.
        would_receive: i64,
        /// The limit.
        limit: i64,
        /// Which setting.
        setting: &'static str,
    },
    /// The limit of a day would be passed.
    #[error(
        "{would_receive} people would receive a mail, of {limit} in 24 hours {used} are used (limits.people_per_day)"
    )]
    TooManyToday {
        /// People who would receive a mail.
        would_receive: i64,
        /// Mails of the last 24 hours.
        used: i64,
        /// The limit.
        limit: i64,
    },
    /// It needs the approval of a second operator.
    #[error(
        "{would_receive} people would receive a mail, above {above} ({setting}) a second operator must approve it: {lacking}"
    )]
    Unapproved {
        /// People who would receive a mail.
        would_receive: i64,
        /// Above so many people.
        above: i64,
        /// Which setting.
        setting: &'static str,
        /// Why there is no approval that holds.
        lacking: String,
    },
    /// The number must be confirmed.
    #[error("{would_receive} people would receive a mail: confirm this number")]
    Unconfirmed {
        /// People who would receive a mail.
        would_receive: i64,
    },
    /// The run is not in a state for this.
    #[error("{0}")]
    NotNow(String),
    /// The kill switch is on.
    #[error("all sending is stopped; start it again first (passpost sending start)")]
    SendingStopped,
}

/// What a dry run finds.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Preview {
    /// Counts, by reason.
    pub counts: domain::run::Preview,
    /// The first people who would receive a mail.
    pub would_receive: Vec<Previewed>,
    /// The first people who would be left out.
    pub left_out: Vec<Previewed>,
    /// Why a run would not start, if it would not.
    pub refusal: Option<String>,
    /// How its approval by a second operator stands.
    pub approval: Approval,
}

/// Which recipients to retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryOf {
    /// Everyone who was refused, bounced or is unknown.
    Failed,
    /// The recipient at this place in the audience.
    One(u32),
}

/// Begins a run inside a transaction, so that what triggers it can be committed with it. A limit that
/// is passed or a number that is not confirmed refuses it, and nothing is changed.
pub(crate) async fn begin(
    tx: &mut Tx,
    asked: &StartRun,
    trigger: Trigger,
    settings: &crate::Settings,
    id: RunId,
    now_ms: i64,
) -> Result<Run, StartError> {
    if setting::find(tx, setting::SENDING_STOPPED).await?.is_some() {
        return Err(Refusal::SendingStopped.into());
    }
    if run::has_open(tx, asked.automation).await? {
        return Err(Refusal::AlreadyRunning.into());
    }
    let plan = plan(tx, asked.automation, asked.actor, now_ms).await?;
    let approval = approval::standing(tx, &plan, asked.actor, &settings.limits, now_ms).await?;
    let templates = template::freeze(tx, &plan.templates, now_ms).await?;
    let new = NewRun {
        id,
        trigger,
        automation_id: Some(asked.automation),
        selection_id: Some(plan.selection.id),
        name: plan.name,
        job: plan.job,
        filter: plan.selection.filter.clone(),
        started_by: asked.actor,
        owner_id: plan.owner,
        shaped_by: plan.shaped_by,
        templates,
    };
    let number = run::insert(tx, &new, now_ms).await?;
    // The audience is frozen first and the limits are held against what was frozen: counting before
    // would judge another moment. A refusal rolls all of it back.
    let (total, left_out) = recipient::freeze(tx, number, &plan.audience, &plan.rules).await?;
    let would_receive = total - left_out;
    check(tx, would_receive, &new, &settings.limits, now_ms).await?;
    let approved_by = approval.require(would_receive)?;
    if let Some(approver) = approved_by {
        run::approve(tx, id, approver).await?;
    }
    let must_confirm = trigger == Trigger::Operator && would_receive > settings.limits.confirm_above;
    if must_confirm && asked.confirmed != Some(would_receive) {
        return Err(Refusal::Unconfirmed { would_receive }.into());
    }
    run::begin(tx, id, number, total, left_out, now_ms).await?;
    automation::count_run(tx, asked.automation, now_ms).await?;
    let detail = json!({ "number": number, "total": total, "left_out": left_out, "trigger": trigger.as_str(),
        "approved_by": approved_by });
    let entry = Entry::new("run.started", "run", id, detail, now_ms);
    audit::append(tx, entry.by_operator(asked.actor)).await?;
    let begun = run::get(tx, id).await?;
    // With nobody to write to it is over already.
    notice::run_finished(tx, &begun, settings.notices.closing_report, now_ms).await?;
    Ok(begun)
}

async fn check(
    tx: &mut Tx,
    would_receive: i64,
    new: &NewRun,
    limits: &crate::Limits,
    now_ms: i64,
) -> Result<(), StartError> {
    let own = new.job.password().most_people.map(i64::from);
    for (limit, setting) in
        [(own, "most_people of the automation"), (Some(limits.people_per_run), "limits.people_per_run")]
    {
        if let Some(limit) = limit.filter(|limit| would_receive > *limit) {
            return Err(Refusal::TooMany { would_receive, limit, setting }.into());
        }
    }
    let used = run::accepted_since(tx, now_ms - 24 * 3_600_000).await?;
    if would_receive + used > limits.people_per_day {
        return Err(Refusal::TooManyToday { would_receive, used, limit: limits.people_per_day }.into());
    }
    Ok(())
}

/// Settles whoever waits for a turn in a cancelled run, and counts it.
pub(crate) async fn cancel_open(tx: &mut Tx, id: RunId, number: i64, now_ms: i64) -> Result<(), StoreError> {
    let settled = recipient::cancel_open(tx, number, now_ms).await?;
    let change = Change {
        cancelled: settled.planned + settled.deferred,
        unknown: settled.unknown,
        deferred: -settled.deferred - settled.unknown,
        ..Change::default()
    };
    run::count(tx, id, change).await
}

impl Flow {
    /// Dry run: who would receive a mail if a run began now, and who would not and why. Changes nothing.
    ///
    /// # Errors
    /// The automation or its selection cannot be used.
    pub async fn preview(
        &self,
        automation: AutomationId,
        actor: Option<PersonId>,
        people: i64,
    ) -> Result<Preview, StartError> {
        let now_ms = self.clock.now_ms();
        let limits = self.settings.limits.clone();
        self.store
            .read(move |tx| {
                Box::pin(async move {
                    let plan = plan(tx, automation, actor, now_ms).await?;
                    let counts = recipient::preview(tx, &plan.audience, &plan.rules).await?;
                    let would_receive =
                        recipient::preview_people(tx, &plan.audience, &plan.rules, false, people).await?;
                    let left_out =
                        recipient::preview_people(tx, &plan.audience, &plan.rules, true, people).await?;
                    let limit = limits.people_per_run;
                    let own = plan.job.password().most_people.map_or(limit, i64::from).min(limit);
                    let approval = approval::standing(tx, &plan, actor, &limits, now_ms).await?;
                    let refusal = if counts.would_receive > own {
                        Some(format!(
                            "{} people would receive a mail, {own} are allowed",
                            counts.would_receive
                        ))
                    } else {
                        approval.require(counts.would_receive).err().map(|refusal| refusal.to_string())
                    };
                    Ok(Preview { counts, would_receive, left_out, refusal, approval })
                })
            })
            .await
    }

    /// Runs an automation once, now; its schedule and status do not change.
    ///
    /// # Errors
    /// A rule forbids it, or the database failed.
    pub async fn start(&self, asked: StartRun) -> Result<Run, StartError> {
        let now_ms = self.clock.now_ms();
        let settings = Arc::clone(&self.settings);
        let id = self.run_id(now_ms);
        let run = self
            .store
            .write(move |tx| {
                Box::pin(async move { begin(tx, &asked, Trigger::Operator, &settings, id, now_ms).await })
            })
            .await?;
        self.wake.notify_one();
        Ok(run)
    }

    pub(crate) fn run_id(&self, now_ms: i64) -> RunId {
        use domain::password::Randomness as _;
        let mut bytes = [0; 10];
        crate::credential::OsRandomness::new().fill(&mut bytes);
        RunId::generate(now_ms, bytes)
    }

    /// Pauses a run: what is on the wire is finished, nothing new leaves.
    ///
    /// # Errors
    /// There is no such run, or it is not running.
    pub async fn pause(&self, id: RunId, actor: Option<PersonId>, cause: &str) -> Result<Run, StartError> {
        self.signs.lower(id);
        let cause = cause.to_owned();
        let run = self
            .change(id, actor, "run.paused", move |tx, _, _| {
                Box::pin(async move { Ok(run::pause(tx, id, &cause).await?) })
            })
            .await?;
        // Again: a chunk may have been claimed between the first time and the commit.
        self.signs.lower(id);
        Ok(run)
    }

    /// Resumes a paused run with exactly those left.
    ///
    /// # Errors
    /// There is no such run, or it is not paused.
    pub async fn resume(&self, id: RunId, actor: Option<PersonId>) -> Result<Run, StartError> {
        self.gate.forgive();
        let run = self
            .change(id, actor, "run.resumed", move |tx, _, _| {
                Box::pin(async move { Ok(run::resume(tx, id).await?) })
            })
            .await?;
        self.wake.notify_one();
        Ok(run)
    }

    /// Cancels a run: whoever was not written to yet will not be, and keeps the old password.
    ///
    /// # Errors
    /// There is no such run, or it is over.
    pub async fn cancel(&self, id: RunId, actor: Option<PersonId>) -> Result<Run, StartError> {
        self.signs.lower(id);
        let run = self
            .change(id, actor, "run.cancelled", move |tx, number, now_ms| {
                Box::pin(async move {
                    if !run::cancel(tx, id, "cancelled by an operator", now_ms).await? {
                        return Ok(false);
                    }
                    cancel_open(tx, id, number, now_ms).await?;
                    Ok(true)
                })
            })
            .await?;
        self.signs.lower(id);
        Ok(run)
    }

    /// Tries failed recipients again: all of a run, or one.
    ///
    /// # Errors
    /// There is no such run, it is cancelled, or nobody failed.
    pub async fn retry(&self, id: RunId, which: RetryOf, actor: Option<PersonId>) -> Result<Run, StartError> {
        self.gate.forgive();
        let run = self
            .change(id, actor, "run.retried", move |tx, number, now_ms| {
                Box::pin(async move {
                    let (first, last) = match which {
                        RetryOf::Failed => RecipientId::bounds(number),
                        RetryOf::One(position) => {
                            let one = RecipientId::new(number, position);
                            (one, one)
                        }
                    };
                    bounce::forgive(tx, id, first, last).await?;
                    let [refused, unknown, bounced] = recipient::retry(tx, first, last, now_ms).await?;
                    let people = refused + unknown + bounced;
                    if people == 0 {
                        return Ok(false);
                    }
                    // A bounce is counted among the accepted: the relay did take the mail.
                    let change = Change {
                        refused: -refused,
                        unknown: -unknown,
                        accepted: -bounced,
                        deferred: people,
                        ..Change::default()
                    };
                    run::count(tx, id, change).await?;
                    if !run::reopen(tx, id).await? {
                        let why = "a cancelled run stays as it is; start a new run instead";
                        return Err(Refusal::NotNow(why.to_owned()).into());
                    }
                    if run::count_open_beside(tx, id).await? > 0 {
                        return Err(Refusal::AlreadyRunning.into());
                    }
                    Ok(true)
                })
            })
            .await?;
        self.wake.notify_one();
        Ok(run)
    }

    /// A transition of a run by an operator, with its audit entry.
    async fn change(
        &self,
        id: RunId,
        actor: Option<PersonId>,
        action: &'static str,
        transition: impl for<'t> FnOnce(&'t mut Tx, i64, i64) -> store::Work<'t, bool, StartError>
        + Send
        + 'static,
    ) -> Result<Run, StartError> {
        let now_ms = self.clock.now_ms();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let before = run::lock(tx, id).await?;
                    if !transition(tx, before.number, now_ms).await? {
                        return Err(StartError::Refused(Refusal::NotNow(not_possible(action, before.state))));
                    }
                    let entry = Entry::new(action, "run", id, json!({ "number": before.number }), now_ms);
                    audit::append(tx, entry.by_operator(actor)).await?;
                    Ok(run::get(tx, id).await?)
                })
            })
            .await
    }

    /// The kill switch: nothing is sent any more, by any run and any node, until it is taken back.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn stop_sending(&self, actor: Option<PersonId>, why: &str) -> Result<(), StoreError> {
        self.signs.lower_all();
        let now_ms = self.clock.now_ms();
        let why = why.to_owned();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    if setting::find(tx, setting::SENDING_STOPPED).await?.is_none() {
                        notice::sending_stopped(tx, actor, &why, now_ms).await?;
                    }
                    let value = json!({ "by": actor, "why": why, "at": now_ms });
                    setting::update(tx, setting::SENDING_STOPPED, &value, now_ms).await?;
                    audit::append(tx, sending_entry("sending.stopped", actor, now_ms)).await
                })
            })
            .await?;
        self.signs.lower_all();
        Ok(())
    }

    /// Takes the kill switch back: runs that were running go on.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn start_sending(&self, actor: Option<PersonId>) -> Result<(), StoreError> {
        let now_ms = self.clock.now_ms();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    setting::remove(tx, setting::SENDING_STOPPED).await?;
                    audit::append(tx, sending_entry("sending.started", actor, now_ms)).await
                })
            })
            .await?;
        self.wake.notify_one();
        Ok(())
    }
}

fn not_possible(action: &str, state: RunState) -> String {
    match action {
        "run.paused" => format!("only a running run can be paused, this one is {state}"),
        "run.resumed" => format!("only a paused run can be resumed, this one is {state}"),
        "run.cancelled" => format!("the run is over already: {state}"),
        _ => "nobody in this run failed, so there is nobody to try again".to_owned(),
    }
}

fn sending_entry(action: &'static str, actor: Option<PersonId>, now_ms: i64) -> Entry {
    Entry::new(action, "installation", "sending", json!({}), now_ms).by_command_line().by_operator(actor)
}
