//! Which names and user names may stand in a mail to an address nobody has confirmed.

use super::*;
use crate::language::Language;
use crate::message::Carried;
use proptest::prelude::*;

#[test]
fn names_of_all_scripts_are_plain() {
    for name in [
        "",
        "Ada",
        "Ada Lovelace",
        "Zoë Müller-Lüdenscheidt",
        "Zoe\u{308} O'Neill",
        "Seán O’Neill",
        "J. R. R. Tolkien",
        "Prof. Dr. Ada Lovelace",
        "Hans-J. Vogel",
        "Martin Luther King Jr.",
        "Mª José Núñez",
        "Θάλεια Παπαδοπούλου",
        "Łukasz Żółć",
        "Хачатур Аветисян",
        "علی\u{200c}رضا احمدی",
        "נועה ג׳ונס",
        "राजेश कुमार",
        "สมชาย ใจดี",
        "Nguyễn Thị Minh Khai",
        "王小明",
        "山田 花子",
        "김민준",
        "Kamehameha ʻIolani",
        "Ada ",
    ] {
        assert!(is_plain(name), "{name}");
    }
}

#[test]
fn what_could_be_a_link_an_address_a_number_or_a_message_is_not_plain() {
    for text in [
        "Urgent visit evil.example",
        "evil.example",
        "www.evil",
        "a.b",
        "J.R.R. Tolkien",
        "evil.\u{301}example",
        ".example",
        "Ada .",
        "Ada..",
        "example. Urgent",
        "https://evil",
        "evil/pay",
        "evil:80",
        "ada@evil",
        "\\\\evil",
        "Ada 4711",
        "Ada ٤٧",
        "Call Ⅻ",
        "evil\u{3002}example",
        "evil\u{2024}example",
        "evil\u{ff0e}example",
        "evil\u{a4f8}example",
        "ⓔⓥⓘⓛ",
        "ｅｖｉｌ",
        "𝐞𝐯𝐢𝐥",
        "Ada\nLovelace",
        "Ada\tLovelace",
        "Ada\u{a0}Lovelace",
        "Ada\u{202e}ecalevoL",
        "Ada\u{200b}Lovelace",
        "\u{301}Ada",
        "A\u{301}\u{301}\u{301}\u{301}\u{301}da",
        "Ada!",
        "Ada, pay now",
        "Ada & Bob",
        "<b>Ada</b>",
        "{{ password }}",
        "Your account will be closed today",
        "您的账户已被冻结请立即拨打电话号码联系",
    ] {
        assert!(!is_plain(text), "{text:?}");
    }
    assert!(is_plain(&"a".repeat(60)) && !is_plain(&"a".repeat(61)));
    assert!(is_plain("a b c d e") && !is_plain("a b c d e f"));
}

#[test]
fn an_ordinary_user_name_stays_and_one_that_would_be_a_link_is_broken_or_left_out() {
    let own = Address::parse("Ada.L/x@example.org").unwrap();
    for name in [
        "ada",
        "ada42",
        "ada_l-1",
        "4711",
        "CORP\\ada",
        "ada.l/x@example.org",
        "bob@example.com",
        "Ada Lovelace",
        "zoë7",
    ] {
        assert_eq!(shown_username(name, &own), name);
    }
    for (name, shown) in [
        ("ada.lovelace", "ada.\u{2060}lovelace"),
        ("www.evil.example", "www.\u{2060}evil.\u{2060}example"),
        ("CORP\\evil.example", "CORP\\evil.\u{2060}example"),
    ] {
        assert_eq!(shown_username(name, &own), shown);
        assert_eq!(
            crate::address::canonical_username(shown),
            name.to_ascii_lowercase(),
            "copied, it signs in"
        );
    }
    for name in [
        "Urgent visit evil.example",
        "https://evil.example",
        "evil.example/pay",
        "evil.example/pay@example.com",
        "\\\\evil.example",
        "evil\u{3002}example",
        "a\u{200b}b",
        "ada@evil.example@example.org",
        "<b>",
        &"a".repeat(65),
    ] {
        assert_eq!(shown_username(name, &own), "", "{name}");
    }
}

fn message(display: &str) -> RunMessage {
    RunMessage {
        to: Address::parse("ada@example.org").unwrap(),
        full_name: if display.is_empty() { "Ada Lovelace" } else { display }.into(),
        given_name: "Ada".into(),
        family_name: "Lovelace".into(),
        display_name: display.into(),
        username: "ada.l".into(),
        language: Language::En,
        time_zone: None,
        attributes: [("plan".to_owned(), "Gold".to_owned())].into(),
        carried: Carried::Nothing,
        valid_until: 0,
        request_tag: String::new(),
        message_key: "1-1-1.x".into(),
    }
}

#[test]
fn one_name_that_is_not_plain_takes_all_out_and_never_takes_attributes_as_well() {
    let plain = message("").for_unverified(NamesOfUnverified::Plain);
    assert_eq!((plain.full_name.as_str(), plain.username.as_str()), ("Ada Lovelace", "ada.\u{2060}l"));
    let hostile = message("Urgent visit evil.example").for_unverified(NamesOfUnverified::Plain);
    let names = |one: &RunMessage| {
        [&one.full_name, &one.display_name, &one.given_name, &one.family_name].map(String::clone)
    };
    assert_eq!(names(&hostile), [""; 4]);
    assert_eq!(hostile.attributes["plan"], "Gold", "judged before, each by itself");
    let link = RunMessage { username: "https://evil.example".into(), ..message("") };
    assert_eq!(link.for_unverified(NamesOfUnverified::Plain).username, "");
    let never = message("").for_unverified(NamesOfUnverified::Never);
    assert_eq!((names(&never), never.attributes.len()), ([""; 4].map(String::from), 0));
}

#[test]
fn an_attribute_that_is_a_text_must_be_plain() {
    let text = |text: &str| AttributeValue::String(text.into());
    for (value, plain) in [
        (text("Gold"), true),
        (text("evil.example"), false),
        (AttributeValue::Number(12.5), true),
        (AttributeValue::Boolean(true), true),
    ] {
        assert_eq!(NamesOfUnverified::Plain.shows(&value), plain, "{value:?}");
        assert!(!NamesOfUnverified::Never.shows(&value));
    }
}

proptest! {
    /// Held against the words of the rule, not its code: what is plain has nothing a link could be made of.
    #[test]
    fn a_plain_name_has_no_digit_no_sign_and_no_full_stop_inside_a_word(
        text in prop_oneof![".{0,80}", "[a-zA-Zé.@/:\\\\0-9 '\u{3002}\u{2060}-]{0,30}", "[a-z]{1,5}\\.[a-z ]{1,9}"]
    ) {
        if is_plain(&text) {
            prop_assert!(!text.contains(['@', '/', ':', '\\', '<', '&', '{']), "{}", text);
            prop_assert!(!text.chars().any(|c| c.is_numeric() || c.is_control() || c.is_whitespace() && c != ' '), "{}", text);
            prop_assert!(text.split('.').skip(1).all(|rest| rest.is_empty() || rest.starts_with(' ')), "{}", text);
        }
    }

    #[test]
    fn a_shown_user_name_signs_in_and_has_no_full_stop_a_link_could_begin_at(text in "[a-zA-Zß0-9.@/:\\\\ _-]{1,70}") {
        let own = Address::parse("ada@example.org").unwrap();
        let username = crate::address::canonical_username(&text);
        let shown = shown_username(&username, &own);
        if !shown.is_empty() {
            prop_assert_eq!(crate::address::canonical_username(&shown), username.as_str());
            prop_assert!(shown.contains('@') || is_plain(&shown) || shown.split('.').skip(1).all(|rest| rest.starts_with(WORD_JOINER)));
            prop_assert!(!shown.contains(['/', ':']));
        }
    }
}

#[test]
fn a_short_code_is_shown_and_nothing_that_leads_somewhere() {
    for code in ["K-4711", "2026_A", "#17", "gold"] {
        assert!(is_code(code), "{code}");
    }
    for other in ["", "evil.example", "a b", "http:x", "a/b", "1234567890123456789012345", "ｋ４７１１"]
    {
        assert!(!is_code(other), "{other}");
    }
}
