//! Looking at a filter before anything uses it: whom it finds, and whom a password job would leave out and why.

use crate::Flow;
use crate::recipient::mailed_since;
use domain::automation::{Carries, SendNewPassword};
use domain::filter::Problem;
use domain::id::PersonId;
use domain::role::Permission;
use domain::run::Preview;
use store::recipient::{self, Rules};
use store::{StoreError, rights, selection};

/// A filter that is looked at.
#[derive(Debug, Clone)]
pub struct Survey {
    /// The filter as written.
    pub filter: String,
    /// The name of its selection; reuse of itself is a circle. `None`: it has none yet.
    pub name: Option<String>,
    /// The zone that `today` means (IANA).
    pub time_zone: String,
    /// At most so many people.
    pub size_limit: Option<i64>,
    /// The operator who looks: the rights the split by reason goes by.
    pub viewer: PersonId,
    /// How many people to name.
    pub sample: i64,
}

/// What a filter finds now.
#[derive(Debug, Clone)]
pub struct Found {
    /// How many people.
    pub people: i64,
    /// The first of them, in the order of their ids.
    pub sample: Vec<PersonId>,
    /// Who of them a password job of the viewer would write to; `None`: the viewer could own none.
    pub split: Option<Preview>,
}

impl Flow {
    /// Reads a filter and counts whom it finds. Changes nothing.
    ///
    /// # Errors
    /// Outside: the database failed. Inside: what is wrong with the filter, and where.
    pub async fn survey(
        &self,
        asked: Survey,
        job: &SendNewPassword,
    ) -> Result<Result<Found, Box<Problem>>, StoreError> {
        let now_ms = self.clock.now_ms();
        let mailed_since = mailed_since(job.remail_after_hours, now_ms);
        self.store
            .read(move |tx| {
                Box::pin(async move {
                    let name = asked.name.as_deref();
                    let read =
                        selection::read_named(tx, &asked.filter, name, &asked.time_zone, now_ms).await?;
                    let mut audience = match read {
                        Ok(audience) => audience,
                        Err(problem) => return Ok(Err(problem)),
                    };
                    audience.size_limit = asked.size_limit;
                    let sample = selection::sample(tx, &audience, asked.sample).await?;
                    let rights =
                        rights::read(tx, asked.viewer, &[asked.viewer], Permission::CredentialsMail, now_ms)
                            .await?;
                    let Some(rank) = rights.rank else {
                        let people = selection::count(tx, &audience).await?;
                        return Ok(Ok(Found { people, sample, split: None }));
                    };
                    let rules = Rules {
                        rank,
                        owner: asked.viewer,
                        actor: Some(asked.viewer),
                        owners: rights.owners,
                        now_ms,
                        mailed_since,
                        hybrid_users: Vec::new(),
                        carries: Carries::Password,
                        done_of: None,
                        only: None,
                    };
                    let split = recipient::preview(tx, &audience, &rules).await?;
                    Ok(Ok(Found { people: split.total, sample, split: Some(split) }))
                })
            })
            .await
    }
}
