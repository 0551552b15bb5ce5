//! Automations that events begin, and events, for tests.

use crate::database::TEST_NOW;
use crate::house::{House, fresh_bytes};
use crate::by;
use domain::automation::{Job, SendNewPassword, Target};
use domain::event::cloud::CloudEvent;
use domain::event::{Delay, EventStep};
use domain::id::{AutomationId, PersonId, SelectionId};
use domain::schedule::TimeFrame;
use flow::Activation;
use serde_json::{Value as Json, json};
use store::event::job::{self, EventJob};
use store::{Acting, StoreError, automation, event};

/// An automation that an event begins, as a test wants it.
#[derive(Debug, Clone)]
pub struct Listening {
    /// Its name.
    pub name: String,
    /// The first step.
    pub event: Json,
    /// Whom it is limited to.
    pub selection: Option<SelectionId>,
    /// The second step.
    pub job: Job,
    /// Whom it is done to.
    pub target: Target,
    /// How long after the event.
    pub delay: Option<Delay>,
    /// What is confirmed.
    pub confirmed: Vec<String>,
    /// The third step.
    pub frame: Json,
}

impl Listening {
    /// To an event of this type: a new password to its contact, at once, at all times.
    #[must_use]
    pub fn to(event: &str) -> Self {
        Self {
            name: format!("after {event}"),
            event: json!({ "event": event }),
            selection: None,
            job: Job::SendNewPasswordToContact(SendNewPassword::default()),
            target: Target::EventParameter,
            delay: None,
            confirmed: Vec::new(),
            frame: json!({ "zone": "UTC", "start": "2026-01-01T00:00", "holidays": "always" }),
        }
    }
}

impl House {
    /// Saves all three steps of an automation of the Owner.
    pub async fn listener(&self, of: Listening) -> AutomationId {
        self.listener_of(of, self.owner).await
    }

    /// Saves all three steps of an automation of a person.
    pub async fn listener_of(&self, of: Listening, owner: PersonId) -> AutomationId {
        let id = AutomationId::generate(TEST_NOW, fresh_bytes());
        let event: EventStep = serde_json::from_value(of.event).expect("a first step");
        let frame: TimeFrame = serde_json::from_value(of.frame).expect("a time frame");
        let first = automation::NewEventStep {
            name: of.name,
            description: String::new(),
            event,
            selection_id: of.selection,
        };
        let second =
            automation::EventJobStep { job: of.job, target: of.target, delay: of.delay, confirmed: of.confirmed };
        let third = automation::FrameStep { frame, reminder_to: Vec::new() };
        let now = self.clock.now_ms();
        self.db
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let acting = by(owner);
                    automation::insert_event(tx, &acting, id, &first, &second.job, now).await?;
                    automation::update_event_job(tx, &acting, id, &second, now).await?;
                    automation::update_frame(tx, &acting, id, &third, now).await
                })
            })
            .await
            .expect("an automation");
        id
    }

    /// The same, active.
    pub async fn listen(&self, of: Listening) -> AutomationId {
        let id = self.listener(of).await;
        self.activate(id).await.expect("it can be active");
        id
    }

    /// Activates an automation.
    ///
    /// # Errors
    /// It cannot be active.
    pub async fn activate(&self, automation: AutomationId) -> Result<(), flow::StartError> {
        let asked = Activation { automation, acting: by(self.owner), confirmed: None };
        self.flow.activate(asked).await.map(|_| ())
    }

    /// Sends events as a program does, and lets the scheduler look.
    pub async fn send_events(&self, events: &[CloudEvent]) -> event::Accepted {
        let accepted = self.flow.accept_events(events.to_vec(), &Acting::system()).await.expect("accepted");
        self.flow.schedule_once().await.expect("a look at the schedule");
        accepted
    }

    /// What the latest event led to.
    pub async fn jobs_of_latest(&self) -> Vec<EventJob> {
        self.db
            .store
            .read(|tx| {
                Box::pin(async move {
                    let latest = event::latest(tx).await?.expect("an event");
                    job::list_of_event(tx, latest.number).await
                })
            })
            .await
            .expect("its jobs")
    }

    /// How the jobs of an automation stand: `waiting 1, executed 2, not_acted_on (inactive) 3`.
    pub async fn jobs_of(&self, id: AutomationId) -> String {
        let counted = self
            .db
            .store
            .read(move |tx| Box::pin(async move { job::count_by_state(tx, id).await }))
            .await
            .expect("its jobs");
        let mut said: Vec<String> = counted
            .iter()
            .map(|(state, reason, count)| match reason {
                Some(reason) => format!("{state} ({reason}) {count}"),
                None => format!("{state} {count}"),
            })
            .collect();
        said.sort();
        said.join(", ")
    }

    /// The automation as it stands.
    pub async fn automation_now(&self, id: AutomationId) -> Result<automation::Automation, StoreError> {
        self.db.store.read(move |tx| Box::pin(automation::get(tx, id))).await
    }
}

/// An event of a program about a contact.
#[must_use]
pub fn custom(id: &str, event_type: &str, contact: &str, data: Json) -> CloudEvent {
    let text = json!({ "specversion": "1.0", "id": id, "source": "https://courses.example", "type": event_type,
        "contact": contact, "data": data });
    domain::event::cloud::read_structured(text.to_string().as_bytes()).expect("an event")
}
