//! Two operators: one runs an automation, the other approves it.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_run_waits_for_a_second_operator_and_any_edit_asks_anew() {
    let relay = testkit::relay::ScriptedRelay::start(testkit::relay::Script::default()).await;
    let mut house = House::furnished();
    house.through(&relay);
    house.variables.push(("PASSPOST_LIMITS__APPROVE_ABOVE".into(), "2".into()));
    let stored = tokio::task::spawn_blocking(move || {
        house.run("automation show 1").ok().prints("needed above 2 people (limits.approve_above): nobody");
        house
            .run("automation preview 1")
            .ok()
            .prints("A run would not start")
            .prints("nobody has approved it");
        let refused = house.run("automation run 1 --yes").ends(2, "3 people would receive a mail, above 2");
        assert!(refused.err.contains("passpost automation approve 1 --as USERNAME"), "{}", refused.err);
        house.run("automation approve 1").ends(2, "boss has a part in it");

        house.run("user create second --role Owner").ok();
        house.run("user create helper --role Manager").ok();
        house.run("automation approve 1 --as helper").ends(2, "does not allow mailings.approve");
        house.run("automation approve 1 --as second --digest 0123").ends(2, "look at it again");
        let digest = house.run("automation show 1 --json").ok().json()["approval"]["digest"].clone();
        house
            .run(&format!("automation approve 1 --as second --digest {}", digest.as_str().unwrap()))
            .ok()
            .prints("approved by second, as it is now: for 3 people today");
        house.run("automation show 1").ok().prints("second gave it on");
        house.run("automation run 1 --yes --as second").ends(2, "cannot start it as well");

        house.run("automation edit 1 --valid-hours 48 --as boss").ok();
        house.run("automation show 1").ok().prints("it has been changed since second approved it");
        house.run("automation run 1 --yes --as boss").ends(2, "changed since second approved it");
        assert_eq!(house.run("run list --json").ok().json(), Value::Array(Vec::new()));
        house.run("automation approve 1 --as second").ok();
        let report = house.run("automation run 1 --yes --as boss --json").ok().json();
        assert_eq!(report["run"]["counts"]["accepted"], 3, "{report}");

        house.run("automation unapprove 1 --as second").ok();
        house.run("automation unapprove 1 --as second").ends(2, "nobody has approved this automation");
        house.run("automation edit 1 --approve-above 1 --as boss").ok();
        house.run("automation show 1").ok().prints("needed above 1 person (approve_above of the automation)");
        house.run("automation edit 1 --approve-above 0 --as boss").ok();
        house.run("automation show 1").ok().prints("needed above 2 people (limits.approve_above)");
        house.run("automation approve 1 --as second").ok();
        house.run("automation remove 1 --as boss").ok();
        let audit = house.run("audit list --json").ok().out;
        assert!(audit.contains("automation.approved") && audit.contains("automation.unapproved"), "{audit}");
    });
    stored.await.unwrap();
    assert_eq!(relay.stored(), 3);
}
