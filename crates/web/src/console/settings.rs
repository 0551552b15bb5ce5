//! What the installation runs with: every setting with what it does and where to change it, the relays, the processes,
//! the database, the keys.

use crate::console::grouped;
use crate::console::operator::Operator;
use crate::console::shell::{Place, Shell};
use crate::failure::Failure;
use crate::installation::{Origin, Shown};
use crate::page;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use flow::Health;
use store::node::{self, Node};
use store::notice::{self, Unheard};
use store::overview;
use store::{Engine, SCHEMA_VERSION, StoreError};

/// A process that was silent for longer counts as gone.
const SILENT_MS: i64 = 45_000;
const WEEK_MS: i64 = 7 * 86_400_000;
/// A notice that waits for longer is not on its way.
const WAITS_MS: i64 = 15 * 60_000;

#[derive(Template)]
#[template(path = "console/settings.html")]
struct SettingsPage {
    shell: Shell,
    file: Option<String>,
    sections: Vec<Section>,
    relays: Vec<RelayLine>,
    nodes: Vec<NodeLine>,
    checks: Vec<Check>,
}

/// A section of the file.
struct Section {
    name: String,
    title: String,
    lines: Vec<SettingLine>,
}

struct SettingLine {
    name: String,
    value: String,
    explained: String,
    /// Where it is set.
    origin: String,
    is_default: bool,
    variable: String,
}

struct RelayLine {
    name: String,
    connections: String,
    pace: String,
    state: &'static str,
    label: String,
    trouble: String,
}

struct NodeLine {
    id: String,
    roles: String,
    listen: String,
    started: String,
    seen: String,
    is_silent: bool,
}

/// Something looked at, and how it is.
struct Check {
    title: String,
    found: String,
    /// `good`, `warn` or `bad`.
    tone: &'static str,
    /// What to do; empty: nothing.
    advice: String,
}

/// What the page reads.
struct Read {
    nodes: Vec<Node>,
    unheard: Unheard,
    owners: usize,
    audit: i64,
    schema: usize,
}

/// GET /console/settings
pub(crate) async fn show(operator: Operator) -> Result<Response, Failure> {
    operator.query(&[])?;
    let read = read(&operator).await?;
    let installation = &operator.state().installation;
    let page = SettingsPage {
        shell: operator.shell(Place::Settings),
        file: installation.file.clone(),
        sections: sections(&operator, &installation.settings),
        relays: operator.state().flow.health().into_iter().map(|one| relay_line(&operator, one)).collect(),
        checks: checks(&operator, &read),
        nodes: read.nodes.into_iter().map(|one| node_line(&operator, one)).collect(),
    };
    page::show(StatusCode::OK, &page)
}

async fn read(operator: &Operator) -> Result<Read, Failure> {
    let (now_ms, store) = (operator.now_ms(), &operator.state().store);
    let schema = store.schema_version().await.map_err(Failure::from)?;
    let read = store.read(move |tx| {
        Box::pin(async move {
            Ok::<_, StoreError>(Read {
                nodes: node::list(tx, now_ms - 86_400_000).await?,
                unheard: notice::count_unheard(tx, now_ms - WEEK_MS, now_ms - WAITS_MS).await?,
                owners: overview::count_owners(tx, now_ms).await?,
                audit: overview::count_audit(tx).await?,
                schema,
            })
        })
    });
    read.await.map_err(Failure::from)
}

/// The settings by section, in the order of the file.
fn sections(operator: &Operator, settings: &[Shown]) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for shown in settings {
        let name = match shown.name.split_once('.') {
            Some((section, _)) => section.split('[').next().unwrap_or_default(),
            None => "general",
        };
        if sections.last().is_none_or(|section| section.name != name) {
            let title = operator.say(&format!("settings-section-{name}"));
            sections.push(Section { name: name.to_owned(), title, lines: Vec::new() });
        }
        if let Some(section) = sections.last_mut() {
            section.lines.push(setting_line(operator, shown));
        }
    }
    sections
}

fn setting_line(operator: &Operator, shown: &Shown) -> SettingLine {
    SettingLine {
        value: if shown.value.is_empty() { "–".to_owned() } else { shown.value.clone() },
        explained: operator.context.words.find(&explained(&shown.name)).unwrap_or_default(),
        origin: match &shown.origin {
            Origin::Default => operator.say("settings-origin-default"),
            Origin::File => operator.say("settings-origin-file"),
            Origin::Variable(name) => name.clone(),
        },
        is_default: shown.origin == Origin::Default,
        variable: variable(&shown.name),
        name: shown.name.clone(),
    }
}

/// The Fluent id of what a setting does; that of a relay is the same for each.
pub(crate) fn explained(name: &str) -> String {
    let mut id = String::from("setting-");
    let mut inside = false;
    for c in name.chars() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            _ if inside => {}
            '.' | '_' => id.push('-'),
            c => id.push(c),
        }
    }
    id
}

/// `smtp[0].url` as `PASSPOST_SMTP__0__URL`.
fn variable(name: &str) -> String {
    let name = name.replace('[', ".").replace(']', "").replace('.', "__");
    format!("PASSPOST_{}", name.to_ascii_uppercase())
}

fn relay_line(operator: &Operator, relay: Health) -> RelayLine {
    let (state, label) = match (&relay.trouble, relay.is_resting) {
        (Some(_), _) => ("failed", "settings-relay-trouble"),
        (None, true) => ("paused", "settings-relay-rests"),
        (None, false) => ("finished", "settings-relay-ready"),
    };
    let since = relay.trouble_since.map(|at| operator.at(at));
    RelayLine {
        pace: relay.messages_per_minute.map_or_else(
            || operator.say("settings-pace-free"),
            |most| operator.fill("settings-pace", "n", &grouped(most.into())),
        ),
        connections: if relay.connections == 0 { "–".into() } else { relay.connections.to_string() },
        state,
        label: operator.say(label),
        trouble: [since, relay.trouble].into_iter().flatten().collect::<Vec<_>>().join(" · "),
        name: relay.name,
    }
}

fn node_line(operator: &Operator, node: Node) -> NodeLine {
    NodeLine {
        is_silent: operator.now_ms() - node.seen_at > SILENT_MS,
        roles: node.roles.replace(',', ", "),
        listen: node.listen,
        started: operator.at(node.started_at),
        seen: operator.at(node.seen_at),
        id: node.id,
    }
}

fn checks(operator: &Operator, read: &Read) -> Vec<Check> {
    let installation = &operator.state().installation;
    let store = &operator.state().store;
    let check = |title: &str, found: String, advice: Option<&str>| Check {
        title: operator.say(title),
        found,
        tone: if advice.is_some() { "warn" } else { "good" },
        advice: advice.map(|text| operator.say(text)).unwrap_or_default(),
    };
    let engine = match store.engine() {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    };
    let place = store.file().map(|file| format!(", {}", file.display())).unwrap_or_default();
    let schema = operator.context.words.say_with(
        "settings-schema",
        &[("here", &read.schema.to_string()), ("wanted", &SCHEMA_VERSION.to_string())],
    );
    let keys = operator.state().auth.keys().count();
    let base = operator.state().settings.base.origin();
    let is_local = base.contains("127.0.0.1") || base.contains("localhost") || base.contains("[::1]");
    let unheard = read.unheard.given_up + read.unheard.waiting;
    let mailbox = operator.state().flow.is_mailbox();
    let relay = operator.say(if mailbox { "settings-relay-mailbox" } else { "settings-relay-set" });
    vec![
        check("settings-check-version", installation.version.to_owned(), None),
        check("settings-check-database", format!("{engine}{place}"), None),
        check(
            "settings-check-schema",
            schema,
            (read.schema != SCHEMA_VERSION).then_some("settings-advice-schema"),
        ),
        check(
            "settings-check-keys",
            operator.context.words.say_with(
                "settings-keys",
                &[("n", &keys.to_string()), ("file", installation.keys_file.as_str())],
            ),
            None,
        ),
        check("settings-check-base", base, is_local.then_some("settings-advice-base")),
        check("settings-check-relay", relay, mailbox.then_some("settings-advice-relay")),
        check(
            "settings-check-owners",
            read.owners.to_string(),
            (read.owners < 2).then_some("settings-advice-owners"),
        ),
        check(
            "settings-check-notices",
            operator.fill("settings-notices", "n", &grouped(unheard)),
            (unheard > 0).then_some("settings-advice-notices"),
        ),
        check("settings-check-audit", operator.fill("settings-audit", "n", &grouped(read.audit)), None),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_knows_its_variable_and_its_explanation() {
        assert_eq!(variable("database.url"), "PASSPOST_DATABASE__URL");
        assert_eq!(variable("smtp[0].password_file"), "PASSPOST_SMTP__0__PASSWORD_FILE");
        assert_eq!(variable("base_url"), "PASSPOST_BASE_URL");
        assert_eq!(explained("smtp[12].messages_per_minute"), "setting-smtp-messages-per-minute");
        assert_eq!(explained("base_url"), "setting-base-url");
    }
}
