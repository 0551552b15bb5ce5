//! How fast a mailing may go: so many a minute, spread until a time, in waves, never in quiet hours (requirement M6).
//!
//! A run asks before each claim and says afterwards how many it took; what is remembered between the two is stored with
//! the run, so that neither a restart nor a second node goes faster. Whoever was paused does not catch up: tokens
//! gather for a second at most.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// Waves of so many people with a wait between them: time to look before it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waves {
    /// People a wave, at least 1.
    pub people: u32,
    /// Minutes from the end of one to the next: 1 to 10,080 (a week).
    pub wait_minutes: u32,
}

/// Hours of the day in which nothing is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// From this wall time on.
    pub from: Time,
    /// Until this wall time; earlier than `from` means: of the next day.
    pub until: Time,
    /// The zone both are read in (IANA).
    pub zone: String,
}

/// How fast a run may go; nothing set: as fast as the relay takes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pace {
    /// At most so many messages a minute, 1 to 1,000,000.
    pub per_minute: Option<u32>,
    /// Spread evenly until this moment, milliseconds since 1970.
    pub spread_until: Option<i64>,
    /// In waves.
    pub waves: Option<Waves>,
    /// Never in these hours.
    pub quiet: Option<QuietHours>,
}

/// What a run remembers of its pace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Standing {
    /// Messages that may go now, in parts.
    pub tokens: f64,
    /// When they were last counted, milliseconds since 1970; 0: never.
    pub counted_at: i64,
    /// How many are left of this wave; `None`: none has begun.
    pub wave_left: Option<u32>,
    /// When the next wave may begin, milliseconds since 1970.
    pub wave_at: i64,
}

/// Why a run waits by its own pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// So many a minute, or spread.
    Rate,
    /// The next wave is not due.
    Wave,
    /// It is quiet now.
    Quiet,
}

/// The answer of a pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// So many may go now, at least one.
    For(u32),
    /// Nobody before this moment.
    Not {
        /// Milliseconds since 1970.
        until: i64,
        /// Why.
        why: Waits,
    },
}

crate::sentences! {
    /// What is wrong with a pace, for people.
    pub enum UnfitPace in "unfit-pace" {
        PerMinute = "per-minute", "per_minute: expected 1 to 1000000 messages a minute";
        Spread = "spread", "spread_until: expected a moment after the start";
        WavePeople = "wave-people", "waves.people: expected at least 1";
        WaveWait = "wave-wait", "waves.wait_minutes: expected 1 to 10080 (a week)";
        QuietZone { zone: String } = "quiet-zone", "quiet.zone: expected a time zone such as Europe/Vienna, not {zone:?}";
        QuietSame = "quiet-same", "quiet: from and until are the same, so nothing would ever be sent";
    }
}

impl Pace {
    /// Checks the bounds, for a run that starts at a moment.
    ///
    /// # Errors
    /// Says what would be right.
    pub fn check(&self, starts_at: i64) -> Result<(), UnfitPace> {
        if self.per_minute.is_some_and(|most| !(1..=1_000_000).contains(&most)) {
            return Err(UnfitPace::PerMinute);
        }
        if self.spread_until.is_some_and(|until| until <= starts_at) {
            return Err(UnfitPace::Spread);
        }
        if let Some(waves) = self.waves {
            if waves.people == 0 {
                return Err(UnfitPace::WavePeople);
            }
            if !(1..=10_080).contains(&waves.wait_minutes) {
                return Err(UnfitPace::WaveWait);
            }
        }
        if let Some(quiet) = &self.quiet {
            if TimeZone::get(&quiet.zone).is_err() {
                return Err(UnfitPace::QuietZone { zone: quiet.zone.clone() });
            }
            if quiet.from == quiet.until {
                return Err(UnfitPace::QuietSame);
            }
        }
        Ok(())
    }

    /// Whether nothing is set.
    #[must_use]
    pub fn is_free(&self) -> bool {
        *self == Self::default()
    }

    /// How many of `wanted` may go now; `left`: how many have not had their turn, for the spreading.
    pub fn ask(&self, standing: &mut Standing, wanted: u32, left: i64, now_ms: i64) -> Allowed {
        if let Some(until) = self.quiet.as_ref().and_then(|quiet| quiet.end(now_ms)) {
            return Allowed::Not { until, why: Waits::Quiet };
        }
        let mut room = wanted.max(1);
        if let Some(waves) = self.waves {
            let left = match standing.wave_left {
                Some(0) if now_ms < standing.wave_at => {
                    return Allowed::Not { until: standing.wave_at, why: Waits::Wave };
                }
                Some(left) if left > 0 => left,
                _ => waves.people,
            };
            standing.wave_left = Some(left);
            room = room.min(left);
        }
        if let Some(rate) = self.rate(left, now_ms) {
            standing.refill(rate, now_ms);
            // A tenth of a second's worth at least: a transaction for a single message is dear.
            let least = (rate * 100.0).max(1.0);
            if standing.tokens < least {
                #[expect(clippy::cast_possible_truncation, reason = "at most a day of milliseconds")]
                let wait = ((least - standing.tokens) / rate).ceil().clamp(1.0, 86_400_000.0) as i64;
                return Allowed::Not { until: now_ms + wait, why: Waits::Rate };
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a small positive number"
            )]
            let tokens = standing.tokens.floor().min(f64::from(u32::MAX)) as u32;
            room = room.min(tokens);
        }
        Allowed::For(room)
    }

    /// Says how many went.
    pub fn took(&self, standing: &mut Standing, people: u32, now_ms: i64) {
        standing.tokens = (standing.tokens - f64::from(people)).max(0.0);
        if let (Some(waves), Some(left)) = (self.waves, standing.wave_left) {
            let left = left.saturating_sub(people);
            standing.wave_left = Some(left);
            if left == 0 {
                standing.wave_at = now_ms + i64::from(waves.wait_minutes) * 60_000;
            }
        }
    }

    /// Messages a millisecond; `None`: no bound.
    fn rate(&self, left: i64, now_ms: i64) -> Option<f64> {
        let fixed = self.per_minute.map(|most| f64::from(most) / 60_000.0);
        // The end is near or over: the rest goes at once.
        let spread = self.spread_until.filter(|until| *until - now_ms > 1_000).map(|until| {
            #[expect(clippy::cast_precision_loss, reason = "people and milliseconds of some weeks")]
            let rate = left.max(1) as f64 / (until - now_ms) as f64;
            rate
        });
        match (fixed, spread) {
            (Some(fixed), Some(spread)) => Some(fixed.min(spread)),
            (one, other) => one.or(other),
        }
    }
}

impl Standing {
    fn refill(&mut self, rate: f64, now_ms: i64) {
        let most = (rate * 1_000.0).max(1.0);
        // A clock that was set back gives nothing.
        let since =
            if self.counted_at == 0 { 1_000 } else { (now_ms - self.counted_at).clamp(0, 60_000_000) };
        #[expect(clippy::cast_precision_loss, reason = "some hours of milliseconds")]
        let fresh = since as f64 * rate;
        self.tokens = (self.tokens + fresh).min(most);
        self.counted_at = now_ms;
    }
}

impl QuietHours {
    /// When the quiet that holds now is over; `None`: it is not quiet.
    fn end(&self, now_ms: i64) -> Option<i64> {
        let zone = TimeZone::get(&self.zone).ok()?;
        let now = Timestamp::from_millisecond(now_ms).ok()?.to_zoned(zone.clone());
        let time = now.time();
        let over_midnight = self.until < self.from;
        let is_quiet = if over_midnight {
            time >= self.from || time < self.until
        } else {
            time >= self.from && time < self.until
        };
        if !is_quiet {
            return None;
        }
        let next_day = over_midnight && time >= self.from;
        let day = if next_day { now.date().checked_add(1.day()).ok()? } else { now.date() };
        let end = day.to_datetime(self.until).to_zoned(zone).ok()?.timestamp().as_millisecond();
        // Where the clock skips the end, the first moment after it; never now, or it would ask without a pause.
        Some(end.max(now_ms + 1_000))
    }
}

#[cfg(test)]
#[path = "pace_tests.rs"]
mod tests;
