//! Who may use which part of the API without an API key.

use serde::{Deserialize, Serialize};
use web::{MetricsFor, VerifyApi};

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Raw {
    verify: Verify,
    metrics: Metrics,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Metrics {
    #[default]
    Loopback,
    Everyone,
    Off,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verify {
    #[default]
    Loopback,
    Everyone,
    Off,
}

/// What the API opens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Api {
    /// Who may ask whether a password is right.
    pub(crate) verify: VerifyApi,
    /// Who may read `/metrics`.
    pub(crate) metrics: MetricsFor,
}

pub(super) const fn resolve(raw: &Raw) -> Api {
    let verify = match raw.verify {
        Verify::Loopback => VerifyApi::Loopback,
        Verify::Everyone => VerifyApi::Everyone,
        Verify::Off => VerifyApi::Off,
    };
    let metrics = match raw.metrics {
        Metrics::Loopback => MetricsFor::Loopback,
        Metrics::Everyone => MetricsFor::Everyone,
        Metrics::Off => MetricsFor::Nobody,
    };
    Api { verify, metrics }
}
