//! Second factors on the command line.

use super::*;

#[test]
fn a_role_asks_for_a_second_factor_and_a_lost_one_is_taken_away() {
    let house = House::furnished();
    house
        .run("user second-factor boss")
        .ok()
        .prints("boss has no second factor. The role does not ask for one.");
    house.run("user require-second-factor owner yes").ok().prints("the role Owner asks for a second factor");
    let again = house.run("user require-second-factor Owner yes --json").ok().json();
    assert_eq!((&again["role"], &again["changed"]), (&"Owner".into(), &false.into()));
    house.run("user second-factor boss").ok().prints("The role asks for one.");
    let told = house.run("user second-factor boss --json").ok().json();
    assert_eq!((&told["enrolled"], &told["required"]), (&false.into(), &true.into()));
    house.run("user roles").ok().prints("SECOND FACTOR").prints("required");
    house.run("user second-factor boss --reset").ok().prints("had no second factor");
    house.run("user require-second-factor Nobody yes").ends(2, "Nobody");
    house.run("user require-second-factor Owner no").ok().prints("does not ask for a second factor any more");
}
