//! Runs: their list, the page of one and what follows it while it runs, what an operator can do to it, its recipients
//! and its report.

pub(crate) mod act;
pub(crate) mod download;
mod line;
pub(crate) mod list;
pub(crate) mod page;
pub(crate) mod recipient;
pub(crate) mod recipients;
pub(crate) mod report;
mod timeline;
pub(crate) mod watch;

pub(crate) use line::Line;

use crate::console::operator::Operator;
use crate::console::place::id_of;
use crate::failure::Failure;
use domain::id::RunId;
use store::run::{self, Run};

/// The run of a path.
async fn get(operator: &Operator, id: RunId) -> Result<Run, Failure> {
    let found = operator.state().store.read(move |tx| Box::pin(async move { run::get(tx, id).await }));
    found.await.map_err(Failure::from)
}
