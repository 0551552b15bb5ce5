//! The built-in mailbox: readable while it is the relay, and locked in.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use crate::house::{Browser, CHOSEN, House};
use std::net::SocketAddr;
use testkit::TEST_NOW;
use testkit::database::sqlite;

const RAW: &str = "From: Harbour <no-reply@harbour.example>\r\nTo: c@d.example\r\nSubject: Your <b>new</b> password\r\n\
MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n\
Hello in text\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>Hello in <script>alert(1)</script>HTML</p>\r\n--x--\r\n";

fn local(house: &House) -> Browser {
    let mut browser = house.browser();
    browser.peer = SocketAddr::from(([127, 0, 0, 1], 40_000));
    browser
}

fn deliver(house: &House, to: &str) -> u64 {
    let mailbox = house.state.mailbox.as_ref().expect("a mailbox");
    mailbox.deliver("no-reply@harbour.example", to, RAW.into(), TEST_NOW)
}

#[tokio::test]
async fn a_mail_is_shown_as_text_as_html_in_a_sandbox_and_as_source() {
    let db = sqlite().await;
    let house = House::new(&db.store);
    let mut browser = local(&house);
    assert!(browser.get("/mailbox").await.body.contains("No mail yet."));
    let id = deliver(&house, "c@d.example");
    let page = browser.get(&format!("/mailbox/{id}")).await;
    assert!(page.body.contains("Your &#60;b&#62;new&#60;/b&#62; password"));
    assert!(page.body.contains("sandbox=\"allow-popups allow-popups-to-escape-sandbox\""));
    assert!(!page.body.contains("<script>alert"));
    let frame = browser.get(&format!("/mailbox/{id}/html")).await;
    assert!(frame.body.contains("Hello in"));
    let policy = frame.header("content-security-policy");
    assert!(
        policy.starts_with("sandbox ") && policy.contains("default-src 'none'") && !policy.contains("script")
    );
    assert!(browser.get(&format!("/mailbox/{id}?view=text")).await.body.contains("Hello in text"));
    let source = browser.get(&format!("/mailbox/{id}?view=source")).await;
    assert!(source.body.contains("multipart/alternative") && !source.body.contains("<script>alert"));
    assert_eq!(
        browser.get(&format!("/mailbox/{id}/source")).await.header("content-type"),
        "text/plain; charset=utf-8"
    );
    assert_eq!(browser.get("/mailbox/99").await.status, 404);
}

#[tokio::test]
async fn the_list_is_paged_and_searched() {
    let db = sqlite().await;
    let house = House::new(&db.store);
    for n in 0..120 {
        deliver(&house, &format!("person{n}@d.example"));
    }
    let mut browser = local(&house);
    let first = browser.get("/mailbox").await;
    assert!(
        first.body.contains("1–50 of 120")
            && first.body.contains("person119@")
            && !first.body.contains("person69@")
    );
    let last = browser.get("/mailbox?page=2").await;
    assert!(last.body.contains("101–120 of 120") && !last.body.contains(">Older<"));
    let found = browser.get("/mailbox?q=PERSON11%40d").await;
    assert!(found.body.contains("1–1 of 1") && found.body.contains("person11@"));
    assert!(browser.get("/mailbox?q=nowhere").await.body.contains("No mail matches"));
    assert_eq!(browser.get("/mailbox?page=x").await.status, 400);
}

#[tokio::test]
async fn strangers_do_not_read_it_and_operators_do() {
    let db = sqlite().await;
    let house = House::new(&db.store);
    house.operator("olga", crate::house::OWNER).await;
    let mut browser = house.browser();
    assert_eq!(browser.get("/mailbox").await.location(), "/console/login");
    browser.sign_in("/console/login", "olga", CHOSEN).await;
    assert_eq!(browser.get("/mailbox").await.status, 200);
}

#[tokio::test]
async fn there_is_no_mailbox_when_a_relay_is_set() {
    let db = sqlite().await;
    let house = House::with(&db.store, |state| state.mailbox = None);
    let mut browser = local(&house);
    for path in ["/mailbox", "/mailbox/1", "/mailbox/1/html", "/mailbox/1/source"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
}
