//! `passpost group`: groups of people.

use super::named::{self, Named};
use crate::clock::{now_ms, randomness};
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::{number, people};
use crate::table::{self, Column};
use domain::id::GroupId;
use domain::role::Permission;
use serde_json::json;
use store::group::{self, Group};
use store::{StoreError, Tx};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// All groups with the number of their members
    List,
    /// Add a group
    Create {
        /// Its unique name
        name: String,
        /// What it is for
        #[arg(long, default_value = "")]
        description: String,
    },
    /// Add people to a group
    Add {
        /// Its name
        name: String,
        /// User names, ids, external ids or addresses
        #[arg(required = true)]
        who: Vec<String>,
    },
    /// Take people out of a group
    Leave {
        /// Its name
        name: String,
        /// User names, ids, external ids or addresses
        #[arg(required = true)]
        who: Vec<String>,
    },
    /// Offer a group at the recipients' own pages, or change how they see it
    Offer {
        /// Its name
        name: String,
        /// What recipients call it; empty: its name
        #[arg(long)]
        title: Option<String>,
        /// What it is, for recipients
        #[arg(long)]
        description: Option<String>,
        /// single, or double: joining has to be confirmed by mail
        #[arg(long)]
        opt_in: Option<OptIn>,
        /// Offer it no longer; who is in it stays in it
        #[arg(long)]
        end: bool,
    },
    /// Remove a group; its people stay
    Remove {
        /// Its name
        name: String,
    },
}

/// How recipients join a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum OptIn {
    Single,
    Double,
}

pub(crate) async fn run(command: Command, context: &Context) -> Outcome {
    match command {
        Command::List => list(context).await,
        Command::Create { name, description } => create(context, name, description).await,
        Command::Add { name, who } => members(context, &name, &who, true).await,
        Command::Leave { name, who } => members(context, &name, &who, false).await,
        Command::Offer { name, title, description, opt_in, end } => {
            let change = |mut offer: group::Offer| {
                offer.subscribable = !end;
                offer.public_title = title.unwrap_or(offer.public_title);
                offer.public_description = description.unwrap_or(offer.public_description);
                offer.double_opt_in = opt_in.map_or(offer.double_opt_in, |one| one == OptIn::Double);
                offer
            };
            offer(context, &name, change).await
        }
        Command::Remove { name } => remove(context, &name).await,
    }
}

async fn list(context: &Context) -> Outcome {
    context.acting(Permission::PeopleView).await?;
    let groups = context.store.read(|tx| Box::pin(group::list(tx))).await?;
    context.out.show(&groups, |groups, out| {
        if groups.is_empty() {
            out.line("There is no group yet. Add one: passpost group create members");
        }
        let rows: Vec<Vec<String>> = groups
            .iter()
            .map(|one| vec![one.group.name.clone(), number(one.members), one.group.description.clone()])
            .collect();
        table::print(
            out,
            &[Column::Left("NAME"), Column::Right("PEOPLE"), Column::Left("DESCRIPTION")],
            &rows,
        );
    });
    Ok(Done::All)
}

async fn create(context: &Context, name: String, description: String) -> Outcome {
    let acting = context.acting(Permission::PeopleEdit).await?;
    let (now, id) = (now_ms(), GroupId::generate(now_ms(), randomness()?));
    let wanted = name.clone();
    context
        .store
        .write(move |tx| {
            Box::pin(async move { group::insert(tx, &acting, id, &wanted, &description, now).await })
        })
        .await?;
    context.out.done(format!("the group {name:?} is there"), &json!({ "id": id, "name": name }));
    Ok(Done::All)
}

async fn members(context: &Context, name: &str, who: &[String], add: bool) -> Outcome {
    let acting = context.acting(Permission::PeopleEdit).await?;
    let id = find(context, name).await?.id;
    let mut ids = Vec::new();
    for one in who {
        ids.push(context.person(one).await?.id);
    }
    let now = now_ms();
    let changed = context
        .store
        .write(move |tx| {
            Box::pin(async move {
                if add {
                    group::add_members(tx, &acting, id, &ids, now).await
                } else {
                    group::remove_members(tx, &acting, id, &ids, now).await
                }
            })
        })
        .await?;
    let changed = i64::try_from(changed).unwrap_or(i64::MAX);
    let text = if add { "added to" } else { "taken out of" };
    context
        .out
        .done(format!("{} {text} {name:?}", people(changed)), &json!({ "group": name, "changed": changed }));
    Ok(Done::All)
}

async fn offer(context: &Context, name: &str, change: impl FnOnce(group::Offer) -> group::Offer) -> Outcome {
    let acting = context.acting(Permission::PeopleEdit).await?;
    let found = find(context, name).await?;
    let (id, now, wanted) = (found.id, now_ms(), change(found.offer));
    let is_offered = wanted.subscribable;
    let changed = context
        .store
        .write(move |tx| Box::pin(async move { group::set_offer(tx, &acting, id, &wanted, now).await }))
        .await?;
    let text = match (changed, is_offered) {
        (false, _) => format!("the group {name:?} stays as it is"),
        (true, true) => format!("the group {name:?} is offered at the recipients' own pages"),
        (true, false) => format!("the group {name:?} is offered no longer; who is in it stays in it"),
    };
    context.out.done(text, &json!({ "group": name, "subscribable": is_offered, "changed": changed }));
    Ok(Done::All)
}

async fn remove(context: &Context, name: &str) -> Outcome {
    let acting = context.acting(Permission::PeopleEdit).await?;
    let (id, now) = (find(context, name).await?.id, now_ms());
    let members = context
        .store
        .write(move |tx| Box::pin(async move { group::remove(tx, &acting, id, now).await }))
        .await?;
    let members = i64::try_from(members).unwrap_or(i64::MAX);
    let text = format!("the group {name:?} is removed; {} stay without it", people(members));
    context.out.done(text, &json!({ "removed": name, "members": members }));
    Ok(Done::All)
}

impl Named for Group {
    const KIND: &'static str = "group";

    fn name(&self) -> String {
        self.name.clone()
    }

    async fn by_name(tx: &mut Tx, name: &str) -> Result<Vec<Self>, StoreError> {
        Ok(group::find_by_name(tx, name).await?.into_iter().collect())
    }

    async fn known(tx: &mut Tx) -> Result<Vec<Self>, StoreError> {
        Ok(group::list(tx).await?.into_iter().map(|one| one.group).collect())
    }
}

/// The group of this name, or what there is instead.
pub(crate) async fn find(context: &Context, name: &str) -> Result<Group, Failure> {
    named::find(context, name).await
}
