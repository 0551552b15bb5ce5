//! Which passwords the rules take and which they do not.

use super::*;

fn ada() -> About {
    About {
        username: "ada.lovelace".into(),
        address: Some("countess@analytical.example".into()),
        names: vec!["Ada".into(), "King-Lovelace".into(), "Ada Lovelace".into()],
    }
}

fn codes(password: &str) -> Vec<&'static str> {
    let rules = PasswordRules {
        blocklist: Blocklist::parse("Correct Horse Battery Staple\r\n\nletmein-letmein-please\n"),
        service_words: vec!["Passpost".into(), "Analytical Society".into()],
        ..PasswordRules::default()
    };
    let judged = rules.judge(&Secret::new(password.into()), &ada());
    judged.problems.iter().map(Problem::code).collect()
}

#[test]
fn fifteen_code_points_are_enough_and_fourteen_are_not() {
    assert_eq!(codes("mv9 Ke#qT2 zwp"), ["too_short"]);
    assert_eq!(codes("mv9 Ke#qT2 zwpx"), [""; 0]);
    assert_eq!(codes(&"Ke#qT2 zwpx 81Lm".repeat(4)[..64]), ["repeated"]);
    let generated: String = (0..256_u32).filter_map(|i| char::from_u32(0x4e00 + i * 37 % 20_000)).collect();
    assert_eq!(codes(&generated), [""; 0]);
    assert_eq!(codes(&"x".repeat(257)), ["too_long"]);
}

#[test]
fn there_is_no_rule_about_character_classes() {
    assert_eq!(codes("oyster lantern gravel plum"), [""; 0]);
    assert_eq!(codes("928415736028461937"), [""; 0]);
    assert_eq!(codes("🦊🐢🍋🚲🎻🧊🌋🛶🪁🧵🥝🦉🎲🪐🧭"), [""; 0]);
}

#[test]
fn a_listed_password_is_refused_in_any_case() {
    assert_eq!(codes("correct HORSE battery staple"), ["blocklisted"]);
    assert_eq!(codes(" letmein-letmein-please "), ["blocklisted"]);
}

#[test]
fn the_name_of_the_service_or_ones_own_name_alone_is_refused() {
    assert_eq!(codes("passpost-passpost-1"), ["service_name"]);
    assert_eq!(codes("AnalyticalSociety2026"), ["service_name"]);
    assert_eq!(codes("countess@analytical.example"), ["own_name"]);
    assert_eq!(codes("Lovelace.Ada.1815"), ["own_name"]);
    assert_eq!(codes("Lovelace painted nine turnips"), [""; 0]);
}

#[test]
fn repeats_and_sequences_are_named() {
    assert_eq!(codes("abcabcabcabcabcabc"), ["repeated"]);
    assert_eq!(codes("aaaaaaaaaaaaaaaaaaaa"), ["repeated"]);
    assert_eq!(codes("abcdefghijklmnopq"), ["sequence"]);
    assert_eq!(codes("qwertzuiopasdfghjkl"), ["sequence"]);
    assert_eq!(codes("9876543210987654"), ["sequence"]);
}

#[test]
fn a_long_but_easy_password_is_refused_with_a_hint() {
    let judged = PasswordRules::default().judge(&Secret::new("Password12345678".into()), &About::default());
    assert!(
        matches!(judged.problems.as_slice(), [Problem::EasyToGuess { hints }] if !hints.is_empty()),
        "{judged:?}"
    );
    assert!(judged.strength < 3);
}

#[test]
fn every_generated_password_passes() {
    let mut state = 7_u64;
    let mut random = |bytes: &mut [u8]| {
        for byte in bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
    };
    for _ in 0..200 {
        let password = domain::password::Generator::Symbols.generate(&mut random);
        let judged = PasswordRules::default().judge(&password, &ada());
        assert!(judged.problems.is_empty(), "{:?}", judged.problems);
    }
}

#[test]
fn every_hint_has_its_own_code() {
    let codes: HashSet<&str> = Hint::ALL.iter().map(|hint| hint.code()).collect();
    assert_eq!(codes.len(), Hint::ALL.len());
}
