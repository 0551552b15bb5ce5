//! Dry run and run once.

use super::{approve, find, show, title};
use crate::commands::event::words;
use crate::confirm::{Sure, unconfirmed};
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::report;
use crate::watch::{self, Worker};
use domain::automation::AutomationStatus;
use domain::event::{Severity, compatibility};
use domain::role::Permission;
use domain::sentence::Sentence;
use flow::{Activation, Refusal, Report, StartError, StartRun};
use store::automation::Automation;
use store::recipient::Previewed;

/// What everybody of a run of an automation gets.
const GIFT: &str = "a new password";

#[derive(Debug, clap::Args)]
pub(crate) struct Preview {
    /// Its number or name
    automation: String,
    /// How many people of each kind to show
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(i64).range(0..=10_000))]
    people: i64,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Activate {
    /// Its number or name
    automation: String,
    #[command(flatten)]
    sure: Sure,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    /// Its number or name
    automation: String,
    /// Only show who would receive a mail; change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    sure: Sure,
    /// Do not wait for the end
    #[arg(long)]
    detach: bool,
}

pub(super) async fn preview(context: &Context, args: Preview) -> Outcome {
    let actor = context.acting(Permission::AutomationsView).await?.person_id;
    let one = find(context, &args.automation).await?;
    let mut found = watch::flow(context, None)?.preview(one.id, actor, args.people).await?;
    if one.is_of_events() {
        // Everybody an event could be about is no run: one run is for those whose events came together.
        found.refusal = None;
    }
    context.out.show(&found, |found, out| {
        out.heading(format!("Dry run of {}: nothing is changed", title(&one)));
        if one.is_of_events() {
            report::preview_of(out, "could be reached, each after an event", &found.counts);
        } else {
            report::preview(out, &found.counts);
        }
        out.line(format!("\n  Approval: {}", approve::words(Some(&found.approval))));
        if let Some(refusal) = &found.refusal {
            out.line(format!("\n  A run would not start: {refusal}"));
        }
        sample(context, "Would receive, for example", &found.would_receive);
        sample(context, "Left out, for example", &found.left_out);
    });
    if one.is_of_events() {
        context.out.note(format!("What a certain event would do: {}", words::try_out(&one)));
    }
    Ok(Done::All)
}

pub(crate) fn sample(context: &Context, heading: &str, people: &[Previewed]) {
    if people.is_empty() {
        return;
    }
    context.out.line("");
    context.out.heading(heading);
    for one in people {
        let why = one.reason.map_or_else(String::new, |reason| format!(": {}", reason.explain()));
        context.out.line(format!("  {}{why}", one.username));
    }
}

/// Asks for the number only where the rule does: few people need none.
pub(super) async fn activate(context: &Context, args: Activate) -> Outcome {
    let acting = context.acting_person(Permission::AutomationsActivate).await?;
    let one = find(context, &args.automation).await?;
    let flow = watch::flow(context, None)?;
    let mut asked = Activation { automation: one.id, acting, confirmed: args.sure.confirm };
    let active = match flow.activate(asked.clone()).await {
        Err(StartError::Refused(refusal @ Refusal::NotNow(_))) if one.is_of_events() => {
            return Err(Failure::usage(refusal).hint(missing(&one)));
        }
        Err(StartError::Refused(Refusal::Unconfirmed { would_receive })) => {
            asked.confirmed = Some(args.sure.ask(context, &one.name, GIFT, would_receive)?);
            flow.activate(asked).await?
        }
        other => other?,
    };
    let text = match (&active.frame, active.status) {
        (Some(_), AutomationStatus::ActiveScheduled) => {
            format!("listens from {}", show::wall_time(&active, active.next_at))
        }
        (Some(_), _) => "listens from now on".to_owned(),
        (None, _) => format!("its next run is {}", show::wall_time(&active, active.next_at)),
    };
    context.out.done(
        format!("{} is active; {}{text}", title(&active), if active.is_of_events() { "it " } else { "" }),
        &active,
    );
    Ok(Done::All)
}

/// What to do about an automation of events that cannot be active yet.
fn missing(one: &Automation) -> String {
    let number = one.number;
    let odd = one
        .event
        .as_ref()
        .map(|step| compatibility(&step.event, &one.job, one.target, one.selection_id.is_some()));
    let unconfirmed = odd.unwrap_or_default().into_iter().find_map(|remark| {
        let code = Sentence::of(&remark.what).code();
        let open = !one.confirmed.iter().any(|confirmed| confirmed == code);
        (remark.severity == Severity::NeedsConfirmation && open).then_some(code)
    });
    if one.target.is_none() {
        format!("passpost automation edit {number} --job … --use-event-parameter")
    } else if one.frame.is_none() {
        format!("passpost automation frame {number}")
    } else if let Some(code) = unconfirmed {
        format!("if it is meant: passpost automation edit {number} --confirm-unusual {code}")
    } else {
        format!("passpost automation show {number}")
    }
}

pub(super) async fn run(context: &Context, args: Run) -> Outcome {
    if args.dry_run {
        return preview(context, Preview { automation: args.automation, people: 5 }).await;
    }
    let acting = context.acting_person(Permission::AutomationsRun).await?;
    let one = find(context, &args.automation).await?;
    if one.is_of_events() {
        return Err(Failure::usage(format!("an event begins {}; nobody runs it by hand", title(&one)))
            .hint(format!("what an event would do: {}", words::try_out(&one))));
    }
    let worker = Worker::find(context).await?;
    let flow = watch::flow(context, Some(&worker))?;
    let found = flow.preview(one.id, acting.person_id, 0).await?;
    if !context.out.is_json() && !context.out.is_quiet() {
        context.out.heading(format!("Run of {}", title(&one)));
        report::preview(&context.out, &found.counts);
    }
    approve::require(&one, &found.approval, found.counts.would_receive)?;
    let confirmed = args.sure.ask(context, &one.name, GIFT, found.counts.would_receive)?;
    let asked = StartRun { automation: one.id, acting, confirmed: Some(confirmed) };
    let begun = flow.start(asked).await?;
    if args.detach && !worker.is_us() {
        context.out.done(format!("run {} has begun: passpost run show {0}", begun.number), &begun);
        return Ok(Done::All);
    }
    watch::until_over(context, &flow, &worker, begun.id, "Sending").await?;
    let report = Report::read(&context.store, begun.id, crate::clock::now_ms()).await?;
    context.out.show(&report, |report, out| {
        out.line("");
        report::print(out, report);
    });
    report::done(&report)
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Store(error) => error.into(),
            StartError::Refused(Refusal::Unconfirmed { would_receive }) => unconfirmed(would_receive),
            StartError::Refused(refusal @ Refusal::Unapproved { .. }) => Self::usage(refusal).hint(
                "an operator who has no part in it approves it: passpost automation approve AUTOMATION --as USERNAME",
            ),
            StartError::Refused(refusal) => Self::usage(refusal),
        }
    }
}
