//! `passpost automation`: a job for a selection, on a schedule, or for the person of an event; saved in steps, then
//! activated.

mod approve;
pub(crate) mod job;
mod of_event;
mod reminder;
mod schedule;
pub(crate) mod show;
pub(crate) mod start;

use super::archive::{self, Kept};
use super::named::{self, Named, title};
use crate::clock::{now_ms, randomness};
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use domain::automation::check_name;
use domain::id::AutomationId;
use domain::role::Permission;
use store::automation::{self, Automation, JobStep, ScheduleStep};
use store::{StoreError, Tx};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// What it does and to whom; with --event, also what begins it and when
    Create(Box<job::Create>),
    /// Change what it does, to whom and after which event; what is not named stays
    Edit(Box<job::Edit>),
    /// When it runs
    Schedule(schedule::Args),
    /// Begun by an event: on which days and hours it acts; what is not named stays
    Frame(Box<of_event::Frame>),
    /// Begun by an event: the jobs that wait for their time
    Waiting(of_event::waiting::Args),
    /// All automations
    List {
        /// Those in the archive
        #[arg(long)]
        archived: bool,
    },
    /// One automation: what it does, what comes next, what became of the last occurrences or events
    Show {
        /// Its number or name
        automation: String,
        /// How many of the next occurrences
        #[arg(long, default_value_t = 5)]
        next: usize,
    },
    /// Let its schedule run, or let it listen to its event
    Activate(start::Activate),
    /// Stop its schedule, or stop listening; jobs that wait for their time are called off
    Deactivate {
        /// Its number or name
        automation: String,
        /// Do not ask about jobs that wait
        #[arg(long, short)]
        yes: bool,
    },
    /// Dry run: who would receive a mail now, or after an event, and who would not and why
    Preview(start::Preview),
    /// Approve it as a second operator, as it is now, for all its runs until it is changed
    Approve {
        /// Its number or name
        automation: String,
        /// Only when it is still what `show` or `preview` gave this digest
        #[arg(long)]
        digest: Option<String>,
    },
    /// Take an approval back; a run that is under way goes on
    Unapprove {
        /// Its number or name
        automation: String,
    },
    /// Run it once, now; its schedule does not change
    Run(start::Run),
    /// A new, inactive automation with the same steps
    Copy {
        /// Its number or name
        automation: String,
        /// The name of the copy
        name: String,
    },
    /// Put it away; an active one is deactivated first
    Archive {
        /// Its number or name
        automation: String,
        /// Take it out of the archive again
        #[arg(long)]
        undo: bool,
        /// Do not ask about jobs that wait
        #[arg(long, short)]
        yes: bool,
    },
    /// Remove it; its runs and their reports stay
    Remove {
        /// Its number or name
        automation: String,
        /// Do not ask about jobs that wait
        #[arg(long, short)]
        yes: bool,
    },
}

pub(crate) async fn run(command: Command, context: &Context) -> Outcome {
    match command {
        Command::Create(args) => Box::pin(job::create(context, *args)).await,
        Command::Edit(args) => Box::pin(job::edit(context, *args)).await,
        Command::Schedule(args) => schedule::run(context, args).await,
        Command::Frame(args) => of_event::save_frame(context, *args).await,
        Command::Waiting(args) => of_event::waiting::list(context, args).await,
        Command::List { archived } => show::list(context, archived).await,
        Command::Show { automation, next } => show::one(context, &automation, next).await,
        Command::Activate(args) => start::activate(context, args).await,
        Command::Deactivate { automation, yes } => deactivate(context, &automation, yes).await,
        Command::Preview(args) => start::preview(context, args).await,
        Command::Approve { automation, digest } => approve::approve(context, &automation, digest).await,
        Command::Unapprove { automation } => approve::unapprove(context, &automation).await,
        Command::Run(args) => Box::pin(start::run(context, args)).await,
        Command::Copy { automation, name } => copy(context, &automation, name).await,
        Command::Archive { automation, undo, yes } => {
            if !undo {
                ask(context, &automation, "archive", yes).await?;
            }
            archive::put_away::<Automation>(context, &automation, !undo).await
        }
        Command::Remove { automation, yes } => {
            ask(context, &automation, "remove", yes).await?;
            archive::remove::<Automation>(context, &automation).await
        }
    }
}

/// Asks before jobs that wait are called off with their automation.
async fn ask(context: &Context, which: &str, what: &str, yes: bool) -> Result<(), Failure> {
    context.acting_person(Permission::AutomationsEdit).await?;
    let one = find(context, which).await?;
    of_event::waiting::sure(context, &one, what, yes).await.map(drop)
}

async fn deactivate(context: &Context, which: &str, yes: bool) -> Outcome {
    let acting = context.acting_person(Permission::AutomationsActivate).await?;
    let (before, now) = (find(context, which).await?, now_ms());
    let called_off = of_event::waiting::sure(context, &before, "deactivate", yes).await?;
    let id = before.id;
    let one = context
        .store
        .write(move |tx| Box::pin(async move { automation::deactivate(tx, &acting, id, now).await }))
        .await?;
    let called_off = of_event::waiting::called_off(called_off);
    context.out.done(format!("{} is not active any more{called_off}", title(&one)), &one);
    Ok(Done::All)
}

async fn copy(context: &Context, which: &str, name: String) -> Outcome {
    let acting = context.acting_person(Permission::AutomationsEdit).await?;
    let name = check_name(&name).map_err(Failure::usage)?.to_owned();
    let original = find(context, which).await?;
    let (now, id) = (now_ms(), AutomationId::generate(now_ms(), randomness()?));
    let made = context
        .store
        .write(move |tx| {
            Box::pin(async move {
                if original.is_of_events() {
                    automation::copy_event(tx, &acting, id, &original, &name, now).await?;
                    return automation::get(tx, id).await;
                }
                let step = JobStep {
                    name,
                    description: original.description,
                    job: original.job,
                    selection_id: original.selection_id,
                };
                automation::insert(tx, &acting, id, &step, now).await?;
                if let Some(schedule) = original.schedule {
                    let step = ScheduleStep { schedule, reminder_to: original.reminder_to };
                    automation::update_schedule(tx, &acting, id, &step, now).await?;
                }
                automation::get(tx, id).await
            })
        })
        .await?;
    context.out.done(format!("{} is a copy, not active yet", title(&made)), &made);
    Ok(Done::All)
}

impl Named for Automation {
    const KIND: &'static str = "automation";

    fn name(&self) -> String {
        self.name.clone()
    }

    fn number(&self) -> Option<i64> {
        Some(self.number)
    }

    async fn by_number(tx: &mut Tx, number: i64) -> Result<Option<Self>, StoreError> {
        automation::find_by_number(tx, number).await
    }

    async fn by_name(tx: &mut Tx, name: &str) -> Result<Vec<Self>, StoreError> {
        automation::list_by_name(tx, name).await
    }

    async fn known(tx: &mut Tx) -> Result<Vec<Self>, StoreError> {
        automation::list(tx, false).await
    }
}

impl Kept for Automation {
    const NEEDS: Permission = Permission::AutomationsEdit;
    const REMOVED: &'static str = "is removed; its runs stay";
}

/// The automation of this number or name.
pub(crate) async fn find(context: &Context, which: &str) -> Result<Automation, Failure> {
    named::find(context, which).await
}
