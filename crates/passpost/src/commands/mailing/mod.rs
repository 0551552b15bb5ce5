//! `passpost mailing`: a mail of an operator's own words, with replacements, recipients and a start time.

mod export;
mod funnel;
mod look;
mod pace;
mod recipients;
mod remind;
mod show;
mod start;
mod trial;
mod words;

use super::archive::{self, Kept};
use super::named::{self, Named, title};
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::watch;
use domain::role::Permission;
use flow::{MailingError, Refusal, StartError};
use store::mailing::{self, Mailing, Wanted};
use store::{StoreError, Tx};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Save a mailing as a draft; without a text it begins with the words that come with the program
    Create(words::Create),
    /// Change a mailing until it starts; what is not named stays
    Edit(words::Edit),
    /// All mailings, newest first
    List(show::List),
    /// One mailing with everything that is saved of it
    Show(Which),
    /// Whom it goes to: people, a list, groups and a selection together; with nothing to change: who that is
    Recipients(recipients::Args),
    /// Dry run: whom it would reach now, who not and why, and the mail as one of them would read it
    Preview(look::Preview),
    /// Mail it to yourself: the real thing, for a throw-away account that lives for a day
    Test(Which),
    /// Look at everything that could keep it from arriving
    Check(Which),
    /// Save the start time: it begins by itself. With --now it begins at once
    Arm(start::Args),
    /// Take the start time back: it is a draft again
    Disarm(Which),
    /// Call it off before its start
    Cancel(Which),
    /// Approve it as a second operator, as it is now
    Approve {
        #[command(flatten)]
        which: Which,
        /// Only when it is still what `preview` gave this digest
        #[arg(long)]
        digest: Option<String>,
    },
    /// Write again to those of a mailing who are not done
    Remind(remind::Args),
    /// How many people came how far: accepted, opened, requested, password set, logged in
    Funnel(Which),
    /// The people behind a number of the funnel
    People(export::People),
    /// What people did about it, in the order it happened
    Events(export::Events),
    /// A new draft with the words, intent and settings of an earlier one
    Copy {
        #[command(flatten)]
        which: Which,
        /// The name of the copy
        name: String,
    },
    /// Put it away
    Archive(Which),
    /// Take it out of the archive
    Restore(Which),
    /// Remove it, if it never started
    Remove(Which),
}

/// Which mailing.
#[derive(Debug, clap::Args)]
pub(crate) struct Which {
    /// Its number or name
    mailing: String,
}

pub(crate) async fn run(command: Command, context: &Context) -> Outcome {
    match command {
        Command::Create(args) => words::create(context, args).await,
        Command::Edit(args) => words::edit(context, args).await,
        Command::List(args) => show::list(context, args).await,
        Command::Show(which) => show::one(context, &which.mailing).await,
        Command::Recipients(args) => recipients::run(context, args).await,
        Command::Preview(args) => look::preview(context, args).await,
        Command::Test(which) => Box::pin(trial::run(context, &which.mailing)).await,
        Command::Check(which) => look::check(context, &which.mailing).await,
        Command::Arm(args) => Box::pin(start::run(context, args)).await,
        Command::Disarm(which) => disarm(context, &which.mailing).await,
        Command::Cancel(which) => cancel(context, &which.mailing).await,
        Command::Approve { which, digest } => approve(context, &which.mailing, digest).await,
        Command::Remind(args) => Box::pin(remind::run(context, args)).await,
        Command::Funnel(which) => funnel::run(context, &which.mailing).await,
        Command::People(args) => export::people(context, args).await,
        Command::Events(args) => export::events(context, args).await,
        Command::Copy { which, name } => copy(context, &which.mailing, &name).await,
        Command::Archive(which) => archive::put_away::<Mailing>(context, &which.mailing, true).await,
        Command::Restore(which) => archive::put_away::<Mailing>(context, &which.mailing, false).await,
        Command::Remove(which) => archive::remove::<Mailing>(context, &which.mailing).await,
    }
}

async fn disarm(context: &Context, which: &str) -> Outcome {
    let one = find(context, which).await?;
    let acting = context.acting_person(one.intent.needs()).await?;
    let one = watch::flow(context, None)?.disarm_mailing(one.id, &acting).await?;
    context.out.done(format!("{} is a draft again and does not begin", title(&one)), &one);
    Ok(Done::All)
}

async fn cancel(context: &Context, which: &str) -> Outcome {
    let one = find(context, which).await?;
    let acting = context.acting_person(one.intent.needs()).await?;
    let id = one.id;
    let cancelled = watch::flow(context, None)?.cancel_mailing(id, &acting).await.map_err(|error| {
        let failure = Failure::from(error);
        match one.state {
            domain::mailing::MailingState::Started => failure
                .hint("its run is cancelled instead: `passpost run list`, then `passpost run cancel NUMBER`"),
            _ => failure,
        }
    })?;
    context.out.done(format!("{} is called off", title(&cancelled)), &cancelled);
    Ok(Done::All)
}

async fn approve(context: &Context, which: &str, digest: Option<String>) -> Outcome {
    let acting = context.acting_person(Permission::MailingsApprove).await?;
    let one = find(context, which).await?;
    let approval = watch::flow(context, None)?.approve_mailing(one.id, digest, &acting).await?;
    context.out.done(
        format!(
            "{} is approved by {}, as it is now, until it is changed",
            title(&one),
            approval.approver.as_deref().unwrap_or_default()
        ),
        &approval,
    );
    if approval.above.is_none() {
        context.out.note("It needs no approval: limits.approve_above is 0 and it has no rule of its own.");
    }
    Ok(Done::All)
}

async fn copy(context: &Context, which: &str, name: &str) -> Outcome {
    let acting = context.acting_person(Permission::MailingsDraft).await?;
    let one = find(context, which).await?;
    let made = watch::flow(context, None)?.copy_mailing(one.id, name, &acting).await?;
    context.out.done(format!("{} is a copy, a draft without people and start", title(&made)), &made);
    Ok(Done::All)
}

impl Named for Mailing {
    const KIND: &'static str = "mailing";

    fn name(&self) -> String {
        self.name.clone()
    }

    fn number(&self) -> Option<i64> {
        Some(self.number)
    }

    async fn by_number(tx: &mut Tx, number: i64) -> Result<Option<Self>, StoreError> {
        mailing::find_by_number(tx, number).await
    }

    async fn by_name(tx: &mut Tx, name: &str) -> Result<Vec<Self>, StoreError> {
        mailing::list_by_name(tx, name).await
    }

    async fn known(tx: &mut Tx) -> Result<Vec<Self>, StoreError> {
        mailing::list(tx, &Wanted::default(), i64::MAX, 11).await
    }
}

impl Kept for Mailing {
    const NEEDS: Permission = Permission::MailingsDraft;
}

/// The mailing of this number or name.
pub(crate) async fn find(context: &Context, which: &str) -> Result<Mailing, Failure> {
    named::find(context, which).await
}

impl From<MailingError> for Failure {
    fn from(error: MailingError) -> Self {
        match error {
            MailingError::Store(error) => error.into(),
            MailingError::Change(refusal) => Self::usage(refusal),
            MailingError::Refused(refusal @ Refusal::Unapproved { .. }) => Self::usage(refusal)
                .hint("an operator who has no part in it: passpost mailing approve MAILING --as USERNAME"),
            MailingError::Refused(refusal) => StartError::Refused(refusal).into(),
            MailingError::Words(problems) => {
                let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
                Self::usage(lines.join("\n")).hint("mend it with `passpost mailing edit`")
            }
            other => Self::usage(other),
        }
    }
}
