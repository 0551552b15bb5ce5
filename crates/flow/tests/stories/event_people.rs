//! Built-in events of people and groups: who was created, changed, put into a group, taken out, subscribed; and that
//! nothing is written while nobody listens.

use crate::reset::{answer, texts};
use auth::Origin;
use auth::login::SignIn;
use auth::preferences::{Save, Wish};
use auth::session::{Realm, Session};
use auth::unsubscribe::Unsubscribe;
use domain::automation::{Job, Target};
use domain::event::BuiltIn;
use domain::id::{ApiKeyId, AutomationId, GroupId, MailingId, PersonId};
use domain::person::{AttributeKind, AttributeValue};
use domain::preference::{ConsentWay, LinkPurpose};
use domain::role::{Rank, UserType};
use domain::secret::Secret;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use store::import::{Options, Outcome, import};
use store::person::{self, PersonChange, SystemRole};
use store::{Acting, ChangeError, attribute, group, mailing};
use testkit::house::fresh_bytes;
use testkit::{House, Listening, NewPerson, OLD, Through, by, databases};

/// Lets an automation listen that never does anything: it is not active.
pub(crate) async fn hear(house: &House, what: BuiltIn) -> AutomationId {
    let (job, target) = (Job::SendResetLink(Box::default()), Target::Person(house.owner));
    house.listener(Listening { job, target, ..Listening::to(&what.type_name()) }).await
}

/// What was written, oldest first: type, contact, system user, who caused it, group, data.
pub(crate) async fn told(house: &House) -> Vec<String> {
    let sql = "SELECT substr(e.type, 10) || ' C:' || COALESCE(c.username, '-') || ' S:' || COALESCE(s.username, '-')
            || ' by:' || COALESCE(a.username, '-') || ' in:' || COALESCE(g.name, '-') || ' ' || e.data
         FROM events e LEFT JOIN people c ON c.id = e.contact_id LEFT JOIN people s ON s.id = e.system_user_id
         LEFT JOIN people a ON a.id = e.actor_id LEFT JOIN \"groups\" g ON g.id = e.group_id
         WHERE e.source = '/passpost' ORDER BY e.number";
    texts(house, sql, &[]).await
}

/// Changes the databank.
macro_rules! change {
    ($house:expr, |$tx:ident| $change:expr) => {
        $house
            .db
            .store
            .write::<_, ChangeError, _>(move |$tx| {
                Box::pin(async move {
                    let done = $change.await?;
                    Ok(done)
                })
            })
            .await
            .unwrap()
    };
}

/// Somebody signed in to the own pages.
pub(crate) async fn session(house: &House, name: &str) -> Session {
    let SignIn::Chosen { session, .. } = house.sign_in(name, OLD).await else {
        unreachable!("the password is right")
    };
    let found = house.auth.find_session(&session.token, Realm::Preferences, house.clock.now_ms()).await;
    found.unwrap().expect("a session")
}

async fn create(house: &House, acting: &Acting, name: &'static str) -> PersonId {
    let (id, acting, now) =
        (PersonId::generate(house.clock.now_ms(), fresh_bytes()), acting.clone(), house.clock.now_ms());
    let new = person::NewPerson { username: Some(name.into()), ..person::NewPerson::new(id) };
    change!(house, |tx| person::insert(tx, &acting, &new, now));
    id
}

async fn take_in(house: &House, file: &'static str) -> Outcome {
    let options = Options {
        apply: true,
        file: "people.csv".into(),
        ..Options::preview(by(house.owner), house.clock.now_ms())
    };
    let mut random = |bytes: &mut [u8]| getrandom::fill(bytes).unwrap();
    import(&house.db.store, Cursor::new(file), options, &mut random, |_| ()).await.unwrap()
}

async fn choir(house: &House) -> GroupId {
    let (id, acting, now) =
        (GroupId::generate(house.clock.now_ms(), fresh_bytes()), by(house.owner), house.clock.now_ms());
    change!(house, |tx| group::insert(tx, &acting, id, "Choir", "", now));
    id
}

#[tokio::test]
async fn person_created_is_written_however_somebody_comes_in_and_a_system_user_is_one_event() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let (owner, now) = (house.owner, house.clock.now_ms());
        create(&house, &by(owner), "unheard").await;
        take_in(&house, "username\nunheard2\n").await;
        assert!(told(&house).await.is_empty());

        hear(&house, BuiltIn::PersonCreated).await;
        hear(&house, BuiltIn::PersonChanged).await;
        create(&house, &by(owner), "a").await;
        let key = ApiKeyId::generate(now, fresh_bytes());
        create(&house, &Acting::program(owner, Rank::HIGHEST, key, "net".into()), "b").await;
        create(&house, &by(None), "c").await;
        take_in(&house, "username\nd\nunheard\n").await;
        let id = PersonId::generate(now, fresh_bytes());
        let new = person::NewPerson { username: Some("boss".into()), ..person::NewPerson::new(id) };
        change!(house, |tx| async move {
            person::insert(tx, &by(None), &new, now).await?;
            let role = SystemRole { role_id: person::OWNER, user_type: UserType::Ui, expires_at: None };
            person::grant_role(tx, &by(None), id, role, now).await
        });
        assert_eq!(
            told(&house).await,
            [
                r#"person.created C:a S:- by:owner in:- {"origin":"console"}"#,
                r#"person.created C:b S:- by:owner in:- {"origin":"api"}"#,
                r#"person.created C:c S:- by:- in:- {"origin":"command_line"}"#,
                r#"person.created C:d S:- by:owner in:- {"origin":"import"}"#,
                r#"person.created C:- S:boss by:- in:- {"origin":"command_line"}"#,
            ]
        );
        // A throw-away account of a mailing being tried out is nobody's business.
        let id = PersonId::generate(now, fresh_bytes());
        let test = person::NewPerson { username: Some("test-1".into()), ..person::NewPerson::new(id) };
        let mailing = MailingId::generate(now, fresh_bytes());
        change!(house, |tx| async move {
            mailing::insert_test(tx, &by(owner), mailing, &test, now).await?;
            let change = PersonChange { given_name: Some("Ada".into()), ..PersonChange::default() };
            person::update(tx, &by(owner), id, &change, now).await.map(|_| ())
        });
        assert_eq!(told(&house).await.len(), 5);
    }
}

#[tokio::test]
async fn person_changed_names_what_really_changed_and_bookkeeping_is_none() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let (owner, now) = (house.owner, house.clock.now_ms());
        let ada = house.add(NewPerson { password: OLD, ..NewPerson::contact("ada") }).await;
        house.add(NewPerson::contact("bob")).await;
        let name = |text: &str| PersonChange { given_name: Some(text.into()), ..PersonChange::default() };
        let unheard = name("Unheard");
        change!(house, |tx| person::update(tx, &by(owner), ada, &unheard, now));
        assert!(told(&house).await.is_empty());

        hear(&house, BuiltIn::PersonChanged).await;
        let (first, same) = (name("Ada"), name("Ada"));
        change!(house, |tx| async move {
            attribute::insert(tx, &by(owner), "tier", AttributeKind::String, "", now).await?;
            person::update(tx, &by(owner), ada, &first, now).await?;
            person::update(tx, &by(owner), ada, &same, now).await?;
            let tier = BTreeMap::from([("tier".to_owned(), Some(AttributeValue::String("gold".into())))]);
            let change = PersonChange { attributes: tier, ..PersonChange::default() };
            person::update(tx, &by(owner), ada, &change, now).await?;
            person::update(tx, &by(owner), ada, &change, now).await
        });
        // A sign-in and a wrong one write what is no change of the record.
        house.sign_in("ada", "wrong").await;
        let own = session(&house, "ada").await;
        let record = PersonChange { language: Some(Some("fr".into())), ..PersonChange::default() };
        let wish = Wish { record, ..Wish::default() };
        let saved = house.auth.save_preferences(&own, wish, &Origin::default(), now).await.unwrap();
        assert!(matches!(saved, Save::Done(saved) if saved.language));
        change!(house, |tx| async move {
            person::block(tx, &by(owner), ada, now).await?;
            person::block(tx, &by(owner), ada, now).await?;
            person::unblock(tx, &by(owner), ada, now).await?;
            let role = SystemRole { role_id: person::OWNER, user_type: UserType::Ui, expires_at: None };
            person::grant_role(tx, &by(owner), ada, role, now).await
        });
        // Bob gets a name; whoever only joins a group is not changed.
        house.add(NewPerson::contact("eve")).await;
        take_in(&house, "username,given_name,groups\nbob,Bob,Choir\neve,,Choir\n").await;
        assert_eq!(
            told(&house).await,
            [
                r#"person.changed C:ada S:- by:owner in:- {"attributes":["given_name"]}"#,
                r#"person.changed C:ada S:- by:owner in:- {"attributes":["tier"]}"#,
                r#"person.changed C:ada S:- by:- in:- {"attributes":["language"]}"#,
                r#"person.changed C:ada S:- by:owner in:- {"attributes":["blocked"]}"#,
                r#"person.changed C:ada S:- by:owner in:- {"attributes":["blocked"]}"#,
                r#"person.changed C:- S:ada by:owner in:- {"attributes":["role","user_type"]}"#,
                r#"person.changed C:bob S:- by:owner in:- {"attributes":["given_name"]}"#,
            ]
        );
    }
}

#[tokio::test]
async fn who_really_joins_or_leaves_a_group_has_an_event_a_thousand_at_once_too() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let (owner, now) = (house.owner, house.clock.now_ms());
        let people = house.add_contacts(1_000).await;
        let group = choir(&house).await;
        let all = people.clone();
        let added = change!(house, |tx| group::add_members(tx, &by(owner), group, &all, now));
        assert_eq!((added, told(&house).await.len()), (1_000, 0));

        hear(&house, BuiltIn::MemberAdded).await;
        hear(&house, BuiltIn::MemberRemoved).await;
        let all = people.clone();
        let changed = change!(house, |tx| async move {
            let again = group::add_members(tx, &by(owner), group, &all, now).await?;
            Ok::<_, ChangeError>((again, group::remove_members(tx, &by(owner), group, &all, now).await?))
        });
        assert_eq!(changed, (0, 1_000), "nobody joins twice");
        let mut said = told(&house).await;
        said.sort();
        said.dedup();
        assert_eq!(said.len(), 1_000);
        assert_eq!(said[0], r#"group.member_removed C:p0001 S:- by:owner in:Choir {"group":"Choir"}"#);

        let first = people[0];
        change!(house, |tx| async move {
            group::remove_members(tx, &by(owner), group, &[first], now).await?;
            group::add_members(tx, &by(None), group, &[first, first], now).await
        });
        take_in(&house, "username,groups\np0001,Choir\np0002,Choir|Spring\n").await;
        let mut said = told(&house).await.split_off(1_000);
        said.sort();
        assert_eq!(
            said,
            [
                r#"group.member_added C:p0001 S:- by:- in:Choir {"group":"Choir"}"#,
                r#"group.member_added C:p0002 S:- by:owner in:Choir {"group":"Choir"}"#,
                r#"group.member_added C:p0002 S:- by:owner in:Spring {"group":"Spring"}"#,
            ]
        );
        // A list that is tidied away takes nobody out.
        change!(house, |tx| group::remove(tx, &by(owner), group, now));
        assert_eq!(told(&house).await.len(), 1_003);
    }
}

#[tokio::test]
async fn a_subscription_is_an_event_once_it_is_confirmed_and_so_is_its_end() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let (owner, now) = (house.owner, house.clock.now_ms());
        let ada = house.add(NewPerson { password: OLD, ..NewPerson::contact("ada") }).await;
        let group = choir(&house).await;
        let offer =
            |double_opt_in| group::Offer { subscribable: true, double_opt_in, ..group::Offer::default() };
        let (single, double) = (offer(false), offer(true));
        change!(house, |tx| group::set_offer(tx, &by(owner), group, &single, now));
        let own = session(&house, "ada").await;
        let save = async |ticked: &[GroupId]| {
            let (shown, ticked) = (BTreeSet::from([group]), ticked.iter().copied().collect());
            let wish = Wish { shown, ticked, ..Wish::default() };
            house.auth.save_preferences(&own, wish, &Origin::default(), now).await.unwrap()
        };
        save(&[group]).await;
        save(&[]).await;
        assert!(told(&house).await.is_empty());

        for what in [BuiltIn::Subscribed, BuiltIn::Unsubscribed, BuiltIn::MemberAdded, BuiltIn::MemberRemoved]
        {
            hear(&house, what).await;
        }
        save(&[group]).await;
        let whom = Unsubscribe { person_id: ada, group_id: Some(group) };
        let link = async || {
            let way = ConsentWay::OneClick;
            house.auth.unsubscribe(whom, way, "", &Origin::default(), now).await.unwrap()
        };
        assert!(link().await && !link().await, "the second time nothing changes");
        change!(house, |tx| group::set_offer(tx, &by(owner), group, &double, now));
        save(&[group]).await;
        let [on, off] = ["subscribed", "unsubscribed"]
            .map(|what| format!(r#"group.{what} C:ada S:- by:- in:Choir {{"group":"Choir"}}"#));
        assert_eq!(told(&house).await, [on.clone(), off.clone()], "nothing before the click");

        assert_eq!(answer(&house).await, 1);
        let mail = house.mailbox.newest_to("ada@example.org").unwrap().text.unwrap();
        let line = mail.lines().find(|line| line.starts_with("https://portal.example/confirm/")).unwrap();
        let token = Secret::new(line.trim().rsplit('/').next().unwrap().to_owned());
        let purpose = LinkPurpose::ConfirmSubscription;
        let confirmed = house.auth.use_confirmation(purpose, &token, &Origin::default(), now).await.unwrap();
        assert!(confirmed.is_some());
        let whole = Unsubscribe { person_id: ada, group_id: None };
        assert!(house.auth.unsubscribe(whole, ConsentWay::Link, "", &Origin::default(), now).await.unwrap());
        assert_eq!(told(&house).await, [on.clone(), off.clone(), on, off]);
    }
}

#[tokio::test]
async fn a_finished_import_is_one_event_with_counts_and_the_name_of_the_file() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        take_in(&house, "username\nada\n").await;
        assert!(told(&house).await.is_empty());
        hear(&house, BuiltIn::ImportFinished).await;
        take_in(&house, "username,given_name\nada,Ada\nbob,Bob\nowner,No\n").await;
        let said = told(&house).await;
        assert_eq!(said.len(), 1, "{said:?}");
        let (head, data) = said[0].split_once(" {").unwrap();
        assert_eq!(head, "import.finished C:- S:- by:owner in:-");
        let data: serde_json::Value = serde_json::from_str(&format!("{{{data}")).unwrap();
        assert_eq!(
            data,
            serde_json::json!({ "file": "people.csv", "created": 1, "updated": 1, "unchanged": 0, "failed": 1 })
        );
        // A preview does nothing.
        let options = Options::preview(by(house.owner), house.clock.now_ms());
        let mut random = |bytes: &mut [u8]| getrandom::fill(bytes).unwrap();
        import(&house.db.store, Cursor::new("username\neve\n"), options, &mut random, |_| ()).await.unwrap();
        assert_eq!(told(&house).await.len(), 1);
    }
}

#[tokio::test]
async fn who_is_erased_is_taken_out_of_the_events_and_what_waits_is_called_off() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let (owner, now) = (house.owner, house.clock.now_ms());
        let ada = house.add(NewPerson::contact("ada")).await;
        let delay = Some(domain::event::Delay::new(1, domain::event::DelayUnit::Days).unwrap());
        let listening = Listening { delay, ..Listening::to(&BuiltIn::PersonChanged.type_name()) };
        let id = house.listen(listening).await;
        let change = PersonChange { given_name: Some("Ada".into()), ..PersonChange::default() };
        change!(house, |tx| person::update(tx, &by(owner), ada, &change, now));
        house.flow.schedule_once().await.unwrap();
        assert_eq!(house.jobs_of(id).await, "waiting 1");
        change!(house, |tx| person::erase(tx, &by(owner), ada, now));
        assert_eq!(house.jobs_of(id).await, "cancelled (gone) 1");
        assert_eq!(told(&house).await, ["person.changed C:- S:- by:owner in:- null"]);
    }
}
