//! Keeping leases: renewing our own, and rescuing the recipients of workers that are gone; and keeping
//! what is in hand from leaving when its run was stopped elsewhere.

use crate::Flow;
use domain::id::LeaseId;
use std::time::{Duration, Instant};
use store::{StoreError, delivery, lease, run, setting};

/// How often to look whether a run was stopped by another process.
const LOOK: Duration = Duration::from_millis(500);

impl Flow {
    /// Renews this node's leases and rescues lapsed ones, until aborted.
    pub(crate) async fn keep_leases(&self) {
        let every = Duration::from_millis(lease::RENEW_MS.unsigned_abs());
        loop {
            tokio::time::sleep(every).await;
            self.renew().await;
            self.rescue(false).await;
        }
    }

    /// Lowers the signs of runs that another process paused or cancelled, or all when sending was
    /// stopped, until aborted: what is claimed and waits for a slow relay must not leave any more.
    pub(crate) async fn heed_stops(&self) {
        loop {
            tokio::time::sleep(LOOK).await;
            if let Err(error) = self.heed_stops_once().await {
                tracing::error!(%error, "could not look whether a run was stopped");
            }
        }
    }

    async fn heed_stops_once(&self) -> Result<(), StoreError> {
        let raised = self.signs.raised();
        if raised.is_empty() {
            return Ok(());
        }
        let (stopped, running) = self
            .store
            .read(|tx| {
                Box::pin(async move {
                    let stopped = setting::find(tx, setting::SENDING_STOPPED).await?.is_some();
                    Ok::<_, StoreError>((stopped, run::list_running(tx).await?))
                })
            })
            .await?;
        for run in raised {
            if stopped || !running.contains(&run) {
                self.signs.lower(run);
            }
        }
        Ok(())
    }

    async fn renew(&self) {
        let began = (Instant::now(), self.clock.now_ms());
        // Only what is in hand: a lease whose claim was committed and then lost to us must lapse and be rescued.
        let mut held: Vec<LeaseId> = {
            let holds = self.holds.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            holds.values().map(|hold| hold.lease).collect()
        };
        if held.is_empty() {
            return;
        }
        held.sort_unstable();
        // The time of the transaction, not of its waiting: a late renewal must not find a lease that has lapsed since.
        let (asked, clock) = (held.clone(), self.clock.clone());
        let renewed = self
            .store
            .write(move |tx| Box::pin(async move { lease::renew(tx, &asked, clock.now_ms()).await }))
            .await;
        match renewed {
            Ok(leases) => {
                let holds = self.holds.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                for hold in holds.values().filter(|hold| held.contains(&hold.lease)) {
                    // Whoever slept through its lease must not send under it: another node may have it.
                    if leases.contains(&hold.lease) { hold.renewed(began) } else { hold.not_renewed() }
                }
            }
            // Not renewed: the holds run out by themselves and nothing more is sent under them.
            Err(error) => tracing::error!(%error, "leases could not be renewed"),
        }
    }

    /// Frees the recipients of lapsed leases, or, with `all`, of every other worker's: when it is known
    /// that there is none. Their candidates become *unknown* and they are tried again.
    pub(crate) async fn rescue(&self, all: bool) {
        match self.rescue_lapsed(all).await {
            Ok(0) => {}
            Ok(people) => {
                tracing::warn!(people, "recipients of a worker that ended are tried again");
                self.wake.notify_one();
            }
            Err(error) => tracing::error!(%error, "lapsed leases could not be rescued"),
        }
    }

    async fn rescue_lapsed(&self, all: bool) -> Result<i64, StoreError> {
        let mut people = 0;
        loop {
            let now_ms = self.clock.now_ms();
            let node = self.settings.node.clone();
            let lapsed = self
                .store
                .read(move |tx| Box::pin(async move { lease::list_lapsed(tx, &node, all, now_ms).await }))
                .await?;
            if lapsed.is_empty() {
                return Ok(people);
            }
            for one in lapsed {
                people += self
                    .store
                    .write(move |tx| {
                        Box::pin(async move { delivery::rescue(tx, &one, now_ms, now_ms).await })
                    })
                    .await?;
            }
        }
    }
}
