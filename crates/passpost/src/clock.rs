//! The clock of the program: the only place here that reads the time.
//!
//! Several nodes on one PostgreSQL go by that server's time, or leases and due times would mean something else on each:
//! every process measures how far the server's clock is ahead of its own, at its start and with every beat.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
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

/// Answers that took longer say too little about the moment they were given at.
const QUICK: Duration = Duration::from_millis(200);

/// Looks at the database's clock, three times: the quickest answer says it best. Without a quick one what was known
/// before stays.
///
/// # Errors
/// The database is not available.
pub(crate) async fn follow(store: &Store) -> Result<(), StoreError> {
    let mut best = None;
    for _ in 0..3 {
        let Some(theirs) = store.clock().await? else { return Ok(()) };
        let took = theirs.answered - theirs.asked;
        if took <= QUICK && best.is_none_or(|(shortest, _)| took < shortest) {
            let since = theirs.answered.elapsed() + took / 2;
            let since_ms = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
            best = Some((took, theirs.now_ms + since_ms - machine_ms()));
        }
    }
    match best {
        Some((_, ahead)) => AHEAD.store(ahead, Ordering::Relaxed),
        None => tracing::warn!("the database answers too slowly to read its clock"),
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
