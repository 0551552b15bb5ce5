//! Which mails operators get.

use flow::ClosingReport;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Raw {
    closing_report: When,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum When {
    #[default]
    Always,
    Failures,
    Never,
}

/// Mails to operators.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Notices {
    /// After which scheduled runs their owner gets the closing report.
    pub(crate) closing_report: ClosingReport,
}

pub(super) const fn resolve(raw: &Raw) -> Notices {
    let closing_report = match raw.closing_report {
        When::Always => ClosingReport::Always,
        When::Failures => ClosingReport::Failures,
        When::Never => ClosingReport::Never,
    };
    Notices { closing_report }
}
