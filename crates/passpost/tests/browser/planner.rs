//! The planner's way: a selection is built, an automation made in two steps, activated and run once; with script, and
//! the same without.

use crate::page::Browser;
use crate::program::Program;
use crate::scene::{become_owner, choose, fill, press, serve, set};
use serde_json::Value;
use std::fmt::Write as _;

const MEMBERS: u32 = 120;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_selection_is_built_and_an_automation_made_activated_and_run_with_script_and_without() {
    let program = serve();
    let Some(mut browser) = Browser::open(&program.base, "en").await else { return };
    furnish(&program);
    become_owner(&browser, &program).await;
    for (path, name) in [("selections", "selections-empty"), ("automations", "automations-empty")] {
        browser.goto(&format!("/console/{path}")).await;
        browser.look(name, "en", 200).await;
    }
    build(&browser).await;
    slip(&browser).await;
    browser.let_scripts_run(false).await;
    build_without_script(&browser).await;
    plan(&browser, "Without script").await;
    browser.let_scripts_run(true).await;
    plan(&browser, "Members").await;
    run_once(&browser).await;
    holidays(&browser).await;
    for (path, name) in [("selections", "selections"), ("automations", "automations")] {
        browser.goto(&format!("/console/{path}")).await;
        browser.look(name, "en", 200).await;
    }
    browser.close().await;
}

fn furnish(program: &Program) {
    let mut people = String::from("username,address,given_name,family_name,groups\n");
    for number in 0..MEMBERS {
        writeln!(people, "p{number},p{number}@members.example,Ada,Lovelace,members").unwrap();
    }
    people.push_str("silent,,Sam,Silent,members\n");
    program.write("people.csv", &people);
    program.run(&["people", "import", "people.csv"]);
}

/// Builder and text follow each other, and the number follows both, without a reload.
async fn build(browser: &Browser) {
    browser.goto("/console/selections/new").await;
    browser.look("selection-new", "en", 200).await;
    browser.ask("window.isSame = true").await;
    fill(browser, "name", "Members").await;
    choose(browser, "value-0", "members").await;
    let says = "document.querySelector('#filter').value === 'groups.name eq \"members\"'";
    browser.until("the text of the first row", says).await;
    press(browser, "button[value='add ']").await;
    browser.until("a second row", "document.querySelector('#attribute-1') !== null").await;
    choose(browser, "attribute-1", "Blocked").await;
    browser.until("its values", "document.querySelector('#value-1')?.options.length === 3").await;
    choose(browser, "value-1", "No").await;
    let says = "document.querySelector('#filter').value.endsWith('and blocked eq false')";
    browser.until("the text of both rows", says).await;
    let counted = "document.querySelector('.found .percent')?.textContent.startsWith('121')";
    browser.until("the number of people", counted).await;
    press(browser, "button[value='container ']").await;
    browser.until("a container", "document.querySelector('#attribute-2\\\\.0') !== null").await;
    browser.look("selection-builder", "en", 200).await;
    press(browser, "button[value='remove 2']").await;
    browser.until("two rows", "document.querySelectorAll('.criterion').length === 2").await;
    press(browser, "button[value='negate 1']").await;
    let says = "document.querySelector('#filter').value.endsWith('not (blocked eq false)')";
    browser.until("the negation", says).await;
    assert_eq!(browser.ask("window.isSame").await, Value::Bool(true), "nothing was loaded anew");
}

/// A slip is pointed at, corrected, and the builder follows; then it is published.
async fn slip(browser: &Browser) {
    set(browser, "filter", "groups.name eq \"members\" and blockd eq false").await;
    browser.until("the place of the slip", "document.querySelector('.problem pre') !== null").await;
    assert!(browser.text(".problem").await.contains("Did you mean blocked?"));
    browser.look("selection-slip", "en", 200).await;
    set(browser, "filter", "groups.name eq \"members\" and blocked eq false").await;
    let whole =
        "document.querySelector('#value-1')?.value === 'false' && !document.querySelector('.problem')";
    browser.until("the row of the text", whole).await;
    browser.click("button[value=publish]").await;
    assert!(browser.text("[role=status]").await.contains("published"));
    browser.look("selection", "en", 200).await;
}

/// Both steps, then the activation with the number typed.
async fn plan(browser: &Browser, selection: &str) {
    browser.goto("/console/automations/new").await;
    browser.look("automation-job", "en", 200).await;
    browser.click("button[value=next]").await;
    browser.look("automation-job-refused", "en", 422).await;
    fill(browser, "name", &format!("Renewal of {selection}")).await;
    choose(browser, "selection", selection).await;
    browser.click("button[value=next]").await;
    set(browser, "start", "2037-01-05T09:00").await;
    if browser.has_script() {
        browser.until("the next runs", "document.querySelectorAll('.coming li').length === 5").await;
    } else {
        browser.click("button.no-script[value=look]").await;
        assert_eq!(browser.count(".coming li").await, 5);
    }
    browser.look("automation-schedule", "en", 200).await;
    browser.click("button[value=activate]").await;
    browser.look("automation-activate", "en", 200).await;
    fill(browser, "confirmed", "7").await;
    browser.click("form .primary").await;
    browser.look("automation-activate-refused", "en", 422).await;
    fill(browser, "confirmed", &MEMBERS.to_string()).await;
    browser.click("form .primary").await;
    assert_eq!(browser.text(".head .state").await, "Active, scheduled");
    browser.look("automation", "en", 200).await;
}

async fn run_once(browser: &Browser) {
    browser.follow("Preview").await;
    assert!(browser.text("main").await.contains("no mail address"));
    browser.look("automation-preview", "en", 200).await;
    browser.follow("Renewal of Members").await;
    browser.follow("Run once").await;
    browser.look("automation-run", "en", 200).await;
    fill(browser, "confirmed", &MEMBERS.to_string()).await;
    browser.click("form .primary").await;
    assert!(browser.path().await.starts_with("/console/runs/"), "{}", browser.path().await);
    assert!(browser.text("[role=status]").await.contains("has begun"));
}

async fn holidays(browser: &Browser) {
    browser.goto("/console/holidays").await;
    browser.look("holidays-empty", "en", 200).await;
    set(browser, "date", "2036-12-25").await;
    fill(browser, "name", "Christmas Day").await;
    press(browser, "#yearly").await;
    browser.click("form .primary").await;
    assert!(browser.text("table").await.contains("every year"));
    browser.look("holidays", "en", 200).await;
}

/// Every button is a request and a page.
async fn build_without_script(browser: &Browser) {
    browser.goto("/console/selections/new").await;
    fill(browser, "name", "Without script").await;
    choose(browser, "attribute-0", "Blocked").await;
    browser.click("button.no-script[value=refresh]").await;
    choose(browser, "value-0", "No").await;
    browser.click("button[value='add ']").await;
    choose(browser, "value-1", "members").await;
    browser.click("button.no-script[value=refresh]").await;
    let text = browser.ask("document.querySelector('#filter').value").await;
    assert_eq!(text, "blocked eq false and groups.name eq \"members\"");
    browser.look("selection-without-script", "en", 200).await;
    browser.click("button[value=publish]").await;
    assert!(browser.text("[role=status]").await.contains("published"));
}
