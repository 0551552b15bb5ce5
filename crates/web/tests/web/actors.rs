//! What the audit log says of operators in the browser: who it was, as what, and from which network; and what of
//! what they were refused it keeps.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::automation_starts::digest_of;
use crate::automations::{JOB, SCHEDULE, contacts};
use crate::automations::{make, send as post};
use crate::event_automations;
use crate::house::{Browser, CHOSEN, HELPER, House, OWNER};
use crate::mailings;
use crate::people::upload;
use crate::programs::actors::{BY_KEY, entries, newest};
use crate::scene::{operator, run, send};
use crate::selections::{Fields, publish};
use crate::templates;
use domain::id::{PersonId, SelectionId};
use domain::role::Permission;
use std::collections::BTreeSet;
use testkit::databases;

/// Everything about a selection; gives the id of one that is published.
async fn selections(browser: &mut Browser) -> SelectionId {
    let kept = publish(browser, "Everybody", "address pr").await;
    let fields = Fields::of(&browser.get(&kept).await).with("description", "for the log");
    assert_eq!(fields.send(browser, &kept, "save").await.status, 303);
    let other = publish(browser, "Other", "address pr").await;
    for act in ["archive", "restore", "remove"] {
        let done = post(browser, &format!("{other}/{act}"), &[], &[]).await;
        assert_eq!(done.status, 303, "{act}: {}", done.body);
    }
    kept.rsplit('/').next().unwrap().parse().unwrap()
}

/// Everything about an automation, approved by a second operator, and everything about its run.
async fn automation(browser: &mut Browser, second: &mut Browser, selection: SelectionId) {
    let path = make(browser, selection).await;
    let id = selection.to_string();
    let job = [("selection", id.as_str()), ("approve_above", "2"), ("act", "close")];
    assert_eq!(post(browser, &format!("{path}/job"), &JOB, &job).await.status, 303);
    for act in ["approve", "unapprove", "approve"] {
        let digest = digest_of(second, &path).await;
        let fields: &[(&str, &str)] = if act == "approve" { &[("digest", &digest)] } else { &[] };
        let done = post(second, &format!("{path}/{act}"), &[], fields).await;
        assert_eq!(done.status, 303, "{act}: {}", done.body);
    }
    for (act, fields) in
        [("activate", &[("confirmed", "4")][..]), ("deactivate", &[]), ("run", &[("confirmed", "4")])]
    {
        let done = post(browser, &format!("{path}/{act}"), &[], fields).await;
        assert_eq!(done.status, 303, "{act}: {}", done.body);
        if act == "run" {
            let run = done.location().split('?').next().unwrap().to_owned();
            for (act, fields) in [("pause", &[("why", "lunch")][..]), ("resume", &[]), ("cancel", &[])] {
                let done = post(browser, &format!("{run}/{act}"), &[], fields).await;
                assert_eq!(done.status, 303, "{act}: {}", done.body);
            }
        }
    }
    assert_eq!(post(browser, &format!("{path}/schedule"), &SCHEDULE, &[("act", "close")]).await.status, 303);
    for act in ["archive", "restore", "remove"] {
        assert_eq!(post(browser, &format!("{path}/{act}"), &[], &[]).await.status, 303, "{act}");
    }
}

/// The words of a mail, people from a file, a holiday and the kill switch.
async fn others(house: &House, browser: &mut Browser) {
    let page = templates::PAGE;
    let [_, text, html, seen] = templates::fields(browser).await;
    let words = [("subject", "News for {{ username }}"), ("text", &text), ("html", &html), ("seen", &seen)];
    assert_eq!(send(browser, page, &format!("{page}/test"), &words).await.status, 200);
    assert_eq!(send(browser, page, page, &words).await.status, 303);
    assert_eq!(send(browser, page, &format!("{page}/reset"), &[]).await.status, 303);
    let token = browser.get("/console/groups").await.token();
    let sent = upload(browser, &token, "members", "address,given_name\nnew@example.org,New\n").await;
    let path = sent.location().split('?').next().unwrap().to_owned();
    let imported = browser.post(&path, &[("csrf", &token), ("group", "members")]).await;
    assert_eq!(imported.status, 200, "{}", imported.body);
    let day = [("date", "2026-12-25"), ("name", "Christmas")];
    assert_eq!(post(browser, "/console/holidays", &[], &day).await.status, 303);
    assert_eq!(post(browser, "/console/holidays/remove", &[], &day[..1]).await.status, 303);
    assert_eq!(post(browser, "/console/sending/stop", &[], &[("why", "a test")]).await.status, 303);
    assert_eq!(post(browser, "/console/sending/start", &[], &[]).await.status, 303);
    let ada = house.contact("ada").await;
    let sent = post(browser, &format!("/console/people/{ada}/password"), &[], &[]).await;
    assert!(sent.status == 303, "{}", sent.body);
}

/// Everything about a mailing that never starts.
async fn mailing(browser: &mut Browser) {
    let path = mailings::begin(browser, &[]).await;
    assert_eq!(mailings::save_mail(browser, &path, &[]).await.status, 303);
    let people = format!("{path}/recipients/people");
    let taken = post(browser, &people, &[], &[("q", "p"), ("act", "found")]).await;
    assert_eq!(taken.status, 303, "{}", taken.body);
    let step = browser.get(&format!("{path}/recipients")).await.body;
    let part = |after: &str| step.split_once(after).unwrap().1.split('"').next().unwrap().to_owned();
    let tick = format!("tick-{}", part("name=\"tick-"));
    let removed = post(browser, &people, &[], &[(&tick, "1"), ("act", "remove")]).await;
    assert_eq!(removed.status, 303, "{}", removed.body);
    let group = part("<option value=\"\">Choose a group</option><option value=\"");
    for act in ["add", "remove"] {
        let fields = [("group", group.as_str()), ("act", act)];
        let changed = post(browser, &format!("{path}/recipients/groups"), &[], &fields).await;
        assert_eq!(changed.status, 303, "{act}: {}", changed.body);
    }
    for act in ["arm", "disarm", "arm", "cancel", "archive", "restore", "remove"] {
        let fields = if act == "arm" { &mailings::START[..] } else { &[] };
        let done = post(browser, &format!("{path}/{act}"), &[], fields).await;
        assert_eq!(done.status, 303, "{act}: {}", done.body);
    }
}

#[tokio::test]
async fn what_operators_do_in_the_browser_is_kept_with_the_person_and_the_network() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut browser) = operator(&house, "olga", OWNER).await;
        let (otto, mut second) = operator(&house, "otto", OWNER).await;
        contacts(&house, 3).await;
        let failed = run(&house, olga, 90, "finished", &[("refused", Some("refused"))]).await;
        let before = newest(&house).await;
        let selection = selections(&mut browser).await;
        house.execute("DELETE FROM people WHERE username LIKE 'm90%'", &[]).await;
        automation(&mut browser, &mut second, selection).await;
        let retried = post(&mut browser, &format!("/console/runs/{failed}/retry"), &[], &[]).await;
        assert_eq!(retried.status, 303, "{}", retried.body);
        others(&house, &mut browser).await;
        mailing(&mut browser).await;
        let listening = event_automations::make(&mut browser, &[], &[]).await;
        event_automations::save_first_again(&mut browser, &listening).await;
        let found = entries(&house, before).await;
        for one in &found {
            let who = if one.action.ends_with("approved") { otto } else { olga };
            assert_eq!((one.actor.as_str(), one.actor_id), ("operator", Some(who.0)), "{one:?}");
            assert!(one.network.starts_with("198.51.") && one.detail.get("key").is_none(), "{one:?}");
        }
        let noted: BTreeSet<&str> = found.iter().map(|one| one.action.as_str()).collect();
        let besides = [
            "automation.approved",
            "people.imported",
            "template.reset",
            "automation.unapproved",
            "selection.restored",
            "sending.started",
            "sending.stopped",
            "template.tested",
        ];
        let wanted = BY_KEY.into_iter().filter(|one| *one != "key.created").chain(besides);
        let missing: Vec<&str> = wanted.filter(|one| !noted.contains(one)).collect();
        assert!(missing.is_empty(), "{missing:?} of {noted:?}");
        let page = browser.get("/console/audit").await;
        assert!(page.body.contains("198.51.") && !page.body.contains("a program</span>"), "{}", page.body);
    }
}

#[tokio::test]
async fn the_page_says_as_what_somebody_acted_and_with_which_key() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut browser) = operator(&house, "olga", OWNER).await;
        let mut program = house.program().await;
        let holiday = serde_json::json!({ "name": "Christmas" });
        assert_eq!(program.json("PUT", "/api/v1/holidays/2026-12-25", holiday).await.status, 200);
        let acting = store::Acting::command_line_as(program.owner, domain::role::Rank::HIGHEST);
        house.state.flow.stop_sending(&acting, "a test").await.unwrap();
        let page = browser.get("/console/audit?action=holiday.").await.body;
        assert!(page.contains("a program</span>") && page.contains("API key: A test"), "{page}");
        let page = browser.get("/console/audit?who=program").await.body;
        assert!(page.contains("Holiday saved") && !page.contains("All sending stopped"), "{page}");
        let page = browser.get("/console/audit?who=command+line&action=sending.").await.body;
        assert!(page.contains("the command line</span>"), "{page}");
    }
}

/// The refusals in the log, oldest first: who, as what, the route and the particulars.
async fn refusals(house: &House, after: i64) -> Vec<(PersonId, String, String, String)> {
    let found = entries(house, after).await.into_iter().rev();
    let found = found.filter(|one| one.action == "request.refused");
    found
        .map(|one| {
            assert!(one.subject_kind == "route" && one.network.starts_with("198.51."), "{one:?}");
            (PersonId(one.actor_id.unwrap()), one.actor, one.subject_id, one.detail.to_string())
        })
        .collect()
}

#[tokio::test]
async fn case_84_whoever_sends_a_field_that_would_give_rights_is_in_the_log_once_a_minute() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (hal, mut helper) = operator(&house, "hal", HELPER).await;
        let ada = house.contact("ada").await;
        let mut own = house.browser();
        own.sign_in("/login", "ada", CHOSEN).await;
        let mut program = house.program().await;
        let before = newest(&house).await;
        let token = helper.get("/console/account").await.token();
        for field in ["role", "Rank", "user[is_admin]", "rank"] {
            let sent = helper.post("/console/account", &[("csrf", &token), (field, "owner-of-all")]).await;
            assert_eq!(sent.status, 400, "{field}");
        }
        let token = own.get("/password").await.token();
        assert_eq!(own.post("/password", &[("csrf", &token), ("verified", "1")]).await.status, 400);
        // A misspelt field is no attempt at anything, and neither is a question.
        assert_eq!(own.post("/password", &[("csrf", &token), ("nmae", "x")]).await.status, 400);
        assert_eq!(helper.get("/console/account?role=owner").await.status, 400);
        let sent = program.post("/api/v1/groups", serde_json::json!({ "name": "x", "owner_id": "y" })).await;
        assert_eq!(sent.status, 400, "{}", sent.body);
        let sent = program.send("POST", "/api/v1/groups?role=owner", None, &[]).await;
        assert_eq!(sent.status, 400, "{}", sent.body);
        let file: &[u8] = b"username,role\nada,Owner\n";
        let sent = program.send("POST", "/api/v1/people/import", Some(("text/csv", file)), &[]).await;
        assert_eq!(sent.status, 400, "{}", sent.body);
        let found = refusals(&house, before).await;
        let of = |who: PersonId, actor: &str, route: &str, detail: String| {
            (who, actor.to_owned(), route.to_owned(), detail)
        };
        let by_key = |field: &str| format!("{{\"field\":\"{field}\",\"key\":\"{}\"}}", program.key);
        let expected = [
            of(hal, "operator", "POST /console/account", "{\"field\":\"role\"}".into()),
            of(ada, "recipient", "POST /password", "{\"field\":\"verified\"}".into()),
            of(program.owner, "program", "POST /api/v1/groups", by_key("owner_id")),
            of(program.owner, "program", "POST /api/v1/people/import", by_key("role")),
        ];
        assert_eq!(found, expected, "one of each, and nothing of what was sent");
        house.pass(60_000);
        let token = helper.get("/console/account").await.token();
        helper.post("/console/account", &[("csrf", &token), ("rank", "3")]).await;
        assert_eq!(refusals(&house, before).await.len(), 5, "a minute later it is kept again");
    }
}

#[tokio::test]
async fn what_somebody_may_not_do_is_in_the_log_once_a_minute() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (hal, mut helper) = operator(&house, "hal", HELPER).await;
        let robot = house.api_user("robot", OWNER).await;
        let mut program = house.program_of(robot, &[Permission::PeopleView]).await;
        let before = newest(&house).await;
        for _ in 0..3 {
            assert_eq!(helper.get("/console/audit").await.status, 403);
            assert_eq!(helper.post("/console/sending/stop", &[("why", "x")]).await.status, 403);
            assert_eq!(program.get("/api/v1/audit").await.status, 403);
        }
        // Of nobody who is known there is nothing to keep.
        assert_eq!(house.browser().post("/console/sending/stop", &[]).await.status, 303);
        program.token.push('x');
        assert_eq!(program.get("/api/v1/audit").await.status, 401);
        let found = refusals(&house, before).await;
        let routes: Vec<(PersonId, &str, &str)> =
            found.iter().map(|(who, _, route, detail)| (*who, route.as_str(), detail.as_str())).collect();
        let by_key = format!("{{\"permission\":\"audit.view\",\"key\":\"{}\"}}", program.key);
        let expected = [
            (hal, "GET /console/audit", "{\"permission\":\"audit.view\"}"),
            (hal, "POST /console/sending/stop", "{\"permission\":\"settings.edit\"}"),
            (robot, "GET /api/v1/audit", by_key.as_str()),
        ];
        assert_eq!(routes, expected);
        let (_, mut browser) = operator(&house, "olga", OWNER).await;
        let page = browser.get("/console/audit?action=request.").await.body;
        assert!(page.contains("Request refused · route POST /console/sending/stop"), "{page}");
    }
}
