//! Where the server keys are.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Raw {
    pub(super) file: String,
}

impl Default for Raw {
    fn default() -> Self {
        Self { file: "keys".into() }
    }
}
