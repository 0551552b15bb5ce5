//! The canary scan: no mailed password is found in the database, its files, or the most talkative log.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use domain::automation::SendNewPassword;
use domain::run::RunState;
use smtp::Tls;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use store::Engine;
use testkit::relay::{Action, Script, ScriptedRelay, Stage};
use testkit::{Database, House, Through, databases, passwords, reach};

/// Where the whole log of this test process goes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The ways a secret could be written down.
fn shapes(secret: &str) -> Vec<Vec<u8>> {
    let hex = |upper: bool| -> Vec<u8> {
        secret
            .bytes()
            .flat_map(|b| if upper { format!("{b:02X}") } else { format!("{b:02x}") }.into_bytes())
            .collect()
    };
    let utf16: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let reversed: Vec<u8> = secret.bytes().rev().collect();
    // Debug prints a byte string as numbers.
    let numbers = secret.bytes().map(|b| b.to_string()).collect::<Vec<_>>().join(", ").into_bytes();
    let mut all = vec![secret.as_bytes().to_vec(), hex(false), hex(true), utf16, reversed, numbers];
    // Base64 at each of the three places it may begin within other text, without the symbols at the edges.
    for shift in 0..3 {
        let text = [vec![b'x'; shift], secret.as_bytes().to_vec()].concat();
        let coded = base64(&text);
        all.push(coded[shift.div_ceil(1) + 2..coded.len() - 4].to_vec());
    }
    all
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    for part in bytes.chunks(3) {
        let bits =
            part.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - part.len()));
        for place in 0..4 {
            out.push(if place > part.len() {
                b'='
            } else {
                SYMBOLS[(bits >> (18 - 6 * place)) as usize & 63]
            });
        }
    }
    out
}

fn holds(hay: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else { return false };
    let mut rest = hay;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        if rest[at..].starts_with(needle) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

/// Every byte that was written: the files of the folder, or every column of every table.
async fn everything_written(db: &Database) -> Vec<u8> {
    let mut all = Vec::new();
    match db.engine() {
        Engine::Sqlite => read_folder(db.folder.path(), &mut all),
        Engine::Postgres => dump(db, &mut all).await,
    }
    all
}

fn read_folder(folder: &Path, all: &mut Vec<u8>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            read_folder(&path, all);
        } else if path.file_name().is_some_and(|name| name != "keys") {
            all.extend(std::fs::read(path).unwrap());
        }
    }
}

async fn dump(db: &Database, all: &mut Vec<u8>) {
    let rows = db
        .store
        .read(|tx| {
            Box::pin(async move {
                let tables = tx
                    .query(
                        "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = current_schema()",
                        &[],
                    )
                    .await?;
                let mut rows = Vec::new();
                for mut table in tables {
                    let name: String = table.take(0)?;
                    for mut row in tx.query(&format!("SELECT CAST(t AS TEXT) FROM \"{name}\" t"), &[]).await? {
                        rows.push(row.take::<String>(0)?);
                    }
                }
                Ok::<_, store::StoreError>(rows)
            })
        })
        .await
        .unwrap();
    assert!(rows.len() > 50, "the dump is empty");
    rows.iter().for_each(|row| all.extend(row.as_bytes()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_mailed_password_is_written_anywhere() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // The only test of this process that logs.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    for db in databases().await {
        scan(db, &log).await;
    }
}

async fn scan(db: Database, log: &Log) {
    // The relay repeats all it was told in a refusal, and loses answers.
    let script = Script::default().rcpt("p0002@example.org", [Action::reply("550 5.2.2 full")]).answer(
        |moment| match (moment.stage, moment.nth) {
            (Stage::Content, 2) => Action::store_and_cut(),
            (Stage::Content, 4) => Action::StoreThen(Box::new(Action::reply("451 4.3.0 disk full"))),
            _ => Action::Accept,
        },
    );
    let relay = ScriptedRelay::start(script).await;
    let house = House::over(db, Through::Relays(vec![reach(&relay, Tls::None)])).await;
    house.add_with_old_password(12).await;
    let automation = house.usual("system_user eq false", SendNewPassword::default()).await;
    let run = house.start(automation).await;
    let run = house.work_through(run.id, 600_000).await;
    assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 11), "{run:?}");

    let secrets: Vec<String> =
        (1..=12).flat_map(|n| passwords(&relay, &format!("p{n:04}@example.org"))).collect();
    assert!(secrets.len() >= 13, "{} mails", secrets.len());
    assert!(house.opens("p0001", &secrets[0]).await, "they are the real ones");
    let written = everything_written(&house.db).await;
    let logged = log.0.lock().unwrap().clone();
    // The scan sees what is there: names, addresses, key ids.
    assert!(holds(&written, b"p0001@example.org") && written.len() > 10_000, "{}", written.len());
    assert!(logged.len() > 1_000, "the log is silent");
    for secret in &secrets {
        for shape in shapes(secret) {
            assert!(!holds(&written, &shape), "{:?}: a password is in the database", house.db.engine());
            assert!(!holds(&logged, &shape), "a password is in the log");
        }
    }
}

#[test]
fn the_scan_finds_every_shape() {
    let secret = "abcdefghijkmnpqrstuv";
    let texts = [
        format!("x {secret} y").into_bytes(),
        base64(format!("{{\"password\":\"{secret}\"}}").as_bytes()),
        base64(format!("{{\"password\": \"{secret}\"}}").as_bytes()),
        base64(format!("{{\"passwords\": \"{secret}\"}}").as_bytes()),
        format!("{:?}", secret.as_bytes()).into_bytes(),
        secret.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ];
    for text in texts {
        assert!(shapes(secret).iter().any(|shape| holds(&text, shape)), "{}", String::from_utf8_lossy(&text));
    }
}
