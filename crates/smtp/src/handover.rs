//! The protocol machine: messages out, replies in, several under way at once.
//!
//! With DATA (RFC 2920 §3.1) one write carries the content of a message and the envelope of the next one; content
//! always waits for its 354. With CHUNKING (RFC 3030) one write carries whole messages, and each one behind another
//! begins with RSET: should the relay refuse the one before, its recipient must not get the content that follows.
//!
//! Everything that decides an outcome lives in the struct, never in a future, so that stopping at any point still
//! gives every message its exact answer.

use crate::answer::{Answer, Answered, Cause, Stage};
use crate::capabilities::Capabilities;
use crate::envelope::{Outgoing, append_number};
use crate::feed::Feed;
use crate::flight::{Answers, Flight};
use crate::relay::Relay;
use crate::run::Ended;
use crate::stop::Stop;
use crate::wire::Wire;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Octets gathered before a write, beyond which no further message joins.
const OUTPUT: usize = 256 * 1024;
/// How long to look for a relay's last words after writing to it failed.
const LAST_WORDS: Duration = Duration::from_secs(1);
const EXTRA_REPLY: &str = "there is a reply that nothing asked for";

pub(crate) struct Handover<'a, T, F> {
    pub(crate) relay: &'a Relay,
    pub(crate) offered: &'a Capabilities,
    pub(crate) wire: &'a mut Wire,
    pub(crate) feed: &'a mut Feed<T>,
    pub(crate) stop: &'a Stop,
    pub(crate) may_send: F,
    pub(crate) answers: Answers<'a, T>,
    pub(crate) flights: VecDeque<Flight<T>>,
    /// Messages begun on this connection.
    pub(crate) taken: u32,
    /// The last transaction may still be open at the relay.
    pub(crate) reset: bool,
    /// Writing failed; only last words are read.
    pub(crate) broken: Option<Cause>,
}

enum Next<T> {
    Message(Flight<T>),
    End(Ended),
}

impl<T, F: Fn(&T) -> bool> Handover<'_, T, F> {
    /// Hands messages over until there is a reason to end.
    pub(crate) async fn drive(&mut self) -> Result<Ended, Cause> {
        if self.offered.pipelining && self.offered.chunking {
            self.with_chunks().await
        } else {
            self.with_data().await
        }
    }

    /// Gives every message under way its answer after the connection is lost or left.
    pub(crate) async fn abandon(&mut self, cause: &Cause) {
        let sent = self.wire.sent();
        let open = |flight: &Flight<T>| !flight.is_judged() && flight.may_be_complete(sent);
        let relay_left = matches!(cause, Cause::RelayClosing(_))
            && self.flights.iter().any(open)
            // 421 ends the conversation: commands behind it are not carried out, if the relay really leaves.
            && self.wire.closes_silently(Instant::now() + self.relay.timeouts.quit).await;
        let sent = if relay_left { 0 } else { sent };
        for flight in self.flights.drain(..) {
            self.answers.push(flight.answer(sent, cause));
        }
    }

    // ---- DATA ----

    async fn with_data(&mut self) -> Result<Ended, Cause> {
        loop {
            if self.flights.is_empty() {
                match self.wait_next().await? {
                    Next::Message(flight) => self.begin(flight),
                    Next::End(ended) => return Ok(ended),
                }
            }
            if !self.envelope().await? {
                self.reset = true;
            } else if let Some(ended) = self.content().await? {
                return Ok(ended);
            }
            self.settle().await;
            if let Some(cause) = self.broken.take() {
                return Err(cause);
            }
        }
    }

    /// Puts the envelope into the buffer, as far as it may go there at once.
    fn begin(&mut self, mut flight: Flight<T>) {
        flight.reset = std::mem::take(&mut self.reset);
        if self.offered.pipelining {
            let out = &mut self.wire.out;
            if flight.reset {
                out.extend_from_slice(b"RSET\r\n");
            }
            flight.message.append_mail(flight.scan, self.offered, out);
            flight.message.append_rcpt(out);
            out.extend_from_slice(b"DATA\r\n");
        }
        self.flights.push_back(flight);
    }

    /// Says (or has said) the envelope of the first message; whether the relay now waits for content.
    async fn envelope(&mut self) -> Result<bool, Cause> {
        if !self.offered.pipelining {
            return self.envelope_step_by_step().await;
        }
        self.flush().await;
        self.reset_reply().await?;
        self.step(Stage::Mail).await?;
        self.step(Stage::Rcpt).await?;
        self.step(Stage::Data).await
    }

    async fn envelope_step_by_step(&mut self) -> Result<bool, Cause> {
        if self.flights.front().is_some_and(|flight| flight.reset) {
            self.wire.out.extend_from_slice(b"RSET\r\n");
            self.flush().await;
            self.reset_reply().await?;
        }
        for stage in [Stage::Mail, Stage::Rcpt, Stage::Data] {
            let Some(flight) = self.flights.front() else { return Ok(false) };
            let out = &mut self.wire.out;
            match stage {
                Stage::Mail => flight.message.append_mail(flight.scan, self.offered, out),
                Stage::Rcpt => flight.message.append_rcpt(out),
                Stage::Data | Stage::Content => out.extend_from_slice(b"DATA\r\n"),
            }
            self.flush().await;
            if !self.step(stage).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes the content of the first message, and the next envelope with it, and reads the final reply.
    async fn content(&mut self) -> Result<Option<Ended>, Cause> {
        if self.wire.has_input() {
            return Err(Cause::OutOfStep(EXTRA_REPLY));
        }
        let Some(flight) = self.flights.front_mut() else { return Ok(None) };
        if !flight.is_judged() {
            if !(self.may_send)(&flight.message.tag) {
                // The relay waits for content; leaving is the only way to send none.
                flight.judge(|| Answer::NotSent { cause: Cause::Vetoed });
                self.settle().await;
                return Ok(Some(Ended::Vetoed));
            }
            flight.scan.append_stuffed(&flight.message.content, &mut self.wire.out);
            flight.ends_at = Some(self.wire.end() + 1);
        }
        // A refused recipient and yet a 354: the lone dot ends a message to nobody (RFC 2920 §3.1).
        self.wire.out.extend_from_slice(b".\r\n");
        if self.offered.pipelining
            && let Some(next) = self.take_next()
        {
            self.begin(next);
        }
        self.flush().await;
        self.final_reply().await?;
        Ok(None)
    }

    // ---- BDAT ----

    async fn with_chunks(&mut self) -> Result<Ended, Cause> {
        loop {
            while self.has_room()
                && let Some(flight) = self.take_next()
            {
                self.begin_chunk(flight);
            }
            if self.flights.is_empty() {
                if let Some(cause) = self.broken.take() {
                    return Err(cause);
                }
                match self.wait_next().await? {
                    Next::Message(flight) => self.begin_chunk(flight),
                    Next::End(ended) => return Ok(ended),
                }
                continue;
            }
            self.flush().await;
            // Refilling after every single reply would mean a write per message.
            while !self.flights.is_empty() {
                self.reset_reply().await?;
                self.step(Stage::Mail).await?;
                self.step(Stage::Rcpt).await?;
                self.reset |= !self.final_reply().await?;
                self.settle().await;
                if !self.wire.has_input() {
                    break;
                }
            }
        }
    }

    fn has_room(&self) -> bool {
        self.broken.is_none()
            && self.flights.len() < self.relay.in_flight.max(1)
            && self.wire.out.len() < OUTPUT
    }

    /// Puts a whole message into the buffer.
    fn begin_chunk(&mut self, mut flight: Flight<T>) {
        flight.reset = std::mem::take(&mut self.reset) || !self.flights.is_empty();
        let out = &mut self.wire.out;
        if flight.reset {
            out.extend_from_slice(b"RSET\r\n");
        }
        let message = &flight.message;
        message.append_mail(flight.scan, self.offered, out);
        message.append_rcpt(out);
        out.extend_from_slice(b"BDAT ");
        append_number(flight.scan.size(&message.content), out);
        out.extend_from_slice(b" LAST\r\n");
        flight.scan.append_plain(&message.content, out);
        flight.ends_at = Some(self.wire.end());
        self.flights.push_back(flight);
    }

    // ---- replies ----

    /// Reads the reply to RSET, if one was said.
    async fn reset_reply(&mut self) -> Result<(), Cause> {
        if !self.flights.front().is_some_and(|flight| flight.reset) {
            return Ok(());
        }
        match self.reply(self.relay.timeouts.command, "the reply to RSET").await? {
            200..300 => Ok(()),
            421 => Err(Cause::RelayClosing(self.wire.reply())),
            _ => Err(Cause::OutOfStep("the relay refused RSET")),
        }
    }

    /// Reads the reply to one command of the first message; whether it was taken.
    async fn step(&mut self, stage: Stage) -> Result<bool, Cause> {
        let timeouts = &self.relay.timeouts;
        let limit = match stage {
            Stage::Mail => timeouts.mail,
            Stage::Rcpt => timeouts.rcpt,
            Stage::Data => timeouts.data,
            Stage::Content => timeouts.end,
        };
        let code = self.reply(limit, stage.waiting()).await?;
        let Some(flight) = self.flights.front_mut() else { return Ok(false) };
        match code {
            354 if stage == Stage::Data => return Ok(true),
            200..300 if stage != Stage::Data => return Ok(true),
            400.. => flight.refuse(stage, || self.wire.reply()),
            _ => return Err(Cause::OutOfStep("the reply does not fit the command")),
        }
        if code == 421 { Err(Cause::RelayClosing(self.wire.reply())) } else { Ok(false) }
    }

    /// Reads the reply to the end of the first message; whether it was taken.
    async fn final_reply(&mut self) -> Result<bool, Cause> {
        let taken = self.step(Stage::Content).await?;
        let sent = self.wire.sent();
        let Some(flight) = self.flights.front_mut() else { return Ok(false) };
        if taken && !flight.is_judged() {
            if !flight.may_be_complete(sent) {
                return Err(Cause::OutOfStep("the relay took a message before its end"));
            }
            flight.judge(|| Answer::Accepted(self.wire.reply()));
            return Ok(true);
        }
        Ok(false)
    }

    /// Reads one reply, giving known answers back when it takes long.
    async fn reply(&mut self, limit: Duration, waiting_for: &'static str) -> Result<u16, Cause> {
        let limit = if self.broken.is_some() { LAST_WORDS } else { limit };
        let deadline = Instant::now() + limit;
        loop {
            let wake = self.answers.due().map_or(deadline, |due| due.min(deadline));
            match self.wire.read_reply(wake, waiting_for).await {
                Err(Cause::TimedOut { .. }) if wake < deadline => self.answers.hand_over().await,
                Err(cause) => return Err(self.broken.take().unwrap_or(cause)),
                Ok(code) => return Ok(code),
            }
        }
    }

    /// Writes the buffer. A failure shows when the replies end: the relay may have said why before it closed.
    async fn flush(&mut self) {
        if self.broken.is_none() {
            let block = self.relay.timeouts.block;
            self.broken = self.wire.flush(block, "the relay to read on").await.err();
        }
    }

    /// Takes the first message from those under way and keeps its answer.
    async fn settle(&mut self) {
        if let Some(flight) = self.flights.pop_front() {
            let cause = Cause::OutOfStep("the message has no reply");
            self.answers.push(flight.answer(self.wire.sent(), &cause));
        }
        if self.answers.is_full() {
            self.answers.hand_over().await;
        }
    }

    // ---- messages ----

    /// The next message, if there is one now and this connection may take it.
    fn take_next(&mut self) -> Option<Flight<T>> {
        while self.taken < self.relay.messages_per_connection
            && !self.answers.is_full()
            && !self.stop.requested()
        {
            let message = self.feed.next_now()?;
            if let Some(flight) = self.admit(message) {
                self.taken += 1;
                return Some(flight);
            }
        }
        None
    }

    /// Checks a message before a word of it is said; if it cannot go, that is its answer.
    fn admit(&mut self, message: Outgoing<T>) -> Option<Flight<T>> {
        let answer = if (self.may_send)(&message.tag) {
            match message.admit(self.offered, self.relay.max_message_size) {
                Ok(scan) => return Some(Flight::new(message, scan)),
                Err(problem) => Answer::Unsendable(problem),
            }
        } else {
            Answer::NotSent { cause: Cause::Vetoed }
        };
        self.answers.push(Answered { tag: message.tag, answer, elapsed: Duration::ZERO });
        None
    }

    /// Waits for a message while none is under way, listening to the relay meanwhile.
    async fn wait_next(&mut self) -> Result<Next<T>, Cause> {
        loop {
            if self.wire.has_input() {
                return Err(self.unasked().await);
            }
            if self.taken >= self.relay.messages_per_connection {
                return Ok(Next::End(Ended::LimitReached));
            }
            if self.stop.requested() {
                return Ok(Next::End(Ended::Stopped));
            }
            if let Some(flight) = self.take_next() {
                return Ok(Next::Message(flight));
            }
            self.answers.hand_over().await;
            tokio::select! {
                // In this order: a message is not begun on a connection that the relay has just closed.
                biased;
                () = self.stop.wait() => {}
                heard = self.wire.hear() => if !heard.unwrap_or(false) {
                    let detail = "the relay closed it".to_owned();
                    return Err(Cause::Closed { waiting_for: "a message", detail });
                },
                more = self.feed.ready() => if !more {
                    return Ok(Next::End(Ended::FeedClosed));
                },
                () = sleep(self.relay.timeouts.idle) => return Ok(Next::End(Ended::Idle)),
            }
        }
    }

    /// What the relay says while nothing was asked: usually that it closes.
    async fn unasked(&mut self) -> Cause {
        match self.wire.read_reply(Instant::now() + LAST_WORDS, "a message").await {
            Ok(421) => Cause::RelayClosing(self.wire.reply()),
            Ok(_) => Cause::OutOfStep(EXTRA_REPLY),
            Err(cause) => cause,
        }
    }
}
