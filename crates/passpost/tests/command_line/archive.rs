//! What is named at a terminal, put away, brought back and removed: alike, whatever it is.

use super::House;
use super::mailing::written;
use serde_json::json;

#[test]
fn a_selection_an_automation_and_a_mailing_are_put_away_brought_back_and_removed_alike() {
    let house = House::furnished();
    house.run("selection copy Members Other").ok();
    written(&house);
    let kinds = [
        ("selection", "Other", "the selection \"Other\"", "name", json!("Other"), "archive Other --undo"),
        ("automation", "Renewal", "automation 1 \"Renewal\"", "number", json!(1), "archive #1 --undo"),
        ("mailing", "Welcome", "mailing 1 \"Welcome\"", "number", json!(1), "restore #1"),
    ];
    for (kind, name, title, field, value, back) in kinds {
        house.run(&format!("{kind} archive {name}")).ok().prints(&format!("{title} is in the archive"));
        house.run(&format!("{kind} list --archived")).ok().prints(name);
        house.run(&format!("{kind} {back}")).ok().prints(&format!("{title} is out of the archive"));
        let away = house.run(&format!("{kind} archive {name} --json")).ok().json();
        assert_eq!(away, json!({ field: value, "archived": true }));
        let removed = house.run(&format!("{kind} remove {name} --json")).ok().json();
        assert_eq!(removed, json!({ "removed": value }));
        house.run(&format!("{kind} remove {name}")).ends(2, &format!("no {kind} named \"{name}\""));
    }
}

#[test]
fn a_name_that_several_have_asks_for_the_number() {
    let house = House::furnished();
    house.run("automation copy 1 Renewal").ok();
    house.run("automation archive Renewal").ends(2, "2 automations are named \"Renewal\"");
    house.run("automation show Renewal").ends(2, "use a number: 1, 2");
    written(&house);
    house.run("mailing copy 1 Welcome").ok();
    house.run("mailing remove Welcome").ends(2, "2 mailings are named \"Welcome\"");
    house.run("mailing show Welcome").ends(2, "use a number: 1, 2");
    house.run("mailing remove 2").ok().prints("mailing 2 \"Welcome\" is removed");
    house.run("mailing show Welcome").ok();
    house.run("attribute remove TIER").ends(2, "\"tier\"");
    house.run("attribute remove Rank").ends(2, "you have: tier");
}
