//! What a handler knows of its request: the languages, the client, the cookies, the time.

use crate::client::Client;
use crate::failure::Failure;
use crate::state::State;
use crate::words::Words;
use auth::Origin;
use auth::network::network_of;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header::{ACCEPT_LANGUAGE, HeaderMap, USER_AGENT};
use axum::http::request::Parts;
use domain::language::Language;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use store::view::Viewer;

/// What a handler knows of its request.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) state: State,
    pub(crate) headers: HeaderMap,
    pub(crate) client: Client,
    /// Where the request came from, for sessions, limits and the audit log.
    pub(crate) origin: Origin,
    /// The language of the answer.
    pub(crate) words: &'static Words,
    pub(crate) now_ms: i64,
}

impl Context {
    pub(crate) fn of(state: &State, parts: &Parts) -> Self {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        // Without a known peer nobody is local.
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let client = Client::of(peer, &parts.headers, &state.settings.trusted_proxies);
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self {
            state: state.clone(),
            client,
            origin: Origin { network: network_of(client.address), user_agent: header(USER_AGENT).to_owned() },
            words: Words::of(language_of(&parts.headers)),
            now_ms: state.now(),
            headers: parts.headers.clone(),
        }
    }

    /// The same in the language of the person, when we speak it.
    pub(crate) fn for_viewer(mut self, viewer: &Viewer) -> Self {
        if let Some(language) = viewer.language.as_deref().and_then(Language::for_tag) {
            self.words = Words::of(language);
        }
        self
    }

    /// A clock time in the person's zone, else the installation's, as in `2026-11-21 10:00`.
    pub(crate) fn clock_time(&self, at_ms: i64, time_zone: Option<&str>) -> String {
        let zone = time_zone.and_then(|name| jiff::tz::TimeZone::get(name).ok());
        let zone = zone.unwrap_or_else(|| self.state.settings.time_zone.clone());
        match jiff::Timestamp::from_millisecond(at_ms) {
            Ok(at) => at.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string(),
            Err(_) => String::new(),
        }
    }
}

pub(crate) fn language_of(headers: &HeaderMap) -> Language {
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Language::negotiate(accepted).unwrap_or_default()
}

impl FromRequestParts<State> for Context {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Failure> {
        Ok(Self::of(state, parts))
    }
}
