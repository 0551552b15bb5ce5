//! One conversation of the scripted relay.

use super::script::{Action, Auth, Moment, Stage, Tls};
use super::{Shared, Stored, lock};
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::sleep;

trait Io: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Io for S {}

/// What the next octets are.
enum Mode {
    Command,
    /// Content up to the lone dot, the part taken so far with dots undone.
    Data(Vec<u8>),
    /// So many octets of BDAT are missing; whether it is the last part.
    Chunk(usize, bool),
    /// The answer to a question of AUTH; what was answered so far.
    Login(Vec<String>, bool),
    /// Content is taken up to so many octets, then these last words are said and the connection is cut.
    Doomed(usize, String),
}

pub(crate) struct Session {
    io: Option<Box<dyn Io>>,
    shared: Arc<Shared>,
    number: u64,
    secure: bool,
    logged_in: bool,
    input: Vec<u8>,
    at: usize,
    out: Vec<u8>,
    outbox: VecDeque<(tokio::time::Instant, Vec<u8>)>,
    mode: Mode,
    mail_from: Option<(String, String)>,
    rcpt_to: Vec<String>,
    chunks: Vec<u8>,
}

/// The connection is over, for whatever reason.
struct Over;

impl From<io::Error> for Over {
    fn from(_: io::Error) -> Self {
        Self
    }
}

impl Session {
    pub(crate) async fn serve(stream: TcpStream, number: u64, shared: Arc<Shared>) {
        shared.open.fetch_add(1, Ordering::Relaxed);
        let mut session = Self {
            io: Some(Box::new(stream)),
            secure: false,
            logged_in: false,
            number,
            shared: Arc::clone(&shared),
            input: Vec::with_capacity(32 * 1024),
            at: 0,
            out: Vec::with_capacity(4096),
            outbox: VecDeque::new(),
            mode: Mode::Command,
            mail_from: None,
            rcpt_to: Vec::new(),
            chunks: Vec::new(),
        };
        // Every way out ends the connection; there is nobody to tell.
        let _ = session.converse().await;
        shared.open.fetch_sub(1, Ordering::Relaxed);
    }

    async fn converse(&mut self) -> Result<(), Over> {
        if self.shared.script.tls == Tls::Implicit {
            self.secure().await?;
        }
        self.react(Stage::Connect, "", "220 relay.test ESMTP").await?;
        loop {
            while self.take().await? {}
            self.send().await?;
            self.read().await?;
        }
    }

    // ---- octets ----

    async fn secure(&mut self) -> Result<(), Over> {
        let (Some(acceptor), Some(io)) = (self.shared.acceptor.clone(), self.io.take()) else {
            return Err(Over);
        };
        let stream = acceptor.accept(io).await?;
        self.io = Some(Box::new(stream));
        self.secure = true;
        Ok(())
    }

    fn io(&mut self) -> Result<&mut Box<dyn Io>, Over> {
        self.io.as_mut().ok_or(Over)
    }

    /// Sends the replies gathered, now or later.
    async fn send(&mut self) -> Result<(), Over> {
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
    async fn send_all(&mut self) -> Result<(), Over> {
        self.send().await?;
        while let Some((due, octets)) = self.outbox.pop_front() {
            tokio::time::sleep_until(due).await;
            self.io()?.write_all(&octets).await?;
        }
        self.io()?.flush().await?;
        Ok(())
    }

    /// Reads more, sending what becomes due meanwhile.
    async fn read(&mut self) -> Result<(), Over> {
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

    fn say(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }

    // ---- behaviour ----

    fn action(&self, stage: Stage, recipient: &str) -> Action {
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
    async fn react(&mut self, stage: Stage, recipient: &str, friendly: &str) -> Result<bool, Over> {
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

    async fn act(&mut self, action: Action) -> Result<(), Over> {
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

    /// Closes our direction and reads on for a moment, so that the last reply is not lost in a reset.
    async fn close_softly(&mut self) {
        let Some(io) = self.io.as_mut() else { return };
        let _ = io.shutdown().await;
        let mut rest = [0; 4096];
        let drain = async { while io.read(&mut rest).await.is_ok_and(|count| count > 0) {} };
        let _ = tokio::time::timeout(Duration::from_secs(1), drain).await;
    }

    // ---- protocol ----

    /// Takes one thing from the input; `false` when more octets are needed.
    async fn take(&mut self) -> Result<bool, Over> {
        match &self.mode {
            Mode::Doomed(limit, last_words) => {
                if self.input.len() - self.at < *limit {
                    return Ok(false);
                }
                self.out.extend_from_slice(last_words.as_bytes());
                self.send_all().await?;
                Err(Over)
            }
            Mode::Chunk(..) => self.take_chunk().await,
            Mode::Command | Mode::Data(_) | Mode::Login(..) => {
                let Some(length) = self.input[self.at..].iter().position(|b| *b == b'\n') else {
                    return Ok(false);
                };
                let line = self.at..self.at + length + 1;
                self.at = line.end;
                if let Mode::Data(content) = &mut self.mode {
                    let line = &self.input[line];
                    let at_line_start = content.is_empty() || content.ends_with(b"\r\n");
                    if at_line_start && line == b".\r\n" {
                        let content = std::mem::take(content);
                        self.mode = Mode::Command;
                        self.end(content).await?;
                    } else {
                        let undone =
                            if at_line_start { line.strip_prefix(b".").unwrap_or(line) } else { line };
                        content.extend_from_slice(undone);
                    }
                    return Ok(true);
                }
                let line = String::from_utf8_lossy(&self.input[line]).trim_end().to_owned();
                if matches!(self.mode, Mode::Login(..)) {
                    self.login_answer(line);
                } else {
                    self.command(&line).await?;
                }
                Ok(true)
            }
        }
    }

    async fn take_chunk(&mut self) -> Result<bool, Over> {
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

    async fn command(&mut self, line: &str) -> Result<(), Over> {
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

    async fn auth(&mut self, rest: &str) -> Result<(), Over> {
        if !self.react(Stage::Auth, "", "").await? {
            return Ok(());
        }
        let (mechanism, initial) = rest.split_once(' ').unwrap_or((rest, ""));
        let plain = mechanism.eq_ignore_ascii_case("PLAIN");
        self.mode = Mode::Login(Vec::new(), plain);
        if initial.is_empty() {
            self.say(if plain { "334 " } else { "334 VXNlcm5hbWU6" });
        } else {
            self.login_answer(initial.to_owned());
        }
        Ok(())
    }

    fn login_answer(&mut self, line: String) {
        let Mode::Login(answers, plain) = &mut self.mode else { return };
        answers.push(line);
        if !*plain && answers.len() < 2 {
            return self.say("334 UGFzc3dvcmQ6");
        }
        let right = match &self.shared.script.auth {
            Auth::Required { user, password } | Auth::Only { user, password, .. } => {
                let expected = if *plain {
                    vec![base64(format!("\0{user}\0{password}").as_bytes())]
                } else {
                    vec![base64(user.as_bytes()), base64(password.as_bytes())]
                };
                *answers == expected
            }
            Auth::None | Auth::Refused => false,
        };
        self.mode = Mode::Command;
        self.logged_in = right;
        if right {
            self.shared.logins.fetch_add(1, Ordering::Relaxed);
            self.say("235 2.7.0 Welcome");
        } else {
            self.say("535 5.7.8 Authentication failed");
        }
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

    /// The content is complete.
    async fn end(&mut self, content: Vec<u8>) -> Result<(), Over> {
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

    fn forget(&mut self) {
        self.mail_from = None;
        self.rcpt_to.clear();
        self.chunks.clear();
    }
}

/// The address between the brackets, and what follows them.
fn path(rest: &str) -> (&str, &str) {
    let inner = rest.split_once('<').map_or(rest, |(_, inner)| inner);
    let (address, parameters) = inner.split_once('>').unwrap_or((inner, ""));
    (address, parameters.trim())
}

/// Base64 with padding, to compare logins with.
fn base64(octets: &[u8]) -> String {
    const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for part in octets.chunks(3) {
        let bits =
            part.iter().fold(0u32, |bits, octet| bits << 8 | u32::from(*octet)) << (8 * (3 - part.len()));
        for place in 0..4 {
            let symbol = SYMBOLS[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place > part.len() { '=' } else { char::from(symbol) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads_as_others_do() {
        assert_eq!(base64(b""), "");
        assert_eq!(base64(b"hunter2"), "aHVudGVyMg==");
        assert_eq!(base64(b"\0u\0hunter2"), "AHUAaHVudGVyMg==");
        assert_eq!(base64(b"abc"), "YWJj");
    }

    #[test]
    fn a_path_is_taken_apart() {
        assert_eq!(path("FROM:<a@b> SIZE=3 SMTPUTF8"), ("a@b", "SIZE=3 SMTPUTF8"));
        assert_eq!(path("TO:<>"), ("", ""));
    }
}
