//! The second step of a mailing: whom it goes to. People by name, groups, a selection and lists add up; of a reminder
//! only the stage is chosen, for its people are those of its mailing.

mod audience;
mod list;
mod take;

pub(crate) use audience::update;
pub(crate) use list::create as take_list;
pub(crate) use take::{change_groups, change_people};

use super::{get_editable, path_of, typed};
use crate::console::filled::Filled;
use crate::console::grouped;
use crate::console::operator::Operator;
use crate::console::shell::{Choice, Place, Shell};
use crate::failure::Failure;
use crate::page;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{PersonId, SelectionId};
use domain::mailing::{NotPossible, Settled, Stage};
use domain::role::Permission;
use list::Outcome;
use store::mailing::{self, Chosen, Listed, Mailing};
use store::person_search::{self, Search};
use store::{StoreError, group, selection};

/// People shown of those chosen by name, and of those a search finds.
const SHOWN: i64 = 50;
/// Groups offered.
const MOST_GROUPS: i64 = 500;
/// People taken over in one transaction.
const CHUNK: i64 = 5_000;
const FIELDS: [&str; 8] = ["selection", "settled", "late_until", "zone", "stage", "gap_hours", "most", "act"];

#[derive(Template)]
#[template(path = "console/mailing_recipients.html")]
struct RecipientsPage {
    shell: Shell,
    path: String,
    title: String,
    is_armed: bool,
    filled: Filled,
    /// Of a reminder: its mailing.
    reminds: Option<(String, String)>,
    stages: Vec<Choice>,
    selections: Vec<Choice>,
    settled: Vec<(Choice, String)>,
    zones: Vec<String>,
    named: Vec<Person>,
    named_total: String,
    named_more: Option<String>,
    groups: Vec<Group>,
    other_groups: Vec<Choice>,
    may_name: bool,
    search: String,
    found: Option<Found>,
    list: Outcome,
    is_empty: bool,
}

/// Somebody in a list.
struct Person {
    id: String,
    name: String,
    username: String,
    address: String,
    /// Chosen already.
    is_chosen: bool,
}

/// A group whose members it goes to.
struct Group {
    id: String,
    name: String,
    members: String,
}

/// What a search finds.
struct Found {
    people: Vec<Person>,
    count: String,
    has_more: bool,
}

/// What the page reads.
struct Read {
    reminds: Option<Mailing>,
    selections: Vec<(SelectionId, String)>,
    named: Vec<Listed>,
    named_total: i64,
    groups: Vec<Chosen>,
    all_groups: Vec<group::Group>,
    found: Option<(person_search::Page, i64, Vec<PersonId>)>,
}

/// GET /console/mailings/{id}/recipients
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    let query = operator.query(&["q", "after"])?;
    let one = match get_editable(&operator, &id).await? {
        Ok(one) => one,
        Err(page) => return Ok(page),
    };
    let after = match query.text("after") {
        "" => None,
        text => Some(text.parse().map_err(|_| Failure::BadRequest("after: expected the id of a person."))?),
    };
    let filled = filled_of(&operator, &one);
    let looks = Looks { search: query.text("q").trim().to_owned(), after, list: Outcome::default() };
    show_page(&operator, StatusCode::OK, &one, filled, looks).await
}

/// What of the page is looked at.
#[derive(Default)]
struct Looks {
    search: String,
    after: Option<PersonId>,
    list: Outcome,
}

fn filled_of(operator: &Operator, one: &Mailing) -> Filled {
    let zone = jiff::tz::TimeZone::get(&one.time_zone).unwrap_or_else(|_| operator.time_zone());
    let mut filled = Filled::with([
        ("selection", one.selection_id.map(|id| id.to_string()).unwrap_or_default()),
        ("settled", one.settled.as_str().to_owned()),
        ("late_until", typed::shown(&zone, one.late_until_at)),
        ("zone", one.time_zone.clone()),
    ]);
    if let Some(reminder) = &one.reminder {
        filled.put("stage", reminder.stage.as_str().to_owned());
        filled.put("gap_hours", reminder.gap_hours.to_string());
        filled.put("most", reminder.most.to_string());
    }
    filled
}

async fn read(operator: &Operator, one: &Mailing, looks: &Looks) -> Result<Read, Failure> {
    let (one, after) = (one.clone(), looks.after);
    let may_name = operator.may(Permission::PeopleView);
    let text = Some(looks.search.clone()).filter(|text| may_name && !text.is_empty());
    let read = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let reminds = match &one.reminder {
                Some(reminder) => Some(mailing::get(tx, reminder.of).await?),
                None => None,
            };
            let published = selection::list(tx, Some(false)).await?.into_iter().filter(|one| one.published);
            let selections = published.map(|one| (one.id, one.name)).collect();
            let found = match text {
                None => None,
                Some(text) => {
                    let search = Search { text: Some(text), ..Search::default() };
                    let page = person_search::list(tx, &search, None, SHOWN).await?;
                    let count = match page.next {
                        None => page.people.len() as i64,
                        Some(_) => person_search::count(tx, &search).await?,
                    };
                    let ids: Vec<PersonId> = page.people.iter().map(|person| person.id).collect();
                    let chosen = mailing::find_chosen(tx, one.id, &ids).await?;
                    Some((page, count, chosen))
                }
            };
            Ok::<_, StoreError>(Read {
                reminds,
                selections,
                named: mailing::list_named(tx, one.id, after, if may_name { SHOWN + 1 } else { 0 }).await?,
                named_total: mailing::count_people(tx, one.id).await?,
                groups: mailing::list_groups(tx, one.id).await?,
                all_groups: group::list_names(tx, MOST_GROUPS).await?,
                found,
            })
        })
    });
    Ok(read.await?)
}

async fn show_page(
    operator: &Operator,
    status: StatusCode,
    one: &Mailing,
    filled: Filled,
    looks: Looks,
) -> Result<Response, Failure> {
    let mut read = read(operator, one, &looks).await?;
    let path = path_of(one);
    let chosen = filled.value("selection").to_owned();
    let mut selections = vec![Choice::new("", operator.say("form-none"), &chosen)];
    selections.extend(
        read.selections.iter().map(|(id, name)| Choice::new(&id.to_string(), name.as_str(), &chosen)),
    );
    if !selections.iter().any(|choice| choice.is_chosen) {
        selections.push(Choice::new(&chosen, operator.say("job-selection-unusable"), &chosen));
    }
    let has_more = read.named.len() as i64 > SHOWN;
    read.named.truncate(SHOWN as usize);
    let named_more = read
        .named
        .last()
        .filter(|_| has_more)
        .map(|last| format!("{path}/recipients?after={}#named", last.person_id));
    let is_inside = |group: &group::Group| read.groups.iter().any(|one| one.id == group.id);
    let mut other_groups = vec![Choice::new("", operator.say("people-group-choose"), "")];
    other_groups.extend(
        read.all_groups
            .iter()
            .filter(|group| !is_inside(group))
            .map(|group| Choice::new(&group.id.to_string(), group.name.clone(), "")),
    );
    let page = RecipientsPage {
        shell: operator.shell(Place::Mailings),
        title: one.name.clone(),
        is_armed: one.state == domain::mailing::MailingState::Armed,
        reminds: read.reminds.map(|of| (path_of(&of), of.name)),
        stages: stages(operator, filled.value("stage")),
        settled: settled(operator, filled.value("settled")),
        selections,
        zones: crate::console::choice::zones(),
        is_empty: one.selection_id.is_none() && read.named_total == 0 && read.groups.is_empty(),
        named: read.named.into_iter().map(of_listed).collect(),
        named_total: grouped(read.named_total),
        named_more,
        groups: read.groups.into_iter().map(of_chosen).collect(),
        other_groups,
        may_name: operator.may(Permission::PeopleView),
        search: looks.search,
        found: read.found.map(|(page, count, chosen)| found(page, count, &chosen)),
        list: looks.list,
        filled,
        path,
    };
    page::show(status, &page)
}

/// The stages of what is left to do, for a reminder.
pub(super) fn stages(operator: &Operator, chosen: &str) -> Vec<Choice> {
    let one = |stage: &Stage| {
        let id = format!("stage-{}", stage.as_str().replace('_', "-"));
        Choice::new(stage.as_str(), operator.say(&id), chosen)
    };
    Stage::ALL.iter().map(one).collect()
}

fn settled(operator: &Operator, chosen: &str) -> Vec<(Choice, String)> {
    let one = |settled: &Settled| {
        let id = format!("settled-{}", settled.as_str().replace('_', "-"));
        let choice = Choice::new(settled.as_str(), operator.say(&id), chosen);
        (choice, operator.say(&format!("{id}-hint")))
    };
    Settled::ALL.iter().map(one).collect()
}

fn of_listed(one: Listed) -> Person {
    Person {
        id: one.person_id.to_string(),
        name: one.name,
        username: one.username,
        address: one.address.unwrap_or_default(),
        is_chosen: true,
    }
}

fn of_chosen(one: Chosen) -> Group {
    Group { id: one.id.to_string(), name: one.name, members: grouped(one.members) }
}

fn found(page: person_search::Page, count: i64, chosen: &[PersonId]) -> Found {
    let person = |one: &domain::person::Person| Person {
        id: one.id.to_string(),
        name: one.full_name(),
        username: one.username.clone(),
        address: one.address.as_ref().map(|address| address.as_given().to_owned()).unwrap_or_default(),
        is_chosen: chosen.contains(&one.id),
    };
    Found {
        people: page.people.iter().map(person).collect(),
        count: grouped(count),
        has_more: page.next.is_some(),
    }
}

/// Why a mailing that has begun takes nobody any more.
fn has_started(operator: &Operator) -> String {
    operator.context.words.tell(&NotPossible::Started)
}
