use super::*;
use crate::compose::Composer;
use crate::house::{Colour, House, Sender};
use domain::address::Address;
use std::collections::BTreeMap;
use std::sync::Arc;

const NOW: i64 = 1_795_251_600_000; // 2026-11-21 09:00 UTC
const MJML: &str = include_str!("sample.mjml");

fn composer(intent: Intent, language: Language, template: &Template) -> Composer {
    let sender = Sender {
        address: Address::parse("post@example.org").unwrap(),
        name: "Riverside Library".into(),
        reply_to: None,
        bounce: None,
    };
    let house = House {
        organisation: "Riverside Library".into(),
        help_contact: "help@riverside.example".into(),
        login_url: "https://people.riverside.example/login".into(),
        base_url: "https://people.riverside.example".into(),
        accent: Colour::default(),
        time_zone: "Europe/Berlin".into(),
    };
    Composer::prepare_mailing(intent, language, template, sender, &house, Arc::new([])).unwrap()
}

fn message() -> RunMessage {
    RunMessage {
        to: Address::parse("ada@example.net").unwrap(),
        full_name: "Ada Lovelace".into(),
        given_name: "Ada".into(),
        family_name: String::new(),
        display_name: " ".into(),
        username: "ada".into(),
        language: Language::De,
        time_zone: None,
        attributes: BTreeMap::from([("plan".to_owned(), "Family".to_owned())]),
        carried: Carried::Nothing,
        valid_until: NOW + 3 * 86_400_000,
        request_tag: "secret-tag".into(),
        message_key: "sample".into(),
    }
}

fn markdown(source: &str) -> Result<String, Vec<Problem>> {
    let found = html_of(Intent::PersonalLink, Language::En, HtmlFormat::Markdown, source)?;
    let (_, content) = found.split_once("color:#1c2430;\">\n").unwrap_or(("", &found));
    Ok(content
        .split_once("</td></tr>\n</table>\n<!--[if mso]></td>")
        .map_or(content, |(inside, _)| inside)
        .to_owned())
}

fn text_and(html: &str) -> Template {
    let text = "{{ personal_link }}\n".to_owned();
    Template { subject: "s".into(), text, html: html.to_owned() }
}

fn problems(intent: Intent, subject: &str, text: &str, html: &str) -> Vec<String> {
    let template = Template { subject: subject.into(), text: text.into(), html: html.into() };
    check(intent, &template, &["plan".to_owned()]).iter().map(ToString::to_string).collect()
}

#[test]
fn the_ready_made_words_pass_the_guard_with_and_without_html() {
    for intent in Intent::ALL {
        for language in Language::ALL {
            let template = standard(*intent, language);
            assert!(template.html.contains("{{ accent }}"), "{intent} {language}");
            assert_eq!(check(*intent, &template, &[]), [], "{intent} {language}");
            let alone = Template { html: String::new(), ..template };
            assert_eq!(check(*intent, &alone, &[]), [], "{intent} {language}");
        }
    }
}

#[test]
fn the_ready_made_mails_read_like_this() {
    let pages = [
        (Intent::OfferLink, Language::En),
        (Intent::PersonalLink, Language::De),
        (Intent::ForcePassword, Language::Fr),
    ];
    for intent in Intent::ALL {
        for language in Language::ALL {
            let composer = composer(*intent, language, &standard(*intent, language));
            let preview = preview(&composer, message(), NOW).unwrap();
            let text = format!("{}\n\n{}", preview.subject, preview.text).replace("\r\n", "\n");
            insta::assert_snapshot!(format!("{intent}_{language}"), text);
            if pages.contains(&(*intent, language)) {
                insta::assert_snapshot!(
                    format!("{intent}_{language}_html"),
                    preview.html.replace("\r\n", "\n")
                );
            }
        }
    }
}

#[test]
fn a_mail_from_mjml_reads_like_this() {
    let html = html_of(Intent::PersonalLink, Language::En, HtmlFormat::Mjml, MJML).unwrap();
    let template = text_and(&html);
    assert_eq!(check(Intent::PersonalLink, &template, &["plan".to_owned()]), []);
    let preview = preview(&composer(Intent::PersonalLink, Language::En, &template), message(), NOW).unwrap();
    for there in [
        "href=\"https://people.riverside.example/reset/link/EXAMPLE-NOT-A-LINK\"",
        "Hello Ada Lovelace,",
        "Your plan: Family",
        "lang=\"en\"",
        "background:#245bb0",
    ] {
        assert!(preview.html.contains(there), "{there}\n{}", preview.html);
    }
    for absent in ["fonts.googleapis", "<link", "@import", "src=", "http-equiv", "a note of the author"] {
        assert!(!preview.html.contains(absent), "{absent}");
    }
    insta::assert_snapshot!("mjml", preview.html.replace("\r\n", "\n"));
}

#[test]
fn a_preview_shows_no_secret_and_counts_for_nobody() {
    for (intent, shown) in [
        (Intent::OfferLink, "https://people.riverside.example/reset"),
        (Intent::PersonalLink, "https://people.riverside.example/reset/link/EXAMPLE-NOT-A-LINK"),
        (Intent::ForcePassword, "EXAMPLE-NOT-A-PASSWORD"),
    ] {
        let mut carrying = message();
        carrying.carried = Carried::Link(Secret::new("the-real-one".into()));
        let template = Template { html: String::new(), ..standard(intent, Language::En) };
        let preview = preview(&composer(intent, Language::En, &template), carrying, NOW).unwrap();
        assert!(preview.text.contains(shown), "{}", preview.text);
        let all = format!("{preview:?}");
        assert!(!all.contains("the-real-one") && !all.contains("secret-tag"));
        assert_eq!(preview.html, "");
    }
}

#[test]
fn markdown_becomes_the_blocks_of_a_mail() {
    let button = markdown("[Set your password]({{ personal_link }})").unwrap();
    assert!(button.starts_with("<table role=\"presentation\""), "{button}");
    assert!(button.contains("<a class=\"go\" href=\"{{ personal_link }}\""), "{button}");
    assert!(button.contains(">Set your password</a>"));
    let bold = markdown("**[Go *now*]({{ personal_link }})**\n\n[**Go** now]({{ personal_link }})").unwrap();
    assert!(bold.contains("<strong><a class=\"ink\"") && bold.contains(">Go now</a>"), "{bold}");
    let within = markdown("See [the page]({{personal_link}}) now.").unwrap();
    assert!(within.contains("See <a class=\"ink\" href=\"{{ personal_link }}\""), "{within}");
    assert!(!within.contains("<table"));
    let bare = markdown("Or open {{ personal_link }}").unwrap();
    assert!(bare.contains("href=\"{{ personal_link }}\"") && bare.contains(">{{ personal_link }}</a></p>"));
    let titled = markdown("[{{ personal_link }}]({{ personal_link }})").unwrap();
    assert!(!titled.contains("<table") && titled.matches("<a ").count() == 1, "{titled}");
    let reference = markdown("[Set it][page]\n\n[page]: {{ personal_link }}").unwrap();
    assert!(reference.contains("class=\"go\""));
    let code = markdown("`{{ personal_link }}` and\n\n    {{ personal_link }}\n").unwrap();
    assert!(!code.contains("<a "), "{code}");
    let list = markdown("3. **bold** *a*\n4. b\n\n- c  \nd").unwrap();
    assert!(list.contains("<ol start=\"3\"") && list.contains("<strong>bold</strong> <em>a</em>"), "{list}");
    assert!(list.contains("<ul") && list.contains("c<br>"));
    let others = markdown("# A\n## B\n### C\n> D\n\n---\n").unwrap();
    for there in ["<h1 ", "<h2 ", "<h3 ", "<blockquote ", "border-bottom:1px"] {
        assert!(others.contains(there), "{there} {others}");
    }
}

#[test]
fn replacements_and_conditions_stay_what_they_are_in_markdown() {
    let html = markdown(
        "{% if help_contact == \"a*b*c\" %}\n{{ full_name | default(\"_you_\", true) }}\n{% else %}\n{# *a* #}\n{% endif %}\n\n**{{ attribute.plan }}**",
    )
    .unwrap();
    assert!(html.contains("{% if help_contact == \"a*b*c\" %}"), "{html}");
    assert!(html.contains("{{ full_name | default(\"_you_\", true) }}"));
    assert!(html.contains("<strong>{{ attribute.plan }}</strong>"));
    let apart = markdown("{% if help_contact %}\n\nAsk.\n\n{% endif %}").unwrap();
    assert_eq!(apart.matches("<p ").count(), 1, "a condition is no paragraph: {apart}");
    let mail = markdown("[Ask](mailto:{{ help_contact }}?subject=a&body=b)\n").unwrap();
    assert!(mail.contains("href=\"mailto:{{ help_contact }}?subject=a&amp;body=b\""), "{mail}");
    let html = html_of(
        Intent::ForcePassword,
        Language::En,
        HtmlFormat::Markdown,
        "a\n\n{{ password }}\n\nIt is {{ password }}.",
    );
    let html = html.unwrap();
    assert!(html.contains("user-select:all;\">{{ password }}</td>"), "{html}");
    assert!(html.contains("user-select:all;\">{{ password }}</strong>."));
}

#[test]
fn an_intent_needs_its_replacement_visibly_in_both_parts() {
    let ok = |intent, text, html| assert_eq!(problems(intent, "s", text, html), [""; 0], "{text} {html}");
    let no = |intent, text: &str, html: &str, said: &str| {
        let found = problems(intent, "s", text, html);
        assert!(found.iter().any(|one| one.contains(said)), "{text} {html} {found:?}");
    };
    let (offer, personal, force) = (Intent::OfferLink, Intent::PersonalLink, Intent::ForcePassword);
    ok(offer, "{{ request_password_link }}", "<a href=\"{{ request_password_link }}\">x</a>");
    ok(offer, "{{ request_password_link }}", "<p>{{ request_password_link }}</p>");
    ok(personal, "{{ personal_link }}", "<a href='{{ personal_link }}'><b>x</b></a>");
    ok(personal, "{{ personal_link }} {{ request_password_link }} {{ valid_until }}", "");
    ok(force, "{{ password }} {{ login_url }}", "<p> {{ password }} </p><a href=\"{{ login_url }}\">x</a>");
    no(offer, "x", "", "text part, line 1, column 2: {{ request_password_link }} must stand in this part");
    no(offer, "{{ request_password_link }}", "<p>x</p>", "html part, line 1, column 9");
    no(force, "{{ password }}", "", "{{ login_url }} must stand in this part");
    for hidden in [
        "<a href=\"{{ personal_link }}\"></a>",
        "<a href=\"{{ personal_link }}\"> <b> </b></a>",
        "<a href=\"{{ personal_link }}\" style=\"display:none\">x</a>",
        "<div style=\"font-size:0\"><a href=\"{{ personal_link }}\">x</a></div>",
        "<div style=\"font-size:0\"><p style=\"font-size:1px\"><a href=\"{{ personal_link }}\">x</a></p></div>",
        "<div hidden><p style=\"font-size:16px\">{{ personal_link }}</p></div>",
        "{% if given_name %}<a href=\"{{ personal_link }}\">x</a>{% endif %}",
        "<a href=\"{{ personal_link }}\"><span style=\"display:none\">x</span></a>",
    ] {
        no(personal, "{{ personal_link }}", hidden, "{{ personal_link }} must stand in this part");
    }
    for carried in [
        "<!-- {{ personal_link }} -->",
        "<p title=\"{{ personal_link }}\">x</p>",
        "<p href=\"{{ personal_link }}\">x</p>",
        "<a href=\"https://evil.example/?u={{ personal_link }}\">x</a>",
        "<a href=\"{{ personal_link }}.evil.example\">x</a>",
        "<title>{{ personal_link }}</title>",
    ] {
        let beside = format!("{carried}<p>{{{{ personal_link }}}}</p>");
        no(
            personal,
            "{{ personal_link }}",
            &beside,
            "may stand only in the visible text or alone as the href",
        );
    }
    let seen = "<td style=\"font-size:0px\"><div style=\"font-size:16px\"><a href=\"{{ personal_link }}\">x</a></div></td>";
    ok(personal, "{{ personal_link }}", seen);
}

#[test]
fn what_an_intent_has_not_is_refused_with_its_place_and_what_is_right() {
    let first = |intent, text: &str| problems(intent, "s", text, "").first().cloned().unwrap_or_default();
    let has_not = [
        (Intent::OfferLink, "password"),
        (Intent::OfferLink, "personal_link"),
        (Intent::OfferLink, "valid_until"),
        (Intent::PersonalLink, "password"),
        (Intent::ForcePassword, "personal_link"),
    ];
    for (intent, name) in has_not {
        let said = first(intent, &format!("a\n b {{{{ {name} }}}}"));
        let expected =
            format!("text part, line 2, column 7: {name} has no value in this mail; there are salutation, ");
        assert!(said.starts_with(&expected), "{said}");
        let condition = first(intent, &format!("{{% if {name} %}}a{{% endif %}}"));
        assert!(condition.contains("has no value in this mail"), "{condition}");
    }
    let said = first(Intent::OfferLink, "{{ request_pasword_link }}");
    assert!(said.contains("did you mean request_password_link?"), "{said}");
    let said = first(Intent::OfferLink, "{{ attribute.plam }}");
    assert!(said.contains("column 4: there is no attribute plam; there are plan"), "{said}");
    for text in
        ["{{ attribute }}", "{{ attribute. }}", "{{ attribute.plan.x }}", "{{ full_name.x }}", "{{ x.plan }}"]
    {
        assert_ne!(first(Intent::OfferLink, text), "", "{text}");
    }
    for text in ["{{ personal_link | upper }}", "{% if personal_link %}{% endif %}", "({{ personal_link }})"]
    {
        assert!(first(Intent::PersonalLink, text).contains("personal_link"), "{text}");
    }
    let subject = problems(Intent::PersonalLink, "{{ personal_link }}", "{{ personal_link }}", "");
    assert!(subject.first().is_some_and(|one| one.contains("may not stand in the subject")), "{subject:?}");
    let house = Template {
        subject: "s".into(),
        text: "{{ attribute.plan }} {{ request_password_link }}".into(),
        html: String::new(),
    };
    let said = guard::check(TemplateKind::NewPassword, &house).unwrap_err();
    assert!(said.len() >= 4 && said[0].to_string().contains("attribute.plan is no replacement"), "{said:?}");
}

#[test]
fn a_fault_in_markdown_or_mjml_shows_its_place_in_what_was_written() {
    let place = |format, source: &str| {
        let found = html_of(Intent::OfferLink, Language::En, format, source).unwrap_err();
        (found[0].line, found[0].column, found[0].message.to_string())
    };
    let markdown = |source: &str| place(HtmlFormat::Markdown, source);
    let (line, column, said) = markdown("# A\n\nb {{ passwort }}");
    assert_eq!((line, column), (3, 6), "{said}");
    let (line, column, said) = markdown("{{ full_name }} {{ full_name }}\n\n[x](javascript:alert) ");
    assert_eq!((line, column), (3, 1), "{said}");
    let (line, column, said) = markdown("{{ full_name }} ![x](https://x.example/a.png)");
    assert_eq!((line, column), (1, 17), "{said}");
    assert!(said.contains("loads nothing"));
    let (_, _, said) = markdown("[x](https://x.example/{{ full_name }})");
    assert!(said.contains("full_name }} may not stand here"), "{said}");
    let mjml = |source: &str| place(HtmlFormat::Mjml, source);
    let (line, _, said) = mjml("<mjml>\n<mj-body>\n<mj-include path=\"a\" /></mj-body></mjml>");
    assert!(line == 3 && said.contains("mj-include"), "{line} {said}");
    let (line, _, said) = mjml("<mjml><mj-body>\n<mj-sektion></mj-sektion></mj-body></mjml>");
    assert!(line == 2 && said.contains("<mj-sektion> is not allowed"), "{line} {said}");
    let (line, _, said) = mjml("<mjml><mj-body>\n<mj-text></p></mj-text></mj-body></mjml>");
    assert!(line == 2 && said.contains("what is open is <mj-text>"), "{line} {said}");
    let (line, _, said) = mjml("<mjml>\n<mj-body><mj-section></mj-section>");
    assert!(line == 2 && said.contains("<mj-body> is not closed"), "{line} {said}");
    let (_, _, said) = mjml("<mjml><mj-body><mj-column></mj-body></mj-column></mjml>");
    assert!(said.contains("</mj-body> does not fit here"), "{said}");
    let (line, _, said) = mjml("<mjml><mj-body>\n{{ passwort }}</mj-body></mjml>");
    assert!(line == 2 && said.contains("no replacement") || said.contains("no value"), "{line} {said}");
    for broken in ["", "x", "<p>x</p>", "<mjml><mj-body>", "<mjml", "<mjml><mj-body></mj-section></mjml>"] {
        let made = html_of(Intent::OfferLink, Language::En, HtmlFormat::Mjml, broken);
        assert!(made.is_err() || broken.is_empty(), "{broken} {made:?}");
    }
}

#[test]
fn attributes_and_what_is_empty_are_told() {
    let template = Template {
        subject: "{{ attribute.seat }}".into(),
        text: "{{ personal_link }} {{ family_name }} {{ display_name | default(\"you\", true) }} {% if attribute.plan %}{{ given_name }}{% endif %}".into(),
        html: "<p title=\"{{ attribute.room_2 }}\">{{ attribute.plan }} {{ given_name }}</p>".into(),
    };
    assert_eq!(attributes_of(&template), ["plan", "room_2", "seat"]);
    assert_eq!(empty_for(&template, &message()), ["attribute.room_2", "attribute.seat", "family_name"]);
    let known = ["plan", "seat"].map(str::to_owned);
    let said: Vec<String> =
        check(Intent::PersonalLink, &template, &known).iter().map(ToString::to_string).collect();
    assert!(
        said.iter().any(|one| one.contains("there is no attribute room_2; there are plan, seat")),
        "{said:?}"
    );
    assert_eq!(
        attributes_of(&Template { subject: "{{ nobody".into(), text: "{{ x }}".into(), html: String::new() }),
        [""; 0]
    );
}

#[test]
fn the_list_of_an_intent_has_what_it_needs_and_nothing_it_has_not() {
    for intent in Intent::ALL {
        let kind = TemplateKind::Mailing(*intent);
        for language in Language::ALL {
            let list: Vec<Replacement> =
                available(*intent, language).iter().map(|one| one.replacement).collect();
            assert!(kind.needed().iter().all(|one| list.contains(one)), "{intent}");
            assert_eq!(list.contains(&Replacement::Password), *intent == Intent::ForcePassword);
            assert_eq!(list.contains(&Replacement::PersonalLink), *intent == Intent::PersonalLink);
            assert_eq!(list.contains(&Replacement::ValidUntil), *intent != Intent::OfferLink);
        }
    }
}
