//! What a command prints: results on stdout, progress and remarks on stderr, JSON when asked for.

use crate::failure::Failure;
use console::{Style, Term, style};
use serde::Serialize;
use std::fmt::Display;
use std::io::Write as _;

/// Where and how to print.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    width: usize,
}

impl Output {
    /// As `--json` and `--quiet` say; as wide as the terminal, 80 columns without one.
    pub(crate) fn new(json: bool, quiet: bool) -> Self {
        let width = Term::stdout().size_checked().map_or(80, |(_, columns)| usize::from(columns).clamp(60, 160));
        Self { json, quiet, width }
    }

    /// Whether programs read this.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// Whether nothing but the result is wanted.
    pub(crate) const fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Columns there are.
    pub(crate) const fn width(&self) -> usize {
        self.width
    }

    /// Prints a result: as JSON or as a page for people.
    pub(crate) fn show<T: Serialize>(&self, value: &T, page: impl FnOnce(&T, &Self)) {
        if self.json {
            self.document(value);
        } else {
            page(value, self);
        }
    }

    /// One JSON document, in several lines.
    pub(crate) fn document(&self, value: &impl Serialize) {
        match serde_json::to_string_pretty(value) {
            Ok(text) => self.raw(&text),
            Err(error) => self.problem(&Failure::failed(format!("the result cannot be written as JSON: {error}"))),
        }
    }

    /// One JSON document in one line, for lists that may be long (JSON Lines).
    pub(crate) fn json_line(&self, value: &impl Serialize) {
        if let Ok(text) = serde_json::to_string(value) {
            self.raw(&text);
        }
    }

    /// A line of the result for people.
    pub(crate) fn line(&self, text: impl Display) {
        self.raw(&text.to_string());
    }

    /// A heading for people.
    pub(crate) fn heading(&self, text: impl Display) {
        self.raw(&style(text).bold().to_string());
    }

    /// `name  value` lines, the values aligned.
    pub(crate) fn facts(&self, facts: &[(&str, String)]) {
        let widest = facts.iter().map(|(name, _)| console::measure_text_width(name)).max().unwrap_or(0);
        for (name, value) in facts {
            let name = console::pad_str(name, widest, console::Alignment::Left, None);
            self.raw(&format!("  {}  {value}", style(name).dim()));
        }
    }

    /// Says that something was done; programs get the document instead.
    pub(crate) fn done(&self, text: impl Display, value: &impl Serialize) {
        if self.json {
            self.document(value);
        } else if !self.quiet {
            self.raw(&format!("{} {text}", Style::new().green().apply_to("✔")));
        }
    }

    /// A remark beside the result, on stderr.
    pub(crate) fn note(&self, text: impl Display) {
        if !self.quiet {
            let mut stderr = std::io::stderr().lock();
            let _ = writeln!(stderr, "{text}");
        }
    }

    /// What went wrong, on stderr.
    pub(crate) fn problem(&self, failure: &Failure) {
        let mut stderr = std::io::stderr().lock();
        if self.json {
            let body = serde_json::json!({
                "error": failure.text(), "hint": failure.to_do(), "exit_code": failure.code()
            });
            let _ = writeln!(stderr, "{body}");
            return;
        }
        let label = Style::new().for_stderr().red().bold().apply_to("error:");
        let _ = writeln!(stderr, "{label} {}", failure.text());
        if let Some(hint) = failure.to_do() {
            let label = Style::new().for_stderr().cyan().apply_to("hint:");
            let _ = writeln!(stderr, "{label}  {hint}");
        }
    }

    fn raw(&self, text: &str) {
        // A reader that hangs up early, as `head` does, is no failure of ours.
        let _ = writeln!(std::io::stdout().lock(), "{text}");
    }
}

/// A number with separators between the thousands.
pub(crate) fn number(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 person`, `2,000 people`.
pub(crate) fn people(count: i64) -> String {
    if count == 1 { "1 person".into() } else { format!("{} people", number(count)) }
}

/// A moment in milliseconds since 1970 as RFC 3339 in UTC, to the second.
pub(crate) fn moment(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms)
        .ok()
        .and_then(|at| at.round(jiff::Unit::Second).ok())
        .map_or_else(|| at_ms.to_string(), |at| at.to_string())
}

/// A moment, or a dash.
pub(crate) fn moment_or_dash(at_ms: Option<i64>) -> String {
    at_ms.map_or_else(|| "–".into(), moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_groups_of_three() {
        assert_eq!([0, 999, 1_000, 12_345_678, -1_234].map(number), ["0", "999", "1,000", "12,345,678", "-1,234"]);
        assert_eq!(people(1), "1 person");
        assert_eq!(people(1_000), "1,000 people");
    }

    #[test]
    fn moments_are_written_to_the_second() {
        assert_eq!(moment(1_795_251_600_400), "2026-11-21T09:00:00Z");
        assert_eq!(moment_or_dash(None), "–");
    }
}
