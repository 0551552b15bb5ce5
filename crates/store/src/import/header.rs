//! The first line of a file: which column holds what.

use super::{Fault, ImportError};
use domain::person::AttributeKind;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    ExternalId,
    Username,
    Address,
    GivenName,
    FamilyName,
    DisplayName,
    Language,
    TimeZone,
    Groups,
    /// The attribute at this place of the defined ones.
    Attribute(usize),
}

/// The columns every installation has, in the order the export writes them, with the other names
/// they may have. Upper case, spaces, underscores and hyphens do not matter.
pub(crate) const COLUMNS: [(&str, &[&str]); 9] = [
    ("external_id", &[]),
    ("username", &[]),
    ("address", &["email", "mail", "email_address", "mail_address"]),
    ("given_name", &["first_name"]),
    ("family_name", &["last_name", "surname"]),
    ("display_name", &[]),
    ("language", &[]),
    ("time_zone", &[]),
    ("groups", &["group"]),
];

const KINDS: [Column; 9] = [
    Column::ExternalId,
    Column::Username,
    Column::Address,
    Column::GivenName,
    Column::FamilyName,
    Column::DisplayName,
    Column::Language,
    Column::TimeZone,
    Column::Groups,
];

/// What the name of an attribute follows.
pub(crate) const ATTRIBUTE: &str = "attributes.";

/// Columns that would give somebody power or claim what only Passpost knows, and why they are refused.
static REFUSED: [(&[&str], Fault); 4] = [
    (
        &[
            "password",
            "passwort",
            "passwd",
            "pass",
            "pwd",
            "pin",
            "secret",
            "passwordhash",
            "hash",
            "passwordset",
            "passwordchangedat",
            "passwordmailedat",
            "mustchange",
            "credential",
            "credentials",
            "totp",
        ],
        Fault::Passwords,
    ),
    (
        &[
            "role",
            "roles",
            "roleid",
            "rolename",
            "systemrole",
            "rank",
            "permission",
            "permissions",
            "usertype",
            "systemuser",
            "admin",
            "isadmin",
            "administrator",
            "owner",
            "expiresat",
            "scope",
            "scopes",
        ],
        Fault::Roles,
    ),
    (&["verified", "blocked", "status", "active", "enabled", "disabled", "undeliverable"], Fault::State),
    (
        &[
            "id",
            "personid",
            "createdat",
            "updatedat",
            "lastloginat",
            "failedlogins",
            "failedloginat",
            "lastrunid",
            "lastrunoutcome",
        ],
        Fault::Kept,
    ),
];

/// A custom attribute of this installation.
#[derive(Debug, Clone)]
pub(crate) struct Attribute {
    pub(crate) name: String,
    pub(crate) kind: AttributeKind,
}

/// What the columns of a file hold, and what the file calls them.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) columns: Vec<Column>,
    pub(super) names: Vec<String>,
    pub(super) attributes: Vec<Attribute>,
}

impl Layout {
    /// Reads the header.
    pub(super) fn read<'c>(
        cells: impl Iterator<Item = &'c [u8]>,
        line: u64,
        attributes: Vec<Attribute>,
    ) -> Result<Self, ImportError> {
        let mut columns: Vec<Column> = Vec::new();
        let mut names = Vec::new();
        for (place, cell) in cells.enumerate() {
            let name: String = String::from_utf8_lossy(cell).trim().chars().take(100).collect();
            let fail = |fault: Fault| ImportError::header(line, Some((place + 1, name.clone())), fault);
            let column = column(&name, &attributes).map_err(fail)?;
            if let Some(first) = columns.iter().position(|known| *known == column) {
                return Err(fail(Fault::Same { column: first + 1 }));
            }
            columns.push(column);
            names.push(name);
        }
        if !columns.iter().any(|c| matches!(c, Column::ExternalId | Column::Username | Column::Address)) {
            return Err(ImportError::header(line, None, Fault::Nobody));
        }
        Ok(Self { columns, names, attributes })
    }
}

/// What a column of this name holds.
fn column(name: &str, attributes: &[Attribute]) -> Result<Column, Fault> {
    let plain = plain(name);
    for ((known, aliases), column) in COLUMNS.iter().zip(KINDS) {
        if std::iter::once(known).chain(*aliases).any(|known| self::plain(known) == plain) {
            return Ok(column);
        }
    }
    let prefixed = name.get(..ATTRIBUTE.len()).filter(|start| start.eq_ignore_ascii_case(ATTRIBUTE));
    if prefixed.is_some() {
        return attribute(name.get(ATTRIBUTE.len()..).unwrap_or_default(), attributes)
            .ok_or_else(|| Fault::NoAttribute { known: known(attributes) });
    }
    if let Some((_, fault)) = REFUSED.iter().find(|(names, _)| names.contains(&plain.as_str())) {
        return Err(fault.clone());
    }
    attribute(name, attributes).ok_or_else(|| {
        let known = known(attributes);
        if name.is_empty() { Fault::NoName { known } } else { Fault::Unknown { known } }
    })
}

/// The place of a defined attribute: by its exact name, else by the only one that is spelled alike.
fn attribute(name: &str, attributes: &[Attribute]) -> Option<Column> {
    let name = name.trim();
    let exact = attributes.iter().position(|known| known.name == name);
    let found = exact.or_else(|| {
        let mut alike = (0..attributes.len())
            .filter(|place| attributes.get(*place).is_some_and(|known| plain(&known.name) == plain(name)));
        alike.next().filter(|_| alike.next().is_none())
    });
    found.map(Column::Attribute)
}

fn known(attributes: &[Attribute]) -> String {
    let mut names: Vec<String> = COLUMNS.iter().map(|(name, _)| (*name).to_owned()).collect();
    names.extend(attributes.iter().map(|known| format!("{ATTRIBUTE}{}", known.name)));
    names.join(", ")
}

fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Result<Vec<Column>, String> {
        let attributes = vec![
            Attribute { name: "cost_center".into(), kind: AttributeKind::Number },
            Attribute { name: "role".into(), kind: AttributeKind::String },
        ];
        Layout::read(header.split(',').map(str::as_bytes), 1, attributes)
            .map(|layout| layout.columns)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_column_is_known_by_many_spellings() {
        assert_eq!(
            read("External-ID,E-Mail,First Name,SURNAME,timezone,Cost Center,attributes.role"),
            Ok(vec![
                Column::ExternalId,
                Column::Address,
                Column::GivenName,
                Column::FamilyName,
                Column::TimeZone,
                Column::Attribute(0),
                Column::Attribute(1)
            ])
        );
    }

    #[test]
    fn a_column_that_is_unknown_is_told_with_its_place_and_what_is_known() {
        let error = read("username,adress").unwrap_err();
        assert!(
            error.starts_with("line 1, column 2 (adress): unknown column; known are external_id,"),
            "{error}"
        );
        assert!(error.contains("attributes.cost_center"), "{error}");
        assert!(read("username,").unwrap_err().contains("has no name"));
        assert!(read("username,attributes.shoe").unwrap_err().contains("no such attribute"));
        assert!(read("mail,email").unwrap_err().contains("column 1 holds the same"));
        assert!(read("given_name").unwrap_err().contains("external_id, username or address"));
    }

    #[test]
    fn a_column_that_gives_power_is_refused_by_name() {
        for name in [
            "role",
            "Rank",
            "password",
            "Password Hash",
            "must-change",
            "verified",
            "blocked",
            "status",
            "permissions",
            "user_type",
            "id",
        ] {
            let error = read(&format!("username,{name}")).unwrap_err();
            assert!(error.contains(&format!("column 2 ({name}): refused: ")), "{error}");
        }
    }
}
