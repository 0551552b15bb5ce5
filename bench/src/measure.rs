//! The measures themselves, each in a process of its own; the result is one line of JSON.

use crate::people;
use auth::keys::Keys;
use domain::address::Address;
use domain::automation::{Job, SendNewPassword};
use domain::id::{AutomationId, PersonId, RunId, SelectionId};
use domain::password::Generator;
use domain::run::RunState;
use flow::{
    Clock, ClosingReport, Flow, Limits, NoticeSettings, Outlet, RelaySettings, Settings, StartRun, Stop,
};
use mail::dkim::Signer;
use mail::{Colour, House, Sender};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Location, Store, StoreError, automation, params, run, selection};
use testkit::house::fresh_bytes;

/// What a measure prints.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Measured {
    /// People written to, or signatures made.
    pub count: i64,
    /// From trigger to the last record, seconds.
    pub seconds: f64,
    /// The most memory the process had, KiB.
    pub peak_kib: u64,
}

impl Measured {
    /// How many a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.count as f64 / self.seconds
    }

    pub(crate) fn print(&self) {
        println!("{}", serde_json::to_string(self).expect("JSON"));
    }
}

/// The most memory this process has had, KiB.
pub(crate) fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// The value after `--name`.
pub(crate) fn arg<'a>(args: &'a [String], name: &str) -> Option<&'a str> {
    let place = args.iter().position(|arg| arg == name)?;
    args.get(place + 1).map(String::as_str)
}

pub(crate) fn location(args: &[String]) -> Location {
    let url = arg(args, "--database").expect("--database");
    Location::parse(url, Path::new("/")).expect("a database URL")
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// Fills a fresh database: `--database URL --people N [--families]`.
pub fn prepare(args: &[String]) {
    let count: usize = arg(args, "--people").and_then(|n| n.parse().ok()).expect("--people");
    runtime().block_on(async {
        let store = Store::open(&location(args)).await.expect("the database opens");
        let now = Clock::system().now_ms();
        store.migrate(now).await.expect("the schema is applied");
        let families = args.iter().any(|arg| arg == "--families");
        people::add(&store, count, families, now).await;
        let owner = PersonId::generate(now, fresh_bytes());
        store
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute(
                        "INSERT INTO people (id, username, given_name, family_name, display_name, blocked, verified,
                            created_at, updated_at, role_id, user_type, must_change, failed_logins)
                         VALUES ($1, 'owner', '', '', '', FALSE, TRUE, 0, 0, (SELECT id FROM roles WHERE name = 'Owner'),
                            'ui', FALSE, 0)",
                        params![owner],
                    )
                    .await?;
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .expect("an owner");
        let id = SelectionId::generate(now, fresh_bytes());
        let draft = selection::Draft {
            name: "everyone".into(),
            description: String::new(),
            filter: "system_user eq false".into(),
            size_limit: None,
            time_zone: "UTC".into(),
        };
        let step = automation::JobStep {
            name: "bench".into(),
            description: String::new(),
            job: Job::SendNewPassword(SendNewPassword { remail_after_hours: 0, ..Default::default() }),
            selection_id: Some(id),
        };
        let automation = AutomationId::generate(now, fresh_bytes());
        let acting = testkit::by(owner);
        store
            .write(move |tx| {
                Box::pin(async move {
                    selection::insert(tx, &acting, id, &draft, now).await.expect("a draft");
                    selection::publish(tx, &acting, id, now).await.expect("published");
                    automation::insert(tx, &acting, automation, &step, now).await?;
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .expect("an automation");
    });
}

fn signers(args: &[String]) -> Arc<[Signer]> {
    let pem = match arg(args, "--sign") {
        None | Some("none") => return Arc::new([]),
        Some(path) => std::fs::read(path).expect("the DKIM key"),
    };
    Arc::new([Signer::new("bench.example", "bench", &pem).expect("a DKIM key")])
}

pub(crate) fn flow(args: &[String], store: Store) -> Flow {
    let relay: std::net::SocketAddr = arg(args, "--relay").and_then(|a| a.parse().ok()).expect("--relay");
    let connections = arg(args, "--connections").and_then(|n| n.parse().ok()).unwrap_or(16);
    let mut relay =
        smtp::Relay::new(relay.ip().to_string(), relay.port(), smtp::Tls::None, smtp::Roots::none());
    relay.messages_per_connection = u32::MAX;
    let keys = PathBuf::from(arg(args, "--keys").expect("--keys"));
    let settings = Settings {
        node: format!("bench-{}", std::process::id()),
        sole_worker: arg(args, "--shared").is_none(),
        sender: Sender {
            address: Address::parse("passwords@bench.example").expect("an address"),
            name: "Example Portal".into(),
            reply_to: None,
            bounce: None,
        },
        house: House {
            organisation: "Example Portal".into(),
            help_contact: "help@bench.example".into(),
            login_url: "https://bench.example/login".into(),
            base_url: "https://bench.example".into(),
            accent: Colour::default(),
            time_zone: "Europe/Berlin".into(),
        },
        signers: signers(args),
        language: domain::language::Language::En,
        names_of_unverified: Default::default(),
        generator: Generator::Symbols,
        limits: Limits { people_per_run: i64::MAX, people_per_day: i64::MAX, ..Limits::default() },
        resets: flow::ResetSettings::new("https://bench.example"),
        notices: NoticeSettings {
            console_url: "https://bench.example/console".into(),
            closing_report: ClosingReport::Never,
        },
        outlet: Outlet::Relays(vec![RelaySettings {
            name: "sink".into(),
            relay,
            connections,
            messages_per_minute: None,
        }]),
    };
    Flow::new(store, Keys::read_or_create(&keys).expect("keys"), settings, Clock::system())
}

/// The main job, from trigger to all recorded and active.
pub fn run(args: &[String]) {
    runtime().block_on(async {
        let store = Store::open(&location(args)).await.expect("the database opens");
        let flow = flow(args, store.clone());
        let stop = Stop::new();
        let worker = tokio::spawn({
            let (flow, stop) = (flow.clone(), stop.clone());
            async move { flow.work(stop).await }
        });
        let automation = store.read(|tx| Box::pin(automation::list(tx, false))).await.expect("reads")[0].id;
        let preview = flow.preview(automation, None, 0).await.expect("a preview");
        let began = Instant::now();
        let asked =
            StartRun { automation, acting: testkit::by(None), confirmed: Some(preview.counts.would_receive) };
        let begun = flow.start(asked).await.expect("the run begins");
        let done = wait(&store, begun.id).await;
        let seconds = began.elapsed().as_secs_f64();
        assert_eq!(done.counts.accepted, preview.counts.would_receive, "everyone was mailed: {done:?}");
        stop.request((Instant::now() + Duration::from_secs(10)).into());
        worker.await.expect("the worker ends");
        Measured { count: done.counts.accepted, seconds, peak_kib: peak_kib() }.print();
    });
}

/// A second node: works until its input closes.
pub fn work(args: &[String]) {
    runtime().block_on(async {
        let store = Store::open(&location(args)).await.expect("the database opens");
        let flow = flow(args, store);
        let stop = Stop::new();
        let worker = tokio::spawn({
            let stop = stop.clone();
            async move { flow.work(stop).await }
        });
        let mut line = String::new();
        tokio::task::spawn_blocking(move || std::io::stdin().read_line(&mut line)).await.expect("reads").ok();
        stop.request((Instant::now() + Duration::from_secs(10)).into());
        worker.await.expect("the worker ends");
    });
}

pub(crate) async fn wait(store: &Store, id: RunId) -> run::Run {
    loop {
        let found = store.read(move |tx| Box::pin(run::get(tx, id))).await.expect("the run");
        if found.state != RunState::Running {
            assert_eq!(found.state, RunState::Finished, "{found:?}");
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The signing rate alone, on two cores: `--sign KEY --people N`.
pub fn sign(args: &[String]) {
    let count: usize = arg(args, "--people").and_then(|n| n.parse().ok()).expect("--people");
    let pem = std::fs::read(arg(args, "--sign").expect("--sign")).expect("the key");
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| sign_some(&pem, count / 2));
        }
    });
    Measured { count: count as i64, seconds: began.elapsed().as_secs_f64(), peak_kib: peak_kib() }.print();
}

/// Signs what DKIM signs: a header hash of a few hundred octets.
fn sign_some(pem: &[u8], count: usize) {
    use aws_lc_rs::{rand::SystemRandom, signature};
    let der = testkit::pem_to_der(pem);
    let header = [b'x'; 600];
    if let Ok(key) = signature::Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der) {
        for _ in 0..count {
            std::hint::black_box(
                key.sign(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &header).as_ref()),
            );
        }
        return;
    }
    let key = signature::RsaKeyPair::from_pkcs8(&der).expect("an RSA key");
    let random = SystemRandom::new();
    let mut out = vec![0; key.public_modulus_len()];
    for _ in 0..count {
        key.sign(&signature::RSA_PKCS1_SHA256, &random, &header, &mut out).expect("signs");
        std::hint::black_box(&out);
    }
}
