//! What holds for every request and every answer.

use crate::house::{Answer, CHOSEN, House, settings};
use axum::body::Body;
use axum::http::{Method, Request};
use std::io::Write;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use testkit::database::sqlite;
use web::Networks;
use web::routes::{ROUTES, Who};

fn assert_headers(what: &str, answer: &Answer) {
    for (name, value) in [
        ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-robots-tag", "noindex, nofollow"),
    ] {
        assert_eq!(answer.header(name), value, "{what}");
    }
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors"), "{what}: {policy}");
    assert!(!policy.contains("script-src 'unsafe") && !policy.contains("unsafe-eval"), "{what}");
    assert!(answer.header("permissions-policy").contains("camera=()"), "{what}");
    assert!(
        !answer.headers.contains_key("server") && !answer.headers.contains_key("access-control-allow-origin"),
        "{what}"
    );
    assert!(!answer.headers.contains_key("etag") && !answer.headers.contains_key("last-modified"), "{what}");
    assert_eq!(answer.header("x-request-id").len(), 32, "{what}");
}

#[tokio::test]
async fn every_kind_of_answer_carries_the_headers() {
    let db = sqlite().await;
    let house = House::new(&db.store);
    let mut browser = house.browser();
    let login = browser.get("/login").await;
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
        connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; \
        require-trusted-types-for 'script'; report-to csp";
    assert_eq!(login.header("content-security-policy"), policy);
    assert_eq!(login.header("referrer-policy"), "same-origin");
    assert_eq!(login.header("x-frame-options"), "DENY");
    let stylesheet =
        login.body.split("rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let asset = browser.get(&stylesheet).await;
    assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(asset.header("content-type"), "text/css; charset=utf-8");
    assert_headers("an asset", &asset);
    for (path, status) in [
        ("/login", 200),
        ("/", 303),
        ("/nothing", 404),
        ("/assets/nothing.css", 404),
        ("/health/live", 200),
        ("/health/ready", 200),
        ("/api/v1/nothing", 404),
        ("/console", 303),
        ("/console/setup/xyz", 404),
        ("/login?a=1&a=2", 400),
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert_headers(path, &answer);
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
    assert_eq!(browser.get("/console/setup/xyz").await.header("referrer-policy"), "no-referrer");
    assert_eq!(
        browser.get("/health/live").await.header("content-security-policy"),
        "default-src 'none'; frame-ancestors 'none'; sandbox"
    );
}

#[tokio::test]
async fn every_route_answers_without_falling_over_and_shows_nothing_to_strangers() {
    let db = sqlite().await;
    let house = House::new(&db.store);
    for route in ROUTES.iter() {
        let mut browser = house.browser();
        let path = route
            .path
            .replace("{token}", "x")
            .replace("{id}", "x")
            .replace("{number}", "1")
            .replace("{name}", "x");
        let request = Request::builder()
            .method(route.method.clone())
            .uri(&path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::empty())
            .unwrap();
        let answer = browser.send(request).await;
        assert!(answer.status.as_u16() < 500, "{} {path}: {}", route.method, answer.status);
        assert_headers(&path, &answer);
        if matches!(route.who, Who::Program(_) | Who::AnyProgram) {
            assert_eq!(answer.status, 401, "{} {path}", route.method);
        } else if !matches!(route.who, Who::Anyone | Who::VerifyingProgram | Who::MetricsReader) {
            assert!(answer.location().ends_with("/login"), "{} {path}: {}", route.method, answer.status);
        }
    }
}

#[tokio::test]
async fn another_host_is_refused_and_no_forwarded_host_counts() {
    let db = sqlite().await;
    let house = House::new(&db.store);
    let mut browser = house.browser();
    for host in ["evil.example", "pass.example.evil.example", "127.0.0.1:8080"] {
        let request = Request::get("/login").header("host", host).body(Body::empty()).unwrap();
        let answer = browser.send(request).await;
        assert_eq!(answer.status, 421, "{host}");
        assert!(
            answer.body.contains("href=\"https://pass.example\"") && !answer.body.contains(host),
            "{host}"
        );
        assert_headers(host, &answer);
    }
    let request =
        Request::get("/").header("x-forwarded-host", "evil.example").header("forwarded", "host=evil.example");
    let answer = browser.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.location(), "/login");
    let demo = House::with(&db.store, |state| {
        state.settings = settings(|settings| settings.loopback_hosts = true);
    });
    let request = Request::get("/login").header("host", "127.0.0.1:8080").body(Body::empty()).unwrap();
    assert_eq!(demo.browser().send(request).await.status, 200);
}

#[tokio::test]
async fn trace_and_unknown_methods_are_refused() {
    let db = sqlite().await;
    let house = House::new(&db.store);
    for (method, path) in [(Method::TRACE, "/login"), (Method::PUT, "/login"), (Method::DELETE, "/account")] {
        let request = Request::builder().method(method.clone()).uri(path).body(Body::empty()).unwrap();
        let answer = house.browser().send(request).await;
        assert_eq!(answer.status, 405, "{method}");
        assert_headers(method.as_str(), &answer);
    }
}

#[tokio::test]
async fn a_change_from_another_site_is_refused() {
    let db = sqlite().await;
    let house = House::new(&db.store);
    house.contact("ada").await;
    let mut browser = house.browser();
    browser.sign_in("/login", "ada", CHOSEN).await;
    let token = browser.get("/account").await.token();
    let foreign = [
        vec![("sec-fetch-site", "cross-site")],
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
        vec![("sec-fetch-site", "same-site"), ("origin", "https://pass.example")],
    ];
    for headers in foreign {
        let mut request =
            Request::post("/logout").header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in &headers {
            request = request.header(*name, *value);
        }
        let answer = browser.send(request.body(Body::from(format!("csrf={token}"))).unwrap()).await;
        assert_eq!(answer.status, 403, "{headers:?}");
    }
    for wrong in ["", "csrf=", "csrf=x"] {
        assert_eq!(browser.post_raw("/logout", wrong).await.status, 403, "{wrong}");
    }
    let plain = Request::post("/logout").header("content-type", "text/plain").body(Body::from("{}")).unwrap();
    assert_eq!(browser.send(plain).await.status, 415);
    assert_eq!(browser.get("/account").await.status, 200, "still signed in");
    assert_eq!(browser.get("/logout").await.status, 405);
}

#[tokio::test]
async fn a_sign_in_without_the_page_is_refused_before_anything_is_looked_at() {
    let db = sqlite().await;
    let house = House::new(&db.store);
    house.contact("ada").await;
    let fields = [("csrf", "0"), ("username", "ada"), ("password", CHOSEN)];
    let answer = house.browser().post("/login", &fields).await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("open for too long"));
    let (mut one, mut other) = (house.browser(), house.browser());
    let token = one.get("/login").await.token();
    other.get("/login").await;
    let fields = [("csrf", token.as_str()), ("username", "ada"), ("password", CHOSEN)];
    assert_eq!(other.post("/login", &fields).await.status, 403, "somebody else's token");
    assert_eq!(one.post("/login", &fields).await.status, 303);
}

#[tokio::test]
async fn a_field_sent_twice_or_in_the_address_or_unknown_is_refused() {
    let db = sqlite().await;
    let house = House::new(&db.store);
    house.contact("ada").await;
    let mut browser = house.browser();
    let token = browser.get("/login").await.token();
    let right = format!("csrf={token}&username=ada&password=oyster+lantern+gravel+plum");
    for wrong in [
        format!("{right}&username=eve"),
        format!("{right}&%75sername=eve"),
        format!("{right}&username[]=eve"),
        format!("{right}&role=owner"),
        right.replace("ada", "a%FFda"),
    ] {
        assert_eq!(browser.post_raw("/login", &wrong).await.status, 400, "{wrong}");
    }
    assert_eq!(browser.post_raw("/login?username=eve", &right).await.status, 400);
    assert_eq!(browser.post_raw("/login", &right).await.location(), "/account");
}

#[tokio::test]
async fn a_huge_form_is_refused_before_it_is_read_whole() {
    let db = sqlite().await;
    let house = House::new(&db.store);
    let mut browser = house.browser();
    let body = format!("username=ada&password={}", "x".repeat(1_000_000));
    assert_eq!(browser.post_raw("/login", &body).await.status, 413);
}

#[tokio::test]
async fn cookies_carry_every_attribute_and_no_life_of_their_own() {
    let db = sqlite().await;
    let house = House::new(&db.store);
    let ada = house.contact("ada").await;
    house.operator("olga", crate::house::OWNER).await;
    let cookie = |answer: &Answer, name: &str| {
        let found =
            answer.set_cookies().into_iter().find(|one| one.starts_with(name) && !one.contains("Max-Age"));
        found.unwrap_or_else(|| panic!("{name}")).split_once(';').unwrap().1.to_owned()
    };
    let lax = " Path=/; Secure; HttpOnly; SameSite=Lax";
    let answer = house.browser().get("/login").await;
    assert_eq!(cookie(&answer, "__Host-lf="), lax);
    let answer = house.browser().sign_in("/login", "ada", CHOSEN).await;
    assert_eq!(cookie(&answer, "__Host-pc="), lax);
    house.mail_password(ada, crate::house::MAILED).await;
    let answer = house.browser().sign_in("/login", "ada", crate::house::MAILED).await;
    assert_eq!(cookie(&answer, "__Host-fc="), lax);
    let answer = house.browser().sign_in("/console/login", "olga", CHOSEN).await;
    assert_eq!(cookie(&answer, "__Host-op="), " Path=/; Secure; HttpOnly; SameSite=Strict");
}

#[tokio::test]
async fn a_preset_cookie_is_replaced_at_sign_in() {
    let db = sqlite().await;
    let house = House::new(&db.store);
    house.contact("ada").await;
    let mut browser = house.browser();
    let planted = "p".repeat(43);
    browser.cookies.insert("__Host-pc".into(), planted.clone());
    browser.sign_in("/login", "ada", CHOSEN).await;
    assert_ne!(browser.cookies["__Host-pc"], planted);
    let mut attacker = house.browser();
    attacker.cookies.insert("__Host-pc".into(), planted);
    assert_eq!(attacker.get("/account").await.location(), "/login");
}

#[tokio::test]
async fn a_forged_forwarded_address_does_not_escape_the_limit() {
    let db = sqlite().await;
    for (trusted, last) in [(&[][..], 403), (&["198.51.0.0/16"][..], 303)] {
        let house = House::with(&db.store, |state| {
            state.settings =
                settings(|settings| settings.trusted_proxies = Networks::parse(trusted).unwrap());
        });
        let name = format!("ada{last}");
        house.contact(&name).await;
        let mut browser = house.browser();
        let token = browser.get("/login").await.token();
        let mut status = 0;
        for n in 0..22 {
            let (who, password) = if n == 21 { (name.as_str(), CHOSEN) } else { ("nobody", "wrong") };
            let body = format!("csrf={token}&username={who}&password={}", password.replace(' ', "+"));
            let request = Request::post("/login")
                .header("content-type", "application/x-www-form-urlencoded")
                .header("x-forwarded-for", format!("203.0.113.{n}"))
                .body(Body::from(body))
                .unwrap();
            status = browser.send(request).await.status.as_u16();
        }
        assert_eq!(status, last, "trusted: {trusted:?}");
    }
}

#[tokio::test]
async fn error_pages_speak_the_browsers_language_and_offer_a_next_step() {
    let db = sqlite().await;
    let house = House::new(&db.store);
    let mut browser = house.browser();
    browser.language = "de";
    let page = browser.get("/nirgends").await;
    assert!(page.body.contains("Hier ist nichts") && page.body.contains("href=\"/login\""));
    assert!(page.body.contains(page.header("x-request-id")));
}

#[tokio::test]
async fn a_handler_that_falls_over_is_a_page_with_a_number_and_no_details() {
    let db = sqlite().await;
    let calls = Arc::new(AtomicI64::new(0));
    let house = House::with(&db.store, |state| {
        let calls = calls.clone();
        // The gate asks for the time first; the handler's own question goes wrong.
        state.clock = Arc::new(move || match calls.fetch_add(1, Ordering::Relaxed) {
            0 => testkit::TEST_NOW,
            _ => panic!("secret detail of a defect"),
        });
    });
    let answer = house.browser().get("/login").await;
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("Our mistake") && answer.body.contains(answer.header("x-request-id")));
    assert!(!answer.body.contains("secret detail"));
    assert_headers("a panic", &answer);
    calls.store(0, Ordering::Relaxed);
    let api = house.browser().get("/health/ready").await;
    assert_eq!((api.status.as_u16(), api.header("content-type")), (500, "application/problem+json"));
}

/// Keeps what was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if let Ok(mut kept) = self.0.lock() {
            kept.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_names_routes_and_holds_no_token_name_or_password() {
    let log = Log::default();
    let kept = log.clone();
    // For the whole process: what the other stories log belongs to the test, too.
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || kept.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let db = sqlite().await;
    let house = House::new(&db.store);
    house.contact("ottoline").await;
    let mut browser = house.browser();
    let link = "T".repeat(43);
    browser.get(&format!("/console/setup/{link}")).await;
    browser.sign_in("/login", "ottoline", CHOSEN).await;
    browser.get("/login?address=ottoline@example.org").await;
    let cookie = browser.cookies["__Host-pc"].clone();
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("route=/console/setup/{token}") && text.contains("route=/login"), "{text}");
    for secret in [link.as_str(), cookie.as_str(), CHOSEN, "oyster", crate::house::MAILED, "ottoline"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
