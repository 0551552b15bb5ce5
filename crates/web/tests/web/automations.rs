//! Automations in the console: the two steps, the next runs, copies and the archive; the holidays.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::house::{Answer, Browser, CHOSEN, HELPER, House, OWNER};
use domain::id::{PersonId, SelectionId};
use store::selection::{self, Draft};
use store::{StoreError, params};
use testkit::{TEST_NOW, by, databases};
use uuid::Uuid;

pub(crate) async fn operator(house: &House, name: &str, role: Uuid) -> (PersonId, Browser) {
    let id = house.operator(name, role).await;
    let mut browser = house.browser();
    assert_eq!(browser.sign_in("/console/login", name, CHOSEN).await.location(), "/console");
    (id, browser)
}

/// A published selection of everybody with an address.
pub(crate) async fn everybody(house: &House, author: PersonId) -> SelectionId {
    let id = SelectionId(auth::random::id(TEST_NOW).unwrap());
    let draft = Draft {
        name: "Everybody".into(),
        description: String::new(),
        filter: "address pr".into(),
        size_limit: None,
        time_zone: "UTC".into(),
    };
    let made = house.state.store.write(move |tx| {
        let draft = draft.clone();
        Box::pin(async move {
            selection::insert(tx, &by(author), id, &draft, TEST_NOW).await.unwrap();
            selection::publish(tx, &by(author), id, TEST_NOW).await.unwrap();
            Ok::<_, StoreError>(())
        })
    });
    made.await.unwrap();
    id
}

/// So many contacts named `p1`, `p2`, …
pub(crate) async fn contacts(house: &House, count: u32) {
    for number in 0..count {
        house
            .execute(
                "INSERT INTO people (id, username, address, address_canonical, given_name, family_name, display_name,
                     blocked, verified, created_at, updated_at, must_change, failed_logins)
                 VALUES ($1, $2, $3, $3, 'Ada', 'Lovelace', '', FALSE, TRUE, 0, 0, FALSE, 0)",
                params![
                    auth::random::id(TEST_NOW).unwrap(),
                    format!("p{number}"),
                    format!("p{number}@example.org")
                ],
            )
            .await;
    }
}

pub(crate) const JOB: [(&str, &str); 7] = [
    ("name", "Yearly renewal"),
    ("description", "For everybody"),
    ("mode", "after_acceptance"),
    ("valid_hours", "24"),
    ("remail_after_hours", "24"),
    ("most_people", ""),
    ("approve_above", ""),
];

pub(crate) const SCHEDULE: [(&str, &str); 12] = [
    ("zone", "Europe/Berlin"),
    ("start", "2030-01-07T09:00"),
    ("unit", "weeks"),
    ("every", "2"),
    ("end", ""),
    ("day-monday", "1"),
    ("day-tuesday", "1"),
    ("day-wednesday", "1"),
    ("day-thursday", "1"),
    ("day-friday", "1"),
    ("holidays", "never-on"),
    ("delete_after_last", "1"),
];

/// Sends fields, some of them changed; an empty name leaves all as they are.
pub(crate) async fn send(
    browser: &mut Browser,
    path: &str,
    fields: &[(&str, &str)],
    changes: &[(&str, &str)],
) -> Answer {
    let token = browser.get("/console").await.token();
    let mut sent: Vec<(&str, &str)> =
        fields.iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name)).copied().collect();
    sent.extend(changes);
    sent.push(("csrf", &token));
    browser.post(path, &sent).await
}

/// Makes an automation by the pages; gives its path.
pub(crate) async fn make(browser: &mut Browser, selection: SelectionId) -> String {
    let id = selection.to_string();
    let first = send(browser, "/console/automations", &JOB, &[("selection", &id), ("act", "next")]).await;
    assert_eq!(first.status, 303, "{}", first.body);
    let path = first.location().split("/schedule").next().unwrap().to_owned();
    let second = send(browser, &format!("{path}/schedule"), &SCHEDULE, &[("act", "close")]).await;
    assert_eq!(second.status, 303, "{}", second.body);
    path
}

#[tokio::test]
async fn an_automation_is_saved_in_two_steps_and_shows_what_it_does() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        assert!(owner.get("/console/automations").await.body.contains("No automation yet."));
        let selection = everybody(&house, olga).await;
        let blank = owner.get("/console/automations/new").await;
        assert!(blank.body.contains("Everybody") && blank.body.contains("value=\"24\""), "{}", blank.body);
        let path = make(&mut owner, selection).await;
        let page = owner.get(&path).await;
        for part in [
            "Yearly renewal",
            "For everybody",
            "Every 2 weeks at 09:00, Monday to Friday, never on holidays, from 2030-01-07 until 2035-01-07, deleted after the last run (Europe/Berlin)",
            "Mon 2030-01-07 09:00 CET",
            "Inactive",
            "Everybody",
            "Never needed.",
        ] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        let list = owner.get("/console/automations").await;
        for part in ["Yearly renewal", "Ada Lovelace", "2035-01-07", "Send new password"] {
            assert!(list.body.contains(part), "{part}: {}", list.body);
        }
        assert!(owner.get("/console/automations?state=inactive").await.body.contains("Yearly renewal"));
        assert!(owner.get("/console/automations?state=inactive_done").await.body.contains("Nothing fits."));
        assert_eq!(owner.get("/console/automations?state=nonsense").await.status, 400);
        // The second step shows again what was saved.
        let step = owner.get(&format!("{path}/schedule")).await;
        for part in [
            "value=\"2030-01-07T09:00\"",
            "value=\"weeks\" selected",
            "name=\"delete_after_last\" value=\"1\" checked",
        ] {
            assert!(step.body.contains(part), "{part}: {}", step.body);
        }
        assert!(!step.body.contains("name=\"day-sunday\" value=\"1\" checked"));
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_step_stands_at_its_field_and_nothing_typed_is_lost() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        let selection = everybody(&house, olga).await.to_string();
        let right = [("selection", selection.as_str()), ("act", "close")];
        for (name, value, wanted) in [
            ("name", "", "Expected 1 to 100 characters."),
            ("selection", "", "Choose a selection."),
            ("selection", "00000000-0000-7000-8000-000000000009", "Choose a selection."),
            ("mode", "never", "Choose one."),
            ("valid_hours", "337", "Expected a whole number from 1 to 336."),
            ("valid_hours", "soon", "Expected a whole number from 1 to 336."),
            ("remail_after_hours", "8761", "from 0 to 8760"),
            ("most_people", "0", "from 1 on"),
            ("approve_above", "-1", "from 1 on"),
        ] {
            let mut changes: Vec<(&str, &str)> =
                right.iter().filter(|(other, _)| *other != name).copied().collect();
            changes.push((name, value));
            let page = send(&mut owner, "/console/automations", &JOB, &changes).await;
            assert_eq!(page.status, 422, "{name} {value}");
            assert!(
                page.body.contains(wanted) && page.body.contains("For everybody"),
                "{name}: {}",
                page.body
            );
        }
        assert_eq!(house.count("SELECT count(*) FROM automations").await, 0);
        let path = make(&mut owner, selection.parse().unwrap()).await;
        let step = format!("{path}/schedule");
        for (name, value, wanted) in [
            ("zone", "Mars", "Expected a time zone such as Europe/Berlin."),
            ("start", "soon", "Expected a day and a time, as in"),
            ("every", "0", "Expected a whole number from 1 on, five years at most."),
            ("every", "x", "Expected a whole number from 1 on, five years at most."),
            ("end", "2029-01-01T00:00", "after the start"),
            ("end", "2036-01-01T00:00", "after the start"),
        ] {
            let page = send(&mut owner, &step, &SCHEDULE, &[(name, value), ("act", "close")]).await;
            assert_eq!(page.status, 422, "{name} {value}");
            assert!(page.body.contains(wanted), "{name} {value}: {}", page.body);
            assert!(page.body.contains(&format!("value=\"{value}\"")), "{name} {value}");
        }
        let nothing = [("start", "2030-01-07T09:00"), ("zone", "UTC"), ("act", "close")];
        let page = send(&mut owner, &step, &[], &nothing).await;
        assert!(page.status == 422 && page.body.contains("Tick at least one day."));
    }
}

#[tokio::test]
async fn the_next_five_runs_follow_what_is_typed_before_anything_is_saved() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        let selection = everybody(&house, olga).await;
        let path = make(&mut owner, selection).await;
        let step = format!("{path}/schedule");
        send(&mut owner, "/console/holidays", &[], &[("date", "2030-03-04"), ("name", "Carnival")]).await;
        let looked = send(
            &mut owner,
            &step,
            &SCHEDULE,
            &[("unit", "months"), ("every", "1"), ("start", "2030-02-04T07:30"), ("act", "look")],
        )
        .await;
        assert_eq!(looked.status, 200);
        assert_eq!(looked.body.matches("<li><time>").count(), 5, "{}", looked.body);
        for part in [
            "Mon 2030-02-04 07:30 CET",
            "Tue 2030-03-05 07:30 CET",
            "moved to an allowed day",
            "Every month at 07:30",
        ] {
            assert!(looked.body.contains(part), "{part}: {}", looked.body);
        }
        assert!(owner.get(&path).await.body.contains("Every 2 weeks"), "nothing is saved by looking");
        let never = send(
            &mut owner,
            &step,
            &SCHEDULE,
            &[("holidays", "only-on"), ("end", "2030-01-20T00:00"), ("act", "look")],
        )
        .await;
        assert!(never.body.contains("It would never run"), "{}", never.body);
        let wrong = send(&mut owner, &step, &SCHEDULE, &[("every", "0"), ("act", "look")]).await;
        assert!(wrong.status == 200 && wrong.body.contains("five years at most"));
    }
}

#[tokio::test]
async fn a_copy_is_ones_own_and_the_archive_gives_back_and_a_removal_does_not() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        let (_, mut other) = operator(&house, "otto", OWNER).await;
        house.execute("UPDATE people SET given_name = 'Otto' WHERE username = 'otto'", &[]).await;
        let selection = everybody(&house, olga).await;
        let path = make(&mut owner, selection).await;
        let copied = send(&mut other, &format!("{path}/copy"), &[], &[("copy", "The copy")]).await;
        let copy = copied.location().split('?').next().unwrap().to_owned();
        let page = other.get(&copy).await;
        assert!(page.body.contains("Otto Lovelace") && page.body.contains("Every 2 weeks"), "{}", page.body);
        let refused = send(&mut other, &format!("{path}/copy"), &[], &[("copy", " ")]).await;
        assert!(refused.status == 422 && refused.body.contains("Expected 1 to 100 characters."));
        assert_eq!(
            send(&mut owner, &format!("{path}/activate"), &[], &[("confirmed", "1")]).await.status,
            303
        );
        send(&mut owner, &format!("{path}/archive"), &[], &[]).await;
        assert!(!owner.get("/console/automations").await.body.contains("Yearly renewal"));
        assert!(owner.get("/console/automations?archived=1").await.body.contains("Yearly renewal"));
        assert_eq!(
            send(&mut owner, &format!("{path}/activate"), &[], &[("confirmed", "1")]).await.status,
            422
        );
        send(&mut owner, &format!("{path}/restore"), &[], &[]).await;
        assert!(owner.get(&path).await.body.contains("Deactivated"));
        send(&mut owner, &format!("{path}/remove"), &[], &[]).await;
        assert_eq!(owner.get(&path).await.status, 404);
        assert_eq!(other.get(&copy).await.status, 200);
    }
}

#[tokio::test]
async fn the_errors_and_occurrences_of_an_automation_are_told_with_their_cause() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        let selection = everybody(&house, olga).await;
        let path = make(&mut owner, selection).await;
        house
            .execute(
                "UPDATE automations SET errors_count = 2, last_error = 'the <cause>', last_error_at = $1",
                params![TEST_NOW],
            )
            .await;
        house
            .execute(
                "INSERT INTO occurrences (automation_id, occurrence, planned_at, outcome, detail, run_id, recorded_at)
                 SELECT id, '2026-01-01T09:00:00', $1, 'missed', 'no server was running', NULL, $1 FROM automations",
                params![TEST_NOW],
            )
            .await;
        let page = owner.get(&path).await;
        for part in ["the &#60;cause&#62;", "errors so far: 2", "Missed", "no server was running"] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        assert!(
            owner.get("/console/automations").await.body.contains("title=\"the &#60;cause&#62;\">2</span>")
        );
    }
}

#[tokio::test]
async fn holidays_are_added_renamed_and_removed() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        assert!(owner.get("/console/holidays").await.body.contains("No holiday yet."));
        for (date, name, wanted) in [
            ("2026-02-30", "x", "Expected a day of the calendar"),
            ("2026-12-25", " ", "Expected 1 to 100 characters."),
        ] {
            let page = send(&mut owner, "/console/holidays", &[], &[("date", date), ("name", name)]).await;
            assert!(page.status == 422 && page.body.contains(wanted), "{}", page.body);
            assert!(page.body.contains(&format!("value=\"{date}\"")));
        }
        for name in ["Xmas", "Christmas <Day>"] {
            let day = [("date", "2026-12-25"), ("name", name), ("yearly", "1")];
            assert_eq!(send(&mut owner, "/console/holidays", &[], &day).await.status, 303);
        }
        let page = owner.get("/console/holidays").await;
        assert!(
            page.body.contains("Christmas &#60;Day&#62;")
                && !page.body.contains("Xmas")
                && page.body.contains("every year")
        );
        assert_eq!(house.count("SELECT count(*) FROM audit WHERE action = 'holiday.saved'").await, 2);
        assert_eq!(
            send(&mut owner, "/console/holidays/remove", &[], &[("date", "2026-12-25")]).await.status,
            303
        );
        assert_eq!(
            send(&mut owner, "/console/holidays/remove", &[], &[("date", "2026-12-25")]).await.status,
            404
        );
    }
}

#[tokio::test]
async fn who_may_only_look_finds_no_buttons() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        let selection = everybody(&house, olga).await;
        let path = make(&mut owner, selection).await;
        contacts(&house, 2).await;
        let (_, mut helper) = operator(&house, "hal", HELPER).await;
        house
            .execute(
                "UPDATE roles SET permissions = $1 WHERE name = 'Helper'",
                params!["[\"automations.view\"]"],
            )
            .await;
        let page = helper.get(&path).await;
        for act in ["/job", "/schedule", "/activate", "/run", "/copy", "/archive", "/remove"] {
            assert!(!page.body.contains(&format!("{path}{act}")), "{act}: {}", page.body);
        }
        let preview = helper.get(&format!("{path}/preview")).await;
        assert!(
            preview.body.contains("would receive") && !preview.body.contains("p0"),
            "names are not for everybody"
        );
        assert!(
            !helper
                .get("/console/holidays")
                .await
                .body
                .contains("<form method=\"post\" action=\"/console/holidays")
        );
    }
}
