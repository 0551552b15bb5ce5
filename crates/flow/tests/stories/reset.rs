//! Personal links: whom a name means, who gets a mail, what is kept of a request, and what a run does to links.

use auth::Origin;
use auth::reset::{AskedFor, Reset};
use domain::automation::SendNewPassword;
use domain::credential::Mode;
use domain::id::PersonId;
use domain::run::RunState;
use domain::secret::Secret;
use flow::Stop;
use smtp::Tls;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use store::{StoreError, Value, account_mail, params};
use testkit::relay::{Script, ScriptedRelay};
use testkit::{House, NewPerson, OLD, TEST_NOW, Through, databases, reach};

pub(crate) const FRESH: &str = "seven purple trains whistle";

fn origin() -> Origin {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    Origin { network: format!("net-{}", NEXT.fetch_add(1, Ordering::Relaxed)), user_agent: String::new() }
}

/// Somebody asks, from a network of its own.
pub(crate) async fn ask(house: &House, name: &str) {
    let asked = house.auth.ask_for_link(name, "de", &origin(), house.clock.now_ms()).await.unwrap();
    assert_eq!(asked, AskedFor::Taken, "{name}");
}

/// The lane looks once; gives how many mails were taken.
pub(crate) async fn answer(house: &House) -> usize {
    house.flow.answer_people_once(&Stop::new()).await.unwrap()
}

/// The tokens of all links in a text.
pub(crate) fn tokens(text: &str) -> Vec<Secret> {
    text.lines()
        .filter_map(|line| line.strip_prefix("https://portal.example/reset/link/"))
        .map(|token| Secret::new(token.trim().to_owned()))
        .collect()
}

pub(crate) async fn opens_whom(house: &House, token: &Secret) -> Option<String> {
    let found = house.auth.find_link(token, &origin(), house.clock.now_ms()).await.unwrap();
    found.map(|link| link.username)
}

pub(crate) async fn reset(house: &House, token: &Secret) -> Reset {
    let chosen = Secret::new(FRESH.to_owned());
    house.auth.reset_password(token, &chosen, &origin(), house.clock.now_ms()).await.unwrap()
}

/// One column of text of the database, in the order of the statement.
pub(crate) async fn texts(house: &House, sql: &'static str, values: &[Value]) -> Vec<String> {
    let values = values.to_vec();
    let read: Result<Vec<String>, StoreError> = house
        .db
        .store
        .read(move |tx| {
            Box::pin(
                async move { tx.query(sql, &values).await?.into_iter().map(|mut row| row.take(0)).collect() },
            )
        })
        .await;
    read.unwrap()
}

/// What the audit log says of a person's links, oldest first.
pub(crate) async fn audited(house: &House, person: PersonId) -> Vec<String> {
    let sql = "SELECT action FROM audit WHERE subject_id = $1 ORDER BY number";
    texts(house, sql, params![person.to_string()]).await
}

pub(crate) async fn states(house: &House) -> Vec<String> {
    texts(house, "SELECT state FROM reset_links ORDER BY minted_at, state", &[]).await
}

pub(crate) async fn outcomes(house: &House) -> Vec<String> {
    let sql = "SELECT COALESCE(outcome, 'due') FROM account_mails ORDER BY requested_at, id";
    texts(house, sql, &[]).await
}

async fn text_to(house: &House, address: &str) -> String {
    house.mailbox.newest_to(address).unwrap().text.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forgotten_password_is_replaced_with_a_link_and_the_person_is_told() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let ada = house.add(NewPerson { password: OLD, ..NewPerson::contact("ada") }).await;
        ask(&house, " Ada@Example.ORG ").await;
        assert_eq!(answer(&house).await, 1);
        let text = text_to(&house, "ada@example.org").await;
        let token = tokens(&text).remove(0);
        assert_eq!(opens_whom(&house, &token).await.as_deref(), Some("ada"));
        assert!(house.opens("ada", OLD).await, "until a new one is chosen");
        assert_eq!(reset(&house, &token).await, Reset::Done);
        assert!(house.opens("ada", FRESH).await && !house.opens("ada", OLD).await);

        assert_eq!(answer(&house).await, 1);
        let told = text_to(&house, "ada@example.org").await;
        assert!(told.contains("was changed") && tokens(&told).is_empty(), "{told}");
        let done = audited(&house, ada).await;
        for action in ["reset.asked", "reset.link_sent", "password.reset", "password.notice_sent"] {
            assert_eq!(done.iter().filter(|one| *one == action).count(), 1, "{action}: {done:?}");
        }
        assert_eq!(outcomes(&house).await, ["accepted", "accepted"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_accounts_of_one_mailbox_get_one_mail_with_three_named_links() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        for name in ["ada", "bob", "eve"] {
            house.add(NewPerson { address: "family@example.org".into(), ..NewPerson::contact(name) }).await;
        }
        ask(&house, "bob").await;
        assert_eq!((answer(&house).await, house.mailbox.counts().kept), (1, 1));
        let text = text_to(&house, "family@example.org").await;
        let links = tokens(&text);
        assert_eq!(links.len(), 3);
        for (token, name) in links.iter().zip(["ada", "bob", "eve"]) {
            assert_eq!(opens_whom(&house, token).await.as_deref(), Some(name), "in the order of names");
            assert!(text.contains(name), "{text}");
        }
        assert_eq!(reset(&house, &links[1]).await, Reset::Done);
        assert!(opens_whom(&house, &links[0]).await.is_some(), "each account has its own");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_that_differ_in_case_are_written_to_each_on_its_own() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson { address: "Ada@example.org".into(), ..NewPerson::contact("first") }).await;
        house.add(NewPerson { address: "ada@example.org".into(), ..NewPerson::contact("second") }).await;
        ask(&house, "ADA@example.org").await;
        assert_eq!(answer(&house).await, 2);
        for (address, name) in [("Ada@example.org", "first"), ("ada@example.org", "second")] {
            let links = tokens(&text_to(&house, address).await);
            assert_eq!(links.len(), 1, "{address}");
            assert_eq!(opens_whom(&house, &links[0]).await.as_deref(), Some(name));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_takes_anothers_address_as_a_user_name_shuts_nobody_out() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson { username: "victim@example.org".into(), ..NewPerson::contact("mallory") }).await;
        house.add(NewPerson { username: "vic".into(), ..NewPerson::contact("victim") }).await;
        ask(&house, "victim@example.org").await;
        assert_eq!(answer(&house).await, 2);
        let links = tokens(&text_to(&house, "victim@example.org").await);
        assert_eq!(links.len(), 1);
        assert_eq!(opens_whom(&house, &links[0]).await.as_deref(), Some("vic"), "not the other one's");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_have_no_link_gets_none_and_the_audit_log_says_why() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let contact = NewPerson::contact;
        let all = [
            ("blocked", NewPerson { blocked: true, ..contact("p1") }),
            ("undeliverable", NewPerson { undeliverable: "mailbox-unknown", ..contact("p2") }),
            ("no_address", NewPerson { address: String::new(), ..contact("p3") }),
            ("program", NewPerson { user_type: "api", ..NewPerson::system("p4", "Helper") }),
            ("expired", NewPerson { expires_at: Some(TEST_NOW), ..NewPerson::system("p5", "Helper") }),
        ];
        for (reason, person) in all {
            let name = person.username.clone();
            let id = house.add(person).await;
            ask(&house, &name).await;
            assert_eq!(answer(&house).await, 0, "{reason}");
            assert_eq!(audited(&house, id).await, ["reset.left_out"]);
            let sql = "SELECT detail FROM audit WHERE subject_id = $1";
            let detail = texts(&house, sql, params![id.to_string()]).await;
            assert_eq!(detail, [format!("{{\"reason\":\"{reason}\"}}")]);
        }
        assert_eq!(outcomes(&house).await, ["left_out"; 5]);
        assert!(house.mailbox.counts().kept == 0 && states(&house).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_82_an_address_nobody_confirmed_gets_its_link_without_the_names_beside_it() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let id = house.add(NewPerson::contact("imported")).await;
        let sql = "UPDATE people SET verified = FALSE, display_name = 'Urgent visit' WHERE id = $1";
        house.change(sql, vec![id.into()]).await;
        ask(&house, "imported").await;
        assert_eq!(answer(&house).await, 1);
        let text = text_to(&house, "imported@example.org").await;
        assert_eq!(tokens(&text).len(), 1);
        assert!(text.contains("imported") && !text.contains("Urgent visit"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_kept_of_a_name_nobody_has() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson::contact("ada")).await;
        // Twenty come first; the lane does not stop at them.
        for name in ["adа@example.org", "ada@example.org,eve@evil.example", "ada@example.org ", "nobody"] {
            for _ in 0..3 {
                ask(&house, name).await;
            }
        }
        assert_eq!(answer(&house).await, 1, "the one with a blank behind it is hers, once a minute");
        assert_eq!(house.mailbox.counts().kept, 1);
        assert_eq!(outcomes(&house).await, ["accepted", "absorbed", "absorbed"]);
        let kept = "SELECT COALESCE(asked, '') FROM account_mails";
        assert_eq!(texts(&house, kept, &[]).await, ["", "", ""]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_to_one_mailbox_are_limited_silently_and_never_kill_a_live_link() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        for name in ["ada", "bob"] {
            house.add(NewPerson { address: "family@example.org".into(), ..NewPerson::contact(name) }).await;
        }
        // Minutes after the beginning, and whether a mail goes out: 60 s apart, 3 an hour, 6 a day.
        let story = [
            (0.0, 1),
            (0.9, 0),
            (1.0, 1),
            (58.0, 1),
            (59.5, 0),
            (60.0, 1),
            (61.0, 1),
            (62.0, 0),
            (63.0, 0),
            (130.0, 1),
            (200.0, 0),
            (1_000.0, 0),
            (1_440.0, 1),
        ];
        let mut all: Vec<(i64, Vec<Secret>)> = Vec::new();
        for (place, (minutes, sent)) in story.into_iter().enumerate() {
            house.clock.set(TEST_NOW + (minutes * 60_000.0) as i64);
            ask(&house, if place % 2 == 0 { "ada" } else { "bob" }).await;
            assert_eq!(answer(&house).await, sent, "{minutes}: {:?}", house.db.engine());
            if sent == 1 {
                all.push((house.clock.now_ms(), tokens(&text_to(&house, "family@example.org").await)));
            }
            let mut live = 0;
            for (at, links) in &all {
                let works = opens_whom(&house, &links[0]).await.is_some();
                assert_eq!(
                    works,
                    house.clock.now_ms() < at + 30 * 60_000,
                    "{minutes}: no request kills a link"
                );
                live += usize::from(works);
            }
            assert!(live <= 3, "{minutes}: {live}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_kill_switch_stops_links_but_not_the_word_that_a_password_was_changed() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson::contact("ada")).await;
        ask(&house, "ada").await;
        answer(&house).await;
        let token = tokens(&text_to(&house, "ada@example.org").await).remove(0);
        house.flow.stop_sending(&store::Acting::command_line(), "a test").await.unwrap();
        assert_eq!(reset(&house, &token).await, Reset::Done);
        assert_eq!(answer(&house).await, 1, "the word goes out");
        house.clock.set(TEST_NOW + 60_000);
        ask(&house, "ada").await;
        for minute in 1..20 {
            house.clock.set(TEST_NOW + minute * 60_000);
            assert_eq!(answer(&house).await, 0);
        }
        house.flow.start_sending(&store::Acting::command_line()).await.unwrap();
        house.clock.set(TEST_NOW + 20 * 60_000);
        assert_eq!(answer(&house).await, 1, "later");
        assert_eq!(texts(&house, "SELECT CAST(attempts AS TEXT) FROM account_mails", &[]).await, ["1"; 3]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_changes_passwords_kills_links_and_one_that_keeps_them_does_not() {
    for (mode, at_once) in
        [(Mode::AfterAcceptance, false), (Mode::RevokeNow, true), (Mode::KeepUntilUsed, false)]
    {
        for db in databases().await {
            let relay = ScriptedRelay::start(Script::default()).await;
            let house = House::over(db, Through::Relays(vec![reach(&relay, Tls::None)])).await;
            house.add_with_old_password(3).await;
            house.add(NewPerson::contact("other")).await;
            let mut links = Vec::new();
            for name in ["p0001", "p0002", "other"] {
                ask(&house, name).await;
                assert_eq!(answer(&house).await, 1);
                links.extend(crate::reset_relay::mailed(&relay, &format!("{name}@example.org")));
            }
            let job = SendNewPassword { mode, ..SendNewPassword::default() };
            let automation = house.usual("username sw \"p\"", job).await;
            let run = house.start(automation).await;
            assert!(opens_whom(&house, &links[0]).await.is_some(), "not before it is claimed");
            let run = house.work(run.id).await;
            assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 3));
            let kept = mode == Mode::KeepUntilUsed;
            for link in &links[..2] {
                assert_eq!(opens_whom(&house, link).await.is_some(), kept, "{mode:?} {at_once}");
            }
            assert!(opens_whom(&house, &links[2]).await.is_some(), "of somebody else");
            if kept {
                let password = testkit::newest_password(&relay, "p0001@example.org").unwrap();
                assert!(house.opens("p0001", &password).await);
                assert_eq!(reset(&house, &links[0]).await, Reset::Gone);
                assert_eq!(reset(&house, &links[1]).await, Reset::Done, "the link was first");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settled_mails_and_links_of_long_ago_are_removed_and_so_is_what_waited_a_day() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson::contact("ada")).await;
        ask(&house, "ada").await;
        answer(&house).await;
        ask(&house, "waits").await;
        house.clock.set(TEST_NOW + account_mail::WAITS_MS);
        house.flow.purge_account_mails().await;
        let mut both = outcomes(&house).await;
        both.sort_unstable();
        assert_eq!(both, ["accepted", "due"]);
        house.clock.set(TEST_NOW + account_mail::WAITS_MS + 1);
        house.flow.purge_account_mails().await;
        assert_eq!((outcomes(&house).await.len(), states(&house).await.len()), (1, 1));
        house.clock.set(TEST_NOW + account_mail::KEPT_MS + 31 * 60_000);
        house.flow.purge_account_mails().await;
        assert!(outcomes(&house).await.is_empty() && states(&house).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_link_asked_for_in_the_middle_of_a_run_of_five_thousand_leaves_within_a_second() {
    for db in databases().await {
        let script = Script { round_trip: Duration::from_micros(500), ..Script::default() };
        let relay = ScriptedRelay::start(script).await;
        let house = House::over(db, Through::Relays(vec![reach(&relay, Tls::None)])).await;
        house.add_contacts(5_000).await;
        let mut names = Vec::new();
        for n in 0..5 {
            names.push(format!("single{n}"));
            house.add(NewPerson::contact(&names[n])).await;
        }
        let automation = house.usual("username sw \"p\"", SendNewPassword::default()).await;
        let run = house.start(automation).await;
        let (lane, stop) = (house.flow.clone(), Stop::new());
        let lane = tokio::spawn({
            let stop = stop.clone();
            async move { lane.answer_people(stop).await }
        });
        let working = testkit::Working::begin(&house.flow);
        house.wait_until(run.id, |run| run.counts.accepted > 100).await;
        let mut took = Vec::new();
        for name in &names {
            let began = Instant::now();
            ask(&house, name).await;
            while relay.messages_for(&format!("{name}@example.org")).is_empty() {
                assert!(began.elapsed() < Duration::from_secs(30), "{name} waits behind the run");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            took.push(began.elapsed());
            let accepted = house.run(run.id).await.counts.accepted;
            if accepted >= 5_000 {
                took.pop();
                break;
            }
        }
        took.sort_unstable();
        assert!(!took.is_empty(), "the run was over before anybody could ask");
        // The quicker half, for the machine that tests runs on has other work as well.
        assert!(took[took.len() / 2] < Duration::from_secs(1), "{:?}: {took:?}", house.db.engine());
        stop.request((Instant::now() + Duration::from_secs(20)).into());
        lane.await.unwrap();
        working.end().await;
    }
}
