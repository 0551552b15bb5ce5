//! Keeping leases: renewing our own, and rescuing the recipients of workers that are gone.

use crate::Flow;
use std::time::{Duration, Instant};
use store::{StoreError, delivery, lease};

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

    async fn renew(&self) {
        let began = Instant::now();
        let now_ms = self.clock.now_ms();
        let node = self.settings.node.clone();
        let renewed =
            self.store.write(move |tx| Box::pin(async move { lease::renew(tx, &node, now_ms).await })).await;
        match renewed {
            Ok(_) => {
                let holds = self.holds.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                holds.values().for_each(|hold| hold.renewed(began));
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
                        Box::pin(async move {
                            if lease::lock(tx, one.id).await? {
                                delivery::rescue(tx, &one, now_ms, now_ms).await
                            } else {
                                Ok::<_, StoreError>(0)
                            }
                        })
                    })
                    .await?;
            }
        }
    }
}
