//! What an operator does with a run: pause, resume, cancel, retry, correct.

use super::find;
use crate::clock::now_ms;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::people;
use crate::report;
use crate::watch::{self, Worker};
use domain::address::Address;
use domain::id::RunId;
use domain::role::Permission;
use domain::run::RunState;
use flow::{CorrectError, Flow, Report, RetryOf};

pub(super) async fn pause(context: &Context, number: i64, why: &str) -> Outcome {
    let acting = context.acting(Permission::RunsControl).await?;
    let id = find(context, number).await?.id;
    let run = watch::flow(context, None)?.pause(id, &acting, why).await?;
    let left = people(run.counts.waiting() + run.counts.deferred);
    context.out.done(format!("run {number} is paused; {left} wait, each with the old password intact"), &run);
    Ok(Done::All)
}

pub(super) async fn resume(context: &Context, number: i64, detach: bool) -> Outcome {
    let acting = context.acting(Permission::RunsControl).await?;
    let id = find(context, number).await?.id;
    let worker = Worker::find(context).await?;
    let flow = watch::flow(context, Some(&worker))?;
    flow.resume(id, &acting).await?;
    follow(context, &flow, &worker, id, detach, "Sending").await
}

pub(super) async fn cancel(context: &Context, number: i64, yes: bool) -> Outcome {
    let acting = context.acting(Permission::RunsControl).await?;
    let run = find(context, number).await?;
    let left = run.counts.waiting() + run.counts.deferred;
    if !yes && !run.state.is_over() {
        return Err(Failure::usage(format!(
            "cancelling run {number} is for good: {} would not be written to",
            people(left)
        ))
        .hint(format!("add --yes, or stop it for now: passpost run pause {number}")));
    }
    let run = watch::flow(context, None)?.cancel(run.id, &acting).await?;
    let text = format!("run {number} is cancelled; {} keep the old password", people(run.counts.cancelled));
    context.out.done(text, &run);
    Ok(Done::All)
}

pub(super) async fn retry(context: &Context, number: i64, place: Option<u32>, detach: bool) -> Outcome {
    let acting = context.acting(Permission::RunsControl).await?;
    let id = find(context, number).await?.id;
    let worker = Worker::find(context).await?;
    let flow = watch::flow(context, Some(&worker))?;
    flow.retry(id, place.map_or(RetryOf::Failed, RetryOf::One), &acting).await?;
    follow(context, &flow, &worker, id, detach, "Trying again").await
}

pub(super) async fn correct(
    context: &Context,
    number: i64,
    place: u32,
    address: &str,
    detach: bool,
) -> Outcome {
    let acting = context.acting(Permission::RunsControl).await?;
    let address = Address::parse(address).map_err(Failure::usage)?;
    let id = find(context, number).await?.id;
    let found = context
        .store
        .read(move |tx| Box::pin(store::recipient::list(tx, number, None, place.saturating_sub(1), 1)))
        .await?;
    if found.first().is_none_or(|one| one.position != place) {
        return Err(Failure::usage(format!("run {number} has no recipient at place {place}"))
            .hint(format!("passpost run recipients {number} --state refused")));
    }
    let worker = Worker::find(context).await?;
    let flow = watch::flow(context, Some(&worker))?;
    flow.correct(id, place, address, &acting).await.map_err(|error| match error {
        CorrectError::Person(error) => Failure::from(error),
        CorrectError::Run(error) => error.into(),
    })?;
    follow(context, &flow, &worker, id, detach, "Sending").await
}

/// Watches; when nobody works on the run and this process may, it does.
pub(super) async fn watch_only(context: &Context, number: i64) -> Outcome {
    context.acting(Permission::RunsView).await?;
    let run = find(context, number).await?;
    let worker = match run.state {
        RunState::Running => Worker::find(context).await?,
        _ => Worker::Another,
    };
    let flow = watch::flow(context, Some(&worker))?;
    follow(context, &flow, &worker, run.id, false, "Sending").await
}

async fn follow(
    context: &Context,
    flow: &Flow,
    worker: &Worker,
    id: RunId,
    detach: bool,
    label: &str,
) -> Outcome {
    if !detach || worker.is_us() {
        watch::until_over(context, flow, worker, id, label).await?;
    }
    let report = Report::read(&context.store, id, now_ms()).await?;
    context.out.show(&report, |report, out| report::print(out, report));
    report::done(&report)
}
