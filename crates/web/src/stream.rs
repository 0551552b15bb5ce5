//! Bodies that are sent as they are made: events of a page that watches, and downloads of any length.

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use axum::response::Response;
use futures_core::Stream;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc::{self, Receiver, Sender};

/// What a channel gives, until its sender is gone.
#[derive(Debug)]
pub(crate) struct Received(Receiver<Result<Bytes, std::io::Error>>);

impl Received {
    pub(crate) const fn new(receiver: Receiver<Result<Bytes, std::io::Error>>) -> Self {
        Self(receiver)
    }
}

impl Stream for Received {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context)
    }
}

/// Pieces that wait until the reader takes them; whoever makes more waits as well.
const WAITING: usize = 4;

/// Where the pieces of a body are put. An error cuts the body off, so that nobody takes half a file for the whole.
pub(crate) type Pieces = Sender<Result<Bytes, std::io::Error>>;

/// A body and where its pieces are put; it ends when that is dropped.
pub(crate) fn body() -> (Pieces, Body) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (sender, Body::from_stream(Received::new(receiver)))
}

pub(crate) const CSV: &str = "text/csv; charset=utf-8";

/// The answer with a file to save.
pub(crate) fn download(name: &str, kind: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    // The names are our own: letters, digits and dashes.
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    response.extensions_mut().insert(crate::headers::Kind::Data);
    response
}
