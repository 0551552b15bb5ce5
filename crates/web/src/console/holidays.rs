//! The holiday calendar: what *never on holidays* and *only on holidays* go by.

use crate::console::automations::tabs;
use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::shell::{Place, Shell, Tab};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::role::Permission;
use domain::schedule::{HolidayCalendar, HolidayInput};
use store::holiday;

#[derive(Template)]
#[template(path = "console/holidays.html")]
struct HolidaysPage {
    shell: Shell,
    tabs: Vec<Tab>,
    holidays: Vec<HolidayInput>,
    filled: Filled,
    may_edit: bool,
}

/// GET /console/holidays
pub(crate) async fn list(operator: Operator) -> Result<Response, Failure> {
    operator.query(&[])?;
    show_page(&operator, StatusCode::OK, Filled::default()).await
}

/// POST /console/holidays
pub(crate) async fn create(operator: Operator, form: Form) -> Result<Response, Failure> {
    let pairs = operator.form(form, &["date", "name", "yearly"])?;
    let mut filled = Filled::sent(&pairs);
    let one = HolidayInput {
        date: pairs.text("date").trim().to_owned(),
        name: pairs.text("name").trim().to_owned(),
        yearly: filled.has("yearly"),
    };
    if let Err(invalid) = HolidayCalendar::new(std::slice::from_ref(&one)) {
        for problem in invalid.problems() {
            let (field, id) = if problem.field.ends_with("date") {
                ("date", "holiday-wrong-date")
            } else {
                ("name", "holiday-wrong-name")
            };
            filled.wrong(field, operator.say(id));
        }
        return show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, filled).await;
    }
    let (acting, now) = (operator.acting(), operator.now_ms());
    let write = operator.state().store.write(move |tx| {
        let (one, acting) = (one.clone(), acting.clone());
        Box::pin(async move { holiday::insert(tx, &acting, &one, now).await })
    });
    write.await.map_err(Failure::from)?;
    Ok(page::done("/console/holidays", "holiday-saved", None))
}

/// POST /console/holidays/remove
pub(crate) async fn remove(operator: Operator, form: Form) -> Result<Response, Failure> {
    let day = operator.form(form, &["date"])?.text("date").to_owned();
    let (acting, now) = (operator.acting(), operator.now_ms());
    let write = operator.state().store.write(move |tx| {
        let (day, acting) = (day.clone(), acting.clone());
        Box::pin(async move { holiday::remove(tx, &acting, &day, now).await })
    });
    if write.await.map_err(Failure::from)? {
        Ok(page::done("/console/holidays", "holiday-removed", None))
    } else {
        Err(Failure::NotFound)
    }
}

async fn show_page(operator: &Operator, status: StatusCode, filled: Filled) -> Result<Response, Failure> {
    let read = operator.state().store.read(|tx| Box::pin(async move { holiday::list(tx).await }));
    let page = HolidaysPage {
        holidays: read.await.map_err(Failure::from)?,
        tabs: tabs(operator, "/console/holidays"),
        shell: operator.shell(Place::Automations),
        filled,
        may_edit: operator.may(Permission::SettingsEdit),
    };
    page::show(status, &page)
}
