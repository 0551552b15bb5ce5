//! Answers that come after their lease has lapsed: they are kept, and change nothing.

use crate::rescue::{LEFT_BEHIND, begun, claimed_by_a_dead_worker};
use domain::automation::{Job, SendNewPassword};
use domain::credential::CredentialState;
use domain::delivery::Outcome;
use domain::id::{CredentialId, LeaseId, RecipientId};
use domain::recipient::RecipientState::{self, Accepted, Deferred};
use store::delivery::Answered;
use store::lease::LASTS_MS;
use store::params;
use store::run::{Change, Run};
use testkit::relay::Script;
use testkit::{House, OLD, TEST_NOW, databases};

/// An answer to the candidate of an attempt of the first recipient, under a lease.
async fn answer(house: &House, run: &Run, lease: LeaseId, attempt: i64, next: RecipientState) -> Answered {
    let person = house.listed(run.id).await[0].person_id;
    let credential = house
        .db
        .store
        .read(move |tx| {
            Box::pin(async move {
                let sql = "SELECT id FROM credentials WHERE person_id = $1 ORDER BY id LIMIT 1 OFFSET $2";
                tx.find(sql, params![person, attempt - 1]).await?.unwrap().take::<CredentialId>(0)
            })
        })
        .await
        .unwrap();
    let accepted = next == Accepted;
    Answered {
        recipient: RecipientId::new(run.number, 1),
        person,
        credential,
        link: None,
        lease,
        attempt,
        outcome: if accepted { Outcome::Accepted } else { Outcome::NotSent },
        next,
        due_at: (!accepted).then_some(TEST_NOW),
        tries_left: 5,
        reason: None,
        undeliverable: None,
        relay: "relay".into(),
        message_id: format!("attempt {attempt}"),
        code: accepted.then_some(250),
        enhanced: None,
        reply: None,
    }
}

/// Records answers together; gives the change of the counts.
async fn recorded(house: &House, run: &Run, answers: Vec<Answered>) -> Change {
    let id = run.id;
    house
        .db
        .store
        .write(move |tx| {
            Box::pin(async move {
                let job = Job::SendNewPassword(SendNewPassword::default());
                store::delivery::record(tx, id, &job, &answers, TEST_NOW).await
            })
        })
        .await
        .unwrap()
}

/// Lets the only lease lapse, and frees its recipients.
async fn rescued(house: &House) {
    let now = house.clock.now_ms() + LASTS_MS + 1;
    house.clock.set(now);
    house
        .db
        .store
        .write(move |tx| {
            Box::pin(async move {
                let lapsed = store::lease::list_lapsed(tx, "another", false, now).await?;
                assert_eq!(lapsed.len(), 1);
                store::delivery::rescue(tx, &lapsed[0], now, now).await
            })
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_under_a_lapsed_lease_changes_nothing() {
    for db in databases().await {
        let (house, _relay, run) = begun(db, 1, Script::default()).await;
        let lease = claimed_by_a_dead_worker(&house, &run).await;
        let before = house.run(run.id).await.counts;
        rescued(&house).await;
        let late = answer(&house, &run, lease, 1, Accepted).await;
        let late = recorded(&house, &run, vec![late]).await;
        assert_eq!((late.accepted, late.deferred, late.refused, late.unknown), (0, 0, 0, 0));
        let after = house.run(run.id).await.counts;
        assert_eq!((after.accepted, after.deferred), (before.accepted, 1));
        assert_eq!(house.listed(run.id).await[0].state, Deferred);
        assert_eq!(house.credentials("p0001").await, [CredentialState::Unknown]);
        assert!(house.opens("p0001", OLD).await && house.opens("p0001", LEFT_BEHIND).await);
    }
}

/// A worker that slept gets the answers of both its leases at once. Only one of them moves the recipient;
/// counting the other as well once kept a run open that had nobody left to wait for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_answer_recorded_together_with_its_own_is_not_counted() {
    for (late, own) in
        [(Deferred, Accepted), (Accepted, Deferred), (Deferred, Deferred), (Accepted, Accepted)]
    {
        for late_first in [true, false] {
            for db in databases().await {
                let (house, _relay, run) = begun(db, 1, Script::default()).await;
                let first = claimed_by_a_dead_worker(&house, &run).await;
                rescued(&house).await;
                let second = claimed_by_a_dead_worker(&house, &run).await;
                let late = answer(&house, &run, first, 1, late).await;
                let answers = [late, answer(&house, &run, second, 2, own).await];
                let answers = if late_first { answers.into() } else { answers.into_iter().rev().collect() };
                let change = recorded(&house, &run, answers).await;
                let expected = if own == Accepted { (1, 0) } else { (0, 1) };
                assert_eq!((change.accepted, change.deferred), expected, "{change:?}");
                assert_eq!(house.listed(run.id).await[0].state, own);
            }
        }
    }
}

/// Its worker was late with the renewal, but it renewed: rescuing its people now would mail them twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_that_was_renewed_after_it_was_listed_is_not_rescued() {
    for db in databases().await {
        let (house, _relay, run) = begun(db, 1, Script::default()).await;
        let lease = claimed_by_a_dead_worker(&house, &run).await;
        let now = TEST_NOW + LASTS_MS + 1;
        let again = house
            .db
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let lapsed = store::lease::list_lapsed(tx, "another", false, now).await?;
                    assert_eq!(lapsed.len(), 1);
                    let renewed = store::lease::renew(tx, &[lease], TEST_NOW + LASTS_MS / 2).await?;
                    assert_eq!(renewed, [lease]);
                    store::delivery::rescue(tx, &lapsed[0], now, now).await
                })
            })
            .await
            .unwrap();
        assert_eq!((again, house.listed(run.id).await[0].state), (0, RecipientState::Sending));
    }
}
