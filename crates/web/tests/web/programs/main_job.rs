//! The main job by API alone: from people to a run and its report.

use super::client::{Program, text};
use crate::house::House;
use flow::Stop;
use serde_json::{Value, json};
use std::time::Duration;
use testkit::databases;

async fn made(program: &mut Program, path: &str, body: Value) -> String {
    let answer = program.post(path, body).await;
    assert_eq!(answer.status, 201, "{path}: {}", answer.body);
    assert_eq!(program.get(answer.location()).await.status, 200, "{}", answer.location());
    text(&answer.json()["id"]).to_owned()
}

/// An automation for every contact.
async fn automation(program: &mut Program) -> String {
    let filter = json!({ "name": "Contacts", "filter": "system_user eq false" });
    let selection = made(program, "/api/v1/selections", filter).await;
    let job = json!({ "name": "Renewal", "job": { "kind": "send-new-password" }, "selection_id": selection });
    let automation = made(program, "/api/v1/automations", job).await;
    let draft = program.post(&format!("/api/v1/automations/{automation}/preview"), json!({})).await;
    assert_eq!(draft.status, 409, "a draft cannot be used: {}", draft.body);
    let published = program.act(&format!("/api/v1/selections/{selection}/publish")).await;
    assert_eq!(published.json()["published"], true);
    automation
}

#[tokio::test]
async fn a_program_does_the_main_job_from_people_to_the_report() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        for name in ["ada", "bob"] {
            made(&mut program, "/api/v1/people", json!({ "address": format!("{name}@example.org") })).await;
        }
        made(&mut program, "/api/v1/people", json!({ "username": "nowhere" })).await;
        let automation = automation(&mut program).await;
        let place = format!("/api/v1/automations/{automation}");
        let preview = program.post(&format!("{place}/preview"), json!({ "people": 5 })).await.json();
        assert_eq!(
            (&preview["would_receive"], &preview["left_out"]),
            (&json!(2), &json!({ "no_address": 1 }))
        );
        assert_eq!(preview["leaving_out"][0]["username"], "nowhere");
        let wrong = program.post(&format!("{place}/runs"), json!({ "people": 3 })).await;
        let run = match wrong.status.as_u16() {
            // Below the limit of the installation the number plays no part.
            201 => text(&wrong.json()["id"]).to_owned(),
            other => panic!("{other}: {}", wrong.body),
        };
        let stop = Stop::new();
        let worker = tokio::spawn({
            let (flow, stop) = (house.state.flow.clone(), stop.clone());
            async move { flow.work(stop).await }
        });
        let report = loop {
            let report = program.read(&format!("/api/v1/runs/{run}")).await;
            if report["run"]["state"] == "finished" {
                break report;
            }
            assert_eq!(report["run"]["state"], "running", "{report}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        stop.request(tokio::time::Instant::now() + Duration::from_secs(10));
        worker.await.unwrap();
        let counts = &report["run"]["counts"];
        assert_eq!(
            (&counts["accepted"], &counts["left_out"], &counts["total"]),
            (&json!(2), &json!(1), &json!(3))
        );
        let accepted = program.read(&format!("/api/v1/runs/{run}/recipients?state=accepted&limit=1")).await;
        let cursor = text(&accepted["next_cursor"]).to_owned();
        let rest = format!("/api/v1/runs/{run}/recipients?state=accepted&limit=1&cursor={cursor}");
        let mut names = [&accepted, &program.read(&rest).await]
            .map(|page| text(&page["items"][0]["username"]).to_owned());
        names.sort_unstable();
        assert_eq!(names, ["ada@example.org", "bob@example.org"]);
        assert!(house.state.mailbox.as_ref().unwrap().newest_to("ada@example.org").is_some());
        let runs = program.read(&format!("/api/v1/runs?automation_id={automation}")).await;
        assert_eq!(text(&runs["items"][0]["id"]), run);
        for step in ["pause", "resume", "cancel", "retry"] {
            let body = json!({});
            let path = format!("/api/v1/runs/{run}/{step}");
            let answer =
                if step == "pause" { program.post(&path, body).await } else { program.act(&path).await };
            assert_eq!(answer.status, 409, "{step} of a finished run: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn an_automation_is_activated_only_with_the_number_when_it_is_large() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        let mut csv = "username,address\n".to_owned();
        (0..150).for_each(|n| csv.push_str(&format!("p{n},p{n}@example.org\n")));
        let imported =
            program.send("POST", "/api/v1/people/import", Some(("text/csv", csv.as_bytes())), &[]).await;
        assert_eq!(imported.json()["created"], 150);
        let automation = automation(&mut program).await;
        let place = format!("/api/v1/automations/{automation}");
        let early = program.post(&format!("{place}/activate"), json!({ "people": 150 })).await;
        assert_eq!(early.status, 409);
        assert!(early.body.contains("no schedule yet"), "{}", early.body);
        let schedule = json!({ "schedule": { "zone": "Europe/Berlin", "start": "2027-01-04T09:00" } });
        assert_eq!(program.json("PUT", &format!("{place}/schedule"), schedule).await.status, 200);
        for body in [json!({}), json!({ "people": 149 })] {
            let answer = program.post(&format!("{place}/activate"), body).await;
            assert_eq!(
                (answer.status.as_u16(), answer.pointer().as_str()),
                (409, "/people"),
                "{}",
                answer.body
            );
            assert!(answer.body.contains("150 people"), "{}", answer.body);
            assert_eq!(program.read(&place).await["status"], "inactive", "nothing is changed");
        }
        let active = program.post(&format!("{place}/activate"), json!({ "people": 150 })).await;
        assert_eq!(active.json()["status"], "active_scheduled", "{}", active.body);
        assert_eq!(active.json()["next_run_at"], "2027-01-04T08:00:00Z");
        let next = program.read(&format!("{place}/occurrences")).await;
        assert_eq!(next["next"][0]["at"], "2027-01-04T08:00:00Z");
        let unsure = program.post(&format!("{place}/runs"), json!({})).await;
        assert_eq!((unsure.status.as_u16(), unsure.pointer().as_str()), (409, "/people"));
        assert_eq!(program.post(&format!("{place}/runs"), json!({ "people": 150 })).await.status, 201);
        let second = program.post(&format!("{place}/runs"), json!({ "people": 150 })).await;
        assert!(second.status == 409 && second.body.contains("not over yet"), "{}", second.body);
        assert_eq!(
            program.act(&format!("{place}/deactivate")).await.json()["status"],
            "inactive_deactivated"
        );
        let copy = program.post(&format!("{place}/copy"), json!({ "name": "Again" })).await;
        assert_eq!((copy.status.as_u16(), &copy.json()["status"]), (201, &json!("inactive")));
        assert_eq!(program.act(&format!("{place}/archive")).await.json()["archived"], true);
        assert_eq!(program.send("DELETE", &place, None, &[]).await.status, 204);
        assert_eq!(program.get(&place).await.status, 404);
    }
}

#[tokio::test]
async fn a_program_cannot_act_on_who_stands_as_high_as_its_owner() {
    for db in databases().await {
        let house = House::new(&db.store);
        let helper = house.operator("helper", crate::house::HELPER).await;
        let owner = house.operator("olga", crate::house::OWNER).await;
        let robot = house.api_user("robot", super::client::ADMINISTRATOR).await;
        let mut program = house.program_of(robot, domain::role::Permission::ALL).await;
        let change = json!({ "display_name": "Eve" });
        for (person, status) in [(helper, 200), (owner, 403), (robot, 200)] {
            let path = format!("/api/v1/people/{person}");
            assert_eq!(program.json("PATCH", &path, change.clone()).await.status, status, "{person}");
        }
        for step in ["block", "sign-out", "revoke-credentials", "clear-limits", "deliverable"] {
            let path = format!("/api/v1/people/{owner}/{step}");
            assert_eq!(program.act(&path).await.status, 403, "{step}");
        }
        assert_eq!(program.send("DELETE", &format!("/api/v1/people/{owner}"), None, &[]).await.status, 403);
        assert_eq!(
            program.act(&format!("/api/v1/people/{owner}/new-password")).await.status,
            409,
            "ranks above"
        );
    }
}
