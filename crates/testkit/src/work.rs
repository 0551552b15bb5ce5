//! Letting a worker work until a run comes to rest.

use crate::house::House;
use domain::id::RunId;
use domain::run::RunState;
use smtp::Stop;
use std::time::{Duration, Instant};
use store::run::{self, Run};
use store::{StoreError, params};

impl House {
    /// Works until the run is over, paused, or waits for a later moment or for the relay; then stops softly.
    pub async fn work(&self, id: RunId) -> Run {
        let stop = Stop::new();
        let worker = tokio::spawn({
            let (flow, stop) = (self.flow.clone(), stop.clone());
            async move { flow.work(stop).await }
        });
        let began = Instant::now();
        loop {
            let (run, waits) = self.run_and_whether_it_waits(id).await;
            // The note may be an old one: a look takes half a second.
            let shut = began.elapsed() > Duration::from_millis(1_200)
                && run.cause.as_ref().is_some_and(|cause| cause.starts_with("waiting for the relay"));
            if (run.state != RunState::Running || waits || shut) && !self.flow.is_sending() {
                break;
            }
            assert!(began.elapsed() < Duration::from_secs(120), "the run does not come to rest: {run:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stop.request((Instant::now() + Duration::from_secs(20)).into());
        worker.await.expect("the worker ends");
        assert!(!self.was_recounted(id).await, "the counts of the run were wrong");
        self.run(id).await
    }

    /// A run, and whether nothing of it is due at this moment: read together, or a claim in between would look like
    /// somebody who waits.
    async fn run_and_whether_it_waits(&self, id: RunId) -> (Run, bool) {
        let now = self.clock.now_ms();
        let (run, due) = self
            .db
            .store
            .read(move |tx| {
                Box::pin(async move {
                    let run = run::get(tx, id).await?;
                    let due = store::recipient::next_due(tx, run.number).await?;
                    Ok::<_, StoreError>((run, due))
                })
            })
            .await
            .expect("the run");
        let waits = run.cursor >= run.last && run.counts.waiting() == 0 && due.is_none_or(|due| due > now);
        (run, waits)
    }

    /// Whether a run had to be counted anew: its counts and its recipients disagreed.
    async fn was_recounted(&self, id: RunId) -> bool {
        let sql = "SELECT 1 FROM audit WHERE action = 'run.recounted' AND subject_id = $1";
        self.db
            .store
            .read(move |tx| Box::pin(async move { tx.find(sql, params![id.to_string()]).await }))
            .await
            .expect("the audit log")
            .is_some()
    }
}
