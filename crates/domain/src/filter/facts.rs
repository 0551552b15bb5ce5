//! The one list of what every filter can be about: name, type, description, example.

use super::catalogue::Kind;
use crate::recipient::RecipientState;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// One fact as published.
pub(super) struct Line {
    pub(super) fact: Fact,
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) description: &'static str,
    pub(super) example: &'static str,
}

macro_rules! facts {
    ($($fact:ident $name:literal $kind:expr => $description:literal, $example:literal;)+) => {
        /// An attribute every installation has.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Fact { $(#[doc = $description] $fact),+ }

        /// The published list, in the order of menus.
        pub(super) const FACTS: &[Line] = &[
            $(Line { fact: Fact::$fact, name: $name, kind: $kind, description: $description, example: $example }),+
        ];
    };
}

const SCHEMES: &[&str] =
    &["argon2id", "argon2i", "argon2d", "bcrypt", "scrypt", "pbkdf2", "pbkdf2-sha256", "pbkdf2-sha512"];
const OUTCOMES: &[&str] = &{
    let mut names = [""; RecipientState::ALL.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = RecipientState::ALL[at].as_str();
        at += 1;
    }
    names
};

facts! {
    Username "username" Kind::Text => "user name, in its canonical form", r#"username eq "ada@example.org""#;
    Address "address" Kind::Text => "mail address, compared in its canonical form", r#"address ew "@example.org""#;
    GivenName "given_name" Kind::Text => "given name", r#"given_name eq "Ada""#;
    FamilyName "family_name" Kind::Text => "family name", r#"family_name sw "Love""#;
    DisplayName "display_name" Kind::Text => "name as shown", r#"display_name co "ada""#;
    Language "language" Kind::Text => "language (BCP 47)", r#"language sw "de""#;
    TimeZone "time_zone" Kind::Text => "time zone (IANA)", r#"time_zone eq "Europe/Berlin""#;
    ExternalId "external_id" Kind::Text => "id in the system people are imported from; upper and lower case differ", r#"external_id eq "A-1815""#;
    Id "id" Kind::Id => "id of the person (UUID)", r#"id eq "01890a5d-ac96-774b-bcce-b302099a8057""#;
    Groups "groups" Kind::Several => "memberships; what stands in the brackets holds for one and the same", r#"groups[name eq "members" and added_at lt "now-30d"]"#;
    GroupName "groups.name" Kind::Text => "name of a group the person is in; `ne` means: in no group of this name", r#"groups.name eq "members""#;
    GroupAddedAt "groups.added_at" Kind::Time => "when the person came into a group", r#"groups.added_at ge "now-7d""#;
    Blocked "blocked" Kind::Flag => "blocked by an operator", "blocked eq true";
    Verified "verified" Kind::Flag => "the address was confirmed", "verified eq true";
    Undeliverable "undeliverable" Kind::Flag => "mail to the address does not arrive", "undeliverable eq false";
    UndeliverableCause "undeliverable.cause" Kind::Text => "why mail does not arrive", r#"undeliverable.cause co "5.1.1""#;
    CreatedAt "created_at" Kind::Time => "when the record was created", r#"created_at ge "today-1mo""#;
    UpdatedAt "updated_at" Kind::Time => "when the record last changed", r#"updated_at ge "today""#;
    ExpiresAt "expires_at" Kind::Time => "when the account of a system user expires", r#"expires_at lt "now+14d""#;
    Expired "expired" Kind::Flag => "the account has expired", "expired eq true";
    SystemUser "system_user" Kind::Flag => "has a system role", "system_user eq false";
    ApiUser "api_user" Kind::Flag => "system user of the type api: a program; hybrid ones are not", "not (api_user eq true)";
    UserType "user_type" Kind::Choice(&["ui", "api", "hybrid"]) => "type of a system user; contacts have none", r#"user_type eq "hybrid""#;
    Role "role" Kind::Text => "name of the system role; contacts have none", r#"role eq "Manager""#;
    Rank "rank" Kind::Whole => "rank of the system role, 0 to 3; contacts have none, so neither lt nor gt finds them", "rank ge 2";
    PasswordHas "password.has" Kind::Flag => "has a valid password of the person's own choice", "password.has eq true";
    PasswordChangedAt "password.changed_at" Kind::Time => "when the password was last set", r#"password.changed_at lt "now-90d""#;
    PasswordSet "password.set" Kind::Choice(&["chosen", "mailed"]) => "how the password was last set", r#"password.set eq "mailed""#;
    PasswordMustChange "password.must_change" Kind::Flag => "must be changed at the next login", "password.must_change eq true";
    PasswordScheme "password.scheme" Kind::Choice(SCHEMES) => "how the chosen password is stored", r#"password.scheme ne "argon2id""#;
    PasswordMailedAt "password.mailed_at" Kind::Time => "when the relay last accepted a mailed password", r#"not (password.mailed_at gt "now-24h")"#;
    CandidateOutstanding "candidate.outstanding" Kind::Flag => "a mailed password waits to be used and has not expired", "candidate.outstanding eq true";
    LastLoginAt "last_login_at" Kind::Time => "last login", r#"last_login_at lt "now-1y""#;
    NeverLoggedIn "never_logged_in" Kind::Flag => "has not logged in yet", "never_logged_in eq true";
    FailedLogins "failed_logins" Kind::Whole => "failed logins since the last good one", "failed_logins ge 3";
    LastRunOutcome "last_run.outcome" Kind::Choice(OUTCOMES) => "what became of the person in the last run", r#"last_run.outcome eq "refused""#;
    LastRunId "last_run.id" Kind::Id => "the last run with this person (UUID)", "last_run.id pr";
    Selection "selection" Kind::Selection => "is in this published selection, without a size limit", r#"selection eq "Staff""#;
}

/// How texts of an attribute are compared, alike on both databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folding {
    /// The letters A to Z equal a to z; every other letter is compared as it is.
    Ascii,
    /// Stored and compared in the canonical form of user names and addresses.
    Canonical,
    /// Byte for byte.
    Exact,
}

impl Fact {
    /// Every one, in the order of the published list.
    pub fn all() -> impl Iterator<Item = Self> {
        FACTS.iter().map(|line| line.fact)
    }

    fn line(self) -> &'static Line {
        // The list is made in the order of the enum, so the number is the place.
        FACTS.get(self as usize).unwrap_or(&FACTS[0])
    }

    /// As written in filters.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.line().name
    }

    /// Its type.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.line().kind
    }

    /// How its texts are compared.
    #[must_use]
    pub const fn folding(self) -> Folding {
        match self {
            Self::Username | Self::Address => Folding::Canonical,
            Self::ExternalId => Folding::Exact,
            _ => Folding::Ascii,
        }
    }

    /// As written inside `groups[…]`.
    pub(super) fn name_in_group(self) -> &'static str {
        let name = self.name();
        name.strip_prefix("groups.").unwrap_or(name)
    }

    /// Whether it is about one membership and can stand inside `groups[…]`.
    pub(super) const fn is_of_group(self) -> bool {
        matches!(self, Self::GroupName | Self::GroupAddedAt)
    }
}

impl Serialize for Fact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Fact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::all()
            .find(|fact| fact.name() == name)
            .ok_or_else(|| D::Error::custom(format!("no attribute {name:?}")))
    }
}
