//! The kill switch: stops all sending of all runs and nodes, until it is taken back.

use crate::{Flow, notice};
use serde_json::json;
use store::audit::{self, Entry};
use store::{Acting, StoreError, setting};

impl Flow {
    /// The kill switch: nothing is sent any more, by any run and any node, until it is taken back.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn stop_sending(&self, acting: &Acting, why: &str) -> Result<(), StoreError> {
        self.signs.lower_all();
        let now_ms = self.clock.now_ms();
        let (why, acting, actor) = (why.to_owned(), acting.clone(), acting.person_id);
        let value = json!({ "by": actor, "why": why, "at": now_ms });
        let is_news = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let is_news = setting::find(tx, setting::SENDING_STOPPED).await?.is_none();
                    setting::update(tx, setting::SENDING_STOPPED, &value, now_ms).await?;
                    audit::append(tx, sending_entry(&acting, "sending.stopped", now_ms)).await?;
                    Ok::<_, StoreError>(is_news)
                })
            })
            .await?;
        self.signs.lower_all();
        // In a transaction of its own: whatever may be wrong with the telling, the sending is stopped.
        let told = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    if is_news { notice::sending_stopped(tx, actor, &why, now_ms).await } else { Ok(()) }
                })
            })
            .await;
        if let Err(error) = told {
            tracing::error!(%error, "nobody could be told that sending is stopped");
        }
        Ok(())
    }

    /// Takes the kill switch back: runs that were running go on.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn start_sending(&self, acting: &Acting) -> Result<(), StoreError> {
        let (now_ms, acting) = (self.clock.now_ms(), acting.clone());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    setting::remove(tx, setting::SENDING_STOPPED).await?;
                    audit::append(tx, sending_entry(&acting, "sending.started", now_ms)).await
                })
            })
            .await?;
        self.wake.notify_one();
        Ok(())
    }
}

fn sending_entry(acting: &Acting, action: &'static str, now_ms: i64) -> Entry {
    acting.entry(action, "installation", "sending", json!({}), now_ms)
}
