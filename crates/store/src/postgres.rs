//! PostgreSQL: a pool of connections, each cleaned of an open transaction before it is used again.

use crate::error::{Result, StoreError};
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

/// The oldest server that is known to work.
pub(crate) const OLDEST: i64 = 14;

pub(crate) fn open(url: &str, connections: usize) -> Result<Pool> {
    let mut config: tokio_postgres::Config = url.parse().map_err(|error| {
        StoreError::Schema(format!("database.url: {error}; expected postgres://user@host:5432/name"))
    })?;
    config.application_name("passpost");
    config.connect_timeout(Duration::from_secs(10));
    let tls = config.get_ssl_mode() != SslMode::Disable;
    // A caller that went away in the middle of a transaction leaves none open. ROLLBACK alone would do it, but the server
    // logs a warning for each one outside a transaction. In a failed transaction BEGIN is an error, and the pool lets go
    // of the connection.
    let settings = ManagerConfig { recycling_method: RecyclingMethod::Custom("BEGIN; ROLLBACK".into()) };
    let manager = if tls {
        Manager::from_config(config, MakeRustlsConnect::new(tls_config()?), settings)
    } else {
        Manager::from_config(config, tokio_postgres::NoTls, settings)
    };
    Pool::builder(manager)
        .max_size(connections.max(2))
        // Compiling a statement costs more than running it: a filter of 500 criteria was compiled for
        // minutes and runs in half a second.
        .post_create(Hook::async_fn(|client, _| {
            Box::pin(async move { client.batch_execute("SET jit = off").await.map_err(HookError::Backend) })
        }))
        .runtime(deadpool_postgres::Runtime::Tokio1)
        .wait_timeout(Some(Duration::from_secs(30)))
        .create_timeout(Some(Duration::from_secs(15)))
        .recycle_timeout(Some(Duration::from_secs(5)))
        .build()
        .map_err(|error| StoreError::Defect(error.to_string()))
}

fn tls_config() -> Result<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Defect(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
