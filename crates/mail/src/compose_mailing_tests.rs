use super::*;
use crate::mailing::{html_of, starter};
use crate::render::{Slot, Values};
use crate::replacement::Replacement;
use crate::template::{Part, Template};
use crate::{Colour, House};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::address::Address;
use domain::mailing::HtmlFormat;
use domain::secret::Secret;
use mail_parser::MessageParser;
use proptest::prelude::*;

const NOW: i64 = 1_795_251_600_000; // 2026-11-21 09:00 UTC
const TOKEN: &str = "r7TmQ2x.Vb9-kL_w3Zt8";
const PASSWORD: &str = "Kp3xYzR7mNq2WvT9bHc4";

pub(crate) fn house() -> House {
    House {
        organisation: "Bücherei Nord".into(),
        help_contact: "help@example.org".into(),
        login_url: "https://people.example.org/login".into(),
        base_url: "https://people.example.org/".into(),
        accent: Colour::default(),
        time_zone: "Europe/Berlin".into(),
    }
}

pub(crate) fn sender() -> Sender {
    let reply_to = Some(Address::parse("help@example.org").unwrap());
    Sender {
        address: Address::parse("post@example.org").unwrap(),
        name: "Bücherei Nord".into(),
        reply_to,
        bounce: None,
    }
}

pub(crate) fn message(intent: Intent) -> RunMessage {
    RunMessage {
        to: Address::parse("Ada.Lovelace@example.org").unwrap(),
        full_name: "Ada Lovelace".into(),
        given_name: "Ada".into(),
        family_name: "Lovelace".into(),
        display_name: "Countess Ada".into(),
        username: "ada".into(),
        language: Language::En,
        time_zone: None,
        attributes: [("plan".to_owned(), "Family & <Friends>".to_owned())].into(),
        carried: match intent {
            Intent::OfferLink => Carried::Nothing,
            Intent::PersonalLink => Carried::Link(Secret::new(TOKEN.into())),
            Intent::ForcePassword => Carried::Password(Secret::new(PASSWORD.into())),
        },
        valid_until: NOW + 3 * 86_400_000,
        request_tag: "Qm7xT2".into(),
        message_key: "0198f2c4-0001-7bbb-8ccc-1234567890ab".into(),
    }
}

pub(crate) fn composer(intent: Intent, template: &Template) -> Composer {
    Composer::prepare_mailing(intent, Language::En, template, sender(), &house(), Arc::new([])).unwrap()
}

fn template(text: &str, html: &str) -> Template {
    Template {
        subject: "For {{ full_name }} {{ attribute.plan }}".into(),
        text: text.into(),
        html: html.into(),
    }
}

fn text_of(composed: &Composed) -> String {
    let parsed = MessageParser::default().parse(&*composed.content).unwrap();
    parsed.body_text(0).unwrap().replace("\r\n", "\n")
}

fn html_part(composed: &Composed) -> String {
    let parsed = MessageParser::default().parse(&*composed.content).unwrap();
    parsed.body_html(0).unwrap().replace("\r\n", "\n")
}

#[test]
fn each_intent_fills_in_its_own_link_or_password() {
    let words = |link: &str| template(&format!("{link} \n{{{{ attribute.plan }}}}|"), "");
    let text = |intent, link| {
        let composed = composer(intent, &words(link)).compose(&message(intent), NOW).unwrap();
        text_of(&composed).lines().next().unwrap().trim_end().to_owned()
    };
    assert_eq!(
        text(Intent::OfferLink, "{{ request_password_link }}"),
        "https://people.example.org/reset?m=Qm7xT2"
    );
    assert_eq!(
        text(Intent::PersonalLink, "{{ personal_link }}"),
        format!("https://people.example.org/reset/link/{TOKEN}")
    );
    assert_eq!(
        text(Intent::ForcePassword, "{{ password }} {{ login_url }}"),
        format!("{PASSWORD} https://people.example.org/login")
    );
    let untagged = RunMessage { request_tag: String::new(), ..message(Intent::OfferLink) };
    let composed = composer(Intent::OfferLink, &words("{{ request_password_link }}"));
    assert!(
        text_of(&composed.compose(&untagged, NOW).unwrap())
            .starts_with("https://people.example.org/reset \n")
    );
}

#[test]
fn only_the_places_of_the_secret_are_kept_for_wiping() {
    for (intent, words, secret) in [
        (Intent::PersonalLink, "{{ personal_link }} {{ request_password_link }}", TOKEN),
        (Intent::ForcePassword, "{{ password }} {{ login_url }}", PASSWORD),
    ] {
        for greeting in ["{{ attribute.plan }}", "{% if given_name %}{{ attribute.plan | upper }}{% endif %}"]
        {
            let html = format!("<p>{greeting}</p> <p> {words} </p><a href=\"{{{{ login_url }}}}\">x</a>");
            let composer = composer(intent, &template(&format!("{greeting}\n{words} \n"), &html));
            let mut out = Vec::with_capacity(1 << 20);
            let secrets = composer.languages[0].append_parts(&mut out, &message(intent)).unwrap();
            assert_eq!(secrets.len(), 2, "{intent}");
            for place in secrets {
                let place = String::from_utf8(out[place].to_vec()).unwrap().replace("=\r\n", "");
                assert!(place.ends_with(secret), "{place}");
            }
            let all = String::from_utf8(out).unwrap().replace("=\r\n", "");
            assert_eq!(all.matches(secret).count(), 2);
        }
    }
    let offer = template("{{ request_password_link }} ", "");
    let mut out = Vec::new();
    let composer = composer(Intent::OfferLink, &offer);
    assert!(composer.languages[0].append_parts(&mut out, &message(Intent::OfferLink)).unwrap().is_empty());
}

#[test]
fn the_buffer_of_a_mail_never_moves_so_no_copy_of_the_secret_is_left() {
    let long = "é&<\"".repeat(1_000);
    for words in ["{{ attribute.plan }}", "{{ attribute.plan | trim }}"] {
        let html = format!("<p>{words}{words}</p><p>{{{{ personal_link }}}}</p>");
        let template = template(&format!("{words}\n{{{{ personal_link }}}}\n"), &html);
        let composer = composer(Intent::PersonalLink, &template);
        let mut message = message(Intent::PersonalLink);
        message.attributes.insert("plan".into(), long.clone());
        let composed = composer.compose(&message, NOW).unwrap();
        let room = composer.room(&composer.languages[0], &message);
        let fixed = !words.contains('|');
        assert!(!fixed || composed.content.len() <= room, "{} > {room}", composed.content.len());
        assert!(html_part(&composed).contains("é&amp;&lt;&quot;é"));
    }
}

#[test]
fn a_mail_must_carry_what_its_words_show() {
    let offer = composer(Intent::OfferLink, &template("{{ request_password_link }} ", ""));
    let personal = composer(Intent::PersonalLink, &template("{{ personal_link }} ", ""));
    let force = composer(Intent::ForcePassword, &template("{{ password }} {{ login_url }}", ""));
    for intent in [Intent::PersonalLink, Intent::ForcePassword] {
        assert!(matches!(offer.compose(&message(intent), NOW), Err(ComposeError::Carried("no secret"))));
    }
    for intent in [Intent::OfferLink, Intent::ForcePassword] {
        assert!(matches!(
            personal.compose(&message(intent), NOW),
            Err(ComposeError::Carried("a personal link"))
        ));
    }
    for intent in [Intent::OfferLink, Intent::PersonalLink] {
        assert!(matches!(force.compose(&message(intent), NOW), Err(ComposeError::Carried("a password"))));
    }
    for token in ["", "a b", "a/b", "a\"b", "a\r\nb", "ä", &"x".repeat(1_001)] {
        let carried = Carried::Link(Secret::new(token.to_owned()));
        let message = RunMessage { carried, ..message(Intent::PersonalLink) };
        assert!(matches!(personal.compose(&message, NOW), Err(ComposeError::Link)), "{token:?}");
    }
    for tag in ["a&b=c", "a b", "\"", "ä"] {
        let message = RunMessage { request_tag: tag.into(), ..message(Intent::OfferLink) };
        assert!(matches!(offer.compose(&message, NOW), Err(ComposeError::Link)), "{tag:?}");
    }
    let mut long = message(Intent::OfferLink);
    long.attributes.insert("plan".into(), "x".repeat(8_001));
    assert!(matches!(offer.compose(&long, NOW), Err(ComposeError::AttributeTooLong)));
}

#[test]
fn words_the_guard_refuses_and_pages_that_are_none_make_no_composer() {
    let words = template("{{ request_password_link }} ", "");
    let prepare = |words: &Template, house: House| {
        Composer::prepare_mailing(Intent::OfferLink, Language::En, words, sender(), &house, Arc::new([]))
    };
    for url in ["", "javascript:x", "people.example.org", "https://a b"] {
        let house = House { base_url: url.into(), ..house() };
        assert!(matches!(prepare(&words, house), Err(ComposeError::BaseUrl)), "{url}");
    }
    let refused = prepare(&template("nothing", ""), house()).unwrap_err();
    assert!(refused.to_string().contains("request_password_link"), "{refused}");
}

#[test]
fn a_mailing_has_the_headers_of_a_credential_mail_and_offers_no_unsubscribing() {
    for intent in Intent::ALL {
        let words = Template::standard(TemplateKind::Mailing(*intent), Language::En);
        for html in [words.html.clone(), String::new()] {
            let composer = composer(*intent, &Template { html, ..words.clone() });
            let composed = composer.compose(&message(*intent), NOW).unwrap();
            let source = String::from_utf8(composed.content.to_vec()).unwrap();
            let (header, _) = source.split_once("\r\n\r\n").unwrap();
            let header = header.replace("\r\n ", " ");
            assert!(header.contains("\r\nAuto-Submitted: auto-generated\r\n"));
            assert!(header.contains("\r\nDate: Sat, 21 Nov 2026 09:00:00 +0000\r\n"));
            assert!(header.contains("\r\nReply-To: <help@example.org>\r\n"));
            let id = format!("Message-ID: <{}@example.org>", message(*intent).message_key);
            assert!(header.contains(&id));
            assert!(
                !header.contains("List-Unsubscribe") && !header.contains(TOKEN) && !header.contains(PASSWORD)
            );
        }
    }
}

#[test]
fn a_mail_without_html_is_its_text_alone_and_its_signature_holds() {
    let pair = Ed25519KeyPair::generate().unwrap().to_pkcs8v1().unwrap();
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(pair.as_ref())
    );
    for words in ["a\n{{ request_password_link }}\n\n\n", "{{ request_password_link }}\n{{ attribute.none }}"]
    {
        let composer = Composer::prepare_mailing(
            Intent::OfferLink,
            Language::De,
            &template(words, " \n"),
            sender(),
            &house(),
            vec![Signer::new("example.org", "s", pem.as_bytes()).unwrap()].into(),
        )
        .unwrap();
        let composed = composer.compose(&message(Intent::OfferLink), NOW).unwrap();
        let source = String::from_utf8(composed.content.to_vec()).unwrap();
        let (header, body) = source.split_once("\r\n\r\n").unwrap();
        assert!(header.contains("Content-Type: text/plain; charset=utf-8\r\n"));
        assert!(header.contains("\r\nContent-Transfer-Encoding: quoted-printable\r\n"));
        assert!(header.contains("\r\nContent-Language: de\r\n"));
        assert!(!header.contains("multipart"));
        assert!(body.ends_with("\r\n") && !body.ends_with("\r\n\r\n"), "{body:?}");
        // The body is its own relaxed form (RFC 6376 §3.4.4): one line end at its end, no blanks to take out.
        let hash = STANDARD.encode(digest(&SHA256, body.as_bytes()));
        assert!(
            header.replace("\r\n\t", "").replace("\r\n ", "").contains(&format!("bh={hash}")),
            "{header}"
        );
        let parsed = MessageParser::default().parse(&*composed.content).unwrap();
        assert_eq!(parsed.parts.len(), 1);
        assert_eq!(parsed.subject(), Some("For Ada Lovelace Family & <Friends>"));
    }
}

/// What the engine makes of a part, with every value in it: the judge of the fast way.
fn rendered(composer: &Composer, part: Part, message: &RunMessage) -> String {
    let prepared = &composer.languages[0];
    let mut values = Values::default();
    for one in Replacement::ALL {
        values.set(*one, prepared.value(*one, message).into_owned());
    }
    let token = message.carried.secret().unwrap().expose();
    values.set(Replacement::PersonalLink, format!("https://people.example.org/reset/link/{token}"));
    for name in ["plan", "seat", "none"] {
        let value = message.attributes.get(name).map_or("", String::as_str);
        values.set_attribute(name, crate::header::clean(value).into_owned());
    }
    prepared.engine.render(part, &values).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_recipient_gets_exactly_the_rendered_mailing(
        full in "(?s).{0,90}", plan in "(?s).{0,300}", seat in "\\PC{0,90}", token in "[A-Za-z0-9._-]{1,90}",
        tag in "[A-Za-z0-9_-]{0,20}", slow in any::<bool>(), alone in any::<bool>(),
        literal in "[ a-zA-Z\n\t.=é-]{0,200}",
    ) {
        let greeting = if slow { "{% if attribute.plan %}{{ attribute.seat | upper }}{% endif %}" } else { "{{ attribute.seat }}" };
        let words = format!("{literal}{greeting}\n{{{{ personal_link }}}} \n{{{{ request_password_link }}}}\n{{{{ attribute.plan }}}}{{{{ attribute.none }}}}");
        let html = format!("<p title=\"{{{{ attribute.plan }}}}\">{literal}{greeting}</p><i>{{{{ attribute.plan }}}}</i><a href=\"{{{{ personal_link }}}}\">{{{{ full_name }}}}x</a>");
        let composer = composer(Intent::PersonalLink, &template(&words, if alone { "" } else { &html }));
        let message = RunMessage {
            full_name: full, request_tag: tag, carried: Carried::Link(Secret::new(token)),
            attributes: [("plan".to_owned(), plan), ("seat".to_owned(), seat)].into(),
            ..message(Intent::PersonalLink)
        };
        let composed = composer.compose(&message, NOW).unwrap();
        let expected = rendered(&composer, Part::Text, &message);
        if alone {
            let end = |text: &str| text.trim_end_matches('\n').to_owned();
            prop_assert_eq!(end(&text_of(&composed)), end(&expected));
        } else {
            prop_assert_eq!(text_of(&composed), expected);
            prop_assert_eq!(html_part(&composed), rendered(&composer, Part::Html, &message));
        }
        let source = String::from_utf8(composed.content.to_vec()).unwrap();
        prop_assert!(source.ends_with("\r\n") && !source.ends_with("\r\n\r\n") && !source.contains('\0'));
        prop_assert!(!source.replace("\r\n", "").contains(['\r', '\n']), "no bare CR or LF");
        prop_assert!(source.split("\r\n").all(|line| line.len() <= 998 && !line.starts_with('.')));
        let (_, body) = source.split_once("\r\n\r\n").unwrap();
        prop_assert!(!body.contains("  ") && !body.contains('\t') && !body.contains(" \r\n"));
    }
}

#[test]
fn a_run_with_attributes_is_composed_from_prepared_pieces() {
    for intent in Intent::ALL {
        for language in Language::ALL {
            let words = starter(*intent, language);
            let with = |text: &str| format!("{text}\n\n{{{{ attribute.plan }}}} {{{{ display_name }}}}\n");
            let html = html_of(*intent, language, HtmlFormat::Markdown, &with(words.markdown)).unwrap();
            let template = Template { subject: words.subject.into(), text: with(words.text), html };
            let checked = guard::check(TemplateKind::Mailing(*intent), &template).unwrap();
            assert_eq!(Part::ALL.map(|part| checked.is_per_recipient(part)), [false; 3]);
            assert_eq!(checked.attributes(), ["plan"]);
            let composed = composer(*intent, &template).compose(&message(*intent), NOW).unwrap();
            assert!(text_of(&composed).contains("Family & <Friends> Countess Ada"));
            assert!(html_part(&composed).contains("Family &amp; &lt;Friends&gt; Countess Ada"));
        }
    }
    assert_ne!(
        crate::render::mark(Slot::Attribute(0)),
        crate::render::mark(Slot::Known(Replacement::Salutation))
    );
}
