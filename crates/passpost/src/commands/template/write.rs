//! Export, set, reset and check.

use super::file::{self, Files};
use super::{Which, read, title};
use crate::clock::now_ms;
use crate::context::{Context, acting_as};
use crate::failure::{Done, Failure, Outcome};
use domain::language::Language;
use domain::role::Permission;
use flow::template::{Parts, SaveError, check as check_parts, save};
use mail::guard::Problem;
use mail::{Part, TemplateKind};
use serde_json::json;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

pub(super) async fn export(
    context: &Context,
    which: Which,
    folder: &Path,
    shipped: bool,
    force: bool,
) -> Outcome {
    context.acting(Permission::TemplatesView).await?;
    let found = read(context, which, shipped).await?;
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::usage(format!("{}: {error}", folder.display())))?;
    let paths = Part::ALL.map(|part| folder.join(file::name(which.language, part)));
    if let Some(there) = paths.iter().find(|path| !force && path.exists()) {
        return Err(Failure::usage(format!("{} is there already", there.display()))
            .hint("name another folder, or overwrite it with --force"));
    }
    for (part, path) in Part::ALL.into_iter().zip(&paths) {
        let mut text = found.template.part(part).to_owned();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        write_new(path, &text, force)?;
    }
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    context.out.done(format!("{} is in {}", title(which), names.join(", ")), &json!({ "files": names }));
    Ok(Done::All)
}

pub(super) async fn set(context: &Context, which: Which, files: &Files) -> Outcome {
    let editor = context.operator(Permission::TemplatesEdit).await?;
    let acting = acting_as(&editor)?;
    if files.is_empty() {
        return Err(Failure::usage("nothing to set").hint(format!(
            "name the parts that change with --subject, --text and --html, or a folder with all three; \
             `passpost template export {} {} FOLDER` writes one",
            which.kind.as_str(),
            which.language
        )));
    }
    let parts = files.read(which.language)?;
    let names = parts.names();
    let saved = save(&context.store, &acting, which.kind, which.language, parts, now_ms()).await;
    let saved = saved.map_err(|error| refused(error, which.language, files))?;
    let value = json!({
        "kind": which.kind.as_str(),
        "language": which.language.tag(),
        "parts": names,
        "digest": saved.words.digest(),
        "changed_at": saved.updated_at,
    });
    context.out.done(format!("{} has your {}", title(which), names.join(", ")), &value);
    context.out.note(format!(
        "Runs that begin from now on use it, and reach nobody who ranks above {}; approvals before this are void.\n\
         Look at it: passpost template preview {} {}",
        editor.username,
        which.kind.as_str(),
        which.language
    ));
    Ok(Done::All)
}

fn refused(error: SaveError, language: Language, files: &Files) -> Failure {
    match error {
        SaveError::Store(error) => error.into(),
        SaveError::Refused(problems) => {
            let lines: Vec<String> = problems.iter().map(|one| files.line(language, one)).collect();
            Failure::usage(lines.join("\n"))
                .hint("nothing was saved; docs/operating.md lists what a template may say")
        }
    }
}

pub(super) async fn reset(context: &Context, which: Which) -> Outcome {
    let acting = context.acting_person(Permission::TemplatesEdit).await?;
    let (kind, language, now) = (which.kind.as_str(), which.language.tag(), now_ms());
    let was_own = context
        .store
        .write(move |tx| {
            Box::pin(async move { store::template::remove(tx, &acting, kind, language, now).await })
        })
        .await?;
    let text = if was_own { "is the shipped one again" } else { "is the shipped one already" };
    context.out.done(
        format!("{} {text}", title(which)),
        &json!({ "kind": kind, "language": language, "own": false, "was_own": was_own }),
    );
    Ok(Done::All)
}

pub(super) async fn check(
    context: &Context,
    which: Option<(TemplateKind, Language)>,
    files: &Files,
) -> Outcome {
    context.acting(Permission::TemplatesView).await?;
    let asked: Vec<(TemplateKind, Language)> = match which {
        Some(one) => vec![one],
        None => TemplateKind::ALL
            .into_iter()
            .flat_map(|kind| Language::ALL.map(|language| (kind, language)))
            .collect(),
    };
    let mut found: Vec<(Language, Problem)> = Vec::new();
    for (kind, language) in asked {
        let parts = if files.is_empty() { Parts::default() } else { files.read(language)? };
        match check_parts(&context.store, kind, language, &parts).await {
            Ok(()) => {}
            Err(SaveError::Store(error)) => return Err(error.into()),
            Err(SaveError::Refused(problems)) => {
                found.extend(problems.into_iter().map(|problem| (language, problem)));
            }
        }
    }
    let problems: Vec<_> = found.iter().map(|(language, one)| files.json(*language, one)).collect();
    context.out.show(&json!({ "in_order": found.is_empty(), "problems": problems }), |_, out| {
        for (language, problem) in &found {
            out.line(files.line(*language, problem));
        }
        if found.is_empty() {
            out.line("Everything in it is allowed.");
        }
    });
    match found.len() {
        0 => Ok(Done::All),
        1 => Err(Failure::failed("1 fault in the template")),
        faults => Err(Failure::failed(format!("{faults} faults in the template"))),
    }
}

/// Writes a file that must not be there yet, unless told otherwise.
pub(crate) fn write_new(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let mut options = File::options();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        let failure = Failure::usage(format!("{}: {error}", path.display()));
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            failure.hint("name another file, or overwrite it with --force")
        } else {
            failure
        }
    })
}
