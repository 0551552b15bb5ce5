//! The own record: what may be changed, what may be seen, what may be taken, and asking to be erased.

use super::HOUR;
use crate::house::{CHOSEN, House, MAILED};
use store::params;
use testkit::databases;

async fn attributes(house: &House) {
    for (name, kind, recipients) in [
        ("nick", "string", "edit"),
        ("seats", "number", "edit"),
        ("vegan", "boolean", "edit"),
        ("member_no", "string", "see"),
        ("credit", "string", "hidden"),
    ] {
        house
            .execute(
                "INSERT INTO attributes (name, kind, label, created_at, recipients) VALUES ($1, $2, $3, 0, $4)",
                params![name, kind, format!("Label {name}"), recipients],
            )
            .await;
    }
    for (name, value) in [("member_no", "M-17"), ("credit", "bad payer")] {
        house
            .execute(
                "INSERT INTO attribute_values (person_id, attribute, string_value)
                 SELECT id, $1, $2 FROM people WHERE username = 'ada'",
                params![name, value],
            )
            .await;
    }
}

#[tokio::test]
async fn language_zone_and_allowed_attributes_are_saved_together_or_not_at_all() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut ada = house.recipient("ada").await;
        attributes(&house).await;
        let page = ada.page().await;
        assert!(page.body.contains("M-17") && page.body.contains("Label nick"), "{}", page.body);
        assert!(!page.body.contains("bad payer") && !page.body.contains("Label credit"), "{}", page.body);
        let wrong = [
            ("language", "de"),
            ("time_zone", "Mars/Olympus"),
            ("attribute-nick", "Ada"),
            ("attribute-seats", "many"),
        ];
        let answer = ada.save(&[], &[], &wrong).await;
        assert_eq!(answer.status, 422);
        for kept in ["value=\"Mars/Olympus\"", "value=\"many\"", "value=\"Ada\"", "Nothing is saved yet"] {
            assert!(answer.body.contains(kept), "{kept}: {}", answer.body);
        }
        assert_eq!(answer.body.matches("aria-invalid").count(), 2, "every error at its field");
        // What only the store refuses stands at its field as well.
        let nul = ada.save(&[], &[], &[("language", "de"), ("attribute-nick", "a\0b")]).await;
        assert!(nul.status == 422 && nul.body.contains("id=\"attribute-nick-hint\""), "{}", nul.body);
        assert_eq!(house.count("SELECT COUNT(*) FROM people WHERE language IS NOT NULL").await, 0);
        let right = [
            ("language", "de"),
            ("time_zone", "Asia/Tokyo"),
            ("attribute-nick", "Ada"),
            ("attribute-seats", "2.5"),
            ("attribute-vegan", "true"),
        ];
        let saved = ada.save(&[], &[], &right).await;
        assert_eq!(saved.location(), "/preferences?saved=language.time-zone.record");
        let told = ada.browser.get(saved.location()).await;
        assert!(
            told.body.contains("Gespeichert: Ihre Sprache."),
            "in the language just chosen: {}",
            told.body
        );
        assert!(told.body.contains("lang=\"de\"") && told.body.contains("value=\"2.5\""), "{}", told.body);
        let detail = house.texts("SELECT detail FROM audit WHERE action = 'person.changed'").await;
        assert_eq!(detail.len(), 1);
        assert!(!detail[0].contains("Ada") && detail[0].contains("nick"), "{detail:?}");
        // What is not sent stays; what is sent empty is taken away.
        assert_eq!(
            ada.save(&[], &[], &[("attribute-nick", "")]).await.location(),
            "/preferences?saved=record"
        );
        assert_eq!(house.texts("SELECT language FROM people WHERE username = 'ada'").await, ["de"]);
        let nick = "SELECT COUNT(*) FROM attribute_values WHERE attribute = 'nick'";
        assert_eq!(house.count(nick).await, 0);
    }
}

#[tokio::test]
async fn case_84_no_field_that_is_not_the_recipients_own_is_written() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut ada = house.recipient("ada").await;
        attributes(&house).await;
        let before = house.texts("SELECT username || address || given_name FROM people").await;
        for field in [
            "attribute-member_no",
            "attribute-credit",
            "attribute-nothing",
            "address",
            "username",
            "given_name",
            "verified",
            "role",
            "rank",
            "password_hash",
            "must_change",
            "unsubscribed_at",
            "shown-x",
        ] {
            let answer = ada.save(&[], &[], &[("attribute-nick", "Ada"), (field, "1")]).await;
            assert_eq!(answer.status, 400, "{field}");
        }
        assert_eq!(house.texts("SELECT username || address || given_name FROM people").await, before);
        assert_eq!(house.count("SELECT COUNT(*) FROM attribute_values").await, 2, "nothing of it was saved");
        // The privileged ones are noted, one a minute.
        assert!(house.count("SELECT COUNT(*) FROM audit WHERE action = 'request.refused'").await > 0);
    }
}

#[tokio::test]
async fn ones_own_data_has_no_secret_and_nothing_that_is_not_shown() {
    for db in databases().await {
        let house = House::new(&db.store);
        let news = house.offer("news", false).await;
        let mut ada = house.recipient("ada").await;
        attributes(&house).await;
        house.mail_password(ada.id, MAILED).await;
        ada.save(&[news], &[news], &[("reason", "")]).await;
        ada.move_to("new@example.com").await;
        house.post().await;
        let link = house.path_to("new@example.com", "/confirm/address/link/");
        let answer = ada.browser.get("/preferences/data").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-disposition"), "attachment; filename=\"my-data.json\"");
        assert!(answer.header("content-security-policy").contains("sandbox"));
        let data: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(data["account"]["user_name"], "ada");
        assert_eq!(data["attributes"]["Label member_no"], "M-17");
        assert_eq!(data["subscriptions"][0]["title"], "The news");
        assert_eq!(data["subscription_log"][0]["act"], "subscribed");
        assert_eq!(data["sessions"].as_array().unwrap().len(), 1);
        assert!(data["what_happened"].as_array().unwrap().len() > 1);
        let session = ada.browser.cookies["__Host-pc"].clone();
        for secret in [
            "bad payer",
            "argon2",
            CHOSEN,
            MAILED,
            "hash",
            "token",
            "csrf",
            "k1",
            &session,
            super::token_of(&link),
        ] {
            assert!(!answer.body.contains(secret), "{secret}: {}", answer.body);
        }
        assert_eq!(house.count("SELECT COUNT(*) FROM audit WHERE action = 'person.data_taken'").await, 1);
        assert_eq!(house.browser().get("/preferences/data").await.location(), "/login");
    }
}

#[tokio::test]
async fn asking_to_be_erased_needs_the_password_and_can_be_taken_back() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut ada = house.recipient("ada").await;
        let wrong = [("username", "x"), ("reason", "gone"), ("current", "wrong wrong wrong wrong")];
        let refused = ada.post("/preferences/deletion", &wrong).await;
        assert!(refused.status == 422 && refused.body.contains("value=\"gone\""), "{}", refused.body);
        assert_eq!(house.count("SELECT COUNT(*) FROM deletion_requests").await, 0);
        let right = [("username", "x"), ("reason", "gone"), ("current", CHOSEN)];
        let asked = ada.post("/preferences/deletion", &right).await;
        assert_eq!(asked.location(), "/preferences?saved=deletion-asked");
        assert_eq!(house.post().await, 1);
        let letter = house.letter_to("ada@example.org");
        assert!(letter.contains("asked us to erase") && !letter.contains("http"), "{letter}");
        assert!(ada.page().await.body.contains("/preferences/deletion/withdraw"));
        let back = ada.post("/preferences/deletion/withdraw", &[]).await;
        assert_eq!(back.location(), "/preferences?saved=deletion-withdrawn");
        assert_eq!(house.count("SELECT COUNT(*) FROM deletion_requests").await, 0);
        let noted =
            "SELECT action FROM audit WHERE action LIKE 'deletion.%' AND actor = 'recipient' ORDER BY number";
        assert_eq!(house.texts(noted).await, ["deletion.asked", "deletion.withdrawn"]);
    }
}

#[tokio::test]
async fn what_is_kept_of_wishes_goes_with_the_person_and_after_a_while() {
    for db in databases().await {
        let house = House::new(&db.store);
        let news = house.offer("news", true).await;
        let mut ada = house.recipient("ada").await;
        ada.save(&[news], &[news], &[]).await;
        ada.move_to("new@example.com").await;
        ada.post("/preferences/deletion", &[("username", "x"), ("reason", ""), ("current", CHOSEN)]).await;
        house.post().await;
        let (id, now) = (ada.id, house.at_ms());
        let erased = house.state.store.write(move |tx| {
            Box::pin(async move { store::person::erase(tx, &store::Acting::system(), id, now).await })
        });
        erased.await.unwrap();
        for table in ["consents", "confirmations", "confirmation_links", "deletion_requests", "account_mails"]
        {
            let sql: &'static str = match table {
                "consents" => "SELECT COUNT(*) FROM consents",
                "confirmations" => "SELECT COUNT(*) FROM confirmations",
                "confirmation_links" => "SELECT COUNT(*) FROM confirmation_links",
                "deletion_requests" => "SELECT COUNT(*) FROM deletion_requests",
                _ => "SELECT COUNT(*) FROM account_mails",
            };
            assert_eq!(house.count(sql).await, 0, "{table}");
        }
        let mut bea = house.recipient("bea").await;
        bea.move_to("new@example.com").await;
        house.post().await;
        house.pass(32 * 24 * HOUR);
        house.state.flow.purge_account_mails().await;
        assert_eq!(house.count("SELECT COUNT(*) FROM confirmations").await, 0);
        assert_eq!(house.count("SELECT COUNT(*) FROM confirmation_links").await, 0);
    }
}
