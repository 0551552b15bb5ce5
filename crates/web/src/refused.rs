//! Refusals that the audit log keeps (3-safety, case 84): what somebody may not do, and fields that only rules set.
//!
//! Only of those who are known: whoever has neither a session nor a key stands in the access log. One entry for each
//! of them, route and minute is kept, so that nobody floods the log (docs/decisions/0024).

use crate::admit::Signed;
use crate::console::prove::Unproved;
use crate::context::Context;
use crate::query::Pairs;
use crate::state::State;
use auth::session::Realm;
use axum::extract::MatchedPath;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use domain::role::Permission;
use serde_json::json;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use store::import::ImportError;
use store::{Acting, StoreError, audit};
use uuid::Uuid;

/// Fields that say what somebody is or may do. Where one is not known, whoever sends it tries to be more.
const PRIVILEGED: [&str; 28] = [
    "admin",
    "approved_by",
    "approver_id",
    "author_id",
    "blocked",
    "editor_id",
    "editor_ids",
    "expires_at",
    "is_admin",
    "is_api",
    "is_owner",
    "must_change",
    "owner",
    "owner_id",
    "password",
    "password_hash",
    "permissions",
    "rank",
    "role",
    "role_id",
    "roles",
    "scopes",
    "second_factor",
    "second_factor_required",
    "shaped_by",
    "started_by",
    "user_type",
    "verified",
];

/// Says of a response that it refuses a privileged field: the name of the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meddled(pub(crate) &'static str);

impl Meddled {
    /// Whether a field that is not known has the name of a privileged one, as in `role`, `Role` or `user[role]`.
    pub(crate) fn of(field: &str) -> Option<Self> {
        let mut parts = field.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let last = parts.find(|part| !part.is_empty())?.to_ascii_lowercase();
        PRIVILEGED.into_iter().find(|name| *name == last).map(Self)
    }

    /// A column of a file that cannot be imported.
    pub(crate) fn in_file(error: &ImportError) -> Option<Self> {
        match error {
            ImportError::Header { column: Some((_, name)), .. } => Self::of(name),
            _ => None,
        }
    }

    /// The first one in a query.
    pub(crate) fn in_query(query: Option<&str>) -> Option<Self> {
        Pairs::parse(query?).ok()?.all().find_map(|(name, _)| Self::of(name))
    }
}

/// Which refusals of this minute are in the log already.
#[derive(Debug, Clone, Default)]
pub struct Refusals(Arc<Mutex<Minute>>);

#[derive(Debug, Default)]
struct Minute {
    number: i64,
    kept: HashSet<(Uuid, String)>,
}

impl Refusals {
    /// Whether this is the first one of this minute, here.
    fn is_first(&self, who: Uuid, route: &str, now_ms: i64) -> bool {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now_ms.div_euclid(60_000);
        if minute.number != number {
            *minute = Minute { number, kept: HashSet::new() };
        }
        minute.kept.insert((who, route.to_owned()))
    }
}

/// A request of somebody who is known.
#[derive(Debug)]
pub(crate) struct Asked {
    state: State,
    acting: Acting,
    /// Its method and the route's own text: no id and no token.
    route: String,
    is_write: bool,
    now_ms: i64,
}

impl Asked {
    /// With a session.
    pub(crate) fn signed(context: &Context, parts: &Parts, signed: &Signed) -> Self {
        let (person, network) = (signed.session.person_id, context.origin.network.clone());
        let acting = match signed.session.realm {
            Realm::Console | Realm::SecondFactor => Acting::unranked(person, network),
            Realm::Preferences | Realm::ForcedChange => Acting::recipient(person, network),
        };
        Self::of(context, parts, acting)
    }

    /// By whoever acts.
    pub(crate) fn of(context: &Context, parts: &Parts, acting: Acting) -> Self {
        let path = parts.extensions.get::<MatchedPath>().map_or("-", MatchedPath::as_str);
        Self {
            state: context.state.clone(),
            acting,
            route: format!("{} {path}", parts.method),
            is_write: ![Method::GET, Method::HEAD, Method::OPTIONS].contains(&parts.method),
            now_ms: context.now_ms,
        }
    }

    /// Keeps that the route takes a permission which is lacking.
    pub(crate) async fn lacks(&self, permission: Permission) {
        self.keep(json!({ "permission": permission.as_str() })).await;
    }

    /// Keeps what the handler refused, when it is worth it.
    pub(crate) fn answered<'a>(&'a self, response: &Response) -> impl Future<Output = ()> + Send + use<'a> {
        // Looked at before the waiting: a body cannot be shared between threads.
        let detail = match response.extensions().get::<Meddled>() {
            Some(Meddled(field)) if self.is_write => Some(json!({ "field": field })),
            _ if response.extensions().get::<Unproved>().is_some() => None,
            _ => (response.status() == StatusCode::FORBIDDEN).then(|| json!({})),
        };
        async move {
            if let Some(detail) = detail {
                self.keep(detail).await;
            }
        }
    }

    /// The response, after [`Self::answered`].
    pub(crate) async fn noted(&self, response: Response) -> Response {
        self.answered(&response).await;
        response
    }

    async fn keep(&self, detail: serde_json::Value) {
        let who = self.acting.key_id.map(|key| key.0).or(self.acting.person_id.map(|person| person.0));
        if !self.state.refusals.is_first(who.unwrap_or_default(), &self.route, self.now_ms) {
            return;
        }
        let entry = self.acting.entry("request.refused", "route", &self.route, detail, self.now_ms);
        let kept = self.state.store.write::<_, StoreError, _>(move |tx| Box::pin(audit::append(tx, entry)));
        // It stays refused, kept or not.
        if let Err(error) = kept.await {
            tracing::error!(%error, "a refusal could not be kept in the audit log");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_privileged_field_is_known_in_every_spelling_and_others_are_not() {
        for name in ["role", "Role", "user[role]", "someone.role_id", "/inner/0/rank", "IS_ADMIN"] {
            assert!(Meddled::of(name).is_some(), "{name}");
        }
        for name in ["", "[]", "name", "roles_of_the_day", "parole", "id"] {
            assert_eq!(Meddled::of(name), None, "{name}");
        }
        assert_eq!(Meddled::in_query(Some("a=1&rank=3")), Some(Meddled("rank")));
        assert_eq!(Meddled::in_query(Some("a=rank")), None);
    }

    #[test]
    fn one_of_an_actor_a_route_and_a_minute_is_the_first() {
        let (refusals, one, other) = (Refusals::default(), Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(refusals.is_first(one, "GET /a", 60_000) && !refusals.is_first(one, "GET /a", 119_999));
        assert!(refusals.is_first(one, "GET /b", 61_000) && refusals.is_first(other, "GET /a", 61_000));
        assert!(refusals.is_first(one, "GET /a", 120_000), "a new minute");
    }
}
