//! Making people, changing and finding them.

use super::*;
use domain::person::{AttributeKind, AttributeValue};
use store::person::PersonChange;
use store::{StoreError, attribute, group, params};
use testkit::databases;

async fn update(store: &Store, acting: Acting, n: u128, what: PersonChange) -> ChangeResult<()> {
    change(store, move |tx| {
        Box::pin(async move { person::update(tx, &acting, id(n), &what, TEST_NOW + 5).await.map(drop) })
    })
    .await
}

async fn get(store: &Store, n: u128) -> domain::person::Person {
    look(store, move |tx| Box::pin(person::get(tx, id(n)))).await
}

#[tokio::test]
async fn a_person_is_found_by_every_name_it_has() {
    for db in databases().await {
        let ada = NewPerson {
            username: None,
            address: Some(address("Ada@Bücher.Example")),
            external_id: Some(" A-1815 ".into()),
            language: Some("de-AT".into()),
            time_zone: Some("Europe/Vienna".into()),
            ..contact(1)
        };
        add(&db.store, vec![ada, contact(2)]).await;
        let found = look(&db.store, |tx| {
            Box::pin(async move {
                let one = person::find_by_username(tx, " ADA@xn--bcher-kva.example ").await?;
                let two = person::find_by_external_id(tx, "A-1815").await?;
                let three = person::list_by_address(tx, &address("ada@bücher.example")).await?;
                let four = person::find(tx, id(1)).await?;
                assert_eq!(person::find(tx, id(9)).await?, None);
                assert!(matches!(person::get(tx, id(9)).await, Err(StoreError::NotFound(_))));
                Ok(one.into_iter().chain(two).chain(three).chain(four).collect::<Vec<_>>())
            })
        })
        .await;
        assert_eq!(found.len(), 4, "{:?}", db.engine());
        assert!(found.iter().all(|person| person == &found[0]));
        let ada = &found[0];
        assert_eq!(ada.username, "ada@xn--bcher-kva.example");
        assert_eq!(ada.address.as_ref().unwrap().as_given(), "Ada@Bücher.Example");
        assert_eq!(
            (ada.language.as_deref(), ada.time_zone.as_deref()),
            (Some("de-AT"), Some("Europe/Vienna"))
        );
        assert_eq!((ada.external_id.as_deref(), ada.created_at), (Some("A-1815"), TEST_NOW));
        assert!(ada.system.is_none() && !ada.credential.has_password && !ada.blocked);
    }
}

#[tokio::test]
async fn a_person_comes_with_groups_and_attributes() {
    for db in databases().await {
        add(&db.store, vec![contact(1), contact(2), contact(3)]).await;
        let people = change(&db.store, |tx| {
            Box::pin(async move {
                let acting = Acting::system();
                for (n, name) in [(1, "Staff"), (2, "Alumni")] {
                    let group = domain::id::GroupId(Uuid::from_u128(n));
                    group::insert(tx, &acting, group, name, "", TEST_NOW).await?;
                    group::add_members(tx, &acting, group, &[id(1), id(3)], TEST_NOW).await?;
                }
                let names = ["text", "number", "flag", "at"];
                let kinds = [
                    AttributeKind::String,
                    AttributeKind::Number,
                    AttributeKind::Boolean,
                    AttributeKind::DateTime,
                ];
                for (name, kind) in names.into_iter().zip(kinds) {
                    attribute::insert(tx, &acting, name, kind, "", TEST_NOW).await?;
                }
                let at = jiff::Timestamp::from_millisecond(TEST_NOW).unwrap();
                let values = [
                    AttributeValue::String(String::new()),
                    AttributeValue::Number(-2.5),
                    AttributeValue::Boolean(false),
                    AttributeValue::DateTime(at),
                ];
                let attributes = names
                    .into_iter()
                    .zip(values)
                    .map(|(name, value)| (name.to_owned(), Some(value)))
                    .collect();
                let what = PersonChange { attributes, ..Default::default() };
                person::update(tx, &acting, id(3), &what, TEST_NOW).await?;
                Ok(person::list_by_ids(tx, &[id(3), id(9), id(1), id(2), id(3)]).await?)
            })
        })
        .await
        .unwrap();
        let ids: Vec<_> = people.iter().map(|person| person.id).collect();
        assert_eq!(ids, [id(1), id(2), id(3)], "{:?}", db.engine());
        assert_eq!(people[0].groups, ["Alumni", "Staff"]);
        assert!(people[1].groups.is_empty() && people[1].attributes.is_empty());
        assert_eq!(people[2].attributes.len(), 4);
        assert_eq!(people[2].attributes["number"], AttributeValue::Number(-2.5));
        assert_eq!(people[2].attributes["text"], AttributeValue::String(String::new()));
        assert_eq!(people[2].attributes["flag"], AttributeValue::Boolean(false));
    }
}

#[tokio::test]
async fn only_the_given_fields_change() {
    for db in databases().await {
        add(&db.store, vec![contact(1)]).await;
        let before = get(&db.store, 1).await;
        let what = PersonChange {
            display_name: Some("  Countess ".into()),
            language: Some(Some("fr".into())),
            ..Default::default()
        };
        update(&db.store, operator(8, 0), 1, what).await.unwrap();
        let after = get(&db.store, 1).await;
        let expected = domain::person::Person {
            display_name: "Countess".into(),
            language: Some("fr".into()),
            updated_at: TEST_NOW + 5,
            ..before
        };
        assert_eq!(after, expected, "{:?}", db.engine());
    }
}

#[tokio::test]
async fn a_new_address_is_deliverable_again_and_ends_what_waits_in_the_old_mailbox() {
    for db in databases().await {
        add(&db.store, vec![contact(1), contact(2)]).await;
        change(&db.store, |tx| {
            Box::pin(async move {
                let sql = "INSERT INTO credentials (person_id, id, recipient_id, kind, scheme, key_id, hash, state, minted_at, expires_at)
                           VALUES ($1, $1, 1, 'mailed_password', 'hmac-sha256', 'k', $2, 'active', 0, 1)";
                for n in [1, 2] {
                    tx.execute(sql, params![id(n), vec![1_u8]]).await?;
                    let old = address(&format!("p{n}@example.org"));
                    assert!(person::mark_undeliverable(tx, id(n), &old, "5.1.1 no\r\nsuch user", TEST_NOW).await?);
                }
                assert!(!person::mark_undeliverable(tx, id(1), &address("other@example.org"), "x", TEST_NOW).await?);
                Ok(())
            })
        })
        .await
        .unwrap();
        assert_eq!(get(&db.store, 1).await.undeliverable.as_deref(), Some("5.1.1 nosuch user"));
        let moved = |to: &str| PersonChange { address: Some(Some(address(to))), ..Default::default() };
        update(&db.store, operator(8, 1), 1, moved("new@example.org")).await.unwrap();
        update(&db.store, operator(8, 1), 2, moved("p2@example.org")).await.unwrap();
        assert_eq!(get(&db.store, 1).await.undeliverable, None);
        assert!(get(&db.store, 2).await.undeliverable.is_some(), "the same address is no new one");
        let active = "SELECT count(*) FROM credentials WHERE state = 'active'";
        assert_eq!(number(&db.store, active).await, 1, "{:?}", db.engine());
    }
}

#[tokio::test]
async fn a_wrong_field_is_named_and_nothing_is_written() {
    for db in databases().await {
        add(&db.store, vec![contact(1)]).await;
        let wrong = [
            (PersonChange { given_name: Some("a\nBcc: b".into()), ..Default::default() }, "given_name"),
            (PersonChange { username: Some(" ".into()), ..Default::default() }, "username"),
            (PersonChange { language: Some(Some("?".into())), ..Default::default() }, "language"),
            (PersonChange { time_zone: Some(Some("Mars".into())), ..Default::default() }, "time_zone"),
            (
                PersonChange { attributes: [("none".into(), None)].into(), ..Default::default() },
                "attributes.none",
            ),
        ];
        for (what, place) in wrong {
            match refusal(update(&db.store, Acting::command_line(), 1, what).await) {
                Refusal::Field { field, .. } => assert_eq!(field, place),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(get(&db.store, 1).await.updated_at, TEST_NOW, "{:?}", db.engine());
    }
}

#[tokio::test]
async fn a_user_name_and_an_external_id_belong_to_one_person() {
    for db in databases().await {
        add(&db.store, vec![NewPerson { external_id: Some("X".into()), ..contact(1) }]).await;
        let twins = [
            (NewPerson { username: Some("P1".into()), ..contact(2) }, "people.username"),
            (NewPerson { external_id: Some("X".into()), ..contact(2) }, "people.external_id"),
        ];
        for (twin, column) in twins {
            let result = change(&db.store, move |tx| {
                Box::pin(async move { person::insert(tx, &Acting::system(), &twin, TEST_NOW).await })
            })
            .await;
            match result {
                Err(ChangeError::Store(StoreError::Exists(what))) => assert_eq!(what, column),
                other => panic!("{other:?}"),
            }
        }
        let same_mailbox = NewPerson { address: Some(address("p1@example.org")), ..contact(3) };
        add(&db.store, vec![same_mailbox]).await;
    }
}

#[tokio::test]
async fn a_system_user_is_changed_only_from_above_or_by_the_own_hand() {
    for db in databases().await {
        add_system_user(&db.store, 1, ADMINISTRATOR).await;
        let what = || PersonChange { address: Some(Some(address("mine@example.net"))), ..Default::default() };
        assert_eq!(refusal(update(&db.store, operator(8, 1), 1, what()).await), Refusal::Rank);
        assert_eq!(refusal(update(&db.store, operator(8, 2), 1, what()).await), Refusal::Rank);
        assert_eq!(get(&db.store, 1).await.address.unwrap().as_given(), "p1@example.org");
        update(&db.store, operator(1, 2), 1, what()).await.unwrap();
        update(&db.store, operator(8, 3), 1, what()).await.unwrap();
        let own = Acting { authority: store::Authority::Own, ..operator(1, 0) };
        let confirmed = PersonChange { verified: Some(true), ..Default::default() };
        assert!(matches!(refusal(update(&db.store, own, 1, confirmed).await), Refusal::Field { .. }));
    }
}

#[tokio::test]
async fn the_audit_log_holds_what_was_changed_but_no_personal_data() {
    for db in databases().await {
        add(&db.store, vec![contact(1)]).await;
        let what = PersonChange { given_name: Some("Augusta".into()), ..Default::default() };
        update(&db.store, operator(8, 2), 1, what).await.unwrap();
        let texts = look(&db.store, |tx| {
            Box::pin(async move {
                let rows = tx.query("SELECT action || ' ' || detail FROM audit ORDER BY number", &[]).await?;
                rows.into_iter().map(|mut row| row.take::<String>(0)).collect::<Result<Vec<_>, _>>()
            })
        })
        .await;
        assert_eq!(texts.len(), 2, "{:?}", db.engine());
        assert!(texts[1].starts_with("person.changed") && texts[1].contains("given_name"), "{texts:?}");
        assert!(!texts.concat().contains("Augusta") && !texts.concat().contains("example.org"));
    }
}
