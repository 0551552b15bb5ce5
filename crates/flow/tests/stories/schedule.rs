//! What a schedule begins, exactly when, and what it records when it begins nothing.

use domain::automation::{AutomationStatus, SendNewPassword};
use domain::id::AutomationId;
use domain::run::RunState;
use domain::schedule::{
    ExecutionDays, HolidayInput, HolidayRule, RepetitionInput, Schedule, ScheduleInput, Unit,
};
use jiff::Zoned;
use store::automation::{self, Automation, ScheduleStep};
use store::occurrence::{self, Listed};
use store::run::Run;
use store::{StoreError, holiday};
use testkit::{Database, House, Through, by, databases};

/// A wall time in Berlin, in milliseconds since 1970.
pub(crate) fn berlin(wall: &str) -> i64 {
    format!("{wall}[Europe/Berlin]").parse::<Zoned>().unwrap().timestamp().as_millisecond()
}

pub(crate) fn every(count: i64, unit: Unit, start: &str) -> ScheduleInput {
    ScheduleInput {
        zone: "Europe/Berlin".into(),
        start: start.into(),
        repetition: Some(RepetitionInput { every: count, unit }),
        end: None,
        delete_after_last: false,
        days: ExecutionDays::ALL,
        holidays: HolidayRule::Always,
    }
}

pub(crate) fn once(start: &str) -> ScheduleInput {
    ScheduleInput { repetition: None, ..every(1, Unit::Days, start) }
}

/// A house at a Berlin wall time with an active automation for whom the filter finds.
pub(crate) async fn active(
    db: Database,
    now: &str,
    filter: &str,
    input: ScheduleInput,
) -> (House, AutomationId) {
    let house = House::over(db, Through::Mailbox).await;
    house.clock.set(berlin(now));
    house.add_contacts(2).await;
    let job = SendNewPassword { remail_after_hours: 0, ..SendNewPassword::default() };
    let id = house.usual(filter, job).await;
    let (step, owner, now_ms) = (
        ScheduleStep { schedule: Schedule::new(&input).unwrap(), reminder_to: Vec::new() },
        house.owner,
        berlin(now),
    );
    house
        .db
        .store
        .write(move |tx| {
            Box::pin(async move {
                automation::update_schedule(tx, &by(owner), id, &step, now_ms).await?;
                automation::activate(tx, &by(owner), id, now_ms).await.expect("it can be activated");
                Ok::<_, StoreError>(())
            })
        })
        .await
        .unwrap();
    (house, id)
}

pub(crate) const NOBODY: &str = "username eq \"nobody\"";
pub(crate) const EVERYBODY: &str = "system_user eq false";

pub(crate) async fn runs(house: &House, id: AutomationId) -> Vec<Run> {
    house
        .db
        .store
        .read(move |tx| Box::pin(async move { store::run::list(tx, Some(id), i64::MAX, 100).await }))
        .await
        .unwrap()
}

async fn occurrences(house: &House, id: AutomationId) -> Vec<Listed> {
    house.db.store.read(move |tx| Box::pin(async move { occurrence::list(tx, id, 100).await })).await.unwrap()
}

/// Newest first.
async fn outcomes(house: &House, id: AutomationId) -> Vec<String> {
    occurrences(house, id).await.into_iter().map(|one| one.outcome).collect()
}

async fn automation_of(house: &House, id: AutomationId) -> Automation {
    house.db.store.read(move |tx| Box::pin(automation::get(tx, id))).await.unwrap()
}

/// Planned on Saturdays, so each is shifted to Monday; two of these are holidays and shifted to Tuesday.
const EXPECTED: [&str; 26] = [
    "2026-11-30",
    "2026-12-14",
    "2026-12-28",
    "2027-01-11",
    "2027-01-25",
    "2027-02-08",
    "2027-02-22",
    "2027-03-08",
    "2027-03-22",
    "2027-04-05",
    "2027-04-19",
    "2027-05-03",
    "2027-05-18",
    "2027-05-31",
    "2027-06-14",
    "2027-06-28",
    "2027-07-12",
    "2027-07-26",
    "2027-08-09",
    "2027-08-23",
    "2027-09-06",
    "2027-09-20",
    "2027-10-04",
    "2027-10-18",
    "2027-11-02",
    "2027-11-15",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_two_weeks_on_weekdays_never_on_holidays_across_a_year() {
    // Winter is one hour ahead of UTC, summer two.
    assert_eq!(berlin("2027-04-05T02:30") - berlin("2027-03-22T02:30"), 14 * 86_400_000 - 3_600_000);
    for db in databases().await {
        let input = ScheduleInput {
            days: ExecutionDays::WEEKDAYS,
            holidays: HolidayRule::NeverOn,
            ..every(2, Unit::Weeks, "2026-11-28T02:30")
        };
        let (house, id) = active(db, "2026-11-21T10:00", NOBODY, input).await;
        for (day, name) in [("2027-05-17", "Whit Monday"), ("2027-11-01", "All Saints")] {
            let day = HolidayInput { date: day.into(), name: name.into(), yearly: false };
            house
                .db
                .store
                .write(move |tx| Box::pin(async move { holiday::insert(tx, &by(None), &day, 0).await }))
                .await
                .unwrap();
        }
        let mut began = Vec::new();
        for day in EXPECTED {
            let at = berlin(&format!("{day}T02:30"));
            for early in [3 * 86_400_000, 3_600_000, 1] {
                house.clock.set(at - early);
                assert_eq!(
                    house.flow.schedule_once().await.unwrap(),
                    Default::default(),
                    "{early} ms before {day}"
                );
            }
            house.clock.set(at);
            assert_eq!(house.flow.schedule_once().await.unwrap().runs, 1, "{day}");
            assert_eq!(house.flow.schedule_once().await.unwrap(), Default::default(), "{day} again");
            began.push(at);
        }
        let mut runs: Vec<i64> = runs(&house, id).await.iter().map(|run| run.created_at).collect();
        runs.reverse();
        assert_eq!(runs, began, "{:?}", house.db.engine());
        assert!(occurrences(&house, id).await.iter().all(|one| one.outcome == "run"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_standstill_only_the_latest_occurrence_runs_and_the_others_are_recorded() {
    for db in databases().await {
        let (house, id) =
            active(db, "2026-11-21T10:00", NOBODY, every(1, Unit::Days, "2026-11-22T09:00")).await;
        house.clock.set(berlin("2026-11-24T15:00"));
        let done = house.flow.schedule_once().await.unwrap();
        assert_eq!((done.runs, done.not_run), (1, 2));
        assert_eq!(house.flow.schedule_once().await.unwrap(), Default::default());
        assert_eq!(outcomes(&house, id).await, ["run", "missed", "missed"]);
        assert_eq!(automation_of(&house, id).await.next_at, Some(berlin("2026-11-25T09:00")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_occurrence_that_is_too_late_is_recorded_as_missed() {
    for db in databases().await {
        let (house, id) = active(db, "2026-11-21T10:00", EVERYBODY, once("2026-11-22T09:00")).await;
        house.clock.set(berlin("2026-11-23T09:00"));
        let done = house.flow.schedule_once().await.unwrap();
        assert_eq!((done.runs, done.not_run), (0, 1));
        assert_eq!(outcomes(&house, id).await, ["missed"]);
        let automation = automation_of(&house, id).await;
        assert_eq!((automation.status, automation.errors_count), (AutomationStatus::InactiveDone, 1));
    }
    for db in databases().await {
        let (house, id) = active(db, "2026-11-21T10:00", EVERYBODY, once("2026-11-22T09:00")).await;
        house.clock.set(berlin("2026-11-23T09:00") - 1);
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 1, "late by less than a day");
        let run = house.work(runs(&house, id).await[0].id).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 2));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_look_at_once_begin_one_run() {
    for db in databases().await {
        let (house, id) =
            active(db, "2026-11-21T10:00", EVERYBODY, every(1, Unit::Hours, "2026-11-22T00:00")).await;
        let other = house.another_node().await;
        for hour in 0..8 {
            house.clock.set(berlin("2026-11-22T00:00") + hour * 3_600_000);
            let (one, two) = tokio::join!(house.flow.schedule_once(), other.schedule_once());
            assert_eq!(one.unwrap().runs + two.unwrap().runs, 1, "hour {hour}");
            let run = runs(&house, id).await.remove(0);
            house.work(run.id).await;
        }
        assert_eq!(runs(&house, id).await.len(), 8);
        assert_eq!(house.mailbox.counts().delivered, 16, "one mail a run and person");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_run_removes_the_automation_also_under_two_nodes() {
    for db in databases().await {
        let input = ScheduleInput { delete_after_last: true, ..once("2026-11-22T09:00") };
        let (house, id) = active(db, "2026-11-21T10:00", EVERYBODY, input).await;
        let other = house.another_node().await;
        house.clock.set(berlin("2026-11-22T09:00"));
        let (one, two) = tokio::join!(house.flow.schedule_once(), other.schedule_once());
        assert_eq!(one.unwrap().runs + two.unwrap().runs, 1);
        let gone = house.db.store.read(move |tx| Box::pin(automation::get(tx, id))).await;
        assert!(matches!(gone, Err(StoreError::NotFound(_))), "{gone:?}");
        let run = house.work(runs(&house, id).await[0].id).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 2), "its run and report stay");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_occurrence_is_skipped_while_the_run_before_is_open() {
    for db in databases().await {
        let (house, id) =
            active(db, "2026-11-21T10:00", EVERYBODY, every(1, Unit::Days, "2026-11-22T09:00")).await;
        house.clock.set(berlin("2026-11-22T09:00"));
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 1);
        let first = runs(&house, id).await[0].id;
        house.flow.pause(first, &by(None), "a holiday").await.unwrap();
        house.clock.set(berlin("2026-11-23T09:00"));
        let done = house.flow.schedule_once().await.unwrap();
        assert_eq!((done.runs, done.not_run), (0, 1));
        assert_eq!(outcomes(&house, id).await, ["skipped", "run"]);

        house.flow.cancel(first, &by(None)).await.unwrap();
        house.clock.set(berlin("2026-11-24T09:00"));
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 1, "and the next one runs");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unusable_selection_fails_the_occurrence_and_never_means_everyone() {
    let breaks = [
        "UPDATE selections SET archived = TRUE",
        "UPDATE selections SET filter = 'no_such_attribute eq 1'",
        "UPDATE automations SET selection_id = NULL",
    ];
    for sql in breaks {
        for db in databases().await {
            let (house, id) =
                active(db, "2026-11-21T10:00", EVERYBODY, every(1, Unit::Days, "2026-11-22T09:00")).await;
            house.change(sql, Vec::new()).await;
            house.clock.set(berlin("2026-11-22T09:00"));
            let done = house.flow.schedule_once().await.unwrap();
            assert_eq!((done.runs, done.not_run), (0, 1), "{sql}");
            assert_eq!(outcomes(&house, id).await, ["failed"]);
            let automation = automation_of(&house, id).await;
            assert!(automation.last_error.unwrap().contains("selection"), "{sql}");
            assert!(runs(&house, id).await.is_empty() && house.mailbox.counts().delivered == 0, "{sql}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_broken_automation_does_not_keep_the_others_from_running() {
    for db in databases().await {
        let (house, first) = active(db, "2026-11-21T10:00", EVERYBODY, once("2026-11-22T09:00")).await;
        house.change("UPDATE automations SET schedule = 'unreadable'", Vec::new()).await;
        let second = house.usual(EVERYBODY, SendNewPassword::default()).await;
        let (step, owner, now) = (
            ScheduleStep {
                schedule: Schedule::new(&once("2026-11-22T10:00")).unwrap(),
                reminder_to: Vec::new(),
            },
            house.owner,
            house.clock.now_ms(),
        );
        house
            .db
            .store
            .write(move |tx| {
                Box::pin(async move {
                    automation::update_schedule(tx, &by(owner), second, &step, now).await?;
                    automation::activate(tx, &by(owner), second, now).await.unwrap();
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .unwrap();
        house.clock.set(berlin("2026-11-22T10:00"));
        assert!(house.flow.schedule_once().await.is_err(), "it is said");
        assert_eq!((runs(&house, first).await.len(), runs(&house, second).await.len()), (0, 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_selection_is_a_finished_run_with_nobody() {
    for db in databases().await {
        let (house, id) = active(db, "2026-11-21T10:00", NOBODY, once("2026-11-22T09:00")).await;
        house.clock.set(berlin("2026-11-22T09:00"));
        house.flow.schedule_once().await.unwrap();
        let run = runs(&house, id).await.remove(0);
        assert_eq!((run.state, run.counts.total), (RunState::Finished, 0));
        assert_eq!(automation_of(&house, id).await.status, AutomationStatus::InactiveDone);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_runs_after_the_end_or_while_deactivated() {
    for db in databases().await {
        let input = ScheduleInput {
            end: Some("2026-11-23T09:00".into()),
            ..every(1, Unit::Days, "2026-11-22T09:00")
        };
        let (house, id) = active(db, "2026-11-21T10:00", NOBODY, input).await;
        for (day, expected) in [("22", 1), ("23", 2), ("24", 2)] {
            house.clock.set(berlin(&format!("2026-11-{day}T09:00")));
            house.flow.schedule_once().await.unwrap();
            assert_eq!(runs(&house, id).await.len(), expected, "the {day}th");
        }
        assert_eq!(automation_of(&house, id).await.status, AutomationStatus::InactiveDone);
    }
    for db in databases().await {
        let (house, id) =
            active(db, "2026-11-21T10:00", NOBODY, every(1, Unit::Days, "2026-11-22T09:00")).await;
        let (owner, now) = (house.owner, house.clock.now_ms());
        house
            .db
            .store
            .write(move |tx| {
                Box::pin(async move { automation::deactivate(tx, &by(owner), id, now).await.map(|_| ()) })
            })
            .await
            .unwrap();
        house.clock.set(berlin("2026-11-24T09:00"));
        assert_eq!(house.flow.schedule_once().await.unwrap(), Default::default());
        // Active again: what lay between is not made up for.
        let now = house.clock.now_ms() + 1;
        house
            .db
            .store
            .write(move |tx| {
                Box::pin(async move {
                    automation::activate(tx, &by(owner), id, now).await.unwrap();
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .unwrap();
        house.clock.set(now);
        assert_eq!(house.flow.schedule_once().await.unwrap(), Default::default());
        assert_eq!(automation_of(&house, id).await.next_at, Some(berlin("2026-11-25T09:00")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_a_day_runs_nothing_twice() {
    for db in databases().await {
        let (house, id) =
            active(db, "2026-11-21T10:00", NOBODY, every(1, Unit::Days, "2026-11-22T09:00")).await;
        house.clock.set(berlin("2026-11-22T09:00"));
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 1);
        // A day forward: the occurrence of that day runs. Then back, and through the same day again.
        house.clock.set(berlin("2026-11-23T12:00"));
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 1);
        for wall in ["2026-11-22T08:00", "2026-11-22T09:00", "2026-11-22T12:00", "2026-11-23T09:00"] {
            house.clock.set(berlin(wall));
            assert_eq!(house.flow.schedule_once().await.unwrap(), Default::default(), "{wall}");
        }
        house.clock.set(berlin("2026-11-24T09:00"));
        assert_eq!(house.flow.schedule_once().await.unwrap().runs, 1);
        assert_eq!(outcomes(&house, id).await, ["run", "run", "run"]);
    }
}
