//! Arming: the start time is saved when everything a start needs is there, so that nobody finds out at night.

use super::MailingError;
use super::approval::standing;
use super::plan::{Plan, not_possible, plan};
use super::save::fit_words;
use crate::Flow;
use crate::run::{Refusal, check_run};
use crate::settings::Limits;
use domain::id::MailingId;
use domain::mailing::{NotPossible, Round, Settled, Unfit};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use store::mailing::{self, Mailing};
use store::{Acting, Tx, recipient, rights, run};

/// A start time to save.
#[derive(Debug, Clone)]
pub struct ArmMailing {
    /// Which mailing.
    pub mailing: MailingId,
    /// The wall time of the start; `None`: now.
    pub start: Option<DateTime>,
    /// The zone it is read in (IANA).
    pub time_zone: String,
    /// The number of people the operator confirmed; `None`: not confirmed.
    pub confirmed: Option<i64>,
    /// Who arms it, and stands behind its run.
    pub acting: Acting,
}

impl Flow {
    /// Saves the start time of a mailing, which arms it. A wall time the clock skips means the first moment after it,
    /// one that comes twice the first of the two.
    ///
    /// # Errors
    /// A field, a word or the time is wrong; nobody would be written to; a limit would be passed; the number of people
    /// is not confirmed or needs an approval; who arms it may not send such mailings.
    pub async fn arm_mailing(&self, asked: ArmMailing) -> Result<Mailing, MailingError> {
        let (now_ms, limits) = (self.clock.now_ms(), self.settings.limits.clone());
        let starts_at = starts_at(&asked, now_ms)?;
        let armed = self
            .store
            .write(move |tx| Box::pin(async move { arm(tx, &asked, starts_at, &limits, now_ms).await }))
            .await?;
        self.wake.notify_one();
        Ok(armed)
    }

    /// Takes the start time back: it is a draft again.
    ///
    /// # Errors
    /// It is not armed.
    pub async fn disarm_mailing(&self, id: MailingId, acting: &Acting) -> Result<Mailing, MailingError> {
        let (now_ms, acting) = (self.clock.now_ms(), acting.clone());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    mailing::disarm(tx, &acting, id, now_ms).await?;
                    Ok(mailing::get(tx, id).await?)
                })
            })
            .await
    }

    /// Calls a mailing off before its start.
    ///
    /// # Errors
    /// It is not armed.
    pub async fn cancel_mailing(&self, id: MailingId, acting: &Acting) -> Result<Mailing, MailingError> {
        let (now_ms, acting) = (self.clock.now_ms(), acting.clone());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    mailing::cancel(tx, &acting, id, now_ms).await?;
                    Ok(mailing::get(tx, id).await?)
                })
            })
            .await
    }
}

/// The start with its instant.
struct Start {
    wall: DateTime,
    at: i64,
}

fn starts_at(asked: &ArmMailing, now_ms: i64) -> Result<Start, MailingError> {
    let zone = TimeZone::get(&asked.time_zone).map_err(|_| not_possible(NotPossible::Zone))?;
    let now = jiff::Timestamp::from_millisecond(now_ms).map_err(|_| not_possible(NotPossible::NoTime))?;
    let Some(wall) = asked.start else {
        return Ok(Start {
            wall: now.to_zoned(zone).datetime().round(jiff::Unit::Second).unwrap_or_default(),
            at: now_ms,
        });
    };
    let at = zone.to_zoned(wall).map_err(|_| not_possible(NotPossible::NoTime))?.timestamp().as_millisecond();
    // A form that took a minute to fill in is not late.
    if at < now_ms - 60_000 {
        return Err(not_possible(NotPossible::Past).into());
    }
    Ok(Start { wall, at })
}

async fn arm(
    tx: &mut Tx,
    asked: &ArmMailing,
    start: Start,
    limits: &Limits,
    now_ms: i64,
) -> Result<Mailing, MailingError> {
    let sender = asked.acting.person()?;
    let locked = mailing::lock(tx, asked.mailing).await?;
    if !locked.state.is_editable() {
        return Err(not_possible(NotPossible::Started).into());
    }
    locked.words.check().map_err(MailingError::Unfit)?;
    locked.pace.check(start.at).map_err(MailingError::Pace)?;
    if locked.late_until_at.is_some_and(|until| until <= start.at) {
        return Err(MailingError::Unfit(vec![Unfit::LateUntil]));
    }
    fit_words(tx, &locked).await?;
    may_send(tx, sender, &locked, now_ms).await?;
    // What was settled by an earlier arming does not count any more.
    mailing::arm(tx, &asked.acting, locked.id, (start.wall, &asked.time_zone, start.at), now_ms).await?;
    let mut armed = mailing::get(tx, locked.id).await?;
    armed.state = domain::mailing::MailingState::Draft;
    let plan = plan(tx, armed, sender, Round::First, now_ms).await?;
    check_people(tx, &plan, asked.confirmed, limits, now_ms).await?;
    if plan.mailing.settled == Settled::WhenArmed && plan.mailing.reminder.is_none() {
        mailing::settle_audience(tx, plan.mailing.id, &plan.audience).await?;
    }
    Ok(mailing::get(tx, plan.mailing.id).await?)
}

/// Whoever saves the start time needs the permission for what the mailing does: drafting is another one.
async fn may_send(
    tx: &mut Tx,
    sender: domain::id::PersonId,
    mailing: &Mailing,
    now_ms: i64,
) -> Result<(), MailingError> {
    let rights = rights::read(tx, sender, &[sender], mailing.intent.needs(), now_ms).await?;
    match rights.rank {
        Some(_) => Ok(()),
        None => Err(Refusal::NoRights(rights.lacking.unwrap_or_default()).into()),
    }
}

/// Holds the number of people against limits, approval and confirmation.
async fn check_people(
    tx: &mut Tx,
    plan: &Plan,
    confirmed: Option<i64>,
    limits: &Limits,
    now_ms: i64,
) -> Result<(), MailingError> {
    let counts = recipient::preview(tx, &plan.audience, &plan.rules).await?;
    let would_receive = counts.would_receive;
    if would_receive == 0 {
        return Err(not_possible(NotPossible::NobodyLeft).into());
    }
    check_run(would_receive, &plan.job, limits)?;
    let used = run::accepted_since(tx, now_ms - 24 * 3_600_000).await?;
    if would_receive + used > limits.people_per_day {
        return Err(Refusal::TooManyToday { would_receive, used, limit: limits.people_per_day }.into());
    }
    standing(tx, plan, limits, now_ms).await?.require(would_receive)?;
    if would_receive > limits.confirm_above && confirmed != Some(would_receive) {
        return Err(Refusal::Unconfirmed { would_receive }.into());
    }
    Ok(())
}
