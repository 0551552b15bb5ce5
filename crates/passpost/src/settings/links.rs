//! Where the links of the mails lead.

use super::BaseUrl;
use super::problem::Problems;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Raw {
    login: String,
    valid_minutes: i64,
}

impl Default for Raw {
    fn default() -> Self {
        Self { login: String::new(), valid_minutes: domain::account_mail::LINK_LIFE_MS / 60_000 }
    }
}

/// How long a personal link works, in milliseconds: from 5 minutes, so that a slow mail still helps, to an hour.
pub(super) fn life_ms(raw: &Raw, problems: &mut Problems) -> i64 {
    if !(5..=60).contains(&raw.valid_minutes) {
        problems.add("links.valid_minutes", format!("expected 5 to 60 minutes, not {}", raw.valid_minutes));
    }
    raw.valid_minutes * 60_000
}

/// The sign-in page named in the mails: the installation's own, unless an application brings one.
pub(super) fn resolve(raw: &Raw, base: Option<&BaseUrl>, problems: &mut Problems) -> Option<String> {
    let login = raw.login.trim();
    if login.is_empty() {
        return base.map(|base| format!("{base}/login"));
    }
    let fit = login.starts_with("https://")
        && login.len() > "https://".len()
        && !login.contains(['"', '<', '>', '\\', '@'])
        && !login.chars().any(|c| c.is_whitespace() || c.is_control());
    if fit {
        return Some(login.to_owned());
    }
    problems.add(
        "links.login",
        format!("expected a page such as https://portal.example.org/sign-in, not {login:?}"),
    );
    None
}
