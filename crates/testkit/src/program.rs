//! The program as a process: its commands in a folder of their own, and `passpost serve` until it is stopped or
//! killed.

use crate::visitor::Visitor;
use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// An installation in a temporary folder: `data` is the data folder, `passpost.toml` the settings.
#[derive(Debug)]
pub struct Program {
    binary: PathBuf,
    folder: TempDir,
    /// Settings as variables, for every command.
    pub variables: Vec<(String, String)>,
}

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; -1: ended by a signal.
    pub code: i32,
    /// What it printed.
    pub out: String,
    /// What it said beside that.
    pub err: String,
}

impl Ran {
    /// What a process left when it ended.
    #[must_use]
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
    /// It went well.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        self
    }
    /// It ended with this code and said this.
    #[track_caller]
    pub fn ends(self, code: i32, says: &str) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        assert!(self.err.contains(says), "expected {says:?} in: {}", self.err);
        self
    }
    /// It printed this.
    #[track_caller]
    pub fn prints(self, text: &str) -> Self {
        assert!(self.out.contains(text), "expected {text:?} in: {}\n{}", self.out, self.err);
        self
    }
    /// What it printed, as JSON.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }
}

impl Program {
    /// A fresh folder for the program at this path: `env!("CARGO_BIN_EXE_passpost")`.
    #[must_use]
    pub fn new(binary: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { binary: binary.into(), folder, variables: Vec::new() }
    }

    /// Sets one setting by its variable, such as `PASSPOST_LISTEN`.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.variables.push((name.into(), value.into()));
    }

    /// The folder commands run in.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A command, not run yet.
    #[must_use]
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(args).current_dir(self.path()).stdin(Stdio::null());
        command.env_remove("PASSPOST_CONFIG").env("PASSPOST_DATA", self.data());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command.
    #[must_use]
    pub fn args(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().expect("the program starts"))
    }

    /// Runs a command whose words hold no spaces.
    #[must_use]
    pub fn run(&self, line: &str) -> Ran {
        self.args(&line.split_whitespace().collect::<Vec<_>>())
    }

    /// Chooses a free port of the loopback to serve pages on; gives it.
    pub fn choose_port(&mut self) -> u16 {
        let port = free_port();
        self.set("PASSPOST_LISTEN", format!("127.0.0.1:{port}"));
        self.set("PASSPOST_BASE_URL", format!("http://127.0.0.1:{port}"));
        port
    }

    /// Starts `passpost serve` and does not wait for it. All it says is added to `log`; without one it is lost.
    #[must_use]
    pub fn serve(&self, port: u16, log: Option<&Path>) -> Serving {
        let mut command = self.command(&["serve"]);
        match log {
            Some(path) => {
                let open = || File::options().create(true).append(true).open(path).expect("the log opens");
                command.stdout(open()).stderr(open());
            }
            None => {
                command.stdout(Stdio::null()).stderr(Stdio::null());
            }
        }
        Serving { child: command.spawn().expect("the program starts"), port }
    }
}

/// A port of the loopback nobody listens on.
#[must_use]
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|bound| bound.local_addr()).expect("a free port").port()
}

/// A `passpost serve` that runs; killed when dropped.
#[derive(Debug)]
pub struct Serving {
    child: Child,
    port: u16,
}

impl Serving {
    /// The port it listens on.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it listens.
    ///
    /// # Panics
    /// When it ends, or takes longer than a minute.
    pub fn wait_ready(&mut self) {
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.child.try_wait().expect("a child of ours");
            assert!(ended.is_none(), "the server ended by itself: {ended:?}");
            assert!(began.elapsed() < Duration::from_secs(60), "the server does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whoever visits its pages.
    #[must_use]
    pub fn visitor(&self) -> Visitor {
        Visitor::of(self.port)
    }

    /// kill -9, and nothing of it is left.
    ///
    /// # Panics
    /// When it had ended by itself.
    pub fn kill(mut self) {
        let ended = self.child.try_wait().expect("a child of ours");
        assert!(ended.is_none(), "the server ended by itself: {ended:?}");
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// SIGTERM, and it ends softly.
    ///
    /// # Panics
    /// When it does not.
    pub fn stop(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(told.is_ok_and(|status| status.success()), "kill -TERM works");
        let ended = self.child.wait().expect("it ends");
        assert!(ended.success(), "it ends softly: {ended:?}");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // After `kill` and `stop` there is nobody to kill any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
