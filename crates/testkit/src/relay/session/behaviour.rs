//! What the script makes the relay do at a moment, in place of the friendly answer.

use super::super::lock;
use super::super::script::{Action, Moment, Stage};
use super::{Mode, Over, Session};
use std::collections::VecDeque;
use tokio::io::AsyncWriteExt as _;
use tokio::time::sleep;

impl Session {
    pub(super) fn action(&self, stage: Stage, recipient: &str) -> Action {
        let nth = self.shared.hear(stage);
        let script = &self.shared.script;
        if stage == Stage::Rcpt && !script.per_recipient.is_empty() {
            let mut answers = lock(&self.shared.answers);
            if let Some(action) = answers.get_mut(recipient).and_then(VecDeque::pop_front) {
                return action;
            }
        }
        let Some(answer) = &script.answer else { return Action::Accept };
        answer(&Moment { stage, nth, connection: self.number, recipient })
    }

    /// Answers a command as the script says; whether as a friendly relay.
    pub(super) async fn react(
        &mut self,
        stage: Stage,
        recipient: &str,
        friendly: &str,
    ) -> Result<bool, Over> {
        match self.action(stage, recipient) {
            Action::Accept => {}
            Action::Wait(pause) => {
                self.send_all().await?;
                sleep(pause).await;
            }
            action => {
                self.act(action).await?;
                return Ok(false);
            }
        }
        if !friendly.is_empty() {
            self.say(friendly);
        }
        Ok(true)
    }

    pub(super) async fn act(&mut self, action: Action) -> Result<(), Over> {
        match action {
            Action::Accept | Action::Wait(_) => {}
            // There is nothing to store before the end of the content.
            Action::StoreThen(action) => Box::pin(self.act(*action)).await?,
            Action::Reply(text) => self.say(&text),
            Action::ReplyAndClose(text) => {
                self.say(&text);
                self.send_all().await?;
                self.close_softly().await;
                return Err(Over);
            }
            Action::Raw(octets) => self.out.extend_from_slice(&octets),
            Action::Drip(text, pause) => {
                self.send_all().await?;
                for octet in format!("{text}\r\n").into_bytes() {
                    self.io()?.write_all(&[octet]).await?;
                    self.io()?.flush().await?;
                    sleep(pause).await;
                }
            }
            Action::Stall => {
                self.send_all().await?;
                std::future::pending::<()>().await;
            }
            Action::Cut => {
                self.send_all().await?;
                return Err(Over);
            }
            Action::CutWithinContent(octets) => {
                self.say("354 go on");
                self.mode = Mode::Doomed(octets, String::new());
            }
            Action::RefuseWithinContent(octets, text) => {
                self.say("354 go on");
                self.mode = Mode::Doomed(octets, text + "\r\n");
            }
        }
        Ok(())
    }
}
