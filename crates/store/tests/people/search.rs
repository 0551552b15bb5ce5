//! The person browser.

use super::*;
use domain::id::GroupId;
use domain::person::{AttributeKind, AttributeValue};
use store::person_search::{self, Search};
use store::{attribute, group, selection};
use testkit::databases;

/// Ada Lovelace, 50 % Off_Ltd, Grace Hopper in the group Navy, and nine more.
async fn crowd(store: &Store) {
    let named = |n, given: &str, family: &str| NewPerson {
        given_name: given.into(),
        family_name: family.into(),
        ..contact(n)
    };
    let mut people = vec![
        NewPerson { external_id: Some("A-1815".into()), ..named(1, "Ada", "Lovelace") },
        named(2, "50%", "Off_Ltd!"),
        NewPerson { address: Some(address("grace@Bücher.example")), ..named(3, "Grace", "Hopper") },
    ];
    people.extend((4..13).map(contact));
    add(store, people).await;
    change(store, |tx| {
        Box::pin(async move {
            let (acting, navy) = (Acting::system(), GroupId(Uuid::from_u128(9)));
            group::insert(tx, &acting, navy, "Navy", "", TEST_NOW).await?;
            group::add_members(tx, &acting, navy, &[id(3)], TEST_NOW).await?;
            attribute::insert(tx, &acting, "city", AttributeKind::String, "", TEST_NOW).await?;
            let what = person::PersonChange {
                attributes: [("city".into(), Some(AttributeValue::String("Zurich".into())))].into(),
                ..Default::default()
            };
            person::update(tx, &acting, id(4), &what, TEST_NOW).await.map(drop)
        })
    })
    .await
    .unwrap();
}

async fn found(store: &Store, text: &str) -> Vec<PersonId> {
    find(store, text, true).await
}

async fn begins(store: &Store, text: &str) -> Vec<PersonId> {
    find(store, text, false).await
}

async fn find(store: &Store, text: &str, inside: bool) -> Vec<PersonId> {
    let search = Search { text: Some(text.into()), inside, ..Search::default() };
    let (page, ids, count) = look(store, move |tx| {
        Box::pin(async move {
            let page = person_search::list(tx, &search, None, 50).await?;
            let ids = person_search::list_ids(tx, &search, None, 50).await?;
            Ok((page, ids, person_search::count(tx, &search).await?))
        })
    })
    .await;
    assert_eq!(page.people.iter().map(|person| person.id).collect::<Vec<_>>(), ids);
    assert_eq!((count, page.next), (ids.len() as i64, None));
    ids
}

#[tokio::test]
async fn every_word_must_be_somewhere_in_the_person() {
    for db in databases().await {
        crowd(&db.store).await;
        for (text, expected) in [
            ("LOVE", vec![1]),
            ("lace ada", vec![1]),
            ("ada hopper", vec![]),
            ("a-1815", vec![1]),
            ("navy", vec![3]),
            ("grace nav", vec![3]),
            ("bücher", vec![3]),
            ("xn--bcher", vec![3]),
            ("zUrIch", vec![4]),
            ("p12@", vec![12]),
            ("P1@Example.org", vec![1]),
            ("1@example.org", vec![1, 11]),
            ("grace@BÜCHER.example", vec![3]),
            ("nobody", vec![]),
        ] {
            let expected: Vec<_> = expected.into_iter().map(id).collect();
            assert_eq!(found(&db.store, text).await, expected, "{text} {:?}", db.engine());
        }
        assert_eq!(found(&db.store, "  ").await.len(), 12);
    }
}

#[tokio::test]
async fn nothing_typed_is_a_wildcard_or_a_statement() {
    for db in databases().await {
        crowd(&db.store).await;
        assert_eq!(found(&db.store, "%").await, [id(2)], "{:?}", db.engine());
        assert_eq!(found(&db.store, "_").await, [id(2)]);
        assert_eq!(found(&db.store, "!").await, [id(2)]);
        for text in ["\\", "'", "\"", "' OR 1=1 --", "$1", "\0", "{rows}"] {
            assert!(found(&db.store, text).await.is_empty(), "{text:?}");
        }
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    for db in databases().await {
        crowd(&db.store).await;
        let mut after = None;
        let mut sizes = Vec::new();
        let mut all = Vec::new();
        loop {
            let page = look(&db.store, move |tx| {
                Box::pin(async move { person_search::list(tx, &Search::default(), after, 5).await })
            })
            .await;
            sizes.push(page.people.len());
            all.extend(page.people.into_iter().map(|person| person.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(sizes, [5, 5, 2], "{:?}", db.engine());
        assert_eq!(all, (1..13).map(id).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_filter_and_words_and_a_page_hold_together() {
    for db in databases().await {
        crowd(&db.store).await;
        let people = look(&db.store, |tx| {
            Box::pin(async move {
                let filter = "given_name sw \"Given\" and username ne \"p5\"";
                let audience = selection::read_filter(tx, filter, "UTC", TEST_NOW).await?.unwrap();
                let search =
                    Search { audience: Some(audience), text: Some("p1 given1".into()), inside: false };
                assert_eq!(person_search::count(tx, &search).await?, 3);
                person_search::list(tx, &search, Some(id(10)), 1).await
            })
        })
        .await;
        assert_eq!(people.people[0].id, id(11), "{:?}", db.engine());
        assert_eq!(people.next, Some(id(11)));
    }
}

#[tokio::test]
async fn a_word_finds_whom_it_begins_something_of_and_the_rarest_leads() {
    for db in databases().await {
        crowd(&db.store).await;
        for (text, expected) in [
            ("LOVE", vec![1]),
            ("lace", vec![]),
            ("love ada", vec![1]),
            ("ada hopper", vec![]),
            ("a-18", vec![1]),
            ("hop", vec![3]),
            ("grace navy", vec![3]),
            ("zUr", vec![4]),
            ("p1", vec![1, 10, 11, 12]),
            ("p1 given1", vec![1, 10, 11, 12]),
            ("grace@BÜCHER.example", vec![3]),
            ("%", vec![]),
            ("50%", vec![2]),
            ("\0", vec![]),
        ] {
            // People 1 to 3 have names of their own, so no given name of theirs begins with "Given".
            let expected: Vec<_> =
                expected.into_iter().filter(|n| text != "p1 given1" || *n > 3).map(id).collect();
            assert_eq!(begins(&db.store, text).await, expected, "{text} {:?}", db.engine());
        }
    }
}

#[tokio::test]
async fn a_name_is_found_with_and_without_its_accents() {
    for db in databases().await {
        let named = |n, family: &str| NewPerson { family_name: family.into(), ..contact(n) };
        add(&db.store, vec![named(1, "Özil"), named(2, "ørsted"), named(3, "Ozil")]).await;
        store::person_words::catch_up(&db.store).await.unwrap();
        for (text, expected) in [
            ("özil", vec![1, 3]),
            ("ÖZ", vec![1, 3]),
            ("Ørs", vec![2]),
            ("orsted", vec![2]),
            ("ozil", vec![1, 3]),
        ] {
            let expected: Vec<_> = expected.into_iter().map(id).collect();
            assert_eq!(begins(&db.store, text).await, expected, "{text} {:?}", db.engine());
        }
    }
}

#[tokio::test]
async fn who_waits_for_words_is_found_meanwhile_and_a_changed_name_afterwards() {
    for db in databases().await {
        crowd(&db.store).await;
        assert_eq!(begins(&db.store, "hopper").await, [id(3)], "{:?}", db.engine());
        assert_eq!(store::person_words::catch_up(&db.store).await.unwrap(), 12);
        assert_eq!(store::person_words::catch_up(&db.store).await.unwrap(), 0);
        assert_eq!(begins(&db.store, "hopper").await, [id(3)]);
        assert_eq!(begins(&db.store, "given1").await.len(), 3, "10, 11 and 12");
        change(&db.store, |tx| {
            Box::pin(async move {
                let what = person::PersonChange { family_name: Some("Murray".into()), ..Default::default() };
                person::update(tx, &Acting::system(), id(3), &what, TEST_NOW).await.map(drop)
            })
        })
        .await
        .unwrap();
        assert_eq!(begins(&db.store, "murray").await, [id(3)]);
        assert_eq!(store::person_words::catch_up(&db.store).await.unwrap(), 1);
        assert_eq!(begins(&db.store, "murray").await, [id(3)]);
        assert!(begins(&db.store, "hopper").await.is_empty(), "the old name is gone");
        change(&db.store, |tx| {
            Box::pin(async move { person::erase(tx, &Acting::system(), id(3), TEST_NOW).await })
        })
        .await
        .unwrap();
        assert!(begins(&db.store, "murray").await.is_empty());
    }
}
