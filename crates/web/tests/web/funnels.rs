//! What has come of mailings, in the console: the funnel with its people, reminders, files.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::automations::{operator, send};
use crate::house::{Browser, HELPER, House, OWNER};
use crate::mailings::{START, begin};
use crate::scene::run;
use domain::id::{MailingId, PersonId, RecipientId};
use store::params;
use testkit::{TEST_NOW, databases};

/// A mailing that has begun, with people who came as far as their steps say.
async fn begun(house: &House, olga: PersonId, browser: &mut Browser) -> String {
    let path = begin(browser, &[]).await;
    let id: MailingId = path.rsplit('/').next().unwrap().parse().unwrap();
    let states = [
        ("accepted", None),
        ("accepted", None),
        ("accepted", None),
        ("refused", Some("refused")),
        ("left_out", Some("no_address")),
    ];
    let run = run(house, olga, 7, "finished", &states).await;
    house
        .execute(
            "UPDATE runs SET mailing_id = $1, job = $3 WHERE id = $2",
            params![id, run, JOB.replace("ID", &id.to_string())],
        )
        .await;
    house
        .execute(
            "UPDATE mailings SET state = 'started', started_at = $2 WHERE id = $1",
            params![id, TEST_NOW],
        )
        .await;
    house.execute("UPDATE people SET given_name = '=1+1' WHERE username = 'm7-1'", &[]).await;
    let steps: [(u32, &[&str]); 3] = [
        (1, &["opened_by_machine", "opened", "requested", "link_sent", "password_set", "logged_in"]),
        (2, &["opened", "requested"]),
        (3, &["opened_by_machine"]),
    ];
    for (place, steps) in steps {
        for (number, step) in (1_i64..).zip(steps) {
            house
                .execute(
                    "INSERT INTO mailing_events (id, mailing_id, person_id, recipient_id, step, at)
                     SELECT $1, $2, person_id, id, CAST($4 AS TEXT), CAST($5 AS BIGINT) FROM recipients WHERE id = $3",
                    params![auth::random::id(TEST_NOW).unwrap(), id, RecipientId::new(7, place), *step, TEST_NOW + number * 60_000],
                )
                .await;
        }
    }
    path
}

const JOB: &str = r#"{"kind":"send-mailing","mailing":"ID","round":"first","intent":"offer_link","language":"en","sender_name":"Office","sender_address":"office@example.org","reply_to":"","link_hours":72,"password":{},"pace":{},"reminder":null}"#;

#[tokio::test]
async fn the_funnel_says_how_far_people_came_and_each_number_lists_them() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        let path = begun(&house, olga, &mut owner).await;
        let page = owner.get(&path).await;
        for (stage, label, count) in [
            ("accepted", "Accepted by the mail server", 3),
            ("opened", "Page opened", 2),
            ("requested", "Link requested", 2),
            ("link_sent", "Link sent", 1),
            ("password_set", "Password set", 1),
            ("logged_in", "Signed in", 1),
        ] {
            let line = format!("{path}/people?stage={stage}\"><span>{label}</span> <b>{count}</b>");
            assert!(page.body.contains(&line), "{line}: {}", page.body);
            let people = owner.get(&format!("{path}/people?stage={stage}")).await;
            assert_eq!(
                people.body.matches("<tr><th scope=\"row\">").count(),
                count,
                "{stage}: {}",
                people.body
            );
        }
        for part in [
            "stage=opened_by_machine\">Opened by a program only</a>",
            "stage=not_done\">Not done: no new password yet</a><b>2</b>",
            "stage=not_set\">Has a link, set no password</a><b>1</b>",
            "stage=failed\">Refused, returned or lost</a>",
            "no mail address",
            "/console/runs/",
        ] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        let left = owner.get(&format!("{path}/people?stage=left_out")).await;
        assert!(left.body.contains("no mail address"), "{}", left.body);
        assert_eq!(owner.get(&format!("{path}/people?stage=nonsense")).await.status, 400);
        let list = owner.get("/console/mailings").await;
        assert!(list.body.contains("3 accepted · 1 done"), "{}", list.body);
        // The steps stand on the page of the person, too.
        let people = owner.get(&format!("{path}/people?stage=password_set")).await;
        let person =
            people.body.split_once("/console/people/").unwrap().1.split('"').next().unwrap().to_owned();
        let person = owner.get(&format!("/console/people/{person}")).await;
        for part in ["Set a new password", "Asked for a personal link", "a scanner or a preview", "New term"]
        {
            assert!(person.body.contains(part), "{part}: {}", person.body);
        }
        // What has begun is not edited any more.
        for step in ["mail", "recipients", "start"] {
            assert_eq!(owner.get(&format!("{path}/{step}")).await.location(), path);
        }
        let changed =
            send(&mut owner, &format!("{path}/recipients/people"), &[("q", "m")], &[("act", "found")]).await;
        assert!(changed.status == 422 && changed.body.contains("has started"), "{}", changed.body);
        let removed = send(&mut owner, &format!("{path}/remove"), &[], &[]).await;
        assert_eq!(removed.status, 422, "{}", removed.body);
    }
}

#[tokio::test]
async fn the_people_and_events_of_a_mailing_are_files_no_spreadsheet_runs() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        let path = begun(&house, olga, &mut owner).await;
        let csv = owner.get(&format!("{path}/people.csv")).await;
        assert!(csv.header("content-disposition").contains("mailing-1-people.csv"), "{:?}", csv.headers);
        let lines: Vec<&str> = csv.body.lines().collect();
        assert_eq!(lines.len(), 6, "{}", csv.body);
        assert!(lines[0].starts_with("username,name,address,state,reason,settled_at,reminded,opened_at,"));
        assert!(lines[1].starts_with("m7-1,'=1+1 m7-1,"), "{}", lines[1]);
        let done = owner.get(&format!("{path}/people.jsonl?stage=password_set")).await;
        let one: serde_json::Value = serde_json::from_str(done.body.trim()).unwrap();
        assert_eq!(one["username"], "m7-1");
        assert!(one["password_set_at"].as_str().unwrap().ends_with('Z') && one["reminded"] == 0);
        let events = owner.get(&format!("{path}/events.csv")).await;
        assert_eq!(events.body.lines().count(), 10, "{}", events.body);
        assert!(
            events.body.starts_with("at,step,person_id,run,place\r\n")
                && events.body.contains(",password_set,")
        );
        let events = owner.get(&format!("{path}/events.jsonl")).await;
        assert_eq!(events.body.lines().count(), 9);
        assert_eq!(house.count("SELECT count(*) FROM audit WHERE action = 'mailing.exported'").await, 4);
        let (_, mut helper) = operator(&house, "hanna", HELPER).await;
        assert_eq!(helper.get(&format!("{path}/people.csv")).await.status, 403);
    }
}

#[tokio::test]
async fn a_reminder_begins_with_the_words_of_its_mailing_and_reaches_those_not_done() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        let path = begun(&house, olga, &mut owner).await;
        let fields = [("remind", "Once more"), ("stage", "not_done"), ("gap_hours", "24"), ("most", "3")];
        let refused = send(&mut owner, &format!("{path}/remind"), &fields, &[("most", "99")]).await;
        assert!(refused.status == 422 && refused.body.contains("value=\"Once more\""), "{}", refused.body);
        let begun = send(&mut owner, &format!("{path}/remind"), &fields, &[]).await;
        assert_eq!(begun.status, 303, "{}", begun.body);
        let reminder = begun.location().split("/mail?").next().unwrap().to_owned();
        assert!(owner.get(&format!("{reminder}/recipients")).await.body.contains("New term"));
        house.pass(25 * 3_600_000);
        assert_eq!(
            owner.sign_in("/console/login", "olga", crate::house::CHOSEN).await.location(),
            "/console"
        );
        let saved = [("stage", "not_set"), ("gap_hours", "24"), ("most", "2"), ("act", "next")];
        assert_eq!(send(&mut owner, &format!("{reminder}/recipients"), &saved, &[]).await.status, 303);
        let start = owner.get(&format!("{reminder}/start")).await;
        assert!(start.body.contains("1 <small>would get the mail now"), "{}", start.body);
        let armed = send(&mut owner, &format!("{reminder}/arm"), &START, &[]).await;
        assert_eq!(armed.status, 303, "{}", armed.body);
        let page = owner.get(&path).await;
        assert!(page.body.contains("Once more") && page.body.contains("Armed"), "{}", page.body);
        assert!(owner.get(&format!("{reminder}/people?stage=total")).await.body.contains("m7-1"));
    }
}
