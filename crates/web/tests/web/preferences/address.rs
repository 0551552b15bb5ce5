//! Another address: case 6, both mails, the objection, limits, what dies with it.

use super::{Ada, HOUR, MINUTE, click, follow, is_gone};
use crate::house::{Answer, CHOSEN, House};
use testkit::databases;

const ADDRESS: &str = "SELECT address FROM people WHERE username = 'ada'";

/// Everything a client can compare, without what was typed and what differs for every browser.
fn shape(answer: &Answer, typed: &str) -> (u16, Vec<String>, String) {
    let headers = answer.headers.iter().filter(|(name, _)| *name != "x-request-id");
    let mut headers: Vec<String> =
        headers.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    headers.sort();
    (answer.status.as_u16(), headers, answer.body.replace(typed, "TYPED"))
}

async fn waiting_page(ada: &mut Ada) -> String {
    let page = ada.page().await;
    page.body.replace(&page.token(), "TOKEN")
}

#[tokio::test]
async fn case_6_nobody_learns_that_an_address_is_taken_and_its_owner_is_told() {
    for db in databases().await {
        let house = House::new(&db.store);
        house.contact("taken").await;
        let (mut ada, mut bea) = (house.recipient("ada").await, house.recipient("bea").await);
        let taken = ada.move_to("taken@example.org").await;
        let free = bea.move_to("empty@example.org").await;
        assert_eq!(shape(&taken, "taken"), shape(&free, "empty"));
        assert_eq!(taken.location(), "/preferences?saved=address-asked");
        let pages = (waiting_page(&mut ada).await, waiting_page(&mut bea).await);
        assert_eq!(
            pages.0.replace("taken@example.org", "NEW").replace("ada@", "OLD@"),
            pages.1.replace("empty@example.org", "NEW").replace("bea@", "OLD@")
        );
        house.post().await;
        // Whoever has the mailbox is told, in the same words.
        let (to_owner, to_nobody) =
            (house.letter_to("taken@example.org"), house.letter_to("empty@example.org"));
        let words = |text: &str| {
            let lines = text.lines().filter(|line| !line.contains("/confirm/")).map(|line| {
                line.replace("taken@", "NEW@")
                    .replace("empty@", "NEW@")
                    .replace(" ada", " X")
                    .replace(" bea", " X")
            });
            lines.collect::<Vec<_>>().join("\n")
        };
        assert_eq!(words(&to_owner), words(&to_nobody));
        assert!(to_owner.contains("without a click nothing changes"), "{to_owner}");
        assert!(!to_owner.contains("Lovelace"), "no name goes to a mailbox nobody confirmed");
        // Nothing changes by asking, and the one who has the address keeps it after a click, too.
        assert_eq!(house.texts(ADDRESS).await, ["ada@example.org"]);
        let link = house.path_to("taken@example.org", "/confirm/address/link/");
        assert_eq!(click(&mut house.browser(), &link).await.status, 200);
        let both = "SELECT username FROM people WHERE address = 'taken@example.org' ORDER BY username";
        assert_eq!(house.texts(both).await, ["ada", "taken"]);
    }
}

#[tokio::test]
async fn a_new_address_counts_once_its_link_was_followed_and_the_old_one_is_told() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut ada = house.recipient("ada").await;
        house.mail_password(ada.id, crate::house::MAILED).await;
        let mut other = house.browser();
        let token = other.get("/reset").await.token();
        other.post("/reset", &[("csrf", &token), ("username", "ada")]).await;
        house.post().await;
        let reset = house.path_to("ada@example.org", "/reset/link/");
        assert_eq!(ada.move_to(" Ada.New@Example.com ").await.location(), "/preferences?saved=address-asked");
        assert_eq!(house.post().await, 2, "one to each mailbox");
        assert!(house.letter_to("ada@example.org").contains("/confirm/objection/link/"));
        assert!(
            !house.letter_to("ada@example.org").contains("ada.new"),
            "the new one is not told to the old one"
        );
        let page = ada.page().await;
        assert!(page.body.contains("Ada.New@Example.com waits for its confirmation"), "{}", page.body);
        assert_eq!(house.texts(ADDRESS).await, ["ada@example.org"]);
        let link = house.path_to("Ada.New@example.com", "/confirm/address/link/");
        let done = click(&mut house.browser(), &link).await;
        assert!(done.body.contains("The address is confirmed"), "{}", done.body);
        assert_eq!(house.texts(ADDRESS).await, ["Ada.New@Example.com"]);
        assert_eq!(house.count("SELECT COUNT(*) FROM people WHERE username = 'ada' AND verified").await, 1);
        assert_eq!(house.count("SELECT COUNT(*) FROM credentials WHERE state = 'active'").await, 0);
        assert_eq!(house.count("SELECT COUNT(*) FROM reset_links WHERE state <> 'retired'").await, 0);
        let mut lost = house.browser();
        lost.get(&reset).await;
        assert_eq!(lost.get("/reset/new").await.status, 404, "a link in the old mailbox opens nothing");
        assert!(is_gone(&follow(&mut house.browser(), &link).await), "once");
        assert!(ada.page().await.body.contains("Ada.New@Example.com"), "the session goes on");
        let entries =
            "SELECT actor || ' ' || action FROM audit WHERE action LIKE 'address.%' ORDER BY number";
        let entries = house.texts(entries).await;
        assert!(entries.contains(&"recipient address.asked".to_owned()), "{entries:?}");
        assert!(entries.contains(&"recipient address.confirmed".to_owned()), "{entries:?}");
    }
}

#[tokio::test]
async fn the_old_mailbox_stops_a_change_that_waits() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut ada = house.recipient("ada").await;
        ada.move_to("new@example.com").await;
        house.post().await;
        let confirm = house.path_to("new@example.com", "/confirm/address/link/");
        let objection = house.path_to("ada@example.org", "/confirm/objection/link/");
        let done = click(&mut house.browser(), &objection).await;
        assert!(done.body.contains("The change is stopped"), "{}", done.body);
        assert!(is_gone(&follow(&mut house.browser(), &confirm).await));
        assert!(is_gone(&follow(&mut house.browser(), &objection).await));
        assert_eq!(house.texts(ADDRESS).await, ["ada@example.org"]);
        assert!(!ada.page().await.body.contains("new@example.com"));
    }
}

#[tokio::test]
async fn the_old_mailbox_takes_a_change_back_that_was_made_and_everybody_is_signed_out() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut ada = house.recipient("ada").await;
        ada.move_to("new@example.com").await;
        house.post().await;
        let objection = house.path_to("ada@example.org", "/confirm/objection/link/");
        click(&mut house.browser(), &house.path_to("new@example.com", "/confirm/address/link/")).await;
        assert_eq!(house.texts(ADDRESS).await, ["new@example.com"]);
        house.pass(71 * HOUR);
        let mut browser = house.browser();
        let page = follow(&mut browser, &objection).await;
        assert!(page.body.contains("Take the change of address back?"), "{}", page.body);
        assert!(!page.body.contains("new@example.com"), "{}", page.body);
        let done = click(&mut browser, &objection).await;
        assert!(done.body.contains("The old address is back") && done.body.contains("href=\"/reset\""));
        assert_eq!(house.texts(ADDRESS).await, ["ada@example.org"]);
        assert_eq!(ada.browser.get("/preferences").await.location(), "/login", "signed out");
        assert_eq!(house.count("SELECT COUNT(*) FROM audit WHERE action = 'address.objected'").await, 1);
    }
}

#[tokio::test]
async fn an_objection_is_over_after_three_days_or_when_the_address_changed_again() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut ada = house.recipient("ada").await;
        ada.move_to("new@example.com").await;
        house.post().await;
        let objection = house.path_to("ada@example.org", "/confirm/objection/link/");
        click(&mut house.browser(), &house.path_to("new@example.com", "/confirm/address/link/")).await;
        house.pass(2 * MINUTE);
        ada.move_to("third@example.com").await;
        house.post().await;
        click(&mut house.browser(), &house.path_to("third@example.com", "/confirm/address/link/")).await;
        assert!(is_gone(&follow(&mut house.browser(), &objection).await), "it would undo another change");
        let second = house.path_to("new@example.com", "/confirm/objection/link/");
        house.pass(72 * HOUR + 1_000);
        assert!(is_gone(&follow(&mut house.browser(), &second).await));
        assert_eq!(house.texts(ADDRESS).await, ["third@example.com"]);
    }
}

#[tokio::test]
async fn another_address_needs_the_password_and_one_that_can_be() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut ada = house.recipient("ada").await;
        for (address, password, said) in [
            ("new@example.com", "wrong wrong wrong wrong", "The current password is not right"),
            ("new@example.com", "", "Type your current password."),
            ("victim@x,attacker@y", CHOSEN, "value=\"victim@x,attacker@y\""),
            ("ada@example.org", CHOSEN, "This is your address already"),
        ] {
            let fields = [("username", "x"), ("address", address), ("current", password)];
            let answer = ada.post("/preferences/address", &fields).await;
            assert_eq!(answer.status, 422, "{address}");
            assert!(
                answer.body.contains(said) && answer.body.contains("aria-invalid"),
                "{said}: {}",
                answer.body
            );
            assert!(!answer.body.contains(CHOSEN), "the password is not shown again");
        }
        assert_eq!(house.post().await, 0);
        assert_eq!(house.count("SELECT COUNT(*) FROM confirmations").await, 0);
        // One's own address, while nobody has confirmed it, can be confirmed: nobody else has to be told.
        house.execute("UPDATE people SET verified = FALSE", &[]).await;
        ada.move_to("ada@example.org").await;
        assert_eq!(house.post().await, 1);
        click(&mut house.browser(), &house.path_to("ada@example.org", "/confirm/address/link/")).await;
        assert_eq!(house.count("SELECT COUNT(*) FROM people WHERE verified").await, 1);
    }
}

#[tokio::test]
async fn a_mailbox_gets_no_more_mails_than_it_may_and_the_first_link_still_works() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (mut ada, mut bea) = (house.recipient("ada").await, house.recipient("bea").await);
        ada.move_to("victim@example.com").await;
        assert_eq!(house.post().await, 2);
        let link = house.path_to("victim@example.com", "/confirm/address/link/");
        // Again by the same person, and by another one: the answers are the same, the mails are absorbed.
        let again = ada.move_to("victim@example.com").await;
        assert_eq!(again.location(), "/preferences?saved=address-asked");
        assert_eq!(house.post().await, 0);
        assert_eq!(bea.move_to("victim@example.com").await.location(), "/preferences?saved=address-asked");
        assert_eq!(house.post().await, 1, "only Bea's old mailbox is told");
        assert_eq!(house.count("SELECT COUNT(*) FROM account_mails WHERE outcome = 'absorbed'").await, 2);
        assert_eq!(follow(&mut house.browser(), &link).await.status, 200);
        // One account cannot write to any number of mailboxes either.
        for number in 0..3 {
            assert_eq!(ada.move_to(&format!("n{number}@example.com")).await.status, 303);
        }
        let enough = ada.move_to("more@example.com").await;
        assert_eq!(enough.status, 429);
        assert!(enough.body.contains("value=\"more@example.com\""), "what was typed is kept");
    }
}

#[tokio::test]
async fn a_change_is_taken_back_before_it_is_confirmed() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut ada = house.recipient("ada").await;
        ada.move_to("new@example.com").await;
        house.post().await;
        let withdrawn = ada.post("/preferences/address/withdraw", &[]).await;
        assert_eq!(withdrawn.location(), "/preferences?saved=address-withdrawn");
        let link = house.path_to("new@example.com", "/confirm/address/link/");
        assert!(is_gone(&follow(&mut house.browser(), &link).await));
        // Withdrawn before its mail left: none leaves.
        house.pass(2 * MINUTE);
        ada.move_to("other@example.com").await;
        ada.post("/preferences/address/withdraw", &[]).await;
        assert_eq!(house.post().await, 0);
        assert!(!house.has_mail_to("other@example.com"));
    }
}
