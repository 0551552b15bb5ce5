//! The disk: data folder, keys, database.

use super::Finding;
use crate::clock::now_ms;
use crate::node::SILENT_MS;
use crate::output::moment;
use crate::settings::Settings;
use auth::keys::Keys;
use domain::language::Language;
use flow::template::{self, Parts, SaveError};
use mail::TemplateKind;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};
use store::{Location, SCHEMA_VERSION, Store};

pub(super) fn folder(settings: &Settings) -> Finding {
    let path = &settings.server.data_dir;
    let shown = path.display();
    let Ok(metadata) = std::fs::metadata(path) else {
        return Finding::warning(
            "data folder",
            format!("{shown} is not there yet"),
            "the first start makes it",
        );
    };
    if !metadata.is_dir() {
        return Finding::problem(
            "data folder",
            format!("{shown} is not a folder"),
            "name another one with data_dir",
        );
    }
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
        if mode & 0o077 != 0 {
            return Finding::warning(
                "data folder",
                format!("{shown} can be read by other users (mode {mode:04o})"),
                format!("chmod 700 {shown}"),
            );
        }
    }
    match write_speed(path) {
        Ok(each) if each > Duration::from_millis(50) => Finding::warning(
            "data folder",
            format!("{shown}: a safe write takes {} ms", each.as_millis()),
            "runs will be slow here; use a local disk, an SSD if there is one",
        ),
        Ok(each) => Finding::ok(
            "data folder",
            format!("{shown}; a safe write takes {:.1} ms", each.as_secs_f64() * 1e3),
        ),
        Err(error) => Finding::problem(
            "data folder",
            format!("{shown} cannot be written to: {error}"),
            "give it to the user this program runs as, and see that the disk is not full",
        ),
    }
}

/// How long one small write takes until it is on the disk.
fn write_speed(folder: &Path) -> std::io::Result<Duration> {
    const WRITES: u32 = 8;
    let path = folder.join(format!("doctor-{}", std::process::id()));
    let mut file = std::fs::File::create_new(&path)?;
    let began = Instant::now();
    let written = (0..WRITES).try_for_each(|_| {
        file.write_all(&[0; 4096])?;
        file.sync_data()
    });
    let took = began.elapsed();
    std::fs::remove_file(&path)?;
    written.map(|()| took / WRITES)
}

pub(super) fn keys(settings: &Settings) -> Finding {
    let path = &settings.keys_file;
    if !path.exists() {
        return Finding::warning(
            "keys",
            format!("{} is not there yet", path.display()),
            "the first start makes it; if there are passwords already, restore it from your backup",
        );
    }
    match Keys::read(path) {
        Ok(keys) => {
            let count = match keys.count() {
                1 => "1 key".to_owned(),
                several => format!("{several} keys"),
            };
            Finding::ok("keys", format!("{} holds {count}; keep a copy elsewhere", path.display()))
        }
        Err(error) => Finding::problem("keys", error.to_string(), "nothing starts without the server keys"),
    }
}

pub(super) async fn database(settings: &Settings) -> Vec<Finding> {
    if let Location::Sqlite(path) = &settings.database
        && !path.exists()
    {
        let text = format!("{} is not there yet", path.display());
        return vec![Finding::warning(
            "database",
            text,
            "the first start makes it; or run `passpost migrate`",
        )];
    }
    let store = match Store::open(&settings.database).await {
        Ok(store) => store,
        Err(error) => {
            return vec![Finding::problem(
                "database",
                error.to_string(),
                "check database.url and that the server runs",
            )];
        }
    };
    let mut findings = vec![schema(&store).await];
    findings.extend(clock(&store).await);
    findings.extend(worker(&store).await);
    findings.extend(owner(&store).await);
    findings.extend(templates(&store).await);
    findings.extend(notices(&store).await);
    findings.extend(account_mails(&store).await);
    findings
}

async fn schema(store: &Store) -> Finding {
    let engine = store.engine().name();
    let version = match store.schema_version().await {
        Ok(version) => version,
        Err(error) => return Finding::problem("database", error.to_string(), "see docs/errors.md"),
    };
    if version < SCHEMA_VERSION {
        let text = format!("{engine}, schema version {version}; this program needs {SCHEMA_VERSION}");
        return Finding::problem(
            "database",
            text,
            "make a copy with `passpost backup FILE`, then `passpost migrate`",
        );
    }
    match store.check_schema().await {
        Ok(()) => Finding::ok("database", format!("{engine}, schema version {version}")),
        Err(error) => Finding::problem("database", error.to_string(), "see docs/errors.md"),
    }
}

/// A machine whose clock is far from the database's, which all nodes go by.
async fn clock(store: &Store) -> Option<Finding> {
    crate::clock::follow(store).await.ok()?;
    let ahead = crate::clock::ahead_ms();
    (ahead.abs() > 2_000).then(|| {
        let way = if ahead > 0 { "behind" } else { "ahead of" };
        Finding::warning(
            "database clock",
            format!(
                "this machine is {:.1} s {way} the database server, whose time counts",
                ahead.abs() as f64 / 1e3
            ),
            "set both clocks, best by NTP (timedatectl set-ntp true)",
        )
    })
}

async fn worker(store: &Store) -> Option<Finding> {
    let since = now_ms() - 24 * 3_600_000;
    let nodes = store.read(move |tx| Box::pin(store::node::list(tx, since))).await.ok()?;
    let alive = nodes.iter().filter(|node| node.seen_at > now_ms() - SILENT_MS).count();
    let last = nodes.iter().map(|node| node.seen_at).max();
    Some(match (alive, last) {
        (0, None) => {
            Finding::warning("server", "none has run in the last 24 hours", "start it: passpost serve")
        }
        (0, Some(last)) => Finding::warning(
            "server",
            format!("none runs now; one was last heard of {}", moment(last)),
            "start it: passpost serve",
        ),
        (1, _) => Finding::ok("server", "one process runs"),
        (several, _) => Finding::ok("server", format!("{several} processes run")),
    })
}

/// Templates that an older version let through would pause the next run.
async fn templates(store: &Store) -> Option<Finding> {
    let mut refused = Vec::new();
    for kind in TemplateKind::ALL {
        for language in Language::ALL {
            match template::check(store, kind, language, &Parts::default()).await {
                Ok(()) => {}
                Err(SaveError::Refused(_)) => refused.push(format!("{} in {language}", kind.as_str())),
                Err(SaveError::Store(_)) => return None,
            }
        }
    }
    Some(if refused.is_empty() {
        Finding::ok("templates", "everything in them is allowed")
    } else {
        let found = format!("{} would pause the next run", refused.join(", "));
        Finding::problem("templates", found, "`passpost template check` names the places")
    })
}

async fn owner(store: &Store) -> Option<Finding> {
    let owners = store.read(|tx| Box::pin(store::person::owners_count(tx))).await.ok()?;
    Some(match owners {
        0 => {
            Finding::warning("Owner", "there is none yet", "passpost setup prints the link for the first one")
        }
        1 => Finding::warning(
            "Owner",
            "there is only one; nobody could let you in if that password were lost",
            "make a second one: passpost user create … --role Owner",
        ),
        several => Finding::ok("Owner", format!("{several} of them")),
    })
}

/// Notices nobody got: given up in the last 30 days, or waiting for more than an hour.
/// Whoever asked for a link waits for it.
async fn account_mails(store: &Store) -> Option<Finding> {
    let now = now_ms();
    let found = store
        .read(move |tx| Box::pin(async move { store::account_mail_view::trouble(tx, now).await }))
        .await
        .ok()?;
    if found.is_none() {
        return Some(Finding::ok("account mails", "people got the links they asked for"));
    }
    let since = found.since.map_or_else(String::new, |at| format!(", the first at {}", moment(at)));
    let cause = found.last_cause.map_or_else(String::new, |cause| format!("; the last: {cause}"));
    Some(Finding::warning(
        "account mails",
        format!(
            "{} given up and {} came back in the last 7 days, {} waiting for more than 5 minutes{since}{cause}",
            found.given_up, found.bounced, found.waiting
        ),
        "passpost account-mail list --trouble says which; see that a worker runs and the relay takes mail",
    ))
}

async fn notices(store: &Store) -> Option<Finding> {
    let now = now_ms();
    let unheard = store
        .read(move |tx| {
            Box::pin(async move {
                store::notice::count_unheard(tx, now - 30 * 24 * 3_600_000, now - 3_600_000).await
            })
        })
        .await
        .ok()?;
    let many = |count: i64| if count == 1 { "1 notice".to_owned() } else { format!("{count} notices") };
    let to_do =
        "passpost notice list --undelivered says why; passpost notice retry mails those given up again";
    Some(match (unheard.given_up, unheard.waiting) {
        (0, 0) => Finding::ok("notices", "operators got what they were to be told"),
        (0, waiting) => Finding::warning(
            "notices",
            format!("{} to operators waiting for more than an hour", many(waiting)),
            to_do,
        ),
        (given_up, _) => Finding::warning(
            "notices",
            format!("{} to operators given up in the last 30 days", many(given_up)),
            to_do,
        ),
    })
}
