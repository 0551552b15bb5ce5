//! The page around what Markdown becomes: the operator's name and colour, fit for narrow and for dark screens.

use crate::words::Words;
use domain::language::Language;

const LAYOUT: &str = include_str!("../../../../templates/mail/mailing/layout.html");
const CONTENT: &str = "{# content #}\n";
const SENT_TO: &str = "{# sent to #}";

/// Sets content into the page.
pub(super) fn around(language: Language, content: &str) -> String {
    let sent_to = Words::of(language).say_with("account-sent-to", &[("address", "{{ address }}")]);
    let page = LAYOUT.replace(SENT_TO, &sent_to);
    // In a tested program both marks are there.
    let (before, after) = page.split_once(CONTENT).unwrap_or((&page, ""));
    [before, content, after].concat()
}
