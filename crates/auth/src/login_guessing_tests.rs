//! Stories of many guesses, on both databases.

use crate::fixture::{
    CHOSEN, DAY, Kind, MAILED, auth, execute, is_chosen, is_refused, mailed, number, origin, person, secret,
    session_of, sign_in, texts,
};
use crate::hashing::LoginRealm::Contacts;
use crate::session::Realm;
use store::{Store, params};
use testkit::{TEST_NOW, databases};

#[tokio::test]
async fn case_96_a_thousand_guesses_from_everywhere_keep_nobody_out_for_good() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        // The first guesses are made; the rest is written down as if it had been, in the same way.
        for n in 0..12 {
            let guess = format!("guess {n}");
            assert!(is_refused(&sign_in(&auth, Contacts, "ada", &guess, TEST_NOW + n * DAY / 24).await));
        }
        let failed = number(&db.store, "SELECT failed_logins FROM people WHERE id = $1", params![ada]).await;
        assert_eq!(failed, 12, "each waited long enough to be looked at");
        execute(&db.store, "UPDATE people SET failed_logins = 1000, failed_login_at = $1", params![TEST_NOW])
            .await;
        for days in [1, 30, 365] {
            let answer = sign_in(&auth, Contacts, "ada", CHOSEN, TEST_NOW + days * DAY).await;
            assert!(is_refused(&answer), "the password is disabled");
        }
        mailed(&auth, ada, 1, MAILED, "active").await;
        let answer = sign_in(&auth, Contacts, "ada", MAILED, TEST_NOW).await.unwrap();
        let forced = session_of(answer);
        let forced = auth.find_session(&forced.token, Realm::ForcedChange, TEST_NOW).await.unwrap().unwrap();
        let fresh = secret("nine turnips under a violet awning");
        let choice = auth.choose_password(&forced, None, &fresh, &origin(), TEST_NOW).await.unwrap();
        assert!(matches!(choice, crate::password_change::Choice::Done { .. }));
        let answer = sign_in(&auth, Contacts, "ada", fresh.expose(), TEST_NOW).await;
        assert!(is_chosen(&answer), "nothing is left of the guesses");
    }
}

#[tokio::test]
async fn case_97_no_number_of_parallel_guesses_no_other_node_no_restart_and_no_setting_gives_more_looks() {
    for db in databases().await {
        let open = async || match &db.location {
            store::Location::Postgres(_) => Store::open(&db.location).await.unwrap(),
            store::Location::Sqlite(_) => db.store.clone(),
        };
        let generous = |store: &Store| {
            let mut auth = auth(store);
            auth.limits.free = i64::MAX;
            auth.limits.most = i64::MAX;
            auth
        };
        let nodes = [generous(&db.store), generous(&open().await)];
        let ada = person(&nodes[0], "ada", Kind::Contact).await;
        let tasks: Vec<_> = (0..500)
            .map(|n| {
                let node = nodes[n % 2].clone();
                tokio::spawn(
                    async move { sign_in(&node, Contacts, "ada", &format!("guess {n}"), TEST_NOW).await },
                )
            })
            .collect();
        for task in tasks {
            // Too many at once are turned away before anything is counted.
            let answer = task.await.unwrap();
            assert!(is_refused(&answer) || matches!(answer, Err(crate::AuthError::Overloaded)), "{answer:?}");
        }
        let looked = async || {
            let details = texts(&db.store, "SELECT detail FROM audit WHERE action = 'login.refused'").await;
            details.iter().filter(|detail| detail.contains("wrong_password")).count() as i64
        };
        let failed =
            async || number(&db.store, "SELECT failed_logins FROM people WHERE id = $1", params![ada]).await;
        // However huge the setting, twenty are free.
        assert!(looked().await <= 20 && failed().await <= 20, "{} {}", looked().await, failed().await);
        let before = looked().await;
        let restarted = generous(&open().await);
        execute(&db.store, "UPDATE people SET failed_logins = 20 WHERE failed_logins < 20", &[]).await;
        sign_in(&restarted, Contacts, "ada", "one more", TEST_NOW).await.unwrap();
        assert_eq!(looked().await, before, "a restart gives none");
        execute(&db.store, "UPDATE people SET failed_logins = 99", &[]).await;
        for hours in 1..4 {
            let later = TEST_NOW + hours * DAY;
            sign_in(&restarted, Contacts, "ada", "wrong", later).await.unwrap();
        }
        assert_eq!((looked().await, failed().await), (before + 1, 100), "never above a hundred in a row");
    }
}
