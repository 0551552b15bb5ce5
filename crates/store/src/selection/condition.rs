//! Turns a resolved filter into one SQL condition over `people p`, the same text on both databases.
//!
//! Every comparison is guarded by `IS NOT NULL` where its column may be empty, so that no part is ever
//! NULL and `NOT (…)` is the exact complement. Texts are compared as bytes after `LOWER`, which on
//! SQLite and under PostgreSQL's collation "C" folds A to Z only. Every value is bound.

use crate::Value;
use domain::filter::{Attribute, Comparison, Fact, Folding, Resolved, Test};
use domain::person::AttributeKind;

/// A condition for a WHERE clause over `people p`.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The text; true or false for each person, never NULL. It binds like an operand: put nothing
    /// around it. In its top-level conjunction one subquery may be written so that the database can
    /// begin with it.
    pub sql: String,
    /// The values of `$first`, `$first + 1`, …
    pub values: Vec<Value>,
}

impl Condition {
    /// Writes the condition; its placeholders are numbered from `first`.
    #[must_use]
    pub fn new(resolved: &Resolved, first: usize) -> Self {
        let mut writer =
            Writer { sql: String::new(), values: Vec::new(), first, leader: leader(resolved), subqueries: 0 };
        writer.write(resolved);
        Self { sql: writer.sql, values: writer.values }
    }
}

/// How the subquery of a custom attribute begins that leads.
pub(super) const ATTRIBUTE_LEADS: &str = "p.id IN (SELECT v.person_id FROM attribute_values v WHERE";
/// How the subquery of a group begins that leads.
pub(super) const GROUP_LEADS: &str = "p.id IN (SELECT m.person_id FROM group_members m WHERE";

struct Writer<'a> {
    sql: String,
    values: Vec<Value>,
    first: usize,
    /// The part whose subquery the database shall begin with.
    leader: Option<&'a Resolved>,
    subqueries: usize,
}

/// How many subqueries PostgreSQL may turn into joins.
const MOST_JOINED: usize = 4;

/// The part of the top-level conjunction that probably leaves the fewest people and has an index.
///
/// Written as `p.id IN (…)` it is found first; as `EXISTS` it is looked up for each person. One IN is
/// right: a second one would be collected whole before it is used (measured: docs/decisions/0003).
fn leader(resolved: &Resolved) -> Option<&Resolved> {
    let parts = match resolved {
        Resolved::All(parts) => parts.as_slice(),
        other => std::slice::from_ref(other),
    };
    let rank = |part: &Resolved| match part {
        Resolved::All(_) => leader(part).map(|_| 3),
        Resolved::Test { attribute: Attribute::Fact(Fact::Id | Fact::Username | Fact::ExternalId), test } => {
            // Has an index of its own, nothing can be faster.
            matches!(test, Test::Id(_) | Test::Text(Comparison::Equal, _)).then_some(0)
        }
        Resolved::Test { attribute: Attribute::Custom { .. }, test } => match test {
            Test::Text(Comparison::Equal, _) => Some(1),
            Test::Present | Test::Text(Comparison::Contains | Comparison::EndsWith, _) => None,
            _ => Some(4),
        },
        Resolved::InGroup(inner) => match inner.as_ref() {
            Resolved::All(none) if none.is_empty() => None,
            _ => Some(2),
        },
        _ => None,
    };
    let best =
        parts.iter().filter_map(|part| rank(part).map(|rank| (rank, part))).min_by_key(|(rank, _)| *rank);
    match best {
        Some((0, _)) | None => None,
        Some((_, nested @ Resolved::All(_))) => leader(nested),
        Some((_, part)) => Some(part),
    }
}

impl Writer<'_> {
    /// The placeholder of a value.
    fn bind(&mut self, value: Value) -> String {
        let number = self.first + self.values.len();
        // PostgreSQL would otherwise take the column's narrower type for the value's.
        let placeholder = match value {
            Value::Int(_) => format!("CAST(${number} AS BIGINT)"),
            Value::Real(_) => format!("CAST(${number} AS DOUBLE PRECISION)"),
            Value::Text(_) => format!("CAST(${number} AS TEXT)"),
            _ => format!("${number}"),
        };
        self.values.push(value);
        placeholder
    }

    fn text(&mut self, value: impl Into<String>) -> String {
        self.bind(Value::Text(value.into()))
    }

    /// A text to compare with a folded column. Folded again, which changes nothing: SQLite serves a comparison with
    /// `LOWER(…)` from its index only when the other side has no affinity either, and CAST has one (measured over a
    /// million people: 335 against 17 ms to find ten thousand of them).
    fn folded_text(&mut self, folding: Folding, value: impl Into<String>) -> String {
        let text = self.text(value);
        if folding == Folding::Ascii { format!("LOWER({text})") } else { text }
    }

    fn push(&mut self, sql: &str) {
        self.sql.push_str(sql);
    }

    fn write(&mut self, resolved: &Resolved) {
        match resolved {
            Resolved::All(parts) => self.joined(parts, " AND ", "TRUE"),
            Resolved::Any(parts) => self.joined(parts, " OR ", "FALSE"),
            Resolved::Not(part) => {
                self.push("NOT ");
                self.write(part);
            }
            Resolved::InGroup(part) => {
                let (open, close) = self.around(self.leads(resolved));
                self.push("(");
                self.push(open);
                self.push(if self.leads(resolved) {
                    GROUP_LEADS
                } else {
                    "EXISTS (SELECT 1 FROM group_members m WHERE m.person_id = p.id AND"
                });
                self.push(" ");
                self.write(part);
                self.push(")");
                self.push(close);
                self.push(")");
            }
            Resolved::CandidateOutstanding(now) => {
                let (open, close) = self.around(false);
                let now = self.bind(Value::Int(*now));
                self.push(&format!(
                    "({open}EXISTS (SELECT 1 FROM credentials c WHERE c.person_id = p.id \
                     AND c.state IN ('sending', 'unknown', 'active') AND c.expires_at > {now}){close})"
                ));
            }
            Resolved::Test { attribute: Attribute::Fact(fact), test } => {
                let sql = self.fact(*fact, test);
                self.push(&format!("({sql})"));
            }
            Resolved::Test { attribute: Attribute::Custom { name, kind }, test } => {
                let leads = self.leads(resolved);
                self.custom(name, *kind, test, leads);
            }
        }
    }

    /// What stands around the next subquery.
    ///
    /// PostgreSQL turns every subquery of a conjunction into a join and weighs all their orders: with
    /// 500 of them it plans without end. It does not look into CASE, so all but the first stand in one.
    fn around(&mut self, leads: bool) -> (&'static str, &'static str) {
        self.subqueries += 1;
        if leads || self.subqueries <= MOST_JOINED {
            ("", "")
        } else {
            ("CASE WHEN ", " THEN TRUE ELSE FALSE END")
        }
    }

    fn leads(&self, part: &Resolved) -> bool {
        self.leader.is_some_and(|leader| std::ptr::eq(leader, part))
    }

    /// Joins in halves: a flat row of 500 would be nested 500 deep in SQLite's parser.
    fn joined(&mut self, parts: &[Resolved], word: &str, none: &str) {
        match parts {
            [] => self.push(none),
            [only] => self.write(only),
            parts => {
                let (left, right) = parts.split_at(parts.len() / 2);
                self.push("(");
                self.joined(left, word, none);
                self.push(word);
                self.joined(right, word, none);
                self.push(")");
            }
        }
    }

    fn fact(&mut self, fact: Fact, test: &Test) -> String {
        match fact {
            Fact::Id => self.id("p.id", test),
            Fact::LastRunId => self.nullable("p.last_run_id", |writer| writer.id("p.last_run_id", test)),
            Fact::Username => self.words("p.username", false, fact.folding(), test),
            Fact::Address => self.words("p.address_canonical", true, fact.folding(), test),
            Fact::GivenName => self.words("p.given_name", false, fact.folding(), test),
            Fact::FamilyName => self.words("p.family_name", false, fact.folding(), test),
            Fact::DisplayName => self.words("p.display_name", false, fact.folding(), test),
            Fact::Language => self.words("p.language", true, fact.folding(), test),
            Fact::TimeZone => self.words("p.time_zone", true, fact.folding(), test),
            Fact::ExternalId => self.words("p.external_id", true, fact.folding(), test),
            Fact::UndeliverableCause => self.words("p.undeliverable", true, fact.folding(), test),
            Fact::GroupName => {
                let inner = self.words("g.name", false, fact.folding(), test);
                let (open, close) = self.around(false);
                format!("{open}m.group_id IN (SELECT g.id FROM \"groups\" g WHERE {inner}){close}")
            }
            Fact::Role => {
                let inner = self.words("r.name", false, fact.folding(), test);
                self.by_role(&inner)
            }
            Fact::Rank => {
                let inner = self.plain("r.rank", test);
                self.by_role(&inner)
            }
            Fact::Blocked => flag("p.blocked", test),
            Fact::Verified => flag("p.verified", test),
            Fact::PasswordMustChange => flag("p.must_change", test),
            Fact::Undeliverable => flag("p.undeliverable IS NOT NULL", test),
            Fact::SystemUser => flag("p.role_id IS NOT NULL", test),
            Fact::ApiUser => flag("p.user_type IS NOT NULL AND p.user_type = 'api'", test),
            Fact::PasswordHas => flag("p.password_hash IS NOT NULL", test),
            Fact::CreatedAt => self.plain("p.created_at", test),
            Fact::UpdatedAt => self.plain("p.updated_at", test),
            Fact::GroupAddedAt => self.plain("m.added_at", test),
            Fact::FailedLogins => self.plain("p.failed_logins", test),
            Fact::ExpiresAt => self.nullable("p.expires_at", |writer| writer.plain("p.expires_at", test)),
            Fact::LastLoginAt => {
                self.nullable("p.last_login_at", |writer| writer.plain("p.last_login_at", test))
            }
            Fact::PasswordChangedAt => {
                self.nullable("p.password_changed_at", |writer| writer.plain("p.password_changed_at", test))
            }
            Fact::PasswordMailedAt => {
                self.nullable("p.password_mailed_at", |writer| writer.plain("p.password_mailed_at", test))
            }
            Fact::UserType => self.nullable("p.user_type", |writer| writer.plain("p.user_type", test)),
            Fact::PasswordSet => {
                self.nullable("p.password_set", |writer| writer.plain("p.password_set", test))
            }
            Fact::LastRunOutcome => {
                self.nullable("p.last_run_outcome", |writer| writer.plain("p.last_run_outcome", test))
            }
            Fact::PasswordScheme => self.nullable("p.password_hash", |writer| writer.scheme(test)),
            // Resolved into other tests; see `Resolved::Test`.
            Fact::Groups
            | Fact::Selection
            | Fact::Expired
            | Fact::NeverLoggedIn
            | Fact::CandidateOutstanding => "FALSE".to_owned(),
        }
    }

    fn by_role(&mut self, inner: &str) -> String {
        let (open, close) = self.around(false);
        format!(
            "p.role_id IS NOT NULL AND {open}p.role_id IN (SELECT r.id FROM roles r WHERE {inner}){close}"
        )
    }

    fn nullable(&mut self, column: &str, test: impl FnOnce(&mut Self) -> String) -> String {
        let test = test(self);
        if test == "TRUE" {
            format!("{column} IS NOT NULL")
        } else {
            format!("{column} IS NOT NULL AND {test}")
        }
    }

    fn id(&mut self, column: &str, test: &Test) -> String {
        match test {
            Test::Id(id) => format!("{column} = {}", self.bind(Value::Uuid(*id))),
            _ => "TRUE".to_owned(),
        }
    }

    /// A test of a column that has a value.
    fn plain(&mut self, column: &str, test: &Test) -> String {
        match test {
            Test::Whole(comparison, number) => {
                format!("{column} {} {}", sign(*comparison), self.bind(Value::Int(*number)))
            }
            Test::Number(comparison, number) => {
                format!("{column} {} {}", sign(*comparison), self.bind(Value::Real(*number)))
            }
            Test::Choice(word) => format!("{column} = {}", self.text(word)),
            Test::Time { from, until } => {
                let from = from.map(|from| format!("{column} >= {}", self.bind(Value::Int(from))));
                let until = until.map(|until| format!("{column} < {}", self.bind(Value::Int(until))));
                [from, until].into_iter().flatten().collect::<Vec<_>>().join(" AND ")
            }
            _ => "TRUE".to_owned(),
        }
    }

    /// A test of a text; without a value and empty is the same.
    fn words(&mut self, column: &str, nullable: bool, folding: Folding, test: &Test) -> String {
        let sql = match test {
            Test::Text(comparison, text) => {
                let folded = match folding {
                    Folding::Ascii => format!("LOWER({column})"),
                    Folding::Canonical | Folding::Exact => column.to_owned(),
                };
                let compared = self.compared(&folded, folding, *comparison, text);
                let has_less = matches!(comparison, Comparison::Less | Comparison::AtMost);
                if has_less { format!("{column} <> '' AND {compared}") } else { compared }
            }
            _ => format!("{column} <> ''"),
        };
        if nullable { format!("{column} IS NOT NULL AND {sql}") } else { sql }
    }

    /// Compares by bytes. LIKE is not used: SQLite's ignores case, PostgreSQL's does not.
    fn compared(&mut self, folded: &str, folding: Folding, comparison: Comparison, text: &str) -> String {
        match comparison {
            Comparison::Contains => {
                let text = self.text(text);
                format!("REPLACE({folded}, {text}, '') <> {folded}")
            }
            // A range of keys, which an index can serve.
            Comparison::StartsWith => match after(text) {
                Some(end) => {
                    let (from, until) = (self.folded_text(folding, text), self.folded_text(folding, end));
                    format!("{folded} >= {from} AND {folded} < {until}")
                }
                None => format!("{folded} >= {}", self.folded_text(folding, text)),
            },
            Comparison::EndsWith => {
                let text = self.text(text);
                format!("SUBSTR({folded}, LENGTH({folded}) - LENGTH({text}) + 1) = {text}")
            }
            _ => format!("{folded} {} {}", sign(comparison), self.folded_text(folding, text)),
        }
    }

    /// The scheme is the first part of a PHC string, `$argon2id$…`.
    fn scheme(&mut self, test: &Test) -> String {
        let Test::Choice(word) = test else { return "TRUE".to_owned() };
        let ids: &[&str] = if word == "bcrypt" { &["2a", "2b", "2y"] } else { &[word] };
        let tests: Vec<String> = ids
            .iter()
            .map(|id| {
                self.compared("p.password_hash", Folding::Exact, Comparison::StartsWith, &format!("${id}$"))
            })
            .map(|test| format!("({test})"))
            .collect();
        format!("({})", tests.join(" OR "))
    }

    fn custom(&mut self, name: &str, kind: AttributeKind, test: &Test, leads: bool) {
        let attribute = self.text(name);
        let (column, inner) = match kind {
            AttributeKind::String => {
                ("v.string_value", self.words("v.string_value", false, Folding::Ascii, test))
            }
            AttributeKind::Number => ("v.number_value", self.plain("v.number_value", test)),
            AttributeKind::DateTime => ("v.date_value_at", self.plain("v.date_value_at", test)),
            AttributeKind::Boolean => ("v.boolean_value", flag("v.boolean_value", test)),
        };
        // Inside a subquery NULL is no row, so nothing has to be guarded.
        let inner = if inner == "TRUE" { format!("{column} IS NOT NULL") } else { inner };
        let (open, close) = self.around(leads);
        let subquery = if leads {
            ATTRIBUTE_LEADS
        } else {
            "EXISTS (SELECT 1 FROM attribute_values v WHERE v.person_id = p.id AND"
        };
        self.push(&format!("({open}{subquery} v.attribute = {attribute} AND {inner}){close})"));
    }
}

fn flag(column: &str, test: &Test) -> String {
    match test {
        Test::Flag(true) => column.to_owned(),
        Test::Flag(false) => format!("NOT ({column})"),
        _ => "TRUE".to_owned(),
    }
}

const fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Greater => ">",
        Comparison::AtLeast => ">=",
        Comparison::Less => "<",
        Comparison::AtMost => "<=",
        _ => "=",
    }
}

/// The first text after all that begin with this one, in the order of bytes, if there is one.
fn after(text: &str) -> Option<String> {
    let mut chars: Vec<char> = text.chars().collect();
    while let Some(last) = chars.pop() {
        // UTF-8 sorts as its code points do; the gap of the surrogates is stepped over.
        if let Some(next) = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32) {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
#[path = "condition_tests.rs"]
mod tests;
