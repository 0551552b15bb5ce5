//! The clock of the command line: the only place here that reads the time.

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "a command begins here; everything below takes the time as argument")]
    let now = jiff::Timestamp::now();
    now.as_millisecond()
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
