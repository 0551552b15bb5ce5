//! Relay choice: the first healthy one of the list; one that fails rests for a growing while.

/// Failures in a row after which a relay rests.
const FAILURES_TO_REST: u32 = 3;
/// The first rest, in milliseconds; it doubles with each further failure.
const FIRST_REST_MS: i64 = 5_000;
/// The longest rest, in milliseconds.
const LONGEST_REST_MS: i64 = 5 * 60_000;

/// The health of the relays, in the order of the settings. Times are milliseconds since 1970.
#[derive(Debug, Clone)]
pub struct Relays {
    health: Vec<Health>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Health {
    failures: u32,
    rests_until: i64,
    /// One caller tries a relay that has rested; the others wait for its word until then.
    tried_until: i64,
}

/// Where to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// This relay, by its place in the settings.
    Use(usize),
    /// None before this moment; `None`: there is no relay at all.
    Wait(Option<i64>),
}

impl Relays {
    /// All healthy.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self { health: vec![Health::default(); count] }
    }

    /// The first relay that may be used now.
    ///
    /// After its rest a relay is given to one caller at a time, so that a dead one costs one connection and
    /// not all of them.
    pub fn choose(&mut self, now_ms: i64) -> Choice {
        let mut soonest = None;
        for (place, health) in self.health.iter_mut().enumerate() {
            if health.failures < FAILURES_TO_REST {
                return Choice::Use(place);
            }
            let free_at = health.rests_until.max(health.tried_until);
            if free_at <= now_ms {
                health.tried_until = now_ms.saturating_add(FIRST_REST_MS);
                return Choice::Use(place);
            }
            soonest = Some(soonest.map_or(free_at, |other: i64| other.min(free_at)));
        }
        Choice::Wait(soonest)
    }

    /// A connection, login or whole relay failed.
    pub fn failed(&mut self, place: usize, now_ms: i64) {
        let Some(health) = self.health.get_mut(place) else { return };
        health.failures = health.failures.saturating_add(1);
        if health.failures >= FAILURES_TO_REST {
            let doublings = (health.failures - FAILURES_TO_REST).min(10);
            let rest = (FIRST_REST_MS << doublings).min(LONGEST_REST_MS);
            health.rests_until = now_ms.saturating_add(rest);
            health.tried_until = 0;
        }
    }

    /// The relay asked for a break: it rests at least this long, and the next one is used.
    pub fn rest(&mut self, place: usize, now_ms: i64, rest_ms: i64) {
        let Some(health) = self.health.get_mut(place) else { return };
        health.failures = health.failures.max(FAILURES_TO_REST);
        health.rests_until = health.rests_until.max(now_ms.saturating_add(rest_ms));
    }

    /// A message was answered: the relay is healthy.
    pub fn worked(&mut self, place: usize) {
        if let Some(health) = self.health.get_mut(place) {
            *health = Health::default();
        }
    }

    /// Whether a relay rests, for the console.
    #[must_use]
    pub fn is_resting(&self, place: usize, now_ms: i64) -> bool {
        self.health
            .get(place)
            .is_some_and(|health| health.failures >= FAILURES_TO_REST && health.rests_until > now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail_times(relays: &mut Relays, place: usize, times: u32, now: i64) {
        for _ in 0..times {
            relays.failed(place, now);
        }
    }

    #[test]
    fn the_next_relay_takes_over_when_the_first_fails_three_times() {
        let mut relays = Relays::new(2);
        fail_times(&mut relays, 0, 2, 0);
        assert_eq!(relays.choose(0), Choice::Use(0), "two failures are no pattern");
        relays.failed(0, 0);
        assert_eq!(relays.choose(0), Choice::Use(1));
        assert!(relays.is_resting(0, 0));
    }

    #[test]
    fn a_rested_relay_is_tried_by_one_and_used_by_all_when_it_works() {
        let mut relays = Relays::new(2);
        fail_times(&mut relays, 0, 3, 0);
        assert_eq!(relays.choose(FIRST_REST_MS), Choice::Use(0));
        assert_eq!(relays.choose(FIRST_REST_MS), Choice::Use(1), "the others wait for its word");
        relays.worked(0);
        assert_eq!(relays.choose(FIRST_REST_MS), Choice::Use(0));
    }

    #[test]
    fn rests_grow_to_five_minutes_and_no_further() {
        let mut relays = Relays::new(1);
        let mut last = 0;
        for failures in 1..40 {
            relays.failed(0, 0);
            if failures >= FAILURES_TO_REST {
                let Choice::Wait(Some(until)) = relays.choose(0) else { panic!("it rests") };
                assert!(until >= last && until <= LONGEST_REST_MS);
                last = until;
            }
        }
        assert_eq!(last, LONGEST_REST_MS);
        assert_eq!(Relays::new(0).choose(0), Choice::Wait(None));
    }

    #[test]
    fn a_relay_that_asks_for_a_break_gets_it() {
        let mut relays = Relays::new(1);
        relays.rest(0, 1_000, 60_000);
        assert_eq!(relays.choose(1_000), Choice::Wait(Some(61_000)));
        assert_eq!(relays.choose(61_000), Choice::Use(0));
    }
}
