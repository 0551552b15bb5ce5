//! Whom a mailing goes to: a selection, groups, people by name, and lists read line by line.

use super::words::read;
use super::{find, pace, title};
use crate::clock::now_ms;
use crate::commands::{group, selection};
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::{number, people};
use crate::table::{self, Column};
use domain::id::{GroupId, MailingId, PersonId, SelectionId};
use domain::mailing::{NotPossible, Settled};
use domain::role::Permission;
use serde_json::{Value, json};
use std::path::PathBuf;
use store::mailing::{self, Draft, Line, Mailing};
use store::{Acting, ChangeError, Refusal, Tx};

/// How many people chosen by name are shown.
const SHOWN: i64 = 100;
/// How many lines that say nothing are shown.
const SHOWN_LINES: usize = 50;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Its number or name
    mailing: String,
    /// The selection whose people it goes to
    #[arg(long)]
    selection: Option<String>,
    /// No selection any more
    #[arg(long, conflicts_with = "selection")]
    no_selection: bool,
    /// A group whose members it goes to; may be given several times
    #[arg(long, value_name = "GROUP")]
    group: Vec<String>,
    /// A group to take out; may be given several times
    #[arg(long, value_name = "GROUP")]
    remove_group: Vec<String>,
    /// A person to add, by user name, id, external id or address; may be given several times
    #[arg(long, value_name = "WHO")]
    add: Vec<String>,
    /// A person to take out who was added by name; may be given several times
    #[arg(long, value_name = "WHO")]
    remove: Vec<String>,
    /// A file with user names or addresses, one a line; -: stdin
    #[arg(long, value_name = "LIST")]
    file: Option<PathBuf>,
    /// When its recipients are settled: when_armed or at_start
    #[arg(long, value_parser = settled)]
    settled: Option<Settled>,
    /// Mail those, too, who are found after the start, until this moment, as in 2026-12-31T18:00
    #[arg(long, value_name = "TIME")]
    late_until: Option<String>,
    /// Nobody who is found after the start
    #[arg(long, conflicts_with = "late_until")]
    no_late: bool,
}

fn settled(text: &str) -> Result<Settled, String> {
    Settled::parse(&text.replace('-', "_")).ok_or_else(|| "expected when_armed or at_start".to_owned())
}

/// What is to change, with every name looked up.
#[derive(Debug, Default)]
struct Change {
    selection: Option<Option<SelectionId>>,
    settled: Option<Settled>,
    late_until: Option<Option<i64>>,
    groups: Vec<GroupId>,
    groups_out: Vec<GroupId>,
    people: Vec<PersonId>,
    people_out: Vec<PersonId>,
    lines: Vec<String>,
}

/// What became of it.
#[derive(Debug)]
struct Changed {
    added: u64,
    removed: u64,
    lines: Vec<Line>,
}

pub(super) async fn run(context: &Context, args: Args) -> Outcome {
    if args.is_empty() {
        return show(context, &args.mailing).await;
    }
    let acting = context.acting_person(Permission::MailingsDraft).await?;
    let one = find(context, &args.mailing).await?;
    let change = args.look_up(context, &one).await?;
    let (id, now, given) = (one.id, now_ms(), change.lines.clone());
    let changed = context
        .store
        .write(move |tx| Box::pin(async move { make(tx, &acting, id, change, now).await }))
        .await?;
    tell(context, &one, &changed, &given);
    let lost = changed.lines.iter().any(|line| matches!(line, Line::Unknown | Line::Several { .. }));
    Ok(if lost { Done::SomeFailed } else { Done::All })
}

impl Args {
    fn is_empty(&self) -> bool {
        let keeps = self.selection.is_none() && !self.no_selection && self.settled.is_none();
        let times = self.late_until.is_none() && !self.no_late;
        let groups = self.group.is_empty() && self.remove_group.is_empty();
        let people = self.add.is_empty() && self.remove.is_empty() && self.file.is_none();
        keeps && times && groups && people
    }

    async fn look_up(&self, context: &Context, one: &Mailing) -> Result<Change, Failure> {
        let mut change = Change { settled: self.settled, ..Change::default() };
        if let Some(name) = &self.selection {
            let found = selection::find(context, name).await?;
            if !found.published {
                return Err(Failure::usage(format!("the selection {name:?} is a draft"))
                    .hint(format!("passpost selection publish {name:?}")));
            }
            change.selection = Some(Some(found.id));
        } else if self.no_selection {
            change.selection = Some(None);
        }
        if let Some(text) = &self.late_until {
            change.late_until = Some(Some(pace::moment(text, &one.time_zone)?));
        } else if self.no_late {
            change.late_until = Some(None);
        }
        for name in &self.group {
            change.groups.push(group::find(context, name).await?.id);
        }
        for name in &self.remove_group {
            change.groups_out.push(group::find(context, name).await?.id);
        }
        for who in &self.add {
            change.people.push(context.person(who).await?.id);
        }
        for who in &self.remove {
            change.people_out.push(context.person(who).await?.id);
        }
        if let Some(path) = &self.file {
            change.lines = list(path)?;
        }
        Ok(change)
    }
}

/// The lines of a list; it may be longer than a mail's part.
fn list(path: &std::path::Path) -> Result<Vec<String>, Failure> {
    let text = if path == std::path::Path::new("-") {
        read(path)?
    } else {
        std::fs::read_to_string(path)
            .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(text.lines().map(str::to_owned).collect())
}

/// All of it, or nothing.
async fn make(
    tx: &mut Tx,
    acting: &Acting,
    id: MailingId,
    change: Change,
    now_ms: i64,
) -> Result<Changed, ChangeError> {
    let before = mailing::lock(tx, id).await?;
    let is_of_draft = change.selection.is_some() || change.settled.is_some() || change.late_until.is_some();
    if is_of_draft {
        if before.reminder.is_some() {
            return Err(Refusal::State(NotPossible::Family.into()).into());
        }
        let mut draft = Draft::of(&before);
        draft.selection_id = change.selection.unwrap_or(draft.selection_id);
        draft.settled = change.settled.unwrap_or(draft.settled);
        draft.late_until_at = change.late_until.unwrap_or(draft.late_until_at);
        mailing::update(tx, acting, id, &draft, now_ms).await?;
    }
    for group in change.groups {
        mailing::add_group(tx, acting, id, group, now_ms).await?;
    }
    for group in change.groups_out {
        mailing::remove_group(tx, acting, id, group, now_ms).await?;
    }
    let lines: Vec<&str> = change.lines.iter().map(String::as_str).collect();
    let lines = mailing::read_lines(tx, &lines).await?;
    let listed = lines.iter().filter_map(|line| match line {
        Line::Found { person_id, .. } => Some(*person_id),
        _ => None,
    });
    let mut people: Vec<PersonId> = change.people.into_iter().chain(listed).collect();
    people.sort_unstable();
    people.dedup();
    let added =
        if people.is_empty() { 0 } else { mailing::add_people(tx, acting, id, &people, now_ms).await? };
    let out = change.people_out;
    let removed =
        if out.is_empty() { 0 } else { mailing::remove_people(tx, acting, id, &out, now_ms).await? };
    Ok(Changed { added, removed, lines })
}

fn tell(context: &Context, one: &Mailing, changed: &Changed, given: &[String]) {
    let Changed { added, removed, lines } = changed;
    if context.out.is_json() {
        let lines: Vec<Value> = lines.iter().enumerate().map(|(place, line)| numbered(place, line)).collect();
        context.out.document(&json!({
            "number": one.number, "added": added, "removed": removed, "lines": lines,
        }));
        return;
    }
    let count = |count: u64| people(i64::try_from(count).unwrap_or(i64::MAX));
    let mut parts = vec![format!("{} has its recipients", title(one))];
    if *added > 0 {
        parts.push(format!("{} added by name", count(*added)));
    }
    if *removed > 0 {
        parts.push(format!("{} taken out", count(*removed)));
    }
    context.out.done(parts.join(": "), &Value::Null);
    let problems: Vec<Vec<String>> = lines
        .iter()
        .zip(given)
        .enumerate()
        .filter_map(|(place, (line, given))| {
            Some(vec![(place + 1).to_string(), given.trim().to_owned(), wrong(line)?])
        })
        .collect();
    if !lines.is_empty() {
        let found = lines.iter().filter(|line| matches!(line, Line::Found { .. })).count();
        context.out.line(format!(
            "{} lines: {} found, {} not taken",
            number(i64::try_from(lines.len()).unwrap_or(i64::MAX)),
            number(i64::try_from(found).unwrap_or(i64::MAX)),
            number(i64::try_from(problems.len()).unwrap_or(i64::MAX)),
        ));
    }
    let hidden = problems.len().saturating_sub(SHOWN_LINES);
    let shown = problems.get(..problems.len().min(SHOWN_LINES)).unwrap_or_default();
    table::print(&context.out, &[Column::Right("LINE"), Column::Left("SAYS"), Column::Left("RESULT")], shown);
    if hidden > 0 {
        context.out.note(format!("{hidden} more; --json gives every line."));
    }
    context.out.note(format!("Look at it: passpost mailing preview {}", one.number));
}

/// Why a line was not taken; `None`: it was, or nothing stands in it.
fn wrong(line: &Line) -> Option<String> {
    match line {
        Line::Found { .. } | Line::Empty => None,
        Line::Repeated { username } => Some(format!("{username} stands above already")),
        Line::Several { people } => {
            Some(format!("{people} people have this address: write their user names"))
        }
        Line::Unknown => Some("nobody has this user name or address".into()),
    }
}

fn numbered(place: usize, line: &Line) -> Value {
    let mut value = serde_json::to_value(line).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        object.insert("line".into(), (place + 1).into());
    }
    value
}

async fn show(context: &Context, which: &str) -> Outcome {
    context.acting(Permission::MailingsView).await?;
    let one = find(context, which).await?;
    let (id, selection_id) = (one.id, one.selection_id);
    let (selection, groups, named, count) = context
        .store
        .read(move |tx| {
            Box::pin(async move {
                let selection = match selection_id {
                    Some(id) => Some(store::selection::get(tx, id).await?.name),
                    None => None,
                };
                let groups = mailing::list_groups(tx, id).await?;
                let named = mailing::list_named(tx, id, None, SHOWN).await?;
                let count = mailing::count_people(tx, id).await?;
                Ok::<_, store::StoreError>((selection, groups, named, count))
            })
        })
        .await?;
    if context.out.is_json() {
        context.out.document(&json!({
            "selection": selection, "groups": groups, "named": count, "people": named,
            "settled": one.settled, "late_until_at": one.late_until_at,
        }));
        return Ok(Done::All);
    }
    let out = &context.out;
    out.heading(format!("Recipients of {}", title(&one)));
    out.facts(&[
        ("Selection", selection.unwrap_or_else(|| "none".into())),
        ("Settled", one.settled.as_str().replace('_', " ")),
        ("By name", people(count)),
    ]);
    let rows: Vec<Vec<String>> =
        groups.iter().map(|group| vec![group.name.clone(), number(group.members)]).collect();
    table::print(out, &[Column::Left("GROUP"), Column::Right("PEOPLE")], &rows);
    let rows: Vec<Vec<String>> = named
        .iter()
        .map(|one| {
            let address = one.address.clone().unwrap_or_else(|| "–".into());
            vec![one.username.clone(), one.name.clone(), address]
        })
        .collect();
    table::print(out, &[Column::Left("USER NAME"), Column::Left("NAME"), Column::Left("ADDRESS")], &rows);
    if count > SHOWN {
        out.note(format!("The first {SHOWN} of {} by name.", number(count)));
    }
    Ok(Done::All)
}
