//! How many people of a mailing came how far.

use super::{find, title};
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::{Output, number};
use console::style;
use domain::role::Permission;
use serde::Serialize;
use store::mailing::{self, Funnel, Mailing};

/// The funnel with how often people were reminded.
#[derive(Debug, Serialize)]
pub(super) struct Counted {
    #[serde(flatten)]
    funnel: Funnel,
    reminded: Vec<Reminded>,
}

#[derive(Debug, Serialize)]
struct Reminded {
    times: i64,
    people: i64,
}

pub(super) async fn run(context: &Context, which: &str) -> Outcome {
    context.acting(Permission::MailingsView).await?;
    let one = find(context, which).await?;
    let counted = read(context, &one).await?;
    context.out.show(&counted, |counted, out| {
        print(out, &one, counted);
    });
    context.out.note(format!("Who they are: passpost mailing people {} --stage not_done", one.number));
    Ok(Done::All)
}

/// Counts the funnel of a mailing; of a reminder: that of its mailing.
pub(super) async fn read(context: &Context, one: &Mailing) -> Result<Counted, Failure> {
    let root = one.root();
    let (funnel, reminded) = context
        .store
        .read(move |tx| {
            Box::pin(async move {
                let found = mailing::funnel(tx, root).await?;
                Ok::<_, store::StoreError>((found, mailing::count_reminders(tx, root).await?))
            })
        })
        .await?;
    let reminded = reminded.into_iter().map(|(times, people)| Reminded { times, people }).collect();
    Ok(Counted { funnel, reminded })
}

/// Prints it.
pub(super) fn print(out: &Output, one: &Mailing, counted: &Counted) {
    let of = if one.reminder.is_some() { " (of the mailing it reminds of)" } else { "" };
    out.heading(format!("Funnel of {}{of}", title(one)));
    let found = &counted.funnel;
    let rows = [
        ("total", found.total, "in the audience"),
        ("left_out", found.left_out, "left out, for a reason"),
        ("waiting", found.waiting, "still to be written to"),
        ("accepted", found.accepted, "their mail was taken by the relay"),
        ("failed", found.failed, "their mail was refused, came back, or its answer was lost"),
        ("opened", found.opened, "opened the page"),
        ("opened_by_machine", found.opened_by_machine, "only a program opened the page"),
        ("requested", found.requested, "asked for a link"),
        ("link_sent", found.link_sent, "got the mail with the link"),
        ("password_set", found.password_set, "set a new password: done"),
        ("logged_in", found.logged_in, "signed in after that"),
    ];
    for (stage, count, meaning) in rows {
        let figure = style(format!("{:>11}", number(count))).bold();
        out.line(format!("{figure}  {stage:<17}  {}", style(meaning).dim()));
    }
    for Reminded { times, people } in &counted.reminded {
        let often = if *times == 1 { "once".to_owned() } else { format!("{times} times") };
        out.line(format!("{:>11}  reminded {often}", number(*people)));
    }
}
