//! The settings in force as a plain list, for the page that shows them: secrets masked, each with where it comes from.

use super::{Raw, Settings};
use std::collections::HashSet;
use toml::{Table, Value};
use web::{Installation, Origin, Shown};

/// Who set what.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origins {
    file: HashSet<String>,
    /// The setting and the name of its variable.
    variables: Vec<(String, String)>,
}

impl Origins {
    /// What stands in the file, and what was laid over it.
    pub(super) fn new(text: &str, variables: Vec<(String, String)>, data_option: bool) -> Self {
        let mut file = HashSet::new();
        if let Ok(table) = text.parse::<Table>() {
            names("", &Value::Table(table), &mut file);
        }
        let mut variables = variables;
        if data_option {
            variables.push(("data_dir".into(), "--data".into()));
        }
        Self { file, variables }
    }

    fn of(&self, name: &str) -> Origin {
        if let Some((_, variable)) = self.variables.iter().rev().find(|(key, _)| key == name) {
            return Origin::Variable(variable.clone());
        }
        if self.file.contains(name) { Origin::File } else { Origin::Default }
    }
}

/// Every setting of a table, as in `smtp[0].url`.
fn names(begin: &str, value: &Value, found: &mut HashSet<String>) {
    match value {
        Value::Table(table) => {
            for (name, value) in table {
                let name = if begin.is_empty() { name.clone() } else { format!("{begin}.{name}") };
                names(&name, value, found);
            }
        }
        Value::Array(all) if !all.is_empty() && all.iter().all(Value::is_table) => {
            for (place, value) in all.iter().enumerate() {
                names(&format!("{begin}[{place}]"), value, found);
            }
        }
        _ => {
            found.insert(begin.to_owned());
        }
    }
}

impl Settings {
    /// What the installation runs with.
    pub(crate) fn installation(&self) -> Installation {
        Installation {
            file: self.file.as_ref().map(|file| file.display().to_string()),
            version: env!("CARGO_PKG_VERSION"),
            keys_file: self.keys_file.display().to_string(),
            settings: listed(&self.raw, &self.origins),
        }
    }
}

/// The settings in the order of their sections. The text is what `passpost config` prints: nothing secret is in it.
fn listed(raw: &Raw, origins: &Origins) -> Vec<Shown> {
    let text = toml::to_string(raw).unwrap_or_default();
    let (mut section, mut relays) = (String::new(), 0);
    let mut all = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]")) {
            section = format!("{name}[{relays}].");
            relays += 1;
        } else if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = format!("{name}.");
        } else if let Some((name, value)) = line.split_once(" = ") {
            let name = format!("{section}{name}");
            all.push(Shown { origin: origins.of(&name), value: shown(value), name });
        }
    }
    all
}

/// A text without its quotes; anything else as it is written.
fn shown(value: &str) -> String {
    match format!("value = {value}").parse::<Table>() {
        Ok(table) => match table.get("value") {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(all)) if all.is_empty() => String::new(),
            _ => value.to_owned(),
        },
        Err(_) => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Sources, load};
    use super::*;
    use std::io::Write as _;

    fn installation(text: &str, variables: &[(&str, &str)]) -> Installation {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let sources = Sources {
            config: Some(file.path().to_owned()),
            data: Some("/tmp/house".into()),
            without_file: false,
            variables: variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        };
        load(&sources).unwrap().installation()
    }

    #[test]
    fn every_setting_is_listed_with_its_value_and_where_it_comes_from() {
        let text = "locale = \"de\"\n[mail]\nfrom = \"a@example.org\"\n[[smtp]]\nurl = \"smtps://u@relay.example:465\"\n";
        let found = installation(
            text,
            &[("PASSPOST_LIMITS__GRACE_HOURS", "7"), ("PASSPOST_SMTP__0__PASSWORD", "hunter2-hunter2")],
        );
        let of = |name: &str| {
            found.settings.iter().find(|one| one.name == name).unwrap_or_else(|| panic!("{name}"))
        };
        assert_eq!((of("locale").value.as_str(), &of("locale").origin), ("de", &Origin::File));
        assert_eq!(of("data_dir").origin, Origin::Variable("--data".into()));
        let grace = Origin::Variable("PASSPOST_LIMITS__GRACE_HOURS".into());
        assert_eq!(
            (of("limits.grace_hours").value.as_str(), &of("limits.grace_hours").origin),
            ("7", &grace)
        );
        assert_eq!(
            (of("limits.confirm_above").value.as_str(), &of("limits.confirm_above").origin),
            ("100", &Origin::Default)
        );
        assert_eq!(of("smtp[0].url").origin, Origin::File);
        assert_eq!(of("smtp[0].password").value, super::super::masked::MASK);
        let all = format!("{:?}", found.settings);
        assert!(!all.contains("hunter2"), "no secret leaves the settings");
    }

    #[test]
    fn the_page_explains_every_setting() {
        let words = include_str!("../../../../locales/en/settings.ftl");
        let example: Table = include_str!("../../../../config.example.toml").parse().unwrap();
        let relay = "[[smtp]]\nurl = \"smtps://u@relay.example:465\"\npassword_file = \"p\"\nca_file = \"c\"\nhelo = \"h\"\n";
        let mut all = HashSet::new();
        names("", &Value::Table(example), &mut all);
        names("", &Value::Table(relay.parse().unwrap()), &mut all);
        assert!(all.len() > 40, "{all:?}");
        for name in all {
            let id = name.replace("[0]", "").replace(['.', '_'], "-");
            assert!(words.contains(&format!("\nsetting-{id} = ")), "setting-{id} is explained");
        }
    }
}
