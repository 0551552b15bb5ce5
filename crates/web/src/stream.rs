//! A channel as the stream that a body is made of.

use axum::body::Bytes;
use futures_core::Stream;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc::Receiver;

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
