//! From a relay's settings to a connection that may send: dial, greet, secure, log in.

use crate::answer::Cause;
use crate::capabilities::{Capabilities, Mechanism};
use crate::connect_error::{ConnectError, Step};
use crate::login;
use crate::relay::{Relay, Tls};
use crate::reply::Reply;
use crate::stream::Stream;
use crate::wire::Wire;
use rustls::CertificateError;
use rustls::pki_types::ServerName;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

/// A connection that is secured and logged in as its relay's settings say.
#[derive(Debug)]
pub struct Connection {
    pub(crate) relay: Relay,
    pub(crate) wire: Wire,
    pub(crate) capabilities: Capabilities,
    pub(crate) login: Option<Mechanism>,
    pub(crate) address: SocketAddr,
}

impl Connection {
    /// Connects to the relay, up to and including the login. May be cancelled: nothing is sent yet.
    ///
    /// # Errors
    /// One [`ConnectError`] for each thing that can be wrong; the relay has then seen no `MAIL FROM`.
    pub async fn open(relay: &Relay) -> Result<Self, ConnectError> {
        if relay.helo.is_empty() || !relay.helo.bytes().all(|b| b.is_ascii_graphic()) {
            let problem = "it must be a host name or an address literal, without spaces";
            return Err(ConnectError::Setting { setting: "helo name", problem });
        }
        let (stream, address) = dial(relay).await?;
        let here = is_this_machine(&address);
        let mut stream = Stream::Plain(stream);
        if relay.tls == Tls::Implicit {
            stream = secure(relay, stream).await?;
        }
        let mut wire = Wire::new(stream);
        greeting(relay, &mut wire).await?;
        let mut capabilities = Dialogue { relay, wire: &mut wire }.introduce().await?;
        if matches!(relay.tls, Tls::StartTls | Tls::Opportunistic) {
            if capabilities.starttls {
                wire = start_tls(relay, wire).await?;
                // What was said before TLS is forgotten (RFC 3207 §4.2).
                capabilities = Dialogue { relay, wire: &mut wire }.introduce().await?;
            } else if relay.tls == Tls::StartTls || !here {
                return Err(ConnectError::NoStartTls);
            }
        }
        let mut login = None;
        if let Some(credentials) = &relay.credentials {
            let mut dialogue = Dialogue { relay, wire: &mut wire };
            login = Some(login::log_in(&mut dialogue, &capabilities, credentials).await?);
        }
        tracing::debug!(%address, tls = wire.stream().tls_words(), ?capabilities, "relay ready");
        Ok(Self { relay: relay.clone(), wire, capabilities, login, address })
    }

    /// What the relay offers on this connection.
    #[must_use]
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Says QUIT and closes.
    pub async fn quit(self) {
        self.wire.quit(self.relay.timeouts.quit).await;
    }
}

fn is_this_machine(address: &SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

/// Tries the relay's addresses one after the other, each with its share of the time.
async fn dial(relay: &Relay) -> Result<(TcpStream, SocketAddr), ConnectError> {
    let (host, port) = (relay.host.as_str(), relay.port);
    let deadline = Instant::now() + relay.timeouts.connect;
    let late = || ConnectError::TimedOut { host: host.to_owned(), port, step: Step::Connect };
    let dns = |detail: String| ConnectError::Dns { host: host.to_owned(), detail };
    let addresses: Vec<_> = match timeout_at(deadline, lookup_host((host, port))).await {
        Err(_) => return Err(late()),
        Ok(Err(error)) => return Err(dns(error.to_string())),
        Ok(Ok(addresses)) => addresses.collect(),
    };
    let mut last = dns("it has no address".to_owned());
    for (index, address) in addresses.iter().enumerate() {
        if relay.tls == Tls::None && !is_this_machine(address) {
            return Err(ConnectError::PlainToOthers { host: host.to_owned() });
        }
        let left = u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
        let share = deadline.saturating_duration_since(Instant::now()) / left;
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Commands and content are gathered here; waiting for more would only add 40 ms per message.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY not set");
                }
                return Ok((stream, *address));
            }
            Ok(Err(error)) => {
                last = ConnectError::Tcp { host: host.to_owned(), port, detail: error.to_string() };
            }
            Err(_) => last = late(),
        }
    }
    Err(last)
}

/// The TLS handshake, with the check of the name.
async fn secure(relay: &Relay, stream: Stream) -> Result<Stream, ConnectError> {
    let host = relay.host.clone();
    let Stream::Plain(stream) = stream else { return Ok(stream) };
    let Ok(name) = ServerName::try_from(host.clone()) else {
        let problem = "it must be a host name or an IP address";
        return Err(ConnectError::Setting { setting: "relay host", problem });
    };
    let connector = TlsConnector::from(relay.roots.config());
    match timeout(relay.timeouts.connect, connector.connect(name, stream)).await {
        Ok(Ok(stream)) => Ok(Stream::Tls(Box::new(stream))),
        Ok(Err(error)) => Err(tls_error(host, &error)),
        Err(_) => Err(ConnectError::TimedOut { host, port: relay.port, step: Step::Tls }),
    }
}

fn tls_error(host: String, error: &std::io::Error) -> ConnectError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let Some(rustls::Error::InvalidCertificate(problem)) = inner else {
        return ConnectError::Tls { host, detail: error.to_string() };
    };
    let advice = match problem {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it belongs to another name; configure the relay by the name in its certificate"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "it has expired; the relay's operator must renew it (or this machine's clock is wrong)"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet; check this machine's clock"
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its issuer is not trusted; if it is your own authority, name its CA file"
        }
        other => return ConnectError::Certificate { host, detail: other.to_string() },
    };
    ConnectError::Certificate { host, detail: advice.to_owned() }
}

async fn greeting(relay: &Relay, wire: &mut Wire) -> Result<(), ConnectError> {
    let deadline = Instant::now() + relay.timeouts.greeting;
    let code = wire.read_reply(deadline, "the greeting").await;
    match code.map_err(|cause| session_error(relay, Step::Greeting, cause))? {
        220 => Ok(()),
        _ => Err(ConnectError::Greeting(wire.reply())),
    }
}

async fn start_tls(relay: &Relay, mut wire: Wire) -> Result<Wire, ConnectError> {
    wire.out.extend_from_slice(b"STARTTLS\r\n");
    let code = Dialogue { relay, wire: &mut wire }.exchange(Step::StartTls).await?;
    if code != 220 {
        return Err(ConnectError::StartTlsRefused(wire.reply()));
    }
    if wire.has_input() {
        return Err(ConnectError::WordsBeforeTls);
    }
    Ok(Wire::new(secure(relay, wire.into_stream()).await?))
}

fn session_error(relay: &Relay, step: Step, cause: Cause) -> ConnectError {
    match cause {
        Cause::TimedOut { .. } => ConnectError::TimedOut { host: relay.host.clone(), port: relay.port, step },
        cause => ConnectError::Session { step, cause },
    }
}

/// Command and reply, one after the other, as long as no mail is under way.
pub(crate) struct Dialogue<'a> {
    pub(crate) relay: &'a Relay,
    pub(crate) wire: &'a mut Wire,
}

impl Dialogue<'_> {
    /// Writes what is in the buffer and reads one reply.
    pub(crate) async fn exchange(&mut self, step: Step) -> Result<u16, ConnectError> {
        let deadline = self.write(step).await?;
        let code = self.wire.read_reply(deadline, "the reply").await;
        code.map_err(|cause| session_error(self.relay, step, cause))
    }

    async fn write(&mut self, step: Step) -> Result<Instant, ConnectError> {
        let limit: Duration = self.relay.timeouts.command;
        let written = self.wire.flush(limit, "the relay to listen").await;
        written.map_err(|cause| session_error(self.relay, step, cause))?;
        Ok(Instant::now() + limit)
    }

    /// EHLO, or HELO toward a relay that does not know it (RFC 5321 §3.2).
    async fn introduce(&mut self) -> Result<Capabilities, ConnectError> {
        self.append_line("EHLO ");
        let deadline = self.write(Step::Ehlo).await?;
        let answer = self.wire.read_capabilities(deadline, "the reply to EHLO").await;
        let (code, lines) = answer.map_err(|cause| session_error(self.relay, Step::Ehlo, cause))?;
        match code {
            250 => return Ok(Capabilities::parse(lines.iter().skip(1).map(String::as_str))),
            500 | 501 | 502 | 504 | 550 => {}
            _ => return Err(ConnectError::Ehlo(self.wire.reply())),
        }
        self.append_line("HELO ");
        match self.exchange(Step::Ehlo).await? {
            250 => Ok(Capabilities::default()),
            _ => Err(ConnectError::Ehlo(self.wire.reply())),
        }
    }

    fn append_line(&mut self, command: &str) {
        for part in [command, &self.relay.helo, "\r\n"] {
            self.wire.out.extend_from_slice(part.as_bytes());
        }
    }
}

/// Used by the check to show what the relay said last.
impl Connection {
    pub(crate) async fn noop(&mut self) -> Result<Reply, ConnectError> {
        self.wire.out.extend_from_slice(b"NOOP\r\n");
        Dialogue { relay: &self.relay, wire: &mut self.wire }.exchange(Step::Noop).await?;
        Ok(self.wire.reply())
    }
}
