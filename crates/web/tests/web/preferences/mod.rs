//! The preference center: what recipients save, confirm and object to, told on both databases.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod address;
mod links;
mod operators;
mod own_data;
mod subscriptions;

use crate::house::{Answer, Browser, CHOSEN, House};
use domain::id::{GroupId, PersonId};
use flow::Stop;
use std::sync::atomic::Ordering;
use store::params;

/// Where the links of the house's mails begin, whatever a request says.
const ORIGIN: &str = "https://portal.example";
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// A recipient who is signed in.
struct Ada {
    id: PersonId,
    browser: Browser,
}

impl House {
    fn at_ms(&self) -> i64 {
        self.now.load(Ordering::Relaxed)
    }

    /// Mails what is due; gives how many mails left.
    async fn post(&self) -> usize {
        self.state.flow.answer_people_once(&Stop::new()).await.unwrap()
    }

    fn letter_to(&self, address: &str) -> String {
        let mail = self.state.mailbox.as_ref().unwrap().newest_to(address);
        mail.unwrap_or_else(|| panic!("no mail to {address}")).text.unwrap()
    }

    fn has_mail_to(&self, address: &str) -> bool {
        self.state.mailbox.as_ref().unwrap().newest_to(address).is_some()
    }

    /// The path in the newest mail to an address that begins so.
    fn path_to(&self, address: &str, begin: &str) -> String {
        let text = self.letter_to(address);
        let mut words = text.split_whitespace().filter_map(|word| word.strip_prefix(ORIGIN));
        words
            .find(|path| path.starts_with(begin))
            .unwrap_or_else(|| panic!("no {begin} in {text}"))
            .to_owned()
    }

    /// A group offered to recipients.
    async fn offer(&self, name: &str, double_opt_in: bool) -> GroupId {
        let id = GroupId(auth::random::id(self.at_ms()).unwrap());
        self.execute(
            "INSERT INTO \"groups\" (id, name, description, created_at, subscribable, public_title, public_description,
                                   double_opt_in) VALUES ($1, $2, 'inside', 0, TRUE, $3, $4, $5)",
            params![id, name, format!("The {name}"), format!("All about {name}"), double_opt_in],
        )
        .await;
        id
    }

    /// A contact who is signed in.
    async fn recipient(&self, name: &str) -> Ada {
        let id = self.contact(name).await;
        let mut browser = self.browser();
        assert_eq!(browser.sign_in("/login", name, CHOSEN).await.location(), "/account");
        Ada { id, browser }
    }

    /// The first column of a query, as texts.
    async fn texts(&self, sql: &'static str) -> Vec<String> {
        let found = self.state.store.read(move |tx| Box::pin(async move { tx.query(sql, &[]).await })).await;
        found.unwrap().into_iter().map(|mut row| row.take(0).unwrap()).collect()
    }
}

impl Ada {
    async fn page(&mut self) -> Answer {
        let page = self.browser.get("/preferences").await;
        assert_eq!(page.status, 200, "{}", page.body);
        page
    }

    /// Sends the overview with these groups shown, these of them ticked, and other fields.
    async fn save(&mut self, shown: &[GroupId], ticked: &[GroupId], more: &[(&str, &str)]) -> Answer {
        let token = self.page().await.token();
        let names: Vec<String> = shown
            .iter()
            .map(|id| format!("shown-{id}"))
            .chain(ticked.iter().map(|id| format!("tick-{id}")))
            .collect();
        let mut fields: Vec<(&str, &str)> = vec![("csrf", &token)];
        fields.extend(names.iter().map(|name| (name.as_str(), "1")));
        fields.extend(more);
        self.browser.post("/preferences", &fields).await
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.page().await.token();
        let all: Vec<(&str, &str)> =
            std::iter::once(("csrf", token.as_str())).chain(fields.iter().copied()).collect();
        self.browser.post(path, &all).await
    }

    /// Asks for another address with the right password.
    async fn move_to(&mut self, address: &str) -> Answer {
        self.post("/preferences/address", &[("username", "x"), ("address", address), ("current", CHOSEN)])
            .await
    }
}

/// Follows a link to the page it leads to.
async fn follow(browser: &mut Browser, link: &str) -> Answer {
    let answer = browser.get(link).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let (page, _) = link.split_once("/link/").unwrap();
    assert_eq!(answer.location(), page);
    browser.get(page).await
}

/// Follows a link and presses the button.
async fn click(browser: &mut Browser, link: &str) -> Answer {
    let page = follow(browser, link).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let (path, _) = link.split_once("/link/").unwrap();
    browser.post(path, &[("csrf", &page.token())]).await
}

fn is_gone(answer: &Answer) -> bool {
    answer.status == 404 && answer.body.contains("This link does not work")
}

fn token_of(link: &str) -> &str {
    link.rsplit('/').next().unwrap()
}
