//! The audit log and the settings page: told in words, found, verified, saved.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::house::{Browser, HELPER, House, OWNER};
use crate::scene::{contact, operator, run, send};
use serde_json::json;
use store::audit::{Entry, append};
use store::{Acting, StoreError, params};
use testkit::{TEST_NOW, databases};

async fn note(house: &House, entry: Entry) {
    let written = house.state.store.write::<_, StoreError, _>(move |tx| Box::pin(append(tx, entry)));
    written.await.unwrap();
}

/// The same entries by who, what, whom and when: whether those of the run and of the person are among what is found.
async fn filters(browser: &mut Browser, id: &str) {
    let day = |ms: i64| jiff::Timestamp::from_millisecond(ms).unwrap().to_string()[..10].to_owned();
    let (today, tomorrow) = (day(TEST_NOW), day(TEST_NOW + 86_400_000));
    for (filter, started, blocked) in [
        ("who=olga", true, false),
        ("who=olga%40example.org", true, false),
        ("who=command+line", false, true),
        ("who=nobody", false, false),
        ("action=run.", true, false),
        ("action=person.blocked", false, true),
        ("subject=run+7", true, false),
        ("subject=mira", false, true),
        (&format!("subject={id}"), true, false),
        (&format!("from={tomorrow}"), false, true),
        (&format!("until={today}"), true, false),
        (&format!("who=olga&from={tomorrow}"), false, false),
    ] {
        let found = browser.get(&format!("/console/audit?{filter}")).await;
        assert_eq!(found.status, 200, "{filter}");
        assert_eq!(found.body.contains("Run begun"), started, "{filter}: {}", found.body);
        assert_eq!(found.body.contains(">Blocked"), blocked, "{filter}: {}", found.body);
    }
    assert!(
        browser.get("/console/audit?who=nobody").await.body.contains("There is nobody of this user name")
    );
    assert!(browser.get("/console/audit?from=soon").await.body.contains("Days are written as in"));
}

#[tokio::test]
async fn each_entry_is_told_in_words_and_found_by_who_what_whom_and_when() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut browser) = operator(&house, "olga", OWNER).await;
        let mira = contact(&house, "mira").await;
        let id = run(&house, olga, 7, "finished", &[]).await;
        let detail = json!({ "number": 7, "total": 5000, "left_out": 3, "approved_by": null });
        note(
            &house,
            Entry::new("run.started", "run", id, detail, TEST_NOW)
                .by(olga, "operator")
                .from_network("198.51.100.0/24"),
        )
        .await;
        note(
            &house,
            Acting::command_line().entry("person.blocked", "person", mira, json!({}), TEST_NOW + 86_400_000),
        )
        .await;
        note(&house, Entry::new("thing.unheard_of", "thing", "x", json!({ "odd_name": true }), TEST_NOW))
            .await;
        let page = browser.get("/console/audit").await;
        for wanted in [
            "Run begun",
            &format!("href=\"/console/runs/{id}\">Spring term"),
            "people: 5,000",
            "left out: 3",
            "198.51.100.0/24",
            "the command line",
            &format!("href=\"/console/people/{mira}\">Mia mira"),
            "thing.unheard_of",
            "odd name: Yes",
        ] {
            assert!(page.body.contains(wanted), "{wanted}: {}", page.body);
        }
        assert!(!page.body.contains("approved by"), "what is empty is not told");
        filters(&mut browser, &id.to_string()).await;
        // Names belong to who may see people.
        let (_, mut helper) = operator(&house, "hal", HELPER).await;
        assert_eq!(helper.get("/console/audit").await.status, 403);
        house.execute("UPDATE roles SET permissions = '[\"audit.view\"]' WHERE name = 'Helper'", &[]).await;
        let bare = helper.get("/console/audit").await;
        assert!(
            bare.status == 200 && !bare.body.contains("Mia mira") && bare.body.contains("hidden"),
            "{}",
            bare.body
        );
    }
}

#[tokio::test]
async fn the_log_is_paged_both_ways_and_saved_whole() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut browser) = operator(&house, "olga", OWNER).await;
        for n in 0..120 {
            note(&house, Entry::new("group.created", "group", format!("=g{n}"), json!({}), TEST_NOW + n))
                .await;
        }
        let rows = |body: &str| body.matches("<td class=\"number hint\">").count();
        let first = browser.get("/console/audit?action=group.created").await;
        assert_eq!(rows(&first.body), 50);
        let (_, link) = first.body.split_once("<a href=\"/console/audit?before=").unwrap();
        let before: i64 = link.split('&').next().unwrap().parse().unwrap();
        let second = browser.get(&format!("/console/audit?before={before}&action=group.created")).await;
        assert!(rows(&second.body) == 50 && second.body.contains("Newer entries"));
        let back = browser.get(&format!("/console/audit?after={}&action=group.created", before - 1)).await;
        assert!(rows(&back.body) == 50 && back.body.contains("=g119"), "{}", back.body);
        let file = browser.get("/console/audit.csv?action=group.created").await;
        assert_eq!(file.body.lines().count(), 121);
        assert!(file.body.contains(",'=g119,"), "{:?}", file.body.lines().nth(1));
        let whole = browser.get("/console/audit.csv").await;
        assert!(whole.body.contains("login.succeeded") && whole.body.lines().count() > 121);
    }
}

#[tokio::test]
async fn the_chain_is_verified_and_a_changed_entry_is_found() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut browser) = operator(&house, "olga", OWNER).await;
        for n in 0..2_300 {
            note(&house, Entry::new("group.created", "group", n, json!({}), TEST_NOW)).await;
        }
        let done = send(&mut browser, "/console/audit", "/console/audit/verify", &[]).await;
        assert_eq!(done.location(), "/console/audit");
        let page = loop {
            let page = browser.get("/console/audit").await;
            if !page.body.contains("Verifying:") {
                break page;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        };
        assert!(
            page.body.contains("entries are in order") && page.body.contains("class=\"mono\""),
            "{}",
            page.body
        );
        house.execute("UPDATE audit SET detail = '{\"n\":1}' WHERE number = $1", params![1_700_i64]).await;
        send(&mut browser, "/console/audit", "/console/audit/verify", &[]).await;
        let page = browser.get("/console/audit").await;
        assert!(page.body.contains("Entry 1,700 does not fit"), "{}", page.body);
    }
}

#[tokio::test]
async fn the_settings_page_shows_what_is_in_force_and_no_secret() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut browser) = operator(&house, "olga", OWNER).await;
        let page = browser.get("/console/settings").await;
        for wanted in [
            "/etc/passpost/passpost.toml",
            "postgres://pp:********@db/pp",
            "PASSPOST_DATABASE__URL",
            "PASSPOST_LIMITS__CONFIRM_ABOVE",
            "Above so many people the number must be typed",
            "the mailbox inside the program",
            "Add a second Owner",
        ] {
            assert!(page.body.contains(wanted), "{wanted}: {}", page.body);
        }
        let (_, mut helper) = operator(&house, "hal", HELPER).await;
        assert_eq!(helper.get("/console/settings").await.status, 403);
    }
}
