//! Automations that an event begins, in the console: the three steps, what is refused and what is confirmed.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::automations::{operator, send};
use crate::house::{Answer, Browser, House, OWNER};
use domain::event::cloud::CloudEvent;
use testkit::{custom, databases};

pub(crate) const BOOKED: &str = "org.example.course.booked";

pub(crate) const EVENT: [(&str, &str); 8] = [
    ("name", "Welcome"),
    ("description", "For whoever booked"),
    ("event", "custom"),
    ("custom_type", BOOKED),
    ("source", ""),
    ("condition-field-0", "course.id"),
    ("condition-operator-0", "equals"),
    ("condition-value-0", "C-7"),
];

pub(crate) const JOB: [(&str, &str); 11] = [
    ("job", "send-new-password-to-contact"),
    ("target", "event"),
    ("person", ""),
    ("delay_value", "2"),
    ("delay_unit", "hours"),
    ("mode", "after_acceptance"),
    ("valid_hours", "48"),
    ("link_hours", "24"),
    ("remail_after_hours", "24"),
    ("most_people", "500"),
    ("approve_above", ""),
];

pub(crate) const FRAME: [(&str, &str); 10] = [
    ("zone", "Europe/Berlin"),
    ("start", "2026-01-01T00:00"),
    ("end", "2030-12-31T18:00"),
    ("hours_from", ""),
    ("hours_until", ""),
    ("day-monday", "1"),
    ("day-wednesday", "1"),
    ("day-friday", "1"),
    ("day-saturday", "1"),
    ("holidays", "always"),
];

/// Saves the first step; gives the path of the automation.
pub(crate) async fn first_step(browser: &mut Browser, changes: &[(&str, &str)]) -> String {
    let mut changes = changes.to_vec();
    changes.push(("act", "next"));
    let first = send(browser, "/console/automations/new/event", &EVENT, &changes).await;
    assert_eq!(first.status, 303, "{}", first.body);
    first.location().split("/event-job").next().unwrap().to_owned()
}

/// Saves all three steps; gives the path.
pub(crate) async fn make(browser: &mut Browser, event: &[(&str, &str)], job: &[(&str, &str)]) -> String {
    let path = first_step(browser, event).await;
    let mut job = job.to_vec();
    job.push(("act", "next"));
    let second = send(browser, &format!("{path}/event-job"), &JOB, &job).await;
    assert_eq!(second.status, 303, "{}", second.body);
    assert!(second.location().starts_with(&format!("{path}/frame")), "{}", second.location());
    // On all days: what is due is done at once.
    let days = [("day-tuesday", "1"), ("day-thursday", "1"), ("day-sunday", "1"), ("act", "close")];
    let third = send(browser, &format!("{path}/frame"), &FRAME, &days).await;
    assert_eq!(third.status, 303, "{}", third.body);
    path
}

/// The same, active.
pub(crate) async fn listen(browser: &mut Browser, event: &[(&str, &str)], job: &[(&str, &str)]) -> String {
    let path = make(browser, event, job).await;
    let token = browser.get(&format!("{path}/activate")).await.token();
    let done = browser.post(&format!("{path}/activate"), &[("csrf", &token)]).await;
    assert_eq!((done.status.as_u16(), done.location()), (303, &*format!("{path}?done=automation-listens")));
    path
}

/// A booking of a course by somebody.
pub(crate) fn booking(id: &str, contact: &str) -> CloudEvent {
    custom(id, BOOKED, contact, serde_json::json!({ "course": { "id": "C-7", "title": "<b>First aid</b>" } }))
}

/// Saves the first step of an automation once more.
pub(crate) async fn save_first_again(browser: &mut Browser, path: &str) {
    let saved = send(browser, &format!("{path}/event"), &EVENT, &[("act", "next")]).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
}

/// Sends events as a program does, and lets the scheduler look.
pub(crate) async fn arrive(house: &House, events: Vec<CloudEvent>) {
    house.state.flow.accept_events(events, &store::Acting::system()).await.unwrap();
    house.state.flow.schedule_once().await.unwrap();
}

pub(crate) fn has(page: &Answer, parts: &[&str]) {
    for part in parts {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
}

#[tokio::test]
async fn three_steps_are_saved_one_by_one_and_the_later_ones_show_the_first() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        let list = owner.get("/console/automations").await;
        has(&list, &["By a schedule", "When something happens", "/console/automations/new/event"]);
        let blank = owner.get("/console/automations/new/event").await;
        has(
            &blank,
            &["Person created (S/C) – somebody is new", "<optgroup label=\"Sign-in\">", "Custom event (S/C)"],
        );
        let path = first_step(&mut owner, &[]).await;
        // Nothing is lost of a first step whose second one never comes.
        has(
            &owner.get(&path).await,
            &["The second step is not saved yet", "org.example.course.booked (S/C)"],
        );
        let second = owner.get(&format!("{path}/event-job")).await;
        has(
            &second,
            &["<dd>Welcome</dd>", "<dd>For whoever booked</dd>", "<dd>org.example.course.booked (S/C)</dd>"],
        );
        assert!(!second.body.contains("name=\"name\""), "the name is only shown");
        let saved = send(&mut owner, &format!("{path}/event-job"), &JOB, &[("act", "next")]).await;
        assert_eq!(saved.location(), format!("{path}/frame?done=automation-event-job-saved"));
        let third = owner.get(&format!("{path}/frame")).await;
        has(&third, &["<dd>Welcome</dd>", "Next allowed moments", "value=\"Europe/Berlin\""]);
        let saved = send(&mut owner, &format!("{path}/frame"), &FRAME, &[("act", "activate")]).await;
        assert_eq!(saved.location(), format!("{path}/activate?done=automation-saved"));
        let activate = owner.get(&format!("{path}/activate")).await;
        has(
            &activate,
            &["Send new password to contact", "2 hours after the event", "The person of the event"],
        );
        let token = activate.token();
        owner.post(&format!("{path}/activate"), &[("csrf", &token)]).await;
        let page = owner.get(&path).await;
        has(
            &page,
            &[
                "Active, listening",
                "course.id equals “C-7”",
                "From 2026-01-01 00:00 until 2030-12-31 18:00, Monday, Wednesday, Friday, Saturday (Europe/Berlin)",
                "No event has come yet.",
                "Nothing waits.",
                "It cannot be run once",
            ],
        );
        assert!(!page.body.contains(&format!("{path}/run\"")), "nothing to run once");
        has(
            &owner.get("/console/automations").await,
            &["Welcome", BOOKED, "Active, listening", "2030-12-31"],
        );
    }
}

#[tokio::test]
async fn each_step_of_an_active_automation_can_be_opened_again() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        let path = listen(&mut owner, &[], &[]).await;
        // An active one does not take an event its job does not go with.
        let other =
            [("event", "passpost.import.finished"), ("condition-field-0", ""), ("condition-value-0", "")];
        let refused = send(&mut owner, &format!("{path}/event"), &EVENT, &other).await;
        assert_eq!(refused.status, 422);
        has(&refused, &["Import finished carries no contact", "It is active: deactivate it first"]);
        // Each step can be opened again, with what was saved.
        has(
            &owner.get(&format!("{path}/event")).await,
            &["value=\"custom\" selected", "value=\"C-7\"", "It is active: what you save counts from now on"],
        );
        has(
            &owner.get(&format!("{path}/event-job")).await,
            &["name=\"delay_value\" type=\"text\" value=\"2\"", "value=\"48\""],
        );
        has(&owner.get(&format!("{path}/frame")).await, &["value=\"2030-12-31T18:00\""]);
        // The steps of the other kind lead here.
        assert_eq!(owner.get(&format!("{path}/job")).await.location(), format!("{path}/event-job"));
        assert_eq!(owner.get(&format!("{path}/schedule")).await.location(), format!("{path}/frame"));
        assert_eq!(owner.get(&format!("{path}/run")).await.location(), path);
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_event_stands_at_its_field_and_nothing_typed_is_lost() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        for (name, value, wanted) in [
            ("name", "", "Expected 1 to 100 characters."),
            ("event", "", "Choose an event."),
            ("event", "passpost.nothing", "Choose an event."),
            ("custom_type", "two words", "Expected 1 to 200 characters without spaces"),
            ("custom_type", "passpost.person.created", "are Passpost’s own"),
            ("source", "two words", "Expected an address without spaces"),
            ("condition-field-0", "a..b", "Expected a field such as course.id"),
            ("condition-field-0", "$contact", "Expected a field such as course.id"),
            ("selection", "00000000-0000-7000-8000-000000000009", "Choose one that is published, or none."),
        ] {
            let page =
                send(&mut owner, "/console/automations/new/event", &EVENT, &[(name, value), ("act", "next")])
                    .await;
            assert_eq!(page.status, 422, "{name} {value}: {}", page.body);
            has(&page, &[wanted, "For whoever booked", "value=\"C-7\""]);
        }
        let expression = [("condition-operator-0", "matches"), ("condition-value-0", "(C"), ("act", "next")];
        let page = send(&mut owner, "/console/automations/new/event", &EVENT, &expression).await;
        has(&page, &["Expected a regular expression.", "unclosed group", "value=\"(C\""]);
        // Each is told, whatever else is wrong.
        let both = [("event", ""), ("condition-field-0", "a..b"), ("act", "next")];
        let page = send(&mut owner, "/console/automations/new/event", &EVENT, &both).await;
        has(&page, &["Choose an event.", "Expected a field such as course.id"]);
        assert_eq!(house.count("SELECT count(*) FROM automations").await, 0);
    }
}

#[tokio::test]
async fn settings_follow_the_event_and_rows_come_and_go_without_script() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        let path = "/console/automations/new/event";
        let look = async |owner: &mut Browser, changes: &[(&str, &str)]| {
            let page = send(owner, path, &EVENT, changes).await;
            assert_eq!(page.status, 200, "{}", page.body);
            page
        };
        let changed = [("event", "passpost.person.changed"), ("attribute-address", "1"), ("act", "look")];
        let page = look(&mut owner, &changed).await;
        has(
            &page,
            &[
                "id=\"attribute-address\" name=\"attribute-address\" value=\"1\" checked",
                "any attribute, or those you choose",
            ],
        );
        assert!(!page.body.contains("name=\"custom_type\""));
        let page = look(&mut owner, &[("event", "passpost.system.logged_on"), ("act", "look")]).await;
        has(&page, &["name=\"system_user\"", "Ada Lovelace (olga)"]);
        let page = look(&mut owner, &[("event", "passpost.group.subscribed"), ("act", "look")]).await;
        has(&page, &["name=\"group\"", "<code>group</code> (the name of the group)"]);
        // A row more, and the first one taken away: what was typed stays.
        let page = look(&mut owner, &[("act", "add")]).await;
        has(
            &page,
            &["name=\"condition-field-0\" value=\"course.id\"", "name=\"condition-field-1\" value=\"\""],
        );
        let two = [
            ("condition-field-1", "seats"),
            ("condition-operator-1", "not_equals"),
            ("condition-value-1", "0"),
            ("act", "drop 0"),
        ];
        let page = look(&mut owner, &two).await;
        has(&page, &["name=\"condition-field-0\" value=\"seats\"", "value=\"not_equals\" selected"]);
        assert!(!page.body.contains("course.id\""));
        assert_eq!(house.count("SELECT count(*) FROM automations").await, 0);
    }
}

const LOGGED_ON: [(&str, &str); 4] = [
    ("event", "passpost.system.logged_on"),
    ("custom_type", ""),
    ("condition-field-0", ""),
    ("condition-value-0", ""),
];

#[tokio::test]
async fn what_does_not_go_together_is_refused() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        house.contact("ada").await;
        house.contact("adam").await;
        let path = first_step(&mut owner, &LOGGED_ON).await;
        let step = format!("{path}/event-job");
        // The jobs that suit come first, the other one says why it does not.
        let page = owner.get(&step).await;
        let place = |part: &str| page.body.find(part).unwrap_or_else(|| panic!("{part}: {}", page.body));
        assert!(place("id=\"job-send-reset-link\"") < place("id=\"job-send-new-password-to-contact\""));
        has(&page, &["Logged on to the system carries no contact, so the job has nobody to write to."]);
        let lock = [("job", "send-new-password-to-system-user"), ("act", "next")];
        let page = send(&mut owner, &step, &JOB, &lock).await;
        assert_eq!(page.status, 422);
        has(&page, &["A new password at each log-on would lock every system user out", "value=\"48\""]);
        // A chosen person instead: found by name, by user name, or not at all.
        let chosen = |person: &'static str| {
            [
                ("job", "send-new-password-to-system-user"),
                ("target", "person"),
                ("person", person),
                ("act", "next"),
            ]
        };
        for (person, wanted) in [
            ("", "Say who it is."),
            ("nobody at all", "Nobody like this is there."),
            ("ada", "This is a contact; the job writes to system users only."),
            ("Lovelace", "Several people fit: choose one of them below."),
        ] {
            let page = send(&mut owner, &step, &JOB, &chosen(person)).await;
            assert_eq!(page.status, 422, "{person}");
            has(&page, &[wanted]);
        }
        let id = olga.to_string();
        let mut several = chosen("Lovelace").to_vec();
        several.push(("chosen", &id));
        assert_eq!(send(&mut owner, &step, &JOB, &several).await.status, 303);
        has(&owner.get(&path).await, &["Ada Lovelace (olga)"]);
    }
}

#[tokio::test]
async fn the_job_for_contacts_with_an_event_of_the_system_needs_a_tick() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        house.contact("ada").await;
        let path = first_step(&mut owner, &LOGGED_ON).await;
        let step = format!("{path}/event-job");
        // The job for contacts with an event of the system: only with a tick.
        let odd = [("target", "person"), ("person", "ada"), ("act", "next")];
        let page = send(&mut owner, &step, &JOB, &odd).await;
        assert_eq!(page.status, 422);
        has(
            &page,
            &[
                "is about the system, but the job writes to the chosen contact each time",
                "Tick this if it is meant so",
            ],
        );
        let mut meant = odd.to_vec();
        meant.push(("confirm-odd-system-event", "1"));
        assert_eq!(send(&mut owner, &step, &JOB, &meant).await.status, 303);
        assert_eq!(
            house.count("SELECT count(*) FROM automations WHERE confirmed = '[\"odd-system-event\"]'").await,
            1
        );
        has(&owner.get(&step).await, &["name=\"confirm-odd-system-event\" value=\"1\" checked"]);
    }
}

#[tokio::test]
async fn what_is_wrong_with_job_and_frame_stands_at_its_field() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        let path = first_step(&mut owner, &[]).await;
        for (name, value, wanted) in [
            ("job", "", "Choose a job."),
            ("job", "send-new-password", "Choose a job."),
            ("target", "", "Choose one of the two."),
            ("delay_value", "0", "Expected a whole number from 1 to 8760 (a year), or nothing."),
            ("delay_value", "soon", "Expected a whole number from 1 to 8760"),
            ("mode", "never", "Choose one."),
            ("valid_hours", "337", "Expected a whole number from 1 to 336."),
            ("most_people", "0", "from 1 on"),
        ] {
            let page =
                send(&mut owner, &format!("{path}/event-job"), &JOB, &[(name, value), ("act", "next")]).await;
            assert_eq!(page.status, 422, "{name} {value}");
            has(&page, &[wanted]);
        }
        let link = [("job", "send-reset-link"), ("link_hours", "0"), ("act", "next")];
        has(
            &send(&mut owner, &format!("{path}/event-job"), &JOB, &link).await,
            &["Expected a whole number from 1 to 336."],
        );
        let link = [("job", "send-reset-link"), ("act", "look")];
        let page = send(&mut owner, &format!("{path}/event-job"), &JOB, &link).await;
        has(&page, &["Link good for (hours)", "type=\"hidden\" name=\"valid_hours\" value=\"48\""]);
        assert_eq!(
            send(&mut owner, &format!("{path}/event-job"), &JOB, &[("act", "next")]).await.status,
            303
        );
        let step = format!("{path}/frame");
        for (name, value, wanted) in [
            ("zone", "Mars", "Expected a time zone such as Europe/Berlin."),
            ("start", "soon", "Expected a day and a time"),
            ("end", "2025-01-01T00:00", "after the start"),
            ("hours_from", "08:00", "Expected two different times of day"),
            ("hours_until", "late", "Expected two different times of day"),
        ] {
            let page = send(&mut owner, &step, &FRAME, &[(name, value), ("act", "close")]).await;
            assert_eq!(page.status, 422, "{name} {value}");
            has(&page, &[wanted]);
            assert!(page.body.contains(&format!("value=\"{value}\"")), "{name} {value}");
        }
        let night = [("hours_from", "22:00"), ("hours_until", "06:00"), ("act", "look")];
        let page = send(&mut owner, &step, &FRAME, &night).await;
        has(&page, &["from 22:00 to 06:00 o’clock", "class=\"coming\""]);
        let page =
            send(&mut owner, &step, &[("start", "2026-01-01T00:00"), ("zone", "UTC")], &[("act", "close")])
                .await;
        has(&page, &["Tick at least one day."]);
        // Without its frame it cannot be active, and says so.
        has(&owner.get(&format!("{path}/activate")).await, &["The third step is not saved yet"]);
        let token = owner.get("/console").await.token();
        let refused = owner.post(&format!("{path}/activate"), &[("csrf", &token)]).await;
        assert_eq!(refused.status, 422);
        has(&refused, &["The automation has no time frame yet"]);
    }
}
