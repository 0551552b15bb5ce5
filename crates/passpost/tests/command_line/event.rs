//! Events and the automations they begin, as somebody new types them.

use super::House;
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::Stdio;
use testkit::program::Ran;

const TYPE: &str = "org.example.course.booked";

impl House {
    /// Words with spaces stand between bars: `event send --delay |2 days|`.
    fn say(&self, line: &str) -> Ran {
        let mut args = Vec::new();
        for (place, part) in line.split('|').enumerate() {
            if place % 2 == 1 {
                args.push(part);
            } else {
                args.extend(part.split_whitespace());
            }
        }
        self.args(&args)
    }

    /// The same with something at stdin.
    fn tell(&self, line: &str, text: &str) -> Ran {
        let args: Vec<&str> = line.split_whitespace().collect();
        let mut child = self
            .command(&args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        Ran::of(child.wait_with_output().unwrap())
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }
}

fn cloud_event(id: usize) -> Value {
    json!({ "specversion": "1.0", "id": format!("b-{id}"), "source": "/courses", "type": TYPE, "contact": "zoe" })
}

/// Polls until it is so.
#[track_caller]
fn until(mut so: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !so() {
        assert!(began.elapsed().as_secs() < 60, "it takes too long");
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}

#[test]
fn all_three_steps_are_saved_at_once_and_shown() {
    let house = House::furnished();
    house.run("user create helper --role Helper").ok();
    house
        .say(&format!(
            "automation create |Course access| --event {TYPE} --source /courses --group members \
             --condition |course.level starts-with Intro| --condition |$subject not_equals test| --ignore-case \
             --selection Members --job send-new-password-to-contact --use-event-parameter --delay |2 days| \
             --valid-hours 48 --start 2026-01-05T09:00 --zone Europe/Berlin --end 2030-01-05T09:00 --days mon-fri \
             --hours 08:00-18:00 --holidays never --reminder-to helper"
        ))
        .ok()
        .prints("automation 2 \"Course access\" is saved, not active yet");
    let shown = house.run("automation show 2").ok();
    for text in [
        "org.example.course.booked: sent by another program",
        "/courses",
        "\"members\"",
        "course.level starts_with \"Intro\", capital and small letters alike",
        "$subject not_equals \"test\"",
        "send-new-password-to-contact, after acceptance",
        "the person of the event",
        "Members: whom it is limited to",
        "2 days",
        "48 hours",
        "Monday to Friday, 08:00 to 18:00, never on holidays, Europe/Berlin, from 2026-01-05 09:00",
        "not while it is inactive",
        "helper: not while it is inactive",
    ] {
        assert!(shown.out.contains(text), "{text:?} in {}", shown.out);
    }
    let shown = house.run("automation show 2 --json").ok().json();
    assert_eq!(shown["automation"]["kind"], "event");
    assert_eq!(shown["automation"]["delay"], json!({ "value": 2, "unit": "days" }));
    assert_eq!(shown["waiting"], json!({ "count": 0, "first_due_at": null }));
    assert!(shown["next_allowed_at"].is_i64() && shown["counts"] == json!([]), "{shown}");
    house.run("automation activate 2").ok().prints("it listens from now on");
    house.run("automation list").ok().prints("on org.example.course.bo").prints("active running");
    house.run("automation copy 2 Another").ok().prints("not active yet");
    let copied = house.run("automation show Another --json").ok().json();
    for part in ["event", "target", "delay", "frame", "job", "reminder_to", "selection_id"] {
        assert_eq!(copied["automation"][part], shown["automation"][part], "{part}");
    }
}

#[test]
fn one_step_after_the_other_tells_what_comes_next_and_is_changed_later() {
    let house = House::furnished();
    let first = house.run("automation create Link --event passpost.group.member_added --group staff").ok();
    assert!(first.err.contains("automation edit 2 --job send-new-password-to-contact"), "{}", first.err);
    house.run("automation activate 2").ends(2, "save the second step first").ends(2, "edit 2 --job");
    house.run("automation edit 2 --use-event-parameter").ends(2, "no job").ends(2, "send-reset-link");
    house.run("automation edit 2 --job send-reset-link").ends(2, "--use-event-parameter");
    let second =
        house.run("automation edit 2 --job send-reset-link --use-event-parameter --link-hours 12").ok();
    assert!(second.err.contains("passpost automation frame 2"), "{}", second.err);
    house.run("automation activate 2").ends(2, "no time frame yet").ends(2, "automation frame 2");
    house.run("automation schedule 2 --start 2037-01-05T09:00").ends(2, "automation frame 2");
    house.run("automation frame 1").ends(2, "automation schedule 1");
    house.run("automation frame 2 --hours 8-18").ends(2, "08:00");
    house.run("automation frame 2 --hours always").ends(2, "08:00-18:00");
    house.run("automation frame 2 --days mon-fri --zone UTC").ok().prints("Monday to Friday, UTC");
    house.run("automation frame 2 --hours 22:00-06:00").ok().prints("Monday to Friday, 22:00 to 06:00");
    house.run("automation frame 2 --without hours").ok().prints("Monday to Friday, UTC");
    house.say("automation edit 2 --delay |3 hours| --condition |group equals staff|").ok();
    house.run("automation show 2").ok().prints("3 hours").prints("12 hours").prints("group equals \"staff\"");
    house.run("automation edit 2 --without delay --without conditions --name Renamed").ok();
    let shown = house.run("automation show Renamed --json").ok().json();
    assert_eq!(shown["automation"]["delay"], Value::Null);
    assert_eq!(shown["automation"]["event"]["conditions"], json!([]));
    assert_eq!(shown["automation"]["job"]["link_hours"], 12);
    house.run("automation edit 2 --name Renamed").ok().prints("stays as it is");
    house.run("automation edit 1 --delay 2").ends(2, "2 days");
    house.run("automation edit 1 --use-event-parameter").ends(2, "a schedule begins automation 1");
    house.run("automation run 2 --yes").ends(2, "nobody runs it by hand").ends(2, "passpost event simulate");
    let preview = house.run("automation preview 2").ok().prints("could be reached, each after an event");
    assert!(
        preview.err.contains("--built-in group.member_added --person NAME --group NAME"),
        "{}",
        preview.err
    );
}

#[test]
fn what_is_wrong_with_an_automation_of_events_is_said_where_it_was_typed() {
    let house = House::furnished();
    let create = "automation create X --event";
    for (line, says) in [
        (format!("{create} passpost.nothing"), "--event: “passpost.nothing” is no event of Passpost"),
        (format!("{create} |my event|"), "no spaces"),
        (format!("{create} {TYPE} --group nothing"), "no group named"),
        (format!("{create} {TYPE} --attribute mail"), "--attribute: "),
        (format!("{create} passpost.person.created --source /x"), "--source: "),
        (
            format!("{create} passpost.person.created --group staff"),
            "--group: passpost.person.created is about no group",
        ),
        (format!("{create} {TYPE} --condition |course is 1|"), "operators are equals"),
        (
            format!("{create} {TYPE} --condition |a equals b| --condition |a matches (|"),
            "the value of number 2",
        ),
        (format!("{create} {TYPE} --ignore-case"), "--condition"),
        (format!("{create} {TYPE} --delay |2 days|"), "no job"),
        (format!("{create} {TYPE} --start 2037-01-05T09:00"), "second is not given"),
    ] {
        house.say(&line).ends(2, says);
    }
}

#[test]
fn what_is_wrong_with_a_job_of_events_is_said_where_it_was_typed() {
    let house = House::furnished();
    let create = "automation create X --event";
    for (line, says) in [
        (
            format!("{create} {TYPE} --job send-reset-link --use-event-parameter --target zoe"),
            "cannot be used",
        ),
        (
            format!("{create} {TYPE} --job send-reset-link --use-event-parameter --delay |2 years|"),
            "minutes, hours",
        ),
        (
            format!("{create} {TYPE} --job send-reset-link --use-event-parameter --mode revoke-now"),
            "--mode is about",
        ),
        (
            format!("{create} {TYPE} --job send-new-password-to-contact --target boss"),
            "boss has a system role",
        ),
        (
            format!("{create} {TYPE} --job send-new-password-to-system-user --target zoe"),
            "zoe has no system role",
        ),
        (
            format!(
                "{create} {TYPE} --job send-new-password-to-contact --use-event-parameter --link-hours 2"
            ),
            "--valid-hours",
        ),
        (
            format!("{create} {TYPE} --job send-reset-link --use-event-parameter --start never"),
            "2026-03-02T09:00",
        ),
        (
            format!("{create} {TYPE} --job send-reset-link --use-event-parameter --confirm-unusual x"),
            "no code \"x\"",
        ),
        ("automation create X --selection Members --use-event-parameter".into(), "add --event TYPE"),
        (
            "automation create X --selection Members --hours 08:00-18:00".into(),
            "passpost automation schedule",
        ),
    ] {
        house.say(&line).ends(2, says);
    }
    let listed = house.run("automation list --json").ok().json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "nothing was saved: {listed}");
}

#[test]
fn what_does_not_fit_an_event_is_refused_and_what_is_unusual_is_confirmed_by_its_code() {
    let house = House::furnished();
    let create = "automation create X --event";
    let locks = "passpost.system.logged_on --job send-new-password-to-system-user --use-event-parameter";
    house.say(&format!("{create} {locks}")).ends(2, "would lock every system user out");
    let stranger = "passpost.link.requested --job send-new-password-to-contact --use-event-parameter";
    house.say(&format!("{create} {stranger}")).ends(2, "--confirm-unusual odd-stranger");
    let listed = house.run("automation list --json").ok().json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "nothing was saved: {listed}");
    house.say(&format!("{create} {stranger} --confirm-unusual odd-stranger")).ok();
    // Another event, and what was confirmed for the one before is gone.
    house.run("automation edit 2 --event passpost.person.created").ok();
    let shown = house.run("automation show 2 --json").ok().json();
    assert_eq!(shown["automation"]["confirmed"], json!([]), "{shown}");
}

#[test]
fn an_event_that_is_wrong_is_refused_with_its_option_or_its_line() {
    let house = House::furnished();
    house.run("event send").ends(2, "it is not said what happened");
    house.run("event send --contact zoe").ends(2, "--type");
    house.run("event send --type passpost.person.created").ends(2, "--type: types that begin with passpost.");
    house.run("event send --type a --source").ends(2, "--source");
    house.say("event send --type a --source |a b|").ends(2, "--source: a source is a URI reference");
    house.run("event send --type a --time yesterday").ends(2, "--time: expected a moment");
    house.run("event send --type a --extension Level=1").ends(2, "--extension Level: ");
    house.run("event send --type a --extension level").ends(2, "NAME=VALUE");
    house.run("event send --type a --extension subject=x --subject y").ends(2, "an option of its own");
    house.run("event send --type a --event-data {").ends(2, "--event-data cannot be read as JSON");
    house.run("event send --type a --event-data @gone.json").ends(2, "gone.json cannot be read");
    house.run("event send gone.json").ends(2, "gone.json cannot be read");
    house.run("event send gone.json --type a").ends(2, "cannot be used with");
    house.write("lines.jsonl", &format!("{}\n{{\"id\": 1}}\n\n{}\nx\n", cloud_event(1), cloud_event(2)));
    let refused = house.run("event send lines.jsonl").ends(2, "lines.jsonl, line 2, event 2, /id: ");
    let refused = refused
        .ends(2, "line 2, event 2, /type: ")
        .ends(2, "lines.jsonl, line 5, event 4: it cannot be read");
    assert!(refused.err.contains("at character 1"), "{}", refused.err);
    refused.ends(2, "nothing was sent");
    house.write("list.json", &format!("[{},\n {}", cloud_event(1), cloud_event(2)));
    house.run("event send list.json").ends(2, "list.json, line 2: the list does not end");
    house.tell("event send -", "{").ends(2, "stdin, line 1: the event that begins here does not end");
    house.run("event show 1").ends(2, "there is no event 1");
    assert_eq!(house.run("event list --json").ok().json(), json!([]), "nothing was kept");
}

#[test]
fn events_come_from_options_files_and_stdin_once_each() {
    let house = House::furnished();
    let sent = house.say(&format!(
        "event send --type {TYPE} --contact zoe --subject Intro --event-data |{{\"course\": {{\"id\": 42}}}}| \
         --extension level=7 --time 2026-03-02T08:00:00Z"
    ));
    let sent = sent.ok().prints("event 1 is accepted: org.example.course.booked, id ");
    assert!(sent.err.contains("No automation listens to org.example.course.booked"), "{}", sent.err);
    assert!(sent.err.contains("waits until `passpost serve` does"), "{}", sent.err);
    let shown =
        house.run("event show 1").ok().prints("\"id\": 42").prints("level = 7").prints("Intro").prints("zoe");
    shown.prints("2026-03-02T08:00:00Z, as its sender says").prints("No automation was asked yet");
    let stranger = house.run("event send --type a --id 1 --contact nobody-here").ok();
    assert!(stranger.err.contains("nobody has the user name or id \"nobody-here\""), "{}", stranger.err);
    let again = house.run("event send --type a --id 1 --json").ok().json();
    assert_eq!(
        again,
        json!({ "accepted": 0, "known": 1, "number": 2, "source": "/command-line", "id": "1" })
    );

    house.write("one.json", &serde_json::to_string_pretty(&cloud_event(0)).unwrap());
    house.run("event send one.json").ok().prints("1 event: 1 accepted, 0 known already");
    let list: Vec<Value> = (0..2_500).map(cloud_event).collect();
    house.write("list.json", &json!(list).to_string());
    house.run("event send list.json").ok().prints("2,500 events: 2,499 accepted, 1 known already");
    let lines: String = (2_499..2_501).map(|id| format!("{}\n", cloud_event(id))).collect();
    let told = house.tell("event send - --json", &lines).ok().json();
    assert_eq!(told, json!({ "accepted": 1, "known": 1 }));

    let listed = house.run("event list --type a --json").ok().json();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["event_id"]), (1, &json!("1")), "{listed}");
    assert_eq!(
        house.run("event list --person zoe --limit 5 --json").ok().json().as_array().unwrap().len(),
        5
    );
    house.run("event list --type a").ok().prints("nobody-here (unknown)").prints("not asked yet");
    house.run("event list --state gone").ends(2, "not_acted_on");
    house.run("event list --source /nothing").ok().prints("There is no such event");
    house.run("event types").ok().prints("passpost.automation.finished").prints(TYPE);
    house.run("event types passpost.import.finished").ok().prints("How many people were created");
    let types = house.run("event types --json").ok().json();
    assert_eq!((types.as_array().unwrap().len(), &types[0]["type"]), (18, &json!("passpost.person.created")));
}

#[test]
fn a_dry_run_says_what_each_automation_would_do_and_changes_nothing() {
    let house = House::furnished();
    let job = "--job send-new-password-to-contact --use-event-parameter --zone UTC --start 2026-01-01T00:00";
    house.say(&format!("automation create Now --event {TYPE} {job}")).ok();
    house
        .say(&format!(
            "automation create Later --event {TYPE} --delay |2 days| --condition |level equals 7| {job}"
        ))
        .ok();
    house.say("automation create Joined --event passpost.group.member_added --group staff --job send-reset-link \
               --use-event-parameter --start 2026-01-01T00:00").ok();
    let send = format!("event send --type {TYPE} --contact zoe --dry-run");
    house
        .run(&send)
        .ok()
        .prints("automation 2 \"Now\": nothing would be done: the automation was not active");
    for number in 2..=4 {
        house.run(&format!("automation activate {number}")).ok();
    }
    let found =
        house.run(&send).ok().prints("automation 2 \"Now\": zoe would be mailed a new password at once");
    found.prints("“level equals 7” does not hold");
    house.run(&format!("event send --type {TYPE} --dry-run")).ok().prints("names nobody");
    house
        .run(&format!("event send --type {TYPE} --contact noaddress --dry-run"))
        .ok()
        .prints("left out: no mail address");
    // Another automation acts on it at once; two days later that is long ago.
    house
        .run(&format!("{send} --event-data {{\"level\":7}}"))
        .ok()
        .prints("a new password after 2 days, on ");
    let simulate = "event simulate --built-in";
    house
        .run(&format!("{simulate} passpost.group.member_added --person zoe --group staff"))
        .ok()
        .prints("automation 4 \"Joined\": zoe would be mailed a personal link at once");
    house
        .run(&format!("{simulate} group.member_added --person zoe --group members"))
        .ok()
        .prints("about another group");
    house.run(&format!("{simulate} person.created --person zoe")).ok().prints("No automation listens to it");
    house.run(&format!("{simulate} person.created")).ends(2, "--person is missing");
    house.run(&format!("{simulate} person.created --person zoe --group staff")).ends(2, "--group: ");
    house
        .run(&format!("{simulate} group.member_added --person boss --group staff"))
        .ends(2, "boss has a system role");
    house.run(&format!("{simulate} nothing --person zoe")).ends(2, "person.created");
    house.write("two.jsonl", &format!("{}\n{}\n", cloud_event(1), cloud_event(2)));
    let lines = house.run("event send two.jsonl --dry-run --json").ok().out;
    let found: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((found.len(), &found[1]["jobs"][0]["recipient_state"]), (2, &json!("planned")), "{lines}");
    assert_eq!(house.run("event list --json").ok().json(), json!([]), "nothing was kept");
    assert_eq!(house.run("run list --json").ok().json(), json!([]), "nothing was run");
}

#[cfg(unix)]
#[test]
fn a_server_does_what_an_event_asks_for_and_what_waits_is_not_called_off_unasked() {
    let mut house = House::furnished();
    let port = house.choose_port();
    let mut server = house.serve(port, None);
    server.wait_ready();
    let job = "--job send-new-password-to-contact --use-event-parameter --start 2026-01-01T00:00";
    house.say(&format!("automation create Now --event {TYPE} {job}")).ok();
    house.say(&format!("automation create Later --event {TYPE} --delay |2 days| {job}")).ok();
    house.run("automation activate 2").ok();
    house.run("automation activate 3").ok();
    let send = format!("event send --type {TYPE} --source /courses --id 7 --contact zoe");
    let sent = house.run(&send).ok().prints("event 1 is accepted");
    assert_eq!(sent.err, "", "a server runs and an automation listens");
    until(|| house.run("event show 1 --json").ok().json()["jobs"][0]["recipient_state"] == "accepted");
    let shown = house.run("event show 1").ok().prints("automation 2 \"Now\": zoe is in run 1: accepted");
    shown.prints("automation 3 \"Later\": waits, for zoe, due ");
    house.run("event list").ok().prints("1 waiting, 1 in a run");
    house.run(&send).ok().prints("event 1 is known already");
    assert_eq!(house.run("event list --state waiting --json").ok().json().as_array().unwrap().len(), 1);
    house.run("automation show 2").ok().prints("executed").prints("nothing");
    house.run("automation show Later").ok().prints("1 job, the first is due");
    house.run("automation waiting Later").ok().prints("zoe");
    let waiting = house.run("automation waiting 3 --json").ok().json();
    assert_eq!((&waiting[0]["event"], &waiting[0]["username"]), (&json!(1), &json!("zoe")), "{waiting}");
    house.run("automation waiting Renewal").ends(2, "a schedule begins");
    for what in ["deactivate", "archive", "remove"] {
        house
            .run(&format!("automation {what} 3"))
            .ends(2, "1 waiting job of automation 3 \"Later\" would be called off");
    }
    house.run("automation deactivate 3 --yes").ok().prints("1 waiting job is called off");
    house.run("automation waiting 3").ok().prints("Nothing of automation 3 \"Later\" waits");
    house.run("event show 1").ok().prints("was called off, for zoe: the automation was deactivated");
    house.run("automation remove 3").ok();
    house.run("event show 1").ok().prints("an automation that was removed: was called off");
    server.stop();
}

#[test]
fn a_role_says_who_may_see_and_send_events() {
    let house = House::furnished();
    house.run("user create helper --role Helper").ok();
    let refused = house.run("event send --type a --as helper");
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert!(refused.err.contains("does not allow events.send"), "{}", refused.err);
    house.run("automation create X --event a --as helper").ends(2, "does not allow automations.edit");
    house.run("event send --type a --as boss").ok();
    let kept = house.run("event list --json").ok().json();
    assert!(kept[0]["actor_id"].is_string(), "who sent it is known: {kept}");
}
