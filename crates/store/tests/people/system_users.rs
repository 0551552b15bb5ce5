//! System users: the rules of rank, of the last Owner, and erasing.

use super::*;
use store::{StoreError, params};
use testkit::databases;

async fn block(store: &Store, acting: Acting, n: u128) -> ChangeResult<bool> {
    change(store, move |tx| Box::pin(async move { person::block(tx, &acting, id(n), TEST_NOW).await })).await
}

async fn erase(store: &Store, acting: Acting, n: u128) -> ChangeResult<()> {
    change(store, move |tx| Box::pin(async move { person::erase(tx, &acting, id(n), TEST_NOW).await })).await
}

async fn revoke(store: &Store, acting: Acting, n: u128) -> ChangeResult<bool> {
    change(store, move |tx| Box::pin(async move { person::revoke_role(tx, &acting, id(n), TEST_NOW).await }))
        .await
}

async fn expire(store: &Store, n: u128, at: Option<i64>) -> ChangeResult<()> {
    change(store, move |tx| {
        Box::pin(async move { person::set_expiry(tx, &Acting::system(), id(n), at, TEST_NOW).await })
    })
    .await
}

async fn set_type(store: &Store, n: u128, user_type: UserType) -> ChangeResult<()> {
    change(store, move |tx| {
        Box::pin(
            async move { person::set_user_type(tx, &Acting::system(), id(n), user_type, TEST_NOW).await },
        )
    })
    .await
}

async fn owners(store: &Store) -> i64 {
    look(store, |tx| Box::pin(person::owners_count(tx))).await
}

/// Gives `p{n}` a session, a credential, and makes it the owner of automation 7 when asked to.
async fn furnish(store: &Store, n: u128, automation: bool) {
    change(store, move |tx| {
        Box::pin(async move {
            tx.execute(
                "INSERT INTO sessions VALUES ($1, $2, $1, 'console', $2, 0, 0, 0, 0, '', '', FALSE)",
                params![id(n), vec![n as u8]],
            )
            .await?;
            tx.execute(
                "INSERT INTO credentials (person_id, id, recipient_id, kind, scheme, key_id, hash, state, minted_at, expires_at)
                 VALUES ($1, $1, 1, 'mailed_password', 'hmac-sha256', 'k', $2, 'active', 0, 1)",
                params![id(n), vec![1_u8]],
            )
            .await?;
            tx.execute("INSERT INTO recipients (id, person_id, state, attempts, tries_left) VALUES (1, $1, 'accepted', 1, 0)", params![id(n)])
                .await?;
            if automation {
                tx.execute(
                    "INSERT INTO automations (id, number, name, description, job, owner_id, editor_id, reminder_to,
                         status, archived, runs_count, errors_count, created_at, updated_at)
                     VALUES ($1, 7, 'a', '', '{}', $1, $1, '[]', 'inactive', FALSE, 0, 0, 0, 0)",
                    params![id(n)],
                )
                .await?;
            }
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_role_is_given_only_up_to_the_own_rank_and_only_downwards() {
    for db in databases().await {
        add(&db.store, vec![contact(1)]).await;
        let give = |acting, role| grant(&db.store, acting, id(1), role, None);
        assert_eq!(refusal(give(operator(8, 2), OWNER).await), Refusal::RoleRank);
        give(operator(8, 2), ADMINISTRATOR).await.unwrap();
        // An equal can neither raise nor take it.
        assert_eq!(refusal(give(operator(8, 2), ADMINISTRATOR).await), Refusal::Rank);
        assert_eq!(refusal(revoke(&db.store, operator(8, 2), 1).await), Refusal::Rank);
        assert_eq!(refusal(block(&db.store, operator(1, 2), 1).await), Refusal::Rank);
        assert!(revoke(&db.store, operator(8, 3), 1).await.unwrap());
        assert!(!revoke(&db.store, operator(8, 3), 1).await.unwrap(), "{:?}", db.engine());
        let past = grant(&db.store, operator(8, 3), id(1), ADMINISTRATOR, Some(TEST_NOW)).await;
        assert!(matches!(refusal(past), Refusal::Field { .. }));
        let own = Acting { authority: store::Authority::Own, ..operator(1, 0) };
        assert_eq!(refusal(give(own, ADMINISTRATOR).await), Refusal::RoleRank);
    }
}

#[tokio::test]
async fn an_expired_system_user_is_still_out_of_reach_from_below() {
    for db in databases().await {
        add_system_user(&db.store, 1, ADMINISTRATOR).await;
        expire(&db.store, 1, Some(TEST_NOW - 1)).await.unwrap();
        assert_eq!(refusal(erase(&db.store, operator(8, 1), 1).await), Refusal::Rank, "{:?}", db.engine());
    }
}

#[tokio::test]
async fn the_last_owner_cannot_be_blocked_demoted_erased_or_given_an_end() {
    for db in databases().await {
        add_system_user(&db.store, 1, OWNER).await;
        let store = &db.store;
        let whole = Acting::command_line;
        for round in ["alone", "beside Owners who do not stay"] {
            assert_eq!(refusal(block(store, whole(), 1).await), Refusal::LastOwner, "{round}");
            assert_eq!(refusal(erase(store, whole(), 1).await), Refusal::LastOwner, "{round}");
            assert_eq!(refusal(revoke(store, whole(), 1).await), Refusal::LastOwner, "{round}");
            assert_eq!(refusal(expire(store, 1, Some(TEST_NOW + 1)).await), Refusal::LastOwner, "{round}");
            assert_eq!(refusal(set_type(store, 1, UserType::Api).await), Refusal::LastOwner, "{round}");
            let other_role = grant(store, whole(), id(1), ADMINISTRATOR, None).await;
            assert_eq!(refusal(other_role), Refusal::LastOwner, "{round}");
            assert_eq!(owners(store).await, 1, "{:?}", db.engine());
            if round == "alone" {
                for n in [2, 3, 4] {
                    add_system_user(store, n, OWNER).await;
                }
                assert!(block(store, whole(), 2).await.unwrap());
                expire(store, 3, Some(TEST_NOW + 1)).await.unwrap();
                set_type(store, 4, UserType::Api).await.unwrap();
            }
        }
        add_system_user(store, 5, OWNER).await;
        assert!(revoke(store, whole(), 1).await.unwrap());
        assert_eq!(owners(store).await, 1);
    }
}

#[tokio::test]
async fn two_owners_who_are_demoted_at_once_leave_one() {
    for db in databases().await {
        for round in 0..8_u128 {
            let (a, b) = (10 + round * 2, 11 + round * 2);
            if round == 0 {
                add_system_user(&db.store, a, OWNER).await;
            } else {
                add(&db.store, vec![contact(a)]).await;
                grant(&db.store, Acting::system(), id(a), OWNER, None).await.unwrap();
                let rest = look(&db.store, |tx| Box::pin(person::list_system_users(tx))).await;
                for old in rest.into_iter().filter(|old| old.id != id(a)) {
                    let old = old.id;
                    change(&db.store, move |tx| {
                        Box::pin(async move { person::erase(tx, &Acting::system(), old, TEST_NOW).await })
                    })
                    .await
                    .unwrap();
                }
            }
            add_system_user(&db.store, b, OWNER).await;
            let (first, second) = tokio::join!(
                tokio::spawn({
                    let store = db.store.clone();
                    async move { revoke(&store, Acting::system(), a).await }
                }),
                tokio::spawn({
                    let store = db.store.clone();
                    async move { block(&store, Acting::system(), b).await }
                }),
            );
            let done = [first.unwrap().is_ok(), second.unwrap().is_ok()];
            assert_eq!(done.iter().filter(|done| **done).count(), 1, "{:?} {done:?}", db.engine());
            assert_eq!(owners(&db.store).await, 1);
        }
    }
}

#[tokio::test]
async fn a_blocked_person_loses_every_session_and_comes_back_when_unblocked() {
    for db in databases().await {
        add(&db.store, vec![contact(1)]).await;
        furnish(&db.store, 1, false).await;
        assert!(block(&db.store, operator(8, 0), 1).await.unwrap());
        assert!(!block(&db.store, operator(8, 0), 1).await.unwrap());
        assert_eq!(number(&db.store, "SELECT count(*) FROM sessions").await, 0, "{:?}", db.engine());
        assert!(look(&db.store, |tx| Box::pin(person::get(tx, id(1)))).await.blocked);
        let unblock = || {
            change(&db.store, |tx| {
                Box::pin(async move { person::unblock(tx, &operator(8, 0), id(1), TEST_NOW).await })
            })
        };
        assert!(unblock().await.unwrap() && !unblock().await.unwrap());
    }
}

/// A notice that waits for a person.
async fn tell(store: &Store, n: u128) {
    let sql = "INSERT INTO notices (id, person_id, kind, about, attempts, due_at, created_at)
        VALUES ($1, $1, 'run_failed', '{}', 0, 5, 5)";
    change(store, move |tx| {
        Box::pin(async move {
            tx.execute(sql, &[id(n).into()]).await?;
            Ok(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn an_erased_person_is_gone_and_the_counts_and_the_chain_stay() {
    for db in databases().await {
        add(&db.store, vec![contact(1)]).await;
        furnish(&db.store, 1, false).await;
        tell(&db.store, 1).await;
        tell(&db.store, 2).await;
        erase(&db.store, operator(8, 1), 1).await.unwrap();
        assert_eq!(number(&db.store, "SELECT count(*) FROM notices").await, 1, "those of others stay");
        for sql in [
            "SELECT count(*) FROM people",
            "SELECT count(*) FROM credentials",
            "SELECT count(*) FROM sessions",
        ] {
            assert_eq!(number(&db.store, sql).await, 0, "{sql} {:?}", db.engine());
        }
        assert_eq!(number(&db.store, "SELECT count(*) FROM recipients").await, 1);
        assert_eq!(look(&db.store, |tx| Box::pin(store::audit::verify(tx))).await.broken_at, None);
        let again = erase(&db.store, operator(8, 1), 1).await;
        assert!(matches!(again, Err(ChangeError::Store(StoreError::NotFound(_)))), "{again:?}");
    }
}

#[tokio::test]
async fn whoever_owns_automations_can_be_blocked_but_not_erased() {
    for db in databases().await {
        add_system_user(&db.store, 1, ADMINISTRATOR).await;
        furnish(&db.store, 1, true).await;
        let refused = refusal(erase(&db.store, operator(8, 3), 1).await);
        assert_eq!(refused, Refusal::OwnsAutomations(vec![7]), "{:?}", db.engine());
        let kept = number(&db.store, "SELECT count(*) FROM credentials").await;
        assert_eq!(kept, 1, "a refusal leaves everything as it was");
        assert!(block(&db.store, operator(8, 3), 1).await.unwrap());
    }
}
