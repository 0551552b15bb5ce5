//! Mailings: from a draft over the start time to what people have in hand, and everything that keeps one from starting.

use crate::reset::{FRESH, answer, ask, opens_whom, reset, tokens};
use auth::reset::Reset;
use domain::id::PersonId;
use domain::mailing::{Intent, MailingState, NotPossible, Settled};
use domain::recipient::RecipientState;
use domain::run::RunState;
use domain::secret::Secret;
use domain::trigger::Trigger;
use flow::{MailingError, Refusal};
use store::mailing;
use store::{StoreError, recipient};
use testkit::{House, NewPerson, OLD, Through, by, databases};

const HOUR: i64 = 3_600_000;
const CONTACTS: &str = "system_user eq false";

/// The newest mail to somebody, as text.
pub(crate) async fn text_to(house: &House, name: &str) -> String {
    let mail = house.mailbox.newest_to(&format!("{name}@example.org"));
    mail.unwrap_or_else(|| panic!("no mail to {name}")).text.unwrap()
}

/// What stands behind `m=` in a text.
pub(crate) fn tag_in(text: &str) -> String {
    let line = text.lines().find_map(|line| line.split_once("/reset?m="));
    line.unwrap_or_else(|| panic!("no tag in {text}")).1.trim().to_owned()
}

/// Why somebody of a run is left out.
pub(crate) async fn reasons(house: &House, run: i64) -> Vec<(String, i64)> {
    let read = house.db.store.read(move |tx| {
        Box::pin(async move { recipient::count_by_reason(tx, run, RecipientState::LeftOut).await })
    });
    read.await.unwrap().into_iter().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailing_starts_by_itself_offers_a_link_and_changes_no_password() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson { password: OLD, ..NewPerson::contact("ada") }).await;
        house.add(NewPerson { password: OLD, ..NewPerson::contact("bob") }).await;
        let mailing = house.mailing(house.draft(Intent::OfferLink, CONTACTS).await).await;
        assert_eq!(mailing.state, MailingState::Draft);
        let armed = house.arm(mailing.id, HOUR).await.unwrap();
        assert_eq!((armed.state, armed.starts_at), (MailingState::Armed, Some(house.clock.now_ms() + HOUR)));
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 0, "its time has not come");

        house.clock.set(house.clock.now_ms() + HOUR);
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 1);
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 0, "once");
        let run = house.runs_of(mailing.id).await.remove(0);
        assert_eq!((run.trigger, run.mailing_id), (Trigger::StartTime, Some(mailing.id)));
        let run = house.work(run.id).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 2));
        let (ada, bob) = (text_to(&house, "ada").await, text_to(&house, "bob").await);
        assert_ne!(tag_in(&ada), tag_in(&bob), "each tag says whose mail it was");
        assert!(house.opens("ada", OLD).await && house.opens("bob", OLD).await, "passwords stay");
        assert_eq!(house.mailing_now(mailing.id).await.state, MailingState::Started);

        ask(&house, "ada@example.org").await;
        assert_eq!(answer(&house).await, 1);
        let token = tokens(&text_to(&house, "ada").await).remove(0);
        assert_eq!(reset(&house, &token).await, Reset::Done);
        assert!(house.opens("ada", FRESH).await);
        let funnel = house.funnel(mailing.id).await;
        let counted =
            [funnel.accepted, funnel.requested, funnel.link_sent, funnel.password_set, funnel.logged_in];
        assert_eq!(counted, [2, 1, 1, 1, 1]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_personal_link_works_for_its_time_from_the_moment_of_sending_and_the_old_password_beside_it() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        for name in ["ada", "bob"] {
            house.add(NewPerson { password: OLD, ..NewPerson::contact(name) }).await;
        }
        let mailing = house.mailing(house.draft(Intent::PersonalLink, CONTACTS).await).await;
        house.send(mailing.id).await;
        let sent_at = house.clock.now_ms();
        let ada = tokens(&text_to(&house, "ada").await).remove(0);
        let bob = tokens(&text_to(&house, "bob").await).remove(0);
        assert_eq!(opens_whom(&house, &ada).await.as_deref(), Some("ada"));
        assert!(house.opens("ada", OLD).await, "until the link is used");
        house.clock.set(sent_at + 72 * HOUR - 1_000);
        assert_eq!(reset(&house, &ada).await, Reset::Done);
        assert!(house.opens("ada", FRESH).await && !house.opens("ada", OLD).await);
        house.clock.set(sent_at + 72 * HOUR + 1_000);
        assert_eq!(reset(&house, &bob).await, Reset::Gone);
        assert!(house.opens("bob", OLD).await);
        assert_eq!(house.funnel(mailing.id).await.password_set, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forced_password_replaces_the_old_one_when_the_relay_took_it() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson { password: OLD, ..NewPerson::contact("ada") }).await;
        let mailing = house.mailing(house.draft(Intent::ForcePassword, CONTACTS).await).await;
        let run = house.send(mailing.id).await;
        assert_eq!(run.counts.accepted, 1);
        assert!(!house.opens("ada", OLD).await);
        let text = text_to(&house, "ada").await;
        let password =
            text.lines().skip_while(|line| !line.contains("new password")).nth(1).unwrap().to_owned();
        assert!(house.opens("ada", &password).await, "it opens the page to set one");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_cannot_be_written_to_is_left_out_with_the_reason() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson::contact("ada")).await;
        house.add(NewPerson { address: String::new(), ..NewPerson::contact("bob") }).await;
        house.add(NewPerson { blocked: true, ..NewPerson::contact("eve") }).await;
        house.add(NewPerson { undeliverable: "unknown-address", ..NewPerson::contact("kim") }).await;
        let mailing = house.mailing(house.draft(Intent::OfferLink, CONTACTS).await).await;
        let run = house.send(mailing.id).await;
        assert_eq!((run.counts.total, run.counts.accepted), (4, 1));
        let left_out = reasons(&house, run.number).await;
        let expected = [("blocked", 1), ("no_address", 1), ("undeliverable", 1)];
        assert_eq!(left_out, expected.map(|(reason, people)| (reason.to_owned(), people)));
        assert_eq!(house.mailbox.counts().kept, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_disarms_and_a_cancelled_mailing_never_starts() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let ada = house.add(NewPerson::contact("ada")).await;
        let draft = house.draft(Intent::OfferLink, CONTACTS).await;
        let mailing = house.mailing(draft.clone()).await;
        house.arm(mailing.id, HOUR).await.unwrap();
        let changed = house.flow.update_mailing(mailing.id, draft, &by(house.owner)).await.unwrap();
        assert_eq!(changed.state, MailingState::Draft);
        house.arm(mailing.id, HOUR).await.unwrap();
        add(&house, mailing.id, ada).await.unwrap();
        assert_eq!(house.mailing_now(mailing.id).await.state, MailingState::Draft);
        house.arm(mailing.id, HOUR).await.unwrap();
        house.flow.cancel_mailing(mailing.id, &by(house.owner)).await.unwrap();
        house.clock.set(house.clock.now_ms() + 2 * HOUR);
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 0);
        assert_eq!(house.mailing_now(mailing.id).await.state, MailingState::Cancelled);

        house.send(mailing.id).await;
        assert!(add(&house, mailing.id, ada).await.is_err(), "it has started");
        let again = house.flow.cancel_mailing(mailing.id, &by(house.owner)).await;
        assert!(again.unwrap_err().to_string().contains("only an armed mailing"));
        assert_eq!(house.mailbox.counts().kept, 1);
    }
}

async fn add(house: &House, id: domain::id::MailingId, person: PersonId) -> Result<u64, store::ChangeError> {
    let (acting, now_ms) = (by(house.owner), house.clock.now_ms());
    house
        .db
        .store
        .write(move |tx| {
            Box::pin(async move { mailing::add_people(tx, &acting, id, &[person], now_ms).await })
        })
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_mailing_lacks_is_said_when_it_is_armed_and_nothing_starts() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson::contact("ada")).await;
        let mut draft = house.draft(Intent::OfferLink, CONTACTS).await;
        draft.words.text = "Hello {{ nobody }}".into();
        let mailing = house.mailing(draft.clone()).await;
        let Err(MailingError::Words(problems)) = house.arm(mailing.id, HOUR).await else {
            panic!("a word nobody knows, and no link");
        };
        assert!(!problems.is_empty());

        let refused = |error: MailingError| match error {
            MailingError::Refused(Refusal::NotNow(sentence)) => sentence.code(),
            other => panic!("{other}"),
        };
        let code = |why: NotPossible| domain::sentence::Sentence::from(why).code();
        let past = house.mailing(house.draft(Intent::OfferLink, CONTACTS).await).await;
        assert_eq!(refused(house.arm(past.id, -2 * HOUR).await.unwrap_err()), code(NotPossible::Past));
        let empty = domain_draft_without_people(&house).await;
        assert_eq!(refused(house.arm(empty, HOUR).await.unwrap_err()), code(NotPossible::Nobody));
        let nobody = house.mailing(house.draft(Intent::OfferLink, "username eq \"zoe\"").await).await;
        assert_eq!(refused(house.arm(nobody.id, HOUR).await.unwrap_err()), code(NotPossible::NobodyLeft));
        house.clock.set(house.clock.now_ms() + 2 * HOUR);
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 0);
    }
}

async fn domain_draft_without_people(house: &House) -> domain::id::MailingId {
    let draft = mailing::Draft { selection_id: None, ..house.draft(Intent::OfferLink, CONTACTS).await };
    house.mailing(draft).await.id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drafting_sending_and_forcing_are_three_permissions() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson::contact("ada")).await;
        // A Manager may offer links and not force passwords; a Helper may do neither.
        let manager = house.add(NewPerson::system("mia", "Manager")).await;
        let helper = house.add(NewPerson::system("hal", "Helper")).await;
        let offer = house.mailing(house.draft(Intent::OfferLink, CONTACTS).await).await;
        let force = house.mailing(house.draft(Intent::ForcePassword, CONTACTS).await).await;
        let refused = |error: MailingError| matches!(error, MailingError::Refused(Refusal::NoRights(_)));
        assert!(refused(house.arm_as(offer.id, HOUR, helper).await.unwrap_err()));
        assert!(refused(house.arm_as(force.id, HOUR, manager).await.unwrap_err()));
        let armed = house.arm_as(offer.id, HOUR, manager).await.unwrap();
        assert_eq!(armed.armed_by, Some(manager), "who sends stands behind the run");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rights_are_read_again_at_the_start_and_without_them_nobody_is_written_to() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson::contact("ada")).await;
        let manager = house.add(NewPerson::system("mia", "Manager")).await;
        let mailing = house.mailing(house.draft(Intent::OfferLink, CONTACTS).await).await;
        house.arm_as(mailing.id, HOUR, manager).await.unwrap();
        let (acting, now_ms) = (by(house.owner), house.clock.now_ms());
        let blocked = house.db.store.write(move |tx| {
            Box::pin(async move { store::person::block(tx, &acting, manager, now_ms).await })
        });
        assert!(blocked.await.unwrap());
        house.clock.set(house.clock.now_ms() + HOUR);
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 0);
        let failed = house.mailing_now(mailing.id).await;
        assert_eq!(failed.state, MailingState::Failed);
        assert!(failed.cause.unwrap().contains("mia"));
        assert_eq!(house.mailbox.counts().kept, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_start_a_mailing_once() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(20).await;
        let mailing = house.mailing(house.draft(Intent::OfferLink, CONTACTS).await).await;
        house.arm(mailing.id, 0).await.unwrap();
        let other = house.another_node().await;
        let (one, two) = tokio::join!(house.flow.schedule_once(), other.schedule_once());
        assert_eq!(one.unwrap().runs + two.unwrap().runs, 1);
        let run = house.runs_of(mailing.id).await.remove(0);
        assert_eq!(house.work(run.id).await.counts.accepted, 20);
        assert_eq!(house.mailbox.counts().kept, 20);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_waits_for_the_kill_switch_and_fails_when_it_is_too_late() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson::contact("ada")).await;
        let soon = house.mailing(house.draft(Intent::OfferLink, CONTACTS).await).await;
        house.arm(soon.id, 0).await.unwrap();
        house.flow.stop_sending(&by(house.owner), "a test").await.unwrap();
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 0);
        let waiting = house.mailing_now(soon.id).await;
        assert_eq!(waiting.state, MailingState::Armed);
        assert!(waiting.cause.unwrap().contains("stopped"));
        house.flow.start_sending(&by(house.owner)).await.unwrap();
        house.clock.set(house.clock.now_ms() + 60_000);
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 1);

        let late = house.mailing(house.draft(Intent::OfferLink, CONTACTS).await).await;
        house.arm(late.id, HOUR).await.unwrap();
        house.clock.set(house.clock.now_ms() + 26 * HOUR);
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 0);
        assert_eq!(house.mailing_now(late.id).await.state, MailingState::Failed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_audience_is_settled_when_armed_or_at_the_start_as_was_chosen() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson::contact("ada")).await;
        let at_start = house.mailing(house.draft(Intent::OfferLink, CONTACTS).await).await;
        let when_armed = house.draft(Intent::OfferLink, CONTACTS).await;
        let when_armed = house.mailing(mailing::Draft { settled: Settled::WhenArmed, ..when_armed }).await;
        house.arm(at_start.id, HOUR).await.unwrap();
        house.arm(when_armed.id, HOUR).await.unwrap();
        house.add(NewPerson::contact("bob")).await;
        house.clock.set(house.clock.now_ms() + HOUR);
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 2);
        assert_eq!(house.runs_of(at_start.id).await.remove(0).counts.total, 2);
        assert_eq!(house.runs_of(when_armed.id).await.remove(0).counts.total, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn late_joiners_are_mailed_once_until_the_cut_off() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson::contact("ada")).await;
        let draft = house.draft(Intent::OfferLink, CONTACTS).await;
        let until = house.clock.now_ms() + 24 * HOUR;
        let mailing = house.mailing(mailing::Draft { late_until_at: Some(until), ..draft }).await;
        house.send(mailing.id).await;
        house.add(NewPerson::contact("bob")).await;
        house.clock.set(house.clock.now_ms() + HOUR);
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 1);
        let late = house.runs_of(mailing.id).await.pop().unwrap();
        assert_eq!(house.work(late.id).await.counts.accepted, 1);
        house.clock.set(house.clock.now_ms() + HOUR);
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 0, "nobody new, no run");
        house.clock.set(until + HOUR);
        house.flow.schedule_once().await.unwrap();
        house.add(NewPerson::contact("eve")).await;
        house.clock.set(until + 2 * HOUR);
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 0, "too late");
        assert_eq!(house.mailbox.counts().kept, 2);
        assert_eq!(house.funnel(mailing.id).await.accepted, 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_groups_and_a_selection_are_written_to_once_each() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let ada = house.add(NewPerson::contact("ada")).await;
        let bob = house.add(NewPerson::contact("bob")).await;
        let eve = house.add(NewPerson::contact("eve")).await;
        house.add(NewPerson::contact("kim")).await;
        let mailing = house.mailing(house.draft(Intent::OfferLink, "username eq \"ada\"").await).await;
        let (acting, now_ms, id) = (by(house.owner), house.clock.now_ms(), mailing.id);
        house
            .db
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let group = domain::id::GroupId::generate(now_ms, testkit::house::fresh_bytes());
                    store::group::insert(tx, &acting, group, "Choir", "", now_ms).await.unwrap();
                    store::group::add_members(tx, &acting, group, &[ada, bob], now_ms).await.unwrap();
                    mailing::add_group(tx, &acting, id, group, now_ms).await.unwrap();
                    mailing::add_people(tx, &acting, id, &[bob, eve], now_ms).await.unwrap();
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .unwrap();
        let run = house.send(mailing.id).await;
        assert_eq!((run.counts.total, run.counts.accepted), (3, 3));
        assert_eq!(house.mailbox.counts().kept, 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_names_is_read_line_by_line() {
    use mailing::Line;
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let ada = house.add(NewPerson::contact("ada")).await;
        for name in ["bob", "eve"] {
            house.add(NewPerson { address: "both@example.org".into(), ..NewPerson::contact(name) }).await;
        }
        let read = house.db.store.read(|tx| {
            Box::pin(async move {
                let lines =
                    ["Ada <ADA@example.org>,", "", "both@example.org", "bob", "ada", "zoe@example.org"];
                mailing::read_lines(tx, &lines).await
            })
        });
        let lines = read.await.unwrap();
        assert_eq!(lines[0], Line::Found { person_id: ada, username: "ada".into() });
        assert_eq!(lines[1], Line::Empty);
        assert_eq!(lines[2], Line::Several { people: 2 });
        assert!(matches!(&lines[3], Line::Found { username, .. } if username == "bob"));
        assert_eq!(lines[4], Line::Repeated { username: "ada".into() });
        assert_eq!(lines[5], Line::Unknown);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preview_shows_a_persons_mail_marks_what_is_empty_and_mints_nothing() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let ada = house.add(NewPerson { given_name: "Ada".into(), ..NewPerson::contact("ada") }).await;
        let mut draft = house.draft(Intent::PersonalLink, CONTACTS).await;
        draft.words.text = "Dear {{ given_name }} {{ family_name }}\n{{ personal_link }}\n".into();
        let mailing = house.mailing(draft).await;
        let shown = house.flow.show_mailing(&mailing, &mailing.words, Some(ada)).await.unwrap();
        assert!(shown.text.contains("Dear Ada"), "{}", shown.text);
        assert_eq!(shown.empty, ["family_name"]);
        let token = tokens(&shown.text).pop().unwrap_or_else(|| Secret::new(String::new()));
        assert_eq!(opens_whom(&house, &token).await, None, "what it shows opens nothing");
        assert_eq!(crate::reset::states(&house).await, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_people_of_a_mailing_are_forgotten_in_time_and_its_counts_are_kept() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(4).await;
        let draft = house.draft(Intent::OfferLink, CONTACTS).await;
        let mailing = house.mailing(mailing::Draft { keep_days: Some(30), ..draft }).await;
        house.send(mailing.id).await;
        ask(&house, "p0001").await;
        answer(&house).await;
        let before = house.funnel(mailing.id).await;
        assert_eq!((before.accepted, before.requested), (4, 1));
        house.clock.set(house.clock.now_ms() + 29 * 24 * HOUR);
        house.flow.schedule_once().await.unwrap();
        assert_eq!(house.mailing_now(mailing.id).await.forgotten_at, None, "not yet");
        house.clock.set(house.clock.now_ms() + 2 * 24 * HOUR);
        // Two nodes at once: the second must not count what the first has emptied.
        let other = house.another_node().await;
        let (one, two) = tokio::join!(house.flow.schedule_once(), other.schedule_once());
        one.unwrap();
        two.unwrap();
        assert!(house.mailing_now(mailing.id).await.forgotten_at.is_some());
        assert_eq!(house.funnel(mailing.id).await, before);
        let run = house.runs_of(mailing.id).await.remove(0);
        assert!(house.listed(run.id).await.iter().all(|one| one.username.is_none()));
        let events = "SELECT CAST(count(*) AS TEXT) FROM mailing_events";
        assert_eq!(crate::reset::texts(&house, events, &[]).await, ["0"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_tries_a_mailing_out_the_whole_way_with_an_account_that_is_thrown_away() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add(NewPerson { password: OLD, ..NewPerson::contact("ada") }).await;
        let mailing = house.mailing(house.draft(Intent::PersonalLink, CONTACTS).await).await;
        let test = house.flow.test_mailing(mailing.id, &by(house.owner)).await.unwrap();
        assert_eq!(house.work(test.run.id).await.counts.accepted, 1);
        assert_eq!(house.mailbox.counts().kept, 1, "nobody else is written to");
        let token = tokens(&text_to(&house, "owner").await).remove(0);
        assert_eq!(opens_whom(&house, &token).await, Some(test.username.clone()));
        assert_eq!(reset(&house, &token).await, Reset::Done);
        assert!(house.opens(&test.username, FRESH).await && house.opens("ada", OLD).await);
        assert_eq!(house.funnel(mailing.id).await, store::mailing::Funnel::default());
        assert_eq!(house.mailing_now(mailing.id).await.state, MailingState::Draft);
        house.clock.set(house.clock.now_ms() + 25 * HOUR);
        house.flow.schedule_once().await.unwrap();
        assert!(!house.opens(&test.username, FRESH).await, "it is thrown away");
    }
}
