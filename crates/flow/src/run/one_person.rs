//! A new password for one person, by hand: a run of its own without an automation, with the rights of who asks.

use super::{Refusal, StartError};
use crate::Flow;
use crate::plan::kind_of;
use domain::automation::{Carries, Job, SendNewPassword};
use domain::id::{PersonId, RunId};
use domain::trigger::Trigger;
use mail::TemplateKind;
use serde_json::json;
use std::sync::Arc;
use store::recipient::{self, Audience, Rules};
use store::run::{self, NewRun, Run};
use store::{Acting, StoreError, Tx, audit, person, rights, setting, template};

impl Flow {
    /// Mails one person a new password, with the rights of the person who acts.
    ///
    /// # Errors
    /// The person would be left out, and why; a rule forbids it; the database failed.
    pub async fn send_password(&self, person: PersonId, acting: &Acting) -> Result<Run, StartError> {
        let (now_ms, settings) = (self.clock.now_ms(), Arc::clone(&self.settings));
        let acting = acting.clone();
        let id = self.run_id(now_ms);
        let begun = self.store.write(move |tx| {
            Box::pin(async move { begin(tx, &acting, id, person, &settings, now_ms).await })
        });
        let run = begun.await?;
        self.wake.notify_one();
        Ok(run)
    }
}

async fn begin(
    tx: &mut Tx,
    acting: &Acting,
    id: RunId,
    who: PersonId,
    settings: &crate::Settings,
    now_ms: i64,
) -> Result<Run, StartError> {
    let actor = acting.person()?;
    if setting::find(tx, setting::SENDING_STOPPED).await?.is_some() {
        return Err(Refusal::SendingStopped.into());
    }
    let person = person::get(tx, who).await?;
    // Asked for by name: neither a hybrid user nor a mail of an hour ago stands in the way.
    let job = Job::SendNewPassword(SendNewPassword {
        hybrid_users: vec![who],
        remail_after_hours: 0,
        ..SendNewPassword::default()
    });
    let kind: TemplateKind = kind_of(&job);
    let templates = template::list(tx, Some(kind.as_str())).await?;
    let editors = templates.iter().flat_map(|one| &one.editors).copied();
    let mut shaped_by: Vec<PersonId> = editors.chain([actor]).collect();
    shaped_by.sort_unstable();
    shaped_by.dedup();
    let rights = rights::read(tx, actor, &shaped_by, job.needs(), now_ms).await?;
    let rank = rights.rank.ok_or_else(|| Refusal::NoRights(rights.lacking.clone().unwrap_or_default()))?;
    let used = run::accepted_since(tx, now_ms - 24 * 3_600_000).await?;
    if used + 1 > settings.limits.people_per_day {
        let limit = settings.limits.people_per_day;
        return Err(Refusal::TooManyToday { would_receive: 1, used, limit }.into());
    }
    let new = NewRun {
        id,
        trigger: Trigger::Operator,
        automation_id: None,
        mailing_id: None,
        selection_id: None,
        name: person.full_name(),
        job,
        filter: format!("id eq \"{who}\""),
        started_by: Some(actor),
        owner_id: actor,
        shaped_by,
        templates: template::freeze(tx, &templates, now_ms).await?,
    };
    let number = run::insert(tx, &new, now_ms).await?;
    let audience = Audience { condition: "p.id = $1".into(), values: vec![who.into()], size_limit: None };
    let rules = rules_for(who, actor, rank, rights.owners, now_ms);
    let (total, left_out) = recipient::freeze(tx, number, &audience, &rules).await?;
    if left_out > 0 {
        let reasons =
            recipient::count_by_reason(tx, number, domain::recipient::RecipientState::LeftOut).await?;
        return Err(Refusal::LeftOut(reasons.into_keys().next().unwrap_or_default()).into());
    }
    run::begin(tx, id, number, total, left_out, now_ms).await?;
    note(tx, acting, id, who, [number, total, left_out], now_ms).await?;
    Ok(run::get(tx, id).await?)
}

/// Asked for by name: a hybrid user is meant, and a mail of an hour ago does not stand in the way.
fn rules_for(who: PersonId, actor: PersonId, rank: i64, owners: i64, now_ms: i64) -> Rules {
    Rules {
        rank,
        owner: actor,
        actor: Some(actor),
        owners,
        now_ms,
        mailed_since: crate::recipient::mailed_since(0, now_ms),
        hybrid_users: vec![who],
        carries: Carries::Password,
        done_of: None,
        only: None,
    }
}

async fn note(
    tx: &mut Tx,
    acting: &Acting,
    id: RunId,
    who: PersonId,
    [number, total, left_out]: [i64; 3],
    now_ms: i64,
) -> Result<(), StoreError> {
    let detail = json!({ "number": number, "total": total, "left_out": left_out, "trigger": "operator" });
    audit::append(tx, acting.entry("run.started", "run", id, detail, now_ms)).await?;
    let asked = acting.entry("person.password_sent", "person", who, json!({ "run": number }), now_ms);
    audit::append(tx, asked).await
}
