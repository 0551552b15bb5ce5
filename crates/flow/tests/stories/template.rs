//! The operators' own words: who may be reached with them, which run uses which, and what a look at them changes.

use domain::automation::SendNewPassword;
use domain::id::PersonId;
use domain::language::Language;
use domain::run::RunState;
use flow::template::{EXAMPLE_PASSWORD, Example, InForce, Parts, Reader, SaveError, save};
use flow::{Refusal, StartError, TestError};
use mail::{Part, Template, TemplateKind};
use smtp::Tls;
use store::{StoreError, params};
use testkit::relay::{Action, Script, ScriptedRelay, Stage};
use testkit::{House, NewPerson, TEST_NOW, Through, by, databases, reach};

const KIND: TemplateKind = TemplateKind::NewPassword;

/// The shipped words under another subject: all three parts, or the subject alone.
fn words(subject: &str, whole: bool) -> Parts {
    let shipped = Template::standard(KIND, Language::En);
    Parts {
        subject: Some(subject.to_owned()),
        text: whole.then_some(shipped.text),
        html: whole.then_some(shipped.html),
    }
}

async fn write(house: &House, parts: Parts, editor: PersonId) {
    save(&house.db.store, &by(editor), KIND, Language::En, parts, TEST_NOW).await.unwrap();
}

async fn count(house: &House, sql: &'static str) -> i64 {
    house
        .db
        .store
        .read(move |tx| Box::pin(async move { tx.find(sql, params![]).await?.unwrap().take(0) }))
        .await
        .unwrap_or_else(|error: StoreError| panic!("{error}"))
}

fn subject_of(house: &House, address: &str) -> String {
    house.mailbox.newest_to(address).unwrap().summary.subject.clone()
}

fn again() -> SendNewPassword {
    SendNewPassword { remail_after_hours: 0, ..SendNewPassword::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_wrote_words_of_the_template_bounds_what_its_runs_reach() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let clerk = house.add(NewPerson::system("clerk", "Helper")).await;
        house.add(NewPerson::system("manager", "Manager")).await;
        house.add(NewPerson::contact("ada")).await;
        let automation = house.usual("username eq \"manager\" or username eq \"ada\"", again()).await;
        let reached = async || {
            let run = house.start(automation).await;
            let run = house.work(run.id).await;
            (run.counts.accepted, run.counts.left_out)
        };
        assert_eq!(reached().await, (2, 0), "the words of the program bound nobody");
        write(&house, words("The clerk's words", true), clerk).await;
        assert_eq!(reached().await, (1, 1), "the clerk ranks below the manager");
        write(&house, words("The owner's subject", false), house.owner).await;
        assert_eq!(reached().await, (1, 1), "two parts are still the clerk's");
        write(&house, words("The owner's words", true), house.owner).await;
        assert_eq!(reached().await, (2, 0), "no word of the clerk is left");
        assert_eq!(subject_of(&house, "manager@example.org"), "The owner's words");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_keeps_the_words_it_began_with_and_whose_they_were() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let clerk = house.add(NewPerson::system("clerk", "Helper")).await;
        house.add(NewPerson::system("manager", "Manager")).await;
        let automation = house.usual("username eq \"manager\"", again()).await;
        write(&house, words("First", true), house.owner).await;
        let run = house.start(automation).await;
        // Before anything is sent; the worker that sends it has seen neither.
        write(&house, words("Second", true), clerk).await;
        let run = house.work(run.id).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 1), "{run:?}");
        assert_eq!(subject_of(&house, "manager@example.org"), "First");

        let next = house.start(automation).await;
        assert_eq!(
            (next.counts.accepted, next.counts.left_out),
            (0, 1),
            "the clerk's words reach no manager"
        );

        write(&house, words("Third", true), house.owner).await;
        let run = house.start(automation).await;
        let (kind, language, owner) = (KIND.as_str(), "en", house.owner);
        house
            .db
            .store
            .write(move |tx| {
                Box::pin(
                    async move { store::template::remove(tx, &by(owner), kind, language, TEST_NOW).await },
                )
            })
            .await
            .unwrap();
        house.work(run.id).await;
        assert_eq!(subject_of(&house, "manager@example.org"), "Third", "also when they are taken away");
        let run = house.start(automation).await;
        house.work(run.id).await;
        assert_eq!(subject_of(&house, "manager@example.org"), "Your new password for Example Portal");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_begun_before_words_were_kept_takes_those_in_force() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(1).await;
        let automation = house.usual("system_user eq false", again()).await;
        let run = house.start(automation).await;
        house.change("UPDATE runs SET templates = NULL", Vec::new()).await;
        write(&house, words("In force", false), house.owner).await;
        house.work(run.id).await;
        assert_eq!(subject_of(&house, "p0001@example.org"), "In force");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_are_kept_once_however_many_runs_use_them() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(1).await;
        let automation = house.usual("system_user eq false", again()).await;
        for subject in ["First", "First", "Second", "First"] {
            write(&house, words(subject, true), house.owner).await;
            let run = house.start(automation).await;
            house.work(run.id).await;
            assert_eq!(subject_of(&house, "p0001@example.org"), subject);
        }
        assert_eq!(count(&house, "SELECT count(*) FROM frozen_templates").await, 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_pauses_when_the_author_of_its_words_loses_the_role() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(2).await;
        let clerk = house.add(NewPerson::system("clerk", "Manager")).await;
        write(&house, words("The clerk's words", true), clerk).await;
        let automation = house.usual("system_user eq false", again()).await;
        let run = house.start(automation).await;
        house.change("UPDATE people SET blocked = TRUE WHERE username = 'clerk'", Vec::new()).await;
        let run = house.work(run.id).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Paused, 0), "{run:?}");
        assert!(run.cause.as_ref().unwrap().contains("clerk no longer has a valid system role"), "{run:?}");
        house.flow.cancel(run.id, &by(None)).await.unwrap();
        let refused = house.flow.preview(automation, None, 0).await;
        assert!(matches!(refused, Err(StartError::Refused(Refusal::NoRights(_)))), "{refused:?}");
        write(&house, words("The owner's words", true), house.owner).await;
        let run = house.start(automation).await;
        assert_eq!(house.work(run.id).await.counts.accepted, 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_template_without_the_password_in_a_part_is_not_saved() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        let shipped = Template::standard(KIND, Language::En);
        let hidden =
            shipped.html.replace("{{ password }}", "<span style=\"display:none\">{{ password }}</span>");
        for (part, source) in [
            (Part::Text, shipped.text.replace("{{ password }}", "")),
            (Part::Html, hidden),
            (Part::Subject, "{{ password }}".to_owned()),
            (Part::Text, shipped.text.replace("{{ username }}", "{{ config }}")),
        ] {
            let mut parts = Parts::default();
            match part {
                Part::Subject => parts.subject = Some(source),
                Part::Text => parts.text = Some(source),
                Part::Html => parts.html = Some(source),
            }
            let saved = save(&house.db.store, &by(house.owner), KIND, Language::En, parts, TEST_NOW).await;
            let Err(SaveError::Refused(problems)) = saved else { panic!("{part}: {saved:?}") };
            assert!(problems.iter().all(|one| one.part == part && one.line > 0), "{part}: {problems:?}");
        }
        assert!(InForce::read(&house.db.store, KIND, Language::En).await.unwrap().own.is_none());
        write(&house, words("Fine", false), house.owner).await;
        let own = InForce::read(&house.db.store, KIND, Language::En).await.unwrap();
        assert_eq!(own.template, Template { subject: "Fine".into(), ..shipped });
        let told =
            "SELECT count(*) FROM audit WHERE action = 'template.saved' AND subject_id = 'new-password/en'
            AND detail = '{\"parts\":[\"subject\"]}'";
        assert_eq!(count(&house, told).await, 1, "the log says which part, and none of its words");
    }
}

fn example<'a>(language: Language, template: &'a Template, reader: &'a Reader) -> Example<'a> {
    Example { kind: KIND, language, template, reader, valid_hours: 24 }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preview_has_an_example_for_a_password_and_changes_nothing() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        write(&house, words("For {{ full_name }}", false), house.owner).await;
        let own = InForce::read(&house.db.store, KIND, Language::En).await.unwrap();
        let reader = Reader::invented().unwrap();
        let example = example(Language::En, &own.template, &reader);
        let seen = house.flow.preview_template(example).unwrap();
        assert_eq!(seen.subject, "For Ada Lovelace");
        for part in [&seen.text, &seen.html] {
            assert_eq!(part.matches(EXAMPLE_PASSWORD).count(), 1, "{part}");
            assert!(part.contains("https://portal.example/login"), "{part}");
        }
        assert!(testkit::password_in(&seen.text).is_none(), "nothing that looks like a password");
        let test = house.flow.test_template(example, &by(house.owner)).await;
        assert!(
            matches!(test, Err(TestError::Refused(ref why)) if why.english().contains("passpost serve")),
            "{test:?}"
        );
        assert_eq!(count(&house, "SELECT count(*) FROM credentials").await, 0);
        assert_eq!(house.mailbox.counts().delivered, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_mail_reaches_its_reader_through_the_next_relay_that_takes_it() {
    for db in databases().await {
        let broken = ScriptedRelay::start(
            Script::default().always(Stage::Connect, Action::reply("554 5.3.2 not here")),
        )
        .await;
        let relay = ScriptedRelay::start(Script::default()).await;
        let relays = vec![reach(&broken, Tls::None), reach(&relay, Tls::None)];
        let house = House::over(db, Through::Relays(relays)).await;
        let owner = house.owner;
        let person = house
            .db
            .store
            .read(move |tx| Box::pin(async move { store::person::find(tx, owner).await }))
            .await
            .unwrap()
            .unwrap();
        let reader = Reader::of(&person).unwrap();
        let shipped = Template::standard(KIND, Language::De);
        let example = example(Language::De, &shipped, &reader);
        let test = async || house.flow.test_template(example, &by(owner)).await;
        let tested = test().await.unwrap();
        assert!(tested.accepted, "{tested:?}");
        let mails = relay.messages();
        assert_eq!((mails.len(), mails[0].rcpt_to.as_slice()), (1, &["owner@example.org".to_owned()][..]));
        assert!(mails[0].text().contains(EXAMPLE_PASSWORD), "{}", mails[0].text());
        assert_eq!(count(&house, "SELECT count(*) FROM credentials").await, 0);
        assert_eq!(count(&house, "SELECT count(*) FROM audit WHERE action = 'template.tested'").await, 1);

        house.flow.stop_sending(&by(None), "a test").await.unwrap();
        let stopped = test().await;
        assert!(
            matches!(stopped, Err(TestError::Refused(ref why)) if why.english().contains("stopped")),
            "{stopped:?}"
        );
        assert_eq!(relay.stored(), 1);
    }
}
