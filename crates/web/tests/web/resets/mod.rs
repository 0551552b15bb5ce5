//! The way back in by a personal link, told by the numbers of the cases of the safety document.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod asking;
mod exposure;
mod lifecycle;
mod reports;

use crate::house::{Answer, Browser, FRESH, House};
use flow::Stop;
use std::sync::atomic::Ordering;

/// Where the links of the house's mails begin, whatever a request says.
const ORIGIN: &str = "https://portal.example";
const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;

impl House {
    fn now_ms(&self) -> i64 {
        self.now.load(Ordering::Relaxed)
    }

    /// Mails what was asked for; gives how many mails left.
    async fn deliver(&self) -> usize {
        self.state.flow.answer_people_once(&Stop::new()).await.unwrap()
    }

    /// The text of the newest mail to an address.
    fn mail_to(&self, address: &str) -> String {
        let mail = self.state.mailbox.as_ref().unwrap().newest_to(address);
        mail.unwrap_or_else(|| panic!("no mail to {address}")).text.unwrap()
    }

    /// The paths of the links in the newest mail to an address.
    fn links_to(&self, address: &str) -> Vec<String> {
        paths_in(&self.mail_to(address), "/reset/link/")
    }

    /// Asks for a link as somebody and gives its path out of the mail.
    async fn link(&self, username: &str) -> String {
        assert_eq!(ask(&mut self.browser(), username).await.status, 200);
        assert_eq!(self.deliver().await, 1);
        let links = self.links_to(&format!("{username}@example.org"));
        assert_eq!(links.len(), 1);
        links[0].clone()
    }
}

/// Paths of our pages in a text that begin so.
fn paths_in(text: &str, begin: &str) -> Vec<String> {
    let words = text.split_whitespace().filter_map(|word| word.strip_prefix(ORIGIN));
    words.filter(|path| path.starts_with(begin)).map(str::to_owned).collect()
}

fn token_of(link: &str) -> &str {
    link.rsplit('/').next().unwrap()
}

/// Types a name at the page and sends it.
async fn ask(browser: &mut Browser, name: &str) -> Answer {
    let token = browser.get("/reset").await.token();
    browser.post("/reset", &[("csrf", &token), ("username", name)]).await
}

/// Follows a link to the page it leads to.
async fn follow(browser: &mut Browser, link: &str) -> Answer {
    let answer = browser.get(link).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/reset/new"), "{}", answer.body);
    browser.get("/reset/new").await
}

/// Sends a password twice from a page that is open.
async fn choose(browser: &mut Browser, page: &Answer, password: &str) -> Answer {
    let fields = [("username", "x"), ("password", password), ("confirmation", password)];
    let token = page.token();
    let fields: Vec<(&str, &str)> =
        std::iter::once(("csrf", token.as_str())).chain(fields.iter().copied()).collect();
    browser.post("/reset/new", &fields).await
}

/// Follows a link and sets the password [`FRESH`].
async fn reset(browser: &mut Browser, link: &str) -> Answer {
    let page = follow(browser, link).await;
    assert_eq!(page.status, 200, "{}", page.body);
    choose(browser, &page, FRESH).await
}

fn is_done(answer: &Answer) -> bool {
    answer.status == 303 && answer.location().starts_with("/reset/done")
}

/// The page all links that do not work lead to.
fn is_gone(answer: &Answer) -> bool {
    answer.status == 404 && answer.body.contains("This link does not work")
}

/// Everything a client can compare: status, headers without the request's id, body without the form's token and
/// without what was typed.
fn shape(answer: &Answer, typed: &str) -> (u16, Vec<String>, String) {
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "x-request-id")
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        // A fresh cookie is another one each time.
        .map(|line| match line.split_once("__Host-lf=") {
            Some((before, value)) => format!("{before}__Host-lf={}", value.split_at(43).1),
            None => line,
        })
        .collect();
    headers.sort();
    let body = answer.body.replace(&answer.token(), "TOKEN");
    let body = if typed.is_empty() { body } else { body.replace(typed, "TYPED") };
    (answer.status.as_u16(), headers, body)
}
