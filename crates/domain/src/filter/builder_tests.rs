//! From text to builder and back.

use super::super::tests::{catalogue, filters};
use super::*;
use crate::filter::parse;
use proptest::prelude::*;

fn shown(text: &str) -> Option<Container> {
    Container::show(&parse(text, &catalogue()).unwrap())
}

#[test]
fn a_filter_is_shown_row_by_row_and_read_back() {
    for text in [
        "username pr",
        "not (blocked eq true)",
        "groups.name eq \"members\" and password.changed_at lt \"now-90d\" and not (api_user eq true)",
        "not (blocked eq true or (rank ge 2 and attributes.score lt 2.5)) and selection eq \"Staff\"",
        "created_at ge \"today\" or created_at ge \"today-1mo\" or created_at eq \"2026-11-21\"",
        "created_at lt \"now\" or created_at lt \"now+2h\" or created_at lt \"2026-11-21T09:00:00Z\"",
        "not (not (blocked eq true))",
    ] {
        let builder = shown(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(builder.text(&catalogue()), text);
        assert!(builder.is_finished(&catalogue()));
    }
}

#[test]
fn what_no_row_can_hold_stays_a_text() {
    for text in ["groups[name eq \"a\" and added_at lt \"now-30d\"]", "created_at lt \"now-1d-2h\""] {
        assert_eq!(shown(text), None, "{text}");
    }
    assert_eq!(shown(&vec!["rank eq 1"; MOST_ROWS + 1].join(" or ")), None);
    let deep = format!("{}rank eq 1{}", "(rank eq 2 or (rank eq 3 and ".repeat(5), "))".repeat(5));
    assert_eq!(shown(&deep), None);
}

#[test]
fn no_value_is_said_in_one_way() {
    assert_eq!(shown("language eq null").unwrap().text(&catalogue()), "not (language pr)");
    assert_eq!(shown("not (language eq null)").unwrap().text(&catalogue()), "language pr");
    assert_eq!(shown("language ne null").unwrap().text(&catalogue()), "language pr");
}

#[test]
fn what_is_not_finished_is_left_out_and_says_why() {
    let row = |attribute: &str, operator, value: &str| Criterion {
        attribute: attribute.into(),
        operator,
        value: value.into(),
        ..Criterion::default()
    };
    for (row, why) in [
        (Criterion::default(), Unfinished::Empty),
        (row("rank", Operator::AtLeast, "two"), Unfinished::Wrong(Kind::Whole)),
        (row("rank", Operator::AtLeast, "1 or blocked eq true"), Unfinished::Wrong(Kind::Whole)),
        (row("id", Operator::Equal, "x"), Unfinished::Wrong(Kind::Id)),
        (row("gone", Operator::Equal, "x"), Unfinished::Attribute),
        (row("created_at", Operator::Less, ""), Unfinished::Empty),
        (
            Criterion { when: When::Day, ..row("created_at", Operator::Less, "2026-02-30") },
            Unfinished::Wrong(Kind::Time),
        ),
        (
            Criterion { amount: "-3".into(), ..row("created_at", Operator::Less, "") },
            Unfinished::Wrong(Kind::Time),
        ),
    ] {
        assert_eq!(row.filter(&catalogue()), Err(why), "{row:?}");
        let finished = Criterion { attribute: "username".into(), operator: Operator::Present, ..row.clone() };
        let parts = vec![Part::Criterion(row), Part::Criterion(finished)];
        let builder = Container { not: false, any: false, parts };
        assert_eq!(builder.text(&catalogue()), "username pr");
        assert!(!builder.is_finished(&catalogue()));
    }
    let quoted = row("given_name", Operator::Equal, "a\" or username pr or given_name eq \"");
    assert!(
        matches!(quoted.filter(&catalogue()), Ok(Filter::Test { .. })),
        "a value never becomes structure"
    );
}

#[test]
fn another_attribute_keeps_only_what_fits() {
    let mut row = Criterion { value: "members".into(), ..Criterion::default() };
    let before = row.kind(&catalogue());
    row.attribute = "rank".into();
    row.retype(before, &catalogue());
    assert_eq!((row.value.as_str(), row.operator), ("", Operator::Equal));
    row.attribute = "created_at".into();
    row.retype(Some(Kind::Whole), &catalogue());
    assert_eq!(row.operator, Operator::Less);
}

proptest! {
    #[test]
    fn the_builder_s_text_finds_the_same_people(text in filters()) {
        let filter = parse(&text, &catalogue()).map_err(|p| TestCaseError::fail(p.to_string()))?;
        if let Some(builder) = Container::show(&filter) {
            let printed = builder.text(&catalogue());
            let back = parse(&printed, &catalogue()).map_err(|p| TestCaseError::fail(p.to_string()))?;
            prop_assert_eq!(plain(&back), plain(&filter));
            let again = Container::show(&back).map(|builder| builder.text(&catalogue()));
            prop_assert_eq!(again, Some(printed), "what is shown again reads the same");
        }
    }
}

/// Without the second way of saying that there is no value, and without containers of one part.
fn plain(filter: &Filter) -> Filter {
    let each = |of: &[Filter]| of.iter().map(plain).collect::<Vec<_>>();
    match filter {
        Filter::All { of } => Filter::All { of: each(of) },
        Filter::Any { of } => Filter::Any { of: each(of) },
        Filter::InGroup { of } => Filter::InGroup { of: Box::new(plain(of)) },
        Filter::Not { of } => match plain(of) {
            // `not (x eq null)` becomes `x pr`, without two negations.
            Filter::Not { of: inner } if is_null(of) => *inner,
            other => Filter::Not { of: Box::new(other) },
        },
        Filter::Test { attribute, operator, value: Some(Value::Null), place } => {
            let value = Filter::Test {
                attribute: attribute.clone(),
                operator: Operator::Present,
                value: None,
                place: *place,
            };
            if *operator == Operator::Equal { Filter::Not { of: Box::new(value) } } else { value }
        }
        test @ Filter::Test { .. } => test.clone(),
    }
}

fn is_null(filter: &Filter) -> bool {
    matches!(filter, Filter::Test { value: Some(Value::Null), operator: Operator::Equal, .. })
}
