//! Runs: their list, what an operator does to them, their recipients and files.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::house::{HELPER, House, OWNER};
use crate::scene::{contact, operator, run, send};
use domain::id::{PersonId, RecipientId, RunId};
use store::params;
use testkit::{TEST_NOW, databases};

async fn state_of(house: &House, id: RunId) -> String {
    let read = house.state.store.read(move |tx| Box::pin(async move { store::run::get(tx, id).await }));
    read.await.unwrap().state.to_string()
}

async fn recipient(house: &House, number: i64, place: u32) -> store::recipient::Listed {
    let id = RecipientId::new(number, place);
    let read =
        house.state.store.read(move |tx| Box::pin(async move { store::recipient::find(tx, id).await }));
    read.await.unwrap().unwrap()
}

#[tokio::test]
async fn the_list_of_runs_is_filtered_by_state_and_paged_both_ways() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut browser) = operator(&house, "olga", OWNER).await;
        for number in 1..=55 {
            run(&house, olga, number, if number == 7 { "paused" } else { "finished" }, &[]).await;
        }
        let first = browser.get("/console/runs").await;
        assert_eq!(first.body.matches("<th scope=\"row\">").count(), 50);
        assert!(first.body.contains("Run 55") && !first.body.contains("after="), "the newest first");
        let older = browser.get("/console/runs?before=6").await;
        assert_eq!(older.body.matches("<th scope=\"row\">").count(), 5);
        assert!(older.body.contains("href=\"/console/runs?after=5\""), "{}", older.body);
        let back = browser.get("/console/runs?after=5").await;
        assert!(back.body.contains("Run 55</span>") && back.body.contains("Run 6</span>"));
        let paused = browser.get("/console/runs?state=paused").await;
        assert_eq!(paused.body.matches("<th scope=\"row\">").count(), 1);
        assert!(browser.get("/console/runs?state=failed").await.body.contains("Nothing fits."));
        for bad in ["state=x", "before=x", "automation=x", "other=1"] {
            assert_eq!(browser.get(&format!("/console/runs?{bad}")).await.status, 400, "{bad}");
        }
    }
}

#[tokio::test]
async fn an_operator_pauses_resumes_and_cancels_a_run_after_reading_what_happens() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut browser) = operator(&house, "olga", OWNER).await;
        let id = run(&house, olga, 1, "running", &[("accepted", None), ("planned", None)]).await;
        let path = format!("/console/runs/{id}");
        let page = browser.get(&path).await;
        assert!(
            page.body.contains(&format!("{path}/pause")) && !page.body.contains(&format!("{path}/resume"))
        );
        let ask = browser.get(&format!("{path}/pause")).await;
        assert!(ask.body.contains("1 people wait meanwhile"), "{}", ask.body);
        assert_eq!(state_of(&house, id).await, "running", "looking changes nothing");
        let long = "x".repeat(301);
        let refused =
            send(&mut browser, &format!("{path}/pause"), &format!("{path}/pause"), &[("why", &long)]).await;
        assert!(refused.status == 422 && refused.body.contains(&long), "what was typed is still there");
        let done =
            send(&mut browser, &format!("{path}/pause"), &format!("{path}/pause"), &[("why", "lunch")]).await;
        assert_eq!(done.location(), format!("{path}?done=run-pause"));
        let paused = browser.get(done.location()).await;
        assert!(
            paused.body.contains("lunch (paused by Ada Lovelace)")
                && paused.body.contains("The run is paused.")
        );
        let again = send(&mut browser, &format!("{path}/resume"), &format!("{path}/pause"), &[]).await;
        assert!(again.status == 422 && again.body.contains("Only a running run can be paused"));
        send(&mut browser, &format!("{path}/resume"), &format!("{path}/resume"), &[]).await;
        assert_eq!(state_of(&house, id).await, "running");
        send(&mut browser, &format!("{path}/cancel"), &format!("{path}/cancel"), &[]).await;
        assert_eq!(state_of(&house, id).await, "cancelled");
        let over = browser.get(&format!("{path}/cancel")).await;
        assert!(
            over.body.contains("This is not possible now")
                && !over.body.contains("<button class=\"danger\">")
        );
        assert_eq!(browser.get(&format!("{path}/explode")).await.status, 404);
        assert_eq!(browser.post(&format!("{path}/cancel"), &[("csrf", "wrong")]).await.status, 403);
    }
}

#[tokio::test]
async fn recipients_are_found_by_state_reason_and_name_and_paged_both_ways() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut browser) = operator(&house, "olga", OWNER).await;
        let mut all = vec![("accepted", None); 120];
        all[6] = ("left_out", Some("api_user"));
        all[7] = ("left_out", Some("blocked"));
        let id = run(&house, olga, 1, "finished", &all).await;
        run(&house, olga, 2, "finished", &[("accepted", None)]).await;
        let path = format!("/console/runs/{id}");
        let rows = |body: &str| body.matches("<td class=\"number hint\">").count();
        let first = browser.get(&path).await;
        assert_eq!(rows(&first.body), 50);
        assert!(first.body.contains("?after=50#recipients") && !first.body.contains("before="));
        let middle = browser.get(&format!("{path}?after=50")).await;
        assert!(middle.body.contains("?after=100#") && middle.body.contains("?before=51#"));
        let back = browser.get(&format!("{path}?before=51")).await;
        assert!(rows(&back.body) == 50 && back.body.contains("m1-1@members.example"));
        let reason = browser.get(&format!("{path}?state=left_out&reason=blocked")).await;
        assert!(rows(&reason.body) == 1 && reason.body.contains("m1-8@"));
        // Once in the run itself, once as in a run of many among all people.
        for total in [120, 500_000] {
            house.execute("UPDATE runs SET total = $1 WHERE number = 1", params![total as i64]).await;
            for (words, wanted) in [
                ("m1-99", vec![99]),
                ("M1-99@Members.example", vec![99]),
                ("mia m1-110", vec![110]),
                ("m1-11 accepted", vec![]),
                ("m2-1", vec![]),
                ("%", vec![]),
                ("m1-11", vec![11, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119]),
            ] {
                let encoded = words.replace('%', "%25").replace(' ', "+");
                let found = browser.get(&format!("{path}?q={encoded}")).await;
                let places: Vec<u32> = found
                    .body
                    .split("<td class=\"number hint\">")
                    .skip(1)
                    .map(|rest| rest.split('<').next().unwrap().parse().unwrap())
                    .collect();
                assert_eq!(places, wanted, "{words} of {total}");
            }
            let backwards = browser.get(&format!("{path}?q=m1-&before=60")).await;
            assert!(rows(&backwards.body) == 50 && backwards.body.contains(">59<"), "{total}");
        }
    }
}

#[tokio::test]
async fn the_timeline_of_a_recipient_says_what_happened_and_which_password_counts() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut browser) = operator(&house, "olga", OWNER).await;
        let all =
            [("accepted", None), ("left_out", Some("no_address")), ("refused", Some("mailbox-unknown"))];
        let id = run(&house, olga, 1, "finished", &all).await;
        let first = recipient(&house, 1, 1).await;
        for (attempt, outcome, code, reply) in
            [(1_i64, "deferred", 451_i64, "try later"), (2, "accepted", 250, "queued as 7")]
        {
            house
                .execute(
                    "INSERT INTO deliveries (recipient_id, attempt, relay, message_id, outcome, code, reply, recorded_at)
                     VALUES ($1, $2, 'main', 'm', $3, $4, $5, $6)",
                    params![RecipientId::new(1, 1), attempt, outcome, code, reply, TEST_NOW],
                )
                .await;
        }
        let credential = auth::random::id(TEST_NOW).unwrap();
        house
            .execute(
                "INSERT INTO credentials (person_id, id, recipient_id, kind, scheme, key_id, hash, state, minted_at, expires_at)
                 VALUES ($1, $2, $3, 'mailed_password', 'hmac-sha256', 'k1', $4, 'active', $5, $6)",
                params![first.person_id, credential, RecipientId::new(1, 1), vec![1_u8; 32], TEST_NOW, TEST_NOW + 3_600_000],
            )
            .await;
        let page = browser.get(&format!("/console/runs/{id}/recipients/1")).await;
        for wanted in [
            "Planned as no. 1 of the run",
            "Attempt 1: the relay main asks to come back later",
            "451 try later",
            "Attempt 2: the relay main took the mail",
            "The mailed password, once, until",
            &format!("/console/people/{}", first.person_id),
        ] {
            assert!(page.body.contains(wanted), "{wanted}: {}", page.body);
        }
        assert!(!page.body.contains("/retry\""), "nothing failed");
        house.pass(7_200_000);
        house
            .execute(
                "UPDATE sessions SET expires_at = expires_at + 9000000, seen_at = seen_at + 7200000",
                &[],
            )
            .await;
        let later = browser.get(&format!("/console/runs/{id}/recipients/1")).await;
        assert!(later.body.contains("None: the mailed password ended at"), "{}", later.body);
        let left_out = browser.get(&format!("/console/runs/{id}/recipients/2")).await;
        assert!(
            left_out.body.contains("no mail address") && left_out.body.contains("the next run includes them")
        );
        let refused = browser.get(&format!("/console/runs/{id}/recipients/3")).await;
        assert!(refused.body.contains("There is no such mailbox."), "the class in words: {}", refused.body);
        assert!(refused.body.contains("/recipients/3/correct\""));
        for nowhere in ["4", "0", "x", "99999999999"] {
            let path = format!("/console/runs/{id}/recipients/{nowhere}");
            assert_eq!(browser.get(&path).await.status, 404, "{nowhere}");
        }
    }
}

#[tokio::test]
async fn an_address_is_corrected_in_place_and_only_that_person_is_mailed_again() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut browser) = operator(&house, "olga", OWNER).await;
        let id =
            run(&house, olga, 1, "finished", &[("refused", None), ("refused", None), ("accepted", None)])
                .await;
        let page = format!("/console/runs/{id}/recipients/1");
        let to = format!("{page}/correct");
        let wrong = send(&mut browser, &page, &to, &[("address", "no address")]).await;
        assert!(wrong.status == 422 && wrong.body.contains("value=\"no address\""), "{}", wrong.body);
        assert!(wrong.body.contains("aria-invalid=\"true\""));
        let right = send(&mut browser, &page, &to, &[("address", "mia@right.example")]).await;
        assert_eq!(right.location(), format!("{page}?done=recipient-correct"), "{}", right.body);
        let states =
            [recipient(&house, 1, 1).await, recipient(&house, 1, 2).await, recipient(&house, 1, 3).await];
        assert_eq!(states.each_ref().map(|one| one.state.as_str()), ["deferred", "refused", "accepted"]);
        assert_eq!(states[0].address.as_deref(), Some("mia@right.example"));
        assert_eq!(state_of(&house, id).await, "running");
        let again = send(
            &mut browser,
            &format!("/console/runs/{id}/recipients/2"),
            &to,
            &[("address", "x@right.example")],
        )
        .await;
        assert_eq!(again.status, 422, "it waits for its turn already");
        assert_eq!(
            recipient(&house, 1, 1).await.address.as_deref(),
            Some("mia@right.example"),
            "nothing changed"
        );
        // Somebody of the same rank may not be changed.
        let peer = house.operator("peer", OWNER).await;
        house
            .execute(
                "UPDATE recipients SET person_id = $1 WHERE id = $2",
                params![peer, RecipientId::new(1, 2)],
            )
            .await;
        let path = format!("/console/runs/{id}/recipients/2");
        let refused =
            send(&mut browser, &path, &format!("{path}/correct"), &[("address", "p@right.example")]).await;
        assert_eq!(refused.status, 422);
        let second = recipient(&house, 1, 2).await;
        assert_eq!((second.state.as_str(), second.address.as_deref()), ("refused", Some("peer@example.org")));
    }
}

#[tokio::test]
async fn a_failed_recipient_is_tried_again_alone_and_then_all_of_them() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut browser) = operator(&house, "olga", OWNER).await;
        let id = run(&house, olga, 1, "finished", &[("refused", None), ("unknown", None), ("bounced", None)])
            .await;
        let page = format!("/console/runs/{id}/recipients/2");
        let one = send(&mut browser, &page, &format!("{page}/retry"), &[]).await;
        assert_eq!(one.location(), format!("{page}?done=recipient-retry"));
        assert_eq!(recipient(&house, 1, 1).await.state.as_str(), "refused");
        assert_eq!(recipient(&house, 1, 2).await.state.as_str(), "deferred");
        let path = format!("/console/runs/{id}");
        send(&mut browser, &format!("{path}/retry"), &format!("{path}/retry"), &[]).await;
        for place in 1..=3 {
            assert_eq!(recipient(&house, 1, place).await.state.as_str(), "deferred", "{place}");
        }
        let nobody = send(&mut browser, &format!("{path}/retry"), &format!("{path}/retry"), &[]).await;
        assert!(nobody.status == 422 && nobody.body.contains("Nobody in this run failed"));
    }
}

#[tokio::test]
async fn the_files_of_a_run_are_complete_and_hold_no_formula() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut browser) = operator(&house, "olga", OWNER).await;
        let id = run(&house, olga, 1, "finished", &[("accepted", None), ("left_out", Some("blocked"))]).await;
        let evil = contact(&house, "evil").await;
        house.execute("UPDATE people SET display_name = '=cmd|x' WHERE id = $1", params![evil]).await;
        many(&house, evil, 3..=2_500).await;
        let file = browser.get(&format!("/console/runs/{id}/recipients.csv")).await;
        assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(file.header("content-disposition"), "attachment; filename=\"run-1-recipients.csv\"");
        assert!(file.header("content-security-policy").contains("sandbox"));
        assert_eq!(file.body.lines().count(), 2_501);
        assert!(
            file.body.contains("m1-1@members.example") && file.body.contains(",'=cmd|x,"),
            "{:?}",
            file.body.lines().nth(3)
        );
        let some = browser.get(&format!("/console/runs/{id}/recipients.csv?state=left_out")).await;
        assert_eq!(some.body.lines().count(), 2);
        let report = browser.get(&format!("/console/runs/{id}/report.csv")).await;
        assert!(
            report.body.contains("run,name,Spring term\r\n")
                && report.body.contains("left_out,blocked,1\r\n")
        );
        let page = browser.get(&format!("/console/runs/{id}/report")).await;
        assert!(page.body.contains("the relay took the mail; the new password counts"));
        // Who may see people but not export them gets the file without them.
        let (_, mut helper) = operator(&house, "hal", HELPER).await;
        let bare = helper.get(&format!("/console/runs/{id}/recipients.csv")).await;
        assert!(
            bare.status == 200
                && bare.body.lines().count() == 2_501
                && !bare.body.contains("members.example")
        );
    }
}

/// More accepted recipients of run 1, all the same person.
async fn many(house: &House, person: PersonId, places: std::ops::RangeInclusive<u32>) {
    house
        .state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let mut rows = store::Rows::new(&[("id", store::Kind::Int)]);
                for place in places {
                    rows.push([RecipientId::new(1, place).into()]);
                }
                tx.execute_rows(
                    "INSERT INTO recipients (id, person_id, state, attempts, tries_left)
                     SELECT r.id, $1, 'accepted', 1, 11 FROM {rows}",
                    params![person],
                    &rows,
                )
                .await
            })
        })
        .await
        .unwrap();
}
