//! Relays as the SMTP client wants them.

use crate::failure::Failure;
use crate::settings::{RelaySettings, Settings, TlsSetting};
use smtp::{Credentials, Relay, Roots, Tls};

/// All relays, in the order of the settings.
pub(super) fn all(settings: &Settings) -> Result<Vec<flow::RelaySettings>, Failure> {
    settings
        .relays
        .iter()
        .map(|one| {
            Ok(flow::RelaySettings {
                name: one.name.clone(),
                relay: relay(one, settings)?,
                connections: one.connections.into(),
                messages_per_minute: one.messages_per_minute,
            })
        })
        .collect()
}

/// One relay, with the certificates it is checked against.
pub(crate) fn relay(one: &RelaySettings, settings: &Settings) -> Result<Relay, Failure> {
    let tls = match (one.implicit_tls, one.tls) {
        (true, _) => Tls::Implicit,
        (false, TlsSetting::Required) => Tls::StartTls,
        (false, TlsSetting::Opportunistic) => Tls::Opportunistic,
        (false, TlsSetting::None) => Tls::None,
    };
    let roots = if tls == Tls::None {
        Roots::none()
    } else {
        Roots::system(one.ca_pem.as_deref())
            .map_err(|error| Failure::failed(format!("smtp relay {}: {error}", one.name)))?
    };
    let mut relay = Relay::new(one.host.clone(), one.port, tls, roots);
    relay.credentials = match (&one.user, &one.password) {
        (Some(user), Some(password)) => Some(Credentials::new(user.clone(), password.expose().to_owned())),
        _ => None,
    };
    relay.helo = match &one.helo {
        Some(helo) => helo.clone(),
        None => settings.server.base_url.host().to_owned(),
    };
    // An address is written in brackets (RFC 5321 §4.1.3).
    if let Ok(address) = relay.helo.parse::<std::net::IpAddr>() {
        relay.helo = if address.is_ipv4() { format!("[{address}]") } else { format!("[IPv6:{address}]") };
    }
    Ok(relay)
}
