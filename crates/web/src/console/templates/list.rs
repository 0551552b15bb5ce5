//! Every mail in every language: whose words it has, who changed it, when it was last tried out.

use super::Which;
use crate::console::operator::Operator;
use crate::console::shell::{Place, Shell};
use crate::failure::Failure;
use crate::page;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::language::Language;
use domain::role::Permission;
use flow::template::TemplateKind;
use store::{StoreError, audit, person, template};

#[derive(Template)]
#[template(path = "console/templates.html")]
struct TemplatesPage {
    shell: Shell,
    groups: Vec<Group>,
}

/// One mail.
struct Group {
    name: String,
    lines: Vec<Line>,
}

struct Line {
    language: String,
    path: String,
    is_own: bool,
    words: String,
    changed: String,
    tested: String,
}

/// One template as the list reads it.
struct Read {
    which: Which,
    /// Who changed it last, when an operator did; and when.
    own: Option<(Option<String>, i64)>,
    tested_at: Option<i64>,
}

/// GET /console/templates
pub(crate) async fn list(operator: Operator) -> Result<Response, Failure> {
    operator.query(&[])?;
    let read = operator.state().store.read(|tx| {
        Box::pin(async move {
            let mut all = Vec::new();
            for kind in TemplateKind::ALL {
                for language in Language::ALL {
                    let own = match template::find(tx, kind.as_str(), language.tag()).await? {
                        Some(own) => {
                            let editor = person::find(tx, own.editor_id).await?;
                            Some((editor.map(|editor| editor.full_name()), own.updated_at))
                        }
                        None => None,
                    };
                    let subject = format!("{}/{}", kind.as_str(), language.tag());
                    let tested_at = audit::find_newest(tx, "template.tested", &subject).await?;
                    all.push(Read { which: Which { kind, language }, own, tested_at });
                }
            }
            Ok::<_, StoreError>(all)
        })
    });
    let read = read.await.map_err(Failure::from)?;
    let mut groups: Vec<Group> = Vec::new();
    for one in read {
        let name = one.which.name(&operator);
        if groups.last().is_none_or(|group| group.name != name) {
            groups.push(Group { name, lines: Vec::new() });
        }
        if let Some(group) = groups.last_mut() {
            group.lines.push(line(&operator, one));
        }
    }
    page::show(StatusCode::OK, &TemplatesPage { shell: operator.shell(Place::Templates), groups })
}

fn line(operator: &Operator, one: Read) -> Line {
    let changed = match &one.own {
        Some((editor, at)) => {
            let named = editor.clone().filter(|_| operator.may(Permission::PeopleView));
            let who = named.unwrap_or_else(|| operator.say("run-nobody-left"));
            operator.context.words.say_with("template-changed", &[("who", &who), ("time", &operator.at(*at))])
        }
        None => String::new(),
    };
    Line {
        language: one.which.language_name(operator),
        path: one.which.path(),
        is_own: one.own.is_some(),
        words: operator.say(if one.own.is_some() { "template-own" } else { "template-built-in" }),
        changed,
        tested: one.tested_at.map_or_else(|| operator.say("list-never"), |at| operator.at(at)),
    }
}
