//! How fast a mailing may go, as programs read and write it.

use crate::api::problem::Problem;
use crate::api::time::Time;
use domain::pace::{Pace, QuietHours, Waves};
use jiff::civil;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How fast a run may go; nothing set: as fast as the relay takes it.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Pace")]
pub(crate) struct PaceView {
    /// At most so many messages a minute, 1 to 1,000,000.
    per_minute: Option<u32>,
    /// Spread evenly until this moment.
    spread_until: Option<Time>,
    /// In waves, with time to look between them.
    waves: Option<WavesView>,
    /// Never in these hours.
    quiet: Option<QuietView>,
}

/// Waves of so many people with a wait between them.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Waves")]
pub(crate) struct WavesView {
    /// People a wave, at least 1.
    people: u32,
    /// From the end of one to the next, 1 to 10,080.
    wait_minutes: u32,
}

/// Hours of the day in which nothing is sent.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "QuietHours")]
pub(crate) struct QuietView {
    /// Wall time, as in 22:00.
    from: String,
    /// Wall time, as in 07:00; earlier than `from`: of the next day.
    until: String,
    /// IANA.
    zone: String,
}

impl From<Pace> for PaceView {
    fn from(pace: Pace) -> Self {
        Self {
            per_minute: pace.per_minute,
            spread_until: pace.spread_until.map(Time),
            waves: pace
                .waves
                .map(|waves| WavesView { people: waves.people, wait_minutes: waves.wait_minutes }),
            quiet: pace.quiet.map(|quiet| QuietView {
                from: quiet.from.to_string(),
                until: quiet.until.to_string(),
                zone: quiet.zone,
            }),
        }
    }
}

impl PaceView {
    /// Read; the bounds are checked when the mailing is saved.
    pub(crate) fn read(self) -> Result<Pace, Problem> {
        let time = |name: &str, text: &str| {
            text.parse::<civil::Time>().map_err(|_| {
                Problem::field(format!("/pace/quiet/{name}"), "expected a time of the day such as 22:00")
            })
        };
        let quiet = self.quiet.map(|quiet| {
            Ok::<_, Problem>(QuietHours {
                from: time("from", &quiet.from)?,
                until: time("until", &quiet.until)?,
                zone: quiet.zone,
            })
        });
        Ok(Pace {
            per_minute: self.per_minute,
            spread_until: self.spread_until.map(|at| at.0),
            waves: self.waves.map(|waves| Waves { people: waves.people, wait_minutes: waves.wait_minutes }),
            quiet: quiet.transpose()?,
        })
    }
}
