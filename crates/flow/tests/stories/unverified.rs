//! What mails say of people whose address nobody confirmed: runs and mailings, by both settings (3-safety 82).

use crate::mailing;
use crate::reset::{answer, ask};
use auth::keys::Keys;
use domain::automation::SendNewPassword;
use domain::id::PersonId;
use domain::mailing::{HtmlFormat, Intent};
use domain::unverified::NamesOfUnverified;
use flow::{Flow, Settings};
use store::params;
use testkit::{House, NewPerson, Through, databases};

const HOSTILE: &str = "Urgent visit evil.example";
const CONTACTS: &str = "system_user eq false";
const WORDS: &str = "{{ salutation }}\n{{ full_name }}|{{ given_name }}|{{ family_name }}|{{ display_name }}|{{ username }}\n\
     {{ attribute.club }}|{{ attribute.rank }}\n";

async fn house_with(db: testkit::database::Database, names: NamesOfUnverified) -> House {
    let mut house = House::over(db, Through::Mailbox).await;
    let keys = Keys::read_or_create(&house.db.folder.path().join("keys")).unwrap();
    let settings = Settings { names_of_unverified: names, ..house.flow.settings().clone() };
    house.flow = Flow::new(house.db.store.clone(), keys, settings, house.clock.clone());
    for (name, kind) in [("club", "string"), ("rank", "number")] {
        let sql = "INSERT INTO attributes (name, kind, label, created_at) VALUES ($1, $2, '', 0)";
        house.change(sql, params![name, kind].to_vec()).await;
    }
    house
}

/// Somebody who was put into the databank, with this name in every field, and whose address nobody confirmed.
async fn registered(house: &House, username: &str, name: &str) -> PersonId {
    let mailbox = if username == HOSTILE { "other" } else { username.split('.').next().unwrap() };
    let person = NewPerson {
        username: username.into(),
        address: format!("{mailbox}@example.org"),
        given_name: name.into(),
        family_name: name.into(),
        ..NewPerson::default()
    };
    let id = house.add(person).await;
    let sql = "UPDATE people SET verified = FALSE, display_name = $2 WHERE id = $1";
    house.change(sql, params![id, name].to_vec()).await;
    let sql = "INSERT INTO attribute_values (person_id, attribute, string_value) VALUES ($1, 'club', $2)";
    house.change(sql, params![id, name].to_vec()).await;
    let sql = "INSERT INTO attribute_values (person_id, attribute, number_value) VALUES ($1, 'rank', 7)";
    house.change(sql, params![id].to_vec()).await;
    id
}

/// All of the newest mail to an address as its reader sees it: headers, subject and both parts.
fn all_of(house: &House, name: &str) -> String {
    let mail = house.mailbox.newest_to(&format!("{name}@example.org"));
    let mail = mail.unwrap_or_else(|| panic!("no mail to {name}"));
    let parts = [mail.text.unwrap_or_default(), mail.html.unwrap_or_default(), mail.summary.subject];
    mail.headers.into_iter().map(|(name, value)| format!("{name}: {value}\n")).chain(parts).collect()
}

/// The text part of the newest mail.
async fn text_to(house: &House, name: &str) -> String {
    mailing::text_to(house, name).await.replace("\r\n", "\n")
}

fn says_nothing_hostile(mail: &str) {
    for word in ["Urgent", "visit", "evil.example", "evil"] {
        assert!(!mail.contains(word), "{word}: {mail}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_82_a_run_mails_a_password_to_an_unverified_contact_without_the_words_of_a_stranger() {
    for names in [NamesOfUnverified::Plain, NamesOfUnverified::Never] {
        for db in databases().await {
            let house = house_with(db, names).await;
            registered(&house, "victim", HOSTILE).await;
            registered(&house, "plain", "Zoë").await;
            // As a user name, too, which the words show.
            registered(&house, HOSTILE, "Ada").await;
            registered(&house, "bob.evil.example", "Bob").await;
            let automation = house.usual(CONTACTS, SendNewPassword::default()).await;
            let run = house.start(automation).await;
            let run = house.work(run.id).await;
            assert_eq!(run.counts.accepted, 4, "everybody gets the mail all the same");
            for name in ["victim", "other"] {
                says_nothing_hostile(&all_of(&house, name));
            }
            let bob = all_of(&house, "bob");
            assert!(!bob.contains("evil.example"), "{bob}");
            assert_eq!(bob.matches("bob.\u{2060}evil.\u{2060}example").count(), 2, "in both parts: {bob}");
            let victim_mail = text_to(&house, "victim").await;
            assert!(victim_mail.contains("Hello,") && victim_mail.contains("victim"), "{victim_mail}");
            let plain = text_to(&house, "plain").await;
            assert_eq!(plain.contains("Zoë"), names == NamesOfUnverified::Plain, "{plain}");
            // What was mailed works, and a copied user name as well.
            let password = house.mailed_to("bob@example.org").unwrap();
            assert!(house.opens("bob.\u{2060}evil.\u{2060}example", &password).await);
            // Whoever signed in with a mailed password has shown that the mailbox is theirs.
            let sql = "SELECT CASE WHEN verified THEN 'yes' ELSE 'no' END FROM people WHERE username = 'bob.evil.example'";
            assert_eq!(crate::reset::texts(&house, sql, &[]).await, ["yes"]);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_82_a_mailing_and_its_preview_show_of_an_unverified_contact_only_plain_names() {
    for names in [NamesOfUnverified::Plain, NamesOfUnverified::Never] {
        for db in databases().await {
            let house = house_with(db, names).await;
            for intent in Intent::ALL {
                let tag = format!("{intent:?}").to_lowercase();
                let (hostile, plain, known) =
                    (format!("victim-{tag}"), format!("plain-{tag}"), format!("known-{tag}"));
                let victim = registered(&house, &hostile, HOSTILE).await;
                let zoe = registered(&house, &plain, "Zoë").await;
                let trusted = registered(&house, &known, HOSTILE).await;
                let sql = "UPDATE people SET verified = TRUE WHERE id = $1";
                house.change(sql, params![trusted].to_vec()).await;
                let filter = format!("username ew \"-{tag}\"");
                let mut draft = house.draft(*intent, &filter).await;
                draft.words.text = format!("{WORDS}{}", draft.words.text.replacen("{{ salutation }}", "", 1));
                draft.words.subject = "For {{ full_name }} {{ attribute.club }}".into();
                draft.words.html_format = HtmlFormat::Markdown;
                draft.words.html_source = draft.words.text.clone();
                let mailing = house.mailing(draft).await;
                let run = house.send(mailing.id).await;
                assert_eq!(run.counts.accepted, 3);

                says_nothing_hostile(&all_of(&house, &hostile));
                let text = text_to(&house, &hostile).await;
                let rank = if names == NamesOfUnverified::Plain { "7" } else { "" };
                assert!(text.contains(&format!("Hello,\n||||{hostile}\n|{rank}\n")), "{text}");
                let text = text_to(&house, &plain).await;
                let shown = match names {
                    NamesOfUnverified::Plain => format!("Hello Zoë,\nZoë|Zoë|Zoë|Zoë|{plain}\nZoë|7\n"),
                    NamesOfUnverified::Never => format!("Hello,\n||||{plain}\n|\n"),
                };
                assert!(text.contains(&shown), "{text}");
                let text = text_to(&house, &known).await;
                assert!(
                    text.contains(&format!("{HOSTILE}|{HOSTILE}|")),
                    "the mailbox is this one's own: {text}"
                );

                let see =
                    async |who| house.flow.show_mailing(&mailing, &mailing.words, Some(who)).await.unwrap();
                let seen = see(victim).await;
                says_nothing_hostile(&format!("{seen:?}"));
                assert_eq!(seen.text.lines().next(), Some("Hello,"));
                assert!(
                    seen.empty.contains(&"given_name".to_owned())
                        && seen.empty.contains(&"attribute.club".to_owned())
                );
                assert_eq!(see(zoe).await.empty.is_empty(), names == NamesOfUnverified::Plain);
                let found = house.flow.check_mailing(mailing.id).await.unwrap();
                let weight = found.iter().find(|one| one.what == "names").map(|one| one.weight).unwrap();
                assert_eq!(weight == flow::Weight::Warning, names == NamesOfUnverified::Never);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_82_a_link_that_was_asked_for_names_no_account_in_the_words_of_a_stranger() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        for name in [HOSTILE, "ada.lovelace"] {
            let person = NewPerson {
                username: name.into(),
                address: "victim@example.org".into(),
                ..NewPerson::default()
            };
            let id = house.add(person).await;
            house.change("UPDATE people SET verified = FALSE WHERE id = $1", params![id].to_vec()).await;
        }
        ask(&house, "victim@example.org").await;
        assert_eq!(answer(&house).await, 1);
        says_nothing_hostile(&all_of(&house, "victim"));
        let text = text_to(&house, "victim").await;
        assert!(text.contains("ada.\u{2060}lovelace"), "{text}");
        assert_eq!(crate::reset::tokens(&text).len(), 2, "{text}");
    }
}
