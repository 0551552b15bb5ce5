//! Databases for tests: a fresh SQLite file always, a fresh PostgreSQL schema where a server can be started.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use store::{Engine, Location, Store};
use tempfile::TempDir;

/// The moment tests begin at: 2026-11-21T09:00:00Z, in milliseconds since 1970.
pub const TEST_NOW: i64 = 1_795_251_600_000;

/// A migrated database that lives as long as this value.
#[derive(Debug)]
pub struct Database {
    /// The store.
    pub store: Store,
    /// Where it is, to open it a second time as another node would.
    pub location: Location,
    /// A folder for whatever belongs to it; on SQLite the database file is in it.
    pub folder: TempDir,
}

/// One fresh database of each engine; PostgreSQL is left out, loudly, where no server can be started.
pub async fn databases() -> Vec<Database> {
    let mut found = vec![sqlite().await];
    found.extend(postgres().await);
    found
}

/// A fresh SQLite database.
pub async fn sqlite() -> Database {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let location = Location::Sqlite(folder.path().join("passpost.db"));
    open(location, folder).await
}

/// A fresh schema on the private PostgreSQL server of this test process, if there can be one.
pub async fn postgres() -> Option<Database> {
    let url = postgres_url().await?;
    let folder = tempfile::tempdir().expect("a temporary folder");
    Some(open(Location::Postgres(url), folder).await)
}

/// The address of a fresh, empty schema on the private server, for another process to open.
pub async fn postgres_url() -> Option<String> {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let port = (*SERVER.get_or_init(start_server))?;
    let schema = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=disable");
    let (client, connection) =
        tokio_postgres::connect(&url, tokio_postgres::NoTls).await.expect("the test server answers");
    let connection = tokio::spawn(connection);
    client.batch_execute(&format!("CREATE SCHEMA {schema}")).await.expect("a fresh schema");
    drop(client);
    let _ = connection.await;
    Some(format!("{url}&options=-csearch_path%3D{schema}"))
}

async fn open(location: Location, folder: TempDir) -> Database {
    let store = Store::open(&location).await.expect("the database opens");
    store.migrate(TEST_NOW).await.expect("the schema is applied");
    Database { store, location, folder }
}

impl Database {
    /// Which engine, for messages of failed assertions.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.store.engine()
    }
}

static SERVER: OnceLock<Option<u16>> = OnceLock::new();
static OPTIONS: OnceLock<&'static str> = OnceLock::new();

/// Gives the private server options of its own, as `-c name=value`; before anybody asks for a database.
pub fn postgres_options(options: &'static str) {
    let _ = OPTIONS.set(options);
}

/// Starts a private server on a free loopback port; it ends with this process.
fn start_server() -> Option<u16> {
    let Some(bin) = server_programs() else {
        crate::left_out("the PostgreSQL half of these tests (no PostgreSQL server programs found)");
        return None;
    };
    let folder = std::env::temp_dir().join(format!("passpost-test-pg-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).ok()?;
    let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
    let data = folder.join("data");
    let prefix = if is_root() { "chown postgres \"$1\" && exec runuser -u postgres -- " } else { "exec " };
    let made = Command::new("sh")
        .arg("-c")
        .arg(format!("{prefix}\"$2/initdb\" -D \"$3\" -A trust -U postgres -E UTF8 --locale=C --no-sync >\"$1.log\" 2>&1"))
        .args([Path::new("sh"), &folder, &bin, &data])
        .status();
    if !made.is_ok_and(|status| status.success()) {
        panic!("PostgreSQL is installed, but initdb failed; see {}.log", data.display());
    }
    watch_over(&bin, &data, &folder, port);
    wait_for(port)
}

/// Runs the server under a shell that ends it when our end of its input closes, however we die.
fn watch_over(bin: &Path, data: &Path, folder: &Path, port: u16) {
    // setpriv becomes the server itself, so that the signal reaches it; runuser would stay in between.
    let run = if is_root() { "setpriv --reuid=postgres --regid=postgres --clear-groups " } else { "" };
    let options = OPTIONS.get().copied().unwrap_or_default();
    let script = format!(
        "{run}\"$1/postgres\" -D \"$2\" -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' \
         -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 {options} \
         >\"$3.log\" 2>&1 & server=$!; cat >/dev/null; kill -INT $server; wait $server; rm -rf \"$3\" \"$3.log\""
    );
    let child = Command::new("sh")
        .arg("-c")
        .arg(script)
        .args([Path::new("sh"), bin, data, folder])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Ok(mut child) = child
        && let Some(mut input) = child.stdin.take()
    {
        // Kept open until the process ends: the shell reads it.
        let _ = input.write_all(b"\n");
        std::mem::forget(input);
    }
}

fn wait_for(port: u16) -> Option<u16> {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(30) {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            // It accepts connections a moment before it answers queries.
            std::thread::sleep(Duration::from_millis(300));
            return Some(port);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("PostgreSQL is installed, but the server did not start on port {port}")
}

/// The folder with `initdb` and `postgres`, the newest version first.
fn server_programs() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists() && bin.join("postgres").exists())
        .collect();
    found.sort();
    found.pop()
}

fn is_root() -> bool {
    let mut status = String::new();
    let _ = std::fs::File::open("/proc/self/status").and_then(|mut file| file.read_to_string(&mut status));
    status.lines().any(|line| line.starts_with("Uid:\t0\t"))
}
