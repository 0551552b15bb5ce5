//! How long work shows itself: a bar on a terminal, a line every few seconds elsewhere, nothing when quiet.

use crate::output::{Output, number};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// Seconds between two lines where there is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(3);

/// The progress of one piece of work, on stderr.
#[derive(Debug)]
pub(crate) struct Progress {
    way: Way,
    label: String,
    began: Instant,
}

#[derive(Debug)]
enum Way {
    Bar(ProgressBar),
    Lines { total: u64, next: Instant, last: u64 },
    Nothing,
}

impl Progress {
    /// Begins to show work on `total` things; 0: the number is not known.
    pub(crate) fn begin(out: &Output, label: &str, total: u64) -> Self {
        let began = Instant::now();
        let way = if out.is_quiet() {
            Way::Nothing
        } else if console::user_attended_stderr() && !out.is_json() {
            Way::Bar(bar(label, total))
        } else {
            Way::Lines { total, next: began + BETWEEN_LINES, last: 0 }
        };
        Self { way, label: label.to_owned(), began }
    }

    /// So many of so many are done; `note` says what else is worth knowing.
    pub(crate) fn set(&mut self, done: u64, total: u64, note: &str) {
        match &mut self.way {
            Way::Nothing => {}
            Way::Bar(bar) => {
                if bar.length() != Some(total) {
                    bar.set_length(total);
                }
                bar.set_position(done);
                bar.set_message(note.to_owned());
            }
            Way::Lines { total: known, next, last } => {
                *known = total;
                *last = done;
                if Instant::now() >= *next {
                    *next = Instant::now() + BETWEEN_LINES;
                    self.write_line(done, total, note);
                }
            }
        }
    }

    /// The work is over; the bar goes away, lines get a last one.
    pub(crate) fn end(self, note: &str) {
        match &self.way {
            Way::Nothing => {}
            Way::Bar(bar) => bar.finish_and_clear(),
            Way::Lines { total, last, .. } => self.write_line(*last, *total, note),
        }
    }

    fn write_line(&self, done: u64, total: u64, note: &str) {
        use std::io::Write as _;
        let rate = rate(done, self.began.elapsed());
        let mut text = format!("{}: {}", self.label, number(i64::try_from(done).unwrap_or(i64::MAX)));
        if total > 0 {
            let left = remaining(done, total, self.began.elapsed());
            let _ = write!(text, " of {}, {rate}/s{left}", number(i64::try_from(total).unwrap_or(i64::MAX)));
        } else {
            let _ = write!(text, ", {rate}/s");
        }
        if !note.is_empty() {
            let _ = write!(text, " · {note}");
        }
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }
}

fn bar(label: &str, total: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(10));
    let template = if total > 0 {
        "{prefix} {bar:22.green/dim} {count:>17} {rate:>8} {left:>7}  {msg}"
    } else {
        "{prefix} {spinner:.green} {count} {rate}  {msg}"
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let counted = |state: &ProgressState, text: &mut dyn std::fmt::Write| {
        let grouped = |n: u64| number(i64::try_from(n).unwrap_or(i64::MAX));
        let _ = match state.len() {
            Some(total) if total > 0 => write!(text, "{}/{}", grouped(state.pos()), grouped(total)),
            _ => write!(text, "{}", grouped(state.pos())),
        };
    };
    bar.set_style(
        style
            .with_key("count", counted)
            .with_key("rate", |state: &ProgressState, text: &mut dyn std::fmt::Write| {
                let _ = write!(text, "{}/s", rate(state.pos(), state.elapsed()));
            })
            .with_key("left", |state: &ProgressState, text: &mut dyn std::fmt::Write| {
                let seconds = state.eta().as_secs();
                let _ = write!(text, "{}", if state.pos() == 0 { String::new() } else { clock(seconds) });
            })
            .progress_chars("━━╌"),
    );
    bar.set_prefix(label.to_owned());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn rate(done: u64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    if seconds <= 0.0 || done == 0 {
        return "0".into();
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a rate for reading")]
    let whole = (done as f64 / seconds).round() as i64;
    number(whole)
}

fn remaining(done: u64, total: u64, elapsed: Duration) -> String {
    if done == 0 || done >= total {
        return String::new();
    }
    let seconds = elapsed.as_secs().saturating_mul(total - done) / done;
    format!(", {} left", clock(seconds))
}

/// `0:07`, `12:40`, `3:05:00`.
fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_is_written_as_a_clock() {
        assert_eq!([7, 760, 11_100].map(clock), ["0:07", "12:40", "3:05:00"]);
        assert_eq!(remaining(50, 100, Duration::from_secs(10)), ", 0:10 left");
        assert_eq!(remaining(0, 100, Duration::from_secs(10)), "");
    }
}
