//! `passpost key`: the keys programs act with. A token is shown once, when its key is made.

use crate::clock::now_ms;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::{moment, moment_or_dash};
use crate::table::{self, Column};
use crate::wiring;
use auth::api_key::{KeyDraft, KeyError};
use domain::role::Permission;
use serde_json::json;
use store::ChangeError;
use store::api_key::{self, ApiKey, Maker};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make a key and print its token, this once
    Create {
        /// What it is for
        name: String,
        /// The system user whose rights bound it, of the type api or hybrid
        #[arg(long, value_name = "USERNAME")]
        owner: String,
        /// A permission, as in people.view; may be given several times
        #[arg(long = "scope", value_name = "PERMISSION", required = true, value_parser = permission)]
        scopes: Vec<Permission>,
        /// It ends after so many days, at most 366
        #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..=366))]
        days: i64,
    },
    /// All keys
    List {
        /// Also those that are revoked or over
        #[arg(long)]
        all: bool,
    },
    /// Revoke a key, and those made with it: the next request is refused
    Revoke {
        /// Its id, or the first characters of its token as the list shows them
        key: String,
    },
}

fn permission(text: &str) -> Result<Permission, String> {
    Permission::parse(text).ok_or_else(|| {
        let known: Vec<&str> = Permission::ALL.iter().map(|one| one.as_str()).collect();
        format!("expected one of: {}", known.join(", "))
    })
}

pub(crate) async fn run(command: Command, context: &Context) -> Outcome {
    match command {
        Command::Create { name, owner, scopes, days } => create(context, name, &owner, scopes, days).await,
        Command::List { all } => list(context, all).await,
        Command::Revoke { key } => revoke(context, &key).await,
    }
}

async fn create(context: &Context, name: String, owner: &str, scopes: Vec<Permission>, days: i64) -> Outcome {
    let acting = context.acting(Permission::KeysEdit).await?;
    let own = context.own_permissions().await?;
    let owner = context.person(owner).await?;
    let keys = wiring::keys(&context.settings)?;
    let auth = wiring::auth(&context.settings, context.store.clone(), keys)?;
    let now = now_ms();
    let draft = KeyDraft { name, owner_id: owner.id, scopes, expires_at: Some(now + days * 24 * 3_600_000) };
    let maker = Maker { permissions: own.as_deref(), key: None };
    let (key, token) = auth.create_key(&acting, maker, draft, now).await?;
    let shown = json!({ "key": key, "token": token.expose() });
    context.out.show(&shown, |_, out| {
        out.line(token.expose());
        out.line("");
        out.line(format!("  {:?} of {} may: {}", key.name, key.owner, key.scopes.join(", ")));
        out.line(format!(
            "  until {}; passpost key revoke {} ends it before",
            moment(key.expires_at),
            key.hint
        ));
        out.line("  This is the only time the token is shown.");
    });
    Ok(Done::All)
}

async fn list(context: &Context, all: bool) -> Outcome {
    context.acting(Permission::KeysEdit).await?;
    let now = now_ms();
    let mut keys = context.store.read(|tx| Box::pin(api_key::list(tx))).await?;
    keys.retain(|key| all || key.is_live(now));
    context.out.show(&keys, |keys, out| {
        if keys.is_empty() {
            out.line(
                "There is no key. Make one: passpost key create NAME --owner USERNAME --scope people.view",
            );
        }
        let rows: Vec<Vec<String>> = keys
            .iter()
            .map(|key| {
                vec![
                    format!("{}…", key.hint),
                    key.name.clone(),
                    key.owner.clone(),
                    state(key, now),
                    moment_or_dash(key.last_used_at),
                    key.scopes.join(", "),
                ]
            })
            .collect();
        let columns = [
            Column::Whole("KEY"),
            Column::Left("NAME"),
            Column::Left("OWNER"),
            Column::Left("STATE"),
            Column::Left("LAST USED"),
            Column::Left("MAY"),
        ];
        table::print(out, &columns, &rows);
    });
    Ok(Done::All)
}

fn state(key: &ApiKey, now: i64) -> String {
    match key.revoked_at {
        Some(at) => format!("revoked {}", moment(at)),
        None if key.expires_at <= now => format!("over since {}", moment(key.expires_at)),
        None => format!("until {}", moment(key.expires_at)),
    }
}

async fn revoke(context: &Context, which: &str) -> Outcome {
    let acting = context.acting(Permission::KeysEdit).await?;
    let keys = context.store.read(|tx| Box::pin(api_key::list(tx))).await?;
    let wanted = which.trim_end_matches('…');
    let fits = |key: &&ApiKey| key.id.to_string() == wanted || key.hint == wanted;
    let found: Vec<&ApiKey> = keys.iter().filter(fits).collect();
    let (id, name) = match found.as_slice() {
        [one] => (one.id, one.name.clone()),
        [] => {
            let hints: Vec<String> = keys.into_iter().map(|key| key.hint).collect();
            return Err(Failure::unknown("key", which, &hints));
        }
        several => {
            let ids: Vec<String> = several.iter().map(|key| key.id.to_string()).collect();
            return Err(Failure::usage(format!("several keys begin with {wanted}"))
                .hint(format!("use an id: {}", ids.join(", "))));
        }
    };
    let now = now_ms();
    let revoked = context
        .store
        .write(move |tx| Box::pin(async move { api_key::revoke(tx, &acting, id, now).await }))
        .await?;
    let text = match revoked {
        0 => format!("the key {name:?} was revoked already"),
        1 => format!("the key {name:?} opens nothing any more"),
        more => format!("the key {name:?} opens nothing any more, nor do {} made with it", more - 1),
    };
    context.out.done(text, &json!({ "id": id, "revoked": revoked }));
    Ok(Done::All)
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Change(ChangeError::Store(error)) => error.into(),
            KeyError::Change(ChangeError::Refused(refusal)) => Self::usage(refusal),
            KeyError::Auth(error) => Self::failed(error),
        }
    }
}
