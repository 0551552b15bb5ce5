//! Taking people and groups over, and out again.

use super::{CHUNK, Looks, filled_of, show_page};
use crate::console::mailings::{get, path_of};
use crate::console::operator::Operator;
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use crate::query::encode;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{GroupId, PersonId};
use domain::role::Permission;
use store::ChangeError;
use store::mailing::{self, Mailing};
use store::person_search::{self, Search};

/// POST /console/mailings/{id}/recipients/people: takes people over, or out again.
pub(crate) async fn change_people(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let pairs = operator.form(form, &["act", "q", "count", "tick-*"])?;
    let one = get(&operator, &id).await?;
    if !operator.may(Permission::PeopleView) {
        return Err(Failure::Forbidden);
    }
    let search = pairs.text("q").trim().to_owned();
    let back = if search.is_empty() {
        format!("{}/recipients", path_of(&one))
    } else {
        format!("{}/recipients?q={}", path_of(&one), encode(&search))
    };
    let wrong = |_| Failure::BadRequest("tick: expected the id of a person.");
    let ticked = pairs.ticked("tick-").map(|id| id.parse::<PersonId>().map_err(wrong));
    let ticked = ticked.collect::<Result<Vec<_>, _>>()?;
    let done = match pairs.text("act") {
        "found" => take_found(&operator, &one, search).await?,
        "remove" => change(&operator, &one, ticked, false).await?,
        "add" => change(&operator, &one, ticked, true).await?,
        _ => return Err(Failure::BadRequest("act: there is no such act.")),
    };
    let code = if pairs.text("act") == "remove" { "mailing-people-out" } else { "mailing-people-in" };
    settle(&operator, &one, done.map(|people| page::done(&back, code, Some(people)))).await
}

/// Takes over everybody a search finds.
async fn take_found(
    operator: &Operator,
    one: &Mailing,
    words: String,
) -> Result<Result<u64, store::Refusal>, Failure> {
    let text = (!words.is_empty()).then_some(words);
    let search = Search { text, ..Search::default() };
    let (mut after, mut taken) = (None, 0);
    loop {
        let wanted = search.clone();
        let read = operator.state().store.read(move |tx| {
            Box::pin(async move { person_search::list_ids(tx, &wanted, after, CHUNK).await })
        });
        let people = read.await.map_err(Failure::from)?;
        let Some(last) = people.last() else { return Ok(Ok(taken)) };
        after = Some(*last);
        match change(operator, one, people, true).await? {
            Ok(people) => taken += people,
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
}

/// Takes people over or out; the inner error says why not.
pub(super) async fn change(
    operator: &Operator,
    one: &Mailing,
    people: Vec<PersonId>,
    add: bool,
) -> Result<Result<u64, store::Refusal>, Failure> {
    let (id, acting, now) = (one.id, operator.acting(), operator.now_ms());
    if people.is_empty() {
        return Ok(Ok(0));
    }
    let write = operator.state().store.write(move |tx| {
        Box::pin(async move {
            if add {
                mailing::add_people(tx, &acting, id, &people, now).await
            } else {
                mailing::remove_people(tx, &acting, id, &people, now).await
            }
        })
    });
    match write.await {
        Ok(people) => Ok(Ok(people)),
        Err(ChangeError::Refused(refusal)) => Ok(Err(refusal)),
        Err(ChangeError::Store(error)) => Err(error.into()),
    }
}

/// POST /console/mailings/{id}/recipients/groups
pub(crate) async fn change_groups(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let pairs = operator.form(form, &["act", "group"])?;
    let one = get(&operator, &id).await?;
    let back = format!("{}/recipients", path_of(&one));
    if pairs.text("group").is_empty() {
        return Ok(page::done(&back, "bulk-which-group", None));
    }
    let wrong = |_| Failure::BadRequest("group: expected the id of a group.");
    let group: GroupId = pairs.text("group").parse().map_err(wrong)?;
    let remove = pairs.text("act") == "remove";
    let (id, acting, now) = (one.id, operator.acting(), operator.now_ms());
    let write = operator.state().store.write(move |tx| {
        Box::pin(async move {
            if remove {
                mailing::remove_group(tx, &acting, id, group, now).await
            } else {
                mailing::add_group(tx, &acting, id, group, now).await
            }
        })
    });
    let code = if remove { "mailing-group-out" } else { "mailing-group-in" };
    let done = match write.await {
        Ok(()) => Ok(page::done(&back, code, None)),
        Err(ChangeError::Refused(refusal)) => Err(refusal),
        Err(ChangeError::Store(error)) => return Err(error.into()),
    };
    settle(&operator, &one, done).await
}

/// The answer, or the page with why it was not done.
async fn settle(
    operator: &Operator,
    one: &Mailing,
    done: Result<Response, store::Refusal>,
) -> Result<Response, Failure> {
    match done {
        Ok(response) => Ok(response),
        Err(refusal) => {
            let mut filled = filled_of(operator, one);
            filled.notice = Some(crate::console::refusal::say(operator.context.words, &refusal));
            show_page(operator, StatusCode::UNPROCESSABLE_ENTITY, one, filled, Looks::default()).await
        }
    }
}
