//! The page of one person: facts, groups, what happened, sessions, and what can be done.

use crate::console::operator::Operator;
use crate::console::people::browser::{self, PersonLine};
use crate::console::people::limits;
use crate::console::people::wishes::{self, Wished, Wishes};
use crate::console::place::id_of;
use crate::console::shell::{Choice, Place, Shell};
use crate::failure::Failure;
use crate::page;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{MailingId, PersonId};
use domain::mailing::Step;
use domain::person::{AttributeValue, PasswordSet, Person};
use domain::recipient::RecipientState;
use domain::role::Permission;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use store::group::{self, Group};
use store::mailing::{self, Told};
use store::timeline::{self, Done, Mailed};
use store::{StoreError, Tx, attribute, person};

/// Lines of the timeline.
const MOST_LINES: usize = 50;

#[derive(Template)]
#[template(path = "console/people/person.html")]
struct PersonPage {
    shell: Shell,
    id: String,
    line: PersonLine,
    /// Why mail does not arrive.
    undeliverable: Option<String>,
    is_blocked: bool,
    facts: Vec<(String, String)>,
    credential: Vec<(String, String)>,
    attributes: Vec<(String, String)>,
    groups: Vec<(String, String)>,
    other_groups: Vec<Choice>,
    timeline: Vec<TimelineLine>,
    sessions: Vec<SessionLine>,
    may_edit: bool,
    may_mail: bool,
    /// Whether rank or being oneself forbids changes.
    is_out_of_reach: bool,
    is_oneself: bool,
    held: limits::Held,
    wishes: Wishes,
    may_see_events: bool,
    notice: Option<String>,
}

/// Something that happened.
pub(super) struct TimelineLine {
    at_ms: i64,
    pub(super) at: String,
    pub(super) class: &'static str,
    pub(super) text: String,
    pub(super) note: String,
    /// Where there is more.
    pub(super) path: String,
    pub(super) path_label: String,
}

/// A browser that is signed in.
struct SessionLine {
    browser: String,
    realm: String,
    seen: String,
    network: String,
}

struct Read {
    person: Person,
    attributes: Vec<attribute::Attribute>,
    groups: Vec<Group>,
    mailed: Vec<Mailed>,
    done: Vec<Done>,
    /// What the person did about mailings, with their names.
    steps: Vec<(Told, String)>,
    wished: Wished,
}

/// GET /console/people/{id}
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    operator.query(&[])?;
    let id = id_of(&id)?;
    answer(&operator, id, StatusCode::OK, None).await
}

/// The page, with what could not be done.
pub(super) async fn answer(
    operator: &Operator,
    id: PersonId,
    status: StatusCode,
    notice: Option<String>,
) -> Result<Response, Failure> {
    let with_runs = operator.may(Permission::RunsView);
    let with_mailings = operator.may(Permission::MailingsView);
    let asked = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let most = MOST_LINES as i64;
            Ok::<_, Failure>(Read {
                person: person::get(tx, id).await?,
                attributes: attribute::list(tx).await?,
                groups: group::list_names(tx, 500).await?,
                mailed: timeline::list_mailed(tx, id, if with_runs { most } else { 0 }).await?,
                done: timeline::list_done(tx, id, most).await?,
                steps: if with_mailings { steps_of(tx, id, most).await? } else { Vec::new() },
                wished: Wished::read(tx, id).await?,
            })
        })
    });
    let read = asked.await?;
    let sessions = operator.state().auth.list_sessions(id, operator.now_ms()).await?;
    let sessions = sessions
        .into_iter()
        .map(|session| SessionLine {
            browser: if session.user_agent.is_empty() {
                operator.say("account-unknown-browser")
            } else {
                session.user_agent
            },
            realm: operator.say(&format!("person-realm-{}", session.realm.as_str().replace('_', "-"))),
            seen: operator.at(session.seen_at),
            network: session.network,
        })
        .collect();
    let held = limits::read(operator, id).await?;
    page::show(status, &person_page(operator, read, sessions, held, notice))
}

fn person_page(
    operator: &Operator,
    read: Read,
    sessions: Vec<SessionLine>,
    held: limits::Held,
    notice: Option<String>,
) -> PersonPage {
    let person = &read.person;
    let rank = person.system.as_ref().map(|system| system.rank);
    let is_oneself = person.id == operator.id();
    let (inside, outside): (Vec<&Group>, Vec<&Group>) =
        read.groups.iter().partition(|group| person.groups.contains(&group.name));
    let mut other_groups = vec![Choice::new("", operator.say("people-group-choose"), "")];
    other_groups.extend(outside.iter().map(|one| Choice::new(&one.id.to_string(), one.name.clone(), "")));
    let label = |name: &String| {
        let found = read.attributes.iter().find(|one| one.name == *name);
        found.map_or_else(|| name.clone(), |one| one.label.clone())
    };
    PersonPage {
        shell: operator.shell(Place::People),
        id: person.id.to_string(),
        line: browser::line(operator, person),
        undeliverable: person.undeliverable.clone(),
        is_blocked: person.blocked,
        facts: facts(operator, person),
        credential: credential(operator, person),
        attributes: person
            .attributes
            .iter()
            .map(|(name, value)| (label(name), shown(operator, value)))
            .collect(),
        groups: inside.iter().map(|one| (one.id.to_string(), one.name.clone())).collect(),
        other_groups,
        timeline: timeline_of(operator, read.mailed, read.done, read.steps),
        sessions,
        may_edit: operator.may(Permission::PeopleEdit),
        may_mail: operator.may(Permission::CredentialsMail) && !is_oneself,
        is_out_of_reach: !is_oneself && !operator.acting().outranks(rank),
        is_oneself,
        held,
        wishes: wishes::of(operator, read.wished),
        may_see_events: operator.may(Permission::EventsView),
        notice,
    }
}

/// The last steps of a person with the names of the mailings they followed; one that is gone has none.
async fn steps_of(tx: &mut Tx, id: PersonId, most: i64) -> Result<Vec<(Told, String)>, StoreError> {
    let mut names: BTreeMap<MailingId, String> = BTreeMap::new();
    let mut steps = Vec::new();
    for told in mailing::list_steps_of(tx, id, most).await? {
        if let Entry::Vacant(place) = names.entry(told.mailing_id) {
            match mailing::get(tx, told.mailing_id).await {
                Ok(mailing) => place.insert(mailing.name),
                Err(StoreError::NotFound(_)) => continue,
                Err(error) => return Err(error),
            };
        }
        let name = names.get(&told.mailing_id).cloned().unwrap_or_default();
        steps.push((told, name));
    }
    Ok(steps)
}

fn facts(operator: &Operator, person: &Person) -> Vec<(String, String)> {
    let mut facts = vec![
        ("person-username", Some(person.username.clone())),
        ("person-address", person.address.as_ref().map(|address| address.as_given().to_owned())),
        ("person-external-id", person.external_id.clone()),
        ("person-language", person.language.clone()),
        ("person-time-zone", person.time_zone.clone()),
        ("person-created", Some(operator.at(person.created_at))),
    ];
    if let Some(system) = &person.system {
        facts.push(("person-role", Some(format!("{} ({})", system.role, system.user_type.as_str()))));
        facts.push(("person-expires", system.expires_at.map(|at| operator.at(at))));
    }
    let dash = || "–".to_owned();
    facts.into_iter().map(|(label, value)| (operator.say(label), value.unwrap_or_else(dash))).collect()
}

fn credential(operator: &Operator, person: &Person) -> Vec<(String, String)> {
    let known = &person.credential;
    let how = match (known.has_password, known.set) {
        (true, _) => operator.say("person-password-chosen"),
        (false, Some(PasswordSet::Mailed)) => operator.say("person-password-mailed"),
        (false, _) => operator.say("person-password-none"),
    };
    let never = || operator.say("list-never");
    let at = |at: Option<i64>| at.map_or_else(never, |at| operator.at(at));
    let yes = |is: bool| operator.say(if is { "form-yes" } else { "form-no" });
    vec![
        (operator.say("person-password"), how),
        (operator.say("person-password-changed"), at(known.changed_at)),
        (operator.say("person-password-mailed-at"), at(known.mailed_at)),
        (operator.say("person-must-change"), yes(known.must_change)),
        (operator.say("person-last-login"), at(known.last_login_at)),
        (operator.say("person-failed-logins"), known.failed_logins.to_string()),
    ]
}

fn shown(operator: &Operator, value: &AttributeValue) -> String {
    match value {
        AttributeValue::String(text) => text.clone(),
        AttributeValue::Number(number) => number.to_string(),
        AttributeValue::Boolean(is) => operator.say(if *is { "form-yes" } else { "form-no" }),
        AttributeValue::DateTime(at) => operator.at(at.as_millisecond()),
    }
}

/// Runs, changes and what the person did about mailings together, newest first.
fn timeline_of(
    operator: &Operator,
    mailed: Vec<Mailed>,
    done: Vec<Done>,
    steps: Vec<(Told, String)>,
) -> Vec<TimelineLine> {
    let words = operator.context.words;
    let steps = steps.into_iter().map(|(told, mailing)| TimelineLine {
        at_ms: told.at,
        at: operator.at(told.at),
        class: if told.step == Step::PasswordSet { "good" } else { "" },
        text: operator.say(&format!("did-{}", told.step.as_str().replace('_', "-"))),
        note: String::new(),
        path: format!("/console/mailings/{}", told.mailing_id),
        path_label: mailing,
    });
    let runs = mailed.into_iter().map(|one| {
        let at_ms = one.settled_at.unwrap_or(one.created_at);
        let explained = one.reason.as_deref().map(|reason| words.reason(reason));
        TimelineLine {
            at_ms,
            at: operator.at(at_ms),
            class: match one.state {
                RecipientState::Accepted => "good",
                RecipientState::Refused | RecipientState::Bounced => "bad",
                RecipientState::Unknown | RecipientState::Deferred => "warn",
                _ => "",
            },
            text: operator.fill("person-in-run", "state", &words.state(one.state.as_str())),
            note: one.reply.or(explained).unwrap_or_default(),
            path: format!("/console/runs/{}", one.run),
            path_label: one.run_name,
        }
    });
    let changes = done.into_iter().map(|one| TimelineLine {
        at_ms: one.at,
        at: operator.at(one.at),
        class: "",
        text: words.action(&one.action),
        note: limits::explained(words, &one)
            .unwrap_or_else(|| one.by.unwrap_or_else(|| words.actor(&one.actor))),
        path: String::new(),
        path_label: String::new(),
    });
    let mut lines: Vec<TimelineLine> = runs.chain(changes).chain(steps).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.at_ms));
    lines.truncate(MOST_LINES);
    lines
}
