//! The certificates that are trusted, and the one TLS setting made of them.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::fmt;
use std::sync::Arc;

/// Trusted root certificates, read once and shared by all connections. TLS 1.2 or later, aws-lc-rs.
#[derive(Clone)]
pub struct Roots {
    config: Arc<ClientConfig>,
    count: usize,
}

impl Roots {
    /// The system's roots and, if given, those of a PEM file's octets. Reads files: call it at start, not per
    /// connection.
    ///
    /// # Errors
    /// When the PEM has no readable certificate, or nothing at all is trusted.
    pub fn system(extra_pem: Option<&[u8]>) -> Result<Self, RootsError> {
        let mut store = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        store.add_parsable_certificates(found.certs);
        if let Some(pem) = extra_pem {
            add_pem(&mut store, pem)?;
        }
        if store.is_empty() {
            return Err(RootsError::Nothing);
        }
        Self::from_store(store)
    }

    /// Only the roots of a PEM file's octets.
    ///
    /// # Errors
    /// When the PEM has no readable certificate.
    pub fn only(pem: &[u8]) -> Result<Self, RootsError> {
        let mut store = RootCertStore::empty();
        add_pem(&mut store, pem)?;
        Self::from_store(store)
    }

    /// Trusts nobody: for a relay on this very machine that speaks without TLS.
    #[must_use]
    pub fn none() -> Self {
        let config = tls_config(RootCertStore::empty());
        Self { config: Arc::new(config), count: 0 }
    }

    fn from_store(store: RootCertStore) -> Result<Self, RootsError> {
        let count = store.len();
        Ok(Self { config: Arc::new(tls_config(store)), count })
    }

    pub(crate) fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.config)
    }
}

fn tls_config(store: RootCertStore) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .unwrap_or_else(|_| unreachable!("the provider has cipher suites for both versions"))
        .with_root_certificates(store)
        .with_no_client_auth()
}

fn add_pem(store: &mut RootCertStore, pem: &[u8]) -> Result<(), RootsError> {
    let before = store.len();
    for (index, certificate) in CertificateDer::pem_slice_iter(pem).enumerate() {
        let number = index + 1;
        let certificate =
            certificate.map_err(|error| RootsError::Unreadable { number, detail: error.to_string() })?;
        store
            .add(certificate)
            .map_err(|error| RootsError::Unreadable { number, detail: error.to_string() })?;
    }
    if store.len() == before { Err(RootsError::NoCertificate) } else { Ok(()) }
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Roots").field("count", &self.count).finish_non_exhaustive()
    }
}

/// Why no trusted certificates could be set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RootsError {
    /// The file has no certificate at all.
    #[error("the CA file has no certificate; it must be PEM with BEGIN CERTIFICATE lines")]
    NoCertificate,
    /// One certificate of the file cannot be read.
    #[error("certificate {number} of the CA file cannot be read: {detail}")]
    Unreadable {
        /// Which one, counted from 1.
        number: usize,
        /// What is wrong with it.
        detail: String,
    },
    /// The system has no root certificates and no CA file was given.
    #[error("no trusted root certificates found; install the system's CA certificates or name a CA file")]
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ca_file_without_certificates_is_an_error() {
        assert_eq!(Roots::only(b"hello").unwrap_err(), RootsError::NoCertificate);
        let broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(matches!(Roots::only(broken), Err(RootsError::Unreadable { number: 1, .. })));
    }
}
