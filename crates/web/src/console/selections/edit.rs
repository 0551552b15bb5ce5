//! The page of one selection: builder and filter text side by side, with what they find now.

use super::builder::{self, Field, Known, Line};
use super::draft::{BUILDER_FIELDS, Draft};
use super::found::{self, Asked, Found};
use super::{Use, explain, state_of};
use crate::console::choice::zones;
use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::place::id_of;
use crate::console::refusal;
use crate::console::shell::{Place, Shell};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use crate::query::Pairs;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::filter::{Catalogue, Problem};
use domain::id::SelectionId;
use domain::role::Permission;
use domain::selection::Selection;
use store::selection::{self, Change, EditError, User};
use store::{group, person, role};

#[derive(Template)]
#[template(path = "console/selection.html")]
struct SelectionPage {
    shell: Shell,
    /// Empty: a new one.
    id: String,
    title: String,
    state: &'static str,
    label: String,
    is_published: bool,
    is_archived: bool,
    may_edit: bool,
    filled: Filled,
    text: String,
    rows: usize,
    problem: Option<Shown>,
    lines: Vec<Line>,
    has_builder: bool,
    is_torn: bool,
    is_stale: bool,
    shown: String,
    said: String,
    found: Option<Found>,
    used: Vec<Use>,
    zones: Vec<String>,
    /// Whoever else answers for it.
    others: String,
    updated: String,
}

/// What is wrong with a filter, for the page.
struct Shown {
    message: String,
    place: String,
    excerpt: String,
    allowed: String,
    hint: String,
    chain: String,
}

/// A selection as stored, with what the page says about it.
struct Stored {
    selection: Selection,
    used: Vec<User>,
    /// Names of those who answer for it beside the operator.
    others: Vec<String>,
}

/// GET /console/selections/new
pub(crate) async fn new(operator: Operator) -> Result<Response, Failure> {
    operator.query(&[])?;
    let (known, _) = read(&operator, None).await?;
    let filled = Filled::with([("time_zone", operator.zone())]);
    let draft = Draft::of_text("", &known.catalogue);
    show_page(&operator, StatusCode::OK, filled, draft, &known, None).await
}

/// GET /console/selections/{id}
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    let id: SelectionId = id_of(&id)?;
    operator.query(&[])?;
    let (known, stored) = read(&operator, Some(id)).await?;
    let stored = stored.ok_or(Failure::NotFound)?;
    let draft = Draft::of_text(&stored.selection.filter, &known.catalogue);
    let filled = filled_of(&stored.selection);
    show_page(&operator, StatusCode::OK, filled, draft, &known, Some(stored)).await
}

/// The page of a selection that was not changed, and why.
pub(super) async fn refused(
    operator: &Operator,
    id: SelectionId,
    error: EditError,
) -> Result<Response, Failure> {
    if !operator.may(Permission::SelectionsView) {
        return Err(Failure::NotFound);
    }
    let (known, stored) = read(operator, Some(id)).await?;
    let stored = stored.ok_or(Failure::NotFound)?;
    let mut filled = filled_of(&stored.selection);
    explain(operator, &mut filled, &error);
    if filled.notice.is_none() {
        filled.notice = Some(filled.first_error().to_owned());
    }
    let draft = Draft::of_text(&stored.selection.filter, &known.catalogue);
    show_page(operator, StatusCode::UNPROCESSABLE_ENTITY, filled, draft, &known, Some(stored)).await
}

/// POST /console/selections/draft: the page with what was typed, brought together; nothing is saved.
pub(crate) async fn draft(operator: Operator, form: Form) -> Result<Response, Failure> {
    let pairs = read_form(&operator, form)?;
    let id = match pairs.text("id") {
        "" => None,
        id => Some(id_of(id)?),
    };
    let (known, stored) = read(&operator, id).await?;
    let draft = Draft::sent(&pairs, &known.catalogue);
    show_page(&operator, StatusCode::OK, Filled::sent(&pairs), draft, &known, stored).await
}

/// POST /console/selections
pub(crate) async fn create(operator: Operator, form: Form) -> Result<Response, Failure> {
    let pairs = read_form(&operator, form)?;
    save(operator, pairs, None).await
}

/// POST /console/selections/{id}
pub(crate) async fn update(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let pairs = read_form(&operator, form)?;
    save(operator, pairs, Some(id)).await
}

/// What the form sent. Whoever edits a filter sees it.
fn read_form(operator: &Operator, form: Form) -> Result<Pairs, Failure> {
    let own =
        ["id", "name", "description", "size_limit", "time_zone", "filter", "shown", "said", "act", "alone"];
    let known: Vec<&str> = own.into_iter().chain(BUILDER_FIELDS).collect();
    let pairs = operator.form(form, &known)?;
    if operator.may(Permission::SelectionsView) { Ok(pairs) } else { Err(Failure::NotFound) }
}

async fn save(operator: Operator, pairs: Pairs, id: Option<SelectionId>) -> Result<Response, Failure> {
    let (known, stored) = read(&operator, id).await?;
    let draft = Draft::sent(&pairs, &known.catalogue);
    let mut filled = Filled::sent(&pairs);
    check(&operator, &mut filled, &draft, &known.catalogue);
    let size_limit = size_limit(&filled);
    if size_limit.is_none() {
        filled.wrong("size_limit", operator.say("selection-wrong-limit"));
    }
    if filled.is_right() {
        let publish = pairs.text("act") == "publish";
        let wanted = selection::Draft {
            name: pairs.text("name").trim().to_owned(),
            description: pairs.text("description").trim().to_owned(),
            filter: draft.text.clone(),
            size_limit: size_limit.flatten(),
            time_zone: pairs.text("time_zone").trim().to_owned(),
        };
        match write(&operator, id, wanted, filled.has("alone"), publish).await {
            Ok(saved) => {
                let code = if publish { "selection-published" } else { "selection-saved" };
                return Ok(page::done(&format!("/console/selections/{}", saved.id), code, None));
            }
            Err(EditError::Store(error)) => return Err(error.into()),
            Err(error) => explain(&operator, &mut filled, &error),
        }
    }
    show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, filled, draft, &known, stored).await
}

/// What only the page knows to be wrong.
fn check(operator: &Operator, filled: &mut Filled, draft: &Draft, catalogue: &Catalogue) {
    if draft.is_torn {
        filled.notice = Some(operator.say("builder-torn"));
    } else if draft.text.trim().is_empty() {
        filled.wrong("filter", operator.say("selection-wrong-empty"));
    } else if draft.problem.is_none() && !draft.is_finished(catalogue) {
        filled.notice = Some(operator.say("builder-unfinished"));
    }
}

/// The size limit: `None`: it is no number of people; `Some(None)`: there is none.
fn size_limit(filled: &Filled) -> Option<Option<i64>> {
    match filled.value("size_limit").trim() {
        "" => Some(None),
        text => text.parse::<i64>().ok().filter(|limit| *limit > 0).map(Some),
    }
}

async fn write(
    operator: &Operator,
    id: Option<SelectionId>,
    wanted: selection::Draft,
    alone: bool,
    publish: bool,
) -> Result<Selection, EditError> {
    let (acting, now) = (operator.acting(), operator.now_ms());
    let new = auth::random::id(now).map(SelectionId);
    operator
        .state()
        .store
        .write(move |tx| {
            let wanted = wanted.clone();
            let new = new.as_ref().map_or(None, |new| Some(*new));
            Box::pin(async move {
                let saved = match (id, new) {
                    (Some(id), _) => {
                        let change = Change {
                            name: Some(wanted.name),
                            description: Some(wanted.description),
                            filter: Some(wanted.filter),
                            size_limit: Some(wanted.size_limit),
                            time_zone: Some(wanted.time_zone),
                        };
                        selection::update(tx, &acting, id, change, alone, now).await?
                    }
                    (None, Some(new)) => selection::insert(tx, &acting, new, &wanted, now).await?,
                    (None, None) => return Err(store::StoreError::Unavailable("no randomness".into()).into()),
                };
                if publish { selection::publish(tx, &acting, saved.id, now).await } else { Ok(saved) }
            })
        })
        .await
}

/// What lists offer, and the selection as stored.
async fn read(operator: &Operator, id: Option<SelectionId>) -> Result<(Known, Option<Stored>), Failure> {
    let viewer = operator.id();
    let read = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let own = match id {
                None => None,
                Some(id) => Some(selection::get(tx, id).await?),
            };
            let others = selection::list(tx, Some(false)).await?;
            let reusable = others.into_iter().filter(|one| one.published && Some(one.id) != id);
            let known = Known {
                catalogue: Catalogue::new(selection::attributes(tx).await?),
                groups: group::list(tx).await?.into_iter().map(|one| one.group.name).collect(),
                roles: role::list(tx).await?.into_iter().map(|one| one.name).collect(),
                selections: reusable.filter(|one| one.size_limit.is_none()).map(|one| one.name).collect(),
            };
            let Some(selection) = own else { return Ok((known, None)) };
            let shapers: Vec<_> = selection.shapers().into_iter().filter(|id| *id != viewer).collect();
            let others = person::list_by_ids(tx, &shapers).await?;
            let stored = Stored {
                used: selection::where_used(tx, selection.id).await?,
                others: others.iter().map(domain::person::Person::full_name).collect(),
                selection,
            };
            Ok::<_, Failure>((known, Some(stored)))
        })
    });
    read.await
}

fn filled_of(selection: &Selection) -> Filled {
    Filled::with([
        ("name", selection.name.clone()),
        ("description", selection.description.clone()),
        ("size_limit", selection.size_limit.map(|limit| limit.to_string()).unwrap_or_default()),
        ("time_zone", selection.time_zone.clone()),
    ])
}

async fn show_page(
    operator: &Operator,
    status: StatusCode,
    mut filled: Filled,
    draft: Draft,
    known: &Known,
    stored: Option<Stored>,
) -> Result<Response, Failure> {
    let words = operator.context.words;
    let mut problem = draft.problem.clone();
    let mut found = None;
    if !draft.text.trim().is_empty() && problem.is_none() {
        let asked = Asked {
            filter: draft.text.clone(),
            name: stored.as_ref().map(|stored| stored.selection.name.clone()),
            time_zone: filled.value("time_zone").trim().to_owned(),
            size_limit: size_limit(&filled).flatten(),
        };
        match found::find(operator, asked).await? {
            Ok(now) => found = Some(now),
            Err(wrong) => problem = Some(*wrong),
        }
    }
    let selection = stored.as_ref().map(|stored| &stored.selection);
    let state = selection.map_or("draft", state_of);
    if filled.error("filter").is_empty() && status != StatusCode::OK && problem.is_some() {
        filled.wrong("filter", operator.say("selection-wrong-filter"));
    }
    let page = SelectionPage {
        shell: operator.shell(Place::Selections),
        id: selection.map(|one| one.id.to_string()).unwrap_or_default(),
        title: selection.map_or_else(|| operator.say("selection-new"), |one| one.name.clone()),
        state,
        label: operator.say(&format!("selection-state-{state}")),
        is_published: selection.is_some_and(|one| one.published),
        is_archived: selection.is_some_and(|one| one.archived),
        may_edit: operator.may(Permission::SelectionsEdit),
        rows: draft.text.lines().count().clamp(3, 12),
        is_stale: draft.problem.is_some() && draft.builder.is_some(),
        lines: draft.builder.as_ref().map(|root| builder::lines(root, known, words)).unwrap_or_default(),
        has_builder: draft.builder.is_some(),
        is_torn: draft.is_torn,
        shown: draft.shown(),
        said: draft.said(&known.catalogue),
        problem: problem.map(|problem| shown(operator, &problem)),
        found,
        used: stored.as_ref().map(|one| one.used.iter().map(Use::of).collect()).unwrap_or_default(),
        others: stored.as_ref().map(|one| one.others.join(", ")).unwrap_or_default(),
        updated: selection.map(|one| operator.at(one.updated_at)).unwrap_or_default(),
        zones: zones(),
        text: draft.text,
        filled,
    };
    page::show(status, &page)
}

fn shown(operator: &Operator, problem: &Problem) -> Shown {
    let words = operator.context.words;
    Shown {
        message: words.sentence(&problem.message),
        place: refusal::filter_place(words, problem),
        excerpt: problem.excerpt.clone(),
        allowed: refusal::filter_allowed(words, problem),
        hint: problem.hint.as_ref().map(|hint| words.sentence(hint)).unwrap_or_default(),
        chain: problem.chain.join(" → "),
    }
}
