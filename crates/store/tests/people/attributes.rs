//! Custom attributes.

use super::*;
use domain::id::SelectionId;
use domain::person::{AttributeKind, AttributeValue};
use store::person::PersonChange;
use store::{StoreError, attribute, selection};
use testkit::{by, databases};

async fn define(store: &Store, name: &'static str, kind: AttributeKind) -> ChangeResult<String> {
    change(store, move |tx| {
        Box::pin(async move { attribute::insert(tx, &Acting::system(), name, kind, "", TEST_NOW).await })
    })
    .await
}

async fn set(store: &Store, name: &'static str, value: Option<AttributeValue>) -> ChangeResult<()> {
    let what = PersonChange { attributes: [(name.into(), value)].into(), ..Default::default() };
    change(store, move |tx| {
        Box::pin(async move { person::update(tx, &Acting::system(), id(1), &what, TEST_NOW).await.map(drop) })
    })
    .await
}

async fn remove(store: &Store, name: &'static str) -> ChangeResult<u64> {
    change(store, move |tx| {
        Box::pin(async move { attribute::remove(tx, &Acting::system(), name, TEST_NOW).await })
    })
    .await
}

#[tokio::test]
async fn a_value_has_the_kind_that_was_defined() {
    for db in databases().await {
        add(&db.store, vec![contact(1)]).await;
        assert_eq!(define(&db.store, "Tier", AttributeKind::Number).await.unwrap(), "tier");
        let text = || Some(AttributeValue::String("gold".into()));
        assert!(matches!(refusal(set(&db.store, "tier", text()).await), Refusal::Field { .. }));
        let endless = Some(AttributeValue::Number(f64::INFINITY));
        assert!(matches!(refusal(set(&db.store, "tier", endless).await), Refusal::Field { .. }));
        for (value, expected) in [(Some(3.5), 1), (Some(4.0), 1), (None, 0)] {
            set(&db.store, "TIER", value.map(AttributeValue::Number)).await.unwrap();
            let person = look(&db.store, |tx| Box::pin(person::get(tx, id(1)))).await;
            assert_eq!(person.attributes.len(), expected, "{:?}", db.engine());
            assert_eq!(person.attributes.get("tier"), value.map(AttributeValue::Number).as_ref());
        }
    }
}

#[tokio::test]
async fn a_name_can_be_written_in_a_filter() {
    for db in databases().await {
        for name in ["", "1st", "a b", "naïve", "a.b", "a-b"] {
            let result = define(&db.store, name, AttributeKind::String).await;
            assert!(matches!(refusal(result), Refusal::Field { .. }), "{name}");
        }
        define(&db.store, "shoe_size", AttributeKind::Number).await.unwrap();
        let twin = define(&db.store, "Shoe_Size", AttributeKind::String).await;
        assert!(matches!(twin, Err(ChangeError::Store(StoreError::Exists(_)))), "{twin:?}");
        let found = look(&db.store, |tx| Box::pin(attribute::find(tx, " SHOE_SIZE "))).await.unwrap();
        assert_eq!(
            (found.kind, found.label.as_str()),
            (AttributeKind::Number, "shoe_size"),
            "{:?}",
            db.engine()
        );
    }
}

#[tokio::test]
async fn an_attribute_stays_while_a_selection_compares_it() {
    for db in databases().await {
        add_system_user(&db.store, 1, OWNER).await;
        define(&db.store, "tier", AttributeKind::Number).await.unwrap();
        define(&db.store, "tiers", AttributeKind::Number).await.unwrap();
        set(&db.store, "tiers", Some(AttributeValue::Number(1.0))).await.unwrap();
        change(&db.store, |tx| {
            Box::pin(async move {
                let draft = selection::Draft {
                    name: "Gold".into(),
                    description: String::new(),
                    filter: "attributes.tier ge 3".into(),
                    size_limit: None,
                    time_zone: "UTC".into(),
                };
                let added =
                    selection::insert(tx, &by(id(1)), SelectionId(Uuid::from_u128(5)), &draft, TEST_NOW)
                        .await;
                assert!(added.is_ok(), "{added:?}");
                Ok(())
            })
        })
        .await
        .unwrap();
        match refusal(remove(&db.store, "tier").await) {
            Refusal::InUse { by, .. } => assert_eq!(
                by.iter().map(ToString::to_string).collect::<Vec<_>>(),
                ["the selection \"Gold\""],
                "{:?}",
                db.engine()
            ),
            other => panic!("{other:?}"),
        }
        assert_eq!(remove(&db.store, "tiers").await.unwrap(), 1);
        let left = look(&db.store, |tx| Box::pin(attribute::list(tx))).await;
        assert_eq!(left.len(), 1);
    }
}
