//! The mails' words, written by an operator with an editor and the command line.

use super::*;

const EXAMPLE: &str = "EXAMPLE-NOT-A-PASSWORD";

/// Changes a file as an editor would.
fn edit(house: &House, name: &str, from: &str, to: &str) {
    let path = house.path().join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{name} has {from:?}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn an_operator_writes_own_words_and_goes_back_to_the_shipped_ones() {
    let house = House::furnished();
    let list = |house: &House| house.run("template list --json").ok().json();
    assert_eq!(list(&house).as_array().unwrap().len(), 6);
    assert!(list(&house).as_array().unwrap().iter().all(|one| one["own"] == false));
    house.run("template export new-password en mine").ok().prints("mine/en.html");
    house.run("template export new-password en mine").ends(2, "mine/en.subject.txt is there already");
    house.run("template set new-password en mine").ok();
    house.run("template reset new-password en").ok().prints("shipped one again");

    edit(&house, "mine/en.subject.txt", "Your new password", "A new password");
    edit(&house, "mine/en.html", "{{ password }}", "");
    edit(&house, "mine/en.txt", "{{ username }}", "{{ user }}");
    let refused = house.run("template set new-password en mine").ends(2, "nothing was saved");
    assert!(
        refused.err.contains("mine/en.txt:7:23: user is no replacement; there are salutation"),
        "{}",
        refused.err
    );
    assert!(
        refused.err.contains("mine/en.html:")
            && refused.err.contains("{{ password }} must stand in this part")
    );
    let checked = house.run("template check new-password en mine --json");
    assert_eq!((checked.code, &checked.json()["problems"][0]["file"]), (1, &Value::from("mine/en.txt")));
    assert!(list(&house).as_array().unwrap().iter().all(|one| one["own"] == false), "nothing was saved");

    edit(&house, "mine/en.txt", "{{ user }}", "{{ username }}");
    house.run("template set new-password en --subject mine/en.subject.txt --text mine/en.txt").ok();
    house.run("template check").ok().prints("Everything in it is allowed.");
    house.run("template list").ok().prints("own").prints("boss");
    house.run("template show new-password en --part subject").ok().prints("A new password for");
    let shipped = house.run("template show new-password en --part subject --shipped").ok().out;
    assert!(shipped.starts_with("Your new password for"), "{shipped}");
    house.run("template reset new-password en").ok();
    assert_eq!(house.run("template show new-password en --part subject").ok().out, shipped);
    let audit = house.run("audit list --json").ok().out;
    assert!(audit.contains("template.saved") && !audit.contains("A new password"), "{audit}");
}

#[tokio::test]
async fn a_template_that_is_no_longer_allowed_is_found_before_a_run_is_paused_by_it() {
    let house = House::furnished();
    house.run("template export new-password fr words").ok();
    house.run("template set new-password fr words").ok();
    house.run("doctor --offline").ok().prints("everything in them is allowed");
    // As if an older version had let it through.
    let store =
        store::Store::open(&store::Location::Sqlite(house.path().join("data/passpost.db"))).await.unwrap();
    store
        .write(|tx| {
            Box::pin(async move {
                tx.execute("UPDATE templates SET text = 'Bonjour {{ password }} {{ prénom }}'", &[]).await
            })
        })
        .await
        .unwrap();
    house.run("template check").ends(1, "faults in the template").prints("fr, text part, line 1, column");
    house
        .run("doctor --offline")
        .ends(1, "problem found")
        .prints("new-password in fr would pause the next run");
    house.run("template reset new-password fr").ok();
    house.run("doctor --offline").ok();
}

#[test]
fn what_is_typed_wrong_is_answered_with_what_is_right() {
    let house = House::furnished();
    house.run("template show reset en").ends(2, "expected a mail, of new-password");
    house.run("template show new-password pt").ends(2, "expected a language, of en, de, fr");
    house.run("template set new-password en").ends(2, "template export new-password en FOLDER");
    house.run("template set new-password en --text none.txt").ends(2, "none.txt");
    std::fs::write(house.path().join("latin.txt"), b"Sehr geehrte\nFrau M\xfcller").unwrap();
    house
        .run("template set new-password de --text latin.txt")
        .ends(2, "latin.txt:2:7: expected a text in UTF-8");
    house.run("user create helper --role Manager").ok();
    house
        .run("template set new-password en --text latin.txt --as helper")
        .ends(2, "does not allow templates.edit");
    house.run("template list --as helper").ok().prints("shipped");
}

#[test]
fn a_preview_shows_the_mail_with_an_example_in_the_place_of_the_password() {
    let house = House::furnished();
    let seen = house.run("template preview new-password de --person zoe --html seen.html").ok();
    assert!(seen.out.contains("Zoë Müller") && seen.out.contains(EXAMPLE), "{}", seen.out);
    let html = std::fs::read_to_string(house.path().join("seen.html")).unwrap();
    assert!(html.contains(EXAMPLE) && html.contains("lang=\"de\""), "{html}");
    house.run("template preview new-password de --html seen.html").ends(2, "--force");
    house.run("template preview new-password de --html seen.html --force").ok().prints("Ada Lovelace");
    house.run("template preview new-password en --person noaddress").ends(2, "noaddress has no mail address");
    house.run("template test new-password en").ends(2, "no relay is set");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_goes_to_the_operator_and_a_run_to_everybody_in_the_own_words() {
    let relay = testkit::relay::ScriptedRelay::start(testkit::relay::Script::default()).await;
    let mut house = House::furnished();
    house.through(&relay);
    let sent = tokio::task::spawn_blocking(move || {
        std::fs::write(house.path().join("subject.txt"), "Hello {{ full_name }}\n").unwrap();
        house.run("template set new-password en --subject subject.txt").ok();
        let tested = house.run("template test new-password en --to boss --json").ok().json();
        assert_eq!((&tested["to"], &tested["accepted"]), (&Value::from("boss"), &Value::from(true)));
        house.run("user create second --role Owner").ok();
        house.run("template test new-password en --to second").ends(2, "second has no mail address");
        house.run("template test new-password en --to boss --as second").ends(2, "second acts");
        let outstanding = |house: &House| {
            let filter = "candidate.outstanding eq true";
            house.args(&["selection", "count", "--json", "--filter", filter]).ok().json()["people"].clone()
        };
        assert_eq!(outstanding(&house), 0, "a test makes no credential");
        house.run("automation run 1 --yes --as boss").ok();
        assert_eq!(outstanding(&house), 3);
    });
    sent.await.unwrap();
    let test = relay.messages_for("boss@portal.example").remove(0).text();
    assert!(test.contains("Subject: Hello boss") && test.contains(EXAMPLE), "{test}");
    assert_eq!(relay.messages_for("boss@portal.example").len(), 1);
    let mail = relay.messages_for("ada@members.example").remove(0).text();
    assert!(mail.contains("Subject: Hello Ada Lovelace") && !mail.contains(EXAMPLE), "{mail}");
}
