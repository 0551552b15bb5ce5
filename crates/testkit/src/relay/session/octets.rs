//! The octets of a conversation: read, gathered and sent, now or after the round trip of the script.

use super::{Io, Over, Session};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

impl Session {
    pub(super) async fn secure(&mut self) -> Result<(), Over> {
        let (Some(acceptor), Some(io)) = (self.shared.acceptor.clone(), self.io.take()) else {
            return Err(Over);
        };
        let stream = acceptor.accept(io).await?;
        self.io = Some(Box::new(stream));
        self.secure = true;
        Ok(())
    }

    pub(super) fn io(&mut self) -> Result<&mut Box<dyn Io>, Over> {
        self.io.as_mut().ok_or(Over)
    }

    /// Sends the replies gathered, now or later.
    pub(super) async fn send(&mut self) -> Result<(), Over> {
        if self.out.is_empty() {
            return Ok(());
        }
        let late = self.shared.script.round_trip;
        if late > Duration::ZERO {
            let due = tokio::time::Instant::now() + late;
            self.outbox.push_back((due, std::mem::take(&mut self.out)));
            return Ok(());
        }
        let io = self.io.as_mut().ok_or(Over)?;
        io.write_all(&self.out).await?;
        io.flush().await?;
        self.out.clear();
        Ok(())
    }

    /// Sends everything, also what is due later.
    pub(super) async fn send_all(&mut self) -> Result<(), Over> {
        self.send().await?;
        while let Some((due, octets)) = self.outbox.pop_front() {
            tokio::time::sleep_until(due).await;
            self.io()?.write_all(&octets).await?;
        }
        self.io()?.flush().await?;
        Ok(())
    }

    /// Reads more, sending what becomes due meanwhile.
    pub(super) async fn read(&mut self) -> Result<(), Over> {
        self.input.drain(..self.at);
        self.at = 0;
        self.input.reserve(16 * 1024);
        loop {
            let due = self.outbox.front().map(|(due, _)| *due);
            let io = self.io.as_mut().ok_or(Over)?;
            let Some(due) = due else {
                return if io.read_buf(&mut self.input).await? > 0 { Ok(()) } else { Err(Over) };
            };
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(due) => {}
                count = io.read_buf(&mut self.input) => {
                    return if count? > 0 { Ok(()) } else { Err(Over) };
                }
            }
            if let Some((_, octets)) = self.outbox.pop_front() {
                io.write_all(&octets).await?;
                io.flush().await?;
            }
        }
    }

    pub(super) fn say(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }

    /// Closes our direction and reads on for a moment, so that the last reply is not lost in a reset.
    pub(super) async fn close_softly(&mut self) {
        let Some(io) = self.io.as_mut() else { return };
        let _ = io.shutdown().await;
        let mut rest = [0; 4096];
        let drain = async { while io.read(&mut rest).await.is_ok_and(|count| count > 0) {} };
        let _ = tokio::time::timeout(Duration::from_secs(1), drain).await;
    }
}
