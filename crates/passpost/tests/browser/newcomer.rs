//! A new operator's way, from an empty database with the browser alone: people from a file of 5,000 rows, a selection, an
//! automation, its run, why somebody was left out, a failed one tried again, the report. Keys, groups and one person
//! on the way.

use crate::page::Browser;
use crate::program::Program;
use crate::scene::{become_owner, choose, fill, serve_over, set};
use fantoccini::Locator;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use testkit::relay::{Action, Script, ScriptedRelay, Stage};

const ROWS: usize = 5_000;
/// Rows with something wrong, without an address, and whose server refuses ours for a while.
const WRONG: usize = 2;
const SILENT: usize = 3;
const GONE: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newcomer_gives_five_thousand_people_passwords_with_the_browser_alone() {
    let is_back = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&is_back);
    let script = Script::default().answer(move |moment| {
        let gone = moment.stage == Stage::Rcpt && moment.recipient.starts_with("gone");
        if gone && !seen.load(Ordering::Relaxed) {
            return Action::reply("550 5.7.1 This server is not known here yet");
        }
        Action::Accept
    });
    let relay = ScriptedRelay::start(script).await;
    let program = serve_over(&relay, None);
    let Some(mut browser) = Browser::open(&program.base, "en").await else { return };
    become_owner(&browser, &program).await;
    import(&browser, &program).await;
    people(&browser).await;
    select(&browser).await;
    automate(&browser).await;
    run(&browser).await;
    is_back.store(true, Ordering::Relaxed);
    retry(&browser).await;
    keys(&browser).await;
    browser.let_scripts_run(false).await;
    without_script(&browser, &program).await;
    browser.close().await;
}

fn file(rows: usize) -> String {
    let mut people = String::from("username;address;given_name;family_name;language\n");
    for number in 0..rows {
        let address = match number {
            _ if number < WRONG => "not an address".to_owned(),
            _ if number < WRONG + SILENT => String::new(),
            _ if number < WRONG + SILENT + GONE => format!("gone{number}@members.example"),
            _ => format!("person{number}@members.example"),
        };
        writeln!(people, "person{number};{address};Zoë;Lindqvist{number};de").unwrap();
    }
    people
}

/// The file is chosen, looked at, and applied.
async fn import(browser: &Browser, program: &Program) {
    browser.goto("/console/people").await;
    browser.look("people-alone", "en", 200).await;
    browser.follow("Import").await;
    browser.look("import", "en", 200).await;
    program.write("members.csv", &file(ROWS));
    let field = browser.client().find(Locator::Id("file")).await.unwrap();
    field.send_keys(&program.path("members.csv")).await.unwrap();
    fill(browser, "group", "members").await;
    browser.click("form .primary").await;
    let preview = browser.text("main").await;
    assert!(preview.contains("Import 4,998 people") && preview.contains("Lindqvist2"), "{preview}");
    assert!(preview.contains("An address has no white space"), "{preview}");
    browser.look("import-preview", "en", 200).await;
    browser.click("form .primary").await;
    assert!(browser.text("[role=status]").await.contains("4,998"));
    browser.look("import-done", "en", 200).await;
}

/// Finds one by typing, looks at the person, and writes down what is known.
async fn people(browser: &Browser) {
    browser.follow("Look at the people").await;
    browser.look("people", "en", 200).await;
    browser.ask("window.isSame = true").await;
    let search = browser.client().find(Locator::Id("q")).await.unwrap();
    search.send_keys("zoe lindqvist4711").await.unwrap();
    let found = "document.querySelectorAll('tbody tr').length === 1 && window.isSame";
    browser.until("the one who is looked for", found).await;
    browser.look("people-found", "en", 200).await;
    browser.follow("Zoë Lindqvist4711").await;
    browser.look("person", "en", 200).await;
    browser.follow("Edit").await;
    fill(browser, "time_zone", "Nowhere/Here").await;
    browser.click("form .primary").await;
    browser.look("person-edit-refused", "en", 422).await;
    fill(browser, "time_zone", "Europe/Stockholm").await;
    browser.click("form .primary").await;
    assert!(browser.text("main").await.contains("Europe/Stockholm"));
    for (path, name) in [("groups", "groups"), ("attributes", "attributes"), ("people/new", "person-new")] {
        browser.goto(&format!("/console/{path}")).await;
        browser.look(name, "en", 200).await;
    }
}

async fn select(browser: &Browser) {
    browser.goto("/console/selections/new").await;
    fill(browser, "name", "Members").await;
    choose(browser, "value-0", "members").await;
    let counted = "document.querySelector('.found .percent')?.textContent.startsWith('4,998')";
    browser.until("the number of people", counted).await;
    browser.click("button[value=publish]").await;
    assert!(browser.text("[role=status]").await.contains("published"));
}

/// Two steps, the preview, and the activation with the number typed.
async fn automate(browser: &Browser) {
    browser.goto("/console/automations/new").await;
    fill(browser, "name", "New year").await;
    choose(browser, "selection", "Members").await;
    browser.click("button[value=next]").await;
    set(browser, "start", "2037-01-05T09:00").await;
    browser.until("the next runs", "document.querySelectorAll('.coming li').length === 5").await;
    browser.click("button[value=activate]").await;
    fill(browser, "confirmed", "4995").await;
    browser.click("form .primary").await;
    assert_eq!(browser.text(".head .state").await, "Active, scheduled");
    browser.follow("Preview").await;
    assert!(browser.text("main").await.contains("no mail address"));
}

/// Runs once, watches it to its end, and finds out why one person got nothing.
async fn run(browser: &Browser) {
    browser.follow("New year").await;
    browser.follow("Run once").await;
    fill(browser, "confirmed", "4995").await;
    browser.click("form .primary").await;
    let state = "document.querySelector('.head .state').textContent === 'Finished'";
    browser.until("the end of the run", state).await;
    browser.until("its lists", "document.querySelector('[data-live=tally] .refused') !== null").await;
    browser.look("run-of-five-thousand", "en", 200).await;
    browser.follow("no mail address").await;
    assert_eq!(browser.count("#recipients tbody tr").await, SILENT);
    browser.click("#recipients tbody th a").await;
    let why = browser.text("main").await;
    assert!(why.contains("no mail address") && why.contains("the next run includes them"), "{why}");
    browser.click(".crumb a:nth-of-type(2)").await;
}

/// Their server knows ours now: the failed ones are tried again, and the report is taken along.
async fn retry(browser: &Browser) {
    browser.follow("Retry failed").await;
    browser.look("run-ask-retry", "en", 200).await;
    browser.click("button.primary").await;
    let accepted = "document.querySelector('[data-live=accepted]').textContent === '4,995'";
    browser.until("everybody", accepted).await;
    browser.until("the end", "document.querySelector('.head .state').textContent === 'Finished'").await;
    browser.follow("Report").await;
    let report = browser.text("main").await;
    assert!(report.contains("4,995") && report.contains("4,998"), "{report}");
    let path = browser.path().await;
    let file = browser.ask_later(&format!("fetch('{path}.csv').then(answer => answer.text())")).await;
    assert!(file.as_str().unwrap().contains("4995"), "{file}");
}

/// A system user for a program, and a key that is shown once.
async fn keys(browser: &Browser) {
    browser.goto("/console/keys").await;
    browser.look("keys-empty", "en", 200).await;
    browser.click(".head .primary").await;
    browser.look("key-new", "en", 200).await;
    fill(browser, "name", "Nightly export").await;
    browser.click("form .primary").await;
    browser.look("key-new-refused", "en", 422).await;
}

/// A file, a search and an act for many, each a page.
async fn without_script(browser: &Browser, program: &Program) {
    browser.goto("/console/people/import").await;
    program.write("more.csv", "address,given_name\nmore@members.example,More\n");
    let field = browser.client().find(Locator::Id("file")).await.unwrap();
    field.send_keys(&program.path("more.csv")).await.unwrap();
    browser.click("form .primary").await;
    browser.click("form .primary").await;
    browser.goto("/console/people?q=more@members.example").await;
    assert_eq!(browser.count("tbody tr").await, 1);
    browser.client().find(Locator::Css("tbody input")).await.unwrap().click().await.unwrap();
    choose(browser, "to", "members").await;
    browser.click("button[value=ticked]").await;
    browser.look("bulk-ask", "en", 200).await;
    browser.click("form .primary").await;
    assert!(browser.text("[role=status]").await.contains("People changed: 1."));
}
