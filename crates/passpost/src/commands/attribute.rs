//! `passpost attribute`: what is known of people besides names and addresses.

use super::named::{self, Named};
use crate::clock::now_ms;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::number;
use crate::table::{self, Column};
use domain::person::AttributeKind;
use domain::preference::AttributeUse;
use domain::role::Permission;
use serde_json::json;
use store::attribute::{self, Attribute};
use store::{ChangeError, StoreError, Tx};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// All custom attributes
    List,
    /// Define an attribute; its kind never changes
    Create {
        /// Its name, as filters and imports write it after "attributes."
        name: String,
        /// string, number, boolean or date_time
        #[arg(value_parser = kind)]
        kind: AttributeKind,
        /// As people see it
        #[arg(long, default_value = "")]
        label: String,
        /// What recipients may do with their own value: hidden, see or edit
        #[arg(long, default_value = "hidden", value_parser = recipients)]
        recipients: AttributeUse,
    },
    /// Say what recipients may do with their own value
    Set {
        /// Its name
        name: String,
        /// hidden, see or edit
        #[arg(long, value_parser = recipients)]
        recipients: AttributeUse,
    },
    /// Remove an attribute with everybody's values
    Remove {
        /// Its name
        name: String,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

fn kind(text: &str) -> Result<AttributeKind, String> {
    AttributeKind::parse(&text.replace('-', "_"))
        .ok_or_else(|| format!("expected string, number, boolean or date_time, not {text:?}"))
}

fn recipients(text: &str) -> Result<AttributeUse, String> {
    AttributeUse::parse(text).ok_or_else(|| format!("expected hidden, see or edit, not {text:?}"))
}

pub(crate) async fn run(command: Command, context: &Context) -> Outcome {
    match command {
        Command::List => list(context).await,
        Command::Create { name, kind, label, recipients } => {
            create(context, name, kind, label, recipients).await
        }
        Command::Set { name, recipients } => set(context, name, recipients).await,
        Command::Remove { name, yes } => remove(context, name, yes).await,
    }
}

async fn list(context: &Context) -> Outcome {
    context.acting(Permission::PeopleView).await?;
    let all = context.store.read(|tx| Box::pin(attribute::list(tx))).await?;
    context.out.show(&all, |all, out| {
        if all.is_empty() {
            out.line("There is no custom attribute yet. Define one: passpost attribute create tier string");
        }
        let rows: Vec<Vec<String>> = all
            .iter()
            .map(|one| {
                vec![
                    format!("attributes.{}", one.name),
                    one.kind.as_str().into(),
                    one.recipients.as_str().into(),
                    one.label.clone(),
                ]
            })
            .collect();
        table::print(
            out,
            &[
                Column::Left("NAME IN FILTERS"),
                Column::Left("KIND"),
                Column::Left("RECIPIENTS"),
                Column::Left("LABEL"),
            ],
            &rows,
        );
    });
    Ok(Done::All)
}

async fn create(
    context: &Context,
    name: String,
    kind: AttributeKind,
    label: String,
    recipients: AttributeUse,
) -> Outcome {
    let acting = context.acting(Permission::SettingsEdit).await?;
    let now = now_ms();
    let label = if label.is_empty() { name.clone() } else { label };
    let name = context
        .store
        .write(move |tx| {
            Box::pin(async move {
                let name = attribute::insert(tx, &acting, &name, kind, &label, now).await?;
                attribute::set_use(tx, &acting, &name, recipients, now).await?;
                Ok::<_, ChangeError>(name)
            })
        })
        .await?;
    let text = format!("the attribute {name:?} is there; filters call it attributes.{name}");
    context.out.done(text, &json!({ "name": name, "kind": kind.as_str() }));
    Ok(Done::All)
}

async fn set(context: &Context, name: String, recipients: AttributeUse) -> Outcome {
    let acting = context.acting(Permission::SettingsEdit).await?;
    let name = find(context, &name).await?;
    let (wanted, now) = (name.clone(), now_ms());
    let changed = context
        .store
        .write(move |tx| {
            Box::pin(async move { attribute::set_use(tx, &acting, &wanted, recipients, now).await })
        })
        .await?;
    let text = match recipients {
        AttributeUse::Hidden => "recipients do not see it",
        AttributeUse::See => "recipients see it",
        AttributeUse::Edit => "recipients see and change it",
    };
    let json = json!({ "name": name, "recipients": recipients.as_str(), "changed": changed });
    context.out.done(format!("the attribute {name:?}: {text}"), &json);
    Ok(Done::All)
}

impl Named for Attribute {
    const KIND: &'static str = "attribute";

    fn name(&self) -> String {
        self.name.clone()
    }

    async fn by_name(tx: &mut Tx, name: &str) -> Result<Vec<Self>, StoreError> {
        Ok(attribute::find(tx, name).await?.into_iter().collect())
    }

    async fn known(tx: &mut Tx) -> Result<Vec<Self>, StoreError> {
        attribute::list(tx).await
    }
}

/// The name of an attribute as it is stored.
async fn find(context: &Context, name: &str) -> Result<String, Failure> {
    Ok(named::find::<Attribute>(context, &name.to_ascii_lowercase()).await?.name)
}

async fn remove(context: &Context, name: String, yes: bool) -> Outcome {
    let acting = context.acting(Permission::SettingsEdit).await?;
    let name = find(context, &name).await?;
    if !yes {
        return Err(Failure::usage(format!("removing {name:?} takes everybody's value away, for good"))
            .hint("add --yes"));
    }
    let (wanted, now) = (name.clone(), now_ms());
    let values = context
        .store
        .write(move |tx| Box::pin(async move { attribute::remove(tx, &acting, &wanted, now).await }))
        .await?;
    let values = i64::try_from(values).unwrap_or(i64::MAX);
    context.out.done(
        format!("the attribute {name:?} is removed with {} values", number(values)),
        &json!({ "removed": name, "values": values }),
    );
    Ok(Done::All)
}
