//! Messages under way on one connection, and their answers on the way back in groups.

use crate::answer::{Answer, Answered, Cause, Stage};
use crate::content::Scan;
use crate::envelope::Outgoing;
use crate::reply::Reply;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// A message between its first command and its answer.
#[derive(Debug)]
pub(crate) struct Flight<T> {
    pub(crate) message: Outgoing<T>,
    pub(crate) scan: Scan,
    began: Instant,
    /// RSET was said before it, so its reply comes first.
    pub(crate) reset: bool,
    verdict: Option<Answer>,
    /// The place in the stream from which on the relay may have the whole message: the final dot or the last octet
    /// of BDAT. `None` as long as its content is not even in the buffer.
    pub(crate) ends_at: Option<u64>,
}

impl<T> Flight<T> {
    pub(crate) fn new(message: Outgoing<T>, scan: Scan) -> Self {
        Self { message, scan, began: Instant::now(), reset: false, verdict: None, ends_at: None }
    }

    /// The first verdict stays: what follows a refusal only repeats it.
    pub(crate) fn judge(&mut self, verdict: impl FnOnce() -> Answer) {
        if self.verdict.is_none() {
            self.verdict = Some(verdict());
        }
    }

    /// Judges by a reply of 400 or more.
    pub(crate) fn refuse(&mut self, stage: Stage, reply: impl FnOnce() -> Reply) {
        self.judge(|| {
            let reply = reply();
            if reply.code < 500 {
                Answer::Deferred { stage, reply }
            } else {
                Answer::Refused { stage, reply }
            }
        });
    }

    pub(crate) fn is_judged(&self) -> bool {
        self.verdict.is_some()
    }

    /// Whether the relay may have the whole message, after `sent` octets of the stream left.
    pub(crate) fn may_be_complete(&self, sent: u64) -> bool {
        self.ends_at.is_some_and(|end| end <= sent)
    }

    /// The answer; without a verdict it depends on what left the buffer.
    pub(crate) fn answer(self, sent: u64, cause: &Cause) -> Answered<T> {
        let complete = self.may_be_complete(sent);
        let answer = self.verdict.unwrap_or_else(|| {
            let cause = cause.clone();
            if complete { Answer::Unknown { cause } } else { Answer::NotSent { cause } }
        });
        Answered { tag: self.message.tag, answer, elapsed: self.began.elapsed() }
    }
}

/// Answers in one group at most.
const GROUP: usize = 32;
/// How long an answer may wait for others.
const WAIT: Duration = Duration::from_millis(50);

/// Answers that wait to be given back together.
#[derive(Debug)]
pub(crate) struct Answers<'a, T> {
    group: Vec<Answered<T>>,
    oldest: Option<Instant>,
    back: &'a mpsc::Sender<Vec<Answered<T>>>,
}

impl<'a, T> Answers<'a, T> {
    pub(crate) fn new(back: &'a mpsc::Sender<Vec<Answered<T>>>) -> Self {
        Self { group: Vec::with_capacity(GROUP), oldest: None, back }
    }

    pub(crate) fn push(&mut self, answered: Answered<T>) {
        self.oldest.get_or_insert_with(Instant::now);
        self.group.push(answered);
    }

    pub(crate) fn is_full(&self) -> bool {
        self.group.len() >= GROUP
    }

    /// When the oldest one has waited long enough.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.oldest.map(|oldest| oldest + WAIT)
    }

    /// Gives the group back. May be cancelled: the group stays here then.
    pub(crate) async fn hand_over(&mut self) {
        if self.group.is_empty() {
            return;
        }
        match self.back.reserve().await {
            Ok(place) => {
                let group = std::mem::replace(&mut self.group, Vec::with_capacity(GROUP));
                place.send(group);
            }
            Err(_) => {
                tracing::error!(lost = self.group.len(), "nobody takes the answers of a relay");
                self.group.clear();
            }
        }
        self.oldest = None;
    }
}
