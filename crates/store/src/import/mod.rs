//! People from CSV: previewed and applied by the same code, in bounded memory.
//!
//! # The file
//! UTF-8, with or without a byte order mark; the first line names the columns; cells are separated by
//! commas, semicolons or tabs (told from the first line) and quoted as in RFC 4180; lines end in LF
//! or CRLF. Columns, in any order and spelling of case, spaces, `_` and `-`:
//!
//! | column | also | |
//! |---|---|---|
//! | `external_id` | | at most 200 characters |
//! | `username` | | of a new person: the address, when missing |
//! | `address` | `email`, `mail`, `email_address`, `mail_address` | |
//! | `given_name` | `first_name` | at most 200 characters, as all names |
//! | `family_name` | `last_name`, `surname` | |
//! | `display_name` | | |
//! | `language` | | BCP 47, as in `de-AT` |
//! | `time_zone` | | IANA, as in `Europe/Vienna` |
//! | `groups` | `group` | names separated by `\|`; `\` before a `\|` or `\` in a name; people are added, never taken out |
//! | `attributes.NAME` | `NAME` | an attribute that is defined |
//!
//! An empty cell leaves what is there. An apostrophe before `=`, `+`, `-`, `@`, tab or CR is the
//! guard that the export writes, and is taken away.
//!
//! # Who a row is about
//! The person with its external id; else, when it has a user name, the person with that; else the
//! only person with its address. Nobody: a new person. Rows about system users are refused, and so
//! are later rows about a person that an earlier row was about.
//!
//! # When it stops halfway
//! Each transaction holds some thousand rows. After a crash whole batches are there and the rest is
//! not; importing the same file again completes it and finds the rest unchanged.

pub(crate) mod cell;
mod check;
mod fault;
mod happened;
pub(crate) mod header;
mod outcome;
mod parse;
mod plan;
mod resolve;
mod seen;
mod source;
mod write;

pub use fault::Fault;
pub use outcome::{Fate, ImportError, Options, Outcome, Problem, Progress, Sample};

use crate::error::{Result, StoreError};
use crate::{Store, Tx, audit, event};
use domain::event::BuiltIn;
use domain::password::Randomness;
use domain::person::AttributeKind;
use header::Attribute;
use outcome::{MOST_PROBLEMS, SAMPLE, sample};
use parse::Batch;
use seen::Seen;
use std::collections::BTreeSet;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// How often a batch is decided anew when somebody changes the same people at the same time.
const ATTEMPTS: usize = 4;

/// One batch with everything that deciding and writing it needs.
#[derive(Debug)]
struct Job {
    batch: Batch,
    settings: Arc<Options>,
    attributes: Arc<[Attribute]>,
    /// Names used by earlier batches; changed only after this one is durable.
    seen: Arc<Mutex<Seen>>,
    /// Groups that earlier batches made or would make.
    new_groups: BTreeSet<String>,
    /// The number of the first row among all.
    first_number: u64,
    /// Random bytes: six for each row, then ten for each group that may have to be made.
    entropy: Vec<u8>,
}

/// What came of a batch.
#[derive(Debug)]
struct Done {
    counts: [u64; 3],
    problems: Vec<Problem>,
    used: Vec<(u64, u64)>,
    new_groups: BTreeSet<String>,
    sample: Vec<Sample>,
}

/// Imports a file, or with `apply: false` says what would happen.
///
/// `random` makes the ids of new people. `progress` is called after each batch.
///
/// # Errors
/// The file cannot be read or its header is wrong; the database is not available. Batches before
/// that stay, see [`ImportError::Stopped`].
pub async fn import(
    store: &Store,
    source: impl Read + Send + 'static,
    options: Options,
    random: &mut (impl Randomness + Send),
    mut progress: impl FnMut(Progress) + Send,
) -> Result<Outcome, ImportError> {
    let options = outcome::checked(options)?;
    let attributes = attributes(store).await?;
    let (sender, mut batches) = mpsc::channel(2);
    let defined = attributes.clone();
    let reading = tokio::task::spawn_blocking(move || parse::read(source, defined, &sender));
    let mut running = Running {
        store: store.clone(),
        settings: Arc::new(options),
        attributes: attributes.into(),
        seen: Arc::new(Mutex::new(Seen::new())),
        new_groups: BTreeSet::new(),
        numbers: 0,
        outcome: Outcome::default(),
    };
    while let Some(batch) = batches.recv().await {
        let now = Progress { rows: batch.rows, bytes: batch.bytes };
        if let Err(error) = running.batch(batch, random).await {
            return Err(running.stopped(ImportError::Store(error)).await);
        }
        progress(now);
    }
    let read =
        reading.await.unwrap_or_else(|_| Err(StoreError::Defect("reading a file fell over".into()).into()));
    match read {
        Ok(()) => {
            running.audit(true).await?;
            Ok(running.finish())
        }
        Err(error @ ImportError::Header { .. }) => Err(error),
        Err(error) => Err(running.stopped(error).await),
    }
}

/// The attributes that are defined, by name.
///
/// # Errors
/// The database is not available.
pub(crate) async fn attributes(store: &Store) -> Result<Vec<Attribute>> {
    let rows = store
        .read(|tx| {
            Box::pin(async move { tx.query("SELECT name, kind FROM attributes ORDER BY name", &[]).await })
        })
        .await?;
    rows.into_iter()
        .map(|mut row| {
            let kind: String = row.take(1)?;
            let kind = AttributeKind::parse(&kind)
                .ok_or_else(|| StoreError::Corrupt(format!("an attribute of the kind {kind}")))?;
            Ok(Attribute { name: row.take(0)?, kind })
        })
        .collect()
}

/// An import on its way.
struct Running {
    store: Store,
    settings: Arc<Options>,
    attributes: Arc<[Attribute]>,
    seen: Arc<Mutex<Seen>>,
    new_groups: BTreeSet<String>,
    numbers: u64,
    outcome: Outcome,
}

impl Running {
    async fn batch(&mut self, mut batch: Batch, random: &mut (impl Randomness + Send)) -> Result<()> {
        self.outcome.rows = batch.rows;
        let refused = batch.refused;
        let early = std::mem::take(&mut batch.problems);
        let groups: BTreeSet<&String> = batch.records.iter().flat_map(|record| &record.groups).collect();
        let groups = groups.len() + self.settings.groups_for_all.len();
        let mut entropy = vec![0; batch.records.len() * 6 + groups * 10];
        random.fill(&mut entropy);
        let first_number = self.numbers;
        self.numbers += batch.records.len() as u64;
        let job = Arc::new(Job {
            batch,
            settings: Arc::clone(&self.settings),
            attributes: Arc::clone(&self.attributes),
            seen: Arc::clone(&self.seen),
            new_groups: self.new_groups.clone(),
            first_number,
            entropy,
        });
        let done = self.run(&job).await?;
        self.count(done, early, refused);
        Ok(())
    }

    /// Runs a batch, again when somebody else changed the same people meanwhile.
    async fn run(&self, job: &Arc<Job>) -> Result<Done> {
        let mut attempt = 1;
        loop {
            let job = Arc::clone(job);
            let done = if self.settings.apply {
                self.store.write(move |tx| Box::pin(async move { work(tx, &job).await })).await
            } else {
                self.store.read(move |tx| Box::pin(async move { work(tx, &job).await })).await
            };
            match done {
                Err(StoreError::Exists(_) | StoreError::Unavailable(_)) if attempt < ATTEMPTS => attempt += 1,
                Err(StoreError::Exists(what)) => {
                    return Err(StoreError::Unavailable(format!(
                        "{what} is changed by somebody else all the time"
                    )));
                }
                done => return done,
            }
        }
    }

    fn count(&mut self, done: Done, mut problems: Vec<Problem>, refused: u64) {
        let outcome = &mut self.outcome;
        let [created, updated, unchanged] = done.counts;
        outcome.created += created;
        outcome.updated += updated;
        outcome.unchanged += unchanged;
        // A row that came as far as the database has one problem.
        outcome.refused += refused + done.problems.len() as u64;
        problems.extend(done.problems);
        problems.sort_by_key(|problem| problem.line);
        let room = MOST_PROBLEMS.saturating_sub(outcome.problems.len());
        outcome.problems.extend(problems.into_iter().take(room));
        let room = SAMPLE.saturating_sub(outcome.sample.len());
        outcome.sample.extend(done.sample.into_iter().take(room));
        self.new_groups = done.new_groups;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for (hash, line) in done.used {
            seen.insert(hash, line);
        }
    }

    fn finish(&mut self) -> Outcome {
        self.outcome.new_groups = std::mem::take(&mut self.new_groups).into_iter().collect();
        std::mem::take(&mut self.outcome)
    }

    /// The error of an import that did not come to its end, with what it did before.
    async fn stopped(&mut self, cause: ImportError) -> ImportError {
        if self.outcome.created + self.outcome.updated > 0 {
            // The cause is what is told; that the audit log cannot be written has the same one.
            let _ = self.audit(false).await;
        }
        ImportError::Stopped { cause: Box::new(cause), so_far: Box::new(self.finish()) }
    }

    /// One entry for the whole import: counts, nobody's data.
    async fn audit(&self, complete: bool) -> Result<()> {
        if !self.settings.apply {
            return Ok(());
        }
        let outcome = &self.outcome;
        let detail = serde_json::json!({
            "created": outcome.created,
            "updated": outcome.updated,
            "unchanged": outcome.unchanged,
            "refused": outcome.refused,
            "new_groups": self.new_groups.len(),
            "complete": complete,
        });
        let Options { acting, now_ms, .. } = &*self.settings;
        let entry = acting.entry("people.imported", "people", "", detail, *now_ms);
        let finished = complete.then(|| happened::finished(&self.settings, outcome));
        let now_ms = *now_ms;
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    if let Some(about) = finished {
                        event::happened(tx, BuiltIn::ImportFinished, &about, now_ms).await?;
                    }
                    audit::append(tx, entry).await
                })
            })
            .await
    }
}

/// Decides about a batch and, when the import is not a preview, writes it.
async fn work(tx: &mut Tx, job: &Job) -> Result<Done> {
    let found = resolve::find(tx, &job.batch.records).await?;
    let around = resolve::around(tx, &job.batch.records, &found, &job.settings.groups_for_all).await?;
    let plan = {
        let seen = job.seen.lock().unwrap_or_else(PoisonError::into_inner);
        plan::decide(job, &found, &around, &seen)
    };
    if job.settings.apply {
        write::apply(tx, job, &plan, &around).await?;
    }
    let count = |fate| plan.steps.iter().filter(|step| step.fate == fate).count() as u64;
    Ok(Done {
        counts: [count(Fate::Created), count(Fate::Updated), count(Fate::Unchanged)],
        sample: plan.steps.iter().take(SAMPLE).map(sample).collect(),
        problems: plan.problems,
        used: plan.used.into_iter().collect(),
        new_groups: plan.new_groups,
    })
}
