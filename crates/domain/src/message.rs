//! A message: what is composed for one recipient. It carries a secret and is never stored; a notice to an
//! operator carries none.

use crate::address::Address;
use crate::language::Language;
use crate::notice::About;
use crate::preference::LinkPurpose;
use crate::secret::Secret;
use std::collections::BTreeMap;

/// What a mail of a run is made of, for one recipient.
#[derive(Debug)]
pub struct RunMessage {
    /// Where it goes: the person's stored address, nothing else.
    pub to: Address,
    /// What to call the person.
    pub full_name: String,
    /// Given name; may be empty.
    pub given_name: String,
    /// Family name; may be empty.
    pub family_name: String,
    /// Display name; may be empty.
    pub display_name: String,
    /// What the person signs in with.
    pub username: String,
    /// The language of the mail.
    pub language: Language,
    /// The zone clock times are shown in (IANA); `None`: the installation's.
    pub time_zone: Option<String>,
    /// The values of the custom attributes the words show, by name; who has none is not in it.
    pub attributes: BTreeMap<String, String>,
    /// The secret it carries, in clear only here.
    pub carried: Carried,
    /// Until when that is good, milliseconds since 1970.
    pub valid_until: i64,
    /// The end of the address of the page where a personal link can be asked for: says whose mail led there, grants
    /// nothing. Empty: the mail is of no mailing.
    pub request_tag: String,
    /// The unique part of the Message-ID, without a secret.
    pub message_key: String,
}

/// The secret of a run's mail.
#[derive(Debug, Clone)]
pub enum Carried {
    /// None.
    Nothing,
    /// A new password.
    Password(Secret),
    /// The end of the address of a personal link.
    Link(Secret),
}

impl RunMessage {
    /// For an address nobody has confirmed: leaves out every text about the person that somebody else may have chosen,
    /// so that no stranger writes to the address by our mail (3-safety 82). The user name stays.
    #[must_use]
    pub fn without_names(self) -> Self {
        let none = String::new;
        Self {
            full_name: none(),
            given_name: none(),
            family_name: none(),
            display_name: none(),
            attributes: BTreeMap::new(),
            ..self
        }
    }
}

impl Carried {
    /// The secret, if there is one.
    #[must_use]
    pub const fn secret(&self) -> Option<&Secret> {
        match self {
            Self::Nothing => None,
            Self::Password(secret) | Self::Link(secret) => Some(secret),
        }
    }
}

/// What the mail with personal links is made of: one for each account of a mailbox.
#[derive(Debug)]
pub struct ResetLinks {
    /// Where it goes: the stored address of all these accounts.
    pub to: Address,
    /// The accounts, at least one.
    pub accounts: Vec<AccountLink>,
    /// The language of the mail.
    pub language: Language,
    /// The zone clock times are shown in (IANA); `None`: the installation's.
    pub time_zone: Option<String>,
    /// When it was asked for, milliseconds since 1970.
    pub asked_at: i64,
    /// Until when the links work, milliseconds since 1970.
    pub valid_until: i64,
    /// The end of the address of the page *it was not me*.
    pub report_tag: String,
    /// The unique part of the Message-ID, without a secret.
    pub message_key: String,
}

/// The personal link of one account.
#[derive(Debug)]
pub struct AccountLink {
    /// What the person signs in with.
    pub username: String,
    /// What to call the person.
    pub full_name: String,
    /// The end of the link's address, in clear only here.
    pub token: Secret,
}

/// What the word that a password was changed is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordChanged {
    /// Where it goes: the address the account had at that moment.
    pub to: Address,
    /// What to call the person.
    pub full_name: String,
    /// What the person signs in with.
    pub username: String,
    /// The language of the mail.
    pub language: Language,
    /// The zone clock times are shown in (IANA); `None`: the installation's.
    pub time_zone: Option<String>,
    /// When, milliseconds since 1970.
    pub changed_at: i64,
    /// The unique part of the Message-ID.
    pub message_key: String,
}

/// What a mail with a link that confirms something, or objects to it, is made of.
#[derive(Debug)]
pub struct ConfirmLink {
    /// Where it goes: the person's stored address, or the new one that is to be confirmed.
    pub to: Address,
    /// What the link is good for.
    pub purpose: LinkPurpose,
    /// What to call the person; empty where nobody confirmed the mailbox.
    pub full_name: String,
    /// What the person signs in with.
    pub username: String,
    /// The titles of the groups to be subscribed to.
    pub titles: Vec<String>,
    /// The end of the address to unsubscribe from everything, where something is subscribed to.
    pub unsubscribe_tag: Option<String>,
    /// The end of the link's address, in clear only here.
    pub token: Secret,
    /// The language of the mail.
    pub language: Language,
    /// The zone clock times are shown in (IANA); `None`: the installation's.
    pub time_zone: Option<String>,
    /// When it was asked for, milliseconds since 1970.
    pub asked_at: i64,
    /// Until when the link works, milliseconds since 1970.
    pub valid_until: i64,
    /// The unique part of the Message-ID, without a secret.
    pub message_key: String,
}

/// What the word that an account is asked to be erased is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletionAsked {
    /// Where it goes: the address the account had at that moment.
    pub to: Address,
    /// What to call the person.
    pub full_name: String,
    /// What the person signs in with.
    pub username: String,
    /// The language of the mail.
    pub language: Language,
    /// The zone clock times are shown in (IANA); `None`: the installation's.
    pub time_zone: Option<String>,
    /// When, milliseconds since 1970.
    pub asked_at: i64,
    /// The unique part of the Message-ID.
    pub message_key: String,
}

/// What a notice to an operator is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorNotice {
    /// Where it goes: the operator's stored address.
    pub to: Address,
    /// What to call the operator.
    pub full_name: String,
    /// The language of the mail.
    pub language: Language,
    /// The zone clock times are shown in (IANA); `None`: the installation's.
    pub time_zone: Option<String>,
    /// What happened, and why this operator is told.
    pub about: About,
    /// The unique part of the Message-ID.
    pub message_key: String,
}
