//! The composers of running runs: one for all that send the same words.

use crate::Flow;
use crate::halt;
use crate::message::{prepare, read_templates};
use crate::plan::kind_of;
use domain::automation::Job;
use domain::id::RunId;
use domain::language::Language;
use domain::notice::PausedWhy;
use mail::{Composer, Template};
use std::collections::HashMap;
use std::sync::Arc;
use store::{StoreError, run};

/// Composers in use. A flood of events makes hundreds of runs of one automation, which stand side by side; a prepared
/// composer holds every language and takes a tenth of a megabyte.
#[derive(Debug, Default)]
pub(crate) struct Composers {
    of: HashMap<RunId, Arc<Ready>>,
    ready: Vec<Arc<Ready>>,
}

/// A composer, with all it was made from besides the settings.
#[derive(Debug)]
struct Ready {
    job: Job,
    written: Vec<(Language, Template)>,
    composer: Arc<Composer>,
}

impl Composers {
    /// Keeps those of running runs only.
    pub(crate) fn keep(&mut self, running: &[RunId]) {
        self.of.retain(|id, _| running.contains(id));
        self.ready.retain(|ready| Arc::strong_count(ready) > 1);
    }

    /// The composer for a job and its words, made with `prepare` unless another run uses one.
    fn find_or_prepare(
        &mut self,
        id: RunId,
        job: Job,
        written: Vec<(Language, Template)>,
        prepare: impl FnOnce(&Job, &[(Language, Template)]) -> Result<Composer, String>,
    ) -> Result<Arc<Composer>, String> {
        let found = self.ready.iter().find(|ready| ready.job == job && ready.written == written);
        let ready = match found {
            Some(ready) => Arc::clone(ready),
            None => {
                let composer = Arc::new(prepare(&job, &written)?);
                let ready = Arc::new(Ready { job, written, composer });
                self.ready.push(Arc::clone(&ready));
                ready
            }
        };
        let composer = Arc::clone(&ready.composer);
        self.of.insert(id, ready);
        Ok(composer)
    }
}

impl Flow {
    /// The composer of a run, prepared once. A template that cannot be used pauses the run.
    pub(crate) async fn composer(
        &self,
        id: RunId,
        composers: &mut Composers,
    ) -> Result<Option<Arc<Composer>>, StoreError> {
        if let Some(ready) = composers.of.get(&id) {
            return Ok(Some(Arc::clone(&ready.composer)));
        }
        let (job, written) = self
            .store
            .read(move |tx| {
                Box::pin(async move {
                    let job = run::get(tx, id).await?.job;
                    let written = read_templates(tx, id, kind_of(&job)).await?;
                    Ok::<_, StoreError>((job, written))
                })
            })
            .await?;
        let found =
            composers.find_or_prepare(id, job, written, |job, written| prepare(&self.settings, job, written));
        match found {
            Ok(composer) => Ok(Some(composer)),
            Err(cause) => {
                let cause = format!("the mail cannot be composed: {cause}");
                let now_ms = self.clock.now_ms();
                self.store
                    .write(move |tx| {
                        Box::pin(async move { halt::pause(tx, id, PausedWhy::Mail, &cause, now_ms).await })
                    })
                    .await?;
                Ok(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::address::Address;
    use domain::automation::SendNewPassword;
    use mail::{Colour, House, Sender, TemplateKind, Templates};

    fn composer() -> Composer {
        let address = Address::parse("passwords@school.example").unwrap();
        let house = House {
            organisation: "School".into(),
            help_contact: String::new(),
            login_url: "https://school.example/login".into(),
            base_url: "https://school.example".into(),
            accent: Colour::default(),
            time_zone: "UTC".into(),
        };
        let sender = Sender { address, name: String::new(), reply_to: None, bounce: None };
        let templates = Templates::standard(TemplateKind::NewPassword).unwrap();
        Composer::prepare(&templates, sender, &house, Arc::new([])).unwrap()
    }

    fn words(subject: &str) -> Vec<(Language, Template)> {
        let subject = subject.to_owned();
        vec![(Language::En, Template { subject, text: String::new(), html: String::new() })]
    }

    #[test]
    fn runs_that_send_the_same_words_share_a_composer_until_the_last_one_ends() {
        let mut composers = Composers::default();
        let to = |hours| {
            Job::SendNewPasswordToContact(SendNewPassword { remail_after_hours: hours, ..Default::default() })
        };
        let run = |n: u128| RunId(uuid::Uuid::from_u128(n));
        let mut find = |n, job, subject| {
            composers.find_or_prepare(run(n), job, words(subject), |_, _| Ok(composer())).unwrap()
        };
        let first = find(1, to(24), "Hello");
        assert!(Arc::ptr_eq(&first, &find(2, to(24), "Hello")));
        assert!(!Arc::ptr_eq(&first, &find(3, to(24), "Good day")), "other words");
        assert!(!Arc::ptr_eq(&first, &find(4, to(12), "Hello")), "another job");

        composers.keep(&[run(2), run(4)]);
        assert_eq!((composers.of.len(), composers.ready.len()), (2, 2), "that of run 3 is gone");
        let again = composers.find_or_prepare(run(5), to(24), words("Hello"), |_, _| Err("prepared".into()));
        assert!(Arc::ptr_eq(&first, &again.unwrap()), "that of run 1 serves run 5 through run 2");
        composers.keep(&[]);
        assert_eq!((composers.of.len(), composers.ready.len()), (0, 0));
    }

    #[test]
    fn words_that_make_no_mail_are_kept_for_nobody() {
        let mut composers = Composers::default();
        let job = || Job::SendNewPassword(SendNewPassword::default());
        let id = RunId(uuid::Uuid::from_u128(1));
        let refused = composers.find_or_prepare(id, job(), words("Hello"), |_, _| Err("no".into()));
        assert_eq!(refused.unwrap_err(), "no");
        assert!(composers.of.is_empty() && composers.ready.is_empty());
        assert!(composers.find_or_prepare(id, job(), words("Hello"), |_, _| Ok(composer())).is_ok());
    }
}
