use super::*;
use crate::Origin;
use crate::fixture::*;
use crate::hashing::LoginRealm::Contacts;
use crate::reset::AskedFor;
use domain::automation::{Job, SendNewPassword};
use domain::id::RunId;
use domain::trigger::Trigger;
use store::run::{self, NewRun};
use store::{ChangeError, Refusal, Store, params};
use testkit::{TEST_NOW, by, databases};

/// One step of the care in a transaction of its own.
macro_rules! care {
    ($auth:expr, |$care:ident, $tx:ident| $work:expr) => {{
        let $care = $auth.limit_care();
        $auth.store.write::<_, ChangeError, _>(move |$tx| Box::pin(async move { $work })).await
    }};
}

async fn of_person(auth: &Auth, id: PersonId, now_ms: i64) -> Vec<Fill> {
    care!(auth, |care, tx| {
        let person = person::get(tx, id).await?;
        Ok(care.of_person(tx, &person, now_ms).await?)
    })
    .unwrap()
}

async fn of_network(auth: &Auth, network: &str, now_ms: i64) -> Vec<Fill> {
    let network = network.to_owned();
    care!(auth, |care, tx| Ok(care.of_network(tx, &network, now_ms).await?)).unwrap()
}

fn one(fills: &[Fill], kind: LimitKind) -> (i64, i64, Level, Option<i64>) {
    let fill = fills.iter().find(|fill| fill.kind == kind).unwrap_or_else(|| panic!("{kind}: {fills:?}"));
    (fill.used, fill.most, fill.level, fill.frees_at)
}

async fn ask(auth: &Auth, name: &str, origin: &Origin, now_ms: i64) -> AskedFor {
    auth.ask_for_link(name, "en", origin, now_ms).await.unwrap()
}

/// A mailing whose run is open, or was over at a moment.
pub(crate) async fn mailing(store: &Store, finished_at: Option<i64>) -> RunId {
    let id = RunId(crate::random::id(TEST_NOW).unwrap());
    let owner = PersonId(crate::random::id(TEST_NOW).unwrap());
    let new = NewRun {
        id,
        trigger: Trigger::StartTime,
        automation_id: None,
        mailing_id: None,
        selection_id: None,
        name: "To everybody".into(),
        job: Job::SendNewPassword(SendNewPassword::default()),
        filter: String::new(),
        started_by: None,
        owner_id: owner,
        shaped_by: vec![owner],
        templates: Vec::new(),
    };
    let made = store.write::<_, StoreError, _>(move |tx| {
        Box::pin(async move {
            let number = run::insert(tx, &new, TEST_NOW).await?;
            if let Some(at) = finished_at {
                run::begin(tx, new.id, number, 0, 0, at).await?;
            }
            Ok(())
        })
    });
    made.await.unwrap();
    id
}

#[test]
fn a_network_is_an_address_or_64_bits_of_ipv6() {
    for (typed, network) in [
        (" 192.0.2.7 ", Some("192.0.2.7")),
        ("192.0.2.7/32", Some("192.0.2.7")),
        ("2001:db8:1:2::7", Some("2001:db8:1:2::/64")),
        ("2001:db8:1:2::/64", Some("2001:db8:1:2::/64")),
        ("::ffff:192.0.2.7", Some("192.0.2.7")),
        ("192.0.2.0/24", None),
        ("2001:db8::/48", None),
        ("ada@example.org", None),
        ("", None),
    ] {
        assert_eq!(read_network(typed).as_deref(), network, "{typed}");
    }
}

#[tokio::test]
async fn wrong_passwords_are_seen_with_the_wait_and_cleared() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        let fresh = one(&of_person(&auth, ada, TEST_NOW).await, LimitKind::WrongPasswords);
        assert_eq!(fresh, (0, 5, Level::Open, None));
        for _ in 0..4 {
            sign_in(&auth, Contacts, "ada", "wrong wrong wrong", TEST_NOW).await.unwrap();
        }
        let near = one(&of_person(&auth, ada, TEST_NOW).await, LimitKind::WrongPasswords);
        assert_eq!(near, (4, 5, Level::Near, None));
        for n in 0..2 {
            sign_in(&auth, Contacts, "ada", "wrong wrong wrong", TEST_NOW + n * 2_000).await.unwrap();
        }
        let now = TEST_NOW + 2_000;
        let full = one(&of_person(&auth, ada, now).await, LimitKind::WrongPasswords);
        assert_eq!(full, (6, 5, Level::Full, Some(now + 2_000)), "{:?}", db.engine());
        assert!(is_refused(&sign_in(&auth, Contacts, "ada", CHOSEN, now).await));
        assert!(care!(auth, |care, tx| care.clear_person(tx, &by(None), ada, TEST_NOW).await).unwrap());
        assert!(is_chosen(&sign_in(&auth, Contacts, "ada", CHOSEN, now).await), "nobody has to wait");
        execute(&db.store, "UPDATE people SET failed_logins = 100, failed_login_at = $1", params![now]).await;
        let spent = one(&of_person(&auth, ada, now + DAY).await, LimitKind::WrongPasswords);
        assert_eq!(spent, (100, 100, Level::Full, None), "it does not free itself");
    }
}

#[tokio::test]
async fn mails_counted_for_a_mailbox_are_seen_and_cleared_by_person_and_by_address_in_any_spelling() {
    for db in databases().await {
        let auth = auth(&db.store);
        let ada = person(&auth, "ada", Kind::Contact).await;
        execute(&db.store, "UPDATE people SET address = 'Ada@Example.org'", &[]).await;
        let take = async || {
            let buckets = auth.resets.of_mailbox(&auth.keys, "Ada@example.org");
            care!(auth, |_care, tx| {
                let mut all = true;
                for (bucket, limit) in &buckets {
                    all &= rate::take(tx, bucket, *limit, TEST_NOW).await?;
                }
                Ok(all)
            })
            .unwrap()
        };
        assert!(take().await && !take().await);
        let fills = of_person(&auth, ada, TEST_NOW).await;
        assert_eq!(one(&fills, LimitKind::MailboxApart), (1, 1, Level::Full, Some(TEST_NOW + 60_000)));
        assert_eq!(one(&fills, LimitKind::MailboxHour).2, Level::Near);
        assert_eq!(one(&fills, LimitKind::LiveLinks), (0, 3, Level::Open, None));
        let spelt = Address::parse("ADA@EXAMPLE.ORG").unwrap();
        let of = spelt.clone();
        let fills = care!(auth, |care, tx| Ok(care.of_mailbox(tx, &of, TEST_NOW).await?)).unwrap();
        assert_eq!(one(&fills, LimitKind::MailboxApart).2, Level::Full, "mails go to the stored spelling");
        let of = spelt.clone();
        assert!(care!(auth, |care, tx| care.clear_mailbox(tx, &by(None), &of, TEST_NOW).await).unwrap());
        assert!(take().await, "{:?}", db.engine());
        assert!(care!(auth, |care, tx| care.clear_person(tx, &by(None), ada, TEST_NOW).await).unwrap());
        assert!(!care!(auth, |care, tx| care.clear_person(tx, &by(None), ada, TEST_NOW).await).unwrap());
        let told = "SELECT count(*) FROM audit WHERE action = 'person.limits_cleared' AND subject_id = $1";
        assert_eq!(number(&db.store, told, params![ada.to_string()]).await, 2);
        let nobody = Address::parse("nobody@example.org").unwrap();
        assert!(!care!(auth, |care, tx| care.clear_mailbox(tx, &by(None), &nobody, TEST_NOW).await).unwrap());
        let named = "SELECT count(*) FROM audit WHERE detail LIKE '%xample.org%'";
        assert_eq!(number(&db.store, named, &[]).await, 0, "no address stands in the log");
    }
}

#[tokio::test]
async fn clearing_takes_the_rank_that_changing_the_person_takes_and_a_refusal_changes_nothing() {
    for db in databases().await {
        let auth = auth(&db.store);
        let boss = person(&auth, "boss", Kind::System("ui")).await;
        let helper =
            Acting::operator(PersonId(uuid::Uuid::nil()), domain::role::Rank::new(0).unwrap(), String::new());
        let buckets = auth.resets.of_mailbox(&auth.keys, "boss@example.org");
        care!(auth, |_care, tx| {
            for (bucket, limit) in &buckets {
                rate::take(tx, bucket, *limit, TEST_NOW).await?;
            }
            Ok(())
        })
        .unwrap();
        let (acting, other, third) = (helper.clone(), helper.clone(), helper);
        let refused = care!(auth, |care, tx| care.clear_person(tx, &acting, boss, TEST_NOW).await);
        assert!(matches!(refused, Err(ChangeError::Refused(Refusal::Rank))), "{refused:?}");
        let address = Address::parse("boss@example.org").unwrap();
        let refused = care!(auth, |care, tx| care.clear_mailbox(tx, &other, &address, TEST_NOW).await);
        assert!(matches!(refused, Err(ChangeError::Refused(Refusal::Rank))), "{refused:?}");
        // Nor by way of somebody of no rank who is given the same mailbox.
        let ada = person(&auth, "ada", Kind::Contact).await;
        execute(
            &db.store,
            "UPDATE people SET address = 'boss@example.org', address_canonical = 'boss@example.org' WHERE id = $1",
            params![ada],
        )
        .await;
        let refused = care!(auth, |care, tx| care.clear_person(tx, &third, ada, TEST_NOW).await);
        assert!(matches!(refused, Err(ChangeError::Refused(Refusal::Rank))), "{refused:?}");
        let fills = of_person(&auth, boss, TEST_NOW).await;
        assert_eq!(one(&fills, LimitKind::MailboxApart).2, Level::Full, "it was rolled back");
    }
}

#[tokio::test]
async fn a_network_that_asked_too_often_is_seen_and_let_on() {
    for db in databases().await {
        let auth = auth(&db.store);
        let school = origin();
        for n in 0..10 {
            assert_eq!(ask(&auth, "ada", &school, TEST_NOW + n * 1_000).await, AskedFor::Taken);
        }
        let now = TEST_NOW + 20_000;
        assert!(matches!(ask(&auth, "ada", &school, now).await, AskedFor::TooMany { .. }));
        let fills = of_network(&auth, &school.network, now).await;
        let full = (10, 10, Level::Full, Some(TEST_NOW + 600_000));
        assert_eq!(one(&fills, LimitKind::ResetRequests), full, "{:?}", db.engine());
        let later = of_network(&auth, &school.network, TEST_NOW + 600_000).await;
        assert_eq!(one(&later, LimitKind::ResetRequests), (0, 10, Level::Open, None), "it freed itself");
        let network = school.network.clone();
        assert!(care!(auth, |care, tx| care.clear_network(tx, &by(None), &network, now).await).unwrap());
        assert_eq!(ask(&auth, "ada", &school, now).await, AskedFor::Taken);
        let told = "SELECT count(*) FROM audit WHERE action = 'limit.network_cleared'";
        assert_eq!(number(&db.store, told, &[]).await, 1);
        let lane = care!(auth, |care, tx| Ok(care.of_everybody(tx, now).await?)).unwrap();
        assert_eq!((lane.requests.used, lane.waiting, lane.oldest_at), (1, 11, Some(TEST_NOW)));
    }
}

#[tokio::test]
async fn a_whole_class_behind_one_address_may_ask_while_a_mailing_is_recent() {
    for db in databases().await {
        let many = async |auth: &Auth, origin: &Origin, from: i64| {
            let mut taken = 0;
            while taken < 600 {
                // No more than twenty a second: that limit is everybody's.
                let now = from + taken * 60;
                let name = if taken % 2 == 0 { "ada" } else { "nobody" };
                if ask(auth, name, origin, now).await != AskedFor::Taken {
                    break;
                }
                taken += 1;
            }
            taken
        };
        let auth = auth(&db.store);
        person(&auth, "ada", Kind::Contact).await;
        let school = origin();
        assert_eq!(many(&auth, &school, TEST_NOW).await, 10);
        let run = mailing(&db.store, None).await;
        let now = TEST_NOW + 60_000;
        assert_eq!(many(&auth, &school, now).await, 500, "at once, and in {:?}", db.engine());
        let fills = of_network(&auth, &school.network, now + 40_000).await;
        assert_eq!(one(&fills, LimitKind::ResetRequestsDuringMailing).2, Level::Full);
        // Once it is over it stays recent for 72 hours.
        let over = TEST_NOW + 3_600_000;
        execute(
            &db.store,
            "UPDATE runs SET state = 'finished', finished_at = $2 WHERE id = $1",
            params![run, over],
        )
        .await;
        let until = over + 72 * 3_600_000;
        assert!(auth.is_mailing_recent(until).await.unwrap());
        assert!(auth.is_mailing_recent(until + 4_000).await.unwrap(), "an answer counts for some seconds");
        assert!(!auth.is_mailing_recent(until + 6_000).await.unwrap());
        assert_eq!(many(&auth, &origin(), until + DAY).await, 10);
        // Other runs are no mailings.
        execute(&db.store, "UPDATE runs SET trigger = 'schedule', state = 'running'", &[]).await;
        assert!(!auth.is_mailing_recent(until + 2 * DAY).await.unwrap());
        mailing(&db.store, Some(until + 2 * DAY)).await;
        assert!(auth.is_mailing_recent(until + 2 * DAY + 10_000).await.unwrap());
    }
}
