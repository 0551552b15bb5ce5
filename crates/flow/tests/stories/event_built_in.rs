//! Built-in events of signing in, of passwords and of mails; and that nothing is written while nobody listens.

use crate::bounce::{NO_SUCH_USER, notification, path_to};
use crate::event_people::{hear, session, told};
use crate::reset::{FRESH, answer, ask, reset, texts, tokens};
use auth::Origin;
use auth::api_key::{Admission, Asking, KeyDraft};
use auth::enrolment::Enrolled;
use auth::hashing::LoginRealm;
use auth::login::{Attempt, SignIn};
use auth::password_change::Choice;
use auth::second_factor::SecondStep;
use auth::session::{Realm, Session};
use domain::automation::SendNewPassword;
use domain::event::BuiltIn;
use domain::role::Permission;
use domain::secret::Secret;
use flow::RetryOf;
use serde_json::Value as Json;
use store::api_key::Maker;
use store::{Acting, Store, event, params};
use testkit::{Authenticator, House, NewPerson, OLD, TEST_NOW, Through, by, databases};

const HOUR: i64 = 3_600_000;

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// The data of the newest event of a type.
async fn data(house: &House, what: BuiltIn) -> Json {
    let sql = "SELECT data FROM events WHERE type = $1 ORDER BY number DESC LIMIT 1";
    serde_json::from_str(&texts(house, sql, params![what.type_name()]).await[0]).unwrap()
}

async fn operator(house: &House, name: &str, password: &str) -> SignIn {
    let attempt = Attempt {
        realm: LoginRealm::Operators,
        username: name,
        password: &secret(password),
        origin: &Origin::default(),
        presented: &[],
    };
    house.auth.sign_in(&attempt, house.clock.now_ms()).await.unwrap()
}

async fn opened(house: &House, answer: SignIn) -> Session {
    let (SignIn::Chosen { session, .. }
    | SignIn::SecondFactor { session, .. }
    | SignIn::MustChange { session, .. }) = answer
    else {
        unreachable!("it opens something")
    };
    let found = house.auth.find_session(&session.token, session.realm, house.clock.now_ms()).await;
    found.unwrap().expect("a session")
}

/// Mails everybody who is no system user a new password.
async fn mail_all(house: &House) -> store::run::Run {
    let job = SendNewPassword { remail_after_hours: 0, ..SendNewPassword::default() };
    let automation = house.usual("system_user eq false", job).await;
    let run = house.start(automation).await;
    house.work(run.id).await
}

#[tokio::test]
async fn a_log_on_to_the_console_is_an_event_once_the_second_factor_is_done_as_well() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson { password: OLD, ..NewPerson::system("paul", "Owner") }).await;
        opened(&house, operator(&house, "paul", OLD).await).await;
        assert!(told(&house).await.is_empty());
        hear(&house, BuiltIn::LoggedOn).await;
        hear(&house, BuiltIn::PreferencesLoggedIn).await;
        let whole = opened(&house, operator(&house, "paul", OLD).await).await;
        let said = r#"system.logged_on C:- S:paul by:paul in:- {"by":"console"}"#;
        assert_eq!(told(&house).await, [said]);
        operator(&house, "paul", "wrong").await;

        let now = house.clock.now_ms();
        let page = house.auth.begin_enrolment(whole.person_id, "Portal", "paul", now).unwrap();
        let app = Authenticator::typed(page.text.expose());
        let origin = Origin::default();
        let code = secret(&app.code(now));
        let enrolled = house.auth.enrol(&whole, &page.sealed, &code, &origin, now).await.unwrap();
        assert!(matches!(enrolled, Enrolled::Done { .. }));
        house.clock.set(now + 60_000);
        let half = opened(&house, operator(&house, "paul", OLD).await).await;
        assert_eq!(half.realm, Realm::SecondFactor);
        assert_eq!(told(&house).await, [said], "the password alone is no log-on");
        let code = secret(&app.code(now + 60_000));
        let done = house.auth.take_second_step(&half, &code, &[], &origin, now + 60_000).await.unwrap();
        assert!(matches!(done, SecondStep::Done { .. }));
        assert_eq!(told(&house).await, [said, said]);
    }
}

#[tokio::test]
async fn the_use_of_a_key_is_a_log_on_of_its_owner_at_most_once_an_hour() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let robot = NewPerson { user_type: "api", ..NewPerson::system("robot", "Manager") };
        let owner_id = house.add(robot).await;
        let draft =
            KeyDraft { name: "key".into(), owner_id, scopes: vec![Permission::PeopleView], expires_at: None };
        let maker = Maker { permissions: None, key: None };
        let made = house.auth.create_key(&Acting::command_line(), maker, draft, TEST_NOW).await.unwrap();
        let show = async |at: i64| {
            let admitted =
                house.auth.admit_program(Some(&made.1), Asking::Read, &Origin::default(), at).await;
            assert!(matches!(admitted.unwrap(), Admission::Granted(_)));
        };
        show(TEST_NOW).await;
        assert!(told(&house).await.is_empty());
        hear(&house, BuiltIn::LoggedOn).await;
        let said = r#"system.logged_on C:- S:robot by:robot in:- {"by":"api"}"#;
        for (minutes, times) in [(2, 1), (4, 1), (61, 1), (63, 2), (65, 2), (124, 3)] {
            show(TEST_NOW + minutes * 60_000).await;
            assert_eq!(told(&house).await, vec![said; times], "after {minutes} minutes");
        }
    }
}

#[tokio::test]
async fn who_is_guessed_at_until_waits_begin_has_one_event_and_nobody_else() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson { password: OLD, ..NewPerson::contact("ada") }).await;
        house.add(NewPerson { password: OLD, ..NewPerson::contact("bob") }).await;
        let guess = async |name: &str, times: usize| {
            for _ in 0..times {
                assert!(matches!(house.sign_in(name, "wrong").await, SignIn::Refused));
                house.clock.set(house.clock.now_ms() + HOUR);
            }
        };
        guess("bob", 7).await;
        assert!(told(&house).await.is_empty());
        hear(&house, BuiltIn::LoginFailedRepeatedly).await;
        guess("ada", 4).await;
        guess("nobody", 9).await;
        assert!(told(&house).await.is_empty(), "waits have not begun");
        guess("ada", 4).await;
        let said = r#"login.failed_repeatedly C:ada S:- by:- in:- {"failed_logins":5}"#;
        assert_eq!(told(&house).await, [said], "once, however it goes on");
        session(&house, "ada").await;
        guess("ada", 5).await;
        assert_eq!(told(&house).await, [said, said], "and once more after a sign-in");
    }
}

#[tokio::test]
async fn a_password_somebody_chooses_is_an_event_and_one_that_a_run_mints_is_none() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson { password: OLD, ..NewPerson::contact("ada") }).await;
        let origin = Origin::default();
        let choose = async |session: &Session, current: Option<&str>, chosen: &str| {
            let current = current.map(secret);
            let (chosen, now) = (secret(chosen), house.clock.now_ms());
            let answer = house.auth.choose_password(session, current.as_ref(), &chosen, &origin, now).await;
            assert!(matches!(answer.unwrap(), Choice::Done { .. }));
        };
        let own = session(&house, "ada").await;
        choose(&own, Some(OLD), FRESH).await;
        assert!(told(&house).await.is_empty());

        hear(&house, BuiltIn::PasswordChanged).await;
        hear(&house, BuiltIn::PreferencesLoggedIn).await;
        mail_all(&house).await;
        assert!(told(&house).await.is_empty());
        let mailed = house.mailed_to("ada@example.org").unwrap();
        let forced = opened(&house, house.sign_in("ada", &mailed).await).await;
        assert!(told(&house).await.is_empty(), "the page for a new password is no log-in");
        choose(&forced, None, OLD).await;
        let own = session(&house, "ada").await;
        choose(&own, Some(OLD), FRESH).await;
        ask(&house, "ada").await;
        answer(&house).await;
        let mail = house.mailbox.newest_to("ada@example.org").unwrap().text.unwrap();
        reset(&house, &tokens(&mail)[0]).await;
        let of = |what: &str, data: &str| format!("{what} C:ada S:- by:- in:- {data}");
        assert_eq!(
            told(&house).await,
            [
                of("password.changed", r#"{"how":"login"}"#),
                of("preferences.logged_in", "{}"),
                of("preferences.logged_in", "{}"),
                of("password.changed", r#"{"how":"preferences"}"#),
                of("password.changed", r#"{"how":"link"}"#),
            ]
        );
        // Of an operator it is that one's own doing.
        house.add(NewPerson { password: OLD, ..NewPerson::system("paul", "Manager") }).await;
        let paul = opened(&house, operator(&house, "paul", OLD).await).await;
        choose(&paul, Some(OLD), FRESH).await;
        let said = told(&house).await;
        assert_eq!(said[5..], [r#"password.changed C:- S:paul by:paul in:- {"how":"console"}"#]);
    }
}

#[tokio::test]
async fn a_mailed_password_of_which_three_quarters_are_over_is_an_event_once_for_two_nodes() {
    for db in databases().await {
        let other = Store::open(&db.location).await.unwrap();
        let house = House::over(db, Through::Mailbox).await;
        for name in ["ada", "bob", "eve"] {
            house.add(NewPerson::contact(name)).await;
        }
        let run = mail_all(&house).await;
        assert_eq!(run.counts.accepted, 3);
        let used = house.mailed_to("bob@example.org").unwrap();
        assert!(matches!(house.sign_in("bob", &used).await, SignIn::MustChange { .. }));
        house.clock.set(TEST_NOW + 19 * HOUR);
        house.flow.schedule_once().await.unwrap();
        assert!(told(&house).await.is_empty(), "nobody listens");
        house.clock.set(TEST_NOW + 17 * HOUR);
        hear(&house, BuiltIn::PasswordExpiring).await;
        house.flow.schedule_once().await.unwrap();
        assert!(told(&house).await.is_empty(), "there is time");

        let node = house.node_over(other);
        house.clock.set(TEST_NOW + 18 * HOUR);
        let (one, two) = tokio::join!(house.flow.schedule_once(), node.schedule_once());
        one.unwrap();
        two.unwrap();
        house.clock.set(TEST_NOW + 20 * HOUR);
        house.flow.schedule_once().await.unwrap();
        let ends = jiff::Timestamp::from_millisecond(TEST_NOW + 24 * HOUR).unwrap();
        let of = |who: &str| format!(r#"password.expiring C:{who} S:- by:- in:- {{"expires_at":"{ends}"}}"#);
        assert_eq!(told(&house).await, [of("ada"), of("eve")], "each once, and not whoever has used it");
    }
}

#[tokio::test]
async fn an_automation_that_begins_to_listen_late_hears_of_every_password_that_is_expiring() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(2).await;
        mail_all(&house).await;
        house.clock.set(TEST_NOW + 23 * HOUR);
        hear(&house, BuiltIn::PasswordExpiring).await;
        house.flow.schedule_once().await.unwrap();
        house.flow.schedule_once().await.unwrap();
        assert_eq!(told(&house).await.len(), 2);
    }
}

#[tokio::test]
async fn a_link_asked_for_is_an_event_of_who_gets_a_mail_and_written_by_the_lane() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson { password: OLD, ..NewPerson::contact("ada") }).await;
        house.add(NewPerson { blocked: true, ..NewPerson::contact("bob") }).await;
        house.add(NewPerson { address: "ada@example.org".into(), ..NewPerson::contact("eve") }).await;
        ask(&house, "ada").await;
        answer(&house).await;
        assert!(told(&house).await.is_empty());
        hear(&house, BuiltIn::LinkRequested).await;
        house.clock.set(TEST_NOW + HOUR);
        for name in ["ada", "bob", "nobody"] {
            ask(&house, name).await;
        }
        assert!(told(&house).await.is_empty(), "asking writes nothing of it");
        assert_eq!(answer(&house).await, 1);
        assert_eq!(told(&house).await, ["link.requested C:ada S:- by:- in:- {}"]);
        // Of an address it is everybody's; a mailbox that had enough gets none.
        house.clock.set(TEST_NOW + 2 * HOUR);
        ask(&house, "ada@example.org").await;
        ask(&house, "ada").await;
        answer(&house).await;
        let said = told(&house).await;
        assert_eq!(said[1..], [said[0].clone(), said[0].replace("ada", "eve")]);
    }
}

#[tokio::test]
async fn a_mail_that_comes_back_is_an_event_of_its_run_and_one_of_an_account_mail_of_none() {
    for db in databases().await {
        let house = House::with_bounces(db, Through::Mailbox).await;
        let ada = house.add(NewPerson::contact("ada")).await;
        mail_all(&house).await;
        let full =
            || notification(&path_to(&house, "ada@example.org"), "failed", ("5.2.2", "552 5.2.2 full"));
        house.flow.take_back(full(), None).await.unwrap();
        assert!(told(&house).await.is_empty());
        hear(&house, BuiltIn::MailBounced).await;
        let run = mail_all(&house).await;
        house.flow.take_back(full(), None).await.unwrap();
        house.flow.take_back(full(), None).await.unwrap();
        let said = told(&house).await;
        assert_eq!(said.len(), 1, "a repetition is none: {said:?}");
        assert!(said[0].starts_with("mail.bounced C:ada S:- by:- in:- "), "{said:?}");
        let told_of = data(&house, BuiltIn::MailBounced).await;
        assert_eq!(
            (told_of["status"].as_str(), told_of["cause"].as_str()),
            (Some("5.2.2"), Some("552 5.2.2 full"))
        );
        let latest = async || {
            house.db.store.read(|tx| Box::pin(async move { event::latest(tx).await })).await.unwrap().unwrap()
        };
        let newest = latest().await;
        assert_eq!((newest.run_id, newest.contact_id), (Some(run.id), Some(ada)));
        assert_eq!(newest.chain, [run.automation_id.unwrap()]);

        ask(&house, "ada").await;
        assert_eq!(answer(&house).await, 1);
        let gone = notification(&path_to(&house, "ada@example.org"), "failed", NO_SUCH_USER);
        house.flow.take_back(gone, None).await.unwrap();
        let newest = latest().await;
        assert_eq!((newest.run_id, newest.contact_id, newest.chain.len()), (None, Some(ada), 0));
        assert_eq!(newest.data["status"], "5.1.1");
        assert_eq!(told(&house).await.len(), 2);
    }
}

#[tokio::test]
async fn each_way_a_run_can_end_is_an_event_and_only_a_run_that_was_not_cancelled_finishes_its_automation() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(2).await;
        mail_all(&house).await;
        assert!(told(&house).await.is_empty());
        hear(&house, BuiltIn::RunFinished).await;
        hear(&house, BuiltIn::AutomationFinished).await;
        let all = async || {
            let sql = "SELECT e.type || ' ' || a.username || ' ' || e.data FROM events e JOIN people a ON a.id = e.actor_id
                       WHERE e.contact_id IS NULL AND e.run_id IS NOT NULL ORDER BY e.number";
            let read = |text: String| {
                let mut parts = text.splitn(3, ' ');
                let (what, who) = (parts.next().unwrap().to_owned(), parts.next().unwrap().to_owned());
                let data: Json = serde_json::from_str(parts.next().unwrap()).unwrap();
                format!(
                    "{what} by {who}: {} {} of {}",
                    data["state"].as_str().unwrap(),
                    data["accepted"],
                    data["total"]
                )
            };
            texts(&house, sql, &[]).await.into_iter().map(read).collect::<Vec<_>>()
        };
        let [run, automation] =
            ["passpost.run.finished by owner: ", "passpost.automation.finished by owner: "];
        let finished = mail_all(&house).await;
        assert_eq!(all().await, [format!("{run}finished 2 of 2"), format!("{automation}finished 2 of 2")]);

        let job = SendNewPassword { remail_after_hours: 0, ..SendNewPassword::default() };
        let cancelled = house.usual("system_user eq false", job.clone()).await;
        let begun = house.start(cancelled).await;
        house.flow.cancel(begun.id, &by(house.owner)).await.unwrap();
        assert_eq!(all().await[2..], [format!("{run}cancelled 0 of 2")]);

        let nobody = house.usual("username eq \"nobody\"", job).await;
        house.start(nobody).await;
        assert_eq!(
            all().await[3..],
            [format!("{run}finished 0 of 0"), format!("{automation}finished 0 of 0")]
        );
        assert!(
            house.flow.retry(finished.id, RetryOf::Failed, &by(house.owner)).await.is_err(),
            "nobody failed"
        );
        assert_eq!(all().await.len(), 5);

        let one = house.flow.send_password(finished.owner_id, &by(house.owner)).await;
        assert!(one.is_err(), "oneself is left out");
        let ada = house.add(NewPerson::contact("ada")).await;
        let one = house.flow.send_password(ada, &by(house.owner)).await.unwrap();
        house.work(one.id).await;
        assert_eq!(all().await[5..], [format!("{run}finished 1 of 1")], "a run of no automation");
    }
}
