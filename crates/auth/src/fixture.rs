//! A small installation for the tests of this crate: keys, quick hashing, people in a database.

use crate::enrolment::{Enrolled, Enrolment};
use crate::hashing::{Costs, Hasher, LoginRealm, mailed_hash};
use crate::keys::{Keys, Purpose};
use crate::limits::LoginLimits;
use crate::login::{Attempt, SignIn, Verified};
use crate::password_hash::Cost;
use crate::password_rules::PasswordRules;
use crate::session::{NewSession, Session};
use crate::totp::{TotpSecret, step_of};
use crate::typed::TypedPassword;
use crate::{Auth, AuthError, Origin};
use base64::Engine as _;
use domain::id::{CredentialId, PersonId};
use domain::secret::Secret;
use std::sync::atomic::{AtomicU32, Ordering};
use store::{Store, StoreError, Value, params};
use testkit::TEST_NOW;
use uuid::Uuid;

/// A password that keeps the rules.
pub(crate) const CHOSEN: &str = "oyster lantern gravel plum";
/// A password such as runs mail them.
pub(crate) const MAILED: &str = "hK7mQ2vXw9RzT4bNcJ6p";

/// One day in milliseconds.
pub(crate) const DAY: i64 = 24 * 60 * 60_000;

/// Keys with these ids, always the same ones.
pub(crate) fn keys(ids: &[&str]) -> Keys {
    let line = |id: &&str| {
        let seed = id.bytes().map(usize::from).sum::<usize>();
        let bytes: [u8; 32] = std::array::from_fn(|i| (seed * 31 + i * 7) as u8);
        format!("{id}:{}", base64::prelude::BASE64_STANDARD.encode(bytes))
    };
    Keys::parse(&ids.iter().map(line).collect::<Vec<_>>().join("\n")).unwrap()
}

/// As cheap as the rules allow, and different in the two realms.
pub(crate) fn costs() -> Costs {
    Costs { contacts: Cost::CONTACTS, operators: Cost { passes: 3, ..Cost::CONTACTS } }
}

pub(crate) fn auth_with(store: &Store, ids: &[&str]) -> Auth {
    let hasher = Hasher::new(keys(ids), costs(), 4).unwrap();
    Auth::new(store.clone(), keys(ids), hasher, PasswordRules::default(), LoginLimits::default())
}

pub(crate) fn auth(store: &Store) -> Auth {
    auth_with(store, &["k1"])
}

/// A network nobody else in this process comes from.
pub(crate) fn origin() -> Origin {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    Origin { network: format!("198.51.{}.{}", n / 256 % 256, n % 256), user_agent: "a browser".into() }
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

pub(crate) async fn execute(store: &Store, sql: &'static str, values: &[Value]) -> u64 {
    let values = values.to_vec();
    store.write(move |tx| Box::pin(async move { tx.execute(sql, &values).await })).await.unwrap()
}

pub(crate) async fn number(store: &Store, sql: &'static str, values: &[Value]) -> i64 {
    let values = values.to_vec();
    let read: Result<i64, StoreError> = store
        .read(move |tx| {
            Box::pin(async move {
                let mut row = tx.find(sql, &values).await?.unwrap();
                Ok(row.take::<Option<i64>>(0)?.unwrap_or(-1))
            })
        })
        .await;
    read.unwrap()
}

/// Every text in these columns of a table, to search them for what must not be there.
pub(crate) async fn texts(store: &Store, sql: &'static str) -> Vec<String> {
    let read: Result<Vec<String>, StoreError> = store
        .read(move |tx| {
            Box::pin(
                async move { tx.query(sql, &[]).await?.into_iter().map(|mut row| row.take(0)).collect() },
            )
        })
        .await;
    read.unwrap()
}

/// What a person in the tests is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Contact,
    /// With this user type and the role Manager.
    System(&'static str),
}

/// Puts a person with the password [`CHOSEN`] into the database.
pub(crate) async fn person(auth: &Auth, username: &'static str, kind: Kind) -> PersonId {
    let id = PersonId(id_of(username));
    let typed = TypedPassword::new(&secret(CHOSEN)).unwrap();
    let (realm, role, user_type) = match kind {
        Kind::Contact => (LoginRealm::Contacts, None, None),
        Kind::System(user_type) => {
            (LoginRealm::Operators, Some(Uuid::from_u128(0x7000_8000_0000_0000_0001)), Some(user_type))
        }
    };
    let hash = auth.hasher.hash(&typed, realm).await.unwrap();
    let inserted = execute(
        &auth.store,
        "INSERT INTO people (id, username, address, address_canonical, given_name, family_name, display_name,
                             blocked, verified, created_at, updated_at, role_id, user_type, password_hash,
                             password_set, password_changed_at, must_change, failed_logins)
         VALUES ($1, $2, $3, $3, 'Test', 'Person', '', FALSE, TRUE, 0, 0, $4, $5, $6, 'chosen', 0, FALSE, 0)",
        params![id, username, format!("{username}@example.org"), role, user_type, hash],
    )
    .await;
    assert_eq!(inserted, 1);
    id
}

/// An id that a name always gives.
fn id_of(name: &str) -> Uuid {
    let step = |sum: u128, byte: u8| sum.wrapping_mul(1_099_511_628_211).wrapping_add(byte.into());
    Uuid::from_u128(name.bytes().fold(7, step))
}

/// Puts a mailed password into the database.
pub(crate) async fn mailed(
    auth: &Auth,
    person_id: PersonId,
    id: u128,
    password: &str,
    state: &str,
) -> CredentialId {
    let key = auth.keys.current(Purpose::MailedPassword);
    let hash = mailed_hash(&key, Uuid::from_u128(id), password);
    execute(
        &auth.store,
        "INSERT INTO credentials (person_id, id, recipient_id, kind, scheme, key_id, hash, state, minted_at, expires_at)
         VALUES ($1, $2, 1, 'mailed_password', 'hmac-sha256', $3, $4, $5, $6, $7)",
        params![person_id, Uuid::from_u128(id), key.id(), hash, state, TEST_NOW, TEST_NOW + DAY],
    )
    .await;
    CredentialId(Uuid::from_u128(id))
}

/// Signs in from a network of its own.
pub(crate) async fn sign_in(
    auth: &Auth,
    realm: LoginRealm,
    username: &str,
    password: &str,
    now_ms: i64,
) -> Result<SignIn, AuthError> {
    sign_in_from(auth, &origin(), realm, username, password, now_ms).await
}

pub(crate) async fn sign_in_from(
    auth: &Auth,
    origin: &Origin,
    realm: LoginRealm,
    username: &str,
    password: &str,
    now_ms: i64,
) -> Result<SignIn, AuthError> {
    let password = secret(password);
    let attempt = Attempt { realm, username, password: &password, origin, presented: &[] };
    auth.sign_in(&attempt, now_ms).await
}

pub(crate) async fn verify(auth: &Auth, username: &str, password: &str, now_ms: i64) -> Verified {
    let (password, origin) = (secret(password), origin());
    let attempt = Attempt {
        realm: LoginRealm::Contacts,
        username,
        password: &password,
        origin: &origin,
        presented: &[],
    };
    auth.verify(&attempt, now_ms).await.unwrap()
}

/// A live session of a sign-in to the console, whatever it opens.
pub(crate) async fn operator_session(auth: &Auth, name: &str, now_ms: i64) -> Session {
    let given = session_of(sign_in(auth, LoginRealm::Operators, name, CHOSEN, now_ms).await.unwrap());
    auth.find_session(&given.token, given.realm, now_ms).await.unwrap().unwrap()
}

/// The secret a page for setting a second factor up shows.
pub(crate) fn shown_secret(enrolment: &Enrolment) -> TotpSecret {
    let (mut bits, mut bytes, mut held) = (0_u64, Vec::new(), 0);
    for letter in enrolment.text.expose().bytes().filter(|byte| *byte != b' ') {
        let digit = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == letter).unwrap();
        (bits, held) = (bits << 5 | digit as u64, held + 5);
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    TotpSecret::parse(&bytes).unwrap()
}

/// Sets a second factor up in the console, with the code of a step long before, so that the present one is unused.
pub(crate) async fn second_factor(auth: &Auth, name: &str) -> (TotpSecret, Vec<Secret>) {
    let before = TEST_NOW - 10 * 60_000;
    let session = operator_session(auth, name, before).await;
    let page = auth.begin_enrolment(session.person_id, "Harbour School", name, before).unwrap();
    let shown = shown_secret(&page);
    let code = secret(&shown.code(step_of(before)));
    match auth.enrol(&session, &page.sealed, &code, &origin(), before).await.unwrap() {
        Enrolled::Done { recovery_codes, .. } => (shown, recovery_codes),
        other => panic!("{other:?}"),
    }
}

/// The session a sign-in gave.
pub(crate) fn session_of(answer: SignIn) -> NewSession {
    match answer {
        SignIn::Chosen { session, .. }
        | SignIn::MustChange { session, .. }
        | SignIn::SecondFactor { session, .. } => session,
        SignIn::Refused => panic!("refused"),
    }
}

pub(crate) fn is_refused(answer: &Result<SignIn, AuthError>) -> bool {
    matches!(answer, Ok(SignIn::Refused))
}

pub(crate) fn is_chosen(answer: &Result<SignIn, AuthError>) -> bool {
    matches!(answer, Ok(SignIn::Chosen { .. }))
}

pub(crate) fn is_must_change(answer: &Result<SignIn, AuthError>) -> bool {
    matches!(answer, Ok(SignIn::MustChange { .. }))
}
