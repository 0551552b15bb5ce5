//! AUTH PLAIN and AUTH LOGIN (RFC 4954), never said without TLS except toward this very machine.

use crate::capabilities::{Capabilities, Mechanism};
use crate::connect_error::{ConnectError, Step};
use crate::open::Dialogue;
use crate::relay::Credentials;
use crate::reply::Reply;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// Logs in the first way both sides know; PLAIN before LOGIN since it takes one round trip.
pub(crate) async fn log_in(
    dialogue: &mut Dialogue<'_>,
    offered: &Capabilities,
    credentials: &Credentials,
) -> Result<Mechanism, ConnectError> {
    check(credentials)?;
    let mechanism = if offered.auth.contains(&Mechanism::Plain) {
        Mechanism::Plain
    } else if offered.auth.contains(&Mechanism::Login) {
        Mechanism::Login
    } else {
        return Err(ConnectError::AuthNotOffered);
    };
    let code = match mechanism {
        Mechanism::Plain => plain(dialogue, credentials).await,
        Mechanism::Login => login(dialogue, credentials).await,
    };
    dialogue.wire.wipe();
    match code? {
        235 => Ok(mechanism),
        _ => Err(ConnectError::AuthRefused(without_secret(dialogue.wire.reply(), credentials))),
    }
}

async fn plain(dialogue: &mut Dialogue<'_>, credentials: &Credentials) -> Result<u16, ConnectError> {
    let secret = Zeroizing::new(format!("\0{}\0{}", credentials.user(), credentials.password()));
    let secret = encoded(&secret);
    let code = say(dialogue, "AUTH PLAIN ", &secret).await?;
    // Some relays ignore the initial response and ask for it.
    if code == 334 { say(dialogue, "", &secret).await } else { Ok(code) }
}

async fn login(dialogue: &mut Dialogue<'_>, credentials: &Credentials) -> Result<u16, ConnectError> {
    for (line, secret) in [("AUTH LOGIN", ""), ("", credentials.user())] {
        let code = say(dialogue, line, &encoded(secret)).await?;
        if code != 334 {
            return Ok(code);
        }
    }
    say(dialogue, "", &encoded(credentials.password())).await
}

async fn say(dialogue: &mut Dialogue<'_>, command: &str, secret: &str) -> Result<u16, ConnectError> {
    let out = &mut dialogue.wire.out;
    // Room first: growing later would leave an unwiped copy behind.
    out.reserve(command.len() + secret.len() + 2);
    out.extend_from_slice(command.as_bytes());
    out.extend_from_slice(secret.as_bytes());
    out.extend_from_slice(b"\r\n");
    dialogue.exchange(Step::Login).await
}

fn encoded(secret: &str) -> Zeroizing<String> {
    Zeroizing::new(STANDARD.encode(secret))
}

fn check(credentials: &Credentials) -> Result<(), ConnectError> {
    let refuse = |setting, problem| Err(ConnectError::Setting { setting, problem });
    if credentials.user().is_empty() || credentials.user().contains('\0') {
        return refuse("user", "it must not be empty or have a NUL character");
    }
    if credentials.password().is_empty() || credentials.password().contains('\0') {
        return refuse("password", "it must not be empty or have a NUL character");
    }
    Ok(())
}

/// A relay that repeats what we said must not bring the password into a log.
fn without_secret(mut reply: Reply, credentials: &Credentials) -> Reply {
    let both = Zeroizing::new(format!("\0{}\0{}", credentials.user(), credentials.password()));
    for secret in [encoded(&both).as_str(), encoded(credentials.password()).as_str(), credentials.password()]
    {
        if reply.text.contains(secret) {
            reply.text = reply.text.replace(secret, "…");
        }
    }
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_that_repeats_the_password_loses_it() {
        let credentials = Credentials::new("u", "hunter2".to_owned());
        let text = "bad hunter2 aHVudGVyMg== AHUAaHVudGVyMg==".to_owned();
        let reply = without_secret(Reply { code: 535, enhanced: None, text }, &credentials);
        assert_eq!(reply.text, "bad … … …");
    }
}
