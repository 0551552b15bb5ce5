//! The operator's way: from the link for the first Owner to a run that is watched while it runs.

use crate::page::Browser;
use crate::program::Program;
use crate::scene::{PASSWORD, furnish, refuse_who_is_gone, serve_over, setup_link};
use crate::words::{ENGLISH, FRENCH, GERMAN, Language};
use fantoccini::Locator;
use testkit::relay::{Script, ScriptedRelay};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_is_set_up_signs_in_and_watches_a_run() {
    let relay = ScriptedRelay::start(Script::default().answer(refuse_who_is_gone)).await;
    // Slow enough to be watched.
    let program = serve_over(&relay, Some(1_200));
    let Some(mut browser) = Browser::open(&program.base, "de").await else { return };
    become_owner(&browser, &program).await;
    sign_in(&browser).await;
    browser.look("overview-empty", "en", 200).await;
    furnish(&program, 11);
    program.run(&["automation", "run", "Staff accounts", "--yes", "--detach"]);
    browser.goto("/console").await;
    browser.follow("Staff accounts").await;
    browser
        .until("the end of the run", "document.querySelector('.head .state').textContent === 'Finished'")
        .await;
    program.run(&["automation", "run", "Yearly renewal", "--yes", "--detach"]);
    browser.goto("/console").await;
    browser.look("overview", "en", 200).await;
    watch(&mut browser, &program).await;
    filter(&browser).await;
    browser.goto("/console").await;
    browser.click(".rail .who button").await;
    browser.is_at("/console/login").await;
    browser.close().await;
}

/// Opens the one-time link in each language, and takes it in German, by keyboard.
async fn become_owner(browser: &Browser, program: &Program) {
    let link = setup_link(program);
    browser.goto(&link).await;
    browser.is_at("/console/setup").await;
    for language in [ENGLISH, FRENCH, GERMAN] {
        browser.speak(language.tag).await;
        browser.goto("/console/setup").await;
        assert_eq!(browser.text("h1").await, language.say("setup-title"));
        browser.look(&format!("setup-{}", language.tag), language.tag, 200).await;
    }
    browser.has_focus("given_name").await;
    browser.write("Olga").await;
    for (field, value) in [("family_name", "Petrowa"), ("address", "olga@portal.example"), ("username", "")] {
        browser.tab_to(field).await;
        browser.write(value).await;
    }
    type_password(browser, "Olga Petrowa Olga", GERMAN).await;
    browser.enter().await;
    browser.is_at("/console/setup").await;
    let why = browser.text("#problems[role=alert]").await;
    assert!(why.contains(GERMAN.say("problem-own-name")), "{why}");
    browser.look("setup-refused-de", "de", 422).await;
    browser.client().find(Locator::Id("username")).await.unwrap().click().await.unwrap();
    type_password(browser, PASSWORD, GERMAN).await;
    browser.enter().await;
    browser.is_at("/console/login").await;
    assert_eq!(browser.text("[role=status]").await, GERMAN.say("console-login-welcome"));
    browser.look("console-sign-in-welcome-de", "de", 200).await;
    browser.goto(&link).await;
    assert_eq!(browser.text("h1").await, GERMAN.say("setup-gone-title"));
    browser.look("setup-gone-de", "de", 404).await;
}

async fn type_password(browser: &Browser, password: &str, language: Language) {
    browser.tab_to("password").await;
    browser.write(password).await;
    browser.tab_to(language.say("reveal-show")).await;
    browser.tab_to("confirmation").await;
    browser.write(password).await;
}

/// A wrong try first: the console says it as the recipients' page does.
async fn sign_in(browser: &Browser) {
    browser.speak("en").await;
    browser.goto("/console").await;
    browser.is_at("/console/login").await;
    browser.look("console-sign-in-en", "en", 200).await;
    browser.has_focus("username").await;
    browser.write("olga@portal.example").await;
    browser.tab_to("password").await;
    browser.write("not the right one").await;
    browser.enter().await;
    assert_eq!(browser.text("#notice[role=alert]").await, ENGLISH.say("login-refused"));
    browser.look("console-sign-in-refused-en", "en", 403).await;
    browser.has_focus("password").await;
    browser.write(PASSWORD).await;
    browser.enter().await;
    browser.is_at("/console").await;
    // The console speaks the language the Owner was set up in, until the Owner wants another one.
    browser.goto("/console/account").await;
    browser.client().find(Locator::Id("language")).await.unwrap().select_by_value("en").await.unwrap();
    browser.click("form[action='/console/account'] .primary").await;
    browser.goto("/console").await;
}

/// The page of a run: without JavaScript by reload, with it by itself.
async fn watch(browser: &mut Browser, program: &Program) {
    browser.follow("Yearly renewal").await;
    let page = browser.path().await;
    browser.let_scripts_run(false).await;
    browser.goto(&page).await;
    let before = accepted(browser).await;
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    assert_eq!(accepted(browser).await, before, "without script nothing moves");
    browser.goto(&page).await;
    let after = accepted(browser).await;
    assert!(after > before, "a reload shows how things stand: {before}, then {after}");
    browser.let_scripts_run(true).await;
    browser.goto(&page).await;
    let before = accepted(browser).await;
    browser.ask("window.isSame = true").await;
    browser.until("progress", &format!("window.isSame && {ACCEPTED} > {before}")).await;
    browser.look("run-running", "en", 200).await;
    program.run(&["run", "pause", "2"]);
    browser.until("the pause", &format!("{STATE} === 'Paused'")).await;
    assert_eq!(browser.ask("document.querySelector('.percent').textContent.trim() !== '100 %'").await, true);
    browser.look("run-paused", "en", 200).await;
    browser.goto("/console").await;
    browser.look("overview-paused", "en", 200).await;
    browser.goto(&page).await;
    program.run(&["run", "resume", "2"]);
    browser.until("the end", &format!("{STATE} === 'Finished'")).await;
    browser.look("run-finished", "en", 200).await;
    let left_out = browser.text("section[aria-labelledby=left-out-title]").await;
    assert!(left_out.contains("no mail address") && left_out.contains("API user"), "{left_out}");
    let failures = browser.text("section[aria-labelledby=failures-title]").await;
    assert!(failures.contains("550 5.1.1"), "{failures}");
}

const STATE: &str = "document.querySelector('.head .state').textContent";
const ACCEPTED: &str = "Number(document.querySelector('[data-live=accepted]').textContent.replace(',', ''))";

async fn accepted(browser: &Browser) -> i64 {
    browser.ask(ACCEPTED).await.as_i64().unwrap()
}

/// Shows only whom the relay refused.
async fn filter(browser: &Browser) {
    browser.client().find(Locator::Id("state")).await.unwrap().select_by_value("refused").await.unwrap();
    browser.until("those who were refused", "document.querySelectorAll('tbody tr').length === 3").await;
    browser.look("run-refused", "en", 200).await;
    browser.client().find(Locator::Id("state")).await.unwrap().select_by_value("deferred").await.unwrap();
    browser.until("nobody", "document.querySelector('#recipients .empty') !== null").await;
    browser.look("run-nobody", "en", 200).await;
    browser.goto("/console/runs/nothing").await;
    browser.look("console-not-found-en", "en", 404).await;
}
