//! What a person decided at the own pages, on its page in the console: the log of subscriptions, no mailings at all, the
//! wish to be erased.

use crate::console::operator::Operator;
use domain::id::PersonId;
use domain::preference::{ConsentAct, ConsentWay};
use store::consent::{self, Consent};
use store::deletion_request::{self, DeletionRequest};
use store::{StoreError, Tx, subscription};

/// Lines of the log.
const MOST_LINES: i64 = 30;

/// What was read of it.
pub(super) struct Wished {
    unsubscribed_at: Option<i64>,
    log: Vec<Consent>,
    request: Option<DeletionRequest>,
}

/// How the page shows it.
pub(super) struct Wishes {
    /// Since when no mailings are taken.
    pub(super) takes_none: Option<String>,
    pub(super) log: Vec<ConsentLine>,
    /// The wish to be erased, while nobody declined it.
    pub(super) deletion: Option<String>,
    /// The reason of that wish.
    pub(super) deletion_reason: String,
    /// A wish to be erased that was declined.
    pub(super) declined: Option<String>,
}

pub(super) struct ConsentLine {
    pub(super) at: String,
    pub(super) text: String,
    pub(super) way: String,
    pub(super) reason: String,
}

impl Wished {
    pub(super) async fn read(tx: &mut Tx, id: PersonId) -> Result<Self, StoreError> {
        Ok(Self {
            unsubscribed_at: subscription::unsubscribed_at(tx, id).await?,
            log: consent::list(tx, id, MOST_LINES).await?,
            request: deletion_request::find(tx, id).await?,
        })
    }
}

pub(super) fn of(operator: &Operator, wished: Wished) -> Wishes {
    let said = |id: &str, at: i64| operator.fill(id, "time", &operator.at(at));
    let request = wished.request;
    let declined_at = request.as_ref().and_then(|one| one.declined_at);
    let open = request.filter(|one| one.declined_at.is_none());
    Wishes {
        takes_none: wished.unsubscribed_at.map(|at| said("person-takes-none", at)),
        log: wished.log.into_iter().map(|one| line(operator, one)).collect(),
        deletion: open.as_ref().map(|one| said("person-deletion", one.requested_at)),
        deletion_reason: open.map(|one| one.reason).unwrap_or_default(),
        declined: declined_at.map(|at| said("person-deletion-declined", at)),
    }
}

fn line(operator: &Operator, one: Consent) -> ConsentLine {
    let id = match one.act {
        ConsentAct::Asked => "consent-asked",
        ConsentAct::Subscribed => "consent-subscribed",
        ConsentAct::Unsubscribed => "consent-unsubscribed",
        ConsentAct::StoppedAll => "consent-stopped-all",
        ConsentAct::AllowedAgain => "consent-allowed-again",
    };
    let way = match (one.way, &one.by) {
        (ConsentWay::Page, _) => operator.say("consent-way-page"),
        (ConsentWay::Confirmation, _) => operator.say("consent-way-confirmation"),
        (ConsentWay::Link, _) => operator.say("consent-way-link"),
        (ConsentWay::OneClick, _) => operator.say("consent-way-one-click"),
        (ConsentWay::Operator, Some(who)) => operator.fill("consent-way-operator", "who", who),
        (ConsentWay::Operator, None) => operator.say("consent-way-somebody"),
    };
    ConsentLine {
        at: operator.at(one.at),
        text: operator.fill(id, "title", &one.title),
        way,
        reason: one.reason,
    }
}
