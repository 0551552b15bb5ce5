//! The program as a new user meets it: run as a process, in a fresh folder, judged by what it prints.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "command_line/actors.rs"]
mod actors;
#[path = "command_line/approval.rs"]
mod approval;
#[path = "command_line/archive.rs"]
mod archive;
#[path = "command_line/event.rs"]
mod event;
#[path = "command_line/key.rs"]
mod key;
#[path = "command_line/limits.rs"]
mod limits;
#[path = "command_line/mailing.rs"]
mod mailing;
#[path = "command_line/offer.rs"]
mod offer;
#[path = "command_line/second_factor.rs"]
mod second_factor;
#[path = "command_line/selection.rs"]
mod selection;
#[path = "command_line/template.rs"]
mod template;

use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use testkit::program::{Program, Ran};

const PEOPLE: &str = "username;address;given_name;family_name;language;groups;tier\n\
    ada;ada@members.example;Ada;Lovelace;en;members|staff;gold\n\
    zoe;zoe@members.example;Zoë;Müller;de;members;silver\n\
    misaki;misaki@bücher.example;美咲;佐藤;fr;members;gold\n\
    bad;not-an-address;Bad;Row;en;members;gold\n\
    noaddress;;No;Address;en;members;\n";

/// A data folder of its own, and the program with it.
struct House(Program);

impl std::ops::Deref for House {
    type Target = Program;
    fn deref(&self) -> &Program {
        &self.0
    }
}

impl std::ops::DerefMut for House {
    fn deref_mut(&mut self) -> &mut Program {
        &mut self.0
    }
}

impl House {
    fn new() -> Self {
        let program = Program::new(env!("CARGO_BIN_EXE_passpost"));
        std::fs::write(program.path().join("people.csv"), PEOPLE).unwrap();
        Self(program)
    }

    /// With people, an Owner, a published selection and an automation.
    fn furnished() -> Self {
        let house = Self::new();
        house.run("attribute create tier string").ok();
        house.run("people import people.csv").ends(3, "");
        house.run("user create boss --role Owner --address boss@portal.example").ok();
        house
            .args(&["selection", "create", "Members", "--filter", "groups.name eq \"members\"", "--publish"])
            .ok();
        house.args(&["automation", "create", "Renewal", "--selection", "Members"]).ok();
        house
    }

    /// Sends through a relay of the test's own.
    fn through(&mut self, relay: &testkit::relay::ScriptedRelay) {
        for (name, value) in [
            ("PASSPOST_SMTP__0__URL", format!("smtp://127.0.0.1:{}", relay.port())),
            ("PASSPOST_SMTP__0__TLS", "none".into()),
            ("PASSPOST_MAIL__FROM", "passwords@portal.example".into()),
        ] {
            self.variables.push((name.into(), value));
        }
    }
}

#[test]
fn an_import_is_looked_at_first_and_names_the_wrong_row() {
    let house = House::new();
    house.run("attribute create tier string").ok();
    let preview = house
        .run("people import people.csv --preview")
        .ok()
        .prints("would be created")
        .prints("expected exactly one @");
    assert!(preview.out.contains("美咲"), "{}", preview.out);
    assert_eq!(house.run("people list --json").ok().out, "", "nothing was changed");
    house.run("people import people.csv").ends(3, "").prints("created");
    let names: Vec<String> = house
        .run("people list --json")
        .ok()
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["username"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["ada", "zoe", "misaki", "noaddress"]);
    let again = house.run("people import people.csv --json");
    assert_eq!(
        (again.code, again.json()["unchanged"].as_i64()),
        (3, Some(4)),
        "the same file changes nothing"
    );
}

#[test]
fn an_export_is_imported_again_without_a_change() {
    let house = House::furnished();
    house.run("people export --output all.csv").ok();
    let again = house.run("people import all.csv --json").json();
    // The system user is in the file too, and no import touches one.
    assert_eq!((again["unchanged"].as_i64(), again["created"].as_i64()), (Some(4), Some(0)), "{again}");
    house.run("people export --output all.csv").ends(2, "all.csv");
}

#[test]
fn a_wrong_filter_is_shown_with_its_place_and_what_is_allowed() {
    let house = House::furnished();
    let filter = "groups.name eq \"members\" and blokked eq true";
    house
        .args(&["selection", "count", "--filter", filter])
        .ends(2, "line 1, column 30")
        .ends(2, "^^^^^^^")
        .ends(2, "did you mean `blocked`?");
    let counted =
        house.args(&["selection", "count", "--json", "--filter", "groups.name eq \"members\""]).ok();
    assert_eq!(counted.json()["people"], 4);
}

#[test]
fn whoever_is_not_there_is_answered_with_who_is() {
    let house = House::furnished();
    house.run("automation show Nothing").ends(2, "no automation named \"Nothing\"").ends(2, "1 \"Renewal\"");
    house.run("selection show Nothing").ends(2, "you have: Members");
    house.run("people show nobody").ends(2, "nobody has the user name");
    house.run("run show 7").ends(2, "no run named");
    house.run("user create x --role King").ends(2, "you have: Owner, Administrator, Manager, Helper");
}

#[test]
fn a_draft_tells_what_is_not_right_yet_and_is_edited_copied_and_published() {
    let house = House::furnished();
    let draft = house.args(&["selection", "create", "Draft", "--filter", "blocked eq fals"]).ok();
    assert!(draft.err.contains("not right yet") && draft.err.contains("line 1, column 12"), "{}", draft.err);
    house.run("selection publish Draft").ends(2, "column 12");
    house.run("selection edit Draft").ends(2, "nothing was given to change");
    house.args(&["selection", "edit", "Draft", "--filter", "blocked eq false", "--limit", "2"]).ok();
    house.run("selection publish Draft").ok();
    house.run("selection copy Draft Another").ok().prints("a draft");
    let copied = house.run("selection show Another --json").ok().json();
    assert_eq!(copied["selection"]["filter"], "blocked eq false", "{copied}");
    assert_eq!(copied["selection"]["size_limit"], 2, "{copied}");
    house.args(&["selection", "edit", "Draft", "--filter", "blocked eq"]).ends(2, "column");
    house.run("selection edit Another --name Members").ends(2, "of this name already");
}

#[test]
fn an_automation_needs_a_selection_a_schedule_and_somebody_who_acts() {
    let house = House::new();
    house.run("automation create Renewal --selection X").ends(2, "there is no Owner yet");
    let house = House::furnished();
    house.run("automation create Other").ends(2, "never falls back to everyone");
    house.run("automation activate 1").ends(2, "no schedule yet");
    house.run("automation schedule 1 --start tomorrow").ends(2, "2026-03-02T09:00");
    house
        .args(&[
            "automation",
            "schedule",
            "1",
            "--start",
            "2037-01-05T09:00",
            "--every",
            "2 weeks",
            "--zone",
            "Europe/Berlin",
            "--days",
            "mon-fri",
            "--holidays",
            "never",
        ])
        .ok()
        .prints("every 2 weeks at 09:00, Monday to Friday, never on holidays, Europe/Berlin");
    house.run("automation activate 1").ok().prints("Mon 2037-01-05 09:00 CET");
    house.run("automation list").ok().prints("active scheduled");
    house.run("user create boss2 --role Owner").ok();
    house.run("automation deactivate 1").ends(2, "add --as with one of: boss, boss2");
    house.run("automation deactivate 1 --as boss2").ok();
}

#[test]
fn an_activation_for_many_asks_for_their_number() {
    let mut house = House::furnished();
    house.variables.push(("PASSPOST_LIMITS__CONFIRM_ABOVE".into(), "2".into()));
    house.run("automation schedule 1 --start 2037-01-05T09:00").ok();
    house.run("automation activate 1").ends(2, "nobody is here to confirm it");
    house.run("automation activate 1 --confirm 4").ends(2, "not the number confirmed");
    house.run("automation list").ok().prints("inactive");
    house.run("automation activate 1 --confirm 3").ok().prints("is active");
}

#[test]
fn a_role_that_does_not_allow_it_is_named() {
    let house = House::furnished();
    house.run("user create helper --role Helper").ok();
    house.run("automation run 1 --yes --as helper").ends(2, "which does not allow automations.run");
    house.run("user role boss none").ends(2, "last Owner");
    house.run("user expire helper --at now").ok();
    house.run("people list --as helper").ends(2, "expired");
}

#[test]
fn a_dry_run_says_who_would_receive_a_mail_and_changes_nothing() {
    let house = House::furnished();
    let found = house.run("automation preview 1 --json").ok().json();
    assert_eq!(
        (found["counts"]["total"].as_i64(), found["counts"]["would_receive"].as_i64()),
        (Some(4), Some(3))
    );
    assert_eq!(found["counts"]["left_out"]["no_address"], 1);
    house
        .run("automation preview 1")
        .ok()
        .prints("3  would receive a mail")
        .prints("noaddress: no mail address");
    assert_eq!(house.run("run list --json").ok().json(), Value::Array(Vec::new()));
}

#[test]
fn without_relay_and_server_a_run_is_refused_because_its_mails_would_be_lost() {
    let house = House::furnished();
    house.run("automation run 1 --yes").ends(2, "no relay is set and no server runs");
    assert_eq!(house.run("run list --json").ok().json(), Value::Array(Vec::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_through_a_relay_mails_everybody_once_and_reports() {
    let relay = testkit::relay::ScriptedRelay::start(testkit::relay::Script::default()).await;
    let mut house = House::furnished();
    house.through(&relay);
    let sent = tokio::task::spawn_blocking(move || {
        house.run("automation run 1").ends(2, "nobody is here to confirm it");
        house.run("automation run 1 --confirm 4").ends(2, "not the number confirmed");
        let report = house.run("automation run 1 --confirm 3 --json").ok().json();
        assert_eq!(report["run"]["counts"]["accepted"], 3, "{report}");
        assert_eq!(report["left_out"]["no_address"], 1, "{report}");
        house.run("automation run 1 --yes").ok().prints("was mailed a password recently");
        house.run("run recipients 1").ok().prints("no mail address");
        house.run("run report 1").ok().prints("finished");
        house.run("audit verify").ok().prints("in order");
    });
    sent.await.unwrap();
    assert_eq!(relay.stored(), 3);
    assert_eq!(relay.messages_for("misaki@xn--bcher-kva.example").len(), 1);
}

#[test]
fn the_kill_switch_says_who_pulled_it_and_why() {
    let house = House::furnished();
    house.args(&["sending", "stop", "--why", "breach at the relay"]).ok();
    house.run("sending status").ok().prints("breach at the relay");
    house.run("sending start").ok();
    house.run("sending status").ok().prints("Sending is allowed.");
}

#[test]
fn settings_are_checked_before_anything_is_touched() {
    let house = House::new();
    let mut file = std::fs::File::create(house.path().join("passpost.toml")).unwrap();
    file.write_all(b"[limits]\ngrace_hour = 1\n").unwrap();
    for command in ["people list", "serve", "doctor", "config"] {
        let ran = house.run(command);
        let said = format!("{}{}", ran.out, ran.err);
        assert!(
            ran.code != 0 && said.contains("passpost.toml:2:1: limits.grace_hour: unknown setting"),
            "{said}"
        );
    }
    assert!(!house.path().join("data").exists(), "no data folder was made");
}

#[test]
fn settings_are_printed_with_secrets_masked() {
    let mut house = House::new();
    for (name, value) in [
        ("PASSPOST_DATABASE__URL", "postgres://pp:hunter2@localhost/pp"),
        ("PASSPOST_SMTP__0__URL", "smtp://me@relay.example"),
        ("PASSPOST_SMTP__0__PASSWORD", "correct horse"),
        ("PASSPOST_MAIL__FROM", "a@example.org"),
    ] {
        house.variables.push((name.into(), value.into()));
    }
    for command in ["config", "config --json"] {
        let ran = house.run(command).ok().prints("********");
        assert!(!ran.out.contains("hunter2") && !ran.out.contains("correct horse"), "{}", ran.out);
    }
}

#[test]
fn a_backup_is_a_database_and_overwrites_nothing() {
    let house = House::furnished();
    house.run("backup copy.db").ok();
    house.run("backup copy.db").ends(2, "is there already");
    std::fs::create_dir(house.path().join("restored")).unwrap();
    std::fs::copy(house.path().join("copy.db"), house.path().join("restored/passpost.db")).unwrap();
    house.run("people list --data restored").ok().prints("ada@members.example");
}

#[test]
fn doctor_names_what_is_wrong_and_what_to_do() {
    let house = House::furnished();
    house.run("doctor --offline").ok().prints("The installation is in order");
    house.run("setup").ends(2, "there is an Owner already");
    #[cfg(unix)]
    {
        let keys = house.path().join("data/keys");
        house.run("sending status").ok();
        let _ = house.run("sending stop");
        std::fs::set_permissions(&keys, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        house.run("doctor --offline").ends(1, "1 problem found").prints("chmod 600");
        let findings = house.run("doctor --offline --json").json();
        assert!(findings.as_array().unwrap().iter().any(|one| one["level"] == "problem"), "{findings}");
    }
}

#[test]
fn setup_prints_a_link_that_leads_to_the_console() {
    let house = House::new();
    let link = house.run("setup --json").ok().json()["link"].as_str().unwrap().to_owned();
    assert!(link.starts_with("http://127.0.0.1:8080/console/setup/"), "{link}");
}

#[test]
fn completions_name_every_command() {
    let house = House::new();
    house.run("completions bash").ok().prints("automation").prints("doctor");
    house.run("completions fish").ok().prints("selection");
}

#[test]
fn the_demo_does_the_whole_job_and_leaves_nothing_behind() {
    let house = House::new();
    let demo = |line: &str| {
        let args: Vec<&str> = line.split_whitespace().collect();
        Ran::of(house.command(&args).env_remove("PASSPOST_DATA").output().unwrap()).ok()
    };
    let ran = demo("demo --people 300 --port 0 --exit").prints("293  accepted").prints("the last Owner");
    let ran = ran.prints("Your user name is");
    let folder = ran.err.split_whitespace().find(|word| word.contains("passpost-demo-"));
    let folder = Path::new(folder.expect("the folder is named"));
    assert!(!folder.exists(), "{} is gone", folder.display());
    let report = demo("demo --people 50 --port 0 --exit --json --quiet").json();
    assert_eq!(report["run"]["state"], "finished");
}

#[test]
fn a_demo_touches_no_folder_that_holds_something() {
    let house = House::furnished();
    house.run("demo --people 10 --port 0 --exit").ends(2, "is not empty");
    house.run("people list").ok().prints("ada@members.example");
}

#[test]
fn who_is_reminded_and_what_did_not_reach_anybody_is_seen() {
    let house = House::furnished();
    let save = "automation schedule 1 --zone UTC --start 2037-01-05T09:00 --every week --end 2037-12-31T09:00 --remind";
    house.run(&format!("{save} ada")).ends(2, "ada is no system user");
    house.run(&format!("{save} boss")).ok();
    house.run("automation show 1").ok().prints("boss: not while it is inactive");
    house.run("automation activate 1").ok();
    house.run("automation show 1").ok().prints("boss: on Tue 2037-12-01 09:00 UTC");
    let shown = house.run("automation show 1 --json").ok().json();
    assert_eq!(shown["reminder"]["people"], serde_json::json!(["boss"]), "{shown}");
    house.run("notice list").ok().prints("There was no notice yet");
    house.run("sending stop").ok();
    house.run("notice list --undelivered").ok().prints("waiting");
    let listed = house.run("notice list --json").ok().json();
    assert_eq!(listed[0]["kind"], "sending_stopped", "{listed}");
    assert_eq!(listed[0]["because"], "house", "{listed}");
    house.run("notice retry").ok().prints("no notice was given up");
    house.run("notice retry 00000000-0000-7000-8000-000000000001").ends(2, "no such notice");
}

#[cfg(unix)]
#[test]
fn a_server_takes_runs_from_the_command_line_and_ends_softly_on_sigterm() {
    let mut house = House::furnished();
    let port = house.choose_port();
    let mut server = house.serve(port, None);
    server.wait_ready();
    let report = house.run("automation run 1 --yes --json").ok().json();
    assert_eq!(report["run"]["counts"]["accepted"], 3, "{report}");
    house.run("serve").ends(1, "another passpost works with the data folder");
    house.run("doctor --offline").ok().prints("one process runs");
    house.run("sending stop").ok();
    let began = std::time::Instant::now();
    while house.run("notice list --undelivered --json").ok().json() != serde_json::json!([]) {
        assert!(began.elapsed().as_secs() < 120, "the server mails the notice");
    }
    house.run("notice list").ok().prints("sending stopped").prints("boss").prints("accepted");
    server.stop();
}
