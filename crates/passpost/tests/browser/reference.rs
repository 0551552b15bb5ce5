//! The reference of the API: whole without a script; with one, a request is tried with a key that nothing keeps.

use crate::page::Browser;
use crate::scene::serve;
use fantoccini::Locator;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_developer_reads_the_reference_and_tries_a_request_with_a_key() {
    let program = serve();
    let Some(mut browser) = Browser::open(&program.base, "en").await else { return };
    program.run(&["user", "create", "robot", "--role", "Owner", "--type", "api"]);
    let made =
        program.run(&["key", "create", "A try", "--owner", "robot", "--scope", "people.view", "--json"]);
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let token = made["token"].as_str().unwrap();

    browser.let_scripts_run(false).await;
    browser.goto("/api/docs").await;
    assert_eq!(browser.text("h1").await, "API reference");
    assert!(browser.count("details.operation").await > 70);
    assert_eq!(browser.count("form.try").await, 0);
    browser.look("reference", "en", 200).await;

    browser.let_scripts_run(true).await;
    browser.goto("/api/docs").await;
    browser.client().find(Locator::Css("#key input")).await.unwrap().send_keys(token).await.unwrap();
    browser.client().find(Locator::Css("#get_people > summary")).await.unwrap().click().await.unwrap();
    browser.until("a form to try it", "document.querySelector('#get_people form.try') !== null").await;
    browser.client().find(Locator::Css("#get_people form.try button")).await.unwrap().click().await.unwrap();
    let answered =
        "document.querySelector('#get_people output strong')?.textContent.includes('200') === true";
    browser.until("the answer", answered).await;
    assert!(browser.text("#get_people output pre").await.contains("\"username\": \"robot\""));
    browser.look("reference-tried", "en", 200).await;
    let kept =
        "Object.keys(localStorage).length + Object.keys(sessionStorage).length + document.cookie.length";
    assert_eq!(browser.ask(kept).await, 0);
    browser.goto("/api/docs").await;
    assert_eq!(browser.ask("document.querySelector('#key input').value").await, "");
    browser.close().await;
}
