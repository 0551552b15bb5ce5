//! Mails that come back, as a mail server and a Maildir bring them to the program.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use testkit::relay::{Script, ScriptedRelay};

const ADA: &str = "ada@members.example";
const ZOE: &str = "zoe@members.example";
const PEOPLE: &str =
    "username;address;groups\nada;ada@members.example;members\nzoe;zoe@members.example;members\n";

/// A data folder and a Maildir, with a relay that took a mail for everybody.
struct House {
    folder: TempDir,
    relay: ScriptedRelay,
    variables: Vec<(&'static str, String)>,
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    #[track_caller]
    fn ends(self, code: i32, says: &str) -> Self {
        let said = format!("{}{}", self.out, self.err);
        assert_eq!(self.code, code, "{said}");
        assert!(said.contains(says), "expected {says:?} in: {said}");
        self
    }
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }
}

impl House {
    async fn mailed() -> Self {
        let relay = ScriptedRelay::start(Script::default()).await;
        let folder = tempfile::tempdir().unwrap();
        for inner in ["new", "cur", "tmp"] {
            std::fs::create_dir_all(folder.path().join("bounces").join(inner)).unwrap();
        }
        std::fs::write(folder.path().join("people.csv"), PEOPLE).unwrap();
        let variables = vec![
            ("PASSPOST_DATA", folder.path().join("data").display().to_string()),
            ("PASSPOST_SMTP__0__URL", format!("smtp://127.0.0.1:{}", relay.port())),
            ("PASSPOST_SMTP__0__TLS", "none".into()),
            ("PASSPOST_MAIL__FROM", "passwords@portal.example".into()),
            ("PASSPOST_BOUNCES__DOMAIN", "bounces.portal.example".into()),
        ];
        let house = Self { folder, relay, variables };
        house.run(&["people", "import", "people.csv"], "").ends(0, "created");
        house.run(&["user", "create", "boss", "--role", "Owner"], "").ends(0, "");
        let filter = "groups.name eq \"members\"";
        house.run(&["selection", "create", "All", "--filter", filter, "--publish"], "").ends(0, "");
        house.run(&["automation", "create", "Renewal", "--selection", "All"], "").ends(0, "");
        house.run(&["automation", "run", "1", "--yes"], "").ends(0, "2  accepted");
        house
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_passpost"));
        command.args(args).current_dir(self.folder.path()).env_remove("PASSPOST_CONFIG");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, args: &[&str], stdin: &str) -> Ran {
        finish(self.command(args).spawn().unwrap(), stdin)
    }

    fn path_to(&self, address: &str) -> String {
        self.relay.messages_for(address).pop().unwrap().mail_from
    }

    fn inbox(&self) -> PathBuf {
        self.folder.path().join("bounces")
    }

    fn drop_in(&self, name: &str, mail: &str) {
        let passing = self.inbox().join("tmp").join(name);
        std::fs::write(&passing, mail).unwrap();
        std::fs::rename(&passing, self.inbox().join("new").join(name)).unwrap();
    }
}

fn finish(mut child: Child, stdin: &str) -> Ran {
    // A program that ends before it has read all is what some of these tests look for.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn notification(path: &str, action: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example\nTo: <{path}>\nSubject: Returned\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n--b\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; x@y.example\n\
         Action: {action}\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n\n--b--\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_hands_over_a_bounce_and_the_operator_sees_it() {
    let house = House::mailed().await;
    let path = house.path_to(ADA);
    assert!(path.starts_with("bounce+1-") && path.ends_with("@bounces.portal.example"), "{path}");
    let mail = notification("lost@elsewhere.example", "failed");
    house.run(&["bounce"], &mail).ends(0, "ignored: it came to no return path of ours");
    let handed = ["bounce", "--recipient", path.as_str()];
    house.run(&handed, &notification(&path, "delayed")).ends(0, "still being tried");
    for odd in ["-f@bounces.portal.example", "--maildir=x@bounces.portal.example", "--quiet"] {
        let odd = ["bounce", "--recipient", odd];
        house.run(&odd, &notification(&path, "delayed")).ends(0, "still being tried");
    }
    house.run(&handed, &mail).ends(0, "bounced, mailbox-unknown; the address is marked undeliverable");
    house.run(&["bounce", "-"], &notification(&path, "failed")).ends(0, "nothing changed");
    let forged = path.replace("bounce+1-", "bounce+2-");
    let forged = house.run(&["bounce", "--json", "--recipient", &forged], &mail).ends(0, "").json();
    assert_eq!(forged, serde_json::json!({ "result": "ignored", "why": "forged" }));

    house.run(&["people", "show", "ada"], "").ends(0, "mailbox-unknown: mail came back (5.1.1)");
    house.run(&["run", "report", "1"], "").ends(0, "1  bounced").ends(0, "550 5.1.1 no such user");
    let report = house.run(&["run", "show", "1", "--json"], "").json();
    assert_eq!(
        (report["bounced"].as_i64(), report["run"]["counts"]["accepted"].as_i64()),
        (Some(1), Some(2))
    );
    let bounced = house.run(&["run", "recipients", "1", "--state", "bounced"], "");
    assert!(bounced.out.contains("ada") && !bounced.out.contains("zoe"), "{}", bounced.out);
    house.run(&["audit", "list"], "").ends(0, "bounce.recorded").ends(0, "bounce.ignored");
    house.run(&["audit", "verify"], "").ends(0, "in order");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_keeps_the_mail_when_anything_is_wrong_here() {
    let mut house = House::mailed().await;
    let path = house.path_to(ADA);
    let mail = notification(&path, "failed");
    house.run(&["bounce", "--data", "elsewhere"], &mail).ends(75, "not the server's data folder");
    assert!(!house.folder.path().join("elsewhere").exists(), "no empty database is made");
    house.variables.push(("PASSPOST_LIMITS__GRACE_HOURS", "soon".into()));
    house.run(&["bounce"], &mail).ends(75, "limits.grace_hours");
    house.run(&["bounce", "--bogus"], &mail).ends(75, "--bogus");
    house.run(&["--quiet", "--bogus", "bounce"], &mail).ends(75, "--bogus");
    house.run(&["bounce", "--recipient"], &mail).ends(75, "--recipient");
    house.run(&["bounce", "--bogus", "--maildir", "bounces"], "").ends(2, "--bogus");
    house.run(&["bounce", "--help"], "").ends(0, "--recipient");
    house.variables.pop();
    let domain = house.variables.pop().unwrap();
    house.run(&["bounce"], &mail).ends(75, "bounces.domain is empty");
    house.run(&["bounce", "--maildir", "bounces"], "").ends(2, "bounces.domain is empty");
    house.variables.push(domain);
    std::fs::rename(house.folder.path().join("data/passpost.db"), house.folder.path().join("kept.db"))
        .unwrap();
    std::fs::create_dir(house.folder.path().join("data/passpost.db")).unwrap();
    house.run(&["bounce"], &mail).ends(75, "");
    std::fs::remove_dir(house.folder.path().join("data/passpost.db")).unwrap();
    std::fs::rename(house.folder.path().join("kept.db"), house.folder.path().join("data/passpost.db"))
        .unwrap();
    house.run(&["bounce"], &(mail + &"x".repeat(5_000_000))).ends(0, "bounced, mailbox-unknown");
    house.run(&["bounce", "nowhere.eml"], "").ends(2, "nowhere.eml");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_maildir_is_emptied_of_ours_and_keeps_what_is_not() {
    let house = House::mailed().await;
    house.drop_in("1.ada", &notification(&house.path_to(ADA), "failed"));
    house.drop_in("2.zoe", &notification(&house.path_to(ZOE), "delayed"));
    house.drop_in("3.stranger", "From: x@y.example\nTo: bounces@bounces.portal.example\n\nhello\n");
    // Somebody has looked at this one with a mail program.
    std::fs::write(house.inbox().join("cur/0.seen:2,S"), notification(&house.path_to(ADA), "failed"))
        .unwrap();
    std::fs::write(house.inbox().join("new/.hidden"), "x").unwrap();
    std::fs::create_dir(house.inbox().join("new/4.folder")).unwrap();
    let looked = house.run(&["bounce", "--maildir", "bounces", "--json"], "").ends(0, "").json();
    assert_eq!(
        looked,
        serde_json::json!({
            "recorded": 1, "repeated": 1, "not_yet": 0, "stuck": 0, "ignored": { "delayed": 1, "no_return_path": 1 }
        })
    );
    assert_eq!(names(&house.inbox().join("new")), [".hidden", "4.folder"]);
    assert_eq!(names(&house.inbox().join("cur")), ["3.stranger:2,PS"]);
    house.run(&["bounce", "--maildir", "bounces"], "").ends(0, "0  recorded");
    let audit = house.run(&["audit", "list", "--json"], "").out;
    assert_eq!(
        audit.matches("bounce.ignored").count(),
        1,
        "what was passed over is not counted again: {audit}"
    );
    house.run(&["bounce", "--maildir", "nowhere"], "").ends(1, "expected a Maildir");
    house
        .run(&["bounce", "--maildir", "bounces", "--recipient", "x@y.example"], "")
        .ends(2, "cannot be used with");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_mail_that_cannot_be_recorded_does_not_keep_those_behind_it_from_being_read() {
    let house = House::mailed().await;
    let file = house.folder.path().join("data/passpost.db");
    let store = store::Store::open(&store::Location::Sqlite(file)).await.unwrap();
    // A rule that is broken each time, as a defect would break one, for the first of the two.
    let broken = "CREATE TRIGGER broken BEFORE UPDATE ON deliveries
        WHEN OLD.recipient_id = (SELECT min(recipient_id) FROM deliveries)
        BEGIN SELECT RAISE(ABORT, 'a rule is broken'); END";
    store.write(move |tx| Box::pin(async move { tx.execute(broken, &[]).await })).await.unwrap();
    drop(store);
    let mut paths = [house.path_to(ADA), house.path_to(ZOE)];
    paths.sort();
    house.drop_in("1.first", &notification(&paths[0], "failed"));
    house.drop_in("2.second", &notification(&paths[1], "failed"));
    house
        .run(&["bounce", "--maildir", "bounces"], "")
        .ends(1, "1  recorded")
        .ends(1, "1.first: database: a rule");
    assert_eq!(names(&house.inbox().join("new")), ["1.first"], "it stays, for an operator to see");
    house.run(&["bounce", "--maildir", "bounces"], "").ends(1, "0  recorded").ends(1, "1  could not be");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_are_no_text_keep_their_mails_apart() {
    use std::os::unix::ffi::OsStrExt as _;
    let house = House::mailed().await;
    let named = |octets: &[u8]| house.inbox().join("new").join(std::ffi::OsStr::from_bytes(octets));
    for octets in [b"1.\xff".as_slice(), b"1.\xfe", b"1.\xfd:2,F"] {
        std::fs::write(named(octets), "From: x@y.example\nTo: z@y.example\n\nhello\n").unwrap();
    }
    house.run(&["bounce", "--maildir", "bounces"], "").ends(0, "3  ignored");
    let mut kept: Vec<Vec<u8>> = std::fs::read_dir(house.inbox().join("cur"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().as_bytes().to_vec())
        .collect();
    kept.sort();
    assert_eq!(kept, [b"1.\xfd:2,FPS".to_vec(), b"1.\xfe:2,PS".to_vec(), b"1.\xff:2,PS".to_vec()]);
    house.run(&["bounce", "--maildir", "bounces", "--json"], "").ends(0, "\"ignored\": {}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_watches_the_folder_and_doctor_looks_after_it() {
    let mut house = House::mailed().await;
    house.run(&["doctor", "--offline"], "").ends(0, "must be handed to `passpost bounce`");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (name, value) in [
        ("PASSPOST_BOUNCES__MAILDIR", house.inbox().display().to_string()),
        ("PASSPOST_LISTEN", format!("127.0.0.1:{port}")),
        ("PASSPOST_BASE_URL", format!("http://127.0.0.1:{port}")),
    ] {
        house.variables.push((name, value));
    }
    house.run(&["doctor", "--offline"], "").ends(0, "is read by the server");
    let mut server = house.command(&["serve"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    house.drop_in("1.ada", &notification(&house.path_to(ADA), "failed"));
    let began = Instant::now();
    while !names(&house.inbox().join("new")).is_empty() {
        assert!(began.elapsed() < Duration::from_secs(60), "the server reads the folder");
        std::thread::sleep(Duration::from_millis(100));
    }
    house.run(&["people", "show", "ada"], "").ends(0, "mail came back");
    Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap();
    assert!(server.wait().unwrap().success(), "it ends softly");
    std::fs::remove_dir_all(house.inbox().join("new")).unwrap();
    house.run(&["doctor", "--offline"], "").ends(1, "must be a Maildir");
}
