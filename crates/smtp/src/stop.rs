//! The soft stop: finish what is in flight, begin nothing, be gone at the deadline.

use std::sync::Arc;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// A switch that all connections of one sender share. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<Option<Instant>>>);

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}

impl Stop {
    /// A switch that is off.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }

    /// Asks all connections to take no new message and to wait for missing replies until `deadline` at most.
    /// A second call may only bring the deadline nearer.
    pub fn request(&self, deadline: Instant) {
        self.0.send_modify(|old| *old = Some(old.map_or(deadline, |old| old.min(deadline))));
    }

    /// Whether stopping was asked for.
    #[must_use]
    pub fn requested(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// Waits until stopping is asked for.
    pub async fn wait(&self) {
        // Cannot fail: the sender lives in self.
        let _ = self.0.subscribe().wait_for(Option::is_some).await;
    }

    /// Waits until the deadline of a stop has passed.
    pub(crate) async fn deadline_passed(&self) {
        let mut watched = self.0.subscribe();
        loop {
            let deadline = *watched.borrow_and_update();
            let Some(deadline) = deadline else {
                let _ = watched.changed().await;
                continue;
            };
            tokio::select! {
                () = sleep_until(deadline) => return,
                _ = watched.changed() => {}
            }
        }
    }
}
