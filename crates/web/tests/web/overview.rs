//! The overview: first steps, what needs somebody, the chart, the kill switch.

use crate::house::{HELPER, House, OWNER};
use crate::scene::{contact, operator, run, send};
use domain::id::AutomationId;
use store::params;
use testkit::{TEST_NOW, databases};
use uuid::Uuid;

async fn automation(house: &House, owner: domain::id::PersonId) -> AutomationId {
    let id = AutomationId(Uuid::from_u128(0x7000_8000_0000_0000_0000_0000_0000_00aa));
    house
        .execute(
            "INSERT INTO automations (id, number, name, description, job, owner_id, editor_id, reminder_to, status, archived,
                next_at, runs_count, errors_count, last_error, last_error_at, created_at, updated_at)
             VALUES ($1, 1, 'Yearly <renewal>', '', '{\"kind\":\"send-new-password\"}', $2, $2, '[]', 'active_scheduled', FALSE,
                $3, 0, 1, 'the selection is archived', $4, 0, 0)",
            params![id, owner, TEST_NOW + 3_600_000, TEST_NOW - 1_000],
        )
        .await;
    id
}

#[tokio::test]
async fn an_empty_house_shows_the_first_steps_and_ticks_what_is_done() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut browser) = operator(&house, "olga", OWNER).await;
        let empty = browser.get("/console").await;
        assert!(
            empty.body.contains("First steps") && empty.body.contains("Import people</a>"),
            "{}",
            empty.body
        );
        contact(&house, "ada").await;
        let begun = browser.get("/console").await;
        assert!(begun.body.contains("Import people <span class=\"unseen\">(done)</span>"), "{}", begun.body);
        house
            .execute(
                "INSERT INTO selections (id, name, description, filter, time_zone, author_id, editors, published, archived,
                    created_at, updated_at) VALUES ($1, 'All', '', '', 'UTC', $1, '[]', TRUE, FALSE, 0, 0)",
                params![olga],
            )
            .await;
        automation(&house, olga).await;
        run(&house, olga, 1, "finished", &[]).await;
        assert!(!browser.get("/console").await.body.contains("First steps"), "all of them are done");
        let (_, mut helper) = operator(&house, "hal", HELPER).await;
        house.execute("DELETE FROM runs", &[]).await;
        assert!(
            !helper.get("/console").await.body.contains("First steps"),
            "they are not for who only looks"
        );
    }
}

#[tokio::test]
async fn the_overview_says_what_needs_somebody_and_where_to_act() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut browser) = operator(&house, "olga", OWNER).await;
        let id = run(&house, olga, 1, "paused", &[("planned", None)]).await;
        house.execute("UPDATE runs SET cause = 'The relay refused the login (535).'", &[]).await;
        let automation = automation(&house, olga).await;
        house
            .execute(
                "INSERT INTO occurrences (automation_id, occurrence, planned_at, outcome, detail, recorded_at)
                 VALUES ($1, 'k', $2, 'missed', '', $2)",
                params![automation, TEST_NOW - 60_000],
            )
            .await;
        house
            .execute(
                "INSERT INTO notices (id, person_id, kind, about, attempts, outcome, created_at, settled_at, tried_before)
                 VALUES ($1, $1, 'run_failed', '{}', 9, 'given_up', $2, $2, 0)",
                params![olga, TEST_NOW - 60_000],
            )
            .await;
        let page = browser.get("/console").await;
        for wanted in [
            "Run 1 of “Spring term” is paused.",
            "The relay refused the login (535).",
            &format!("href=\"/console/runs/{id}\">Open the run"),
            "“Yearly &#60;renewal&#62;” could not run.",
            "the selection is archived",
            &format!("href=\"/console/automations/{automation}\""),
            "missed or skipped 1 planned times",
            "No process sends",
            "No process looks at schedules",
            "1 notices to operators reached nobody.",
            "There is no second Owner",
            "2026-11-2",
        ] {
            assert!(page.body.contains(wanted), "{wanted}: {}", page.body);
        }
        house.operator("otto", OWNER).await;
        house
            .execute(
                "INSERT INTO nodes (id, roles, listen, started_at, seen_at) VALUES ('n', 'web,worker,scheduler', '', $1, $1)",
                params![TEST_NOW],
            )
            .await;
        // A run after the error: it is history.
        house.execute("UPDATE runs SET automation_id = $1, state = 'finished'", params![automation]).await;
        house.execute("DELETE FROM occurrences", &[]).await;
        house.execute("DELETE FROM notices", &[]).await;
        let calm = browser.get("/console").await;
        assert!(!calm.body.contains("class=\"notice"), "{}", calm.body);
        let (_, mut helper) = operator(&house, "hal", HELPER).await;
        house.execute("UPDATE roles SET permissions = '[]' WHERE name = 'Helper'", &[]).await;
        let bare = helper.get("/console").await;
        assert!(bare.status == 200 && !bare.body.contains("Spring") && !bare.body.contains("Yearly"));
    }
}

#[tokio::test]
async fn the_chart_shows_thirty_days_as_bars_and_as_a_table() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut browser) = operator(&house, "olga", OWNER).await;
        assert!(!browser.get("/console").await.body.contains("Deliveries of 30 days"), "there were none");
        let hour = TEST_NOW - TEST_NOW.rem_euclid(3_600_000);
        for (at, number, accepted, failed) in [
            (hour, 1_i64, 40_i64, 2_i64),
            (hour, 2, 2, 0),
            (hour - 86_400_000, 1, 1_000, 0),
            (hour - 40 * 86_400_000, 1, 5, 5),
        ] {
            house
                .execute(
                    "INSERT INTO delivery_hours (hour_at, run_number, accepted, failed) VALUES ($1, $2, $3, $4)",
                    params![at, number, accepted, failed],
                )
                .await;
        }
        let page = browser.get("/console").await;
        assert!(page.body.contains("1,042 accepted, 2 failed."), "{}", page.body);
        assert_eq!(page.body.matches("<rect class=\"accepted\"").count(), 2);
        assert!(page.body.contains("<td class=\"number\">1,000</td><td class=\"number\">0</td>"));
        let (_, mut helper) = operator(&house, "hal", HELPER).await;
        house.execute("UPDATE roles SET permissions = '[]' WHERE name = 'Helper'", &[]).await;
        assert!(!helper.get("/console").await.body.contains("1,042"));
    }
}

#[tokio::test]
async fn the_kill_switch_asks_why_and_is_only_for_who_may() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut browser) = operator(&house, "olga", OWNER).await;
        let page = "/console/sending";
        let bare = send(&mut browser, page, "/console/sending/stop", &[("why", " ")]).await;
        assert!(bare.status == 422 && bare.body.contains("Say why"), "{}", bare.body);
        let done = send(&mut browser, page, "/console/sending/stop", &[("why", "a breach?")]).await;
        assert_eq!(done.location(), "/console?done=sending-stopped");
        let stopped = browser.get("/console").await;
        assert!(stopped.body.contains("All sending is stopped.") && stopped.body.contains("a breach?"));
        let (_, mut helper) = operator(&house, "hal", HELPER).await;
        let seen = helper.get("/console").await;
        assert!(seen.body.contains("a breach?") && !seen.body.contains("href=\"/console/sending\""));
        assert_eq!(helper.get(page).await.status, 403);
        assert_eq!(helper.post("/console/sending/start", &[]).await.status, 403);
        assert!(browser.get(page).await.body.contains("Start sending again?"));
        let started = send(&mut browser, page, "/console/sending/start", &[]).await;
        assert_eq!(started.location(), "/console?done=sending-started");
        assert!(!browser.get("/console").await.body.contains("a breach?"));
    }
}
