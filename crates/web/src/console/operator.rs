//! The operator behind a request of the console: what handlers ask, and what every page shows around.

use crate::admit::Signed;
use crate::console::shell::{Place, Shell, Toast};
use crate::context::Context;
use crate::failure::Failure;
use crate::form::Form;
use crate::query::Pairs;
use crate::state::State;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::id::PersonId;
use domain::role::{Permission, Rank};
use store::Acting;

/// A signed-in operator and the request.
#[derive(Debug, Clone)]
pub(crate) struct Operator {
    /// In the operator's own language.
    pub(crate) context: Context,
    pub(crate) signed: Signed,
    query: String,
}

impl FromRequestParts<State> for Operator {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Failure> {
        let signed = Signed::from_request_parts(parts, state).await?;
        let context = Context::of(state, parts).for_viewer(&signed.viewer);
        let query = parts.uri.query().unwrap_or_default().to_owned();
        Ok(Self { context, signed, query })
    }
}

impl Operator {
    /// Who it is.
    pub(crate) const fn id(&self) -> PersonId {
        self.signed.session.person_id
    }

    /// Now, in milliseconds since 1970.
    pub(crate) const fn now_ms(&self) -> i64 {
        self.context.now_ms
    }

    pub(crate) const fn state(&self) -> &State {
        &self.context.state
    }

    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.signed.viewer.may(permission)
    }

    /// The rank; an operator without a role has none and may nothing.
    pub(crate) fn rank(&self) -> Option<Rank> {
        self.signed.viewer.role.as_ref().map(|role| role.rank)
    }

    /// As whom changes are made.
    pub(crate) fn acting(&self) -> Acting {
        let network = self.context.origin.network.clone();
        match self.rank() {
            Some(rank) => Acting::operator(self.id(), rank, network),
            None => Acting::unranked(self.id(), network),
        }
    }

    /// A clock time in the operator's zone, as in `2026-11-21 10:00`.
    pub(crate) fn at(&self, at_ms: i64) -> String {
        self.context.clock_time(at_ms, self.signed.viewer.time_zone.as_deref())
    }

    /// The same to the second, as in `2026-11-21 10:00:07`.
    pub(crate) fn at_second(&self, at_ms: i64) -> String {
        let seconds = at_ms.div_euclid(1_000).rem_euclid(60);
        let minute = self.at(at_ms);
        if minute.is_empty() { minute } else { format!("{minute}:{seconds:02}") }
    }

    /// The operator's zone, else the installation's.
    pub(crate) fn time_zone(&self) -> jiff::tz::TimeZone {
        let own = self.signed.viewer.time_zone.as_deref();
        let own = own.and_then(|name| jiff::tz::TimeZone::get(name).ok());
        own.unwrap_or_else(|| self.state().settings.time_zone.clone())
    }

    /// The operator's time zone, else the installation's: what days in filters and forms are meant in.
    pub(crate) fn zone(&self) -> String {
        let own = self.signed.viewer.time_zone.clone();
        let house = || self.state().settings.time_zone.iana_name().map(str::to_owned);
        own.filter(|zone| !zone.is_empty()).or_else(house).unwrap_or_else(|| "UTC".to_owned())
    }

    pub(crate) fn say(&self, id: &str) -> String {
        self.context.words.say(id)
    }

    pub(crate) fn fill(&self, id: &str, gap: &str, value: &str) -> String {
        self.context.words.fill(id, gap, value)
    }

    /// The query, with these names and those of the shell only.
    pub(crate) fn query(&self, known: &[&str]) -> Result<Pairs, Failure> {
        let known: Vec<&str> = known.iter().copied().chain(["done", "n"]).collect();
        Pairs::parse(&self.query)?.only(&known)
    }

    /// The fields of a form of this session; a name that ends in `*` stands for all that begin so.
    pub(crate) fn form(&self, sent: Form, known: &[&str]) -> Result<Pairs, Failure> {
        sent.of_session(&self.signed.session, known)
    }

    /// What stands around a page of this place.
    pub(crate) fn shell(&self, place: Place) -> Shell {
        let query = Pairs::parse(&self.query).unwrap_or_default();
        let done = match query.text("done") {
            "" => None,
            code => self.context.words.done(code, query.text("n")).map(|text| Toast::new(code, text)),
        };
        Shell::of(self, place, done)
    }
}
