//! A notice: a mail to an operator about an automation, a run or the kill switch. It carries no secret.

use crate::id::{AutomationId, MailingId, RunId};
use crate::recipient::named;
use crate::run::Counts;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

named! {
    /// What a notice is about, as stored and as lists show it.
    NoticeKind {
        /// An automation ends in 30 days.
        AutomationEnds = "automation_ends",
        /// A run could not begin.
        RunFailed = "run_failed",
        /// Occurrences were missed.
        RunMissed = "run_missed",
        /// An occurrence was skipped because the run before was not over.
        RunSkipped = "run_skipped",
        /// A run paused by itself.
        RunPaused = "run_paused",
        /// A scheduled run is over: its closing report.
        RunFinished = "run_finished",
        /// A mailing could not begin.
        MailingFailed = "mailing_failed",
        /// Somebody stopped all sending.
        SendingStopped = "sending_stopped",
    }
}

named! {
    /// Why somebody gets a notice; the mail says so.
    Because {
        /// Owns the automation.
        Owner = "owner",
        /// Started the run by hand.
        Starter = "starter",
        /// Is named to be reminded.
        Reminded = "reminded",
        /// Has the role Owner, and nobody nearer can be reached or everybody of this role must know.
        House = "house",
    }
}

named! {
    /// Why a run paused by itself.
    PausedWhy {
        /// The relay refused too many.
        Refusals = "refusals",
        /// The relay takes no mail.
        Relay = "relay",
        /// Somebody who shaped the run has lost the system role.
        Rights = "rights",
        /// The second operator who approved the run may no longer approve.
        Approval = "approval",
        /// The mail cannot be composed.
        Mail = "mail",
    }
}

named! {
    /// Why a run could not begin.
    FailedWhy {
        /// The selection is missing or cannot be used.
        Selection = "selection",
        /// Somebody who shaped the run has lost the system role.
        Rights = "rights",
        /// A limit would be passed.
        Limit = "limit",
        /// A second operator must approve it first.
        Approval = "approval",
        /// All sending is stopped.
        Stopped = "stopped",
        /// Something else, as the cause says.
        Other = "other",
    }
}

named! {
    /// How a notice ended.
    NoticeOutcome {
        /// The relay took it.
        Accepted = "accepted",
        /// Refused for good, or tried too often.
        GivenUp = "given_up",
        /// The person may not or cannot receive it any more.
        LeftOut = "left_out",
    }
}

/// The automation a notice is about, as it was called then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AboutAutomation {
    /// Its id.
    pub id: AutomationId,
    /// Its number.
    pub number: i64,
    /// Its name.
    pub name: String,
}

/// The mailing a notice is about, as it was called then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AboutMailing {
    /// Its id.
    pub id: MailingId,
    /// Its number.
    pub number: i64,
    /// Its name.
    pub name: String,
}

/// The run a notice is about, with its counts at that moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AboutRun {
    /// Its id.
    pub id: RunId,
    /// Its number.
    pub number: i64,
    /// The name of its automation.
    pub name: String,
    /// How many people stand where.
    pub counts: Counts,
}

/// What happened. All times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Notice {
    /// An automation ends soon.
    AutomationEnds {
        /// Which.
        automation: AboutAutomation,
        /// When its time is over.
        ends_at: i64,
        /// Its last run, if any run is left.
        last_at: Option<i64>,
    },
    /// A run could not begin.
    RunFailed {
        /// Of which automation.
        automation: AboutAutomation,
        /// When it was planned.
        planned_at: i64,
        /// Why, as far as it can be told apart.
        why: FailedWhy,
        /// Why, for people to read.
        cause: String,
    },
    /// Occurrences were missed while the program was not running.
    RunMissed {
        /// Of which automation.
        automation: AboutAutomation,
        /// When the latest of them was planned.
        planned_at: i64,
        /// How many.
        missed: i64,
        /// Whether a later occurrence was due as well and was dealt with.
        later_due: bool,
    },
    /// An occurrence was skipped.
    RunSkipped {
        /// Of which automation.
        automation: AboutAutomation,
        /// When it was planned.
        planned_at: i64,
    },
    /// A run paused by itself.
    RunPaused {
        /// Which.
        run: AboutRun,
        /// Why, as far as it can be told apart.
        why: PausedWhy,
        /// Why, for people to read.
        cause: String,
    },
    /// A scheduled run is over.
    RunFinished {
        /// Which.
        run: AboutRun,
        /// How many were left out, by reason.
        left_out: BTreeMap<String, i64>,
        /// How many were refused, by the class of the answer.
        refused: BTreeMap<String, i64>,
    },
    /// A mailing could not begin.
    MailingFailed {
        /// Which.
        mailing: AboutMailing,
        /// When it was to start.
        planned_at: i64,
        /// Why, for people to read.
        cause: String,
    },
    /// All sending was stopped.
    SendingStopped {
        /// When.
        at: i64,
        /// The words of who did it.
        cause: String,
    },
}

impl Notice {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> NoticeKind {
        match self {
            Self::AutomationEnds { .. } => NoticeKind::AutomationEnds,
            Self::RunFailed { .. } => NoticeKind::RunFailed,
            Self::RunMissed { .. } => NoticeKind::RunMissed,
            Self::RunSkipped { .. } => NoticeKind::RunSkipped,
            Self::RunPaused { .. } => NoticeKind::RunPaused,
            Self::RunFinished { .. } => NoticeKind::RunFinished,
            Self::MailingFailed { .. } => NoticeKind::MailingFailed,
            Self::SendingStopped { .. } => NoticeKind::SendingStopped,
        }
    }

    /// The automation it is about, when it is about one.
    #[must_use]
    pub const fn automation(&self) -> Option<&AboutAutomation> {
        match self {
            Self::AutomationEnds { automation, .. }
            | Self::RunFailed { automation, .. }
            | Self::RunMissed { automation, .. }
            | Self::RunSkipped { automation, .. } => Some(automation),
            Self::RunPaused { .. }
            | Self::RunFinished { .. }
            | Self::MailingFailed { .. }
            | Self::SendingStopped { .. } => None,
        }
    }

    /// The run it is about, when it is about one.
    #[must_use]
    pub const fn run(&self) -> Option<&AboutRun> {
        match self {
            Self::RunPaused { run, .. } | Self::RunFinished { run, .. } => Some(run),
            _ => None,
        }
    }

    /// The cause for people to read, when there is one.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        match self {
            Self::RunFailed { cause, .. }
            | Self::RunPaused { cause, .. }
            | Self::MailingFailed { cause, .. }
            | Self::SendingStopped { cause, .. } => Some(cause),
            _ => None,
        }
    }
}

/// A notice with the reason its reader gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Why this person.
    pub because: Because,
    /// What happened.
    pub notice: Notice,
}

/// How often a notice is tried, so that it outlasts a relay that is down for a weekend: almost three days.
pub const MOST_ATTEMPTS: i64 = 24;

/// Milliseconds to wait after a failed attempt (from 1): a minute, doubling to four hours.
#[must_use]
pub fn backoff_ms(attempt: i64) -> i64 {
    let doublings = attempt.clamp(1, 9) - 1;
    (60_000 << doublings).min(4 * 3_600_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_reads_back_as_written() {
        let automation = AboutAutomation {
            id: AutomationId::generate(1, [7; 10]),
            number: 3,
            name: "Yearly renewal".into(),
        };
        let notice =
            Notice::RunFailed { automation, planned_at: 5, why: FailedWhy::Limit, cause: "too many".into() };
        let about = About { because: Because::Owner, notice };
        let text = serde_json::to_string(&about).unwrap();
        assert_eq!(serde_json::from_str::<About>(&text).unwrap(), about);
        assert_eq!(about.notice.kind().as_str(), "run_failed");
        assert!(text.contains("\"kind\":\"run_failed\""), "{text}");
    }

    #[test]
    fn waits_grow_to_four_hours_and_the_tries_span_almost_three_days() {
        assert_eq!(backoff_ms(1), 60_000);
        assert_eq!(backoff_ms(2), 120_000);
        assert_eq!(backoff_ms(99), 4 * 3_600_000);
        let all: i64 = (1..MOST_ATTEMPTS).map(backoff_ms).sum();
        assert!((60 * 3_600_000..72 * 3_600_000).contains(&all), "{all}");
    }
}
