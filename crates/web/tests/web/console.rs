//! The console: the first Owner, signing in, watching runs.

use crate::house::{Browser, CHOSEN, FRESH, HELPER, House, OWNER};
use domain::id::{PersonId, RecipientId, RunId};
use store::params;
use testkit::{TEST_NOW, databases};
use uuid::Uuid;

const RUN: Uuid = Uuid::from_u128(0x7000_8000_0000_0000_0000_0000_0000_0001);

/// Run 1: five people, one accepted, one refused, one left out, one deferred, one waiting; paused.
async fn run(house: &House, owner: PersonId) {
    house
        .execute(
            "INSERT INTO runs (id, number, trigger, automation_id, selection_id, name, job, filter, started_by, owner_id,
                 shaped_by, state, cause, cursor_id, last_id, total, left_out, accepted, deferred, refused, unknown,
                 cancelled, watch_accepted, watch_refused, refused_in_a_row, created_at, started_at, finished_at)
             VALUES ($1, 1, 'operator', NULL, NULL, 'Spring <term>', '{\"kind\":\"send-new-password\"}',
                 'groups.name eq \"staff\"', $2, $2, '[]', 'paused', 'The relay refused the login (535).', 0, 0, 5, 1, 1, 1, 1, 0, 0, 0, 0, 0, $3, $3, NULL)",
            params![RunId(RUN), owner, TEST_NOW],
        )
        .await;
    let states = [
        ("accepted", None),
        ("refused", Some("permanent")),
        ("left_out", Some("api_user")),
        ("deferred", None),
        ("planned", None),
    ];
    for (place, (state, reason)) in (1_u32..).zip(states) {
        house
            .execute(
                "INSERT INTO recipients (id, person_id, state, reason, attempts, tries_left, due_at, lease_id, settled_at)
                 VALUES ($1, $2, $3, $4, 1, 1, NULL, NULL, NULL)",
                params![RecipientId::new(1, place), owner, state, reason],
            )
            .await;
    }
    house
        .execute(
            "INSERT INTO deliveries (recipient_id, attempt, relay, message_id, outcome, code, enhanced, reply, recorded_at)
             VALUES ($1, 1, 'relay', 'm', 'refused', 550, '5.1.1', 'No such user', $2)",
            params![RecipientId::new(1, 2), TEST_NOW],
        )
        .await;
}

async fn operator(house: &House, name: &str, role: Uuid) -> (PersonId, Browser) {
    let id = house.operator(name, role).await;
    let mut browser = house.browser();
    let answer = browser.sign_in("/console/login", name, CHOSEN).await;
    assert_eq!(answer.location(), "/console");
    (id, browser)
}

#[tokio::test]
async fn the_first_owner_is_made_behind_a_link_that_leaves_the_address_bar_and_works_once() {
    for db in databases().await {
        let house = House::new(&db.store);
        let token = house.state.auth.offer_ownership(TEST_NOW).await.unwrap().unwrap();
        let link = format!("/console/setup/{}", token.expose());
        let mut browser = house.browser();
        for _ in 0..20 {
            assert_eq!(
                house.browser().get(&link).await.location(),
                "/console/setup",
                "looking uses nothing up"
            );
        }
        assert_eq!(browser.get(&link).await.location(), "/console/setup");
        let page = browser.get("/console/setup").await;
        assert_eq!(page.status, 200);
        assert!(!page.body.contains(token.expose()));
        assert_eq!(page.header("referrer-policy"), "same-origin");
        let form = page.token();
        let fields = |address: &'static str, password: &'static str| {
            [
                ("csrf", form.clone()),
                ("given_name", "Olga".into()),
                ("family_name", "Owner".into()),
                ("address", address.into()),
                ("username", String::new()),
                ("password", password.into()),
                ("confirmation", password.into()),
            ]
        };
        for (address, password, wanted) in
            [("nonsense", FRESH, 422), ("olga@example.org", "short", 422), ("olga@example.org", FRESH, 303)]
        {
            let fields = fields(address, password);
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = browser.post("/console/setup", &fields).await;
            assert_eq!(answer.status, wanted, "{address} {password}: {}", answer.body);
            assert!(wanted == 303 || answer.body.contains("value=\"Olga\""), "what was typed is still there");
        }
        assert_eq!(house.browser().get(&link).await.status, 404);
        assert_eq!(browser.get("/console/setup").await.status, 404);
        assert_eq!(browser.sign_in("/console/login", "olga@example.org", FRESH).await.location(), "/console");
        assert!(browser.get("/console").await.body.contains("Olga Owner"));
    }
}

#[tokio::test]
async fn the_two_ways_in_are_apart() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        house.operator("olga", OWNER).await;
        assert_eq!(house.browser().sign_in("/console/login", "ada", CHOSEN).await.status, 403);
        assert_eq!(house.browser().sign_in("/login", "olga", CHOSEN).await.status, 403);
        let mut contact = house.browser();
        contact.sign_in("/login", "ada", CHOSEN).await;
        contact.cookies.insert("__Host-op".into(), contact.cookies["__Host-pc"].clone());
        assert_eq!(contact.get("/console").await.location(), "/console/login");
    }
}

#[tokio::test]
async fn an_empty_console_teaches_and_a_full_one_lists_runs() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut browser) = operator(&house, "olga", OWNER).await;
        let empty = browser.get("/console").await;
        assert!(empty.body.contains("No run yet.") && empty.body.contains("Nothing is scheduled."));
        run(&house, olga).await;
        let full = browser.get("/console").await;
        assert!(full.body.contains("Spring &#60;term&#62;") && full.body.contains("Paused"), "{}", full.body);
        assert_eq!(browser.get("/console?before=x").await.status, 400, "a page takes what it knows");
    }
}

#[tokio::test]
async fn the_page_of_a_run_says_who_was_left_out_what_failed_and_why() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut browser) = operator(&house, "olga", OWNER).await;
        run(&house, olga).await;
        let page = browser.get(&format!("/console/runs/{RUN}")).await;
        for wanted in [
            "The relay refused the login (535).",
            "API user: a program, not a person",
            "550 5.1.1 No such user",
            "Ada Lovelace, by hand",
            "groups.name eq &#34;staff&#34;",
            "olga@example.org",
            "<span data-live=\"percent\">50</span>",
        ] {
            assert!(page.body.contains(wanted), "{wanted}: {}", page.body);
        }
        let refused = browser.get(&format!("/console/runs/{RUN}?state=refused")).await;
        assert_eq!(refused.body.matches("<td class=\"number hint\">").count(), 1);
        let rest = browser.get(&format!("/console/runs/{RUN}?after=3")).await;
        assert_eq!(rest.body.matches("<td class=\"number hint\">").count(), 2);
        for (path, status) in [("?state=nonsense", 400), ("?after=x", 400), ("?other=1", 400)] {
            assert_eq!(browser.get(&format!("/console/runs/{RUN}{path}")).await.status, status, "{path}");
        }
        for unknown in ["x", "00000000-0000-7000-8000-000000000009"] {
            assert_eq!(browser.get(&format!("/console/runs/{unknown}")).await.status, 404, "{unknown}");
        }
    }
}

#[tokio::test]
async fn a_role_without_the_permission_sees_no_runs_and_no_names() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, _) = operator(&house, "olga", OWNER).await;
        run(&house, olga).await;
        let (_, mut helper) = operator(&house, "hal", HELPER).await;
        let path = format!("/console/runs/{RUN}");
        assert!(helper.get(&path).await.body.contains("olga@example.org"));
        house.execute("UPDATE roles SET permissions = '[\"runs.view\"]' WHERE name = 'Helper'", &[]).await;
        let page = helper.get(&path).await;
        assert!(
            page.status == 200 && !page.body.contains("olga@example.org") && page.body.contains("hidden")
        );
        house.execute("UPDATE roles SET permissions = '[]' WHERE name = 'Helper'", &[]).await;
        assert_eq!(helper.get(&path).await.status, 403);
        assert_eq!(helper.get(&format!("{path}/events")).await.status, 403);
        let start = helper.get("/console").await;
        assert!(start.status == 200 && !start.body.contains("Spring"));
        house.execute("UPDATE people SET blocked = TRUE WHERE username = 'hal'", &[]).await;
        assert_eq!(helper.get("/console").await.location(), "/console/login");
    }
}
