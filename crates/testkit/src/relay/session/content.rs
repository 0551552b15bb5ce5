//! The content of a message: taken part by part, answered and stored.

use super::super::script::{Action, Stage};
use super::super::{Stored, lock};
use super::{Mode, Over, Session};
use std::sync::atomic::Ordering;
use std::time::Instant;
use tokio::time::sleep;

impl Session {
    pub(super) async fn take_chunk(&mut self) -> Result<bool, Over> {
        let Mode::Chunk(missing, last) = self.mode else { return Ok(false) };
        let here = missing.min(self.input.len() - self.at);
        self.chunks.extend_from_slice(&self.input[self.at..self.at + here]);
        self.at += here;
        if here < missing {
            self.mode = Mode::Chunk(missing - here, last);
            return Ok(false);
        }
        self.mode = Mode::Command;
        if self.rcpt_to.is_empty() {
            self.chunks.clear();
            self.shared.empty_messages.fetch_add(1, Ordering::Relaxed);
            self.say("554 5.5.1 No valid recipients");
        } else if last {
            let content = std::mem::take(&mut self.chunks);
            self.end(content).await?;
        } else {
            self.say("250 2.0.0 chunk taken");
        }
        Ok(true)
    }

    /// The content is complete.
    pub(super) async fn end(&mut self, content: Vec<u8>) -> Result<(), Over> {
        if self.rcpt_to.is_empty() {
            self.shared.hear(Stage::Content);
            self.shared.empty_messages.fetch_add(1, Ordering::Relaxed);
            self.forget();
            self.say("554 5.5.1 No valid recipients");
            return Ok(());
        }
        let recipient = self.rcpt_to.last().cloned().unwrap_or_default();
        match self.action(Stage::Content, &recipient) {
            Action::Accept => self.store(content),
            Action::Wait(pause) => {
                self.send_all().await?;
                sleep(pause).await;
                self.store(content);
            }
            Action::StoreThen(action) => {
                self.store(content);
                // The friendly reply of storing is not said.
                let friendly = b"250 2.0.0 Ok\r\n".len();
                self.out.truncate(self.out.len().saturating_sub(friendly));
                self.act(*action).await?;
            }
            action => self.act(action).await?,
        }
        self.forget();
        Ok(())
    }

    fn store(&mut self, content: Vec<u8>) {
        let (mail_from, parameters) = self.mail_from.take().unwrap_or_default();
        let size = content.len();
        let content = if self.shared.script.keep_content { content } else { Vec::new() };
        let rcpt_to = std::mem::take(&mut self.rcpt_to);
        let stored = Stored {
            mail_from,
            parameters,
            rcpt_to,
            content,
            size,
            at: Instant::now(),
            connection: self.number,
        };
        lock(&self.shared.stored).push(stored);
        self.shared.changed.notify_waiters();
        self.say("250 2.0.0 Ok");
    }
}
