//! The recipients of a run as a table: whom the operator asked for, and the pages before and after.

use crate::console::operator::Operator;
use crate::failure::Failure;
use crate::query::encode;
use domain::id::RunId;
use domain::recipient::{Reason, RecipientState};
use domain::role::Permission;
use store::recipient::{Listed, Side, Wanted, search};
use store::run::Run;
use store::{StoreError, Tx};

/// Recipients on one page.
pub(super) const PER_PAGE: usize = 50;

/// Whom the operator asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) wanted: Wanted,
    pub(super) side: Side,
    /// Names are for those who may see people, and so is looking for them.
    pub(super) may_search: bool,
    id: RunId,
}

impl Asked {
    /// What the address of the page says.
    pub(super) fn of(operator: &Operator, id: RunId) -> Result<Self, Failure> {
        let query = operator.query(&["state", "reason", "q", "after", "before"])?;
        let state = match query.text("state") {
            "" => None,
            text => Some(
                RecipientState::parse(text).ok_or(Failure::BadRequest("state: there is no such state."))?,
            ),
        };
        let place = |name: &str| match query.text(name) {
            "" => Ok(None),
            text => text.parse::<u32>().map(Some).map_err(|_| {
                Failure::BadRequest("after and before: expected the place of a recipient, a whole number.")
            }),
        };
        let side = match (place("after")?, place("before")?) {
            (_, Some(before)) => Side::Before(before),
            (after, None) => Side::After(after.unwrap_or(0)),
        };
        let may_search = operator.may(Permission::PeopleView);
        let given = |name: &str| Some(query.text(name).trim().to_owned()).filter(|text| !text.is_empty());
        let text = given("q").filter(|_| may_search);
        Ok(Self { wanted: Wanted { state, reason: given("reason"), text }, side, may_search, id })
    }

    pub(super) fn is_filtered(&self) -> bool {
        self.wanted != Wanted::default()
    }

    /// The page, and one more.
    pub(super) async fn find(&self, tx: &mut Tx, run: &Run) -> Result<Vec<Listed>, StoreError> {
        let most = PER_PAGE as i64 + 1;
        search(tx, run.number, run.counts.total, &self.wanted, self.side, most).await
    }

    /// The page of what was found, and where the ones before and after it are.
    pub(super) fn pages(
        &self,
        run: &Run,
        mut found: Vec<Listed>,
    ) -> (Vec<Listed>, Option<String>, Option<String>) {
        let more = found.len() > PER_PAGE;
        let (has_previous, has_next) = match self.side {
            Side::After(after) => (after > 0, more),
            Side::Before(_) => (more, true),
        };
        if more && matches!(self.side, Side::Before(_)) {
            found.remove(0);
        }
        found.truncate(PER_PAGE);
        let link = |way: &str, place: u32| {
            let path = self.path_of(run.id);
            let joint = if path.contains('?') { '&' } else { '?' };
            format!("{path}{joint}{way}={place}#recipients")
        };
        let (first, last) = (found.first().map(|one| one.position), found.last().map(|one| one.position));
        // Past the end there is nothing to begin from: back to the beginning.
        let previous = first.map_or_else(
            || has_previous.then(|| format!("{}#recipients", self.path_of(run.id))),
            |first| (has_previous && first > 1).then(|| link("before", first)),
        );
        let next = last.filter(|last| has_next && i64::from(*last) < run.counts.total);
        (found, previous, next.map(|last| link("after", last)))
    }

    fn path_of(&self, id: RunId) -> String {
        format!("/console/runs/{id}{}", self.query())
    }

    fn query(&self) -> String {
        let given = [
            ("state", self.wanted.state.map(RecipientState::as_str)),
            ("reason", self.wanted.reason.as_deref()),
            ("q", self.wanted.text.as_deref()),
        ];
        let pairs: Vec<String> = given
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", encode(value?))))
            .collect();
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    }

    /// The file with the same people.
    pub(super) fn csv(&self, id: RunId) -> String {
        debug_assert_eq!(id, self.id);
        format!("/console/runs/{id}/recipients.csv{}", self.query())
    }
}

/// Where the recipients of a run are listed that are in a state for a reason.
pub(super) fn path(id: RunId, state: Option<RecipientState>, reason: &str) -> String {
    let mut pairs = Vec::new();
    if let Some(state) = state {
        pairs.push(format!("state={}", state.as_str()));
    }
    if !reason.is_empty() {
        pairs.push(format!("reason={}", encode(reason)));
    }
    format!("/console/runs/{id}?{}#recipients", pairs.join("&"))
}

/// A recipient in the table.
pub(super) struct RecipientLine {
    pub(super) place: u32,
    pub(super) path: String,
    pub(super) name: String,
    pub(super) address: String,
    pub(super) state: &'static str,
    pub(super) label: String,
    pub(super) note: String,
    pub(super) at: String,
}

impl RecipientLine {
    pub(super) fn of(operator: &Operator, run: RunId, one: Listed) -> Self {
        // Who may see runs may see numbers; names belong to who may see people.
        let named = operator.may(Permission::PeopleView);
        let due = one.due_at.map(|due| operator.fill("run-again", "time", &operator.at(due)));
        // What the relay said when it took the mail is in the timeline.
        let reply = one.reply.clone().filter(|_| one.state != RecipientState::Accepted);
        let note = why(operator, &one).or(reply);
        Self {
            place: one.position,
            path: format!("/console/runs/{run}/recipients/{}", one.position),
            name: match one.name {
                Some(name) if named => name,
                Some(_) => operator.say("run-hidden"),
                None => operator.say("run-erased"),
            },
            address: one.address.filter(|_| named).unwrap_or_default(),
            state: one.state.as_str(),
            label: operator.context.words.state(one.state.as_str()),
            note: [note, due].into_iter().flatten().collect::<Vec<_>>().join(" · "),
            at: one.settled_at.map(|at| operator.at(at)).unwrap_or_default(),
        }
    }
}

/// Why a recipient stands where it stands, in words; `None`: there is nothing to explain.
pub(super) fn why(operator: &Operator, one: &Listed) -> Option<String> {
    let (words, reason) = (operator.context.words, one.reason.as_deref()?);
    if Reason::parse(reason).is_some() {
        return Some(words.reason(reason));
    }
    words.cause(reason).or_else(|| one.reply.is_none().then(|| reason.to_owned()))
}
