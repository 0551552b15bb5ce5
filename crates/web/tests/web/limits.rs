//! Limits that operators see and clear, and account mails that did not arrive.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::house::{HELPER, House, OWNER};
use crate::scene::{contact, operator, send};
use auth::Origin;
use domain::id::{AccountMailId, PersonId};
use flow::Stop;
use serde_json::json;
use store::params;
use testkit::{TEST_NOW, databases};

const PAGE: &str = "/console/limits";

async fn ask(house: &House, name: &str, network: &str) {
    let origin = Origin { network: network.into(), user_agent: String::new() };
    house.state.auth.ask_for_link(name, "en", &origin, (house.state.clock)()).await.unwrap();
}

/// A mail about Ada's account, that ended so.
async fn account_mail(
    house: &House,
    address: &'static str,
    outcome: Option<&'static str>,
    detail: &'static str,
    asked_at: i64,
) -> AccountMailId {
    let id = AccountMailId(auth::random::id(asked_at).unwrap());
    let (due, settled) =
        if outcome.is_none() { (Some(TEST_NOW + 60_000), None) } else { (None, Some(asked_at)) };
    house
        .execute(
            "INSERT INTO account_mails (id, kind, address, network, language, attempts, due_at, outcome, detail,
                requested_at, settled_at) VALUES ($1, 'reset_link', $2, '', '', 3, $3, $4, $5, $6, $7)",
            params![id, address, due, outcome, detail, asked_at, settled],
        )
        .await;
    id
}

#[tokio::test]
async fn a_network_that_is_shut_out_is_looked_up_by_address_and_let_on() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut browser) = operator(&house, "olga", OWNER).await;
        for n in 0..11 {
            ask(&house, "ada", "2001:db8:1:2::/64").await;
            house.pass(if n % 5 == 0 { 1_000 } else { 10 });
        }
        let page = browser.get(&format!("{PAGE}?of=2001:db8:1:2::77")).await;
        for wanted in [
            "Limits of 2001:db8:1:2::/64",
            "10 of 10",
            "Used up",
            "frees itself at 2026-",
            "Clear limits",
            "Mails about accounts that wait or are on their way: 10.",
        ] {
            assert!(page.body.contains(wanted), "{wanted}: {}", page.body);
        }
        let (_, mut helper) = operator(&house, "hal", HELPER).await;
        let path = format!("{PAGE}?of=2001:db8:1:2::77");
        house.execute("UPDATE roles SET permissions = '[\"people.edit\"]' WHERE name = 'Helper'", &[]).await;
        let seen = helper.get(&path).await;
        assert!(seen.status == 200 && seen.body.contains("10 of 10") && !seen.body.contains("Clear limits"));
        for to in ["/console/limits/network", "/console/limits/mailbox"] {
            let refused = send(&mut helper, &path, to, &[("of", "2001:db8:1:2::77")]).await;
            assert_eq!(refused.status, 403, "{to}: networks take another permission");
        }
        let done = send(&mut browser, &path, "/console/limits/network", &[("of", "2001:db8:1:2::77")]).await;
        assert_eq!(done.location(), "/console/limits?of=2001%3Adb8%3A1%3A2%3A%3A77&done=limits-cleared");
        let after = browser.get(done.location()).await;
        assert!(after.body.contains("The limits are cleared.") && after.body.contains("0 of 10"));
        let told =
            "SELECT COUNT(*) FROM audit WHERE action = 'limit.network_cleared' AND detail LIKE '%2001:db8%'";
        assert_eq!(house.count(told).await, 1);
        let again = send(&mut browser, &path, "/console/limits/network", &[("of", "2001:db8:1:2::77")]).await;
        assert!(again.location().ends_with("done=limits-nothing"));
    }
}

#[tokio::test]
async fn what_is_no_network_and_no_address_is_kept_and_told_at_the_field() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut browser) = operator(&house, "olga", OWNER).await;
        assert_eq!(browser.get(PAGE).await.status, 200);
        for typed in ["10.0.0.0/8", "2001:db8::/32", "the school", "ada@"] {
            let encoded = typed.replace('/', "%2F").replace(' ', "%20").replace('@', "%40");
            let page = browser.get(&format!("{PAGE}?of={encoded}")).await;
            assert_eq!(page.status, 422, "{typed}");
            assert!(page.body.contains(&format!("value=\"{typed}\"")), "{}", page.body);
            assert!(
                page.body.contains("aria-invalid=\"true\"") && page.body.contains("This is no IP address")
            );
        }
        let sent = send(&mut browser, PAGE, "/console/limits/mailbox", &[("of", "nobody")]).await;
        assert!(sent.status == 422 && sent.body.contains("value=\"nobody\""), "{}", sent.body);
    }
}

#[tokio::test]
async fn the_page_of_a_person_says_what_holds_it_back_and_one_act_clears_it() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut browser) = operator(&house, "olga", OWNER).await;
        let ada = contact(&house, "ada").await;
        let path = format!("/console/people/{ada}");
        assert!(browser.get(&path).await.body.contains("No limit has counted anything."));
        for network in ["192.0.2.1", "192.0.2.2"] {
            ask(&house, "ada", network).await;
        }
        house
            .execute("UPDATE people SET failed_logins = 4, failed_login_at = 1 WHERE id = $1", params![ada])
            .await;
        assert_eq!(house.state.flow.answer_people_once(&Stop::new()).await.unwrap(), 1);
        let page = browser.get(&path).await;
        for wanted in [
            "Mails with links, within a minute",
            "1 of 1 · frees itself at 2026-",
            "Wrong passwords in a row",
            "4 of 5",
            "Nearly used up",
            "Personal links that work",
            "Asked for a link; none was mailed",
            "Enough mails with links went to this mailbox lately.",
        ] {
            assert!(page.body.contains(wanted), "{wanted}: {}", page.body);
        }
        let act = format!("{path}/act/clear-limits");
        let done = send(&mut browser, &path, &act, &[]).await;
        assert!(done.location().ends_with("done=person-limits-cleared"), "{}", done.location());
        let after = browser.get(&path).await;
        assert!(!after.body.contains("within a minute") && !after.body.contains("4 of 5"));
        assert!(after.body.contains("Limits cleared"), "it stands in the timeline: {}", after.body);
        ask(&house, "ada", "192.0.2.3").await;
        assert_eq!(house.state.flow.answer_people_once(&Stop::new()).await.unwrap(), 1, "and mails go again");
    }
}

#[tokio::test]
async fn case_15_whoever_gets_no_link_is_shown_with_the_reason_in_plain_words() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut browser) = operator(&house, "olga", OWNER).await;
        let cases = [
            (
                "nowhere",
                "UPDATE people SET address = NULL, address_canonical = NULL WHERE username = 'nowhere'",
                "there is no address to mail it to.",
            ),
            ("shut", "UPDATE people SET blocked = TRUE WHERE username = 'shut'", "the person is blocked."),
            (
                "gone",
                "UPDATE people SET undeliverable = '550 5.1.1' WHERE username = 'gone'",
                "mail to the address does not arrive.",
            ),
        ];
        for (name, sql, why) in cases {
            let id: PersonId = contact(&house, name).await;
            house.execute(sql, &[]).await;
            ask(&house, name, name).await;
            assert_eq!(house.state.flow.answer_people_once(&Stop::new()).await.unwrap(), 0, "{name}");
            let page = browser.get(&format!("/console/people/{id}")).await;
            assert!(page.body.contains(&format!("Gets no personal link: {why}")), "{name}: {}", page.body);
            assert!(page.body.contains("Asked for a link, but none may be sent"), "{name}");
            assert_eq!(page.body.matches(&why[1..]).count(), 2, "{name}: also where it says that it asked");
        }
    }
}

#[tokio::test]
async fn account_mails_that_did_not_arrive_are_seen_on_the_overview_and_listed() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut browser) = operator(&house, "olga", OWNER).await;
        let calm = browser.get("/console").await;
        assert!(!calm.body.contains("Mails about accounts since"), "{}", calm.body);
        account_mail(
            &house,
            "ada@example.org",
            Some("given_up"),
            "550 5.7.1 <script> refused",
            TEST_NOW - 60_000,
        )
        .await;
        account_mail(&house, "bob@example.org", None, "no relay can be reached", TEST_NOW - 600_000).await;
        account_mail(&house, "eve@example.org", Some("accepted"), "2.0.0 queued", TEST_NOW - 30_000).await;
        account_mail(&house, "old@example.org", Some("given_up"), "long ago", TEST_NOW - 8 * 86_400_000)
            .await;
        let overview = browser.get("/console").await;
        for wanted in [
            "1 given up, 0 came back, 1 waiting for long",
            "href=\"/console/account-mails\"",
            "550 5.7.1 &#60;script&#62; refused",
        ] {
            assert!(overview.body.contains(wanted), "{wanted}: {}", overview.body);
        }
        let listed = browser.get("/console/account-mails").await;
        for wanted in
            ["ada@example.org", "Given up", "bob@example.org", "No relay can be reached.", "Waiting"]
        {
            assert!(listed.body.contains(wanted), "{wanted}: {}", listed.body);
        }
        assert!(!listed.body.contains("eve@") && !listed.body.contains("old@"), "{}", listed.body);
        let all = browser.get("/console/account-mails?show=all").await;
        assert!(all.body.contains("eve@example.org") && all.body.contains("old@example.org"));
        let waiting = browser.get("/console/account-mails?show=waiting").await;
        assert!(waiting.body.contains("bob@") && !waiting.body.contains("ada@"));
        assert_eq!(browser.get("/console/account-mails?show=x").await.status, 400);
        // What was typed is nobody's to read.
        ask(&house, "typed-by-a-stranger", "192.0.2.9").await;
        let waiting = browser.get("/console/account-mails?show=waiting").await;
        assert!(waiting.body.contains("not looked up yet") && !waiting.body.contains("typed-by"));
        let (_, mut helper) = operator(&house, "hal", HELPER).await;
        house.execute("UPDATE roles SET permissions = '[\"runs.view\"]' WHERE name = 'Helper'", &[]).await;
        assert_eq!(helper.get("/console/account-mails").await.status, 403);
        assert!(!helper.get("/console").await.body.contains("Mails about accounts since"));
    }
}

#[tokio::test]
async fn the_list_of_account_mails_is_read_page_by_page() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut browser) = operator(&house, "olga", OWNER).await;
        for n in 0..120 {
            account_mail(&house, "ada@example.org", Some("accepted"), "queued", TEST_NOW - 1_000 * (n + 1))
                .await;
        }
        let (mut path, mut seen) = ("/console/account-mails?show=all".to_owned(), Vec::new());
        loop {
            let page = browser.get(&path).await;
            seen.push(page.body.matches("<th scope=\"row\">").count());
            let Some((before, _)) = page.body.split_once("\">Older") else { break };
            path = before.rsplit("href=\"").next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
        }
        assert_eq!(seen, [50, 50, 20], "{:?}", db.engine());
    }
}

#[tokio::test]
async fn programs_see_and_clear_limits_and_list_account_mails() {
    for db in databases().await {
        let house = House::new(&db.store);
        let ada = contact(&house, "ada").await;
        let mut program = house.program().await;
        ask(&house, "ada", "192.0.2.7").await;
        house.state.flow.answer_people_once(&Stop::new()).await.unwrap();
        let kinds = |found: &serde_json::Value, kind: &str| {
            let all = found["limits"].as_array().unwrap().clone();
            all.into_iter().find(|one| one["kind"] == kind).unwrap_or_else(|| panic!("{kind}: {found}"))
        };
        let person = format!("/api/v1/people/{ada}/limits");
        let found = program.read(&person).await;
        let apart = kinds(&found, "mailbox_apart");
        assert_eq!((&apart["used"], &apart["level"]), (&json!(1), &json!("full")), "{found}");
        assert_eq!(apart["frees_at"], json!("2026-11-21T09:01:00Z"), "{found}");
        let mailbox = program.read("/api/v1/limits/mailboxes/ADA%40members.example").await;
        assert_eq!(kinds(&mailbox, "mailbox_apart")["used"], 1);
        assert_eq!(program.send("DELETE", &person, None, &[]).await.status, 204);
        assert_eq!(kinds(&program.read(&person).await, "mailbox_apart")["used"], 0);
        let network = "/api/v1/limits/networks/192.0.2.7";
        assert_eq!(kinds(&program.read(network).await, "reset_requests")["used"], 1);
        assert_eq!(program.send("DELETE", network, None, &[]).await.status, 204);
        assert_eq!(kinds(&program.read(network).await, "reset_requests")["used"], 0);
        for wrong in ["/api/v1/limits/networks/school", "/api/v1/limits/mailboxes/ada"] {
            assert_eq!(program.get(wrong).await.status, 404, "{wrong}");
        }
        let lane = program.read("/api/v1/limits").await;
        assert_eq!((&lane["waiting"], &lane["mailing_recent"]), (&json!(0), &json!(false)), "{lane}");
        let mails = program.read("/api/v1/account-mails?limit=1").await;
        assert_eq!(mails["items"][0]["outcome"], "accepted", "{mails}");
    }
}
