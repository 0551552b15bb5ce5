//! Mailings: their list and what its pages share. `new` begins one; `mail`, `recipients` and `start` are its three steps;
//! `show` has its page, `people` and `download` who came how far, `change` what is done to it as a whole.

pub(crate) mod change;
mod count;
pub(crate) mod download;
mod funnel;
pub(crate) mod mail;
pub(crate) mod new;
pub(crate) mod people;
pub(crate) mod preview;
pub(crate) mod recipients;
mod refusals;
pub(crate) mod show;
pub(crate) mod start;
mod steps;
mod typed;

use crate::console::grouped;
use crate::console::operator::Operator;
use crate::console::people::named::names_of;
use crate::console::place;
use crate::console::shell::{Choice, Place, Shell, Tab};
use crate::failure::Failure;
use crate::page;
use crate::query::encode;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::PersonId;
use domain::mailing::{Intent, MailingState};
use domain::role::Permission;
use std::collections::BTreeMap;
use store::StoreError;
use store::mailing::{self, Glance, Mailing, Wanted};

/// Mailings on one page.
const PER_PAGE: usize = 50;
const HERE: &str = "/console/mailings";
const ARCHIVE: &str = "/console/mailings?archived=1";

#[derive(Template)]
#[template(path = "console/mailings.html")]
struct MailingsPage {
    shell: Shell,
    lines: Vec<Line>,
    folders: Vec<Choice>,
    states: Vec<Choice>,
    tabs: Vec<Tab>,
    is_archive: bool,
    is_filtered: bool,
    may_draft: bool,
    next: Option<String>,
    first: Option<String>,
}

/// A mailing in the list.
struct Line {
    path: String,
    number: i64,
    name: String,
    folder: String,
    intent: String,
    is_reminder: bool,
    state: &'static str,
    label: String,
    /// Whom it goes to, or how far they came.
    people: String,
    start: String,
    owner: String,
}

/// What the list reads.
struct Read {
    found: Vec<(Mailing, Glance)>,
    folders: Vec<(String, i64)>,
    names: BTreeMap<PersonId, String>,
}

/// GET /console/mailings
pub(crate) async fn list(operator: Operator) -> Result<Response, Failure> {
    let query = operator.query(&["archived", "state", "folder", "before"])?;
    let wrong = || Failure::BadRequest("state: there is no such state.");
    let state = match query.text("state") {
        "" => None,
        text => Some(MailingState::parse(text).ok_or_else(wrong)?),
    };
    let before = match query.text("before") {
        "" => i64::MAX,
        text => text.parse().map_err(|_| Failure::BadRequest("before: expected the number of a mailing."))?,
    };
    // `-` stands for those in no folder: an empty value means all of them.
    let folder = match query.text("folder") {
        "" => None,
        "-" => Some(String::new()),
        text => Some(text.to_owned()),
    };
    let wanted = Wanted { archived: query.text("archived") == "1", state, folder };
    let read = read(&operator, wanted.clone(), before).await?;
    let page = mailings_page(&operator, &wanted, before, read);
    page::show(StatusCode::OK, &page)
}

async fn read(operator: &Operator, wanted: Wanted, before: i64) -> Result<Read, Failure> {
    let read = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let mailings = mailing::list(tx, &wanted, before, PER_PAGE as i64 + 1).await?;
            let owners: Vec<PersonId> = mailings.iter().map(|one| one.owner_id).collect();
            let mut found = Vec::with_capacity(mailings.len());
            for one in mailings {
                let glance = mailing::glance(tx, &one).await?;
                found.push((one, glance));
            }
            let folders = mailing::list_folders(tx).await?;
            Ok::<_, StoreError>(Read { found, folders, names: names_of(tx, &owners).await? })
        })
    });
    Ok(read.await?)
}

fn mailings_page(operator: &Operator, wanted: &Wanted, before: i64, mut read: Read) -> MailingsPage {
    let state = wanted.state.map_or("", MailingState::as_str);
    let mut states = vec![Choice::new("", operator.say("form-everything"), state)];
    states.extend(
        MailingState::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), state_label(operator, *one, false), state)),
    );
    let folder = match wanted.folder.as_deref() {
        None => "",
        Some("") => "-",
        Some(name) => name,
    };
    let path = |before: Option<i64>| {
        let before = before.map(|before| before.to_string()).unwrap_or_default();
        let archived = if wanted.archived { "1" } else { "" };
        let pairs =
            [("archived", archived), ("state", state), ("folder", folder), ("before", before.as_str())];
        let pairs: Vec<String> = pairs
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        if pairs.is_empty() { HERE.to_owned() } else { format!("{HERE}?{}", pairs.join("&")) }
    };
    let has_more = read.found.len() > PER_PAGE;
    read.found.truncate(PER_PAGE);
    let next = read.found.last().filter(|_| has_more).map(|(one, _)| path(Some(one.number)));
    MailingsPage {
        shell: operator.shell(Place::Mailings),
        lines: read.found.iter().map(|(one, glance)| line(operator, one, glance, &read.names)).collect(),
        folders: folders(operator, &read.folders, folder),
        states,
        tabs: tabs(operator, if wanted.archived { ARCHIVE } else { HERE }),
        is_archive: wanted.archived,
        is_filtered: wanted.state.is_some() || wanted.folder.is_some() || before != i64::MAX,
        may_draft: operator.may(Permission::MailingsDraft),
        first: (before != i64::MAX).then(|| path(None)),
        next,
    }
}

/// The folders with how many mailings lie in each; none, while nobody uses folders.
fn folders(operator: &Operator, found: &[(String, i64)], chosen: &str) -> Vec<Choice> {
    if chosen.is_empty() && found.iter().all(|(name, _)| name.is_empty()) {
        return Vec::new();
    }
    let mut choices = vec![Choice::new("", operator.say("form-everything"), chosen)];
    choices.extend(found.iter().map(|(name, count)| {
        let label = if name.is_empty() { operator.say("mailing-no-folder") } else { name.clone() };
        let value = if name.is_empty() { "-" } else { name.as_str() };
        Choice::new(value, format!("{label} ({})", grouped(*count)), chosen)
    }));
    if !choices.iter().any(|one| one.is_chosen) {
        choices.push(Choice::new(chosen, format!("{chosen} (0)"), chosen));
    }
    choices
}

fn tabs(operator: &Operator, here: &str) -> Vec<Tab> {
    let all = [(HERE, "mailings-here"), (ARCHIVE, "record-archive")];
    all.map(|(path, label)| Tab { path, label: operator.say(label), is_here: path == here }).into()
}

fn line(operator: &Operator, one: &Mailing, glance: &Glance, names: &BTreeMap<PersonId, String>) -> Line {
    let words = operator.context.words;
    let people = if one.started_at.is_some() {
        let gaps = [("accepted", grouped(glance.accepted)), ("done", grouped(glance.done))];
        words.say_with("mailings-progress", &gaps.each_ref().map(|(gap, text)| (*gap, text.as_str())))
    } else if one.reminder.is_some() {
        operator.say("mailings-those-left")
    } else {
        let mut parts = Vec::new();
        if glance.named > 0 {
            parts.push(operator.fill("mailings-named", "count", &grouped(glance.named)));
        }
        if glance.groups > 0 {
            parts.push(operator.fill("mailings-groups", "count", &grouped(glance.groups)));
        }
        if one.selection_id.is_some() {
            parts.push(operator.say("mailings-selection"));
        }
        if parts.is_empty() { "–".to_owned() } else { parts.join(", ") }
    };
    Line {
        path: path_of(one),
        number: one.number,
        name: one.name.clone(),
        folder: one.folder.clone(),
        intent: intent_label(operator, one.intent),
        is_reminder: one.reminder.is_some(),
        state: if one.archived { "archived" } else { state_class(one.state) },
        label: state_label(operator, one.state, one.archived),
        people,
        start: starts_at(operator, one).unwrap_or_else(|| "–".to_owned()),
        owner: names.get(&one.owner_id).cloned().unwrap_or_else(|| "–".to_owned()),
    }
}

/// The start as wall time in the mailing's own zone; `None`: none is saved.
fn starts_at(operator: &Operator, one: &Mailing) -> Option<String> {
    one.starts_at.map(|at| wall(operator, &one.time_zone, at))
}

/// A moment as wall time in a zone, with the zone's short name.
fn wall(operator: &Operator, zone: &str, at_ms: i64) -> String {
    let zone = jiff::tz::TimeZone::get(zone).unwrap_or_else(|_| operator.time_zone());
    match jiff::Timestamp::from_millisecond(at_ms) {
        Ok(at) => at.to_zoned(zone).strftime("%Y-%m-%d %H:%M %Z").to_string(),
        Err(_) => String::new(),
    }
}

fn intent_label(operator: &Operator, intent: Intent) -> String {
    operator.say(&format!("intent-{}", intent.as_str().replace('_', "-")))
}

/// The word for where a mailing stands.
fn state_label(operator: &Operator, state: MailingState, archived: bool) -> String {
    if archived {
        return operator.say("automation-archived");
    }
    operator.say(&format!("mailing-{}", state.as_str()))
}

/// The class of the mark beside the name.
const fn state_class(state: MailingState) -> &'static str {
    match state {
        MailingState::Draft => "draft",
        MailingState::Armed => "active",
        MailingState::Started => "running",
        MailingState::Cancelled => "cancelled",
        MailingState::Failed => "failed",
    }
}

/// The mailing a path names.
async fn get(operator: &Operator, id: &str) -> Result<Mailing, Failure> {
    place::get(operator, id).await
}

/// The same, for a step: one that has begun has its page only.
async fn get_editable(operator: &Operator, id: &str) -> Result<Result<Mailing, Response>, Failure> {
    let one = get(operator, id).await?;
    if one.state.is_editable() { Ok(Ok(one)) } else { Ok(Err(page::go(&path_of(&one)))) }
}

fn path_of(one: &Mailing) -> String {
    format!("{HERE}/{}", one.id)
}

#[cfg(test)]
mod tests {
    use crate::words::Words;
    use domain::language::Language;
    use domain::mailing::{HtmlFormat, Intent, MailingState, Settled, Stage, Step};
    use store::mailing::FunnelStage;

    #[test]
    fn every_intent_state_stage_step_and_format_has_words_in_every_language() {
        let mut ids: Vec<String> = MailingState::ALL.iter().map(|one| format!("mailing-{one}")).collect();
        for intent in Intent::ALL {
            ids.extend(["", "-what", "-means"].map(|end| format!("intent-{intent}{end}")));
        }
        for settled in Settled::ALL {
            ids.extend(["", "-hint", "-now"].map(|end| format!("settled-{settled}{end}")));
        }
        for stage in FunnelStage::all().into_iter().filter(|one| !matches!(one, FunnelStage::At(_))) {
            ids.extend(["", "-means"].map(|end| format!("funnel-{}{end}", stage.as_str())));
        }
        ids.extend(Stage::ALL.iter().map(|one| format!("stage-{one}")));
        ids.extend(Step::ALL.iter().map(|one| format!("did-{one}")));
        ids.extend(HtmlFormat::ALL.iter().map(|one| format!("mailing-format-{one}")));
        for (what, ways) in [
            ("fields", &["good", "fault"][..]),
            ("words", &["good", "fault"]),
            ("recipients", &["good", "fault"]),
            ("names", &["good", "warning"]),
            ("sender", &["good", "warning", "fault"]),
            ("base-url", &["good", "warning"]),
        ] {
            ids.push(format!("finding-{what}"));
            ids.extend(ways.iter().map(|way| format!("finding-{what}-{way}")));
        }
        for language in [Language::En, Language::De, Language::Fr] {
            let words = Words::of(language);
            for id in ids.iter().map(|id| id.replace('_', "-")) {
                assert_ne!(words.say(&id), id, "{language:?}");
            }
        }
    }
}
