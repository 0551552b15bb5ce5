//! What would this event do now? Everything is done as it would be, and then taken back.

use super::{execute, route};
use crate::Flow;
use crate::run::StartError;
use domain::event::BuiltIn;
use domain::event::cloud::CloudEvent;
use domain::event_job::EventJobState;
use serde::Serialize;
use std::sync::Arc;
use store::event::{self, Event, Happened, job};
use store::{Acting, StoreError, Tx, automation};

/// An event that has not happened.
#[derive(Debug, Clone)]
pub enum Simulation {
    /// One that a program would send.
    Custom(Box<CloudEvent>),
    /// A built-in one.
    BuiltIn(BuiltIn, Happened),
}

/// What an event would do.
#[derive(Debug, Clone, Serialize)]
pub struct Simulated {
    /// The event as it would be kept; `None`: an event with this source and id is known, nothing would be done.
    pub event: Option<Event>,
    /// What each automation that listens would do, as if no delay and no allowed hour were waited for.
    pub jobs: Vec<SimulatedJob>,
}

/// What one automation would do.
#[derive(Debug, Clone, Serialize)]
pub struct SimulatedJob {
    /// As it would stand.
    #[serde(flatten)]
    pub job: job::EventJob,
    /// When it would be due; `None`: it would not wait.
    pub would_be_due_at: Option<i64>,
    /// Why its run could not begin.
    pub refusal: Option<String>,
}

/// Takes a simulation back: a transaction that fails leaves nothing behind.
enum Back {
    Found(Box<Simulated>),
    Failed(StoreError),
}

impl From<StoreError> for Back {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl Flow {
    /// Finds out what an event would do now; changes nothing.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn simulate_event(&self, what: Simulation, acting: &Acting) -> Result<Simulated, StoreError> {
        let (now_ms, actor, settings) = (self.clock.now_ms(), acting.person_id, Arc::clone(&self.settings));
        let run = self.run_id(now_ms);
        let done: Result<(), Back> = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let Some(event) = keep(tx, what, actor, now_ms).await? else {
                        return Err(Back::Found(Box::new(Simulated { event: None, jobs: Vec::new() })));
                    };
                    let listeners = route::listeners(tx).await?;
                    route::route_these(tx, &listeners, std::slice::from_ref(&event), now_ms).await?;
                    let jobs = act(tx, &event, run, &settings, now_ms).await?;
                    Err(Back::Found(Box::new(Simulated { event: Some(event), jobs })))
                })
            })
            .await;
        match done {
            Err(Back::Found(found)) => Ok(*found),
            Err(Back::Failed(error)) => Err(error),
            Ok(()) => Err(StoreError::Defect("a simulation was not taken back".into())),
        }
    }
}

async fn keep(
    tx: &mut Tx,
    what: Simulation,
    actor: Option<domain::id::PersonId>,
    now_ms: i64,
) -> Result<Option<Event>, StoreError> {
    match what {
        Simulation::Custom(one) => {
            let accepted = event::insert(tx, std::slice::from_ref(&*one), actor, now_ms).await?;
            if accepted.accepted == 0 {
                return Ok(None);
            }
            event::find_written(tx, &one.event_type, Some((&one.source, &one.id)), now_ms).await
        }
        Simulation::BuiltIn(what, about) => {
            event::write(tx, what, &about, now_ms).await?;
            event::find_written(tx, &what.type_name(), None, now_ms).await
        }
    }
}

/// Does the job of each automation as if it were due.
async fn act(
    tx: &mut Tx,
    event: &Event,
    run: domain::id::RunId,
    settings: &crate::Settings,
    now_ms: i64,
) -> Result<Vec<SimulatedJob>, StoreError> {
    let mut found = Vec::new();
    let mut listed = job::list_of_event(tx, event.number).await?;
    // In the order they would be done, for the first one can keep the next from mailing the same person.
    listed.sort_by_key(|one| one.due_at);
    let mut before = now_ms;
    for waiting in listed {
        let mut refusal = None;
        if waiting.state == EventJobState::Waiting {
            let automation = automation::get(tx, waiting.automation_id).await?;
            let due_at = waiting.due_at.unwrap_or(now_ms);
            let apart_ms = i64::from(automation.job.password().remail_after_hours) * 3_600_000;
            if let Some(person) = waiting.person_id.filter(|_| due_at - before >= apart_ms) {
                event::forget_mailed(tx, person).await?;
            }
            before = due_at;
            // Each gets a run of its own; the id tells them apart.
            let run = domain::id::RunId(uuid_beside(run.0, found.len()));
            job::take(tx, waiting.automation_id, run, Some(event.number), 1, now_ms).await?;
            match execute::begin(tx, &automation, run, settings, now_ms).await {
                Ok(_) => {}
                Err(StartError::Refused(why)) => refusal = Some(why.to_string()),
                Err(StartError::Store(error)) => return Err(error),
            }
        }
        found.push(SimulatedJob { would_be_due_at: waiting.due_at, refusal, job: waiting });
    }
    let now = job::list_of_event(tx, event.number).await?;
    for one in &mut found {
        if let Some(after) = now.iter().find(|after| after.automation_id == one.job.automation_id) {
            one.job = after.clone();
        }
    }
    found.sort_by_key(|one| one.job.automation_number);
    Ok(found)
}

fn uuid_beside(id: uuid::Uuid, place: usize) -> uuid::Uuid {
    uuid::Uuid::from_u128(id.as_u128().wrapping_add(place as u128))
}
