//! Where mails that could not be delivered come back to, and where they are read.

use super::problem::Problems;
use domain::address::Address;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Raw {
    domain: String,
    maildir: String,
}

/// The return paths of mails, and the folder they come back to.
#[derive(Debug, Clone)]
pub(crate) struct Bounces {
    /// The domain of the return paths, in A-labels.
    pub(crate) domain: String,
    /// A Maildir the server watches.
    pub(crate) maildir: Option<PathBuf>,
}

/// `Some(None)`: mails return to the sender's address, and no bounce is read.
pub(super) fn resolve(raw: &Raw, problems: &mut Problems) -> Option<Option<Bounces>> {
    let (domain, maildir) = (raw.domain.trim(), raw.maildir.trim());
    if domain.is_empty() {
        if !maildir.is_empty() {
            problems
                .add("bounces.maildir", "needs bounces.domain, the domain whose mail comes to this folder");
            return None;
        }
        return Some(None);
    }
    let read = Address::parse(&format!("bounce@{domain}"));
    let fits = read.as_ref().is_ok_and(|address| !domain.contains('@') && address.domain().is_ascii());
    // The longest local part has 64 octets, and a path 254 (RFC 5321 §4.5.3.1).
    let Some(address) = read.ok().filter(|address| fits && address.domain().len() <= 189) else {
        problems
            .add("bounces.domain", format!("expected a domain such as bounces.example.org, not {domain:?}"));
        return None;
    };
    let maildir = (!maildir.is_empty()).then(|| PathBuf::from(maildir));
    Some(Some(Bounces { domain: address.domain().to_owned(), maildir }))
}
