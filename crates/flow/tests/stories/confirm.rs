//! Links that confirm a new address, through a relay: put off, lost, refused, and while all sending is stopped.

use crate::reset::{answer, outcomes, texts};
use auth::Origin;
use domain::account_mail::AccountMailKind;
use domain::address::Address;
use domain::id::{AccountMailId, ConfirmationId, PersonId};
use domain::preference::LinkPurpose;
use domain::secret::Secret;
use smtp::Tls;
use std::time::Duration;
use store::account_mail::{self, Told};
use store::{Acting, StoreError, audit, confirmation};
use testkit::house::fresh_bytes;
use testkit::relay::{Action, Script, ScriptedRelay, Stage};
use testkit::{Database, House, NewPerson, TEST_NOW, Through, by, databases, reach, waiting};

const OLD: &str = "ada@example.org";
const NEW: &str = "new@example.com";

/// A house with Ada, who asked for another address, and a relay with a script.
async fn asked(db: Database, script: Script) -> (House, ScriptedRelay) {
    let relay = ScriptedRelay::start(script).await;
    let mut reached = reach(&relay, Tls::None);
    reached.relay.timeouts = waiting(Duration::from_secs(3));
    let house = House::over(db, Through::Relays(vec![reached])).await;
    let ada = house.add(NewPerson::contact("ada")).await;
    ask(&house, ada).await;
    (house, relay)
}

async fn ask(house: &House, person_id: PersonId) {
    let now = house.clock.now_ms();
    let done: Result<(), StoreError> = house
        .db
        .store
        .write(move |tx| {
            Box::pin(async move {
                let (acting, id) = (
                    Acting::recipient(person_id, "net".into()),
                    ConfirmationId::generate(now, fresh_bytes()),
                );
                let address = Address::parse(NEW).unwrap();
                let entry = confirmation::ask_address(tx, id, &acting, person_id, &address, now).await?;
                for (kind, address) in
                    [(AccountMailKind::ConfirmAddress, NEW), (AccountMailKind::AddressChanging, OLD)]
                {
                    let told = Told {
                        kind,
                        person_id,
                        address,
                        confirmation_id: Some(id),
                        network: "net",
                        language: "de",
                    };
                    account_mail::tell(tx, AccountMailId::generate(now, fresh_bytes()), &told, now).await?;
                }
                audit::append(tx, entry).await
            })
        })
        .await;
    done.unwrap();
}

/// The tokens of all links to confirm that a relay stored for the new address, oldest first.
fn mailed(relay: &ScriptedRelay) -> Vec<Secret> {
    let read = |content: Vec<u8>| {
        let mailbox = mail::mailbox::Mailbox::new(1, 1 << 20);
        let id = mailbox.deliver("", NEW, content, 0);
        let text = mailbox.get(id).unwrap().text.unwrap();
        let begin = "https://portal.example/confirm/address/link/";
        let token = text.lines().find_map(|line| line.strip_prefix(begin)).unwrap();
        Secret::new(token.trim().to_owned())
    };
    relay.messages_for(NEW).into_iter().map(|mail| read(mail.content)).collect()
}

async fn works(house: &House, token: &Secret) -> bool {
    let (purpose, origin) = (LinkPurpose::VerifyAddress, Origin::default());
    house.auth.find_confirmation(purpose, token, &origin, house.clock.now_ms()).await.unwrap().is_some()
}

async fn confirm(house: &House, token: &Secret) -> bool {
    let (purpose, origin) = (LinkPurpose::VerifyAddress, Origin::default());
    house.auth.use_confirmation(purpose, token, &origin, house.clock.now_ms()).await.unwrap().is_some()
}

async fn links(house: &House) -> Vec<String> {
    let sql = "SELECT purpose FROM confirmation_links WHERE purpose = 'verify_address'";
    texts(house, sql, &[]).await
}

async fn address(house: &House) -> String {
    texts(house, "SELECT address FROM people WHERE username = 'ada'", &[]).await.remove(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_whose_mail_did_not_leave_is_void_and_the_next_try_mints_another() {
    for db in databases().await {
        let script =
            Script::default().rcpt(NEW, [Action::reply("451 4.3.0 try again later"), Action::Accept]);
        let (house, relay) = asked(db, script).await;
        assert_eq!(answer(&house).await, 1, "the word to the old address");
        assert!(links(&house).await.is_empty());
        house.clock.set(TEST_NOW + 10_000);
        assert_eq!(answer(&house).await, 1);
        let tokens = mailed(&relay);
        assert_eq!((tokens.len(), links(&house).await.len()), (1, 1));
        // A day from the moment of this try, not of the first.
        house.clock.set(TEST_NOW + 10_000 + 24 * 3_600_000 - 1_000);
        assert!(works(&house, &tokens[0]).await);
        assert!(confirm(&house, &tokens[0]).await && !confirm(&house, &tokens[0]).await);
        assert_eq!(address(&house).await, NEW);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_answer_is_lost_both_links_work_until_one_is_used() {
    for db in databases().await {
        let script = Script::default().answer(|moment| {
            let lost = moment.stage == Stage::Content && moment.recipient == NEW && moment.nth < 3;
            if lost { Action::store_and_cut() } else { Action::Accept }
        });
        let (house, relay) = asked(db, script).await;
        answer(&house).await;
        let mut at = TEST_NOW;
        while mailed(&relay).len() < 2 {
            at += 60_000;
            house.clock.set(at);
            answer(&house).await;
            assert!(at < TEST_NOW + 3_600_000, "it is tried again");
        }
        let tokens = mailed(&relay);
        assert!(works(&house, &tokens[0]).await && works(&house, &tokens[1]).await);
        assert!(confirm(&house, &tokens[0]).await);
        assert!(!works(&house, &tokens[1]).await);
        assert_eq!(address(&house).await, NEW);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_address_that_is_refused_changes_nothing_about_the_old_one() {
    for db in databases().await {
        let script = Script::default().rcpt(NEW, [Action::reply("550 5.1.1 no such user")]);
        let (house, _relay) = asked(db, script).await;
        assert_eq!(answer(&house).await, 1);
        assert!(links(&house).await.is_empty());
        assert_eq!(address(&house).await, OLD);
        assert_eq!(
            texts(&house, "SELECT COALESCE(undeliverable, '') FROM people WHERE username = 'ada'", &[]).await,
            [""]
        );
        let failed = "SELECT action FROM audit WHERE action LIKE 'address.%' ORDER BY action";
        let expected = ["address.asked", "address.link_failed", "address.notice_sent"];
        assert_eq!(texts(&house, failed, &[]).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_all_sending_is_stopped_a_link_waits_and_the_old_address_is_told() {
    for db in databases().await {
        let (house, relay) = asked(db, Script::default()).await;
        house.flow.stop_sending(&by(None), "a test").await.unwrap();
        assert_eq!(answer(&house).await, 1);
        assert_eq!((relay.messages_for(OLD).len(), relay.messages_for(NEW).len()), (1, 0));
        house.flow.start_sending(&by(None)).await.unwrap();
        house.clock.set(TEST_NOW + 10_000);
        assert_eq!(answer(&house).await, 1);
        assert_eq!(outcomes(&house).await, ["accepted", "accepted"]);
    }
}
