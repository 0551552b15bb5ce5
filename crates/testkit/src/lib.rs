//! For tests only: databases, a scripted relay, the whole program with a fixed clock.

pub mod authenticator;
pub mod canary;
pub mod database;
pub mod house;
pub mod inspection;
mod listening;
mod mailing;
pub mod postfix;
pub mod program;
pub mod proof;
pub mod relay;
pub mod visitor;
mod work;

pub use authenticator::Authenticator;
pub use database::{Database, TEST_NOW, databases};
pub use house::{House, NewPerson, Through, flow_over, password_in};
pub use listening::{Listening, custom, save_listening};
pub use proof::{OLD, Standing, Working, links, newest_password, passwords, reach, texts, waiting};

/// Who acts: an operator of the highest rank at this machine, or nobody in particular at the command line.
#[must_use]
pub fn by(person: impl Into<Option<domain::id::PersonId>>) -> store::Acting {
    person.into().map_or_else(store::Acting::command_line, |person| {
        store::Acting::operator(person, domain::role::Rank::HIGHEST, String::new())
    })
}

/// Says that tests were left out and for want of what. The test runner swallows what `eprintln!` says in a test that
/// passes, so this goes past it.
pub fn left_out(what: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "LEFT OUT: {what}");
}

/// The DER inside a PEM file.
#[must_use]
pub fn pem_to_der(pem: &[u8]) -> Vec<u8> {
    use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject as _};
    PrivatePkcs8KeyDer::from_pem_slice(pem).expect("a PKCS#8 key").secret_pkcs8_der().to_vec()
}

/// A fresh DKIM key as PEM: `ed25519` or `rsa` (2048 bits).
#[must_use]
pub fn dkim_key(kind: &str) -> String {
    let key = match kind {
        "rsa" => rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048),
        _ => rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519),
    };
    key.expect("a key").serialize_pem()
}
