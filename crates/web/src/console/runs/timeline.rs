//! What happened to one recipient, in order and in words, and which password counts now.

use super::recipient::Read;
use crate::console::operator::Operator;
use domain::credential::CredentialState;
use domain::delivery::Outcome;
use domain::recipient::RecipientState;
use store::delivery::Listed;
use store::run::Run;

/// One thing that happened.
#[derive(Debug)]
pub(super) struct Entry {
    /// `good`, `bad`, `warn` or nothing.
    pub(super) tone: &'static str,
    pub(super) time: String,
    pub(super) what: String,
    /// Particulars, such as the relay's own words.
    pub(super) detail: String,
}

/// Everything that happened to a recipient, oldest first.
pub(super) fn of(operator: &Operator, run: &Run, read: &Read) -> Vec<Entry> {
    let at = |at_ms: i64| operator.at(at_ms);
    let entry = |tone, time, what: String, detail: String| Entry { tone, time, what, detail };
    let (one, place) = (&read.one, read.one.position.to_string());
    let planned = operator.fill("timeline-planned", "place", &place);
    let mut entries = vec![entry("", at(run.created_at), planned, String::new())];
    if one.state == RecipientState::LeftOut {
        let why = super::recipients::why(operator, one).unwrap_or_default();
        // Frozen with the audience, or found out at the last moment.
        let time = at(one.settled_at.unwrap_or(run.created_at));
        entries.push(entry("warn", time, operator.say("timeline-left-out"), why));
    }
    for delivery in &read.deliveries {
        entries.push(attempt(operator, delivery));
    }
    if one.state == RecipientState::Cancelled {
        let time = one.settled_at.map(at).unwrap_or_default();
        entries.push(entry("warn", time, operator.say("timeline-cancelled"), String::new()));
    }
    if let Some(due) = one.due_at {
        entries.push(entry("", at(due), operator.say("timeline-due"), String::new()));
    }
    let used = read.mailed.iter().any(|mailed| mailed.state == CredentialState::Used);
    let facts = read.person.as_ref().map(|person| &person.credential);
    let login = facts.and_then(|facts| facts.last_login_at).filter(|login| *login >= run.created_at);
    if used {
        let chosen = facts.filter(|facts| facts.has_password).and_then(|facts| facts.changed_at);
        let text = if chosen.is_some() { "timeline-used-and-set" } else { "timeline-used" };
        let time = chosen.or(login).map(at).unwrap_or_default();
        entries.push(entry("good", time, operator.say(text), String::new()));
    }
    if let Some(login) = login {
        entries.push(entry("good", at(login), operator.say("timeline-login"), String::new()));
    }
    entries
}

fn attempt(operator: &Operator, delivery: &Listed) -> Entry {
    let (tone, text) = match delivery.outcome {
        Outcome::Accepted => ("good", "timeline-accepted"),
        Outcome::Deferred => ("warn", "timeline-deferred"),
        Outcome::Refused => ("bad", "timeline-refused"),
        Outcome::Unknown => ("warn", "timeline-unknown"),
        Outcome::NotSent => ("warn", "timeline-not-sent"),
        Outcome::Bounced => ("bad", "timeline-bounced"),
    };
    let relay = if delivery.relay.is_empty() { "–" } else { delivery.relay.as_str() };
    let attempt = delivery.attempt.to_string();
    let what = operator.context.words.say_with(text, &[("relay", relay), ("attempt", attempt.as_str())]);
    let code = delivery.code.map(|code| code.to_string());
    let said: Vec<&str> = [code.as_deref(), delivery.enhanced.as_deref(), delivery.reply.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    Entry { tone, time: operator.at(delivery.recorded_at), what, detail: said.join(" ") }
}

/// Which password counts now, in words.
pub(super) fn counts_now(operator: &Operator, read: &Read) -> String {
    let Some(person) = &read.person else { return operator.say("counts-erased") };
    let now_ms = operator.now_ms();
    let has_password = person.credential.has_password;
    let newest = |state: CredentialState| read.mailed.iter().rev().find(|mailed| mailed.state == state);
    if person.blocked {
        return operator.say("counts-blocked");
    }
    if let Some(active) = newest(CredentialState::Active) {
        let until = operator.at(active.expires_at);
        let text = match (active.expires_at > now_ms, has_password) {
            (true, false) => "counts-mailed",
            (true, true) => "counts-mailed-and-old",
            (false, false) => "counts-expired",
            (false, true) => "counts-old",
        };
        return operator.fill(text, "time", &until);
    }
    let open = |mailed: &&store::view::Mailed| mailed.state.is_acceptable() && mailed.expires_at > now_ms;
    if read.mailed.iter().rev().any(|mailed| open(&mailed)) {
        return operator.say(if has_password { "counts-both" } else { "counts-lost-only" });
    }
    let used = newest(CredentialState::Used).is_some();
    let text = match (has_password, used, person.credential.must_change) {
        (true, true, _) => "counts-chosen",
        (true, false, _) => "counts-old",
        // A newer mail, of another run, may have taken its place.
        (false, _, true) => "counts-elsewhere",
        (false, _, false) => "counts-none",
    };
    operator.say(text)
}
