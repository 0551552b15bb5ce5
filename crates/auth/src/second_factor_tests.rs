//! Stories of the second step, on both databases.

use super::*;
use crate::fixture::{
    CHOSEN, Kind, MAILED, auth, auth_with, execute, is_chosen, is_refused, mailed, number, operator_session,
    origin, person, second_factor, secret, session_of, sign_in, texts,
};
use crate::hashing::LoginRealm::{Contacts, Operators};
use crate::login::SignIn;
use crate::totp::step_of;
use store::{Location, Store, params};
use testkit::{Database, TEST_NOW, databases};

/// A second connection to the same database, as another node has it.
async fn other_node(db: &Database) -> Auth {
    let store = match &db.location {
        Location::Postgres(_) => Store::open(&db.location).await.unwrap(),
        Location::Sqlite(_) => db.store.clone(),
    };
    auth(&store)
}

async fn step(auth: &Auth, half: &Session, code: &str, now_ms: i64) -> SecondStep {
    auth.take_second_step(half, &secret(code), &[], &origin(), now_ms).await.unwrap()
}

const fn is_done(answer: &SecondStep) -> bool {
    matches!(answer, SecondStep::Done { .. })
}

const fn refused(answer: &SecondStep) -> bool {
    matches!(answer, SecondStep::Refused)
}

fn code_at(totp: &TotpSecret, now_ms: i64) -> String {
    totp.code(step_of(now_ms))
}

#[tokio::test]
async fn behind_the_password_only_the_second_step_opens_and_it_opens_the_console() {
    for db in databases().await {
        let auth = auth(&db.store);
        let olga = person(&auth, "olga", Kind::System("ui")).await;
        let (totp, _) = second_factor(&auth, "olga").await;
        let answer = sign_in(&auth, Operators, "olga", CHOSEN, TEST_NOW).await.unwrap();
        assert!(matches!(&answer, SignIn::SecondFactor { person_id, .. } if *person_id == olga));
        let half = session_of(answer);
        for realm in [Realm::Console, Realm::Preferences, Realm::ForcedChange] {
            assert!(auth.find_session(&half.token, realm, TEST_NOW).await.unwrap().is_none(), "{realm:?}");
        }
        let session = auth.find_session(&half.token, Realm::SecondFactor, TEST_NOW).await.unwrap().unwrap();
        assert!(refused(&step(&auth, &session, "000000", TEST_NOW).await));
        assert!(refused(&step(&auth, &session, "", TEST_NOW).await));
        let before = number(&db.store, "SELECT last_login_at FROM people", &[]).await;
        assert!(before < TEST_NOW, "the password alone is no sign-in");
        let code = code_at(&totp, TEST_NOW);
        let spaced = format!(" {} {} ", &code[..3], &code[3..]);
        let SecondStep::Done { session: opened, recovery_codes_left: None } =
            step(&auth, &session, &spaced, TEST_NOW).await
        else {
            panic!("refused")
        };
        assert_eq!(opened.realm, Realm::Console);
        let console = auth.find_session(&opened.token, Realm::Console, TEST_NOW).await.unwrap().unwrap();
        assert!(console.second_factor && console.id != session.id);
        let old = auth.find_session(&half.token, Realm::SecondFactor, TEST_NOW).await.unwrap();
        assert!(old.is_none(), "the session between is dead");
        assert_eq!(number(&db.store, "SELECT last_login_at FROM people", &[]).await, TEST_NOW);
    }
}

#[tokio::test]
async fn case_95_one_code_works_once_even_in_parallel_on_two_nodes() {
    for db in databases().await {
        let nodes = [auth(&db.store), other_node(&db).await];
        person(&nodes[0], "olga", Kind::System("ui")).await;
        let (totp, _) = second_factor(&nodes[0], "olga").await;
        let code = code_at(&totp, TEST_NOW);
        let mut halves = Vec::new();
        for _ in 0..4 {
            halves.push(operator_session(&nodes[0], "olga", TEST_NOW).await);
        }
        let tasks: Vec<_> = halves
            .into_iter()
            .enumerate()
            .map(|(n, half)| {
                let (node, code) = (nodes[n % 2].clone(), code.clone());
                tokio::spawn(async move { step(&node, &half, &code, TEST_NOW).await })
            })
            .collect();
        let (mut won, mut lost) = (0, 0);
        for task in tasks {
            let answer = task.await.unwrap();
            won += usize::from(is_done(&answer));
            lost += usize::from(refused(&answer));
        }
        assert_eq!((won, lost), (1, 3), "{:?}", db.engine());
        let sessions = number(
            &db.store,
            "SELECT count(*) FROM sessions WHERE second_factor AND created_at = $1",
            params![TEST_NOW],
        )
        .await;
        assert_eq!(sessions, 1);
        // Nor does it work later, or the code before it.
        let half = operator_session(&nodes[0], "olga", TEST_NOW + 20_000).await;
        assert!(refused(&step(&nodes[1], &half, &code, TEST_NOW + 20_000).await));
        let earlier = code_at(&totp, TEST_NOW - 30_000);
        assert!(refused(&step(&nodes[1], &half, &earlier, TEST_NOW).await));
    }
}

#[tokio::test]
async fn case_95_a_code_two_steps_away_is_refused_and_a_neighbour_is_not() {
    for db in databases().await {
        let auth = auth(&db.store);
        for (name, distance, accepted) in
            [("a", -60_000, false), ("b", -30_000, true), ("c", 30_000, true), ("d", 60_000, false)]
        {
            person(&auth, name, Kind::System("ui")).await;
            let (totp, _) = second_factor(&auth, name).await;
            let half = operator_session(&auth, name, TEST_NOW).await;
            let answer = step(&auth, &half, &code_at(&totp, TEST_NOW + distance), TEST_NOW).await;
            assert_eq!(is_done(&answer), accepted, "{distance}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn five_wrong_codes_cost_half_a_minute_and_ten_a_quarter_of_an_hour() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "olga", Kind::System("ui")).await;
        let (totp, _) = second_factor(&auth, "olga").await;
        let mut now = TEST_NOW;
        let half = operator_session(&auth, "olga", now).await;
        for _ in 0..5 {
            assert!(refused(&step(&auth, &half, "wrong", now).await));
        }
        let right = code_at(&totp, now + 29_999);
        assert!(refused(&step(&auth, &half, &right, now + 29_999).await), "not looked at yet");
        for _ in 0..5 {
            now += 30_000;
            assert!(refused(&step(&auth, &half, "wrong", now).await));
        }
        let later = now + 15 * 60_000;
        // Meanwhile the password is throttled, too: wrong codes count with wrong passwords.
        assert!(is_refused(&sign_in(&auth, Operators, "olga", CHOSEN, now + 1_000).await));
        let half = operator_session(&auth, "olga", later - 1).await;
        assert!(refused(&step(&auth, &half, &code_at(&totp, later - 1), later - 1).await));
        assert!(is_done(&step(&auth, &half, &code_at(&totp, later), later).await));
        let failed = number(&db.store, "SELECT failed_codes FROM second_factors", &[]).await;
        let guesses = number(&db.store, "SELECT failed_logins FROM people", &[]).await;
        assert_eq!((failed, guesses), (0, 0), "forgotten");
    }
}

#[tokio::test]
async fn parallel_codes_never_get_more_looks_than_configured() {
    for db in databases().await {
        let nodes = [auth(&db.store), other_node(&db).await];
        person(&nodes[0], "olga", Kind::System("ui")).await;
        second_factor(&nodes[0], "olga").await;
        let half = operator_session(&nodes[0], "olga", TEST_NOW).await;
        let tasks: Vec<_> = (0..40)
            .map(|n| {
                let (node, half) = (nodes[n % 2].clone(), half.clone());
                tokio::spawn(async move { step(&node, &half, &format!("{n:06}"), TEST_NOW).await })
            })
            .collect();
        for task in tasks {
            assert!(refused(&task.await.unwrap()));
        }
        let details = texts(&db.store, "SELECT detail FROM audit WHERE action = 'login.code_refused'").await;
        let looked = details.iter().filter(|detail| detail.contains("wrong_code")).count();
        assert_eq!((looked, details.len()), (5, 40), "{:?}", db.engine());
    }
}

#[tokio::test]
async fn case_97_wrong_codes_count_towards_the_hundred_however_often_the_password_was_right() {
    for db in databases().await {
        let auth = auth(&db.store);
        let olga = person(&auth, "olga", Kind::System("ui")).await;
        second_factor(&auth, "olga").await;
        execute(
            &db.store,
            "UPDATE people SET failed_logins = 98, failed_login_at = $1",
            params![TEST_NOW - 3_600_000],
        )
        .await;
        let mut now = TEST_NOW;
        for _ in 0..2 {
            let half = operator_session(&auth, "olga", now).await;
            assert!(refused(&step(&auth, &half, "000000", now).await));
            now += 3_600_000;
        }
        let failed = number(&db.store, "SELECT failed_logins FROM people", &[]).await;
        assert_eq!(failed, 100);
        assert!(is_refused(&sign_in(&auth, Operators, "olga", CHOSEN, now).await), "disabled");
        assert!(is_refused(&sign_in(&auth, Operators, "olga", CHOSEN, now + 86_400_000).await), "for good");
        // A mailed password opens the way again; nothing is permanent.
        mailed(&auth, olga, 1, MAILED, "active").await;
        let answer = sign_in(&auth, Operators, "olga", MAILED, TEST_NOW).await.unwrap();
        assert!(matches!(answer, SignIn::MustChange { .. }));
    }
}

#[tokio::test]
async fn each_recovery_code_stands_in_once_and_also_in_parallel() {
    for db in databases().await {
        let nodes = [auth(&db.store), other_node(&db).await];
        person(&nodes[0], "olga", Kind::System("ui")).await;
        let (_, codes) = second_factor(&nodes[0], "olga").await;
        assert_eq!(codes.len(), 10);
        let halves = [
            operator_session(&nodes[0], "olga", TEST_NOW).await,
            operator_session(&nodes[1], "olga", TEST_NOW).await,
        ];
        let tasks: Vec<_> = halves
            .into_iter()
            .zip(nodes.clone())
            .map(|(half, node)| {
                let code = codes[0].expose().to_uppercase();
                tokio::spawn(async move { step(&node, &half, &code, TEST_NOW).await })
            })
            .collect();
        let mut left = Vec::new();
        for task in tasks {
            if let SecondStep::Done { recovery_codes_left, .. } = task.await.unwrap() {
                left.push(recovery_codes_left);
            }
        }
        assert_eq!(left, [Some(9)], "{:?}", db.engine());
        let half = operator_session(&nodes[0], "olga", TEST_NOW).await;
        assert!(refused(&step(&nodes[0], &half, codes[0].expose(), TEST_NOW).await));
        assert!(is_done(&step(&nodes[0], &half, codes[1].expose(), TEST_NOW).await));
    }
}

#[tokio::test]
async fn somebody_elses_code_opens_nothing() {
    for db in databases().await {
        let auth = auth(&db.store);
        for name in ["olga", "paul"] {
            person(&auth, name, Kind::System("ui")).await;
        }
        let (totp, codes) = second_factor(&auth, "olga").await;
        second_factor(&auth, "paul").await;
        let half = operator_session(&auth, "paul", TEST_NOW).await;
        assert!(refused(&step(&auth, &half, &code_at(&totp, TEST_NOW), TEST_NOW).await));
        assert!(refused(&step(&auth, &half, codes[3].expose(), TEST_NOW).await));
    }
}

#[tokio::test]
async fn the_page_for_the_code_closes_after_ten_minutes_and_for_who_is_blocked() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "olga", Kind::System("ui")).await;
        let (totp, _) = second_factor(&auth, "olga").await;
        let half = operator_session(&auth, "olga", TEST_NOW).await;
        let late = TEST_NOW + 10 * 60_000;
        let answer = step(&auth, &half, &code_at(&totp, late), late).await;
        assert!(matches!(answer, SecondStep::SessionGone), "{answer:?}");
        let half = operator_session(&auth, "olga", late).await;
        execute(&db.store, "UPDATE people SET blocked = TRUE", &[]).await;
        assert!(refused(&step(&auth, &half, &code_at(&totp, late + 60_000), late + 60_000).await));
    }
}

#[tokio::test]
async fn the_database_alone_gives_no_code() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "olga", Kind::System("ui")).await;
        let (totp, codes) = second_factor(&auth, "olga").await;
        let half = operator_session(&auth, "olga", TEST_NOW).await;
        let stored: Vec<u8> = db
            .store
            .read(|tx| {
                Box::pin(
                    async move { tx.find("SELECT secret FROM second_factors", &[]).await?.unwrap().take(0) },
                )
            })
            .await
            .unwrap();
        assert!(!stored.windows(20).any(|part| part == totp.bytes()));
        // With another key file the same rows open nothing, and say what to do.
        let stranger = auth_with(&db.store, &["k9"]);
        let error = stranger
            .take_second_step(&half, &secret(&code_at(&totp, TEST_NOW)), &[], &origin(), TEST_NOW)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("--reset"), "{error}");
        assert!(refused(&step(&stranger, &half, codes[0].expose(), TEST_NOW).await));
        // A key added later leaves it as it is.
        let rotated = auth_with(&db.store, &["k1", "k2"]);
        assert!(is_done(&step(&rotated, &half, &code_at(&totp, TEST_NOW), TEST_NOW).await));
    }
}

#[tokio::test]
async fn case_38_a_mailed_password_does_not_stand_in_for_the_second_factor() {
    for db in databases().await {
        let auth = auth(&db.store);
        let olga = person(&auth, "olga", Kind::System("ui")).await;
        let (totp, _) = second_factor(&auth, "olga").await;
        mailed(&auth, olga, 1, MAILED, "active").await;
        let forced = session_of(sign_in(&auth, Operators, "olga", MAILED, TEST_NOW).await.unwrap());
        let forced = auth.find_session(&forced.token, Realm::ForcedChange, TEST_NOW).await.unwrap().unwrap();
        let fresh = secret("nine turnips under a violet awning");
        let choice = auth.choose_password(&forced, None, &fresh, &origin(), TEST_NOW).await.unwrap();
        let crate::password_change::Choice::Done { session: half } = choice else { panic!("{choice:?}") };
        assert_eq!(half.realm, Realm::SecondFactor, "not signed in");
        let half = auth.find_session(&half.token, Realm::SecondFactor, TEST_NOW).await.unwrap().unwrap();
        assert!(is_done(&step(&auth, &half, &code_at(&totp, TEST_NOW), TEST_NOW).await), "still enrolled");
    }
}

#[tokio::test]
async fn a_contact_is_never_asked_for_a_second_factor() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "ada", Kind::Contact).await;
        execute(&db.store, "UPDATE roles SET second_factor_required = TRUE", &[]).await;
        assert!(is_chosen(&sign_in(&auth, Contacts, "ada", CHOSEN, TEST_NOW).await));
    }
}

#[tokio::test]
async fn a_fresh_proof_asks_for_the_code_where_there_is_one_and_counts_its_mistakes() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "olga", Kind::System("ui")).await;
        let (totp, _) = second_factor(&auth, "olga").await;
        let half = operator_session(&auth, "olga", TEST_NOW).await;
        let SecondStep::Done { session, .. } = step(&auth, &half, &code_at(&totp, TEST_NOW), TEST_NOW).await
        else {
            panic!("refused")
        };
        let now = TEST_NOW + 11 * 60_000;
        let session = auth.find_session(&session.token, Realm::Console, now).await.unwrap().unwrap();
        assert!(!session.is_freshly_proved(now));
        let prove = async |password: &str, code: &str| {
            auth.prove_again(&session, &secret(password), &secret(code), &origin(), now).await.unwrap()
        };
        let right = code_at(&totp, now);
        assert!(prove(CHOSEN, "").await.is_none(), "the password alone proves nothing");
        assert!(prove(CHOSEN, "000000").await.is_none());
        assert!(prove("wrong", &right).await.is_none());
        let counted = number(&db.store, "SELECT failed_logins FROM people", &[]).await;
        assert_eq!(counted, 3);
        let given = prove(CHOSEN, &right).await.expect("proved");
        let proved = auth.find_session(&given.token, Realm::Console, now).await.unwrap().unwrap();
        assert!(proved.is_freshly_proved(now) && proved.second_factor);
        assert_eq!(proved.expires_at, session.expires_at, "a new id, not a new life");
        assert!(prove(CHOSEN, &code_at(&totp, now + 30_000)).await.is_none(), "the old id is dead");
    }
}
