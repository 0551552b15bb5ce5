//! How fast a mailing may go, as options.

use crate::failure::Failure;
use domain::mailing::NotPossible;
use domain::pace::{Pace, QuietHours, Waves};
use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;

/// How fast it may go; what is not named stays as it was saved.
#[derive(Debug, Default, Clone, PartialEq, Eq, clap::Args)]
pub(super) struct PaceArgs {
    /// At most so many messages a minute, 1 to 1,000,000
    #[arg(long, value_name = "MESSAGES")]
    per_minute: Option<u32>,
    /// Spread evenly until this moment, as in 2026-12-01T18:00 (in the zone of the start)
    #[arg(long, value_name = "TIME")]
    spread_until: Option<String>,
    /// In waves of so many people, with a look between them
    #[arg(long, value_name = "PEOPLE")]
    wave: Option<u32>,
    /// Minutes from the end of a wave to the next [default: 60]
    #[arg(long, value_name = "MINUTES")]
    wave_wait: Option<u32>,
    /// Never in these hours, as in 22:00-07:00 (in the zone of the start)
    #[arg(long, value_name = "FROM-UNTIL", value_parser = quiet)]
    quiet_hours: Option<(Time, Time)>,
    /// As fast as the relay takes it: without what was saved before
    #[arg(long, conflicts_with_all = ["per_minute", "spread_until", "wave", "wave_wait", "quiet_hours"])]
    full_speed: bool,
}

impl PaceArgs {
    /// What was typed, over what was there; times are read in the zone.
    pub(super) fn over(&self, before: &Pace, zone: &str) -> Result<Pace, Failure> {
        if self.full_speed {
            return Ok(Pace::default());
        }
        let spread = self.spread_until.as_deref().map(|text| moment(text, zone)).transpose()?;
        let waves = match (self.wave, self.wave_wait, before.waves) {
            (None, None, waves) => waves,
            (None, Some(_), None) => {
                return Err(Failure::usage("--wave-wait needs waves: add --wave PEOPLE"));
            }
            (people, wait, waves) => Some(Waves {
                people: people.or(waves.map(|waves| waves.people)).unwrap_or_default(),
                wait_minutes: wait.or(waves.map(|waves| waves.wait_minutes)).unwrap_or(60),
            }),
        };
        let quiet = self.quiet_hours.map(|(from, until)| QuietHours { from, until, zone: zone.to_owned() });
        Ok(Pace {
            per_minute: self.per_minute.or(before.per_minute),
            spread_until: spread.or(before.spread_until),
            waves,
            quiet: quiet.or_else(|| before.quiet.clone()),
        })
    }

    /// Whether nothing was typed.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A moment as typed, milliseconds since 1970: with an offset, or as wall time in a zone.
pub(super) fn moment(text: &str, zone: &str) -> Result<i64, Failure> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at.as_millisecond());
    }
    let wall = wall_time(text)?;
    let at = self::zone(zone)?.to_zoned(wall).map_err(Failure::usage)?;
    Ok(at.timestamp().as_millisecond())
}

/// A wall time as typed.
pub(super) fn wall_time(text: &str) -> Result<DateTime, Failure> {
    text.parse()
        .map_err(|_| Failure::usage(format!("{text:?} is no time: expected one such as 2026-12-01T09:00")))
}

/// A zone by its name.
pub(super) fn zone(name: &str) -> Result<TimeZone, Failure> {
    TimeZone::get(name).map_err(|_| Failure::usage(format!("{name:?}: {}", NotPossible::Zone)))
}

/// Reads `22:00-07:00`.
fn quiet(text: &str) -> Result<(Time, Time), String> {
    let wrong = || format!("expected hours such as 22:00-07:00, not {text:?}");
    let (from, until) = text.split_once('-').ok_or_else(wrong)?;
    let time = |text: &str| text.trim().parse::<Time>().map_err(|_| wrong());
    Ok((time(from)?, time(until)?))
}

/// A pace in words.
pub(super) fn words(pace: &Pace) -> String {
    let mut parts = Vec::new();
    if let Some(most) = pace.per_minute {
        parts.push(format!("at most {} a minute", crate::output::number(most.into())));
    }
    if let Some(until) = pace.spread_until {
        parts.push(format!("spread until {}", crate::output::moment(until)));
    }
    if let Some(waves) = pace.waves {
        parts.push(format!(
            "in waves of {}, {} minutes apart",
            crate::output::people(waves.people.into()),
            waves.wait_minutes
        ));
    }
    if let Some(quiet) = &pace.quiet {
        let (from, until) = (quiet.from.strftime("%H:%M"), quiet.until.strftime("%H:%M"));
        parts.push(format!("never from {from} to {until}, {}", quiet.zone));
    }
    if parts.is_empty() { "as fast as the relay takes it".into() } else { parts.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;

    #[test]
    fn quiet_hours_are_two_times() {
        assert_eq!(quiet("22:00-07:00"), Ok((time(22, 0, 0, 0), time(7, 0, 0, 0))));
        for bad in ["", "22:00", "22:00-", "ten-7", "25:00-07:00"] {
            assert!(quiet(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_moment_has_an_offset_or_is_read_in_the_zone() {
        let at = moment("2026-12-01T09:00", "Europe/Vienna").unwrap();
        assert_eq!(moment("2026-12-01T08:00:00Z", "UTC").unwrap(), at);
        assert!(moment("tomorrow", "UTC").is_err() && moment("2026-12-01T09:00", "Wien").is_err());
    }

    #[test]
    fn what_is_not_named_stays() {
        let before = Pace { per_minute: Some(60), ..Pace::default() };
        let waves = PaceArgs { wave: Some(500), ..PaceArgs::default() };
        let after = waves.over(&before, "UTC").unwrap();
        assert_eq!(
            (after.per_minute, after.waves),
            (Some(60), Some(Waves { people: 500, wait_minutes: 60 }))
        );
        let lost = PaceArgs { wave_wait: Some(5), ..PaceArgs::default() };
        assert!(lost.over(&before, "UTC").is_err());
        let full = PaceArgs { full_speed: true, ..PaceArgs::default() };
        assert!(full.over(&after, "UTC").unwrap().is_free());
    }
}
