//! The nodes of an installation: each process that serves says every few seconds that it lives.

use crate::clock::now_ms;
use crate::context::Context;
use crate::failure::Failure;
use std::time::Duration;
use store::Store;
use store::node::{self, Node};

/// How often a process says that it lives.
const BEAT: Duration = Duration::from_secs(10);
/// A node that was silent for longer counts as gone, in milliseconds.
pub(crate) const SILENT_MS: i64 = 45_000;

/// Whether another process works on the runs of this database.
pub(crate) async fn others_work(context: &Context) -> Result<bool, Failure> {
    // On SQLite the lock has the last word: whoever died without a farewell still stands in the table.
    if matches!(context.settings.database, store::Location::Sqlite(_)) {
        return Ok(false);
    }
    let since = now_ms() - SILENT_MS;
    let nodes = context.store.read(move |tx| Box::pin(node::list(tx, since))).await?;
    Ok(nodes.iter().any(|node| node.roles.split(',').any(|role| role == "worker")))
}

/// Says that this process lives until it is dropped or the future ends.
pub(crate) async fn beat(store: Store, mut me: Node) {
    loop {
        if let Err(error) = crate::clock::follow(&store).await {
            tracing::warn!(%error, "the database's clock could not be read");
        }
        me.seen_at = now_ms();
        let row = me.clone();
        let written = store
            .write::<_, store::StoreError, _>(move |tx| Box::pin(async move { node::save(tx, &row).await }))
            .await;
        if let Err(error) = written {
            tracing::warn!(%error, "could not say that this node lives");
        }
        tokio::time::sleep(BEAT).await;
    }
}
