//! The permission matrix: every route there is, asked by everybody there is, answered as the one list of routes says.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::house::{Answer, Browser, CHOSEN, HELPER, House, OWNER};
use axum::body::Body;
use axum::http::{Method, Request};
use domain::role::Permission;
use store::params;
use testkit::databases;
use uuid::Uuid;
use web::routes::{ROUTES, Route, Who};

const ADMINISTRATOR: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0002);
const MANAGER: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001);
/// Roles of the installation: one that allows nothing, and one for each permission alone.
const NOTHING: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0100);
/// A role of the installation that asks for a second factor.
const GUARDED: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0200);
const MAILED: &str = "hK7mQ2vXw9RzT4bNcJ6p";

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Visitor {
    Nobody,
    Contact,
    MustChange,
    /// Gave the password of the console, and not yet the code.
    Between,
    Operator(Uuid),
}

/// What the list of routes promises to a visitor.
#[derive(Debug, PartialEq, Eq)]
enum Expected {
    /// The handler answers, whatever it thinks of the request.
    Handled,
    /// Off to a sign-in page.
    SignIn(&'static str),
    Refused,
    /// No session opens what takes a key; whoever asks on and on is told to wait.
    NoKey,
}

/// The roles asked with, and what each allows.
fn roles() -> Vec<(Uuid, Vec<Permission>)> {
    let all = Permission::ALL.to_vec();
    let mut roles = vec![
        (OWNER, all.clone()),
        (ADMINISTRATOR, all),
        (MANAGER, Vec::new()),
        (HELPER, Vec::new()),
        (NOTHING, Vec::new()),
    ];
    for (number, permission) in (0x101_u128..).zip(Permission::ALL) {
        roles.push((Uuid::from_u128(NOTHING.as_u128() & !0xfff | number), vec![*permission]));
    }
    roles
}

async fn make_roles(house: &House) -> Vec<(Uuid, Vec<Permission>)> {
    let mut roles = roles();
    for (id, permissions) in &mut roles {
        let names: Vec<&str> = permissions.iter().map(|permission| permission.as_str()).collect();
        if *id == MANAGER || *id == HELPER {
            let id = *id;
            let found = house
                .state
                .store
                .read(move |tx| Box::pin(async move { store::role::get(tx, domain::id::RoleId(id)).await }));
            let role = found.await.unwrap();
            *permissions = Permission::ALL.iter().copied().filter(|one| role.allows(*one)).collect();
        } else if *id != OWNER && *id != ADMINISTRATOR {
            let json = serde_json::json!(names).to_string();
            house
                .execute(
                    "INSERT INTO roles (id, name, rank, built_in, permissions, created_at, updated_at)
                     VALUES ($1, $2, 0, FALSE, $3, 0, 0)",
                    params![*id, id.to_string(), json],
                )
                .await;
        }
    }
    roles
}

fn expected(route: &Route, visitor: Visitor, allows: &[Permission]) -> Expected {
    use Expected::{Handled, NoKey, Refused, SignIn};
    let operator = matches!(visitor, Visitor::Operator(_));
    let console = |is_allowed: bool| match (operator, is_allowed) {
        (true, true) => Handled,
        (true, false) => Refused,
        (false, _) => SignIn("/console/login"),
    };
    match route.who {
        Who::Anyone => Handled,
        Who::Recipient if visitor == Visitor::Contact => Handled,
        Who::MustChange if visitor == Visitor::MustChange => Handled,
        Who::RecipientOrMustChange if matches!(visitor, Visitor::Contact | Visitor::MustChange) => Handled,
        Who::Recipient | Who::MustChange | Who::RecipientOrMustChange => SignIn("/login"),
        Who::SecondFactor if visitor == Visitor::Between => Handled,
        Who::SecondFactor => SignIn("/console/login"),
        Who::Operator | Who::ProvedOperator => console(true),
        // To correct an address is to change the person as well.
        Who::OperatorWith(permission) if route.path.ends_with("/correct") => {
            console(allows.contains(&permission) && allows.contains(&Permission::PeopleEdit))
        }
        Who::OperatorWith(permission) | Who::Proved(permission) | Who::ProvedForSelf(permission) => {
            console(allows.contains(&permission))
        }
        Who::ProvedSender => console(
            [Permission::MailingsOfferLink, Permission::MailingsForcePassword]
                .iter()
                .any(|permission| allows.contains(permission)),
        ),
        // Asked from elsewhere.
        Who::MailboxReader => console(true),
        Who::VerifyingProgram | Who::MetricsReader => Refused,
        Who::Program(_) | Who::AnyProgram => NoKey,
    }
}

fn path_of(route: &Route) -> String {
    let mut path = route.path.to_owned();
    for (part, value) in [
        ("{token}", "x".to_owned()),
        ("{number}", "1".to_owned()),
        ("{name}", "nothing".to_owned()),
        ("{act}", "block".to_owned()),
        ("{place}", "1".to_owned()),
    ] {
        path = path.replace(part, &value);
    }
    // Every other part is an id: one that nothing has.
    while let Some((before, rest)) = path.clone().split_once('{') {
        let (_, after) = rest.split_once('}').unwrap();
        path = format!("{before}{}{after}", Uuid::from_u128(0x7000_8000_0000_0000_0000_0000_dead_beef));
    }
    path
}

async fn sign_in(house: &House, visitor: Visitor, number: usize) -> Browser {
    let mut browser = house.browser();
    match visitor {
        Visitor::Nobody => {}
        Visitor::Contact => drop(browser.sign_in("/login", "ada", CHOSEN).await),
        Visitor::MustChange => {
            let ada = house
                .state
                .store
                .read(|tx| Box::pin(async move { store::person::find_by_username(tx, "mia").await }));
            let id = ada.await.unwrap().unwrap().id;
            house.mail_password(id, MAILED).await;
            assert_eq!(browser.sign_in("/login", "mia", MAILED).await.location(), "/password/new");
        }
        Visitor::Between => {
            let answer = browser.sign_in("/console/login", "otto", CHOSEN).await;
            assert_eq!(answer.location(), "/console/login/code");
        }
        Visitor::Operator(_) => {
            let name = format!("operator{number}");
            let answer = browser.sign_in("/console/login", &name, CHOSEN).await;
            assert_eq!(answer.location(), "/console", "{name}");
        }
    }
    browser
}

async fn ask(browser: &mut Browser, route: &Route, token: &str) -> Answer {
    let path = path_of(route);
    if route.method == Method::GET {
        browser.get(&path).await
    } else if route.method != Method::POST {
        let request = Request::builder().method(route.method.clone()).uri(&path).body(Body::empty());
        browser.send(request.unwrap()).await
    } else {
        browser.post(&path, &[("csrf", token)]).await
    }
}

fn check(route: &Route, visitor: Visitor, expected: &Expected, answer: &Answer) {
    let what =
        format!("{} {} by {visitor:?}: {} {}", route.method, route.path, answer.status, answer.location());
    assert!(answer.status.as_u16() < 500, "{what} {}", answer.body);
    let status = answer.status.as_u16();
    match expected {
        Expected::SignIn(path) => assert!(status == 303 && answer.location() == *path, "{what}"),
        Expected::Refused => assert_eq!(status, 403, "{what}"),
        Expected::NoKey => assert!([401, 429].contains(&status), "{what}"),
        Expected::Handled => {
            let sent_away = ["/login", "/console/login"].contains(&answer.location());
            let is_way_out = route.path.ends_with("/logout") || matches!(route.who, Who::Anyone);
            assert!(!sent_away || is_way_out, "{what}");
            // A page before signing in refuses a form without its own token.
            // So does the page for the code, with a code that is none.
            let is_way_in = matches!(route.who, Who::Anyone | Who::SecondFactor);
            assert!(status != 403 || is_way_in, "{what}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn every_route_answers_everybody_as_the_list_of_routes_says() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        house.contact("mia").await;
        let roles = make_roles(&house).await;
        let mut visitors = vec![
            (Visitor::Nobody, Vec::new()),
            (Visitor::Contact, Vec::new()),
            (Visitor::MustChange, Vec::new()),
            (Visitor::Between, Vec::new()),
        ];
        // Whose role asks for a second factor.
        house
            .execute(
                "INSERT INTO roles (id, name, rank, built_in, permissions, second_factor_required, created_at, updated_at)
                 VALUES ($1, 'Guarded', 3, FALSE, '[\"*\"]', TRUE, 0, 0)",
                params![GUARDED],
            )
            .await;
        house.operator("otto", GUARDED).await;
        for (number, (id, permissions)) in roles.into_iter().enumerate() {
            house.operator(&format!("operator{}", number + 4), id).await;
            visitors.push((Visitor::Operator(id), permissions));
        }
        for (number, (visitor, allows)) in visitors.into_iter().enumerate() {
            let mut browser = sign_in(&house, visitor, number).await;
            let mut token = token_of(&mut browser, visitor).await;
            for route in ROUTES.iter() {
                let answer = ask(&mut browser, route, &token).await;
                check(route, visitor, &expected(route, visitor, &allows), &answer);
                if is_over(&answer) {
                    browser = sign_in(&house, visitor, number).await;
                    token = token_of(&mut browser, visitor).await;
                }
            }
        }
    }
}

fn is_over(answer: &Answer) -> bool {
    !answer.header("clear-site-data").is_empty()
        || answer.set_cookies().iter().any(|cookie| cookie.contains("Max-Age=0"))
}

async fn token_of(browser: &mut Browser, visitor: Visitor) -> String {
    match visitor {
        Visitor::Nobody => String::new(),
        Visitor::Contact => browser.get("/account").await.token(),
        Visitor::MustChange => browser.get("/password/new").await.token(),
        Visitor::Between => browser.get("/console/login/enrol").await.token(),
        Visitor::Operator(_) => browser.get("/console").await.token(),
    }
}

#[tokio::test]
async fn every_route_that_asks_for_a_fresh_proof_does_nothing_without_one() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.operator("olga", OWNER).await;
        let mut owner = house.browser();
        owner.sign_in("/console/login", "olga", CHOSEN).await;
        let token = token_of(&mut owner, Visitor::Operator(OWNER)).await;
        house.pass(10 * 60_000);
        assert_eq!(owner.get("/console/users/new").await.status, 200, "ten minutes are fresh");
        house.pass(1);
        let asks =
            |route: &&Route| matches!(route.who, Who::Proved(_) | Who::ProvedSender | Who::ProvedOperator);
        let mut seen = 0;
        for route in ROUTES.iter().filter(asks) {
            let answer = ask(&mut owner, route, &token).await;
            if route.method == Method::GET {
                let way = answer.location();
                assert!(way.starts_with("/console/prove?next=%2Fconsole"), "{}: {way}", route.path);
            } else {
                assert_eq!(answer.status, 403, "{}", route.path);
                assert!(answer.body.contains("name=\"proof-password\""), "{}", route.path);
            }
            seen += 1;
        }
        assert!(seen > 15, "{seen}");
    }
}

#[tokio::test]
async fn case_87_a_session_of_one_realm_opens_nothing_of_another() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("ada").await;
        house.operator("olga", OWNER).await;
        let mut contact = house.browser();
        contact.sign_in("/login", "ada", CHOSEN).await;
        let mut owner = house.browser();
        owner.sign_in("/console/login", "olga", CHOSEN).await;
        // The values of the cookies under each other's names.
        let (pc, op) = (contact.cookies["__Host-pc"].clone(), owner.cookies["__Host-op"].clone());
        contact.cookies.insert("__Host-op".into(), pc);
        owner.cookies.insert("__Host-pc".into(), op);
        for route in ROUTES.iter().filter(|route| route.method == Method::GET) {
            match route.who {
                Who::Operator
                | Who::OperatorWith(_)
                | Who::ProvedOperator
                | Who::Proved(_)
                | Who::ProvedSender
                | Who::ProvedForSelf(_)
                | Who::SecondFactor => {
                    assert_eq!(
                        contact.get(&path_of(route)).await.location(),
                        "/console/login",
                        "{}",
                        route.path
                    );
                }
                Who::Recipient | Who::MustChange | Who::RecipientOrMustChange => {
                    assert_eq!(owner.get(&path_of(route)).await.location(), "/login", "{}", route.path);
                }
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn case_86_the_id_of_nothing_is_answered_like_no_id_at_all() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.operator("olga", OWNER).await;
        let mut owner = house.browser();
        owner.sign_in("/console/login", "olga", CHOSEN).await;
        let token = token_of(&mut owner, Visitor::Operator(OWNER)).await;
        let with_id = |route: &&Route| route.path.starts_with("/console") && route.path.contains("{id}");
        for route in ROUTES.iter().filter(with_id) {
            let unknown = ask(&mut owner, route, &token).await;
            let path = route.path.replace("{id}", "no-id").replace("{act}", "block").replace("{place}", "1");
            let none = if route.method == Method::GET {
                owner.get(&path).await
            } else {
                owner.post(&path, &[("csrf", &token)]).await
            };
            // A form that lacks its fields may be answered before anything is looked up, but alike.
            assert_eq!(unknown.status, none.status, "{} {}", route.method, route.path);
            assert!(
                [400, 404].contains(&unknown.status.as_u16()),
                "{} {}: {}",
                route.method,
                route.path,
                unknown.status
            );
        }
    }
}
