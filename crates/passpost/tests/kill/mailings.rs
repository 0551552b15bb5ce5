//! kill -9 at random moments of three mailings at once, one of each intent: everybody is mailed, and twice only whose
//! answer was lost at a kill; what the newest mail carries works, and so does the old password where none was mailed.

use crate::house::{GROUPS, House, username};
use crate::moments::{Moment, Moments};
use crate::{mailed, relay_is_quiet};
use domain::recipient::RecipientState;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};
use testkit::canary::Canaries;
use testkit::inspection::Inspected;
use testkit::program::Serving;
use testkit::relay::{Action, Script, ScriptedRelay, Stage};
use testkit::visitor::Visitor;

/// A third of them gets each mailing.
const PEOPLE: usize = 600;
const KILLS: usize = 12;
/// How long nothing need come before the next kill: on PostgreSQL whoever was in the hands of a process that died waits for
/// the end of its lease.
const PATIENCE: Duration = Duration::from_secs(2);
const INTENTS: [(&str, &str); 3] = [
    ("offer_link", "{{ salutation }}\n\nAsk for a link:\n{{ request_password_link }}\n"),
    ("personal_link", "{{ salutation }}\n\nYour link:\n{{ personal_link }}\n"),
    (
        "force_password",
        "{{ salutation }}\n\nYour new password:\n\n{{ password }}\n\n{{ valid_until }}\n{{ login_url }}\n",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_middle_of_mailings_on_sqlite_everybody_is_mailed_and_twice_only_whose_answer_was_lost()
{
    story(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_middle_of_mailings_on_postgresql_everybody_is_mailed_and_twice_only_whose_answer_was_lost()
 {
    // Says itself when there is no server.
    if let Some(url) = testkit::database::postgres_url().await {
        story(Some(url)).await;
    }
}

/// What was lost at the kills: who was in hand, and for which time.
type Lost = HashSet<(String, i64)>;

async fn story(url: Option<String>) {
    let engine = if url.is_some() { "PostgreSQL" } else { "SQLite" };
    let script = Script::default().always(Stage::Content, Action::Wait(Duration::from_millis(8)));
    let relay = ScriptedRelay::start(script).await;
    let began = Instant::now();
    let house = House::furnished(url, relay.port(), PEOPLE).await;
    let mut moments = Moments::seeded(&format!("mailings on {engine}"));
    let mut serving = house.serve();
    serving.wait_ready();
    begin(&house);
    let (lost, mut serving) = kill_again_and_again(&house, &relay, serving, &mut moments).await;
    eprintln!(
        "{engine}: {KILLS} kills in {:.1} s, {} answers lost, {} of {PEOPLE} people had been mailed",
        began.elapsed().as_secs_f32(),
        lost.len(),
        relay.reached().len(),
    );
    serving.wait_ready();
    assert_eq!(serving.visitor().get("/health/ready").status, 200);
    for run in 1..=INTENTS.len() {
        house.wait_until_over(run as i64, Duration::from_secs(90)).await;
    }
    let secrets = everybody_has_what_works(&house, &relay, &lost, &serving, moments.seed).await;
    serving.stop();
    house.program.run("audit verify").ok().prints("in order");
    let written = house.everything_written().await;
    assert!(written.windows(11).any(|place| place == b"p0007@membe"), "the scan sees what is there");
    let found =
        Canaries::of(&secrets).find(&written).map(|shape| String::from_utf8_lossy(shape).into_owned());
    assert_eq!(found, None, "a secret was written down: seed {}", moments.seed);
    eprintln!("{engine}: all of it in {:.1} s, seed {}", began.elapsed().as_secs_f32(), moments.seed);
}

/// One mailing of each intent, to a third of the people each; all begin now.
fn begin(house: &House) {
    for (place, (intent, text)) in INTENTS.iter().enumerate() {
        std::fs::write(house.program.path().join("mail.txt"), text).unwrap();
        let create =
            format!("mailing create {intent} --intent {intent} --subject Access --text mail.txt --text-only");
        house.program.run(&create).ok();
        house.program.run(&format!("mailing recipients {} --group {}", place + 1, GROUPS[place])).ok();
    }
    for number in 1..=INTENTS.len() {
        house.program.run(&format!("mailing arm {number} --now --detach --yes")).ok();
    }
}

/// Kills and starts again; gives what was lost, and the last one that was started.
async fn kill_again_and_again(
    house: &House,
    relay: &ScriptedRelay,
    mut serving: Serving,
    moments: &mut Moments,
) -> (Lost, Serving) {
    let (mut lost, mut in_the_middle) = (Lost::new(), 0);
    for kill in 1..=KILLS {
        let reached = relay.reached().len();
        match moments.draw(PEOPLE.saturating_sub(reached), KILLS - kill + 1) {
            Moment::WhileStarting(wait) => tokio::time::sleep(wait).await,
            Moment::AfterMails { more, wait } => {
                in_the_middle += usize::from(mailed(relay, more, PATIENCE).await);
                tokio::time::sleep(wait).await;
            }
        }
        serving.kill();
        // A mail whose last octet came before the kill is stored a moment after it.
        relay_is_quiet(relay).await;
        lost.extend(house.in_hand_by_address().await);
        serving = house.serve();
        if kill % 4 == 0 {
            serving.wait_ready();
            assert_eq!(
                serving.visitor().get("/health/ready").status,
                200,
                "kill {kill}: seed {}",
                moments.seed
            );
        }
    }
    assert!(in_the_middle >= 3, "{in_the_middle} kills hit a process that mailed: seed {}", moments.seed);
    assert!(!lost.is_empty(), "no kill lost an answer: seed {}", moments.seed);
    (lost, serving)
}

/// Holds rows, counts and mails against each other; gives every secret that was mailed.
async fn everybody_has_what_works(
    house: &House,
    relay: &ScriptedRelay,
    lost: &Lost,
    serving: &Serving,
    seed: u64,
) -> Vec<String> {
    let (mut secrets, mut twice) = (Vec::new(), 0);
    let mails = relay.reached();
    for (place, (intent, _)) in INTENTS.iter().enumerate() {
        let all = house.inspect(place as i64 + 1).await;
        assert_eq!(all.len(), PEOPLE / INTENTS.len(), "{intent}");
        counts_are_those_of_the_rows(house, place + 1, &all);
        for one in &all {
            let got = mails.get(&one.address).copied().unwrap_or(0);
            let interrupted = lost.iter().filter(|(address, _)| *address == one.address).count();
            assert!(got >= 1, "forgotten: {one:?}, seed {seed}");
            assert!(got <= 1 + interrupted, "{got} mails, {interrupted} lost answers: {one:?}, seed {seed}");
            twice += usize::from(got > 1);
            let settled = matches!(one.state, RecipientState::Accepted)
                || one.state == RecipientState::Unknown && interrupted > 0;
            assert!(settled, "{one:?}, seed {seed}");
        }
        match *intent {
            "offer_link" => one_tag_each(house, relay, &all),
            "personal_link" => secrets.extend(newest_link_works(house, relay, &all, serving, seed)),
            _ => secrets.extend(newest_password_works(house, relay, &all, seed)),
        }
    }
    eprintln!("{twice} of {PEOPLE} people got more than one mail");
    secrets
}

/// What the report counts is what is in the rows, and the funnel says the same.
fn counts_are_those_of_the_rows(house: &House, number: usize, all: &[Inspected]) {
    let mut rows: BTreeMap<&str, i64> = BTreeMap::new();
    all.iter().for_each(|one| *rows.entry(one.state.as_str()).or_default() += 1);
    let run = house.program.run(&format!("run show {number} --json")).ok().json();
    let counts = &run["run"]["counts"];
    assert_eq!(counts["total"], all.len(), "{run}");
    for state in ["accepted", "unknown", "deferred", "refused", "left_out", "cancelled"] {
        assert_eq!(counts[state], rows.get(state).copied().unwrap_or(0), "{state}: {rows:?} {run}");
    }
    let funnel = house.program.run(&format!("mailing funnel {number} --json")).ok().json();
    assert_eq!(funnel["accepted"], rows.get("accepted").copied().unwrap_or(0), "{funnel}");
}

/// A second mail leads to the same page as the first; the old password stays.
fn one_tag_each(house: &House, relay: &ScriptedRelay, all: &[Inspected]) {
    let mut of_whom: HashMap<String, &str> = HashMap::new();
    for one in all {
        for tag in house.links(relay, &one.address, "/reset?m=") {
            let other = of_whom.insert(tag, &one.address);
            assert!(other.is_none_or(|other| other == one.address), "{other:?} {one:?}");
        }
        keeps_the_old_password(house, one);
    }
    assert_eq!(of_whom.len(), all.len());
}

fn keeps_the_old_password(house: &House, one: &Inspected) {
    if house.had_old_password(&one.username) {
        assert_eq!(one.chosen.as_deref(), Some(&*house.old_hash), "{one:?}");
    }
}

/// The link of the newest mail works, the old password as well until it is used; some set a password by it.
fn newest_link_works(
    house: &House,
    relay: &ScriptedRelay,
    all: &[Inspected],
    serving: &Serving,
    seed: u64,
) -> Vec<String> {
    let mut tokens = Vec::new();
    tokio::task::block_in_place(|| {
        for (place, one) in all.iter().enumerate() {
            keeps_the_old_password(house, one);
            let links = house.links(relay, &one.address, "/reset/link/");
            let newest = links.last().unwrap_or_else(|| panic!("no link: {one:?}"));
            let mut visitor = serving.visitor();
            let page = visitor.open_link(newest);
            let page =
                page.unwrap_or_else(|| panic!("the newest of {links:?} does not work: {one:?}, seed {seed}"));
            if place % 67 == 0 {
                let fresh = "seven purple trains whistle";
                let (token, name) = (page.token(), &*one.username);
                let fields =
                    [("csrf", &*token), ("username", name), ("password", fresh), ("confirmation", fresh)];
                assert_eq!(visitor.post("/reset/new", &fields).status, 303, "{one:?}");
                let signed_in = Visitor::of(serving.port()).sign_in(name, fresh);
                assert_eq!(signed_in.status, 303, "{name} of {}: {signed_in:?}", username(PEOPLE));
                let works = links.iter().filter(|link| serving.visitor().open_link(link).is_some()).count();
                assert_eq!(works, 0, "using one makes the others void: {one:?}");
            }
            tokens.extend(links.iter().map(|link| link["/reset/link/".len()..].to_owned()));
        }
    });
    tokens
}

/// The newest password opens the page to set one, and the old one is gone where the relay's answer is known.
fn newest_password_works(house: &House, relay: &ScriptedRelay, all: &[Inspected], seed: u64) -> Vec<String> {
    let mut secrets = Vec::new();
    for one in all {
        let passwords = testkit::passwords(relay, &one.address);
        let newest = passwords.last().unwrap_or_else(|| panic!("no password: {one:?}"));
        assert!(one.accepts(&house.keys, newest), "{one:?}, seed {seed}");
        assert!(one.state == RecipientState::Unknown || one.chosen.is_none(), "{one:?}, seed {seed}");
        secrets.extend(passwords);
    }
    secrets
}
