//! What is done to a mailing as a whole: taken back, called off, approved, copied, reminded of, put away, removed.

use super::{HERE, get, path_of, refusals, show};
use crate::console::archive::Listed;
use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::refusal;
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::MailingId;
use domain::mailing::{Reminder, Settled, Stage};
use domain::role::Permission;
use flow::MailingError;
use store::ChangeError;
use store::mailing::{Draft, Mailing};

/// POST /console/mailings/{id}/disarm
pub(crate) async fn disarm(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    operator.form(form, &[])?;
    let one = get_to_send(&operator, &id).await?;
    let done = operator.state().flow.disarm_mailing(one.id, &operator.acting()).await;
    settle(&operator, one, done.map(drop), "mailing-disarmed").await
}

/// POST /console/mailings/{id}/cancel
pub(crate) async fn cancel(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    operator.form(form, &[])?;
    let one = get_to_send(&operator, &id).await?;
    let done = operator.state().flow.cancel_mailing(one.id, &operator.acting()).await;
    settle(&operator, one, done.map(drop), "mailing-cancelled").await
}

/// The mailing, for who may send such ones: the route lets everybody in who may send some.
async fn get_to_send(operator: &Operator, id: &str) -> Result<Mailing, Failure> {
    let one = get(operator, id).await?;
    if operator.may(one.intent.needs()) { Ok(one) } else { Err(Failure::Forbidden) }
}

/// POST /console/mailings/{id}/approve
pub(crate) async fn approve(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let digest = operator.form(form, &["digest"])?.text("digest").to_owned();
    let one = get(&operator, &id).await?;
    // Only what was on the page is approved, not what somebody made of it since.
    let done = operator.state().flow.approve_mailing(one.id, Some(digest), &operator.acting()).await;
    settle(&operator, one, done.map(drop), "mailing-approved").await
}

async fn settle(
    operator: &Operator,
    one: Mailing,
    done: Result<(), MailingError>,
    code: &str,
) -> Result<Response, Failure> {
    match done {
        Ok(()) if operator.may(Permission::MailingsView) => Ok(page::done(&path_of(&one), code, None)),
        Ok(()) => Ok(page::done("/console", code, None)),
        Err(error) => {
            let why = refusals::say(operator, error)?;
            refuse(operator, one.id, why, None).await
        }
    }
}

/// The page of the mailing with why something was not done.
async fn refuse(
    operator: &Operator,
    id: MailingId,
    why: String,
    remind: Option<Filled>,
) -> Result<Response, Failure> {
    if !operator.may(Permission::MailingsView) {
        return Err(Failure::NotFound);
    }
    let one = get(operator, &id.to_string()).await?;
    let remind = remind.unwrap_or_else(|| show::reminder_filled(operator, &one));
    show::show_page(operator, StatusCode::UNPROCESSABLE_ENTITY, one, Some(why), remind).await
}

/// POST /console/mailings/{id}/copy
pub(crate) async fn copy(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let pairs = operator.form(form, &["copy"])?;
    let one = get(&operator, &id).await?;
    match operator.state().flow.copy_mailing(one.id, pairs.text("copy"), &operator.acting()).await {
        Ok(copy) => Ok(page::done(&format!("{}/mail", path_of(&copy)), "mailing-copied", None)),
        Err(error) => {
            let why = refusals::say(&operator, error)?;
            refuse(&operator, one.id, why, None).await
        }
    }
}

/// POST /console/mailings/{id}/remind: begins a reminder of it, with its words to begin from.
pub(crate) async fn remind(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let pairs = operator.form(form, &["remind", "stage", "gap_hours", "most"])?;
    let one = get(&operator, &id).await?;
    let number = |name: &str| crate::console::automations::refusals::number(pairs.text(name));
    let small = |name: &str| number(name).and_then(|number| u32::try_from(number).ok()).unwrap_or_default();
    let reminder = Reminder {
        of: one.id,
        stage: Stage::parse(pairs.text("stage")).unwrap_or(Stage::NotDone),
        gap_hours: small("gap_hours"),
        most: small("most"),
    };
    let draft = Draft {
        name: pairs.text("remind").trim().to_owned(),
        selection_id: None,
        settled: Settled::AtStart,
        late_until_at: None,
        reminder: Some(reminder),
        ..Draft::of(&one)
    };
    match operator.state().flow.create_mailing(draft, &one.time_zone, &operator.acting()).await {
        Ok(new) => Ok(page::done(&format!("{}/mail", path_of(&new)), "mailing-remind-begun", None)),
        Err(error) => {
            let why = refusals::say(&operator, error)?;
            refuse(&operator, one.id, why, Some(Filled::sent(&pairs))).await
        }
    }
}

impl Listed for Mailing {
    const LIST: &'static str = HERE;
    const DONE: [&'static str; 3] = ["mailing-put-away", "mailing-restored", "mailing-removed"];

    async fn refused(operator: &Operator, id: MailingId, error: ChangeError) -> Result<Response, Failure> {
        match error {
            ChangeError::Refused(refused) => {
                let why = refusal::say(operator.context.words, &refused);
                refuse(operator, id, why, None).await
            }
            ChangeError::Store(error) => Err(error.into()),
        }
    }
}
