//! Approval by a second operator: what a run that writes to many people needs before it begins.

use super::{find, title};
use crate::clock::now_ms;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::{moment_or_dash, people};
use crate::watch;
use crate::wiring;
use domain::id::AutomationId;
use domain::role::Permission;
use flow::{Approval, StartError};
use serde_json::json;
use store::automation::Automation;

pub(super) async fn approve(context: &Context, which: &str, digest: Option<String>) -> Outcome {
    let acting = context.acting_person(Permission::MailingsApprove).await?;
    let one = find(context, which).await?;
    let flow = watch::flow(context, None)?;
    let approval = flow.approve(one.id, &acting, digest).await?;
    let today = if one.is_of_events() {
        String::new()
    } else {
        let found = flow.preview(one.id, None, 0).await?;
        format!("for {} today, and ", people(found.counts.would_receive))
    };
    context.out.done(
        format!(
            "{} is approved by {}, as it is now: {today}for all its runs until it is changed",
            title(&one),
            approval.approver.as_deref().unwrap_or_default(),
        ),
        &approval,
    );
    if approval.above.is_none() {
        context
            .out
            .note("No run of it needs an approval: limits.approve_above is 0 and it has no rule of its own.");
    }
    Ok(Done::All)
}

pub(super) async fn unapprove(context: &Context, which: &str) -> Outcome {
    let acting = context.acting_person(Permission::MailingsApprove).await?;
    let one = find(context, which).await?;
    watch::flow(context, None)?.unapprove(one.id, &acting).await?;
    context.out.done(
        format!("{} is not approved any more", title(&one)),
        &json!({ "number": one.number, "approved": false }),
    );
    let id = one.id;
    let open =
        context.store.read(move |tx| Box::pin(async move { store::run::has_open(tx, id).await })).await?;
    if open {
        context
            .out
            .note("A run of it is under way and goes on: `passpost run list`, then pause or cancel it.");
    }
    Ok(Done::All)
}

/// How the approval of an automation stands; `None`: it cannot run as it is, so there is nothing to approve.
pub(super) async fn standing(context: &Context, id: AutomationId) -> Result<Option<Approval>, Failure> {
    let limits = wiring::limits(&context.settings);
    match Approval::read(&context.store, id, None, &limits, now_ms()).await {
        Ok(approval) => Ok(Some(approval)),
        Err(StartError::Refused(_)) => Ok(None),
        Err(StartError::Store(error)) => Err(error.into()),
    }
}

/// In one line.
pub(super) fn words(approval: Option<&Approval>) -> String {
    let Some(approval) = approval else { return "–".into() };
    let (Some(above), Some(setting)) = (approval.above, approval.setting) else {
        return "never needed".into();
    };
    let needed = format!("needed above {} ({setting})", people(above));
    match &approval.lacking {
        Some(lacking) => format!("{needed}: {lacking}; digest {}", approval.digest),
        None => format!(
            "{needed}: {} gave it on {}",
            approval.approver.as_deref().unwrap_or("–"),
            moment_or_dash(approval.approved_at)
        ),
    }
}

/// Refuses a run that lacks the approval it needs, before anybody types a number.
pub(super) fn require(one: &Automation, approval: &Approval, would_receive: i64) -> Result<(), Failure> {
    approval.require(would_receive).map(drop).map_err(|refusal| {
        Failure::usage(refusal).hint(format!(
            "an operator who has no part in it: passpost automation approve {} --as USERNAME",
            one.number
        ))
    })
}
