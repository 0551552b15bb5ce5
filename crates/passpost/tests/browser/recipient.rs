//! The recipient's way: from the mail with a new password to an account with a password of one's own.

use crate::page::{Browser, SPACE};
use crate::program::Program;
use crate::scene::{Mailed, open_mail, read_mail};
use crate::words::{ENGLISH, FRENCH, GERMAN, Language};
use fantoccini::Locator;

const FIRST: &str = "lantern harbour violet teapot";
const SECOND: &str = "meadow copper sailing biscuit";
/// Long enough for the browser, too easy for us.
const EASY: &str = "passwordpassword";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recipient_comes_in_with_a_mailed_password_and_leaves_with_ones_own() {
    walk(ENGLISH, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_way_in_german() {
    walk(GERMAN, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_way_in_french() {
    walk(FRENCH, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_way_without_javascript() {
    walk(ENGLISH, false).await;
}

async fn walk(language: Language, script: bool) {
    let program = Program::demo(40);
    let Some(mut browser) = Browser::open(&program.base, language.tag).await else { return };
    if !script {
        browser.let_scripts_run(false).await;
    }
    let me = Guest { browser: &browser, language };
    let mailed = me.read_the_mail().await;
    me.browser.follow("Open the sign-in page").await;
    let refusal = me.sign_in_after_a_wrong_try(&mailed).await;
    me.choose().await;
    me.look_at_the_account(&mailed).await;
    me.sign_out().await;
    me.sign_in(&mailed.username, &mailed.password).await;
    me.look("sign-in-used", 403).await;
    assert_eq!(me.browser.text("#notice").await, refusal, "a used password is refused as a wrong one");
    me.sign_in(&mailed.username, FIRST).await;
    me.browser.is_at("/account").await;
    me.change().await;
    me.end_other_sessions(&mailed).await;
    browser.close().await;
}

/// Somebody who reads mail in a language, at a browser.
struct Guest<'a> {
    browser: &'a Browser,
    language: Language,
}

impl Guest<'_> {
    fn say(&self, id: &str) -> &'static str {
        self.language.say(id)
    }

    /// Looks at the page under the name of the page and the language.
    async fn look(&self, page: &str, status: u16) {
        let script = if self.browser.has_script() { "" } else { "-without-script" };
        let name = format!("{page}-{}{script}", self.language.tag);
        self.browser.look(&name, self.language.tag, status).await;
    }

    /// From the list of mails to the password: in the HTML, in the text, and there in the source.
    async fn read_the_mail(&self) -> Mailed {
        let browser = self.browser;
        browser.goto("/mailbox").await;
        self.look_at_mailbox("mailbox").await;
        assert!(browser.count(".mails li").await > 30, "{}", browser.text("main").await);
        browser.goto("/mailbox?q=nobody").await;
        self.look_at_mailbox("mailbox-nothing-found").await;
        let search = browser.client().find(Locator::Id("q")).await.unwrap();
        search.clear().await.unwrap();
        search.click().await.unwrap();
        browser.write(self.language.subject).await;
        browser.enter().await;
        open_mail(browser).await;
        self.look_at_mailbox("mailbox-mail").await;
        let mailed = read_mail(browser).await;
        self.look_at_mailbox("mailbox-text").await;
        browser.follow("Source").await;
        self.look_at_mailbox("mailbox-source").await;
        let source = browser.text("pre.source").await;
        assert!(source.contains("multipart/alternative") && source.contains(&mailed.password), "{source}");
        let mail = browser.path().await;
        browser.goto(&format!("{mail}/html")).await;
        self.look("mail", 200).await;
        browser.goto(&mail).await;
        mailed
    }

    /// The mailbox speaks English only: once is enough.
    async fn look_at_mailbox(&self, page: &str) {
        if self.language == ENGLISH && self.browser.has_script() {
            self.browser.look(page, "en", 200).await;
        }
    }

    /// By keyboard alone. Gives what the refusal says.
    async fn sign_in_after_a_wrong_try(&self, mailed: &Mailed) -> String {
        let browser = self.browser;
        browser.is_at("/login").await;
        assert_eq!(browser.text("h1").await, self.say("login-title"));
        self.look("sign-in", 200).await;
        browser.has_focus("username").await;
        browser.write(&mailed.username).await;
        browser.tab_to("password").await;
        browser.write("not the right one").await;
        browser.enter().await;
        self.look("sign-in-refused", 403).await;
        let refusal = browser.text("#notice[role=alert]").await;
        assert_eq!(refusal, self.say("login-refused"));
        browser.has_focus("password").await;
        browser.write(&mailed.password).await;
        if browser.has_script() {
            browser.tab_to(self.say("reveal-show")).await;
            browser.press(&[SPACE]).await;
            assert_eq!(browser.ask("password.type").await, "text");
            assert_eq!(browser.focus().await, self.say("reveal-hide"));
        }
        browser.tab_to(self.say("login-button")).await;
        browser.enter().await;
        refusal
    }

    /// The page behind a mailed password: it says why a password is not taken, and stays.
    async fn choose(&self) {
        let browser = self.browser;
        browser.is_at("/password/new").await;
        assert_eq!(browser.text("h1").await, self.say("forced-title"));
        self.look("choose", 200).await;
        browser.goto("/account").await;
        browser.is_at("/login").await;
        browser.goto("/password/new").await;
        self.type_new(EASY, EASY).await;
        browser.enter().await;
        browser.is_at("/password/new").await;
        self.look("choose-refused", 422).await;
        let why = browser.text("#problems[role=alert]").await;
        assert!(why.contains(self.say("new-refused")), "{why}");
        self.type_new(FIRST, SECOND).await;
        browser.enter().await;
        let why = browser.text("#problems[role=alert]").await;
        assert!(why.contains(self.say("problem-different")), "{why}");
        self.look("choose-differs", 422).await;
        browser.goto("/password/new").await;
        self.type_new(FIRST, FIRST).await;
        self.watch_the_meter().await;
        browser.tab_to(self.say("forced-button")).await;
        browser.enter().await;
        browser.is_at("/password/done").await;
        self.look("done", 200).await;
        browser.follow(self.say("done-next")).await;
    }

    async fn watch_the_meter(&self) {
        let browser = self.browser;
        if !browser.has_script() {
            assert_eq!(browser.count("[data-reveal]:not([hidden])").await, 0, "no button that does nothing");
            return;
        }
        browser.until("the meter's answer", "document.querySelector('.meter.fit') !== null").await;
        assert_eq!(browser.text("#strength").await, self.say("strength-very-good"));
        assert_eq!(browser.text("#match").await, self.say("new-same"));
        self.look("choose-strong", 200).await;
    }

    /// Types both fields by keyboard, from the top of the page; the focus stays in the second one.
    async fn type_new(&self, password: &str, confirmation: &str) {
        let browser = self.browser;
        browser.client().find(Locator::Id("password")).await.unwrap().click().await.unwrap();
        browser.write(password).await;
        if browser.has_script() {
            browser.tab_to(self.say("reveal-show")).await;
        }
        browser.tab_to("confirmation").await;
        browser.write(confirmation).await;
    }

    async fn look_at_the_account(&self, mailed: &Mailed) {
        let browser = self.browser;
        browser.is_at("/account").await;
        self.look("account", 200).await;
        // The mail breaks it with word joiners, for nobody has confirmed the address; copied from there, it signed in.
        let username = mailed.username.replace('\u{2060}', "");
        assert!(
            mailed.username != username && browser.text(".facts").await.contains(&username),
            "{username}"
        );
        assert_eq!(browser.count(".sessions li").await, 1);
        assert!(browser.text(".sessions").await.contains("Chrome"), "{}", browser.text(".sessions").await);
    }

    async fn sign_out(&self) {
        self.browser.click("form[action='/logout'] button").await;
        self.browser.is_at("/login").await;
    }

    async fn sign_in(&self, username: &str, password: &str) {
        let browser = self.browser;
        browser.goto("/login").await;
        browser.has_focus("username").await;
        browser.write(username).await;
        browser.tab_to("password").await;
        browser.write(password).await;
        browser.enter().await;
    }

    /// A change by one's own will: the current password is asked for.
    async fn change(&self) {
        let browser = self.browser;
        browser.click("a[href='/password']").await;
        assert_eq!(browser.text("h1").await, self.say("change-title"));
        self.look("change", 200).await;
        for (current, accepted) in [(EASY, false), (FIRST, true)] {
            browser.client().find(Locator::Id("current")).await.unwrap().click().await.unwrap();
            browser.write(current).await;
            browser.tab_to("password").await;
            self.type_new(SECOND, SECOND).await;
            browser.enter().await;
            if !accepted {
                assert_eq!(browser.text("[role=alert]").await, self.say("change-wrong-current"));
                self.look("change-refused", 422).await;
            }
        }
        browser.is_at("/password/done").await;
    }

    /// Signs in a second time, as from another browser, and ends the first session from there.
    async fn end_other_sessions(&self, mailed: &Mailed) {
        let browser = self.browser;
        browser.client().delete_all_cookies().await.unwrap();
        self.sign_in(&mailed.username, SECOND).await;
        browser.is_at("/account").await;
        assert_eq!(browser.count(".sessions li").await, 2);
        self.look("account-sessions", 200).await;
        browser.click("form[action='/account/sessions/end'] button").await;
        assert_eq!(browser.count(".sessions li").await, 1);
        browser.goto("/nowhere").await;
        self.look("not-found", 404).await;
    }
}
