//! Random filters over random people select the same people on both databases as a plain reading of
//! the filter in memory does.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod condition_model;

use condition_model::{Person, catalogue, filters, holds, insert, people, resolved};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;
use store::recipient::Audience;
use store::selection::Condition;
use store::{Engine, Store, StoreError};
use testkit::databases;
use uuid::Uuid;

/// The people a filter selects, or what the database says against it.
async fn select(store: &Store, text: &str) -> Result<BTreeSet<Uuid>, StoreError> {
    let condition = Condition::new(&resolved(text), 1);
    store
        .read(move |tx| {
            Box::pin(async move {
                let sql = format!("SELECT p.id FROM people p WHERE {}", condition.sql);
                tx.query(&sql, &condition.values).await?.iter_mut().map(|row| row.take(0)).collect()
            })
        })
        .await
}

/// How many a filter selects, counted as the console does.
async fn count(store: &Store, text: &str) -> i64 {
    let Condition { sql: condition, values } = Condition::new(&resolved(text), 1);
    let audience = Audience { condition, values, size_limit: None };
    store
        .read(move |tx| Box::pin(async move { store::selection::count(tx, &audience).await }))
        .await
        .unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

/// Puts people so far apart on SQLite that they are counted in halves, as a million would be.
async fn spread(store: &Store) {
    if store.engine() == Engine::Sqlite {
        let moved: Result<u64, StoreError> = store
            .write(|tx| {
                Box::pin(async move { tx.execute("UPDATE people SET rowid = rowid * 1000", &[]).await })
            })
            .await;
        assert!(moved.expect("people have rows") > 0);
    }
}

async fn agree(store: &Store, people: &[Person], text: &str) -> usize {
    let filter = domain::filter::parse(text, &catalogue()).unwrap_or_else(|problem| panic!("{problem}"));
    let wanted: BTreeSet<Uuid> =
        people.iter().filter(|one| holds(&filter, one, None)).map(|one| one.id).collect();
    let found = select(store, text).await.unwrap_or_else(|error| panic!("{text}: {error:?}"));
    assert_eq!(found, wanted, "{:?}: {text}", store.engine());
    assert_eq!(count(store, text).await, wanted.len() as i64, "{:?}, counted: {text}", store.engine());
    let complement =
        select(store, &format!("not ({text})")).await.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(found.len() + complement.len(), people.len(), "{:?}: not ({text})", store.engine());
    assert!(found.is_disjoint(&complement), "{text}");
    found.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_selects_the_same_people_on_both_databases() {
    let mut runner = TestRunner::deterministic();
    let people = people(&mut runner, 60);
    let texts: Vec<String> =
        (0..400).map(|_| filters().new_tree(&mut runner).expect("a filter").current()).collect();
    for database in databases().await {
        insert(&database.store, &people).await;
        spread(&database.store).await;
        let mut some = 0;
        for text in &texts {
            let found = agree(&database.store, &people, text).await;
            some += usize::from(found > 0 && found < people.len());
        }
        // Otherwise the people and the filters miss one another and nothing was tested.
        assert!(some > 100, "only {some} filters divided the people");
        let usual = |time| format!(r#"and password.changed_at lt "{time}" and not (api_user eq true)"#);
        agree(&database.store, &people, &format!(r#"groups.name eq "members" {}"#, usual("now-90d"))).await;
        assert!(agree(&database.store, &people, &format!("groups pr {}", usual("now-1d"))).await > 0);
        for entry in catalogue().entries().iter().filter(|entry| entry.name != "selection") {
            agree(&database.store, &people, &entry.example).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_filters_run_on_both_databases() {
    let terms = domain::filter::MOST_TERMS;
    // The complement is one level deeper.
    let deep = domain::filter::MOST_DEPTH - 1;
    let alternating: String = (0..deep)
        .map(|level| format!("rank eq {level} {} (", if level % 2 == 0 { "and" } else { "or" }))
        .chain(["blocked eq true".to_owned(), ")".repeat(deep)])
        .collect();
    let many = |term: &str, word: &str| vec![term; terms].join(word);
    let memberships = vec!["name pr"; terms - 1].join(" and ");
    let texts = [
        many("rank eq 1", " or "),
        many("rank ge 0", " and "),
        many("groups.name co \"a\"", " and "),
        format!("groups[{memberships}]"),
        many("attributes.tier pr", " and "),
        many("attributes.tier eq \"a\"", " or "),
        // More would be too long a text.
        vec!["candidate.outstanding eq true"; terms - 50].join(" and "),
        format!("{}blocked eq true{}", "not (".repeat(deep), ")".repeat(deep)),
        alternating,
    ];
    let people = people(&mut TestRunner::deterministic(), 5);
    for database in databases().await {
        insert(&database.store, &people).await;
        for text in &texts {
            agree(&database.store, &people, text).await;
        }
    }
}

#[tokio::test]
async fn sqlite_looks_an_attribute_up_in_its_index_by_name_and_value() {
    let db = testkit::database::sqlite().await;
    let read = db.store.write(|tx| {
        Box::pin(async move {
            let acting = store::Acting::system();
            let kind = domain::person::AttributeKind::String;
            store::attribute::insert(tx, &acting, "tier", kind, "", testkit::TEST_NOW).await.unwrap();
            let filter = "attributes.tier eq \"gold\" and not (language eq \"fr\")";
            let audience =
                store::selection::read_filter(tx, filter, "UTC", testkit::TEST_NOW).await?.unwrap();
            let sql =
                format!("EXPLAIN QUERY PLAN SELECT count(*) FROM people p WHERE {}", audience.condition);
            let mut steps = Vec::new();
            for mut row in tx.query(&sql, &audience.values).await? {
                steps.push(row.take::<String>(3)?);
            }
            Ok::<_, store::StoreError>(steps)
        })
    });
    let steps = read.await.unwrap();
    // Without the second half every value of the attribute is read: seven times as slow for a tenth of a million.
    assert!(steps.iter().any(|step| step.contains("(attribute=? AND <expr>=?)")), "{steps:#?}");
    assert!(!steps.iter().any(|step| step.starts_with("SCAN p")), "{steps:#?}");
}

#[tokio::test]
async fn what_a_transaction_has_written_is_counted_in_it() {
    for db in databases().await {
        let counted = db.store.write(|tx| {
            Box::pin(async move {
                let mut rows = store::Rows::new(&[("id", store::Kind::Uuid), ("name", store::Kind::Text)]);
                for place in 0..25_000 {
                    rows.push([Uuid::from_u128(place).into(), format!("p{place}").into()]);
                }
                tx.execute_rows(
                    "INSERT INTO people (id, username, given_name, family_name, display_name, blocked, verified, created_at,
                        updated_at, must_change, failed_logins)
                     VALUES {rows}(r.id, r.name, '', '', '', FALSE, TRUE, 0, 0, FALSE, 0)",
                    &[],
                    &rows,
                )
                .await?;
                let everybody =
                    Audience { condition: "TRUE".into(), values: Vec::new(), size_limit: None };
                store::selection::count(tx, &everybody).await
            })
        });
        let counted: Result<i64, StoreError> = counted.await;
        assert_eq!(counted.expect("a count"), 25_000, "{:?}", db.engine());
    }
}
