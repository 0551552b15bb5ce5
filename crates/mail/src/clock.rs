//! Clock times for people: in their zone, in their language, with the zone's name.

use crate::words::Words;
use domain::language::Language;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// More zones than exist; beyond it somebody feeds us invented names.
const MOST_ZONES: usize = 1_000;

/// Writes clock times in one language and remembers the last one of each zone: a chunk of a run shares it.
#[derive(Debug)]
pub(crate) struct Clock {
    language: Language,
    standard: String,
    last: RwLock<HashMap<String, (i64, Arc<str>)>>,
}

impl Clock {
    /// `standard`: the zone for people without one of their own.
    pub(crate) fn new(language: Language, standard: &str) -> Self {
        Self { language, standard: standard.to_owned(), last: RwLock::default() }
    }

    pub(crate) const fn language(&self) -> Language {
        self.language
    }

    /// A moment, rounded down to the minute so that it never promises too much.
    pub(crate) fn write(&self, at_ms: i64, zone: Option<&str>) -> Arc<str> {
        let minute = at_ms.div_euclid(60_000);
        let zone = zone.filter(|zone| !zone.is_empty()).unwrap_or(&self.standard);
        let known = self.last.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((known_minute, text)) = known.get(zone)
            && *known_minute == minute
        {
            return Arc::clone(text);
        }
        drop(known);
        let text: Arc<str> = self.spell(minute, zone).into();
        let mut known = self.last.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_ZONES {
            known.clear();
        }
        known.insert(zone.to_owned(), (minute, Arc::clone(&text)));
        text
    }

    /// The day of a moment, as a subject says it.
    pub(crate) fn day(&self, at_ms: i64, zone: Option<&str>) -> String {
        let (zone, _) = self.zone(zone.filter(|zone| !zone.is_empty()).unwrap_or(&self.standard));
        let at = Timestamp::from_millisecond(at_ms).unwrap_or_default().to_zoned(zone);
        let words = Words::of(self.language);
        let month = words.say(&format!("month-{}", at.month()));
        let (day, year) = (at.day().to_string(), at.year().to_string());
        words.say_with("notice-day", &[("day", &day), ("month", &month), ("year", &year)])
    }

    /// The zone of this name, or the installation's, and what it is called.
    fn zone(&self, zone: &str) -> (TimeZone, String) {
        let named = |name: &str| TimeZone::get(name).ok().map(|zone| (zone, name.replace('_', " ")));
        named(zone).or_else(|| named(&self.standard)).unwrap_or_else(|| (TimeZone::UTC, "UTC".to_owned()))
    }

    fn spell(&self, minute: i64, zone: &str) -> String {
        let (zone, zone_name) = self.zone(zone);
        let at =
            Timestamp::from_millisecond(minute.saturating_mul(60_000)).unwrap_or_default().to_zoned(zone);
        let words = Words::of(self.language);
        words.say_with(
            "clock-time",
            &[
                ("weekday", &words.say(&format!("weekday-{}", at.weekday().to_monday_one_offset()))),
                ("day", &at.day().to_string()),
                ("month", &words.say(&format!("month-{}", at.month()))),
                ("year", &at.year().to_string()),
                ("time", &format!("{:02}:{:02}", at.hour(), at.minute())),
                ("zone", &zone_name),
            ],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_795_338_059_000; // 2026-11-22 09:00:59 UTC

    #[test]
    fn a_time_is_told_in_the_zone_and_language_of_the_person() {
        let told = |language, zone| Clock::new(language, "UTC").write(AT, zone).to_string();
        assert_eq!(told(Language::En, None), "Sunday, 22 November 2026, 09:00 (UTC time)");
        assert_eq!(
            told(Language::De, Some("Europe/Berlin")),
            "Sonntag, 22. November 2026, 10:00 Uhr (Zeitzone Europe/Berlin)"
        );
        assert_eq!(
            told(Language::Fr, Some("America/New_York")),
            "dimanche 22 novembre 2026 à 04:00 (fuseau America/New York)"
        );
    }

    #[test]
    fn an_unknown_zone_gets_the_installations() {
        let clock = Clock::new(Language::En, "Europe/Paris");
        let text = clock.write(AT, Some("Mars/Olympus"));
        assert_eq!(&*text, "Sunday, 22 November 2026, 10:00 (Europe/Paris time)");
        assert_eq!(clock.write(AT + 900, Some("Mars/Olympus")), text);
        assert_ne!(clock.write(AT + 60_000, Some("Mars/Olympus")), text);
    }
}
