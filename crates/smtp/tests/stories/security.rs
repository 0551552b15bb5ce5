//! TLS and login: nothing is said to a relay that is not the right one.

use crate::scene::*;
use smtp::{ConnectError, Connection, Credentials, Mechanism, Relay, Roots, Tls, check};
use testkit::relay::{Auth, Certificate, Script, ScriptedRelay, Stage, Tls as Offer};

fn right() -> Auth {
    Auth::Required { user: "mailer".into(), password: "correct horse".into() }
}

/// Settings that trust the relay's own authority and log in.
fn secure_settings(server: &ScriptedRelay, tls: Tls) -> Relay {
    let mut relay = settings(server);
    relay.tls = tls;
    if !server.ca_pem().is_empty() {
        relay.roots = Roots::only(server.ca_pem().as_bytes()).unwrap();
    }
    relay.credentials = Some(Credentials::new("mailer", "correct horse".to_owned()));
    relay
}

/// Opens and must fail; the relay must have heard neither AUTH nor MAIL.
async fn refused(server: &ScriptedRelay, tls: Tls) -> ConnectError {
    let error = Connection::open(&secure_settings(server, tls)).await.unwrap_err();
    assert_eq!((server.heard(Stage::Auth), server.heard(Stage::Mail)), (0, 0), "{error}");
    error
}

#[tokio::test]
async fn mail_goes_through_both_kinds_of_tls_with_login() {
    for (offer, tls) in [
        (Offer::Implicit, Tls::Implicit),
        (Offer::StartTls, Tls::StartTls),
        (Offer::StartTls, Tls::Opportunistic),
    ] {
        for chunking in [false, true] {
            let server =
                ScriptedRelay::start(Script { tls: offer, auth: right(), chunking, ..Script::default() })
                    .await;
            let outcome = send(&secure_settings(&server, tls), messages(50)).await;
            assert_eq!((outcome.counts()[0], server.stored(), server.logins()), (50, 50, 1));
        }
    }
}

#[tokio::test]
async fn a_wrong_certificate_hears_no_login_and_no_mail() {
    for (offer, tls) in [
        (Offer::Implicit, Tls::Implicit),
        (Offer::StartTls, Tls::StartTls),
        (Offer::StartTls, Tls::Opportunistic),
    ] {
        let kinds = [
            (Certificate::WrongName, "another name"),
            (Certificate::Expired, "expired"),
            (Certificate::Untrusted, "not trusted"),
        ];
        for (certificate, advice) in kinds {
            let server =
                ScriptedRelay::start(Script { tls: offer, certificate, auth: right(), ..Script::default() })
                    .await;
            let error = refused(&server, tls).await;
            assert!(matches!(error, ConnectError::Certificate { .. }), "{error:?}");
            assert!(error.to_string().contains(advice), "{error}");
            assert!(error.is_alarm() && !error.is_temporary());
        }
    }
}

#[tokio::test]
async fn stripped_starttls_hears_no_login_and_no_mail() {
    let server = ScriptedRelay::start(Script { auth: right(), ..Script::default() }).await;
    let error = refused(&server, Tls::StartTls).await;
    assert_eq!(error, ConnectError::NoStartTls);
    assert!(error.is_alarm() && error.to_string().contains("465"));
}

#[tokio::test]
async fn a_refused_starttls_is_not_a_way_around_it() {
    let script = Script { tls: Offer::StartTls, auth: right(), ..Script::default() };
    let server =
        ScriptedRelay::start(script.always(Stage::StartTls, testkit::relay::Action::reply("454 4.7.0 No")))
            .await;
    for tls in [Tls::StartTls, Tls::Opportunistic] {
        assert!(matches!(refused(&server, tls).await, ConnectError::StartTlsRefused(_)));
    }
}

#[tokio::test]
async fn words_before_the_handshake_are_an_attack() {
    let script = Script { tls: Offer::StartTlsWithInjection, auth: right(), ..Script::default() };
    let server = ScriptedRelay::start(script).await;
    let error = refused(&server, Tls::StartTls).await;
    assert!(error == ConnectError::WordsBeforeTls && error.is_alarm());
}

#[tokio::test]
async fn mail_without_tls_goes_to_this_machine_only() {
    for host in ["192.0.2.1", "2001:db8::1"] {
        let relay = Relay::new(host, 25, Tls::None, Roots::none());
        let error = Connection::open(&relay).await.unwrap_err();
        assert!(matches!(error, ConnectError::PlainToOthers { .. }), "{error}");
    }
}

#[tokio::test]
async fn opportunistic_without_starttls_is_good_enough_for_this_machine() {
    let server = ScriptedRelay::start(Script::default()).await;
    let mut relay = settings(&server);
    relay.tls = Tls::Opportunistic;
    assert_eq!(send(&relay, messages(2)).await.counts()[0], 2);
}

#[tokio::test]
async fn a_port_that_speaks_plainly_is_no_implicit_tls() {
    let server = ScriptedRelay::start(Script::default()).await;
    let error = refused(&server, Tls::Implicit).await;
    assert!(matches!(error, ConnectError::Tls { .. }), "{error:?}");
}

#[tokio::test]
async fn a_refused_login_is_said_once_and_sends_nothing() {
    let server =
        ScriptedRelay::start(Script { tls: Offer::Implicit, auth: Auth::Refused, ..Script::default() }).await;
    let error = Connection::open(&secure_settings(&server, Tls::Implicit)).await.unwrap_err();
    assert!(matches!(&error, ConnectError::AuthRefused(reply) if reply.code == 535), "{error:?}");
    assert!(!error.is_temporary() && !error.to_string().contains("correct horse"));
    assert_eq!((server.heard(Stage::Auth), server.heard(Stage::Mail)), (1, 0));
}

#[tokio::test]
async fn the_login_is_the_one_the_relay_offers() {
    for (mechanisms, expected) in
        [("LOGIN", Mechanism::Login), ("PLAIN", Mechanism::Plain), ("CRAM-MD5 LOGIN PLAIN", Mechanism::Plain)]
    {
        let auth = Auth::Only {
            mechanisms: mechanisms.into(),
            user: "mailer".into(),
            password: "correct horse".into(),
        };
        let server = ScriptedRelay::start(Script { tls: Offer::Implicit, auth, ..Script::default() }).await;
        let found = check(&secure_settings(&server, Tls::Implicit)).await.unwrap();
        assert_eq!((found.login, server.logins()), (Some(expected), 1));
    }
    for auth in [
        Auth::None,
        Auth::Only { mechanisms: "CRAM-MD5".into(), user: String::new(), password: String::new() },
    ] {
        let server = ScriptedRelay::start(Script { tls: Offer::Implicit, auth, ..Script::default() }).await;
        assert_eq!(refused(&server, Tls::Implicit).await, ConnectError::AuthNotOffered);
    }
}

#[tokio::test]
async fn a_check_reports_what_the_relay_offers_and_sends_nothing() {
    let script = Script { tls: Offer::StartTls, auth: right(), size: Some(1234), ..Script::default() };
    let server = ScriptedRelay::start(script).await;
    let found = check(&secure_settings(&server, Tls::StartTls)).await.unwrap();
    assert!(found.tls.as_deref().is_some_and(|tls| tls.starts_with("TLSv1_3")), "{found:?}");
    assert!(found.capabilities.pipelining && found.capabilities.size == Some(1234));
    assert!(!found.capabilities.starttls, "what was offered before TLS is forgotten");
    assert_eq!((server.heard(Stage::Noop), server.heard(Stage::Quit), server.heard(Stage::Mail)), (1, 1, 0));
}

#[tokio::test]
async fn nobody_listening_is_said_with_host_and_port() {
    let server = ScriptedRelay::start(Script::default()).await;
    let relay = settings(&server);
    drop(server);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let error = check(&relay).await.unwrap_err();
    assert!(matches!(error, ConnectError::Tcp { .. }) && error.is_temporary());
    assert!(error.to_string().contains(&relay.port.to_string()), "{error}");
}

#[tokio::test]
async fn an_unknown_name_is_said_as_such() {
    let relay = Relay::new("no-such-relay.invalid", 465, Tls::Implicit, Roots::none());
    assert!(matches!(check(&relay).await.unwrap_err(), ConnectError::Dns { .. }));
}
