//! What the hashing pool promises: distinct passwords, equal cost, a bounded queue.

use super::*;
use crate::fixture::{costs, keys};
use domain::secret::Secret;

fn hasher() -> Hasher {
    Hasher::new(keys(&["k1"]), costs(), 2).unwrap()
}

fn typed(text: &str) -> TypedPassword {
    TypedPassword::new(&Secret::new(text.to_owned())).unwrap()
}

async fn matches(hasher: &Hasher, set: &str, tried: &str) -> bool {
    let stored = hasher.hash(&typed(set), LoginRealm::Contacts).await.unwrap();
    hasher.check(&typed(tried), Some(&stored), LoginRealm::Contacts).await.unwrap().matches
}

#[tokio::test]
async fn only_the_password_itself_matches() {
    let hasher = hasher();
    assert!(matches(&hasher, "correct horse battery", "correct horse battery").await);
    assert!(!matches(&hasher, "correct horse battery", "Correct horse battery").await);
    assert!(!matches(&hasher, "correct horse battery", "correct horse battery ").await);
    assert!(matches(&hasher, "  spaces outside  ", "  spaces outside  ").await);
}

#[tokio::test]
async fn passwords_that_differ_late_or_after_a_nul_are_distinct() {
    let (hasher, start) = (hasher(), "x".repeat(72));
    assert!(!matches(&hasher, &format!("{start}a"), &format!("{start}b")).await);
    assert!(!matches(&hasher, "abc\0def", "abc\0xyz").await);
}

#[tokio::test]
async fn a_password_set_composed_is_accepted_decomposed() {
    assert!(matches(&hasher(), "caf\u{e9} au lait ☕ 1", "cafe\u{301} au lait ☕ 1").await);
}

#[tokio::test]
async fn a_check_costs_the_same_with_a_hash_without_one_and_with_a_cheaper_one() {
    let hasher = hasher();
    let contact = hasher.hash(&typed("a password"), LoginRealm::Contacts).await.unwrap();
    let operator = hasher.hash(&typed("a password"), LoginRealm::Operators).await.unwrap();
    let mut works = Vec::new();
    let gone = contact.replace("keyid=k1", "keyid=k9");
    for (stored, realm) in [
        (None, LoginRealm::Operators),
        (Some(&contact), LoginRealm::Operators),
        (Some(&operator), LoginRealm::Operators),
        (Some(&gone), LoginRealm::Operators),
        (Some(&"rubbish".to_owned()), LoginRealm::Operators),
    ] {
        let before = hasher.done();
        hasher.check(&typed("a password"), stored.map(String::as_str), realm).await.unwrap();
        works.push(hasher.done().work - before.work);
    }
    let due = costs().operators.work();
    assert!(works.iter().all(|work| work.abs_diff(due) <= 3), "{works:?}");
}

#[tokio::test]
async fn a_hash_with_another_cost_or_an_older_key_is_made_again() {
    let old = Hasher::new(keys(&["k1"]), costs(), 1).unwrap();
    let stored = old.hash(&typed("a password"), LoginRealm::Contacts).await.unwrap();
    let checked = |hasher: Hasher, realm| {
        let stored = stored.clone();
        async move { hasher.check(&typed("a password"), Some(&stored), realm).await.unwrap() }
    };
    let fresh = Checked { matches: true, needs_rehash: false };
    let stale = Checked { matches: true, needs_rehash: true };
    assert_eq!(checked(old.clone(), LoginRealm::Contacts).await, fresh);
    assert_eq!(checked(old, LoginRealm::Operators).await, stale);
    let rotated = Hasher::new(keys(&["k1", "k2"]), costs(), 1).unwrap();
    assert_eq!(checked(rotated, LoginRealm::Contacts).await, stale);
    let stranger = Hasher::new(keys(&["k2"]), costs(), 1).unwrap();
    assert!(!checked(stranger, LoginRealm::Contacts).await.matches);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let hasher = Hasher::with_queue(keys(&["k1"]), costs(), 1, 2).unwrap();
    let password = typed("a password");
    let all =
        futures_join((0..12).map(|_| hasher.check(&password, None, LoginRealm::Contacts)).collect()).await;
    let refused = all.iter().filter(|one| matches!(one, Err(AuthError::Overloaded))).count();
    assert_eq!((all.len(), refused), (12, 9), "one runs, two wait");
    assert!(hasher.check(&password, None, LoginRealm::Contacts).await.is_ok(), "the places come back");
}

/// Polls all at the same time, as requests arriving together.
async fn futures_join<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut outputs: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, output) in futures.iter_mut().zip(&mut outputs) {
            if output.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *output = Some(value);
            }
        }
        if outputs.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

#[test]
fn a_pool_below_the_minimum_cost_is_refused() {
    let weak = Costs { contacts: Cost { memory_kib: 1_024, passes: 1, lanes: 1 }, ..Costs::default() };
    assert!(Hasher::new(keys(&["k1"]), weak, 1).is_err());
}

#[test]
fn a_mailed_hash_belongs_to_one_credential_and_one_key() {
    let keys = keys(&["k1", "k2"]);
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let key = keys.current(Purpose::MailedPassword);
    assert_eq!(mailed_hash(&key, one, "secret"), mailed_hash(&key, one, "secret"));
    assert_ne!(mailed_hash(&key, one, "secret"), mailed_hash(&key, two, "secret"));
    let older = keys.by_id(Purpose::MailedPassword, "k1").unwrap();
    assert_ne!(mailed_hash(&key, one, "secret"), mailed_hash(&older, one, "secret"));
}
