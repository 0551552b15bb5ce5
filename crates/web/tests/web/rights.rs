//! The cases of the safety document about roles and rights, as far as they concern the console.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::house::{Answer, Browser, CHOSEN, FRESH, HELPER, House, OWNER};
use auth::bootstrap::{Claim, Claimed};
use axum::body::Body;
use axum::http::{Method, Request};
use domain::address::Address;
use domain::id::PersonId;
use domain::secret::Secret;
use store::{Acting, Location, Store, params, person};
use testkit::{Database, TEST_NOW, databases};
use uuid::Uuid;
use web::routes::{ROUTES, Who};

pub(crate) const ADMINISTRATOR: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0002);

/// The same installation on another node.
pub(crate) async fn other_node(db: &Database) -> House {
    match &db.location {
        Location::Postgres(_) => House::new(&Store::open(&db.location).await.unwrap()),
        Location::Sqlite(_) => House::new(&db.store),
    }
}

pub(crate) async fn signed_in(house: &House, name: &str, role: Uuid) -> (PersonId, Browser) {
    let id = house.operator(name, role).await;
    let mut browser = house.browser();
    assert_eq!(browser.sign_in("/console/login", name, CHOSEN).await.location(), "/console");
    (id, browser)
}

pub(crate) async fn number(house: &House, sql: &'static str) -> i64 {
    house
        .state
        .store
        .read(move |tx| Box::pin(async move { tx.find(sql, &[]).await?.unwrap().take(0) }))
        .await
        .unwrap()
}

/// What a page says, without what differs from answer to answer.
fn plain(answer: &Answer, id: &str) -> (u16, String) {
    let request = answer.header("x-request-id");
    (answer.status.as_u16(), answer.body.replace(request, "REQUEST").replace(id, "ID"))
}

#[tokio::test]
async fn case_83_an_operator_of_equal_or_lower_rank_changes_nothing_about_a_system_user() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, _) = signed_in(&house, "olga", OWNER).await;
        let (peer, _) = signed_in(&house, "paul", ADMINISTRATOR).await;
        let (_, mut adam) = signed_in(&house, "adam", ADMINISTRATOR).await;
        for id in [olga, peer] {
            let page = adam.get(&format!("/console/users/{id}")).await;
            assert!(page.body.contains("strictly higher rank") && !page.body.contains("/block"));
            let token = page.token();
            for act in ["block", "remove", "sessions/end", "second-factor/reset"] {
                let answer = adam.post(&format!("/console/users/{id}/{act}"), &[("csrf", &token)]).await;
                assert_eq!(answer.status, 422, "{act}: {}", answer.body);
            }
            let helper = HELPER.to_string();
            let fields = [("csrf", token.as_str()), ("role", &helper), ("user_type", "ui"), ("last_day", "")];
            assert_eq!(adam.post(&format!("/console/users/{id}"), &fields).await.status, 422);
        }
        assert_eq!(number(&house, "SELECT count(*) FROM people WHERE blocked OR role_id IS NULL").await, 0);
        assert_eq!(number(&house, "SELECT count(*) FROM sessions").await, 3, "nobody was signed out");
    }
}

#[tokio::test]
async fn case_84_fields_that_would_raise_somebody_are_refused_in_every_form() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, hal) = signed_in(&house, "hal", HELPER).await;
        house.contact("ada").await;
        let mut ada = house.browser();
        ada.sign_in("/login", "ada", CHOSEN).await;
        let (_, olga) = signed_in(&house, "olga", OWNER).await;
        let (paul, _) = signed_in(&house, "paul", HELPER).await;
        let before = number(&house, "SELECT count(*) FROM people WHERE role_id IS NULL").await;
        let mut browsers = [hal, ada, olga];
        for extra in ["role_id", "rank", "owner_id", "password_hash", "must_change", "verified", "id"] {
            let owner = OWNER.to_string();
            for (browser, page, path) in [
                (0, "/console/account", "/console/account".to_owned()),
                (0, "/console/account/password", "/console/account/password".to_owned()),
                (0, "/console/prove", "/console/prove".to_owned()),
                (1, "/password", "/password".to_owned()),
                (2, "/console/users/new", "/console/users".to_owned()),
                (2, "/console/users/new", format!("/console/users/{paul}")),
            ] {
                let browser: &mut Browser = &mut browsers[browser];
                let token = browser.get(page).await.token();
                let answer = browser.post(&path, &[("csrf", &token), (extra, &owner)]).await;
                assert_eq!(answer.status, 400, "{path} {extra}");
            }
        }
        // Of those who may not give roles, not even the fields of the right form count.
        let [hal, ..] = &mut browsers;
        let token = hal.get("/console/account").await.token();
        let owner = OWNER.to_string();
        let fields = [("csrf", token.as_str()), ("role", &owner), ("user_type", "ui"), ("last_day", "")];
        assert_eq!(hal.post(&format!("/console/users/{paul}"), &fields).await.status, 403);
        assert_eq!(number(&house, "SELECT count(*) FROM people WHERE role_id IS NULL").await, before);
        assert_eq!(
            number(&house, "SELECT count(*) FROM people JOIN roles ON roles.id = role_id WHERE rank = 3")
                .await,
            1
        );
    }
}

#[tokio::test]
async fn case_86_somebody_elses_object_is_as_unknown_as_none() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut olga) = signed_in(&house, "olga", OWNER).await;
        let (_, mut hal) = signed_in(&house, "hal", HELPER).await;
        let ada = house.contact("ada").await;
        let of_hal: Uuid = house
            .state
            .store
            .read(|tx| {
                Box::pin(async move {
                    let sql = "SELECT s.id FROM sessions s JOIN people p ON p.id = s.person_id WHERE username = 'hal'";
                    tx.find(sql, &[]).await?.unwrap().take(0)
                })
            })
            .await
            .unwrap();
        let unknown = Uuid::from_u128(0x7000_8000_0000_0000_0000_0000_0000_0099);
        let token = olga.get("/console/account").await.token();
        let mut seen = 0;
        let places = ["users/{id}", "roles/{id}", "account/sessions/{id}", "runs/{id}", "groups/{id}"];
        let places = places.map(|place| format!("/console/{place}"));
        for route in ROUTES.iter().filter(|route| places.iter().any(|place| route.path.starts_with(place))) {
            let foreign = if route.path.contains("/account/sessions/") { of_hal } else { ada.0 };
            let mut answers = Vec::new();
            for id in [foreign.to_string(), unknown.to_string(), "nonsense".to_owned()] {
                let path = route.path.replace("{id}", &id);
                let answer = if route.method == Method::GET {
                    olga.get(&path).await
                } else {
                    let fields: &[(&str, &str)] = match route.path {
                        "/console/users/{id}" => &[("role", "x"), ("user_type", "ui"), ("last_day", "")],
                        "/console/roles/{id}" => &[("name", "x"), ("rank", "0")],
                        "/console/groups/{id}" => &[("name", "x"), ("description", "")],
                        _ => &[],
                    };
                    let fields: Vec<_> = fields.iter().copied().chain([("csrf", token.as_str())]).collect();
                    olga.post(&path, &fields).await
                };
                answers.push(plain(&answer, &id));
            }
            assert_eq!(answers[0].0, 404, "{} {}: {}", route.method, route.path, answers[0].1);
            assert_eq!(answers[0], answers[1], "{}", route.path);
            assert_eq!(answers[0], answers[2], "{}", route.path);
            seen += 1;
        }
        assert!(seen > 10, "{seen}");
        assert_eq!(hal.get("/console").await.status, 200, "hal's session lives");
    }
}

#[tokio::test]
async fn case_87_a_contacts_session_opens_nothing_of_the_console_and_counts_nowhere_in_the_api() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        let mut ada = house.browser();
        ada.sign_in("/login", "ada", CHOSEN).await;
        let own = ada.cookies["__Host-pc"].clone();
        for name in ["__Host-op", "__Host-2f", "__Host-fc"] {
            ada.cookies.insert(name.into(), own.clone());
        }
        let cookies = ada.cookies.clone();
        for route in ROUTES.iter() {
            let closed = !matches!(route.who, Who::Anyone | Who::Recipient | Who::RecipientOrMustChange);
            if !closed {
                continue;
            }
            ada.cookies = cookies.clone();
            let id = Uuid::from_u128(1).to_string();
            let path = route.path.replace("{id}", &id).replace("{number}", "1").replace("{name}", "x");
            let request = Request::builder()
                .method(route.method.clone())
                .uri(&path)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(Body::empty())
                .unwrap();
            let answer = ada.send(request).await;
            if matches!(route.who, Who::VerifyingProgram | Who::MetricsReader) {
                assert_eq!(answer.status, 403, "{path}");
            } else if matches!(route.who, Who::Program(_) | Who::AnyProgram) {
                // Cookies open nothing there; whoever asks on and on is told to wait.
                assert!([401, 429].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
            } else {
                assert!(answer.location().ends_with("/login"), "{} {path}: {}", route.method, answer.status);
            }
        }
        ada.cookies = cookies;
        assert_eq!(ada.get("/account").await.status, 200);
        // The same address in both realms: each page knows only its own people.
        house.operator("bob", HELPER).await;
        house
            .execute(
                "UPDATE people SET address_canonical = 'ada@example.org', address = 'ada@example.org'",
                &[],
            )
            .await;
        assert_eq!(house.browser().sign_in("/console/login", "ada", CHOSEN).await.status, 403);
        assert_eq!(house.browser().sign_in("/login", "bob", CHOSEN).await.status, 403);
    }
}

#[tokio::test]
async fn case_88_whoever_is_blocked_demoted_or_expired_is_out_with_the_next_request_on_every_node() {
    for db in databases().await {
        let (one, two) = (House::new(&db.store), other_node(&db).await);
        let (_, mut olga) = signed_in(&one, "olga", OWNER).await;
        let helper = HELPER.to_string();
        for (name, act) in [
            ("a", "block"),
            ("b", "remove"),
            ("c", "sessions/end"),
            ("d", "role"),
            ("e", "required"),
            ("f", "end"),
        ] {
            let (id, here) = signed_in(&one, name, ADMINISTRATOR).await;
            let mut there = two.browser();
            there.cookies = here.cookies.clone();
            assert_eq!(there.get("/console").await.status, 200, "{act}");
            let token = olga.get("/console/users").await;
            let token = token.token();
            let path = format!("/console/users/{id}");
            let answer = match act {
                "role" => {
                    let fields =
                        [("csrf", token.as_str()), ("role", &helper), ("user_type", "ui"), ("last_day", "")];
                    olga.post(&path, &fields).await
                }
                "required" => {
                    let path = format!("/console/roles/{ADMINISTRATOR}/second-factor");
                    olga.post(&path, &[("csrf", &token), ("required", "1")]).await
                }
                "end" => {
                    one.execute("UPDATE people SET expires_at = $1 WHERE username = 'f'", params![TEST_NOW])
                        .await;
                    olga.get("/console").await
                }
                _ => olga.post(&format!("{path}/{act}"), &[("csrf", &token)]).await,
            };
            assert!(answer.status == 303 || act == "end", "{act}: {} {}", answer.status, answer.body);
            assert_eq!(there.get("/console").await.location(), "/console/login", "{act}");
            one.execute("UPDATE roles SET second_factor_required = FALSE", &[]).await;
        }
    }
}

#[tokio::test]
async fn case_89_the_last_owner_stays_whoever_asks_and_however_many_at_once() {
    for db in databases().await {
        let (one, two) = (House::new(&db.store), other_node(&db).await);
        let (olga, mut browser) = signed_in(&one, "olga", OWNER).await;
        let (_, mut adam) = signed_in(&one, "adam", ADMINISTRATOR).await;
        for by in [&mut browser, &mut adam] {
            let token = by.get("/console/users").await.token();
            for act in ["block", "remove"] {
                let answer = by.post(&format!("/console/users/{olga}/{act}"), &[("csrf", &token)]).await;
                assert_eq!(answer.status, 422, "{act}");
            }
            let helper = HELPER.to_string();
            for (role, day) in [(helper.as_str(), ""), (&OWNER.to_string(), "2027-01-01")] {
                let fields =
                    [("csrf", token.as_str()), ("role", role), ("user_type", "ui"), ("last_day", day)];
                assert_eq!(by.post(&format!("/console/users/{olga}"), &fields).await.status, 422);
            }
        }
        let otto = one.operator("otto", OWNER).await;
        // Whoever holds the machine may, but of two at once on two nodes one is refused.
        let mut tasks = Vec::new();
        for round in 0..8 {
            let (house, id) = if round % 2 == 0 { (&one, olga) } else { (&two, otto) };
            let store = house.state.store.clone();
            tasks.push(tokio::spawn(async move {
                let work = store.write(move |tx| {
                    Box::pin(async move {
                        let acting = Acting::command_line();
                        if round % 4 < 2 {
                            person::block(tx, &acting, id, TEST_NOW).await
                        } else {
                            person::revoke_role(tx, &acting, id, TEST_NOW).await
                        }
                    })
                });
                work.await.is_ok()
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        let owners = one.state.store.read(|tx| Box::pin(person::owners_count(tx))).await.unwrap();
        assert_eq!(owners, 1, "{:?}", db.engine());
    }
}

#[tokio::test]
async fn case_90_nothing_opens_an_empty_house_but_one_link_once() {
    for db in databases().await {
        let (one, two) = (House::new(&db.store), other_node(&db).await);
        for (name, password) in [
            ("admin", "admin"),
            ("owner", "owner"),
            ("root", ""),
            ("admin", "password"),
            ("passpost", "passpost"),
            ("", ""),
            ("owner", "changeme"),
        ] {
            let answer = one.browser().sign_in("/console/login", name, password).await;
            assert_eq!(answer.status, 403, "{name}");
        }
        let link = one.state.auth.offer_ownership(TEST_NOW).await.unwrap().unwrap();
        let tasks: Vec<_> = (0..6)
            .map(|n| {
                let (auth, link) = (if n % 2 == 0 { &one } else { &two }.state.auth.clone(), link.clone());
                tokio::spawn(async move {
                    let (name, password) = (format!("owner{n}"), Secret::new(FRESH.into()));
                    let claim = Claim {
                        username: &name,
                        address: Address::parse("olga@example.org").unwrap(),
                        given_name: "",
                        family_name: "",
                        language: None,
                        password: &password,
                    };
                    auth.claim_ownership(&link, claim, &auth::Origin::default(), TEST_NOW).await.unwrap()
                })
            })
            .collect();
        let mut won = 0;
        for task in tasks {
            won += i32::from(matches!(task.await.unwrap(), Claimed::Done(_)));
        }
        assert_eq!(won, 1, "{:?}", db.engine());
        let path = format!("/console/setup/{}", link.expose());
        assert_eq!(two.browser().get(&path).await.status, 404, "used up");
        assert!(one.state.auth.offer_ownership(TEST_NOW).await.unwrap().is_none());
    }
}
