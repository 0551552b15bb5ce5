//! A mailing as programs read it.

use super::pace::PaceView;
use crate::api::automation_view::password;
use crate::api::time::{Time, of};
use domain::automation::SendNewPassword;
use domain::mailing::{HtmlFormat, Intent, MailingState, Reminder, Settled, Stage};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use store::mailing::{Chosen, Listed, Mailing};
use uuid::Uuid;

pub(super) fn intent(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "description": "What it does for people: offers the page where a link can be asked for, carries a personal link, or a new password.",
        "enum": Intent::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>(),
    })
}

pub(super) fn format(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "description": "What the HTML part is written in.",
        "enum": HtmlFormat::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>(),
    })
}

pub(super) fn settled(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "description": "When its recipients are settled: whoever is found when it is armed, or when it starts.",
        "enum": Settled::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>(),
    })
}

pub(super) fn stage(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "description": "Who is reminded: everybody who has set no password, or those who stopped at one step.",
        "enum": Stage::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>(),
    })
}

pub(super) fn state(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": MailingState::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>() })
}

/// A schema that null fits, too.
pub(super) fn or_null(inner: Schema) -> Schema {
    json_schema!({ "anyOf": [inner, { "type": "null" }] })
}

/// A mailing.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Mailing")]
pub(crate) struct MailingView {
    id: Uuid,
    /// As people call it: names need not be unique.
    number: i64,
    /// Empty: in none.
    folder: String,
    name: String,
    #[schemars(schema_with = "intent")]
    intent: Intent,
    /// `en`, `de` or `fr`.
    language: String,
    sender_name: String,
    sender_address: String,
    /// Where answers go; empty: to the sender.
    reply_to: String,
    /// With replacements such as `{{ salutation }}`.
    subject: String,
    /// The text part, with replacements.
    text: String,
    #[schemars(schema_with = "format")]
    html_format: HtmlFormat,
    /// The HTML part as written, with replacements.
    html_source: String,
    /// How long a personal link is good for.
    link_hours: u32,
    #[schemars(schema_with = "password")]
    password: SendNewPassword,
    pace: PaceView,
    /// The selection whose people it goes to, beside groups and people by name.
    selection_id: Option<Uuid>,
    #[schemars(schema_with = "settled")]
    settled: Settled,
    /// Until when those are mailed, too, who are found after the start.
    late_until: Option<Time>,
    /// Null: it is no reminder.
    reminder: Option<ReminderView>,
    /// The wall time of its start; null: none is saved.
    start: Option<String>,
    /// The zone of the start (IANA).
    time_zone: String,
    starts_at: Option<Time>,
    #[schemars(schema_with = "state")]
    state: MailingState,
    /// Why it failed or waits.
    cause: Option<String>,
    /// Who created it; never changes.
    owner_id: Uuid,
    /// Everyone who shaped it; the lowest of their ranks bounds its run.
    editor_ids: Vec<Uuid>,
    approved_by: Option<Uuid>,
    approved_at: Option<Time>,
    archived: bool,
    /// So many days after its end its people are forgotten; null: never.
    keep_days: Option<i64>,
    created_at: Time,
    updated_at: Time,
    armed_at: Option<Time>,
    /// Who saved the start time: whose rights its run has.
    armed_by: Option<Uuid>,
    started_at: Option<Time>,
}

/// Whom a mailing reminds.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Reminder")]
pub(crate) struct ReminderView {
    /// The mailing whose people are reminded.
    mailing_id: Uuid,
    #[schemars(schema_with = "stage")]
    stage: Stage,
    /// Nobody who was written to within so many hours.
    gap_hours: u32,
    /// Nobody who was reminded so often already.
    most: u32,
}

impl From<Reminder> for ReminderView {
    fn from(one: Reminder) -> Self {
        Self { mailing_id: one.of.0, stage: one.stage, gap_hours: one.gap_hours, most: one.most }
    }
}

impl From<Mailing> for MailingView {
    fn from(one: Mailing) -> Self {
        let words = one.words;
        Self {
            id: one.id.0,
            number: one.number,
            folder: one.folder,
            name: one.name,
            intent: one.intent,
            language: words.language.tag().to_owned(),
            sender_name: words.sender_name,
            sender_address: words.sender_address,
            reply_to: words.reply_to,
            subject: words.subject,
            text: words.text,
            html_format: words.html_format,
            html_source: words.html_source,
            link_hours: one.link_hours,
            password: one.password,
            pace: one.pace.into(),
            selection_id: one.selection_id.map(|id| id.0),
            settled: one.settled,
            late_until: of(one.late_until_at),
            reminder: one.reminder.map(ReminderView::from),
            start: one.start.map(|start| start.to_string()),
            time_zone: one.time_zone,
            starts_at: of(one.starts_at),
            state: one.state,
            cause: one.cause,
            owner_id: one.owner_id.0,
            editor_ids: one.editors.into_iter().map(|id| id.0).collect(),
            approved_by: one.approved_by.map(|id| id.0),
            approved_at: of(one.approved_at),
            archived: one.archived,
            keep_days: one.keep_days,
            created_at: Time(one.created_at),
            updated_at: Time(one.updated_at),
            armed_at: of(one.armed_at),
            armed_by: one.armed_by.map(|id| id.0),
            started_at: of(one.started_at),
        }
    }
}

/// A group whose members a mailing goes to.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MailingGroup")]
pub(crate) struct GroupView {
    id: Uuid,
    name: String,
    /// How many people are in it now.
    members: i64,
}

impl From<Chosen> for GroupView {
    fn from(one: Chosen) -> Self {
        Self { id: one.id.0, name: one.name, members: one.members }
    }
}

/// Somebody chosen by name.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NamedRecipient")]
pub(crate) struct NamedView {
    person_id: Uuid,
    username: String,
    name: String,
    address: Option<String>,
}

impl From<Listed> for NamedView {
    fn from(one: Listed) -> Self {
        Self { person_id: one.person_id.0, username: one.username, name: one.name, address: one.address }
    }
}
