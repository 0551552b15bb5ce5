//! What the mails say of the installation.

use super::problem::Problems;
use ::mail::Colour;
use domain::address::Address;
use domain::language::Language;
use domain::unverified::NamesOfUnverified;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Raw {
    from: String,
    from_name: String,
    reply_to: String,
    organisation: String,
    help_contact: String,
    accent: String,
    time_zone: String,
    names_of_unverified: Names,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Names {
    #[default]
    Plain,
    Never,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            from: String::new(),
            from_name: String::new(),
            reply_to: String::new(),
            organisation: "Passpost".into(),
            help_contact: String::new(),
            accent: "#245bb0".into(),
            time_zone: "UTC".into(),
            names_of_unverified: Names::default(),
        }
    }
}

/// Sender, words and looks of the mails.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) from: Address,
    pub(crate) from_name: String,
    pub(crate) reply_to: Option<Address>,
    pub(crate) organisation: String,
    pub(crate) help_contact: String,
    pub(crate) accent: Colour,
    pub(crate) time_zone: String,
    /// Which names stand in mails to people whose address nobody confirmed.
    pub(crate) names_of_unverified: NamesOfUnverified,
    /// For people without a language of their own.
    pub(crate) language: Language,
}

/// The sender in the built-in mailbox: nothing leaves the program, so any name will do (RFC 2606).
const MAILBOX_SENDER: &str = "passpost@mailbox.invalid";

pub(super) fn resolve(raw: &Raw, locale: &str, has_relay: bool, problems: &mut Problems) -> Option<Mail> {
    let from = match raw.from.trim() {
        "" if has_relay => {
            problems.add(
                "mail.from",
                "a relay needs a sender: expected an address such as passwords@example.org",
            );
            None
        }
        "" => Address::parse(MAILBOX_SENDER).ok(),
        text => problems.keep("mail.from", Address::parse(text).map_err(|error| error.to_string())),
    };
    let reply_to = match raw.reply_to.trim() {
        "" => None,
        text => problems.keep("mail.reply_to", Address::parse(text).map_err(|error| error.to_string())),
    };
    for (key, text) in [
        ("mail.from_name", &raw.from_name),
        ("mail.organisation", &raw.organisation),
        ("mail.help_contact", &raw.help_contact),
    ] {
        if text.chars().any(char::is_control) || text.chars().count() > 200 {
            problems.add(key, "expected one line of at most 200 characters");
        }
    }
    if raw.organisation.trim().is_empty() {
        problems.add("mail.organisation", "expected the name people know you by");
    }
    let accent = problems.keep("mail.accent", Colour::parse(&raw.accent).map_err(|error| error.to_string()));
    if jiff::tz::TimeZone::get(&raw.time_zone).is_err() {
        problems.add(
            "mail.time_zone",
            format!("expected an IANA name such as Europe/Berlin, not {:?}", raw.time_zone),
        );
    }
    let language = Language::ALL.into_iter().find(|language| language.tag() == locale);
    let language =
        problems.keep("locale", language.ok_or_else(|| format!("expected en, de or fr, not {locale:?}")));
    Some(Mail {
        from: from?,
        from_name: raw.from_name.trim().to_owned(),
        reply_to,
        organisation: raw.organisation.trim().to_owned(),
        help_contact: raw.help_contact.trim().to_owned(),
        accent: accent?,
        time_zone: raw.time_zone.clone(),
        names_of_unverified: match raw.names_of_unverified {
            Names::Plain => NamesOfUnverified::Plain,
            Names::Never => NamesOfUnverified::Never,
        },
        language: language?,
    })
}
