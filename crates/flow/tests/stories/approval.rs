//! Approval by a second operator: who may give it, what makes it void, and what does not begin without it.

use domain::automation::{Job, SendNewPassword};
use domain::id::{AutomationId, PersonId, SelectionId};
use domain::language::Language;
use domain::run::RunState;
use domain::schedule::{ExecutionDays, HolidayRule, RepetitionInput, Schedule, ScheduleInput, Unit};
use flow::template::{Parts, save};
use flow::{Approval, Limits, Refusal, StartError, StartRun};
use mail::TemplateKind;
use store::automation::{JobStep, ScheduleStep};
use store::run::Run;
use store::selection::Change;
use store::{StoreError, automation, occurrence, selection};
use testkit::{Database, House, NewPerson, TEST_NOW, Through, by, databases};

const EVERYBODY: &str = "system_user eq false";
const HOUR: i64 = 3_600_000;

/// Four contacts, and a rule that a run to more than two needs an approval.
async fn house(db: Database) -> House {
    let house =
        House::with_limits(db, Through::Mailbox, Limits { approve_above: 2, ..Limits::default() }).await;
    house.add_contacts(4).await;
    house
}

fn job() -> SendNewPassword {
    SendNewPassword { remail_after_hours: 0, ..SendNewPassword::default() }
}

async fn start(house: &House, automation: AutomationId, actor: PersonId) -> Result<Run, StartError> {
    house.flow.start(StartRun { automation, acting: by(actor), confirmed: Some(4) }).await
}

async fn lacking(house: &House, automation: AutomationId) -> Option<String> {
    let preview = house.flow.preview(automation, None, 0).await.unwrap();
    assert_eq!(preview.refusal.is_some(), preview.approval.lacking.is_some(), "{preview:?}");
    preview.approval.lacking.map(|lacking| lacking.to_string())
}

fn says<T: std::fmt::Debug>(result: Result<T, StartError>, part: &str) {
    match result {
        Err(StartError::Refused(refusal)) if refusal.to_string().contains(part) => {}
        other => panic!("expected a refusal with {part:?}: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_run_begins_only_with_the_approval_of_somebody_who_had_no_part_in_it() {
    for db in databases().await {
        let house = house(db).await;
        let second = house.add(NewPerson::system("second", "Owner")).await;
        let third = house.add(NewPerson::system("third", "Owner")).await;
        let admin = house.add(NewPerson::system("admin", "Administrator")).await;
        let helper = house.add(NewPerson::system("helper", "Helper")).await;
        let program =
            house.add(NewPerson { user_type: "api", ..NewPerson::system("program", "Owner") }).await;
        let selection = house.selection("everybody", EVERYBODY, third).await;
        let automation = house.automation("all", selection, house.owner, job()).await;

        let refused = start(&house, automation, house.owner).await;
        let Err(StartError::Refused(Refusal::Unapproved { would_receive: 4, above: 2, setting, .. })) =
            &refused
        else {
            panic!("{refused:?}")
        };
        assert_eq!(*setting, "limits.approve_above");
        says(house.flow.approve(automation, &by(house.owner), None).await, "owner has a part in it");
        says(house.flow.approve(automation, &by(third), None).await, "third has a part in it");
        says(house.flow.approve(automation, &by(admin), None).await, "admin has rank 2, below the run's 3");
        says(house.flow.approve(automation, &by(helper), None).await, "mailings.approve");
        says(house.flow.approve(automation, &by(program), None).await, "mailings.approve");
        says(house.flow.approve(automation, &by(second), Some("0".repeat(32))).await, "has been changed");
        says(house.flow.unapprove(automation, &by(second)).await, "nobody has approved");

        let limits = &house.flow.settings().limits;
        let read = Approval::read(&house.db.store, automation, None, limits, TEST_NOW).await;
        let digest = read.unwrap().digest;
        let approval = house.flow.approve(automation, &by(second), Some(digest)).await.unwrap();
        assert_eq!((approval.lacking, approval.approver.as_deref()), (None, Some("second")));
        says(start(&house, automation, second).await, "cannot start it as well");
        let run = start(&house, automation, house.owner).await.unwrap();
        assert_eq!(run.approved_by, Some(second));
        let run = house.work(run.id).await;
        assert_eq!((run.state, run.counts.accepted), (RunState::Finished, 4), "{run:?}");
        // It holds for the next one as well, until it is taken back.
        let run = start(&house, automation, house.owner).await.unwrap();
        house.flow.unapprove(automation, &by(second)).await.unwrap();
        assert_eq!(house.work(run.id).await.counts.accepted, 4, "the run under way goes on");
        says(start(&house, automation, house.owner).await, "nobody has approved it");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_run_needs_no_approval_and_an_automation_may_only_ask_for_more() {
    for db in databases().await {
        let house = house(db).await;
        let refuses = async |filter: &str, approve_above| {
            let automation = house.usual(filter, SendNewPassword { approve_above, ..job() }).await;
            let preview = house.flow.preview(automation, None, 0).await.unwrap();
            match house.flow.start(StartRun { automation, acting: by(None), confirmed: None }).await {
                Err(StartError::Refused(Refusal::Unapproved { setting, above, .. })) => {
                    assert!(preview.refusal.unwrap().contains("second operator"));
                    Some((above, setting))
                }
                Ok(run) => {
                    assert_eq!((preview.refusal, run.approved_by), (None, None));
                    None
                }
                other => panic!("{other:?}"),
            }
        };
        let two = "username le \"p0002\" and system_user eq false";
        assert_eq!(refuses(two, None).await, None);
        assert_eq!(refuses(two, Some(1)).await, Some((1, "approve_above of the automation")));
        assert_eq!(refuses(EVERYBODY, Some(1_000)).await, Some((2, "limits.approve_above")));
    }
}

/// A step of the first kind as it is stored.
async fn job_step(house: &House, id: AutomationId) -> JobStep {
    let one = house.db.store.read(move |tx| Box::pin(automation::get(tx, id))).await.unwrap();
    JobStep { name: one.name, description: one.description, job: one.job, selection_id: one.selection_id }
}

fn every_day() -> Schedule {
    Schedule::new(&ScheduleInput {
        zone: "UTC".into(),
        start: "2030-01-01T09:00".into(),
        repetition: Some(RepetitionInput { every: 1, unit: Unit::Days }),
        end: None,
        delete_after_last: false,
        days: ExecutionDays::ALL,
        holidays: HolidayRule::Always,
    })
    .unwrap()
}

/// Saves the first step again.
async fn save_job(house: &House, id: AutomationId, step: JobStep, editor: PersonId) {
    let store = &house.db.store;
    store
        .write(move |tx| {
            Box::pin(async move { automation::update_job(tx, &by(editor), id, &step, TEST_NOW).await })
        })
        .await
        .unwrap();
}

/// Saves the schedule, and activates when asked to.
async fn save_schedule(house: &House, id: AutomationId, activate: bool) {
    let (step, owner) = (ScheduleStep { schedule: every_day(), reminder_to: Vec::new() }, house.owner);
    let store = &house.db.store;
    store
        .write(move |tx| {
            Box::pin(async move {
                automation::update_schedule(tx, &by(owner), id, &step, TEST_NOW).await?;
                if activate {
                    automation::activate(tx, &by(owner), id, TEST_NOW).await.unwrap();
                }
                Ok::<_, StoreError>(())
            })
        })
        .await
        .unwrap();
}

/// Saves another filter.
async fn save_filter(house: &House, id: SelectionId, filter: &str) {
    let (owner, store) = (house.owner, &house.db.store);
    let change = Change { filter: Some(filter.into()), ..Change::default() };
    store
        .write(move |tx| {
            Box::pin(async move {
                selection::update(tx, &by(owner), id, change, false, TEST_NOW).await.unwrap();
                Ok::<_, StoreError>(())
            })
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_later_edit_voids_an_approval() {
    for db in databases().await {
        let house = house(db).await;
        let owner = house.owner;
        let second = house.add(NewPerson::system("second", "Owner")).await;
        let inner = house.selection("inner", EVERYBODY, owner).await;
        let outer = house.selection("outer", "selection eq \"inner\"", owner).await;
        let id = house.automation("all", outer, owner, job()).await;
        let approved = async |what: &str| {
            house.flow.approve(id, &by(second), None).await.unwrap();
            assert_eq!(lacking(&house, id).await, None, "{what}");
        };
        let voided = async |what: &str| {
            let why = lacking(&house, id).await;
            assert_eq!(why.as_deref(), Some("it has been changed since second approved it"), "{what}");
            says(start(&house, id, owner).await, "changed since");
            approved(what).await;
        };

        approved("a first time").await;
        let mut step = job_step(&house, id).await;
        step.job = Job::SendNewPassword(SendNewPassword { valid_hours: 48, ..job() });
        save_job(&house, id, step, owner).await;
        voided("the job").await;
        save_schedule(&house, id, false).await;
        voided("the schedule").await;
        save_filter(&house, outer, "selection eq \"inner\" and username ge \"p0001\"").await;
        voided("the filter").await;
        save_filter(&house, inner, "system_user eq false and username ge \"p0001\"").await;
        voided("a filter it reuses").await;
        let parts = Parts { subject: Some("Other words".into()), ..Parts::default() };
        save(&house.db.store, &by(owner), TemplateKind::NewPassword, Language::Fr, parts, TEST_NOW)
            .await
            .unwrap();
        voided("a template").await;
        let kind = TemplateKind::NewPassword.as_str();
        house
            .db
            .store
            .write(move |tx| {
                Box::pin(async move { store::template::remove(tx, &by(owner), kind, "fr", TEST_NOW).await })
            })
            .await
            .unwrap();
        voided("a template that was reset").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_an_activation_and_one_more_person_are_no_edits_but_the_approvers_own_save_is() {
    for db in databases().await {
        let house = house(db).await;
        let second = house.add(NewPerson::system("second", "Owner")).await;
        let id = house.usual(EVERYBODY, job()).await;
        save_schedule(&house, id, false).await;
        house.flow.approve(id, &by(second), None).await.unwrap();
        let mut step = job_step(&house, id).await;
        step.name = "Another name".into();
        save_job(&house, id, step.clone(), house.owner).await;
        save_schedule(&house, id, true).await;
        house.add(NewPerson::contact("late")).await;
        assert_eq!(lacking(&house, id).await, None);

        // Whoever approved it and then saves it has a part in it, even with nothing changed.
        save_job(&house, id, step, second).await;
        assert!(lacking(&house, id).await.unwrap().contains("changed since second approved it"));
        says(house.flow.approve(id, &by(second), None).await, "second has a part in it");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planned_time_without_approval_fails_with_the_cause_and_later_ones_run_once_approved() {
    for db in databases().await {
        let house = house(db).await;
        let store = house.db.store.clone();
        let second = house.add(NewPerson::system("second", "Owner")).await;
        let id = house.usual(EVERYBODY, job()).await;
        save_schedule(&house, id, true).await;
        let first = store.read(move |tx| Box::pin(automation::get(tx, id))).await.unwrap().next_at.unwrap();
        house.clock.set(first);
        let looked = house.flow.schedule_once().await.unwrap();
        assert_eq!((looked.runs, looked.not_run), (0, 1));
        let dealt =
            store.read(move |tx| Box::pin(async move { occurrence::list(tx, id, 9).await })).await.unwrap();
        assert_eq!(dealt[0].outcome, "failed");
        assert!(
            dealt[0].detail.contains("second operator must approve it: nobody has approved it"),
            "{dealt:?}"
        );
        let failed = store.read(move |tx| Box::pin(automation::get(tx, id))).await.unwrap();
        assert_eq!((failed.errors_count, failed.last_error.as_deref()), (1, Some(dealt[0].detail.as_str())));

        house.flow.approve(id, &by(second), None).await.unwrap();
        for day in 1..=2 {
            house.clock.set(first + day * 24 * HOUR);
            assert_eq!(house.flow.schedule_once().await.unwrap().runs, 1, "day {day}");
            let runs = store
                .read(move |tx| Box::pin(async move { store::run::list(tx, Some(id), i64::MAX, 1).await }))
                .await
                .unwrap();
            assert_eq!(runs[0].approved_by, Some(second));
            assert_eq!(house.work(runs[0].id).await.counts.accepted, 4, "day {day}");
        }
        house.change("UPDATE people SET blocked = TRUE WHERE username = 'second'", Vec::new()).await;
        house.clock.set(first + 3 * 24 * HOUR);
        assert_eq!(
            house.flow.schedule_once().await.unwrap().not_run,
            1,
            "the approver's rights are read anew"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_pauses_when_its_approver_may_no_longer_approve() {
    let losses = [
        ("UPDATE people SET blocked = TRUE WHERE username = 'second'", "no valid system role"),
        ("UPDATE people SET expires_at = 1 WHERE username = 'second'", "no valid system role"),
        ("DELETE FROM people WHERE username = 'second'", "an erased person"),
        (
            "UPDATE people SET role_id = (SELECT id FROM roles WHERE name = 'Helper') WHERE username = 'second'",
            "mailings.approve",
        ),
        (
            "UPDATE people SET role_id = (SELECT id FROM roles WHERE name = 'Administrator') WHERE username = 'second'",
            "rank 2, below the run's 3",
        ),
    ];
    for (loss, cause) in losses {
        for db in databases().await {
            let house = house(db).await;
            let second = house.add(NewPerson::system("second", "Owner")).await;
            let id = house.usual(EVERYBODY, job()).await;
            house.flow.approve(id, &by(second), None).await.unwrap();
            let run = start(&house, id, house.owner).await.unwrap();
            house.change(loss, Vec::new()).await;
            let run = house.work(run.id).await;
            assert_eq!((run.state, run.counts.accepted), (RunState::Paused, 0), "{loss}: {run:?}");
            let said = run.cause.unwrap();
            assert!(
                said.starts_with("the approval of this run no longer holds") && said.contains(cause),
                "{said}"
            );
            house.flow.cancel(run.id, &by(None)).await.unwrap();
            says(start(&house, id, house.owner).await, cause);
            assert_eq!(house.mailbox.counts().delivered, 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_made_a_key_for_the_author_is_no_second_operator() {
    for db in databases().await {
        let house = house(db).await;
        let second = house.add(NewPerson::system("second", "Owner")).await;
        let third = house.add(NewPerson::system("third", "Owner")).await;
        let program =
            house.add(NewPerson { user_type: "api", ..NewPerson::system("program", "Administrator") }).await;
        let acting = store::Acting::operator(second, domain::role::Rank::HIGHEST, String::new());
        let draft = auth::api_key::KeyDraft {
            name: "Author".into(),
            owner_id: program,
            scopes: vec![domain::role::Permission::AutomationsEdit],
            expires_at: None,
        };
        let maker = store::api_key::Maker { permissions: None, key: None };
        let (key, _) = house.auth.create_key(&acting, maker, draft, TEST_NOW).await.unwrap();
        let selection = house.selection("everybody", EVERYBODY, program).await;
        let automation = house.automation("all", selection, program, job()).await;
        says(house.flow.approve(automation, &by(second), None).await, "second made an API key");
        let revoking = acting.clone();
        let revoked = house.db.store.write::<_, store::ChangeError, _>(move |tx| {
            Box::pin(async move { store::api_key::revoke(tx, &revoking, key.id, TEST_NOW).await })
        });
        assert_eq!(revoked.await.unwrap(), 1);
        says(house.flow.approve(automation, &by(second), None).await, "second made an API key");
        assert_eq!(house.flow.approve(automation, &by(third), None).await.unwrap().lacking, None);
        let begun = start(&house, automation, program).await.unwrap();
        assert_eq!(begun.approved_by, Some(third));
    }
}
