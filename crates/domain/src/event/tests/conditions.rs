//! Which events an automation listens to.

use super::*;
use crate::sentence::{Piece, Sentence};
use std::time::{Duration, Instant};

const BOOKED: &str = "org.example.course.booked";

fn booked() -> Sample {
    let data = json!({
        "course": {"id": 17, "name": "Grüne Küche", "open": true, "fee": 12.50, "room": null},
        "items": [{"name": "apron"}, {"name": "Knife"}],
        "0": "zero"
    });
    let mut sample = Sample::new(BOOKED, data);
    sample.extensions.insert("region".into(), "North".into());
    sample.subject = Some("booking/5");
    sample
}

fn holds(field: &str, operator: Operator, value: &str, ignore_case: bool) -> bool {
    let one = Condition { ignore_case, ..condition(field, operator, value) };
    booked().meets(&EventStep { conditions: vec![one], ..EventStep::any(event(BOOKED)) }).is_ok()
}

#[test]
fn each_operator_compares_the_text_of_a_field() {
    use Operator::{EndsWith, Equals, Matches, NotEquals, StartsWith};
    for (field, operator, value, expected) in [
        ("course.name", Equals, "Grüne Küche", true),
        ("course.name", Equals, "grüne küche", false),
        ("course.name", NotEquals, "Kochen", true),
        ("course.name", NotEquals, "Grüne Küche", false),
        ("course.name", StartsWith, "Grün", true),
        ("course.name", StartsWith, "Küche", false),
        ("course.name", EndsWith, "Küche", true),
        ("course.name", EndsWith, "Grüne", false),
        ("course.name", Matches, "ne K", true),
        ("course.name", Matches, "^Küche", false),
        ("course.name", Matches, r"^\w+ \w+$", true),
        ("course.id", Equals, "17", true),
        ("course.id", Equals, "17.0", false),
        ("course.id", Matches, r"^1\d$", true),
        ("course.fee", Equals, "12.5", true),
        ("course.open", Equals, "true", true),
        ("course.open", Equals, "1", false),
        ("items.1.name", Equals, "Knife", true),
        ("items.01.name", Equals, "Knife", true),
        ("items.2.name", Equals, "Knife", false),
        ("items.-1.name", Equals, "Knife", false),
        ("0", Equals, "zero", true),
        ("$type", EndsWith, ".booked", true),
        ("$source", Equals, "/courses", true),
        ("$subject", StartsWith, "booking/", true),
        ("$region", Equals, "North", true),
        ("$region", Equals, "South", false),
    ] {
        assert_eq!(holds(field, operator, value, false), expected, "{field} {operator} {value}");
    }
}

#[test]
fn a_missing_field_equals_nothing() {
    // Not there, null, a list, an object, below a text, an attribute not sent.
    for field in ["course.teacher", "course.room", "items", "course", "course.name.first", "$district"] {
        for operator in [Operator::Equals, Operator::StartsWith, Operator::EndsWith, Operator::Matches] {
            assert!(!holds(field, operator, "null", false), "{field} {operator}");
        }
        assert!(!holds(field, Operator::Equals, "", false), "{field}");
        assert!(!holds(field, Operator::Matches, ".*", false), "{field}");
        assert!(holds(field, Operator::NotEquals, "x", false), "{field}");
        assert!(holds(field, Operator::NotEquals, "", false), "{field}");
    }
}

#[test]
fn capital_letters_count_unless_they_are_ignored() {
    for operator in [Operator::Equals, Operator::StartsWith, Operator::EndsWith, Operator::Matches] {
        assert!(!holds("course.name", operator, "GRÜNE KÜCHE", false), "{operator}");
        assert!(holds("course.name", operator, "GRÜNE KÜCHE", true), "{operator}");
    }
    assert!(!holds("course.name", Operator::NotEquals, "GRÜNE KÜCHE", true));
    // Signs of an expression are not turned into others.
    assert!(holds("course.name", Operator::Matches, r"^\S+ \S+$", true));
}

#[test]
fn all_conditions_must_hold_and_the_first_that_does_not_is_told() {
    let conditions = vec![
        condition("course.id", Operator::Equals, "17"),
        condition("course.open", Operator::Equals, "false"),
        condition("course.id", Operator::Equals, "18"),
    ];
    let unmet = booked().meets(&EventStep { conditions, ..EventStep::any(event(BOOKED)) }).unwrap_err();
    let sentence = Sentence::from(unmet);
    assert_eq!(sentence.code(), "unmet-condition");
    assert_eq!(sentence.english(), "the condition “course.open equals false” does not hold");
    assert_eq!(sentence.pieces()[1], ("operator", Piece::Text("equals".into())));
}

#[test]
fn settings_limit_the_events_of_a_type() {
    let step = EventStep::any(event(BOOKED));
    assert_eq!(booked().meets(&step), Ok(()));
    assert_eq!(booked().meets(&EventStep::any(event("org.example.course"))), Err(Unmet::EventType));
    let of = |source: &str| EventStep { source: Some(source.into()), ..step.clone() };
    assert_eq!(booked().meets(&of("/courses")), Ok(()));
    assert_eq!(booked().meets(&of("/course")), Err(Unmet::Source { found: "/courses".into() }));

    let step = EventStep { group: Some(group(1)), ..EventStep::any(BuiltIn::MemberAdded.into()) };
    let mut added = Sample::new("passpost.group.member_added", json!({"group": "Staff"}));
    assert_eq!(added.meets(&step), Err(Unmet::Group));
    added.group = Some(group(2));
    assert_eq!(added.meets(&step), Err(Unmet::Group));
    added.group = Some(group(1));
    assert_eq!(added.meets(&step), Ok(()));

    let step =
        EventStep { automation: Some(automation(1)), ..EventStep::any(BuiltIn::AutomationFinished.into()) };
    let mut finished = Sample::new("passpost.automation.finished", Value::Null);
    assert_eq!(finished.meets(&step), Err(Unmet::Automation));
    finished.automation = Some(automation(1));
    assert_eq!(finished.meets(&step), Ok(()));

    let step = EventStep { system_user: Some(person(1)), ..EventStep::any(BuiltIn::LoggedOn.into()) };
    let mut logged_on = Sample::new("passpost.system.logged_on", Value::Null);
    logged_on.system_user = Some(person(2));
    assert_eq!(logged_on.meets(&step), Err(Unmet::SystemUser));
    logged_on.system_user = Some(person(1));
    assert_eq!(logged_on.meets(&step), Ok(()));
}

#[test]
fn of_a_changed_person_any_chosen_attribute_is_enough() {
    let step = |attributes: &[&str]| EventStep {
        attributes: attributes.iter().map(|&one| one.to_owned()).collect(),
        ..EventStep::any(BuiltIn::PersonChanged.into())
    };
    let changed = Sample::new("passpost.person.changed", json!({"attributes": ["city", "mail"]}));
    for (attributes, expected) in [
        (&[][..], Ok(())),
        (&["mail"], Ok(())),
        (&["phone", "city"], Ok(())),
        (&["phone"], Err(Unmet::Attributes)),
        (&["Mail"], Err(Unmet::Attributes)),
    ] {
        assert_eq!(changed.meets(&step(attributes)), expected, "{attributes:?}");
    }
    let unsaid = Sample::new("passpost.person.changed", Value::Null);
    assert_eq!(unsaid.meets(&step(&["mail"])), Err(Unmet::Attributes));
}

#[test]
fn an_expression_made_to_be_slow_is_not() {
    let mut sample = Sample::new(BOOKED, json!({"text": "a".repeat(60_000)}));
    sample.subject = None;
    let conditions = vec![condition("text", Operator::Matches, r"^(a+)+$|(a|aa)*b")];
    let begun = Instant::now();
    let result = sample.meets(&EventStep { conditions, ..EventStep::any(event(BOOKED)) });
    assert_eq!(result, Ok(()));
    assert!(begun.elapsed() < Duration::from_secs(5));
}
