//! Whom a mailing would reach at this moment, who is left out and why, and how its approval stands.

use super::refusals;
use crate::console::grouped;
use crate::console::operator::Operator;
use crate::failure::Failure;
use domain::id::PersonId;
use flow::{MailingPreview, Refusal, StartError};
use std::cmp::Reverse;
use store::mailing::Mailing;
use store::recipient::Previewed;

/// What a dry run counts.
pub(super) struct Counted {
    pub(super) total: String,
    pub(super) would_receive: String,
    pub(super) left_out_total: String,
    pub(super) left_out: Vec<(String, String)>,
    pub(super) receivers: Vec<String>,
    pub(super) excluded: Vec<(String, String)>,
    pub(super) named: bool,
    /// `none`, `fine` or `lacking`.
    pub(super) approval: &'static str,
    pub(super) approval_text: String,
    pub(super) digest: String,
    /// Above the number from which on it must be typed.
    pub(super) must_type: bool,
}

/// Whom it would reach now, and why it would not start, if it would not.
pub(super) async fn count(
    operator: &Operator,
    one: &Mailing,
    sender: PersonId,
    people: i64,
) -> Result<(Option<Counted>, String), Failure> {
    match operator.state().flow.preview_mailing(one.id, sender, people).await {
        Ok(preview) => {
            let refusal = refusal_of(operator, one, &preview);
            Ok((Some(counted(operator, preview, people > 0)), refusal))
        }
        Err(StartError::Refused(refusal)) => Ok((None, refusals::explain(operator, &refusal))),
        Err(StartError::Store(error)) => Err(error.into()),
    }
}

/// What a start would be refused for, in the operator's language; empty: nothing.
fn refusal_of(operator: &Operator, one: &Mailing, preview: &MailingPreview) -> String {
    let limits = &operator.state().flow.settings().limits;
    let people = preview.counts.would_receive;
    let own = one.password.most_people.map(i64::from);
    let limits = [(own, "most_people"), (Some(limits.people_per_run), "limits.people_per_run")];
    for (limit, setting) in limits {
        if let Some(limit) = limit.filter(|limit| people > *limit) {
            return refusals::explain(operator, &Refusal::TooMany { would_receive: people, limit, setting });
        }
    }
    match preview.approval.require(people) {
        Ok(_) => String::new(),
        Err(refusal) => refusals::explain(operator, &refusal),
    }
}

fn counted(operator: &Operator, preview: MailingPreview, named: bool) -> Counted {
    let words = operator.context.words;
    let counts = preview.counts;
    let mut left_out: Vec<_> = counts.left_out.into_iter().collect();
    left_out.sort_by_key(|(_, people)| Reverse(*people));
    let approval = &preview.approval;
    let needed = approval.above.filter(|above| counts.would_receive > *above);
    let (state, text) = match (needed, &approval.lacking, approval.above) {
        (None, _, None) => ("none", String::new()),
        (None, _, Some(above)) => ("none", words.fill("mailing-approval-not-now", "above", &grouped(above))),
        (Some(above), Some(lacking), _) => {
            let gaps = [("above", grouped(above)), ("lacking", words.tell(lacking))];
            let gaps = gaps.each_ref().map(|(gap, text)| (*gap, text.as_str()));
            ("lacking", words.say_with("approval-lacking", &gaps))
        }
        (Some(_), None, _) => {
            let who = approval.approver.clone().unwrap_or_default();
            ("fine", words.fill("mailing-approval-given", "who", &who))
        }
    };
    let excluded = |one: Previewed| {
        let reason = one.reason.map(|reason| words.reason(reason.as_str())).unwrap_or_default();
        (one.username, reason)
    };
    Counted {
        total: grouped(counts.total),
        would_receive: grouped(counts.would_receive),
        left_out_total: grouped(counts.total - counts.would_receive),
        left_out: left_out
            .into_iter()
            .map(|(reason, people)| (words.reason(reason.as_str()), grouped(people)))
            .collect(),
        receivers: preview.would_receive.into_iter().map(|one| one.username).collect(),
        excluded: preview.left_out.into_iter().map(excluded).collect(),
        named,
        approval: state,
        approval_text: text,
        digest: approval.digest.clone(),
        must_type: counts.would_receive > operator.state().flow.settings().limits.confirm_above,
    }
}
