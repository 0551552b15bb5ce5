//! What the demo says, in eighty columns.

use super::Args;
use super::house::OWNER;
use crate::output::{Output, number, people};
use crate::report;
use crate::settings::Settings;
use console::style;
use domain::secret::Secret;
use flow::Report;
use mail::mailbox::Mailbox;
use std::time::Duration;
use store::automation::Automation;
use store::import::Outcome;

pub(super) fn title(out: &Output, args: &Args, settings: &Settings) {
    let relay = settings.relays.first().map_or_else(
        || "the mailbox inside the program".to_owned(),
        |relay| format!("the relay {}", relay.name),
    );
    let count = people(i64::try_from(args.people).unwrap_or(i64::MAX));
    out.note(format!(
        "\n  {}  {count}, SQLite, {relay}\n",
        style("Passpost demo").for_stderr().bold().cyan()
    ));
}

/// A step that is done.
pub(super) fn done(out: &Output, what: &str, how: &str) {
    let how = console::truncate_str(how, out.width().saturating_sub(20), "…").into_owned();
    out.note(format!("  {} {what:<13} {how}", style("✔").for_stderr().green()));
}

pub(super) fn imported(out: &Output, outcome: &Outcome, took: Duration) {
    let whole = |count: u64| number(i64::try_from(count).unwrap_or(i64::MAX));
    let took = report::duration(i64::try_from(took.as_millis()).unwrap_or(i64::MAX));
    done(
        out,
        "People",
        &format!("{} imported in {took}, {} rows refused", whole(outcome.created), outcome.refused),
    );
    if let Some(problem) = outcome.problems.first() {
        let text = format!("line {}: {}", problem.line, problem.reason);
        let text = console::truncate_str(&text, out.width().saturating_sub(22), "…").into_owned();
        out.note(format!("                  {}", style(text).for_stderr().dim()));
    }
}

pub(super) fn automation(out: &Output, one: &Automation) {
    let schedule = one.schedule.as_ref().map(ToString::to_string).unwrap_or_default();
    done(out, "Automation", &format!("{:?}, active", one.name));
    // In two lines: what repeats, and where it ends.
    let (what, rest) = schedule.split_at(schedule.find(", never on").unwrap_or(schedule.len()));
    for line in [what, rest.trim_start_matches(", ")].into_iter().filter(|line| !line.is_empty()) {
        out.note(format!("                  {}", style(line).for_stderr().dim()));
    }
}

pub(super) fn report(out: &Output, report: &Report, mailbox: Option<&Mailbox>) {
    out.show(report, |report, out| {
        report::print(out, report);
        sample(out, mailbox);
    });
}

/// The newest mail in English, or the newest; its password is shown because that is what a demo is for.
fn sample(out: &Output, mailbox: Option<&Mailbox>) {
    let Some(mailbox) = mailbox else { return };
    let newest = mailbox.list(0, 50);
    let is_fit = |to: &str, subject: &str| subject.starts_with("Your ") && !to.ends_with("@portal.example");
    let chosen = newest.iter().find(|one| is_fit(&one.envelope_to, &one.subject)).or_else(|| newest.first());
    let Some(mail) = chosen.and_then(|one| mailbox.get(one.id)) else { return };
    out.line("");
    out.heading(format!(
        "One of the {} mails",
        number(i64::try_from(mailbox.counts().delivered).unwrap_or(0))
    ));
    let edge = style("│").dim();
    for name in ["From", "To", "Subject"] {
        let value = mail.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        let value = match name {
            // Decoded, as mail programs show them.
            "Subject" => mail.summary.subject.clone(),
            "To" => mail.summary.envelope_to.clone(),
            _ => value.map(|(_, value)| value.trim().to_owned()).unwrap_or_default(),
        };
        out.line(format!("  {edge} {} {value}", style(format!("{name}:")).dim()));
    }
    out.line(format!("  {edge}"));
    for line in mail.text.as_deref().unwrap_or_default().trim_end().lines() {
        let line: String = line.chars().filter(|c| !c.is_control()).collect();
        out.line(format!("  {edge} {line}"));
    }
}

pub(super) fn where_to_look(out: &Output, settings: &Settings, password: &Secret) {
    let base = &settings.server.base_url;
    out.note("");
    out.note(style("Look around").for_stderr().bold());
    let row = |what: &str, link: String, how: &str| {
        out.note(format!("  {what:<9} {:<32} {how}", style(link).for_stderr().cyan().underlined()));
    };
    if settings.mailbox_is_relay() {
        row("Mailbox", format!("{base}/mailbox"), "every mail of the run");
    }
    row("Sign in", format!("{base}/login"), "with a password from a mail");
    row("Console", format!("{base}/console"), "as the Owner:");
    out.note(format!(
        "            user name {}, password {}",
        style(OWNER).for_stderr().bold(),
        style(password.expose()).for_stderr().bold()
    ));
    out.note(format!("\n  {}", style("Ctrl-C ends the demo.").for_stderr().dim()));
}

pub(super) fn farewell(out: &Output) {
    out.note("\n  Ended. Your own: copy config.example.toml to passpost.toml, then passpost serve.");
}
