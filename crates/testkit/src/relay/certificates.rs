//! Certificates for the relay's TLS: good ones and each way of being wrong.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What the relay's certificate is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Certificate {
    /// For `localhost`, `127.0.0.1` and `::1`, signed by the relay's own authority.
    #[default]
    Good,
    /// For another name.
    WrongName,
    /// Ended years ago.
    Expired,
    /// Signed by an authority other than the one the relay shows.
    Untrusted,
}

pub(crate) struct Identity {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) ca_pem: String,
}

impl Identity {
    #[expect(clippy::expect_used, reason = "a test fails by panicking")]
    pub(crate) fn new(kind: Certificate) -> Self {
        let (ca_pem, issuer) = authority();
        let names = match kind {
            Certificate::WrongName => vec!["other.example".to_owned()],
            _ => vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()],
        };
        let mut params = CertificateParams::new(names).expect("the names are valid");
        if kind == Certificate::Expired {
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let signer = if kind == Certificate::Untrusted { authority().1 } else { issuer };
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = params.signed_by(&key, &signer).expect("the certificate can be signed");
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has cipher suites")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("key and certificate belong together");
        Self { acceptor: TlsAcceptor::from(Arc::new(config)), ca_pem }
    }
}

#[expect(clippy::expect_used, reason = "a test fails by panicking")]
fn authority() -> (String, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::new(Vec::<String>::new()).expect("no names are valid names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key can be made");
    let pem = params.self_signed(&key).expect("an authority can sign itself").pem();
    (pem, Issuer::new(params, key))
}
