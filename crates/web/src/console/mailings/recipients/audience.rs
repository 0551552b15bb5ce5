//! The selection of a mailing and when its audience is settled; of a reminder, whom it reminds.

use super::{FIELDS, Looks, show_page};
use crate::console::filled::Filled;
use crate::console::mailings::{get, path_of, refusals, typed};
use crate::console::operator::Operator;
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use crate::query::Pairs;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::SelectionId;
use domain::mailing::{Reminder, Settled, Stage};
use store::mailing::{Draft, Mailing};
use store::selection;

/// POST /console/mailings/{id}/recipients: the selection and when the audience is settled; of a reminder, whom it reminds.
pub(crate) async fn update(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let pairs = operator.form(form, &FIELDS)?;
    let one = get(&operator, &id).await?;
    let mut filled = Filled::sent(&pairs);
    let draft = match &one.reminder {
        Some(reminder) => read_reminder(&operator, &pairs, &mut filled, &one, reminder),
        None => read_audience(&operator, &pairs, &mut filled, &one).await?,
    };
    let saved = match draft {
        // What is not changed is not saved: an armed one stays armed.
        Some(draft) if draft == Draft::of(&one) => Ok(one.clone()),
        Some(draft) => operator.state().flow.update_mailing(one.id, draft, &operator.acting()).await,
        None => {
            return show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, &one, filled, Looks::default())
                .await;
        }
    };
    match saved {
        Ok(saved) => {
            let path = path_of(&saved);
            Ok(match pairs.text("act") {
                "next" => page::done(&format!("{path}/start"), "mailing-recipients-saved", None),
                "close" => page::done(&path, "mailing-saved", None),
                _ => page::done(&format!("{path}/recipients"), "mailing-saved", None),
            })
        }
        Err(error) => {
            refusals::refuse(&operator, &mut filled, error, &FIELDS)?;
            show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, &one, filled, Looks::default()).await
        }
    }
}

fn read_reminder(
    operator: &Operator,
    pairs: &Pairs,
    filled: &mut Filled,
    one: &Mailing,
    before: &Reminder,
) -> Option<Draft> {
    let stage = Stage::parse(pairs.text("stage"));
    if stage.is_none() {
        filled.wrong("stage", operator.say("job-wrong-mode"));
    }
    let gap_hours = typed::number(operator, filled, "gap_hours", "mailing-wrong-gap");
    let most = typed::number(operator, filled, "most", "mailing-wrong-most");
    let reminder = Reminder {
        of: before.of,
        stage: stage?,
        gap_hours: gap_hours?.unwrap_or_default(),
        most: most?.unwrap_or_default(),
    };
    Some(Draft { reminder: Some(reminder), ..Draft::of(one) })
}

async fn read_audience(
    operator: &Operator,
    pairs: &Pairs,
    filled: &mut Filled,
    one: &Mailing,
) -> Result<Option<Draft>, Failure> {
    let wanted = pairs.text("selection").parse::<SelectionId>().ok();
    let read =
        operator.state().store.read(|tx| Box::pin(async move { selection::list(tx, Some(false)).await }));
    let known: Vec<_> = read.await.map_err(Failure::from)?;
    let is_known = |id: SelectionId| {
        one.selection_id == Some(id) || known.iter().any(|one| one.id == id && one.published)
    };
    if wanted.is_some_and(|id| !is_known(id)) {
        filled.wrong("selection", operator.say("mailing-wrong-selection"));
    }
    let settled = Settled::parse(pairs.text("settled")).unwrap_or(one.settled);
    let zone = typed::zone(operator, filled);
    let late = typed::wall(operator, filled, "late_until");
    let late_until_at = match (&zone, late) {
        (Some((_, zone)), Some(Some(wall))) => typed::moment(zone, wall),
        _ => None,
    };
    if !filled.is_right() {
        return Ok(None);
    }
    Ok(Some(Draft { selection_id: wanted, settled, late_until_at, ..Draft::of(one) }))
}
