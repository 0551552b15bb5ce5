//! Keys of programs.

use super::*;

#[test]
fn a_key_is_shown_once_listed_and_revoked() {
    let house = House::new();
    house.run("user create boss --role Owner --address boss@example.org").ok();
    house.run("user create payroll --role Manager --type api").ok();
    house.run("user create helper --role Helper --type hybrid").ok();
    let made = house
        .run("key create Nightly --owner payroll --scope people.view --scope people.edit --json")
        .ok()
        .json();
    let token = made["token"].as_str().unwrap().to_owned();
    assert!(token.starts_with("pp_") && token.len() == 52, "{made}");
    house
        .run("key create Nightly --owner payroll --scope people.view")
        .ok()
        .prints("the only time the token is shown");
    house.run("key create x --owner boss --scope people.view").ends(2, "type api or hybrid");
    house.run("key create x --owner payroll --scope audit.view").ends(2, "the owner's role does not allow");
    house.run("key create x --owner payroll --scope everything").ends(2, "expected one of: people.view");
    house.run("key create x --owner payroll --scope people.view --days 400").ends(2, "366");
    house
        .run("key create x --owner payroll --scope people.view --as helper")
        .ends(2, "does not allow keys.edit");
    house.run("key create x --owner payroll --scope people.view --as boss").ok();
    let listed = house.run("key list").ok();
    let listed = listed.prints("Nightly").prints(&token[..9]);
    assert!(!listed.out.contains(&token[..12]), "{}", listed.out);
    house.run(&format!("key revoke {}", &token[..9])).ok().prints("opens nothing any more");
    house.run(&format!("key revoke {}", &token[..9])).ok().prints("was revoked already");
    house.run("key revoke pp_nobody").ends(2, "no key");
    assert_eq!(house.run("key list --json").ok().json().as_array().unwrap().len(), 2);
    assert_eq!(house.run("key list --all --json").ok().json().as_array().unwrap().len(), 3);
    assert!(house.run("audit list --json").ok().out.contains("key.revoked"));
    house.run("audit verify").ok();
}
