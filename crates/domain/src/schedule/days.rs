//! On which days something may run: the days of the week and the holidays, both of which must agree.

use super::HolidayCalendar;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

/// The seven boxes; a valid schedule has at least one ticked.
///
/// In JSON a day left out is not ticked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExecutionDays {
    /// Monday is ticked.
    pub monday: bool,
    /// Tuesday is ticked.
    pub tuesday: bool,
    /// Wednesday is ticked.
    pub wednesday: bool,
    /// Thursday is ticked.
    pub thursday: bool,
    /// Friday is ticked.
    pub friday: bool,
    /// Saturday is ticked.
    pub saturday: bool,
    /// Sunday is ticked.
    pub sunday: bool,
}

impl ExecutionDays {
    /// All seven days.
    pub const ALL: Self = Self { saturday: true, sunday: true, ..Self::WEEKDAYS };
    /// No day; not valid in a schedule.
    pub const NONE: Self = Self {
        monday: false,
        tuesday: false,
        wednesday: false,
        thursday: false,
        friday: false,
        saturday: false,
        sunday: false,
    };
    /// Monday to Friday.
    pub const WEEKDAYS: Self =
        Self { monday: true, tuesday: true, wednesday: true, thursday: true, friday: true, ..Self::NONE };

    /// Whether that day is ticked.
    #[must_use]
    pub const fn contains(self, day: Weekday) -> bool {
        match day {
            Weekday::Monday => self.monday,
            Weekday::Tuesday => self.tuesday,
            Weekday::Wednesday => self.wednesday,
            Weekday::Thursday => self.thursday,
            Weekday::Friday => self.friday,
            Weekday::Saturday => self.saturday,
            Weekday::Sunday => self.sunday,
        }
    }
    /// Whether none is ticked.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }
}

/// What a holiday means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolidayRule {
    /// Holidays are days like others.
    #[default]
    Always,
    /// A run that falls on a holiday waits for the next day that is none.
    NeverOn,
    /// A run that falls on another day waits for the next holiday.
    OnlyOn,
}

/// Days of the week and holidays as one question: may it run on this day?
#[derive(Debug, Clone, Copy)]
pub struct DayRule<'a> {
    days: ExecutionDays,
    holidays: HolidayRule,
    calendar: &'a HolidayCalendar,
}

impl<'a> DayRule<'a> {
    /// The rule of these boxes over this calendar.
    #[must_use]
    pub const fn new(days: ExecutionDays, holidays: HolidayRule, calendar: &'a HolidayCalendar) -> Self {
        Self { days, holidays, calendar }
    }

    /// Whether something may run on `day`: its box is ticked and the holiday rule holds.
    #[must_use]
    pub fn allows(&self, day: Date) -> bool {
        self.days.contains(day.weekday())
            && match self.holidays {
                HolidayRule::Always => true,
                HolidayRule::NeverOn => !self.calendar.is_holiday(day),
                HolidayRule::OnlyOn => self.calendar.is_holiday(day),
            }
    }

    /// The first allowed day from `from` to `until`, both included.
    #[must_use]
    pub fn first_allowed(&self, from: Date, until: Date) -> Option<Date> {
        days_from(from).take_while(|&day| day <= until).find(|&day| self.allows(day))
    }

    /// The last allowed day from `from` to `until`, both included.
    #[must_use]
    pub fn last_allowed(&self, from: Date, until: Date) -> Option<Date> {
        std::iter::successors(Some(until), |day| day.yesterday().ok())
            .take_while(|&day| day >= from)
            .find(|&day| self.allows(day))
    }
}

fn days_from(first: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |day| day.tomorrow().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::HolidayInput;
    use jiff::civil::date;

    fn calendar() -> HolidayCalendar {
        let entry = |date: &str, yearly| HolidayInput { date: date.into(), name: "Day off".into(), yearly };
        HolidayCalendar::new(&[
            entry("2026-12-25", true),
            entry("2026-12-26", true),
            entry("2026-05-25", false),
        ])
        .unwrap()
    }

    #[test]
    fn box_and_holiday_must_both_agree() {
        let calendar = calendar();
        // 25 December 2026 is a Friday, the 26th a Saturday.
        for (days, holidays, day, allowed) in [
            (ExecutionDays::WEEKDAYS, HolidayRule::Always, 25, true),
            (ExecutionDays::WEEKDAYS, HolidayRule::NeverOn, 25, false),
            (ExecutionDays::WEEKDAYS, HolidayRule::NeverOn, 24, true),
            (ExecutionDays::WEEKDAYS, HolidayRule::OnlyOn, 25, true),
            (ExecutionDays::WEEKDAYS, HolidayRule::OnlyOn, 24, false),
            (ExecutionDays::WEEKDAYS, HolidayRule::OnlyOn, 26, false),
            (ExecutionDays::ALL, HolidayRule::OnlyOn, 26, true),
            (ExecutionDays::ALL, HolidayRule::NeverOn, 26, false),
        ] {
            let rule = DayRule::new(days, holidays, &calendar);
            assert_eq!(rule.allows(date(2026, 12, day)), allowed, "{holidays:?} on {day} December");
        }
    }

    #[test]
    fn the_search_stops_at_its_bounds() {
        let calendar = calendar();
        let rule = DayRule::new(ExecutionDays::WEEKDAYS, HolidayRule::NeverOn, &calendar);
        let (friday, monday) = (date(2026, 12, 25), date(2026, 12, 28));
        assert_eq!(rule.first_allowed(friday, monday), Some(monday));
        assert_eq!(rule.first_allowed(friday, date(2026, 12, 27)), None);
        assert_eq!(rule.last_allowed(date(2026, 12, 1), date(2026, 12, 27)), Some(date(2026, 12, 24)));
        assert_eq!(rule.last_allowed(friday, date(2026, 12, 27)), None);
    }
}
