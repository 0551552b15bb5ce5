//! A scripted SMTP server: it accepts all, or misbehaves exactly as a test's [`Script`] says.
//!
//! What it stored is the truth about what was delivered, also when the sender never saw the reply.

mod certificates;
mod script;
mod session;

pub use certificates::Certificate;
pub use script::{Action, Answer, Auth, Moment, Script, Stage, Tls};

use certificates::Identity;
use session::Session;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// One message the relay took.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The return path, without brackets.
    pub mail_from: String,
    /// What followed the return path, such as `SIZE=20 SMTPUTF8`.
    pub parameters: String,
    /// The recipients the relay took, without brackets.
    pub rcpt_to: Vec<String>,
    /// The content, leading dots undone; empty when the script does not keep content.
    pub content: Vec<u8>,
    /// Octets of the content.
    pub size: usize,
    /// When its end was read.
    pub at: Instant,
    /// The connection it came on, counted from 1.
    pub connection: u64,
}

impl Stored {
    /// The content as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.content).into_owned()
    }
}

/// A running relay. Dropping it closes everything.
pub struct ScriptedRelay {
    address: SocketAddr,
    shared: Arc<Shared>,
    ca_pem: String,
    task: JoinHandle<()>,
}

/// What all sessions share.
pub(crate) struct Shared {
    pub(crate) script: Script,
    pub(crate) acceptor: Option<TlsAcceptor>,
    pub(crate) stored: Mutex<Vec<Stored>>,
    pub(crate) changed: Notify,
    sessions: AtomicU64,
    pub(crate) open: AtomicU64,
    heard: [AtomicU64; Stage::COUNT],
    pub(crate) logins: AtomicU64,
    pub(crate) empty_messages: AtomicU64,
    pub(crate) over_rate: AtomicU64,
    pub(crate) recent: Mutex<VecDeque<Instant>>,
    pub(crate) answers: Mutex<HashMap<String, VecDeque<Action>>>,
}

impl Shared {
    /// Counts a command; how often it was heard, this time included.
    pub(crate) fn hear(&self, stage: Stage) -> u64 {
        self.heard[stage as usize].fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// A lock that a panicking session cannot spoil.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ScriptedRelay {
    /// Starts a relay on a free loopback port.
    ///
    /// # Panics
    /// When no port or certificate can be had.
    pub async fn start(script: Script) -> Self {
        Self::start_at(script, "127.0.0.1:0").await
    }

    /// Starts a relay on a given address, for example where another one was before.
    ///
    /// # Panics
    /// When the port is taken.
    #[expect(clippy::expect_used, reason = "a test fails by panicking")]
    pub async fn start_at(script: Script, address: &str) -> Self {
        let identity = (script.tls != Tls::Never).then(|| Identity::new(script.certificate));
        let (acceptor, ca_pem) = identity.map_or((None, String::new()), |i| (Some(i.acceptor), i.ca_pem));
        let listener = TcpListener::bind(address).await.expect("the address is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let answers =
            script.per_recipient.iter().map(|(k, v)| (k.clone(), v.iter().cloned().collect())).collect();
        let shared = Arc::new(Shared {
            script,
            acceptor,
            stored: Mutex::default(),
            changed: Notify::new(),
            sessions: AtomicU64::new(0),
            open: AtomicU64::new(0),
            heard: Default::default(),
            logins: AtomicU64::new(0),
            empty_messages: AtomicU64::new(0),
            over_rate: AtomicU64::new(0),
            recent: Mutex::default(),
            answers: Mutex::new(answers),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { address, shared, ca_pem, task }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its host, as text.
    #[must_use]
    pub fn host(&self) -> String {
        self.address.ip().to_string()
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The authority a client shall trust; with [`Certificate::Untrusted`] it is not the one that signed. Empty
    /// without TLS.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// A copy of all messages stored so far, in the order of their ends.
    #[must_use]
    pub fn messages(&self) -> Vec<Stored> {
        lock(&self.shared.stored).clone()
    }

    /// Takes the messages out, so that the relay forgets them.
    #[must_use]
    pub fn take_messages(&self) -> Vec<Stored> {
        std::mem::take(&mut *lock(&self.shared.stored))
    }

    /// How many messages are stored.
    #[must_use]
    pub fn stored(&self) -> usize {
        lock(&self.shared.stored).len()
    }

    /// The messages stored for one recipient.
    #[must_use]
    pub fn messages_for(&self, recipient: &str) -> Vec<Stored> {
        let stored = lock(&self.shared.stored);
        stored.iter().filter(|message| message.rcpt_to.iter().any(|r| r == recipient)).cloned().collect()
    }

    /// Who was mailed, and how often.
    #[must_use]
    pub fn reached(&self) -> HashMap<String, usize> {
        let mut mails = HashMap::new();
        for recipient in lock(&self.shared.stored).iter().flat_map(|message| &message.rcpt_to) {
            *mails.entry(recipient.clone()).or_default() += 1;
        }
        mails
    }

    /// Connections so far.
    #[must_use]
    pub fn sessions(&self) -> u64 {
        self.shared.sessions.load(Ordering::Relaxed)
    }

    /// Connections open now.
    #[must_use]
    pub fn open_sessions(&self) -> u64 {
        self.shared.open.load(Ordering::Relaxed)
    }

    /// How often a command came, whatever was answered.
    #[must_use]
    pub fn heard(&self, stage: Stage) -> u64 {
        self.shared.heard[stage as usize].load(Ordering::Relaxed)
    }

    /// Successful logins.
    #[must_use]
    pub fn logins(&self) -> u64 {
        self.shared.logins.load(Ordering::Relaxed)
    }

    /// Contents that came without any recipient (a lone dot) and were not stored.
    #[must_use]
    pub fn empty_messages(&self) -> u64 {
        self.shared.empty_messages.load(Ordering::Relaxed)
    }

    /// Messages deferred because they came faster than [`Script::per_second`].
    #[must_use]
    pub fn over_rate(&self) -> u64 {
        self.shared.over_rate.load(Ordering::Relaxed)
    }

    /// Waits until at least `count` messages are stored.
    ///
    /// # Panics
    /// When it takes longer than 30 seconds.
    #[expect(clippy::panic, reason = "a test fails by panicking")]
    pub async fn wait_for(&self, count: usize) {
        let waited = tokio::time::timeout(Duration::from_secs(30), async {
            loop {
                let changed = self.shared.changed.notified();
                if self.stored() >= count {
                    return;
                }
                // A wake-up between the two lines above is not lost for long.
                let _ = tokio::time::timeout(Duration::from_millis(20), changed).await;
            }
        });
        if waited.await.is_err() {
            panic!("the relay has {} messages after 30 s, not {count}", self.stored());
        }
    }
}

impl fmt::Debug for ScriptedRelay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedRelay").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for ScriptedRelay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Accepts connections; all sessions end with this task.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut sessions = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                let number = shared.sessions.fetch_add(1, Ordering::Relaxed) + 1;
                // Replies are small and answer a waiting client.
                let _ = stream.set_nodelay(true);
                sessions.spawn(Session::serve(stream, number, Arc::clone(&shared)));
            }
            Some(_) = sessions.join_next() => {}
        }
    }
}
