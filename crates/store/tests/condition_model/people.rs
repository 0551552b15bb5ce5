//! Random people and filters about them, made so that they meet.

use super::Person;
use domain::filter::Moment;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;
use store::{Store, StoreError, Value};
use testkit::TEST_NOW;
use uuid::Uuid;

const HOUR: i64 = 3_600_000;
/// Few texts, full of traps: case, letters outside ASCII, metacharacters, prefixes, order.
const TEXTS: [&str; 12] = ["a", "A", "ab", "aB_", "b%", "Ä", "ä", "äx", "z", "a\\", "\u{1F600}", "[a"];
const SCHEMES: [&str; 3] =
    ["$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA", "$2b$10$abcdefghijk", "$scrypt$ln=1$c2FsdA$aGFzaA"];
const OWNER: Uuid = Uuid::from_u128(0x7000_8000_0000_0000_0003);
const HELPER: Uuid = Uuid::from_u128(0x7000_8000_0000_0000_0000);

pub(crate) fn people(runner: &mut TestRunner, count: u32) -> Vec<Person> {
    (0..count).map(|number| person(number).new_tree(runner).expect("a person").current()).collect()
}

fn text() -> impl Strategy<Value = String> {
    prop::sample::select(&TEXTS[..]).prop_map(str::to_owned)
}

fn time() -> impl Strategy<Value = i64> {
    // On and around the moments the filters speak of.
    (-4i64..4, prop::sample::select(&[0, 9 * HOUR, HOUR, 1, -1][..]))
        .prop_map(|(days, off)| TEST_NOW + days * 24 * HOUR - off)
}

/// The texts of a person by the names filters use.
fn texts(number: u32) -> impl Strategy<Value = BTreeMap<&'static str, Option<String>>> {
    let word = |words: &'static [&'static str]| {
        prop::option::of(prop::sample::select(words).prop_map(str::to_owned))
    };
    (
        prop::collection::vec(prop_oneof![text(), Just(String::new())], 3),
        prop::collection::vec(prop::option::of(text()), 5),
        word(&["ui", "api", "hybrid"]),
        word(&["chosen", "mailed"]),
        word(&["accepted", "refused"]),
        word(&SCHEMES),
    )
        .prop_map(move |(names, maybe, user_type, set, outcome, hash)| {
            let mut texts = BTreeMap::from([
                ("username", Some(format!("{}{number}", names[0].to_ascii_lowercase()))),
                ("address", maybe[0].as_ref().map(|text| text.to_ascii_lowercase())),
                ("external_id", maybe[4].as_ref().map(|text| format!("{text}{number}"))),
                ("user_type", user_type),
                ("password.set", set),
                ("last_run.outcome", outcome),
                ("password.hash", hash),
            ]);
            texts.extend(
                ["given_name", "family_name", "display_name"].into_iter().zip(names.into_iter().map(Some)),
            );
            let nullable = ["language", "time_zone", "undeliverable.cause"];
            texts.extend(nullable.into_iter().zip(maybe.into_iter().skip(1)));
            texts
        })
}

fn times() -> impl Strategy<Value = BTreeMap<&'static str, Option<i64>>> {
    let nullable = ["expires_at", "password.changed_at", "password.mailed_at", "last_login_at"];
    (prop::collection::vec(time(), 2), prop::collection::vec(prop::option::of(time()), 4)).prop_map(
        move |(always, maybe)| {
            let always = ["created_at", "updated_at"].into_iter().zip(always.into_iter().map(Some));
            always.chain(nullable.into_iter().zip(maybe)).collect()
        },
    )
}

fn person(number: u32) -> impl Strategy<Value = Person> {
    let custom = (
        prop::option::of(text()),
        prop::option::of((-3i32..3).prop_map(|n| f64::from(n) / 2.0)),
        prop::option::of(any::<bool>()),
        prop::option::of(time()),
    );
    let rest = (
        prop::collection::vec(any::<bool>(), 3),
        (0i64..4, prop::collection::btree_map(text(), time(), 0..3), any::<bool>()),
        custom,
        prop::option::of((prop::sample::select(&["sending", "active", "used", "dropped"][..]), time())),
        prop::option::of((0u128..3).prop_map(Uuid::from_u128)),
    );
    (texts(number), times(), rest).prop_map(move |(texts, times, rest)| {
        let (flags, (failed_logins, groups, owner), (tier, score, vip, joined), candidate, last_run) = rest;
        Person {
            id: Uuid::from_u128(u128::from(number) + 1),
            rank: texts["user_type"].as_ref().map(|_| if owner { 3 } else { 0 }),
            texts,
            times,
            flags: ["blocked", "verified", "password.must_change"].into_iter().zip(flags).collect(),
            failed_logins,
            groups,
            tier,
            score,
            vip,
            joined,
            candidate,
            last_run,
        }
    })
}

/// Writes the people and everything about them.
pub(crate) async fn insert(store: &Store, people: &[Person]) {
    let people = people.to_vec();
    store
        .write(move |tx| {
            Box::pin(async move {
                for (number, name) in (1u128..).zip(TEXTS) {
                    let values = [Uuid::from_u128(number << 64).into(), name.into(), 0i64.into()];
                    tx.execute(
                        "INSERT INTO \"groups\" (id, name, description, created_at) VALUES ($1, $2, '', $3)",
                        &values,
                    )
                    .await?;
                }
                for (name, kind) in
                    [("tier", "string"), ("score", "number"), ("vip", "boolean"), ("joined", "date_time")]
                {
                    let values = [name.into(), kind.into(), 0i64.into()];
                    tx.execute(
                        "INSERT INTO attributes (name, kind, label, created_at) VALUES ($1, $2, '', $3)",
                        &values,
                    )
                    .await?;
                }
                for person in &people {
                    insert_person(tx, person).await?;
                    insert_about(tx, person).await?;
                }
                Ok::<(), StoreError>(())
            })
        })
        .await
        .expect("the people are written");
}

async fn insert_person(tx: &mut store::Tx, person: &Person) -> Result<(), StoreError> {
    let text = |name: &str| Value::from(person.texts[name].clone());
    let time = |name: &str| Value::from(person.times[name]);
    let flag = |name: &str| Value::from(person.flags[name]);
    let role = person.rank.map(|rank| if rank == 3 { OWNER } else { HELPER });
    let columns = [
        ("id", person.id.into()),
        ("username", text("username")),
        ("address", text("address")),
        ("address_canonical", text("address")),
        ("given_name", text("given_name")),
        ("family_name", text("family_name")),
        ("display_name", text("display_name")),
        ("language", text("language")),
        ("time_zone", text("time_zone")),
        ("external_id", text("external_id")),
        ("blocked", flag("blocked")),
        ("verified", flag("verified")),
        ("undeliverable", text("undeliverable.cause")),
        ("created_at", time("created_at")),
        ("updated_at", time("updated_at")),
        ("role_id", role.into()),
        ("user_type", text("user_type")),
        ("expires_at", time("expires_at")),
        ("password_hash", text("password.hash")),
        ("password_set", text("password.set")),
        ("password_changed_at", time("password.changed_at")),
        ("must_change", flag("password.must_change")),
        ("password_mailed_at", time("password.mailed_at")),
        ("last_login_at", time("last_login_at")),
        ("failed_logins", person.failed_logins.into()),
        ("last_run_id", person.last_run.into()),
        ("last_run_outcome", text("last_run.outcome")),
    ];
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let places: Vec<String> = (1..=columns.len()).map(|place| format!("${place}")).collect();
    let values: Vec<Value> = columns.into_iter().map(|(_, value)| value).collect();
    let sql = format!("INSERT INTO people ({}) VALUES ({})", names.join(", "), places.join(", "));
    tx.execute(&sql, &values).await.map(|_| ())
}

async fn insert_about(tx: &mut store::Tx, person: &Person) -> Result<(), StoreError> {
    for (name, at) in &person.groups {
        let sql = "INSERT INTO group_members (group_id, person_id, added_at) SELECT id, $1, $2 FROM \"groups\" WHERE name = $3";
        tx.execute(sql, &[person.id.into(), (*at).into(), name.into()]).await?;
    }
    let values: [(&str, &str, Option<Value>); 4] = [
        ("tier", "string_value", person.tier.clone().map(Value::from)),
        ("score", "number_value", person.score.map(Value::from)),
        ("vip", "boolean_value", person.vip.map(Value::from)),
        ("joined", "date_value_at", person.joined.map(Value::from)),
    ];
    for (name, column, value) in values {
        if let Some(value) = value {
            let sql =
                format!("INSERT INTO attribute_values (person_id, attribute, {column}) VALUES ($1, $2, $3)");
            tx.execute(&sql, &[person.id.into(), name.into(), value]).await?;
        }
    }
    if let Some((state, until)) = person.candidate {
        let sql = "INSERT INTO credentials (person_id, id, recipient_id, kind, scheme, key_id, hash, state, minted_at, expires_at) \
                   VALUES ($1, $1, 1, 'mailed_password', 'hmac-sha256', 'k', $2, $3, 0, $4)";
        tx.execute(sql, &[person.id.into(), vec![0u8].into(), state.into(), until.into()]).await?;
    }
    Ok(())
}

fn criterion() -> impl Strategy<Value = String> {
    let text =
        prop_oneof![text(), "[aAb%_\\\\]{1,2}"].prop_map(|text| serde_json::to_string(&text).expect("JSON"));
    let texts = "(given_name|family_name|display_name|username|address|language|time_zone|external_id|undeliverable\\.cause|role|groups\\.name|attributes\\.tier)";
    let times = "(created_at|updated_at|expires_at|password\\.changed_at|password\\.mailed_at|last_login_at|groups\\.added_at|attributes\\.joined)";
    let flags = "(blocked|verified|undeliverable|expired|system_user|api_user|password\\.has|password\\.must_change|candidate\\.outstanding|never_logged_in|attributes\\.vip)";
    let words = "(user_type|password\\.set|password\\.scheme|last_run\\.outcome|last_run\\.id|id|groups|rank|failed_logins)";
    let order = "(eq|ne|gt|ge|lt|le)";
    let moment = "(now|now[+-][1-3]d|today|today[+-][1-3]d|now-1h|today[+-][1-3]d[+]9h|2026-11-2[0-3]|2026-11-21T09:00:00Z|now-1ms?o?)"
        .prop_filter("a moment", |text| text.parse::<Moment>().is_ok());
    prop_oneof![
        4 => (texts, "(eq|ne|co|sw|ew|gt|ge|lt|le)", text.clone()).prop_map(|(a, o, v)| format!("{a} {o} {v}")),
        3 => (times, order, moment.clone()).prop_map(|(a, o, v)| format!("{a} {o} \"{v}\"")),
        2 => (flags, "(eq|ne) (true|false)").prop_map(|(a, rest)| format!("{a} {rest}")),
        1 => prop_oneof![texts, times, flags, words].prop_map(|a| format!("{a} pr")),
        1 => (prop_oneof![texts, times, flags], "(eq|ne)").prop_map(|(a, o)| format!("{a} {o} null")),
        1 => ("(rank|failed_logins)", order, -1i32..5).prop_map(|(a, o, v)| format!("{a} {o} {v}")),
        1 => (order, -4i32..4).prop_map(|(o, v)| format!("attributes.score {o} {}", f64::from(v) / 2.0)),
        1 => "user_type (eq|ne) \"(ui|api|hybrid)\"|password\\.set (eq|ne) \"(chosen|mailed)\"|password\\.scheme (eq|ne) \"(argon2id|bcrypt|scrypt)\"|last_run\\.outcome (eq|ne) \"(accepted|refused)\"|(id|last_run\\.id) (eq|ne) \"00000000-0000-0000-0000-00000000000[0-4]\"",
        2 => (text, "(eq|ne|co|gt)", order, moment, "(and|or)", "(|not )")
            .prop_map(|(name, o, order, at, word, not)| format!("groups[name {o} {name} {word} {not}(added_at {order} \"{at}\")]")),
    ]
}

pub(crate) fn filters() -> impl Strategy<Value = String> {
    criterion().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (prop::collection::vec(inner.clone(), 2..4), "( and | or )")
                .prop_map(|(parts, word)| format!("({})", parts.join(&word))),
            inner.prop_map(|part| format!("not ({part})")),
        ]
    })
}
