//! Where the database is.

use super::masked::serialize_url;
use super::problem::Problems;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use store::Location;

#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Raw {
    #[serde(serialize_with = "serialize_url")]
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_file: Option<PathBuf>,
}

impl Default for Raw {
    fn default() -> Self {
        Self { url: "sqlite:passpost.db".into(), password_file: None }
    }
}

// By hand: the URL may carry a password.
impl std::fmt::Debug for Raw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let url = super::masked::mask_url(&self.url);
        f.debug_struct("Raw").field("url", &url).field("password_file", &self.password_file).finish()
    }
}

pub(super) fn resolve(raw: &Raw, data_dir: &Path, problems: &mut Problems) -> Option<Location> {
    let location = Location::parse(&raw.url, data_dir)
        .map_err(|text| text.trim_start_matches("database.url: ").to_owned());
    let location = problems.keep("database.url", location)?;
    let Some(file) = &raw.password_file else { return Some(location) };
    let Location::Postgres(url) = location else {
        problems.add("database.password_file", "SQLite has no password; remove this setting");
        return None;
    };
    let password = problems.keep("database.password_file", super::relay::read_secret(file))?;
    problems.keep("database.url", with_password(&url, password.expose())).map(Location::Postgres)
}

/// Puts a password into `postgres://user@host/name`.
fn with_password(url: &str, password: &str) -> Result<String, &'static str> {
    let problem = "with a password_file expected as in postgres://user@host:5432/name, without a password";
    let (scheme, rest) = url.split_once("://").ok_or(problem)?;
    let (user, rest) = rest.split_once('@').ok_or(problem)?;
    if user.is_empty() || user.contains([':', '/', '?']) {
        return Err(problem);
    }
    let mut encoded = String::new();
    for byte in password.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    Ok(format!("{scheme}://{user}:{encoded}@{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_from_a_file_is_put_into_the_url() {
        assert_eq!(
            with_password("postgres://pp@db:5432/pp", "a:b@ü").as_deref(),
            Ok("postgres://pp:a%3Ab%40%C3%BC@db:5432/pp")
        );
        for bad in ["postgres://db/pp", "postgres://pp:x@db/pp", "postgres://@db/pp"] {
            assert!(with_password(bad, "x").is_err(), "{bad}");
        }
    }
}
