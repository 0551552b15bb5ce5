//! What a run came to, for people: one page that fits a terminal.

use crate::failure::Done;
use crate::output::{Output, moment_or_dash, number, people};
use console::style;
use domain::automation::Carries;
use domain::recipient::Reason;
use domain::run::{Counts, Preview, RunState};
use flow::Report;

/// Prints a report.
pub(crate) fn print(out: &Output, report: &Report) {
    let run = &report.run;
    out.heading(format!("Run {}: {}", run.number, run.name));
    let mut facts = vec![("State", state(run.state))];
    if let Some(cause) = &run.cause {
        facts.push(("Cause", cause.clone()));
    }
    facts.push(("Began", moment_or_dash(run.started_at)));
    if run.state.is_over() {
        facts.push(("Ended", moment_or_dash(run.finished_at)));
    }
    if let Some(took) = report.took_ms {
        facts.push(("Took", duration(took)));
    }
    if let Some(rate) = report.per_second.filter(|rate| *rate > 0.0) {
        facts.push(("Speed", format!("{rate:.0} people per second")));
    }
    out.facts(&facts);
    counts(out, &run.counts, report.bounced, run.job.carries());
    reasons(out, report);
}

/// What five of the states mean, by what the mail carries.
const fn meanings(carries: Carries) -> [&'static str; 5] {
    match carries {
        Carries::Password => [
            "the relay took the mail; the new password counts",
            "of the accepted came back; nobody has the new password",
            "the relay refused for good; the old password counts",
            "the answer was lost; old and new password both count",
            "to be tried again; the old password counts",
        ],
        Carries::Link => [
            "the relay took the mail; its link is good",
            "of the accepted came back; nobody has the link",
            "the relay refused for good; the link is void",
            "the answer was lost; the link may have arrived",
            "to be tried again",
        ],
        Carries::Nothing => [
            "the relay took the mail",
            "of the accepted came back",
            "the relay refused for good",
            "the answer was lost; the mail may have arrived",
            "to be tried again",
        ],
    }
}

fn counts(out: &Output, counts: &Counts, bounced: i64, carries: Carries) {
    out.line("");
    let [accepted, came_back, refused, unknown, deferred] = meanings(carries);
    let rows: [(&str, i64, &str); 8] = [
        ("accepted", counts.accepted, accepted),
        ("bounced", bounced, came_back),
        ("refused", counts.refused, refused),
        ("unknown", counts.unknown, unknown),
        ("deferred", counts.deferred, deferred),
        ("waiting", counts.waiting(), "not yet written to"),
        ("cancelled", counts.cancelled, "the run was cancelled before their turn"),
        ("left out", counts.left_out, "not written to, for the reasons below"),
    ];
    for (word, count, meaning) in
        rows.into_iter().filter(|(word, count, _)| *count > 0 || *word == "accepted")
    {
        let figure = format!("{:>11}", number(count));
        let figure = match word {
            "accepted" => style(figure).green().bold(),
            "refused" | "bounced" => style(figure).red().bold(),
            "unknown" | "deferred" => style(figure).yellow().bold(),
            _ => style(figure).bold(),
        };
        out.line(format!("{figure}  {word:<9}  {}", style(meaning).dim()));
    }
    out.line(format!("{:>11}  in all", number(counts.total)));
}

fn reasons(out: &Output, report: &Report) {
    if !report.left_out.is_empty() {
        out.line("");
        out.heading("Left out");
        let mut sorted: Vec<(&String, &i64)> = report.left_out.iter().collect();
        sorted.sort_by(|(one, a), (other, b)| b.cmp(a).then(one.cmp(other)));
        for (reason, count) in sorted {
            out.line(format!("{:>11}  {}", number(*count), explained(reason)));
        }
    }
    if !report.failures.is_empty() {
        out.line("");
        out.heading("What the relay said");
        for (words, count) in &report.failures {
            let words: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            let words = console::truncate_str(&words, out.width().saturating_sub(13), "…").into_owned();
            out.line(format!("{:>11}  {words}", number(*count)));
        }
    }
}

/// Prints what a dry run found.
pub(crate) fn preview(out: &Output, preview: &Preview) {
    preview_of(out, "in the selection", preview);
}

/// The same; `whole`: what everybody together is.
pub(crate) fn preview_of(out: &Output, whole: &str, preview: &Preview) {
    out.line(format!("{:>11}  {whole}", number(preview.total)));
    let figure = style(format!("{:>11}", number(preview.would_receive))).green().bold();
    out.line(format!("{figure}  would receive a mail"));
    for (reason, count) in &preview.left_out {
        out.line(format!("{:>11}  left out: {}", number(*count), reason.explain()));
    }
}

/// A reason in words.
pub(crate) fn explained(reason: &str) -> String {
    Reason::parse(reason).map_or_else(|| reason.to_owned(), |reason| reason.explain().to_owned())
}

fn state(state: RunState) -> String {
    let word = state.to_string();
    match state {
        RunState::Finished => style(word).green().to_string(),
        RunState::Failed | RunState::Cancelled => style(word).red().to_string(),
        RunState::Paused => style(word).yellow().to_string(),
        RunState::Preparing | RunState::Running => word,
    }
}

/// `840 ms`, `12.4 s`, `3 min 5 s`, `2 h 10 min`.
pub(crate) fn duration(milliseconds: i64) -> String {
    let seconds = milliseconds / 1_000;
    match milliseconds {
        ..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{}.{} s", seconds, milliseconds % 1_000 / 100),
        60_000..3_600_000 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
    }
}

/// How a command that waited for a run ends, and the one sentence that says so.
pub(crate) fn done(report: &Report) -> Result<Done, crate::failure::Failure> {
    let run = &report.run;
    let cause = run.cause.clone().unwrap_or_default();
    match run.state {
        RunState::Finished if run.counts.refused + run.counts.unknown > 0 => Ok(Done::SomeFailed),
        RunState::Finished | RunState::Running | RunState::Preparing => Ok(Done::All),
        RunState::Paused => Err(crate::failure::Failure::failed(format!(
            "the run paused: {cause}. {} wait{}",
            people(run.counts.waiting() + run.counts.deferred),
            if run.job.carries() == Carries::Password { ", each with the old password intact" } else { "" }
        ))
        .hint(format!("mend the cause, then: passpost run resume {}", run.number))),
        RunState::Cancelled => {
            Err(crate::failure::Failure::failed(format!("the run was cancelled: {cause}")))
        }
        RunState::Failed => Err(crate::failure::Failure::failed(format!("the run failed: {cause}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_written_in_the_units_it_deserves() {
        assert_eq!(
            [840, 12_450, 185_000, 7_800_000].map(duration),
            ["840 ms", "12.4 s", "3 min 5 s", "2 h 10 min"]
        );
    }

    #[test]
    fn a_reason_is_explained_and_an_unknown_one_is_shown_as_it_is() {
        assert_eq!(explained("api_user"), Reason::ApiUser.explain());
        assert_eq!(explained("5.1.1"), "5.1.1");
    }
}
