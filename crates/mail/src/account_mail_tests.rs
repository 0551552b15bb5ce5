use super::*;
use crate::house::Colour;
use domain::address::Address;
use domain::message::{AccountLink, ConfirmLink, DeletionAsked};
use domain::preference::LinkPurpose;
use domain::secret::Secret;
use mail_parser::MessageParser;

const NOW: i64 = 1_795_251_600_000; // 2026-11-21 09:00 UTC
const TOKENS: [&str; 3] = [
    "Zq3kV9sX1nT7bYw2LmC8rJd4HgF6pA5uEoQiRt0vKxM",
    "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hL-rU_xXoIeGk",
    "0OIl1-_0OIl1-_0OIl1-_0OIl1-_0OIl1-_0OIl1-_x",
];
const TAG: &str = "AZjyxAABe7uMzBI0VniQq1RnE8kLwYv3PzXoTgHdSbI";

fn house() -> House {
    House {
        organisation: "Bücherei Nord".into(),
        help_contact: "help@example.org".into(),
        login_url: "https://people.example.org/login".into(),
        base_url: "https://people.example.org".into(),
        accent: Colour::default(),
        time_zone: "Europe/Berlin".into(),
    }
}

fn composer_of(house: &House) -> AccountMailComposer {
    let sender = Sender {
        address: Address::parse("post@bücher.example").unwrap(),
        name: "Bücherei Nord".into(),
        reply_to: None,
        bounce: None,
    };
    AccountMailComposer::prepare(sender, house, Arc::new([]), "https://people.example.org/").unwrap()
}

fn composer() -> AccountMailComposer {
    composer_of(&house())
}

/// Links for so many accounts of one mailbox.
fn links(accounts: usize, language: Language) -> ResetLinks {
    let names = [("ada", "Ada Lovelace"), ("ada-school", "Ada King"), ("verein", "verein")];
    let all = names.iter().zip(TOKENS).take(accounts);
    ResetLinks {
        to: Address::parse("Ada@example.org").unwrap(),
        accounts: all
            .map(|((username, name), token)| AccountLink {
                username: (*username).into(),
                full_name: (*name).into(),
                token: Secret::new(token.into()),
            })
            .collect(),
        language,
        time_zone: None,
        asked_at: NOW - 60_000,
        valid_until: NOW + 30 * 60_000,
        report_tag: TAG.into(),
        message_key: "account-0198f2c400017bbb8ccc1234567890ab-1".into(),
    }
}

fn changed(language: Language) -> PasswordChanged {
    PasswordChanged {
        to: Address::parse("Ada@example.org").unwrap(),
        full_name: "Ada Lovelace".into(),
        username: "ada".into(),
        language,
        time_zone: Some("America/New_York".into()),
        changed_at: NOW,
        message_key: "account-0198f2c400017bbb8ccc1234567890ab".into(),
    }
}

fn confirm(purpose: LinkPurpose, language: Language) -> ConfirmLink {
    let subscribes = purpose == LinkPurpose::ConfirmSubscription;
    ConfirmLink {
        to: Address::parse("Ada@example.org").unwrap(),
        purpose,
        full_name: if purpose == LinkPurpose::VerifyAddress { "" } else { "Ada Lovelace" }.into(),
        username: "ada".into(),
        titles: if subscribes { vec!["Neues & Termine".into(), "Concerts".into()] } else { Vec::new() },
        unsubscribe_tag: subscribes.then(|| TAG.into()),
        token: Secret::new(TOKENS[0].into()),
        language,
        time_zone: None,
        asked_at: NOW - 60_000,
        valid_until: NOW + purpose.life_ms(),
        message_key: "account-0198f2c400017bbb8ccc1234567890ab-1".into(),
    }
}

fn deletion(language: Language) -> DeletionAsked {
    DeletionAsked {
        to: Address::parse("Ada@example.org").unwrap(),
        full_name: "Ada Lovelace".into(),
        username: "ada".into(),
        language,
        time_zone: None,
        asked_at: NOW,
        message_key: "account-0198f2c400017bbb8ccc1234567890ab".into(),
    }
}

fn read(composed: &Composed) -> (String, String, String) {
    let parsed = MessageParser::default().parse(&*composed.content).unwrap();
    let subject = parsed.subject().unwrap().to_owned();
    let text = parsed.body_text(0).unwrap().replace("\r\n", "\n");
    (subject, text, parsed.body_html(0).unwrap().into_owned())
}

/// Every mail of this module in one language.
fn all(language: Language) -> Vec<Composed> {
    let composer = composer();
    vec![
        composer.compose_links(&links(1, language), NOW).unwrap(),
        composer.compose_links(&links(3, language), NOW).unwrap(),
        composer.compose_changed(&changed(language), NOW).unwrap(),
        composer.compose_confirm(&confirm(LinkPurpose::VerifyAddress, language), NOW).unwrap(),
        composer.compose_confirm(&confirm(LinkPurpose::ObjectAddress, language), NOW).unwrap(),
        composer.compose_confirm(&confirm(LinkPurpose::ConfirmSubscription, language), NOW).unwrap(),
        composer.compose_deletion_asked(&deletion(language), NOW).unwrap(),
    ]
}

#[test]
fn every_mail_about_an_account_reads_like_this() {
    for language in Language::ALL {
        let mut whole = String::new();
        for composed in all(language) {
            let (subject, text, html) = read(&composed);
            for missing in [
                "reset-",
                "changed-",
                "verify-",
                "object-",
                "subscribe-",
                "deletion-",
                "account-link",
                "account-help",
                "account-sent",
            ] {
                let says = |part: &str| part.replace("ada-school", "").contains(missing);
                assert!(!says(&text) && !says(&html), "{language}: {missing} has no words\n{text}");
            }
            whole.push_str(&format!("Subject: {subject}\n\n{text}\n=====\n"));
        }
        insta::assert_snapshot!(format!("account_mails_{language}"), whole);
    }
}

#[test]
fn both_parts_carry_each_link_and_both_clock_times() {
    for (language, times) in [
        (Language::En, ["21 November 2026, 09:59", "21 November 2026, 10:30"]),
        (Language::De, ["21. November 2026, 09:59", "21. November 2026, 10:30"]),
        (Language::Fr, ["21 novembre 2026, 09:59", "21 novembre 2026, 10:30"]),
    ] {
        for accounts in [1, 3] {
            let (_, text, html) = read(&composer().compose_links(&links(accounts, language), NOW).unwrap());
            for token in TOKENS.iter().take(accounts) {
                let url = format!("https://people.example.org/reset/link/{token}");
                assert!(text.lines().any(|line| line == url), "{text}");
                assert!(html.contains(&format!("href=\"{url}\"")), "{language}");
            }
            assert_eq!(text.matches("/reset/link/").count(), accounts);
            let report = format!("https://people.example.org/reset/report/{TAG}");
            assert!(text.contains(&report) && html.contains(&format!("href=\"{report}\"")));
            for part in [&text, &html] {
                for time in times {
                    assert!(has_time(part, time), "{language}: {time}\n{part}");
                }
                assert!(part.contains("Europe/Berlin"), "{language}");
            }
        }
    }
}

/// Whether the day and the hour of a time stand on one line, whatever is between them.
fn has_time(part: &str, time: &str) -> bool {
    let (day, hour) = time.rsplit_once(", ").unwrap_or(("", time));
    part.lines().any(|line| line.contains(day) && line.contains(hour))
}

#[test]
fn nothing_comes_from_elsewhere_and_nothing_watches() {
    for language in Language::ALL {
        for composed in all(language) {
            let source = String::from_utf8(composed.content.to_vec()).unwrap();
            assert!(source.is_ascii() && !source.replace("\r\n", "").contains(['\r', '\n']));
            let (header, _) = source.split_once("\r\n\r\n").unwrap();
            assert!(
                !header.contains("List-Unsubscribe") && header.contains("Auto-Submitted: auto-generated")
            );
            let (_, text, html) = read(&composed);
            for foreign in ["<img", "<script", "src=", "url(", "@import", "<link", "<iframe", "<form"] {
                assert!(!html.contains(foreign), "{foreign}");
            }
            for part in [&text, &html] {
                let own = part.matches("https://people.example.org/").count();
                assert_eq!(part.matches("http").count(), own, "{part}");
            }
        }
    }
}

#[test]
fn the_word_that_a_password_was_changed_has_no_link_and_no_secret() {
    for language in Language::ALL {
        let composed = composer().compose_changed(&changed(language), NOW).unwrap();
        let (_, text, html) = read(&composed);
        assert!(!text.contains("http") && !html.contains("href"), "{text}");
        assert!(
            text.contains("ada") && text.contains("help@example.org") && text.contains("America/New York")
        );
        let alone = House { help_contact: String::new(), ..house() };
        let (_, text, _) = read(&composer_of(&alone).compose_changed(&changed(language), NOW).unwrap());
        assert!(!text.contains("help@") && !text.contains("  "), "{text}");
    }
}

#[test]
fn each_purpose_has_its_own_address_and_only_subscriptions_can_be_refused_for_good() {
    for language in Language::ALL {
        for (purpose, path) in [
            (LinkPurpose::VerifyAddress, "address"),
            (LinkPurpose::ConfirmSubscription, "subscription"),
            (LinkPurpose::ObjectAddress, "objection"),
        ] {
            let (_, text, html) =
                read(&composer().compose_confirm(&confirm(purpose, language), NOW).unwrap());
            let url = format!("https://people.example.org/confirm/{path}/link/{}", TOKENS[0]);
            assert!(text.lines().any(|line| line == url), "{text}");
            assert!(html.contains(&format!("href=\"{url}\"")), "{language}");
            let none = format!("https://people.example.org/unsubscribe/{TAG}");
            let is_subscription = purpose == LinkPurpose::ConfirmSubscription;
            assert_eq!(text.contains(&none), is_subscription, "{text}");
            assert_eq!(text.contains("Neues & Termine"), is_subscription, "{text}");
        }
    }
}

#[test]
fn a_name_that_reads_like_a_link_is_not_shown() {
    for name in ["www.evil.example", "Ada https://evil.example/x", "evil.example", "a@evil.example"] {
        for accounts in [1, 2] {
            let mut message = links(accounts, Language::En);
            message.accounts[0].full_name = name.into();
            let composed = composer().compose_links(&message, NOW).unwrap();
            let (_, text, html) = read(&composed);
            assert!(!text.contains("evil") && !html.contains("evil"), "{text}");
        }
        let message = PasswordChanged { full_name: name.into(), ..changed(Language::De) };
        let (_, text, html) = read(&composer().compose_changed(&message, NOW).unwrap());
        assert!(!text.contains("evil") && !html.contains("evil"), "{text}");
    }
}

#[test]
fn what_people_are_called_is_only_text() {
    let mut message = links(2, Language::En);
    message.accounts[0].username = "<b>x</b>\r\nBcc: all@example.org".into();
    message.accounts[1].full_name = "<script>{{ 7 * 7 }}</script>".into();
    let house = House { organisation: "A & B <i>\r\nBcc: x".into(), ..house() };
    let composed = composer_of(&house).compose_links(&message, NOW).unwrap();
    let (subject, text, html) = read(&composed);
    assert!(!html.contains("<script>") && !html.contains("<b>") && !html.contains("<i>"), "{html}");
    assert!(html.contains("A &amp; B &lt;i&gt;") && text.contains("A & B <i>"), "{text}");
    assert!(!text.contains("49") && !subject.contains('\n'), "{subject}");
    assert_eq!(MessageParser::default().parse(&*composed.content).unwrap().bcc(), None);
}

#[test]
fn the_subject_is_encoded_and_names_the_house_and_the_mail_goes_to_the_stored_bytes() {
    for language in Language::ALL {
        for composed in all(language) {
            let source = String::from_utf8(composed.content.to_vec()).unwrap();
            let subject = source.lines().find(|line| line.starts_with("Subject:")).unwrap();
            assert!(subject.contains("=?utf-8?") || subject.contains("=?UTF-8?"), "{subject}");
            assert!(read(&composed).0.contains("Bücherei Nord"));
            assert_eq!(composed.envelope_to, "Ada@example.org");
            let key = composed.message_id.split('@').next().unwrap();
            assert!(key.starts_with("account-") && TOKENS.iter().all(|token| !source[..900].contains(token)));
        }
    }
}

#[test]
fn a_person_with_a_zone_reads_the_times_in_it() {
    let message = ResetLinks { time_zone: Some("Asia/Tokyo".into()), ..links(1, Language::En) };
    let (_, text, _) = read(&composer().compose_links(&message, NOW).unwrap());
    assert!(text.contains("18:30") && text.contains("Asia/Tokyo") && !text.contains("Berlin"), "{text}");
}

/// Writes the mails as pages into the folder named in the environment, to look at them.
#[test]
fn pages_to_look_at() {
    let Some(folder) = std::env::var_os("PASSPOST_MAIL_PAGES") else { return };
    for language in Language::ALL {
        for (name, composed) in
            ["one", "three", "changed", "verify", "object", "subscribe", "deletion"].iter().zip(all(language))
        {
            let path = std::path::Path::new(&folder).join(format!("{name}-{language}.html"));
            std::fs::write(path, read(&composed).2).unwrap();
        }
    }
}
