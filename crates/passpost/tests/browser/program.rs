//! The program as a process: a demo, or a server of one's own with the commands beside it.

use crate::chrome::{free_port, wait_for};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A program that serves pages; it ends with this value.
#[derive(Debug)]
pub(crate) struct Program {
    /// Where its pages are, as in `http://127.0.0.1:41234`.
    pub(crate) base: String,
    folder: TempDir,
    variables: Vec<(&'static str, String)>,
    child: Child,
}

impl Program {
    /// The demo, its run done.
    pub(crate) fn demo(people: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut command = command(&folder, &[]);
        command.args(["demo", "--people", &people.to_string(), "--port", &port.to_string(), "--quiet"]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        // The report is printed when the run is over.
        let report = BufReader::new(child.stdout.take().unwrap());
        let mut lines = report.lines().map_while(Result::ok);
        assert!(lines.any(|line| line.starts_with("One of the ")), "the demo sent something");
        // Read on, so that it never waits for us.
        std::thread::spawn(move || lines.count());
        Self { base: format!("http://127.0.0.1:{port}"), folder, variables: Vec::new(), child }
    }

    /// A server without an Owner, with settings of its own.
    pub(crate) fn serve(settings: &[(&'static str, String)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let base = format!("http://127.0.0.1:{port}");
        let mut variables = settings.to_vec();
        variables.push(("PASSPOST_LISTEN", format!("127.0.0.1:{port}")));
        variables.push(("PASSPOST_BASE_URL", base.clone()));
        variables.push(("PASSPOST_LOG__LEVEL", "off".into()));
        let mut command = command(&folder, &variables);
        command.args(["serve", "--quiet"]).stdout(Stdio::null());
        let child = command.spawn().unwrap();
        wait_for(port);
        Self { base, folder, variables, child }
    }

    /// Runs a command beside the server, gives what it prints. Some recipients may have failed.
    #[track_caller]
    pub(crate) fn run(&self, args: &[&str]) -> String {
        let output = command(&self.folder, &self.variables).args(args).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 3)), "passpost {args:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Where a file of that folder is.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Writes a file into the folder the commands run in.
    pub(crate) fn write(&self, name: &str, content: &str) {
        std::fs::write(self.folder.path().join(name), content).unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(folder: &TempDir, variables: &[(&str, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_passpost"));
    // The demo makes its data folder among the temporary ones: it goes with ours.
    command.current_dir(folder.path()).env("TMPDIR", folder.path()).stdin(Stdio::null());
    // What is said to this test is no setting of the program, and the settings of this machine do not count.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PASSPOST_") {
            command.env_remove(name);
        }
    }
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    command
}
