//! The list: the newest first, each entry in words with its particulars.

use super::names::Names;
use super::verify::Standing;
use super::wanted::{ACTORS, Asked, FIELDS, Meant};
use crate::console::operator::Operator;
use crate::console::shell::{Choice, Place, Shell};
use crate::failure::Failure;
use crate::page;
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::role::Permission;
use store::StoreError;
use store::audit::{self, Listed};

/// Entries on one page.
const PER_PAGE: usize = 50;

/// What was done, by what it was done to: the choices of the filter.
pub(crate) const KINDS: [&str; 24] = [
    "login.",
    "password.",
    "reset.",
    "subscription.",
    "address.",
    "deletion.",
    "session.",
    "second_factor.",
    "person.",
    "people.",
    "group.",
    "attribute.",
    "role.",
    "selection.",
    "automation.",
    "run.",
    "template.",
    "holiday.",
    "sending.",
    "bounce.",
    "bootstrap.",
    "limit.",
    "key.",
    "request.",
];

#[derive(Template)]
#[template(path = "console/audit.html")]
struct AuditPage {
    shell: Shell,
    asked: Asked,
    actors: Vec<Choice>,
    kinds: Vec<Choice>,
    entries: Vec<Line>,
    /// What of the filter cannot be read or means nothing.
    notice: Option<String>,
    newer: Option<String>,
    older: Option<String>,
    csv: String,
    standing: Standing,
}

/// One entry.
struct Line {
    number: i64,
    at: String,
    who: String,
    who_path: String,
    /// As what a person acted; empty: as an operator in the browser, or nobody is named.
    how: String,
    what: String,
    subject: String,
    subject_path: String,
    details: Vec<(String, String)>,
    network: String,
}

/// GET /console/audit
pub(crate) async fn list(operator: Operator) -> Result<Response, Failure> {
    let known: Vec<&str> = FIELDS.into_iter().chain(["before", "after"]).collect();
    let query = operator.query(&known)?;
    let asked = Asked::of(&query);
    let number = |name: &str| match query.text(name) {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Failure::BadRequest("expected the number of an entry.")),
    };
    let (before, after): (Option<i64>, Option<i64>) = (number("before")?, number("after")?);
    let (notice, wanted) = match asked.meant(&operator).await? {
        Meant::Entries(wanted) => (None, Some(wanted)),
        Meant::Nothing(field) => (Some(operator.say(&format!("audit-no-{field}"))), None),
        Meant::Wrong(_) => (Some(operator.say("audit-wrong-day")), None),
    };
    let mut entries = match wanted {
        None => Vec::new(),
        Some(wanted) => {
            let most = PER_PAGE as i64 + 1;
            let read = operator.state().store.read(move |tx| {
                Box::pin(async move {
                    match after {
                        Some(after) => audit::search_after(tx, &wanted, after, most).await,
                        None => audit::search(tx, &wanted, before.unwrap_or(i64::MAX), most).await,
                    }
                })
            });
            read.await.map_err(|error: StoreError| Failure::from(error))?
        }
    };
    let more = entries.len() > PER_PAGE;
    if more && after.is_some() {
        entries.remove(0);
    }
    entries.truncate(PER_PAGE);
    let names = Names::read(&operator.state().store, &entries).await?;
    let page = audit_page(&operator, asked, notice, &entries, &names, (before, after, more));
    page::show(StatusCode::OK, &page)
}

fn audit_page(
    operator: &Operator,
    asked: Asked,
    notice: Option<String>,
    entries: &[Listed],
    names: &Names,
    (before, after, more): (Option<i64>, Option<i64>, bool),
) -> AuditPage {
    let filter = asked.query();
    let link = |way: &str, number: i64| {
        let rest = if filter.is_empty() { String::new() } else { format!("&{filter}") };
        format!("/console/audit?{way}={number}{rest}")
    };
    let has_newer = if after.is_some() { more } else { before.is_some() };
    let has_older = after.is_some() || more;
    let choice = |value: &str, label: String, chosen: &str| Choice {
        value: value.to_owned(),
        label,
        is_chosen: value == chosen,
    };
    AuditPage {
        shell: operator.shell(Place::Audit),
        actors: ACTORS.iter().map(|one| choice(one, operator.context.words.actor(one), &asked.who)).collect(),
        kinds: KINDS
            .iter()
            .map(|one| {
                let id = format!("audit-kind-{}", one.trim_end_matches('.').replace('_', "-"));
                choice(one, operator.say(&id), &asked.action)
            })
            .collect(),
        newer: entries.first().filter(|_| has_newer).map(|one| link("after", one.number)),
        older: entries.last().filter(|_| has_older).map(|one| link("before", one.number)),
        entries: entries.iter().map(|one| line(operator, names, one)).collect(),
        notice,
        csv: if filter.is_empty() {
            "/console/audit.csv".to_owned()
        } else {
            format!("/console/audit.csv?{filter}")
        },
        standing: Standing::of(operator),
        asked,
    }
}

fn line(operator: &Operator, names: &Names, one: &Listed) -> Line {
    let words = operator.context.words;
    // Who may read the log reads what was done; names belong to who may see people.
    let named = operator.may(Permission::PeopleView);
    let who = one.actor_id.map(|id| match names.person(id) {
        Some(name) if named => (name.to_owned(), format!("/console/people/{id}")),
        Some(_) => (operator.say("run-hidden"), String::new()),
        None => (operator.say("run-nobody-left"), String::new()),
    });
    let (who, who_path) = who.unwrap_or_else(|| (words.actor(&one.actor), String::new()));
    let is_person = one.subject_kind == "person";
    let (subject, subject_path) = match names.subject(one) {
        Some(_) if is_person && !named => (operator.say("run-hidden"), String::new()),
        Some(found) => (found.name, found.path),
        None => (unnamed(operator, one), String::new()),
    };
    Line {
        number: one.number,
        at: operator.at_second(one.at),
        how: if one.actor_id.is_none() || one.actor == "operator" {
            String::new()
        } else {
            words.actor(&one.actor)
        },
        who,
        who_path,
        what: words.action(&one.action),
        subject,
        subject_path,
        details: details(operator, names, &one.detail),
        network: one.network.clone(),
    }
}

/// A thing without a name: its kind, and what is stored of it.
fn unnamed(operator: &Operator, one: &Listed) -> String {
    if one.subject_id.is_empty() {
        return String::new();
    }
    let kind = operator.context.words.find(&format!("audit-subject-{}", one.subject_kind.replace('_', "-")));
    let kind = kind.unwrap_or_else(|| one.subject_kind.clone());
    if one.subject_kind == "installation" { kind } else { format!("{kind} {}", one.subject_id) }
}

/// The particulars, in words where there are any: numbers, yes and no, short texts.
fn details(operator: &Operator, names: &Names, detail: &serde_json::Value) -> Vec<(String, String)> {
    let words = operator.context.words;
    let Some(all) = detail.as_object() else { return Vec::new() };
    all.iter()
        .filter_map(|(name, value)| {
            let id = format!("audit-detail-{}", name.replace('_', "-"));
            // Times end in `_at`, everywhere.
            let at = value.as_i64().filter(|_| name.ends_with("_at")).map(|at| operator.at(at));
            let key = value.as_str().filter(|_| name == "key").and_then(|id| names.key(id));
            let reason = value.as_str().filter(|_| name == "reason").map(|reason| words.reason(reason));
            let value = at.or(key).or(reason).or_else(|| told(words, value))?;
            let name = words.find(&id).unwrap_or_else(|| name.replace('_', " "));
            Some((name, value))
        })
        .collect()
}

fn told(words: &Words, value: &serde_json::Value) -> Option<String> {
    use serde_json::Value;
    match value {
        Value::Null => None,
        Value::Bool(yes) => Some(words.say(if *yes { "form-yes" } else { "form-no" })),
        Value::Number(number) => {
            Some(number.as_i64().map_or_else(|| number.to_string(), crate::console::grouped))
        }
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(all) if all.is_empty() => None,
        Value::Array(all) => {
            Some(all.iter().filter_map(|one| told(words, one)).collect::<Vec<_>>().join(", "))
        }
        Value::Object(all) => {
            let pairs = all.iter().filter_map(|(name, one)| Some(format!("{name} {}", told(words, one)?)));
            Some(pairs.collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty())
        }
    }
}
