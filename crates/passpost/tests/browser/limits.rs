//! Somebody asks for a link that cannot arrive, and too often; an operator sees why, and lets the network on.

use crate::page::Browser;
use crate::program::Program;
use crate::scene::{become_owner, choose, fill, furnish, press, refuse_who_is_gone, serve_over};
use testkit::relay::{Script, ScriptedRelay};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_sees_whom_a_limit_holds_back_and_which_links_did_not_arrive() {
    let relay = ScriptedRelay::start(Script::default().answer(refuse_who_is_gone)).await;
    let program = serve_over(&relay, Some(120));
    let Some(browser) = Browser::open(&program.base, "en").await else { return };
    become_owner(&browser, &program).await;
    furnish(&program, 15);
    for name in ["person15", "person77", "person3", "person3"] {
        ask(&browser, name).await;
    }
    for n in 0..6 {
        ask(&browser, &format!("nobody{n}")).await;
    }
    wait_for_the_refusal(&program).await;
    browser.goto("/console").await;
    let needs = browser.text("main").await;
    assert!(needs.contains("1 given up, 0 came back") && needs.contains("No such mailbox here"), "{needs}");
    browser.look("overview-account-mails", "en", 200).await;
    browser.click("a[href='/console/account-mails']").await;
    browser.is_at("/console/account-mails").await;
    assert!(browser.text("tbody").await.contains("gone15@members.example"));
    browser.look("account-mails", "en", 200).await;
    browser.goto("/console/account-mails?show=all").await;
    browser.look("account-mails-all", "en", 200).await;
    a_network_is_let_on(&browser).await;
    one_person(&browser, &program).await;
    for (language, name) in [("fr", "Français"), ("de", "Deutsch")] {
        browser.goto("/console/account").await;
        choose(&browser, "language", name).await;
        browser.click("form[action='/console/account'] button").await;
        for (path, name) in [
            ("/console/limits?of=127.0.0.1", "limits-found"),
            ("/console/account-mails?show=all", "account-mails-all"),
            ("/console/people?q=person77", "people"),
        ] {
            browser.goto(path).await;
            browser.look(&format!("{name}-{language}"), language, 200).await;
        }
        browser.click("tbody th a").await;
        browser.look(&format!("person-without-address-{language}"), language, 200).await;
    }
    browser.close().await;
}

async fn ask(browser: &Browser, name: &str) {
    browser.goto("/reset").await;
    fill(browser, "username", name).await;
    browser.enter().await;
}

/// Until the lane has handed everything over.
async fn wait_for_the_refusal(program: &Program) {
    let began = std::time::Instant::now();
    while !program.run(&["account-mail", "list", "--trouble", "--json"]).contains("No such mailbox") {
        assert!(began.elapsed().as_secs() < 20, "the relay refuses it at once");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

async fn a_network_is_let_on(browser: &Browser) {
    browser.goto("/console/limits").await;
    browser.look("limits", "en", 200).await;
    fill(browser, "of", "the school").await;
    browser.enter().await;
    assert!(browser.text("form.form").await.contains("This is no IP address"));
    browser.look("limits-wrong", "en", 422).await;
    browser.goto("/console/limits").await;
    fill(browser, "of", "127.0.0.1").await;
    browser.enter().await;
    assert!(browser.text("ul.limits").await.contains("10 of 10"), "{}", browser.text("main").await);
    browser.look("limits-found", "en", 200).await;
    browser.click("form[action='/console/limits/network'] button").await;
    assert!(browser.text("[role=status]").await.contains("cleared"));
    assert!(browser.text("ul.limits").await.contains("0 of 10"));
    browser.look("limits-cleared", "en", 200).await;
}

async fn one_person(browser: &Browser, program: &Program) {
    browser.goto("/console/people?q=person3").await;
    press(browser, "tbody th a").await;
    browser.until("the person's page", "document.querySelector('.limits') !== null").await;
    let limits = browser.text(".limits").await;
    assert!(limits.contains("Mails with links, within a minute") && limits.contains("Used up"), "{limits}");
    let done = browser.text(".timeline").await;
    assert!(done.contains("Asked for a link; none was mailed"), "{done}");
    browser.look("person-limits", "en", 200).await;
    let shown = program.run(&["limits", "show", "--person", "person3"]);
    assert!(shown.contains("mailbox apart"), "{shown}");
    browser.click("form[action$='/act/clear-limits'] button").await;
    assert!(!browser.text("main").await.contains("within a minute"));
    browser.goto("/console/people?q=person77").await;
    browser.click("tbody th a").await;
    assert!(browser.text("main").await.contains("Gets no personal link: there is no address to mail it to."));
    browser.look("person-without-address", "en", 200).await;
}
