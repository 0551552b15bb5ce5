//! Chromium and its driver: started on a free port of the loopback, gone with this process.

use crate::settings::SETTINGS;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// One browser with a profile of its own.
#[derive(Debug)]
pub(crate) struct Chrome {
    pub(crate) client: Client,
    _profile: TempDir,
}

/// A fresh browser that prefers a language; `None`, loudly, where there is none.
pub(crate) async fn start(language: &str) -> Option<Chrome> {
    static DRIVER: OnceLock<Option<Driver>> = OnceLock::new();
    let port = DRIVER.get_or_init(start_driver).as_ref()?.port;
    let profile = tempfile::tempdir().unwrap();
    let folder = format!("--user-data-dir={}", profile.path().display());
    let mut args: Vec<&str> = vec![
        "--headless=new",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-default-apps",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--window-size=1440,900",
        &folder,
    ];
    if is_root() {
        // Chromium's own sandbox refuses to run as root; the pages are ours.
        args.push("--no-sandbox");
    }
    let capabilities = json!({
        "goog:chromeOptions": {
            "args": args,
            "prefs": { "intl.accept_languages": language, "credentials_enable_service": false },
        },
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
    });
    let Value::Object(capabilities) = capabilities else { unreachable!("an object") };
    let connected = ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities)
        .connect(&format!("http://127.0.0.1:{port}"))
        .await;
    match connected {
        Ok(client) => Some(Chrome { client, _profile: profile }),
        Err(error) if error.to_string().contains("cannot find Chrome binary") => {
            left_out("no Chromium found");
            None
        }
        Err(error) => panic!("Chromium does not start: {error}"),
    }
}

impl Chrome {
    /// A command of the DevTools protocol, for what a driver has no word for.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.client.issue_cmd(Vendor { path: "goog/cdp/execute", body }).await.unwrap()
    }

    /// Takes what was written to one of the driver's logs since the last time.
    pub(crate) async fn take_log(&self, kind: &str) -> Vec<Value> {
        let found = self.client.issue_cmd(Vendor { path: "se/log", body: json!({ "type": kind }) }).await;
        match found.unwrap() {
            Value::Array(entries) => entries,
            other => panic!("expected a list of entries, got {other}"),
        }
    }
}

/// A command only Chromium's driver knows.
#[derive(Debug)]
struct Vendor {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }
    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

fn left_out(why: &str) {
    testkit::left_out(&format!(
        "the browser tests ({why}; on Debian: apt-get install chromium chromium-driver)"
    ));
}

/// The driver of all browsers. It lives as long as the pipe to its shell, which this process holds.
#[derive(Debug)]
struct Driver {
    port: u16,
    _shell: Child,
}

/// Runs the driver under a shell that ends it when our end of its input closes, however we die; the
/// browsers go with their driver.
fn start_driver() -> Option<Driver> {
    if Command::new(&SETTINGS.driver).arg("--version").stdout(Stdio::null()).status().is_err() {
        left_out("no chromedriver found");
        return None;
    }
    let port = free_port();
    let script = "\"$1\" --port=\"$2\" --allowed-ips=127.0.0.1 --silent >/dev/null 2>&1 & driver=$!; \
        cat >/dev/null; kill $driver; wait $driver";
    let shell = Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(&SETTINGS.driver)
        .arg(port.to_string())
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for(port);
    Some(Driver { port, _shell: shell })
}

/// A port of the loopback nobody listens on.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until somebody listens there.
pub(crate) fn wait_for(port: u16) {
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(began.elapsed() < Duration::from_secs(30), "nobody listens on port {port}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn is_root() -> bool {
    let status = std::fs::read_to_string(Path::new("/proc/self/status")).unwrap_or_default();
    status.lines().any(|line| line.starts_with("Uid:\t0\t"))
}
