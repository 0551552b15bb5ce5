//! Where the links of the mails lead.

use super::BaseUrl;
use super::problem::Problems;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Raw {
    login: String,
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
    problems.add("links.login", format!("expected a page such as https://portal.example.org/sign-in, not {login:?}"));
    None
}
