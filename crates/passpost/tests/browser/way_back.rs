//! The way back in of somebody who forgot the password: asking, the mail, the link, another password.

use crate::page::Browser;
use crate::program::Program;
use crate::words::{ENGLISH, FRENCH, GERMAN, Language};
use fantoccini::Locator;
use std::time::{Duration, Instant};

const FRESH: &str = "meadow copper sailing biscuit";
/// Long enough for the browser, too easy for us.
const EASY: &str = "passwordpassword";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_forgot_the_password_comes_back_by_a_link() {
    walk(ENGLISH, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_back_in_german() {
    walk(GERMAN, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_back_in_french() {
    walk(FRENCH, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_back_without_javascript() {
    walk(ENGLISH, false).await;
}

async fn walk(language: Language, script: bool) {
    let program = Program::demo(40);
    let Some(mut browser) = Browser::open(&program.base, language.tag).await else { return };
    if !script {
        browser.let_scripts_run(false).await;
    }
    let me = Forgetful { browser: &browser, language };
    let address = me.find_an_address().await;
    me.ask(&address).await;
    let mail = me.wait_for_the_mail(&address).await;
    let username = me.choose().await;
    me.sign_in(&username).await;
    me.follow_it_again(&mail).await;
    me.report(&mail).await;
    browser.close().await;
}

/// Somebody without a password, at a browser.
struct Forgetful<'a> {
    browser: &'a Browser,
    language: Language,
}

impl Forgetful<'_> {
    fn say(&self, id: &str) -> &'static str {
        self.language.say(id)
    }

    /// Looks at the page under the name of the page and the language.
    async fn look(&self, page: &str, status: u16) {
        let script = if self.browser.has_script() { "" } else { "-without-script" };
        let name = format!("reset-{page}-{}{script}", self.language.tag);
        self.browser.look(&name, self.language.tag, status).await;
    }

    /// The address of a contact who reads this language, out of the mails of the demo.
    async fn find_an_address(&self) -> String {
        let browser = self.browser;
        browser.goto("/mailbox").await;
        let search = browser.client().find(Locator::Id("q")).await.unwrap();
        search.click().await.unwrap();
        browser.write(self.language.subject).await;
        browser.enter().await;
        let all = browser.client().find_all(Locator::Css(".mails .to")).await.unwrap();
        for to in all {
            let to = to.text().await.unwrap();
            // Operators come to the console instead.
            if !to.contains("@portal.example") {
                return to;
            }
        }
        panic!("no mail to a contact: {}", browser.text("main").await);
    }

    /// From the sign-in page, by keyboard; an empty field is said at the field.
    async fn ask(&self, address: &str) {
        let browser = self.browser;
        browser.goto("/login").await;
        self.look("way-in", 200).await;
        browser.follow(self.say("reset-forgotten")).await;
        browser.is_at("/reset").await;
        assert_eq!(browser.text("h1").await, self.say("reset-ask-title"));
        browser.has_focus("username").await;
        self.look("ask", 200).await;
        browser.write("   ").await;
        browser.enter().await;
        assert_eq!(browser.text("#problem[role=alert]").await, self.say("reset-ask-empty"));
        self.look("ask-refused", 422).await;
        browser.has_focus("username").await;
        let field = browser.client().find(Locator::Id("username")).await.unwrap();
        field.clear().await.unwrap();
        field.click().await.unwrap();
        browser.write(address).await;
        browser.enter().await;
        browser.is_at("/reset").await;
        assert_eq!(browser.text("h1").await, self.say("reset-asked-title"));
        self.look("asked", 200).await;
        let held_back = "document.querySelector('[data-wait]').disabled";
        if browser.has_script() {
            assert_eq!(browser.ask(held_back).await, true, "another one makes no sense yet");
            browser.client().find(Locator::Id("username")).await.unwrap().click().await.unwrap();
            browser.write("x").await;
        }
        assert_eq!(browser.ask(held_back).await, false, "whoever mistyped need not wait");
        assert_eq!(browser.text("[data-wait]").await, self.say("reset-asked-again"));
    }

    /// Gives the path of the mail in the mailbox; then the link in it is followed.
    async fn wait_for_the_mail(&self, address: &str) -> String {
        let browser = self.browser;
        let began = Instant::now();
        let mail = loop {
            browser.goto(&format!("/mailbox?q={}", address.replace('+', "%2B").replace('@', "%40"))).await;
            browser.click(".mails a").await;
            if browser.count(".links a[href*='/reset/link/']").await > 0 {
                break browser.path().await;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "no mail: {}", browser.text("main").await);
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        if self.language == ENGLISH && browser.has_script() {
            browser.look("reset-mailbox-mail", "en", 200).await;
        }
        browser.goto(&format!("{mail}/html")).await;
        self.look("mail", 200).await;
        browser.goto(&mail).await;
        browser.click(".links a[href*='/reset/link/']").await;
        mail
    }

    /// The page behind the link: it says why a password is not taken, and stays. Gives the account's user name.
    async fn choose(&self) -> String {
        let browser = self.browser;
        browser.is_at("/reset/new").await;
        assert_eq!(browser.text("h1").await, self.say("reset-new-title"));
        self.look("new", 200).await;
        let username = browser.ask("document.querySelector('input[name=username]').value").await;
        self.type_new(EASY).await;
        browser.enter().await;
        browser.is_at("/reset/new").await;
        let why = browser.text("#problems[role=alert]").await;
        assert!(why.contains(self.say("new-refused")), "{why}");
        self.look("new-refused", 422).await;
        browser.goto("/reset/new").await;
        self.type_new(FRESH).await;
        if browser.has_script() {
            browser.until("the meter's answer", "document.querySelector('.meter.fit') !== null").await;
            assert_eq!(browser.text("#strength").await, self.say("strength-very-good"));
            self.look("new-strong", 200).await;
        }
        browser.tab_to(self.say("forced-button")).await;
        browser.enter().await;
        browser.is_at("/reset/done").await;
        self.look("done", 200).await;
        username.as_str().unwrap().to_owned()
    }

    /// Types both fields by keyboard; the focus stays in the second one.
    async fn type_new(&self, password: &str) {
        let browser = self.browser;
        browser.client().find(Locator::Id("password")).await.unwrap().click().await.unwrap();
        browser.write(password).await;
        if browser.has_script() {
            browser.tab_to(self.say("reveal-show")).await;
        }
        browser.tab_to("confirmation").await;
        browser.write(password).await;
    }

    async fn sign_in(&self, username: &str) {
        let browser = self.browser;
        browser.click("a.primary").await;
        browser.is_at("/login").await;
        browser.has_focus("username").await;
        browser.write(username).await;
        browser.tab_to("password").await;
        browser.write(FRESH).await;
        browser.enter().await;
        browser.is_at("/account").await;
    }

    /// A used link leads to a page that offers another one.
    async fn follow_it_again(&self, mail: &str) {
        let browser = self.browser;
        browser.goto(mail).await;
        browser.click(".links a[href*='/reset/link/']").await;
        browser.is_at("/reset/new").await;
        assert_eq!(browser.text("h1").await, self.say("reset-gone-title"));
        assert_eq!(browser.count("form[action='/reset'] #username").await, 1);
        self.look("gone", 404).await;
    }

    /// Whoever did not ask says so.
    async fn report(&self, mail: &str) {
        let browser = self.browser;
        browser.goto(mail).await;
        browser.click(".links a[href*='/reset/report/']").await;
        assert_eq!(browser.text("h1").await, self.say("reset-report-title"));
        self.look("report", 200).await;
        browser.click("main form .primary").await;
        assert_eq!(browser.text("h1").await, self.say("reset-report-done-title"));
        self.look("report-done", 200).await;
    }
}
