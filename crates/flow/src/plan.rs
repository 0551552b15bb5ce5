//! A run as planned from an automation at a moment: whom it reaches, with whose rights, in which words.

use crate::recipient::mailed_since;
use crate::run::{Refusal, StartError};
use domain::automation::Job;
use domain::id::{AutomationId, PersonId};
use domain::selection::Selection;
use mail::TemplateKind;
use store::recipient::{Audience, Rules};
use store::{StoreError, Tx, api_key, automation, digest, rights, selection, template};

/// A run as planned.
pub(crate) struct Plan {
    pub automation: AutomationId,
    pub name: String,
    pub job: Job,
    pub selection: Selection,
    pub owner: PersonId,
    pub shaped_by: Vec<PersonId>,
    /// Who made keys for any of them, or for the one who starts it, and could have acted in their name.
    pub key_makers: Vec<PersonId>,
    pub templates: Vec<template::Template>,
    pub audience: Audience,
    pub rules: Rules,
    /// Of everything an approval is for.
    pub digest: String,
}

/// The mail a job sends.
pub(crate) const fn kind_of(job: &Job) -> TemplateKind {
    match job {
        Job::SendNewPassword(_) => TemplateKind::NewPassword,
        Job::SendMailing(settings) => TemplateKind::Mailing(settings.intent),
    }
}

/// Plans a run. The owner, the last editor of the automation and everyone who shaped its selection or the words of
/// its mail bound what it may reach (requirement A6).
pub(crate) async fn plan(
    tx: &mut Tx,
    id: AutomationId,
    actor: Option<PersonId>,
    now_ms: i64,
) -> Result<Plan, StartError> {
    let automation = automation::get(tx, id).await?;
    let selection_id = automation.selection_id.ok_or(Refusal::NoSelection)?;
    let prepared = selection::prepare(tx, selection_id, now_ms).await.map_err(|error| match error {
        selection::PrepareError::Unusable(why) => StartError::Refused(Refusal::Selection(why.into())),
        selection::PrepareError::Store(error) => StartError::Store(error),
    })?;
    let templates = template::list(tx, Some(kind_of(&automation.job).as_str())).await?;
    let mut shaped_by = vec![automation.owner_id, automation.editor_id];
    shaped_by.extend(&prepared.editors);
    shaped_by.extend(templates.iter().flat_map(|one| &one.editors));
    shaped_by.sort_unstable();
    shaped_by.dedup();
    let mut acted: Vec<PersonId> = shaped_by.clone();
    acted.extend(actor);
    let key_makers = api_key::makers_of(tx, &acted).await?;
    let needed = automation.job.needs();
    let rights = rights::read(tx, automation.owner_id, &shaped_by, needed, now_ms).await?;
    let rank = rights.rank.ok_or_else(|| Refusal::NoRights(rights.lacking.clone().unwrap_or_default()))?;
    let digest = digest_of(&automation, &prepared.sources, &templates, &shaped_by)?;
    let settings = automation.job.password();
    let rules = Rules {
        rank,
        owner: automation.owner_id,
        actor,
        owners: rights.owners,
        now_ms,
        mailed_since: mailed_since(settings.remail_after_hours, now_ms),
        hybrid_users: settings.hybrid_users.clone(),
        carries: automation.job.carries(),
        done_of: None,
    };
    Ok(Plan {
        automation: id,
        name: automation.name,
        owner: automation.owner_id,
        shaped_by,
        key_makers,
        templates,
        audience: prepared.audience,
        selection: prepared.selection,
        rules,
        job: automation.job,
        digest,
    })
}

/// A digest of all that people decide about a run: the job, the schedule, the filters, the words, and who wrote
/// them. Whom the filters find is not in it: that may change every day.
fn digest_of(
    automation: &automation::Automation,
    sources: &[Selection],
    templates: &[template::Template],
    shaped_by: &[PersonId],
) -> Result<String, StoreError> {
    let json =
        |value: serde_json::Result<String>| value.map_err(|error| StoreError::Defect(error.to_string()));
    let mut texts = vec![
        automation.id.to_string(),
        json(serde_json::to_string(&automation.job))?,
        json(serde_json::to_string(&automation.schedule))?,
        json(serde_json::to_string(shaped_by))?,
        sources.len().to_string(),
    ];
    for one in sources {
        let limit = one.size_limit.map_or_else(String::new, |limit| limit.to_string());
        texts.extend([one.id.to_string(), one.filter.clone(), limit, one.time_zone.clone()]);
    }
    texts.extend(templates.iter().map(|one| one.words.digest()));
    Ok(digest::of(texts.iter().map(String::as_str)))
}
