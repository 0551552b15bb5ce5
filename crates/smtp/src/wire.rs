//! The connection's two buffers: commands are gathered and written at once, replies are read with bounds.
//!
//! It counts every octet that leaves the buffer. That count is the only truth about whether the end of a message
//! may have reached the relay.

use crate::answer::Cause;
use crate::reply::{Reply, ReplyReader};
use crate::stream::Stream;
use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};
use zeroize::Zeroize;

/// Octets read at once; a reply may be longer, it is not kept.
const INPUT: usize = 8 * 1024;
/// A larger output buffer is given back after use.
const OUTPUT_KEPT: usize = 1024 * 1024;

#[derive(Debug)]
pub(crate) struct Wire {
    stream: Stream,
    input: Box<[u8]>,
    input_at: usize,
    input_end: usize,
    reader: ReplyReader,
    /// Commands and content not yet written from `written` on.
    pub(crate) out: Vec<u8>,
    written: usize,
    /// Octets that left the buffer since the connection began.
    sent: u64,
}

impl Wire {
    pub(crate) fn new(stream: Stream) -> Self {
        Self {
            stream,
            input: vec![0; INPUT].into_boxed_slice(),
            input_at: 0,
            input_end: 0,
            reader: ReplyReader::new(),
            out: Vec::with_capacity(16 * 1024),
            written: 0,
            sent: 0,
        }
    }

    pub(crate) fn stream(&self) -> &Stream {
        &self.stream
    }

    /// The bare stream again, for the TLS handshake; unread octets would be lost, so there must be none.
    pub(crate) fn into_stream(self) -> Stream {
        self.stream
    }

    /// The place in the stream after everything in the buffer.
    pub(crate) fn end(&self) -> u64 {
        self.sent + (self.out.len() - self.written) as u64
    }

    /// How many octets may have left for the relay.
    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    /// Whether there are octets that no command of ours asked for yet.
    pub(crate) fn has_input(&self) -> bool {
        self.input_at < self.input_end
    }

    /// Writes the whole buffer; each bit of progress may take `limit`. May be cancelled: the count stays right.
    pub(crate) async fn flush(&mut self, limit: Duration, waiting_for: &'static str) -> Result<(), Cause> {
        while self.written < self.out.len() {
            within(limit, waiting_for, |cx| self.poll_write(cx)).await?;
        }
        within(limit, waiting_for, |cx| self.stream.poll_flush(cx)).await?;
        self.out.clear();
        self.written = 0;
        if self.out.capacity() > OUTPUT_KEPT {
            self.out.shrink_to(OUTPUT_KEPT);
        }
        Ok(())
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.poll_write(cx, &self.out[self.written..]).map(|done| match done? {
            0 => Err(io::ErrorKind::WriteZero.into()),
            count => {
                self.written += count;
                self.sent += count as u64;
                Ok(())
            }
        })
    }

    /// Reads one reply and gives its code. May be cancelled or time out and be called again: nothing is lost.
    pub(crate) async fn read_reply(
        &mut self,
        deadline: Instant,
        waiting_for: &'static str,
    ) -> Result<u16, Cause> {
        loop {
            if self.has_input() {
                let octets = &self.input[self.input_at..self.input_end];
                let (used, complete) =
                    self.reader.feed(octets).map_err(|problem| Cause::Garbled { waiting_for, problem })?;
                self.input_at += used;
                if complete {
                    return Ok(self.reader.code());
                }
                continue;
            }
            match timeout_at(deadline, self.hear()).await {
                Err(_) => return Err(Cause::TimedOut { waiting_for }),
                Ok(Ok(true)) => {}
                Ok(Ok(false)) => {
                    return Err(Cause::Closed { waiting_for, detail: "the relay closed it".to_owned() });
                }
                Ok(Err(error)) => return Err(closed(waiting_for, &error)),
            }
        }
    }

    /// Waits for octets, once all earlier ones are used; `false` at the end of the stream. May be cancelled.
    pub(crate) async fn hear(&mut self) -> io::Result<bool> {
        let count = poll_fn(|cx| self.stream.poll_read(cx, &mut self.input)).await?;
        (self.input_at, self.input_end) = (0, count);
        Ok(count > 0)
    }

    /// Reads the reply to EHLO: its code and its lines.
    pub(crate) async fn read_capabilities(
        &mut self,
        deadline: Instant,
        waiting_for: &'static str,
    ) -> Result<(u16, Vec<String>), Cause> {
        self.reader.expect_capabilities();
        let code = self.read_reply(deadline, waiting_for).await;
        let lines = self.reader.take_lines();
        Ok((code?, lines))
    }

    /// The reply read last.
    pub(crate) fn reply(&self) -> Reply {
        self.reader.reply()
    }

    /// Wipes what was written, after a login.
    pub(crate) fn wipe(&mut self) {
        self.out.zeroize();
        self.written = 0;
    }

    /// Waits until the relay closes: `true` if it did before the deadline and said nothing more.
    pub(crate) async fn closes_silently(&mut self, deadline: Instant) -> bool {
        !self.has_input() && matches!(timeout_at(deadline, self.hear()).await, Ok(Ok(false) | Err(_)))
    }

    /// Says QUIT and closes, waiting for no longer than `limit` in all.
    pub(crate) async fn quit(mut self, limit: Duration) {
        let goodbye = async {
            self.out.extend_from_slice(b"QUIT\r\n");
            self.flush(limit, "QUIT").await?;
            self.read_reply(Instant::now() + limit, "the reply to QUIT").await?;
            poll_fn(|cx| self.stream.poll_shutdown(cx)).await.map_err(|error| closed("QUIT", &error))
        };
        // Nothing depends on it: every message has its answer already.
        let _ = timeout(limit, goodbye).await;
    }
}

/// An end of the stream in the middle of TLS is just an end for us: replies are complete lines or worthless.
/// Waits for a step, at most so long. A step that is done at once, as most are, needs no timer.
async fn within(
    limit: Duration,
    waiting_for: &'static str,
    mut step: impl FnMut(&mut Context<'_>) -> Poll<io::Result<()>>,
) -> Result<(), Cause> {
    let done = match poll_fn(|cx| Poll::Ready(step(cx))).await {
        Poll::Ready(done) => done,
        Poll::Pending => match timeout(limit, poll_fn(step)).await {
            Ok(done) => done,
            Err(_) => return Err(Cause::TimedOut { waiting_for }),
        },
    };
    done.map_err(|error| closed(waiting_for, &error))
}

fn closed(waiting_for: &'static str, error: &io::Error) -> Cause {
    Cause::Closed { waiting_for, detail: error.kind().to_string() }
}
