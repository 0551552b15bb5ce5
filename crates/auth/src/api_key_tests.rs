use super::*;
use crate::fixture::{DAY, Kind, auth, execute, origin, person, texts};
use domain::role::Permission::{AuditView, KeysEdit, PeopleEdit, PeopleView};
use store::{Refusal, Store, params};
use testkit::{TEST_NOW, databases};

#[test]
fn a_token_has_a_prefix_256_bits_and_a_checksum_that_tells_a_slip() {
    let token = mint().unwrap();
    let text = token.expose();
    assert!(text.starts_with("pp_") && text.len() == 52 && has_shape(text), "{text}");
    assert_ne!(text, mint().unwrap().expose());
    for place in [3, 20, 45, 46, 51] {
        let mut slip = text.as_bytes().to_vec();
        slip[place] = if slip[place] == b'a' { b'b' } else { b'a' };
        assert!(!has_shape(std::str::from_utf8(&slip).unwrap()), "{place}");
    }
    for other in ["", "pp_", "pp_x", &text[..51], &format!("{text}a"), &text.replace("pp_", "qq_")] {
        assert!(!has_shape(other), "{other}");
    }
    assert!(!has_shape(&format!("pp_{}", "é".repeat(25))));
}

const ANYTHING: Maker<'static> = Maker { permissions: None, key: None };

fn draft(owner_id: PersonId, scopes: &[Permission]) -> KeyDraft {
    KeyDraft { name: "Payroll".into(), owner_id, scopes: scopes.to_vec(), expires_at: None }
}

/// A key made at the command line for the API user `robot`, who is a Manager.
async fn robots_key(auth: &Auth, scopes: &[Permission]) -> (ApiKey, Secret) {
    let robot = person(auth, "robot", Kind::System("api")).await;
    auth.create_key(&Acting::command_line(), ANYTHING, draft(robot, scopes), TEST_NOW).await.unwrap()
}

async fn may(auth: &Auth, token: &Secret, now_ms: i64) -> Option<Vec<Permission>> {
    match auth.admit_program(Some(token), Asking::Read, &origin(), now_ms).await.unwrap() {
        Admission::Granted(program) => Some(program.permissions),
        Admission::Refused => None,
        Admission::TooMany { .. } => panic!("too many"),
    }
}

fn refused<T: std::fmt::Debug>(answer: Result<T, KeyError>) -> Refusal {
    match answer {
        Err(KeyError::Change(ChangeError::Refused(refusal))) => refusal,
        other => panic!("{other:?}"),
    }
}

async fn change(store: &Store, sql: &'static str, owner: PersonId) {
    assert_eq!(execute(store, sql, params![owner]).await, 1, "{sql}");
}

#[tokio::test]
async fn a_key_opens_what_it_and_its_owner_may_and_only_its_hash_is_kept() {
    for db in databases().await {
        let auth = auth(&db.store);
        let (key, token) = robots_key(&auth, &[PeopleView, PeopleEdit]).await;
        assert_eq!(key.expires_at, TEST_NOW + 90 * DAY);
        assert_eq!(may(&auth, &token, TEST_NOW).await, Some(vec![PeopleView, PeopleEdit]));
        assert_eq!(may(&auth, &mint().unwrap(), TEST_NOW).await, None);
        for text in texts(&db.store, "SELECT name || hint || scopes FROM api_keys").await {
            assert!(!text.contains(&token.expose()[9..]), "{text}");
        }
        let actions = texts(&db.store, "SELECT action || ' ' || actor FROM audit ORDER BY number").await;
        assert_eq!(actions, ["key.created command line"]);
    }
}

#[tokio::test]
async fn a_key_ends_with_its_time_its_revocation_and_its_owner() {
    for db in databases().await {
        let auth = auth(&db.store);
        let (key, token) = robots_key(&auth, &[PeopleView, PeopleEdit]).await;
        let owner = key.owner_id;
        assert!(may(&auth, &token, key.expires_at - 1).await.is_some());
        assert_eq!(may(&auth, &token, key.expires_at).await, None);
        for (ends, begins) in [
            (
                "UPDATE people SET blocked = TRUE WHERE id = $1",
                "UPDATE people SET blocked = FALSE WHERE id = $1",
            ),
            (
                "UPDATE people SET expires_at = 1 WHERE id = $1",
                "UPDATE people SET expires_at = NULL WHERE id = $1",
            ),
            (
                "UPDATE people SET user_type = 'ui' WHERE id = $1",
                "UPDATE people SET user_type = 'api' WHERE id = $1",
            ),
        ] {
            change(&db.store, ends, owner).await;
            assert_eq!(may(&auth, &token, TEST_NOW).await, None, "{ends}");
            change(&db.store, begins, owner).await;
            assert!(may(&auth, &token, TEST_NOW).await.is_some(), "{begins}");
        }
        let helper = "UPDATE people SET role_id = (SELECT id FROM roles WHERE name = 'Helper') WHERE id = $1";
        change(&db.store, helper, owner).await;
        assert_eq!(may(&auth, &token, TEST_NOW).await, Some(vec![PeopleView]), "a Helper does not edit");
        change(&db.store, "UPDATE people SET role_id = NULL, user_type = NULL WHERE id = $1", owner).await;
        assert_eq!(may(&auth, &token, TEST_NOW).await, None, "a contact");
    }
}

#[tokio::test]
async fn a_key_gives_no_more_than_its_owner_and_its_maker_have() {
    for db in databases().await {
        let auth = auth(&db.store);
        let (key, _) = robots_key(&auth, &[PeopleView]).await;
        let (robot, whole) = (key.owner_id, Acting::command_line());
        let made = auth.create_key(&whole, ANYTHING, draft(robot, &[AuditView]), TEST_NOW).await;
        assert!(refused(made).to_string().contains("owner's role"), "a Manager does not read the audit log");
        let small = Maker { permissions: Some(&[KeysEdit, PeopleView]), key: None };
        let made = auth.create_key(&whole, small, draft(robot, &[PeopleEdit]), TEST_NOW).await;
        assert!(refused(made).to_string().contains("not allowed to you"));
        let made = auth.create_key(&whole, ANYTHING, draft(robot, &[]), TEST_NOW).await;
        assert!(matches!(refused(made), Refusal::Field { field, .. } if field == "scopes"));
        for (expires_at, word) in [(TEST_NOW, "future"), (TEST_NOW + 367 * DAY, "a year")] {
            let asked = KeyDraft { expires_at: Some(expires_at), ..draft(robot, &[PeopleView]) };
            let made = auth.create_key(&whole, ANYTHING, asked, TEST_NOW).await;
            assert!(refused(made).to_string().contains(word));
        }
        let human = person(&auth, "maria", Kind::System("ui")).await;
        let contact = person(&auth, "carl", Kind::Contact).await;
        for owner in [human, contact, PersonId(uuid::Uuid::nil())] {
            let made = auth.create_key(&whole, ANYTHING, draft(owner, &[PeopleView]), TEST_NOW).await;
            assert!(matches!(refused(made), Refusal::Field { field, .. } if field == "owner_id"));
        }
    }
}

#[tokio::test]
async fn nobody_makes_a_key_for_somebody_of_their_own_rank_but_for_themselves() {
    for db in databases().await {
        let auth = auth(&db.store);
        let (key, _) = robots_key(&auth, &[PeopleView]).await;
        let both = person(&auth, "hybrid", Kind::System("hybrid")).await;
        let acting = |rank| Acting::operator(both, Rank::new(rank).unwrap(), String::new());
        let wanted = || draft(key.owner_id, &[PeopleView]);
        for rank in [0, 1] {
            let made = auth.create_key(&acting(rank), ANYTHING, wanted(), TEST_NOW).await;
            assert!(matches!(refused(made), Refusal::Rank), "rank {rank}");
        }
        assert!(auth.create_key(&acting(2), ANYTHING, wanted(), TEST_NOW).await.is_ok());
        assert!(auth.create_key(&acting(1), ANYTHING, draft(both, &[PeopleView]), TEST_NOW).await.is_ok());
    }
}

#[tokio::test]
async fn a_key_made_with_a_key_ends_with_it() {
    for db in databases().await {
        let auth = auth(&db.store);
        execute(&db.store, "UPDATE roles SET permissions = '[\"*\"]' WHERE name = 'Manager'", &[]).await;
        let (key, token) = robots_key(&auth, &[PeopleView, KeysEdit]).await;
        let Admission::Granted(program) =
            auth.admit_program(Some(&token), Asking::Change, &origin(), TEST_NOW).await.unwrap()
        else {
            panic!("the key is good")
        };
        let longer = KeyDraft { expires_at: Some(key.expires_at + 1), ..draft(key.owner_id, &[PeopleView]) };
        let made = auth.create_key(&program.acting(), program.maker(), longer, TEST_NOW).await;
        assert!(refused(made).to_string().contains("no later"));
        let wider = draft(key.owner_id, &[PeopleEdit]);
        assert!(matches!(
            refused(auth.create_key(&program.acting(), program.maker(), wider, TEST_NOW).await),
            Refusal::Field { field, .. } if field == "scopes"
        ));
        let later = TEST_NOW + DAY;
        let asked = draft(key.owner_id, &[PeopleView]);
        let (child, second) =
            auth.create_key(&program.acting(), program.maker(), asked, later).await.unwrap();
        assert_eq!((child.expires_at, child.made_with), (key.expires_at, Some(key.id)));
        let acting = Acting::command_line();
        let revoked: Result<u64, ChangeError> = db
            .store
            .write(move |tx| Box::pin(async move { api_key::revoke(tx, &acting, key.id, later).await }))
            .await;
        assert_eq!(revoked.unwrap(), 2);
        assert_eq!((may(&auth, &token, later).await, may(&auth, &second, later).await), (None, None));
    }
}

#[tokio::test]
async fn what_is_asked_too_often_waits_and_others_do_not() {
    for db in databases().await {
        let auth = auth(&db.store);
        let (_, token) = robots_key(&auth, &[PeopleView]).await;
        for n in 0..61 {
            let answer = auth.admit_program(Some(&token), Asking::Change, &origin(), TEST_NOW).await.unwrap();
            match answer {
                Admission::Granted(_) => assert!(n < 60),
                Admission::TooMany { wait_ms } => assert!(n == 60 && wait_ms == 60_000, "{n} {wait_ms}"),
                Admission::Refused => panic!("{n}"),
            }
        }
        assert!(may(&auth, &token, TEST_NOW).await.is_some(), "reading has a limit of its own");
        let sent = auth.admit_program(Some(&token), Asking::SendEvents, &origin(), TEST_NOW).await.unwrap();
        assert!(matches!(sent, Admission::Granted(_)), "events have a limit of their own");
        let guesser = origin();
        for n in 0..31 {
            let answer =
                auth.admit_program(Some(&mint().unwrap()), Asking::Read, &guesser, TEST_NOW).await.unwrap();
            assert_eq!(matches!(answer, Admission::TooMany { .. }), n == 30, "{n}");
        }
        let good = auth.admit_program(Some(&token), Asking::Read, &guesser, TEST_NOW).await.unwrap();
        assert!(matches!(good, Admission::Granted(_)), "who has a key is not kept out by a neighbour");
    }
}

#[tokio::test]
async fn an_answer_is_opened_only_by_the_request_it_belongs_to() {
    let db = testkit::database::sqlite().await;
    let auth = auth(&db.store);
    let (one, other) = (ApiKeyId(uuid::Uuid::from_u128(1)), ApiKeyId(uuid::Uuid::from_u128(2)));
    let request = auth.repeatable(one, "a", &[b"POST", b"{}"]);
    let sealed = request.seal(b"Ada Lovelace").unwrap();
    assert!(!sealed.windows(3).any(|part| part == b"Ada"));
    assert_eq!(request.open(&sealed).unwrap().as_slice(), b"Ada Lovelace");
    for foreign in [
        auth.repeatable(other, "a", &[b"POST", b"{}"]),
        auth.repeatable(one, "b", &[b"POST", b"{}"]),
        auth.repeatable(one, "a", &[b"POST", b"{ }"]),
    ] {
        assert!(foreign.open(&sealed).is_none());
    }
    let mut spoilt = sealed;
    spoilt[20] ^= 1;
    assert!(request.open(&spoilt).is_none());
    assert!(request.open(b"short").is_none());
}
