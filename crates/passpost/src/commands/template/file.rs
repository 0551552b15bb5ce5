//! The files of a template: `en.subject.txt`, `en.txt` and `en.html`, named as in the source of the program.

use crate::failure::Failure;
use domain::language::Language;
use flow::template::Parts;
use mail::guard::Problem;
use mail::{MOST_OCTETS, Part};
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Where the parts come from.
#[derive(Debug, clap::Args)]
pub(crate) struct Files {
    /// A folder with all three files, as `export` writes them
    #[arg(conflicts_with_all = ["subject", "text", "html"])]
    folder: Option<PathBuf>,
    /// The file with the subject
    #[arg(long, value_name = "FILE")]
    subject: Option<PathBuf>,
    /// The file with the text part
    #[arg(long, value_name = "FILE")]
    text: Option<PathBuf>,
    /// The file with the HTML part
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// The name of a part's file.
pub(super) fn name(language: Language, part: Part) -> String {
    match part {
        Part::Subject => format!("{language}.subject.txt"),
        Part::Text => format!("{language}.txt"),
        Part::Html => format!("{language}.html"),
    }
}

impl Files {
    /// Whether none is named.
    pub(super) const fn is_empty(&self) -> bool {
        self.folder.is_none() && self.subject.is_none() && self.text.is_none() && self.html.is_none()
    }

    /// The file a part comes from.
    fn path(&self, language: Language, part: Part) -> Option<PathBuf> {
        if let Some(folder) = &self.folder {
            return Some(folder.join(name(language, part)));
        }
        match part {
            Part::Subject => self.subject.clone(),
            Part::Text => self.text.clone(),
            Part::Html => self.html.clone(),
        }
    }

    /// Reads what is named.
    pub(super) fn read(&self, language: Language) -> Result<Parts, Failure> {
        let part = |part| self.path(language, part).map(|path| read(&path)).transpose();
        Ok(Parts { subject: part(Part::Subject)?, text: part(Part::Text)?, html: part(Part::Html)? })
    }

    /// A fault as a line for people: `en.html:12:5: …`.
    pub(super) fn line(&self, language: Language, problem: &Problem) -> String {
        let Problem { part, line, column, message } = problem;
        match self.path(language, *part) {
            Some(path) => format!("{}:{line}:{column}: {message}", path.display()),
            None => format!("{language}, {problem}"),
        }
    }

    /// A fault for programs.
    pub(super) fn json(&self, language: Language, problem: &Problem) -> Value {
        json!({
            "file": self.path(language, problem.part).map(|path| path.display().to_string()),
            "language": language.tag(),
            "part": problem.part.as_str(),
            "line": problem.line,
            "column": problem.column,
            "message": problem.message,
        })
    }
}

/// Reads a file of UTF-8 text; a mark at its beginning, as some editors write it, is no part of it.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    let failed = |error: std::io::Error| Failure::usage(format!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    let most = MOST_OCTETS as u64 + 4;
    std::fs::File::open(path).map_err(failed)?.take(most).read_to_end(&mut bytes).map_err(failed)?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        // The last character was cut off by the limit: the guard says that the text is too long.
        Err(error) if error.as_bytes().len() as u64 == most => {
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        }
        Err(error) => {
            let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
            let before = String::from_utf8_lossy(before);
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            return Err(Failure::usage(format!(
                "{}:{line}:{column}: expected a text in UTF-8",
                path.display()
            )));
        }
    };
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}
