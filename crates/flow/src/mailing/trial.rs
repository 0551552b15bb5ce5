//! A test of a mailing that walks the whole way: a throw-away account at the operator's own address gets the mail a
//! recipient would get, and everything behind it works. No other person, no funnel and no password is touched.

use super::MailingError;
use super::plan::{job_of, words_of};
use super::save::{MailingWords, fit_words};
use crate::Flow;
use crate::run::Refusal;
use crate::said::Unsent;
use domain::id::{MailingId, PersonId, RunId};
use domain::mailing::Round;
use domain::trigger::Trigger;
use serde::Serialize;
use serde_json::json;
use store::mailing::{self, Mailing};
use store::person::{self, NewPerson};
use store::recipient::{self, Audience, Rules};
use store::run::{NewRun, Run};
use store::{Acting, StoreError, Tx, audit, rights, run, setting, template};

/// A test that is on its way.
#[derive(Debug, Clone, Serialize)]
pub struct MailingTest {
    /// The user name of the throw-away account; it is erased after a day.
    pub username: String,
    /// Where the mail goes: the operator's own address.
    pub address: String,
    /// Its run.
    pub run: Run,
}

impl Flow {
    /// Tries a mailing out: the operator who acts gets it, for a throw-away account that lives for a day.
    ///
    /// # Errors
    /// The operator has no address or may not send such mailings; the words are wrong; all sending is stopped.
    pub async fn test_mailing(&self, id: MailingId, acting: &Acting) -> Result<MailingTest, MailingError> {
        let now_ms = self.clock.now_ms();
        let (run_id, account) = (self.run_id(now_ms), PersonId(self.run_id(now_ms).0));
        let acting = acting.clone();
        let test = self
            .store
            .write(move |tx| Box::pin(async move { begin(tx, id, account, run_id, &acting, now_ms).await }))
            .await?;
        self.wake.notify_one();
        Ok(test)
    }

    /// Erases throw-away accounts whose day is over.
    pub(super) async fn erase_tests(&self, now_ms: i64) -> Result<(), StoreError> {
        let over = self
            .store
            .read(move |tx| Box::pin(async move { mailing::list_tests_over(tx, now_ms).await }))
            .await?;
        for id in over {
            let erased = self.store.write(move |tx| {
                Box::pin(async move { person::erase(tx, &Acting::system(), id, now_ms).await })
            });
            match erased.await {
                Ok(()) => {}
                Err(store::ChangeError::Store(error)) => return Err(error),
                Err(store::ChangeError::Refused(why)) => {
                    tracing::warn!(person.id = %id, %why, "a throw-away account was not erased");
                }
            }
        }
        Ok(())
    }
}

async fn begin(
    tx: &mut Tx,
    id: MailingId,
    account: PersonId,
    run_id: RunId,
    acting: &Acting,
    now_ms: i64,
) -> Result<MailingTest, MailingError> {
    let actor = acting.person()?;
    if setting::find(tx, setting::SENDING_STOPPED).await?.is_some() {
        return Err(Refusal::SendingStopped.into());
    }
    let mailing = mailing::get(tx, id).await?;
    mailing.words.check().map_err(MailingError::Unfit)?;
    let words = fit_words(tx, &mailing).await?;
    let operator = person::get(tx, actor).await?;
    let Some(address) = operator.address.clone() else {
        return Err(MailingError::NotComposed(Unsent::NoAddress { name: operator.username }.into()));
    };
    let tail = account.0.simple().to_string();
    let username = format!("test-{}", tail.get(20..).unwrap_or_default());
    let new = NewPerson {
        username: Some(username.clone()),
        address: Some(address.clone()),
        given_name: operator.given_name,
        family_name: operator.family_name,
        display_name: operator.display_name,
        language: operator.language,
        time_zone: operator.time_zone,
        attributes: operator.attributes,
        ..NewPerson::new(account)
    };
    mailing::insert_test(tx, acting, id, &new, now_ms).await?;
    let run = start(tx, &mailing, &words, (actor, account), run_id, acting, now_ms).await?;
    Ok(MailingTest { username, address: address.as_given().to_owned(), run })
}

/// A run of one, of no mailing: what happens behind it counts in no funnel.
async fn start(
    tx: &mut Tx,
    mailing: &Mailing,
    words: &MailingWords,
    (actor, account): (PersonId, PersonId),
    id: RunId,
    acting: &Acting,
    now_ms: i64,
) -> Result<Run, MailingError> {
    let job = job_of(mailing, Round::First);
    let rights = rights::read(tx, actor, &[actor], job.needs(), now_ms).await?;
    let rank = rights.rank.ok_or_else(|| Refusal::NoRights(rights.lacking.clone().unwrap_or_default()))?;
    let frozen = template::freeze(tx, &[words_of(mailing, &words.template.html, actor)], now_ms).await?;
    let carries = job.carries();
    let new = NewRun {
        id,
        trigger: Trigger::Operator,
        automation_id: None,
        mailing_id: None,
        selection_id: None,
        name: mailing.name.clone(),
        job,
        filter: format!("id eq \"{account}\""),
        started_by: Some(actor),
        owner_id: actor,
        shaped_by: vec![actor],
        templates: frozen,
    };
    let number = run::insert(tx, &new, now_ms).await?;
    let audience = Audience { condition: "p.id = $1".into(), values: vec![account.into()], size_limit: None };
    let rules = Rules {
        rank,
        owner: actor,
        actor: Some(actor),
        owners: rights.owners,
        now_ms,
        mailed_since: i64::MAX,
        hybrid_users: Vec::new(),
        carries,
        done_of: None,
        only: None,
    };
    let (total, left_out) = recipient::freeze(tx, number, &audience, &rules).await?;
    run::begin(tx, id, number, total, left_out, now_ms).await?;
    let detail = json!({ "number": number, "total": total, "left_out": left_out, "trigger": "operator",
        "test_of_mailing": mailing.number });
    audit::append(tx, acting.entry("run.started", "run", id, detail, now_ms)).await?;
    Ok(run::get(tx, id).await?)
}
