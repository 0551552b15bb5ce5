//! Stories of setting a second factor up and taking it away, on both databases.

use super::*;
use crate::fixture::{
    CHOSEN, Kind, auth, execute, is_chosen, number, operator_session, origin, person, second_factor, secret,
    session_of, shown_secret, sign_in,
};
use crate::hashing::LoginRealm::Operators;
use crate::login::SignIn;
use crate::password_change::Choice;
use crate::totp::step_of;
use store::person::OWNER;
use store::{Acting, params};
use testkit::{TEST_NOW, databases};

async fn confirm(auth: &Auth, session: &Session, now_ms: i64) -> Enrolled {
    let page = auth.begin_enrolment(session.person_id, "School", "olga", now_ms).unwrap();
    let code = secret(&shown_secret(&page).code(step_of(now_ms)));
    auth.enrol(session, &page.sealed, &code, &origin(), now_ms).await.unwrap()
}

async fn require(auth: &Auth, required: bool) {
    execute(&auth.store, "UPDATE roles SET second_factor_required = $1", params![required]).await;
}

#[tokio::test]
async fn whoever_has_a_role_that_asks_for_one_sets_it_up_before_anything_opens() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "olga", Kind::System("ui")).await;
        let before = operator_session(&auth, "olga", TEST_NOW).await;
        assert_eq!(before.realm, Realm::Console);
        require(&auth, true).await;
        let cookie = session_of(sign_in(&auth, Operators, "olga", CHOSEN, TEST_NOW).await.unwrap()).token;
        let half = auth.find_session(&cookie, Realm::SecondFactor, TEST_NOW).await.unwrap().unwrap();
        let Enrolled::Done { session, recovery_codes } = confirm(&auth, &half, TEST_NOW).await else {
            panic!("refused")
        };
        assert_eq!(recovery_codes.len(), 10);
        assert!(auth.find_session(&session.token, Realm::Console, TEST_NOW).await.unwrap().is_some());
        assert!(auth.find_session(&cookie, Realm::SecondFactor, TEST_NOW).await.unwrap().is_none());
        let answer = sign_in(&auth, Operators, "olga", CHOSEN, TEST_NOW).await.unwrap();
        assert!(matches!(answer, SignIn::SecondFactor { .. }));
    }
}

#[tokio::test]
async fn a_session_without_one_ends_as_soon_as_the_role_asks_for_one() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "olga", Kind::System("ui")).await;
        let given = session_of(sign_in(&auth, Operators, "olga", CHOSEN, TEST_NOW).await.unwrap());
        let find = async || auth.find_session(&given.token, Realm::Console, TEST_NOW).await.unwrap();
        assert!(find().await.is_some());
        require(&auth, true).await;
        assert!(find().await.is_none());
        require(&auth, false).await;
        let session = find().await.unwrap();
        let Enrolled::Done { session: with, .. } = confirm(&auth, &session, TEST_NOW).await else {
            panic!("refused")
        };
        require(&auth, true).await;
        assert!(auth.find_session(&with.token, Realm::Console, TEST_NOW).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn only_the_right_first_code_within_the_pages_life_stores_anything() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "olga", Kind::System("ui")).await;
        person(&auth, "paul", Kind::System("ui")).await;
        let session = operator_session(&auth, "olga", TEST_NOW).await;
        let page = auth.begin_enrolment(session.person_id, "School", "olga", TEST_NOW).unwrap();
        let totp = shown_secret(&page);
        let enrol = async |session: &Session, sealed: &Secret, now: i64| {
            let code = secret(&totp.code(step_of(now)));
            auth.enrol(session, sealed, &code, &origin(), now).await.unwrap()
        };
        let wrong = auth.enrol(&session, &page.sealed, &secret("12345"), &origin(), TEST_NOW).await.unwrap();
        assert!(matches!(wrong, Enrolled::WrongCode));
        let late = enrol(&session, &page.sealed, TEST_NOW + 15 * 60_000).await;
        assert!(matches!(late, Enrolled::PageStale));
        let forged = enrol(&session, &secret("bm90IHNlYWxlZCBieSB1cw"), TEST_NOW).await;
        assert!(matches!(forged, Enrolled::PageStale));
        let paul = operator_session(&auth, "paul", TEST_NOW).await;
        assert!(matches!(enrol(&paul, &page.sealed, TEST_NOW).await, Enrolled::PageStale), "not paul's");
        assert_eq!(number(&db.store, "SELECT count(*) FROM second_factors", &[]).await, 0);
        let again = auth.reopen_enrolment(session.person_id, &page.sealed, "School", "olga", TEST_NOW);
        assert_eq!(again.unwrap().text.expose(), page.text.expose(), "the same secret is shown again");
        assert!(matches!(enrol(&session, &page.sealed, TEST_NOW).await, Enrolled::Done { .. }));
    }
}

#[tokio::test]
async fn the_password_alone_never_replaces_a_second_factor() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "olga", Kind::System("ui")).await;
        require(&auth, true).await;
        let (one, other) = (
            operator_session(&auth, "olga", TEST_NOW).await,
            operator_session(&auth, "olga", TEST_NOW).await,
        );
        assert!(matches!(confirm(&auth, &one, TEST_NOW).await, Enrolled::Done { .. }));
        let answer = confirm(&auth, &other, TEST_NOW).await;
        assert!(matches!(answer, Enrolled::SessionGone), "{answer:?}");
        let third = operator_session(&auth, "olga", TEST_NOW).await;
        let answer = confirm(&auth, &third, TEST_NOW).await;
        assert!(matches!(answer, Enrolled::AlreadyThere), "{answer:?}");
        assert_eq!(number(&db.store, "SELECT count(*) FROM second_factors", &[]).await, 1);
    }
}

#[tokio::test]
async fn taking_it_away_is_refused_while_the_role_asks_for_it() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "olga", Kind::System("ui")).await;
        let session = operator_session(&auth, "olga", TEST_NOW).await;
        let Enrolled::Done { session, .. } = confirm(&auth, &session, TEST_NOW).await else {
            panic!("refused")
        };
        let session = auth.find_session(&session.token, Realm::Console, TEST_NOW).await.unwrap().unwrap();
        require(&auth, true).await;
        let answer = auth.remove_second_factor(&session, &origin(), TEST_NOW).await.unwrap();
        assert!(matches!(answer, Removed::Required));
        require(&auth, false).await;
        let answer = auth.remove_second_factor(&session, &origin(), TEST_NOW).await.unwrap();
        assert!(matches!(answer, Removed::Done { .. }));
        assert_eq!(number(&db.store, "SELECT count(*) FROM recovery_codes", &[]).await, 0);
        assert!(is_chosen(&sign_in(&auth, Operators, "olga", CHOSEN, TEST_NOW).await));
    }
}

#[tokio::test]
async fn fresh_recovery_codes_take_the_place_of_the_old_ones() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "olga", Kind::System("ui")).await;
        let session = operator_session(&auth, "olga", TEST_NOW).await;
        assert!(auth.renew_recovery_codes(&session, &origin(), TEST_NOW).await.unwrap().is_none());
        let (_, old) = second_factor(&auth, "olga").await;
        let half = operator_session(&auth, "olga", TEST_NOW).await;
        let fresh = auth.renew_recovery_codes(&half, &origin(), TEST_NOW).await.unwrap().unwrap();
        let use_up = async |code: &Secret| {
            let half = operator_session(&auth, "olga", TEST_NOW).await;
            auth.take_second_step(&half, code, &[], &origin(), TEST_NOW).await.unwrap()
        };
        use crate::second_factor::SecondStep;
        assert!(matches!(use_up(&old[0]).await, SecondStep::Refused));
        assert!(matches!(use_up(&fresh[0]).await, SecondStep::Done { recovery_codes_left: Some(9), .. }));
    }
}

#[tokio::test]
async fn a_shorter_password_is_enough_beside_it_and_has_to_be_changed_without_it() {
    for db in databases().await {
        let auth = auth(&db.store);
        let olga = person(&auth, "olga", Kind::System("ui")).await;
        let choose = async |session: &Session, current: &str, chosen: &str| {
            let (current, chosen) = (secret(current), secret(chosen));
            auth.choose_password(session, Some(&current), &chosen, &origin(), TEST_NOW).await.unwrap()
        };
        let session = operator_session(&auth, "olga", TEST_NOW).await;
        assert!(matches!(choose(&session, CHOSEN, "vR8xqLm2").await, Choice::Unfit(_)), "15 without");
        let Enrolled::Done { session, .. } = confirm(&auth, &session, TEST_NOW).await else {
            panic!("refused")
        };
        let session = auth.find_session(&session.token, Realm::Console, TEST_NOW).await.unwrap().unwrap();
        assert!(matches!(choose(&session, CHOSEN, "vR8xqLm").await, Choice::Unfit(_)), "seven");
        assert!(matches!(choose(&session, CHOSEN, "password").await, Choice::Unfit(_)), "well known");
        let Choice::Done { session } = choose(&session, CHOSEN, "vR8xqLm2").await else { panic!("refused") };
        let session = auth.find_session(&session.token, Realm::Console, TEST_NOW).await.unwrap().unwrap();
        assert!(session.second_factor, "the change keeps what opened the session");
        // Reset by somebody else: the short password opens only the page for a longer one.
        let reset = db
            .store
            .write(move |tx| {
                Box::pin(
                    async move { second_factor::reset(tx, &Acting::command_line(), olga, TEST_NOW).await },
                )
            })
            .await;
        assert!(reset.unwrap());
        let answer = sign_in(&auth, Operators, "olga", "vR8xqLm2", TEST_NOW).await.unwrap();
        assert!(matches!(answer, SignIn::MustChange { via: None, .. }), "{answer:?}");
    }
}

#[tokio::test]
async fn a_reset_ends_sessions_and_takes_a_higher_rank() {
    for db in databases().await {
        let auth = auth(&db.store);
        let olga = person(&auth, "olga", Kind::System("ui")).await;
        second_factor(&auth, "olga").await;
        let reset = async |rank: i64| {
            let acting = Acting::operator(
                domain::id::PersonId(OWNER.0),
                domain::role::Rank::new(rank).unwrap(),
                String::new(),
            );
            db.store
                .write(move |tx| {
                    Box::pin(async move { second_factor::reset(tx, &acting, olga, TEST_NOW).await })
                })
                .await
        };
        assert!(reset(1).await.is_err(), "the same rank");
        assert!(reset(2).await.unwrap());
        assert!(!reset(2).await.unwrap(), "nothing is left");
        assert_eq!(number(&db.store, "SELECT count(*) FROM sessions", &[]).await, 0);
        assert!(is_chosen(&sign_in(&auth, Operators, "olga", CHOSEN, TEST_NOW).await));
    }
}

#[tokio::test]
async fn who_becomes_a_contact_or_is_erased_has_none_any_more() {
    for db in databases().await {
        let auth = auth(&db.store);
        for name in ["olga", "paul"] {
            person(&auth, name, Kind::System("ui")).await;
            second_factor(&auth, name).await;
        }
        let [olga, paul] = [person_id(&auth, "olga").await, person_id(&auth, "paul").await];
        let acting = Acting::command_line();
        let other = acting.clone();
        db.store
            .write(move |tx| {
                Box::pin(async move { store::person::revoke_role(tx, &acting, olga, TEST_NOW).await })
            })
            .await
            .unwrap();
        db.store
            .write(move |tx| Box::pin(async move { store::person::erase(tx, &other, paul, TEST_NOW).await }))
            .await
            .unwrap();
        for table in ["SELECT count(*) FROM second_factors", "SELECT count(*) FROM recovery_codes"] {
            assert_eq!(number(&db.store, table, &[]).await, 0, "{table}");
        }
    }
}

async fn person_id(auth: &Auth, name: &'static str) -> PersonId {
    let found = auth
        .store
        .read(move |tx| Box::pin(async move { store::person::find_by_username(tx, name).await }))
        .await;
    found.unwrap().unwrap().id
}
