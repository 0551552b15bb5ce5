//! Runs with people in them, put into the database as a worker would have left them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::house::{Answer, Browser, CHOSEN, House};
use domain::id::{PersonId, RecipientId, RunId};
use store::params;
use testkit::TEST_NOW;
use uuid::Uuid;

/// An operator who has signed in.
pub(crate) async fn operator(house: &House, name: &str, role: Uuid) -> (PersonId, Browser) {
    let id = house.operator(name, role).await;
    let mut browser = house.browser();
    let answer = browser.sign_in("/console/login", name, CHOSEN).await;
    assert_eq!(answer.location(), "/console");
    (id, browser)
}

/// A contact without a password.
pub(crate) async fn contact(house: &House, name: &str) -> PersonId {
    let id = PersonId(auth::random::id(TEST_NOW).unwrap());
    house
        .execute(
            "INSERT INTO people (id, username, address, address_canonical, given_name, family_name, display_name,
                blocked, verified, created_at, updated_at, must_change, failed_logins)
             VALUES ($1, $2, $3, $3, 'Mia', $2, '', FALSE, TRUE, 0, 0, FALSE, 0)",
            params![id, name, format!("{name}@members.example")],
        )
        .await;
    id
}

/// The id of the run with a number.
pub(crate) fn run_id(number: i64) -> RunId {
    RunId(Uuid::from_u128(0x7000_8000_0000_0000_0000_0000_0000_0000 + u128::try_from(number).unwrap()))
}

/// A run in a state; each of its recipients is a contact `m1`, `m2`, … of this run in a state for a reason.
pub(crate) async fn run(
    house: &House,
    owner: PersonId,
    number: i64,
    state: &'static str,
    recipients: &[(&'static str, Option<&'static str>)],
) -> RunId {
    let id = run_id(number);
    let count = |which: &str| recipients.iter().filter(|(state, _)| *state == which).count() as i64;
    house
        .execute(
            "INSERT INTO runs (id, number, trigger, automation_id, selection_id, name, job, filter, started_by, owner_id,
                shaped_by, state, cause, cursor_id, last_id, total, left_out, accepted, deferred, refused, unknown,
                cancelled, watch_accepted, watch_refused, refused_in_a_row, created_at, started_at, finished_at)
             VALUES ($1, $2, 'operator', NULL, NULL, 'Spring term', '{\"kind\":\"send-new-password\"}', '', $3, $3,
                '[]', $4, NULL, 0, $5, $6, $7, $8, $9, $10, $11, 0, 0, 0, 0, $12, $12, NULL)",
            params![
                id,
                number,
                owner,
                state,
                RecipientId::new(number, recipients.len() as u32),
                recipients.len() as i64,
                count("left_out"),
                count("accepted") + count("bounced"),
                count("deferred"),
                count("refused"),
                count("unknown"),
                TEST_NOW
            ],
        )
        .await;
    for (place, (state, reason)) in (1_u32..).zip(recipients) {
        let person = contact(house, &format!("m{number}-{place}")).await;
        let due = (*state == "deferred").then_some(TEST_NOW + 60_000);
        house
            .execute(
                "INSERT INTO recipients (id, person_id, state, reason, attempts, tries_left, due_at, settled_at)
                 VALUES ($1, $2, $3, $4, 1, 11, $5, $6)",
                params![RecipientId::new(number, place), person, *state, *reason, due, TEST_NOW],
            )
            .await;
    }
    id
}

/// Sends a form of the page with the page's own token.
pub(crate) async fn send(browser: &mut Browser, page: &str, to: &str, fields: &[(&str, &str)]) -> Answer {
    let token = browser.get(page).await.token();
    let fields: Vec<(&str, &str)> =
        std::iter::once(("csrf", token.as_str())).chain(fields.iter().copied()).collect();
    browser.post(to, &fields).await
}
