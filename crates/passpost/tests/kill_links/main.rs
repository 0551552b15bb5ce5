//! kill -9 while mails with links are claimed, handed over and recorded, and while a link is used: everybody ends with a
//! link that works or with the new password (case 31 of the safety document).

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "the numbers are worth reading with --nocapture")]

mod house;

use house::{FRESH, House, address, username};
use std::time::{Duration, Instant};
use testkit::relay::{Action, Script, ScriptedRelay, Stage};

/// Kills while mails are on their way, one person each.
const MAILING: usize = 12;
/// Kills while a link is used, one person each.
const USING: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_31_killed_between_claim_and_hand_over_on_sqlite_everybody_gets_a_link_that_works() {
    story(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_31_killed_between_claim_and_hand_over_on_postgresql_everybody_gets_a_link_that_works() {
    // Says itself when there is no server.
    if let Some(url) = testkit::database::postgres_url().await {
        story(Some(url)).await;
    }
}

async fn story(url: Option<String>) {
    let engine = if url.is_some() { "PostgreSQL" } else { "SQLite" };
    // So slow that a kill hits every stage: before anything left, within the envelope, stored and not yet recorded.
    let slow = |ms| Action::Wait(Duration::from_millis(ms));
    let script = Script::default().always(Stage::Mail, slow(300)).always(Stage::Content, slow(700));
    let relay = ScriptedRelay::start(script).await;
    let began = Instant::now();
    let mut house = House::furnished(url, relay.port(), MAILING + USING).await;
    eprintln!("{engine}: LINKS_SEED={}", house.seed);
    let mut claimed = 0;
    for person in 1..=MAILING {
        claimed += usize::from(kill_while_mailing(&mut house, person).await);
    }
    eprintln!(
        "{engine}: {MAILING} kills in {:.1} s, {claimed} with a mail in hand",
        began.elapsed().as_secs_f32()
    );
    assert!(
        claimed >= MAILING / 3,
        "{claimed} kills hit a mail between claim and record: seed {}",
        house.seed
    );
    house.start();
    for person in MAILING + 1..=MAILING + USING {
        house.ask(person);
    }
    // On PostgreSQL a mail of a dead process waits until that was silent for 45 seconds.
    house.wait_until_settled(Duration::from_secs(90)).await;
    for person in 1..=MAILING {
        let links = house.links(&relay, person);
        assert!(!links.is_empty(), "{} got no mail: seed {}", username(person), house.seed);
        let newest = links.last().expect("there is one");
        assert!(
            house.choose(newest, person).is_some_and(|status| status == 303),
            "{newest}: seed {}",
            house.seed
        );
        for other in &links {
            assert!(house.open(other).is_none(), "every other link is void");
        }
        assert!(house.signs_in(person), "{}", username(person));
    }
    let mut changed = 0;
    for person in MAILING + 1..=MAILING + USING {
        let link = house.links(&relay, person).pop().expect("was mailed");
        changed += usize::from(kill_while_using(&mut house, person, &link));
    }
    eprintln!(
        "{engine}: {USING} kills while a link was used, {changed} after the change; {:.1} s",
        began.elapsed().as_secs_f32()
    );
    house.stop();
    house.program.run("audit verify").ok().prints("in order");
}

/// Asks for a link and kills; gives whether the mail was in the hands of the process that died.
async fn kill_while_mailing(house: &mut House, person: usize) -> bool {
    house.start();
    house.ask(person);
    if person.is_multiple_of(2) {
        house.wait_until_claimed().await;
        house.pause(250);
    } else {
        house.pause(1_300);
    }
    house.kill();
    house.count("SELECT count(*) FROM account_mails WHERE node IS NOT NULL").await > 0
}

/// Sends a new password and kills; afterwards the password is set or the link still works. Gives whether it was set.
fn kill_while_using(house: &mut House, person: usize, link: &str) -> bool {
    let sent = house.choose_apart(link, person);
    house.pause(140);
    house.kill();
    // What came back, if anything did, decides nothing.
    let _ = sent.join();
    house.start();
    let works = house.open(link).is_some();
    if works {
        assert!(!house.signs_in(person), "{}: the link is not used, so nothing changed", username(person));
        assert_eq!(house.choose(link, person), Some(303), "{}: seed {}", username(person), house.seed);
    }
    assert!(house.signs_in(person), "{} is locked out: {} {}", username(person), address(person), FRESH);
    !works
}
