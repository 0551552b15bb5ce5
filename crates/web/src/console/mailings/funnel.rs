//! The funnel of a mailing as its page shows it: one line a stage, each number a link to its people.

use super::path_of;
use crate::console::grouped;
use crate::console::operator::Operator;
use domain::mailing::{Stage, Step};
use store::mailing::{Funnel, FunnelStage, Mailing};

/// The width of a whole bar.
const WHOLE: i64 = 1_000;

/// A stage of the funnel.
pub(super) struct Bar {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) means: String,
    pub(super) count: String,
    /// Of those whose mail was accepted; empty: it makes no sense.
    pub(super) percent: String,
    pub(super) path: String,
    pub(super) width: i64,
}

/// A number beside the funnel.
pub(super) struct Aside {
    pub(super) label: String,
    pub(super) means: String,
    pub(super) count: String,
    pub(super) path: String,
}

/// The stages everybody goes through, from the mail to the first sign-in.
pub(super) fn bars(operator: &Operator, one: &Mailing, funnel: &Funnel) -> Vec<Bar> {
    let stages = [
        (FunnelStage::Accepted, funnel.accepted),
        (FunnelStage::Took(Step::Opened), funnel.opened),
        (FunnelStage::Took(Step::Requested), funnel.requested),
        (FunnelStage::Took(Step::LinkSent), funnel.link_sent),
        (FunnelStage::Took(Step::PasswordSet), funnel.password_set),
        (FunnelStage::Took(Step::LoggedIn), funnel.logged_in),
    ];
    // A mail with a personal link or a password leads past the page where one asks for a link.
    let is_two_stage = one.intent == domain::mailing::Intent::OfferLink;
    let asks = |stage: FunnelStage| matches!(stage, FunnelStage::Took(Step::Requested | Step::LinkSent));
    let opens = |stage: FunnelStage| stage == FunnelStage::Took(Step::Opened);
    let forces = one.intent == domain::mailing::Intent::ForcePassword;
    let whole = funnel.accepted.max(1);
    stages
        .into_iter()
        .filter(|(stage, count)| {
            *count > 0 || ((is_two_stage || !asks(*stage)) && (!forces || !opens(*stage)))
        })
        .map(|(stage, count)| {
            let is_first = stage == FunnelStage::Accepted;
            Bar {
                name: stage.as_str(),
                label: label(operator, stage),
                means: operator.say(&means_id(stage)),
                count: grouped(count),
                percent: if is_first { String::new() } else { format!("{} %", count * 100 / whole) },
                path: path(one, stage),
                width: if is_first && count > 0 { WHOLE } else { (count * WHOLE / whole).clamp(0, WHOLE) },
            }
        })
        .collect()
}

/// What is no stage: those left out, waiting, failed, and pages that only a program opened.
pub(super) fn asides(operator: &Operator, one: &Mailing, funnel: &Funnel) -> Vec<Aside> {
    let numbers = [
        (FunnelStage::Total, funnel.total),
        (FunnelStage::Waiting, funnel.waiting),
        (FunnelStage::Failed, funnel.failed),
        (FunnelStage::LeftOut, funnel.left_out),
        (FunnelStage::Took(Step::OpenedByMachine), funnel.opened_by_machine),
    ];
    numbers
        .into_iter()
        .map(|(stage, count)| Aside {
            label: label(operator, stage),
            means: operator.say(&means_id(stage)),
            count: grouped(count),
            path: path(one, stage),
        })
        .collect()
}

/// Who is left, by how far they came.
pub(super) fn left(operator: &Operator, one: &Mailing, counts: &[(Stage, i64)]) -> Vec<Aside> {
    counts
        .iter()
        .map(|(stage, count)| Aside {
            label: operator.say(&format!("stage-{}", stage.as_str().replace('_', "-"))),
            means: String::new(),
            count: grouped(*count),
            path: path(one, FunnelStage::At(*stage)),
        })
        .collect()
}

/// Where the people behind a number are listed.
pub(super) fn path(one: &Mailing, stage: FunnelStage) -> String {
    format!("{}/people?stage={}", path_of(one), stage.as_str())
}

/// The word for a number of the funnel; it claims no more than is known.
pub(super) fn label(operator: &Operator, stage: FunnelStage) -> String {
    match stage {
        FunnelStage::At(stage) => operator.say(&format!("stage-{}", stage.as_str().replace('_', "-"))),
        stage => operator.say(&format!("funnel-{}", stage.as_str().replace('_', "-"))),
    }
}

fn means_id(stage: FunnelStage) -> String {
    format!("funnel-{}-means", stage.as_str().replace('_', "-"))
}
