//! Writing again to those of a mailing who are not done.

use super::start::{self, When};
use super::words::WordArgs;
use super::{find, title};
use crate::context::Context;
use crate::failure::{Done, Outcome};
use crate::watch;
use domain::mailing::{Reminder, Stage};
use domain::role::Permission;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The number or name of the mailing whose people are reminded
    mailing: String,
    /// Who of them: not_done (set no password), not_opened, not_requested or not_set
    #[arg(long, value_parser = stage)]
    stage: Stage,
    /// Nobody who was written to within so many hours, 1 to 8,760
    #[arg(long, value_name = "HOURS", default_value_t = 72)]
    gap_hours: u32,
    /// Nobody who was reminded so often already, 1 to 20
    #[arg(long, value_name = "TIMES", default_value_t = 3)]
    most: u32,
    /// Its name [default: made of that of the mailing]
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    words: WordArgs,
    #[command(flatten)]
    when: When,
}

fn stage(text: &str) -> Result<Stage, String> {
    Stage::parse(&text.replace('-', "_"))
        .ok_or_else(|| "expected not_done, not_opened, not_requested or not_set".to_owned())
}

pub(super) async fn run(context: &Context, args: Args) -> Outcome {
    let acting = context.acting_person(Permission::MailingsDraft).await?;
    let of = find(context, &args.mailing).await?;
    let flow = watch::flow(context, None)?;
    let reminder = Reminder { of: of.id, stage: args.stage, gap_hours: args.gap_hours, most: args.most };
    let (mut draft, _) = flow.draft_reminder(reminder).await?;
    draft.name = args.name.unwrap_or(draft.name);
    args.words.over(&mut draft.words)?;
    let made = flow.create_mailing(draft, &of.time_zone, &acting).await?;
    if args.when.is_given() {
        context.out.note(format!("{} is saved.", title(&made)));
        return start::arm(context, made, args.when).await;
    }
    context.out.done(format!("{} is saved, a draft", title(&made)), &made);
    context.out.note(format!(
        "Look at it: passpost mailing preview {0}\nthen: passpost mailing arm {0} --now, or --start TIME",
        made.number
    ));
    Ok(Done::All)
}
