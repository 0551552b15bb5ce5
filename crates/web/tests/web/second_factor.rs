//! The way into the console with a second factor, and the operator's own account.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use crate::house::{Answer, Browser, CHOSEN, FRESH, HELPER, House, MAILED, OWNER};
use store::params;
use testkit::{Authenticator, databases};

const MINUTE: i64 = 60_000;

impl House {
    fn code(&self, app: &Authenticator) -> String {
        app.code(self.now.load(std::sync::atomic::Ordering::Relaxed))
    }
}

/// The hidden field with the sealed key.
fn sealed(page: &Answer) -> String {
    let (_, rest) = page.body.split_once("name=\"enrolment\" value=\"").expect("a page for setting up");
    rest.split('"').next().unwrap().to_owned()
}

fn codes(page: &Answer) -> Vec<String> {
    page.body.split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

/// Sets a second factor up at a page that offers it; gives the application and the recovery codes.
async fn enrol(house: &House, browser: &mut Browser, path: &str) -> (Authenticator, Vec<String>) {
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{} {}", page.location(), page.body);
    let app = Authenticator::from_page(&page.body);
    let fields = [("csrf", page.token()), ("enrolment", sealed(&page)), ("code", house.code(&app))];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let shown = browser.post(path, &fields).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    let codes = codes(&shown);
    assert_eq!(codes.len(), 10, "{}", shown.body);
    // The next code is a fresh one.
    house.pass(MINUTE);
    (app, codes)
}

/// An operator with a second factor, signed in with it.
pub(crate) async fn guarded(house: &House, name: &str) -> (Browser, Authenticator, Vec<String>) {
    house.operator(name, OWNER).await;
    let mut browser = house.browser();
    browser.sign_in("/console/login", name, CHOSEN).await;
    let (app, codes) = enrol(house, &mut browser, "/console/account/second-factor").await;
    (browser, app, codes)
}

async fn type_code(browser: &mut Browser, code: &str) -> Answer {
    let token = browser.get("/console/login/code").await.token();
    browser.post("/console/login/code", &[("csrf", &token), ("way", "code"), ("code", code)]).await
}

async fn prove(browser: &mut Browser, at: &str, password: &str, code: &str) -> Answer {
    let page = browser.get(at).await;
    let (_, rest) = page.body.split_once("name=\"next\" value=\"").expect("a page for proving");
    let next = rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
    let fields = [
        ("csrf", page.token()),
        ("next", next),
        ("username", "x".into()),
        ("password", password.to_owned()),
        ("code", code.to_owned()),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post("/console/prove", &fields).await
}

#[tokio::test]
async fn an_operator_with_a_second_factor_gets_in_with_both_and_with_nothing_less() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, app, _) = guarded(&house, "olga").await;
        let mut browser = house.browser();
        let answer = browser.sign_in("/console/login", "olga", CHOSEN).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, "/console/login/code"));
        assert_eq!(browser.cookies.keys().collect::<Vec<_>>(), ["__Host-2f"]);
        for closed in ["/console", "/console/account", "/console/runs", "/console/prove", "/account"] {
            let answer = browser.get(closed).await;
            assert!(answer.location().ends_with("/login"), "{closed}: {}", answer.status);
        }
        assert_eq!(browser.get("/console/login/enrol").await.location(), "/console/login/code");
        let page = browser.get("/console/login/code").await;
        for wanted in ["autocomplete=\"one-time-code\"", "inputmode=\"numeric\"", "Harbour School"] {
            assert!(page.body.contains(wanted), "{wanted}");
        }
        let wrong = type_code(&mut browser, "000000").await;
        assert!(wrong.status == 403 && wrong.body.contains("role=\"alert\""), "{}", wrong.body);
        let between = browser.cookies["__Host-2f"].clone();
        let right = type_code(&mut browser, &house.code(&app)).await;
        assert_eq!(right.location(), "/console");
        assert_eq!(browser.cookies.keys().collect::<Vec<_>>(), ["__Host-op"]);
        assert_eq!(browser.get("/console").await.status, 200);
        let mut thief = house.browser();
        thief.cookies.insert("__Host-2f".into(), between);
        assert_eq!(thief.get("/console/login/code").await.location(), "/console/login", "its cookie is dead");
    }
}

#[tokio::test]
async fn a_recovery_code_stands_in_and_the_account_says_how_many_are_left() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, _, codes) = guarded(&house, "olga").await;
        let mut browser = house.browser();
        browser.sign_in("/console/login", "olga", CHOSEN).await;
        let page = browser.get("/console/login/code?recovery").await;
        assert!(page.body.contains("name=\"way\" value=\"recovery\""), "{}", page.body);
        let token = page.token();
        let refused = browser
            .post("/console/login/code", &[("csrf", &token), ("way", "recovery"), ("code", "0000-0000")])
            .await;
        assert!(refused.status == 403 && refused.body.contains("name=\"way\" value=\"recovery\""));
        let answer = browser
            .post("/console/login/code", &[("csrf", &token), ("way", "recovery"), ("code", &codes[4])])
            .await;
        assert_eq!(answer.location(), "/console/account?recovery=1");
        let page = browser.get("/console/account?recovery=1").await;
        assert!(page.body.contains("9 are left"), "{}", page.body);
        assert!(!page.body.contains(&codes[4]));
    }
}

#[tokio::test]
async fn a_role_that_asks_for_one_leads_to_setting_it_up_before_anything_else_opens() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.operator("hal", HELPER).await;
        let mut before = house.browser();
        before.sign_in("/console/login", "hal", CHOSEN).await;
        house.execute("UPDATE roles SET second_factor_required = TRUE WHERE name = 'Helper'", &[]).await;
        assert_eq!(before.get("/console").await.location(), "/console/login", "signed in without");
        let mut browser = house.browser();
        assert_eq!(browser.sign_in("/console/login", "hal", CHOSEN).await.location(), "/console/login/code");
        assert_eq!(browser.get("/console/login/code").await.location(), "/console/login/enrol");
        assert_eq!(browser.get("/console").await.location(), "/console/login");
        let page = browser.get("/console/login/enrol").await;
        for wanted in ["<svg class=\"qr\"", "otpauth://totp/Harbour%20School:hal?secret=", "The role Helper"]
        {
            assert!(page.body.contains(wanted), "{wanted}: {}", page.body);
        }
        let (key, fields) = (Authenticator::from_page(&page.body), sealed(&page));
        let wrong = browser
            .post("/console/login/enrol", &[("csrf", &page.token()), ("enrolment", &fields), ("code", "123")])
            .await;
        assert_eq!(wrong.status, 422);
        let again = Authenticator::from_page(&wrong.body);
        assert_eq!(again.code(0), key.code(0), "the key stays the same");
        let (_, codes) = enrol(&house, &mut browser, "/console/login/enrol").await;
        assert!(codes.iter().all(|code| code.len() == 29));
        assert_eq!(browser.get("/console").await.status, 200);
        let account = browser.get("/console/account").await;
        assert!(account.body.contains("The role Helper asks for it."), "{}", account.body);
        assert!(!account.body.contains("second-factor/remove"), "it cannot be switched off");
        let fields = [("csrf", account.token())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let refused = browser.post("/console/account/second-factor/remove", &fields).await;
        assert_eq!(refused.status, 403);
    }
}

#[tokio::test]
async fn an_operator_moves_makes_codes_and_switches_off_with_a_fresh_proof_each() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (mut browser, old, codes_before) = guarded(&house, "olga").await;
        house.pass(11 * MINUTE);
        let way = browser.get("/console/account/second-factor").await;
        assert_eq!(way.location(), "/console/prove?next=%2Fconsole%2Faccount%2Fsecond-factor");
        let at = way.location().to_owned();
        let page = browser.get(&at).await;
        assert!(page.body.contains("id=\"code\""), "the code is asked for, too");
        assert_eq!(prove(&mut browser, &at, CHOSEN, "").await.status, 422);
        assert_eq!(prove(&mut browser, &at, "wrong", &house.code(&old)).await.status, 422);
        let cookie = browser.cookies["__Host-op"].clone();
        let proved = prove(&mut browser, &at, CHOSEN, &house.code(&old)).await;
        assert_eq!(proved.location(), "/console/account/second-factor");
        assert_ne!(browser.cookies["__Host-op"], cookie, "a new id");
        let (new, codes) = enrol(&house, &mut browser, "/console/account/second-factor").await;
        let mut other = house.browser();
        other.sign_in("/console/login", "olga", CHOSEN).await;
        assert_eq!(type_code(&mut other, &house.code(&old)).await.status, 403, "the old telephone");
        assert_eq!(type_code(&mut other, &codes_before[0]).await.status, 403, "the old codes");
        assert_eq!(type_code(&mut other, &house.code(&new)).await.location(), "/console");
        let token = browser.get("/console/account").await.token();
        let fresh = browser.post("/console/account/second-factor/codes", &[("csrf", &token)]).await;
        let fresh = self::codes(&fresh);
        assert!(fresh.len() == 10 && !codes.iter().any(|code| fresh.contains(code)));
        let gone = browser.post("/console/account/second-factor/remove", &[("csrf", &token)]).await;
        assert_eq!(gone.location(), "/console/account?done=second-factor-removed");
        assert!(browser.get("/console/account").await.body.contains("Set up a second factor"));
        assert_eq!(other.get("/console").await.location(), "/console/login", "other sessions are over");
        assert_eq!(house.browser().sign_in("/console/login", "olga", CHOSEN).await.location(), "/console");
    }
}

#[tokio::test]
async fn without_a_fresh_proof_a_change_is_not_made_and_not_half_made() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (mut browser, app, _) = guarded(&house, "olga").await;
        let token = browser.get("/console/account").await.token();
        house.pass(11 * MINUTE);
        let count = async || {
            house
                .state
                .store
                .read(|tx| {
                    Box::pin(async move {
                        let sql = "SELECT count(*) FROM second_factors";
                        tx.find(sql, &[]).await?.unwrap().take::<i64>(0)
                    })
                })
                .await
                .unwrap()
        };
        let request = axum::http::Request::post("/console/account/second-factor/remove")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", "https://pass.example")
            .header("referer", "https://pass.example/console/account?recovery=1")
            .body(axum::body::Body::from(format!("csrf={token}")))
            .unwrap();
        let answer = browser.send(request).await;
        assert_eq!(answer.status, 403);
        assert!(answer.body.contains("Nothing was changed yet."));
        assert!(
            answer.body.contains("href=\"/console/account?recovery=1\""),
            "the way back: {}",
            answer.body
        );
        assert_eq!(count().await, 1, "nothing was done");
        let path = "/console/account/second-factor/remove";
        let code = house.code(&app);
        let with = |password, code| [("csrf", &*token), ("proof-password", password), ("proof-code", code)];
        let refused = browser.post(path, &with(CHOSEN, "000000")).await;
        assert_eq!(
            (refused.status.as_u16(), count().await),
            (422, 1),
            "the second factor is asked for as well"
        );
        assert_eq!(browser.post(path, &with(CHOSEN, &code)).await.status, 303);
        assert_eq!(count().await, 0);
    }
}

#[tokio::test]
async fn proving_is_throttled_like_signing_in() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.operator("olga", OWNER).await;
        let mut browser = house.browser();
        browser.sign_in("/console/login", "olga", CHOSEN).await;
        house.pass(11 * MINUTE);
        let at = "/console/prove?next=/console/account";
        for _ in 0..5 {
            assert_eq!(prove(&mut browser, at, "wrong", "").await.status, 422);
        }
        assert_eq!(prove(&mut browser, at, CHOSEN, "").await.status, 422, "has to wait");
        house.pass(1_000);
        assert_eq!(prove(&mut browser, at, CHOSEN, "").await.location(), "/console/account");
        let failed = house.execute("UPDATE people SET failed_logins = 0 WHERE failed_logins = 0", &[]).await;
        assert_eq!(failed, 1, "forgotten after the right one");
    }
}

#[tokio::test]
async fn a_mailed_password_of_an_operator_leads_past_the_second_factor_to_nothing() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, app, _) = guarded(&house, "olga").await;
        let olga = house
            .state
            .store
            .read(|tx| Box::pin(async move { store::person::find_by_username(tx, "olga").await }));
        let olga = olga.await.unwrap().unwrap().id;
        house.mail_password(olga, MAILED).await;
        let mut browser = house.browser();
        assert_eq!(browser.sign_in("/console/login", "olga", MAILED).await.location(), "/password/new");
        let page = browser.get("/password/new").await;
        assert!(page.body.contains("minlength=\"8\""), "a shorter one is enough beside the second factor");
        let token = page.token();
        let fields = [("csrf", &*token), ("username", "x"), ("password", FRESH), ("confirmation", FRESH)];
        assert_eq!(browser.post("/password/new", &fields).await.location(), "/password/done");
        assert_eq!(browser.cookies.keys().collect::<Vec<_>>(), ["__Host-2f"]);
        assert!(browser.get("/password/done").await.body.contains("href=\"/console/login/code\""));
        assert_eq!(browser.get("/console").await.location(), "/console/login");
        assert_eq!(type_code(&mut browser, &house.code(&app)).await.location(), "/console");
    }
}

#[tokio::test]
async fn the_own_account_keeps_language_zone_password_and_sessions() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.operator("hal", HELPER).await;
        let (mut here, mut there) = (house.browser(), house.browser());
        here.sign_in("/console/login", "hal", CHOSEN).await;
        there.sign_in("/console/login", "hal", CHOSEN).await;
        let token = here.get("/console/account").await.token();
        let wrong = here
            .post("/console/account", &[("csrf", &token), ("language", "de"), ("time_zone", "Mars/Olympus")])
            .await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.body.contains("value=\"Mars/Olympus\"") && wrong.body.contains("aria-invalid"));
        let saved = here
            .post("/console/account", &[("csrf", &token), ("language", "de"), ("time_zone", "Asia/Tokyo")])
            .await;
        assert_eq!(saved.location(), "/console/account?done=profile-saved");
        let page = here.get("/console/account").await;
        assert!(page.body.contains("<html lang=\"de\">") && page.body.contains("2026-11-21 18:00"));
        let sessions: Vec<&str> = page
            .body
            .split("/console/account/sessions/")
            .filter_map(|rest| rest.split_once("/end\""))
            .map(|one| one.0)
            .collect();
        assert_eq!(sessions.len(), 2, "{sessions:?}");
        for id in sessions {
            // One of the two is this browser's own: ending that is signing out.
            if there.get("/console").await.status == 200 {
                here.post(&format!("/console/account/sessions/{id}/end"), &[("csrf", &token)]).await;
            }
        }
        let alive = [here.get("/console").await.status, there.get("/console").await.status];
        assert!(alive.iter().any(|status| *status == 303), "{alive:?}");
        let mut browser = house.browser();
        browser.sign_in("/console/login", "hal", CHOSEN).await;
        let token = browser.get("/console/account/password").await.token();
        let change = async |browser: &mut Browser, current: &str, chosen: &str| {
            let fields =
                [("csrf", &*token), ("current", current), ("password", chosen), ("confirmation", chosen)];
            browser.post("/console/account/password", &fields).await
        };
        assert_eq!(change(&mut browser, "wrong", FRESH).await.status, 422);
        assert_eq!(change(&mut browser, CHOSEN, "short").await.status, 422);
        let done = change(&mut browser, CHOSEN, FRESH).await;
        assert_eq!(done.location(), "/console/account?done=password-changed");
        assert_eq!(browser.get("/console/account").await.status, 200);
        assert_eq!(house.browser().sign_in("/console/login", "hal", FRESH).await.location(), "/console");
        let token = browser.get("/console/account").await.token();
        let left = browser.post("/console/account/sessions/end", &[("csrf", &token), ("all", "1")]).await;
        assert_eq!(left.location(), "/console/login");
        let rest = house.execute("DELETE FROM sessions WHERE realm = $1", params!["console"]).await;
        assert_eq!(rest, 0, "signed out everywhere");
    }
}
