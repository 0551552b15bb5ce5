//! Commands and their friendly answers.

use super::super::lock;
use super::super::script::{Auth, Stage, Tls};
use super::{Mode, Over, Session};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

impl Session {
    pub(super) async fn command(&mut self, line: &str) -> Result<(), Over> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => self.ehlo().await?,
            "HELO" => drop(self.react(Stage::Ehlo, "", "250 relay.test").await?),
            "STARTTLS" => self.start_tls().await?,
            "AUTH" => self.auth(rest).await?,
            "MAIL" => self.mail(rest).await?,
            "RCPT" => self.rcpt(rest).await?,
            "DATA" => self.data().await?,
            "BDAT" => self.bdat(rest),
            "RSET" => {
                self.forget();
                self.react(Stage::Rset, "", "250 2.0.0 Ok").await?;
            }
            "NOOP" => drop(self.react(Stage::Noop, "", "250 2.0.0 Ok").await?),
            "QUIT" => {
                self.react(Stage::Quit, "", "221 2.0.0 Bye").await?;
                self.send_all().await?;
                self.close_softly().await;
                return Err(Over);
            }
            _ => drop(self.react(Stage::Other, "", "500 5.5.2 What?").await?),
        }
        Ok(())
    }

    async fn ehlo(&mut self) -> Result<(), Over> {
        if self.shared.script.helo_only {
            self.say("502 5.5.1 Use HELO");
            return Ok(());
        }
        if !self.react(Stage::Ehlo, "", "").await? {
            return Ok(());
        }
        self.forget();
        let script = &self.shared.script;
        let starttls = matches!(script.tls, Tls::StartTls | Tls::StartTlsWithInjection) && !self.secure;
        let auth = match &script.auth {
            Auth::None => String::new(),
            Auth::Required { .. } | Auth::Refused => "AUTH PLAIN LOGIN".to_owned(),
            Auth::Only { mechanisms, .. } => format!("AUTH {mechanisms}"),
        };
        let size = script.size.map(|size| format!("SIZE {size}"));
        let offers = [
            (script.pipelining, "PIPELINING"),
            (script.chunking, "CHUNKING"),
            (script.smtputf8, "SMTPUTF8"),
            (script.eight_bit_mime, "8BITMIME"),
            (starttls, "STARTTLS"),
            (!auth.is_empty(), auth.as_str()),
            (size.is_some(), size.as_deref().unwrap_or_default()),
        ];
        let mut text = "250-relay.test".to_owned();
        for (_, word) in offers.iter().filter(|(offered, _)| *offered) {
            text.push_str("\r\n250-");
            text.push_str(word);
        }
        text.push_str("\r\n250 ENHANCEDSTATUSCODES");
        self.say(&text);
        Ok(())
    }

    async fn start_tls(&mut self) -> Result<(), Over> {
        if self.react(Stage::StartTls, "", "220 2.0.0 Go ahead").await? {
            if self.shared.script.tls == Tls::StartTlsWithInjection {
                self.say("250-evil\r\n250 AUTH PLAIN");
            }
            self.send_all().await?;
            self.input.clear();
            self.at = 0;
            self.secure().await?;
        }
        Ok(())
    }

    async fn mail(&mut self, rest: &str) -> Result<(), Over> {
        let script = &self.shared.script;
        let declared = rest.split("SIZE=").nth(1).and_then(|n| n.split(' ').next()?.parse::<u64>().ok());
        let problem = if self.mail_from.is_some() {
            Some("503 5.5.1 Nested MAIL command")
        } else if script.auth != Auth::None && !self.logged_in {
            Some("530 5.7.0 Authentication required")
        } else if declared.zip(script.size).is_some_and(|(size, limit)| limit > 0 && size > limit) {
            Some("552 5.3.4 Message too big")
        } else if script.per_second.is_some_and(|limit| self.too_fast(limit)) {
            Some("451 4.7.1 Too many messages, slow down")
        } else {
            None
        };
        if let Some(problem) = problem {
            self.shared.hear(Stage::Mail);
            self.say(problem);
        } else if self.react(Stage::Mail, "", "250 2.1.0 Ok").await? {
            let (address, parameters) = path(rest);
            self.mail_from = Some((address.to_owned(), parameters.to_owned()));
        }
        Ok(())
    }

    fn too_fast(&self, limit: u32) -> bool {
        let now = Instant::now();
        let mut recent = lock(&self.shared.recent);
        while recent.front().is_some_and(|at| now.duration_since(*at) >= Duration::from_secs(1)) {
            recent.pop_front();
        }
        if recent.len() >= limit as usize {
            self.shared.over_rate.fetch_add(1, Ordering::Relaxed);
            return true;
        }
        recent.push_back(now);
        false
    }

    async fn rcpt(&mut self, rest: &str) -> Result<(), Over> {
        let (address, _) = path(rest);
        if self.mail_from.is_none() {
            self.shared.hear(Stage::Rcpt);
            self.say("503 5.5.1 Need MAIL command");
        } else if self.react(Stage::Rcpt, address, "250 2.1.5 Ok").await? {
            self.rcpt_to.push(address.to_owned());
        }
        Ok(())
    }

    async fn data(&mut self) -> Result<(), Over> {
        if self.rcpt_to.is_empty() && !self.shared.script.data_without_recipient {
            self.shared.hear(Stage::Data);
            self.say("554 5.5.1 No valid recipients");
            return Ok(());
        }
        let recipient = self.rcpt_to.last().cloned().unwrap_or_default();
        if self.react(Stage::Data, &recipient, "354 End with a lone dot").await? {
            self.mode = Mode::Data(Vec::with_capacity(8 * 1024));
        }
        Ok(())
    }

    fn bdat(&mut self, rest: &str) {
        let mut words = rest.split(' ');
        let size = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
        self.mode = Mode::Chunk(size, words.next().is_some_and(|word| word.eq_ignore_ascii_case("LAST")));
    }
}

/// The address between the brackets, and what follows them.
fn path(rest: &str) -> (&str, &str) {
    let inner = rest.split_once('<').map_or(rest, |(_, inner)| inner);
    let (address, parameters) = inner.split_once('>').unwrap_or((inner, ""));
    (address, parameters.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_apart() {
        assert_eq!(path("FROM:<a@b> SIZE=3 SMTPUTF8"), ("a@b", "SIZE=3 SMTPUTF8"));
        assert_eq!(path("TO:<>"), ("", ""));
    }
}
