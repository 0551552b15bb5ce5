//! The gate before the relays: their health, their pace, and what must not be sent any more.

use crate::settings::{Outlet, RelaySettings};
use domain::id::{LeaseId, RunId};
use mail::pace::Pace;
use mail::relay::{Choice, Relays};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What keeps the relays from taking mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// For people to read.
    pub cause: String,
    /// Since when, milliseconds since 1970.
    pub since: i64,
    /// An operator must act: a wrong certificate, a refused login. Waiting will not mend it.
    pub alarm: bool,
}

/// Whether messages may go out now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Open {
    /// Yes, so many.
    For(u32),
    /// Not for so many milliseconds: the pace.
    Paced(i64),
    /// No relay takes mail.
    Shut(Trouble),
}

#[derive(Debug)]
pub(crate) struct Gate(Mutex<State>);

#[derive(Debug)]
struct State {
    health: Relays,
    /// One pace a relay; `None`: as fast as it takes it.
    paces: Vec<Option<Pace>>,
    trouble: Option<Trouble>,
}

impl Gate {
    pub(crate) fn new(outlet: &Outlet, now_ms: i64) -> Self {
        let relays: &[RelaySettings] = match outlet {
            Outlet::Mailbox(_) => &[],
            Outlet::Relays(relays) => relays,
        };
        let paces = relays
            .iter()
            .map(|relay| relay.messages_per_minute.map(|per_minute| Pace::new(per_minute, now_ms)))
            .collect();
        Self(Mutex::new(State { health: Relays::new(relays.len().max(1)), paces, trouble: None }))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for up to `wanted` messages.
    pub(crate) fn ask(&self, wanted: u32, now_ms: i64) -> Open {
        let mut state = self.state();
        if let Some(trouble) = &state.trouble
            && (trouble.alarm || state.all_rest(now_ms))
        {
            return Open::Shut(trouble.clone());
        }
        // The pace of the first healthy relay counts: it is the one that will be used.
        let first =
            (0..state.paces.len()).find(|place| !state.health.is_resting(*place, now_ms)).unwrap_or(0);
        let Some(Some(pace)) = state.paces.get_mut(first) else { return Open::For(wanted) };
        let granted = pace.take(wanted, now_ms);
        if granted.messages == 0 { Open::Paced(granted.wait_ms) } else { Open::For(granted.messages) }
    }

    /// Gives back what was asked for and not sent.
    pub(crate) fn give_back(&self, messages: u32, now_ms: i64) {
        let mut state = self.state();
        let first =
            (0..state.paces.len()).find(|place| !state.health.is_resting(*place, now_ms)).unwrap_or(0);
        if let Some(Some(pace)) = state.paces.get_mut(first) {
            pace.give_back(messages);
        }
    }

    /// Which relay to connect to.
    pub(crate) fn choose(&self, now_ms: i64) -> Choice {
        self.state().health.choose(now_ms)
    }

    pub(crate) fn failed(&self, place: usize, cause: String, alarm: bool, now_ms: i64) {
        let mut state = self.state();
        state.health.failed(place, now_ms);
        let since = state.trouble.as_ref().map_or(now_ms, |trouble| trouble.since);
        // One healthy relay is enough: an alarm of one among several is only an alarm when all rest.
        let alone = state.paces.len() <= 1;
        state.trouble = Some(Trouble { cause, since, alarm: alarm && alone });
    }

    pub(crate) fn rest(&self, place: usize, cause: String, alarm: bool, now_ms: i64) {
        let mut state = self.state();
        state.health.rest(place, now_ms, 5_000);
        let since = state.trouble.as_ref().map_or(now_ms, |trouble| trouble.since);
        state.trouble = Some(Trouble { cause, since, alarm });
    }

    pub(crate) fn worked(&self, place: usize) {
        let mut state = self.state();
        state.health.worked(place);
        state.trouble = None;
    }

    /// An operator resumed a run: try again from the beginning.
    pub(crate) fn forgive(&self) {
        let mut state = self.state();
        let relays = state.paces.len().max(1);
        state.health = Relays::new(relays);
        state.trouble = None;
    }
}

impl State {
    fn all_rest(&self, now_ms: i64) -> bool {
        (0..self.paces.len().max(1)).all(|place| self.health.is_resting(place, now_ms))
    }
}

/// A run's sign to go on. Cloned into each message of it; when it is lowered nothing more of the run
/// leaves this process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sign(Arc<AtomicBool>);

impl Sign {
    pub(crate) fn lower(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
    pub(crate) fn is_lowered(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// The signs of the runs this process works on.
#[derive(Debug, Default)]
pub(crate) struct Signs(Mutex<HashMap<RunId, Sign>>);

impl Signs {
    pub(crate) fn of(&self, run: RunId) -> Sign {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(run).or_default().clone()
    }
    /// Nothing more of this run leaves; a later claim gets a fresh sign.
    pub(crate) fn lower(&self, run: RunId) {
        if let Some(sign) = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&run) {
            sign.lower();
        }
    }
    pub(crate) fn lower_all(&self) {
        for (_, sign) in self.0.lock().unwrap_or_else(PoisonError::into_inner).drain() {
            sign.lower();
        }
    }
}

/// A lease in this worker's hands: until when it may send under it, and how many answers are awaited.
#[derive(Debug)]
pub(crate) struct Hold {
    pub(crate) lease: LeaseId,
    until: Mutex<Instant>,
    awaited: AtomicUsize,
}

impl Hold {
    /// The lease as taken just now. A few seconds are kept back for the last content to be written.
    pub(crate) fn new(lease: LeaseId, awaited: usize) -> Self {
        Self { lease, until: Mutex::new(Instant::now() + Self::LASTS), awaited: AtomicUsize::new(awaited) }
    }
    const LASTS: Duration = Duration::from_millis(store::lease::LASTS_MS.unsigned_abs() - 5_000);

    pub(crate) fn renewed(&self, at: Instant) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = at + Self::LASTS;
    }
    pub(crate) fn holds(&self) -> bool {
        Instant::now() < *self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Notes answers that were recorded; true when none is awaited any more.
    pub(crate) fn recorded(&self, answers: usize) -> bool {
        self.awaited.fetch_sub(answers, Ordering::SeqCst) == answers
    }
}
