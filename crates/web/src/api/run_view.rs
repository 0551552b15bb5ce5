//! A run and its recipients as programs read them.

use crate::api::automation_view::password;
use crate::api::event_body::any_job;
use crate::api::mailings::{PaceView, ReminderView};
use crate::api::time::{Time, of};
use domain::automation::{Job, SendNewPassword};
use domain::mailing::SendMailing;
use flow::Report;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use store::recipient::Listed;
use store::run::Run;
use uuid::Uuid;

/// A run.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Run")]
pub(crate) struct RunView {
    id: Uuid,
    number: i64,
    /// `schedule`, `operator`, `event` or `start_time`.
    trigger: String,
    automation_id: Option<Uuid>,
    mailing_id: Option<Uuid>,
    selection_id: Option<Uuid>,
    name: String,
    /// As it was when the run began.
    job: JobView,
    /// As it was evaluated.
    filter: String,
    started_by: Option<Uuid>,
    owner_id: Uuid,
    approved_by: Option<Uuid>,
    /// `preparing`, `running`, `paused`, `finished`, `cancelled` or `failed`.
    state: String,
    /// Why it paused, failed or was cancelled.
    cause: Option<String>,
    counts: CountsView,
    created_at: Time,
    started_at: Option<Time>,
    finished_at: Option<Time>,
}

/// What a run does.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum JobView {
    /// Mails a new password or a link.
    Automation(#[schemars(schema_with = "any_job")] Job),
    /// Sends a mailing.
    Mailing(Box<MailingJob>),
}

/// What the run of a mailing does; its words are frozen beside it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MailingJob {
    /// `send-mailing`.
    kind: String,
    mailing_id: Uuid,
    /// `first`: at its start; `late`: for those who were found later.
    round: String,
    /// `offer_link`, `personal_link` or `force_password`.
    intent: String,
    /// `en`, `de` or `fr`.
    language: String,
    sender_name: String,
    sender_address: String,
    reply_to: String,
    link_hours: u32,
    #[schemars(schema_with = "password")]
    password: SendNewPassword,
    pace: PaceView,
    reminder: Option<ReminderView>,
}

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        match job {
            Job::SendMailing(one) => Self::Mailing(Box::new((*one).into())),
            job => Self::Automation(job),
        }
    }
}

impl From<SendMailing> for MailingJob {
    fn from(one: SendMailing) -> Self {
        Self {
            kind: "send-mailing".to_owned(),
            mailing_id: one.mailing.0,
            round: one.round.to_string(),
            intent: one.intent.to_string(),
            language: one.language.tag().to_owned(),
            sender_name: one.sender_name,
            sender_address: one.sender_address,
            reply_to: one.reply_to,
            link_hours: one.link_hours,
            password: one.password,
            pace: one.pace.into(),
            reminder: one.reminder.map(ReminderView::from),
        }
    }
}

/// How many people of a run stand where.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Counts")]
pub(crate) struct CountsView {
    total: i64,
    left_out: i64,
    /// Taken by the relay; accepted is not delivered.
    accepted: i64,
    deferred: i64,
    refused: i64,
    unknown: i64,
    cancelled: i64,
    /// Had no turn yet.
    waiting: i64,
}

impl From<Run> for RunView {
    fn from(run: Run) -> Self {
        let counts = run.counts;
        Self {
            id: run.id.0,
            number: run.number,
            trigger: run.trigger.as_str().to_owned(),
            automation_id: run.automation_id.map(|id| id.0),
            mailing_id: run.mailing_id.map(|id| id.0),
            selection_id: run.selection_id.map(|id| id.0),
            name: run.name,
            job: run.job.into(),
            filter: run.filter,
            started_by: run.started_by.map(|id| id.0),
            owner_id: run.owner_id.0,
            approved_by: run.approved_by.map(|id| id.0),
            state: run.state.as_str().to_owned(),
            cause: run.cause,
            counts: CountsView {
                total: counts.total,
                left_out: counts.left_out,
                accepted: counts.accepted,
                deferred: counts.deferred,
                refused: counts.refused,
                unknown: counts.unknown,
                cancelled: counts.cancelled,
                waiting: counts.waiting(),
            },
            created_at: Time(run.created_at),
            started_at: of(run.started_at),
            finished_at: of(run.finished_at),
        }
    }
}

/// What a run came to, or has come to so far.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Report")]
pub(crate) struct ReportView {
    run: RunView,
    /// How many were left out, by reason.
    left_out: BTreeMap<String, i64>,
    /// How many were refused, by the class of the answer.
    refused: BTreeMap<String, i64>,
    /// How many of the accepted came back.
    bounced: i64,
    /// The relay's words behind failures, most frequent first.
    failures: Vec<FailureView>,
    /// From the first claim to the end or to now, in milliseconds.
    took_ms: Option<i64>,
    /// Accepted mails a second.
    per_second: Option<f64>,
}

/// Words of a relay, and how often.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RelayAnswer")]
pub(crate) struct FailureView {
    reply: String,
    count: i64,
}

impl From<Report> for ReportView {
    fn from(report: Report) -> Self {
        Self {
            run: report.run.into(),
            left_out: report.left_out,
            refused: report.refused,
            bounced: report.bounced,
            failures: report
                .failures
                .into_iter()
                .map(|(reply, count)| FailureView { reply, count })
                .collect(),
            took_ms: report.took_ms,
            per_second: report.per_second,
        }
    }
}

/// One person in a run.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Recipient")]
pub(crate) struct RecipientView {
    /// The place in the audience, from 1.
    position: u32,
    person_id: Uuid,
    /// Null when the person was erased.
    username: Option<String>,
    name: Option<String>,
    /// The address now.
    address: Option<String>,
    /// `planned`, `sending`, `accepted`, `deferred`, `refused`, `bounced`, `unknown`, `left_out` or `cancelled`.
    state: String,
    /// Why, when left out, refused or deferred.
    reason: Option<String>,
    attempts: i64,
    /// The next attempt.
    due_at: Option<Time>,
    settled_at: Option<Time>,
    /// What the relay said last.
    reply: Option<String>,
}

impl From<Listed> for RecipientView {
    fn from(one: Listed) -> Self {
        Self {
            position: one.position,
            person_id: one.person_id.0,
            username: one.username,
            name: one.name,
            address: one.address,
            state: one.state.as_str().to_owned(),
            reason: one.reason,
            attempts: one.attempts,
            due_at: of(one.due_at),
            settled_at: of(one.settled_at),
            reply: one.reply,
        }
    }
}
