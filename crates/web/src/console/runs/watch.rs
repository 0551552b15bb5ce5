//! What the page of a run follows while it runs: server-sent events. Without script a reload shows the same.

use super::{get, id_of};
use crate::console::operator::Operator;
use crate::console::progress::Progress;
use crate::failure::Failure;
use crate::headers::Kind;
use crate::live::Seen;
use crate::stream::{self, Pieces};
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::response::Response;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// After so long without news a line is sent that says nothing, so that nothing between takes the silence for the end.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// After so long the browser asks anew, and is asked anew who it is.
const LONGEST: Duration = Duration::from_secs(120);
/// How long a browser waits before it asks again, in milliseconds.
const RETRY: &str = "retry: 2000\n\n";

/// GET /console/runs/{id}/events
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    operator.query(&[])?;
    let run = get(&operator, id_of(&id)?).await?;
    let (pieces, body) = stream::body();
    let live = &operator.state().live;
    let (seen, stopped) = (live.watch(&operator.state().store, run.id), live.stopped());
    tokio::spawn(follow(operator, seen, stopped, pieces));
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    // Proxies that gather an answer before they pass it on would keep the news.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response.extensions_mut().insert(Kind::Data);
    Ok(response)
}

/// Sends what changes until the run is over, the server stops, or nobody listens any more.
async fn follow(
    operator: Operator,
    mut seen: watch::Receiver<Option<Seen>>,
    stopped: impl Future<Output = ()> + Send,
    pieces: Pieces,
) {
    if send(&pieces, RETRY.to_owned()).await.is_err() {
        return;
    }
    let end = Instant::now() + LONGEST;
    let mut stopped = std::pin::pin!(stopped);
    // Whoever comes later than the first sees at once what the others see.
    if seen.borrow().is_some() {
        seen.mark_changed();
    }
    loop {
        let sent = tokio::select! {
            () = &mut stopped => return,
            () = tokio::time::sleep_until(end) => return,
            () = pieces.closed() => return,
            changed = seen.changed() => {
                let now = seen.borrow_and_update().clone();
                if changed.is_err() {
                    return;
                }
                let Some(now) = now else { continue };
                let sent = send(&pieces, event(&operator, &now)).await;
                if now.state.is_over() {
                    return;
                }
                sent
            }
            () = tokio::time::sleep(HEARTBEAT) => send(&pieces, ":\n\n".to_owned()).await,
        };
        if sent.is_err() {
            return;
        }
    }
}

fn event(operator: &Operator, seen: &Seen) -> String {
    format!("event: run\ndata: {}\n\n", Progress::of(operator, seen).json(seen))
}

async fn send(pieces: &Pieces, text: String) -> Result<(), ()> {
    pieces.send(Ok(Bytes::from(text))).await.map_err(|_| ())
}
