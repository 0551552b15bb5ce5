//! Deliveries of the last thirty days as bars, in the days of whoever looks.

use crate::console::grouped;
use crate::console::operator::Operator;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use std::collections::BTreeMap;
use store::delivery_hour::DeliveryHour;

/// Days shown, today among them.
const DAYS: i32 = 30;
/// The drawing has so many units to a day, and is so high.
const STEP: i64 = 20;
const BAR: i64 = 14;
const HEIGHT: i64 = 100;

/// The chart and the same as a table.
#[derive(Debug)]
pub(super) struct Chart {
    pub(super) bars: Vec<Bar>,
    pub(super) width: i64,
    /// The highest bar, which gives the scale.
    pub(super) most: String,
    pub(super) first: String,
    pub(super) last: String,
    pub(super) accepted: String,
    pub(super) failed: String,
    /// All of it in a sentence.
    pub(super) summary: String,
}

/// One day.
#[derive(Debug)]
pub(super) struct Bar {
    pub(super) day: String,
    pub(super) title: String,
    pub(super) accepted: String,
    pub(super) failed: String,
    pub(super) x: i64,
    pub(super) width: i64,
    pub(super) accepted_y: i64,
    pub(super) accepted_height: i64,
    pub(super) failed_y: i64,
    pub(super) failed_height: i64,
    pub(super) has_any: bool,
}

fn day_of(operator: &Operator, at_ms: i64) -> Date {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(operator.time_zone()).date()
}

/// When the first day shown begins, milliseconds since 1970; or a little before it.
pub(super) fn since(operator: &Operator) -> i64 {
    operator.now_ms() - i64::from(DAYS + 1) * 86_400_000
}

impl Chart {
    pub(super) fn of(operator: &Operator, hours: &[DeliveryHour]) -> Self {
        let today = day_of(operator, operator.now_ms());
        let first = today.saturating_sub((DAYS - 1).days());
        let mut by_day: BTreeMap<Date, (i64, i64)> = BTreeMap::new();
        for hour in hours {
            let day = by_day.entry(day_of(operator, hour.at)).or_default();
            day.0 += hour.accepted;
            day.1 += hour.failed;
        }
        let days: Vec<(Date, (i64, i64))> = (0..DAYS)
            .map(|day| first.saturating_add(day.days()))
            .map(|day| (day, by_day.get(&day).copied().unwrap_or_default()))
            .collect();
        let most = days.iter().map(|(_, (accepted, failed))| accepted + failed).max().unwrap_or(0).max(1);
        let total = |which: fn(&(i64, i64)) -> i64| days.iter().map(|(_, counts)| which(counts)).sum::<i64>();
        let (accepted, failed) = (grouped(total(|one| one.0)), grouped(total(|one| one.1)));
        let summary = operator
            .context
            .words
            .say_with("chart-summary", &[("accepted", accepted.as_str()), ("failed", failed.as_str())]);
        Self {
            bars: (0..)
                .zip(&days)
                .map(|(place, (day, counts))| bar(operator, place, *day, *counts, most))
                .collect(),
            width: i64::from(DAYS) * STEP,
            most: grouped(most),
            first: first.to_string(),
            last: today.to_string(),
            accepted,
            failed,
            summary,
        }
    }
}

fn bar(operator: &Operator, place: i64, day: Date, (accepted, failed): (i64, i64), most: i64) -> Bar {
    // What there is can be seen, however little it is beside the rest.
    let height = |count: i64| if count == 0 { 0 } else { (count * HEIGHT / most).max(2) };
    let failed_height = height(failed);
    let accepted_height = height(accepted).min(HEIGHT - failed_height);
    let (day, accepted, failed) = (day.to_string(), grouped(accepted), grouped(failed));
    Bar {
        title: operator.context.words.say_with(
            "chart-day",
            &[("day", day.as_str()), ("accepted", accepted.as_str()), ("failed", failed.as_str())],
        ),
        x: place * STEP + (STEP - BAR) / 2,
        width: BAR,
        accepted_y: HEIGHT - accepted_height,
        accepted_height,
        failed_y: HEIGHT - accepted_height - failed_height,
        failed_height,
        has_any: accepted_height + failed_height > 0,
        day,
        accepted,
        failed,
    }
}
