//! What a recipient decides: subscriptions with their click in the mailbox, language and record, another address with
//! both of its mails, unsubscribing by a link, asking to be erased.

use crate::page::{Browser, SPACE};
use crate::program::Program;
use crate::scene::{fill, press, read_mail};
use crate::words::{ENGLISH, FRENCH, GERMAN, Language};
use fantoccini::Locator;
use std::time::{Duration, Instant};

const OWN: &str = "lantern harbour violet teapot";
const NEW_ADDRESS: &str = "moved.away@elsewhere.example";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recipient_decides_what_comes_and_where_to() {
    walk(ENGLISH, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_decisions_in_german() {
    walk(GERMAN, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_decisions_in_french() {
    walk(FRENCH, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_decisions_without_javascript() {
    walk(ENGLISH, false).await;
}

async fn walk(language: Language, script: bool) {
    let program = Program::demo(40);
    let Some(mut browser) = Browser::open(&program.base, language.tag).await else { return };
    if !script {
        browser.let_scripts_run(false).await;
    }
    let me = Subscriber { browser: &browser, language };
    let (username, address) = me.come_in().await;
    me.look_around().await;
    me.subscribe().await;
    let mail = me.confirm(&address).await;
    me.change_the_record().await;
    me.move_away().await;
    me.object(&address).await;
    me.unsubscribe(&mail).await;
    me.sign_in(&username).await;
    me.take_mailings_again().await;
    me.ask_to_be_erased().await;
    browser.close().await;
}

/// Somebody with an account, at a browser.
struct Subscriber<'a> {
    browser: &'a Browser,
    language: Language,
}

impl Subscriber<'_> {
    fn say(&self, id: &str) -> &'static str {
        self.language.say(id)
    }

    /// Looks at the page under the name of the page and the language.
    async fn look(&self, page: &str, status: u16) {
        let script = if self.browser.has_script() { "" } else { "-without-script" };
        let name = format!("preferences-{page}-{}{script}", self.language.tag);
        self.browser.look(&name, self.language.tag, status).await;
    }

    /// Finds a mail in the own language in the mailbox and comes in with its password. Gives user name and address.
    async fn come_in(&self) -> (String, String) {
        let browser = self.browser;
        let subject = self.language.subject.replace(' ', "+");
        browser.goto(&format!("/mailbox?q={subject}")).await;
        let contact = "//a[span[@class='to' and not(contains(., '@portal.example'))]]";
        let to =
            browser.client().find(Locator::XPath(&format!("{contact}/span[@class='to']"))).await.unwrap();
        let address = to.text().await.unwrap();
        browser.click_on(Locator::XPath(contact)).await;
        let mailed = read_mail(browser).await;
        browser.goto("/login").await;
        fill(browser, "username", &mailed.username).await;
        fill(browser, "password", &mailed.password).await;
        browser.enter().await;
        browser.is_at("/password/new").await;
        for field in ["password", "confirmation"] {
            fill(browser, field, OWN).await;
        }
        browser.enter().await;
        browser.is_at("/password/done").await;
        browser.follow(self.say("done-next")).await;
        browser.is_at("/account").await;
        (mailed.username, address)
    }

    async fn sign_in(&self, username: &str) {
        let browser = self.browser;
        browser.goto("/login").await;
        fill(browser, "username", username).await;
        fill(browser, "password", OWN).await;
        browser.enter().await;
        browser.is_at("/account").await;
    }

    /// From the account to the preferences.
    async fn look_around(&self) {
        let browser = self.browser;
        browser.follow(self.say("preferences-open")).await;
        browser.is_at("/preferences").await;
        assert_eq!(browser.text("h1").await, self.say("preferences-title"));
        assert_eq!(browser.count(".choices input[type=checkbox]").await, 2);
        assert_eq!(browser.count(".choices input:checked").await, 0);
        self.look("overview", 200).await;
    }

    /// Ticks both by keyboard; one of them waits.
    async fn subscribe(&self) {
        let browser = self.browser;
        let mut boxes =
            browser.client().find_all(Locator::Css(".choices input[type=checkbox]")).await.unwrap();
        boxes.remove(0).click().await.unwrap();
        browser.ask("document.querySelectorAll('.choices input[type=checkbox]')[1].focus()").await;
        browser.press(&[SPACE]).await;
        browser.click(".preferences > button.primary").await;
        browser.is_at("/preferences").await;
        let said = browser.text("#saved[role=status]").await;
        for part in ["saved-waiting", "saved-subscribed"] {
            assert!(said.contains(self.say(part)), "{said}");
        }
        assert_eq!(browser.count(".choices input:checked").await, 2);
        assert_eq!(browser.text(".choices .waiting").await, self.say("preferences-waiting"));
        self.look("waiting", 200).await;
    }

    /// Waits for the newest mail to an address that has such a link; stays at it, and gives its path.
    async fn mail_with(&self, address: &str, link: &str) -> String {
        let browser = self.browser;
        let began = Instant::now();
        loop {
            browser.goto(&format!("/mailbox?q={}", address.replace('+', "%2B").replace('@', "%40"))).await;
            if browser.count(".mails a").await > 0 {
                browser.click(".mails a").await;
                if browser.count(&format!(".links a[href*='{link}']")).await > 0 {
                    return browser.path().await;
                }
            }
            assert!(began.elapsed() < Duration::from_secs(20), "no mail: {}", browser.text("main").await);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn confirm(&self, address: &str) -> String {
        let browser = self.browser;
        let mail = self.mail_with(address, "/confirm/subscription/link/").await;
        browser.goto(&format!("{mail}/html")).await;
        self.look("mail-subscription", 200).await;
        browser.goto(&mail).await;
        browser.click(".links a[href*='/confirm/subscription/link/']").await;
        browser.is_at("/confirm/subscription").await;
        assert_eq!(browser.text("h1").await, self.say("confirm-subscription-title"));
        assert!(browser.text("main").await.contains("Newsletter"));
        self.look("confirm-subscription", 200).await;
        browser.click("form .primary").await;
        assert_eq!(browser.text("h1").await, self.say("confirm-subscription-done-title"));
        self.look("confirm-subscription-done", 200).await;
        browser.click("a.primary").await;
        browser.is_at("/preferences").await;
        assert_eq!(browser.count(".choices input:checked").await, 2);
        assert_eq!(browser.count(".choices .waiting").await, 0);
        mail
    }

    /// A wrong field is said at the field and keeps the others; then all of it is saved.
    async fn change_the_record(&self) {
        let browser = self.browser;
        fill(browser, "attribute-interests", "Ships & stars").await;
        fill(browser, "time_zone", "Mars/Olympus").await;
        browser.click(".preferences > button.primary").await;
        assert_eq!(browser.text("#notice[role=alert]").await, self.say("preferences-not-saved"));
        assert_eq!(browser.count("#time_zone[aria-invalid=true]").await, 1);
        self.look("refused", 422).await;
        fill(browser, "time_zone", "Asia/Tokyo").await;
        browser.click(".preferences > button.primary").await;
        let said = browser.text("#saved").await;
        for part in ["saved-time-zone", "saved-record"] {
            assert!(said.contains(self.say(part)), "{said}");
        }
        let kept = browser.ask("document.querySelector('#attribute-interests').value").await;
        assert_eq!(kept, "Ships & stars");
    }

    async fn move_away(&self) {
        let browser = self.browser;
        browser.follow(self.say("preferences-address-change")).await;
        browser.is_at("/preferences/address").await;
        browser.has_focus("address").await;
        self.look("address", 200).await;
        browser.write(NEW_ADDRESS).await;
        browser.tab_to("current").await;
        browser.write("not the right one at all").await;
        browser.enter().await;
        assert_eq!(browser.text("#current-wrong[role=alert]").await, self.say("change-wrong-current"));
        self.look("address-refused", 422).await;
        browser.has_focus("current").await;
        browser.write(OWN).await;
        browser.enter().await;
        browser.is_at("/preferences").await;
        assert_eq!(browser.text("#saved").await, self.say("saved-address-asked"));
        assert!(browser.text("main").await.contains(NEW_ADDRESS));
        self.look("address-waiting", 200).await;
        let mail = self.mail_with(NEW_ADDRESS, "/confirm/address/link/").await;
        browser.goto(&format!("{mail}/html")).await;
        self.look("mail-address", 200).await;
        browser.goto(&mail).await;
        browser.click(".links a[href*='/confirm/address/link/']").await;
        browser.is_at("/confirm/address").await;
        assert_eq!(browser.text("h1").await, self.say("confirm-address-title"));
        self.look("confirm-address", 200).await;
        browser.click("form .primary").await;
        assert_eq!(browser.text("h1").await, self.say("confirm-address-done-title"));
        self.look("confirm-address-done", 200).await;
    }

    /// The old mailbox takes it back, which signs everybody out.
    async fn object(&self, address: &str) {
        let browser = self.browser;
        let mail = self.mail_with(address, "/confirm/objection/link/").await;
        browser.goto(&format!("{mail}/html")).await;
        self.look("mail-objection", 200).await;
        browser.goto(&mail).await;
        browser.click(".links a[href*='/confirm/objection/link/']").await;
        assert_eq!(browser.text("h1").await, self.say("confirm-objection-made-title"));
        self.look("objection", 200).await;
        browser.click("form .primary").await;
        assert_eq!(browser.text("h1").await, self.say("confirm-objection-made-done-title"));
        self.look("objection-done", 200).await;
        browser.goto(&mail).await;
        browser.click(".links a[href*='/confirm/objection/link/']").await;
        assert_eq!(browser.text("h1").await, self.say("reset-gone-title"));
        self.look("gone", 404).await;
        browser.goto("/preferences").await;
        browser.is_at("/login").await;
    }

    /// By the link of a mail, without signing in.
    async fn unsubscribe(&self, mail: &str) {
        let browser = self.browser;
        browser.goto(mail).await;
        browser.click(".links a[href*='/unsubscribe/']").await;
        assert_eq!(browser.text("h1").await, self.say("unsubscribe-title"));
        self.look("unsubscribe", 200).await;
        fill(browser, "reason", "Too many mails").await;
        browser.click("form .primary").await;
        assert_eq!(browser.text("h1").await, self.say("unsubscribe-done-title"));
        self.look("unsubscribe-done", 200).await;
    }

    async fn take_mailings_again(&self) {
        let browser = self.browser;
        browser.goto("/preferences").await;
        assert_eq!(browser.count(".choices").await, 0);
        self.look("stopped", 200).await;
        browser.click("form[action='/preferences/allow'] button").await;
        assert_eq!(browser.text("#saved").await, self.say("saved-allowed"));
        assert_eq!(browser.count(".choices input:checked").await, 0);
    }

    async fn ask_to_be_erased(&self) {
        let browser = self.browser;
        browser.follow(self.say("preferences-deletion-ask")).await;
        browser.is_at("/preferences/deletion").await;
        self.look("deletion", 200).await;
        fill(browser, "current", OWN).await;
        press(browser, "#reason").await;
        browser.write("I move away").await;
        browser.enter().await;
        browser.is_at("/preferences").await;
        assert_eq!(browser.text("#saved").await, self.say("saved-deletion-asked"));
        assert_eq!(browser.count("#request").await, 1);
        self.look("deletion-asked", 200).await;
        let data = "fetch('/preferences/data').then((answer) => answer.json()).then((data) => data.account.user_name)";
        if browser.has_script() {
            assert!(browser.ask_later(data).await.as_str().is_some_and(|name| !name.is_empty()));
        }
        browser.click("form[action='/preferences/deletion/withdraw'] button").await;
        assert_eq!(browser.text("#saved").await, self.say("saved-deletion-withdrawn"));
    }
}
