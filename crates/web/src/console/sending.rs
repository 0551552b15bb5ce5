//! The kill switch: stops all sending of all runs, and starts it again.

use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::shell::{Place, Shell};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use store::overview::{self, Stopped};

/// The most characters of why it is stopped.
const MOST_WHY: usize = 300;

#[derive(Template)]
#[template(path = "console/sending.html")]
struct SendingPage {
    shell: Shell,
    stopped: Option<Stopped>,
    at: String,
    open: usize,
    filled: Filled,
}

/// GET /console/sending
pub(crate) async fn show(operator: Operator) -> Result<Response, Failure> {
    operator.query(&[])?;
    form(&operator, StatusCode::OK, Filled::default()).await
}

/// POST /console/sending/stop
pub(crate) async fn stop(operator: Operator, sent: Form) -> Result<Response, Failure> {
    let fields = operator.form(sent, &["why"])?;
    let mut filled = Filled::sent(&fields);
    let why = fields.text("why").trim();
    if why.is_empty() {
        filled.wrong("why", operator.say("sending-why-missing"));
    } else if why.chars().count() > MOST_WHY {
        filled.wrong("why", operator.fill("form-too-long", "n", &MOST_WHY.to_string()));
    }
    if !filled.is_right() {
        return form(&operator, StatusCode::UNPROCESSABLE_ENTITY, filled).await;
    }
    operator.state().flow.stop_sending(&operator.acting(), why).await?;
    Ok(page::done("/console", "sending-stopped", None))
}

/// POST /console/sending/start
pub(crate) async fn start(operator: Operator, sent: Form) -> Result<Response, Failure> {
    operator.form(sent, &[])?;
    operator.state().flow.start_sending(&operator.acting()).await?;
    Ok(page::done("/console", "sending-started", None))
}

async fn form(operator: &Operator, status: StatusCode, filled: Filled) -> Result<Response, Failure> {
    let read = operator.state().store.read(|tx| {
        Box::pin(async move {
            let stopped = overview::find_stopped(tx).await?;
            Ok::<_, Failure>((stopped, overview::list_open_runs(tx, 1_000).await?.len()))
        })
    });
    let (stopped, open) = read.await?;
    let page = SendingPage {
        shell: operator.shell(Place::Overview),
        at: stopped.as_ref().and_then(|stopped| stopped.at).map(|at| operator.at(at)).unwrap_or_default(),
        stopped,
        open,
        filled,
    };
    page::show(status, &page)
}
