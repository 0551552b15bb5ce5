//! What needs somebody: each with what is wrong and where to act.

use crate::console::grouped;
use crate::console::operator::Operator;
use crate::console::people::account_mails::in_words;
use crate::failure::Failure;
use domain::automation::AutomationStatus;
use domain::id::AutomationId;
use domain::role::Permission;
use domain::run::RunState;
use flow::{Approval, StartError};
use store::account_mail_view::Trouble;
use store::node::{self, Node};
use store::notice::{self, Unheard};
use store::overview::{self, Awaiting, Troubled};
use store::run::Run;
use store::{StoreError, Tx, account_mail_view, automation, deletion_request};

const DAY_MS: i64 = 86_400_000;
/// Trouble older than this is history.
pub(super) const LATELY_MS: i64 = 7 * DAY_MS;
/// A notice that waits for longer is not on its way.
const WAITS_MS: i64 = 15 * 60_000;
/// A process that was silent for longer counts as gone.
const SILENT_MS: i64 = 45_000;
/// Automations looked at for their approval.
const MOST_APPROVALS: usize = 20;

/// One thing that needs somebody.
#[derive(Debug)]
pub(super) struct Attention {
    /// `bad` or `warn`.
    pub(super) tone: &'static str,
    pub(super) text: String,
    /// The cause, as the program or a person wrote it.
    pub(super) detail: String,
    /// Where to act.
    pub(super) path: String,
    pub(super) label: String,
}

/// What was found in the database.
#[derive(Debug)]
pub(super) struct Found {
    troubled: Vec<Troubled>,
    not_run: Vec<(AutomationId, String, i64)>,
    unheard: Unheard,
    mails: Trouble,
    owners: usize,
    nodes: Vec<Node>,
    has_work: bool,
    deletions: i64,
    /// Automations with jobs of events that wait.
    pub(super) awaiting: Vec<Awaiting>,
}

impl Found {
    pub(super) async fn read(tx: &mut Tx, automations: i64, now_ms: i64) -> Result<Self, StoreError> {
        let since = now_ms - LATELY_MS;
        let open = overview::list_open_runs(tx, 1).await?;
        let scheduled = store::view::list_scheduled(tx, 1).await?;
        let awaiting = overview::list_awaiting(tx, automations.max(1)).await?;
        Ok(Self {
            troubled: overview::list_troubled(tx, since, automations).await?,
            not_run: overview::count_not_run(tx, since, automations).await?,
            unheard: notice::count_unheard(tx, since, now_ms - WAITS_MS).await?,
            mails: account_mail_view::trouble(tx, now_ms).await?,
            owners: overview::count_owners(tx, now_ms).await?,
            nodes: node::list(tx, now_ms - SILENT_MS).await?,
            has_work: !open.is_empty() || !scheduled.is_empty() || !awaiting.is_empty(),
            deletions: deletion_request::count_open(tx).await?,
            awaiting: if automations > 0 { awaiting } else { Vec::new() },
        })
    }

    fn has(&self, role: &str) -> bool {
        self.nodes.iter().any(|node| node.roles.split(',').any(|one| one == role))
    }
}

/// Active automations that need an approval and have none that holds: id, name and what is lacking.
pub(super) async fn list_unapproved(
    operator: &Operator,
) -> Result<Vec<(AutomationId, String, String)>, Failure> {
    if !operator.may(Permission::AutomationsView) {
        return Ok(Vec::new());
    }
    let limits = &operator.state().flow.settings().limits;
    let store = &operator.state().store;
    let all = store.read(|tx| Box::pin(automation::list(tx, false))).await.map_err(Failure::from)?;
    let needing = all.into_iter().filter(|one| {
        let own = one.job.password().approve_above.is_some();
        matches!(one.status, AutomationStatus::ActiveScheduled | AutomationStatus::ActiveRunning)
            && (own || limits.approve_above > 0)
    });
    let mut unapproved = Vec::new();
    for one in needing.take(MOST_APPROVALS) {
        match Approval::read(store, one.id, None, limits, operator.now_ms()).await {
            Ok(Approval { above: Some(_), lacking: Some(lacking), .. }) => {
                unapproved.push((one.id, one.name, operator.context.words.tell(&lacking)));
            }
            // What cannot be planned is told as an error of the automation.
            Ok(_) | Err(StartError::Refused(_)) => {}
            Err(StartError::Store(error)) => return Err(error.into()),
        }
    }
    Ok(unapproved)
}

/// Everything that needs somebody and that this operator may see, the worst first.
pub(super) fn list(
    operator: &Operator,
    found: &Found,
    open: &[Run],
    unapproved: &[(AutomationId, String, String)],
) -> Vec<Attention> {
    let mut all = Vec::new();
    all.extend(open.iter().filter(|run| run.state == RunState::Paused).map(|run| paused(operator, run)));
    all.extend(relays(operator));
    all.extend(processes(operator, found));
    let automation_path = |id: &AutomationId| format!("/console/automations/{id}");
    for one in &found.troubled {
        all.push(Attention {
            tone: "bad",
            text: operator.fill("attention-automation", "name", &one.name),
            detail: one.error.clone(),
            path: automation_path(&one.id),
            label: operator.say("attention-open"),
        });
    }
    for (id, name, lacking) in unapproved {
        all.push(Attention {
            tone: "warn",
            text: operator.fill("attention-approval", "name", name),
            detail: lacking.clone(),
            path: automation_path(id),
            label: operator.say("attention-approve"),
        });
    }
    for (id, name, count) in &found.not_run {
        let text = operator
            .context
            .words
            .say_with("attention-not-run", &[("name", name.as_str()), ("n", &grouped(*count))]);
        all.push(Attention {
            tone: "warn",
            text,
            detail: String::new(),
            path: automation_path(id),
            label: operator.say("attention-open"),
        });
    }
    all.extend(overdue(operator, found));
    all.extend(account_mails(operator, &found.mails));
    all.extend(deletions(operator, found));
    all.extend(house(operator, found));
    all
}

/// Jobs of events that should have been done by now: a limit, a missing approval or stopped sending holds them.
fn overdue(operator: &Operator, found: &Found) -> Vec<Attention> {
    let late = found.awaiting.iter().filter(|one| one.due_at < operator.now_ms() - WAITS_MS);
    late.map(|one| Attention {
        tone: "warn",
        text: operator.context.words.say_with(
            "attention-overdue",
            &[("name", &one.name), ("n", &grouped(one.count)), ("due", &operator.at(one.due_at))],
        ),
        detail: String::new(),
        path: format!("/console/automations/{}#waiting", one.id),
        label: operator.say("attention-open"),
    })
    .collect()
}

/// Whoever asks to be erased waits for somebody.
fn deletions(operator: &Operator, found: &Found) -> Option<Attention> {
    (found.deletions > 0 && operator.may(Permission::PeopleEdit)).then(|| Attention {
        tone: "warn",
        text: operator.fill("attention-deletions", "n", &grouped(found.deletions)),
        detail: String::new(),
        path: "/console/deletions".into(),
        label: operator.say("attention-deletions-open"),
    })
}

fn paused(operator: &Operator, run: &Run) -> Attention {
    let number = run.number.to_string();
    let text = operator
        .context
        .words
        .say_with("attention-paused", &[("number", number.as_str()), ("name", run.name.as_str())]);
    Attention {
        tone: "bad",
        text,
        detail: run.cause.clone().unwrap_or_default(),
        path: format!("/console/runs/{}", run.id),
        label: operator.say("attention-open-run"),
    }
}

fn relays(operator: &Operator) -> Vec<Attention> {
    let sees = operator.may(Permission::SettingsEdit) || operator.may(Permission::RunsControl);
    let health = operator.state().flow.health();
    let troubled = health.into_iter().filter_map(|relay| Some((relay.name, relay.trouble?)));
    troubled
        .filter(|_| sees)
        .map(|(name, trouble)| Attention {
            tone: "bad",
            text: operator.fill("attention-relay", "name", &name),
            detail: trouble,
            path: "/console/settings#relays".into(),
            label: operator.say("attention-settings"),
        })
        .collect()
}

/// Runs wait while no process works on them.
fn processes(operator: &Operator, found: &Found) -> Vec<Attention> {
    let missing = ["worker", "scheduler"].into_iter().filter(|role| !found.has(role));
    missing
        .filter(|_| found.has_work && operator.may(Permission::RunsView))
        .map(|role| Attention {
            tone: "bad",
            text: operator.say(&format!("attention-no-{role}")),
            detail: String::new(),
            path: "/console/settings#processes".into(),
            label: operator.say("attention-settings"),
        })
        .collect()
}

/// Somebody asked for a link and stands before a screen.
fn account_mails(operator: &Operator, mails: &Trouble) -> Option<Attention> {
    if mails.is_none() || !operator.may(Permission::PeopleView) {
        return None;
    }
    let since = mails.since.map(|at| operator.at(at)).unwrap_or_default();
    let counts = [grouped(mails.given_up), grouped(mails.bounced), grouped(mails.waiting)];
    let [given_up, bounced, waiting] = &counts;
    let gaps = [
        ("given_up", given_up.as_str()),
        ("bounced", bounced.as_str()),
        ("waiting", waiting.as_str()),
        ("since", since.as_str()),
    ];
    Some(Attention {
        tone: if mails.waiting > 0 { "bad" } else { "warn" },
        text: operator.context.words.say_with("attention-account-mails", &gaps),
        detail: mails.last_cause.as_deref().map(|cause| in_words(operator, cause)).unwrap_or_default(),
        path: "/console/account-mails".into(),
        label: operator.say("attention-account-mails-open"),
    })
}

fn house(operator: &Operator, found: &Found) -> Vec<Attention> {
    if !operator.may(Permission::SettingsEdit) {
        return Vec::new();
    }
    let mut all = Vec::new();
    let unheard = found.unheard.given_up + found.unheard.waiting;
    if unheard > 0 {
        all.push(Attention {
            tone: "warn",
            text: operator.fill("attention-unheard", "n", &grouped(unheard)),
            detail: String::new(),
            path: "/console/settings#notices".into(),
            label: operator.say("attention-settings"),
        });
    }
    if found.owners < 2 {
        all.push(Attention {
            tone: "warn",
            text: operator.say("attention-one-owner"),
            detail: String::new(),
            path: "/console/users".into(),
            label: operator.say("attention-users"),
        });
    }
    all
}
