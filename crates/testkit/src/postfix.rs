//! A private Postfix on the loopback that delivers into Maildirs, one for each person.

use crate::program::free_port;
use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Who owns the Maildirs; Postfix does not deliver as root.
const NOBODY: u32 = 65_534;

/// A running Postfix; it ends with this value, or with this process however that dies.
#[derive(Debug)]
pub struct Postfix {
    folder: TempDir,
    port: u16,
    watch: Child,
    input: Option<ChildStdin>,
}

impl Postfix {
    /// Starts one that takes mail for these addresses, each into the Maildir of the name beside it. `None`, loudly,
    /// where there is no Postfix or we are not root.
    ///
    /// # Panics
    /// It is installed and does not start.
    #[must_use]
    pub fn start(mailboxes: &[(String, String)]) -> Option<Self> {
        if !Path::new("/usr/sbin/postfix").exists() || !is_root() {
            crate::left_out("the test with a real Postfix (it needs Postfix, and root to start it)");
            return None;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = free_port();
        furnish(folder.path(), port, mailboxes);
        // The shell ends it when our end of its input closes.
        let script = "postfix -c \"$1/etc\" start-fg >>\"$1/start.log\" 2>&1 & \
                      cat >/dev/null; postfix -c \"$1/etc\" stop >>\"$1/start.log\" 2>&1; wait; rm -rf \"$1\"";
        let mut watch = Command::new("sh")
            .arg("-c")
            .arg(script)
            .args([Path::new("sh"), folder.path()])
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let input = watch.stdin.take();
        let postfix = Self { folder, port, watch, input };
        if postfix.wait_ready() {
            return Some(postfix);
        }
        panic!("Postfix is installed, but did not start:\n{}", postfix.log());
    }

    fn wait_ready(&self) -> bool {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(30) {
            if std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it wrote into its log.
    #[must_use]
    pub fn log(&self) -> String {
        let read = |name: &str| std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        read("start.log") + &read("log")
    }

    /// The mails in a Maildir, in no order.
    #[must_use]
    pub fn mails(&self, maildir: &str) -> Vec<Vec<u8>> {
        let new = self.folder.path().join("mail").join(maildir).join("new");
        let Ok(entries) = std::fs::read_dir(new) else { return Vec::new() };
        entries.flatten().map(|entry| std::fs::read(entry.path()).expect("a mail")).collect()
    }

    /// Waits until this many Maildirs exist and nothing is left in its queue.
    ///
    /// # Panics
    /// When that takes longer than a minute.
    pub fn wait_for(&self, maildirs: usize) {
        let began = Instant::now();
        let mail = self.folder.path().join("mail");
        loop {
            let filled = std::fs::read_dir(&mail).map_or(0, Iterator::count);
            if filled >= maildirs && self.queued() == 0 {
                return;
            }
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "{filled} of {maildirs} Maildirs, {} mails wait\n{}",
                self.queued(),
                self.log()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn queued(&self) -> usize {
        ["incoming", "active", "deferred", "hold", "maildrop"]
            .map(|queue| files_below(&self.folder.path().join("queue").join(queue)))
            .iter()
            .sum()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        if let Some(mut input) = self.input.take() {
            let _ = input.flush();
        }
        let _ = self.watch.wait();
    }
}

fn files_below(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let count = |path: PathBuf| if path.is_dir() { files_below(&path) } else { 1 };
    entries.flatten().map(|entry| count(entry.path())).sum()
}

/// Writes the settings and makes the folders.
fn furnish(folder: &Path, port: u16, mailboxes: &[(String, String)]) {
    let made = |name: &str| {
        let path = folder.join(name);
        std::fs::create_dir(&path).expect("a folder");
        path
    };
    // Its processes run as other users and must get through to their folders.
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    let (etc, _, data, mail) = (made("etc"), made("queue"), made("data"), made("mail"));
    chown(&mail, Some(NOBODY), Some(NOBODY)).expect("root may");
    let owned = Command::new("chown").arg("postfix").arg(&data).status();
    assert!(owned.is_ok_and(|status| status.success()), "the user postfix comes with the package");
    let mut table = String::new();
    for (address, maildir) in mailboxes {
        writeln!(table, "{address} {maildir}/").expect("text");
    }
    let write = |name: &str, text: &str| std::fs::write(etc.join(name), text).expect("a file");
    write("mailboxes", &table);
    write("main.cf", &MAIN.replace("FOLDER", &folder.to_string_lossy()));
    write("master.cf", &MASTER.replace("PORT", &port.to_string()));
}

/// Nothing leaves this machine: every domain is delivered here, and there is no client service.
const MAIN: &str = "\
compatibility_level = 3.6
queue_directory = FOLDER/queue
data_directory = FOLDER/data
maillog_file = FOLDER/log
maillog_file_prefixes = FOLDER
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.test
mydomain = relay.test
myorigin = relay.test
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
smtputf8_enable = yes
virtual_mailbox_domains = static:yes
virtual_mailbox_base = FOLDER/mail
virtual_mailbox_maps = texthash:FOLDER/etc/mailboxes
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
";

const MASTER: &str = "\
127.0.0.1:PORT inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}
