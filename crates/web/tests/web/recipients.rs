//! What a recipient can do with a mailed password, and with their own.

use crate::house::{Browser, CHOSEN, FRESH, House, MAILED};
use testkit::databases;

async fn choose(browser: &mut Browser, password: &str, confirmation: &str) -> crate::house::Answer {
    let token = browser.get("/password/new").await.token();
    browser
        .post(
            "/password/new",
            &[("csrf", &token), ("username", "x"), ("password", password), ("confirmation", confirmation)],
        )
        .await
}

#[tokio::test]
async fn a_mailed_password_leads_to_choosing_ones_own_and_is_dead_then() {
    for db in databases().await {
        let house = House::new(&db.store);
        let ada = house.contact("ada").await;
        house.mail_password(ada, MAILED).await;
        let mut browser = house.browser();
        let answer = browser.sign_in("/login", "ada", MAILED).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, "/password/new"));
        assert_eq!(browser.cookies.keys().collect::<Vec<_>>(), ["__Host-fc"]);

        let page = browser.get("/password/new").await;
        for wanted in [
            "autocomplete=\"new-password\"",
            "minlength=\"15\"",
            "passwordrules=\"minlength: 15; maxlength: 256; allowed: ascii-printable, unicode\"",
        ] {
            assert!(page.body.contains(wanted), "{wanted}");
        }
        assert!(!page.body.contains(" maxlength="));

        let done = choose(&mut browser, FRESH, FRESH).await;
        assert_eq!((done.status.as_u16(), done.location()), (303, "/password/done"));
        assert_eq!(browser.cookies.keys().collect::<Vec<_>>(), ["__Host-pc"]);
        assert!(browser.get("/password/done").await.body.contains("href=\"/account\""));
        assert!(browser.get("/account").await.body.contains("Hello, Ada Lovelace"));

        for dead in [MAILED, CHOSEN] {
            assert_eq!(house.browser().sign_in("/login", "ada", dead).await.status, 403, "{dead}");
        }
        assert_eq!(house.browser().sign_in("/login", "ada", FRESH).await.location(), "/account");
    }
}

#[tokio::test]
async fn only_the_new_password_page_and_leaving_open_behind_a_mailed_password() {
    for db in databases().await {
        let house = House::new(&db.store);
        let ada = house.contact("ada").await;
        house.mail_password(ada, MAILED).await;
        let mut browser = house.browser();
        browser.sign_in("/login", "ada", MAILED).await;
        for closed in ["/account", "/password"] {
            assert_eq!(browser.get(closed).await.location(), "/login", "{closed}");
        }
        assert_eq!(browser.get("/console").await.location(), "/console/login");
        let token = browser.get("/password/new").await.token();
        let left = browser.post("/logout", &[("csrf", &token)]).await;
        assert_eq!(left.location(), "/login");
        assert_eq!(left.header("clear-site-data"), "\"cache\", \"cookies\", \"storage\"");
        assert_eq!(browser.get("/password/new").await.location(), "/login");
    }
}

#[tokio::test]
async fn a_refused_password_says_why_and_the_page_stays_open() {
    for db in databases().await {
        let house = House::new(&db.store);
        let ada = house.contact("ada").await;
        house.mail_password(ada, MAILED).await;
        let mut browser = house.browser();
        browser.sign_in("/login", "ada", MAILED).await;
        for (password, confirmation, reason) in [
            ("short but odd", "short but odd", "It has 13 characters; at least 15 are needed."),
            ("abcabcabcabcabcabc", "abcabcabcabcabcabc", "It repeats one short piece."),
            (FRESH, "something else entirely", "The two fields differ."),
            (MAILED, MAILED, "It is the password you already had."),
        ] {
            let answer = choose(&mut browser, password, confirmation).await;
            assert_eq!(answer.status, 422, "{password}");
            assert!(answer.body.contains(reason), "{reason}: {}", answer.body);
            assert!(!answer.body.contains(password), "a password is never shown again");
        }
        assert_eq!(choose(&mut browser, FRESH, FRESH).await.status, 303);
    }
}

#[tokio::test]
async fn every_refusal_of_a_sign_in_is_the_same_page() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("right").await;
        house.contact("blocked").await;
        house.contact("empty").await;
        house.operator("operator", crate::house::OWNER).await;
        house.execute("UPDATE people SET blocked = TRUE WHERE username = 'blocked'", &[]).await;
        house.execute("UPDATE people SET password_hash = NULL WHERE username = 'empty'", &[]).await;
        let mut seen = Vec::new();
        for (username, password) in [
            ("right", "wrong"),
            ("nobody", CHOSEN),
            ("blocked", CHOSEN),
            ("empty", CHOSEN),
            ("operator", CHOSEN),
        ] {
            let mut browser = house.browser();
            let token = browser.get("/login").await.token();
            let answer = browser
                .post("/login", &[("csrf", &token), ("username", username), ("password", password)])
                .await;
            let mut headers: Vec<String> = answer
                .headers
                .iter()
                .filter(|(name, _)| *name != "x-request-id")
                .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
                .collect();
            headers.sort();
            let body = answer.body.replace(&token, "TOKEN").replace(&format!("value=\"{username}\""), "NAME");
            // The length gives away the name that was typed, and nothing else.
            headers.retain(|line| !line.starts_with("content-length"));
            seen.push((answer.status, headers, body));
        }
        for other in &seen[1..] {
            assert_eq!(*other, seen[0]);
        }
    }
}

#[tokio::test]
async fn a_signed_in_person_changes_the_password_with_the_old_one_and_stays() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let (mut here, mut there) = (house.browser(), house.browser());
        here.sign_in("/login", "ada", CHOSEN).await;
        there.sign_in("/login", "ada", CHOSEN).await;
        let before = here.cookies.clone();
        let token = here.get("/password").await.token();
        let fields = |current: &'static str| {
            [
                ("csrf", token.clone()),
                ("current", current.into()),
                ("password", FRESH.into()),
                ("confirmation", FRESH.into()),
            ]
        };
        let send = |fields: [(&'static str, String); 4]| fields.map(|(name, value)| (name, value));
        let wrong = send(fields("not this one at all"));
        let pairs: Vec<(&str, &str)> = wrong.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = here.post("/password", &pairs).await;
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains("current password is not right"));
        let right = send(fields(CHOSEN));
        let pairs: Vec<(&str, &str)> = right.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(here.post("/password", &pairs).await.location(), "/password/done");
        assert_ne!(here.cookies, before, "a new id after the change");
        assert_eq!(here.get("/account").await.status, 200);
        assert_eq!(there.get("/account").await.location(), "/login");
    }
}

#[tokio::test]
async fn the_account_lists_sessions_and_ends_the_others() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let (mut here, mut there) = (house.browser(), house.browser());
        here.sign_in("/login", "ada", CHOSEN).await;
        there.sign_in("/login", "ada", CHOSEN).await;
        let page = here.get("/account").await;
        assert_eq!(page.body.matches("<strong>Unknown browser</strong>").count(), 2);
        assert_eq!(page.body.matches("this browser").count(), 1);
        assert!(page.body.contains("last used 2026-11-21 10:00"), "in the installation's zone");
        here.post("/account/sessions/end", &[("csrf", &page.token())]).await;
        assert_eq!(there.get("/account").await.location(), "/login");
        assert_eq!(here.get("/account").await.status, 200);
    }
}

#[tokio::test]
async fn a_session_ends_when_it_idles_and_after_leaving() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let mut browser = house.browser();
        browser.sign_in("/login", "ada", CHOSEN).await;
        let old = browser.cookies.clone();
        let token = browser.get("/account").await.token();
        browser.post("/logout", &[("csrf", &token)]).await;
        browser.cookies = old;
        assert_eq!(
            browser.get("/account").await.location(),
            "/login",
            "the cookie is dead, not only removed"
        );
        let mut idle = house.browser();
        idle.sign_in("/login", "ada", CHOSEN).await;
        house.pass(31 * 60_000);
        assert_eq!(idle.get("/account").await.location(), "/login");
    }
}

#[tokio::test]
async fn the_page_speaks_the_persons_language_else_the_browsers() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let mut browser = house.browser();
        for (language, word) in [("de-AT, en;q=0.5", "Anmelden"), ("fr", "Se connecter"), ("pt", "Sign in")] {
            browser.language = language;
            let page = browser.get("/login").await;
            assert!(page.body.contains(&format!("<h1 id=\"title\">{word}</h1>")), "{language}");
        }
        house.execute("UPDATE people SET language = 'de-CH' WHERE username = 'ada'", &[]).await;
        browser.language = "fr";
        browser.sign_in("/login", "ada", CHOSEN).await;
        let page = browser.get("/account").await;
        assert!(page.body.contains("<html lang=\"de\">") && page.body.contains("Guten Tag, Ada Lovelace"));
    }
}

#[tokio::test]
async fn the_meter_judges_by_the_rules_that_decide() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let mut browser = house.browser();
        browser.sign_in("/login", "ada", CHOSEN).await;
        let token = browser.get("/password").await.token();
        let weak = browser.post("/password/strength", &[("csrf", &token), ("password", "abc")]).await;
        assert!(
            weak.body.contains("\"fit\":false") && weak.body.contains("It has 3 characters"),
            "{}",
            weak.body
        );
        let own = browser
            .post("/password/strength", &[("csrf", &token), ("password", "ada.ada@example.org")])
            .await;
        assert!(own.body.contains("your own name"), "{}", own.body);
        let good = browser.post("/password/strength", &[("csrf", &token), ("password", FRESH)]).await;
        assert!(good.body.contains("\"fit\":true"), "{}", good.body);
        assert_eq!(
            browser.post("/password/strength", &[("csrf", "x"), ("password", FRESH)]).await.status,
            403
        );
    }
}

#[tokio::test]
async fn password_managers_find_the_way_and_no_other_well_known_name_does() {
    let db = testkit::database::sqlite().await;
    let house = House::new(&db.store);
    let mut browser = house.browser();
    let answer = browser.get("/.well-known/change-password").await;
    assert_eq!((answer.status.as_u16(), answer.location()), (302, "/password"));
    assert_eq!(browser.get("/password").await.location(), "/login");
    let unlikely = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
    assert_eq!(browser.get(unlikely).await.status, 404);
    assert_eq!(browser.get("/").await.location(), "/login");
}

#[tokio::test]
async fn what_people_are_called_is_text_and_never_markup() {
    let db = testkit::database::sqlite().await;
    let house = House::new(&db.store);
    house.contact("ada").await;
    house.execute("UPDATE people SET display_name = '<script>alert(1)</script>{{ 7*7 }}'", &[]).await;
    let mut browser = house.browser();
    browser.sign_in("/login", "ada", CHOSEN).await;
    let page = browser.get("/account").await;
    assert!(page.body.contains("&#60;script&#62;alert(1)&#60;/script&#62;{{ 7*7 }}"), "{}", page.body);
}
