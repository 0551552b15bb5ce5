use super::*;
use crate::header::clean;
use crate::house::Colour;
use crate::render::Values;
use crate::replacement::Replacement;
use crate::template::{Part, Template, TemplateKind};
use domain::address::Address;
use domain::language::Language;
use domain::secret::{Key, Secret};
use mail_parser::MessageParser;
use proptest::prelude::*;

const NOW: i64 = 1_795_251_600_000; // 2026-11-21 09:00 UTC

fn house() -> House {
    House {
        organisation: "Bücherei Nord".into(),
        help_contact: "help@example.org".into(),
        login_url: "https://people.example.org/login".into(),
        base_url: "https://people.example.org/".into(),
        accent: Colour::default(),
        time_zone: "Europe/Berlin".into(),
    }
}

fn sender() -> Sender {
    Sender {
        address: Address::parse("post@bücher.example").unwrap(),
        name: "Bücherei Nord".into(),
        reply_to: Some(Address::parse("help@example.org").unwrap()),
        bounce: None,
    }
}

fn message(language: Language) -> RunMessage {
    RunMessage {
        to: Address::parse("Ada.Lovelace@example.org").unwrap(),
        full_name: "Ada Lovelace".into(),
        given_name: "Ada".into(),
        family_name: "Lovelace".into(),
        display_name: "Ada Lovelace".into(),
        username: "ada".into(),
        language,
        time_zone: None,
        attributes: std::collections::BTreeMap::new(),
        carried: Carried::Password(Secret::new("Kp3xYzR7mNq2WvT9bHc4".into())),
        valid_until: NOW + 86_400_000,
        request_tag: String::new(),
        message_key: "0198f2c4-0001-7bbb-8ccc-1234567890ab".into(),
    }
}

fn composer_of(template: Option<&Template>) -> Composer {
    let mut templates = Templates::standard(TemplateKind::NewPassword).unwrap();
    if let Some(template) = template {
        for language in Language::ALL {
            templates.replace(language, template).unwrap();
        }
    }
    Composer::prepare(&templates, sender(), &house(), Arc::new([])).unwrap()
}

fn own_template(greeting: &str) -> Template {
    Template {
        subject: "{{ full_name }}: hello {{ username }}".into(),
        text: format!(
            "{greeting}\n{{{{ given_name }}}}|{{{{ username }}}} \n.\n{{{{ password }}}}\n{{{{ login_url }}}}"
        ),
        html: format!(
            "<p>{greeting}</p><i>{{{{ full_name }}}}</i><b> {{{{ password }}}} </b><a href=\"{{{{ login_url }}}}\">x</a>"
        ),
    }
}

fn read(composed: &Composed) -> (String, String, String) {
    let parsed = MessageParser::default().parse(&*composed.content).unwrap();
    let subject = parsed.subject().unwrap().to_owned();
    (subject, parsed.body_text(0).unwrap().into_owned(), parsed.body_html(0).unwrap().into_owned())
}

#[test]
fn the_three_mails_read_like_this() {
    let composer = composer_of(None);
    for language in Language::ALL {
        let (subject, text, _) = read(&composer.compose(&message(language), NOW).unwrap());
        insta::assert_snapshot!(
            format!("new_password_{language}"),
            format!("{subject}\n\n{}", text.replace("\r\n", "\n"))
        );
    }
}

#[test]
fn a_whole_mail_looks_like_this_on_the_wire() {
    let composed = composer_of(None).compose(&message(Language::De), NOW).unwrap();
    let source = String::from_utf8(composed.content.to_vec()).unwrap();
    assert!(source.is_ascii());
    insta::assert_snapshot!("source", source.replace("\r\n", "\n"));
    assert_eq!(&*composed.envelope_from, "post@xn--bcher-kva.example");
    assert_eq!(composed.envelope_to, "Ada.Lovelace@example.org");
    assert_eq!(composed.message_id, "0198f2c4-0001-7bbb-8ccc-1234567890ab@xn--bcher-kva.example");
    assert!(!composed.smtputf8);
}

#[test]
fn a_template_without_help_contact_still_says_whom_to_ask() {
    let house = House { help_contact: String::new(), ..house() };
    let templates = Templates::standard(TemplateKind::NewPassword).unwrap();
    let composer = Composer::prepare(&templates, sender(), &house, Arc::new([])).unwrap();
    for language in Language::ALL {
        let (_, text, html) = read(&composer.compose(&message(language), NOW).unwrap());
        assert!(!text.contains("help@") && !html.contains("help@"));
        assert!(text.matches("Bücherei Nord").count() >= 4, "{text}");
    }
}

#[test]
fn only_the_places_of_the_password_are_kept_for_wiping() {
    for greeting in ["{{ salutation }}", "{% if given_name %}{{ salutation }}{% endif %}"] {
        let composer = composer_of(Some(&own_template(greeting)));
        let mut out = Vec::with_capacity(1 << 20);
        let secrets = composer.languages[0].append_parts(&mut out, &message(Language::En)).unwrap();
        assert_eq!(secrets.len(), 2);
        for place in secrets {
            assert_eq!(&out[place], b"Kp3xYzR7mNq2WvT9bHc4");
        }
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.matches("Kp3xYz").count(), 2);
    }
}

#[test]
fn a_name_that_reads_like_a_link_is_not_greeted() {
    let composer = composer_of(None);
    for name in ["Urgent visit evil.example now", "http://evil", "ada@example.org", "www.evil", ""] {
        let message = RunMessage { full_name: name.into(), ..message(Language::En) };
        let (_, text, html) = read(&composer.compose(&message, NOW).unwrap());
        assert!(text.starts_with("Hello,\r\n"), "{text}");
        assert!(html.contains("Hello,<br>"));
    }
    let message = RunMessage { full_name: "J. R. R. Tolkien".into(), ..message(Language::En) };
    assert!(read(&composer.compose(&message, NOW).unwrap()).1.starts_with("Hello J. R. R. Tolkien,"));
}

#[test]
fn template_syntax_and_markup_in_values_are_plain_text() {
    for greeting in ["Hi", "{% if given_name %}Hi{% endif %}"] {
        let composer = composer_of(Some(&own_template(greeting)));
        let name = "{{ password }} <b onclick='x'> {% set x %}";
        let message = RunMessage { full_name: name.into(), given_name: name.into(), ..message(Language::En) };
        let (subject, text, html) = read(&composer.compose(&message, NOW).unwrap());
        assert_eq!(subject, format!("{name}: hello ada"));
        assert!(text.contains(name));
        assert!(html.contains("<i>{{ password }} &lt;b onclick=&#39;x&#39;&gt; {% set x %}</i>"), "{html}");
    }
}

#[test]
fn an_empty_value_behind_a_blank_leaves_no_line_that_ends_in_one() {
    let composer =
        composer_of(Some(&own_template("Dear {{ given_name }}\n{{ family_name }} {{ given_name }} x")));
    let message =
        RunMessage { given_name: String::new(), family_name: String::new(), ..message(Language::En) };
    let composed = composer.compose(&message, NOW).unwrap();
    let source = String::from_utf8(composed.content.to_vec()).unwrap();
    assert!(
        source.contains("Dear=20\r\n") && !source.contains(" \r\n") && !source.contains("  "),
        "{source}"
    );
    assert!(read(&composed).1.starts_with("Dear \r\n  x"), "{source}");
}

#[test]
fn an_address_with_accents_needs_a_relay_that_can_write_to_it() {
    let mut message = message(Language::Fr);
    message.to = Address::parse("zoë@bücher.example").unwrap();
    let composed = composer_of(None).compose(&message, NOW).unwrap();
    assert!(composed.smtputf8);
    assert_eq!(composed.envelope_to, "zoë@xn--bcher-kva.example");
}

#[test]
fn a_mail_returns_to_its_own_signed_address_when_bounces_are_read() {
    let bounce = crate::bounce::Bounce::new("bounces.example.org", &Key::new([1; 32]));
    let sender = Sender { bounce: Some(bounce.clone()), ..sender() };
    let templates = Templates::standard(TemplateKind::NewPassword).unwrap();
    let composer = Composer::prepare(&templates, sender, &house(), Arc::new([])).unwrap();
    let composed = composer.compose(&message(Language::En), NOW).unwrap();
    let path = bounce.read(&composed.envelope_from).unwrap();
    assert_eq!(path.message_key, message(Language::En).message_key);
    assert!(bounce.went_to(&path, &message(Language::En).to));
}

#[test]
fn what_cannot_stand_in_a_mail_is_refused() {
    let composer = composer_of(None);
    let refused = |change: fn(&mut RunMessage)| {
        let mut message = message(Language::En);
        change(&mut message);
        composer.compose(&message, NOW).is_err()
    };
    assert!(refused(|m| m.message_key = "a\r\nBcc: x".into()));
    assert!(refused(|m| m.message_key = String::new()));
    assert!(refused(|m| m.message_key = "x".repeat(65)));
    assert!(refused(|m| m.carried = Carried::Password(Secret::new("a b".into()))));
    assert!(refused(|m| m.carried = Carried::Password(Secret::new(String::new()))));
    assert!(refused(|m| m.carried = Carried::Nothing));
    assert!(refused(|m| m.carried = Carried::Link(Secret::new("Zt4".into()))));
    assert!(refused(|m| m.full_name = "x".repeat(1_001)));
    let templates = Templates::standard(TemplateKind::NewPassword).unwrap();
    for url in ["", "javascript:x", "people.example.org", "https://a b"] {
        let house = House { login_url: url.into(), ..house() };
        assert!(Composer::prepare(&templates, sender(), &house, Arc::new([])).is_err(), "{url}");
    }
}

/// What the engine makes of a part, with every value in it: the judge of the fast way.
fn rendered(composer: &Composer, part: Part, message: &RunMessage) -> String {
    let prepared = &composer.languages[0];
    let mut values = Values::default();
    for one in Replacement::ALL {
        values.set(*one, prepared.value(*one, message).into_owned());
    }
    let password = message.carried.secret().unwrap().expose();
    values.set(Replacement::Password, password.to_owned());
    prepared.engine.render(part, &values).unwrap().replace('\n', "\r\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_recipient_gets_exactly_the_rendered_mail(
        full in "(?s).{0,90}", given in "\\PC{0,90}", username in "[ -~]{1,120}",
        password in "[!-~]{1,90}", slow in any::<bool>(), literal in "[ a-zA-Z\n\t.=é-]{0,200}",
    ) {
        let greeting = if slow { "{% if given_name %}Hi {{ given_name }}{% endif %}" } else { "{{ salutation }}" };
        let composer = composer_of(Some(&own_template(&format!("{literal}{greeting}"))));
        let message = RunMessage {
            full_name: full, given_name: given, username, carried: Carried::Password(Secret::new(password)), ..message(Language::En)
        };
        let composed = composer.compose(&message, NOW).unwrap();
        let (subject, text, html) = read(&composed);
        prop_assert_eq!(text, rendered(&composer, Part::Text, &message));
        prop_assert_eq!(html, rendered(&composer, Part::Html, &message));
        let expected = rendered(&composer, Part::Subject, &message);
        prop_assert_eq!(subject, clean(&expected));

        let source = String::from_utf8(composed.content.to_vec()).unwrap();
        prop_assert!(source.ends_with("\r\n") && !source.contains('\0'));
        prop_assert!(!source.replace("\r\n", "").contains(['\r', '\n']), "no bare CR or LF");
        prop_assert!(source.split("\r\n").all(|line| line.len() <= 998 && !line.starts_with('.')));
        let (header, body) = source.split_once("\r\n\r\n").unwrap();
        let names: Vec<&str> = header.split("\r\n").filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split(':').next().unwrap()).collect();
        prop_assert_eq!(names, [
            "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Reply-To",
            "Content-Language", "Auto-Submitted", "X-Auto-Response-Suppress",
        ]);
        prop_assert_eq!(body.matches("--=_").count(), 3, "the boundary is no content");
        // Its own relaxed form, which the signature counts on.
        prop_assert!(!body.contains("  ") && !body.contains('\t') && !body.contains(" \r\n"));
        prop_assert!(!body.ends_with("\r\n\r\n"));
    }
}
