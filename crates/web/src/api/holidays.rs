//! The holiday calendar, for programs.

use crate::api::document::operation::{Operation, of};
use crate::api::json::Strict;
use crate::api::paging::Page;
use crate::api::place::Id;
use crate::api::problem::Problem;
use crate::api::program::Caller;
use axum::Json;
use axum::http::StatusCode;
use domain::schedule::{HolidayCalendar, HolidayInput};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::holiday;

const DAY: &[&str] = &["2026-12-25"];

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/holidays", "List holidays").gives(200, of::<Page<HolidayView>>),
    Operation::put("/api/v1/holidays/{date}", "Add a holiday, or rename the one of that day")
        .at(DAY)
        .takes(of::<HolidayBody>, r#"{"name":"Christmas Day","yearly":true}"#)
        .gives(200, of::<HolidayView>),
    Operation::delete("/api/v1/holidays/{date}", "Remove the holiday of a day").at(DAY),
];

/// A holiday.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Holiday")]
pub(crate) struct HolidayView {
    /// As in 2026-12-25.
    date: String,
    name: String,
    /// The same day every year.
    yearly: bool,
}

impl From<HolidayInput> for HolidayView {
    fn from(one: HolidayInput) -> Self {
        Self { date: one.date, name: one.name, yearly: one.yearly }
    }
}

/// What a day is called.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HolidayBody {
    /// 1 to 100 characters.
    name: String,
    #[serde(default)]
    yearly: bool,
}

/// GET /api/v1/holidays
pub(crate) async fn list(caller: Caller) -> Result<Json<Page<HolidayView>>, Problem> {
    let found = caller.read(|tx| Box::pin(async move { Ok(holiday::list(tx).await?) })).await?;
    Ok(Json(Page { items: found.into_iter().map(HolidayView::from).collect(), next_cursor: None }))
}

/// PUT /api/v1/holidays/{date}
pub(crate) async fn update(
    caller: Caller,
    Id(date): Id<jiff::civil::Date>,
    Strict(body): Strict<HolidayBody>,
) -> Result<Json<HolidayView>, Problem> {
    let one = HolidayInput { date: date.to_string(), name: body.name.trim().to_owned(), yearly: body.yearly };
    if let Err(invalid) = HolidayCalendar::new(std::slice::from_ref(&one)) {
        return Err(Problem::field("/name", invalid.to_string()));
    }
    if one.name.chars().any(char::is_control) {
        return Err(Problem::field("/name", "control characters are not allowed"));
    }
    let (acting, now, input) = (caller.acting(), caller.now_ms, one.clone());
    caller
        .write(move |tx| Box::pin(async move { Ok(holiday::insert(tx, &acting, &input, now).await?) }))
        .await?;
    Ok(Json(one.into()))
}

/// DELETE /api/v1/holidays/{date}
pub(crate) async fn remove(caller: Caller, Id(date): Id<jiff::civil::Date>) -> Result<StatusCode, Problem> {
    let (acting, now, day) = (caller.acting(), caller.now_ms, date.to_string());
    caller
        .write(move |tx| {
            Box::pin(async move {
                let removed = holiday::remove(tx, &acting, &day, now).await?;
                if removed { Ok(()) } else { Err(Problem::not_found()) }
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
