//! Importing people: choose a file, see what it would do, say yes.

use crate::console::filled::Filled;
use crate::console::grouped;
use crate::console::operator::Operator;
use crate::console::place::id_of;
use crate::console::refusal;
use crate::console::shell::{Place, Shell, Tab};
use crate::failure::Failure;
use crate::file_form::FileForm;
use crate::form::Form;
use crate::page;
use crate::query::Pairs;
use crate::refused::Meddled;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use std::io::Cursor;
use store::import::{Fate, ImportError, Options, Outcome};
use store::upload::{self, Upload};
use uuid::Uuid;

/// Refused rows shown on the page.
const MOST_PROBLEMS: usize = 100;

#[derive(Template)]
#[template(path = "console/people/import.html")]
struct ImportPage {
    shell: Shell,
    tabs: Vec<Tab>,
    form: Filled,
    columns: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "console/people/import_preview.html")]
struct PreviewPage {
    shell: Shell,
    id: String,
    name: String,
    group: String,
    counts: Vec<(&'static str, String, String)>,
    new_groups: String,
    sample: Vec<SampleLine>,
    problems: Vec<ProblemLine>,
    more_problems: Option<String>,
    /// Whether there is anything to apply.
    changes: i64,
    changes_shown: String,
    is_done: bool,
}

struct SampleLine {
    line: u64,
    fate: String,
    class: &'static str,
    name: String,
    username: String,
    address: String,
    groups: String,
}

struct ProblemLine {
    line: u64,
    column: String,
    reason: String,
}

/// GET /console/people/import
pub(crate) async fn show(operator: Operator) -> Result<Response, Failure> {
    operator.query(&[])?;
    form_page(&operator, Filled::default(), StatusCode::OK)
}

/// POST /console/people/import: keeps the file and goes to its preview.
pub(crate) async fn create(operator: Operator, sent: FileForm) -> Result<Response, Failure> {
    let (fields, file) = sent.of_session(&operator.signed.session, &["group"])?;
    let mut form = Filled::sent(&fields);
    if file.content.is_empty() {
        form.wrong("file", operator.say("import-no-file"));
        return form_page(&operator, form, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // Read once before it is kept: a file whose header is wrong is answered here.
    let group = fields.text("group").trim().to_owned();
    if let Err(problem) = run(&operator, file.content.clone(), &file.name, &group, false).await? {
        form.wrong("file", refusal::import(operator.context.words, &problem).ok_or(Failure::Internal)?);
        let mut response = form_page(&operator, form, StatusCode::UNPROCESSABLE_ENTITY)?;
        if let Some(meddled) = Meddled::in_file(&problem) {
            response.extensions_mut().insert(meddled);
        }
        return Ok(response);
    }
    let id = auth::random::id(operator.now_ms())?;
    let (person, now_ms) = (operator.id(), operator.now_ms());
    operator
        .state()
        .store
        .write(move |tx| {
            Box::pin(async move {
                upload::purge(tx, now_ms).await?;
                upload::insert(tx, id, person, &file.name, &file.content, now_ms).await
            })
        })
        .await
        .map_err(Failure::from)?;
    Ok(page::go(&format!("/console/people/import/{id}?group={}", crate::query::encode(&group))))
}

/// GET /console/people/import/{upload}
pub(crate) async fn preview(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    let query = operator.query(&["group"])?;
    let group = query.text("group").trim().to_owned();
    let Some((upload, content)) = find(&operator, &id).await? else { return gone(&operator) };
    match run(&operator, content, &upload.name, &group, false).await? {
        Ok(outcome) => page::show(StatusCode::OK, &preview_page(&operator, &upload, group, outcome, false)),
        Err(problem) => failed(&operator, &query, &problem),
    }
}

/// POST /console/people/import/{upload}: the yes.
pub(crate) async fn apply(
    operator: Operator,
    Path(id): Path<String>,
    sent: Form,
) -> Result<Response, Failure> {
    let fields = operator.form(sent, &["group"])?;
    let group = fields.text("group").trim().to_owned();
    let Some((upload, content)) = find(&operator, &id).await? else { return gone(&operator) };
    let outcome = match run(&operator, content, &upload.name, &group, true).await? {
        Ok(outcome) => outcome,
        Err(problem) => return failed(&operator, &fields, &problem),
    };
    let kept = upload.id;
    operator
        .state()
        .store
        .write(move |tx| Box::pin(async move { upload::remove(tx, kept).await }))
        .await
        .map_err(Failure::from)?;
    page::show(StatusCode::OK, &preview_page(&operator, &upload, group, outcome, true))
}

/// The file of this operator under this id.
async fn find(operator: &Operator, id: &str) -> Result<Option<(Upload, Vec<u8>)>, Failure> {
    let id: Uuid = id_of(id)?;
    let (person, now_ms) = (operator.id(), operator.now_ms());
    let asked = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let Some(found) = upload::find(tx, id, person, now_ms).await? else { return Ok(None) };
            let content = upload::content(tx, &found).await?;
            Ok::<_, Failure>(Some((found, content)))
        })
    });
    asked.await
}

/// Reads the file, and with `apply` imports it. `Ok(Err(…))`: what is wrong with the file as a whole.
async fn run(
    operator: &Operator,
    content: Vec<u8>,
    file: &str,
    group: &str,
    apply: bool,
) -> Result<Result<Outcome, ImportError>, Failure> {
    let options = Options {
        apply,
        groups_for_all: Some(group.to_owned()).filter(|group| !group.is_empty()).into_iter().collect(),
        file: file.to_owned(),
        acting: operator.acting(),
        now_ms: operator.now_ms(),
    };
    let mut random = |bytes: &mut [u8]| auth::random::fill(bytes);
    let store = &operator.state().store;
    match store::import::import(store, Cursor::new(content), options, &mut random, |_| {}).await {
        Ok(outcome) => Ok(Ok(outcome)),
        Err(ImportError::Store(error)) => Err(error.into()),
        Err(other) => Ok(Err(other)),
    }
}

fn gone(operator: &Operator) -> Result<Response, Failure> {
    let mut form = Filled::default();
    form.notice = Some(operator.say("import-gone"));
    form_page(operator, form, StatusCode::NOT_FOUND)
}

fn failed(operator: &Operator, fields: &Pairs, problem: &ImportError) -> Result<Response, Failure> {
    let mut form = Filled::sent(fields);
    form.wrong("file", refusal::import(operator.context.words, problem).ok_or(Failure::Internal)?);
    form_page(operator, form, StatusCode::UNPROCESSABLE_ENTITY)
}

fn form_page(operator: &Operator, form: Filled, status: StatusCode) -> Result<Response, Failure> {
    let columns = [
        "external_id",
        "username",
        "address",
        "given_name",
        "family_name",
        "display_name",
        "language",
        "time_zone",
        "groups",
        "attributes.NAME",
    ];
    let said = |name: &'static str| {
        let id = name.split('.').next().unwrap_or(name).replace('_', "-");
        (name, operator.say(&format!("import-column-{id}")))
    };
    let page = ImportPage {
        shell: operator.shell(Place::People),
        tabs: super::tabs(operator, "/console/people/import"),
        form,
        columns: columns.map(said).into(),
    };
    page::show(status, &page)
}

fn preview_page(
    operator: &Operator,
    upload: &Upload,
    group: String,
    outcome: Outcome,
    is_done: bool,
) -> PreviewPage {
    let number = |count: u64| grouped(i64::try_from(count).unwrap_or(i64::MAX));
    let counts = [
        ("good", "import-created", outcome.created),
        ("info", "import-updated", outcome.updated),
        ("", "import-unchanged", outcome.unchanged),
        ("bad", "import-refused", outcome.refused),
    ];
    let changes = i64::try_from(outcome.created + outcome.updated).unwrap_or(i64::MAX);
    let shown = outcome.problems.len().min(MOST_PROBLEMS) as u64;
    let more = outcome.refused.saturating_sub(shown);
    PreviewPage {
        shell: operator.shell(Place::People),
        id: upload.id.to_string(),
        name: upload.name.clone(),
        group,
        counts: counts
            .into_iter()
            .map(|(class, label, count)| (class, operator.say(label), number(count)))
            .collect(),
        new_groups: outcome.new_groups.join(", "),
        sample: outcome
            .sample
            .into_iter()
            .map(|one| {
                let (class, fate) = match one.fate {
                    Fate::Created => ("accepted", "import-fate-created"),
                    Fate::Updated => ("running", "import-fate-updated"),
                    Fate::Unchanged => ("", "import-fate-unchanged"),
                };
                SampleLine {
                    line: one.line,
                    fate: operator.say(fate),
                    class,
                    name: one.name,
                    username: one.username,
                    address: one.address.unwrap_or_default(),
                    groups: one.groups.join(", "),
                }
            })
            .collect(),
        problems: outcome
            .problems
            .into_iter()
            .take(MOST_PROBLEMS)
            .map(|one| ProblemLine {
                line: one.line,
                column: one.column.unwrap_or_default(),
                reason: operator.context.words.sentence(&one.reason),
            })
            .collect(),
        more_problems: (more > 0).then(|| number(more)),
        changes,
        changes_shown: grouped(changes),
        is_done,
    }
}
