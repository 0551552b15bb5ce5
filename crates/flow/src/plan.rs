//! A run as planned from an automation at a moment: whom it reaches, with whose rights, in which words.

use crate::recipient::mailed_since;
use crate::run::{Refusal, StartError};
use domain::automation::{Job, Only, Target};
use domain::id::{AutomationId, PersonId, RunId, SelectionId};
use domain::selection::Selection;
use domain::trigger::Trigger;
use mail::TemplateKind;
use store::recipient::{Audience, Rules};
use store::run::NewRun;
use store::selection::Prepared;
use store::{StoreError, Tx, api_key, automation, digest, rights, selection, template};

/// A run as planned.
pub(crate) struct Plan {
    pub automation: AutomationId,
    pub name: String,
    pub job: Job,
    /// `None`: an event begins it, and any person of an event is meant.
    pub selection: Option<Selection>,
    /// Begun by an event: among whom the person must be, or who caused the event.
    pub among: Option<Audience>,
    pub owner: PersonId,
    pub shaped_by: Vec<PersonId>,
    /// Who made keys for any of them, or for the one who starts it, and could have acted in their name.
    pub key_makers: Vec<PersonId>,
    pub templates: Vec<template::Template>,
    /// Whom it reaches; begun by an event: whom it could reach.
    pub audience: Audience,
    pub rules: Rules,
    /// Of everything an approval is for.
    pub digest: String,
}

impl Plan {
    /// The row of a run that does what is planned, its words frozen.
    pub(crate) async fn new_run(
        &self,
        tx: &mut Tx,
        id: RunId,
        trigger: Trigger,
        started_by: Option<PersonId>,
        now_ms: i64,
    ) -> Result<NewRun, StoreError> {
        Ok(NewRun {
            id,
            trigger,
            automation_id: Some(self.automation),
            mailing_id: None,
            selection_id: self.selection.as_ref().map(|one| one.id),
            name: self.name.clone(),
            job: self.job.clone(),
            filter: self.selection.as_ref().map_or_else(String::new, |one| one.filter.clone()),
            started_by,
            owner_id: self.owner,
            shaped_by: self.shaped_by.clone(),
            templates: template::freeze(tx, &self.templates, now_ms).await?,
        })
    }
}

/// The mail a job sends.
pub(crate) const fn kind_of(job: &Job) -> TemplateKind {
    match job {
        Job::SendNewPassword(_) | Job::SendNewPasswordToContact(_) | Job::SendNewPasswordToSystemUser(_) => {
            TemplateKind::NewPassword
        }
        Job::SendResetLink(_) => TemplateKind::ResetLink,
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
    let prepared = match automation.selection_id {
        Some(id) => Some(prepare(tx, id, now_ms).await?),
        None if automation.is_of_events() => None,
        None => return Err(Refusal::NoSelection.into()),
    };
    let templates = template::list(tx, Some(kind_of(&automation.job).as_str())).await?;
    let mut shaped_by = vec![automation.owner_id, automation.editor_id];
    shaped_by.extend(prepared.iter().flat_map(|one| &one.editors));
    shaped_by.extend(templates.iter().flat_map(|one| &one.editors));
    shaped_by.sort_unstable();
    shaped_by.dedup();
    let mut acted: Vec<PersonId> = shaped_by.clone();
    acted.extend(actor);
    let key_makers = api_key::makers_of(tx, &acted).await?;
    let needed = automation.job.needs();
    let rights = rights::read(tx, automation.owner_id, &shaped_by, needed, now_ms).await?;
    let rank = rights.rank.ok_or_else(|| Refusal::NoRights(rights.lacking.clone().unwrap_or_default()))?;
    let sources = prepared.as_ref().map(|one| one.sources.as_slice()).unwrap_or_default();
    let digest = digest_of(&automation, sources, &templates, &shaped_by)?;
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
        only: automation.job.only(),
    };
    let audience = reachable(&automation, prepared.as_ref().map(|one| &one.audience));
    let among = prepared.as_ref().filter(|_| automation.is_of_events()).map(|one| one.audience.clone());
    Ok(Plan {
        automation: id,
        name: automation.name,
        owner: automation.owner_id,
        shaped_by,
        key_makers,
        templates,
        audience,
        among,
        selection: prepared.map(|one| one.selection),
        rules,
        job: automation.job,
        digest,
    })
}

async fn prepare(tx: &mut Tx, id: SelectionId, now_ms: i64) -> Result<Prepared, StartError> {
    selection::prepare(tx, id, now_ms).await.map_err(|error| match error {
        selection::PrepareError::Unusable(why) => StartError::Refused(Refusal::Selection(why.into())),
        selection::PrepareError::Store(error) => StartError::Store(error),
    })
}

/// Whom an automation reaches: its selection. One that an event begins reaches a chosen person, or could reach
/// everybody an event may be about; with the job for system users its selection is about who caused the event.
fn reachable(automation: &automation::Automation, selection: Option<&Audience>) -> Audience {
    let by_causer = automation.job.only() == Some(Only::SystemUsers);
    match (automation.target, selection) {
        (Some(Target::Person(person)), _) => {
            Audience { condition: "p.id = $1".into(), values: vec![person.into()], size_limit: None }
        }
        (_, Some(selection)) if !by_causer => selection.clone(),
        _ => Audience { condition: "TRUE".into(), values: Vec::new(), size_limit: None },
    }
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
        json(serde_json::to_string(&automation.event))?,
        json(serde_json::to_string(&automation.target))?,
        json(serde_json::to_string(&automation.delay))?,
        json(serde_json::to_string(&automation.frame))?,
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
