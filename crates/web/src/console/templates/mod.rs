//! Templates: the words of the mails in each language, looked at, changed through the guard, and tried out.

pub(crate) mod edit;
pub(crate) mod list;
pub(crate) mod preview;

use crate::console::operator::Operator;
use crate::failure::Failure;
use domain::language::Language;
use flow::template::{Parts, TemplateKind};

/// One mail in one language, as in a path.
#[derive(Debug, Clone, Copy)]
struct Which {
    kind: TemplateKind,
    language: Language,
}

impl Which {
    fn of(kind: &str, language: &str) -> Result<Self, Failure> {
        let kind = TemplateKind::parse_house(kind).ok_or(Failure::NotFound)?;
        let language = Language::ALL.into_iter().find(|one| one.tag() == language);
        Ok(Self { kind, language: language.ok_or(Failure::NotFound)? })
    }

    fn path(self) -> String {
        format!("/console/templates/{}/{}", self.kind.as_str(), self.language.tag())
    }

    /// What the mail is called.
    fn name(self, operator: &Operator) -> String {
        operator.say(&format!("template-kind-{}", self.kind.as_str()))
    }

    /// What its language is called.
    fn language_name(self, operator: &Operator) -> String {
        operator.say(&format!("language-{}", self.language.tag()))
    }
}

/// The fields of the editor.
const FIELDS: [&str; 5] = ["subject", "text", "html", "seen", "person"];

/// What the editor sent. Browsers send line ends as CRLF.
fn parts(fields: &crate::query::Pairs) -> Parts {
    let text = |name: &str| Some(fields.text(name).replace("\r\n", "\n"));
    Parts { subject: text("subject"), text: text("text"), html: text("html") }
}
