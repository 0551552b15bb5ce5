//! Looking before it starts: the dry run, the mail as one of its readers sees it, and what could keep it from arriving.

use super::{find, title};
use crate::commands::automation::start::sample;
use crate::commands::template::write::write_new;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::report;
use crate::watch;
use console::style;
use domain::id::PersonId;
use domain::role::Permission;
use flow::{Flow, MailingApproval, MailingError, MailingPreview, ShownTo, Weight};
use serde_json::json;
use std::path::PathBuf;
use store::mailing::Mailing;

#[derive(Debug, clap::Args)]
pub(crate) struct Preview {
    /// Its number or name
    mailing: String,
    /// Show the mail as this person would read it [default: the first who would receive it]
    #[arg(long, value_name = "WHO")]
    person: Option<String>,
    /// How many people of each kind to show
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(i64).range(0..=10_000))]
    people: i64,
    /// Write the HTML part to this file, to look at it in a browser
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long, requires = "html")]
    force: bool,
}

pub(super) async fn preview(context: &Context, args: Preview) -> Outcome {
    let viewer = context.acting_person(Permission::MailingsView).await?.person()?;
    let one = find(context, &args.mailing).await?;
    let reader = match &args.person {
        None => None,
        Some(who) => {
            context.acting(Permission::PeopleView).await?;
            Some(context.person(who).await?.id)
        }
    };
    let flow = watch::flow(context, None)?;
    let found = flow.preview_mailing(one.id, viewer, args.people.max(1)).await?;
    let reader = reader.or_else(|| found.would_receive.first().map(|one| one.person_id));
    let mail = shown(&flow, &one, reader).await?;
    if let (Some(path), Ok(mail)) = (&args.html, &mail) {
        write_new(path, &mail.html, args.force)?;
    }
    if context.out.is_json() {
        let problem = mail.as_ref().err();
        context.out.document(&json!({ "preview": found, "mail": mail.as_ref().ok(), "problem": problem }));
        return Ok(Done::All);
    }
    print(context, &one, &found, args.people);
    print_mail(context, &mail);
    Ok(Done::All)
}

/// The mail of one reader; what keeps it from being composed is a text to show.
async fn shown(
    flow: &Flow,
    one: &Mailing,
    reader: Option<PersonId>,
) -> Result<Result<ShownTo, String>, Failure> {
    match flow.show_mailing(one, &one.words, reader).await {
        Ok(mail) => Ok(Ok(mail)),
        Err(MailingError::Store(error)) => Err(error.into()),
        Err(MailingError::Words(problems)) => {
            Ok(Err(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
        }
        Err(other) => Ok(Err(other.to_string())),
    }
}

fn print(context: &Context, one: &Mailing, found: &MailingPreview, people: i64) {
    let out = &context.out;
    out.heading(format!("Dry run of {}: nothing is changed", title(one)));
    report::preview_of(out, "are its recipients", &found.counts);
    out.line(format!("\n  Approval: {}", approval(&found.approval)));
    if let Some(refusal) = &found.refusal {
        out.line(format!("\n  It would not start: {refusal}"));
    }
    if people > 0 {
        sample(context, "Would receive, for example", &found.would_receive);
        sample(context, "Left out, for example", &found.left_out);
    }
}

fn print_mail(context: &Context, mail: &Result<ShownTo, String>) {
    let out = &context.out;
    out.line("");
    match mail {
        Ok(mail) => {
            out.heading(&mail.subject);
            out.line("");
            out.line(mail.text.replace("\r\n", "\n").trim_end());
            if !mail.empty.is_empty() {
                out.note(format!("Empty for this reader: {}.", mail.empty.join(", ")));
            }
        }
        Err(why) => out.line(format!("The mail cannot be shown:\n{why}")),
    }
}

/// How an approval stands, in one line.
pub(super) fn approval(approval: &MailingApproval) -> String {
    let Some(above) = approval.above else { return "never needed".into() };
    let needed = format!("needed above {}", crate::output::people(above));
    match &approval.lacking {
        Some(lacking) => format!("{needed}: {lacking}; digest {}", approval.digest),
        None => format!("{needed}: {} gave it", approval.approver.as_deref().unwrap_or("–")),
    }
}

pub(super) async fn check(context: &Context, which: &str) -> Outcome {
    context.acting(Permission::MailingsView).await?;
    let one = find(context, which).await?;
    let found = watch::flow(context, None)?.check_mailing(one.id).await?;
    context.out.show(&found, |found, out| {
        out.heading(format!("Check of {}", title(&one)));
        for finding in found {
            let mark = match finding.weight {
                Weight::Good => style("✔").green(),
                Weight::Warning => style("!").yellow(),
                Weight::Fault => style("✘").red(),
            };
            out.line(format!("  {mark} {}", finding.says));
        }
    });
    let faults = found.iter().filter(|one| one.weight == Weight::Fault).count();
    if faults == 0 {
        context
            .out
            .note("It can be armed. `passpost doctor` checks the relay and what DNS says of the sender.");
        return Ok(Done::All);
    }
    let what = if faults == 1 { "1 fault".to_owned() } else { format!("{faults} faults") };
    Err(Failure::failed(format!("{what} found: it cannot be armed so"))
        .hint("mend it with `passpost mailing edit` and `passpost mailing recipients`"))
}
