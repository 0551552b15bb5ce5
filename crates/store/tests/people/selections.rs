//! Saved filters that two operators change.

use super::*;
use domain::id::SelectionId;
use domain::selection::Selection;
use store::selection::{self, Change, Draft};
use testkit::{by, databases};

const GOLD: SelectionId = SelectionId(Uuid::from_u128(5));

async fn gold(store: &Store) {
    add_system_user(store, 1, OWNER).await;
    let draft = Draft {
        name: "Gold".into(),
        description: "the best".into(),
        filter: "username ge \"a\"".into(),
        size_limit: Some(9),
        time_zone: "UTC".into(),
    };
    store
        .write(move |tx| {
            Box::pin(async move { selection::insert(tx, &by(id(1)), GOLD, &draft, TEST_NOW).await })
        })
        .await
        .unwrap();
}

async fn update(store: &Store, change: Change) -> Selection {
    store
        .write(move |tx| {
            let change = change.clone();
            Box::pin(async move { selection::update(tx, &by(id(1)), GOLD, change, false, TEST_NOW).await })
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn what_a_change_does_not_name_stays_as_it_stands() {
    for db in databases().await {
        gold(&db.store).await;
        let filter = Change { filter: Some("username ge \"b\"".into()), ..Change::default() };
        update(&db.store, filter).await;
        let saved = update(&db.store, Change { size_limit: Some(None), ..Change::default() }).await;
        assert_eq!(
            (saved.name.as_str(), saved.description.as_str(), saved.filter.as_str(), saved.size_limit),
            ("Gold", "the best", "username ge \"b\"", None),
            "{:?}",
            db.engine()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_changes_at_the_same_time_both_last() {
    for db in databases().await {
        gold(&db.store).await;
        for round in 0..20 {
            let (filter, words) = (format!("username ge \"a{round}\""), format!("round {round}"));
            let one = Change { filter: Some(filter.clone()), ..Change::default() };
            let two = Change { description: Some(words.clone()), ..Change::default() };
            tokio::join!(update(&db.store, one), update(&db.store, two));
            let saved = look(&db.store, |tx| Box::pin(selection::get(tx, GOLD))).await;
            assert_eq!((saved.filter, saved.description), (filter, words), "{:?}", db.engine());
        }
    }
}
