//! A tour through all pages of the one list of routes: every link is followed until every page was seen.

use crate::page::Browser;
use crate::{keyboard, plain, rules};
use http::Method;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use web::routes::{Audience, ROUTES, Route, Who};

/// Routes that lead elsewhere at once.
const WAYS: [&str; 5] = [
    "/",
    "/.well-known/change-password",
    "/console/setup/{token}",
    "/reset/link/{token}",
    "/confirm/{purpose}/link/{token}",
];
/// Of which pages several are looked at, as they differ: runs in every state, each question about a run.
const SEVERAL: [(&str, usize); 6] = [
    ("/console/runs/{id}", 3),
    ("/console/runs/{id}/{act}", 4),
    ("/console/runs/{id}/recipients/{place}", 2),
    ("/console/automations/{id}", 4),
    ("/console/selections/{id}", 2),
    ("/console/mailings/{id}", 3),
];

/// The two halves of all pages: each has a prepared database of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The console, and what programs are told.
    Operators,
    /// Recipients, and the mailbox that only a program without a relay has.
    Recipients,
}

impl Side {
    fn has(self, route: &Route) -> bool {
        // What takes a key no browser asks for.
        let is_for_programs = matches!(
            route.who,
            Who::Program(_) | Who::AnyProgram | Who::VerifyingProgram | Who::MetricsReader
        );
        match route.audience {
            Audience::Console | Audience::Api => self == Self::Operators && !is_for_programs,
            Audience::Recipient | Audience::Mailbox => self == Self::Recipients,
            // Parts of pages.
            Audience::Design => false,
        }
    }
}

/// What was seen and found on the way.
#[derive(Debug)]
pub(crate) struct Tour {
    browser: Browser,
    side: Side,
    next: VecDeque<String>,
    /// The paths looked at of each route.
    seen: BTreeMap<&'static str, BTreeSet<String>>,
    wrong: Vec<String>,
}

impl Tour {
    /// A tour through the pages of one side.
    pub(crate) const fn new(browser: Browser, side: Side) -> Self {
        Self { browser, side, next: VecDeque::new(), seen: BTreeMap::new(), wrong: Vec::new() }
    }

    pub(crate) const fn browser(&self) -> &Browser {
        &self.browser
    }

    /// Looks at one page.
    pub(crate) async fn see(&mut self, path: &str) {
        self.next.push_back(path.to_owned());
        self.go_on().await;
    }

    /// Keeps the links of this page for later.
    pub(crate) async fn collect(&mut self) {
        self.next.extend(rules::texts(&self.browser.ask(LINKS).await));
    }

    /// Looks at every page whose path has no part that varies and that was not seen yet, but those of `without`, and
    /// at all they lead to.
    pub(crate) async fn see_all(&mut self, without: &[&str]) {
        let unseen = |route: &&Route| {
            !route.path.contains('{') && !self.seen.contains_key(route.path) && !without.contains(&route.path)
        };
        let fixed: Vec<String> = self.routes().filter(unseen).map(|route| route.path.to_owned()).collect();
        self.next.extend(fixed);
        self.go_on().await;
    }

    /// Fails with all that is wrong, and with every page that nothing led to.
    pub(crate) async fn end(self) {
        let missed: Vec<&str> =
            self.routes().map(|route| route.path).filter(|path| !self.seen.contains_key(path)).collect();
        assert!(
            self.wrong.is_empty() && missed.is_empty(),
            "{:#?}\nNo link of the prepared database leads to: {missed:#?}",
            self.wrong
        );
        self.browser.close().await;
    }

    fn routes(&self) -> impl Iterator<Item = &'static Route> + use<> {
        let side = self.side;
        ROUTES.iter().filter(move |route| route.method == Method::GET && side.has(route))
    }

    async fn go_on(&mut self) {
        while let Some(path) = self.next.pop_front() {
            let Some(route) = self.route_of(&path) else { continue };
            let most = SEVERAL.iter().find(|(path, _)| *path == route.path).map_or(1, |(_, most)| *most);
            let seen = self.seen.entry(route.path).or_default();
            if seen.len() < most && seen.insert(path.clone()) {
                let number = seen.len();
                self.look(route, &path, number).await;
            }
        }
    }

    /// The route of the tour that answers a path; of two the one with the earlier fixed part.
    fn route_of(&self, path: &str) -> Option<&'static Route> {
        let asked: Vec<&str> = path.split('/').collect();
        let varies = |part: &str| part.starts_with('{');
        let fits = |route: &&Route| {
            let parts: Vec<&str> = route.path.split('/').collect();
            parts.len() == asked.len()
                && parts.iter().zip(&asked).all(|(part, one)| varies(part) || part == one)
        };
        let all = ROUTES.iter().filter(|route| route.method == Method::GET).filter(fits);
        let best = all.min_by_key(|route| route.path.split('/').map(varies).collect::<Vec<_>>())?;
        self.side.has(best).then_some(best)
    }

    async fn look(&mut self, route: &Route, path: &str, number: usize) {
        let answer = self.browser.ask_later(&format!("fetch('{path}', {ASK})")).await;
        if answer["status"] != 200 {
            self.wrong.push(format!("{path}: answered {answer}"));
        }
        if answer["redirected"] == true {
            if !WAYS.contains(&route.path) {
                self.wrong.push(format!("{path}: leads to {}", answer["path"]));
            }
            return;
        }
        if !answer["kind"].as_str().unwrap_or_default().starts_with("text/html") {
            return;
        }
        self.browser.goto(path).await;
        let name = format!("page{}-{number}", route.path.replace(['/', '{', '}', '.'], "-"));
        self.collect().await;
        // Of several the first has most to show: a draft has no runs.
        if number == 1 && self.browser.count("main .empty").await > 0 {
            self.wrong.push(format!("{path}: the prepared database has nothing to show there"));
        }
        let mut wrong = self.browser.faults(&name, "en", 200).await;
        // A mail's own page is a document for mail programs, in a frame without script.
        if path.ends_with("/html") {
            // Nor may it ask for the next page: one that is there on both sides does.
            self.browser.goto("/login").await;
        } else {
            wrong.extend(rules::narrow_axe(&self.browser).await);
            wrong.extend(keyboard::faults(&self.browser).await);
            self.browser.let_scripts_run(false).await;
            self.browser.goto(path).await;
            wrong.extend(plain::faults(&self.browser).await);
            self.browser.let_scripts_run(true).await;
        }
        self.wrong.extend(wrong.into_iter().map(|what| format!("{path}: {what}")));
    }
}

/// Asks for the head alone: some routes answer without end.
const ASK: &str = "{ method: 'HEAD', cache: 'no-store' }).then((answer) => ({ status: answer.status, redirected: \
    answer.redirected, path: new URL(answer.url).pathname, kind: answer.headers.get('content-type') })";

const LINKS: &str = r#"[...document.querySelectorAll("a[href], iframe[src]")]
  .map(e => new URL(e.href ?? e.src, location)).filter(one => one.origin === location.origin).map(one => one.pathname)"#;
