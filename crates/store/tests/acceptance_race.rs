//! A new password and the relay's acceptance of a mailed one, at the same moment.

use domain::automation::{Job, SendNewPassword};
use domain::delivery::Outcome;
use domain::id::{CredentialId, LeaseId, PersonId, RecipientId, RunId};
use domain::recipient::RecipientState;
use std::time::Duration;
use store::delivery::{Answered, record};
use store::{Engine, Store, StoreError, credential_login, params};
use testkit::{TEST_NOW, databases};
use uuid::Uuid;

const ADA: PersonId = PersonId(Uuid::from_u128(7));
const MAILED: CredentialId = CredentialId(Uuid::from_u128(8));
const RUN: RunId = RunId(Uuid::from_u128(9));

async fn prepare(store: &Store) -> Result<(), StoreError> {
    store
        .write(|tx| {
            Box::pin(async move {
                tx.execute(
                    "INSERT INTO people (id, username, given_name, family_name, display_name, blocked, verified,
                                         created_at, updated_at, password_hash, must_change, failed_logins)
                     VALUES ($1, 'ada', '', '', '', FALSE, TRUE, 0, 0, 'old', FALSE, 0)",
                    params![ADA],
                )
                .await?;
                tx.execute(
                    "INSERT INTO credentials (person_id, id, recipient_id, kind, scheme, key_id, hash, state,
                                              minted_at, expires_at)
                     VALUES ($1, $2, 1, 'mailed_password', 'hmac-sha256', 'k1', $3, 'sending', 0, $4)",
                    params![ADA, MAILED, vec![1_u8], TEST_NOW + 1_000],
                )
                .await?;
                tx.execute(
                    "INSERT INTO recipients (id, person_id, state, attempts, tries_left, lease_id)
                     VALUES (1, $1, 'sending', 1, 3, 5)",
                    params![ADA],
                )
                .await?;
                Ok(())
            })
        })
        .await
}

fn accepted() -> Answered {
    Answered {
        recipient: RecipientId(1),
        person: ADA,
        credential: MAILED,
        link: None,
        lease: LeaseId(5),
        attempt: 1,
        outcome: Outcome::Accepted,
        next: RecipientState::Accepted,
        due_at: None,
        tries_left: 3,
        reason: None,
        undeliverable: None,
        relay: "relay".into(),
        message_id: "1@example.org".into(),
        code: Some(250),
        enhanced: None,
        reply: None,
    }
}

#[tokio::test]
async fn a_password_chosen_while_the_relay_accepts_a_mailed_one_is_not_lost() {
    for db in databases().await {
        prepare(&db.store).await.unwrap();
        let store = db.store.clone();
        let slowly = db.engine() == Engine::Postgres;
        let choosing = tokio::spawn(async move {
            store
                .write(move |tx| {
                    Box::pin(async move {
                        let set = credential_login::set_password(tx, ADA, "chosen", TEST_NOW).await?;
                        if slowly {
                            tx.query("SELECT CAST(pg_sleep(0.6) AS TEXT)", &[]).await?;
                        }
                        Ok::<_, StoreError>(set)
                    })
                })
                .await
        });
        tokio::time::sleep(Duration::from_millis(200)).await;
        db.store
            .write(|tx| {
                Box::pin(async move {
                    let job = Job::SendNewPassword(SendNewPassword::default());
                    record(tx, RUN, &job, &[accepted()], TEST_NOW).await
                })
            })
            .await
            .unwrap();
        assert!(choosing.await.unwrap().unwrap());
        let read: Result<(Option<String>, bool, String), StoreError> = db
            .store
            .read(|tx| {
                Box::pin(async move {
                    let mut row = tx
                        .find("SELECT password_hash, must_change, state FROM people JOIN credentials ON person_id = people.id", &[])
                        .await?
                        .ok_or_else(|| StoreError::NotFound("ada".into()))?;
                    Ok((row.take(0)?, row.take(1)?, row.take(2)?))
                })
            })
            .await;
        let expected = (Some("chosen".to_owned()), false, "retired".to_owned());
        assert_eq!(read.unwrap(), expected, "{:?}", db.engine());
    }
}
