//! A plain reading of filters over people in memory.

mod people;

pub(crate) use people::{filters, insert, people};

use domain::filter::{
    Attribute, AttributeDefinition, Catalogue, Fact, Filter, Moment, Operator, Resolved, Surroundings,
    Value as Given,
};
use domain::person::AttributeKind;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use testkit::TEST_NOW;
use uuid::Uuid;

#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: Uuid,
    texts: BTreeMap<&'static str, Option<String>>,
    times: BTreeMap<&'static str, Option<i64>>,
    flags: BTreeMap<&'static str, bool>,
    rank: Option<i64>,
    failed_logins: i64,
    groups: BTreeMap<String, i64>,
    tier: Option<String>,
    score: Option<f64>,
    vip: Option<bool>,
    joined: Option<i64>,
    candidate: Option<(&'static str, i64)>,
    last_run: Option<Uuid>,
}

pub(crate) fn catalogue() -> Catalogue {
    let kinds = [
        ("tier", AttributeKind::String),
        ("score", AttributeKind::Number),
        ("vip", AttributeKind::Boolean),
        ("joined", AttributeKind::DateTime),
    ];
    Catalogue::new(kinds.map(|(name, kind)| AttributeDefinition { name: name.into(), kind }))
}

pub(crate) fn resolved(text: &str) -> Resolved {
    let surroundings = Surroundings {
        now: now(),
        zone: &TimeZone::UTC,
        catalogue: &catalogue(),
        name: None,
        selections: &|_| None,
    };
    domain::filter::resolve(text, &surroundings).unwrap_or_else(|problem| panic!("{problem}"))
}

fn now() -> Timestamp {
    Timestamp::from_millisecond(TEST_NOW).expect("a time")
}

/// Whether a filter holds for a person; inside `groups[…]`, for one membership.
pub(crate) fn holds(filter: &Filter, person: &Person, membership: Option<(&String, i64)>) -> bool {
    match filter {
        Filter::All { of } => of.iter().all(|one| holds(one, person, membership)),
        Filter::Any { of } => of.iter().any(|one| holds(one, person, membership)),
        Filter::Not { of } => !holds(of, person, membership),
        Filter::InGroup { of } => person.groups.iter().any(|(name, at)| holds(of, person, Some((name, *at)))),
        Filter::Test { attribute, operator, value, .. } => match operator {
            Operator::NotEqual => !test(attribute, Operator::Equal, value.as_ref(), person, membership),
            operator => test(attribute, *operator, value.as_ref(), person, membership),
        },
    }
}

fn test(
    attribute: &Attribute,
    operator: Operator,
    value: Option<&Given>,
    person: &Person,
    membership: Option<(&String, i64)>,
) -> bool {
    if value == Some(&Given::Null) {
        return !test(attribute, Operator::Present, None, person, membership);
    }
    let present = operator == Operator::Present;
    let exact = *attribute == Attribute::Fact(Fact::ExternalId);
    let text = |has: Option<&str>| {
        has.is_some_and(|has| !has.is_empty() && (present || compare_text(has, operator, value, exact)))
    };
    let time = |has: Option<i64>| has.is_some_and(|has| present || compare_time(has, operator, value));
    let flag = |has: Option<bool>| has.is_some_and(|has| present || value == Some(&Given::Flag(has)));
    let number = |has: Option<f64>| has.is_some_and(|has| present || compare_number(has, operator, value));
    let name = match attribute {
        Attribute::Custom { name, .. } => {
            return match name.as_str() {
                "tier" => text(person.tier.as_deref()),
                "score" => number(person.score),
                "vip" => flag(person.vip),
                _ => time(person.joined),
            };
        }
        Attribute::Fact(fact) => fact.name(),
    };
    let stored = |name: &str| person.texts.get(name).and_then(Option::as_deref);
    match (name, membership) {
        ("groups", _) => !person.groups.is_empty(),
        ("groups.name", Some((name, _))) => text(Some(name)),
        ("groups.added_at", Some((_, at))) => time(Some(at)),
        ("groups.name", None) => person.groups.keys().any(|name| text(Some(name))),
        ("groups.added_at", None) => person.groups.values().any(|at| time(Some(*at))),
        ("id", _) => present || value == Some(&Given::Text(person.id.to_string())),
        ("last_run.id", _) => {
            person.last_run.is_some_and(|id| present || value == Some(&Given::Text(id.to_string())))
        }
        ("rank", _) => person.rank.is_some_and(|rank| number(Some(rank as f64))),
        ("role", _) => text(person.rank.map(|rank| if rank == 3 { "Owner" } else { "Helper" })),
        ("failed_logins", _) => number(Some(person.failed_logins as f64)),
        ("system_user", _) => flag(Some(person.rank.is_some())),
        ("api_user", _) => flag(Some(stored("user_type") == Some("api"))),
        ("undeliverable", _) => flag(Some(stored("undeliverable.cause").is_some())),
        ("password.has", _) => flag(Some(stored("password.hash").is_some())),
        ("password.scheme", _) => text(stored("password.hash").map(|hash| match hash.split('$').nth(1) {
            Some("2b") => "bcrypt",
            other => other.expect("a scheme"),
        })),
        ("expired", _) => flag(Some(person.times["expires_at"].is_some_and(|at| at <= TEST_NOW))),
        ("never_logged_in", _) => flag(Some(person.times["last_login_at"].is_none())),
        ("candidate.outstanding", _) => flag(Some(person.candidate.is_some_and(|(state, until)| {
            until > TEST_NOW && ["sending", "unknown", "active"].contains(&state)
        }))),
        (name, _) if person.flags.contains_key(name) => flag(Some(person.flags[name])),
        (name, _) if person.times.contains_key(name) => time(person.times[name]),
        (name, _) => text(person.texts.get(name).unwrap_or_else(|| panic!("{name}")).as_deref()),
    }
}

fn compare_text(has: &str, operator: Operator, value: Option<&Given>, exact: bool) -> bool {
    let Some(Given::Text(given)) = value else { return false };
    let fold = |text: &str| if exact { text.to_owned() } else { text.to_ascii_lowercase() };
    let (has, given) = (fold(has), fold(given));
    match operator {
        Operator::Contains => has.contains(&given),
        Operator::StartsWith => has.starts_with(&given),
        Operator::EndsWith => has.ends_with(&given),
        other => ordered(has.as_bytes().cmp(given.as_bytes()), other),
    }
}

fn compare_number(has: f64, operator: Operator, value: Option<&Given>) -> bool {
    matches!(value, Some(Given::Number(given)) if ordered(has.total_cmp(given), operator))
}

/// A day is equal to all its moments; what is before it is less, what is after it greater.
fn compare_time(has: i64, operator: Operator, value: Option<&Given>) -> bool {
    let Some(Given::Moment(moment)) = value else { return false };
    let (begin, end) = Moment::range(moment, now(), &TimeZone::UTC).expect("in the calendar");
    let order = if has < begin {
        std::cmp::Ordering::Less
    } else if has >= end {
        std::cmp::Ordering::Greater
    } else {
        std::cmp::Ordering::Equal
    };
    ordered(order, operator)
}

fn ordered(order: std::cmp::Ordering, operator: Operator) -> bool {
    match operator {
        Operator::Equal => order.is_eq(),
        Operator::Greater => order.is_gt(),
        Operator::AtLeast => order.is_ge(),
        Operator::Less => order.is_lt(),
        Operator::AtMost => order.is_le(),
        other => panic!("{other} is no order"),
    }
}
