//! What a notice says: each kind becomes a heading, a sentence, numbers, a cause and what to do.

use crate::clock::Clock;
use crate::header::clean;
use crate::words::Words;
use domain::language::Language;
use domain::notice::{AboutAutomation, AboutMailing, AboutRun, FailedWhy, Notice, PausedWhy};
use domain::run::Counts;
use serde::Serialize;
use std::collections::BTreeMap;

/// How urgent it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Trouble,
    Warning,
    Good,
    Info,
}

impl Tone {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Trouble => "trouble",
            Self::Warning => "warning",
            Self::Good => "good",
            Self::Info => "info",
        }
    }
    pub(crate) const fn back(self) -> &'static str {
        match self {
            Self::Trouble => "#fce8e6",
            Self::Warning => "#fcf0d9",
            Self::Good => "#e3f4e9",
            Self::Info => "#e8effb",
        }
    }
    pub(crate) const fn ink(self) -> &'static str {
        match self {
            Self::Trouble => "#a3231b",
            Self::Warning => "#7a4a00",
            Self::Good => "#14603a",
            Self::Info => "#1d4a94",
        }
    }
}

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Fact {
    label: String,
    value: String,
    /// The colour of its part in the bar; empty: it has none.
    colour: &'static str,
    /// Below the label, smaller.
    lines: Vec<String>,
}

/// A part of the bar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct BarPart {
    percent: i64,
    colour: &'static str,
}

/// Everything a notice says, in the operator's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub tone: Tone,
    pub subject: String,
    pub title: String,
    pub lead: String,
    pub bar: Vec<BarPart>,
    pub facts: Vec<Fact>,
    /// Whose words the cause is.
    pub cause_label: String,
    /// As the program, the relay or an operator said it; empty: none.
    pub cause: String,
    pub todo: String,
    /// What to type; empty: nothing.
    pub command: String,
}

const ACCEPTED: &str = "#2e9e5b";
const REFUSED: &str = "#d5433a";
const UNKNOWN: &str = "#e0a021";
const LEFT_OUT: &str = "#9aa4b2";
const WAITING: &str = "#7da7e8";

/// Writes the page in the language of the clock, with moments in a zone.
pub(crate) fn page(notice: &Notice, clock: &Clock, zone: Option<&str>, now_ms: i64) -> Page {
    let writer = Writer { words: Words::of(clock.language()), clock, zone };
    match notice {
        Notice::AutomationEnds { automation, ends_at, last_at } => {
            writer.ends(automation, *ends_at, *last_at, now_ms)
        }
        Notice::RunFailed { automation, planned_at, why, cause } => {
            writer.failed(automation, *planned_at, *why, cause)
        }
        Notice::RunMissed { automation, planned_at, missed, later_due } => {
            writer.missed(automation, *planned_at, *missed, *later_due)
        }
        Notice::RunSkipped { automation, planned_at } => writer.skipped(automation, *planned_at),
        Notice::RunPaused { run, why, cause } => writer.paused(run, *why, cause),
        Notice::RunFinished { run, left_out, refused } => writer.finished(run, left_out, refused),
        Notice::MailingFailed { mailing, planned_at, cause } => {
            writer.mailing_failed(mailing, *planned_at, cause)
        }
        Notice::SendingStopped { at, cause } => writer.stopped(*at, cause),
    }
}

/// Words, numbers and moments for one reader.
struct Writer<'a> {
    words: &'static Words,
    clock: &'a Clock,
    zone: Option<&'a str>,
}

impl Writer<'_> {
    fn say(&self, id: &str) -> String {
        self.words.say(id)
    }

    fn moment(&self, at_ms: i64) -> String {
        self.clock.write(at_ms, self.zone).to_string()
    }

    fn gaps(&self, id: &str, number: i64, name: &str, day: &str) -> String {
        let number = number.to_string();
        self.words.say_with(id, &[("number", &number), ("name", &clean(name)), ("day", day)])
    }

    fn begin(&self, kind: &str, tone: Tone, number: i64, name: &str, day: &str) -> Page {
        let said = |part: &str| self.gaps(&format!("notice-{kind}-{part}"), number, name, day);
        Page {
            tone,
            subject: said("subject"),
            title: said("title"),
            lead: said("lead"),
            bar: Vec::new(),
            facts: Vec::new(),
            cause_label: self.say("notice-cause"),
            cause: String::new(),
            todo: String::new(),
            command: String::new(),
        }
    }

    fn ends(&self, automation: &AboutAutomation, ends_at: i64, last_at: Option<i64>, now_ms: i64) -> Page {
        let kind = if ends_at <= now_ms { "automation_ended" } else { "automation_ends" };
        let day = self.clock.day(ends_at, self.zone);
        let mut page = self.begin(kind, Tone::Info, automation.number, &automation.name, &day);
        let last = last_at.map_or_else(|| self.say("notice-fact-no-last"), |at| self.moment(at));
        page.facts = vec![self.fact("ends", self.moment(ends_at)), self.fact("last", last)];
        page.todo = self.say("notice-automation_ends-todo");
        page.command = format!("passpost automation show {}", automation.number);
        page
    }

    fn failed(&self, automation: &AboutAutomation, planned_at: i64, why: FailedWhy, cause: &str) -> Page {
        let mut page = self.begin("run_failed", Tone::Trouble, automation.number, &automation.name, "");
        page.facts = vec![self.fact("planned", self.moment(planned_at))];
        page.cause = clean(cause).into_owned();
        page.todo = self.say(&format!("notice-failed-{why}"));
        page.command = match why {
            FailedWhy::Limit | FailedWhy::Approval => {
                format!("passpost automation preview {}", automation.number)
            }
            FailedWhy::Stopped => "passpost sending start".to_owned(),
            FailedWhy::Selection | FailedWhy::Rights | FailedWhy::Other => {
                format!("passpost automation show {}", automation.number)
            }
        };
        page
    }

    fn mailing_failed(&self, mailing: &AboutMailing, planned_at: i64, cause: &str) -> Page {
        let mut page = self.begin("mailing_failed", Tone::Trouble, mailing.number, &mailing.name, "");
        page.facts = vec![self.fact("planned", self.moment(planned_at))];
        page.cause = clean(cause).into_owned();
        page.todo = self.say("notice-mailing_failed-todo");
        page.command = format!("passpost mailing check {}", mailing.number);
        page
    }

    fn missed(&self, automation: &AboutAutomation, planned_at: i64, missed: i64, later_due: bool) -> Page {
        let (number, name) = (automation.number, &automation.name);
        let mut page = self.begin("run_missed", Tone::Warning, number, name, "");
        page.facts = vec![self.fact("planned", self.moment(planned_at))];
        if missed > 1 {
            page.facts.push(self.fact("missed", self.number(missed)));
        }
        if later_due {
            page.lead = self.gaps("notice-run_missed-lead-later", number, name, "");
        } else {
            page.todo = self.say("notice-run_missed-todo");
            page.command = format!("passpost automation preview {number}");
        }
        page
    }

    fn skipped(&self, automation: &AboutAutomation, planned_at: i64) -> Page {
        let mut page = self.begin("run_skipped", Tone::Warning, automation.number, &automation.name, "");
        page.facts = vec![self.fact("planned", self.moment(planned_at))];
        page.todo = self.say("notice-run_skipped-todo");
        page.command = format!("passpost run list --automation {}", automation.number);
        page
    }

    fn stopped(&self, at: i64, cause: &str) -> Page {
        let mut page = self.begin("sending_stopped", Tone::Trouble, 0, "", "");
        page.facts = vec![self.fact("since", self.moment(at))];
        page.cause_label = self.say("notice-cause-operator");
        page.cause = clean(cause).into_owned();
        page.todo = self.say("notice-sending_stopped-todo");
        page.command = "passpost sending start".to_owned();
        page
    }

    fn paused(&self, run: &AboutRun, why: PausedWhy, cause: &str) -> Page {
        let mut page = self.begin("run_paused", Tone::Trouble, run.number, &run.name, "");
        let none = BTreeMap::new();
        self.put_counts(&mut page, &run.counts, &none, &none);
        page.cause = clean(cause).into_owned();
        page.todo = self.say(&format!("notice-paused-{why}"));
        page.command = match why {
            PausedWhy::Refusals => format!("passpost run recipients {} --state refused", run.number),
            PausedWhy::Rights | PausedWhy::Approval => format!("passpost run show {}", run.number),
            PausedWhy::Relay | PausedWhy::Mail => format!("passpost run resume {}", run.number),
        };
        page
    }

    fn finished(
        &self,
        run: &AboutRun,
        left_out: &BTreeMap<String, i64>,
        refused: &BTreeMap<String, i64>,
    ) -> Page {
        let failed = run.counts.refused + run.counts.unknown > 0;
        let tone = if failed { Tone::Warning } else { Tone::Good };
        let mut page = self.begin("run_finished", tone, run.number, &run.name, "");
        if failed {
            page.subject = self.gaps("notice-run_finished-subject-failed", run.number, &run.name, "");
            page.todo = self.say("notice-run_finished-todo");
            page.command = format!("passpost run retry {}", run.number);
        }
        self.put_counts(&mut page, &run.counts, left_out, refused);
        page
    }

    /// The numbers of a run: accepted always, refused and unknown as well once it is over, the rest if there is any.
    fn put_counts(
        &self,
        page: &mut Page,
        counts: &Counts,
        left_out: &BTreeMap<String, i64>,
        refused: &BTreeMap<String, i64>,
    ) {
        let waiting = counts.waiting().max(0);
        let rows = [
            ("accepted", counts.accepted, ACCEPTED, true),
            ("refused", counts.refused, REFUSED, true),
            ("unknown", counts.unknown, UNKNOWN, true),
            ("deferred", counts.deferred, WAITING, false),
            ("waiting", waiting, WAITING, false),
            ("cancelled", counts.cancelled, LEFT_OUT, false),
            ("left_out", counts.left_out, LEFT_OUT, true),
        ];
        for (name, count, colour, always) in rows {
            if count == 0 && !always {
                continue;
            }
            let mut fact = Fact { colour, ..self.fact(name, self.number(count)) };
            fact.lines = match name {
                "refused" => self.reasons(refused, &["notice-refused-", "cause-"]),
                "left_out" => self.reasons(left_out, &["notice-reason-"]),
                _ => Vec::new(),
            };
            page.facts.push(fact);
        }
        page.bar = bar(&rows.map(|(_, count, colour, _)| (count, colour)));
    }

    fn reasons(&self, reasons: &BTreeMap<String, i64>, prefixes: &[&str]) -> Vec<String> {
        let mut sorted: Vec<(&String, i64)> =
            reasons.iter().map(|(reason, count)| (reason, *count)).collect();
        sorted.sort_by(|(one, a), (other, b)| b.cmp(a).then(one.cmp(other)));
        let line = |(reason, count): (&String, i64)| {
            let ids = prefixes.iter().map(|prefix| format!("{prefix}{reason}"));
            let said = ids.map(|id| (self.say(&id), id)).find(|(said, id)| said != id);
            let said = said.map_or_else(|| clean(reason).into_owned(), |(said, _)| said);
            format!("{} × {}", self.number(count), said.trim_end_matches('.'))
        };
        sorted.into_iter().map(line).collect()
    }

    fn fact(&self, name: &str, value: String) -> Fact {
        Fact { label: self.say(&format!("notice-fact-{name}")), value, colour: "", lines: Vec::new() }
    }

    /// A number with the separators of the language between the thousands.
    fn number(&self, number: i64) -> String {
        let separator = match self.words.language() {
            Language::En => ',',
            Language::De => '.',
            Language::Fr => '\u{202f}',
        };
        let digits = number.unsigned_abs().to_string();
        let mut text = String::from(if number < 0 { "-" } else { "" });
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(separator);
            }
            text.push(digit);
        }
        text
    }
}

/// The parts of the bar in hundredths that add up to a hundred; whoever is there at all is seen.
fn bar(parts: &[(i64, &'static str)]) -> Vec<BarPart> {
    let all: i64 = parts.iter().map(|(count, _)| count).sum();
    let mut bar: Vec<BarPart> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, colour)| BarPart { percent: (count * 100 / all).max(1), colour })
        .collect();
    let rest = 100 - bar.iter().map(|part| part.percent).sum::<i64>();
    if let Some(largest) = bar.iter_mut().max_by_key(|part| part.percent) {
        largest.percent += rest;
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_bar_add_up_and_the_smallest_is_seen() {
        let parts = bar(&[(99_999, ACCEPTED), (1, REFUSED), (0, UNKNOWN)]);
        assert_eq!(parts.iter().map(|part| part.percent).collect::<Vec<_>>(), [99, 1]);
        assert!(bar(&[(0, ACCEPTED)]).is_empty());
    }

    #[test]
    fn a_number_is_written_as_the_language_has_it() {
        let written = |language| {
            let clock = Clock::new(language, "UTC");
            Writer { words: Words::of(language), clock: &clock, zone: None }.number(1_234_567)
        };
        assert_eq!(Language::ALL.map(written), ["1,234,567", "1.234.567", "1\u{202f}234\u{202f}567"]);
    }
}
