//! Mailings on the overview: those that start next, and those that could not.

use super::Next;
use super::attention::Attention;
use crate::console::operator::Operator;
use domain::mailing::MailingState;
use domain::role::Permission;
use store::mailing::{self, Mailing, Wanted};
use store::{StoreError, Tx};

/// Mailings older than these are not looked at: who has more armed ones finds them in the list.
const MOST: i64 = 50;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Mailings {
    armed: Vec<Mailing>,
    troubled: Vec<Mailing>,
}

impl Mailings {
    /// Reads them, for who may see mailings.
    pub(super) async fn read(tx: &mut Tx, may_see: bool, since_ms: i64) -> Result<Self, StoreError> {
        if !may_see {
            return Ok(Self::default());
        }
        let armed = in_state(tx, MailingState::Armed).await?;
        let mut troubled = in_state(tx, MailingState::Failed).await?;
        troubled.retain(|one| one.updated_at >= since_ms);
        let mut late = in_state(tx, MailingState::Started).await?;
        // Late joiners that could not be written to.
        late.retain(|one| one.cause.is_some() && one.next_at.is_some());
        troubled.append(&mut late);
        Ok(Self { armed, troubled })
    }

    /// Those that start next, each with its moment.
    pub(super) fn next(&self, operator: &Operator) -> Vec<(i64, Next)> {
        let at = |one: &Mailing| one.starts_at.unwrap_or_default();
        self.armed
            .iter()
            .map(|one| {
                let next = Next {
                    name: one.name.clone(),
                    at: operator.at(at(one)),
                    path: format!("/console/mailings/{}", one.id),
                };
                (at(one), next)
            })
            .collect()
    }

    /// Those that need somebody.
    pub(super) fn attention(&self, operator: &Operator) -> Vec<Attention> {
        let attention = |one: &Mailing| Attention {
            tone: "bad",
            text: operator.fill("attention-mailing", "name", &one.name),
            detail: one.cause.clone().unwrap_or_default(),
            path: format!("/console/mailings/{}", one.id),
            label: operator.say("attention-open"),
        };
        self.troubled.iter().map(attention).collect()
    }
}

async fn in_state(tx: &mut Tx, state: MailingState) -> Result<Vec<Mailing>, StoreError> {
    let wanted = Wanted { state: Some(state), ..Wanted::default() };
    mailing::list(tx, &wanted, i64::MAX, MOST).await
}

/// Whether an operator sees mailings at all.
pub(super) fn may_see(operator: &Operator) -> bool {
    operator.may(Permission::MailingsView)
}
