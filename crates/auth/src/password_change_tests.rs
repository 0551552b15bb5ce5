//! Stories of choosing a new password, on both databases.

use super::*;
use crate::fixture::{
    CHOSEN, Kind, MAILED, auth, execute, is_chosen, is_refused, mailed, number, origin, person, secret,
    session_of, sign_in,
};
use crate::hashing::LoginRealm::{Contacts, Operators};
use crate::session::life;
use domain::id::PersonId;
use store::params;
use testkit::{TEST_NOW, databases};

const FRESH: &str = "seven purple trains whistle";

async fn forced(auth: &Auth, person_id: PersonId, name: &str) -> Session {
    mailed(auth, person_id, 1, MAILED, "active").await;
    let token = session_of(sign_in(auth, Contacts, name, MAILED, TEST_NOW).await.unwrap()).token;
    auth.find_session(&token, Realm::ForcedChange, TEST_NOW).await.unwrap().unwrap()
}

async fn signed_in(auth: &Auth, name: &str) -> Session {
    let token = session_of(sign_in(auth, Contacts, name, CHOSEN, TEST_NOW).await.unwrap()).token;
    auth.find_session(&token, Realm::Preferences, TEST_NOW).await.unwrap().unwrap()
}

async fn choose(auth: &Auth, session: &Session, current: Option<&str>, chosen: &str) -> Choice {
    let (current, chosen) = (current.map(secret), secret(chosen));
    auth.choose_password(session, current.as_ref(), &chosen, &origin(), TEST_NOW).await.unwrap()
}

#[tokio::test]
async fn behind_a_mailed_password_a_new_one_is_set_and_the_session_gets_a_new_id() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        let session = forced(&auth, ada, "ada").await;
        let Choice::Done { session: given } = choose(&auth, &session, None, FRESH).await else {
            panic!("not set")
        };
        assert_eq!(given.realm, Realm::Preferences);
        assert!(auth.find_session(&given.token, Realm::Preferences, TEST_NOW).await.unwrap().is_some());
        assert_eq!(number(&db.store, "SELECT count(*) FROM sessions", &[]).await, 1);
        assert!(is_chosen(&sign_in(&auth, Contacts, "ada", FRESH, TEST_NOW).await));
        for dead in [CHOSEN, MAILED] {
            assert!(is_refused(&sign_in(&auth, Contacts, "ada", dead, TEST_NOW).await));
        }
        let set = "SELECT count(*) FROM people WHERE password_set = 'chosen' AND NOT must_change
                   AND password_changed_at = $1";
        assert_eq!(number(&db.store, set, params![TEST_NOW]).await, 1);
        assert!(matches!(choose(&auth, &session, None, "another fine long one").await, Choice::SessionGone));
    }
}

#[tokio::test]
async fn a_password_that_breaks_a_rule_changes_nothing_and_the_page_stays_open() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        let session = forced(&auth, ada, "ada").await;
        for (unfit, code) in [
            ("too short", "too_short"),
            ("ada@example.org", "own_name"),
            ("passpostpasspost", "service_name"),
            (MAILED, "not_new"),
            ("x".repeat(300).as_str(), "too_long"),
        ] {
            let answer = choose(&auth, &session, None, unfit).await;
            let Choice::Unfit(problems) = answer else { panic!("{unfit}: {answer:?}") };
            assert_eq!(problems[0].code(), code);
        }
        assert!(matches!(choose(&auth, &session, None, FRESH).await, Choice::Done { .. }));
    }
}

#[tokio::test]
async fn a_signed_in_person_has_to_know_the_current_password() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "ada", Kind::Contact).await;
        let (other, session) = (signed_in(&auth, "ada").await, signed_in(&auth, "ada").await);
        assert!(matches!(choose(&auth, &session, None, FRESH).await, Choice::WrongCurrent));
        assert!(matches!(choose(&auth, &session, Some("wrong"), FRESH).await, Choice::WrongCurrent));
        assert!(matches!(choose(&auth, &session, Some(CHOSEN), CHOSEN).await, Choice::Unfit(_)));
        assert!(matches!(choose(&auth, &session, Some(CHOSEN), FRESH).await, Choice::Done { .. }));
        assert!(
            matches!(choose(&auth, &other, Some(FRESH), CHOSEN).await, Choice::SessionGone),
            "others end"
        );
        assert!(is_chosen(&sign_in(&auth, Contacts, "ada", FRESH, TEST_NOW).await));
    }
}

#[tokio::test]
async fn guessing_the_current_password_is_throttled_like_signing_in() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "ada", Kind::Contact).await;
        let session = signed_in(&auth, "ada").await;
        for _ in 0..5 {
            choose(&auth, &session, Some("wrong"), FRESH).await;
        }
        assert!(matches!(choose(&auth, &session, Some(CHOSEN), FRESH).await, Choice::WrongCurrent));
        assert!(is_refused(&sign_in(&auth, Contacts, "ada", CHOSEN, TEST_NOW).await));
        assert!(is_chosen(&sign_in(&auth, Contacts, "ada", CHOSEN, TEST_NOW + 1_000).await));
    }
}

#[tokio::test]
async fn of_two_parallel_choices_one_wins_and_its_password_works() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        let session = forced(&auth, ada, "ada").await;
        let tasks: Vec<_> = (0..10)
            .map(|n| {
                let (auth, session) = (auth.clone(), session.clone());
                tokio::spawn(async move {
                    let chosen = format!("{FRESH} number {n}");
                    (matches!(choose(&auth, &session, None, &chosen).await, Choice::Done { .. }), chosen)
                })
            })
            .collect();
        let mut winners = Vec::new();
        for task in tasks {
            let (won, chosen) = task.await.unwrap();
            if won {
                winners.push(chosen);
            }
        }
        assert_eq!(winners.len(), 1, "{:?}", db.engine());
        assert!(is_chosen(&sign_in(&auth, Contacts, "ada", &winners[0], TEST_NOW).await));
        assert_eq!(
            number(&db.store, "SELECT count(*) FROM audit WHERE action = 'password.changed'", &[]).await,
            1
        );
    }
}

#[tokio::test]
async fn the_page_for_a_new_password_closes_after_a_quarter_of_an_hour() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        let session = forced(&auth, ada, "ada").await;
        let late = TEST_NOW + life(Realm::ForcedChange).absolute_ms;
        let answer = auth.choose_password(&session, None, &secret(FRESH), &origin(), late).await.unwrap();
        assert!(matches!(answer, Choice::SessionGone));
        let hash = "SELECT count(*) FROM people WHERE password_hash IS NULL";
        assert_eq!(number(&db.store, hash, &[]).await, 1, "nothing is half done");
    }
}

#[tokio::test]
async fn a_blocked_person_sets_nothing() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        let session = forced(&auth, ada, "ada").await;
        execute(&db.store, "UPDATE people SET blocked = TRUE", &[]).await;
        assert!(matches!(choose(&auth, &session, None, FRESH).await, Choice::SessionGone));
    }
}

#[tokio::test]
async fn a_new_password_retires_every_mailed_one() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        let session = signed_in(&auth, "ada").await;
        mailed(&auth, ada, 1, MAILED, "active").await;
        mailed(&auth, ada, 2, "anotherOne23456789ab", "sending").await;
        assert!(matches!(choose(&auth, &session, Some(CHOSEN), FRESH).await, Choice::Done { .. }));
        for dead in [MAILED, "anotherOne23456789ab"] {
            assert!(is_refused(&sign_in(&auth, Contacts, "ada", dead, TEST_NOW).await));
        }
        assert_eq!(
            number(&db.store, "SELECT count(*) FROM credentials WHERE state = 'retired'", &[]).await,
            2
        );
    }
}

#[tokio::test]
async fn an_operator_behind_a_mailed_password_goes_on_in_the_console() {
    for db in databases().await {
        let auth = auth(&db.store);
        let olga = person(&auth, "olga", Kind::System("hybrid")).await;
        let session = forced(&auth, olga, "olga").await;
        let Choice::Done { session: given } = choose(&auth, &session, None, FRESH).await else {
            panic!("not set")
        };
        assert_eq!(given.realm, Realm::Console);
        assert!(auth.find_session(&given.token, Realm::Console, TEST_NOW).await.unwrap().is_some());
        assert!(is_chosen(&sign_in(&auth, Operators, "olga", FRESH, TEST_NOW).await));
    }
}

#[tokio::test]
async fn a_chosen_password_that_has_to_be_changed_cannot_be_chosen_again() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "ada", Kind::Contact).await;
        execute(&db.store, "UPDATE people SET must_change = TRUE", &[]).await;
        let token = session_of(sign_in(&auth, Contacts, "ada", CHOSEN, TEST_NOW).await.unwrap()).token;
        let session = auth.find_session(&token, Realm::ForcedChange, TEST_NOW).await.unwrap().unwrap();
        assert!(matches!(choose(&auth, &session, None, CHOSEN).await, Choice::Unfit(_)));
        assert!(matches!(choose(&auth, &session, None, FRESH).await, Choice::Done { .. }));
    }
}

#[tokio::test]
async fn a_fresh_proof_gives_a_new_id_and_the_same_end() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "ada", Kind::Contact).await;
        let session = signed_in(&auth, "ada").await;
        let later = TEST_NOW + 11 * 60_000;
        assert!(session.is_freshly_proved(TEST_NOW) && !session.is_freshly_proved(later));
        let wrong =
            auth.prove_again(&session, &secret("wrong"), &secret(""), &origin(), later).await.unwrap();
        assert!(wrong.is_none());
        let given = auth
            .prove_again(&session, &secret(CHOSEN), &secret(""), &origin(), later)
            .await
            .unwrap()
            .unwrap();
        let proved = auth.find_session(&given.token, Realm::Preferences, later).await.unwrap().unwrap();
        assert!(proved.is_freshly_proved(later));
        assert_ne!(proved.id, session.id);
        assert_eq!(proved.expires_at, session.expires_at);
        assert_eq!(number(&db.store, "SELECT count(*) FROM sessions", &[]).await, 1);
    }
}

#[tokio::test]
async fn who_changes_a_password_is_told_by_mail_but_not_right_after_a_mailed_one() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        let told = async || {
            let sql = "SELECT count(*) FROM account_mails WHERE kind = 'password_changed' AND person_id = $1";
            number(&db.store, sql, params![ada]).await
        };
        let session = forced(&auth, ada, "ada").await;
        assert!(matches!(choose(&auth, &session, None, FRESH).await, Choice::Done { .. }));
        assert_eq!(told().await, 0);
        let token = session_of(sign_in(&auth, Contacts, "ada", FRESH, TEST_NOW).await.unwrap()).token;
        let session = auth.find_session(&token, Realm::Preferences, TEST_NOW).await.unwrap().unwrap();
        let wrong = choose(&auth, &session, Some("not this one, no"), "nine other grey lamps hum").await;
        assert!(matches!(wrong, Choice::WrongCurrent));
        assert_eq!(told().await, 0);
        let done = choose(&auth, &session, Some(FRESH), "nine other grey lamps hum").await;
        assert!(matches!(done, Choice::Done { .. }), "{done:?}");
        assert_eq!(told().await, 1);
    }
}
