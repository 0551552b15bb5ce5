//! Watching runs: one reader a run in this process, however many pages look at it, and none when nobody looks.

use domain::id::RunId;
use domain::run::{Counts, RunState};
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::recipient::{self, count_by_state_and_reason};
use store::run::{self, Run};
use store::{Store, StoreError, setting, view};
use tokio::sync::watch;
use tokio::time::Instant;

/// How often a watched run is read.
const LOOK: Duration = Duration::from_secs(1);
/// Over how many looks the rate is taken.
const LOOKS: usize = 10;
/// Lists that may have changed are read again after so long; the same ones, after so long.
const LISTS_LAST: (Duration, Duration) = (Duration::from_secs(3), Duration::from_secs(20));

/// A run as its watchers see it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    pub(crate) state: RunState,
    /// Why it paused, or what it waits for.
    pub(crate) cause: Option<String>,
    pub(crate) counts: Counts,
    pub(crate) started_at: Option<i64>,
    pub(crate) finished_at: Option<i64>,
    /// The kill switch is on.
    pub(crate) is_stopped: bool,
    /// Only people are left who are due at this moment.
    pub(crate) due_at: Option<i64>,
    /// People a second, lately; `None`: not known.
    pub(crate) rate: Option<f64>,
}

impl Seen {
    /// A run as it was read, without a rate.
    pub(crate) fn of(run: &Run, is_stopped: bool, due_at: Option<i64>) -> Self {
        Self {
            state: run.state,
            cause: run.cause.clone(),
            counts: run.counts,
            started_at: run.started_at,
            finished_at: run.finished_at,
            is_stopped,
            due_at,
            rate: None,
        }
    }

    /// Changes with whatever the lists of the run's page are made of.
    pub(crate) fn lists(&self) -> [i64; 4] {
        [self.counts.left_out, self.counts.refused, self.counts.unknown, self.counts.deferred]
    }
}

/// What the lists of a run's page are made of.
#[derive(Debug)]
pub(crate) struct Lists {
    /// By state and reason.
    pub(crate) by_reason: Vec<(domain::recipient::RecipientState, String, i64)>,
    pub(crate) failures: Vec<view::Failure>,
}

/// The runs that are watched in this process; cheap to clone.
#[derive(Clone)]
pub struct Live(Arc<Shared>);

struct Shared {
    runs: Mutex<HashMap<RunId, Arc<Watched>>>,
    stopping: watch::Sender<bool>,
    looks: AtomicU64,
}

struct Watched {
    seen: watch::Sender<Option<Seen>>,
    lists: tokio::sync::Mutex<Option<Kept>>,
}

/// Lists as they were read at a moment, and of which counts.
struct Kept {
    read_at: Instant,
    of: [i64; 4],
    lists: Arc<Lists>,
}

impl Default for Live {
    fn default() -> Self {
        Self(Arc::new(Shared {
            runs: Mutex::default(),
            stopping: watch::Sender::new(false),
            looks: AtomicU64::new(0),
        }))
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("runs", &self.runs().len()).finish_non_exhaustive()
    }
}

impl Live {
    /// How often watched runs have been read in this process.
    #[must_use]
    pub fn looks(&self) -> u64 {
        self.0.looks.load(Ordering::Relaxed)
    }

    /// Ends everything that watches, so that a server can stop.
    pub(crate) fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Waits until the server stops.
    pub(crate) fn stopped(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut stopping = self.0.stopping.subscribe();
        async move {
            let _ = stopping.wait_for(|stopping| *stopping).await;
        }
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<RunId, Arc<Watched>>> {
        self.0.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches a run: what is seen changes once a second at most, and nothing more comes when the run is over.
    pub(crate) fn watch(&self, store: &Store, id: RunId) -> watch::Receiver<Option<Seen>> {
        let mut runs = self.runs();
        if let Some(watched) = runs.get(&id) {
            return watched.seen.subscribe();
        }
        let (seen, receiver) = watch::channel(None);
        let watched = Arc::new(Watched { seen, lists: tokio::sync::Mutex::default() });
        runs.insert(id, Arc::clone(&watched));
        tokio::spawn(self.clone().keep_looking(store.clone(), id, watched));
        receiver
    }

    /// What the watchers of a run see; `None`: nobody watches it.
    pub(crate) fn seen(&self, id: RunId) -> Option<Seen> {
        self.runs().get(&id).and_then(|watched| watched.seen.borrow().clone())
    }

    async fn keep_looking(self, store: Store, id: RunId, watched: Arc<Watched>) {
        let mut before: VecDeque<(Instant, i64)> = VecDeque::with_capacity(LOOKS + 1);
        let mut stopped = std::pin::pin!(self.stopped());
        loop {
            match self.look(&store, id).await {
                Ok(mut seen) => {
                    before.push_back((Instant::now(), seen.counts.settled()));
                    if before.len() > LOOKS {
                        before.pop_front();
                    }
                    seen.rate = rate(&before);
                    let is_over = seen.state.is_over();
                    watched.seen.send_if_modified(|old| {
                        let is_new = old.as_ref() != Some(&seen);
                        *old = Some(seen);
                        is_new
                    });
                    if is_over {
                        break;
                    }
                }
                Err(StoreError::NotFound(_)) => break,
                // The database is away for a moment: the pages stay as they are.
                Err(error) => tracing::warn!(run.id = %id, %error, "a watched run could not be read"),
            }
            tokio::select! {
                () = &mut stopped => break,
                () = tokio::time::sleep(LOOK) => {}
            }
            let mut runs = self.runs();
            if watched.seen.receiver_count() == 0 {
                runs.remove(&id);
                return;
            }
        }
        self.runs().remove(&id);
    }

    async fn look(&self, store: &Store, id: RunId) -> Result<Seen, StoreError> {
        self.0.looks.fetch_add(1, Ordering::Relaxed);
        store
            .read(move |tx| {
                Box::pin(async move {
                    let run = run::get(tx, id).await?;
                    read_seen(tx, &run).await
                })
            })
            .await
    }

    /// The lists of a run's page. While it is watched all its pages share them, and one reader at a time reads.
    pub(crate) async fn lists(&self, store: &Store, run: &Run) -> Result<Arc<Lists>, StoreError> {
        let Some(watched) = self.runs().get(&run.id).cloned() else {
            return read_lists(store, run.number).await;
        };
        let now = Seen::of(run, false, None).lists();
        let mut kept = watched.lists.lock().await;
        if let Some(kept) = kept.as_ref() {
            let lasts = if kept.of == now { LISTS_LAST.1 } else { LISTS_LAST.0 };
            if kept.read_at.elapsed() < lasts && !run.state.is_over() {
                return Ok(Arc::clone(&kept.lists));
            }
        }
        let lists = read_lists(store, run.number).await?;
        *kept = Some(Kept { read_at: Instant::now(), of: now, lists: Arc::clone(&lists) });
        Ok(lists)
    }
}

/// What is to be seen of a run beside its row.
pub(crate) async fn read_seen(tx: &mut store::Tx, run: &Run) -> Result<Seen, StoreError> {
    let is_stopped = !run.state.is_over() && setting::find(tx, setting::SENDING_STOPPED).await?.is_some();
    let waits = run.state == RunState::Running && run.counts.waiting() == 0 && run.counts.deferred > 0;
    let due_at = if waits { recipient::next_due(tx, run.number).await? } else { None };
    Ok(Seen::of(run, is_stopped, due_at))
}

async fn read_lists(store: &Store, number: i64) -> Result<Arc<Lists>, StoreError> {
    store
        .read(move |tx| {
            Box::pin(async move {
                let by_reason = count_by_state_and_reason(tx, number).await?;
                let failed = by_reason.iter().any(|(state, ..)| view::is_failure(*state));
                let failures = if failed { view::list_failures(tx, number).await? } else { Vec::new() };
                Ok(Arc::new(Lists { by_reason, failures }))
            })
        })
        .await
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
fn rate(before: &VecDeque<(Instant, i64)>) -> Option<f64> {
    let ((from, first), (until, last)) = (before.front()?, before.back()?);
    let seconds = until.duration_since(*from).as_secs_f64();
    (seconds >= 0.9).then(|| (last - first).max(0) as f64 / seconds)
}
