//! Limits and mails about accounts, seen and cleared at the command line.

use super::*;
use std::time::{Duration, Instant};
use testkit::relay::{Action, Script, ScriptedRelay, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_are_shown_and_cleared_by_person_address_and_network() {
    let refused = Script::default().always(Stage::Rcpt, Action::reply("550 5.1.1 no such user"));
    let relay = ScriptedRelay::start(refused).await;
    let mut house = House::furnished();
    house.through(&relay);
    house.run("user create hal --role Helper").ok();
    house.run("account-mail list --trouble").ok().prints("Every mail about an account is on its way.");
    house.run("doctor --offline").ok().prints("people got the links they asked for");
    let port = house.choose_port();
    let mut serving = house.serve(port, None);
    serving.wait_ready();
    let mut visitor = serving.visitor();
    let token = visitor.get("/reset").token();
    assert_eq!(visitor.post("/reset", &[("csrf", &token), ("username", "ada")]).status, 200);
    let began = Instant::now();
    while house.run("account-mail list --json").ok().json()[0]["outcome"] != "given_up" {
        assert!(began.elapsed() < Duration::from_secs(30), "the relay refuses it");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    house.run("account-mail list --trouble").ok().prints("ada@mem").prints("given up");
    house.run("doctor --offline").ok().prints("1 given up and 0 came back").prints("550 5.1.1 no such user");

    let of = |ran: Ran, kind: &str| {
        let all = ran.ok().json();
        let found = all["limits"].as_array().unwrap().iter().find(|one| one["kind"] == kind).cloned();
        found.unwrap_or_else(|| panic!("{kind}: {all}"))["used"].as_i64().unwrap()
    };
    assert_eq!(of(house.run("limits show --person ada --json"), "mailbox_hour"), 1);
    assert_eq!(of(house.run("limits show --address ADA@members.example --json"), "mailbox_day"), 1);
    assert_eq!(of(house.run("limits show --network 127.0.0.1 --json"), "reset_requests"), 1);
    house.run("limits show --person ada").ok().prints("mailbox apart").prints("full");
    house.run("limits show").ok().prints("everybodys requests").prints("0 mails about accounts wait");
    house.run("limits clear --address ada@members.example --as hal").ends(2, "does not allow people.edit");
    house.run("limits clear --address ada@members.example").ok().prints("the limits are cleared");
    assert_eq!(of(house.run("limits show --person ada --json"), "mailbox_hour"), 0);
    house.run("limits clear --person ada").ok().prints("nothing was counted");
    house.run("limits clear --network 127.0.0.1 --as hal").ends(2, "does not allow settings.edit");
    house.run("limits clear --network 127.0.0.1").ok().prints("the limits are cleared");
    assert_eq!(of(house.run("limits show --network 127.0.0.1 --json"), "reset_requests"), 0);
    house.run("limits clear --network 10.0.0.0/8").ends(2, "is no network");
    house.run("limits clear --address nobody").ends(2, "");
    house.run("limits clear").ends(2, "nothing is named");
    house.run("limits show --person ada --network 127.0.0.1").ends(2, "cannot be used with");
    let log = house.run("audit list --json").ok().out;
    assert!(log.contains("person.limits_cleared") && log.contains("limit.network_cleared"), "{log}");
    serving.stop();
}
