//! Second factors on the command line.

use super::House;

#[test]
fn a_role_asks_for_a_second_factor_and_a_lost_one_is_taken_away() {
    let house = House::furnished();
    let told = house.run("user second-factor boss").ok();
    assert!(told.out.contains("boss has no second factor. The role does not ask for one."), "{told:?}");
    let on = house.run("user require-second-factor owner yes").ok();
    assert!(on.out.contains("the role Owner asks for a second factor"), "{on:?}");
    let again = house.run("user require-second-factor Owner yes --json").ok();
    let again: serde_json::Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!((&again["role"], &again["changed"]), (&"Owner".into(), &false.into()));
    let told = house.run("user second-factor boss").ok();
    assert!(told.out.contains("The role asks for one."), "{told:?}");
    let roles = house.run("user roles").ok();
    let owner = roles.out.lines().find(|line| line.starts_with("Owner")).unwrap();
    assert!(owner.contains("required"), "{roles:?}");
    let reset = house.run("user second-factor boss --reset").ok();
    assert!(reset.out.contains("had no second factor"), "{reset:?}");
    house.run("user require-second-factor Nobody yes").ends(2, "Nobody");
    house.run("user require-second-factor Owner no").ok();
}
