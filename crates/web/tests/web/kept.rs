//! A change that wants a fresh proof is asked for it with everything that was typed, and made once.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::house::{Answer, Browser, CHOSEN, House, OWNER};
use crate::scene::{contact, operator, send};
use store::params;
use testkit::databases;

const PAGE: &str = "/console/templates/new-password/en";
const TEXT: &str = "\r\nDear {{ username }},\r\n\r\n  \"quoted\" & <angled> ünïcødé\r\n{{ password }}\r\n{{ login_url }}\r\n";
const ELEVEN_MINUTES: i64 = 11 * 60_000;

fn unescaped(text: &str) -> String {
    [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The hidden fields of the page that asks, as a browser sends them.
fn hidden(page: &Answer) -> Vec<(String, String)> {
    let fields = page.body.split("<input type=\"hidden\" name=\"").skip(1).map(|rest| {
        let (name, rest) = rest.split_once("\" value=\"").unwrap();
        (unescaped(name), unescaped(rest.split("\">").next().unwrap()))
    });
    fields.collect()
}

/// Sends the page that asks, with a password.
async fn prove(browser: &mut Browser, path: &str, page: &Answer, password: &str) -> Answer {
    assert!(page.body.contains(&format!("action=\"{path}\"")), "{}", page.body);
    let mut fields = hidden(page);
    fields.push(("proof-username".into(), "x".into()));
    fields.push(("proof-password".into(), password.into()));
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(path, &fields).await
}

async fn saved_texts(house: &House) -> i64 {
    let found = house.state.store.read(|tx| {
        Box::pin(async move { tx.find("SELECT count(*) FROM templates", &[]).await?.unwrap().take::<i64>(0) })
    });
    found.await.unwrap()
}

#[tokio::test]
async fn a_template_waits_for_the_proof_with_every_letter_and_is_saved_once() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut browser) = operator(&house, "olga", OWNER).await;
        let html = "<p>Dear {{ username }}</p>\r\n<p>{{ password }}</p>\r\n<p><a href=\"{{ login_url }}\">{{ login_url }}</a></p>";
        let seen = hidden(&browser.get(PAGE).await).into_iter().find(|(name, _)| name == "seen").unwrap().1;
        let sent = [("subject", "News"), ("text", TEXT), ("html", html), ("seen", &seen)];
        house.pass(ELEVEN_MINUTES);
        let asked = send(&mut browser, PAGE, PAGE, &sent).await;
        assert_eq!(asked.status, 403);
        assert!(asked.body.contains("Nothing was changed yet."), "{}", asked.body);
        let kept = hidden(&asked);
        for (name, value) in sent {
            assert!(kept.contains(&(name.to_owned(), value.to_owned())), "{name}: {kept:?}");
        }
        let wrong = prove(&mut browser, PAGE, &asked, "not the password").await;
        assert_eq!(wrong.status, 422);
        assert_eq!(hidden(&wrong), kept, "a wrong password loses nothing either");
        assert_eq!(saved_texts(&house).await, 0);
        let refused = "SELECT count(*) FROM audit WHERE action = 'request.refused'";
        assert_eq!(house.count(refused).await, 0, "a question is no refusal");
        let old = browser.cookies["__Host-op"].clone();
        let saved = prove(&mut browser, PAGE, &wrong, CHOSEN).await;
        assert_eq!(saved.location(), format!("{PAGE}?done=template-saved"), "{}", saved.body);
        assert_ne!(browser.cookies["__Host-op"], old, "a new session");
        assert_eq!(saved_texts(&house).await, 1);
        let page = browser.get(PAGE).await;
        assert!(unescaped(&page.body).contains("\"quoted\" & <angled> ünïcødé"), "{}", page.body);
        // The same page sent once more belongs to a session that is gone.
        let token = ("csrf", kept.iter().find(|(name, _)| name == "csrf").unwrap().1.as_str());
        let again = [token, sent[0], sent[1], sent[2], sent[3]];
        assert_eq!(browser.post(PAGE, &again).await.status, 403);
        let mut thief = house.browser();
        thief.cookies.insert("__Host-op".into(), old);
        assert_eq!(thief.get("/console").await.location(), "/console/login");
    }
}

#[tokio::test]
async fn a_refused_change_is_shown_again_after_the_proof_with_what_was_typed() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut browser) = operator(&house, "olga", OWNER).await;
        let page = browser.get(PAGE).await;
        let seen = hidden(&page).into_iter().find(|(name, _)| name == "seen").unwrap().1;
        house.pass(ELEVEN_MINUTES);
        let sent =
            [("subject", "News"), ("text", "Hello {{ nonsense }}"), ("html", "<p>x</p>"), ("seen", &seen)];
        let asked = send(&mut browser, PAGE, PAGE, &sent).await;
        let refused = prove(&mut browser, PAGE, &asked, CHOSEN).await;
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("Line 1, column"), "{}", refused.body);
        assert!(refused.body.contains("Hello {{ nonsense }}"));
        let token = refused.token();
        let again = [("csrf", token.as_str()), sent[0], ("text", TEXT), sent[2], sent[3]];
        assert_eq!(browser.post(PAGE, &again).await.status, 422, "the HTML says nothing of a password");
    }
}

#[tokio::test]
async fn the_own_address_is_changed_with_a_fresh_proof_and_anybody_elses_without() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (otto, mut browser) = operator(&house, "otto", OWNER).await;
        let mia = contact(&house, "mia").await;
        let (own, other) = (format!("/console/people/{otto}/edit"), format!("/console/people/{mia}/edit"));
        assert_eq!(browser.get(&own).await.status, 200, "just signed in");
        let address = async |id| {
            let found = house.state.store.read(move |tx| {
                Box::pin(async move {
                    let sql = "SELECT address FROM people WHERE id = $1";
                    tx.find(sql, params![id]).await?.unwrap().take::<String>(0)
                })
            });
            found.await.unwrap()
        };
        house.pass(ELEVEN_MINUTES);
        let way = browser.get(&own).await;
        assert_eq!(way.location(), format!("/console/prove?next=%2Fconsole%2Fpeople%2F{otto}%2Fedit"));
        let page = browser.get(&other).await;
        assert_eq!(page.status, 200);
        let token = page.token();
        let changed = browser.post(&other, &[("csrf", &token), ("address", "mia@new.example")]).await;
        assert_eq!((changed.status.as_u16(), address(mia).await.as_str()), (303, "mia@new.example"));
        // However the id is written: it is the same person.
        for path in [own.clone(), own.replace(&otto.to_string(), &otto.to_string().to_uppercase())] {
            let asked = browser.post(&path, &[("csrf", &token), ("address", "otto@evil.example")]).await;
            assert_eq!(asked.status, 403);
            assert!(asked.body.contains("value=\"otto@evil.example\""), "{}", asked.body);
        }
        assert_eq!(address(otto).await, "otto@example.org");
        let asked = browser.post(&own, &[("csrf", &token), ("address", "otto@new.example")]).await;
        let done = prove(&mut browser, &own, &asked, CHOSEN).await;
        assert_eq!(
            (done.status.as_u16(), address(otto).await.as_str()),
            (303, "otto@new.example"),
            "{}",
            done.body
        );
    }
}

#[tokio::test]
async fn nothing_is_shown_again_without_the_token_and_no_field_is_smuggled_in() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut browser) = operator(&house, "olga", OWNER).await;
        let token = browser.get(PAGE).await.token();
        let fields = |token, extra| [("csrf", token), ("subject", "from-elsewhere"), (extra, "x")];
        let fresh = browser.post(PAGE, &fields(&token, "proof-password")).await;
        assert_eq!(fresh.status, 400, "a proof nobody asked for");
        house.pass(ELEVEN_MINUTES);
        let foreign = browser.post(PAGE, &fields("0", "text")).await;
        assert_eq!(foreign.status, 403);
        assert!(!foreign.body.contains("from-elsewhere"), "{}", foreign.body);
        assert_eq!(browser.post(PAGE, &fields(&token, "proof-next")).await.status, 400);
        let asked = browser.post(PAGE, &fields(&token, "un\"known")).await;
        assert!(asked.body.contains("name=\"un&#34;known\""), "{}", asked.body);
        assert_eq!(prove(&mut browser, PAGE, &asked, CHOSEN).await.status, 400, "the handler's own rule");
    }
}
