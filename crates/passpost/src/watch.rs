//! Watching a run until it is over, and working on it in this process when no other one does.

use crate::context::Context;
use crate::failure::Failure;
use crate::output::number;
use crate::progress::Progress;
use crate::wiring::{self, Holder, WorkerLock};
use domain::id::RunId;
use domain::run::{Counts, RunState};
use flow::{Flow, Stop};
use std::time::Duration;
use store::run::Run;

/// How often the counts are read.
const LOOK: Duration = Duration::from_millis(200);
/// How long answers of mails on their way are waited for after Ctrl-C.
const LAST_ANSWERS: Duration = Duration::from_secs(20);

/// Who works on the runs while this command watches.
#[derive(Debug)]
pub(crate) enum Worker {
    /// This process; the lock keeps others away.
    Us { _lock: WorkerLock },
    /// Another process of this machine or another node: here the intent is written and watched.
    Another,
}

impl Worker {
    /// Finds out who works.
    ///
    /// # Errors
    /// Nobody does and this process must not: the mailbox inside the program lives in `serve`.
    pub(crate) async fn find(context: &Context) -> Result<Self, Failure> {
        let another = match WorkerLock::take(&context.settings)? {
            Holder::Another(_) => return Ok(Self::Another),
            Holder::Us(lock) => {
                if !crate::node::others_work(context).await? {
                    if context.settings.mailbox_is_relay() {
                        return Err(Failure::usage(
                            "no relay is set and no server runs: the mailbox inside the program lives in \
                             the memory of `passpost serve`, so the mails of this run would be lost",
                        )
                        .hint(
                            "start `passpost serve` first, or set a relay with [[smtp]] in passpost.toml",
                        ));
                    }
                    return Ok(Self::Us { _lock: lock });
                }
                Self::Another
            }
        };
        Ok(another)
    }

    /// Whether a flow of this process may take up what a dead one left behind.
    pub(crate) const fn is_us(&self) -> bool {
        matches!(self, Self::Us { .. })
    }
}

/// Whether a server works on this database, here or elsewhere.
///
/// # Errors
/// The lock cannot be looked at, or the database failed.
pub(crate) async fn is_served(context: &Context) -> Result<bool, Failure> {
    Ok(match WorkerLock::take(&context.settings)? {
        Holder::Another(_) => true,
        Holder::Us(_lock) => crate::node::others_work(context).await?,
    })
}

/// The flow for a command: it works only when this process is the worker.
pub(crate) fn flow(context: &Context, worker: Option<&Worker>) -> Result<Flow, Failure> {
    let keys = wiring::keys(&context.settings)?;
    let sole =
        worker.is_some_and(Worker::is_us) && matches!(context.settings.database, store::Location::Sqlite(_));
    // A command never delivers into a mailbox of its own: see `Worker::find`.
    let mailbox = wiring::mailbox(&context.settings);
    wiring::flow(&context.settings, context.store.clone(), keys, mailbox, sole)
}

/// Waits until a run is over or paused; works on it when that is this process's part.
///
/// # Errors
/// The database failed. Ctrl-C is no error: the run goes on later, and the command says so.
pub(crate) async fn until_over(
    context: &Context,
    flow: &Flow,
    worker: &Worker,
    run: RunId,
    label: &str,
) -> Result<Run, Failure> {
    if !worker.is_us() {
        return watch(context, run, label, None).await;
    }
    let stop = Stop::new();
    let working = tokio::spawn({
        let (flow, stop) = (flow.clone(), stop.clone());
        async move { flow.work(stop).await }
    });
    let watched = watch(context, run, label, Some(flow)).await;
    stop.request(tokio::time::Instant::now() + LAST_ANSWERS);
    let _ = working.await;
    // Whoever must know of a run that paused itself is told now, should no server run for a while.
    let stop = Stop::new();
    stop_after(&stop, LAST_ANSWERS);
    if let Err(error) = flow.notify_once(&stop).await {
        tracing::warn!(%error, "notices to operators wait for the next server");
    }
    // What was recorded while stopping counts too.
    watched?;
    get(context, run).await
}

/// Asks to stop after a while, so that a command does not wait for a slow relay.
fn stop_after(stop: &Stop, wait: Duration) {
    let stop = stop.clone();
    tokio::spawn(async move {
        tokio::time::sleep(wait).await;
        stop.request(tokio::time::Instant::now());
    });
}

/// Shows how a run goes on until it is over or paused; `flow`: this process works on it.
///
/// # Errors
/// The database failed.
pub(crate) async fn watch(
    context: &Context,
    run: RunId,
    label: &str,
    flow: Option<&Flow>,
) -> Result<Run, Failure> {
    let mut now = get(context, run).await?;
    let mut progress = Progress::begin(&context.out, label, total(&now.counts));
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    while !now.state.is_over() && now.state != RunState::Paused {
        progress.set(done(&now.counts), total(&now.counts), &note(&now));
        tokio::select! {
            _ = &mut interrupted => {
                progress.end("interrupted");
                context.out.note(if flow.is_some() {
                    format!(
                        "Stopping: mails on their way are finished first. The run goes on with `passpost serve` \
                         or `passpost run watch {}`.",
                        now.number
                    )
                } else {
                    "No longer watching; the run goes on.".to_owned()
                });
                return get(context, run).await;
            }
            () = tokio::time::sleep(LOOK) => {}
        }
        now = get(context, run).await?;
    }
    progress.set(done(&now.counts), total(&now.counts), "");
    progress.end(&note(&now));
    Ok(now)
}

async fn get(context: &Context, run: RunId) -> Result<Run, Failure> {
    Ok(context.store.read(move |tx| Box::pin(store::run::get(tx, run))).await?)
}

fn total(counts: &Counts) -> u64 {
    u64::try_from(counts.total - counts.left_out).unwrap_or(0)
}

fn done(counts: &Counts) -> u64 {
    u64::try_from(counts.settled()).unwrap_or(0)
}

fn note(run: &Run) -> String {
    let counts = &run.counts;
    let words =
        [(counts.refused, "refused"), (counts.unknown, "unknown"), (counts.deferred, "to be tried again")];
    let mut parts: Vec<String> = words
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", number(count)))
        .collect();
    // While it runs, the cause says what it waits for.
    parts.extend(run.cause.clone().filter(|_| run.state == RunState::Running));
    parts.join(" · ")
}
