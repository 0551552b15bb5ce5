//! Types of events in words, in the operator's language.

use crate::console::shell::Choice;
use crate::words::Words;
use domain::event::{BuiltIn, Carried, EventType, Nature, Odd};
use domain::sentence::Tell as _;

/// The types built in, by what they are about.
pub(in crate::console) const GROUPS: [(&str, &[BuiltIn]); 4] = [
    (
        "events-of-people",
        &[
            BuiltIn::PersonCreated,
            BuiltIn::PersonChanged,
            BuiltIn::PasswordExpiring,
            BuiltIn::PasswordChanged,
        ],
    ),
    (
        "events-of-groups",
        &[BuiltIn::MemberAdded, BuiltIn::MemberRemoved, BuiltIn::Subscribed, BuiltIn::Unsubscribed],
    ),
    (
        "events-of-signing-in",
        &[
            BuiltIn::PreferencesLoggedIn,
            BuiltIn::LoggedOn,
            BuiltIn::LoginFailedRepeatedly,
            BuiltIn::LinkRequested,
        ],
    ),
    (
        "events-of-runs",
        &[BuiltIn::MailBounced, BuiltIn::ImportFinished, BuiltIn::RunFinished, BuiltIn::AutomationFinished],
    ),
];

/// What stands for a custom type in forms.
pub(in crate::console) const CUSTOM: &str = "custom";

/// The id of the words of a built-in type.
fn id_of(event: BuiltIn) -> String {
    format!("event-{}", event.as_str().replace(['.', '_'], "-"))
}

/// What a type is called; a custom one by itself.
pub(in crate::console) fn label(words: &Words, event: &EventType) -> String {
    event.built_in().map_or_else(|| event.to_string(), |one| words.say(&id_of(one)))
}

/// The same for the text of a type.
pub(in crate::console) fn label_of(words: &Words, text: &str) -> String {
    EventType::parse(text).map_or_else(|_| text.to_owned(), |event| label(words, &event))
}

/// What a type means, in one line.
pub(in crate::console) fn about(words: &Words, event: &EventType) -> String {
    match event.built_in() {
        Some(one) => words.say(&format!("{}-about", id_of(one))),
        None => words.say("event-custom-about"),
    }
}

/// Related to a contact (C), to the system (S), or either.
pub(in crate::console) const fn letters(nature: Nature) -> &'static str {
    match nature {
        Nature::Contact => "(C)",
        Nature::System => "(S)",
        Nature::Both => "(S/C)",
    }
}

/// The people and things a type carries, in a row; empty: nothing.
pub(in crate::console) fn carries(words: &Words, carried: Carried) -> String {
    let all = [
        (carried.contact && carried.system_user, "carries-person"),
        (carried.contact && !carried.system_user, "carries-contact"),
        (carried.system_user && !carried.contact, "carries-system-user"),
        (carried.group, "carries-group"),
        (carried.run, "carries-run"),
        (carried.automation, "carries-automation"),
    ];
    let said: Vec<String> = all.iter().filter(|(is, _)| *is).map(|(_, id)| words.say(id)).collect();
    said.join(", ")
}

/// What a field of an event's data says.
pub(in crate::console) fn meaning(words: &Words, field: &str) -> String {
    words.say(&format!("event-data-{}", field.replace('_', "-")))
}

/// What is odd about an event with a job, with the event by its name.
pub(in crate::console) fn odd(words: &Words, event: &EventType, odd: &Odd) -> String {
    let (event, job) = (label(words, event), String::new());
    match odd {
        Odd::NotOfEvents { job } => words.fill(odd.code(), "job", &words.say(&format!("job-{job}"))),
        _ => words.say_with(odd.code(), &[("event", &event), ("job", &job)]),
    }
}

/// Choices under a heading.
pub(in crate::console) struct ChoiceGroup {
    pub(in crate::console) label: String,
    pub(in crate::console) choices: Vec<Choice>,
}

/// Every type to choose from, the custom ones as one choice at the end.
pub(in crate::console) fn choices(words: &Words, chosen: &str) -> Vec<ChoiceGroup> {
    let of = |event: &BuiltIn| {
        let label = words.say(&id_of(*event));
        let text = format!("{label} {} – {}", letters(event.nature()), about(words, &(*event).into()));
        Choice::new(&event.type_name(), text, chosen)
    };
    let mut groups: Vec<ChoiceGroup> = GROUPS
        .iter()
        .map(|(id, events)| ChoiceGroup { label: words.say(id), choices: events.iter().map(of).collect() })
        .collect();
    let custom = format!("{} (S/C) – {}", words.say("event-custom"), words.say("event-custom-about"));
    let choices = vec![Choice::new(CUSTOM, custom, chosen)];
    groups.push(ChoiceGroup { label: words.say("events-of-others"), choices });
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::event::{DelayUnit, Operator};
    use domain::event_job::{EventJobReason, EventJobState};
    use domain::language::Language;

    #[test]
    fn every_built_in_type_stands_in_one_group() {
        let listed: Vec<BuiltIn> = GROUPS.iter().flat_map(|(_, all)| all.iter().copied()).collect();
        for event in BuiltIn::ALL {
            assert_eq!(listed.iter().filter(|one| *one == event).count(), 1, "{event}");
        }
    }

    #[test]
    fn every_type_field_state_reason_operator_and_unit_has_words_in_every_language() {
        for language in [Language::En, Language::De, Language::Fr] {
            let words = Words::of(language);
            let mut ids = Vec::new();
            for event in BuiltIn::ALL {
                ids.extend([id_of(*event), format!("{}-about", id_of(*event))]);
                for field in event.data_fields() {
                    ids.push(format!("event-data-{}", field.name.replace('_', "-")));
                }
            }
            ids.extend(EventJobState::ALL.iter().map(|one| format!("event-job-{one}")));
            ids.extend(EventJobReason::ALL.iter().map(|one| format!("event-reason-{one}")));
            ids.extend(Operator::ALL.iter().map(|one| format!("condition-{one}")));
            ids.extend(DelayUnit::ALL.iter().map(|one| format!("delay-{one}")));
            for job in ["to-contact", "to-system-user"] {
                ids.extend([
                    format!("job-send-new-password-{job}"),
                    format!("job-send-new-password-{job}-hint"),
                ]);
            }
            ids.extend(["job-send-reset-link".to_owned(), "job-send-reset-link-hint".to_owned()]);
            for id in ids.iter().map(|id| id.replace('_', "-")) {
                assert_ne!(words.say(&id), id, "{language:?}");
            }
        }
    }
}
