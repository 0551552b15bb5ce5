//! Stories of sessions, on both databases.

use super::*;
use crate::fixture::{CHOSEN, Kind, auth, auth_with, execute, number, origin, person, session_of, sign_in};
use crate::hashing::LoginRealm::{Contacts, Operators};
use store::params;
use testkit::{TEST_NOW, databases};

async fn open(auth: &Auth, realm: Realm, now_ms: i64) -> NewSession {
    let (page, name) = match realm {
        Realm::Console | Realm::SecondFactor => (Operators, "olga"),
        Realm::Preferences | Realm::ForcedChange => (Contacts, "ada"),
    };
    session_of(sign_in(auth, page, name, CHOSEN, now_ms).await.unwrap())
}

async fn lives(auth: &Auth, session: &NewSession, now_ms: i64) -> bool {
    auth.find_session(&session.token, session.realm, now_ms).await.unwrap().is_some()
}

#[tokio::test]
async fn an_unused_session_ends_after_half_an_hour_and_a_used_one_after_its_whole_life() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "olga", Kind::System("ui")).await;
        let unused = open(&auth, Realm::Console, TEST_NOW).await;
        assert!(!lives(&auth, &unused, TEST_NOW + 30 * MINUTE).await);
        let used = open(&auth, Realm::Console, TEST_NOW).await;
        for step in 1..36 {
            assert!(lives(&auth, &used, TEST_NOW + step * 20 * MINUTE).await, "{step}");
        }
        assert!(!lives(&auth, &used, TEST_NOW + 12 * 60 * MINUTE).await, "twelve hours are the end");
    }
}

#[tokio::test]
async fn blocking_a_person_or_taking_the_role_ends_the_session_with_the_next_request() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "olga", Kind::System("ui")).await;
        let session = open(&auth, Realm::Console, TEST_NOW).await;
        for (change, back) in [
            ("UPDATE people SET blocked = TRUE", "UPDATE people SET blocked = FALSE"),
            ("UPDATE people SET user_type = 'api'", "UPDATE people SET user_type = 'ui'"),
            ("UPDATE people SET expires_at = 1", "UPDATE people SET expires_at = NULL"),
        ] {
            execute(&db.store, change, &[]).await;
            assert!(!lives(&auth, &session, TEST_NOW).await, "{change}");
            execute(&db.store, back, &[]).await;
            assert!(lives(&auth, &session, TEST_NOW).await, "{back}");
        }
        execute(&db.store, "UPDATE people SET role_id = NULL, user_type = NULL", &[]).await;
        assert!(!lives(&auth, &session, TEST_NOW).await);
    }
}

#[tokio::test]
async fn the_cookie_is_not_in_the_database_and_a_made_up_one_opens_nothing() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "ada", Kind::Contact).await;
        let session = open(&auth, Realm::Preferences, TEST_NOW).await;
        let token = session.token.expose();
        let raw = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(token).unwrap();
        for bytes in [token.as_bytes().to_vec(), raw] {
            let found = "SELECT count(*) FROM sessions WHERE token_hash = $1 OR csrf_hash = $1";
            assert_eq!(number(&db.store, found, params![bytes]).await, 0);
        }
        for made_up in [String::new(), "x".repeat(43), format!("{token}x"), token[1..].to_owned()] {
            let found = auth.find_session(&Secret::new(made_up), Realm::Preferences, TEST_NOW).await.unwrap();
            assert!(found.is_none());
        }
    }
}

#[tokio::test]
async fn a_form_token_belongs_to_its_session() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "ada", Kind::Contact).await;
        let (one, two) = (
            open(&auth, Realm::Preferences, TEST_NOW).await,
            open(&auth, Realm::Preferences, TEST_NOW).await,
        );
        let session = auth.find_session(&one.token, Realm::Preferences, TEST_NOW).await.unwrap().unwrap();
        assert!(session.csrf_matches(one.csrf.expose()));
        assert!(!session.csrf_matches(two.csrf.expose()) && !session.csrf_matches(""));
        assert_ne!(one.csrf.expose(), one.token.expose());
    }
}

#[tokio::test]
async fn signing_out_ends_this_session_and_ending_others_leaves_it() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        person(&auth, "olga", Kind::System("ui")).await;
        let mut sessions = Vec::new();
        for _ in 0..4 {
            sessions.push(open(&auth, Realm::Preferences, TEST_NOW).await);
        }
        let strange = open(&auth, Realm::Console, TEST_NOW).await;
        let found = async |n: usize| {
            auth.find_session(&sessions[n].token, Realm::Preferences, TEST_NOW).await.unwrap()
        };
        let strange_id =
            auth.find_session(&strange.token, Realm::Console, TEST_NOW).await.unwrap().unwrap().id;
        let mine = found(0).await.unwrap();
        assert_eq!(auth.list_sessions(ada, TEST_NOW).await.unwrap().len(), 4);
        let one = found(1).await.unwrap().id;
        assert!(auth.end_session(&mine, one, &origin(), TEST_NOW).await.unwrap());
        assert!(!auth.end_session(&mine, strange_id, &origin(), TEST_NOW).await.unwrap(), "not hers");
        assert!(found(1).await.is_none() && found(2).await.is_some());
        assert_eq!(auth.end_other_sessions(&mine, &origin(), TEST_NOW).await.unwrap(), 2);
        assert!(found(2).await.is_none() && found(0).await.is_some());
        auth.sign_out(&mine, &origin(), TEST_NOW).await.unwrap();
        assert!(found(0).await.is_none());
        assert!(lives(&auth, &strange, TEST_NOW).await);
    }
}

#[tokio::test]
async fn sessions_outlive_the_change_of_the_server_key_but_not_its_removal() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "ada", Kind::Contact).await;
        let session = open(&auth, Realm::Preferences, TEST_NOW).await;
        let rotated = auth_with(&db.store, &["k1", "k2"]);
        let found =
            rotated.find_session(&session.token, Realm::Preferences, TEST_NOW).await.unwrap().unwrap();
        assert!(found.csrf_matches(session.csrf.expose()));
        assert!(!lives(&auth_with(&db.store, &["k2"]), &session, TEST_NOW).await);
    }
}

#[tokio::test]
async fn purging_removes_only_what_is_over() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "ada", Kind::Contact).await;
        open(&auth, Realm::Preferences, TEST_NOW).await;
        let day = 24 * 60 * MINUTE;
        let young = open(&auth, Realm::Preferences, TEST_NOW + 3 * day - MINUTE).await;
        assert!(auth.purge(TEST_NOW + 3 * day).await.unwrap() >= 3, "a session and two counters");
        assert_eq!(number(&db.store, "SELECT count(*) FROM sessions", &[]).await, 1);
        assert!(lives(&auth, &young, TEST_NOW + 3 * day).await);
    }
}

#[test]
fn a_browsers_name_cannot_break_a_line() {
    assert_eq!(printable("a\r\nb\u{1b}[31m\u{2028}c"), "ab[31mc");
    assert_eq!(printable(&"x".repeat(1_000)).len(), 200);
}
