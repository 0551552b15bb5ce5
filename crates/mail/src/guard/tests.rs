use super::*;
use domain::language::Language;

const TEXT: &str = "{{ salutation }}\n\n{{ password }}\n\n{{ login_url }}\n";
const HTML: &str = "<p>{{ salutation }}</p><p>{{ password }}</p><a href=\"{{ login_url }}\">x</a>";

fn template(subject: &str, text: &str, html: &str) -> Template {
    Template { subject: subject.into(), text: text.into(), html: html.into() }
}

fn problems(template: &Template) -> Vec<Problem> {
    check(TemplateKind::NewPassword, template).err().unwrap_or_default()
}

fn text_problems(before: &str) -> Vec<Problem> {
    problems(&template("s", &format!("{before}\n{TEXT}"), HTML))
}

fn html_problems(before: &str) -> Vec<Problem> {
    problems(&template("s", TEXT, &format!("{before}{HTML}")))
}

#[test]
fn what_the_guard_allows_passes() {
    for text in [
        "{{ given_name | default(\"you\", true) }}",
        "{{- full_name|upper|trim -}}",
        "{% if help_contact and not organisation == 'x' %}a{% elif language != \"de\" %}b{% else %}c{% endif %}",
        "{# a note {{ nothing }} #}",
        "a } b }} c %} { d",
    ] {
        assert_eq!(text_problems(text), [], "{text}");
    }
    for html in [
        "<td bgcolor=\"{{ accent }}\" style='color:{{ on_accent }}'>{{ full_name }}</td>",
        "<!--[if mso]><table><tr><td><![endif]-->",
        "<title>{{ organisation }}</title><style>a { color: {{ accent }} }</style>",
        "{% if help_contact %}<b>{{ help_contact }}</b>{% endif %}",
        "<a href=\"mailto:{{ help_contact }}\" title=\"{{ organisation }}\">a</a>",
    ] {
        assert_eq!(html_problems(html), [], "{html}");
    }
}

#[test]
fn every_way_out_of_the_sandbox_is_closed() {
    for text in [
        "{% set x = 1 %}",
        "{% for a in full_name %}{% endfor %}",
        "{% macro m() %}{% endmacro %}",
        "{% call m() %}{% endcall %}",
        "{% block b %}{% endblock %}",
        "{% filter upper %}{% endfilter %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{% raw %}{{ x }}{% endraw %}",
        "{% do x %}",
        "{% autoescape false %}{% endautoescape %}",
        "{% with a = 1 %}{% endwith %}",
        "{{ full_name.x }}",
        "{{ full_name['x'] }}",
        "{{ range(9) }}",
        "{{ full_name * 1000 }}",
        "{{ full_name ~ full_name }}",
        "{{ \"a\" }}",
        "{{ full_name | safe }}",
        "{{ full_name | replace('a', 'b') }}",
        "{{ full_name | default(organisation) }}",
        "{{ full_name if organisation }}",
        "{{ [1] }}",
        "{{ {} }}",
        "{{ self }}",
        "{{ loop }}",
        "{{ secret }}",
        "{{ \"a\\\"b\" }}",
        "{{ full_name",
        "{% if full_name %}",
        "{% endif %}",
        "{% if full_name %}{% else %}{% else %}{% endif %}",
        "{% if (full_name) %}{% endif %}",
        "{% if full_name is defined %}{% endif %}",
        "{% if password == 'x' %}{% endif %}",
        "{{ password | upper }}",
        "{# open",
        "{{ 'a}}' }}",
        "\u{FDD0}a\u{FDD1}",
        "\u{0}",
    ] {
        assert_ne!(text_problems(text), [], "{text}");
    }
}

#[test]
fn a_fault_is_shown_with_its_place_and_what_is_right() {
    let found = text_problems("Grüße\n  ä {{ surname }}");
    assert_eq!((found[0].part, found[0].line, found[0].column), (Part::Text, 2, 8));
    assert!(
        found[0]
            .to_string()
            .starts_with("text part, line 2, column 8: surname is no replacement; there are salutation, ")
    );
    let two = text_problems("{% set a %}\n{{ b }}");
    assert_eq!(two.iter().map(|one| one.line).collect::<Vec<_>>(), [1, 2], "all faults at once");
}

#[test]
fn a_mail_without_password_or_address_is_refused() {
    let html_without = "<p>x</p><a href=\"{{ login_url }}\">x</a>";
    for (text, html) in [
        ("{{ login_url }}", HTML),
        ("{{ password }}", HTML),
        ("{% if help_contact %}{{ password }}{% endif %} {{ login_url }}", HTML),
        ("Password:{{ password }}. {{ login_url }}", HTML),
        (TEXT, html_without),
        (TEXT, "<p>{{ password }}</p>"),
    ] {
        assert_ne!(problems(&template("s", text, html)), [], "{text} {html}");
    }
    for hidden in [
        "<!-- {{ password }} -->",
        "<p title=\"{{ password }}\">x</p>",
        "<a href=\"{{ login_url }}?p={{ password }}\">x</a>",
        "<style>{{ password }}</style>",
        "<title>{{ password }}</title>",
        "<div style=\"display: none\"><p> {{ password }} </p></div>",
        "<div hidden>{{ password }}</div>",
        "<b>“{{ password }}”</b>",
        "{% if organisation %}<p>{{ password }}</p>{% endif %}",
    ] {
        assert_ne!(problems(&template("s", TEXT, &format!("{hidden}{html_without}"))), [], "{hidden}");
    }
}

#[test]
fn the_login_address_is_seen_only_as_a_whole_link_or_as_text() {
    let with = |link: &str| problems(&template("s", TEXT, &format!("<p> {{{{ password }}}} </p>{link}")));
    for link in [
        "<a href=\"{{ login_url }}\">x</a>",
        "<a class='b' href=' {{ login_url }} '>x</a>",
        "<p>{{ login_url }}</p>",
        "<a href=\"https://portal.example\">{{ login_url }}</a>",
    ] {
        assert_eq!(with(link), [], "{link}");
    }
    for link in [
        "<a href=\"https://evil.example/?u={{ login_url }}\">x</a>",
        "<a href=\"{{ login_url }}.evil.example\">x</a>",
        "<a href=\"{{ login_url }}{{ login_url }}\">x</a>",
        "<a href=\"mailto:x@evil.example?body={{ login_url }}\">x</a>",
    ] {
        // Refused even beside a link that is right.
        let beside = format!("{link}<a href=\"{{{{ login_url }}}}\">x</a>");
        assert!(
            with(&beside).iter().any(|one| one.to_string().contains("login_url }} may not stand here")),
            "{link}"
        );
    }
    for unseen in [
        "<a href=\"{{ login_url }}\" style=\"display:none\">x</a>",
        "<a style=\"font-size: 0px\" href=\"{{ login_url }}\">x</a>",
        "<p href=\"{{ login_url }}\">x</p>",
        "{% if organisation %}<a href=\"{{ login_url }}\">x</a>{% endif %}",
    ] {
        assert_ne!(with(unseen), [], "{unseen}");
    }
}

#[test]
fn no_style_sheet_hides_anything_and_an_element_that_does_so_itself_holds_no_password() {
    for style in [
        "<style>.x{display:none}</style>",
        "<style>.x { DISPLAY : /* */ None !important; }</style>",
        "<style>@media (max-width: 600px) { .x { font-size: 0 } }</style>",
        "<style>.x{position:absolute;left:-9999px}</style>",
        "<style>.x{max-height:0;overflow:hidden}</style>",
        "<!--[if mso]><style>.x{mso-hide:all}</style><![endif]-->",
        "<!--[if mso]><style>td{display:none}</style><![endif]-->",
    ] {
        let found = html_problems(&format!("{style}<p class=\"x\">a</p>"));
        assert!(
            found.iter().any(|one| one.to_string().contains("could hide the password")),
            "{style} {found:?}"
        );
    }
    let preheader = "<div style=\"display:none;max-height:0;overflow:hidden;mso-hide:all;\">Once, until {{ valid_until }}</div>";
    assert_eq!(html_problems(preheader), []);
    for hidden in
        ["max-height:0;overflow:hidden", "opacity: 0.0", "text-indent:-9999px", "clip:rect(0,0,0,0)"]
    {
        let html =
            format!("<p style=\"{hidden}\"> {{{{ password }}}} </p><a href=\"{{{{ login_url }}}}\">x</a>");
        assert_ne!(problems(&template("s", TEXT, &html)), [], "{hidden}");
    }
}

#[test]
fn nothing_in_the_html_loads_runs_or_leads_elsewhere() {
    for html in [
        "<script>x</script>",
        "<ScRiPt>x</ScRiPt>",
        "<scr{# #}ipt>x</script>",
        "<img src=\"https://x.example/1.gif\">",
        "<link rel=stylesheet href=\"https://x.example\">",
        "<iframe></iframe>",
        "<form action=x></form>",
        "<p onclick=\"x\">a</p>",
        "<p/onclick=x>a</p>",
        "<td background=\"https://x.example\">a</td>",
        "<p style=\"background: URL (https://x.example)\">a</p>",
        "<p style=\"background:u\\72l(x)\">a</p>",
        "<p style=\"background:&#117;rl(x)\">a</p>",
        "<style>@import 'x';</style>",
        "<a href=\"javascript:x\">a</a>",
        "<a href=\"{{ full_name }}\">a</a>",
        "<a href=http://x.example>a</a>",
        "<meta http-equiv=\"refresh\" content=\"0\">",
        "<p class={{ full_name }}>a</p>",
        "<p {{ full_name }}>a</p>",
        "<{{ full_name }}>",
        "<p style=\"color:{{ full_name }}\">a</p>",
        "<style>{{ full_name }}</style>",
        "<!-- {{ full_name }} -->",
        "<!--><script>x</script>-->",
        "<!-- --!><script>x</script>-->",
        "<!--[if mso]><img src=\"x\"><![endif]-->",
        "<title></title ><script>x</script></title>",
        "<p {% if organisation %}class=\"a\"{% endif %}>a</p>",
        "<svg></svg>",
        "1 < 2",
        "<p title=\"",
    ] {
        assert_ne!(html_problems(html), [], "{html}");
    }
}

#[test]
fn a_subject_is_one_short_line_without_the_password() {
    for subject in ["", "   ", "a\nb", "{{ password }}", "{{ nobody }}", &"x".repeat(600)] {
        assert_ne!(problems(&template(subject, TEXT, HTML)), [], "{subject}");
    }
    assert_eq!(problems(&template("{{ full_name }}, hello\n", TEXT, HTML)), []);
}

#[test]
fn a_template_has_its_limit_of_size() {
    assert_ne!(text_problems(&"x".repeat(MOST_OCTETS)), []);
    let deep = "{% if organisation %}".repeat(40) + &"{% endif %}".repeat(40);
    assert_ne!(text_problems(&deep), []);
    let many = "{{ full_name|upper|lower|title }} ".repeat(7_000);
    let started = std::time::Instant::now();
    let _ = text_problems(&many);
    assert!(started.elapsed().as_secs() < 10, "a large template is checked in bounded time");
}

#[test]
fn conditions_on_recipients_are_noticed() {
    let of = |text: &str| {
        let checked =
            check(TemplateKind::NewPassword, &template("s", &format!("{text}{TEXT}"), HTML)).unwrap();
        (checked.is_per_recipient(Part::Text), checked.is_per_recipient(Part::Html))
    };
    assert_eq!(of("{% if help_contact %}x{% endif %}"), (false, false));
    assert_eq!(of("{% if given_name %}x{% endif %}"), (true, false));
    assert_eq!(of("{{ given_name|upper }}"), (true, false));
    assert_eq!(of("{{ organisation|upper }}"), (false, false));
}

#[test]
fn an_operators_template_replaces_one_language() {
    let mut templates = crate::Templates::standard(TemplateKind::NewPassword).unwrap();
    assert!(templates.replace(Language::De, &template("s", TEXT, "no")).is_err());
    assert!(templates.replace(Language::De, &template("s", TEXT, HTML)).is_ok());
    let html: Vec<_> = templates.by_language().map(|(_, checked)| checked.template().html.len()).collect();
    assert_eq!(html[1], HTML.len());
    assert!(html[0] > HTML.len() && html[2] > HTML.len());
}
