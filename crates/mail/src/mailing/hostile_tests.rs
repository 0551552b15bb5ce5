//! What hostile or careless people write: into words, names and attributes.

use super::*;
use domain::address::Address;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const NOW: i64 = 1_795_251_600_000; // 2026-11-21 09:00 UTC
/// Builds for tests are slow: released ones take a small part of it.
const PATIENCE: Duration = Duration::from_secs(5);

fn named(name: &str) -> RunMessage {
    RunMessage {
        to: Address::parse("ada@example.net").unwrap(),
        full_name: name.into(),
        given_name: name.into(),
        family_name: name.into(),
        display_name: name.into(),
        username: name.into(),
        language: Language::En,
        time_zone: None,
        attributes: BTreeMap::from([("plan".to_owned(), name.to_owned())]),
        carried: Carried::Nothing,
        valid_until: NOW,
        request_tag: String::new(),
        message_key: "sample".into(),
    }
}

fn shown(source: &str, name: &str) -> Preview {
    shown_to(source, named(name))
}

fn shown_to(source: &str, message: RunMessage) -> Preview {
    let html = html_of(Intent::OfferLink, Language::En, HtmlFormat::Markdown, source).unwrap();
    let text = "{{ request_password_link }}\n{{ full_name }}|{{ attribute.plan }}|".to_owned();
    let template = Template { subject: "{{ full_name }}".into(), text, html };
    let house = crate::House {
        organisation: "Riverside Library".into(),
        help_contact: String::new(),
        login_url: "https://people.riverside.example/login".into(),
        base_url: "https://people.riverside.example".into(),
        accent: crate::Colour::default(),
        time_zone: "UTC".into(),
    };
    let address = Address::parse("post@example.org").unwrap();
    let sender = crate::Sender { address, name: String::new(), reply_to: None, bounce: None };
    let composer =
        Composer::prepare_mailing(Intent::OfferLink, Language::En, &template, sender, &house, [].into())
            .unwrap();
    preview(&composer, message, NOW).unwrap()
}

const WORDS: &str = "# {{ full_name }}\n\n{{ salutation }} {{ attribute.plan }} **{{ display_name }}** `{{ username }}`\n\n[{{ given_name }}]({{ request_password_link }})\n\n{{ request_password_link }}\n";

#[test]
fn case_78_markup_and_links_in_names_and_attributes_are_inert() {
    for name in [
        "<img src=x onerror=alert(1)>",
        "\"><script>alert(1)</script>",
        "javascript:alert(1)",
        "[click](https://evil.example)",
        "<a href=\"https://evil.example\">x</a>",
        "' onmouseover='x",
        "--><b>",
        "</td></table>",
    ] {
        let preview = shown(WORDS, name);
        let escaped = name
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('\'', "&#39;");
        assert!(preview.html.contains(&escaped), "{name}\n{}", preview.html);
        for tag in ["<script", "<img", "<b>", "href=\"https://evil", "href=\"javascript"] {
            assert!(!preview.html.contains(tag), "{name} {tag}");
        }
        assert!(preview.text.contains(name));
        assert!(preview.html.ends_with("</html>\r\n") || preview.html.ends_with("</html>\n"));
    }
}

#[test]
fn case_79_template_syntax_in_values_is_shown_as_it_is() {
    for name in [
        "{{ password }}",
        "{% if 1 %}x{% endif %}",
        "{# x #}",
        "${7*7}",
        "#{7*7}",
        "<%= 7*7 %>",
        "{{7*7}}",
        "\u{FDD0}a\u{FDD1}",
    ] {
        let preview = shown(WORDS, name);
        let clean = crate::header::clean(name);
        assert!(preview.text.contains(&format!("{clean}|{clean}|")), "{name} {}", preview.text);
        assert!(!preview.html.contains("49"), "{name}");
        assert_eq!(preview.subject, clean);
    }
}

#[test]
fn case_82_an_address_nobody_confirmed_gets_no_words_a_stranger_chose() {
    for name in ["Urgent visit evil.example", "Ihr Konto wird gesperrt"] {
        let message = RunMessage { username: "ada".into(), ..named(name) };
        assert!(format!("{:?}", shown_to(WORDS, message)).contains(name));
        let message = RunMessage { username: "ada".into(), ..named(name) }.without_names();
        let preview = shown_to(WORDS, message);
        assert!(preview.html.contains("Hello,") && preview.html.contains("ada"), "{}", preview.html);
        assert!(!format!("{preview:?}").contains(name));
    }
    // Known by name, but the name would be a link: it is not greeted.
    let preview = shown("{{ salutation }} {{ request_password_link }}", "Urgent visit evil.example");
    assert!(preview.html.contains("Hello, <a") && !preview.html.contains("evil.example"), "{}", preview.html);
}

/// Markdown that would load, run or carry something away.
const MARKDOWN: [&str; 21] = [
    "{% include 'x' %}",
    "{% for a in full_name %}{% endfor %}",
    "{% macro a() %}{% endmacro %}",
    "{{ range(9) }}",
    "{{ full_name.__class__ }}",
    "{{ attribute['plan'] }}",
    "{{ attribute.plan() }}",
    "{{ attribute }}",
    "![x](https://x.example/1.gif)",
    "[x](javascript:alert)",
    "[x](JaVaScRiPt:alert)",
    "[x](&#106;avascript:alert)",
    "[x](data:text/html,x)",
    "[x](http://x.example)",
    "[x](//x.example)",
    "[x](file:///etc/passwd)",
    "<javascript:alert>",
    "[x](https://x.example/{{ personal_link }})",
    "\u{FDD0}3\u{FDD1}",
    "[x](#&#xFDD0;9&#xFDD1;)",
    "\u{0}",
];
/// Bodies of MJML that would.
const BODIES: [&str; 14] = [
    "<mj-image src=\"https://x.example/1.gif\" />",
    "<mj-text><img src=\"https://x.example/1.gif\"></mj-text>",
    "<mj-raw><script>x</script></mj-raw>",
    "<mj-text><a href=\"javascript:x\">x</a></mj-text>",
    "<mj-button href=\"javascript:x\">x</mj-button>",
    "<mj-text onclick=\"x\"><p onclick=\"x\">x</p></mj-text>",
    "<mj-hero background-url=\"https://x.example/1.gif\"><mj-text>x</mj-text></mj-hero>",
    "<mj-section background-url=\"https://x.example/1.gif\"><mj-column></mj-column></mj-section>",
    "<mj-social><mj-social-element name=\"facebook\" href=\"https://x.example\">x</mj-social-element></mj-social>",
    "<mj-carousel><mj-carousel-image src=\"https://x.example/1.gif\" /></mj-carousel>",
    "<mj-include path=\"/etc/passwd\" />",
    "<mj-section css-class=\"&quot;><script>x</script>\"><mj-column></mj-column></mj-section>",
    "<mj-text padding=\"0;background:url(https://x.example)\">x</mj-text>",
    "<mj-text>{% for a in b %}{% endfor %}</mj-text>",
];
/// Heads of MJML that would.
const HEADS: [&str; 7] = [
    "<mj-font name=\"X\" href=\"https://x.example/x.css\" /><mj-attributes><mj-all font-family=\"X\" /></mj-attributes>",
    "<mj-style>@import url(https://x.example);</mj-style>",
    "<mj-style>div { display: none }</mj-style>",
    "<mj-style inline=\"inline\">p { background: url(x) }</mj-style>",
    "<mj-raw><link rel=\"stylesheet\" href=\"https://x.example\"></mj-raw>",
    "<mj-raw><meta http-equiv=\"refresh\" content=\"0\"></mj-raw>",
    "<mj-title></title><script>x</script></mj-title>",
];

#[test]
fn case_80_words_that_load_run_or_loop_are_refused() {
    for source in MARKDOWN {
        let made = html_of(Intent::PersonalLink, Language::En, HtmlFormat::Markdown, source);
        assert!(made.is_err(), "{source} {made:?}");
    }
    for body in BODIES {
        let needed = "<mj-section><mj-column><mj-text>{{ personal_link }}</mj-text></mj-column></mj-section>";
        let inside = if body.starts_with("<mj-section") || body.starts_with("<mj-hero") {
            body.to_owned()
        } else {
            format!("<mj-section><mj-column>{body}</mj-column></mj-section>")
        };
        for head in ["", "<mj-head></mj-head>"] {
            let source = format!("<mjml>{head}<mj-body>{needed}{inside}</mj-body></mjml>");
            assert!(refused(&source), "{body}");
        }
    }
    for head in HEADS {
        let source = format!(
            "<mjml><mj-head>{head}</mj-head><mj-body><mj-section><mj-column><mj-text>{{{{ personal_link }}}}</mj-text></mj-column></mj-section></mj-body></mjml>"
        );
        assert!(refused(&source), "{head}");
    }
}

/// Whether MJML is refused on its way to a mail.
fn refused(source: &str) -> bool {
    let Ok(html) = html_of(Intent::PersonalLink, Language::En, HtmlFormat::Mjml, source) else {
        return true;
    };
    let template = Template { subject: "s".into(), text: "{{ personal_link }}".into(), html };
    !check(Intent::PersonalLink, &template, &[]).is_empty()
}

#[test]
fn html_in_markdown_is_only_text() {
    for source in [
        "a <script>alert(1)</script>",
        "<script>\nalert(1)\n</script>",
        "<div onclick=x>\n\n{{ full_name }}\n\n</div>",
        "<!-- {{ request_password_link }} -->",
        "<?x?>",
        "`<b>`",
        "    <b>",
        "&#xFDD0;0&#xFDD1; &#xFDD0;a&#xFDD1; &#xFDD0;",
        "a {\\{ password }} &#123;{ password }} {&#37; if x %}",
        "[x](https://x.example/\"><script>)",
        "[x](https://x.example/{&#123;password}})",
    ] {
        let source = format!("{source}\n\n{{{{ request_password_link }}}}");
        let preview = shown(&source, "Ada");
        for tag in ["<script", "<div o", "<b>", "<?x", "EXAMPLE"] {
            assert!(!preview.html.contains(tag), "{source}\n{}", preview.html);
        }
    }
    let literal = shown("a {\\{ password }} {&#37; if x %}\n\n{{ request_password_link }}", "Ada");
    assert!(literal.html.contains("a &#123;&#123; password }} &#123;% if x %}"), "{}", literal.html);
}

/// A piece again and again, up to the most a part may have.
fn filled(piece: &str) -> String {
    piece.repeat(MOST_OCTETS / piece.len())
}

#[test]
fn very_long_and_deeply_nested_markdown_is_refused_or_made_in_time() {
    let pieces = [
        "a ",
        "# a\n\n",
        "> ",
        ">\n",
        "*",
        "**a ",
        "[",
        "[a](",
        "![a](",
        "`a",
        "<a ",
        "<!-- ",
        "- a\n  ",
        "{{ full_name }}",
        "{% if full_name %}{% endif %}",
        "&#123;",
        "\\[",
        "[a]: b\n",
        "a\n\n",
        "1. ",
        "[a](x) ",
        "![a](x) ",
        "_a ",
    ];
    let sources =
        pieces.iter().map(|piece| filled(piece)).chain(["> ".repeat(400) + "a", "x".repeat(MOST_OCTETS + 1)]);
    for source in sources {
        let began = Instant::now();
        let made = html_of(Intent::OfferLink, Language::En, HtmlFormat::Markdown, &source);
        assert!(began.elapsed() < PATIENCE, "{source:.20} took {:?}", began.elapsed());
        assert!(
            made.is_err_and(|problems| !problems.is_empty()) || source.len() <= MOST_OCTETS,
            "{source:.20}"
        );
    }
    let deep = html_of(Intent::OfferLink, Language::En, HtmlFormat::Markdown, &("> ".repeat(400) + "a"));
    assert!(deep.unwrap_err()[0].to_string().contains("at most 24 are allowed"));
}

#[test]
fn very_long_and_deeply_nested_mjml_is_refused_in_time() {
    let deep = |open: &str, close: &str, times: usize| {
        let inside = open.repeat(times) + "x" + &close.repeat(times);
        format!("<mjml><mj-body><mj-section><mj-column>{inside}</mj-column></mj-section></mj-body></mjml>")
    };
    let colour = "a".repeat(100_000);
    let texts = "<mj-text>a</mj-text>".repeat(2_000);
    let defaults = format!(
        "<mjml><mj-head><mj-attributes><mj-text color=\"{colour}\" /></mj-attributes></mj-head><mj-body><mj-section><mj-column>{texts}</mj-column></mj-section></mj-body></mjml>"
    );
    for source in [
        deep("<mj-text><b>", "</b></mj-text>", 8_000),
        deep("<mj-raw><b>", "</b></mj-raw>", 8_000),
        deep("<mj-raw><b><!-- </b> -->", "</b></mj-raw>", 6_000),
        deep("<b><i></b>", "", 8_000),
        deep("<mj-text>a</mj-text>", "", 10_000),
        deep("<mj-raw><br>", "</mj-raw>", 8_000),
        deep("<mj-section>", "</mj-section>", 9_000),
        deep("<mj-wrapper>", "", 9_000),
        deep("<", "", MOST_OCTETS - 200),
        deep("<!--", "", MOST_OCTETS / 4 - 200),
        defaults,
    ] {
        let began = Instant::now();
        let made = html_of(Intent::OfferLink, Language::En, HtmlFormat::Mjml, &source);
        assert!(began.elapsed() < PATIENCE, "{source:.60} took {:?}", began.elapsed());
        assert!(made.is_err(), "{source:.90}");
    }
}
