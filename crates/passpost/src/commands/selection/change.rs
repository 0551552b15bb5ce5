//! Changing selections: create, edit, copy, publish.

use super::find;
use crate::clock::{now_ms, randomness};
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use domain::id::SelectionId;
use domain::role::Permission;
use store::selection::{self, Draft};

/// What may change of a selection.
#[derive(Debug, clap::Args)]
pub(crate) struct Change {
    /// Another name; refused while other selections reuse it by this one
    #[arg(long = "name", value_name = "NAME")]
    new_name: Option<String>,
    /// Another filter
    #[arg(long)]
    filter: Option<String>,
    /// What it is for
    #[arg(long)]
    description: Option<String>,
    /// At most so many people; 0: everyone it finds
    #[arg(long, value_name = "PEOPLE", value_parser = clap::value_parser!(i64).range(0..))]
    limit: Option<i64>,
    /// The zone that "today" means
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Answer for it alone: whoever edited it before no longer bounds the runs that use it
    #[arg(long)]
    alone: bool,
}

pub(super) async fn create(context: &Context, draft: Draft, publish: bool) -> Outcome {
    let acting = context.acting_person(Permission::SelectionsEdit).await?;
    let (now, id) = (now_ms(), SelectionId::generate(now_ms(), randomness()?));
    let saved = context
        .store
        .write(move |tx| {
            Box::pin(async move {
                let saved = selection::insert(tx, &acting, id, &draft, now).await?;
                if publish { selection::publish(tx, &acting, id, now).await } else { Ok(saved) }
            })
        })
        .await?;
    let state = if saved.published { "published" } else { "a draft" };
    context.out.done(format!("the selection {:?} is {state}", saved.name), &saved);
    if !saved.published {
        let read = super::read_filter(context, saved.filter.clone(), saved.time_zone.clone()).await;
        if let Err(problem) = read {
            context.out.note(format!("Its filter is not right yet:\n{}", problem.text()));
        }
        context.out.note(format!(
            "Look at it with `passpost selection count {0:?}`, then `passpost selection publish {0:?}`.",
            saved.name
        ));
    }
    Ok(Done::All)
}

pub(super) async fn edit(context: &Context, name: &str, change: Change) -> Outcome {
    // Naming what is wrong with a filter, and printing what was saved, show it.
    context.acting(Permission::SelectionsView).await?;
    let acting = context.acting_person(Permission::SelectionsEdit).await?;
    let Change { new_name, filter, description, limit, zone, alone } = change;
    if !alone && [&new_name, &filter, &description, &zone].iter().all(|one| one.is_none()) && limit.is_none()
    {
        return Err(Failure::usage("nothing was given to change")
            .hint("`passpost selection edit --help` lists what can be changed"));
    }
    let size_limit = limit.map(|limit| (limit > 0).then_some(limit));
    let change = selection::Change { name: new_name, description, filter, size_limit, time_zone: zone };
    let (id, now) = (find(context, name).await?.id, now_ms());
    let saved = context
        .store
        .write(move |tx| {
            let change = change.clone();
            Box::pin(async move { selection::update(tx, &acting, id, change, alone, now).await })
        })
        .await?;
    context.out.done(format!("the selection {:?} is saved", saved.name), &saved);
    Ok(Done::All)
}

pub(super) async fn copy(context: &Context, name: &str, copy: String) -> Outcome {
    context.acting(Permission::SelectionsView).await?;
    let like = find(context, name).await?;
    let draft = Draft {
        name: copy,
        description: like.description,
        filter: like.filter,
        size_limit: like.size_limit,
        time_zone: like.time_zone,
    };
    create(context, draft, false).await
}

pub(super) async fn publish(context: &Context, name: &str) -> Outcome {
    let acting = context.acting_person(Permission::SelectionsEdit).await?;
    let (id, now) = (find(context, name).await?.id, now_ms());
    let saved = context
        .store
        .write(move |tx| Box::pin(async move { selection::publish(tx, &acting, id, now).await }))
        .await?;
    context.out.done(format!("the selection {:?} is published", saved.name), &saved);
    Ok(Done::All)
}
