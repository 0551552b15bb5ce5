//! The examples of the document, run against an installation where what they name is there.

use super::actors;
use super::client::Program;
use super::schema;
use crate::house::{Answer, House};
use domain::automation::{Job, SendNewPassword, Target};
use domain::event::EventStep;
use domain::id::{AutomationId, GroupId, MailingId, PersonId, SelectionId};
use domain::language::Language;
use domain::mailing::{HtmlFormat, Intent, Words};
use domain::person::AttributeKind;
use domain::role::Permission;
use domain::schedule::{Schedule, ScheduleInput};
use serde_json::Value;
use std::collections::BTreeSet;
use store::automation::{EventJobStep, JobStep, NewEventStep, ScheduleStep};
use store::person::NewPerson;
use store::{Acting, ChangeError, Engine, automation, params, person, selection};
use testkit::{Database, TEST_NOW, by, databases};
use uuid::Uuid;

/// The ids of the examples, by their last digit.
pub(crate) fn id(last: u128) -> Uuid {
    Uuid::from_u128(0x0194_0000_0000_7000_8000_0000_0000_0000 + last)
}

/// A house in which everything that examples name is there: a person, a group, a selection, an automation, a
/// run with a refused recipient, a mailing, a key, an API user, an attribute, a holiday, an automation that an event
/// begins, an event.
pub(crate) async fn furnished(store: &store::Store) -> (House, Program) {
    let house = House::new(store);
    let program = house.program().await;
    let owner = program.owner;
    let robot = house.api_user("example-robot", crate::house::HELPER).await;
    house.execute("UPDATE people SET id = $2 WHERE id = $1", params![robot, id(7)]).await;
    let lesser = house.program_of(PersonId(id(7)), &[Permission::PeopleView]).await;
    house.execute("UPDATE api_keys SET id = $2 WHERE id = $1", params![lesser.key, id(6)]).await;
    let made = store.write::<_, ChangeError, _>(move |tx| {
        Box::pin(async move {
            let acting = Acting::system();
            let mut ada = NewPerson::new(PersonId(id(1)));
            ada.address = domain::address::Address::parse("ada@example.org").ok();
            ada.given_name = "Ada".into();
            person::insert(tx, &acting, &ada, TEST_NOW).await?;
            store::group::insert(tx, &acting, GroupId(id(2)), "Members", "", TEST_NOW).await?;
            store::group::add_members(tx, &acting, GroupId(id(2)), &[PersonId(id(1))], TEST_NOW).await?;
            store::attribute::insert(tx, &acting, "department", AttributeKind::String, "", TEST_NOW).await?;
            let holiday = domain::schedule::HolidayInput {
                date: "2026-12-25".into(),
                name: "Christmas".into(),
                yearly: true,
            };
            store::holiday::insert(tx, &by(None), &holiday, TEST_NOW).await?;
            let draft = selection::Draft {
                name: "Example".into(),
                description: String::new(),
                filter: "system_user eq false".into(),
                size_limit: None,
                time_zone: "UTC".into(),
            };
            selection::insert(tx, &by(owner), SelectionId(id(3)), &draft, TEST_NOW).await.unwrap();
            selection::publish(tx, &by(owner), SelectionId(id(3)), TEST_NOW).await.unwrap();
            let step = JobStep {
                name: "Example".into(),
                description: String::new(),
                job: Job::SendNewPassword(SendNewPassword::default()),
                selection_id: Some(SelectionId(id(3))),
            };
            automation::insert(tx, &by(owner), AutomationId(id(4)), &step, TEST_NOW).await?;
            let input: ScheduleInput =
                serde_json::from_str(r#"{"zone":"Europe/Berlin","start":"2027-01-04T09:00"}"#).unwrap();
            let step = ScheduleStep { schedule: Schedule::new(&input).unwrap(), reminder_to: Vec::new() };
            automation::update_schedule(tx, &by(owner), AutomationId(id(4)), &step, TEST_NOW).await?;
            Ok(())
        })
    });
    made.await.unwrap();
    mailing(store, owner).await;
    listener(&house, owner).await;
    (house, program)
}

/// The mailing of the examples: a draft to one person and a group.
async fn mailing(store: &store::Store, owner: PersonId) {
    let starter = flow::starter(Intent::OfferLink, Language::En);
    let words = Words {
        language: Language::En,
        sender_name: "Example".into(),
        sender_address: "office@example.org".into(),
        reply_to: String::new(),
        subject: starter.subject.trim_end().into(),
        text: starter.text.into(),
        html_format: HtmlFormat::None,
        html_source: String::new(),
    };
    let draft = store::mailing::Draft::new("Example".into(), Intent::OfferLink, words);
    let made = store.write::<_, ChangeError, _>(move |tx| {
        Box::pin(async move {
            let id = MailingId(id(8));
            store::mailing::insert(tx, &by(owner), id, &draft, "Europe/Berlin", TEST_NOW).await?;
            store::mailing::add_people(tx, &by(owner), id, &[PersonId(self::id(1))], TEST_NOW).await?;
            store::mailing::add_group(tx, &by(owner), id, GroupId(self::id(2)), TEST_NOW).await
        })
    });
    made.await.unwrap();
}

/// The automation of the examples that an event begins, and an event it was not asked about yet.
async fn listener(house: &House, owner: PersonId) {
    let step = NewEventStep {
        name: "Bookings".into(),
        description: String::new(),
        event: EventStep::any("org.example.course.booked".parse().unwrap()),
        selection_id: None,
    };
    let second = EventJobStep {
        job: Job::SendNewPasswordToContact(SendNewPassword::default()),
        target: Target::EventParameter,
        delay: None,
        confirmed: Vec::new(),
    };
    let made = house.state.store.write::<_, ChangeError, _>(move |tx| {
        Box::pin(async move {
            let (acting, id) = (by(owner), AutomationId(id(9)));
            automation::insert_event(tx, &acting, id, &step, &second.job, TEST_NOW).await?;
            Ok(automation::update_event_job(tx, &acting, id, &second, TEST_NOW).await?)
        })
    });
    made.await.unwrap();
    let event = testkit::custom("booking-1", "org.example.course.booked", "ada@example.org", Value::Null);
    house.state.flow.accept_events(vec![event], &by(owner)).await.unwrap();
}

/// Brings the mailing to where an operation needs it.
async fn move_mailing(house: &House, program: &Program, path: &str) {
    if path.ends_with("/disarm") || path.ends_with("/cancel") {
        let asked = flow::ArmMailing {
            mailing: MailingId(id(8)),
            start: "2027-01-04T09:00".parse().ok(),
            time_zone: "UTC".into(),
            confirmed: None,
            acting: by(program.owner),
        };
        house.state.flow.arm_mailing(asked).await.unwrap();
    }
    if path.ends_with("/remind") {
        house.execute("UPDATE mailings SET state = 'started', started_at = 0", &[]).await;
    }
}

/// The run of the examples, as an operation needs it.
async fn run(house: &House, program: &Program, path: &str) {
    let asked =
        flow::StartRun { automation: AutomationId(id(4)), acting: by(program.owner), confirmed: None };
    let run = house.state.flow.start(asked).await.unwrap();
    house.execute("UPDATE runs SET id = $2 WHERE id = $1", params![run.id, id(5)]).await;
    if path.contains("retry") {
        house.execute("UPDATE recipients SET state = 'refused', settled_at = 0", &[]).await;
        house.execute("UPDATE runs SET state = 'finished', refused = 1", &[]).await;
    }
    if path.ends_with("resume") {
        house.execute("UPDATE runs SET state = 'paused'", &[]).await;
    }
}

/// The path of an operation with its examples filled in.
fn filled(operation: &Value, path: &str) -> String {
    let mut path = path.to_owned();
    let mut query = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap();
        let Some(example) = parameter["example"].as_str() else { continue };
        if parameter["in"] == "path" {
            path = path.replace(&format!("{{{name}}}"), example);
        } else {
            let encoded: String = example.bytes().map(|byte| format!("%{byte:02X}")).collect();
            query.push(format!("{name}={encoded}"));
        }
    }
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

/// The media types of an operation's bodies; nothing: it takes none.
fn bodies(operation: &Value) -> Vec<Option<String>> {
    match operation["requestBody"]["content"].as_object() {
        Some(content) => content.keys().cloned().map(Some).collect(),
        None => vec![None],
    }
}

async fn play(
    program: &mut Program,
    operation: &Value,
    method: &str,
    path: &str,
    media: Option<&str>,
) -> Answer {
    let body = media.map(|media| match &operation["requestBody"]["content"][media]["example"] {
        Value::String(text) => (media, text.clone()),
        other => (media, other.to_string()),
    });
    let body = body.as_ref().map(|(media, body)| (*media, body.as_bytes()));
    let headers = operation["parameters"].as_array().into_iter().flatten();
    let headers: Vec<(&str, &str)> = headers
        .filter(|one| one["in"] == "header")
        .filter_map(|one| Some((one["name"].as_str()?, one["example"].as_str()?)))
        .collect();
    program.send(&method.to_ascii_uppercase(), path, body, &headers).await
}

/// One operation, and whether its answer is as described; gives what the audit log says was done.
async fn hold(
    house: &House,
    program: &mut Program,
    document: &Value,
    (method, path, media): (&str, &str, Option<&str>),
    operation: &Value,
) -> Vec<String> {
    if path.starts_with("/api/v1/runs/") && method != "get" {
        run(house, program, path).await;
    }
    if path.starts_with("/api/v1/mailings/") {
        move_mailing(house, program, path).await;
    }
    if path == "/metrics" || path.ends_with("verify") {
        program.browser.peer = ([127, 0, 0, 1], 1).into();
    }
    if method == "delete" && path == "/api/v1/groups/{id}" {
        house.execute("DELETE FROM mailing_groups", &[]).await;
    }
    let unused = method == "delete" && path == "/api/v1/selections/{id}";
    if unused || path.ends_with("selections/{id}/archive") {
        house.execute("DELETE FROM automations", &[]).await;
    }
    let (place, before) = (filled(operation, path), actors::newest(house).await);
    let answer = play(program, operation, method, &place, media).await;
    let status = answer.status.as_u16();
    assert!((200..300).contains(&status), "{method} {place}: {status} {}", answer.body);
    let described = schema::answer(document, operation, status);
    let (media, wanted) = described.unwrap_or_else(|| panic!("{method} {path}: {status}"));
    assert!(answer.header("content-type").starts_with(media), "{method} {path}: {media}");
    if media == "application/json" {
        schema::check(document, wanted, &answer.json())
            .unwrap_or_else(|why| panic!("{method} {path}: {why}"));
    } else if media.is_empty() {
        assert_eq!(answer.body, "", "{method} {path}");
    }
    // What is verified is the password of somebody else.
    if path.ends_with("sessions/verify") { Vec::new() } else { actors::hold(house, program, before).await }
}

async fn fresh(engine: Engine) -> Database {
    match engine {
        Engine::Sqlite => testkit::database::sqlite().await,
        Engine::Postgres => testkit::database::postgres().await.unwrap(),
    }
}

#[tokio::test]
async fn every_example_of_the_document_works_and_its_answer_is_as_described() {
    for db in databases().await {
        let (house, mut program) = furnished(&db.store).await;
        let document = program.read("/api/v1/openapi.json").await;
        run(&house, &program, "").await;
        let mut noted = BTreeSet::new();
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                if method == "get" {
                    let asked = (method.as_str(), path.as_str(), None);
                    hold(&house, &mut program, &document, asked, operation).await;
                    continue;
                }
                for media in bodies(operation) {
                    let asked = (method.as_str(), path.as_str(), media.as_deref());
                    // Each on its own: what one example removes, the next one needs.
                    let own = fresh(db.engine()).await;
                    let (house, mut program) = furnished(&own.store).await;
                    noted.extend(hold(&house, &mut program, &document, asked, operation).await);
                }
            }
        }
        let missing: Vec<_> = actors::BY_KEY.iter().filter(|one| !noted.contains(**one)).collect();
        assert!(missing.is_empty(), "{missing:?} of {noted:?}");
    }
}
