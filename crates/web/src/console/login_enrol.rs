//! On the way into the console: setting up the second factor that one's role asks for.

use crate::admit::Signed;
use crate::console::second_factor::{Place, confirm, form};
use crate::context::Context;
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use axum::response::Response;

/// GET /console/login/enrol
pub(crate) async fn show(context: Context, signed: Signed) -> Result<Response, Failure> {
    if signed.viewer.second_factor {
        return Ok(page::go("/console/login/code"));
    }
    form(&context.for_viewer(&signed.viewer), &signed, Place::WayIn, None)
}

/// POST /console/login/enrol
pub(crate) async fn create(context: Context, signed: Signed, sent: Form) -> Result<Response, Failure> {
    confirm(&context.for_viewer(&signed.viewer), &signed, Place::WayIn, sent).await
}
