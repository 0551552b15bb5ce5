//! What a filter finds now, as a page shows it: the number, a few of the people, and the split by reason.

use crate::console::grouped;
use crate::console::operator::Operator;
use crate::failure::Failure;
use domain::filter::Problem;
use domain::role::Permission;
use flow::Survey;
use std::cmp::Reverse;
use store::person;

/// People named.
const SAMPLE: i64 = 8;

/// What a filter finds now.
pub(super) struct Found {
    pub(super) people: String,
    pub(super) is_nobody: bool,
    /// Name and address; `None`: the operator may not see people.
    pub(super) sample: Option<Vec<(String, String, String)>>,
    pub(super) more: bool,
    pub(super) split: Option<Split>,
}

/// Who of them a password job would write to.
pub(super) struct Split {
    pub(super) would_receive: String,
    pub(super) left_out: Vec<(String, String)>,
}

/// What is looked at.
pub(super) struct Asked {
    pub(super) filter: String,
    pub(super) name: Option<String>,
    pub(super) time_zone: String,
    pub(super) size_limit: Option<i64>,
}

/// Looks at a filter.
pub(super) async fn find(operator: &Operator, asked: Asked) -> Result<Result<Found, Box<Problem>>, Failure> {
    let may_name = operator.may(Permission::PeopleView);
    let survey = Survey {
        filter: asked.filter,
        name: asked.name,
        time_zone: asked.time_zone,
        size_limit: asked.size_limit,
        viewer: operator.id(),
        sample: if may_name { SAMPLE } else { 0 },
    };
    let state = operator.state();
    let found = match state.flow.survey(survey, &state.settings.job).await? {
        Ok(found) => found,
        Err(problem) => return Ok(Err(problem)),
    };
    let (ids, people) = (found.sample, found.people);
    let named = state.store.read(move |tx| Box::pin(async move { person::list_by_ids(tx, &ids).await }));
    let named = named.await.map_err(Failure::from)?;
    let sample = named.into_iter().map(|one| {
        let address = one.address.as_ref().map(ToString::to_string).unwrap_or_default();
        (one.id.to_string(), one.full_name(), address)
    });
    Ok(Ok(Found {
        people: grouped(people),
        is_nobody: people == 0,
        more: people > SAMPLE,
        sample: may_name.then(|| sample.collect()),
        split: found.split.map(|split| split_of(operator, split)),
    }))
}

fn split_of(operator: &Operator, split: domain::run::Preview) -> Split {
    let mut left_out: Vec<_> = split.left_out.into_iter().collect();
    left_out.sort_by_key(|(_, people)| Reverse(*people));
    let words = operator.context.words;
    Split {
        would_receive: grouped(split.would_receive),
        left_out: left_out
            .into_iter()
            .map(|(reason, people)| (words.reason(reason.as_str()), grouped(people)))
            .collect(),
    }
}
