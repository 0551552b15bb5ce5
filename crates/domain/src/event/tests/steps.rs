//! The saved first step: which settings go with which event.

use super::*;

/// One step that uses one setting, by the name of its field.
fn with(setting: &str, kind: &EventType) -> EventStep {
    let mut step = EventStep::any(kind.clone());
    match setting {
        "source" => step.source = Some("/courses".into()),
        "group" => step.group = Some(group(1)),
        "attributes" => step.attributes = vec!["mail".into()],
        "automation" => step.automation = Some(automation(1)),
        _ => step.system_user = Some(person(1)),
    }
    step
}

#[test]
fn a_setting_is_refused_where_it_does_not_belong_to_the_event() {
    let custom = event("org.example.booked");
    let every = BuiltIn::ALL.iter().map(|&one| EventType::from(one)).chain([custom.clone()]);
    for kind in every {
        let name = kind.type_name().into_owned();
        let is = |names: &[&str]| names.iter().any(|one| name == format!("passpost.{one}"));
        for (setting, belongs) in [
            ("source", kind == custom),
            (
                "group",
                kind == custom
                    || is(&[
                        "group.member_added",
                        "group.member_removed",
                        "group.subscribed",
                        "group.unsubscribed",
                    ]),
            ),
            ("attributes", is(&["person.changed"])),
            ("automation", is(&["run.finished", "automation.finished"])),
            ("system_user", is(&["system.logged_on"])),
        ] {
            let result = with(setting, &kind).validate();
            assert_eq!(result.is_ok(), belongs, "{setting} of {name}: {result:?}");
            if let Err(problems) = result {
                assert_eq!((problems.len(), problems[0].field.as_str()), (1, setting), "{problems:?}");
            }
        }
        assert_eq!(EventStep::any(kind).validate(), Ok(()));
    }
}

#[test]
fn a_step_reads_back_as_written_and_refuses_what_it_does_not_know() {
    let json = r#"{"event":"passpost.person.changed","attributes":["mail"],
        "conditions":[{"field":"attributes.0","operator":"starts_with","value":"M","ignore_case":true}]}"#;
    let step: EventStep = serde_json::from_str(json).unwrap();
    assert_eq!(step.event, BuiltIn::PersonChanged.into());
    assert_eq!(step.conditions[0].operator, Operator::StartsWith);
    let text = serde_json::to_string(&step).unwrap();
    assert_eq!(serde_json::from_str::<EventStep>(&text).unwrap(), step);
    for wrong in [
        r#"{"event":"passpost.person.changed","groups":[]}"#,
        r#"{"event":"passpost.nothing"}"#,
        r#"{"attributes":["mail"]}"#,
        r#"{"event":"x","conditions":[{"field":"a","operator":"like","value":"b"}]}"#,
        r#"{"event":"x","conditions":[{"field":"a","operator":"equals","value":"b","case":true}]}"#,
    ] {
        assert!(serde_json::from_str::<EventStep>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_limits_of_a_step_are_told_with_their_place() {
    let custom = event("org.example.booked");
    let many = vec![condition("a", Operator::Equals, "b"); MOST_CONDITIONS];
    let full = EventStep { conditions: many.clone(), ..EventStep::any(custom.clone()) };
    assert_eq!(full.validate(), Ok(()));
    let mut over = full.clone();
    over.conditions.push(condition("a", Operator::Equals, "b"));
    assert_eq!(told(&over.validate().unwrap_err()), [("conditions", "at most 20, not 21")]);

    let spaced = EventStep { source: Some("my courses".into()), ..EventStep::any(custom) };
    assert_eq!(spaced.validate().unwrap_err()[0].field, "source");
    let unnamed = EventStep {
        attributes: vec!["mail".into(), " ".into()],
        ..EventStep::any(event("passpost.person.changed"))
    };
    assert_eq!(unnamed.validate().unwrap_err()[0].field, "attributes");
}

#[test]
fn every_wrong_condition_is_told_with_its_number() {
    let conditions = vec![
        condition("", Operator::Equals, "x"),
        condition("a..b", Operator::Equals, "x"),
        condition("$Type", Operator::Equals, "x"),
        condition("$contact", Operator::Equals, "x"),
        condition("$time", Operator::Equals, "x"),
        condition(&"a".repeat(201), Operator::Equals, "x"),
        condition("a", Operator::StartsWith, ""),
        condition("a", Operator::Matches, "(x"),
        condition("a", Operator::Matches, "x{2,1}"),
        condition("a", Operator::Matches, r"(\pL{1000}){1000}"),
        condition("a", Operator::Equals, &"x".repeat(501)),
        condition("a.b", Operator::Equals, ""),
    ];
    let problems =
        EventStep { conditions, ..EventStep::any(event("org.example.booked")) }.validate().unwrap_err();
    let expected = [
        ("conditions[0].field", "the field is missing"),
        ("conditions[1].field", "has an empty step"),
        ("conditions[2].field", "small letters"),
        ("conditions[3].field", "choose people with a selection"),
        ("conditions[4].field", "cannot be compared"),
        ("conditions[5].field", "at most 200 characters, not 201"),
        ("conditions[6].value", "the value is missing"),
        ("conditions[7].value", "unclosed group, at character 1"),
        ("conditions[8].value", "at character 2"),
        ("conditions[9].value", "too large"),
        ("conditions[10].value", "at most 500 characters, not 501"),
    ];
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
    for (problem, (field, says)) in problems.iter().zip(expected) {
        assert_eq!(problem.field, field);
        assert!(problem.message.contains(says), "{field}: {}", problem.message);
    }
}
