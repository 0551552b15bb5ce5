//! A mailing as it would run at a moment: whom it reaches, with whose rights, in which words.

use crate::plan::kind_of;
use crate::recipient::mailed_since;
use crate::run::{Refusal, StartError};
use domain::automation::Job;
use domain::id::PersonId;
use domain::mailing::{NotPossible, Round, SendMailing};
use domain::role::Permission;
use domain::selection::Selection;
use store::mailing::{self, Mailing};
use store::recipient::{Audience, Rules};
use store::{StoreError, Tx, api_key, digest, rights, selection, template};

/// A planned run of a mailing.
pub(super) struct Plan {
    pub mailing: Mailing,
    pub job: Job,
    /// Who stands behind the run.
    pub sender: PersonId,
    pub shaped_by: Vec<PersonId>,
    /// Who made keys for any of them and could have acted in their name.
    pub key_makers: Vec<PersonId>,
    pub audience: Audience,
    pub rules: Rules,
    /// What the run says it was evaluated from.
    pub filter: String,
    /// Of everything an approval is for.
    pub digest: String,
}

pub(super) fn not_possible(why: NotPossible) -> Refusal {
    Refusal::NotNow(why.into())
}

/// Plans a run of a mailing for who stands behind it.
pub(super) async fn plan(
    tx: &mut Tx,
    mailing: Mailing,
    sender: PersonId,
    round: Round,
    now_ms: i64,
) -> Result<Plan, StartError> {
    let needed = mailing.intent.needs();
    plan_with(tx, mailing, sender, round, needed, now_ms).await
}

/// The same for who only looks and must be allowed something less.
pub(super) async fn plan_with(
    tx: &mut Tx,
    mailing: Mailing,
    sender: PersonId,
    round: Round,
    needed: Permission,
    now_ms: i64,
) -> Result<Plan, StartError> {
    if !mailing::sources(tx, &mailing).await? {
        return Err(not_possible(NotPossible::Nobody).into());
    }
    let prepared = match mailing.selection_id {
        None => None,
        Some(id) => Some(selection::prepare(tx, id, now_ms).await.map_err(|error| match error {
            selection::PrepareError::Unusable(why) => StartError::Refused(Refusal::Selection(why.into())),
            selection::PrepareError::Store(error) => StartError::Store(error),
        })?),
    };
    let found = prepared.as_ref().map(|prepared| &prepared.audience);
    let audience = mailing::audience(tx, &mailing, found, round == Round::Late, now_ms).await?;
    let mut shaped_by = mailing.editors.clone();
    shaped_by.push(sender);
    shaped_by.extend(prepared.iter().flat_map(|prepared| &prepared.editors));
    shaped_by.sort_unstable();
    shaped_by.dedup();
    let key_makers = api_key::makers_of(tx, &shaped_by).await?;
    let job = job_of(&mailing, round);
    let rights = rights::read(tx, sender, &shaped_by, needed, now_ms).await?;
    let rank = rights.rank.ok_or_else(|| Refusal::NoRights(rights.lacking.clone().unwrap_or_default()))?;
    let rules = Rules {
        rank,
        owner: sender,
        actor: None,
        owners: rights.owners,
        now_ms,
        mailed_since: mailed_since(job.password().remail_after_hours, now_ms),
        hybrid_users: job.password().hybrid_users.clone(),
        carries: job.carries(),
        done_of: mailing.reminder.as_ref().map(|reminder| reminder.of),
        only: None,
    };
    let sources: &[Selection] = prepared.as_ref().map_or(&[], |prepared| &prepared.sources);
    let digest = digest_of(tx, &mailing, sources, &shaped_by).await?;
    let filter = prepared.as_ref().map_or_else(String::new, |prepared| prepared.selection.filter.clone());
    Ok(Plan { job, sender, shaped_by, key_makers, audience, rules, filter, digest, mailing })
}

/// The job of a run of a mailing.
pub(super) fn job_of(mailing: &Mailing, round: Round) -> Job {
    let words = &mailing.words;
    Job::SendMailing(Box::new(SendMailing {
        mailing: mailing.id,
        round,
        intent: mailing.intent,
        language: words.language,
        sender_name: words.sender_name.clone(),
        sender_address: words.sender_address.clone(),
        reply_to: words.reply_to.clone(),
        link_hours: mailing.link_hours,
        password: mailing.password.clone(),
        pace: mailing.pace.clone(),
        reminder: mailing.reminder.clone(),
    }))
}

/// The words of a mailing as a run keeps them.
pub(super) fn words_of(mailing: &Mailing, html: &str, sender: PersonId) -> template::Template {
    template::Template {
        words: template::Words {
            kind: kind_of(&job_of(mailing, Round::First)).as_str().to_owned(),
            language: mailing.words.language.tag().to_owned(),
            subject: mailing.words.subject.clone(),
            text: mailing.words.text.clone(),
            html: html.to_owned(),
        },
        editors: mailing.editors.clone(),
        editor_id: sender,
        updated_at: mailing.updated_at,
    }
}

/// A digest of all that people decide about a mailing, and who decided it. Whom groups and filters find is not in it;
/// people by name are.
async fn digest_of(
    tx: &mut Tx,
    mailing: &Mailing,
    sources: &[Selection],
    shaped_by: &[PersonId],
) -> Result<String, StoreError> {
    let json =
        |value: serde_json::Result<String>| value.map_err(|error| StoreError::Defect(error.to_string()));
    let mut texts = vec![
        mailing.id.to_string(),
        json(serde_json::to_string(&job_of(mailing, Round::First)))?,
        json(serde_json::to_string(&mailing.words))?,
        mailing.settled.to_string(),
        mailing.late_until_at.unwrap_or_default().to_string(),
        json(serde_json::to_string(shaped_by))?,
    ];
    for one in sources {
        let limit = one.size_limit.map_or_else(String::new, |limit| limit.to_string());
        texts.extend([one.id.to_string(), one.filter.clone(), limit, one.time_zone.clone()]);
    }
    texts.extend(mailing::list_groups(tx, mailing.id).await?.into_iter().map(|group| group.id.to_string()));
    texts.push(mailing::digest_of_people(tx, mailing.id).await?);
    Ok(digest::of(texts.iter().map(String::as_str)))
}
