//! People as lists and pages show them.

use crate::commands::selection::read_filter;
use crate::context::Context;
use crate::failure::{Done, Outcome};
use crate::output::{Output, moment, moment_or_dash, number};
use crate::table::{self, Column};
use domain::person::{AttributeValue, PasswordSet, Person};
use domain::role::Permission;
use store::person_search::{self, MOST_PER_PAGE, Search};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Words that must all be part of a name, the user name, the address, a group …
    words: Vec<String>,
    /// Only those a filter finds, as in: groups.name eq "members"
    #[arg(long)]
    filter: Option<String>,
    /// How many; with --json all of them
    #[arg(long, value_name = "PEOPLE")]
    limit: Option<i64>,
}

pub(super) async fn run(context: &Context, args: Args) -> Outcome {
    context.acting(Permission::PeopleView).await?;
    let audience = match args.filter {
        Some(filter) => Some(read_filter(context, filter, context.settings.mail.time_zone.clone()).await?),
        None => None,
    };
    let text = (!args.words.is_empty()).then(|| args.words.join(" "));
    let narrowed = audience.is_some() || text.is_some();
    let search = Search { audience, text, inside: true };
    let counted = search.clone();
    let total = context
        .store
        .read(move |tx| Box::pin(async move { person_search::count(tx, &counted).await }))
        .await?;
    let mut left = args.limit.unwrap_or(if context.out.is_json() { i64::MAX } else { 50 });
    let (mut after, mut shown) = (None, 0);
    loop {
        let (wanted, page) = (search.clone(), left.min(MOST_PER_PAGE));
        let found = context
            .store
            .read(move |tx| Box::pin(async move { person_search::list(tx, &wanted, after, page).await }))
            .await?;
        shown += found.people.len();
        let empty = match (total, narrowed) {
            (0, true) => "Nobody matches.",
            (0, false) => EMPTY,
            _ => "",
        };
        print(&context.out, &found.people, empty);
        left -= page;
        after = found.next;
        if after.is_none() || left <= 0 {
            break;
        }
    }
    if !context.out.is_json() && i64::try_from(shown).is_ok_and(|shown| shown < total) {
        let (shown, total) = (number(i64::try_from(shown).unwrap_or(0)), number(total));
        context
            .out
            .note(format!("\n{shown} of {total}; --limit shows more, words or --filter narrow it down."));
    }
    Ok(Done::All)
}

const EMPTY: &str = "Nobody. Bring people in: passpost people import people.csv --preview";

/// Prints people: a table, or one JSON document a line.
pub(crate) fn print(out: &Output, people: &[Person], empty: &str) {
    if out.is_json() {
        people.iter().for_each(|person| out.json_line(person));
        return;
    }
    if people.is_empty() && !empty.is_empty() {
        out.line(empty);
    }
    let rows: Vec<Vec<String>> = people
        .iter()
        .map(|person| {
            let address = person.address.as_ref().map_or("–", |address| address.as_given());
            vec![
                person.username.clone(),
                person.full_name(),
                if address == person.username { "(the same)".into() } else { address.to_owned() },
                person.groups.join(", "),
                state(person),
            ]
        })
        .collect();
    let columns = [
        Column::Left("USER NAME"),
        Column::Left("NAME"),
        Column::Left("ADDRESS"),
        Column::Left("GROUPS"),
        Column::Left("STATE"),
    ];
    table::print(out, &columns, &rows);
}

fn state(person: &Person) -> String {
    let mut words = Vec::new();
    if person.blocked {
        words.push("blocked".to_owned());
    }
    if person.undeliverable.is_some() {
        words.push("undeliverable".to_owned());
    }
    if let Some(system) = &person.system {
        words.push(system.role.clone());
    }
    if words.is_empty() { "active".into() } else { words.join(", ") }
}

pub(super) async fn show(context: &Context, who: &str) -> Outcome {
    context.acting(Permission::PeopleView).await?;
    let person = context.person(who).await?;
    context.out.show(&person, |person, out| {
        out.heading(person.full_name());
        out.facts(&identity(person));
        out.line("");
        out.facts(&credential(person));
        if !person.attributes.is_empty() {
            out.line("");
            let attributes: Vec<(&str, String)> =
                person.attributes.iter().map(|(name, value)| (name.as_str(), written(value))).collect();
            out.facts(&attributes);
        }
    });
    Ok(Done::All)
}

fn identity(person: &Person) -> Vec<(&'static str, String)> {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".into());
    let mut facts = vec![
        ("Id", person.id.to_string()),
        ("User name", person.username.clone()),
        ("Address", person.address.as_ref().map_or_else(|| "–".into(), |one| one.as_given().to_owned())),
        ("External id", or_dash(&person.external_id)),
        ("Language", or_dash(&person.language)),
        ("Time zone", or_dash(&person.time_zone)),
        ("Groups", if person.groups.is_empty() { "–".into() } else { person.groups.join(", ") }),
        ("State", state(person)),
        ("Since", moment(person.created_at)),
    ];
    if let Some(cause) = &person.undeliverable {
        facts.push(("Undeliverable", cause.clone()));
    }
    if let Some(system) = &person.system {
        let end = system.expires_at.map_or_else(String::new, |at| format!(", until {}", moment(at)));
        facts.push((
            "System user",
            format!("{} (rank {}, {}){end}", system.role, system.rank, system.user_type.as_str()),
        ));
    }
    facts
}

fn credential(person: &Person) -> Vec<(&'static str, String)> {
    let facts = &person.credential;
    let password = match (facts.has_password, facts.set, facts.must_change) {
        (true, _, false) => "chosen",
        (true, _, true) => "chosen, must be changed",
        (false, Some(PasswordSet::Mailed), _) => "mailed, must be changed at sign-in",
        (false, _, _) => "none",
    };
    vec![
        ("Password", password.into()),
        ("Changed", moment_or_dash(facts.changed_at)),
        ("Last mailed", moment_or_dash(facts.mailed_at)),
        ("Last run", facts.last_run_outcome.clone().unwrap_or_else(|| "–".into())),
        ("Last sign-in", moment_or_dash(facts.last_login_at)),
        ("Wrong passwords", number(facts.failed_logins)),
    ]
}

fn written(value: &AttributeValue) -> String {
    match value {
        AttributeValue::Boolean(truth) => if *truth { "yes" } else { "no" }.into(),
        AttributeValue::Number(number) => number.to_string(),
        AttributeValue::DateTime(at) => at.to_string(),
        AttributeValue::String(text) => text.clone(),
    }
}
