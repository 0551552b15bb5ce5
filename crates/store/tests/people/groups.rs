//! Groups and who is in them.

use super::*;
use domain::id::GroupId;
use store::{StoreError, group};
use testkit::databases;

const STAFF: GroupId = GroupId(Uuid::from_u128(77));

async fn insert(store: &Store, id: GroupId, name: &'static str) -> ChangeResult<()> {
    change(store, move |tx| {
        Box::pin(async move { group::insert(tx, &Acting::system(), id, name, "", TEST_NOW).await })
    })
    .await
}

#[tokio::test]
async fn people_come_into_a_group_once_and_leave_it() {
    for db in databases().await {
        add(&db.store, vec![contact(1), contact(2), contact(3)]).await;
        insert(&db.store, STAFF, " Staff ").await.unwrap();
        let counts = change(&db.store, |tx| {
            Box::pin(async move {
                let acting = Acting::system();
                let both = group::add_members(tx, &acting, STAFF, &[id(1), id(2), id(99)], TEST_NOW).await?;
                let one = group::add_members(tx, &acting, STAFF, &[id(2), id(3)], TEST_NOW).await?;
                let out = group::remove_members(tx, &acting, STAFF, &[id(1), id(99)], TEST_NOW).await?;
                Ok((both, one, out))
            })
        })
        .await
        .unwrap();
        assert_eq!(counts, (2, 1, 1), "{:?}", db.engine());
        let listed = look(&db.store, |tx| Box::pin(group::list(tx))).await;
        assert_eq!((listed[0].group.name.as_str(), listed[0].members), ("Staff", 2));
        let gone = change(&db.store, |tx| {
            Box::pin(async move { group::remove(tx, &Acting::system(), STAFF, TEST_NOW).await })
        })
        .await
        .unwrap();
        assert_eq!(gone, 2);
        assert_eq!(number(&db.store, "SELECT count(*) FROM people").await, 3, "the people stay");
        assert_eq!(look(&db.store, |tx| Box::pin(group::find(tx, STAFF))).await, None);
    }
}

#[tokio::test]
async fn a_group_has_a_name_of_its_own() {
    for db in databases().await {
        insert(&db.store, STAFF, "Staff").await.unwrap();
        let twin = insert(&db.store, GroupId(Uuid::from_u128(78)), "Staff").await;
        assert!(matches!(twin, Err(ChangeError::Store(StoreError::Exists(_)))), "{twin:?}");
        for name in ["", " ", "a\nb"] {
            let result = insert(&db.store, GroupId(Uuid::from_u128(79)), name).await;
            assert!(matches!(refusal(result), Refusal::Field { .. }), "{:?}", db.engine());
        }
        let found = change(&db.store, |tx| {
            Box::pin(async move {
                group::update(tx, &Acting::system(), STAFF, "People", "who work here", TEST_NOW).await?;
                assert_eq!(group::find_by_name(tx, "Staff").await?, None);
                Ok(group::find_by_name(tx, "People").await?)
            })
        })
        .await
        .unwrap();
        assert_eq!(found.unwrap().description, "who work here");
    }
}

#[tokio::test]
async fn nobody_comes_into_a_group_that_is_gone() {
    for db in databases().await {
        add(&db.store, vec![contact(1)]).await;
        let result = change(&db.store, |tx| {
            Box::pin(
                async move { group::add_members(tx, &Acting::system(), STAFF, &[id(1)], TEST_NOW).await },
            )
        })
        .await;
        assert!(matches!(result, Err(ChangeError::Store(StoreError::NotFound(_)))), "{:?}", db.engine());
    }
}
