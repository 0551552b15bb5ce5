//! Saving a mailing: fields are checked, the HTML part is made from what was written, problems of the words are told and
//! kept from leaving only when the start time is saved.

use super::MailingError;
use crate::Flow;
use crate::template::{Problem, Template};
use domain::id::MailingId;
use domain::mailing::{Intent, Unfit, Words};
use mail::mailing::{Written, html_of, read_words};
use store::mailing::{self, Draft, Mailing};
use store::{Acting, StoreError, attribute};

/// The words of a mailing as they would be mailed, and everything that keeps them from it.
#[derive(Debug, Clone)]
pub struct MailingWords {
    /// Subject, text and the HTML part made from its source.
    pub template: Template,
    /// Every place that is wrong; with none it can be armed.
    pub problems: Vec<Problem>,
}

impl MailingWords {
    /// Makes the HTML part and holds everything against the guard.
    #[must_use]
    pub fn read(intent: Intent, written: &Words, attributes: &[String]) -> Self {
        let Written { template, problems } = read_words(intent, written, attributes);
        Self { template, problems }
    }
}

/// The words of a mailing as they would be mailed now.
///
/// # Errors
/// Every place that keeps them from it.
pub(super) async fn fit_words(tx: &mut store::Tx, mailing: &Mailing) -> Result<MailingWords, MailingError> {
    let attributes: Vec<String> = attribute::list(tx).await?.into_iter().map(|one| one.name).collect();
    let words = MailingWords::read(mailing.intent, &mailing.words, &attributes);
    if words.problems.is_empty() { Ok(words) } else { Err(MailingError::Words(words.problems)) }
}

impl Flow {
    /// Reads words with the attributes of the installation, to show what is wrong with them before they are saved.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn read_mailing_words(
        &self,
        intent: Intent,
        written: &Words,
    ) -> Result<MailingWords, StoreError> {
        let attributes = self.attribute_names().await?;
        Ok(MailingWords::read(intent, written, &attributes))
    }

    pub(super) async fn attribute_names(&self) -> Result<Vec<String>, StoreError> {
        let all = self.store.read(|tx| Box::pin(async move { attribute::list(tx).await })).await?;
        Ok(all.into_iter().map(|one| one.name).collect())
    }

    /// Saves a new mailing of the person who acts, as a draft.
    ///
    /// # Errors
    /// A field is wrong; problems of the words do not keep a draft from being saved.
    pub async fn create_mailing(
        &self,
        mut draft: Draft,
        time_zone: &str,
        acting: &Acting,
    ) -> Result<Mailing, MailingError> {
        let now_ms = self.clock.now_ms();
        self.prepare_draft(&mut draft)?;
        let (id, acting, zone) = (MailingId(self.run_id(now_ms).0), acting.clone(), time_zone.to_owned());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    check_reminder(tx, &draft).await?;
                    mailing::insert(tx, &acting, id, &draft, &zone, now_ms).await?;
                    Ok(mailing::get(tx, id).await?)
                })
            })
            .await
    }

    /// Saves a mailing again. One that was armed is a draft by it, and nothing is sent until its start time is saved
    /// again.
    ///
    /// # Errors
    /// A field is wrong, or it has started.
    pub async fn update_mailing(
        &self,
        id: MailingId,
        mut draft: Draft,
        acting: &Acting,
    ) -> Result<Mailing, MailingError> {
        let now_ms = self.clock.now_ms();
        self.prepare_draft(&mut draft)?;
        let acting = acting.clone();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    check_reminder(tx, &draft).await?;
                    mailing::update(tx, &acting, id, &draft, now_ms).await?;
                    Ok(mailing::get(tx, id).await?)
                })
            })
            .await
    }

    /// Starts a mailing from an earlier one: its words, intent and settings, without its people and start.
    ///
    /// # Errors
    /// There is no such mailing.
    pub async fn copy_mailing(
        &self,
        id: MailingId,
        name: &str,
        acting: &Acting,
    ) -> Result<Mailing, MailingError> {
        let before = self.store.read(move |tx| Box::pin(async move { mailing::get(tx, id).await })).await?;
        let zone = before.time_zone.clone();
        let draft = Draft { name: name.to_owned(), late_until_at: None, ..Draft::of(&before) };
        self.create_mailing(draft, &zone, acting).await
    }

    fn prepare_draft(&self, draft: &mut Draft) -> Result<(), MailingError> {
        mailing::check_draft(draft).map_err(|unfit| MailingError::Unfit(vec![unfit]))?;
        let password = draft.password.validate();
        password.map_err(|detail| MailingError::Unfit(vec![Unfit::Password { detail }]))?;
        draft.pace.check(i64::MIN).map_err(MailingError::Pace)?;
        let words = &draft.words;
        draft.html =
            html_of(draft.intent, words.language, words.html_format, &words.html_source).unwrap_or_default();
        Ok(())
    }
}

async fn check_reminder(tx: &mut store::Tx, draft: &Draft) -> Result<(), MailingError> {
    let Some(reminder) = &draft.reminder else { return Ok(()) };
    let of = mailing::get(tx, reminder.of).await?;
    if of.reminder.is_some() {
        return Err(super::plan::not_possible(domain::mailing::NotPossible::OfReminder).into());
    }
    Ok(())
}
