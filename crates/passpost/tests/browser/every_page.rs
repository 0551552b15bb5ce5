//! Every page of the one list of routes, each held against what holds for all pages, walked by keyboard, and looked at
//! without script. A page that the prepared database does not lead to fails by its name.

use crate::page::Browser;
use crate::program::Program;
use crate::scene::{
    PASSWORD, become_owner, choose, code, come_in, fill, furnish, open_mail, press, read_mail,
    refuse_who_is_gone, serve_over, setup_link, sign_in, sign_out,
};
use crate::tour::{Side, Tour};
use fantoccini::Locator;
use testkit::relay::{Script, ScriptedRelay};
use testkit::visitor::Visitor;
use testkit::{Authenticator, newest_password};

/// Pages that are there before an Owner is, or between two steps of signing in.
const ON_THE_WAY_IN: [&str; 4] =
    ["/console/setup", "/console/login", "/console/login/code", "/console/login/enrol"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_of_operators_and_programs_can_be_used_by_everybody() {
    let relay = ScriptedRelay::start(Script::default().answer(refuse_who_is_gone)).await;
    // The staff is through in a moment; a run for all is under way during the whole tour.
    let program = serve_over(&relay, Some(120));
    let Some(browser) = Browser::open(&program.base, "en").await else { return };
    let mut tour = Tour::new(browser, Side::Operators);
    let link = setup_link(&program);
    tour.browser().goto("/login").await;
    tour.see(&link).await;
    tour.browser().goto(&link).await;
    tour.see("/console/setup").await;
    become_owner(tour.browser(), &program).await;
    prepare(&mut tour, &program, &relay).await;
    tour.see_all(&ON_THE_WAY_IN).await;
    way_in(&mut tour).await;
    tour.end().await;
}

/// Whatever there is a page for: people, records, runs in every state.
async fn prepare(tour: &mut Tour, program: &Program, relay: &ScriptedRelay) {
    furnish(program, 15);
    ask_for_a_link(tour.browser(), program).await;
    program.run(&["automation", "run", "Staff accounts", "--yes", "--detach"]);
    program.run(&["selection", "create", "Everybody", "--filter", "blocked eq false"]);
    program.run(&["selection", "publish", "Everybody"]);
    program.run(&["automation", "create", "A draft", "--selection", "Everybody"]);
    program.run(&["automation", "create", "All again", "--selection", "Everybody"]);
    program.run(&["attribute", "create", "tier", "string", "--label", "Tier"]);
    program.run(&["holiday", "add", "2036-12-25", "Christmas Day", "--yearly"]);
    program.run(&["user", "create", "henri", "--role", "Helper", "--address", "henri@portal.example"]);
    program.run(&["key", "create", "Nightly export", "--owner", "robot", "--scope", "people.view"]);
    let browser = tour.browser();
    // A run that is over, with somebody the relay refused.
    browser.goto("/console").await;
    browser.follow("Staff accounts").await;
    let over = "document.querySelector('.head .state').textContent === 'Finished'";
    browser.until("the end of the run", over).await;
    let run = browser.path().await;
    mail_the_staff(browser).await;
    ask_to_be_erased(program, relay);
    for automation in ["Yearly renewal", "All again"] {
        program.run(&["automation", "run", automation, "--yes", "--detach"]);
    }
    program.run(&["run", "pause", "3"]);
    save_a_template(browser).await;
    let browser = tour.browser();
    browser.goto(&format!("{run}?state=refused")).await;
    // The automation of this run is looked at before the one that has not run yet.
    tour.collect().await;
    listen(tour).await;
    tour.see(&format!("{run}/events")).await;
    make_a_role(tour.browser()).await;
    tour.collect().await;
    // A contact: operators are not erased.
    tour.browser().goto("/console/people?q=person42").await;
    tour.browser().click("tbody th a").await;
    tour.collect().await;
    let browser = tour.browser();
    program.write("more.csv", "address,given_name\nmore@members.example,More\nwrong,Wrong\n");
    browser.goto("/console/people/import").await;
    let field = browser.client().find(Locator::Id("file")).await.unwrap();
    field.send_keys(&program.path("more.csv")).await.unwrap();
    browser.click("form .primary").await;
    let upload = browser.path().await;
    tour.see(&upload).await;
}

/// A mailing that has begun, and one that is a draft.
async fn mail_the_staff(browser: &Browser) {
    for name in ["A draft", "News for the staff"] {
        browser.goto("/console/mailings/new").await;
        fill(browser, "name", name).await;
        browser.click("form .primary").await;
        browser.click("button[value=next]").await;
        choose(browser, "selection", "Staff").await;
        browser.click("#audience button[value=next]").await;
    }
    press(browser, "#when-now").await;
    browser.click("button[formaction$='/arm']").await;
    let began = "document.querySelector('.funnel .accepted b')?.textContent > 0";
    for _ in 0..100 {
        if browser.ask(began).await == true {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let here = browser.path().await;
        browser.goto(&here).await;
    }
    panic!("the mailing does not begin: {}", browser.text("main").await);
}

/// A link that cannot arrive, for the list of those.
async fn ask_for_a_link(browser: &Browser, program: &Program) {
    browser.goto("/reset").await;
    fill(browser, "username", "person15").await;
    browser.enter().await;
    let began = std::time::Instant::now();
    while !program.run(&["account-mail", "list", "--trouble", "--json"]).contains("given_up") {
        assert!(began.elapsed().as_secs() < 60, "the relay refuses it");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}

/// One of the staff comes in with the mailed password and asks to be erased.
fn ask_to_be_erased(program: &Program, relay: &ScriptedRelay) {
    let port = program.base.rsplit(':').next().unwrap().parse().unwrap();
    let mailed = newest_password(relay, "person0@members.example").unwrap();
    let mut visitor = Visitor::of(port);
    assert_eq!(visitor.sign_in("person0", &mailed).location(), "/password/new");
    visitor.choose_password("person0", PASSWORD);
    let token = visitor.get("/preferences").token();
    let fields =
        [("csrf", &*token), ("username", "person0"), ("reason", "I move away"), ("current", PASSWORD)];
    assert_eq!(
        visitor.post("/preferences/deletion", &fields).location(),
        "/preferences?saved=deletion-asked"
    );
}

/// An automation that an event begins with its steps, and an event it listened to.
async fn listen(tour: &mut Tour) {
    let browser = tour.browser();
    browser.goto("/console/automations/new/event?event=org.example.course.booked").await;
    fill(browser, "name", "Welcome to a course").await;
    browser.click("button[value=next]").await;
    browser.click("button[value=next]").await;
    browser.click("button[value=close]").await;
    tour.collect().await;
    let browser = tour.browser();
    browser.goto("/console/events/try?event=org.example.course.booked").await;
    browser.click("button[value=send]").await;
    browser.is_at("/console/events").await;
    tour.collect().await;
}

async fn make_a_role(browser: &Browser) {
    browser.goto("/console/roles/new").await;
    fill(browser, "name", "Front desk").await;
    press(browser, "[id='may-people.view']").await;
    browser.click("form.form button.primary").await;
}

async fn save_a_template(browser: &Browser) {
    browser.goto("/console/templates/new-password/en").await;
    fill(browser, "subject", "Your way in, {{ username }}").await;
    browser.click("form.editor .acts .primary").await;
}

/// The pages before a session: the role asks for a second factor, it is set up, and asked for.
async fn way_in(tour: &mut Tour) {
    let browser = tour.browser();
    browser.goto("/console/roles").await;
    browser.follow("Owner").await;
    // Whose role asks for it anew is signed out.
    browser.click("form[action$='/second-factor'] button").await;
    browser.is_at("/console/login").await;
    tour.see("/console/login").await;
    sign_in(tour.browser(), "/console/login/enrol").await;
    tour.see("/console/login/enrol").await;
    let browser = tour.browser();
    browser.goto("/console/login/enrol").await;
    let app = Authenticator::typed(&browser.text("code.key").await);
    fill(browser, "code", &code(&app)).await;
    browser.enter().await;
    sign_out(browser).await;
    sign_in(browser, "/console/login/code").await;
    tour.see("/console/login/code").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_of_recipients_and_the_mailbox_can_be_used_by_everybody() {
    let program = Program::demo(40);
    let Some(browser) = Browser::open(&program.base, "en").await else { return };
    let mut tour = Tour::new(browser, Side::Recipients);
    tour.browser().goto("/mailbox?q=Your+new+password").await;
    open_mail(tour.browser()).await;
    tour.collect().await;
    let mail = tour.browser().path().await;
    let mailed = read_mail(tour.browser()).await;
    tour.see(&format!("{mail}/source")).await;
    let signed_in = ["/preferences", "/preferences/address", "/preferences/deletion", "/preferences/data"];
    let later = ["/password/new", "/password/done", "/password", "/account", "/reset/new"];
    tour.see_all(&[&later[..], &signed_in[..]].concat()).await;
    come_in(tour.browser(), &mailed.username, &mailed.password, "/password/new").await;
    tour.see("/password/new").await;
    let browser = tour.browser();
    browser.goto("/password/new").await;
    for field in ["password", "confirmation"] {
        fill(browser, field, PASSWORD).await;
    }
    browser.enter().await;
    browser.is_at("/password/done").await;
    tour.see_all(&["/reset/new"]).await;
    subscribe(&mut tour).await;
    way_back(&mut tour, &mailed.username).await;
    tour.end().await;
}

/// The pages a mail leads to that has a subscription confirmed.
async fn subscribe(tour: &mut Tour) {
    let browser = tour.browser();
    browser.goto("/preferences").await;
    press(browser, ".choices li:last-child input[type=checkbox]").await;
    browser.click(".preferences > button.primary").await;
    find_mail(browser, "Confirm+what+you+subscribe").await;
    let mail = browser.path().await;
    tour.collect().await;
    tour.browser().click(".links a[href*='/confirm/subscription/link/']").await;
    tour.browser().is_at("/confirm/subscription").await;
    tour.see("/confirm/subscription").await;
    tour.browser().goto(&mail).await;
    tour.collect().await;
}

/// The pages a mail with a personal link leads to.
async fn way_back(tour: &mut Tour, username: &str) {
    let browser = tour.browser();
    browser.goto("/reset").await;
    fill(browser, "username", username).await;
    browser.enter().await;
    find_mail(browser, "Choose+a+new+password").await;
    let mail = browser.path().await;
    browser.click(".links a[href*='/reset/link/']").await;
    browser.is_at("/reset/new").await;
    tour.see("/reset/new").await;
    tour.browser().goto(&mail).await;
    tour.collect().await;
    tour.see_all(&[]).await;
}

/// Waits for a mail to a contact with this subject and opens it.
async fn find_mail(browser: &Browser, subject: &str) {
    let mut tries = 0;
    loop {
        browser.goto(&format!("/mailbox?q={subject}")).await;
        if browser.count(".mails li").await > 0 {
            break;
        }
        tries += 1;
        assert!(tries < 100, "no mail: {}", browser.text("main").await);
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    open_mail(browser).await;
}
