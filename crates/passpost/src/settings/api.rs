//! Who may use which part of the API until API keys guard it.

use serde::{Deserialize, Serialize};
use web::VerifyApi;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Raw {
    verify: Verify,
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
}

pub(super) const fn resolve(raw: &Raw) -> Api {
    let verify = match raw.verify {
        Verify::Loopback => VerifyApi::Loopback,
        Verify::Everyone => VerifyApi::Everyone,
        Verify::Off => VerifyApi::Off,
    };
    Api { verify }
}
