//! When to stop by itself: counts refusals of a run and says when going on would do harm.

use crate::meaning::{Cause, Meaning, Remedy};

/// When a run pauses by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Refusals in a row.
    pub in_a_row: u32,
    /// Refusals in a hundred answers.
    pub percent: u32,
    /// Answers before the percentage counts: one refusal among three says nothing.
    pub least_answers: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { in_a_row: 20, percent: 5, least_answers: 200 }
    }
}

/// Why a run pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The relay refuses us, not a person.
    Relay(Cause),
    /// Nothing but refusals for a while; the last one's cause.
    InARow(u32, Cause),
    /// Too large a share of refusals: refused, answered, and the last one's cause.
    Share(u32, u32, Cause),
}

/// Watches the answers of one run.
#[derive(Debug, Clone)]
pub struct Watch {
    limits: Limits,
    answers: u32,
    refused: u32,
    in_a_row: u32,
}

impl Watch {
    /// Begins to count.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, answers: 0, refused: 0, in_a_row: 0 }
    }

    /// Takes an answer in; says whether the run must pause now.
    pub fn note(&mut self, meaning: &Meaning) -> Option<Stop> {
        let cause = match *meaning {
            Meaning::Accepted => {
                self.answers = self.answers.saturating_add(1);
                self.in_a_row = 0;
                return None;
            }
            // Says nothing for good: neither ends nor begins a row.
            Meaning::Retry(_) | Meaning::RelayTrouble { remedy: Remedy::SlowDown, .. } => return None,
            Meaning::RelayTrouble { cause, remedy: Remedy::Pause } => return Some(Stop::Relay(cause)),
            Meaning::GiveUp { cause, .. } | Meaning::RelayTrouble { cause, remedy: Remedy::Count } => cause,
        };
        self.answers = self.answers.saturating_add(1);
        self.refused = self.refused.saturating_add(1);
        self.in_a_row += 1;
        if self.in_a_row >= self.limits.in_a_row {
            return Some(Stop::InARow(self.in_a_row, cause));
        }
        let share = u64::from(self.refused) * 100 >= u64::from(self.limits.percent) * u64::from(self.answers);
        (self.answers >= self.limits.least_answers && share).then_some(Stop::Share(
            self.refused,
            self.answers,
            cause,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: Meaning = Meaning::GiveUp { cause: Cause::Refused, undeliverable: false };

    #[test]
    fn twenty_refusals_in_a_row_stop_a_run() {
        let mut watch = Watch::new(Limits::default());
        for _ in 0..19 {
            assert_eq!(watch.note(&REFUSED), None);
        }
        assert_eq!(watch.note(&REFUSED), Some(Stop::InARow(20, Cause::Refused)));
    }

    #[test]
    fn one_refusal_in_twenty_stops_a_run_only_after_enough_answers() {
        let mut watch = Watch::new(Limits::default());
        for round in 1..=200 {
            let meaning = if round % 20 == 0 { REFUSED } else { Meaning::Accepted };
            let stop = watch.note(&meaning);
            assert_eq!(stop.is_some(), round == 200, "{round}: {stop:?}");
        }
    }

    #[test]
    fn a_refused_login_stops_at_once_and_a_deferral_never() {
        let mut watch = Watch::new(Limits::default());
        for _ in 0..1_000 {
            assert_eq!(watch.note(&Meaning::Retry(Cause::Later)), None);
        }
        let login = Meaning::RelayTrouble { cause: Cause::LoginRefused, remedy: Remedy::Pause };
        assert_eq!(watch.note(&login), Some(Stop::Relay(Cause::LoginRefused)));
    }
}
