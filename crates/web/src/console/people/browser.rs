//! The person browser: instant search, filters, pages, and boxes to tick.

use super::sought::{NAMES, Sought, WHO};
use crate::console::grouped;
use crate::console::operator::Operator;
use crate::console::refusal;
use crate::console::shell::{Choice, Place, Shell, Tab};
use crate::failure::Failure;
use crate::page;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::PersonId;
use domain::person::Person;
use domain::role::Permission;
use store::group::{self, Group};
use store::person_search::{self, Page, Search};

/// People on one page.
const PER_PAGE: i64 = 50;
/// Groups offered as a list; with more of them one searches for the group's name.
const MOST_GROUPS: usize = 200;

#[derive(Template)]
#[template(path = "console/people/browser.html")]
struct BrowserPage {
    shell: Shell,
    tabs: Vec<Tab>,
    sought: Sought,
    problem: String,
    groups: Vec<Choice>,
    who: Vec<Choice>,
    filters_open: bool,
    people: Vec<PersonLine>,
    /// How many there are in all; empty: it would take too long to count.
    total: String,
    is_empty_house: bool,
    /// Whether looking inside of words may find more.
    offer_inside: Option<String>,
    next: Option<String>,
    first: Option<String>,
    export: Option<String>,
    may_edit: bool,
    may_import: bool,
    actions: Vec<Choice>,
    to_groups: Vec<Choice>,
}

/// A person in a list.
pub(super) struct PersonLine {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) username: String,
    pub(super) address: String,
    pub(super) groups: String,
    /// What stands out: class and word.
    pub(super) marks: Vec<(&'static str, String)>,
    pub(super) last_login: String,
}

struct Found {
    page: Page,
    groups: Vec<Group>,
    total: Option<i64>,
    problem: String,
}

/// GET /console/people
pub(crate) async fn list(operator: Operator) -> Result<Response, Failure> {
    let known: Vec<&str> = NAMES.iter().copied().chain(["after"]).collect();
    let query = operator.query(&known)?;
    let sought = Sought::read(&query)?;
    let after: Option<PersonId> = match query.text("after") {
        "" => None,
        text => Some(text.parse().map_err(|_| Failure::BadRequest("after: expected the id of a person."))?),
    };
    let found = find(&operator, sought.clone(), after).await?;
    let page = browser_page(&operator, sought, found, after.is_none());
    page::show(StatusCode::OK, &page)
}

async fn find(operator: &Operator, sought: Sought, after: Option<PersonId>) -> Result<Found, Failure> {
    let (zone, now_ms, words) = (operator.zone(), operator.now_ms(), operator.context.words);
    let asked = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let groups = group::list_names(tx, MOST_GROUPS as i64 + 1).await?;
            let (search, problem) = match sought.search(tx, &zone, now_ms).await? {
                Ok(search) => (search, String::new()),
                Err(problem) => (Search::default(), refusal::filter(words, &problem)),
            };
            let mut page = Page { people: Vec::new(), next: None };
            if problem.is_empty() {
                page = person_search::list(tx, &search, after, PER_PAGE).await?;
            }
            let total = match (&page.next, after, sought.is_everybody()) {
                (None, None, _) => Some(page.people.len() as i64),
                (_, _, true) => Some(person_search::count(tx, &Search::default()).await?),
                // Counting what a search finds can take longer than finding the first of it.
                _ => None,
            };
            Ok::<_, Failure>(Found { page, groups, total, problem })
        })
    });
    asked.await
}

fn browser_page(operator: &Operator, sought: Sought, found: Found, is_first: bool) -> BrowserPage {
    let path = |more: &str| {
        let mut parts = vec![sought.address(), more.to_owned()];
        parts.retain(|part| !part.is_empty());
        format!("/console/people?{}", parts.join("&"))
    };
    let may_edit = operator.may(Permission::PeopleEdit);
    let offered = if found.groups.len() > MOST_GROUPS { &[] } else { found.groups.as_slice() };
    let chosen = sought.group.map(|id| id.to_string()).unwrap_or_default();
    let group_choices = |first: String, chosen: &str| {
        let mut choices = vec![Choice::new("", first, chosen)];
        choices.extend(offered.iter().map(|one| {
            let id = one.id.to_string();
            Choice::new(&id, one.name.clone(), chosen)
        }));
        choices
    };
    let mut who = vec![Choice::new("", operator.say("people-who-everybody"), &sought.who)];
    who.extend(
        WHO.iter()
            .map(|(name, _)| Choice::new(name, operator.say(&format!("people-who-{name}")), &sought.who)),
    );
    let thin = !sought.inside && !sought.words.is_empty() && is_first && found.page.next.is_none();
    BrowserPage {
        shell: operator.shell(Place::People),
        tabs: super::tabs(operator, "/console/people"),
        groups: group_choices(operator.say("people-group-any"), &chosen),
        to_groups: group_choices(operator.say("people-group-choose"), ""),
        who,
        filters_open: sought.group.is_some() || !sought.who.is_empty() || !sought.filter.is_empty(),
        total: found.total.map(grouped).unwrap_or_default(),
        is_empty_house: sought.is_everybody() && found.page.people.is_empty() && is_first,
        offer_inside: thin.then(|| path("inside=1")),
        next: found.page.next.map(|next| path(&format!("after={next}"))),
        first: (!is_first).then(|| path("")),
        export: operator
            .may(Permission::PeopleExport)
            .then(|| format!("/console/people/export?{}", sought.address())),
        people: found.page.people.iter().map(|person| line(operator, person)).collect(),
        may_import: operator.may(Permission::PeopleImport),
        actions: super::bulk::choices(operator),
        may_edit,
        problem: found.problem,
        sought,
    }
}

/// A person as lists show them.
pub(super) fn line(operator: &Operator, person: &Person) -> PersonLine {
    let mut marks = Vec::new();
    if person.blocked {
        marks.push(("blocked", operator.say("people-mark-blocked")));
    }
    if person.undeliverable.is_some() {
        marks.push(("undeliverable", operator.say("people-mark-undeliverable")));
    }
    if let Some(system) = &person.system {
        marks.push(("system", system.role.clone()));
    }
    if person.credential.must_change {
        marks.push(("", operator.say("people-mark-must-change")));
    }
    PersonLine {
        id: person.id.to_string(),
        name: person.full_name(),
        username: person.username.clone(),
        address: person.address.as_ref().map(|address| address.as_given().to_owned()).unwrap_or_default(),
        groups: person.groups.join(", "),
        marks,
        last_login: person
            .credential
            .last_login_at
            .map_or_else(|| operator.say("list-never"), |at| operator.at(at)),
    }
}
