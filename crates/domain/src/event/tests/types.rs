//! The types there are and what they carry.

use super::*;
use std::collections::BTreeSet;

#[test]
fn every_built_in_type_reads_back_from_its_text_and_its_json() {
    assert_eq!(BuiltIn::ALL.len(), 16);
    for &one in BuiltIn::ALL {
        let text = one.type_name();
        assert_eq!(text, format!("passpost.{one}"));
        assert_eq!(EventType::parse(&text), Ok(EventType::BuiltIn(one)));
        let json = serde_json::to_string(&EventType::from(one)).unwrap();
        assert_eq!(json, format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<EventType>(&json).unwrap().built_in(), Some(one));
    }
}

#[test]
fn a_custom_type_has_1_to_200_characters_without_spaces() {
    for good in ["org.example.course.booked", "x", "Buchung.geändert", "passposted", &"ü".repeat(200)] {
        let read = event(good);
        assert_eq!(read, EventType::Custom(good.into()));
        assert_eq!((read.type_name().as_ref(), read.built_in()), (good, None));
    }
    for (wrong, says) in [
        ("", "is missing"),
        (&*"x".repeat(201), "at most 200 characters, not 201"),
        ("course booked", "no spaces"),
        ("course\u{7}", "no control characters"),
        ("course\u{a0}booked", "no spaces"),
        ("passpost.person.renamed", "there are passpost.person.created, passpost.person.changed"),
        ("Passpost.person.created", "is no event of Passpost"),
        ("passpost.", "passpost.automation.finished"),
    ] {
        let error = EventType::parse(wrong).unwrap_err().to_string();
        assert!(error.contains(says), "{wrong}: {error}");
        assert!(serde_json::from_value::<EventType>(json!(wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn the_nature_of_a_built_in_event_agrees_with_whom_it_carries() {
    for &one in BuiltIn::ALL {
        let carried = one.carried();
        match one.nature() {
            Nature::Contact => assert!(carried.contact && !carried.system_user, "{one}"),
            Nature::System => assert!(!carried.contact, "{one}"),
            Nature::Both => assert!(carried.contact && carried.system_user, "{one}"),
        }
    }
    let custom = event("org.example.booked");
    assert_eq!(custom.nature(), Nature::Both);
    let carried = custom.carried();
    assert!(carried.contact && carried.system_user && carried.group && !carried.run && !carried.automation);
}

#[test]
fn data_fields_have_different_names_and_a_meaning() {
    for &one in BuiltIn::ALL {
        let fields = one.data_fields();
        let names: BTreeSet<&str> = fields.iter().map(|field| field.name).collect();
        assert_eq!(names.len(), fields.len(), "{one}");
        assert!(fields.iter().all(|field| field.meaning.ends_with('.')), "{one}");
        // A condition can ask about each of them.
        for field in fields {
            let conditions = vec![condition(field.name, Operator::NotEquals, "x")];
            assert_eq!(EventStep { conditions, ..EventStep::any(one.into()) }.validate(), Ok(()));
        }
    }
    assert!(event("org.example.booked").data_fields().is_empty());
}
