//! The clock of the program: the only place here that reads the time.
//!
//! Several nodes on one PostgreSQL go by that server's time, or leases and due times would mean something else on each:
//! every process measures how far the server's clock is ahead of its own, at its start and with every beat.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;
use store::{Store, StoreError};

/// How far the database's clock is ahead of this machine's, in milliseconds.
static AHEAD: AtomicI64 = AtomicI64::new(0);

/// Milliseconds since 1970, by the database's clock where it has one.
pub(crate) fn now_ms() -> i64 {
    machine_ms() + AHEAD.load(Ordering::Relaxed)
}

/// How far the database's clock was ahead of this machine's when it was last looked at, in milliseconds.
pub(crate) fn ahead_ms() -> i64 {
    AHEAD.load(Ordering::Relaxed)
}

fn machine_ms() -> i64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "a command begins here; everything below takes the time as argument"
    )]
    let now = jiff::Timestamp::now();
    now.as_millisecond()
}

/// Looks at the database's clock, three times: the quickest answer says it best.
///
/// # Errors
/// The database is not available.
pub(crate) async fn follow(store: &Store) -> Result<(), StoreError> {
    let mut best = None;
    for _ in 0..3 {
        let began = Instant::now();
        let Some(theirs) = store.clock_ms().await? else { return Ok(()) };
        let took = began.elapsed();
        let half = i64::try_from(took.as_millis() / 2).unwrap_or(0);
        let ahead = theirs + half - machine_ms();
        if best.is_none_or(|(shortest, _)| took < shortest) {
            best = Some((took, ahead));
        }
    }
    if let Some((_, ahead)) = best {
        AHEAD.store(ahead, Ordering::Relaxed);
    }
    Ok(())
}

/// Ten random bytes for an id.
///
/// # Errors
/// The operating system gave none.
pub(crate) fn randomness() -> Result<[u8; 10], crate::failure::Failure> {
    let mut bytes = [0; 10];
    getrandom::fill(&mut bytes)
        .map_err(|_| crate::failure::Failure::failed("the operating system gave no random bytes"))?;
    Ok(bytes)
}
