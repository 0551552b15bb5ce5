//! The text of conditions; what they select is told in tests/condition.rs, on both databases.

use super::*;
use domain::filter::{AttributeDefinition, Catalogue, Surroundings, resolve};
use jiff::tz::TimeZone;

fn condition(text: &str, first: usize) -> Condition {
    let kinds = [("tier", AttributeKind::String), ("score", AttributeKind::Number)];
    let catalogue = Catalogue::new(kinds.map(|(name, kind)| AttributeDefinition { name: name.into(), kind }));
    let surroundings = Surroundings {
        now: "2026-11-21T09:00:00Z".parse().unwrap(),
        zone: &TimeZone::UTC,
        catalogue: &catalogue,
        name: None,
        selections: &|_| None,
    };
    Condition::new(&resolve(text, &surroundings).unwrap(), first)
}

#[test]
fn the_example_of_the_specification_becomes_one_condition() {
    let made = condition(
        r#"groups.name eq "Members" and password.changed_at lt "now-90d" and not (api_user eq true)"#,
        3,
    );
    insta::assert_snapshot!(made.sql, @r#"((p.id IN (SELECT m.person_id FROM group_members m WHERE (m.group_id IN (SELECT g.id FROM "groups" g WHERE LOWER(g.name) = LOWER(CAST($3 AS TEXT)))))) AND ((p.password_changed_at IS NOT NULL AND p.password_changed_at < CAST($4 AS BIGINT)) AND NOT (p.user_type IS NOT NULL AND p.user_type = 'api')))"#);
    assert_eq!(made.values, [Value::Text("members".into()), Value::Int(1_787_475_600_000)]);
}

#[test]
fn one_subquery_leads_and_the_others_are_looked_up() {
    let leads = |text: &str| condition(text, 1).sql.matches("p.id IN").count();
    assert_eq!(leads(r#"groups.name eq "a" and attributes.tier eq "gold" and attributes.score gt 1"#), 1);
    assert!(
        condition(r#"groups.name eq "a" and attributes.tier eq "gold""#, 1).sql.contains("IN (SELECT v.")
    );
    assert_eq!(leads(r#"not (groups.name eq "a") and (blocked eq true or attributes.tier eq "gold")"#), 0);
    assert_eq!(leads(r#"username eq "ada" and groups.name eq "a""#), 0);
}

#[test]
fn no_value_ever_stands_in_the_text() {
    let made =
        condition(r#"given_name co "'; DROP" or attributes.tier ew "%_$1?" or attributes.score gt 77"#, 1);
    assert!(
        !["DROP", "drop", "%", "?", "tier", "77"].iter().any(|piece| made.sql.contains(piece)),
        "{}",
        made.sql
    );
}

#[test]
fn the_end_of_a_range_of_prefixes_is_the_next_text() {
    for (text, end) in [
        ("ab", Some("ac")),
        ("a\u{7f}", Some("a\u{80}")),
        ("a\u{d7ff}", Some("a\u{e000}")),
        ("a\u{10ffff}", Some("b")),
        ("\u{10ffff}", None),
    ] {
        assert_eq!(after(text).as_deref(), end);
    }
}
