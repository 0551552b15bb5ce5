//! Arming: the start time is saved, or it begins now and is watched to its end.

use super::pace::{self, PaceArgs};
use super::{find, funnel, look, show, title};
use crate::clock::now_ms;
use crate::confirm::Sure;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::report;
use crate::watch::{self, Worker};
use domain::mailing::{Intent, MailingState};
use domain::role::Permission;
use flow::{ArmMailing, Flow, MailingError, Refusal, Report};
use serde_json::json;
use store::Acting;
use store::mailing::{self, Draft, Mailing};
use store::run::Run;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Its number or name
    mailing: String,
    #[command(flatten)]
    when: When,
}

/// When it starts, for how many, and how fast.
#[derive(Debug, clap::Args)]
pub(super) struct When {
    /// The start, wall time in the zone, as in 2026-12-01T09:00
    #[arg(long, value_name = "TIME", conflicts_with = "now")]
    start: Option<String>,
    /// The time zone, as in Europe/Vienna [default: that of the mailing]
    #[arg(long)]
    zone: Option<String>,
    /// Begin at once, and watch it to its end
    #[arg(long)]
    now: bool,
    /// With --now: do not wait for the end
    #[arg(long, requires = "now")]
    detach: bool,
    #[command(flatten)]
    sure: Sure,
    #[command(flatten)]
    pace: PaceArgs,
}

impl When {
    /// Whether it is to be armed at all.
    pub(super) const fn is_given(&self) -> bool {
        self.start.is_some() || self.now
    }
}

pub(super) async fn run(context: &Context, args: Args) -> Outcome {
    let one = find(context, &args.mailing).await?;
    if !args.when.is_given() {
        return Err(Failure::usage("when shall it start?")
            .hint("add --start 2026-12-01T09:00 --zone Europe/Vienna, or --now"));
    }
    arm(context, one, args.when).await
}

/// Arms a mailing as asked.
pub(super) async fn arm(context: &Context, one: Mailing, when: When) -> Outcome {
    let acting = context.acting_person(one.intent.needs()).await?;
    let zone = when.zone.clone().unwrap_or_else(|| one.time_zone.clone());
    pace::zone(&zone)?;
    let start = when.start.as_deref().map(pace::wall_time).transpose()?;
    let asked = ArmMailing { mailing: one.id, start, time_zone: zone.clone(), confirmed: None, acting };
    let one = with_pace(context, one, &when.pace, &zone).await?;
    if when.now { begin(context, one, &when, asked).await } else { later(context, &one, &when, asked).await }
}

/// Saves how fast it may go, when that is said.
async fn with_pace(context: &Context, one: Mailing, args: &PaceArgs, zone: &str) -> Result<Mailing, Failure> {
    if args.is_empty() {
        return Ok(one);
    }
    let acting = context.acting_person(Permission::MailingsDraft).await?;
    let draft = Draft { pace: args.over(&one.pace, zone)?, ..Draft::of(&one) };
    Ok(watch::flow(context, None)?.update_mailing(one.id, draft, &acting).await?)
}

/// Saves the start time; asks for the number of people only where the rule does.
async fn later(context: &Context, one: &Mailing, when: &When, mut asked: ArmMailing) -> Outcome {
    let flow = watch::flow(context, None)?;
    asked.confirmed = when.sure.confirm;
    let armed = match flow.arm_mailing(asked.clone()).await {
        Err(MailingError::Refused(Refusal::Unconfirmed { would_receive })) => {
            asked.confirmed = Some(when.sure.ask(context, &one.name, gift(one.intent), would_receive)?);
            flow.arm_mailing(asked).await?
        }
        other => other?,
    };
    context.out.done(format!("{} is armed and starts {}", title(&armed), show::starts(&armed)), &armed);
    context.out.note(format!(
        "It needs `passpost serve` at that time. Until then: passpost mailing disarm {0}, or cancel {0}",
        armed.number
    ));
    Ok(Done::All)
}

/// What everybody gets, in a question.
const fn gift(intent: Intent) -> &'static str {
    match intent {
        Intent::OfferLink => "the offer of a link",
        Intent::PersonalLink => "a personal link",
        Intent::ForcePassword => "a new password",
    }
}

/// Begins it now and watches it.
async fn begin(context: &Context, one: Mailing, when: &When, mut asked: ArmMailing) -> Outcome {
    let worker = Worker::find(context).await?;
    let flow = watch::flow(context, Some(&worker))?;
    let found = flow.preview_mailing(one.id, asked.acting.person()?, 0).await?;
    if !context.out.is_json() && !context.out.is_quiet() {
        context.out.heading(format!("Start of {}", title(&one)));
        report::preview_of(&context.out, "are its recipients", &found.counts);
    }
    found.approval.require(found.counts.would_receive).map_err(|refusal| {
        Failure::usage(refusal).hint(format!(
            "an operator who has no part in it: passpost mailing approve {} --as USERNAME ({})",
            one.number,
            look::approval(&found.approval)
        ))
    })?;
    let would_receive = found.counts.would_receive;
    asked.confirmed = Some(when.sure.ask(context, &one.name, gift(one.intent), would_receive)?);
    let acting = asked.acting.clone();
    flow.arm_mailing(asked).await?;
    let run = first_run(context, &flow, &one, &acting).await?;
    if when.detach && !worker.is_us() {
        context.out.done(format!("run {} has begun: passpost run show {0}", run.number), &run);
        return Ok(Done::All);
    }
    watch::until_over(context, &flow, &worker, run.id, "Sending").await?;
    let report = Report::read(&context.store, run.id, now_ms()).await?;
    let counted = funnel::read(context, &one).await?;
    if context.out.is_json() {
        context.out.document(&json!({ "report": report, "funnel": counted }));
    } else {
        context.out.line("");
        report::print(&context.out, &report);
        context.out.line("");
        funnel::print(&context.out, &one, &counted);
    }
    report::done(&report)
}

/// The run that began; when none did, the start time is taken back, so that nothing begins unwatched.
async fn first_run(context: &Context, flow: &Flow, one: &Mailing, acting: &Acting) -> Result<Run, Failure> {
    flow.begin_armed(one.id).await?;
    let id = one.id;
    let (now, runs) = context
        .store
        .read(move |tx| {
            Box::pin(async move {
                let now = mailing::get(tx, id).await?;
                Ok::<_, store::StoreError>((now, store::run::list_of_mailing(tx, id).await?))
            })
        })
        .await?;
    let cause = now.cause.clone().unwrap_or_default();
    match (now.state, runs.into_iter().next()) {
        (MailingState::Started, Some(run)) => Ok(run),
        (MailingState::Armed, _) => {
            flow.disarm_mailing(id, acting).await?;
            Err(Failure::failed(format!("it did not begin: {cause}; it is a draft again"))
                .hint("`passpost sending status` says why sending is stopped"))
        }
        _ => Err(Failure::failed(format!("it could not begin: {cause}; nobody was written to"))),
    }
}
