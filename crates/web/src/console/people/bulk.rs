//! One act for many people: those ticked, or all that a search finds. The number is shown before anything is done.

use super::sought::{NAMES, Sought};
use crate::console::grouped;
use crate::console::operator::Operator;
use crate::console::shell::{Choice, Place, Shell};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use crate::query::Pairs;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{GroupId, PersonId};

use store::person_search::{self, Search};
use store::{Acting, ChangeError, ChangeResult, Refusal, Tx, group, person};

/// People changed in one transaction.
const CHUNK: i64 = 1_000;
/// The names of acts, in the order offered.
const ACTS: [&str; 4] = ["join", "leave", "block", "unblock"];

#[derive(Template)]
#[template(path = "console/people/bulk.html")]
struct BulkPage {
    shell: Shell,
    act: String,
    question: String,
    count: String,
    count_plain: i64,
    fields: Vec<(String, String)>,
    back: String,
}

/// Whom it is about.
#[derive(Debug, Clone)]
enum Whom {
    Ticked(Vec<PersonId>),
    Found(Sought),
}

#[derive(Debug, Clone, Copy)]
enum Act {
    Join(GroupId),
    Leave(GroupId),
    Block,
    Unblock,
}

/// What came of it.
#[derive(Debug, Default)]
struct Done {
    changed: u64,
    /// People whose rank forbids it.
    refused: u64,
}

/// The acts the operator may choose.
pub(super) fn choices(operator: &Operator) -> Vec<Choice> {
    ACTS.iter().map(|act| Choice::new(act, operator.say(&format!("bulk-{act}")), "")).collect()
}

/// POST /console/people/bulk: asks first, with the number; does it when that number is sent along.
pub(crate) async fn create(operator: Operator, sent: Form) -> Result<Response, Failure> {
    let known: Vec<&str> =
        NAMES.iter().copied().chain(["act", "to", "whom", "confirmed", "tick-*"]).collect();
    let fields = operator.form(sent, &known)?;
    let sought = Sought::read(&fields)?;
    let back = format!("/console/people?{}", sought.address());
    let whom = match fields.text("whom") {
        "found" => Whom::Found(sought),
        _ => Whom::Ticked(ticked(&fields)?),
    };
    let Some((act, group)) = read_act(&operator, &fields).await? else {
        return Ok(page::done(&back, "bulk-which-group", None));
    };
    let search = match &whom {
        Whom::Ticked(people) if people.is_empty() => return Ok(page::done(&back, "bulk-nobody", None)),
        Whom::Ticked(_) => None,
        Whom::Found(sought) => Some(search(&operator, sought.clone()).await?),
    };
    let count = match (&whom, &search) {
        (Whom::Ticked(people), _) => people.len() as i64,
        (_, Some(search)) => count(&operator, search.clone()).await?,
        _ => 0,
    };
    // The number may have changed since it was shown: then it is shown anew.
    if fields.text("confirmed").parse() != Ok(count) {
        return ask(&operator, &fields, act, group, count, back);
    }
    let done = run(&operator, act, whom, search).await?;
    let code = if done.refused > 0 { "bulk-done-but" } else { "bulk-done" };
    Ok(page::done(&back, code, Some(if done.refused > 0 { done.refused } else { done.changed })))
}

fn ticked(fields: &Pairs) -> Result<Vec<PersonId>, Failure> {
    let ids = fields
        .ticked("tick-")
        .map(|id| id.parse().map_err(|_| Failure::BadRequest("tick: expected the id of a person.")));
    ids.collect()
}

/// The act with the name of its group; `None`: a group is needed and none was chosen.
async fn read_act(operator: &Operator, fields: &Pairs) -> Result<Option<(Act, String)>, Failure> {
    let to = fields.text("to");
    let act = fields.text("act");
    match act {
        "block" => return Ok(Some((Act::Block, String::new()))),
        "unblock" => return Ok(Some((Act::Unblock, String::new()))),
        "join" | "leave" if to.is_empty() => return Ok(None),
        "join" | "leave" => {}
        _ => return Err(Failure::BadRequest("act: there is no such act.")),
    }
    let id: GroupId = to.parse().map_err(|_| Failure::BadRequest("to: expected the id of a group."))?;
    let asked = operator.state().store.read(move |tx| Box::pin(async move { group::get(tx, id).await }));
    let name = asked.await.map_err(Failure::from)?.name;
    Ok(Some((if act == "join" { Act::Join(id) } else { Act::Leave(id) }, name)))
}

async fn search(operator: &Operator, sought: Sought) -> Result<Search, Failure> {
    let (zone, now_ms) = (operator.zone(), operator.now_ms());
    let asked = operator
        .state()
        .store
        .read(move |tx| Box::pin(async move { sought.search(tx, &zone, now_ms).await }));
    asked.await?.map_err(|_| Failure::BadRequest("filter: it cannot be read."))
}

async fn count(operator: &Operator, search: Search) -> Result<i64, Failure> {
    let asked = operator
        .state()
        .store
        .read(move |tx| Box::pin(async move { person_search::count(tx, &search).await }));
    asked.await.map_err(Failure::from)
}

fn ask(
    operator: &Operator,
    fields: &Pairs,
    act: Act,
    group: String,
    count: i64,
    back: String,
) -> Result<Response, Failure> {
    let name = match act {
        Act::Join(_) => "bulk-ask-join",
        Act::Leave(_) => "bulk-ask-leave",
        Act::Block => "bulk-ask-block",
        Act::Unblock => "bulk-ask-unblock",
    };
    let gaps = [("n", grouped(count)), ("group", group)];
    let gaps = gaps.each_ref().map(|(name, value)| (*name, value.as_str()));
    let kept = fields.all().filter(|(name, _)| !matches!(*name, "csrf" | "confirmed"));
    let page = BulkPage {
        shell: operator.shell(Place::People),
        act: operator.say(&format!("bulk-{}", fields.text("act"))),
        question: operator.context.words.say_with(name, &gaps),
        count: grouped(count),
        count_plain: count,
        fields: kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        back,
    };
    page::show(StatusCode::OK, &page)
}

async fn run(operator: &Operator, act: Act, whom: Whom, search: Option<Search>) -> Result<Done, Failure> {
    let mut done = Done::default();
    match (whom, search) {
        (Whom::Ticked(people), _) => {
            for chunk in people.chunks(CHUNK as usize) {
                chunk_of(operator, act, chunk.to_vec(), &mut done).await?;
            }
        }
        (_, Some(search)) => {
            let mut after = None;
            loop {
                let wanted = search.clone();
                let asked = operator.state().store.read(move |tx| {
                    Box::pin(async move { person_search::list_ids(tx, &wanted, after, CHUNK).await })
                });
                let people = asked.await.map_err(Failure::from)?;
                let Some(last) = people.last() else { break };
                // By the order of their ids: whoever stops matching because of the change is not met again.
                after = Some(*last);
                chunk_of(operator, act, people, &mut done).await?;
            }
        }
        _ => {}
    }
    Ok(done)
}

async fn chunk_of(
    operator: &Operator,
    act: Act,
    people: Vec<PersonId>,
    done: &mut Done,
) -> Result<(), Failure> {
    let (acting, now_ms) = (operator.acting(), operator.now_ms());
    let made = operator
        .state()
        .store
        .write(move |tx| Box::pin(async move { make(tx, &acting, act, &people, now_ms).await }))
        .await;
    match made {
        Ok((changed, refused)) => {
            done.changed += changed;
            done.refused += refused;
            Ok(())
        }
        Err(ChangeError::Refused(_)) => Err(Failure::Forbidden),
        Err(ChangeError::Store(error)) => Err(error.into()),
    }
}

/// How many were changed, and how many must not be.
async fn make(
    tx: &mut Tx,
    acting: &Acting,
    act: Act,
    people: &[PersonId],
    now_ms: i64,
) -> ChangeResult<(u64, u64)> {
    let (mut changed, mut refused) = (0, 0);
    match act {
        Act::Join(group) => changed = group::add_members(tx, acting, group, people, now_ms).await?,
        Act::Leave(group) => changed = group::remove_members(tx, acting, group, people, now_ms).await?,
        Act::Block | Act::Unblock => {
            for id in people {
                let made = match act {
                    Act::Block => person::block(tx, acting, *id, now_ms).await,
                    _ => person::unblock(tx, acting, *id, now_ms).await,
                };
                match made {
                    Ok(is_new) => changed += u64::from(is_new),
                    Err(ChangeError::Refused(Refusal::Rank | Refusal::LastOwner)) => refused += 1,
                    Err(error) => return Err(error),
                }
            }
        }
    }
    Ok((changed, refused))
}
