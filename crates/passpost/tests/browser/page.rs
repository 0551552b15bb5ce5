//! A browser at one of our pages: going there, reading, typing, and what every page is held against.

use crate::chrome::{self, Chrome};
use crate::settings::SETTINGS;
use crate::{picture, rules};
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The most a page may weigh with all it loads, in bytes.
const MOST_WEIGHT: f64 = 300_000.0;
/// How long a page may take, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const TAB: char = '\u{e004}';
pub(crate) const ENTER: char = '\u{e007}';
pub(crate) const SPACE: char = ' ';
pub(crate) const ESCAPE: char = '\u{e00c}';

/// A browser with one window at our pages.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) chrome: Chrome,
    base: String,
    has_script: bool,
    main_frame: String,
}

impl Browser {
    /// A fresh browser that asks for a language; `None`, loudly, where there is none.
    pub(crate) async fn open(base: &str, language: &str) -> Option<Self> {
        let chrome = chrome::start(language).await?;
        // Away from the browser's own first page, which loads much.
        chrome.client.goto("about:blank").await.unwrap();
        chrome.take_log("performance").await;
        // So that every page is weighed with all it needs.
        chrome.devtools("Network.enable", json!({})).await;
        chrome.devtools("Network.setCacheDisabled", json!({ "cacheDisabled": true })).await;
        let tree = chrome.devtools("Page.getFrameTree", json!({})).await;
        let main_frame = tree["frameTree"]["frame"]["id"].as_str().unwrap().to_owned();
        Some(Self { chrome, base: base.to_owned(), has_script: true, main_frame })
    }

    /// Ends the browser. One whose test fails ends with its driver.
    pub(crate) async fn close(self) {
        self.chrome.client.close().await.unwrap();
    }

    pub(crate) fn client(&self) -> &Client {
        &self.chrome.client
    }

    /// Whether the pages' own scripts run from the next page on; what the test asks of a page always does.
    pub(crate) async fn let_scripts_run(&mut self, run: bool) {
        self.chrome.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !run })).await;
        self.has_script = run;
    }

    pub(crate) const fn has_script(&self) -> bool {
        self.has_script
    }

    /// Asks for another language from the next page on.
    pub(crate) async fn speak(&self, language: &str) {
        let agent = self.ask("navigator.userAgent").await;
        let headers = json!({ "userAgent": agent, "acceptLanguage": language });
        self.chrome.devtools("Emulation.setUserAgentOverride", headers).await;
    }

    /// Calls itself what a browser with a window does, from the next page on: one without is counted as a program.
    pub(crate) async fn show_a_window(&self) {
        let agent =
            self.ask("navigator.userAgent").await.as_str().unwrap_or_default().replace("Headless", "");
        self.chrome.devtools("Emulation.setUserAgentOverride", json!({ "userAgent": agent })).await;
    }

    pub(crate) async fn goto(&self, path: &str) {
        self.client().goto(&format!("{}{path}", self.base)).await.unwrap();
    }

    /// The path of the page.
    pub(crate) async fn path(&self) -> String {
        self.client().current_url().await.unwrap().path().to_owned()
    }

    /// Fails unless this is the page at a path.
    #[track_caller]
    pub(crate) fn is_at(&self, path: &'static str) -> impl Future<Output = ()> + '_ {
        let caller = std::panic::Location::caller();
        async move {
            let here = self.path().await;
            assert_eq!(here, path, "{caller}: {}", self.text("main").await);
        }
    }

    /// What an element shows.
    pub(crate) async fn text(&self, css: &str) -> String {
        let found = self.client().find(Locator::Css(css)).await;
        match found {
            Ok(element) => element.text().await.unwrap(),
            Err(error) => panic!("no {css} at {}: {error}", self.path().await),
        }
    }

    /// How many elements there are.
    pub(crate) async fn count(&self, css: &str) -> usize {
        self.client().find_all(Locator::Css(css)).await.unwrap().len()
    }

    /// The value of an expression of JavaScript, in the page.
    pub(crate) async fn ask(&self, expression: &str) -> Value {
        self.client().execute(&format!("return ({expression});"), Vec::new()).await.unwrap()
    }

    /// What a promise of JavaScript comes to, in the page.
    pub(crate) async fn ask_later(&self, promise: &str) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1]; ({promise}).then(done, error => done(String(error)));"
        );
        self.client().execute_async(&script, Vec::new()).await.unwrap()
    }

    /// Clicks and waits for the page it leads to.
    pub(crate) async fn click(&self, css: &str) {
        self.click_on(Locator::Css(css)).await;
    }

    /// Follows the link with this text.
    pub(crate) async fn follow(&self, text: &str) {
        self.click_on(Locator::LinkText(text)).await;
    }

    /// Clicks and waits for the page it leads to.
    pub(crate) async fn click_on(&self, what: Locator<'_>) {
        self.leave_by(async {
            loop {
                let found = self.client().find(what).await;
                let Ok(element) = found else { panic!("no {what:?} at {}", self.path().await) };
                match element.click().await {
                    // A page that renews itself put a fresh one in its place.
                    Err(error) if format!("{error:?}").contains("StaleElementReference") => {}
                    clicked => break clicked.unwrap(),
                }
            }
        })
        .await;
    }

    /// Presses Enter where the focus is and waits for the answer.
    pub(crate) async fn enter(&self) {
        self.leave_by(self.press(&[ENTER])).await;
    }

    /// Does something that leads to another page, or to the same page anew, and waits until it is there.
    async fn leave_by(&self, deed: impl Future<Output = ()>) {
        self.ask("window.isOld = true").await;
        deed.await;
        self.until("the next page", "window.isOld !== true && document.readyState === 'complete'").await;
    }

    /// Waits until an expression is true.
    #[track_caller]
    pub(crate) fn until<'a>(&'a self, what: &'a str, expression: &'a str) -> impl Future<Output = ()> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            let began = Instant::now();
            while self.ask(expression).await != Value::Bool(true) {
                let page = format!("{}: {}", self.path().await, self.ask("document.body.innerText").await);
                assert!(began.elapsed() < PATIENCE, "{caller}: {what} does not come at {page}");
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        }
    }

    /// Presses keys one after the other.
    pub(crate) async fn press(&self, keys: &[char]) {
        let mut actions = KeyActions::new("keyboard".into());
        for key in keys {
            actions = actions.then(KeyAction::Down { value: *key }).then(KeyAction::Up { value: *key });
        }
        self.client().perform_actions(actions).await.unwrap();
    }

    /// Types into the field that has the focus.
    pub(crate) async fn write(&self, text: &str) {
        self.press(&text.chars().collect::<Vec<_>>()).await;
    }

    /// What has the focus: its id, else its words.
    pub(crate) async fn focus(&self) -> String {
        let script = "(e => e.id || e.textContent.trim())(document.activeElement)";
        self.ask(script).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page has put the focus there by itself: one can type at once.
    #[track_caller]
    pub(crate) fn has_focus(&self, id: &'static str) -> impl Future<Output = ()> + '_ {
        let caller = std::panic::Location::caller();
        async move {
            let began = Instant::now();
            while self.focus().await != id {
                assert!(began.elapsed() < PATIENCE, "{caller}: the focus is on {}", self.focus().await);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// Presses Tab and fails unless the focus is there then, to be seen.
    #[track_caller]
    pub(crate) fn tab_to<'a>(&'a self, expected: &'a str) -> impl Future<Output = ()> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            self.press(&[TAB]).await;
            let found = self.focus().await;
            assert_eq!(found, expected, "{caller}: the order of Tab at {}", self.path().await);
            let shown = "(e => parseFloat(getComputedStyle(e).outlineWidth) >= 2 && getComputedStyle(e).outlineStyle !== 'none')(document.activeElement)";
            assert_eq!(
                self.ask(shown).await,
                Value::Bool(true),
                "{caller}: the focus on {found} is not seen"
            );
        }
    }

    /// Holds the page against what holds for all pages, and takes its pictures where they are wanted.
    ///
    /// `status` is what the page was answered with: Chromium writes every other than 200 on its console.
    #[track_caller]
    pub(crate) fn look<'a>(
        &'a self,
        name: &'a str,
        language: &'a str,
        status: u16,
    ) -> impl Future<Output = ()> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            let wrong = self.faults(name, language, status).await;
            assert!(wrong.is_empty(), "{caller}: {name} at {}: {wrong:#?}", self.path().await);
        }
    }

    /// The same, and gives what does not hold, in words.
    pub(crate) async fn faults(&self, name: &str, language: &str, status: u16) -> Vec<String> {
        let mut wrong = self.complaints(status).await;
        wrong.extend(self.load().await);
        wrong.extend(rules::broken(self, language).await);
        if let Some(folder) = &SETTINGS.pictures {
            picture::take(self, folder, name).await;
        }
        wrong
    }

    /// What the browser's console says: errors, and what the security policy stopped.
    async fn complaints(&self, status: u16) -> Vec<String> {
        let expected = format!("the server responded with a status of {status} ");
        let entries = self.chrome.take_log("browser").await;
        let text = |entry: &Value| entry["message"].as_str().unwrap_or_default().to_owned();
        // Now and then Chromium gives up a load of its own, as when a sign-out has it clear its cache meanwhile, and
        // loads again. A page that was not there in the end fails by everything else that is looked at.
        let gave_up = |entry: &Value| {
            let text = text(entry);
            text.starts_with(&format!("{}/", self.base)) && text.ends_with("net::ERR_FAILED")
        };
        let is_expected = |entry: &Value| {
            // What was cleared at a sign-out is told as a piece of information; advice about forms is given as
            // DEBUG, on a busy machine while only half of the page is there.
            entry["level"] == "INFO"
                || entry["level"] == "DEBUG"
                || text(entry).contains(" - [DOM] ")
                || (entry["source"] == "network" && (text(entry).contains(&expected) || gave_up(entry)))
        };
        entries
            .iter()
            .filter(|entry| !is_expected(entry))
            .map(|entry| format!("console: {}", text(entry)))
            .collect()
    }

    /// Whom the pages since the last look asked for something, and what the newest weighs.
    async fn load(&self) -> Vec<String> {
        let (mut wrong, mut weight) = (Vec::new(), 0.0);
        for entry in self.chrome.take_log("performance").await {
            let message: Value = serde_json::from_str(entry["message"].as_str().unwrap()).unwrap();
            let (event, facts) = (&message["message"]["method"], &message["message"]["params"]);
            if event == "Network.requestWillBeSent" {
                let url = facts["request"]["url"].as_str().unwrap_or_default();
                // The browser draws its own pictures in fields for dates; they come from nowhere.
                if !url.starts_with(&format!("{}/", self.base)) && !url.starts_with("data:") {
                    wrong.push(format!("asks another host: {url}"));
                }
                if facts["type"] == "Document" && facts["frameId"] == self.main_frame.as_str() {
                    weight = 0.0;
                }
            } else if event == "Network.loadingFinished" {
                weight += facts["encodedDataLength"].as_f64().unwrap_or_default();
            }
        }
        if weight > MOST_WEIGHT {
            wrong.push(format!("weighs {weight} bytes"));
        }
        wrong
    }
}
