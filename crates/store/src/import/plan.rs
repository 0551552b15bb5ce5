//! What is to be done for each row: made from the row and what the database says, without touching it.

use super::parse::Record;
use super::resolve::{Around, Found, Known, Mailbox, Stored, moves};
use super::seen::{Key, Seen};
use super::{Fate, Fault, Job, Problem};
use domain::address::Address;
use domain::id::PersonId;
use domain::id::uuid_v7;
use domain::person::AttributeValue;
use std::collections::{BTreeSet, HashMap};

/// More new groups than this in one file are taken for a mistake in the column.
const MOST_NEW_GROUPS: usize = 1_000;

/// What is to be done for a row that is not refused.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub(super) record: &'a Record,
    pub(super) person: PersonId,
    /// The person as it is, unless it is to be made.
    pub(super) known: Option<&'a Known>,
    pub(super) fate: Fate,
}

/// What is to be done for a batch.
#[derive(Debug, Default)]
pub(super) struct Plan<'a> {
    pub(super) steps: Vec<Step<'a>>,
    pub(super) problems: Vec<Problem>,
    /// Hashes of the names used here, with their lines.
    pub(super) used: HashMap<u64, u64>,
    /// Groups that do not exist yet.
    pub(super) new_groups: BTreeSet<String>,
}

type Refusal = (Option<&'static str>, Fault);

/// Decides about every row, in the order of the file.
pub(super) fn decide<'a>(job: &'a Job, found: &'a [Found], around: &Around, seen: &Seen) -> Plan<'a> {
    let mut plan = Plan { new_groups: job.new_groups.clone(), ..Plan::default() };
    for (place, (record, found)) in job.batch.records.iter().zip(found).enumerate() {
        match decide_one(job, place, record, found, around, seen, &mut plan) {
            Ok(step) => plan.steps.push(step),
            Err((column, reason)) => plan.problems.push(Problem::new(record.line, column, reason)),
        }
    }
    plan
}

fn decide_one<'a>(
    job: &Job,
    place: usize,
    record: &'a Record,
    found: &'a Found,
    around: &Around,
    seen: &Seen,
    plan: &mut Plan<'a>,
) -> Result<Step<'a>, Refusal> {
    refuse_repeated(record, found, seen, plan)?;
    let known = target(record, found)?;
    if let Some(known) = known {
        if known.is_system {
            return Err((None, Fault::SystemUser));
        }
        if record.username.as_ref().is_some_and(|name| *name != known.username)
            && found.by_username.as_ref().is_some_and(|other| other.id != known.id)
        {
            return Err((Some("username"), Fault::Username));
        }
    } else {
        refuse_unnamed(record, found)?;
    }
    let groups: BTreeSet<&String> = record.groups.iter().chain(&job.settings.groups_for_all).collect();
    let missing: Vec<&String> = groups
        .iter()
        .copied()
        .filter(|name| !around.groups.contains_key(*name) && !plan.new_groups.contains(*name))
        .collect();
    if plan.new_groups.len() + missing.len() > MOST_NEW_GROUPS {
        return Err((Some("groups"), Fault::NewGroups));
    }
    plan.new_groups.extend(missing.into_iter().cloned());
    let fate = match known {
        None => Fate::Created,
        Some(known)
            if fields(record, known).next().is_some()
                || differs_around(job, record, known, &groups, around) =>
        {
            Fate::Updated
        }
        Some(_) => Fate::Unchanged,
    };
    for key in keys(record, known) {
        plan.used.entry(seen.hash(key)).or_insert(record.line);
    }
    let person = known.map_or_else(|| new_id(job, place), |known| known.id);
    Ok(Step { record, person, known, fate })
}

/// The names a row uses up: its own and those the person has so far.
fn keys<'a>(record: &'a Record, known: Option<&'a Known>) -> impl Iterator<Item = Key<'a>> {
    let external = [record.external_id.as_deref(), known.and_then(|known| known.external_id.as_deref())];
    let username = match known {
        None => [record.new_username(), None],
        Some(known) => [record.username.as_deref(), Some(known.username.as_str())],
    };
    let address = [
        record.address.as_ref().map(Address::canonical),
        known.and_then(|known| known.address_canonical.as_deref()),
    ];
    // Whoever looks for an address looks among the user names too, so the same text is kept once.
    let address = address.into_iter().flatten().filter(move |address| !username.contains(&Some(*address)));
    external
        .into_iter()
        .flatten()
        .map(Key::ExternalId)
        .chain(username.into_iter().flatten().map(Key::Username))
        .chain(address.map(Key::Address))
}

/// Refuses a row that names somebody an earlier row is about.
fn refuse_repeated(record: &Record, found: &Found, seen: &Seen, plan: &Plan<'_>) -> Result<(), Refusal> {
    let first = |key: Key<'_>| {
        let hash = seen.hash(key);
        plan.used.get(&hash).copied().or_else(|| seen.line(hash))
    };
    if let Some(line) = record.external_id.as_deref().and_then(|id| first(Key::ExternalId(id))) {
        return Err((Some("external_id"), Fault::SameId { line }));
    }
    if let Some(username) = record.username.as_deref() {
        return match first(Key::Username(username)) {
            Some(line) => Err((Some("username"), Fault::SameUsername { line })),
            None => Ok(()),
        };
    }
    if found.by_external_id.is_some() {
        return Ok(());
    }
    let address = record.address.as_ref().map(Address::canonical);
    match address.and_then(|address| first(Key::Username(address)).or_else(|| first(Key::Address(address)))) {
        Some(line) => Err((Some("address"), Fault::SameAddress { line })),
        None => Ok(()),
    }
}

/// The person a row is about: by external id, else user name, else address. `None`: a new one.
fn target<'a>(record: &Record, found: &'a Found) -> Result<Option<&'a Known>, Refusal> {
    if let Some(known) = &found.by_external_id {
        return Ok(Some(known));
    }
    let other_id = |known: &Known| record.external_id.is_some() && known.external_id.is_some();
    if record.username.is_some() {
        return match found.by_username.as_deref() {
            Some(known) if other_id(known) => Err((Some("username"), Fault::OtherId)),
            known => Ok(known),
        };
    }
    match &found.by_address {
        Mailbox::Several => Err((Some("address"), Fault::Several)),
        // Somebody else who reads the same mailbox.
        Mailbox::One(known) if other_id(known) => Ok(None),
        Mailbox::One(known) => Ok(Some(known)),
        Mailbox::Nobody => Ok(None),
    }
}

/// Refuses a new person without a user name of its own.
fn refuse_unnamed(record: &Record, found: &Found) -> Result<(), Refusal> {
    if record.new_username().is_none() {
        return Err((Some("external_id"), Fault::Unnamed));
    }
    if found.by_username.is_some() {
        // Only a user name made from the address comes here; one that was given is found by.
        return Err((Some("address"), Fault::AddressTaken));
    }
    Ok(())
}

/// The fields that a row has and the person has otherwise.
fn fields<'a>(record: &'a Record, known: &'a Known) -> impl Iterator<Item = &'a str> + 'a {
    let plain = |new: &Option<String>, old: &str| new.as_deref().is_some_and(|new| new != old);
    let optional =
        |new: &Option<String>, old: &Option<String>| new.is_some() && new.as_deref() != old.as_deref();
    let fields = [
        ("username", plain(&record.username, &known.username)),
        ("address", record.address.as_ref().is_some_and(|address| moves(known, address))),
        ("given_name", plain(&record.given_name, &known.given_name)),
        ("family_name", plain(&record.family_name, &known.family_name)),
        ("display_name", plain(&record.display_name, &known.display_name)),
        ("language", optional(&record.language, &known.language)),
        ("time_zone", optional(&record.time_zone, &known.time_zone)),
        ("external_id", optional(&record.external_id, &known.external_id)),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name)
}

/// The attributes that a row has and the person has otherwise.
fn attributes<'a>(
    job: &'a Job,
    record: &'a Record,
    known: &'a Known,
    around: &'a Around,
) -> impl Iterator<Item = &'a str> + 'a {
    record.attributes.iter().filter_map(move |(place, value)| {
        let attribute = job.attributes.get(*place)?;
        let same = around.values.get(&(known.id, attribute.name.clone())) == Some(&stored(value));
        (!same).then_some(attribute.name.as_str())
    })
}

/// What a row changes of a person who is known, groups aside.
pub(super) fn changed<'a>(job: &'a Job, step: &'a Step<'a>, around: &'a Around) -> Vec<&'a str> {
    let Some(known) = step.known else { return Vec::new() };
    fields(step.record, known).chain(attributes(job, step.record, known, around)).collect()
}

fn differs_around(
    job: &Job,
    record: &Record,
    known: &Known,
    groups: &BTreeSet<&String>,
    around: &Around,
) -> bool {
    groups.iter().any(|name| {
        around.groups.get(*name).is_none_or(|group| !around.members.contains(&(known.id, *group)))
    }) || attributes(job, record, known, around).next().is_some()
}

/// A value in the columns of the database.
pub(super) fn stored(value: &AttributeValue) -> Stored {
    let nothing = Stored { string: None, number: None, boolean: None, date: None };
    match value {
        AttributeValue::String(text) => Stored { string: Some(text.clone()), ..nothing },
        AttributeValue::Number(number) => Stored { number: Some(*number), ..nothing },
        AttributeValue::Boolean(truth) => Stored { boolean: Some(*truth), ..nothing },
        AttributeValue::DateTime(time) => Stored { date: Some(time.as_millisecond()), ..nothing },
    }
}

/// An id that sorts by the place in the file: the first 26 bits after the time count (RFC 9562 §6.2,
/// method 1), so that a million new people go to the end of the table, not all over it.
fn new_id(job: &Job, place: usize) -> PersonId {
    let number = job.first_number.wrapping_add(place as u64);
    let mut random = [0_u8; 10];
    let [.., high, low] = ((number >> 14) & 0x0fff).to_be_bytes();
    random[..2].copy_from_slice(&[high, low]);
    let [.., high, low] = (number & 0x3fff).to_be_bytes();
    random[2..4].copy_from_slice(&[high, low]);
    if let Some(entropy) = job.entropy.get(place * 6..place * 6 + 6) {
        random[4..].copy_from_slice(entropy);
    }
    PersonId(uuid_v7(job.settings.now_ms, random))
}

#[cfg(test)]
mod tests {
    use domain::id::uuid_v7;

    #[test]
    fn ids_of_one_file_sort_by_their_place() {
        let id = |number: u64| {
            let mut random = [0xff_u8; 10];
            let [.., high, low] = ((number >> 14) & 0x0fff).to_be_bytes();
            random[..2].copy_from_slice(&[high, low]);
            let [.., high, low] = (number & 0x3fff).to_be_bytes();
            random[2..4].copy_from_slice(&[high, low]);
            uuid_v7(1, random)
        };
        assert!((0..200_000).all(|number| id(number) < id(number + 1)));
    }
}
