//! Which of the two forms counts.

use super::*;
use crate::query::encode;

/// The fields a page with this draft sends back, some of them changed.
fn back(draft: &Draft, changes: &[(&str, &str)]) -> Pairs {
    let catalogue = Catalogue::default();
    let mut fields = vec![
        ("filter".to_owned(), draft.text.clone()),
        ("shown".to_owned(), draft.shown()),
        ("said".to_owned(), draft.said(&catalogue)),
    ];
    if let Some(builder) = &draft.builder {
        write(builder, &mut Vec::new(), &mut fields);
    }
    for (name, value) in changes {
        fields.retain(|(other, _)| other != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    Pairs::parse(&pairs.join("&")).unwrap()
}

fn write(container: &Container, way: &mut Vec<usize>, fields: &mut Vec<(String, String)>) {
    let flag = |is: bool| if is { "1" } else { "0" }.to_owned();
    let place = write_way(way);
    fields.push((format!("any-{place}"), flag(container.any)));
    fields.push((format!("not-{place}"), flag(container.not)));
    for (number, part) in container.parts.iter().enumerate() {
        way.push(number);
        let place = write_way(way);
        match part {
            Part::Container(inner) => write(inner, way, fields),
            Part::Criterion(row) => {
                let values = [
                    ("not", flag(row.not)),
                    ("attribute", row.attribute.clone()),
                    ("before", row.attribute.clone()),
                    ("operator", row.operator.to_string()),
                    ("value", row.value.clone()),
                    ("when", row.when.as_str().to_owned()),
                    ("amount", row.amount.clone()),
                    ("unit", row.unit.as_str().to_owned()),
                ];
                fields.extend(values.map(|(name, value)| (format!("{name}-{place}"), value)));
            }
        }
        way.pop();
    }
}

fn draft(text: &str, changes: &[(&str, &str)]) -> Draft {
    let catalogue = Catalogue::default();
    Draft::sent(&back(&Draft::of_text(text, &catalogue), changes), &catalogue)
}

#[test]
fn a_page_sent_back_untouched_changes_nothing() {
    for text in [
        "",
        "blocked eq true",
        "BLOCKED EQ true\n  and (rank ge 2 or not (verified eq true))",
        "groups[name eq \"a\" and added_at lt \"now-3d\"]",
        "language eq null",
    ] {
        let draft = draft(text, &[]);
        assert_eq!(draft.text, text);
        assert!(!draft.is_torn && draft.problem.is_none());
    }
}

#[test]
fn a_changed_row_changes_the_text_and_a_changed_text_the_rows() {
    let text = "rank ge 2 and blocked eq true";
    assert_eq!(draft(text, &[("value-0", "3")]).text, "rank ge 3 and blocked eq true");
    let changed = draft(text, &[("filter", "rank ge 1 or expired eq true")]);
    let builder = changed.builder.unwrap();
    assert!(builder.any && builder.text(&Catalogue::default()) == "rank ge 1 or expired eq true");
}

#[test]
fn when_both_were_changed_nothing_is_lost_until_one_is_chosen() {
    let both = [("value-0", "3"), ("filter", "blocked eq false")];
    let torn = draft("rank ge 2", &both);
    assert!(torn.is_torn);
    assert_eq!(torn.text, "blocked eq false");
    assert_eq!(torn.builder.as_ref().unwrap().text(&Catalogue::default()), "rank ge 3");
    let catalogue = Catalogue::default();
    assert!(Draft::sent(&back(&torn, &[]), &catalogue).is_torn, "it stays so");
    assert_eq!(Draft::sent(&back(&torn, &[("act", "use-builder")]), &catalogue).text, "rank ge 3");
    let chosen = Draft::sent(&back(&torn, &[("act", "use-text")]), &catalogue);
    assert_eq!(chosen.builder.unwrap().text(&catalogue), "blocked eq false");
}

#[test]
fn a_slip_in_the_text_is_not_overwritten_by_the_builder() {
    let catalogue = Catalogue::default();
    let slip = draft("rank ge 2", &[("filter", "rank gee 2")]);
    assert_eq!(slip.problem.as_ref().unwrap().column, 6);
    let next = Draft::sent(&back(&slip, &[("value-0", "1")]), &catalogue);
    assert!(next.is_torn);
    assert_eq!(next.text, "rank gee 2");
}

#[test]
fn buttons_change_the_builder_and_the_text_follows() {
    let text = "rank ge 2 and blocked eq true";
    assert_eq!(draft(text, &[("act", "remove 0")]).text, "blocked eq true");
    assert_eq!(draft(text, &[("act", "switch ")]).text, "rank ge 2 or blocked eq true");
    let added = draft(text, &[("act", "add ")]);
    assert_eq!((added.builder.unwrap().rows(), added.text.as_str()), (3, text));
    // A place of the builder before the text was changed is not taken for one after.
    let both = draft(text, &[("act", "remove 0"), ("filter", "expired eq true and rank ge 1")]);
    assert_eq!(both.text, "expired eq true and rank ge 1");
    for nonsense in ["remove 9.9", "remove x", "add 0", "nonsense", "up 0"] {
        assert_eq!(draft(text, &[("act", nonsense)]).text, text, "{nonsense}");
    }
}

#[test]
fn another_attribute_brings_its_own_operators() {
    let row = draft("username sw \"ada\"", &[("attribute-0", "created_at")]).builder.unwrap().parts.remove(0);
    let Part::Criterion(row) = row else { panic!("a row") };
    assert_eq!(
        (row.attribute.as_str(), row.operator, row.value.as_str()),
        ("created_at", Operator::Less, "")
    );
}
