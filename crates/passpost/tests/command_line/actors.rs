//! What the audit log says of the command line: that it was one, and who acted when somebody was named.

use super::*;
use std::collections::BTreeSet;

const WANTED: [&str; 29] = [
    "automation.activated",
    "automation.approved",
    "automation.archived",
    "automation.created",
    "automation.deactivated",
    "automation.event_saved",
    "automation.frame_saved",
    "automation.job_saved",
    "automation.removed",
    "automation.schedule_saved",
    "automation.unapproved",
    "holiday.removed",
    "holiday.saved",
    "people.imported",
    "run.cancelled",
    "run.paused",
    "run.resumed",
    "run.retried",
    "run.started",
    "selection.archived",
    "selection.created",
    "selection.published",
    "selection.removed",
    "selection.saved",
    "sending.started",
    "sending.stopped",
    "template.reset",
    "template.saved",
    "template.tested",
];

/// What a worker and a relay would have made of a run.
async fn set(file: &Path, changes: &'static [&'static str]) {
    let store = store::Store::open(&store::Location::Sqlite(file.into())).await.unwrap();
    for sql in changes {
        store.write(move |tx| Box::pin(async move { tx.execute(sql, &[]).await })).await.unwrap();
    }
}

/// Everything about the run with this number, which is over.
fn run(house: &House, runtime: &tokio::runtime::Handle) {
    let file = house.data().join("passpost.db");
    let set = |changes| runtime.block_on(set(&file, changes));
    set(&["UPDATE runs SET state = 'running', finished_at = NULL"]);
    house.run("run pause 1 --why lunch").ok();
    house.run("run resume 1 --as boss").ok();
    set(&[
        "UPDATE recipients SET state = 'refused' WHERE state = 'accepted'",
        "UPDATE runs SET refused = accepted, accepted = 0",
    ]);
    house.run("run retry 1 --as boss").ok();
    set(&["UPDATE runs SET state = 'running', finished_at = NULL"]);
    house.run("run cancel 1 --yes").ok();
}

fn do_everything(house: &House, runtime: &tokio::runtime::Handle) {
    for line in [
        "user create second --role Owner",
        "sending stop --as boss",
        "sending start",
        "holiday add 2026-12-25 Christmas",
        "holiday remove 2026-12-25 --as boss",
        "selection edit Members --description all --as boss",
        "selection copy Members Other --as boss",
        "selection archive Other --as boss",
        "selection remove Other --as boss",
        "template export new-password en mine",
        "template set new-password en mine --as boss",
        "template test new-password en --as boss",
        "template reset new-password en --as boss",
        "automation edit 1 --valid-hours 48 --as boss",
        "automation schedule 1 --start 2037-01-05T09:00 --as boss",
        "automation create Link --event org.example.a --job send-reset-link --use-event-parameter --as boss",
        "automation edit Link --event org.example.b --as boss",
        "automation frame Link --as boss",
        "automation approve 1 --as second",
        "automation unapprove 1 --as second",
        "automation activate 1 --yes --as boss",
        "automation deactivate 1 --as boss",
        "automation run 1 --yes --as boss",
    ] {
        house.run(line).ok();
    }
    run(house, runtime);
    house.run("automation archive 1 --as boss").ok();
    house.run("automation remove 1 --as boss").ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_at_the_command_line_is_kept_as_that_and_with_the_person_who_is_named() {
    let relay = testkit::relay::ScriptedRelay::start(testkit::relay::Script::default()).await;
    let mut house = House::furnished();
    house.through(&relay);
    let runtime = tokio::runtime::Handle::current();
    let done = tokio::task::spawn_blocking(move || {
        do_everything(&house, &runtime);
        let person = |name: &str| house.run(&format!("people show {name} --json")).ok().json()["id"].clone();
        let (boss, second) = (person("boss"), person("second"));
        let out = house.run("audit list --limit 500 --json").ok().out;
        let entries: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let mut noted = BTreeSet::new();
        for one in &entries {
            let action = one["action"].as_str().unwrap();
            if one["actor"] == "system" {
                assert!(["run.recorded", "run.recounted"].contains(&action), "{one}");
                continue;
            }
            assert_eq!((&one["actor"], &one["network"]), (&Value::from("command line"), &"".into()), "{one}");
            noted.insert(action.to_owned());
            // Without --as the only Owner acts where somebody must, and nobody in particular elsewhere.
            let who = match action {
                "run.paused" | "run.cancelled" | "sending.started" | "holiday.saved" | "people.imported" => {
                    &Value::Null
                }
                "automation.approved" | "automation.unapproved" => &second,
                _ if WANTED.contains(&action) => &boss,
                _ => continue,
            };
            assert_eq!(&one["actor_id"], who, "{one}");
        }
        let missing: Vec<_> = WANTED.iter().filter(|one| !noted.contains(**one)).collect();
        assert!(missing.is_empty(), "{missing:?} of {noted:?}");
        let table = house.run("audit list --limit 500").ok().out;
        assert!(table.contains("command line") && table.contains("FROM"), "{table}");
    });
    done.await.unwrap();
}
