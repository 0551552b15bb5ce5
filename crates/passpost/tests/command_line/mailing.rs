//! A mailing from its first words to the reminder, as somebody new types it.

use super::*;
use testkit::relay::{Action, Script, ScriptedRelay};

const WORDS: &str = "{{ salutation }}\n\nOpen {{ request_password_link }} and set a password.\n";

/// With a mailing to write: its words in a file.
pub(super) fn written(house: &House) {
    std::fs::write(house.path().join("mail.txt"), WORDS).unwrap();
    let create =
        "mailing create Welcome --subject News --sender-address office@portal.example --text mail.txt";
    let made = house.run(create).ok().prints("\"Welcome\" is saved, a draft");
    assert!(made.err.contains("passpost mailing recipients"), "{}", made.err);
}

#[test]
fn a_bad_word_is_saved_and_shown_with_its_place() {
    let house = House::furnished();
    std::fs::write(house.path().join("bad.txt"), "Hello\n{{ surname }}\n{{ request_password_link }}\n")
        .unwrap();
    let made = house.run("mailing create Welcome --text bad.txt --sender-address office@portal.example").ok();
    assert!(made.err.contains("bad.txt:2:4: surname is no replacement"), "{}", made.err);
    let again = house.run("mailing edit 1 --text bad.txt --json").ok().json();
    assert_eq!(
        (&again["problems"][0]["line"], &again["problems"][0]["file"]),
        (&2.into(), &"bad.txt".into())
    );
    house.run("mailing recipients 1 --group members").ok();
    house.run("mailing check 1").ends(1, "1 fault found").prints("line 2, column 4");
    house.run("mailing arm 1 --start 2037-01-05T09:00").ends(2, "line 2, column 4");
    house.run("mailing preview 1").ok().prints("The mail cannot be shown").prints("line 2, column 4");
    std::fs::write(house.path().join("mail.txt"), WORDS).unwrap();
    house.run("mailing edit Welcome --text mail.txt").ok();
    house.run("mailing check 1").ok().prints("recipients are chosen");
}

#[test]
fn recipients_come_from_a_selection_a_group_by_name_and_from_a_list_line_by_line() {
    let house = House::furnished();
    written(&house);
    house.run("mailing preview 1").ends(2, "no recipients");
    house.run("mailing recipients 1 --selection Nothing").ends(2, "you have: Members");
    house.run("mailing recipients 1 --group nothing").ends(2, "no group named");
    house.run("mailing recipients 1 --add who").ends(2, "nobody has the user name");
    let list = "zoe\nAda <ada@members.example>;\n\nwho@members.example\nzoe\n";
    std::fs::write(house.path().join("list.txt"), list).unwrap();
    let taken = house.run("mailing recipients 1 --file list.txt").ends(3, "");
    let taken = taken.prints("5 lines: 2 found, 2 not taken").prints("nobody has this user name or address");
    assert!(taken.out.contains("zoe stands above already"), "{}", taken.out);
    let lines = house.run("mailing recipients 1 --file list.txt --json");
    assert_eq!((lines.code, &lines.json()["lines"][3]["result"]), (3, &"unknown".into()));
    assert_eq!(lines.json()["added"], 0, "they are in it already");
    house.run("mailing recipients 1 --remove zoe --group staff").ok().prints("1 person taken out");
    house.run("mailing recipients 1").ok().prints("staff").prints("ada@members.example");
    let found = house.run("mailing preview 1 --json").ok().json();
    assert_eq!(found["preview"]["counts"]["would_receive"], 1, "Ada once: {found}");
    house.run("mailing recipients 1 --selection Members --settled at_start").ok();
    let found = house.run("mailing preview 1").ok().prints("3  would receive a mail");
    found.prints("noaddress: no mail address").prints("/reset");
    let zoe = house.run("mailing preview 1 --person zoe --html seen.html").ok();
    assert!(zoe.out.contains("Zoë"), "{}", zoe.out);
    house.run("mailing show 1").ok().prints("settled at start").prints("offers a link");
}

#[test]
fn a_start_time_is_saved_taken_back_called_off_and_put_away() {
    let house = House::furnished();
    written(&house);
    house.run("mailing recipients 1 --selection Members").ok();
    house.run("mailing arm 1").ends(2, "when shall it start?");
    house.run("mailing arm 1 --start tomorrow").ends(2, "2026-12-01T09:00");
    house.run("mailing arm 1 --start 2037-01-05T09:00 --zone Moon").ends(2, "Europe/Vienna");
    house.run("mailing arm 1 --start 2020-01-05T09:00").ends(2, "the start time is past");
    let arm = "mailing arm 1 --start 2037-01-05T09:00 --zone Europe/Berlin";
    house
        .run(&format!("{arm} --per-minute 600 --wave 500 --wave-wait 30 --quiet-hours 22:00-07:00"))
        .ok()
        .prints("is armed and starts Mon 2037-01-05 09:00 CET");
    house.run("mailing show 1").ok().prints("at most 600 a minute; in waves of 500 people, 30 minutes apart");
    house.run("mailing remove 1").ok();
    written(&house);
    house.run("mailing recipients 2 --selection Members").ok();
    house.run("mailing arm 2 --start 2037-01-05T09:00").ok();
    house.run("mailing archive 2").ends(2, "cancel it first");
    house.run("mailing edit 2 --folder Autumn").ok().prints("a draft again");
    house.run("mailing disarm 2").ends(2, "only an armed mailing");
    house.run("mailing arm 2 --start 2037-01-05T09:00").ok();
    house.run("mailing cancel 2").ok().prints("is called off");
    house.run("mailing list").ok().prints("Autumn").prints("cancelled");
    house.run("mailing copy 2 Again").ok().prints("mailing 3 \"Again\"");
    house.run("mailing archive 2").ok();
    house.run("mailing list --archived").ok().prints("Welcome");
    house.run("mailing remind 3 --stage not_done").ends(2, "only people of a mailing that has started");
    house.run("mailing show Nothing").ends(2, "3 \"Again\"");
    house.run("user create helper --role Helper").ok();
    house.run("mailing cancel 3 --as helper").ends(2, "does not allow mailings.offer_link");
    house.run("mailing arm 3 --now --yes").ends(2, "no relay is set and no server runs");
}

#[test]
fn many_people_are_confirmed_and_approved_by_somebody_else() {
    let mut house = House::furnished();
    house.variables.push(("PASSPOST_LIMITS__CONFIRM_ABOVE".into(), "2".into()));
    written(&house);
    house.run("mailing recipients 1 --selection Members").ok();
    let arm = "mailing arm 1 --start 2037-01-05T09:00";
    house.run(arm).ends(2, "nobody is here to confirm it");
    house.run(&format!("{arm} --confirm 4")).ends(2, "not the number confirmed");
    house.run(&format!("{arm} --confirm 3")).ok();
    house.run("mailing edit 1 --approve-above 2").ok();
    house.run(&format!("{arm} --yes")).ends(2, "passpost mailing approve");
    house.run("user create second --role Owner --address second@portal.example").ok();
    house.run("mailing approve 1 --as boss").ends(2, "has a part in it");
    house.run("mailing approve 1 --as second").ok().prints("is approved by second");
    house.run("mailing preview 1 --as boss").ok().prints("second gave it");
    house.run(&format!("{arm} --yes --as boss")).ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailing_begun_now_is_watched_to_its_end_and_those_not_done_are_reminded() {
    let script = Script::default().rcpt("zoe@members.example", [Action::reply("550 5.1.1 nobody here")]);
    let relay = ScriptedRelay::start(script).await;
    let mut house = House::furnished();
    house.through(&relay);
    let sent = tokio::task::spawn_blocking(move || {
        written(&house);
        house.run("mailing recipients 1 --selection Members").ok();
        let tried = house.run("mailing test 1 --json").ok().json();
        assert_eq!(tried["to"], "boss@portal.example", "{tried}");
        house.run("mailing list").ok().prints("draft");
        house.run("mailing arm 1 --now").ends(2, "nobody is here to confirm it");
        let report = house.run("mailing arm 1 --now --confirm 3 --json");
        assert_eq!(report.code, 3, "one was refused: {}\n{}", report.out, report.err);
        let report = report.json();
        assert_eq!(report["report"]["run"]["counts"]["accepted"], 2, "{report}");
        assert_eq!((&report["funnel"]["failed"], &report["funnel"]["left_out"]), (&1.into(), &1.into()));
        house.run("mailing list").ok().prints("started");
        house.run("mailing edit 1 --subject Late").ends(2, "has started");
        house.run("mailing cancel 1").ends(2, "passpost run cancel");
        house.run("mailing funnel 1").ok().prints("2  accepted").prints("0  password_set");
        let left = house.run("mailing people 1 --stage not_done --json").ok().out;
        assert_eq!(left.lines().count(), 2, "{left}");
        house.run("mailing people 1 --stage failed").ok().prints("zoe").prints("refused");
        house.run("mailing people 1 --csv all.csv").ok();
        house.run("mailing people 1 --jsonl all.csv").ends(2, "all.csv");
        let csv = std::fs::read_to_string(house.path().join("all.csv")).unwrap();
        assert_eq!(csv.lines().count(), 5, "{csv}");
        assert!(csv.contains("zoe@members.example,refused,mailbox-unknown"), "{csv}");
        house.run("mailing events 1").ok().prints("Nothing has happened yet.");
        house.run("mailing remind 1 --stage not_done --now --yes").ends(2, "nobody would be written to");
        house.run("mailing remind 1 --stage not_set --gap-hours 9000").ends(2, "expected 1 to 8760");
        house.run("mailing list").ok().prints("Reminder: Welcome");
        assert!(house.run("audit list --json").ok().out.contains("mailing.exported"));
        house.run("audit verify").ok().prints("in order");
    });
    sent.await.unwrap();
    // The owner gets the test, and the closing report beside it.
    let own = relay.messages_for("boss@portal.example");
    assert_eq!(own.iter().filter(|mail| mail.text().contains("Subject: News")).count(), 1);
    for (address, mails) in
        [("ada@members.example", 1), ("misaki@xn--bcher-kva.example", 1), ("zoe@members.example", 0)]
    {
        assert_eq!(relay.messages_for(address).len(), mails, "{address}");
    }
    let mail = relay.messages_for("ada@members.example").remove(0).text();
    assert!(mail.contains("Subject: News") && mail.contains("/reset"), "{mail}");
}

#[cfg(unix)]
#[test]
fn a_server_with_the_mailbox_sends_what_the_command_line_begins() {
    let mut house = House::furnished();
    let port = house.choose_port();
    let mut server = house.serve(port, None);
    server.wait_ready();
    house.run("mailing create Links --intent personal_link --language de --sender-address office@portal.example").ok();
    house.run("mailing recipients 1 --group members").ok();
    let report = house.run("mailing arm 1 --now --yes").ok().prints("3  accepted");
    report.prints("its link is good").prints("Funnel of mailing 1");
    house.run("run list").ok().prints("Links");
    server.stop();
}
