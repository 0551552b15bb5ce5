//! Honest programs: they send events in batches, and send a batch again until it is answered.

use serde_json::Value as Json;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Programs that share a list of batches; each sends as many as it is let.
pub(crate) struct Senders {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    port: u16,
    token: String,
    batches: Vec<Vec<Json>>,
    /// How many batches may be sent by now.
    allowed: AtomicUsize,
    /// How many were begun.
    begun: AtomicUsize,
    /// How many requests left whole.
    tried: AtomicUsize,
    /// How many batches were answered.
    answered: AtomicUsize,
    /// How many requests left whole and were not answered.
    unanswered: AtomicUsize,
    /// How many events were kept, as the answers say.
    accepted: AtomicUsize,
}

/// What became of a request.
enum Answer {
    NotListening,
    Lost,
    Came(u16, String),
}

impl Senders {
    /// So many programs; nothing is sent before [`Senders::allow`].
    pub(crate) fn start(programs: usize, port: u16, token: String, batches: Vec<Vec<Json>>) -> Self {
        let none = AtomicUsize::default;
        let shared = Arc::new(Shared {
            port,
            token,
            batches,
            allowed: none(),
            begun: none(),
            tried: none(),
            answered: none(),
            unanswered: none(),
            accepted: none(),
        });
        let threads = (0..programs).map(|_| {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || shared.send_all())
        });
        Self { threads: threads.collect(), shared }
    }

    /// Lets this share of all batches be sent.
    pub(crate) fn allow(&self, share: usize, of: usize) {
        self.shared.allowed.store(self.shared.batches.len() * share / of, Ordering::SeqCst);
    }

    /// How many requests left whole.
    pub(crate) fn tried(&self) -> usize {
        self.shared.tried.load(Ordering::SeqCst)
    }

    /// How many batches were answered.
    pub(crate) fn answered(&self) -> usize {
        self.shared.answered.load(Ordering::SeqCst)
    }

    /// Waits until every batch is answered; gives how many requests never were, and how many events were kept as the
    /// answers say.
    pub(crate) fn finish(self) -> (usize, usize) {
        self.allow(1, 1);
        for thread in self.threads {
            thread.join().expect("every answer was one that is expected");
        }
        (self.shared.unanswered.load(Ordering::SeqCst), self.shared.accepted.load(Ordering::SeqCst))
    }
}

impl Shared {
    fn send_all(&self) {
        loop {
            let place = self.begun.fetch_add(1, Ordering::SeqCst);
            let Some(batch) = self.batches.get(place) else { return };
            while self.allowed.load(Ordering::SeqCst) <= place {
                std::thread::sleep(Duration::from_millis(2));
            }
            self.send_until_answered(batch);
        }
    }

    fn send_until_answered(&self, batch: &[Json]) {
        let body = serde_json::to_string(batch).unwrap();
        loop {
            match self.send(&body) {
                Answer::Came(202, body) => {
                    let counts: Json = serde_json::from_str(&body).unwrap();
                    let (accepted, known) = (&counts["accepted"], &counts["known"]);
                    let (accepted, known) = (accepted.as_u64().unwrap(), known.as_u64().unwrap());
                    assert_eq!(accepted + known, batch.len() as u64, "{body}");
                    self.accepted.fetch_add(usize::try_from(accepted).unwrap(), Ordering::SeqCst);
                    self.answered.fetch_add(1, Ordering::SeqCst);
                    return;
                }
                // It starts or ends just now.
                Answer::Came(503, _) | Answer::NotListening => {}
                Answer::Came(status, body) => panic!("{status}: {body}"),
                Answer::Lost => drop(self.unanswered.fetch_add(1, Ordering::SeqCst)),
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn send(&self, body: &str) -> Answer {
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        let Ok(mut stream) = TcpStream::connect(address) else { return Answer::NotListening };
        let request = format!(
            "POST /api/v1/events HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
             content-type: application/cloudevents-batch+json\r\ncontent-length: {}\r\n\r\n{body}",
            self.token,
            body.len(),
        );
        let patience = stream.set_read_timeout(Some(Duration::from_secs(30)));
        if patience.and_then(|()| stream.write_all(request.as_bytes())).is_err() {
            return Answer::NotListening;
        }
        self.tried.fetch_add(1, Ordering::SeqCst);
        let mut answer = Vec::new();
        if stream.read_to_end(&mut answer).is_err() {
            return Answer::Lost;
        }
        read(&String::from_utf8_lossy(&answer)).unwrap_or(Answer::Lost)
    }
}

/// `None`: not all of it has come.
fn read(answer: &str) -> Option<Answer> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?.trim().parse();
    (length == Ok(body.len())).then(|| Answer::Came(status, body.to_owned()))
}
