//! How a run goes on: shares of a bar, numbers and words for people, and JSON for the page that watches it.

use crate::console::operator::Operator;
use crate::live::Seen;
use domain::run::{Counts, RunState};

/// One coloured part of the bar; positions are thousandths of its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    /// The state, as stored.
    pub(crate) name: &'static str,
    pub(crate) count: i64,
    pub(crate) x: i64,
    pub(crate) width: i64,
}

/// The bar: who is done with, side by side. Who was left out is not part of what is to be done.
pub(crate) fn parts(counts: &Counts) -> Vec<Part> {
    let whole = (counts.total - counts.left_out).max(1);
    let mut x = 0;
    let shares = [
        ("accepted", counts.accepted),
        ("refused", counts.refused),
        ("unknown", counts.unknown),
        ("deferred", counts.deferred),
        ("cancelled", counts.cancelled),
    ];
    let mut parts = Vec::with_capacity(shares.len());
    let mut before = 0;
    for (name, count) in shares {
        before += count.max(0);
        // From the running sum, so that rounding never leaves a gap or an overhang.
        let end = (before * 1_000 / whole).min(1_000);
        parts.push(Part { name, count, x, width: end - x });
        x = end;
    }
    parts
}

/// How much is done, in percent, rounded down so that 100 means all.
pub(crate) fn percent(counts: &Counts) -> i64 {
    let whole = counts.total - counts.left_out;
    if whole <= 0 { 100 } else { (counts.settled() * 100 / whole).clamp(0, 100) }
}

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        out.push('-');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// How a run goes on, in the words of whoever looks.
#[derive(Debug)]
pub(crate) struct Progress {
    pub(crate) percent: i64,
    pub(crate) parts: Vec<Part>,
    pub(crate) total: String,
    pub(crate) waiting: String,
    pub(crate) left_out: String,
    /// People a second; empty: nothing is known or nothing moves.
    pub(crate) rate: String,
    /// How long it still takes; empty: nobody knows, or it is over.
    pub(crate) left: String,
    /// What holds it up; empty: nothing.
    pub(crate) waits: String,
}

impl Progress {
    /// As the operator reads it.
    pub(crate) fn of(operator: &Operator, seen: &Seen) -> Self {
        let counts = &seen.counts;
        let rate = seen.rate.or_else(|| rate_so_far(seen, operator.now_ms())).filter(|rate| *rate > 0.0);
        Self {
            percent: percent(counts),
            parts: parts(counts),
            total: grouped(counts.total),
            waiting: grouped(counts.waiting()),
            left_out: grouped(counts.left_out),
            rate: rate.map(|rate| say_rate(operator, rate)).unwrap_or_default(),
            left: time_left(operator, seen, rate),
            waits: waits(operator, seen),
        }
    }

    /// What a watching page puts in place.
    pub(crate) fn json(&self, seen: &Seen) -> serde_json::Value {
        let parts: serde_json::Map<String, serde_json::Value> = self
            .parts
            .iter()
            .map(|part| {
                let value =
                    serde_json::json!({ "text": grouped(part.count), "x": part.x, "width": part.width });
                (part.name.to_owned(), value)
            })
            .collect();
        serde_json::json!({
            "state": seen.state,
            "cause": seen.cause,
            "lists": seen.lists(),
            "parts": parts,
            "texts": {
                "percent": self.percent.to_string(),
                "waiting": self.waiting,
                "left_out": self.left_out,
                "total": self.total,
                "rate": self.rate,
                "left": self.left,
                "waits": self.waits,
            },
        })
    }
}

/// Over the whole run, for a page that just opened; over a finished one, how fast it was.
#[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
fn rate_so_far(seen: &Seen, now_ms: i64) -> Option<f64> {
    if !matches!(seen.state, RunState::Running | RunState::Finished) {
        return None;
    }
    let took_ms = (seen.finished_at.unwrap_or(now_ms) - seen.started_at?).max(0);
    (took_ms > 0).then(|| (seen.counts.settled() - seen.counts.cancelled) as f64 * 1_000.0 / took_ms as f64)
}

#[expect(clippy::cast_possible_truncation, reason = "whole people")]
fn say_rate(operator: &Operator, rate: f64) -> String {
    if rate >= 1.0 {
        operator.fill("run-rate", "n", &grouped(rate.round() as i64))
    } else {
        operator.fill("run-rate-slow", "n", &grouped((rate * 60.0).ceil() as i64))
    }
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a time for people to read")]
fn time_left(operator: &Operator, seen: &Seen, rate: Option<f64>) -> String {
    let left = seen.counts.total - seen.counts.left_out - seen.counts.settled();
    match rate {
        Some(rate) if seen.state == RunState::Running && left > 0 && seen.due_at.is_none() => {
            duration(operator, (left as f64 * 1_000.0 / rate) as i64)
        }
        _ => String::new(),
    }
}

/// `12 s`, `3 min`, `2 h 10 min`, as the operator writes it.
pub(crate) fn duration(operator: &Operator, ms: i64) -> String {
    let seconds = (ms + 999) / 1_000;
    let words = operator.context.words;
    match seconds {
        ..90 => words.fill("time-seconds", "n", &seconds.to_string()),
        90..5_400 => words.fill("time-minutes", "n", &((seconds + 30) / 60).to_string()),
        _ => words.say_with(
            "time-hours",
            &[("h", &grouped(seconds / 3_600)), ("m", &(seconds / 60 % 60).to_string())],
        ),
    }
}

/// What holds a run up that runs.
fn waits(operator: &Operator, seen: &Seen) -> String {
    if seen.state != RunState::Running {
        return String::new();
    }
    if seen.is_stopped {
        return operator.say("run-waits-stopped");
    }
    if let Some(cause) = &seen.cause {
        return cause.clone();
    }
    if let Some(due) = seen.due_at {
        return operator.fill("run-waits-due", "time", &operator.at(due));
    }
    let paced = operator.state().flow.health().into_iter().find_map(|relay| relay.messages_per_minute);
    paced.map(|most| operator.fill("run-waits-paced", "n", &grouped(most.into()))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_lie_side_by_side_and_fill_the_bar_when_all_is_done() {
        let counts =
            Counts { total: 1_003, left_out: 3, accepted: 991, refused: 6, unknown: 3, ..Counts::default() };
        let parts = parts(&counts);
        for pair in parts.windows(2) {
            assert_eq!(pair[0].x + pair[0].width, pair[1].x);
        }
        assert_eq!(parts.iter().map(|part| part.width).sum::<i64>(), 1_000);
        assert_eq!(percent(&counts), 100);
    }

    #[test]
    fn nothing_to_do_is_done_and_nearly_all_is_not_all() {
        assert_eq!(percent(&Counts::default()), 100);
        assert_eq!(percent(&Counts { total: 1_000, accepted: 999, ..Counts::default() }), 99);
    }

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
