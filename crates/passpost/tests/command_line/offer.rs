//! What recipients may decide, set at the command line.

use super::*;

fn group(house: &House, name: &str) -> Value {
    let all = house.run("group list --json").ok().json();
    all.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap().clone()
}

#[test]
fn a_group_is_offered_changed_and_offered_no_longer() {
    let house = House::new();
    house.run("group create news").ok();
    assert_eq!(group(&house, "news")["subscribable"], false);
    let offer =
        ["group", "offer", "news", "--title", "The news", "--description", "Weekly", "--opt-in", "double"];
    assert!(house.args(&offer).ok().out.contains("is offered"));
    let offered = group(&house, "news");
    assert_eq!(offered["subscribable"], true);
    assert_eq!((&offered["public_title"], &offered["double_opt_in"]), (&"The news".into(), &true.into()));
    // What is not named stays.
    house.args(&["group", "offer", "news", "--description", "Every week"]).ok();
    assert_eq!(group(&house, "news")["public_title"], "The news");
    assert!(house.args(&["group", "offer", "news"]).ok().out.contains("stays as it is"));
    assert!(house.run("group offer news --end").ok().out.contains("offered no longer"));
    assert_eq!(group(&house, "news")["subscribable"], false);
    house.run("group offer newz").ends(2, "news");
    house.run("group offer news --opt-in triple").ends(2, "triple");
}

#[test]
fn an_attribute_is_shown_to_recipients_and_given_into_their_hands() {
    let house = House::new();
    house.run("attribute create nick string --recipients see").ok();
    let of = |house: &House| house.run("attribute list --json").ok().json()[0]["recipients"].clone();
    assert_eq!(of(&house), "see");
    assert!(house.run("attribute set nick --recipients edit").ok().out.contains("see and change it"));
    assert_eq!(of(&house), "edit");
    house.run("attribute set nick --recipients all").ends(2, "hidden, see or edit");
    house.run("attribute set nock --recipients edit").ends(2, "nick");
}
