//! The pages and the API: three audiences in three folders, one list of routes.
//!
//! Start with [`routes`], which says what there is and who may. Every request passes [`gate`] first
//! (host, origin, headers, log), then the rule of its route ([`admit`]), then its handler in
//! `recipient`, `console`, `mailbox` or `api`. Handlers give a page or a [`failure::Failure`]; how a
//! failure looks is decided once, in the gate.

mod admit;
mod api;
mod assets;
mod client;
mod colour;
mod console;
mod context;
mod cookie;
mod failure;
mod file_form;
mod form;
mod gate;
mod headers;
mod host;
mod installation;
mod live;
mod mailbox;
mod metrics;
mod page;
mod password_field;
mod qr;
mod query;
mod recipient;
mod refused;
pub mod routes;
mod serve;
mod settings;
mod state;
mod stream;
mod words;

pub use client::Networks;
pub use console::Verifier;
pub use installation::{Installation, Origin, Shown};
pub use live::Live;
pub use refused::Refusals;
pub use serve::serve;
pub use settings::{MetricsFor, Settings, VerifyApi};
pub use state::{Clock, State};

use axum::Router;

/// The whole of the web as one service.
pub fn router(state: State) -> Router {
    let gate = axum::middleware::from_fn_with_state(state.clone(), gate::pass);
    // Each kind of body has a limit of its own where it is read.
    let no_common_limit = axum::extract::DefaultBodyLimit::disable();
    routes::bind(&state).fallback(gate::nothing_here).layer(no_common_limit).layer(gate).with_state(state)
}
