//! `passpost limits`: what is used up of the limits on guessing and asking, and clearing it.

use crate::clock::now_ms;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::moment;
use crate::table::{self, Column};
use crate::wiring;
use auth::limit_care::{LimitCare, read_network};
use clap::Args;
use domain::address::Address;
use domain::limit::{Fill, Level};
use domain::role::Permission;
use serde_json::json;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// How far limits are used up: of a person, a mailbox, a network, or of everybody together
    Show(Whose),
    /// Clear the limits of a person, a mailbox or a network
    Clear(Whose),
}

/// Whose limits.
#[derive(Debug, Args)]
pub(crate) struct Whose {
    /// Of this person and the person's mailbox: a user name, id, external id or address
    #[arg(long, conflicts_with_all = ["address", "network"])]
    person: Option<String>,
    /// Of mails with links to this address
    #[arg(long, conflicts_with = "network")]
    address: Option<String>,
    /// Of requests from this IP address; all of an IPv6 network of 64 bits are one
    #[arg(long)]
    network: Option<String>,
}

/// Whose, read.
#[derive(Debug, Clone)]
enum Of {
    Person(Box<domain::person::Person>),
    Mailbox(Address),
    Network(String),
}

impl Of {
    async fn read(whose: &Whose, context: &Context) -> Result<Option<Self>, Failure> {
        if let Some(who) = &whose.person {
            return Ok(Some(Self::Person(Box::new(context.person(who).await?))));
        }
        if let Some(text) = &whose.address {
            return Ok(Some(Self::Mailbox(Address::parse(text).map_err(Failure::usage)?)));
        }
        let Some(text) = &whose.network else { return Ok(None) };
        let network = read_network(text).ok_or_else(|| {
            Failure::usage(format!("{text:?} is no network"))
                .hint("name an address such as 192.0.2.7 or 2001:db8:1:2::7, or 2001:db8:1:2::/64")
        })?;
        Ok(Some(Self::Network(network)))
    }

    fn name(&self) -> String {
        match self {
            Self::Person(person) => person.username.clone(),
            Self::Mailbox(address) => address.as_given().to_owned(),
            Self::Network(network) => network.clone(),
        }
    }
}

pub(crate) async fn run(command: Command, context: &Context) -> Outcome {
    let keys = wiring::keys(&context.settings)?;
    let auth = wiring::auth(&context.settings, context.store.clone(), keys)?;
    match command {
        Command::Show(whose) => match Of::read(&whose, context).await? {
            Some(of) => show(context, auth.limit_care(), of).await,
            None => lane(context, &auth).await,
        },
        Command::Clear(whose) => match Of::read(&whose, context).await? {
            Some(of) => clear(context, auth.limit_care(), of).await,
            None => Err(Failure::usage("nothing is named whose limits shall be cleared").hint(
                "add --person, --address or --network; the limit of everybody frees itself within a second",
            )),
        },
    }
}

async fn show(context: &Context, care: LimitCare, of: Of) -> Outcome {
    let needs = match of {
        Of::Person(_) | Of::Mailbox(_) => Permission::PeopleView,
        Of::Network(_) => Permission::SettingsEdit,
    };
    context.acting(needs).await?;
    let (now, name) = (now_ms(), of.name());
    let fills = context
        .store
        .read::<_, store::StoreError, _>(move |tx| {
            Box::pin(async move {
                match &of {
                    Of::Person(person) => care.of_person(tx, person, now).await,
                    Of::Mailbox(address) => care.of_mailbox(tx, address, now).await,
                    Of::Network(network) => care.of_network(tx, network, now).await,
                }
            })
        })
        .await?;
    context.out.show(&json!({ "of": name, "limits": fills }), |_, out| print(out, &fills));
    Ok(Done::All)
}

fn print(out: &crate::output::Output, fills: &[Fill]) {
    let rows: Vec<Vec<String>> = fills
        .iter()
        .map(|fill| {
            let frees = match (fill.frees_at, fill.level) {
                (Some(at), _) if fill.used > 0 => moment(at),
                (None, Level::Full) => "not by itself".into(),
                _ => String::new(),
            };
            vec![
                fill.kind.as_str().replace('_', " "),
                fill.used.to_string(),
                fill.most.to_string(),
                fill.level.as_str().to_owned(),
                frees,
            ]
        })
        .collect();
    let columns = [
        Column::Left("LIMIT"),
        Column::Right("USED"),
        Column::Right("MOST"),
        Column::Whole("LEVEL"),
        Column::Whole("FREE AT"),
    ];
    table::print(out, &columns, &rows);
}

async fn lane(context: &Context, auth: &auth::Auth) -> Outcome {
    context.acting(Permission::SettingsEdit).await?;
    let (care, now) = (auth.limit_care(), now_ms());
    let is_recent = auth.is_mailing_recent(now).await.map_err(Failure::failed)?;
    let lane = context
        .store
        .read::<_, store::StoreError, _>(move |tx| Box::pin(async move { care.of_everybody(tx, now).await }))
        .await?;
    let shown = json!({
        "requests": lane.requests,
        "waiting": lane.waiting,
        "oldest_at": lane.oldest_at,
        "mailing_recent": is_recent,
    });
    context.out.show(&shown, |_, out| {
        print(out, &[lane.requests]);
        let since =
            lane.oldest_at.map_or_else(String::new, |at| format!(", the oldest since {}", moment(at)));
        out.line(format!("{} mails about accounts wait or are on their way{since}", lane.waiting));
        if is_recent {
            out.line("a mailing is recent: more requests are allowed to each network");
        }
    });
    Ok(Done::All)
}

async fn clear(context: &Context, care: LimitCare, of: Of) -> Outcome {
    let needs = match of {
        Of::Person(_) | Of::Mailbox(_) => Permission::PeopleEdit,
        Of::Network(_) => Permission::SettingsEdit,
    };
    let acting = context.acting(needs).await?;
    let (now, name) = (now_ms(), of.name());
    let changed = context
        .store
        .write(move |tx| {
            Box::pin(async move {
                match &of {
                    Of::Person(one) => care.clear_person(tx, &acting, one.id, now).await,
                    Of::Mailbox(address) => care.clear_mailbox(tx, &acting, address, now).await,
                    Of::Network(network) => care.clear_network(tx, &acting, network, now).await,
                }
            })
        })
        .await?;
    let text = if changed { "the limits are cleared" } else { "nothing was counted" };
    context.out.done(format!("{name}: {text}"), &json!({ "of": name, "cleared": changed }));
    Ok(Done::All)
}
