//! Tries a relay without sending anything, for the operator's check.

use crate::capabilities::{Capabilities, Mechanism};
use crate::connect_error::ConnectError;
use crate::open::Connection;
use crate::relay::Relay;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::Instant;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The address that answered.
    pub address: SocketAddr,
    /// TLS version and cipher suite; `None` without TLS.
    pub tls: Option<String>,
    /// What the relay offers after TLS.
    pub capabilities: Capabilities,
    /// How the login went through; `None` when none is configured.
    pub login: Option<Mechanism>,
    /// From dialling to being ready.
    pub ready_after: Duration,
    /// One command and its reply.
    pub round_trip: Duration,
}

/// Connects, secures, logs in, says NOOP and QUIT.
///
/// # Errors
/// The first thing that is wrong, with what to do about it.
pub async fn check(relay: &Relay) -> Result<Checked, ConnectError> {
    let began = Instant::now();
    let mut connection = Connection::open(relay).await?;
    let ready_after = began.elapsed();
    let asked = Instant::now();
    let reply = connection.noop().await?;
    if reply.code >= 400 {
        return Err(ConnectError::Greeting(reply));
    }
    let found = Checked {
        address: connection.address,
        tls: connection.wire.stream().tls_words(),
        capabilities: connection.capabilities.clone(),
        login: connection.login,
        ready_after,
        round_trip: asked.elapsed(),
    };
    connection.quit().await;
    Ok(found)
}
