//! A delivery: one attempt to hand a message to a relay, what it means, and when to try again.

use crate::recipient::named;
use serde::{Deserialize, Serialize};
use std::fmt;

named! {
    /// How an attempt ended.
    Outcome {
        /// The relay answered 2xx after the content.
        Accepted = "accepted",
        /// The relay answered 4xx.
        Deferred = "deferred",
        /// The relay answered 5xx.
        Refused = "refused",
        /// The content may have arrived, the answer did not.
        Unknown = "unknown",
        /// The content did not leave.
        NotSent = "not_sent",
        /// Accepted, then returned.
        Bounced = "bounced",
    }
}

/// How many attempts a recipient gets before it counts as refused.
pub const MOST_ATTEMPTS: u32 = 12;

/// Milliseconds to wait after a failed attempt (from 1): 30 s, doubling to 2 hours, so that twelve
/// attempts span about half a day; RFC 5321 §4.5.4.1 asks for growing waits and several days for
/// mail in general, but a password that arrives tomorrow helps nobody today.
///
/// `jitter` is between 0 and 1 and spreads retries over a quarter of the wait.
#[must_use]
pub fn backoff_ms(attempt: u32, jitter: f64) -> i64 {
    let base = 30_000_i64 << attempt.saturating_sub(1).min(8);
    let wait = base.min(2 * 60 * 60 * 1_000);
    #[expect(clippy::cast_possible_truncation, reason = "at most half an hour in milliseconds")]
    let spread = (wait as f64 * 0.25 * jitter.clamp(0.0, 1.0)) as i64;
    wait + spread
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_bounded() {
        assert_eq!(backoff_ms(1, 0.0), 30_000);
        assert_eq!(backoff_ms(2, 0.0), 60_000);
        for attempt in 1..40 {
            assert!(backoff_ms(attempt, 0.0) <= backoff_ms(attempt + 1, 0.0));
            assert!(backoff_ms(attempt, 1.0) <= 9_000_000);
        }
    }
}
