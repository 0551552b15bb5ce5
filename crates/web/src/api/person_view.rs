//! A person as programs read and write it.

use crate::api::problem::Problem;
use crate::api::time::{Time, of};
use domain::address::Address;
use domain::person::{AttributeKind, AttributeValue, Person};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use store::person::{NewPerson, PersonChange};
use uuid::Uuid;

/// A person.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Person")]
pub(crate) struct PersonView {
    id: Uuid,
    /// Unique, in canonical form.
    username: String,
    /// Where mail goes; several people may share one.
    address: Option<String>,
    given_name: String,
    family_name: String,
    /// As the person wants to be called; empty: given and family name.
    display_name: String,
    /// BCP 47.
    language: Option<String>,
    /// IANA.
    time_zone: Option<String>,
    /// The id in another system; unique.
    external_id: Option<String>,
    blocked: bool,
    /// Whether the address was confirmed.
    verified: bool,
    /// Why mail does not arrive; null: it does.
    undeliverable: Option<String>,
    /// Names of groups.
    groups: Vec<String>,
    /// Custom attributes by name: strings, numbers, booleans, times.
    attributes: BTreeMap<String, Value>,
    /// Null for contacts.
    system: Option<SystemView>,
    credential: CredentialView,
    created_at: Time,
    updated_at: Time,
}

/// The system role of a system user.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SystemRole")]
pub(crate) struct SystemView {
    role_id: Uuid,
    role: String,
    /// 0 to 3, 3 highest.
    rank: i64,
    /// `ui`, `api` or `hybrid`.
    user_type: String,
    /// The end of the account.
    expires_at: Option<Time>,
}

/// What is known of a credential; none of it is secret.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Credential")]
pub(crate) struct CredentialView {
    has_password: bool,
    /// `chosen` or `mailed`.
    set: Option<String>,
    changed_at: Option<Time>,
    /// Whether only the page for a new password opens.
    must_change: bool,
    mailed_at: Option<Time>,
    last_login_at: Option<Time>,
    /// Wrong passwords in a row.
    failed_logins: i64,
    last_run_outcome: Option<String>,
}

impl From<Person> for PersonView {
    fn from(person: Person) -> Self {
        let credential = person.credential;
        Self {
            id: person.id.0,
            username: person.username,
            address: person.address.map(|address| address.as_given().to_owned()),
            given_name: person.given_name,
            family_name: person.family_name,
            display_name: person.display_name,
            language: person.language,
            time_zone: person.time_zone,
            external_id: person.external_id,
            blocked: person.blocked,
            verified: person.verified,
            undeliverable: person.undeliverable,
            groups: person.groups,
            attributes: person.attributes.into_iter().map(|(name, value)| (name, shown(value))).collect(),
            system: person.system.map(|system| SystemView {
                role_id: system.role_id.0,
                role: system.role,
                rank: system.rank.number(),
                user_type: system.user_type.as_str().to_owned(),
                expires_at: of(system.expires_at),
            }),
            credential: CredentialView {
                has_password: credential.has_password,
                set: credential.set.map(|set| match set {
                    domain::person::PasswordSet::Chosen => "chosen".to_owned(),
                    domain::person::PasswordSet::Mailed => "mailed".to_owned(),
                }),
                changed_at: of(credential.changed_at),
                must_change: credential.must_change,
                mailed_at: of(credential.mailed_at),
                last_login_at: of(credential.last_login_at),
                failed_logins: credential.failed_logins,
                last_run_outcome: credential.last_run_outcome,
            },
            created_at: Time(person.created_at),
            updated_at: Time(person.updated_at),
        }
    }
}

fn shown(value: AttributeValue) -> Value {
    match value {
        AttributeValue::Boolean(flag) => flag.into(),
        AttributeValue::Number(number) => number.into(),
        AttributeValue::DateTime(at) => at.to_string().into(),
        AttributeValue::String(text) => text.into(),
    }
}

/// A contact to be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "NewPerson")]
#[derive(Default)]
pub(crate) struct NewPersonBody {
    /// At most 200 characters; without one, the address.
    username: Option<String>,
    address: Option<String>,
    given_name: String,
    family_name: String,
    display_name: String,
    language: Option<String>,
    time_zone: Option<String>,
    external_id: Option<String>,
    /// Custom attributes that are defined, by name.
    attributes: BTreeMap<String, Value>,
}

impl NewPersonBody {
    pub(crate) fn into_person(self, id: Uuid, kinds: &Kinds) -> Result<NewPerson, Problem> {
        let mut attributes = BTreeMap::new();
        for (name, value) in self.attributes {
            if let Some(value) = kinds.read(&name, value)? {
                attributes.insert(name, value);
            }
        }
        Ok(NewPerson {
            username: self.username,
            address: self.address.as_deref().map(address).transpose()?,
            given_name: self.given_name,
            family_name: self.family_name,
            display_name: self.display_name,
            language: self.language,
            time_zone: self.time_zone,
            external_id: self.external_id,
            attributes,
            ..NewPerson::new(domain::id::PersonId(id))
        })
    }
}

/// What to change: a field that is missing stays, null takes the value away.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "PersonChange")]
pub(crate) struct PersonChangeBody {
    username: Option<String>,
    /// A new one clears *verified* and *undeliverable*, and ends mailed passwords on their way to the old one.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    address: Option<Option<String>>,
    given_name: Option<String>,
    family_name: Option<String>,
    display_name: Option<String>,
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    language: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    time_zone: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    external_id: Option<Option<String>>,
    /// By name; null takes one away.
    attributes: BTreeMap<String, Value>,
}

/// A field that is there, whatever it holds.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl PersonChangeBody {
    pub(crate) fn into_change(self, kinds: &Kinds) -> Result<PersonChange, Problem> {
        let mut attributes = BTreeMap::new();
        for (name, value) in self.attributes {
            let value = kinds.read(&name, value)?;
            attributes.insert(name, value);
        }
        Ok(PersonChange {
            username: self.username,
            address: self.address.map(|given| given.as_deref().map(address).transpose()).transpose()?,
            given_name: self.given_name,
            family_name: self.family_name,
            display_name: self.display_name,
            language: self.language,
            time_zone: self.time_zone,
            external_id: self.external_id,
            verified: None,
            attributes,
        })
    }
}

pub(crate) fn address(text: &str) -> Result<Address, Problem> {
    Address::parse(text).map_err(|error| Problem::field("/address", error.to_string()))
}

/// The kinds of the attributes that are defined.
#[derive(Debug, Default)]
pub(crate) struct Kinds(BTreeMap<String, AttributeKind>);

impl Kinds {
    pub(crate) async fn read_from(tx: &mut store::Tx) -> Result<Self, Problem> {
        let all = store::attribute::list(tx).await?;
        Ok(Self(all.into_iter().map(|one| (one.name, one.kind)).collect()))
    }

    /// A value of the kind its attribute has; `None`: null.
    fn read(&self, name: &str, value: Value) -> Result<Option<AttributeValue>, Problem> {
        let wrong = |right: String| Problem::field(format!("/attributes/{name}"), right);
        let Some(kind) = self.0.get(&name.to_ascii_lowercase()) else {
            let known: Vec<&str> = self.0.keys().map(String::as_str).collect();
            let right = format!("is not defined; defined are: {}", known.join(", "));
            return Err(Problem::field("/attributes", right));
        };
        match (kind, value) {
            (_, Value::Null) => Ok(None),
            (AttributeKind::Boolean, Value::Bool(flag)) => Ok(Some(AttributeValue::Boolean(flag))),
            (AttributeKind::Number, Value::Number(number)) => match number.as_f64() {
                Some(number) => Ok(Some(AttributeValue::Number(number))),
                None => Err(wrong("expected a number".to_owned())),
            },
            (AttributeKind::String | AttributeKind::DateTime, Value::String(text)) => {
                kind.read(&text).map(Some).map_err(|right| wrong(right.to_string()))
            }
            (kind, _) => Err(wrong(format!("expected a value of the kind {}", kind.as_str()))),
        }
    }
}
