//! Stories of signing in, on both databases.

use crate::fixture::{
    CHOSEN, DAY, Kind, MAILED, auth, auth_with, execute, is_chosen, is_must_change, is_refused, mailed,
    number, origin, person, secret, session_of, sign_in, sign_in_from, texts, verify,
};
use crate::hashing::LoginRealm::{Contacts, Operators};
use crate::login::{Attempt, SignIn, Verified};
use crate::session::Realm;
use store::{Store, params};
use testkit::{TEST_NOW, databases};

#[tokio::test]
async fn the_chosen_password_opens_a_session() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        let answer = sign_in(&auth, Contacts, "ada", CHOSEN, TEST_NOW).await.unwrap();
        assert!(matches!(&answer, SignIn::Chosen { person_id, .. } if *person_id == ada));
        let cookie = session_of(answer).token;
        let session = auth.find_session(&cookie, Realm::Preferences, TEST_NOW).await.unwrap().unwrap();
        assert_eq!(session.person_id, ada);
        let login = number(&db.store, "SELECT last_login_at FROM people WHERE id = $1", params![ada]).await;
        assert_eq!(login, TEST_NOW);
    }
}

#[tokio::test]
async fn every_refusal_costs_exactly_one_hash_of_the_same_work() {
    for db in databases().await {
        let auth = auth(&db.store);
        for name in ["right", "blocked", "none", "late", "waiting", "retired"] {
            person(&auth, name, Kind::Contact).await;
        }
        person(&auth, "program", Kind::System("api")).await;
        person(&auth, "operator", Kind::System("ui")).await;
        let late = person(&auth, "overdue", Kind::Contact).await;
        mailed(&auth, late, 1, MAILED, "active").await;
        execute(&db.store, "UPDATE people SET blocked = TRUE WHERE username = 'blocked'", &[]).await;
        execute(
            &db.store,
            "UPDATE people SET password_hash = NULL WHERE username IN ('none', 'overdue')",
            &[],
        )
        .await;
        execute(
            &db.store,
            "UPDATE people SET failed_logins = 9, failed_login_at = $1 WHERE username = 'waiting'",
            params![TEST_NOW + DAY],
        )
        .await;
        let now = TEST_NOW + DAY + 1;
        for (name, password) in [
            ("nobody", CHOSEN),
            ("right", "wrong"),
            ("blocked", CHOSEN),
            ("none", CHOSEN),
            ("waiting", CHOSEN),
            ("program", CHOSEN),
            ("operator", CHOSEN),
            ("overdue", MAILED),
        ] {
            let before = auth.hasher.done();
            let answer = sign_in(&auth, Contacts, name, password, now).await;
            let after = auth.hasher.done();
            assert!(is_refused(&answer), "{name}: {answer:?}");
            assert_eq!(after.hashes - before.hashes, 1, "{name}");
            assert_eq!(after.work - before.work, crate::fixture::costs().contacts.work(), "{name}");
        }
        let reasons =
            texts(&db.store, "SELECT detail FROM audit WHERE action = 'login.refused' ORDER BY number").await;
        let expected = [
            "unknown_name",
            "wrong_password",
            "blocked",
            "no_password",
            "waiting",
            "api_user",
            "other_realm",
            "no_password",
        ];
        assert_eq!(reasons.len(), expected.len());
        for (found, expected) in reasons.iter().zip(expected) {
            assert!(found.contains(expected), "{found} {expected}");
        }
    }
}

#[tokio::test]
async fn a_mailed_password_opens_only_the_page_for_a_new_one_and_only_once() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        let used = mailed(&auth, ada, 1, MAILED, "active").await;
        mailed(&auth, ada, 2, "anotherOne23456789ab", "unknown").await;
        let old = session_of(sign_in(&auth, Contacts, "ada", CHOSEN, TEST_NOW).await.unwrap());
        // Copied out of a mail with what stood around it.
        let answer = sign_in(&auth, Contacts, "ada", &format!(" {MAILED}\r\n"), TEST_NOW).await.unwrap();
        assert!(matches!(&answer, SignIn::MustChange { via: Some(id), .. } if *id == used), "{answer:?}");
        let cookie = session_of(answer).token;
        assert!(auth.find_session(&cookie, Realm::ForcedChange, TEST_NOW).await.unwrap().is_some());
        for realm in [Realm::Preferences, Realm::Console] {
            assert!(auth.find_session(&cookie, realm, TEST_NOW).await.unwrap().is_none());
        }
        let gone = auth.find_session(&old.token, Realm::Preferences, TEST_NOW).await.unwrap();
        assert!(gone.is_none(), "all sessions end");
        for password in [MAILED, "anotherOne23456789ab", CHOSEN] {
            assert!(is_refused(&sign_in(&auth, Contacts, "ada", password, TEST_NOW).await), "{password}");
        }
    }
}

#[tokio::test]
async fn fifty_parallel_uses_of_one_mailed_password_on_two_nodes_have_one_winner() {
    for db in databases().await {
        let second = match &db.location {
            store::Location::Postgres(_) => Store::open(&db.location).await.unwrap(),
            store::Location::Sqlite(_) => db.store.clone(),
        };
        let nodes = [auth(&db.store), auth(&second)];
        let ada = person(&nodes[0], "ada", Kind::Contact).await;
        mailed(&nodes[0], ada, 1, MAILED, "sending").await;
        let tasks: Vec<_> = (0..50)
            .map(|n| {
                let node = nodes[n % 2].clone();
                tokio::spawn(async move { sign_in(&node, Contacts, "ada", MAILED, TEST_NOW).await })
            })
            .collect();
        let (mut won, mut refused) = (0, 0);
        for task in tasks {
            let answer = task.await.unwrap();
            won += usize::from(is_must_change(&answer));
            refused += usize::from(is_refused(&answer));
        }
        assert_eq!((won, refused), (1, 49), "{:?}", db.engine());
        assert_eq!(number(&db.store, "SELECT count(*) FROM sessions", &[]).await, 1);
    }
}

#[tokio::test]
async fn a_candidate_is_accepted_while_its_mail_is_on_the_way_and_not_after_its_end() {
    for db in databases().await {
        let auth = auth(&db.store);
        let cases = [
            ("a", "sending", TEST_NOW, true),
            ("b", "unknown", TEST_NOW, true),
            ("c", "active", TEST_NOW + DAY - 1, true),
            ("d", "active", TEST_NOW + DAY, false),
            ("e", "used", TEST_NOW, false),
            ("f", "retired", TEST_NOW, false),
            ("g", "dropped", TEST_NOW, false),
        ];
        for (place, (name, state, now, accepted)) in cases.into_iter().enumerate() {
            let id = person(&auth, name, Kind::Contact).await;
            mailed(&auth, id, place as u128 + 1, MAILED, state).await;
            let answer = sign_in(&auth, Contacts, name, MAILED, now).await;
            assert_eq!(is_must_change(&answer), accepted, "{state}: {answer:?}");
            // Until the first use the old password lives beside the candidate.
            assert_eq!(is_chosen(&sign_in(&auth, Contacts, name, CHOSEN, now).await), !accepted, "{state}");
        }
    }
}

#[tokio::test]
async fn parallel_guesses_never_get_more_looks_than_configured() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        let tasks: Vec<_> = (0..60)
            .map(|n| {
                let auth = auth.clone();
                let guess = format!("guess {n}");
                tokio::spawn(async move { sign_in(&auth, Contacts, "ada", &guess, TEST_NOW).await })
            })
            .collect();
        for task in tasks {
            assert!(is_refused(&task.await.unwrap()));
        }
        let details = texts(&db.store, "SELECT detail FROM audit WHERE action = 'login.refused'").await;
        let looked = details.iter().filter(|detail| detail.contains("wrong_password")).count();
        assert_eq!((looked, details.len()), (5, 60), "{:?}", db.engine());
        let failed = number(&db.store, "SELECT failed_logins FROM people WHERE id = $1", params![ada]).await;
        assert_eq!(failed, 5);
    }
}

#[tokio::test]
async fn after_five_wrong_guesses_the_right_one_has_to_wait() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "ada", Kind::Contact).await;
        for _ in 0..5 {
            sign_in(&auth, Contacts, "ada", "wrong", TEST_NOW).await.unwrap();
        }
        assert!(is_refused(&sign_in(&auth, Contacts, "ada", CHOSEN, TEST_NOW + 999).await));
        assert!(is_refused(&sign_in(&auth, Contacts, "ada", "wrong", TEST_NOW + 1_000).await));
        assert!(is_refused(&sign_in(&auth, Contacts, "ada", CHOSEN, TEST_NOW + 2_999).await));
        assert!(is_chosen(&sign_in(&auth, Contacts, "ada", CHOSEN, TEST_NOW + 3_000).await));
        assert!(is_refused(&sign_in(&auth, Contacts, "ada", "wrong", TEST_NOW + 3_000).await));
        assert!(is_chosen(&sign_in(&auth, Contacts, "ada", CHOSEN, TEST_NOW + 3_000).await), "forgotten");
    }
}

#[tokio::test]
async fn a_hundred_wrong_guesses_disable_the_password_but_not_a_mailed_one() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        execute(
            &db.store,
            "UPDATE people SET failed_logins = 100, failed_login_at = $1",
            params![TEST_NOW - DAY],
        )
        .await;
        assert!(is_refused(&sign_in(&auth, Contacts, "ada", CHOSEN, TEST_NOW).await));
        assert!(is_refused(&sign_in(&auth, Contacts, "ada", CHOSEN, TEST_NOW + 365 * DAY).await));
        mailed(&auth, ada, 1, MAILED, "active").await;
        assert!(is_must_change(&sign_in(&auth, Contacts, "ada", MAILED, TEST_NOW).await));
    }
}

#[tokio::test]
async fn one_network_gets_twenty_failures_a_minute_and_successes_do_not_count() {
    for db in databases().await {
        let (auth, here) = (auth(&db.store), origin());
        person(&auth, "ada", Kind::Contact).await;
        let from_here = |name: &'static str, now: i64| {
            let (auth, here) = (auth.clone(), here.clone());
            async move { sign_in_from(&auth, &here, Contacts, name, CHOSEN, now).await }
        };
        for _ in 0..25 {
            assert!(is_chosen(&from_here("ada", TEST_NOW).await));
        }
        for _ in 0..20 {
            assert!(is_refused(&from_here("nobody", TEST_NOW).await));
        }
        let before = auth.hasher.done();
        assert!(is_refused(&from_here("ada", TEST_NOW + 59_999).await));
        assert_eq!(auth.hasher.done(), before, "a throttled network costs no hash");
        assert!(
            is_chosen(&sign_in(&auth, Contacts, "ada", CHOSEN, TEST_NOW + 59_999).await),
            "others do not wait"
        );
        assert!(is_chosen(&from_here("ada", TEST_NOW + 60_000).await));
    }
}

#[tokio::test]
async fn one_network_has_an_hourly_limit_beside_the_one_for_a_minute() {
    for db in databases().await {
        let (mut auth, here) = (auth(&db.store), origin());
        assert_eq!((auth.limits.network_hour.most, auth.limits.network_hour.window_ms), (200, 3_600_000));
        auth.limits.network_hour.most = 12;
        person(&auth, "ada", Kind::Contact).await;
        for minute in 0..4 {
            for _ in 0..3 {
                let now = TEST_NOW + minute * 60_000;
                sign_in_from(&auth, &here, Contacts, "nobody", CHOSEN, now).await.unwrap();
            }
        }
        let later = async |ms| sign_in_from(&auth, &here, Contacts, "ada", CHOSEN, TEST_NOW + ms).await;
        assert!(is_refused(&later(3_599_999).await));
        assert!(is_chosen(&later(3_600_000).await));
    }
}

#[tokio::test]
async fn one_account_has_one_bucket_however_its_name_is_written() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        for name in ["ADA", " ada ", "ada@example.org", "Ada@Example.ORG"] {
            sign_in(&auth, Contacts, name, "wrong", TEST_NOW).await.unwrap();
        }
        for name in ["аda", "ada\u{200b}", "ａda"] {
            sign_in(&auth, Contacts, name, "wrong", TEST_NOW).await.unwrap();
        }
        let failed = number(&db.store, "SELECT failed_logins FROM people WHERE id = $1", params![ada]).await;
        assert_eq!(failed, 4);
        assert!(is_chosen(&sign_in(&auth, Contacts, "ada@example.org", CHOSEN, TEST_NOW).await));
        // A shared mailbox names nobody.
        person(&auth, "bob", Kind::Contact).await;
        execute(&db.store, "UPDATE people SET address_canonical = 'ada@example.org'", &[]).await;
        assert!(is_refused(&sign_in(&auth, Contacts, "ada@example.org", CHOSEN, TEST_NOW).await));
    }
}

#[tokio::test]
async fn operators_and_contacts_have_pages_of_their_own() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "ada", Kind::Contact).await;
        let olga = person(&auth, "olga", Kind::System("ui")).await;
        person(&auth, "program", Kind::System("api")).await;
        assert!(is_refused(&sign_in(&auth, Operators, "ada", CHOSEN, TEST_NOW).await));
        assert!(is_refused(&sign_in(&auth, Contacts, "olga", CHOSEN, TEST_NOW).await));
        assert!(is_refused(&sign_in(&auth, Operators, "program", CHOSEN, TEST_NOW).await));
        let session = session_of(sign_in(&auth, Operators, "olga", CHOSEN, TEST_NOW).await.unwrap());
        assert!(auth.find_session(&session.token, Realm::Console, TEST_NOW).await.unwrap().is_some());
        // The mail of a run may lead an operator to either page.
        mailed(&auth, olga, 1, MAILED, "active").await;
        assert!(is_must_change(&sign_in(&auth, Contacts, "olga", MAILED, TEST_NOW).await));
        execute(&db.store, "UPDATE people SET expires_at = $1, password_hash = NULL", params![TEST_NOW])
            .await;
        mailed(&auth, olga, 2, MAILED, "active").await;
        assert!(is_refused(&sign_in(&auth, Operators, "olga", MAILED, TEST_NOW).await), "expired");
    }
}

#[tokio::test]
async fn a_session_cookie_planted_before_signing_in_is_dead_afterwards() {
    for db in databases().await {
        let (auth, here) = (auth(&db.store), origin());
        person(&auth, "ada", Kind::Contact).await;
        person(&auth, "eve", Kind::Contact).await;
        let planted = session_of(sign_in(&auth, Contacts, "eve", CHOSEN, TEST_NOW).await.unwrap()).token;
        let password = secret(CHOSEN);
        let attempt = Attempt {
            realm: Contacts,
            username: "ada",
            password: &password,
            origin: &here,
            presented: std::slice::from_ref(&planted),
        };
        let fresh = session_of(auth.sign_in(&attempt, TEST_NOW).await.unwrap()).token;
        assert_ne!(fresh.expose(), planted.expose());
        assert!(auth.find_session(&planted, Realm::Preferences, TEST_NOW).await.unwrap().is_none());
        assert!(auth.find_session(&fresh, Realm::Preferences, TEST_NOW).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn an_application_learns_whether_a_password_is_right_and_opens_nothing() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        assert_eq!(verify(&auth, "ada", CHOSEN, TEST_NOW).await, Verified::Valid { person_id: ada });
        assert_eq!(verify(&auth, "ada", "wrong", TEST_NOW).await, Verified::Refused);
        mailed(&auth, ada, 1, MAILED, "active").await;
        for _ in 0..8 {
            let answer = verify(&auth, "ada", MAILED, TEST_NOW).await;
            assert_eq!(answer, Verified::MustChange { person_id: ada }, "it is not used up");
        }
        assert_eq!(number(&db.store, "SELECT count(*) FROM sessions", &[]).await, 0);
        assert!(is_must_change(&sign_in(&auth, Contacts, "ada", MAILED, TEST_NOW).await));
        assert_eq!(verify(&auth, "ada", MAILED, TEST_NOW).await, Verified::Refused);
        person(&auth, "bob", Kind::Contact).await;
        for _ in 0..5 {
            verify(&auth, "bob", "wrong", TEST_NOW).await;
        }
        assert_eq!(
            verify(&auth, "bob", CHOSEN, TEST_NOW).await,
            Verified::Refused,
            "throttled like a sign-in"
        );
    }
}

#[tokio::test]
async fn a_password_that_has_to_be_changed_opens_only_that_page() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        execute(&db.store, "UPDATE people SET must_change = TRUE", &[]).await;
        let answer = sign_in(&auth, Contacts, "ada", CHOSEN, TEST_NOW).await.unwrap();
        assert!(matches!(&answer, SignIn::MustChange { via: None, .. }));
        assert_eq!(session_of(answer).realm, Realm::ForcedChange);
        assert_eq!(verify(&auth, "ada", CHOSEN, TEST_NOW).await, Verified::MustChange { person_id: ada });
    }
}

#[tokio::test]
async fn a_hash_is_made_again_after_a_key_was_added_or_a_contact_became_an_operator() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "ada", Kind::Contact).await;
        let rotated = auth_with(&db.store, &["k1", "k2"]);
        assert!(is_chosen(&sign_in(&rotated, Contacts, "ada", CHOSEN, TEST_NOW).await));
        let hash = texts(&db.store, "SELECT password_hash FROM people").await.remove(0);
        assert!(hash.contains("keyid=k2") && hash.contains("t=2"), "{hash}");
        execute(
            &db.store,
            "UPDATE people SET user_type = 'ui', role_id = (SELECT id FROM roles WHERE name = 'Helper')",
            &[],
        )
        .await;
        assert!(is_chosen(&sign_in(&rotated, Operators, "ada", CHOSEN, TEST_NOW).await));
        let hash = texts(&db.store, "SELECT password_hash FROM people").await.remove(0);
        assert!(hash.contains("t=3"), "{hash}");
        assert!(is_chosen(&sign_in(&rotated, Operators, "ada", CHOSEN, TEST_NOW).await));
    }
}

#[tokio::test]
async fn nothing_that_was_typed_is_written_anywhere() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        mailed(&auth, ada, 1, MAILED, "active").await;
        sign_in(&auth, Contacts, "a password typed as name", "and one as password", TEST_NOW).await.unwrap();
        let cookie = session_of(sign_in(&auth, Contacts, "ada", MAILED, TEST_NOW).await.unwrap()).token;
        let mut all = texts(&db.store, "SELECT detail FROM audit").await;
        all.extend(texts(&db.store, "SELECT subject_id FROM audit").await);
        all.extend(texts(&db.store, "SELECT bucket FROM rates").await);
        all.extend(texts(&db.store, "SELECT username FROM people").await);
        for text in all {
            for typed in ["typed as name", "one as password", MAILED, cookie.expose(), "198.51"] {
                assert!(!text.contains(typed), "{text}");
            }
        }
        let verified =
            db.store.read(|tx| Box::pin(async move { store::audit::verify(tx).await })).await.unwrap();
        assert_eq!(verified.broken_at, None);
    }
}
