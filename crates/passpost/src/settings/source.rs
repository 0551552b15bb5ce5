//! Where settings come from, and in which order one wins over the other.

use super::locate::{key_at, line_and_column, offset_of, split_key};
use super::problem::{Problem, Problems, SettingsError};
use super::shown::Origins;
use super::{Raw, Settings, relay};
use serde::Deserialize as _;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The prefix of variables that are settings.
const PREFIX: &str = "PASSPOST_";
/// The file that is read when none is named and it is there.
const USUAL_FILE: &str = "passpost.toml";

/// What the command line and the environment say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    /// `--config FILE`: it must be there.
    pub(crate) config: Option<PathBuf>,
    /// `--data DIR`: wins over everything.
    pub(crate) data: Option<PathBuf>,
    /// Pass over a file that is there: for the demo.
    pub(crate) without_file: bool,
    /// All variables of the environment; others than `PASSPOST_…` are passed over.
    pub(crate) variables: Vec<(String, String)>,
}

/// Variables with the prefix that are no settings: `--config` and `--data` by another name.
const NO_SETTINGS: [&str; 2] = ["PASSPOST_CONFIG", "PASSPOST_DATA"];

/// Reads the settings.
///
/// # Errors
/// Every wrong or unknown setting with its place and what is allowed.
pub(crate) fn load(sources: &Sources) -> Result<Settings, SettingsError> {
    let (file, text) =
        if sources.without_file { (None, String::new()) } else { read_file(sources.config.as_deref())? };
    let name = file.as_deref().map(|path| path.display().to_string()).unwrap_or_default();
    // Read into the types once before anything is laid over it: these errors know their line.
    let written = toml::from_str::<Raw>(&text).map_err(|error| of_toml(&name, &text, &error))?;
    if let Some(place) = written.smtp.iter().position(relay::Raw::has_password) {
        let key = format!("smtp[{place}].password");
        let text_of = "a password does not belong into this file; expected password_file";
        let place = place_in(&name, &text, &key);
        return Err(SettingsError(vec![Problem { place, key, text: text_of.into() }]));
    }
    let mut table: Table = text.parse().map_err(|error| of_toml(&name, &text, &error))?;
    let variables = lay_over(&mut table, &sources.variables)?;
    let mut raw = Raw::deserialize(table).map_err(|error| whole(&name, error.message()))?;
    if let Some(data) = &sources.data {
        raw.data_dir = data.display().to_string();
    }
    let mut problems = Problems::default();
    let settings = Settings::resolve(raw, file, &mut problems);
    let place_of = |key: &str| match variables.iter().find(|(variable, _)| covers(variable, key)) {
        Some((_, name)) => name.clone(),
        None => place_in(&name, &text, key),
    };
    let mut settings = settings.filter(|_| problems.is_empty()).ok_or_else(|| problems.placed(place_of))?;
    settings.origins = Origins::new(&text, variables, sources.data.is_some());
    Ok(settings)
}

fn read_file(named: Option<&Path>) -> Result<(Option<PathBuf>, String), SettingsError> {
    let path = named.unwrap_or(Path::new(USUAL_FILE));
    match std::fs::read_to_string(path) {
        Ok(text) => Ok((Some(path.to_owned()), text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => {
            Ok((None, String::new()))
        }
        Err(error) => Err(whole(
            &path.display().to_string(),
            &format!("cannot be read ({error}); --config names the file with the settings"),
        )),
    }
}

fn whole(place: &str, text: &str) -> SettingsError {
    SettingsError(vec![Problem { place: place.into(), key: String::new(), text: text.into() }])
}

/// Puts the variables into the table one after the other, so that a wrong one can be named.
fn lay_over(
    table: &mut Table,
    variables: &[(String, String)],
) -> Result<Vec<(String, String)>, SettingsError> {
    let types = Table::try_from(Raw::default()).unwrap_or_default();
    let mut laid = Vec::new();
    let mut sorted: Vec<_> = variables
        .iter()
        .filter(|(name, _)| name.starts_with(PREFIX) && !NO_SETTINGS.contains(&name.as_str()))
        .collect();
    sorted.sort();
    for (name, text) in sorted {
        let key: Vec<String> = name[PREFIX.len()..].split("__").map(str::to_ascii_lowercase).collect();
        let wrong =
            |text: String| SettingsError(vec![Problem { place: name.clone(), key: joined(&key), text }]);
        put(table, &key, typed(&types, &key, text)).map_err(wrong)?;
        Raw::deserialize(table.clone()).map_err(|error| wrong(in_our_words(error.message())))?;
        laid.push((joined(&key), name.clone()));
    }
    Ok(laid)
}

/// The text as a value of the setting's type; a list is written as in TOML.
fn typed(types: &Table, key: &[String], text: &str) -> Value {
    let mut known = types.get(&key[0]);
    for part in &key[1..] {
        known = known.and_then(Value::as_table).and_then(|table| table.get(part));
    }
    let as_toml = || format!("value = {text}").parse::<Table>().ok()?.remove("value");
    let of_relay = key[0] == "smtp" && text.parse::<i64>().is_ok();
    let wants_more_than_text = known.is_some_and(|known| !known.is_str()) || of_relay;
    wants_more_than_text.then(as_toml).flatten().unwrap_or_else(|| Value::String(text.to_owned()))
}

fn put(table: &mut Table, key: &[String], value: Value) -> Result<(), String> {
    let [first, rest @ ..] = key else { return Err("expected the name of a setting".into()) };
    let Some(second) = rest.first() else {
        table.insert(first.clone(), value);
        return Ok(());
    };
    if let Ok(index) = second.parse::<usize>() {
        let list = table.entry(first.clone()).or_insert_with(|| Value::Array(Vec::new()));
        let list = list.as_array_mut().ok_or("is not a list")?;
        if index > list.len() {
            return Err(format!("there are {} of these; the next one has the number {0}", list.len()));
        }
        if index == list.len() {
            list.push(Value::Table(Table::new()));
        }
        let entry = list[index].as_table_mut().ok_or("is not a section")?;
        return put(entry, &rest[1..], value);
    }
    let section = table.entry(first.clone()).or_insert_with(|| Value::Table(Table::new()));
    put(section.as_table_mut().ok_or("is not a section")?, rest, value)
}

/// `smtp`, `0`, `url` becomes `smtp[0].url`.
fn joined(key: &[String]) -> String {
    let mut text = String::new();
    for part in key {
        if part.bytes().all(|b| b.is_ascii_digit()) && !part.is_empty() {
            text.push_str(&format!("[{part}]"));
        } else {
            if !text.is_empty() {
                text.push('.');
            }
            text.push_str(part);
        }
    }
    text
}

fn covers(laid: &str, key: &str) -> bool {
    laid == key || key.strip_prefix(laid).is_some_and(|rest| rest.starts_with(['.', '[']))
}

fn of_toml(name: &str, text: &str, error: &toml::de::Error) -> SettingsError {
    let offset = error.span().map(|span| span.start);
    let place = offset.map_or_else(|| name.to_owned(), |offset| at(name, text, offset));
    let key = offset.and_then(|offset| key_at(text, offset)).unwrap_or_default();
    SettingsError(vec![Problem { place, key, text: in_our_words(error.message()) }])
}

fn place_in(name: &str, text: &str, key: &str) -> String {
    // A missing setting has no place of its own: the section it belongs in is the next best.
    let mut parts = split_key(key);
    while !parts.is_empty() {
        if let Some(offset) = offset_of(text, &parts) {
            return at(name, text, offset);
        }
        parts.pop();
    }
    name.to_owned()
}

fn at(name: &str, text: &str, offset: usize) -> String {
    let (line, column) = line_and_column(text, offset);
    format!("{name}:{line}:{column}")
}

/// The reader's words for the two commonest mistakes are about programs; ours are about settings.
fn in_our_words(message: &str) -> String {
    let message = message.trim();
    if let Some((_, allowed)) =
        message.split_once(", expected one of ").filter(|_| message.contains("unknown field"))
    {
        return format!("unknown setting; allowed here: {}", allowed.replace('`', ""));
    }
    if let Some((_, allowed)) =
        message.split_once(", expected ").filter(|_| message.contains("unknown field"))
    {
        return format!("unknown setting; allowed here: {}", allowed.replace('`', ""));
    }
    let mut text = message.replace("invalid type: ", "").replace("invalid value: ", "");
    for (theirs, ours) in [
        ("expected u16", "expected a whole number from 0 to 65535"),
        ("expected u32", "expected a whole number from 0"),
        ("expected u64", "expected a whole number from 0"),
        ("expected usize", "expected a whole number from 0"),
        ("expected i64", "expected a whole number"),
        ("expected a boolean", "expected true or false"),
        ("expected a string", "expected a text in quotes"),
        ("expected a sequence", "expected a list in brackets"),
        ("expected struct Raw", "expected a section"),
    ] {
        text = text.replace(theirs, ours);
    }
    text
}
