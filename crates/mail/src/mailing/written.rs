//! The words of a mailing as an operator wrote them: checked, and made into a template.

use super::{check, html_knowing};
use crate::guard::{self, Problem};
use crate::template::{Part, Template};
use domain::mailing::{HtmlFormat, Intent, Words};

/// The most characters by which a place is found again in the source.
const LOOKED_FOR: [usize; 4] = [40, 20, 10, 5];

/// The words of a mailing as they would be mailed, and everything that forbids to arm it.
#[derive(Debug, Clone)]
pub struct Written {
    /// Subject, text and the HTML part made of its source; empty HTML where none could be made.
    pub template: Template,
    /// Every fault, with its place in what was written; with none it can be armed.
    pub problems: Vec<Problem>,
}

/// Makes a template of a mailing's words and checks it. `attributes`: the custom attributes there are.
#[must_use]
pub fn read_words(intent: Intent, words: &Words, attributes: &[String]) -> Written {
    let made = html_knowing(intent, words.language, words.html_format, &words.html_source, Some(attributes));
    let (html, mut problems) = match made {
        Ok(html) => (html, Vec::new()),
        Err(problems) => (String::new(), problems),
    };
    let template = Template { subject: words.subject.clone(), text: words.text.clone(), html };
    let source = guard::unix_lines(&words.html_source);
    let as_written = matches!(words.html_format, HtmlFormat::None | HtmlFormat::Html);
    problems.extend(check(intent, &template, attributes).into_iter().map(|problem| {
        if problem.part == Part::Html && !as_written {
            moved(problem, &template.html, &source)
        } else {
            problem
        }
    }));
    Written { template, problems }
}

/// A problem of the HTML that was made, at its place in the source: where the same characters stand, or at its end, for
/// what is missing stands nowhere.
fn moved(problem: Problem, html: &str, source: &str) -> Problem {
    let at = offset(html, &problem);
    let (before, after) = (html.get(..at).unwrap_or_default(), html.get(at..).unwrap_or_default());
    let behind = |most: usize| after.char_indices().nth(most).and_then(|(end, _)| after.get(..end));
    let ahead = |most: usize| before.char_indices().nth_back(most).and_then(|(start, _)| before.get(start..));
    let found = LOOKED_FOR.iter().find_map(|most| {
        let found = behind(*most).and_then(|text| source.find(text));
        found.or_else(|| ahead(*most).and_then(|text| source.find(text).map(|start| start + text.len())))
    });
    let missing = before.len() + 1 >= html.len();
    let place = found.filter(|_| !missing).unwrap_or(source.len());
    let (line, column) = Problem::place(source, place);
    Problem { line, column, ..problem }
}

/// The octet a problem stands at.
fn offset(text: &str, problem: &Problem) -> usize {
    let start: usize = text.split_inclusive('\n').take(problem.line - 1).map(str::len).sum();
    let line = text.get(start..).unwrap_or_default();
    start + line.char_indices().nth(problem.column - 1).map_or(line.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::language::Language;

    fn words(html_format: HtmlFormat, html_source: &str) -> Words {
        Words {
            language: Language::En,
            sender_name: "Office".into(),
            sender_address: "office@example.org".into(),
            reply_to: String::new(),
            subject: "Your access".into(),
            text: "{{ personal_link }}".into(),
            html_format,
            html_source: html_source.into(),
        }
    }

    #[test]
    fn words_become_a_template_or_say_all_that_is_wrong_where_it_was_written() {
        let known = ["plan".to_owned()];
        let said = |words: &Words| {
            let problems = read_words(Intent::PersonalLink, words, &known).problems;
            problems.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let plain = read_words(Intent::PersonalLink, &words(HtmlFormat::None, "{{ ignored"), &known);
        assert!(plain.problems.is_empty() && plain.template.html.is_empty());
        let good = words(HtmlFormat::Markdown, "[Go]({{ personal_link }})\r\n\r\n{{ attribute.plan }}");
        let good = read_words(Intent::PersonalLink, &good, &known);
        assert!(good.problems.is_empty() && good.template.html.contains("class=\"go\""));
        let missing = said(&words(HtmlFormat::Markdown, "# A\n\nb"));
        assert!(
            missing.len() == 1
                && missing[0].starts_with("html part, line 3, column 2: {{ personal_link }} must"),
            "{missing:?}"
        );
        let unknown = said(&words(HtmlFormat::Markdown, "{{ personal_link }}\n\n {{ attribute.seat }}"));
        assert!(
            unknown[0].starts_with("html part, line 3, column 5: there is no attribute seat; there are plan"),
            "{unknown:?}"
        );
        let source = "<mjml><mj-body><mj-section><mj-column>\n<mj-text>{{ personal_link }}</mj-text>\n <mj-text><script>x</script></mj-text></mj-column></mj-section></mj-body></mjml>";
        let script = said(&words(HtmlFormat::Mjml, source));
        assert!(
            script.iter().any(|one| one.starts_with("html part, line 3, column 11: <script> is not allowed")),
            "{script:?}"
        );
        let both = Words {
            text: "a {{ passwort }}".into(),
            subject: String::new(),
            ..words(HtmlFormat::Html, "<p>\n<img></p>")
        };
        let both = said(&both);
        for part in
            ["subject part, line 1", "text part, line 1, column 6", "html part, line 2, column 1: <img>"]
        {
            assert!(both.iter().any(|one| one.starts_with(part)), "{part} {both:?}");
        }
    }
}
