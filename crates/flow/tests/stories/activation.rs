//! Activating an automation, and looking at a filter before anything uses it.

use domain::automation::SendNewPassword;
use domain::id::AutomationId;
use domain::recipient::Reason;
use domain::schedule::{ExecutionDays, HolidayRule, Schedule, ScheduleInput};
use flow::{Activation, Limits, Refusal, StartError, Survey};
use store::automation::{self, ScheduleStep};
use testkit::{House, NewPerson, TEST_NOW, Through, by, databases};

const EVERYBODY: &str = "system_user eq false";

async fn schedule(house: &House, id: AutomationId) {
    let input = ScheduleInput {
        zone: "UTC".into(),
        start: "2037-01-05T09:00".into(),
        repetition: None,
        end: None,
        delete_after_last: false,
        days: ExecutionDays::ALL,
        holidays: HolidayRule::Always,
    };
    let step = ScheduleStep { schedule: Schedule::new(&input).unwrap(), reminder_to: Vec::new() };
    let owner = house.owner;
    house
        .db
        .store
        .write(move |tx| {
            let step = step.clone();
            Box::pin(async move { automation::update_schedule(tx, &by(owner), id, &step, TEST_NOW).await })
        })
        .await
        .unwrap();
}

async fn activate(house: &House, id: AutomationId, confirmed: Option<i64>) -> Result<(), Refusal> {
    let asked = Activation { automation: id, acting: by(house.owner), confirmed };
    match house.flow.activate(asked).await {
        Ok(_) => Ok(()),
        Err(StartError::Refused(refusal)) => Err(refusal),
        Err(StartError::Store(error)) => panic!("{error}"),
    }
}

async fn is_active(house: &House, id: AutomationId) -> bool {
    let found = house.db.store.read(move |tx| Box::pin(automation::get(tx, id))).await.unwrap();
    found.status.is_active()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_activation_asks_what_a_start_asks_and_a_refusal_changes_nothing() {
    for db in databases().await {
        let limits = Limits { confirm_above: 2, people_per_run: 4, people_per_day: 1, ..Limits::default() };
        let house = House::with_limits(db, Through::Mailbox, limits).await;
        house.add_contacts(3).await;
        let id = house.usual(EVERYBODY, SendNewPassword::default()).await;
        assert!(matches!(activate(&house, id, Some(3)).await, Err(Refusal::NotNow(_))), "it has no schedule");
        schedule(&house, id).await;
        for wrong in [None, Some(2), Some(4)] {
            assert_eq!(activate(&house, id, wrong).await, Err(Refusal::Unconfirmed { would_receive: 3 }));
            assert!(!is_active(&house, id).await);
        }
        // What a day may take is asked on the day of the run.
        assert_eq!(activate(&house, id, Some(3)).await, Ok(()));
        assert!(is_active(&house, id).await);
        assert!(matches!(activate(&house, id, Some(3)).await, Err(Refusal::NotNow(_))), "once is enough");

        let own = SendNewPassword { most_people: Some(2), ..SendNewPassword::default() };
        let small = house.usual(EVERYBODY, own).await;
        schedule(&house, small).await;
        let refused = activate(&house, small, Some(3)).await;
        assert!(matches!(refused, Err(Refusal::TooMany { would_receive: 3, limit: 2, .. })), "{refused:?}");
        let own = SendNewPassword { approve_above: Some(1), ..SendNewPassword::default() };
        let approved = house.usual(EVERYBODY, own).await;
        schedule(&house, approved).await;
        let refused = activate(&house, approved, Some(3)).await;
        assert!(matches!(refused, Err(Refusal::Unapproved { .. })), "{refused:?}");
        let second = house.add(NewPerson::system("second", "Owner")).await;
        house.flow.approve(approved, &by(second), None).await.unwrap();
        assert_eq!(activate(&house, approved, Some(3)).await, Ok(()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_is_surveyed_with_the_rights_of_who_looks() {
    for db in databases().await {
        let house = House::over(db, Through::Mailbox).await;
        house.add_contacts(3).await;
        house.add(NewPerson { blocked: true, ..NewPerson::contact("barred") }).await;
        let manager = house.add(NewPerson::system("manager", "Manager")).await;
        let helper = house.add(NewPerson::system("helper", "Helper")).await;
        let survey = |filter: &str, viewer| Survey {
            filter: filter.into(),
            name: Some("Itself".into()),
            time_zone: "UTC".into(),
            size_limit: None,
            viewer,
            sample: 2,
        };
        let job = SendNewPassword::default();
        let found = house.flow.survey(survey("username pr", manager), &job).await.unwrap().unwrap();
        assert_eq!((found.people, found.sample.len()), (7, 2));
        let split = found.split.unwrap();
        assert_eq!((split.total, split.would_receive), (7, 4), "{split:?}");
        assert_eq!(split.left_out[&Reason::Blocked], 1);
        assert_eq!(split.left_out[&Reason::ActingOperator], 1);
        assert_eq!(split.left_out[&Reason::LastAdministrator], 1);
        let limited = Survey { size_limit: Some(2), ..survey("username pr", manager) };
        assert_eq!(house.flow.survey(limited, &job).await.unwrap().unwrap().people, 2);
        // Whoever could own no password job sees how many there are, and no split.
        let found = house.flow.survey(survey("username pr", helper), &job).await.unwrap().unwrap();
        assert_eq!((found.people, found.split), (7, None));
        let problem = house.flow.survey(survey("blocked eq fals", manager), &job).await.unwrap().unwrap_err();
        assert_eq!(problem.column, 12);
        let circle = survey("selection eq \"Itself\"", manager);
        assert!(house.flow.survey(circle, &job).await.unwrap().is_err());
    }
}
