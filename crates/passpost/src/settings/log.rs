//! How much is logged, and in which form.

use super::problem::Problems;
use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Raw {
    level: String,
    format: LogFormat,
}

impl Default for Raw {
    fn default() -> Self {
        Self { level: "info".into(), format: LogFormat::Text }
    }
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON document a line, for programs.
    Json,
}

/// What is logged.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    /// A filter such as `info` or `info,flow=debug`.
    pub(crate) level: String,
    pub(crate) format: LogFormat,
}

pub(super) fn resolve(raw: &Raw, problems: &mut Problems) -> Option<Log> {
    let filter = EnvFilter::builder().parse(&raw.level).map(|_| raw.level.clone());
    let known = |text: &str| {
        text.split(',').all(|part| {
            let level = part.rsplit('=').next().unwrap_or_default().trim().to_ascii_lowercase();
            ["off", "error", "warn", "info", "debug", "trace"].contains(&level.as_str())
        })
    };
    let wrong = || {
        format!(
            "expected off, error, warn, info, debug or trace, for single parts as in info,flow=debug; not {:?}",
            raw.level
        )
    };
    let level = filter.ok().filter(|text| known(text)).ok_or_else(wrong);
    problems.keep("log.level", level).map(|level| Log { level, format: raw.format })
}
