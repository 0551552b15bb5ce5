//! A run's counts as shares of a bar, as numbers for people, and as JSON for the page that watches it.

use domain::run::Counts;
use store::run::Run;

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

/// What the watching page asks for every two seconds.
pub(crate) fn json(run: &Run) -> serde_json::Value {
    let parts: serde_json::Map<String, serde_json::Value> = parts(&run.counts)
        .into_iter()
        .map(|part| {
            let value = serde_json::json!({ "text": grouped(part.count), "x": part.x, "width": part.width });
            (part.name.to_owned(), value)
        })
        .collect();
    serde_json::json!({
        "state": run.state,
        "over": run.state.is_over(),
        "percent": percent(&run.counts),
        "parts": parts,
        "waiting": grouped(run.counts.waiting()),
        "left_out": grouped(run.counts.left_out),
        "total": grouped(run.counts.total),
    })
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
