//! The people behind a number of the funnel, with how far each came.

use super::{funnel, get, path_of};
use crate::console::operator::Operator;
use crate::console::shell::{Choice, Place, Shell};
use crate::failure::Failure;
use crate::page;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::RecipientId;
use domain::mailing::Step;
use domain::role::Permission;
use store::mailing::{self, Done, FunnelStage};

/// People on one page.
const PER_PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "console/mailing_people.html")]
struct PeoplePage {
    shell: Shell,
    path: String,
    title: String,
    heading: String,
    stages: Vec<Choice>,
    lines: Vec<Line>,
    next: Option<String>,
    first: Option<String>,
    exports: Option<String>,
}

/// One person with how far it came.
struct Line {
    name: String,
    path: Option<String>,
    address: String,
    state: String,
    label: String,
    why: String,
    /// What this person did last, and when.
    last: String,
    last_at: String,
    reminded: i64,
}

/// GET /console/mailings/{id}/people
pub(crate) async fn list(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    let query = operator.query(&["stage", "after"])?;
    let one = get(&operator, &id).await?;
    let stage = stage_of(query.text("stage"))?;
    let after = match query.text("after") {
        "" => None,
        text => Some(RecipientId(
            text.parse().map_err(|_| Failure::BadRequest("after: expected the number of a recipient."))?,
        )),
    };
    // A reminder has no people of its own: they are those of its mailing.
    let root = one.root();
    let read = operator.state().store.read(move |tx| {
        Box::pin(async move { mailing::list_people(tx, root, stage, after, PER_PAGE + 1).await })
    });
    let mut found = read.await.map_err(Failure::from)?;
    let has_more = found.len() as i64 > PER_PAGE;
    found.truncate(PER_PAGE as usize);
    let here = format!("/console/mailings/{root}/people?stage={}", stage.as_str());
    let next = found.last().filter(|_| has_more).map(|last| format!("{here}&after={}", last.recipient.0));
    let may_export = operator.may(Permission::PeopleExport);
    let page = PeoplePage {
        shell: operator.shell(Place::Mailings),
        path: path_of(&one),
        title: one.name.clone(),
        heading: funnel::label(&operator, stage),
        stages: FunnelStage::all()
            .into_iter()
            .map(|one| Choice::new(one.as_str(), funnel::label(&operator, one), stage.as_str()))
            .collect(),
        lines: found.into_iter().map(|one| line(&operator, one)).collect(),
        next,
        first: after.map(|_| here),
        exports: may_export.then(|| format!("?stage={}", stage.as_str())),
    };
    page::show(StatusCode::OK, &page)
}

/// The number of the funnel an address names; none: everybody.
pub(super) fn stage_of(text: &str) -> Result<FunnelStage, Failure> {
    match text {
        "" => Ok(FunnelStage::Total),
        text => FunnelStage::parse(text).ok_or(Failure::BadRequest("stage: there is no such stage.")),
    }
}

fn line(operator: &Operator, one: Done) -> Line {
    let words = operator.context.words;
    let named = operator.may(Permission::PeopleView);
    let last = Step::ALL.iter().zip(one.steps).filter_map(|(step, at)| Some((*step, at?)));
    let last = last.max_by_key(|(step, at)| (*step != Step::OpenedByMachine, *at));
    let why = one.reason.as_deref().map(|reason| words.cause(reason).unwrap_or_else(|| words.reason(reason)));
    Line {
        path: (named && one.name.is_some()).then(|| format!("/console/people/{}", one.person_id)),
        name: match one.name {
            Some(name) if named => name,
            Some(_) => operator.say("run-hidden"),
            None => operator.say("run-erased"),
        },
        address: one.address.filter(|_| named).unwrap_or_default(),
        label: words.state(&one.state),
        state: one.state,
        why: why.unwrap_or_default(),
        last: last.map(|(step, _)| funnel::label(operator, FunnelStage::Took(step))).unwrap_or_default(),
        last_at: last.map(|(_, at)| at).or(one.settled_at).map(|at| operator.at(at)).unwrap_or_default(),
        reminded: one.reminded,
    }
}
