//! Stories of the first Owner, on both databases.

use super::*;
use crate::fixture::{CHOSEN, Kind, auth, is_chosen, number, origin, person, secret, sign_in};
use crate::hashing::LoginRealm::Operators;
use testkit::{TEST_NOW, databases};

fn claim<'a>(username: &'a str, password: &'a Secret) -> Claim<'a> {
    Claim {
        username,
        address: Address::parse("owner@example.org").unwrap(),
        given_name: "Olga",
        family_name: "Owner",
        language: None,
        password,
    }
}

async fn take(auth: &Auth, token: &Secret, username: &str, password: &str, now_ms: i64) -> Claimed {
    let password = secret(password);
    auth.claim_ownership(token, claim(username, &password), &origin(), now_ms).await.unwrap()
}

#[tokio::test]
async fn the_link_makes_one_owner_who_can_sign_in_and_then_it_is_used_up() {
    for db in databases().await {
        let auth = auth(&db.store);
        let token = auth.offer_ownership(TEST_NOW).await.unwrap().unwrap();
        for _ in 0..30 {
            assert!(auth.is_ownership_offered(&token, &origin(), TEST_NOW).await.unwrap(), "looking is free");
        }
        assert!(matches!(take(&auth, &token, "", CHOSEN, TEST_NOW).await, Claimed::Done(_)));
        assert!(is_chosen(&sign_in(&auth, Operators, "owner@example.org", CHOSEN, TEST_NOW).await));
        assert_eq!(take(&auth, &token, "second", CHOSEN, TEST_NOW).await, Claimed::LinkGone);
        assert!(!auth.is_ownership_offered(&token, &origin(), TEST_NOW).await.unwrap());
        assert!(auth.offer_ownership(TEST_NOW).await.unwrap().is_none(), "there is an Owner");
    }
}

#[tokio::test]
async fn parallel_claims_of_one_link_or_of_two_have_one_winner() {
    for db in databases().await {
        let auth = auth(&db.store);
        let tokens = [
            auth.offer_ownership(TEST_NOW).await.unwrap().unwrap(),
            auth.offer_ownership(TEST_NOW).await.unwrap().unwrap(),
        ];
        let tasks: Vec<_> = (0..10_usize)
            .map(|n| {
                let (auth, token) = (auth.clone(), tokens[n % 2].clone());
                tokio::spawn(async move { take(&auth, &token, &format!("owner{n}"), CHOSEN, TEST_NOW).await })
            })
            .collect();
        let mut won = 0;
        for task in tasks {
            won += usize::from(matches!(task.await.unwrap(), Claimed::Done(_)));
        }
        assert_eq!(won, 1, "{:?}", db.engine());
        assert_eq!(number(&db.store, "SELECT count(*) FROM people", &[]).await, 1);
    }
}

#[tokio::test]
async fn the_link_works_for_an_hour() {
    for db in databases().await {
        let auth = auth(&db.store);
        let token = auth.offer_ownership(TEST_NOW).await.unwrap().unwrap();
        assert!(auth.is_ownership_offered(&token, &origin(), TEST_NOW + LINK_LIFE_MS - 1).await.unwrap());
        let late = take(&auth, &token, "owner", CHOSEN, TEST_NOW + LINK_LIFE_MS).await;
        assert_eq!(late, Claimed::LinkGone);
    }
}

#[tokio::test]
async fn a_mistake_leaves_the_link_as_it_was() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "taken", Kind::Contact).await;
        let token = auth.offer_ownership(TEST_NOW).await.unwrap().unwrap();
        assert!(matches!(take(&auth, &token, "owner", "short", TEST_NOW).await, Claimed::Unfit(_)));
        assert!(matches!(
            take(&auth, &token, "owner", "owner@example.org", TEST_NOW).await,
            Claimed::Unfit(_)
        ));
        assert!(matches!(take(&auth, &token, "two words", CHOSEN, TEST_NOW).await, Claimed::BadUsername(_)));
        assert!(matches!(take(&auth, &token, "Taken", CHOSEN, TEST_NOW).await, Claimed::BadUsername(_)));
        assert!(matches!(take(&auth, &token, "owner", CHOSEN, TEST_NOW).await, Claimed::Done(_)));
    }
}

#[tokio::test]
async fn a_network_that_tries_tokens_is_stopped_after_ten() {
    for db in databases().await {
        let (auth, here) = (auth(&db.store), origin());
        let token = auth.offer_ownership(TEST_NOW).await.unwrap().unwrap();
        for n in 0..10 {
            let guess = Secret::new(format!("{n:043}"));
            assert!(!auth.is_ownership_offered(&guess, &here, TEST_NOW).await.unwrap());
        }
        assert!(!auth.is_ownership_offered(&token, &here, TEST_NOW).await.unwrap());
        assert!(auth.is_ownership_offered(&token, &here, TEST_NOW + 60_000).await.unwrap());
        assert!(
            auth.is_ownership_offered(&token, &origin(), TEST_NOW).await.unwrap(),
            "others are not stopped"
        );
    }
}
