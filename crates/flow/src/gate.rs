//! The gate before the relays: their health, their pace, and what must not be sent any more.

use crate::clock::Clock;
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
    /// When it was last met.
    pub last: i64,
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

/// How long a relay rests that has trouble with us, in milliseconds.
const REST_MS: i64 = 5_000;
/// Trouble that nobody met for so long is over, in milliseconds: a little more than the longest rest of a
/// relay, so that one that is down stays so, and one message that breaks connections now and then is no trouble.
const FORGOTTEN_MS: i64 = 6 * 60_000;

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
            && state.all_rest(now_ms)
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

    /// The relays that do not rest, by their place in the settings.
    pub(crate) fn awake(&self, now_ms: i64) -> Vec<usize> {
        let state = self.state();
        (0..state.paces.len()).filter(|place| !state.health.is_resting(*place, now_ms)).collect()
    }

    /// What the trouble with the relays is and since when, unless nobody has met any for a while.
    pub(crate) fn trouble(&self, now_ms: i64) -> Option<(String, i64)> {
        let state = self.state();
        let trouble = state.trouble.as_ref().filter(|trouble| now_ms - trouble.last < FORGOTTEN_MS)?;
        Some((trouble.cause.clone(), trouble.since))
    }

    /// Takes the next place of a relay's pace for one message, before any run; says how long to wait for it.
    pub(crate) fn reserve(&self, place: usize, now_ms: i64) -> i64 {
        match self.state().paces.get_mut(place) {
            Some(Some(pace)) => pace.reserve(now_ms),
            _ => 0,
        }
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

    /// A connection failed. An alarm needs no pattern: the relay rests at once. Nothing is shut for longer
    /// than the relays rest, so that a run resumed from anywhere is tried and not judged by old trouble.
    pub(crate) fn failed(&self, place: usize, cause: String, alarm: bool, now_ms: i64) {
        let mut state = self.state();
        state.health.failed(place, now_ms);
        if alarm {
            state.health.rest(place, now_ms, REST_MS);
        }
        state.note(cause, alarm, now_ms);
    }

    /// The relay answered that it has trouble with us or with everybody.
    pub(crate) fn rest(&self, place: usize, cause: String, alarm: bool, now_ms: i64) {
        let mut state = self.state();
        state.health.rest(place, now_ms, REST_MS);
        state.note(cause, alarm, now_ms);
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
    /// Keeps since when there is trouble, unless nobody has met any for so long that this is another one.
    fn note(&mut self, cause: String, alarm: bool, now_ms: i64) {
        let since = match &self.trouble {
            Some(before) if now_ms - before.last < FORGOTTEN_MS => before.since,
            _ => now_ms,
        };
        self.trouble = Some(Trouble { cause, since, last: now_ms, alarm });
    }

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
    /// The runs whose messages may leave.
    pub(crate) fn raised(&self) -> Vec<RunId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
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
    clock: Clock,
    until: Mutex<Until>,
    awaited: AtomicUsize,
}

/// By both clocks: the monotonic one cannot be set, and the other one goes on while the machine sleeps.
#[derive(Debug, Clone, Copy)]
struct Until {
    monotonic: Instant,
    clock_ms: i64,
}

impl Hold {
    /// The lease whose claim began at this moment, by both clocks: the database counts from there. A few seconds are
    /// kept back for the last content to be written.
    pub(crate) fn new(lease: LeaseId, awaited: usize, began: (Instant, i64), clock: Clock) -> Self {
        Self { lease, clock, until: Mutex::new(Self::after(began)), awaited: AtomicUsize::new(awaited) }
    }
    const LASTS_MS: i64 = store::lease::LASTS_MS - 5_000;

    fn after((monotonic, clock_ms): (Instant, i64)) -> Until {
        let lasts = Duration::from_millis(Self::LASTS_MS.unsigned_abs());
        Until { monotonic: monotonic + lasts, clock_ms: clock_ms + Self::LASTS_MS }
    }

    fn until(&self) -> std::sync::MutexGuard<'_, Until> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// A renewal did not find the lease: it has lapsed and is in other hands.
    pub(crate) fn not_renewed(&self) {
        self.until().clock_ms = i64::MIN;
    }
    /// A renewal that began at this moment was committed.
    pub(crate) fn renewed(&self, began: (Instant, i64)) {
        *self.until() = Self::after(began);
    }
    pub(crate) fn holds(&self) -> bool {
        let until = *self.until();
        Instant::now() < until.monotonic && self.clock.now_ms() < until.clock_ms
    }
    /// Notes answers that were recorded; true when none is awaited any more.
    pub(crate) fn recorded(&self, answers: usize) -> bool {
        self.awaited.fetch_sub(answers, Ordering::SeqCst) == answers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_held_only_while_both_clocks_say_so() {
        let clock = Clock::fixed(1_000_000);
        let hold = Hold::new(LeaseId(1), 1, (Instant::now(), 1_000_000), clock.clone());
        assert!(hold.holds());
        clock.set(1_000_000 + Hold::LASTS_MS);
        assert!(!hold.holds(), "the machine slept, or the clock was set");
        hold.renewed((Instant::now(), clock.now_ms()));
        assert!(hold.holds());
        hold.not_renewed();
        assert!(!hold.holds(), "it is in other hands");

        let slow = Instant::now().checked_sub(Duration::from_secs(25)).unwrap();
        let late = Hold::new(LeaseId(2), 1, (slow, clock.now_ms()), clock);
        assert!(!late.holds(), "its claim waited as long as the lease lasts");
    }
}
