//! The window: how many people a worker holds at once. A few at first, one more with each answer of a relay.
//!
//! Whoever is in hand when a process dies has an unknown outcome: the mail may have left. A process that dies again
//! and again must not drag the whole audience along with each of its deaths, or everybody runs out of tries without
//! having been mailed. So it holds no more than it has shown it can get answered; after a few hundred answers the
//! window is wider than the queues and bounds nothing any more.

use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// How many people are in hand at most before there is any answer.
const FIRST: u32 = 10;

#[derive(Debug)]
pub(crate) struct Window {
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug)]
struct State {
    width: u32,
    in_hand: u32,
    /// Somebody was told that there is no room.
    waited_for: bool,
}

impl State {
    /// Half of the window at least, because a transaction for a single person is dear.
    fn room(&self) -> u32 {
        let free = self.width.saturating_sub(self.in_hand);
        if free * 2 >= self.width { free } else { 0 }
    }
}

impl Window {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::new(State { width: FIRST, in_hand: 0, waited_for: false }),
            freed: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many more may be taken in hand.
    pub(crate) fn room(&self) -> u32 {
        let mut state = self.state();
        let room = state.room();
        state.waited_for = room == 0;
        room
    }

    /// So many were taken in hand.
    pub(crate) fn take(&self, people: usize) {
        let mut state = self.state();
        state.in_hand = state.in_hand.saturating_add(u32::try_from(people).unwrap_or(u32::MAX));
    }

    /// The outcome of one is known; `by_relay`: a relay has said something about it.
    pub(crate) fn answered(&self, by_relay: bool) {
        let mut state = self.state();
        state.in_hand = state.in_hand.saturating_sub(1);
        // Far below the greatest number, so that doubling it does not overflow.
        state.width = state.width.saturating_add(u32::from(by_relay)).min(1 << 30);
        if state.waited_for && state.room() > 0 {
            state.waited_for = false;
            self.freed.notify_one();
        }
    }

    /// Waits until there is room again after there was none.
    pub(crate) async fn has_room(&self) {
        self.freed.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_holds_no_more_than_it_has_shown_it_can_get_answered() {
        let window = Window::new();
        assert_eq!(window.room(), FIRST);
        window.take(10);
        assert_eq!(window.room(), 0);
        (0..4).for_each(|_| window.answered(true));
        assert_eq!(window.room(), 8, "14 wide, 6 in hand");
        window.take(8);
        (0..14).for_each(|_| window.answered(true));
        assert_eq!(window.room(), 28, "it doubles with each round");
    }

    #[test]
    fn people_no_relay_was_asked_about_widen_nothing() {
        let window = Window::new();
        window.take(10);
        (0..10).for_each(|_| window.answered(false));
        assert_eq!(window.room(), FIRST);
    }
}
