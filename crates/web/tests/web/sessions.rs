//! The cases of the safety document about sessions and signing in, as far as they concern the console.

use crate::house::{Browser, CHOSEN, FRESH, HELPER, House, MAILED, OWNER};
use crate::rights::{ADMINISTRATOR, number, other_node, signed_in};
use axum::body::Body;
use axum::http::{Method, Request};
use store::{Acting, person};
use testkit::{Authenticator, TEST_NOW, databases};
use uuid::Uuid;
use web::routes::{ROUTES, Who};

const MINUTE: i64 = 60_000;

/// A cookie somebody planted opens nothing afterwards, and the new one differs from it.
async fn is_dead(house: &House, name: &str, planted: &str, browser: &Browser, path: &str) {
    assert!(browser.cookies.values().all(|value| value != planted), "{name} was kept");
    let mut attacker = house.browser();
    attacker.cookies.insert(name.into(), planted.to_owned());
    assert!(attacker.get(path).await.location().ends_with("/login"), "{name} opens {path}");
}

#[tokio::test]
async fn case_91_every_step_gives_a_new_id_and_kills_the_old_one() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, attacker) = signed_in(&house, "eve", ADMINISTRATOR).await;
        let planted = attacker.cookies["__Host-op"].clone();
        // Signing in.
        house.operator("olga", OWNER).await;
        let mut browser = house.browser();
        let token = browser.get("/console/login").await.token();
        browser.cookies.insert("__Host-op".into(), planted.clone());
        let fields = [("csrf", token.as_str()), ("username", "olga"), ("password", CHOSEN)];
        assert_eq!(browser.post("/console/login", &fields).await.location(), "/console");
        is_dead(&house, "__Host-op", &planted, &browser, "/console").await;
        // Setting a second factor up.
        let before = browser.cookies["__Host-op"].clone();
        let page = browser.get("/console/account/second-factor").await;
        let app = Authenticator::from_page(&page.body);
        let sealed = page.body.split("name=\"enrolment\" value=\"").nth(1).unwrap();
        let sealed = sealed.split('"').next().unwrap().to_owned();
        let code = app.code(TEST_NOW);
        let fields = [("csrf", page.token()), ("enrolment", sealed), ("code", code)];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(browser.post("/console/account/second-factor", &fields).await.status, 200);
        is_dead(&house, "__Host-op", &before, &browser, "/console").await;
        // The second step; a console cookie of before it dies with it.
        house.pass(MINUTE);
        let (_, again) = signed_in(&house, "finn", ADMINISTRATOR).await;
        let planted = again.cookies["__Host-op"].clone();
        let mut browser = house.browser();
        browser.sign_in("/console/login", "olga", CHOSEN).await;
        let between = browser.cookies["__Host-2f"].clone();
        browser.cookies.insert("__Host-op".into(), planted.clone());
        let token = browser.get("/console/login/code").await.token();
        let code = app.code(TEST_NOW + MINUTE);
        let fields = [("csrf", token.as_str()), ("way", "code"), ("code", &code)];
        assert_eq!(browser.post("/console/login/code", &fields).await.location(), "/console");
        is_dead(&house, "__Host-op", &planted, &browser, "/console").await;
        is_dead(&house, "__Host-2f", &between, &browser, "/console/login/code").await;
    }
}

#[tokio::test]
async fn case_91_a_change_of_the_role_and_a_mailed_password_kill_the_old_id_too() {
    for db in databases().await {
        let house = House::new(&db.store);
        let olga = house.operator("olga", OWNER).await;
        // A change of the role.
        let (_, raised) = signed_in(&house, "rita", HELPER).await;
        let rita = raised.cookies["__Host-op"].clone();
        let acting = Acting::command_line();
        let system = store::person::SystemRole {
            role_id: domain::id::RoleId(ADMINISTRATOR),
            user_type: domain::role::UserType::Ui,
            expires_at: None,
        };
        let found = db.store.read(|tx| Box::pin(person::find_by_username(tx, "rita"))).await.unwrap();
        let id = found.unwrap().id;
        db.store
            .write(move |tx| {
                Box::pin(async move { person::grant_role(tx, &acting, id, system, TEST_NOW).await })
            })
            .await
            .unwrap();
        is_dead(&house, "__Host-op", &rita, &house.browser(), "/console").await;
        // A mailed password, and the new one behind it.
        house.mail_password(olga, MAILED).await;
        let mut forced = house.browser();
        forced.sign_in("/console/login", "olga", MAILED).await;
        let before = forced.cookies["__Host-fc"].clone();
        let token = forced.get("/password/new").await.token();
        let fields = [("csrf", &*token), ("username", "x"), ("password", FRESH), ("confirmation", FRESH)];
        assert_eq!(forced.post("/password/new", &fields).await.location(), "/password/done");
        is_dead(&house, "__Host-fc", &before, &forced, "/password/new").await;
    }
}

#[tokio::test]
async fn case_92_every_cookie_has_every_attribute_and_its_value_is_nowhere_in_the_database() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.operator("olga", OWNER).await;
        house.execute("UPDATE roles SET second_factor_required = TRUE", &[]).await;
        let mut browser = house.browser();
        let login = browser.sign_in("/console/login", "olga", CHOSEN).await;
        let between = login.set_cookies();
        let between = between.iter().find(|one| one.starts_with("__Host-2f=")).unwrap();
        assert_eq!(between.split_once(';').unwrap().1, " Path=/; Secure; HttpOnly; SameSite=Strict");
        for cookie in login.set_cookies() {
            let (name, rest) = cookie.split_once('=').unwrap();
            assert!(name.starts_with("__Host-"), "{name}");
            for wanted in ["Path=/", "Secure", "HttpOnly", "SameSite="] {
                assert!(rest.contains(wanted), "{name}: {wanted}");
            }
            assert!(!rest.contains("Domain") && !rest.contains("Expires"), "{name}");
        }
        let value = browser.cookies["__Host-2f"].clone();
        let texts: Vec<String> = house
            .state
            .store
            .read(|tx| {
                Box::pin(async move {
                    let mut all = Vec::new();
                    for sql in [
                        "SELECT user_agent FROM sessions",
                        "SELECT network FROM sessions",
                        "SELECT realm FROM sessions",
                        "SELECT detail FROM audit",
                        "SELECT subject_id FROM audit",
                        "SELECT bucket FROM rates",
                    ] {
                        for mut row in tx.query(sql, &[]).await? {
                            all.push(row.take::<String>(0)?);
                        }
                    }
                    Ok::<_, store::StoreError>(all)
                })
            })
            .await
            .unwrap();
        assert!(texts.iter().all(|text| !text.contains(&value)));
        for entry in std::fs::read_dir(db.folder.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            let found = bytes.windows(value.len()).any(|part| part == value.as_bytes());
            assert!(!found, "in the file of the database");
        }
    }
}

#[tokio::test]
async fn case_93_a_cookie_is_dead_after_idling_after_its_life_and_after_leaving_and_outlives_a_restart_only_alive()
 {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, browser) = signed_in(&house, "olga", OWNER).await;
        let restarted = House::new(&db.store);
        let mut replay = restarted.browser();
        replay.cookies = browser.cookies.clone();
        assert_eq!(replay.get("/console").await.status, 200, "a restart signs nobody out");
        restarted.pass(31 * MINUTE);
        assert_eq!(replay.get("/console").await.location(), "/console/login", "idle");
        let mut used = house.browser();
        used.sign_in("/console/login", "olga", CHOSEN).await;
        for _ in 0..35 {
            house.pass(20 * MINUTE);
            assert_eq!(used.get("/console").await.status, 200);
        }
        house.pass(20 * MINUTE);
        assert_eq!(used.get("/console").await.location(), "/console/login", "twelve hours");
        used.sign_in("/console/login", "olga", CHOSEN).await;
        let old = used.cookies.clone();
        let token = used.get("/console").await.token();
        used.post("/console/logout", &[("csrf", &token)]).await;
        for node in [&house, &other_node(&db).await] {
            let mut replay = node.browser();
            replay.cookies = old.clone();
            assert_eq!(replay.get("/console").await.location(), "/console/login", "after leaving");
        }
        house.execute("UPDATE roles SET second_factor_required = TRUE", &[]).await;
        let mut half = house.browser();
        half.sign_in("/console/login", "olga", CHOSEN).await;
        assert_eq!(half.get("/console/login/enrol").await.status, 200);
        house.pass(10 * MINUTE);
        assert_eq!(half.get("/console/login/enrol").await.location(), "/console/login", "ten minutes");
    }
}

#[tokio::test]
async fn case_94_no_change_of_the_console_comes_from_elsewhere() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut olga) = signed_in(&house, "olga", OWNER).await;
        let token = olga.get("/console/account").await.token();
        let paths: Vec<String> = ROUTES
            .iter()
            .filter(|route| route.method == Method::POST && route.path.starts_with("/console/"))
            .filter(|route| !matches!(route.who, Who::Anyone | Who::SecondFactor))
            .map(|route| route.path.replace("{id}", &Uuid::from_u128(7).to_string()).replace("{place}", "1"))
            .collect();
        assert!(paths.len() > 15);
        let form = "application/x-www-form-urlencoded";
        for path in &paths {
            for (kind, headers) in [
                (form, vec![("sec-fetch-site", "cross-site")]),
                (form, vec![("sec-fetch-site", "same-site")]),
                (form, vec![("origin", "https://evil.example")]),
                (form, vec![("origin", "null")]),
                (form, vec![("origin", "https://pass.example"), ("origin", "https://evil.example")]),
            ] {
                let mut request = Request::post(path).header("content-type", kind);
                for (name, value) in &headers {
                    request = request.header(*name, *value);
                }
                let answer = olga.send(request.body(Body::from(format!("csrf={token}"))).unwrap()).await;
                assert_eq!(answer.status, 403, "{path} {headers:?}");
            }
            let json =
                Request::post(path).header("content-type", "text/plain").body(Body::from("{}")).unwrap();
            // 404: what a list is sent to is looked up before the list is read.
            let answer = olga.send(json).await.status.as_u16();
            assert!(
                answer == 415 || (answer == 404 && path.ends_with("/recipients/list")),
                "{path}: {answer}"
            );
            let without =
                Request::post(path).header("content-type", form).body(Body::from("csrf=x")).unwrap();
            let answer = olga.send(without).await;
            // 404: there is no such thing; 415: a form with a file has a format of its own.
            assert!([400, 403, 404, 415].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
            let over = format!("{path}?_method=POST&csrf={token}");
            let answer = olga.get(&over).await;
            assert!(answer.status != 303 || answer.location().starts_with("/console/prove"), "{over}");
        }
        assert_eq!(olga.get("/console").await.status, 200, "still signed in");
        assert_eq!(number(&house, "SELECT count(*) FROM people").await, 1);
    }
}
