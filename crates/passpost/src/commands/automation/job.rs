//! The first step of an automation: what it does and to whom.

use super::of_event::{self, DeedArgs, EventArgs, FrameArgs, Typed, Without};
use super::{find, title};
use crate::clock::{now_ms, randomness};
use crate::commands::selection;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use domain::automation::{Job, SendNewPassword, check_name};
use domain::credential::Mode;
use domain::id::{AutomationId, PersonId};
use domain::role::{Permission, UserType};
use store::automation::{self, JobStep};

#[derive(Debug, clap::Args)]
pub(crate) struct Create {
    /// Its name; need not be unique
    name: String,
    /// The selection it writes to; begun by an event: whom it is limited to, or with the job for system users, who must
    /// have caused the event
    #[arg(long)]
    selection: Option<String>,
    /// Let an event of this type begin it instead of a schedule; `passpost event types` shows them
    #[arg(long, value_name = "TYPE")]
    event: Option<String>,
    #[command(flatten)]
    job: JobArgs,
    #[command(flatten)]
    settings: EventArgs,
    #[command(flatten)]
    deed: DeedArgs,
    #[command(flatten)]
    frame: FrameArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Edit {
    /// Its number or name
    automation: String,
    /// A new name
    #[arg(long)]
    name: Option<String>,
    /// Another selection
    #[arg(long)]
    selection: Option<String>,
    /// Another type of event
    #[arg(long, value_name = "TYPE")]
    event: Option<String>,
    /// Begun by an event: take something away again; may be given several times
    #[arg(long, value_enum, value_name = "WHAT")]
    without: Vec<Without>,
    #[command(flatten)]
    job: JobArgs,
    #[command(flatten)]
    settings: EventArgs,
    #[command(flatten)]
    deed: DeedArgs,
}

/// The settings of a job.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct JobArgs {
    /// What it is for
    #[arg(long)]
    description: Option<String>,
    /// When the old password dies: after the relay accepted the mail, at once (after a breach), or at first use
    #[arg(long, value_enum)]
    mode: Option<ModeArg>,
    /// How long the mailed password is good for, 1 to 336
    #[arg(long, value_name = "HOURS")]
    valid_hours: Option<u32>,
    /// Leave out who was mailed a password within so many hours; 0: nobody
    #[arg(long, value_name = "HOURS")]
    remail_after_hours: Option<u32>,
    /// The most people one run may write to
    #[arg(long, value_name = "PEOPLE")]
    most_people: Option<u32>,
    /// Above so many people a run needs the approval of a second operator; 0: only limits.approve_above counts
    #[arg(long, value_name = "PEOPLE")]
    approve_above: Option<u32>,
    /// A hybrid user (person and program in one) to include, by name; may be given several times
    #[arg(long, value_name = "USERNAME")]
    hybrid_user: Vec<String>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum ModeArg {
    AfterAcceptance,
    RevokeNow,
    KeepUntilUsed,
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::AfterAcceptance => Self::AfterAcceptance,
            ModeArg::RevokeNow => Self::RevokeNow,
            ModeArg::KeepUntilUsed => Self::KeepUntilUsed,
        }
    }
}

pub(super) async fn create(context: &Context, args: Create) -> Outcome {
    let typed = Typed {
        name: Some(&args.name),
        selection: args.selection.as_deref(),
        event: args.event.as_deref(),
        settings: &args.settings,
        job: &args.job,
        deed: &args.deed,
        without: &[],
    };
    if args.event.is_some() {
        return of_event::create(context, typed, &args.frame).await;
    }
    if let Some(option) = typed.only_of_events() {
        return Err(Failure::usage(format!("{option} is for an automation that an event begins"))
            .hint("add --event TYPE; `passpost event types` shows them"));
    }
    if let Some(option) = args.frame.given() {
        return Err(Failure::usage(format!("{option} is not of this step; a schedule is saved on its own"))
            .hint("passpost automation schedule; or add --event TYPE to let an event begin it"));
    }
    let acting = context.acting_person(Permission::AutomationsEdit).await?;
    let Some(selection) = &args.selection else {
        return Err(Failure::usage("a password job needs a selection: it never falls back to everyone")
            .hint("add --selection NAME; `passpost selection list` shows what there is"));
    };
    let selection_id = selection::find(context, selection).await?.id;
    let before = SendNewPassword {
        valid_hours: context.settings.password.valid_hours,
        remail_after_hours: context.settings.password.remail_after_hours,
        ..SendNewPassword::default()
    };
    let step = JobStep {
        name: check_name(&args.name).map_err(Failure::usage)?.to_owned(),
        description: args.job.description.clone().unwrap_or_default(),
        job: args.job.timed(context, before).await?,
        selection_id: Some(selection_id),
    };
    let (now, id) = (now_ms(), AutomationId::generate(now_ms(), randomness()?));
    let made = context
        .store
        .write(move |tx| {
            Box::pin(async move {
                automation::insert(tx, &acting, id, &step, now).await?;
                automation::get(tx, id).await
            })
        })
        .await?;
    context.out.done(format!("{} is saved, not active yet", title(&made)), &made);
    context.out.note(format!(
        "Next: passpost automation schedule {0} --start 2027-01-04T09:00 --every \"2 weeks\"\n\
         or run it once, now: passpost automation run {0}",
        made.number
    ));
    Ok(Done::All)
}

pub(super) async fn edit(context: &Context, args: Edit) -> Outcome {
    let acting = context.acting_person(Permission::AutomationsEdit).await?;
    let before = find(context, &args.automation).await?;
    let typed = Typed {
        name: args.name.as_deref(),
        selection: args.selection.as_deref(),
        event: args.event.as_deref(),
        settings: &args.settings,
        job: &args.job,
        deed: &args.deed,
        without: &args.without,
    };
    if before.is_of_events() {
        return of_event::edit(context, &before, typed).await;
    }
    if let Some(option) = typed.only_of_events() {
        return Err(Failure::usage(format!("{option} is for an automation that an event begins"))
            .hint(format!("a schedule begins {}; that stays so", title(&before))));
    }
    let selection_id = match &args.selection {
        Some(name) => Some(selection::find(context, name).await?.id),
        None => before.selection_id,
    };
    let name = args.name.as_deref().unwrap_or(&before.name);
    let step = JobStep {
        name: check_name(name).map_err(Failure::usage)?.to_owned(),
        description: args.job.description.clone().unwrap_or(before.description),
        job: args.job.timed(context, before.job.password().clone()).await?,
        selection_id,
    };
    let (id, now) = (before.id, now_ms());
    let saved = context
        .store
        .write(move |tx| {
            Box::pin(async move {
                automation::update_job(tx, &acting, id, &step, now).await?;
                automation::get(tx, id).await
            })
        })
        .await?;
    context.out.done(format!("{} is saved", title(&saved)), &saved);
    Ok(Done::All)
}

impl JobArgs {
    /// What it is for, if that was typed.
    pub(super) fn description(&self) -> Option<String> {
        self.description.clone()
    }

    /// The first of the options of a job that was given.
    pub(super) fn given(&self) -> Option<&'static str> {
        let options = [
            ("--remail-after-hours", self.remail_after_hours.is_some()),
            ("--most-people", self.most_people.is_some()),
            ("--approve-above", self.approve_above.is_some()),
        ];
        let other = options.into_iter().find_map(|(option, given)| given.then_some(option));
        self.about_passwords().or(other)
    }

    /// The first of the options that say something about a password.
    pub(super) fn about_passwords(&self) -> Option<&'static str> {
        let options = [
            ("--mode", self.mode.is_some()),
            ("--valid-hours", self.valid_hours.is_some()),
            ("--hybrid-user", !self.hybrid_user.is_empty()),
        ];
        options.into_iter().find_map(|(option, given)| given.then_some(option))
    }

    /// The job of one that a schedule begins: what was typed, over what was there.
    async fn timed(&self, context: &Context, before: SendNewPassword) -> Result<Job, Failure> {
        let job = self.over(context, before).await?;
        job.validate().map_err(Failure::usage)?;
        Ok(Job::SendNewPassword(job))
    }

    /// What was typed, over what was there; not checked yet.
    pub(super) async fn over(
        &self,
        context: &Context,
        before: SendNewPassword,
    ) -> Result<SendNewPassword, Failure> {
        Ok(SendNewPassword {
            mode: self.mode.map_or(before.mode, Mode::from),
            valid_hours: self.valid_hours.unwrap_or(before.valid_hours),
            remail_after_hours: self.remail_after_hours.unwrap_or(before.remail_after_hours),
            hybrid_users: if self.hybrid_user.is_empty() {
                before.hybrid_users
            } else {
                hybrid_users(context, &self.hybrid_user).await?
            },
            most_people: self.most_people.or(before.most_people),
            approve_above: self.approve_above.or(before.approve_above).filter(|above| *above > 0),
        })
    }
}

pub(crate) async fn hybrid_users(context: &Context, names: &[String]) -> Result<Vec<PersonId>, Failure> {
    let mut ids = Vec::new();
    for name in names {
        let person = context.person(name).await?;
        if person.system.as_ref().is_none_or(|system| system.user_type != UserType::Hybrid) {
            return Err(Failure::usage(format!(
                "{name} is no hybrid user; only those are confirmed by name"
            )));
        }
        ids.push(person.id);
    }
    Ok(ids)
}
