//! What the flow is told by the program: limits, relays, who the mails come from.

use domain::language::Language;
use domain::password::Generator;
use domain::unverified::NamesOfUnverified;
use mail::dkim::Signer;
use mail::mailbox::Mailbox;
use mail::{House, Sender};
use std::sync::Arc;

/// How far a run may reach, and how patient it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The most people one run may write to.
    pub people_per_run: i64,
    /// The most mails of all runs that began within a day.
    pub people_per_day: i64,
    /// Above this many people an operator must type the number.
    pub confirm_above: i64,
    /// Above this many people a run needs the approval of a second operator; 0: it never does.
    pub approve_above: i64,
    /// How late a missed occurrence may still run, in milliseconds.
    pub grace_ms: i64,
    /// How long a run waits for an unreachable relay before it pauses itself, in milliseconds.
    pub relay_patience_ms: i64,
    /// Refusals one after the other before a run pauses itself.
    pub refused_in_a_row: i64,
    /// Refusals in a hundred answers before a run pauses itself, from the twentieth refusal on.
    pub refused_percent: i64,
    /// How long events are kept, in milliseconds.
    pub keep_events_ms: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            people_per_run: 250_000,
            people_per_day: 1_000_000,
            confirm_above: 100,
            approve_above: 0,
            grace_ms: 24 * 60 * 60 * 1_000,
            relay_patience_ms: 10 * 60 * 1_000,
            refused_in_a_row: 20,
            refused_percent: 5,
            keep_events_ms: 30 * 86_400_000,
        }
    }
}

/// One relay with how much it may get.
#[derive(Debug, Clone)]
pub struct RelaySettings {
    /// How it is called in reports.
    pub name: String,
    /// How it is reached.
    pub relay: smtp::Relay,
    /// Connections at the same time.
    pub connections: usize,
    /// Messages a minute; `None`: as many as it takes.
    pub messages_per_minute: Option<u32>,
}

/// Who takes the mails.
#[derive(Debug, Clone)]
pub enum Outlet {
    /// The mailbox inside the program.
    Mailbox(Arc<Mailbox>),
    /// Relays, the first healthy one first.
    Relays(Vec<RelaySettings>),
}

/// After which scheduled runs their owner gets the closing report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClosingReport {
    /// After each.
    #[default]
    Always,
    /// Only when somebody was refused or an answer was lost.
    Failures,
    /// Never.
    Never,
}

/// What the mails to operators are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeSettings {
    /// Where the console is; every link of a notice begins with it.
    pub console_url: String,
    /// After which scheduled runs their owner gets the closing report.
    pub closing_report: ClosingReport,
}

/// What the mails with personal links are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetSettings {
    /// Where the recipients' pages are; every link begins with it.
    pub base_url: String,
    /// How long a link works from the moment it is sent, in milliseconds.
    pub link_life_ms: i64,
    /// How many mails a mailbox may be sent.
    pub limits: auth::limits::ResetLimits,
}

impl ResetSettings {
    /// The usual half hour and the usual limits.
    #[must_use]
    pub fn new(base_url: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            link_life_ms: domain::account_mail::LINK_LIFE_MS,
            limits: auth::limits::ResetLimits::default(),
        }
    }
}

impl Outlet {
    /// How many of so many messages one connection takes, when all of them share the work.
    pub(crate) fn share(&self, messages: usize) -> usize {
        match self {
            Self::Mailbox(_) => messages,
            Self::Relays(relays) => messages / most_connections(relays),
        }
    }
}

/// The connections of the relay that has most.
pub(crate) fn most_connections(relays: &[RelaySettings]) -> usize {
    relays.iter().map(|relay| relay.connections).max().unwrap_or(1).max(1)
}

/// Everything the flow is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The name of this process among the nodes; new with each start.
    pub node: String,
    /// Whether it is known that no other process works on this database: what another one left behind
    /// can then be taken up at once instead of after its lease.
    pub sole_worker: bool,
    /// Who the mails come from.
    pub sender: Sender,
    /// The installation as recipients see it.
    pub house: House,
    /// For people without a language of their own, or with one that has no mails.
    pub language: Language,
    /// DKIM signatures.
    pub signers: Arc<[Signer]>,
    /// How passwords are generated.
    pub generator: Generator,
    /// How far a run may reach.
    pub limits: Limits,
    /// Which names stand in runs and mailings to people whose address nobody confirmed.
    pub names_of_unverified: NamesOfUnverified,
    /// Mails to operators.
    pub notices: NoticeSettings,
    /// Personal links.
    pub resets: ResetSettings,
    /// Who takes the mails.
    pub outlet: Outlet,
}

impl Settings {
    /// The name a new mailing of an operator comes from: the sender's, or that of the organisation.
    #[must_use]
    pub fn sender_name(&self) -> &str {
        if self.sender.name.trim().is_empty() { &self.house.organisation } else { &self.sender.name }
    }
}
