//! `passpost selection`: saved filters over people.

mod change;

use super::archive::{self, Kept};
use super::named::{self, Named};
use crate::clock::now_ms;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::{moment, people};
use crate::table::{self, Column};
use domain::role::Permission;
use domain::selection::Selection;
use serde_json::json;
use store::recipient::Audience;
use store::selection::{self, Draft, EditError};
use store::{StoreError, Tx};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Save a filter under a name
    Create {
        /// Its name
        name: String,
        /// The filter, as in: groups.name eq "members" and last_login_at lt "now-90d"
        #[arg(long)]
        filter: String,
        /// What it is for
        #[arg(long, default_value = "")]
        description: String,
        /// At most so many people
        #[arg(long, value_name = "PEOPLE")]
        limit: Option<i64>,
        /// The zone that "today" means [default: mail.time_zone]
        #[arg(long, value_name = "ZONE")]
        zone: Option<String>,
        /// Publish it at once, so that it can be used
        #[arg(long)]
        publish: bool,
    },
    /// All selections
    List {
        /// Those in the archive
        #[arg(long)]
        archived: bool,
    },
    /// One selection, and where it is used
    Show {
        /// Its name
        name: String,
    },
    /// How many people a selection or a filter finds now
    Count(Which),
    /// Some of the people a selection or a filter finds now
    Sample {
        #[command(flatten)]
        which: Which,
        /// How many people
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        people: i64,
    },
    /// Change a selection; what is not given stays
    Edit {
        /// Its name
        name: String,
        #[command(flatten)]
        change: change::Change,
    },
    /// Make a draft that is like another selection
    Copy {
        /// The name of the one that is there
        name: String,
        /// The name of the copy
        copy: String,
    },
    /// Check a draft's filter and let it be used
    Publish {
        /// Its name
        name: String,
    },
    /// Put a selection away; it can no longer be used
    Archive {
        /// Its name
        name: String,
        /// Take it out of the archive again
        #[arg(long)]
        undo: bool,
    },
    /// Remove a selection that nothing uses
    Remove {
        /// Its name
        name: String,
    },
    /// The attributes a filter may name
    Attributes,
}

/// A saved selection, or a filter to try out.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Which {
    /// The name of a selection
    name: Option<String>,
    /// A filter to try out
    #[arg(long)]
    filter: Option<String>,
}

pub(crate) async fn run(command: Command, context: &Context) -> Outcome {
    match command {
        Command::Create { name, filter, description, limit, zone, publish } => {
            let time_zone = zone.unwrap_or_else(|| context.settings.mail.time_zone.clone());
            change::create(
                context,
                Draft { name, description, filter, size_limit: limit, time_zone },
                publish,
            )
            .await
        }
        Command::List { archived } => list(context, archived).await,
        Command::Show { name } => show(context, &name).await,
        Command::Count(which) => count(context, &which).await,
        Command::Sample { which, people } => sample(context, &which, people).await,
        Command::Edit { name, change } => change::edit(context, &name, change).await,
        Command::Copy { name, copy } => change::copy(context, &name, copy).await,
        Command::Publish { name } => change::publish(context, &name).await,
        Command::Archive { name, undo } => archive::put_away::<Selection>(context, &name, !undo).await,
        Command::Remove { name } => archive::remove::<Selection>(context, &name).await,
        Command::Attributes => attributes(context).await,
    }
}

async fn list(context: &Context, archived: bool) -> Outcome {
    context.acting(Permission::SelectionsView).await?;
    let found = context.store.read(move |tx| Box::pin(selection::list(tx, Some(archived)))).await?;
    context.out.show(&found, |found, out| {
        if found.is_empty() {
            out.line(if archived { "The archive is empty." } else { "There is no selection yet. Save one:" });
            if !archived {
                out.line(
                    "  passpost selection create Members --filter 'groups.name eq \"members\"' --publish",
                );
            }
        }
        let rows: Vec<Vec<String>> =
            found.iter().map(|one| vec![one.name.clone(), state(one).into(), one.filter.clone()]).collect();
        table::print(out, &[Column::Left("NAME"), Column::Left("STATE"), Column::Left("FILTER")], &rows);
    });
    Ok(Done::All)
}

const fn state(one: &Selection) -> &'static str {
    match (one.archived, one.published) {
        (true, _) => "archived",
        (false, true) => "published",
        (false, false) => "draft",
    }
}

async fn show(context: &Context, name: &str) -> Outcome {
    context.acting(Permission::SelectionsView).await?;
    let one = find(context, name).await?;
    let id = one.id;
    let used = context.store.read(move |tx| Box::pin(selection::where_used(tx, id))).await?;
    let used: Vec<String> = used.iter().map(ToString::to_string).collect();
    if context.out.is_json() {
        context.out.document(&json!({ "selection": one, "used_by": used }));
        return Ok(Done::All);
    }
    context.out.heading(&one.name);
    context.out.facts(&[
        ("State", state(&one).into()),
        ("Filter", one.filter.clone()),
        ("Description", one.description.clone()),
        ("At most", one.size_limit.map_or_else(|| "everyone it finds".into(), people)),
        ("Time zone", one.time_zone.clone()),
        ("Changed", moment(one.updated_at)),
        ("Used by", if used.is_empty() { "nothing".into() } else { used.join(", ") }),
    ]);
    Ok(Done::All)
}

async fn count(context: &Context, which: &Which) -> Outcome {
    context.acting(Permission::SelectionsView).await?;
    let audience = audience(context, which).await?;
    let found =
        context.store.read(move |tx| Box::pin(async move { selection::count(tx, &audience).await })).await?;
    context.out.show(&json!({ "people": found }), |_, out| out.line(people(found)));
    Ok(Done::All)
}

async fn sample(context: &Context, which: &Which, limit: i64) -> Outcome {
    context.acting(Permission::PeopleView).await?;
    let audience = audience(context, which).await?;
    let found = context
        .store
        .read(move |tx| {
            Box::pin(async move {
                let ids = selection::sample(tx, &audience, limit).await?;
                store::person::list_by_ids(tx, &ids).await
            })
        })
        .await?;
    super::people::print(&context.out, &found, "The filter finds nobody.");
    Ok(Done::All)
}

/// Whom a saved selection or a typed filter finds.
async fn audience(context: &Context, which: &Which) -> Result<Audience, Failure> {
    let (filter, zone, limit) = match (&which.name, &which.filter) {
        (Some(name), _) => {
            let one = find(context, name).await?;
            (one.filter, one.time_zone, one.size_limit)
        }
        (None, filter) => (filter.clone().unwrap_or_default(), context.settings.mail.time_zone.clone(), None),
    };
    let mut audience = read_filter(context, filter, zone).await?;
    audience.size_limit = limit;
    Ok(audience)
}

/// Reads a filter; what is wrong with it is shown with its place.
pub(crate) async fn read_filter(
    context: &Context,
    filter: String,
    zone: String,
) -> Result<Audience, Failure> {
    let now = now_ms();
    let read = context
        .store
        .read(move |tx| Box::pin(async move { selection::read_filter(tx, &filter, &zone, now).await }))
        .await?;
    read.map_err(|problem| {
        Failure::usage(problem).hint("`passpost selection attributes` lists what a filter may name")
    })
}

async fn attributes(context: &Context) -> Outcome {
    let custom = context.store.read(|tx| Box::pin(selection::attributes(tx))).await?;
    let entries = domain::filter::Catalogue::new(custom).entries();
    context.out.show(&entries, |entries, out| {
        let rows: Vec<Vec<String>> = entries
            .iter()
            .map(|entry| vec![entry.name.clone(), entry.description.clone(), entry.example.clone()])
            .collect();
        table::print(
            out,
            &[Column::Left("NAME"), Column::Left("WHAT IT SAYS"), Column::Left("EXAMPLE")],
            &rows,
        );
    });
    Ok(Done::All)
}

impl Named for Selection {
    const KIND: &'static str = "selection";

    fn name(&self) -> String {
        self.name.clone()
    }

    async fn by_name(tx: &mut Tx, name: &str) -> Result<Vec<Self>, StoreError> {
        Ok(selection::find(tx, name).await?.into_iter().collect())
    }

    async fn known(tx: &mut Tx) -> Result<Vec<Self>, StoreError> {
        selection::list(tx, None).await
    }
}

impl Kept for Selection {
    const NEEDS: Permission = Permission::SelectionsEdit;
}

/// The selection of this name, or what there is instead.
pub(crate) async fn find(context: &Context, name: &str) -> Result<Selection, Failure> {
    named::find(context, name).await
}

impl From<EditError> for Failure {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Store(error) => error.into(),
            EditError::Filter(problem) => {
                Self::usage(problem).hint("`passpost selection attributes` lists what a filter may name")
            }
            other => Self::usage(other),
        }
    }
}
