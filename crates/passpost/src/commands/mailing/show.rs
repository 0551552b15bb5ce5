//! Mailings as lists and pages show them.

use super::{find, pace};
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::{moment, moment_or_dash, number};
use crate::table::{self, Column};
use domain::id::PersonId;
use domain::mailing::{Intent, MailingState};
use domain::role::Permission;
use jiff::Timestamp;
use serde_json::json;
use store::mailing::{self, Chosen, Mailing, Wanted};
use store::run::Run;

#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// Only those in this folder; "": in none
    #[arg(long)]
    folder: Option<String>,
    /// Only those in this state: draft, armed, started, cancelled or failed
    #[arg(long, value_parser = state)]
    state: Option<MailingState>,
    /// Those in the archive
    #[arg(long)]
    archived: bool,
    /// How many at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
}

fn state(text: &str) -> Result<MailingState, String> {
    MailingState::parse(text).ok_or_else(|| "expected draft, armed, started, cancelled or failed".to_owned())
}

pub(super) async fn list(context: &Context, args: List) -> Outcome {
    context.acting(Permission::MailingsView).await?;
    let is_all = !args.archived && args.state.is_none() && args.folder.is_none();
    let wanted = Wanted { archived: args.archived, state: args.state, folder: args.folder };
    let found = context
        .store
        .read(move |tx| Box::pin(async move { mailing::list(tx, &wanted, i64::MAX, args.limit).await }))
        .await?;
    context.out.show(&found, |found, out| {
        if found.is_empty() {
            out.line(if is_all { "There is no mailing yet. Save one:" } else { "There is none." });
            if is_all {
                out.line("  passpost mailing create Welcome --sender-address office@example.org");
            }
        }
        let rows: Vec<Vec<String>> = found
            .iter()
            .map(|one| {
                vec![
                    one.number.to_string(),
                    one.folder.clone(),
                    one.name.clone(),
                    does(one.intent).to_owned(),
                    starts(one),
                    status(one),
                ]
            })
            .collect();
        let columns = [
            Column::Right("NO"),
            Column::Left("FOLDER"),
            Column::Left("NAME"),
            Column::Left("DOES"),
            Column::Whole("START"),
            Column::Whole("STATE"),
        ];
        table::print(out, &columns, &rows);
    });
    Ok(Done::All)
}

/// Everything that belongs to a mailing.
struct Whole {
    one: Mailing,
    owner: String,
    selection: Option<String>,
    groups: Vec<Chosen>,
    named: i64,
    reminders: Vec<Mailing>,
    runs: Vec<Run>,
}

async fn read(context: &Context, one: Mailing) -> Result<Whole, Failure> {
    let found = context
        .store
        .read(move |tx| {
            Box::pin(async move {
                let selection = match one.selection_id {
                    Some(id) => Some(store::selection::get(tx, id).await?.name),
                    None => None,
                };
                let owner = name_of(tx, one.owner_id).await?;
                Ok::<_, store::StoreError>(Whole {
                    owner,
                    selection,
                    groups: mailing::list_groups(tx, one.id).await?,
                    named: mailing::count_people(tx, one.id).await?,
                    reminders: mailing::list_reminders(tx, one.id).await?,
                    runs: store::run::list_of_mailing(tx, one.id).await?,
                    one,
                })
            })
        })
        .await?;
    Ok(found)
}

async fn name_of(tx: &mut store::Tx, id: PersonId) -> Result<String, store::StoreError> {
    let found = store::person::find(tx, id).await?;
    Ok(found.map_or_else(|| "–".into(), |person| person.username))
}

pub(super) async fn one(context: &Context, which: &str) -> Outcome {
    context.acting(Permission::MailingsView).await?;
    let one = find(context, which).await?;
    let whole = read(context, one).await?;
    if context.out.is_json() {
        context.out.document(&json!({
            "mailing": whole.one, "selection": whole.selection, "groups": whole.groups, "named": whole.named,
            "reminders": whole.reminders.iter().map(|one| one.number).collect::<Vec<_>>(), "runs": whole.runs,
        }));
        return Ok(Done::All);
    }
    context.out.heading(format!("{} {}", whole.one.number, whole.one.name));
    context.out.facts(&facts(&whole));
    context.out.line("");
    context.out.line(whole.one.words.text.trim_end());
    Ok(Done::All)
}

fn facts(whole: &Whole) -> Vec<(&'static str, String)> {
    let one = &whole.one;
    let words = &one.words;
    let mut facts = vec![("State", status(one))];
    if let Some(cause) = &one.cause {
        facts.push(("Cause", cause.clone()));
    }
    if !one.folder.is_empty() {
        facts.push(("Folder", one.folder.clone()));
    }
    facts.extend([
        ("Owner", whole.owner.clone()),
        ("Does", does(one.intent).to_owned()),
        ("Start", starts(one)),
        ("Pace", pace::words(&one.pace)),
        ("Recipients", recipients(whole)),
    ]);
    if let Some(until) = one.late_until_at {
        facts.push(("Late joiners", format!("until {}", moment(until))));
    }
    match one.intent {
        Intent::OfferLink => {}
        Intent::PersonalLink => facts.push(("Link valid for", format!("{} hours", one.link_hours))),
        Intent::ForcePassword => {
            facts.push(("Valid for", format!("{} hours", one.password.valid_hours)));
            facts.push(("Old password", one.password.mode.as_str().replace('_', " ")));
        }
    }
    let html = if words.html_source.is_empty() { "none" } else { words.html_format.as_str() };
    facts.extend([
        ("From", format!("{} <{}>", words.sender_name, words.sender_address)),
        ("Language", words.language.to_string()),
        ("HTML part", html.to_owned()),
        ("Changed", moment_or_dash(Some(one.updated_at))),
    ]);
    if !whole.reminders.is_empty() {
        let numbers: Vec<String> = whole.reminders.iter().map(|one| one.number.to_string()).collect();
        facts.push(("Reminders", numbers.join(", ")));
    }
    if !whole.runs.is_empty() {
        let numbers: Vec<String> = whole.runs.iter().map(|run| run.number.to_string()).collect();
        facts.push(("Runs", numbers.join(", ")));
    }
    facts.push(("Subject", words.subject.clone()));
    facts
}

/// Where its recipients come from, in a line.
fn recipients(whole: &Whole) -> String {
    if let Some(reminder) = &whole.one.reminder {
        return format!(
            "those of its mailing who are {}, {} hours after the last mail, {} times at most",
            reminder.stage.as_str().replace('_', " "),
            reminder.gap_hours,
            reminder.most
        );
    }
    let mut parts: Vec<String> = Vec::new();
    parts.extend(whole.selection.as_ref().map(|name| format!("selection {name:?}")));
    parts.extend(
        whole.groups.iter().map(|group| format!("group {:?} ({})", group.name, number(group.members))),
    );
    if whole.named > 0 {
        parts.push(format!("{} by name", number(whole.named)));
    }
    if parts.is_empty() {
        return "none yet".into();
    }
    format!("{}; settled {}", parts.join(", "), whole.one.settled.as_str().replace('_', " "))
}

/// What it does, in words.
pub(super) const fn does(intent: Intent) -> &'static str {
    match intent {
        Intent::OfferLink => "offers a link",
        Intent::PersonalLink => "sends a personal link",
        Intent::ForcePassword => "forces a new password",
    }
}

/// The start as wall time in its own zone.
pub(super) fn starts(one: &Mailing) -> String {
    let Some(at) = one.starts_at.and_then(|at| Timestamp::from_millisecond(at).ok()) else {
        return "–".into();
    };
    match jiff::tz::TimeZone::get(&one.time_zone) {
        Ok(zone) => at.to_zoned(zone).strftime("%a %Y-%m-%d %H:%M %Z").to_string(),
        Err(_) => at.to_string(),
    }
}

fn status(one: &Mailing) -> String {
    if one.archived { format!("{}, archived", one.state) } else { one.state.to_string() }
}
