//! Mailings in a house: drafted, armed, sent, counted.

use crate::by;
use crate::house::House;
use domain::automation::SendNewPassword;
use domain::id::{MailingId, PersonId};
use domain::language::Language;
use domain::mailing::{HtmlFormat, Intent, Settled, Words};
use domain::pace::Pace;
use flow::{ArmMailing, MailingError};
use std::sync::atomic::{AtomicU32, Ordering};
use store::mailing::{self, Draft, Funnel, Mailing};
use store::run::{self, Run};

static NEXT: AtomicU32 = AtomicU32::new(1);

impl House {
    /// A draft of a mailing to a selection with this filter, settled at its start; words that fit its intent.
    pub async fn draft(&self, intent: Intent, filter: &str) -> Draft {
        let name = format!("for a mailing {}", NEXT.fetch_add(1, Ordering::Relaxed));
        let selection = self.selection(&name, filter, self.owner).await;
        let text = match intent {
            Intent::OfferLink => "{{ salutation }}\n\nAsk here:\n{{ request_password_link }}\n",
            Intent::PersonalLink => {
                "{{ salutation }}\n\nYour own link, until {{ valid_until }}:\n{{ personal_link }}\n"
            }
            Intent::ForcePassword => {
                "{{ salutation }}\n\nYour new password:\n{{ password }}\nuntil {{ valid_until }}\n{{ login_url }}\n"
            }
        };
        Draft {
            folder: String::new(),
            name: "Autumn".into(),
            intent,
            words: Words {
                language: Language::En,
                sender_name: "The office".into(),
                sender_address: "office@portal.example".into(),
                reply_to: String::new(),
                subject: "Your access".into(),
                text: text.into(),
                html_format: HtmlFormat::None,
                html_source: String::new(),
            },
            html: String::new(),
            link_hours: 72,
            password: SendNewPassword::default(),
            pace: Pace::default(),
            selection_id: Some(selection),
            settled: Settled::AtStart,
            late_until_at: None,
            reminder: None,
            keep_days: None,
        }
    }

    /// Saves a mailing of the Owner.
    pub async fn mailing(&self, draft: Draft) -> Mailing {
        self.flow.create_mailing(draft, "UTC", &by(self.owner)).await.expect("a draft that fits")
    }

    /// Arms a mailing of the Owner so that it starts in so many milliseconds.
    pub async fn arm(&self, id: MailingId, in_ms: i64) -> Result<Mailing, MailingError> {
        self.arm_as(id, in_ms, self.owner).await
    }

    /// The same by somebody else.
    pub async fn arm_as(&self, id: MailingId, in_ms: i64, who: PersonId) -> Result<Mailing, MailingError> {
        let at = jiff::Timestamp::from_millisecond(self.clock.now_ms() + in_ms).expect("a time");
        let start = at.to_zoned(jiff::tz::TimeZone::UTC).datetime();
        let preview = self.flow.preview_mailing(id, who, 0).await;
        self.flow
            .arm_mailing(ArmMailing {
                mailing: id,
                start: Some(start),
                time_zone: "UTC".into(),
                confirmed: preview.ok().map(|preview| preview.counts.would_receive),
                acting: by(who),
            })
            .await
    }

    /// Starts a mailing of the Owner now and lets the worker work until its run comes to rest.
    pub async fn send(&self, id: MailingId) -> Run {
        self.arm(id, 0).await.expect("it can be armed");
        assert_eq!(self.flow.schedule_once().await.expect("a schedule").runs, 1);
        let run = self.runs_of(id).await.pop().expect("a run");
        self.work(run.id).await
    }

    /// The runs of a mailing, oldest first.
    pub async fn runs_of(&self, id: MailingId) -> Vec<Run> {
        let read = self.db.store.read(move |tx| Box::pin(async move { run::list_of_mailing(tx, id).await }));
        read.await.expect("runs")
    }

    /// The mailing as it stands.
    pub async fn mailing_now(&self, id: MailingId) -> Mailing {
        let read = self.db.store.read(move |tx| Box::pin(async move { mailing::get(tx, id).await }));
        read.await.expect("the mailing")
    }

    /// Its funnel.
    pub async fn funnel(&self, id: MailingId) -> Funnel {
        let read = self.db.store.read(move |tx| Box::pin(async move { mailing::funnel(tx, id).await }));
        read.await.expect("a funnel")
    }
}
