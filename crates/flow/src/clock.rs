//! The clock: the one place that asks the system what time it is.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// What time it is, in milliseconds since 1970. Worker loops and extractors ask; everything below them
/// gets the answer as an argument.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    Reading(fn() -> i64),
    Fixed(Arc<AtomicI64>),
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now_ms()).finish()
    }
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::Reading(system_ms))
    }

    /// A clock of the caller's: the program has one that goes by the database's time.
    #[must_use]
    pub const fn reading(now_ms: fn() -> i64) -> Self {
        Self(Source::Reading(now_ms))
    }

    /// A clock that stands still until it is set: for tests.
    #[must_use]
    pub fn fixed(now_ms: i64) -> Self {
        Self::showing(Arc::new(AtomicI64::new(now_ms)))
    }

    /// A clock that shows what somebody else sets: for tests.
    #[must_use]
    pub const fn showing(now_ms: Arc<AtomicI64>) -> Self {
        Self(Source::Fixed(now_ms))
    }

    /// Sets a fixed clock; any other is not ours to set.
    pub fn set(&self, now_ms: i64) {
        if let Source::Fixed(fixed) = &self.0 {
            fixed.store(now_ms, Ordering::SeqCst);
        }
    }

    /// What time it is, in milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Source::Fixed(fixed) => fixed.load(Ordering::SeqCst),
            Source::Reading(now_ms) => now_ms(),
        }
    }
}

fn system_ms() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "this is the place that may ask")]
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
