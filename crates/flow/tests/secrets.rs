//! The canary scan: no mailed password and no token of a personal link is found in the database, its files, or the most talkative log.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use domain::automation::SendNewPassword;
use domain::run::RunState;
use domain::secret::Secret;
use smtp::Tls;
use std::io::Write;
use std::sync::{Arc, Mutex};
use store::Engine;
use testkit::canary::{Canaries, dump, read_folder};
use testkit::relay::{Action, Script, ScriptedRelay, Stage};
use testkit::{Database, House, Through, databases, passwords, reach};

/// Where the whole log of this test process goes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Every byte that was written: the files of the folder, or every column of every table.
async fn everything_written(db: &Database) -> Vec<u8> {
    match db.engine() {
        Engine::Sqlite => read_folder(db.folder.path()),
        Engine::Postgres => dump(&db.store).await,
    }
}

fn holds(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|place| place == needle)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_mailed_password_is_written_anywhere() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // The only test of this process that logs.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    for db in databases().await {
        scan(db, &log).await;
    }
}

async fn scan(db: Database, log: &Log) {
    // The relay repeats all it was told in a refusal, and loses answers.
    let script = Script::default().rcpt("p0002@example.org", [Action::reply("550 5.2.2 full")]).answer(
        |moment| match (moment.stage, moment.nth) {
            (Stage::Content, 2) => Action::store_and_cut(),
            (Stage::Content, 4) => Action::StoreThen(Box::new(Action::reply("451 4.3.0 disk full"))),
            _ => Action::Accept,
        },
    );
    let relay = ScriptedRelay::start(script).await;
    let house = House::over(db, Through::Relays(vec![reach(&relay, Tls::None)])).await;
    house.add_with_old_password(12).await;
    let automation = house.usual("system_user eq false", SendNewPassword::default()).await;
    let run = house.start(automation).await;
    let run = house.work_through(run.id, 600_000).await;
    assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 11), "{run:?}");

    let mut secrets: Vec<String> =
        (1..=12).flat_map(|n| passwords(&relay, &format!("p{n:04}@example.org"))).collect();
    assert!(secrets.len() >= 13, "{} mails", secrets.len());
    assert!(house.opens("p0001", &secrets[0]).await, "they are the real ones");
    secrets.extend(reset_tokens(&house, &relay).await);
    let written = everything_written(&house.db).await;
    let logged = log.0.lock().unwrap().clone();
    // The scan sees what is there: names, addresses, key ids.
    assert!(holds(&written, b"p0001@example.org") && written.len() > 10_000, "{}", written.len());
    assert!(logged.len() > 1_000, "the log is silent");
    let canaries = Canaries::of(&secrets);
    assert!(canaries.find(&written).is_none(), "{:?}: a password is in the database", house.db.engine());
    assert!(canaries.find(&logged).is_none(), "a password is in the log");
}

/// Two people reset their passwords: the tokens they were mailed, and the passwords they chose.
async fn reset_tokens(house: &House, relay: &ScriptedRelay) -> Vec<String> {
    let mut secrets = Vec::new();
    for (name, chosen) in [("p0005", "seven purple trains whistle"), ("p0006", "nine orange boats hum low")] {
        let origin = auth::Origin { network: name.into(), user_agent: String::new() };
        let now = house.clock.now_ms();
        house.auth.ask_for_link(name, "en", &origin, now).await.unwrap();
        assert_eq!(house.flow.answer_people_once(&flow::Stop::new()).await.unwrap(), 1);
        let newest = relay.messages_for(&format!("{name}@example.org")).pop().unwrap().content;
        let mailbox = mail::mailbox::Mailbox::new(1, 1 << 20);
        let id = mailbox.deliver("", name, newest, 0);
        let text = mailbox.get(id).unwrap().text.unwrap();
        let token =
            text.lines().find_map(|line| line.strip_prefix("https://portal.example/reset/link/")).unwrap();
        let (link, password) = (Secret::new(token.trim().to_owned()), Secret::new(chosen.to_owned()));
        let done = house.auth.reset_password(&link, &password, &origin, now).await.unwrap();
        assert_eq!(done, auth::reset::Reset::Done);
        assert_eq!(house.flow.answer_people_once(&flow::Stop::new()).await.unwrap(), 1, "and told");
        secrets.extend([link.expose().to_owned(), chosen.to_owned()]);
    }
    secrets
}
