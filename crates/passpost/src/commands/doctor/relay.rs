//! The relays: connected to, secured and signed in to, without sending anything.

use super::Finding;
use crate::settings::{RelaySettings, Settings};
use crate::wiring;
use std::time::Duration;

/// A relay that has not answered by then is not fit for a check.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn check(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    for one in &settings.relays {
        findings.push(check_one(settings, one).await);
    }
    findings
}

async fn check_one(settings: &Settings, one: &RelaySettings) -> Finding {
    let relay = match wiring::relay(one, settings) {
        Ok(relay) => relay,
        Err(failure) => return Finding::problem("relay", failure.text().to_owned(), "see smtp in passpost.toml"),
    };
    match tokio::time::timeout(PATIENCE, smtp::check(&relay)).await {
        Err(_) => Finding::problem(
            "relay",
            format!("{} did not answer within {} s", one.name, PATIENCE.as_secs()),
            "check host, port and firewall",
        ),
        Ok(Err(error)) => {
            Finding::problem("relay", format!("{}: {error}", one.name), "no run can send until this is mended")
        }
        Ok(Ok(found)) => {
            let tls = found.tls.as_deref().unwrap_or("no TLS (this machine)");
            let login = found.login.map_or_else(|| "no sign-in".to_owned(), |how| format!("signed in by {how:?}"));
            let trip = found.round_trip.as_secs_f64() * 1e3;
            Finding::ok("relay", format!("{} is ready: {tls}; {login}; a command takes {trip:.1} ms", one.name))
        }
    }
}
