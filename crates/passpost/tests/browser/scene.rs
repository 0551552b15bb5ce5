//! What several walks begin with: a program with its settings, people in it, an Owner who is signed in.

use crate::page::Browser;
use crate::program::Program;
use crate::words::ENGLISH;
use fantoccini::Locator;
use std::fmt::Write as _;
use testkit::relay::{Action, Moment, ScriptedRelay, Stage};

/// The Owner's password.
pub(crate) const PASSWORD: &str = "granite orchard whistle compass";

const GIVEN: [&str; 10] =
    ["Ada", "Jörg", "Zoë", "Łukasz", "Mihály", "Nokuthula", "Seán", "Inês", "Θάλεια", "Camille"];
const FAMILY: [&str; 8] =
    ["Lovelace", "Müller-Lüdenscheidt", "O’Neill", "Kowalski", "Şahin", "Dlamini", "Björk", "Desrosiers"];

/// A server without an Owner. Its mails stay in the mailbox inside it.
pub(crate) fn serve() -> Program {
    Program::serve(&settings())
}

/// A server without an Owner that hands its mails to this relay, so many a minute at most.
pub(crate) fn serve_over(relay: &ScriptedRelay, a_minute: Option<u32>) -> Program {
    let mut all = settings();
    all.push(("PASSPOST_SMTP__0__URL", format!("smtp://127.0.0.1:{}", relay.port())));
    all.push(("PASSPOST_SMTP__0__TLS", "none".into()));
    if let Some(number) = a_minute {
        all.push(("PASSPOST_SMTP__0__MESSAGES_PER_MINUTE", number.to_string()));
    }
    Program::serve(&all)
}

fn settings() -> Vec<(&'static str, String)> {
    vec![
        ("PASSPOST_MAIL__FROM", "passwords@portal.example".into()),
        ("PASSPOST_MAIL__ORGANISATION", "Example Portal".into()),
        ("PASSPOST_MAIL__HELP_CONTACT", "help@portal.example".into()),
        ("PASSPOST_MAIL__TIME_ZONE", "Europe/Berlin".into()),
    ]
}

/// A relay's answers: whose address begins with *gone* has no mailbox.
pub(crate) fn refuse_who_is_gone(moment: &Moment<'_>) -> Action {
    if moment.stage == Stage::Rcpt && moment.recipient.starts_with("gone") {
        return Action::reply("550 5.1.1 No such mailbox here");
    }
    Action::Accept
}

/// The path of a fresh one-time link for the first Owner.
pub(crate) fn setup_link(program: &Program) -> String {
    let link: serde_json::Value = serde_json::from_str(&program.run(&["setup", "--json"])).unwrap();
    link["link"].as_str().unwrap().strip_prefix(program.base.as_str()).unwrap().to_owned()
}

/// Takes the one-time link and signs in. The Owner's language is the browser's.
pub(crate) async fn become_owner(browser: &Browser, program: &Program) {
    browser.goto(&setup_link(program)).await;
    for (field, value) in [
        ("given_name", "Olga"),
        ("family_name", "Petrowa"),
        ("address", "olga@portal.example"),
        ("password", PASSWORD),
        ("confirmation", PASSWORD),
    ] {
        fill(browser, field, value).await;
    }
    browser.enter().await;
    browser.is_at("/console/login").await;
    sign_in(browser, "/console").await;
}

/// Signs the Owner in, which leads to this page.
pub(crate) async fn sign_in(browser: &Browser, then: &'static str) {
    browser.goto("/console/login").await;
    fill(browser, "username", "olga@portal.example").await;
    fill(browser, "password", PASSWORD).await;
    browser.enter().await;
    browser.is_at(then).await;
}

/// Signs the Owner out.
pub(crate) async fn sign_out(browser: &Browser) {
    browser.goto("/console").await;
    browser.click(".rail .who button").await;
    browser.is_at("/console/login").await;
}

/// People, and two automations that are active: every so many people one of the staff, all of them members.
pub(crate) fn furnish(program: &Program, one_of: usize) {
    let mut people = String::from("username,address,given_name,family_name,groups\n");
    for number in 0..330 {
        let (given, family) = (GIVEN[number % GIVEN.len()], FAMILY[number % FAMILY.len()]);
        let address = match number {
            14..=16 => format!("gone{number}@members.example"),
            77 | 200 => String::new(),
            _ => format!("person{number}@members.example"),
        };
        let groups = if number % one_of == 0 { "members|staff" } else { "members" };
        writeln!(people, "person{number},{address},{given},{family},{groups}").unwrap();
    }
    program.write("people.csv", &people);
    program.run(&["people", "import", "people.csv"]);
    let robot = ["user", "create", "robot", "--role", "Helper", "--type", "api"];
    program.run(&[&robot[..], &["--address", "robot@portal.example"]].concat());
    for (name, automation, filter) in [
        ("Staff", "Staff accounts", "groups.name eq \"staff\""),
        ("Members", "Yearly renewal", "groups.name eq \"members\" or system_user eq true"),
    ] {
        program.run(&["selection", "create", name, "--filter", filter, "--publish"]);
        program.run(&["automation", "create", automation, "--selection", name]);
    }
    let next_year = i32::from(today().year()) + 1;
    for (automation, start, every) in [
        ("Yearly renewal", format!("{next_year}-01-12T09:00"), "12 months"),
        ("Staff accounts", format!("{next_year}-02-01T07:30"), "6 months"),
    ] {
        let zone = ["--zone", "Europe/Berlin", "--days", "mon-fri", "--holidays", "never"];
        let first = ["automation", "schedule", automation, "--start", &start, "--every", every];
        program.run(&[&first[..], &zone[..]].concat());
        program.run(&["automation", "activate", automation, "--yes"]);
    }
}

#[expect(clippy::disallowed_methods, reason = "the program runs by the real clock here")]
fn today() -> jiff::civil::Date {
    jiff::Zoned::now().date()
}

/// The code an application for second factors shows now.
#[expect(clippy::disallowed_methods, reason = "the program runs by the real clock here")]
pub(crate) fn code(app: &testkit::Authenticator) -> String {
    app.code(jiff::Timestamp::now().as_millisecond())
}

/// Types into a field that may hold something.
pub(crate) async fn fill(browser: &Browser, id: &str, value: &str) {
    let field = browser.client().find(Locator::Id(id)).await.unwrap();
    field.clear().await.unwrap();
    field.send_keys(value).await.unwrap();
}

/// Chooses by what the choice says.
pub(crate) async fn choose(browser: &Browser, id: &str, label: &str) {
    browser.client().find(Locator::Id(id)).await.unwrap().select_by_label(label).await.unwrap();
}

/// Presses a button that changes the page where it stands.
pub(crate) async fn press(browser: &Browser, css: &str) {
    browser.client().find(Locator::Css(css)).await.unwrap().click().await.unwrap();
}

/// Fields for days and times are typed in the browser's own way, and a filter is pasted: their value is set.
pub(crate) async fn set(browser: &Browser, id: &str, value: &str) {
    let script = format!(
        "(e => {{ e.value = '{value}'; e.dispatchEvent(new Event('input', {{ bubbles: true }})); \
         e.dispatchEvent(new Event('change', {{ bubbles: true }})); return true; }})(document.getElementById('{id}'))"
    );
    browser.ask(&script).await;
}

/// A mailed password and whose it is.
pub(crate) struct Mailed {
    pub(crate) username: String,
    pub(crate) password: String,
}

/// Opens the newest mail to a contact in the mailbox; operators come to the console instead.
pub(crate) async fn open_mail(browser: &Browser) {
    let contact = "//a[span[@class='to' and not(contains(., '@portal.example'))]]";
    browser.click_on(Locator::XPath(contact)).await;
}

/// Reads the password of the mail that is open, as HTML; ends at its text.
pub(crate) async fn read_mail(browser: &Browser) -> Mailed {
    browser.client().enter_frame(0).await.unwrap();
    let password = browser.text(".word").await;
    browser.client().enter_parent_frame().await.unwrap();
    browser.follow("Text").await;
    let text = browser.text("pre.mail").await;
    Mailed { username: username_after(&text, &password), password }
}

/// The user name a mail's text names after the password.
fn username_after(text: &str, password: &str) -> String {
    let mut lines = text.lines().skip_while(|line| line.trim() != password).skip(1);
    let line =
        lines.find(|line| !line.trim().is_empty()).unwrap_or_else(|| panic!("no {password} in {text}"));
    line.split_whitespace().last().unwrap().to_owned()
}

/// Signs a recipient in, who then meets this page.
pub(crate) async fn come_in(browser: &Browser, username: &str, password: &str, then: &'static str) {
    browser.goto("/login").await;
    assert_eq!(browser.text("h1").await, ENGLISH.say("login-title"));
    fill(browser, "username", username).await;
    fill(browser, "password", password).await;
    browser.enter().await;
    browser.is_at(then).await;
}
