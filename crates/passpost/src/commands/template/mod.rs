//! `passpost template`: the words of the mails, as shipped or as an operator wrote them.

pub(crate) mod file;
mod look;
pub(crate) mod write;

use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::moment;
use crate::table::{self, Column};
use domain::id::PersonId;
use domain::language::Language;
use domain::role::Permission;
use flow::template::InForce;
use mail::{Part, Template, TemplateKind};
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Every mail in every language: shipped or your own, who changed it and when
    List,
    /// The template in force
    Show {
        #[command(flatten)]
        which: Which,
        /// Only this part, as it is
        #[arg(long, value_enum)]
        part: Option<PartArg>,
        /// The one that comes with the program
        #[arg(long)]
        shipped: bool,
    },
    /// Write the three parts into a folder, to edit them
    Export {
        #[command(flatten)]
        which: Which,
        /// The folder; made when it is not there
        folder: PathBuf,
        /// The one that comes with the program
        #[arg(long)]
        shipped: bool,
        /// Overwrite files that are there
        #[arg(long)]
        force: bool,
    },
    /// Put your own words in force; only the parts you name change
    Set {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        files: file::Files,
    },
    /// Go back to the template that comes with the program
    Reset {
        #[command(flatten)]
        which: Which,
    },
    /// Say what would be refused, and change nothing; without files: of all templates in force
    Check {
        /// Which mail
        #[arg(value_parser = kind, requires = "language")]
        kind: Option<TemplateKind>,
        /// Its language: en, de or fr
        #[arg(value_parser = language)]
        language: Option<Language>,
        #[command(flatten)]
        files: file::Files,
    },
    /// The mail as its reader would see it, with an example in the place of the password
    Preview(look::Preview),
    /// Mail the preview to yourself, through the relay
    Test(look::Test),
}

/// One mail in one language.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Which {
    /// Which mail, as in new-password
    #[arg(value_parser = kind)]
    kind: TemplateKind,
    /// Its language: en, de or fr
    #[arg(value_parser = language)]
    language: Language,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum PartArg {
    Subject,
    Text,
    Html,
}

impl From<PartArg> for Part {
    fn from(part: PartArg) -> Self {
        match part {
            PartArg::Subject => Self::Subject,
            PartArg::Text => Self::Text,
            PartArg::Html => Self::Html,
        }
    }
}

fn kind(text: &str) -> Result<TemplateKind, String> {
    TemplateKind::parse_house(text).ok_or_else(|| {
        let known: Vec<&str> = TemplateKind::ALL.into_iter().map(TemplateKind::as_str).collect();
        format!("expected a mail, of {}", known.join(", "))
    })
}

fn language(text: &str) -> Result<Language, String> {
    Language::ALL.into_iter().find(|one| one.tag().eq_ignore_ascii_case(text)).ok_or_else(|| {
        let known: Vec<&str> = Language::ALL.into_iter().map(Language::tag).collect();
        format!("expected a language, of {}", known.join(", "))
    })
}

pub(crate) async fn run(command: Command, context: &Context) -> Outcome {
    match command {
        Command::List => list(context).await,
        Command::Show { which, part, shipped } => show(context, which, part.map(Part::from), shipped).await,
        Command::Export { which, folder, shipped, force } => {
            write::export(context, which, &folder, shipped, force).await
        }
        Command::Set { which, files } => write::set(context, which, &files).await,
        Command::Reset { which } => write::reset(context, which).await,
        Command::Check { kind, language, files } => write::check(context, kind.zip(language), &files).await,
        Command::Preview(args) => look::preview(context, args).await,
        Command::Test(args) => look::test(context, args).await,
    }
}

/// As messages call it.
fn title(which: Which) -> String {
    format!("the template {} in {}", which.kind.as_str(), which.language)
}

/// The template in force, or the shipped one with nobody behind it.
async fn read(context: &Context, which: Which, shipped: bool) -> Result<InForce, Failure> {
    if shipped {
        return Ok(InForce { template: Template::standard(which.kind, which.language), own: None });
    }
    Ok(InForce::read(&context.store, which.kind, which.language).await?)
}

async fn list(context: &Context) -> Outcome {
    context.acting(Permission::TemplatesView).await?;
    let mut found = Vec::new();
    for kind in TemplateKind::ALL {
        for language in Language::ALL {
            let which = Which { kind, language };
            found.push(described(context, which, &read(context, which, false).await?).await?);
        }
    }
    context.out.show(&found, |found, out| {
        let cell = |one: &Value, name: &str| one[name].as_str().unwrap_or("–").to_owned();
        let rows: Vec<Vec<String>> = found
            .iter()
            .map(|one| {
                let own = one["own"].as_bool().unwrap_or_default();
                vec![
                    cell(one, "kind"),
                    cell(one, "language"),
                    if own { "own" } else { "shipped" }.into(),
                    cell(one, "changed_by"),
                    one["changed_at"].as_i64().map_or_else(|| "–".into(), moment),
                ]
            })
            .collect();
        let columns = [
            Column::Whole("MAIL"),
            Column::Whole("LANGUAGE"),
            Column::Whole("WORDS"),
            Column::Left("CHANGED BY"),
            Column::Whole("CHANGED"),
        ];
        table::print(out, &columns, &rows);
    });
    Ok(Done::All)
}

async fn show(context: &Context, which: Which, part: Option<Part>, shipped: bool) -> Outcome {
    context.acting(Permission::TemplatesView).await?;
    let found = read(context, which, shipped).await?;
    let mut facts = described(context, which, &found).await?;
    for one in Part::ALL {
        if part.is_none_or(|part| part == one) {
            facts[one.as_str()] = found.template.part(one).into();
        }
    }
    context.out.show(&facts, |facts, out| match part {
        Some(part) => out.line(found.template.part(part).trim_end_matches('\n')),
        None => {
            let own = found.own.is_some();
            let by = facts["changed_by"].as_str().unwrap_or("–");
            out.heading(format!("{} in {}", which.kind.as_str(), which.language));
            out.line(if own { format!("  your own, changed by {by}") } else { "  as shipped".into() });
            for part in Part::ALL {
                out.line("");
                out.heading(part);
                out.line(found.template.part(part).trim_end_matches('\n'));
            }
        }
    });
    Ok(Done::All)
}

/// What is known of a template, without its words.
async fn described(context: &Context, which: Which, found: &InForce) -> Result<Value, Failure> {
    let own = found.own.as_ref();
    let mut editors = Vec::new();
    for id in own.map(|own| own.editors.clone()).unwrap_or_default() {
        editors.push(username(context, id).await?);
    }
    let by = match own {
        Some(own) => Some(username(context, own.editor_id).await?),
        None => None,
    };
    Ok(json!({
        "kind": which.kind.as_str(),
        "language": which.language.tag(),
        "own": own.is_some(),
        "changed_by": by,
        "changed_at": own.map(|own| own.updated_at),
        "editors": editors,
    }))
}

async fn username(context: &Context, id: PersonId) -> Result<String, Failure> {
    let found =
        context.store.read(move |tx| Box::pin(async move { store::person::find(tx, id).await })).await?;
    Ok(found.map_or_else(|| "an erased person".to_owned(), |person| person.username))
}
