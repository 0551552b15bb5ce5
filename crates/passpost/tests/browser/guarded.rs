//! An operator's own account: a second factor is set up and used, and others are let in with a role.

use crate::page::Browser;
use crate::scene::{become_owner, choose, code, fill, serve, sign_in};
use fantoccini::Locator;
use testkit::Authenticator;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_sets_a_second_factor_up_signs_in_with_it_and_lets_others_in() {
    let program = serve();
    let Some(mut browser) = Browser::open(&program.base, "en").await else { return };
    become_owner(&browser, &program).await;
    let (app, codes) = set_up(&browser).await;
    come_back(&mut browser, &app, &codes).await;
    prove(&browser).await;
    let_somebody_in(&browser).await;
    make_a_role(&browser).await;
    in_other_languages(&browser).await;
    browser.close().await;
}

/// Waits until the application shows another code than the one that was used up.
async fn next_code(app: &Authenticator, used: &str) -> String {
    loop {
        let shown = code(app);
        if shown != used {
            return shown;
        }
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
}

async fn set_up(browser: &Browser) -> (Authenticator, Vec<String>) {
    browser.click(".rail a.person").await;
    browser.is_at("/console/account").await;
    browser.look("account-plain", "en", 200).await;
    browser.follow("Change password").await;
    browser.look("account-password", "en", 200).await;
    browser.goto("/console/account").await;
    browser.follow("Set up a second factor").await;
    browser.look("second-factor-set-up", "en", 200).await;
    let app = Authenticator::typed(&browser.text("code.key").await);
    fill(browser, "code", "000000").await;
    browser.enter().await;
    browser.look("second-factor-set-up-refused", "en", 422).await;
    assert_eq!(Authenticator::typed(&browser.text("code.key").await).code(0), app.code(0), "the same key");
    browser.has_focus("code").await;
    browser.write(&code(&app)).await;
    browser.enter().await;
    browser.look("recovery-codes", "en", 200).await;
    let codes = browser.text("ol.codes").await;
    let codes: Vec<String> = codes.lines().map(|line| line.trim().to_owned()).collect();
    assert_eq!(codes.len(), 10, "{codes:?}");
    browser.follow("I have kept them").await;
    browser.is_at("/console/account").await;
    browser.look("account-guarded", "en", 200).await;
    (app, codes)
}

/// Signs out and in again, with a code and, without script, with a recovery code.
async fn come_back(browser: &mut Browser, app: &Authenticator, codes: &[String]) {
    let used = code(app);
    browser.click(".rail .who button").await;
    browser.is_at("/console/login").await;
    sign_in(browser, "/console/login/code").await;
    browser.look("second-step", "en", 200).await;
    browser.has_focus("code").await;
    browser.write("111111").await;
    browser.enter().await;
    browser.look("second-step-refused", "en", 403).await;
    browser.has_focus("code").await;
    let fresh = next_code(app, &used).await;
    browser.write(&fresh).await;
    browser.enter().await;
    browser.is_at("/console").await;
    browser.click(".rail .who button").await;
    browser.let_scripts_run(false).await;
    sign_in(browser, "/console/login/code").await;
    browser.follow("No telephone at hand? Use a recovery code").await;
    browser.look("second-step-recovery", "en", 200).await;
    fill(browser, "code", &codes[2].to_uppercase()).await;
    browser.enter().await;
    browser.is_at("/console/account").await;
    let notice = browser.text(".notice").await;
    assert!(notice.contains("9 are left"), "{notice}");
    browser.look("account-recovered", "en", 200).await;
    browser.let_scripts_run(true).await;
}

async fn prove(browser: &Browser) {
    browser.goto("/console/prove?next=/console/roles").await;
    browser.look("prove", "en", 200).await;
    browser.has_focus("password").await;
    browser.write("not the right one").await;
    fill(browser, "code", "123456").await;
    browser.enter().await;
    browser.look("prove-refused", "en", 422).await;
    browser.goto("/console/prove?next=//evil.example").await;
    let next = browser.ask("document.querySelector('[name=next]').value").await;
    assert_eq!(next, "/console");
}

async fn let_somebody_in(browser: &Browser) {
    browser.goto("/console/users").await;
    browser.look("users-alone", "en", 200).await;
    browser.follow("New system user").await;
    browser.look("user-new", "en", 200).await;
    for (given, family, address, role) in [
        ("Adam", "Brandt", "adam@portal.example", "Administrator (2)"),
        ("Zoë", "Müller-Lüdenscheidt", "zoe@portal.example", "Manager (1)"),
        ("Henri", "Dupont", "henri@portal.example", "Helper (0)"),
    ] {
        browser.goto("/console/users/new").await;
        fill(browser, "given_name", given).await;
        fill(browser, "family_name", family).await;
        fill(browser, "address", address).await;
        choose(browser, "role", role).await;
        browser.click("form.form button.primary").await;
        assert!(browser.path().await.starts_with("/console/users/"));
    }
    browser.look("user", "en", 200).await;
    let page = browser.path().await;
    browser.follow("Change").await;
    browser.look("user-edit", "en", 200).await;
    browser.goto(&page).await;
    browser.click("form[action$='/block'] button").await;
    browser.look("user-blocked", "en", 200).await;
    browser.goto("/console/users/new").await;
    fill(browser, "address", "nonsense").await;
    browser.click("form.form button.primary").await;
    browser.look("user-new-refused", "en", 422).await;
    browser.goto("/console/users").await;
    browser.look("users", "en", 200).await;
    browser.follow("Olga Petrowa").await;
    browser.look("user-oneself", "en", 200).await;
}

async fn make_a_role(browser: &Browser) {
    browser.goto("/console/roles").await;
    browser.look("roles", "en", 200).await;
    browser.follow("New role").await;
    browser.look("role-new", "en", 200).await;
    fill(browser, "name", "Front desk").await;
    for permission in ["may-people.view", "may-runs.view", "may-credentials.mail"] {
        browser.client().find(Locator::Id(permission)).await.unwrap().click().await.unwrap();
    }
    browser.click("form.form button.primary").await;
    browser.look("role", "en", 200).await;
    browser.follow("Change").await;
    fill(browser, "name", "Owner").await;
    browser.click("form.form button.primary").await;
    browser.look("role-refused", "en", 422).await;
    browser.goto("/console/roles").await;
    browser.follow("Helper").await;
    browser.click("form[action$='/second-factor'] button").await;
    browser.look("role-built-in", "en", 200).await;
}

async fn in_other_languages(browser: &Browser) {
    for (language, name) in [("fr", "Français"), ("de", "Deutsch")] {
        browser.goto("/console/account").await;
        choose(browser, "language", name).await;
        browser.click("form[action='/console/account'] button").await;
        browser.look(&format!("account-{language}"), language, 200).await;
        for (page, path) in [
            ("second-factor", "/console/account/second-factor"),
            ("users", "/console/users"),
            ("user-new", "/console/users/new"),
            ("roles", "/console/roles"),
            ("role-new", "/console/roles/new"),
            ("prove", "/console/prove?next=/console"),
        ] {
            browser.goto(path).await;
            browser.look(&format!("{page}-{language}"), language, 200).await;
        }
    }
}
