//! What moves a mailing, for programs: looked at, armed, taken back, put away, copied, reminded of.

use super::refusal::not_ready;
use super::view::{MailingView, format, or_null, stage};
use super::{EXAMPLE, ONE};
use crate::api::archive::Viewed;
use crate::api::automation_view::{CopyBody, PreviewView};
use crate::api::document::operation::{Operation, of};
use crate::api::json::Strict;
use crate::api::people::created;
use crate::api::place::Id;
use crate::api::problem::Problem;
use crate::api::program::Caller;
use axum::Json;
use axum::response::Response;
use domain::id::{MailingId, PersonId};
use domain::mailing::{HtmlFormat, NotPossible, Reminder, Stage};
use domain::role::Permission;
use flow::{ArmMailing, Finding, MailingError, ShownTo, Weight};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use store::Tx;
use store::mailing::{self, Mailing};
use uuid::Uuid;

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::post("/api/v1/mailings/{id}/preview", "Dry run: whom it would reach now, and how one of them reads it")
        .text("Nothing is changed. What a mail carries in it opens nothing. People and readers need people.view as well.")
        .at(ONE)
        .takes(of::<LookBody>, r#"{"people":5,"mail":true,"person_id":"01940000-0000-7000-8000-000000000001"}"#)
        .gives(200, of::<LookView>),
    Operation::get("/api/v1/mailings/{id}/check", "Look at everything that could keep a mailing from arriving")
        .at(ONE)
        .gives(200, of::<FindingsView>),
    Operation::post("/api/v1/mailings/{id}/arm", "Save the start time: it begins by itself")
        .text(
            "Needs mailings.offer_link or mailings.force_password as well, by its intent. Without a start: now. When \
             more people would receive a mail than the installation lets pass without a word, their number must be \
             given. A second operator approves in the console or at the command line; no program does.",
        )
        .at(ONE)
        .takes(of::<ArmBody>, r#"{"start":"2027-01-04T09:00","time_zone":"Europe/Vienna","people":1}"#)
        .gives(200, of::<MailingView>),
    Operation::post("/api/v1/mailings/{id}/disarm", "Take the start time back: it is a draft again")
        .text("Needs what arming needs.")
        .at(ONE)
        .gives(200, of::<MailingView>),
    Operation::post("/api/v1/mailings/{id}/cancel", "Call a mailing off before its start")
        .text("Needs what arming needs. Once it has started, its run is cancelled instead.")
        .at(ONE)
        .gives(200, of::<MailingView>),
    Operation::post("/api/v1/mailings/{id}/archive", "Put a mailing away")
        .text("Not while it is armed.")
        .at(ONE)
        .gives(200, of::<MailingView>),
    Operation::post("/api/v1/mailings/{id}/restore", "Take a mailing out of the archive")
        .at(ONE)
        .gives(200, of::<MailingView>),
    Operation::post("/api/v1/mailings/{id}/copy", "Start a mailing from an earlier one")
        .text("Its words, intent and settings, without its people by name, its groups and its start.")
        .at(ONE)
        .takes(of::<CopyBody>, r#"{"name":"Welcome, second try"}"#)
        .gives(201, of::<MailingView>),
    Operation::post("/api/v1/mailings/{id}/remind", "Draft a reminder to those who are not done")
        .text("Of a mailing that has started. It is armed as every mailing is; who is done by then gets nothing.")
        .at(&[EXAMPLE])
        .takes(of::<RemindBody>, r#"{"stage":"not_done","gap_hours":72,"most":3,"subject":"A reminder"}"#)
        .gives(201, of::<MailingView>),
];

/// What to show.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LookBody {
    /// How many people of each kind to show, 0 to 200.
    #[schemars(range(min = 0, max = 200))]
    people: i64,
    /// Whether to show the mail.
    mail: bool,
    /// Who reads it; null: somebody invented.
    person_id: Option<Uuid>,
}

/// What a dry run of a mailing finds.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MailingPreview")]
pub(crate) struct LookView {
    audience: PreviewView,
    /// Of all that an approval is for.
    digest: String,
    /// The mail; null: it was not asked for.
    mail: Option<ShownMail>,
}

/// A mailing as one reader would see it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ShownMail {
    subject: String,
    text: String,
    /// Show it in a sandbox only.
    html: String,
    /// The replacements that are empty for this reader.
    empty: Vec<String>,
}

impl From<ShownTo> for ShownMail {
    fn from(shown: ShownTo) -> Self {
        let ShownTo { subject, text, html, empty } = shown;
        Self { subject, text, html, empty }
    }
}

/// What was looked at before a mailing starts.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Findings")]
pub(crate) struct FindingsView {
    /// Whether it can be armed so.
    ready: bool,
    findings: Vec<FindingView>,
}

/// One thing that was looked at.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
pub(crate) struct FindingView {
    /// As a stable name.
    what: String,
    /// `good`, `warning`, or `fault`: it cannot be armed so.
    weight: &'static str,
    /// In words; what would be right.
    says: String,
}

impl From<Finding> for FindingView {
    fn from(one: Finding) -> Self {
        let weight = match one.weight {
            Weight::Good => "good",
            Weight::Warning => "warning",
            Weight::Fault => "fault",
        };
        Self { what: one.what.to_owned(), weight, says: one.says.to_string() }
    }
}

/// A start time to save.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ArmBody {
    /// Wall time, as in 2027-01-04T09:00; null: now.
    start: Option<String>,
    /// The zone it is read in (IANA); null: that of the mailing.
    time_zone: Option<String>,
    /// How many people would receive a mail, as a preview says; needed above the limit of the installation.
    people: Option<i64>,
}

fn stage_schema(generator: &mut SchemaGenerator) -> Schema {
    stage(generator)
}
fn format_or_none(generator: &mut SchemaGenerator) -> Schema {
    or_null(format(generator))
}

/// Whom to remind, how often at most, and in which words.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemindBody {
    #[schemars(schema_with = "stage_schema")]
    stage: Stage,
    /// Nobody who was written to within so many hours, 1 to 8,760; null: 72.
    gap_hours: Option<u32>,
    /// Nobody who was reminded so often already, 1 to 20; null: 3.
    most: Option<u32>,
    /// Its name; null: made of that of the mailing.
    name: Option<String>,
    /// Null: as in the mailing.
    subject: Option<String>,
    /// Null: as in the mailing.
    text: Option<String>,
    #[schemars(schema_with = "format_or_none")]
    html_format: Option<HtmlFormat>,
    /// Null: as in the mailing.
    html_source: Option<String>,
}

/// POST /api/v1/mailings/{id}/preview
pub(crate) async fn preview(
    caller: Caller,
    Id(id): Id<MailingId>,
    Strict(body): Strict<LookBody>,
) -> Result<Json<LookView>, Problem> {
    if !(0..=200).contains(&body.people) {
        return Err(Problem::field("/people", "expected a whole number from 0 to 200"));
    }
    // Names are for those who may see people.
    if body.people > 0 || body.person_id.is_some() {
        caller.must(Permission::PeopleView)?;
    }
    let found = caller.flow.preview_mailing(id, caller.program.owner_id, body.people).await?;
    let mail = if body.mail || body.person_id.is_some() {
        Some(shown(&caller, id, body.person_id.map(PersonId)).await?)
    } else {
        None
    };
    let digest = found.approval.digest.clone();
    Ok(Json(LookView { audience: found.into(), digest, mail }))
}

async fn shown(caller: &Caller, id: MailingId, reader: Option<PersonId>) -> Result<ShownMail, Problem> {
    let one = caller
        .read(move |tx| {
            Box::pin(async move {
                if let Some(reader) = reader
                    && store::person::find(tx, reader).await?.is_none()
                {
                    return Err(Problem::field("/person_id", "there is no such person"));
                }
                Ok(mailing::get(tx, id).await?)
            })
        })
        .await?;
    Ok(caller.flow.show_mailing(&one, &one.words, reader).await.map_err(not_ready)?.into())
}

/// GET /api/v1/mailings/{id}/check
pub(crate) async fn check(caller: Caller, Id(id): Id<MailingId>) -> Result<Json<FindingsView>, Problem> {
    let found = caller.flow.check_mailing(id).await?;
    let ready = found.iter().all(|one| one.weight != Weight::Fault);
    Ok(Json(FindingsView { ready, findings: found.into_iter().map(FindingView::from).collect() }))
}

/// POST /api/v1/mailings/{id}/arm
pub(crate) async fn arm(
    caller: Caller,
    Id(id): Id<MailingId>,
    Strict(body): Strict<ArmBody>,
) -> Result<Json<MailingView>, Problem> {
    let one = get(&caller, id).await?;
    caller.must(one.intent.needs())?;
    let start = body.start.as_deref().map(wall_time).transpose()?;
    let time_zone = body.time_zone.unwrap_or(one.time_zone);
    TimeZone::get(&time_zone).map_err(|_| Problem::field("/time_zone", NotPossible::Zone.to_string()))?;
    if start.is_none() {
        caller.may_start().await?;
    }
    let acting = caller.acting();
    let asked = ArmMailing { mailing: id, start, time_zone, confirmed: body.people, acting };
    let armed = caller.flow.arm_mailing(asked).await.map_err(|error| match error {
        MailingError::Refused(flow::Refusal::NotNow(why)) if why == NotPossible::Past.into() => {
            Problem::field("/start", why.to_string())
        }
        other => not_ready(other),
    })?;
    Ok(Json(armed.into()))
}

fn wall_time(text: &str) -> Result<DateTime, Problem> {
    text.parse().map_err(|_| Problem::field("/start", NotPossible::NoTime.to_string()))
}

async fn get(caller: &Caller, id: MailingId) -> Result<Mailing, Problem> {
    caller.read(move |tx| Box::pin(async move { Ok(mailing::get(tx, id).await?) })).await
}

/// POST /api/v1/mailings/{id}/disarm
pub(crate) async fn disarm(caller: Caller, Id(id): Id<MailingId>) -> Result<Json<MailingView>, Problem> {
    caller.must(get(&caller, id).await?.intent.needs())?;
    Ok(Json(caller.flow.disarm_mailing(id, &caller.acting()).await?.into()))
}

/// POST /api/v1/mailings/{id}/cancel
pub(crate) async fn cancel(caller: Caller, Id(id): Id<MailingId>) -> Result<Json<MailingView>, Problem> {
    caller.must(get(&caller, id).await?.intent.needs())?;
    Ok(Json(caller.flow.cancel_mailing(id, &caller.acting()).await?.into()))
}

impl Viewed for Mailing {
    type View = MailingView;

    async fn view(tx: &mut Tx, id: MailingId) -> Result<MailingView, Problem> {
        Ok(mailing::get(tx, id).await?.into())
    }
}

/// POST /api/v1/mailings/{id}/copy
pub(crate) async fn copy(
    caller: Caller,
    Id(id): Id<MailingId>,
    Strict(body): Strict<CopyBody>,
) -> Result<Response, Problem> {
    let made = caller.flow.copy_mailing(id, &body.name, &caller.acting()).await?;
    Ok(created(format!("/api/v1/mailings/{}", made.id), MailingView::from(made)))
}

/// POST /api/v1/mailings/{id}/remind
pub(crate) async fn remind(
    caller: Caller,
    Id(id): Id<MailingId>,
    Strict(body): Strict<RemindBody>,
) -> Result<Response, Problem> {
    let reminder = Reminder {
        of: id,
        stage: body.stage,
        gap_hours: body.gap_hours.unwrap_or(72),
        most: body.most.unwrap_or(3),
    };
    let (mut draft, before) = caller.flow.draft_reminder(reminder).await?;
    draft.name = body.name.unwrap_or(draft.name);
    let words = &mut draft.words;
    for (place, value) in [
        (&mut words.subject, body.subject),
        (&mut words.text, body.text),
        (&mut words.html_source, body.html_source),
    ] {
        if let Some(value) = value {
            *place = value;
        }
    }
    words.html_format = body.html_format.unwrap_or(words.html_format);
    let made = caller.flow.create_mailing(draft, &before.time_zone, &caller.acting()).await?;
    Ok(created(format!("/api/v1/mailings/{}", made.id), MailingView::from(made)))
}
