//! Looking at a mailing before it starts: whom it would reach, and how one of them would read it.

use super::approval::standing;
use super::plan::{job_of, plan_with};
use super::save::MailingWords;
use super::{MailingApproval, MailingError};
use crate::Flow;
use crate::message::prepare;
use crate::run::{StartError, check_run};
use crate::said::Unsent;
use crate::template::Reader;
use domain::id::{MailingId, PersonId};
use domain::mailing::{MailingState, Round, Words};
use domain::message::RunMessage;
use domain::person::AttributeValue;
use domain::role::Permission;
use serde::Serialize;
use std::collections::BTreeMap;
use store::mailing::{self, Mailing};
use store::recipient::{self, Previewed as Person};
use store::{StoreError, person};

/// What a dry run of a mailing finds.
#[derive(Debug, Clone, Serialize)]
pub struct MailingPreview {
    /// Counts, by reason.
    pub counts: domain::run::Preview,
    /// The first people who would receive a mail.
    pub would_receive: Vec<Person>,
    /// The first people who would be left out.
    pub left_out: Vec<Person>,
    /// Why it would not start, if it would not.
    pub refusal: Option<String>,
    /// How its approval stands.
    pub approval: MailingApproval,
}

/// A mailing as one reader would see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownTo {
    /// The subject line.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part: show it in a sandbox only. Empty: there is none.
    pub html: String,
    /// The replacements of its words that are empty for this reader.
    pub empty: Vec<String>,
}

impl Flow {
    /// Dry run: whom the mailing would reach if it started now, and who would be left out and why. Changes nothing.
    ///
    /// # Errors
    /// It or its selection cannot be used.
    pub async fn preview_mailing(
        &self,
        id: MailingId,
        viewer: PersonId,
        people: i64,
    ) -> Result<MailingPreview, StartError> {
        let (now_ms, limits) = (self.clock.now_ms(), self.settings.limits.clone());
        self.store
            .read(move |tx| {
                Box::pin(async move {
                    let mailing = mailing::get(tx, id).await?;
                    // Whoever drafts need not be allowed to send.
                    let (sender, needed) = match mailing.armed_by {
                        Some(sender) if mailing.state == MailingState::Armed => {
                            (sender, mailing.intent.needs())
                        }
                        _ => (viewer, Permission::MailingsView),
                    };
                    let plan = plan_with(tx, mailing, sender, Round::First, needed, now_ms).await?;
                    let counts = recipient::preview(tx, &plan.audience, &plan.rules).await?;
                    let would_receive =
                        recipient::preview_people(tx, &plan.audience, &plan.rules, false, people).await?;
                    let left_out =
                        recipient::preview_people(tx, &plan.audience, &plan.rules, true, people).await?;
                    let approval = standing(tx, &plan, &limits, now_ms).await?;
                    let refusal = check_run(counts.would_receive, &plan.job, &limits)
                        .and_then(|()| approval.require(counts.would_receive).map(drop))
                        .err()
                        .map(|refusal| refusal.to_string());
                    Ok(MailingPreview { counts, would_receive, left_out, refusal, approval })
                })
            })
            .await
    }

    /// A mailing as somebody of the databank, or an invented reader, would see it. Nothing is minted, sent or changed.
    ///
    /// # Errors
    /// The words are wrong, and where; the person is gone or has no address.
    pub async fn show_mailing(
        &self,
        mailing: &Mailing,
        words: &Words,
        reader: Option<PersonId>,
    ) -> Result<ShownTo, MailingError> {
        let attributes = self.attribute_names().await?;
        let read = MailingWords::read(mailing.intent, words, &attributes);
        if !read.problems.is_empty() {
            return Err(MailingError::Words(read.problems));
        }
        let (reader, values) = self.reader(reader).await?;
        let mut job = job_of(mailing, Round::First);
        if let domain::automation::Job::SendMailing(settings) = &mut job {
            settings.language = words.language;
            // Whoever has not written a sender yet sees the mail all the same.
            if words.check().is_ok() {
                settings.sender_name.clone_from(&words.sender_name);
                settings.sender_address.clone_from(&words.sender_address);
                settings.reply_to.clone_from(&words.reply_to);
            } else {
                settings.sender_name.clone_from(&self.settings.sender.name);
                settings.sender_address = self.settings.sender.address.as_given().to_owned();
                settings.reply_to.clear();
            }
        }
        let (now_ms, names) = (self.clock.now_ms(), self.settings.names_of_unverified);
        let message = RunMessage {
            language: words.language,
            attributes: names.shown(reader.verified, values),
            carried: mail::mailing::example(mailing.intent),
            valid_until: now_ms + i64::from(job.valid_hours()) * 3_600_000,
            message_key: self.example_key(now_ms),
            ..reader.message()
        };
        let message = reader.gets(message, names);
        let composer = prepare(&self.settings, &job, &[(words.language, read.template.clone())])
            .map_err(|cause| MailingError::NotComposed(Unsent::not_composed(cause)))?;
        let empty = mail::mailing::empty_for(&read.template, &message);
        let mail = mail::mailing::preview(&composer, message, now_ms)
            .map_err(|error| MailingError::NotComposed(Unsent::not_composed(error)))?;
        Ok(ShownTo { subject: mail.subject, text: mail.text, html: mail.html, empty })
    }

    async fn reader(
        &self,
        id: Option<PersonId>,
    ) -> Result<(Reader, BTreeMap<String, AttributeValue>), MailingError> {
        let Some(id) = id else {
            let reader = Reader::invented().map_err(MailingError::NotComposed)?;
            return Ok((reader, BTreeMap::new()));
        };
        let (person, values) = self
            .store
            .read(move |tx| {
                Box::pin(async move {
                    let person = person::get(tx, id).await?;
                    let values = recipient::attributes_of(tx, id).await?;
                    Ok::<_, StoreError>((person, values))
                })
            })
            .await?;
        Ok((Reader::of(&person).map_err(MailingError::NotComposed)?, values))
    }
}
