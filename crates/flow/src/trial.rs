//! A test of a template: one mail to the operator who asks for it, through the relay, with a password that is none.

use crate::said::Unsent;
use crate::settings::{Outlet, RelaySettings};
use crate::template::Example;
use crate::{Flow, single};
use domain::sentence::Sentence;
use mail::Composed;
use mail::meaning::redact;
use serde::Serialize;
use smtp::{Answer, Connection, Outgoing, Stop};
use std::sync::Arc;
use store::{Acting, StoreError, setting, template};

/// What became of a test mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tested {
    /// Whether a relay took it.
    pub accepted: bool,
    /// The relay that answered; empty: none could be reached.
    pub relay: String,
    /// Its words, or why there are none.
    pub answer: String,
    /// Without angle brackets.
    pub message_id: String,
}

/// Why no test mail is sent.
#[derive(Debug, thiserror::Error)]
pub enum TestError {
    /// Says what would be right.
    #[error("{0}")]
    Refused(Sentence),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Flow {
    /// Mails a template to the operator who acts. No credential is made or changed; that it was done is noted
    /// before anything leaves.
    ///
    /// # Errors
    /// All sending is stopped, there is no relay, or the mail cannot be composed.
    pub async fn test_template(&self, example: Example<'_>, acting: &Acting) -> Result<Tested, TestError> {
        let Outlet::Relays(relays) = &self.settings.outlet else {
            return Err(TestError::Refused(Unsent::NoRelay.into()));
        };
        let composed = self.begin_test(example, acting).await?;
        Ok(through(relays, composed).await)
    }

    /// The same in the process whose mailbox takes the mail; with relays, through these.
    ///
    /// # Errors
    /// All sending is stopped, or the mail cannot be composed.
    pub async fn test_template_here(
        &self,
        example: Example<'_>,
        acting: &Acting,
    ) -> Result<Tested, TestError> {
        let Outlet::Mailbox(mailbox) = &self.settings.outlet else {
            return self.test_template(example, acting).await;
        };
        let composed = self.begin_test(example, acting).await?;
        let (message_id, relay) = (composed.message_id, self.relay_name(0).to_owned());
        let content = composed.content.into_bytes();
        let number =
            mailbox.deliver(&composed.envelope_from, &composed.envelope_to, content, self.clock.now_ms());
        Ok(Tested { accepted: true, relay, answer: number.to_string(), message_id })
    }

    /// Composes a test, and notes that it is done before anything leaves.
    async fn begin_test(&self, example: Example<'_>, acting: &Acting) -> Result<Composed, TestError> {
        let Example { kind, language, .. } = example;
        let composed = self.compose_example(example).map_err(TestError::Refused)?;
        let (now_ms, acting) = (self.clock.now_ms(), acting.clone());
        let stopped = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    if setting::find(tx, setting::SENDING_STOPPED).await?.is_some() {
                        return Ok::<_, StoreError>(true);
                    }
                    template::note_test(tx, &acting, kind.as_str(), language.tag(), now_ms).await?;
                    Ok(false)
                })
            })
            .await?;
        if stopped {
            return Err(TestError::Refused(Unsent::Stopped.into()));
        }
        Ok(composed)
    }
}

/// Tries one relay after the other until one has answered for the message.
async fn through(relays: &[RelaySettings], composed: Composed) -> Tested {
    let (message_id, mail_from) = (composed.message_id, composed.envelope_from);
    let content = composed.content.into_bytes();
    let mut why = String::from("no relay is set");
    for settings in relays {
        let message = Outgoing {
            tag: (),
            mail_from: Arc::clone(&mail_from),
            rcpt_to: composed.envelope_to.clone(),
            content: content.clone(),
            smtputf8: composed.smtputf8,
        };
        match one(settings, message).await {
            Ok((accepted, answer)) => {
                let relay = settings.name.clone();
                return Tested { accepted, relay, answer, message_id };
            }
            Err(cause) => why = format!("{}: {cause}", settings.name),
        }
    }
    Tested { accepted: false, relay: String::new(), answer: why, message_id }
}

/// Hands the message to one relay; an error when the relay cannot have it.
async fn one(settings: &RelaySettings, message: Outgoing<()>) -> Result<(bool, String), String> {
    let connection = Connection::open(&settings.relay).await.map_err(|error| error.to_string())?;
    let at_once = || std::future::ready(true);
    let answered = single::hand_over(connection, vec![message], &Stop::new(), at_once).await;
    match answered.into_iter().next().map(|one| one.answer) {
        Some(Answer::Accepted(reply)) => Ok((true, redact(&reply.to_string(), &[]))),
        Some(Answer::Deferred { reply, .. } | Answer::Refused { reply, .. }) => {
            Ok((false, redact(&reply.to_string(), &[])))
        }
        Some(Answer::Unsendable(problem)) => Ok((false, problem.to_string())),
        Some(Answer::Unknown { cause }) => {
            Ok((false, format!("the answer was lost, so the mail may have arrived: {cause}")))
        }
        Some(Answer::NotSent { cause }) => Err(cause.to_string()),
        None => Err("the relay took no message".into()),
    }
}
