use super::*;
use proptest::prelude::*;

#[test]
fn only_an_address_at_fault_is_marked() {
    let marked = |code, enhanced, text| {
        matches!(meaning(code, enhanced, text), Meaning::GiveUp { undeliverable: true, .. })
    };
    for status in ["5.1.1", "5.1.2", "5.1.10", "5.2.1", "5.1.6", "5.4.4"] {
        assert!(marked(550, Some(status), ""), "{status}");
    }
    for status in ["5.2.2", "5.3.4", "5.6.7", "5.7.1", "5.5.0", "5.1.8", "5.0.0"] {
        assert!(!marked(550, Some(status), ""), "{status}");
    }
    assert!(marked(550, None, "No such user here"));
    assert!(!marked(550, None, "relay access denied: recipient address rejected"));
    assert!(!marked(550, None, "no"));
}

#[test]
fn what_concerns_everybody_does_not_burn_people() {
    let expected = [
        (535, Some("5.7.8"), Cause::LoginRefused, Remedy::Pause),
        (530, None, Cause::EncryptionDemanded, Remedy::Pause),
        (421, None, Cause::RelayBusy, Remedy::SlowDown),
        (450, Some("4.7.28"), Cause::RateLimited, Remedy::SlowDown),
        (452, Some("4.3.1"), Cause::RelayBusy, Remedy::SlowDown),
        (454, Some("4.7.0"), Cause::LoginRefused, Remedy::SlowDown),
        (550, Some("5.7.1"), Cause::Policy, Remedy::Count),
        (554, None, Cause::Refused, Remedy::Count),
        (503, Some("5.5.1"), Cause::Protocol, Remedy::Count),
        (553, Some("5.1.8"), Cause::SenderRefused, Remedy::Pause),
    ];
    for (code, enhanced, cause, remedy) in expected {
        assert_eq!(
            meaning(code, enhanced, ""),
            Meaning::RelayTrouble { cause, remedy },
            "{code} {enhanced:?}"
        );
    }
}

#[test]
fn a_temporary_answer_is_tried_again() {
    assert_eq!(meaning(450, Some("4.2.1"), ""), Meaning::Retry(Cause::Later));
    assert_eq!(meaning(452, Some("4.2.2"), ""), Meaning::Retry(Cause::MailboxFull));
    assert_eq!(meaning(451, Some("4.7.1"), "Greylisted, come back"), Meaning::Retry(Cause::Later));
    assert_eq!(meaning(451, None, ""), Meaning::Retry(Cause::Later));
    assert_eq!(meaning(250, Some("2.0.0"), "queued"), Meaning::Accepted);
}

#[test]
fn every_cause_has_a_sentence_in_every_language() {
    for language in Language::ALL {
        for cause in Cause::ALL {
            assert!(!cause.sentence(language).starts_with("cause-"), "{language} {cause:?}");
        }
    }
}

#[test]
fn a_relays_text_loses_secrets_addresses_and_escapes() {
    let text = "5.7.1 \u{1b}[31mBad\u{1b}[0m word 'Kp3xYz' for <Ada.L@example.org>,rcpt=eve@x.example\r\nKP3XYZ \u{202e}";
    assert_eq!(
        redact(text, &["Kp3xYz"]),
        "5.7.1 Bad word '[hidden]' for <[address]>,rcpt=[address] [hidden]"
    );
    assert_eq!(redact(&"x".repeat(900), &[]).chars().count(), 300);
}

proptest! {
    #[test]
    fn no_text_brings_a_secret_or_a_control_through(before in "(?s).{0,200}", after in "(?s).{0,200}") {
        let secret = "Zx9Kp3Yz7Qw2";
        let text = redact(&format!("{before}{secret}{after}"), &[secret]);
        prop_assert!(!text.to_lowercase().contains(&secret.to_lowercase()));
        prop_assert!(!text.chars().any(char::is_control));
        prop_assert!(!text.contains('@'));
        prop_assert!(text.chars().count() <= 300);
    }

    #[test]
    fn every_code_has_a_meaning(code in 200_u16..600, enhanced in proptest::option::of("[245]\\.[0-9]\\.[0-9]{1,2}")) {
        let accepted = meaning(code, enhanced.as_deref(), "") == Meaning::Accepted;
        prop_assert_eq!(accepted, code < 300);
    }
}
