//! The key that signs the mails, when the relay does not do it.

use super::problem::Problems;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Raw {
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    selector: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_file: Option<PathBuf>,
}

/// What signing needs. The key itself is read where it is used.
#[derive(Debug, Clone)]
pub(crate) struct Dkim {
    pub(crate) domain: String,
    pub(crate) selector: String,
    pub(crate) key_file: PathBuf,
}

pub(super) fn resolve(raw: &Raw, problems: &mut Problems) -> Option<Dkim> {
    match (&raw.domain, &raw.selector, &raw.key_file) {
        (None, None, None) => None,
        (Some(domain), Some(selector), Some(key_file)) => {
            let dkim =
                Dkim { domain: domain.clone(), selector: selector.clone(), key_file: key_file.clone() };
            problems.keep("dkim", dkim.signer().map(|_| dkim.clone()))
        }
        _ => {
            problems.add("dkim", "expected domain, selector and key_file together, or none of them");
            None
        }
    }
}

impl Dkim {
    /// Reads the key.
    ///
    /// # Errors
    /// Says what is wrong with the file, the key, the domain or the selector.
    pub(crate) fn signer(&self) -> Result<mail::dkim::Signer, String> {
        let pem = std::fs::read(&self.key_file)
            .map_err(|error| format!("key_file {} cannot be read ({error})", self.key_file.display()))?;
        mail::dkim::Signer::new(&self.domain, &self.selector, &pem).map_err(|error| error.to_string())
    }
}
