//! Who is reminded of the end of an automation, when, and whether it reached them.

use super::show::wall_time;
use crate::commands::notice::state;
use crate::output::moment;
use domain::id::{AutomationId, PersonId};
use domain::notice::{NoticeKind, NoticeOutcome};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::automation::Automation;
use store::notice::{self, Listed, Which};

/// Who is reminded of the end, and what became of it.
pub(super) struct Reminder {
    /// The user names of those who are named.
    people: Vec<String>,
    /// The reminders written, newest first.
    notices: Vec<Listed>,
}

impl Reminder {
    /// Reads the names and the reminders written.
    pub(super) async fn read(
        tx: &mut store::Tx,
        automation: AutomationId,
        people: Vec<PersonId>,
    ) -> Result<Self, store::StoreError> {
        let mut names = Vec::new();
        for person in people {
            let found = store::person::find(tx, person).await?;
            names.push(found.map_or_else(|| "(erased)".to_owned(), |person| person.username));
        }
        let mut notices = notice::list(tx, Which::Of(automation), 1_000).await?;
        notices.retain(|one| one.kind == NoticeKind::AutomationEnds);
        Ok(Self { people: names, notices })
    }

    /// For programs.
    pub(super) fn document(&self, one: &Automation) -> Value {
        json!({
            "due_at": remind_at(one),
            "written_at": one.reminded_at,
            "people": self.people,
            "notices": self.notices,
        })
    }

    /// `ada mailed 2027-03-01T08:00:00Z`, or when they will be, or why they are not.
    pub(super) fn words(&self, one: &Automation) -> String {
        let names = self.people.join(", ");
        let Some(written_at) = one.reminded_at else {
            return match remind_at(one) {
                None => format!("{names}: never, it lives too short to be reminded of"),
                Some(_) if !one.status.is_active() => format!("{names}: not while it is inactive"),
                at => format!("{names}: on {}", wall_time(one, at)),
            };
        };
        let latest = self.notices.iter().filter(|notice| notice.created_at == written_at);
        let parts: Vec<String> = latest
            .map(|notice| {
                let who = notice.username.as_deref().unwrap_or("(erased)");
                match (notice.outcome, notice.settled_at) {
                    (Some(NoticeOutcome::Accepted), Some(at)) => format!("{who} mailed {}", moment(at)),
                    _ => format!("{who} {}", state(notice)),
                }
            })
            .collect();
        if parts.is_empty() { format!("{names}: written {}", moment(written_at)) } else { parts.join(", ") }
    }
}

/// When the reminder is due, milliseconds since 1970.
fn remind_at(one: &Automation) -> Option<i64> {
    one.reminder_at().map(Timestamp::as_millisecond)
}
