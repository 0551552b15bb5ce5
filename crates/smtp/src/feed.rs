//! Where connections take messages from: one bounded queue of groups, shared by all connections of a relay.

use crate::envelope::Outgoing;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};

/// Makes a queue that holds `groups` groups of messages. Messages travel in groups so that the queue costs little
/// per message; a group goes to one connection, so keep it small (8–64) where connections should share the work.
#[must_use]
pub fn feed<T>(groups: usize) -> (mpsc::Sender<Vec<Outgoing<T>>>, Feed<T>) {
    let (sender, receiver) = mpsc::channel(groups.max(1));
    (sender, Feed { queue: Arc::new(Mutex::new(receiver)), group: Vec::new().into_iter() })
}

/// One connection's end of the queue, with the rest of the group it took last. A clone shares the queue and begins
/// with no rest.
#[derive(Debug)]
pub struct Feed<T> {
    queue: Arc<Mutex<mpsc::Receiver<Vec<Outgoing<T>>>>>,
    group: std::vec::IntoIter<Outgoing<T>>,
}

impl<T> Clone for Feed<T> {
    fn clone(&self) -> Self {
        Self { queue: Arc::clone(&self.queue), group: Vec::new().into_iter() }
    }
}

impl<T> Feed<T> {
    /// Takes back what no connection has begun. It stays here when a connection ends, for the next one on the same
    /// feed, so call this when there will be no next one.
    pub fn take_rest(&mut self) -> Vec<Outgoing<T>> {
        std::mem::replace(&mut self.group, Vec::new().into_iter()).collect()
    }

    /// Waits until there is a message, without taking it: open a connection when this says so. `false` when all
    /// senders are gone and nothing is left. May be cancelled.
    pub async fn ready(&mut self) -> bool {
        while self.group.as_slice().is_empty() {
            let Some(group) = self.queue.lock().await.recv().await else { return false };
            self.group = group.into_iter();
        }
        true
    }

    /// The next message, if there is one now.
    pub(crate) fn next_now(&mut self) -> Option<Outgoing<T>> {
        loop {
            if let Some(message) = self.group.next() {
                return Some(message);
            }
            // A locked queue means that another connection waits at it: it is empty.
            self.group = self.queue.try_lock().ok()?.try_recv().ok()?.into_iter();
        }
    }
}
