//! An operator at work: follows a run, stops it, corrects what failed, looks after templates, settings and the log.

use crate::page::Browser;
use crate::scene::{become_owner, furnish, refuse_who_is_gone, serve_over};
use fantoccini::Locator;
use testkit::relay::{Script, ScriptedRelay};

const STATE: &str = "document.querySelector('.head .state').textContent";
const EDITOR: &str = "/console/templates/new-password/en";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_follows_a_run_and_looks_after_the_house() {
    let relay = ScriptedRelay::start(Script::default().answer(refuse_who_is_gone)).await;
    // Slow enough to be watched.
    let program = serve_over(&relay, Some(1_200));
    let Some(mut browser) = Browser::open(&program.base, "en").await else { return };
    become_owner(&browser, &program).await;
    browser.look("first-steps", "en", 200).await;
    furnish(&program, 11);
    program.run(&["automation", "run", "Yearly renewal", "--yes", "--detach"]);
    follow(&browser).await;
    correct(&browser).await;
    kill_switch(&browser).await;
    templates(&browser).await;
    house(&browser).await;
    without_script(&mut browser).await;
    browser.close().await;
}

/// Sees the run on the overview, follows it, pauses and resumes it, reads its report.
async fn follow(browser: &Browser) {
    browser.goto("/console").await;
    browser.look("overview-running", "en", 200).await;
    browser.click(".running a").await;
    browser
        .until("the pace", "document.querySelector('[data-live=rate]').textContent.includes('second')")
        .await;
    browser.look("run-live", "en", 200).await;
    browser.follow("Pause").await;
    browser.look("run-ask-pause", "en", 200).await;
    browser.client().find(Locator::Id("why")).await.unwrap().click().await.unwrap();
    browser.write("The list looks wrong").await;
    browser.enter().await;
    browser.until("the pause", &format!("{STATE} === 'Paused'")).await;
    assert!(browser.text(".notice.warn").await.contains("The list looks wrong (paused by Olga Petrowa)"));
    browser.look("run-paused-by-hand", "en", 200).await;
    browser.goto("/console").await;
    assert!(browser.text(".attention").await.contains("The list looks wrong"));
    browser.look("overview-attention", "en", 200).await;
    browser.follow("Open the run").await;
    browser.follow("Cancel").await;
    browser.look("run-ask-cancel", "en", 200).await;
    browser.follow("Leave it as it is").await;
    browser.follow("Resume").await;
    browser.click("button.primary").await;
    browser.ask("window.isSame = true").await;
    browser.until("the end", &format!("window.isSame && {STATE} === 'Finished'")).await;
    browser.until("its lists", "document.querySelector('[data-live=tally] .refused') !== null").await;
    browser.look("run-over", "en", 200).await;
    browser.follow("Report").await;
    browser.look("run-report", "en", 200).await;
    browser.goto("/console/runs").await;
    browser.look("runs", "en", 200).await;
}

/// Finds whom the relay refused and why, corrects the address, and sees the new mail accepted.
async fn correct(browser: &Browser) {
    browser.click("tbody th a").await;
    browser.follow("There is no such mailbox.").await;
    browser.look("run-refused-reason", "en", 200).await;
    browser.click("#recipients tbody th a").await;
    browser.look("recipient-refused", "en", 200).await;
    let field = browser.client().find(Locator::Id("address")).await.unwrap();
    field.clear().await.unwrap();
    field.send_keys("nonsense").await.unwrap();
    browser.enter().await;
    browser.look("recipient-wrong", "en", 422).await;
    let field = browser.client().find(Locator::Id("address")).await.unwrap();
    assert_eq!(field.prop("value").await.unwrap().as_deref(), Some("nonsense"));
    field.clear().await.unwrap();
    field.send_keys("right@members.example").await.unwrap();
    browser.enter().await;
    let page = browser.path().await;
    for _ in 0..100 {
        browser.goto(&page).await;
        if browser.text(".head .state").await == "Accepted" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(browser.text(".head .state").await, "Accepted");
    browser.look("recipient-corrected", "en", 200).await;
    browser.click(".crumb a:nth-of-type(2)").await;
    browser.follow("no mail address").await;
    browser.click("#recipients tbody th a").await;
    browser.look("recipient-left-out", "en", 200).await;
}

async fn kill_switch(browser: &Browser) {
    browser.goto("/console").await;
    browser.follow("Stop all sending").await;
    browser.look("sending-ask-stop", "en", 200).await;
    browser.client().find(Locator::Id("why")).await.unwrap().click().await.unwrap();
    browser.write("Somebody may have the database").await;
    browser.enter().await;
    browser.look("overview-stopped", "en", 200).await;
    browser.follow("Start sending again").await;
    browser.look("sending-ask-start", "en", 200).await;
    browser.click("button.primary").await;
    browser.look("overview-again", "en", 200).await;
}

/// Edits a template: the preview follows, faults are shown with their places, a test arrives.
async fn templates(browser: &Browser) {
    browser.goto("/console/templates").await;
    browser.look("templates", "en", 200).await;
    browser.goto(EDITOR).await;
    browser.until("the preview", "document.querySelector('iframe') !== null").await;
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
    browser.look("template", "en", 200).await;
    let subject = browser.client().find(Locator::Id("subject")).await.unwrap();
    subject.clear().await.unwrap();
    subject.send_keys("Your way in, {{ nickname }}").await.unwrap();
    browser.enter().await;
    browser.look("template-refused", "en", 422).await;
    assert!(browser.text("#subject-faults").await.contains("nickname"));
    let subject = browser.client().find(Locator::Id("subject")).await.unwrap();
    subject.clear().await.unwrap();
    subject.send_keys("Your way in, {{ username }}").await.unwrap();
    browser.click("button[formaction$='/test']").await;
    assert!(browser.text("main").await.contains("on its way to you"));
    browser.click("form.editor .acts .primary").await;
    assert!(browser.text(".toast").await.contains("Saved"));
    browser.look("template-saved", "en", 200).await;
    browser.follow("Back to the built-in words").await;
    browser.look("template-ask-reset", "en", 200).await;
    browser.click("button.danger").await;
    browser.goto("/console/templates").await;
}

async fn house(browser: &Browser) {
    browser.goto("/console/settings").await;
    browser.look("settings", "en", 200).await;
    browser.ask("document.querySelectorAll('details').forEach((one) => (one.open = true))").await;
    browser.look("settings-open", "en", 200).await;
    browser.goto("/console/audit").await;
    browser.look("audit", "en", 200).await;
    browser.click("form[action$='/verify'] button").await;
    assert!(browser.text("main").await.contains("entries are in order"));
    browser.look("audit-verified", "en", 200).await;
}

/// The same pages without script: by reload, by buttons.
async fn without_script(browser: &mut Browser) {
    browser.let_scripts_run(false).await;
    browser.goto("/console/audit").await;
    browser
        .client()
        .find(Locator::Css("input[name=who]"))
        .await
        .unwrap()
        .send_keys("olga@portal.example")
        .await
        .unwrap();
    browser.click(".filters button").await;
    assert!(browser.text("main").await.contains("Template saved"));
    browser.look("audit-filtered-no-script", "en", 200).await;
    browser.goto(EDITOR).await;
    browser
        .client()
        .find(Locator::Css("button[formaction$='/preview/text']"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    browser.look("template-no-script", "en", 200).await;
    browser.goto("/console/runs").await;
    browser.click("tbody th a").await;
    browser.look("run-no-script", "en", 200).await;
    browser.goto("/console").await;
    browser.look("overview-no-script", "en", 200).await;
    browser.let_scripts_run(true).await;
}
