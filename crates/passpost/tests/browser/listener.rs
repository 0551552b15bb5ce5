//! The way to an automation that an event begins: three steps, activation, an event tried out and one sent; with
//! script, and the steps the same without.

use crate::page::Browser;
use crate::program::Program;
use crate::scene::{become_owner, choose, fill, press, serve, set};
use serde_json::Value;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_automation_of_an_event_is_made_tried_and_acts_with_script_and_without() {
    let program = serve();
    let Some(mut browser) = Browser::open(&program.base, "en").await else { return };
    furnish(&program);
    become_owner(&browser, &program).await;
    for (path, name) in [("events", "events-empty"), ("events/types", "events-types")] {
        browser.goto(&format!("/console/{path}")).await;
        browser.look(name, "en", 200).await;
    }
    make(&browser).await;
    try_and_send(&browser).await;
    call_off(&browser).await;
    browser.let_scripts_run(false).await;
    make_without_script(&browser).await;
    browser.let_scripts_run(true).await;
    browser.goto("/console/automations").await;
    press(&browser, ".pop.new > summary").await;
    browser.look("automations-both", "en", 200).await;
    browser.close().await;
}

fn furnish(program: &Program) {
    let people = "username,address,given_name,family_name,groups\n\
        ada,ada@members.example,Ada,Lovelace,members\n\
        adam,adam@members.example,Adam,Riese,members\n";
    program.write("people.csv", people);
    program.run(&["people", "import", "people.csv"]);
}

async fn pick(browser: &Browser, id: &str, value: &str) {
    set(browser, id, value).await;
}

/// All three steps with what goes wrong on the way; nothing is loaded anew but at each save.
async fn make(browser: &Browser) {
    browser.goto("/console/automations").await;
    press(browser, ".empty .ways li:last-child a").await;
    browser.is_at("/console/automations/new/event").await;
    browser.look("event-step", "en", 200).await;
    browser.ask("window.isSame = true").await;
    pick(browser, "event", "passpost.person.changed").await;
    browser.until("the attributes", "document.querySelector('#attribute-address') !== null").await;
    pick(browser, "event", "custom").await;
    browser.until("the type", "document.querySelector('#custom_type') !== null").await;
    fill(browser, "custom_type", "two words").await;
    press(browser, "button[value=add]").await;
    browser.until("a row", "document.querySelector('#condition-field-0') !== null").await;
    fill(browser, "condition-field-0", "a..b").await;
    assert_eq!(browser.ask("window.isSame").await, Value::Bool(true), "nothing was loaded anew");
    browser.click("button[value=next]").await;
    browser.look("event-step-refused", "en", 422).await;
    fill(browser, "name", "Welcome to a course").await;
    fill(browser, "custom_type", "org.example.course.booked").await;
    fill(browser, "condition-field-0", "course.id").await;
    fill(browser, "condition-value-0", "C-7").await;
    browser.click("button[value=next]").await;
    job(browser).await;
    frame(browser).await;
}

async fn job(browser: &Browser) {
    browser.look("event-job", "en", 200).await;
    press(browser, "#job-send-new-password-to-system-user").await;
    press(browser, "#target-person").await;
    fill(browser, "person", "ada").await;
    browser.until("who it is", "document.querySelector('[data-live=found] .hint') !== null").await;
    browser.click("button[value=next]").await;
    browser.look("event-job-refused", "en", 422).await;
    press(browser, "#job-send-reset-link").await;
    browser.until("the link", "document.querySelector('#link_hours') !== null").await;
    press(browser, "#job-send-new-password-to-contact").await;
    browser.until("the password", "document.querySelector('#valid_hours[type=text]') !== null").await;
    press(browser, "#target-event").await;
    fill(browser, "delay_value", "3").await;
    choose(browser, "delay_unit", "Days").await;
    browser.click("button[value=next]").await;
}

async fn frame(browser: &Browser) {
    browser.look("event-frame", "en", 200).await;
    set(browser, "hours_from", "08:00").await;
    browser
        .until("what is wrong", "document.querySelector('[data-live=coming]').textContent.includes('marked')")
        .await;
    set(browser, "hours_until", "08:00").await;
    browser.click("button[value=close]").await;
    browser.look("event-frame-refused", "en", 422).await;
    set(browser, "hours_until", "18:00").await;
    browser.until("the next moments", "document.querySelectorAll('.coming li').length === 5").await;
    browser.click("button[value=activate]").await;
    browser.look("event-activate", "en", 200).await;
    browser.click("main form .primary").await;
    assert_eq!(browser.text(".head .state").await, "Active, listening");
    browser.look("event-automation", "en", 200).await;
}

/// An event is asked about, which changes nothing, and then sent: its job waits.
async fn try_and_send(browser: &Browser) {
    browser.follow("Try an event out").await;
    browser.until("the event", "document.querySelector('#json') !== null").await;
    browser.look("event-try", "en", 200).await;
    for (contact, number) in [("ada", 1), ("adam", 2)] {
        let json = format!(
            "{{\\\"specversion\\\":\\\"1.0\\\",\\\"id\\\":\\\"{number}\\\",\\\"source\\\":\\\"https://courses.example/\\\",\
             \\\"type\\\":\\\"org.example.course.booked\\\",\\\"contact\\\":\\\"{contact}\\\",\
             \\\"data\\\":{{\\\"course\\\":{{\\\"id\\\":\\\"C-7\\\",\\\"title\\\":\\\"First aid\\\"}}}}}}"
        );
        browser.ask(&format!("document.getElementById('json').value = \"{json}\"")).await;
        browser.click("button[value=try]").await;
        let would = format!("Would mail {contact} a new password, at 20");
        assert!(browser.text(".would").await.contains(&would), "{}", browser.text("main").await);
        if number == 1 {
            browser.look("event-tried", "en", 200).await;
        }
        browser.click("button[value=send]").await;
        browser.is_at("/console/events").await;
        until_routed(browser).await;
        if number == 1 {
            browser.goto("/console/events/try?event=org.example.course.booked").await;
        }
    }
    browser.look("events", "en", 200).await;
    browser.click("tbody th a").await;
    browser.look("event", "en", 200).await;
    browser.follow("Welcome to a course").await;
    assert!(browser.text("#waiting").await.contains("adam"));
    browser.look("event-automation-waiting", "en", 200).await;
    browser.goto("/console").await;
    assert!(browser.text("main").await.contains("Welcome to a course: 2 waiting"));
}

async fn until_routed(browser: &Browser) {
    let began = Instant::now();
    while browser.text("tbody tr .state").await == "not looked at yet" {
        assert!(began.elapsed() < Duration::from_secs(60), "{}", browser.text("main").await);
        tokio::time::sleep(Duration::from_millis(300)).await;
        browser.goto("/console/events").await;
    }
}

/// What waits is said before it is called off.
async fn call_off(browser: &Browser) {
    browser.goto("/console/automations").await;
    browser.follow("Welcome to a course").await;
    press(browser, ".head .pop > summary").await;
    assert!(browser.text(".head .pop").await.contains("2 jobs wait. They will be called off"));
    browser.look("event-call-off", "en", 200).await;
    browser.click(".head .pop .danger").await;
    assert_eq!(browser.text(".head .state").await, "Deactivated");
    assert!(browser.text("main").await.contains("Nothing waits."));
}

/// The same steps by buttons alone.
async fn make_without_script(browser: &Browser) {
    browser.goto("/console/automations/new/event").await;
    fill(browser, "name", "New members").await;
    let members = "Member added to group (C) – somebody was put into a group without being asked";
    choose(browser, "event", members).await;
    browser.click("p.no-script button[value=look]").await;
    choose(browser, "group", "members").await;
    browser.click("button[value=add]").await;
    assert_eq!(browser.count(".condition").await, 1);
    browser.look("event-step-plain", "en", 200).await;
    browser.click("button[value='drop 0']").await;
    assert_eq!(browser.count(".condition").await, 0);
    browser.click("button[value=next]").await;
    // The job for system users asks for a person, and with this event for a tick.
    press(browser, "#job-send-new-password-to-system-user").await;
    press(browser, "#target-person").await;
    fill(browser, "person", "olga@portal.example").await;
    browser.click("button[value=next]").await;
    browser.look("event-job-warned", "en", 422).await;
    press(browser, "#confirm-odd-contact-event").await;
    browser.click("button[value=next]").await;
    browser.click("button.no-script[value=look]").await;
    assert_eq!(browser.count(".coming li").await, 5);
    browser.click("button[value=close]").await;
    assert_eq!(browser.text(".head .state").await, "Inactive");
}
