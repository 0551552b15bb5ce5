//! Stories of personal links, on both databases.

use super::*;
use crate::fixture::{
    CHOSEN, DAY, Kind, MAILED, auth, auth_with, execute, is_chosen, is_refused, keys, mailed, number, origin,
    person, second_factor, secret, session_of, sign_in, texts,
};
use crate::hashing::LoginRealm::{Contacts, Operators};
use crate::login::SignIn;
use crate::session::Realm;
use domain::account_mail::{LINK_LIFE_MS, MOST_LIVE_LINKS};
use std::collections::HashSet;
use store::person::SystemRole;
use store::reset_link::{NewLink, Sent};
use store::{Acting, Engine, Store, params};
use testkit::{TEST_NOW, databases};

const FRESH: &str = "seven purple trains whistle";
const AUDITED: &str = "SELECT count(*) FROM audit WHERE action = 'reset.unknown_link'";

/// A link that was mailed and accepted, minted at this moment.
async fn link_at(auth: &Auth, person_id: PersonId, minted_at: i64) -> (Secret, AccountMailId) {
    let minted = mint(&auth.keys).unwrap();
    let mail_id = AccountMailId(random::id(minted_at).unwrap());
    let link = NewLink { person_id, mail_id, token_hash: minted.hash };
    auth.store
        .write(move |tx| {
            Box::pin(async move {
                let until = minted_at + LINK_LIFE_MS;
                reset_link::insert(tx, &link, &minted.key_id, MOST_LIVE_LINKS, minted_at, until).await?;
                reset_link::settle(tx, mail_id, Sent::Accepted).await
            })
        })
        .await
        .unwrap();
    (minted.token, mail_id)
}

async fn link(auth: &Auth, person_id: PersonId) -> Secret {
    link_at(auth, person_id, TEST_NOW).await.0
}

async fn is_open(auth: &Auth, token: &Secret) -> bool {
    auth.find_link(token, &origin(), TEST_NOW).await.unwrap().is_some()
}

async fn reset(auth: &Auth, token: &Secret, chosen: &str) -> Reset {
    auth.reset_password(token, &secret(chosen), &origin(), TEST_NOW).await.unwrap()
}

async fn ask(auth: &Auth, name: &str, origin: &Origin, now_ms: i64) -> AskedFor {
    auth.ask_for_link(name, "en", origin, now_ms).await.unwrap()
}

#[tokio::test]
async fn asking_looks_nobody_up_so_a_known_and_an_unknown_name_cost_the_same() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "ada", Kind::Contact).await;
        // Whatever asked for a person now would fail.
        execute(&db.store, "ALTER TABLE people RENAME TO hidden", &[]).await;
        for name in ["ada", "Ada@Example.org", "nobody", "", "a,b@example.org"] {
            assert_eq!(ask(&auth, name, &origin(), TEST_NOW).await, AskedFor::Taken, "{name}");
        }
        let rows = texts(&db.store, "SELECT asked FROM account_mails ORDER BY asked").await;
        assert_eq!(rows, ["", "a,b@example.org", "ada", "ada@example.org", "nobody"]);
        let alike = "SELECT count(*) FROM account_mails WHERE address IS NULL AND person_id IS NULL
                     AND attempts = 0 AND due_at = requested_at AND outcome IS NULL AND detail IS NULL";
        assert_eq!(number(&db.store, alike, &[]).await, 5);
        assert_eq!(number(&db.store, "SELECT count(*) FROM audit", &[]).await, 0);
    }
}

#[tokio::test]
async fn what_cannot_be_a_name_is_not_kept() {
    for db in databases().await {
        let auth = auth(&db.store);
        for name in ["x".repeat(255).as_str(), "ada\0", "ada\r\nBcc: x@example.org"] {
            assert_eq!(ask(&auth, name, &origin(), TEST_NOW).await, AskedFor::Taken);
        }
        assert_eq!(texts(&db.store, "SELECT asked FROM account_mails").await, ["", "", ""]);
    }
}

#[tokio::test]
async fn asking_is_limited_for_each_network_alike_for_known_and_unknown() {
    for db in databases().await {
        let auth = auth(&db.store);
        person(&auth, "ada", Kind::Contact).await;
        for name in ["ada", "nobody"] {
            let origin = origin();
            for n in 0..10 {
                assert_eq!(
                    ask(&auth, name, &origin, TEST_NOW + n * 1_000).await,
                    AskedFor::Taken,
                    "{name} {n}"
                );
            }
            let wait_ms = 10 * 60_000 - 10_000;
            let answer = ask(&auth, name, &origin, TEST_NOW + 10_000).await;
            assert_eq!(answer, AskedFor::TooMany { wait_ms }, "{name}");
            assert_eq!(ask(&auth, name, &origin, TEST_NOW + 10 * 60_000).await, AskedFor::Taken);
        }
        assert_eq!(number(&db.store, "SELECT count(*) FROM account_mails", &[]).await, 22);
    }
}

#[tokio::test]
async fn asking_is_limited_in_total_and_who_waits_for_the_others_has_not_asked_yet() {
    for db in databases().await {
        let auth = auth(&db.store);
        for _ in 0..20 {
            assert_eq!(ask(&auth, "nobody", &origin(), TEST_NOW).await, AskedFor::Taken);
        }
        let one = origin();
        for _ in 0..30 {
            assert_eq!(ask(&auth, "ada", &one, TEST_NOW).await, AskedFor::TooMany { wait_ms: 1_000 });
        }
        assert_eq!(ask(&auth, "ada", &one, TEST_NOW + 1_000).await, AskedFor::Taken);
    }
}

#[test]
fn a_thousand_tokens_have_256_bits_each_and_nothing_in_common() {
    let keys = keys(&["k1"]);
    let minted: Vec<Minted> = (0..1_000).map(|_| mint(&keys).unwrap()).collect();
    let decoded: Vec<Vec<u8>> =
        minted.iter().map(|one| BASE64_URL_SAFE_NO_PAD.decode(one.token.expose()).unwrap()).collect();
    assert!(decoded.iter().all(|bytes| bytes.len() == 32));
    assert_eq!(decoded.iter().collect::<HashSet<_>>().len(), 1_000);
    assert_eq!(minted.iter().map(|one| one.hash).collect::<HashSet<_>>().len(), 1_000);
    for bit in 0..256 {
        let ones = decoded.iter().filter(|bytes| bytes[bit / 8] >> (bit % 8) & 1 == 1).count();
        // Ten standard deviations of a fair coin are 158.
        assert!((342..=658).contains(&ones), "bit {bit} is set {ones} times");
    }
}

#[tokio::test]
async fn looking_at_a_link_two_hundred_times_uses_nothing_up_and_writes_nothing() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        let token = link(&auth, ada).await;
        let scanner = origin();
        for _ in 0..200 {
            let open = auth.find_link(&token, &scanner, TEST_NOW).await.unwrap().unwrap();
            assert_eq!((open.username.as_str(), open.second_factor), ("ada", false));
            assert_eq!(open.expires_at, TEST_NOW + LINK_LIFE_MS);
        }
        let written = "SELECT (SELECT count(*) FROM audit) + (SELECT count(*) FROM rates)";
        assert_eq!(number(&db.store, written, &[]).await, 0);
        assert_eq!(reset(&auth, &token, FRESH).await, Reset::Done);
        assert!(is_chosen(&sign_in(&auth, Contacts, "ada", FRESH, TEST_NOW).await));
        assert!(is_refused(&sign_in(&auth, Contacts, "ada", CHOSEN, TEST_NOW).await));
    }
}

#[tokio::test]
async fn a_link_works_at_29_59_and_not_at_30_01() {
    for db in databases().await {
        let auth = auth(&db.store);
        let at = |minutes: i64, seconds: i64| TEST_NOW + minutes * 60_000 + seconds * 1_000;
        for (name, open, submit, expected) in [
            ("ada", at(29, 50), at(29, 59), Reset::Done),
            ("bob", at(29, 59), at(30, 1), Reset::Gone),
            ("eve", at(29, 50), at(30, 10), Reset::Gone),
            ("joe", at(29, 50), at(30, 0), Reset::Gone),
        ] {
            let who = person(&auth, name, Kind::Contact).await;
            let token = link(&auth, who).await;
            assert!(auth.find_link(&token, &origin(), open).await.unwrap().is_some(), "{name}");
            let answer = auth.reset_password(&token, &secret(FRESH), &origin(), submit).await.unwrap();
            assert_eq!(answer, expected, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_parallel_submissions_over_two_nodes_one_wins_and_its_password_works() {
    for db in databases().await {
        let first = auth(&db.store);
        let second = auth(&Store::open(&db.location).await.unwrap());
        let ada = person(&first, "ada", Kind::Contact).await;
        // Two live links of one account, submitted at once, and a mailed password beside them.
        mailed(&first, ada, 1, MAILED, "active").await;
        let tokens = [link(&first, ada).await, link(&first, ada).await];
        let tasks: Vec<_> = (0..50_usize)
            .map(|n| {
                let auth = if n % 2 == 0 { first.clone() } else { second.clone() };
                let token = tokens[n / 2 % 2].clone();
                tokio::spawn(async move {
                    let chosen = format!("{FRESH} number {n}");
                    // Fifty hashes at once are more than the queue takes; whoever is sent away tries again.
                    loop {
                        match auth.reset_password(&token, &secret(&chosen), &origin(), TEST_NOW).await {
                            Ok(answer) => return (answer, chosen),
                            Err(AuthError::Overloaded) => tokio::task::yield_now().await,
                            Err(error) => panic!("{error}"),
                        }
                    }
                })
            })
            .collect();
        let mut winners = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                (Reset::Done, chosen) => winners.push(chosen),
                (answer, _) => assert_eq!(answer, Reset::Gone),
            }
        }
        assert_eq!(winners.len(), 1, "{:?}", db.engine());
        let notices = "SELECT count(*) FROM account_mails WHERE kind = 'password_changed'
                       AND address = 'ada@example.org' AND outcome IS NULL";
        assert_eq!(number(&db.store, notices, &[]).await, 1);
        let audited = "SELECT count(*) FROM audit WHERE action = 'password.reset'";
        assert_eq!(number(&db.store, audited, &[]).await, 1);
        assert!(is_chosen(&sign_in(&first, Contacts, "ada", &winners[0], TEST_NOW).await));
        for dead in [CHOSEN, MAILED] {
            assert!(is_refused(&sign_in(&first, Contacts, "ada", dead, TEST_NOW).await));
        }
    }
}

#[tokio::test]
async fn a_used_link_is_refused_and_its_siblings_die_with_it() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        let bob = person(&auth, "bob", Kind::Contact).await;
        let (used, sibling, his) = (link(&auth, ada).await, link(&auth, ada).await, link(&auth, bob).await);
        assert_eq!(reset(&auth, &used, FRESH).await, Reset::Done);
        assert_eq!(reset(&auth, &used, "another fine long one").await, Reset::Gone);
        assert_eq!(reset(&auth, &sibling, "another fine long one").await, Reset::Gone);
        assert!(is_open(&auth, &his).await, "of another account");
        assert!(is_chosen(&sign_in(&auth, Contacts, "ada", FRESH, TEST_NOW).await));
        assert_eq!(number(&db.store, AUDITED, &[]).await, 0, "an old link is no guess");
    }
}

#[tokio::test]
async fn a_password_changed_in_another_way_kills_links() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        let by_form = link(&auth, ada).await;
        let session = session_of(sign_in(&auth, Contacts, "ada", CHOSEN, TEST_NOW).await.unwrap());
        let session = auth.find_session(&session.token, Realm::Preferences, TEST_NOW).await.unwrap().unwrap();
        assert!(is_open(&auth, &by_form).await, "signing in changes nothing");
        auth.choose_password(&session, Some(&secret(CHOSEN)), &secret(FRESH), &origin(), TEST_NOW)
            .await
            .unwrap();
        assert!(!is_open(&auth, &by_form).await);

        let redeemed = link(&auth, ada).await;
        mailed(&auth, ada, 1, MAILED, "active").await;
        assert!(matches!(
            sign_in(&auth, Contacts, "ada", MAILED, TEST_NOW).await,
            Ok(SignIn::MustChange { .. })
        ));
        assert_eq!(reset(&auth, &redeemed, "another fine long one").await, Reset::Gone);
    }
}

#[tokio::test]
async fn every_session_ends_with_a_reset_and_nobody_is_signed_in() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        let bob = person(&auth, "bob", Kind::Contact).await;
        for name in ["ada", "ada", "bob"] {
            sign_in(&auth, Contacts, name, CHOSEN, TEST_NOW).await.unwrap();
        }
        assert_eq!(reset(&auth, &link(&auth, ada).await, FRESH).await, Reset::Done);
        let left = "SELECT count(*) FROM sessions WHERE person_id = $1";
        assert_eq!(number(&db.store, left, params![ada]).await, 0);
        assert_eq!(number(&db.store, left, params![bob]).await, 1);
    }
}

#[tokio::test]
async fn tokens_of_other_purposes_are_refused_and_audited() {
    for db in databases().await {
        let auth = auth(&db.store);
        let offered = auth.offer_ownership(TEST_NOW).await.unwrap().unwrap();
        let ada = person(&auth, "ada", Kind::Contact).await;
        let (mine, mail) = link_at(&auth, ada, TEST_NOW).await;
        let session = session_of(sign_in(&auth, Contacts, "ada", CHOSEN, TEST_NOW).await.unwrap()).token;
        let others = [
            session,
            offered,
            secret(&report_tag(&auth.keys, mail)),
            secret(MAILED),
            secret("pp_0123456789abcdefghijklmnopqrstuvwxyz"),
            secret(""),
            secret(&"A".repeat(43)),
        ];
        for (place, other) in (1..).zip(&others) {
            assert_eq!(reset(&auth, other, FRESH).await, Reset::Gone);
            assert_eq!(number(&db.store, AUDITED, &[]).await, place);
        }
        assert!(auth.read_report(mine.expose()).is_none(), "and the reverse");
        let console = auth.find_session(&mine, Realm::Preferences, TEST_NOW).await.unwrap();
        assert!(console.is_none() && !auth.is_ownership_offered(&mine, &origin(), TEST_NOW).await.unwrap());
        assert!(is_open(&auth, &mine).await);
    }
}

#[tokio::test]
async fn bad_tokens_are_written_down_ten_times_a_minute_and_shut_nobody_out() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        let (old, good) = (link_at(&auth, ada, TEST_NOW - DAY).await.0, link(&auth, ada).await);
        let school = origin();
        let look = async |token: &Secret, now_ms: i64| auth.find_link(token, &school, now_ms).await.unwrap();
        for _ in 0..20 {
            assert!(look(&old, TEST_NOW).await.is_none() && look(&good, TEST_NOW).await.is_some());
        }
        for n in 1..=30 {
            assert!(look(&random::token().unwrap(), TEST_NOW).await.is_none());
            assert_eq!(number(&db.store, AUDITED, &[]).await, n.min(10));
        }
        assert!(look(&good, TEST_NOW).await.is_some(), "whatever somebody else in the network tries");
        look(&random::token().unwrap(), TEST_NOW + 60_000).await;
        assert_eq!(number(&db.store, AUDITED, &[]).await, 11);
        assert_eq!(number(&db.store, "SELECT max(failed_logins) FROM people", &[]).await, 0);
        assert_eq!(number(&db.store, "SELECT count(*) FROM account_mails", &[]).await, 0, "nobody is told");
    }
}

#[tokio::test]
async fn an_account_that_is_blocked_erased_expired_demoted_or_moved_meanwhile_is_refused() {
    for db in databases().await {
        let auth = auth(&db.store);
        let acting = Acting::command_line();
        for (place, name) in
            ["block", "erase", "expire", "demote", "promote", "type", "revoke"].iter().enumerate()
        {
            let kind = if *name == "promote" { Kind::Contact } else { Kind::System("ui") };
            let who = person(&auth, name, kind).await;
            let token = link(&auth, who).await;
            assert!(is_open(&auth, &token).await, "{name}");
            let (acting, now) = (acting.clone(), TEST_NOW);
            let role_id = store::person::OWNER;
            let role = SystemRole { role_id, user_type: domain::role::UserType::Ui, expires_at: None };
            db.store
                .write(move |tx| {
                    Box::pin(async move {
                        match place {
                            0 => store::person::block(tx, &acting, who, now).await.map(|_| ()),
                            1 => store::person::erase(tx, &acting, who, now).await,
                            2 => store::person::set_expiry(tx, &acting, who, Some(now - 1), now).await,
                            3 => store::person::revoke_role(tx, &acting, who, now).await.map(|_| ()),
                            4 => store::person::grant_role(tx, &acting, who, role, now).await,
                            5 => {
                                let api = domain::role::UserType::Api;
                                store::person::set_user_type(tx, &acting, who, api, now).await
                            }
                            _ => store::person::revoke_outstanding(tx, &acting, who, now).await.map(|_| ()),
                        }
                    })
                })
                .await
                .unwrap_or_else(|error| panic!("{name}: {error:?}"));
            assert_eq!(reset(&auth, &token, FRESH).await, Reset::Gone, "{name}");
            // And not again when it is undone.
            execute(
                &db.store,
                "UPDATE people SET blocked = FALSE, expires_at = NULL WHERE id = $1",
                params![who],
            )
            .await;
            assert!(!is_open(&auth, &token).await, "{name}");
        }
        let moved = person(&auth, "moved", Kind::Contact).await;
        let token = link(&auth, moved).await;
        execute(&db.store, "UPDATE people SET address = 'new@example.org' WHERE id = $1", params![moved])
            .await;
        assert_eq!(reset(&auth, &token, FRESH).await, Reset::Gone, "it lies in the old mailbox");
    }
}

#[tokio::test]
async fn somebody_blocked_behind_everybodys_back_is_refused_at_the_last_moment() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        let token = link(&auth, ada).await;
        execute(&db.store, "UPDATE people SET blocked = TRUE", &[]).await;
        assert_eq!(reset(&auth, &token, FRESH).await, Reset::Gone);
        assert_eq!(number(&db.store, AUDITED, &[]).await, 0);
    }
}

#[tokio::test]
async fn an_account_with_a_second_factor_keeps_it_and_is_asked_for_it() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::System("ui")).await;
        second_factor(&auth, "ada").await;
        let token = link(&auth, ada).await;
        let open = auth.find_link(&token, &origin(), TEST_NOW).await.unwrap().unwrap();
        assert!(open.second_factor);
        assert_eq!(reset(&auth, &token, FRESH).await, Reset::Done);
        assert_eq!(number(&db.store, "SELECT count(*) FROM sessions", &[]).await, 0);
        assert_eq!(number(&db.store, "SELECT count(*) FROM second_factors", &[]).await, 1);
        let answer = sign_in(&auth, Operators, "ada", FRESH, TEST_NOW).await.unwrap();
        assert!(matches!(answer, SignIn::SecondFactor { .. }), "{answer:?}");
    }
}

#[tokio::test]
async fn an_unfit_password_leaves_the_link_alive_and_says_why_twenty_times() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        mailed(&auth, ada, 1, MAILED, "used").await;
        let token = link(&auth, ada).await;
        let unfit = ["short", "ada@example.org", MAILED, &"x".repeat(300), "passpostpasspost"];
        let codes = ["too_short", "own_name", "not_new", "too_long", "service_name"];
        for n in 0..20 {
            let answer = reset(&auth, &token, unfit[n % 5]).await;
            let Reset::Unfit(problems) = answer else { panic!("{n}: {answer:?}") };
            assert_eq!(problems[0].code(), codes[n % 5]);
        }
        assert_eq!(reset(&auth, &token, "short").await, Reset::TooMany);
        assert!(is_open(&auth, &token).await, "it is not used up");
        let sibling = link(&auth, ada).await;
        assert!(matches!(reset(&auth, &sibling, "short").await, Reset::Unfit(_)), "each link counts its own");
        assert_eq!(reset(&auth, &token, FRESH).await, Reset::Done);
    }
}

#[tokio::test]
async fn whoever_did_not_ask_makes_the_links_of_a_mail_void_and_operators_see_it_once() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        let ((token, mail), (other, _)) =
            (link_at(&auth, ada, TEST_NOW).await, link_at(&auth, ada, TEST_NOW).await);
        let tag = report_tag(&auth.keys, mail);
        assert_eq!((tag.len(), auth.read_report(&tag)), (43, Some(mail)));
        assert!(is_open(&auth, &token).await, "reading the tag does nothing");
        for _ in 0..5 {
            auth.report_not_me(mail, &origin(), TEST_NOW).await.unwrap();
        }
        assert!(!is_open(&auth, &token).await && is_open(&auth, &other).await);
        let audited = "SELECT count(*) FROM audit WHERE action = 'reset.not_me'";
        assert_eq!(number(&db.store, audited, &[]).await, 1);
        assert!(is_chosen(&sign_in(&auth, Contacts, "ada", CHOSEN, TEST_NOW).await), "nothing else happens");
        let mut forged = tag.clone();
        forged.replace_range(30..31, if &tag[30..31] == "A" { "B" } else { "A" });
        for bad in [forged.as_str(), "", "x", &tag[..42], &"A".repeat(43), &format!("{tag}A")] {
            assert_eq!(auth.read_report(bad), None, "{bad}");
        }
    }
}

#[tokio::test]
async fn a_link_and_a_tag_of_the_key_before_the_newest_still_work() {
    for db in databases().await {
        let before = auth_with(&db.store, &["k1"]);
        let ada = person(&before, "ada", Kind::Contact).await;
        let (token, mail) = link_at(&before, ada, TEST_NOW).await;
        let tag = report_tag(&before.keys, mail);
        let rotated = auth_with(&db.store, &["k1", "k2"]);
        assert_eq!(rotated.read_report(&tag), Some(mail));
        assert_eq!(reset(&rotated, &token, FRESH).await, Reset::Done);

        let fresh = link(&rotated, ada).await;
        assert!(!is_open(&before, &fresh).await && is_open(&rotated, &fresh).await);
        let alone = auth_with(&db.store, &["k2"]);
        assert_eq!(alone.read_report(&tag), None, "its key was taken away");
    }
}

#[tokio::test]
async fn only_hashes_of_links_are_kept() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        let token = link(&auth, ada).await;
        reset(&auth, &token, "short").await;
        // The scan wants something to read.
        for _ in 0..6 {
            let school = origin();
            for _ in 0..10 {
                auth.find_link(&random::token().unwrap(), &school, TEST_NOW).await.unwrap();
            }
        }
        reset(&auth, &token, FRESH).await;
        let written = match db.engine() {
            Engine::Sqlite => testkit::canary::read_folder(db.folder.path()),
            Engine::Postgres => testkit::canary::dump(&db.store).await,
        };
        let secrets = [token.expose().to_owned(), FRESH.to_owned()];
        assert!(testkit::canary::Canaries::of(&secrets).find(&written).is_none(), "{:?}", db.engine());
    }
}
