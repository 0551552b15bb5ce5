//! The words of the mails, for programs.

use crate::api::document::operation::{Operation, of};
use crate::api::json::Strict;
use crate::api::paging::Page;
use crate::api::place::Ids;
use crate::api::problem::Problem;
use crate::api::program::Caller;
use crate::api::time::{Time, of as time};
use axum::Json;
use axum::http::StatusCode;
use domain::id::PersonId;
use domain::language::Language;
use domain::role::Permission;
use flow::template::{self, Example, InForce, Parts, Previewed, Reader, Template, TemplateKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use store::person;
use uuid::Uuid;

const ONE: &[&str] = &["new-password", "en"];

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/templates", "List templates").gives(200, of::<Page<TemplateView>>),
    Operation::get("/api/v1/templates/{kind}/{language}", "Show the words of a mail as the next run uses them")
        .at(ONE)
        .gives(200, of::<TemplateWords>),
    Operation::put("/api/v1/templates/{kind}/{language}", "Save the words of a mail")
        .text(
            "Parts that are missing stay as they are. A mail that would not carry what it must, or would carry what \
             it must not, is refused with every place. Whoever saves bounds the rights of runs that send it.",
        )
        .at(ONE)
        .takes(of::<TemplateBody>, r#"{"subject":"Your new password for the example portal"}"#)
        .gives(200, of::<TemplateWords>)
        .also(&[409]),
    Operation::delete("/api/v1/templates/{kind}/{language}", "Take the words that came with the program")
        .at(ONE),
    Operation::post("/api/v1/templates/{kind}/{language}/preview", "Show the mail as its reader would see it")
        .text("The password in it opens nothing. With parts, of these instead of the saved ones. Nothing is changed.")
        .at(ONE)
        .takes(of::<PreviewBody>, r#"{"subject":"A subject to try"}"#)
        .gives(200, of::<PreviewedMail>),
];

/// Which mail, in which language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind(TemplateKind);
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tag(Language);

impl FromStr for Kind {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        TemplateKind::parse_house(text).map(Self).ok_or(())
    }
}

impl FromStr for Tag {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Language::ALL.into_iter().find(|one| one.tag() == text).map(Self).ok_or(())
    }
}

/// A template without its words.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Template")]
pub(crate) struct TemplateView {
    kind: String,
    language: String,
    /// Whether an operator wrote it; else it came with the program.
    own: bool,
    editor_id: Option<Uuid>,
    updated_at: Option<Time>,
}

/// A template with its words.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TemplateWords {
    kind: String,
    language: String,
    /// Whether an operator wrote it; else it came with the program.
    own: bool,
    editor_id: Option<Uuid>,
    updated_at: Option<Time>,
    subject: String,
    text: String,
    html: String,
}

/// Words to save; parts that are missing stay.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TemplateBody {
    subject: Option<String>,
    text: Option<String>,
    html: Option<String>,
}

/// What to show.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PreviewBody {
    subject: Option<String>,
    text: Option<String>,
    html: Option<String>,
    /// Who reads it; needs people.view. Null: somebody invented.
    person_id: Option<Uuid>,
}

/// A mail as its reader would see it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PreviewedMail {
    subject: String,
    text: String,
    /// Show it in a sandbox only.
    html: String,
}

impl From<Previewed> for PreviewedMail {
    fn from(seen: Previewed) -> Self {
        Self { subject: seen.subject, text: seen.text, html: seen.html }
    }
}

fn view(kind: TemplateKind, language: Language, found: &InForce) -> TemplateView {
    let own = found.own.as_ref();
    TemplateView {
        kind: kind.as_str().to_owned(),
        language: language.tag().to_owned(),
        own: own.is_some(),
        editor_id: own.map(|own| own.editor_id.0),
        updated_at: time(own.map(|own| own.updated_at)),
    }
}

fn words(kind: TemplateKind, language: Language, found: InForce) -> TemplateWords {
    let TemplateView { kind, language, own, editor_id, updated_at } = view(kind, language, &found);
    let Template { subject, text, html } = found.template;
    TemplateWords { kind, language, own, editor_id, updated_at, subject, text, html }
}

/// GET /api/v1/templates
pub(crate) async fn list(caller: Caller) -> Result<Json<Page<TemplateView>>, Problem> {
    let mut items = Vec::new();
    for kind in TemplateKind::ALL {
        for language in Language::ALL {
            items.push(view(kind, language, &InForce::read(&caller.store, kind, language).await?));
        }
    }
    Ok(Json(Page { items, next_cursor: None }))
}

/// GET /api/v1/templates/{kind}/{language}
pub(crate) async fn show(
    caller: Caller,
    Ids(Kind(kind), Tag(language)): Ids<Kind, Tag>,
) -> Result<Json<TemplateWords>, Problem> {
    Ok(Json(words(kind, language, InForce::read(&caller.store, kind, language).await?)))
}

/// PUT /api/v1/templates/{kind}/{language}
pub(crate) async fn update(
    caller: Caller,
    Ids(Kind(kind), Tag(language)): Ids<Kind, Tag>,
    Strict(body): Strict<TemplateBody>,
) -> Result<Json<TemplateWords>, Problem> {
    let parts = Parts { subject: body.subject, text: body.text, html: body.html };
    if parts == Parts::default() {
        return Err(Problem::field("", "expected at least one of subject, text, html"));
    }
    template::save(&caller.store, &caller.acting(), kind, language, parts, caller.now_ms).await?;
    Ok(Json(words(kind, language, InForce::read(&caller.store, kind, language).await?)))
}

/// DELETE /api/v1/templates/{kind}/{language}
pub(crate) async fn remove(
    caller: Caller,
    Ids(Kind(kind), Tag(language)): Ids<Kind, Tag>,
) -> Result<StatusCode, Problem> {
    let (acting, now) = (caller.acting(), caller.now_ms);
    caller
        .write(move |tx| {
            Box::pin(async move {
                Ok(store::template::remove(tx, &acting, kind.as_str(), language.tag(), now).await?)
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// POST /api/v1/templates/{kind}/{language}/preview
pub(crate) async fn preview(
    caller: Caller,
    Ids(Kind(kind), Tag(language)): Ids<Kind, Tag>,
    Strict(body): Strict<PreviewBody>,
) -> Result<Json<PreviewedMail>, Problem> {
    let parts = Parts { subject: body.subject, text: body.text, html: body.html };
    template::check(&caller.store, kind, language, &parts).await?;
    let reader = match body.person_id {
        None => Reader::invented(),
        Some(id) => {
            caller.must(Permission::PeopleView)?;
            let found = caller
                .read(move |tx| Box::pin(async move { Ok(person::find(tx, PersonId(id)).await?) }))
                .await?;
            let person = found.ok_or_else(|| Problem::field("/person_id", "there is no such person"))?;
            Reader::of(&person)
        }
    };
    let reader = reader.map_err(|why| Problem::field("/person_id", why))?;
    let template = parts.over(InForce::read(&caller.store, kind, language).await?.template);
    let valid_hours = domain::automation::SendNewPassword::default().valid_hours;
    let example = Example { kind, language, template: &template, reader: &reader, valid_hours };
    let seen = caller.flow.preview_template(example).map_err(Problem::conflict)?;
    Ok(Json(seen.into()))
}
