//! Roles of the installation.

use super::*;
use domain::role::Role;
use store::role::{self, RoleDraft};
use store::{Authority, StoreError};
use testkit::databases;

const CLERK: RoleId = RoleId(Uuid::from_u128(500));

fn draft(name: &str, rank: i64, permissions: &[&str]) -> RoleDraft {
    RoleDraft {
        name: name.into(),
        rank: Rank::new(rank).unwrap(),
        permissions: permissions.iter().map(ToString::to_string).collect(),
        second_factor_required: false,
    }
}

async fn insert(
    store: &Store,
    acting: Acting,
    own: Option<Role>,
    id: RoleId,
    draft: RoleDraft,
) -> ChangeResult<()> {
    change(store, move |tx| {
        Box::pin(async move { role::insert(tx, &acting, own.as_ref(), id, &draft, TEST_NOW).await })
    })
    .await
}

#[tokio::test]
async fn the_built_in_roles_are_there_and_stay_as_they_are() {
    for db in databases().await {
        let names: Vec<String> =
            look(&db.store, |tx| Box::pin(role::list(tx))).await.into_iter().map(|role| role.name).collect();
        assert_eq!(names, ["Owner", "Administrator", "Manager", "Helper"], "{:?}", db.engine());
        let found = look(&db.store, |tx| Box::pin(role::find_by_name(tx, " owner "))).await.unwrap();
        assert_eq!((found.id, found.rank), (OWNER, Rank::HIGHEST));
        let removed = change(&db.store, |tx| {
            Box::pin(async move { role::remove(tx, &Acting::system(), OWNER, TEST_NOW).await })
        })
        .await;
        assert!(matches!(refusal(removed), Refusal::State(_)));
    }
}

#[tokio::test]
async fn nobody_makes_a_role_that_can_do_more_than_they_can() {
    for db in databases().await {
        let store = &db.store;
        let manager = look(store, |tx| Box::pin(role::find_by_name(tx, "Manager"))).await;
        let acting = || operator(8, 1);
        let higher = insert(store, acting(), manager.clone(), CLERK, draft("Clerk", 2, &[])).await;
        assert_eq!(refusal(higher), Refusal::RoleRank);
        for permission in ["roles.edit", "no.such", "*"] {
            let result =
                insert(store, acting(), manager.clone(), CLERK, draft("Clerk", 0, &[permission])).await;
            assert!(matches!(refusal(result), Refusal::Field { .. }), "{permission} {:?}", db.engine());
        }
        insert(store, acting(), manager.clone(), CLERK, draft("Clerk", 0, &["people.view", "people.view"]))
            .await
            .unwrap();
        let clerk = look(store, |tx| Box::pin(role::get(tx, CLERK))).await;
        assert_eq!((clerk.permissions.as_slice(), clerk.built_in), (&["people.view".to_owned()][..], false));
        let twin =
            insert(store, acting(), manager, RoleId(Uuid::from_u128(501)), draft("clerk", 0, &[])).await;
        assert!(matches!(twin, Err(ChangeError::Store(StoreError::Exists(_)))), "{twin:?}");
    }
}

#[tokio::test]
async fn a_role_is_changed_from_above_and_removed_when_nobody_has_it() {
    for db in databases().await {
        insert(&db.store, Acting::system(), None, CLERK, draft("Clerk", 1, &["people.view"])).await.unwrap();
        add(&db.store, vec![contact(1)]).await;
        grant(&db.store, Acting::system(), id(1), CLERK, None).await.unwrap();
        let update = |acting: Acting| {
            change(&db.store, move |tx| {
                Box::pin(async move {
                    role::update(tx, &acting, None, CLERK, &draft("Scribe", 1, &["people.edit"]), TEST_NOW)
                        .await
                })
            })
        };
        assert_eq!(refusal(update(operator(1, 1)).await), Refusal::RoleRank);
        update(operator(8, 2)).await.unwrap();
        let person = look(&db.store, |tx| Box::pin(person::get(tx, id(1)))).await;
        assert_eq!(person.system.unwrap().role, "Scribe", "{:?}", db.engine());
        let remove = || {
            change(&db.store, |tx| {
                Box::pin(async move {
                    let acting = Acting { authority: Authority::Whole, ..operator(8, 3) };
                    role::remove(tx, &acting, CLERK, TEST_NOW).await
                })
            })
        };
        match refusal(remove().await) {
            Refusal::InUse { by, .. } => {
                assert_eq!(by.iter().map(ToString::to_string).collect::<Vec<_>>(), ["p1"])
            }
            other => panic!("{other:?}"),
        }
        change(&db.store, |tx| {
            Box::pin(async move { person::revoke_role(tx, &Acting::system(), id(1), TEST_NOW).await })
        })
        .await
        .unwrap();
        remove().await.unwrap();
    }
}

#[tokio::test]
async fn a_built_in_role_asks_for_a_second_factor_when_an_owner_says_so() {
    for db in databases().await {
        let require = async |acting: Acting, id: RoleId, required: bool| {
            change(&db.store, move |tx| {
                Box::pin(
                    async move { role::require_second_factor(tx, &acting, id, required, TEST_NOW).await },
                )
            })
            .await
        };
        assert_eq!(refusal(require(operator(1, 2), OWNER, true).await), Refusal::RoleRank);
        assert!(require(operator(1, 3), OWNER, true).await.unwrap());
        assert!(!require(operator(1, 3), OWNER, true).await.unwrap(), "it was so already");
        let owner = look(&db.store, |tx| Box::pin(role::get(tx, OWNER))).await;
        assert!(owner.second_factor_required);
        insert(&db.store, operator(1, 2), None, CLERK, draft("Clerk", 1, &[])).await.unwrap();
        assert!(!look(&db.store, |tx| Box::pin(role::get(tx, CLERK))).await.second_factor_required);
        assert_eq!(refusal(require(operator(1, 1), CLERK, true).await), Refusal::RoleRank);
        assert!(require(operator(1, 2), CLERK, true).await.unwrap());
        let entries =
            number(&db.store, "SELECT count(*) FROM audit WHERE action = 'role.second_factor_required'");
        assert_eq!(entries.await, 2);
    }
}
