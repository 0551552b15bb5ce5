//! How long a link works, and what dies with it: cases 27 to 40.

use super::{MINUTE, SECOND, ask, choose, follow, is_done, is_gone, paths_in, reset, token_of};
use crate::house::{CHOSEN, FRESH, House, MAILED};
use crate::second_factor::guarded;
use testkit::databases;

/// A password that keeps the rules, and a third one.
const LATER: &str = "seven violins beneath the ferry";

#[tokio::test]
async fn case_27_a_link_works_for_half_an_hour_from_the_moment_it_was_mailed() {
    for db in databases().await {
        let house = House::new(&db.store);
        for name in ["intime", "tooold", "opened"] {
            house.contact(name).await;
        }
        let link = house.link("intime").await;
        house.pass(29 * MINUTE + 59 * SECOND);
        assert!(is_done(&reset(&mut house.browser(), &link).await));
        assert_eq!(house.deliver().await, 1, "the notice");

        let link = house.link("tooold").await;
        house.pass(30 * MINUTE + SECOND);
        assert!(is_gone(&follow(&mut house.browser(), &link).await));

        let link = house.link("opened").await;
        house.pass(29 * MINUTE + 50 * SECOND);
        let mut browser = house.browser();
        let page = follow(&mut browser, &link).await;
        assert_eq!(page.status, 200);
        house.pass(20 * SECOND);
        assert!(is_gone(&choose(&mut browser, &page, FRESH).await));
        assert_eq!(house.browser().sign_in("/login", "opened", CHOSEN).await.location(), "/account");
    }
}

#[tokio::test]
async fn case_28_a_link_works_once() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let link = house.link("ada").await;
        let mut browser = house.browser();
        let page = follow(&mut browser, &link).await;
        assert!(is_done(&choose(&mut browser, &page, FRESH).await));
        // The same form again, with its cookie put back.
        browser.cookies.insert("__Host-rs".to_owned(), token_of(&link).to_owned());
        assert!(is_gone(&choose(&mut browser, &page, LATER).await));
        assert!(is_gone(&follow(&mut browser, &link).await));
        assert_eq!(house.browser().sign_in("/login", "ada", FRESH).await.location(), "/account");
        assert_eq!(house.browser().sign_in("/login", "ada", LATER).await.status, 403);
    }
}

#[tokio::test]
async fn case_30_a_link_open_in_two_browsers_is_finished_in_one() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let link = house.link("ada").await;
        let (mut one, mut other) = (house.browser(), house.browser());
        let (first, second) = (follow(&mut one, &link).await, follow(&mut other, &link).await);
        assert!(is_done(&choose(&mut one, &first, FRESH).await));
        assert!(is_gone(&choose(&mut other, &second, LATER).await));
        assert_eq!(house.browser().sign_in("/login", "ada", FRESH).await.location(), "/account");
    }
}

#[tokio::test]
async fn a_form_of_another_link_than_the_newest_followed_sets_nobodys_password() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        house.contact("mia").await;
        let (of_ada, of_mia) = (house.link("ada").await, house.link("mia").await);
        let mut browser = house.browser();
        let page = follow(&mut browser, &of_ada).await;
        follow(&mut browser, &of_mia).await;
        let answer = choose(&mut browser, &page, FRESH).await;
        assert_eq!(answer.status, 403);
        assert!(answer.body.contains("For the account mia."), "{}", answer.body);
        assert!(is_done(&choose(&mut browser, &answer, FRESH).await));
        assert_eq!(house.browser().sign_in("/login", "ada", CHOSEN).await.location(), "/account");
        assert_eq!(house.browser().sign_in("/login", "mia", FRESH).await.location(), "/account");
    }
}

#[tokio::test]
async fn case_32_using_one_link_ends_the_others_of_the_account() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let first = house.link("ada").await;
        house.pass(2 * MINUTE);
        let second = house.link("ada").await;
        // A request for another link does not kill one that is on its way.
        assert_eq!(follow(&mut house.browser(), &first).await.status, 200);
        assert!(is_done(&reset(&mut house.browser(), &first).await));
        assert!(is_gone(&follow(&mut house.browser(), &second).await));
    }
}

#[tokio::test]
async fn case_33_a_password_changed_elsewhere_ends_the_links() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let link = house.link("ada").await;
        let mut signed_in = house.browser();
        signed_in.sign_in("/login", "ada", CHOSEN).await;
        let token = signed_in.get("/password").await.token();
        let fields = [
            ("csrf", token.as_str()),
            ("username", "ada"),
            ("current", CHOSEN),
            ("password", FRESH),
            ("confirmation", FRESH),
        ];
        assert_eq!(signed_in.post("/password", &fields).await.location(), "/password/done");
        assert!(is_gone(&follow(&mut house.browser(), &link).await));
    }
}

#[tokio::test]
async fn case_34_tokens_of_other_purposes_open_nothing_here_and_the_reverse() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let link = house.link("ada").await;
        let report = paths_in(&house.mail_to("ada@example.org"), "/reset/report/");
        let mut signed_in = house.browser();
        signed_in.sign_in("/login", "ada", CHOSEN).await;
        let session = signed_in.cookies["__Host-pc"].clone();
        for other in [session.as_str(), token_of(&report[0])] {
            let page = follow(&mut house.browser(), &format!("/reset/link/{other}")).await;
            assert!(is_gone(&page), "{other}");
        }
        assert_eq!(house.count("SELECT COUNT(*) FROM audit WHERE action = 'reset.unknown_link'").await, 2);
        let token = token_of(&link);
        let mut browser = house.browser();
        assert!(is_gone(&browser.get(&format!("/reset/report/{token}")).await));
        assert_eq!(browser.get(&format!("/console/setup/{token}")).await.status, 404);
        for (cookie, page, sign_in) in [
            ("__Host-pc", "/account", "/login"),
            ("__Host-fc", "/password/new", "/login"),
            ("__Host-op", "/console", "/console/login"),
        ] {
            browser.cookies.insert(cookie.to_owned(), token.to_owned());
            assert_eq!(browser.get(page).await.location(), sign_in, "{cookie}");
        }
        assert_eq!(follow(&mut house.browser(), &link).await.status, 200, "it still works where it belongs");
    }
}

#[tokio::test]
async fn case_37_who_is_blocked_gone_or_made_a_program_after_the_mail_gets_the_generic_page() {
    for db in databases().await {
        let house = House::new(&db.store);
        for (name, sql) in [
            ("blocked", "UPDATE people SET blocked = TRUE WHERE username = 'blocked'"),
            ("deleted", "DELETE FROM people WHERE username = 'deleted'"),
            (
                "program",
                "UPDATE people SET user_type = 'api', role_id = (SELECT id FROM roles WHERE name = 'Helper')
                 WHERE username = 'program'",
            ),
        ] {
            house.contact(name).await;
            let link = house.link(name).await;
            let mut browser = house.browser();
            let page = follow(&mut browser, &link).await;
            assert_eq!(page.status, 200, "{name}");
            assert_eq!(house.execute(sql, &[]).await, 1);
            assert!(is_gone(&choose(&mut browser, &page, FRESH).await), "{name}");
            assert!(is_gone(&follow(&mut browser, &link).await), "{name}");
        }
    }
}

#[tokio::test]
async fn case_38_a_second_factor_stays_and_is_asked_for() {
    for db in databases().await {
        let house = House::new(&db.store);
        guarded(&house, "olga").await;
        let mut browser = house.browser();
        let answer = reset(&mut browser, &house.link("olga").await).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, "/reset/done?console"));
        let done = browser.get("/reset/done?console").await;
        assert!(done.body.contains("href=\"/console/login\""), "{}", done.body);
        assert_eq!(browser.cookies.keys().filter(|name| *name != "__Host-lf").count(), 0, "not signed in");
        assert_eq!(browser.get("/console").await.location(), "/console/login");
        let code = browser.sign_in("/console/login", "olga", FRESH).await;
        assert_eq!(code.location(), "/console/login/code");
        assert_eq!(browser.get("/console/login/code").await.status, 200, "it is enrolled");
        assert_eq!(browser.get("/console").await.location(), "/console/login");
    }
}

#[tokio::test]
async fn case_39_after_a_reset_sessions_and_mailed_passwords_are_dead() {
    for db in databases().await {
        let house = House::new(&db.store);
        let ada = house.contact("ada").await;
        let mut signed_in = house.browser();
        assert_eq!(signed_in.sign_in("/login", "ada", CHOSEN).await.location(), "/account");
        house.mail_password(ada, MAILED).await;
        let mut browser = house.browser();
        assert!(is_done(&reset(&mut browser, &house.link("ada").await).await));
        assert_eq!(signed_in.get("/account").await.location(), "/login");
        assert!(browser.get("/reset/done").await.body.contains("href=\"/login\""));
        assert_eq!(browser.get("/account").await.location(), "/login", "nobody is signed in by it");
        for dead in [CHOSEN, MAILED] {
            assert_eq!(house.browser().sign_in("/login", "ada", dead).await.status, 403);
        }
        assert_eq!(house.browser().sign_in("/login", "ada", FRESH).await.location(), "/account");
    }
}

#[tokio::test]
async fn case_40_a_notice_without_a_secret_goes_to_the_account() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let link = house.link("ada").await;
        assert!(is_done(&reset(&mut house.browser(), &link).await));
        assert_eq!(house.deliver().await, 1);
        let notice = house.mail_to("ada@example.org");
        assert!(notice.contains("The password of your account ada was changed."), "{notice}");
        assert!(notice.contains("help@portal.example"), "how to object: {notice}");
        for secret in ["/reset/link/", FRESH, token_of(&link)] {
            assert!(!notice.contains(secret), "{secret}: {notice}");
        }
    }
}

#[tokio::test]
async fn a_refused_password_says_why_and_leaves_the_link_alive() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let link = house.link("ada").await;
        let mut browser = house.browser();
        let page = follow(&mut browser, &link).await;
        assert!(page.body.contains("For the account ada."), "{}", page.body);
        for wanted in [
            "autocomplete=\"new-password\"",
            "autocomplete=\"username\"",
            "minlength=\"15\"",
            "passwordrules=\"minlength: 15; maxlength: 256; allowed: ascii-printable, unicode\"",
            "data-meter=\"/reset/new/strength\"",
        ] {
            assert!(page.body.contains(wanted), "{wanted}");
        }
        for (password, reason) in [
            ("short but odd", "It has 13 characters; at least 15 are needed."),
            ("abcabcabcabcabcabc", "It repeats one short piece."),
            ("Ada Lovelace Ada", "It is hardly more than your own name, user name or address."),
        ] {
            let answer = choose(&mut browser, &page, password).await;
            assert_eq!(answer.status, 422, "{password}");
            assert!(answer.body.contains(reason) && !answer.body.contains(password), "{}", answer.body);
        }
        let token = page.token();
        let differ = [("csrf", token.as_str()), ("password", FRESH), ("confirmation", LATER)];
        assert_eq!(browser.post("/reset/new", &differ).await.status, 422);
        let meter = [("csrf", token.as_str()), ("password", FRESH)];
        let judged = browser.post("/reset/new/strength", &meter).await;
        assert!(judged.body.contains("\"fit\":true"), "{}", judged.body);
        assert_eq!(house.browser().post("/reset/new/strength", &meter).await.status, 403);
        assert!(is_done(&choose(&mut browser, &page, FRESH).await));
    }
}

#[tokio::test]
async fn a_link_is_no_way_to_try_many_passwords_against_the_rules() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let link = house.link("ada").await;
        let mut browser = house.browser();
        let page = follow(&mut browser, &link).await;
        for _ in 0..20 {
            assert_eq!(choose(&mut browser, &page, "too short").await.status, 422);
        }
        let refused = choose(&mut browser, &page, "too short").await;
        assert_eq!(refused.status, 429);
        assert!(refused.body.contains("Too many passwords were tried"), "{}", refused.body);
        assert!(is_done(&choose(&mut browser, &page, FRESH).await), "the link itself is not lost");
    }
}

#[tokio::test]
async fn case_35_random_links_of_one_network_are_throttled_and_lock_nobody_out() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let link = house.link("ada").await;
        let mut guesser = house.browser();
        for number in 0..40 {
            let guess = format!("/reset/link/{number:0>43}");
            assert!(is_gone(&follow(&mut guesser, &guess).await), "{number}");
        }
        let told = house.count("SELECT COUNT(*) FROM audit WHERE action = 'reset.unknown_link'").await;
        assert_eq!(told, 10, "the others were not looked at");
        assert_eq!(house.deliver().await, 0, "nobody is told of guesses");
        assert!(is_done(&reset(&mut house.browser(), &link).await), "from another network it works");
        assert_eq!(ask(&mut guesser, "ada").await.status, 200);
    }
}
