//! One conversation of the scripted relay: what the next octets are, and to whom they go.

mod behaviour;
mod command;
mod content;
mod login;
mod octets;

use super::Shared;
use super::script::{Stage, Tls};
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

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

    fn forget(&mut self) {
        self.mail_from = None;
        self.rcpt_to.clear();
        self.chunks.clear();
    }
}
