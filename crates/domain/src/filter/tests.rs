//! Stories of the language: what is read, how it binds, what is refused and in which words.

use super::*;
use crate::person::AttributeKind;
use crate::sentence::Sentence;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use std::collections::HashMap;

pub(super) fn catalogue() -> Catalogue {
    let kinds = [
        ("tier", AttributeKind::String),
        ("score", AttributeKind::Number),
        ("vip", AttributeKind::Boolean),
        ("joined", AttributeKind::DateTime),
    ];
    Catalogue::new(kinds.map(|(name, kind)| AttributeDefinition { name: name.into(), kind }))
}

fn canonical(text: &str) -> String {
    parse(text, &catalogue()).unwrap_or_else(|problem| panic!("{problem}")).to_string()
}

fn refused(text: &str) -> Problem {
    match parse(text, &catalogue()) {
        Err(problem) => problem,
        Ok(filter) => panic!("{text} was read as {filter}"),
    }
}

#[test]
fn the_example_of_the_specification_is_read() {
    let text = r#"groups.name eq "members" and password.changed_at lt "now-90d" and not (api_user eq true)"#;
    assert_eq!(canonical(text), text);
}

#[test]
fn and_binds_tighter_than_or_and_not_tightest() {
    assert_eq!(
        canonical("blocked eq true or verified eq true and not (expired eq true) or rank ge 2"),
        "blocked eq true or (verified eq true and not (expired eq true)) or rank ge 2"
    );
    assert_eq!(
        canonical("(blocked eq true or verified eq true) and rank ge 2"),
        "(blocked eq true or verified eq true) and rank ge 2"
    );
}

#[test]
fn names_operators_and_keywords_are_read_in_any_case() {
    assert_eq!(
        canonical("NOT(Given_Name SW \"A\")AND(Groups[NAME Eq \"x\"])Or Attributes.TIER nE NULL"),
        "(not (given_name sw \"A\") and groups[name eq \"x\"]) or attributes.tier ne null"
    );
    assert_eq!(
        canonical("user_type eq \"API\"\n\tand blocked\u{a0}eq TRUE"),
        "user_type eq \"api\" and blocked eq true"
    );
}

#[test]
fn every_kind_of_value_has_one_canonical_form() {
    for (given, wanted) in [
        (r#"given_name eq "Ad\u0061 \"\\\/""#, r#"given_name eq "Ada \"\\/""#),
        ("attributes.score gt -1.50e1", "attributes.score gt -15"),
        ("attributes.score le 0.1", "attributes.score le 0.1"),
        ("attributes.score eq 1e300", "attributes.score eq 1e+300"),
        ("attributes.score eq -0", "attributes.score eq 0"),
        ("rank eq 2.0", "rank eq 2"),
        (r#"created_at gt " NOW - 1d + 2h ""#, r#"created_at gt "now-1d+2h""#),
        (r#"created_at eq "2026-11-21T10:00:00+01:00""#, r#"created_at eq "2026-11-21T09:00:00Z""#),
        (r#"attributes.joined ge "2026-11-21""#, r#"attributes.joined ge "2026-11-21""#),
    ] {
        assert_eq!(canonical(given), wanted);
    }
}

#[test]
fn what_is_wrong_is_refused_at_its_place() {
    for (text, column, message) in [
        ("blocked", 8, "an operator is missing after `blocked`"),
        ("not blocked eq true", 5, "`not` is followed by a filter in parentheses"),
        ("(blocked eq true", 17, "the filter ends too early"),
        ("blocked eq true)", 16, "this `)` closes nothing"),
        ("()", 2, "a criterion was expected here"),
        ("blocked eq true verified eq true", 17, "`and` or `or` was expected before the next criterion"),
        ("blocked eq true and", 20, "a criterion was expected here"),
        ("given_name eq \"Ada", 15, "the closing double quote is missing"),
        ("given_name eq \"a\\x\"", 15, "after a backslash only \" \\ / b f n r t or u and four hex digits"),
        (
            "given_name eq \"a\\u0000\"",
            15,
            "the character \\u0000 cannot be stored, so nothing can contain it",
        ),
        ("given_name eq \"\"", 15, "an empty text cannot be compared with"),
        ("given_name gt null", 15, "nothing is `gt` null"),
        ("blocked gt true", 9, "`gt` does not apply to `blocked`, which is true or false"),
        ("rank co 1", 6, "`co` does not apply to `rank`, which is a whole number"),
        ("rank eq 1.5", 9, "the attribute is compared with a whole number"),
        ("id eq \"x\"", 7, "the attribute is compared with an id"),
        ("groups eq \"x\"", 8, "`eq` does not apply to `groups`, which is a list"),
        ("groups[groups.name eq \"x\"]", 8, "there is no attribute `groups.name` of a group"),
        ("groups[name[name pr]]", 8, "`name` has no values that could be asked about in brackets"),
        ("groups[name pr].name pr", 16, "`and` or `or` was expected before the next criterion"),
        ("attributes.colour pr", 1, "there is no custom attribute `attributes.colour`"),
        ("password_hash sw \"$\"", 1, "`password_hash` is secret and cannot be compared"),
        ("selection co \"x\"", 11, "`co` does not apply to `selection`, which is the name of a selection"),
        ("attributes.score gt 1e999", 21, "the number is too large"),
        ("created_at lt \"9999-12-31\"", 15, "the calendar does not reach so far"),
    ] {
        let problem = refused(text);
        assert_eq!((problem.column, problem.message.english()), (column, message), "{text}");
    }
}

#[test]
fn an_unknown_name_is_marked_and_the_right_one_offered() {
    insta::assert_snapshot!(refused("groups.name eq \"Gäste\" and\n  password.changed lt \"now-90d\""), @r##"
    there is no attribute `password.changed` (line 2, column 3)
        password.changed lt "now-90d"
        ^^^^^^^^^^^^^^^^
    allowed: password.has, password.changed_at, password.set, password.must_change, password.scheme, password.mailed_at, username, address, given_name, family_name, display_name, language and 30 more
    hint: did you mean `password.changed_at`?
"##);
}

#[test]
fn a_wrong_time_says_how_times_are_written() {
    insta::assert_snapshot!(refused("created_at lt \"now-3q\""), @r##"
    the attribute is compared with a point in time (line 1, column 15)
      created_at lt "now-3q"
                    ^^^^^^^^
    allowed: "now-90d", "today", "2026-11-21", "2026-11-21T09:00:00Z"
    hint: the units are s, m (minutes), h, d, w, mo (months) and y
"##);
}

#[test]
fn signs_of_other_languages_are_translated() {
    insta::assert_snapshot!(refused("rank >= 2 && blocked = false"), @r##"
    an operator is missing after `rank` (line 1, column 6)
      rank >= 2 && blocked = false
           ^^
    allowed: eq, ne, co, sw, ew, gt, ge, lt, le, pr
    hint: write `rank ge …`
"##);
}

#[test]
fn a_secret_is_named_as_one() {
    insta::assert_snapshot!(refused("password eq \"x\""), @r##"
    `password` is secret and cannot be compared (line 1, column 1)
      password eq "x"
      ^^^^^^^^
    hint: what is known about it without telling it: `password.has`
"##);
}

#[test]
fn hints_say_what_was_probably_meant() {
    for (text, hint) in [
        ("given_name eq 'Ada'", "texts and times stand in double quotes: \"Ada\""),
        ("created_at lt 2026-11-21", "texts and times stand in double quotes: \"2026-11-21\""),
        ("tier eq \"gold\"", "did you mean `attributes.tier`?"),
        ("user_type eq \"hybird\"", "did you mean \"hybrid\"?"),
        ("blocked eq \"true\"", "write true without quotes"),
        ("blocked", "write `blocked eq true` for yes or no, `blocked pr` for `has any value`"),
        ("given_name like \"x\"", "did you mean `co`?"),
        ("userName2 pr", "did you mean `username`?"),
        (
            "created_at lt \"2026-11-21T09:00\"",
            "a time ends with its offset: 2026-11-21T09:00:00Z or …+01:00",
        ),
        ("blocked eq true andd verified eq true", "did you mean `and`?"),
        ("(blocked eq true", "the `(` at column 1 is still open"),
    ] {
        assert_eq!(refused(text).hint.as_ref().map(Sentence::english), Some(hint), "{text}");
    }
}

#[test]
fn what_is_too_large_is_refused_before_it_costs_anything() {
    let deep = |n: usize| format!("{}blocked eq true{}", "(".repeat(n), ")".repeat(n));
    assert!(parse(&deep(MOST_DEPTH), &catalogue()).is_ok());
    assert!(refused(&deep(MOST_DEPTH + 1)).message.english().contains("64 deep"));
    assert!(refused(&"not (".repeat(3_000)).message.english().contains("64 deep"));
    let wide = |n: usize| vec!["rank eq 1"; n].join(" or ");
    assert!(parse(&wide(MOST_TERMS), &catalogue()).is_ok());
    assert!(refused(&wide(MOST_TERMS + 1)).message.english().contains("500 criteria"));
    assert!(refused(&" ".repeat(MOST_BYTES + 1)).message.english().contains("16384 bytes"));
}

#[test]
fn the_builder_s_tree_is_a_filter_with_names_people_know() {
    let filter = parse("not (attributes.score ge 3) and password.set eq \"mailed\"", &catalogue()).unwrap();
    let json = serde_json::to_string(&filter).unwrap();
    insta::assert_snapshot!(json, @r##"{"kind":"all","of":[{"kind":"not","of":{"kind":"test","attribute":{"custom":{"name":"score","kind":"number"}},"operator":"ge","value":{"number":3.0}}},{"kind":"test","attribute":{"fact":"password.set"},"operator":"eq","value":{"text":"mailed"}}]}"##);
    assert_eq!(serde_json::from_str::<Filter>(&json).unwrap(), filter);
    // A container the builder left empty is caught when its text is read.
    assert!(parse(&Filter::All { of: vec![] }.to_string(), &catalogue()).is_err());
}

fn saved(filter: &str) -> SavedSelection {
    SavedSelection {
        filter: filter.into(),
        zone: TimeZone::UTC,
        published: true,
        archived: false,
        limited: false,
    }
}

fn resolved(
    text: &str,
    name: Option<&str>,
    saved: &HashMap<&str, SavedSelection>,
) -> Result<Resolved, Problem> {
    let (catalogue, zone) = (catalogue(), TimeZone::get("Asia/Tokyo").unwrap());
    let now = "2026-11-21T23:30:00Z".parse().unwrap();
    let selections = |name: &str| saved.get(name).cloned();
    resolve(text, &Surroundings { now, zone: &zone, catalogue: &catalogue, name, selections: &selections })
}

#[test]
fn a_reused_selection_keeps_its_own_zone() {
    let known = HashMap::from([("New", saved("created_at ge \"today\""))]);
    let from = |text| match resolved(text, None, &known).unwrap() {
        Resolved::Test { test: Test::Time { from, until: None }, .. } => from.unwrap(),
        other => panic!("{other:?}"),
    };
    let hours = (from("created_at ge \"today\"") - from("selection eq \"New\"")) / 3_600_000;
    assert_eq!(hours, 15, "midnight of the 22nd in Tokyo is 15 hours after that of the 21st in UTC");
}

#[test]
fn a_circle_of_selections_is_refused_with_its_chain() {
    let known = HashMap::from([
        ("B", saved("blocked eq true or selection ne \"C\"")),
        ("C", saved("selection eq \"A\"")),
    ]);
    let problem = resolved("verified eq true and selection eq \"B\"", Some("A"), &known).unwrap_err();
    assert!(problem.message.english().ends_with("circle: \"A\" → \"B\" → \"C\" → \"A\""), "{problem}");
    assert_eq!((problem.column, problem.chain), (22, ["A", "B", "C"].map(String::from).to_vec()));
}

#[test]
fn only_published_unlimited_selections_that_are_not_archived_are_reused() {
    let ok = saved("blocked eq true");
    let known = HashMap::from([
        ("draft", SavedSelection { published: false, ..ok.clone() }),
        ("old", SavedSelection { archived: true, ..ok.clone() }),
        ("pilot", SavedSelection { limited: true, ..ok.clone() }),
        ("broken", saved("blokced eq true")),
        ("ok", ok),
    ]);
    for (name, said) in [
        ("draft", "draft"),
        ("old", "archived"),
        ("pilot", "size limit"),
        ("none", "there is no selection"),
        ("broken", "in the selection \"broken\": there is no attribute `blokced` (line 1, column 1 there)"),
    ] {
        let problem = resolved(&format!("selection eq \"{name}\""), None, &known).unwrap_err();
        assert!(problem.message.english().contains(said), "{problem}");
    }
    assert!(resolved("not (selection eq \"ok\")", None, &known).is_ok());
}

#[test]
fn selections_cannot_multiply_without_end() {
    let names: Vec<String> = (0..12).map(|n| format!("s{n}")).collect();
    let mut known = HashMap::from([("s0", saved("blocked eq true"))]);
    for pair in names.windows(2) {
        known.insert(&pair[1], saved(&vec![format!("selection eq \"{}\"", pair[0]); 10].join(" or ")));
    }
    let problem = resolved("selection eq \"s11\"", None, &known).unwrap_err();
    assert!(problem.message.english().contains("too large"), "{problem}");
    let mut chain = HashMap::from([("s0", saved("blocked eq true"))]);
    let names: Vec<String> = (0..20).map(|n| format!("s{n}")).collect();
    for pair in names.windows(2) {
        chain.insert(&pair[1], saved(&format!("selection eq \"{}\"", pair[0])));
    }
    let problem = resolved("selection eq \"s19\"", None, &chain).unwrap_err();
    assert!(problem.message.english().contains("more than 16"), "{problem}");
}

#[test]
fn addresses_are_compared_in_their_canonical_form() {
    let text = |filter: &str| match resolved(filter, None, &HashMap::new()).unwrap() {
        Resolved::Test { test: Test::Text(_, text), .. } => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(text("address eq \" Ada@BÜCHER.example\""), "ada@xn--bcher-kva.example");
    assert_eq!(text("address ew \"@Bücher.Example\""), "@xn--bcher-kva.example");
    assert_eq!(text("username sw \"ADA\""), "ada");
    assert_eq!(text("external_id eq \"A-1\""), "A-1");
    assert_eq!(text("given_name eq \"ÄDA\""), "Äda");
}

fn criterion() -> impl Strategy<Value = String> {
    let string = "[ -~äß\u{1F600}]{1,12}".prop_map(|text| serde_json::to_string(&text).unwrap());
    prop_oneof![
        (
            "(given_name|username|attributes\\.tier|groups\\.name|role)",
            "(eq|ne|co|sw|ew|gt|ge|lt|le)",
            string
        )
            .prop_map(|(name, operator, value)| format!("{name} {operator} {value}")),
        ("(rank|failed_logins|attributes\\.score)", "(eq|ne|gt|ge|lt|le)", -1000i32..1000)
            .prop_map(|(name, operator, value)| format!("{name} {operator} {value}")),
        any::<f64>()
            .prop_filter("finite", |n| n.is_finite())
            .prop_map(|n| format!("attributes.score gt {n:e}")),
        (
            "(created_at|password\\.changed_at|attributes\\.joined)",
            "(eq|ne|gt|ge|lt|le)",
            "(now|today)([+-][1-9](s|m|h|d|w|mo|y)){0,4}"
        )
            .prop_map(|(name, operator, value)| format!("{name} {operator} \"{value}\"")),
        "(blocked|attributes\\.vip|expired) (eq|ne) (true|false|null)",
        "(groups|username|last_run\\.outcome) pr",
        "groups\\[(name (eq|co) \"[a-z]{1,3}\"|not \\(added_at lt \"now-[1-9]d\"\\))( (and|or) name pr){0,2}\\]",
        "selection (eq|ne) \"[a-z ]{1,5}\"",
    ]
}

pub(super) fn filters() -> impl Strategy<Value = String> {
    criterion().prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            (prop::collection::vec(inner.clone(), 1..4), "( and | or |\n AND )")
                .prop_map(|(parts, word)| format!("({})", parts.join(&word))),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("{a} or {b} and {c}")),
            inner.prop_map(|part| format!("not ({part})")),
        ]
    })
}

proptest! {
    #[test]
    fn the_printed_filter_is_the_same_filter(text in filters()) {
        let filter = parse(&text, &catalogue()).map_err(|p| TestCaseError::fail(p.to_string()))?;
        prop_assert_eq!(&parse(&filter.to_string(), &catalogue()).unwrap(), &filter);
        let back: Filter = serde_json::from_value(serde_json::to_value(&filter).unwrap()).unwrap();
        prop_assert_eq!(back.to_string(), filter.to_string());
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,60}|[\\x00-\\x7fäß“]{0,60}") {
        if let Err(problem) = parse(&text, &catalogue()) {
            prop_assert!(text.is_char_boundary(problem.offset) && text.is_char_boundary(problem.offset + problem.length));
            prop_assert!(!problem.to_string().is_empty());
        }
    }

    #[test]
    fn a_damaged_filter_never_makes_the_parser_panic(text in filters(), at in any::<prop::sample::Index>(), cut in 0usize..4, put in "[\\[\\]()\"\\\\a=é ]{0,2}") {
        let chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len());
        let damaged: String = chars[..at].iter().copied().chain(put.chars()).chain(chars.iter().skip(at + cut).copied()).collect();
        if let Err(problem) = parse(&damaged, &catalogue()) {
            prop_assert!(problem.offset + problem.length <= damaged.len());
        }
    }
}
