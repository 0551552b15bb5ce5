//! The invented installation: people of every kind, a selection, an active automation.

use super::people::{File, person};
use crate::clock::{now_ms, randomness};
use crate::context::Context;
use crate::failure::Failure;
use crate::progress::Progress;
use auth::bootstrap::{Claim, Claimed};
use auth::{Auth, Origin};
use domain::address::Address;
use domain::automation::{Job, SendNewPassword};
use domain::id::{AutomationId, GroupId, PersonId, SelectionId};
use domain::password::Generator;
use domain::person::AttributeKind;
use domain::preference::AttributeUse;
use domain::role::UserType;
use domain::schedule::{
    ExecutionDays, HolidayInput, HolidayRule, RepetitionInput, Schedule, ScheduleInput, Unit,
};
use domain::secret::Secret;
use store::automation::{self, Automation, JobStep, ScheduleStep};
use store::group::{self, Offer};
use store::import::{self, Options, Outcome};
use store::person::{self as people, NewPerson, SystemRole};
use store::selection::{self, Draft};
use store::{Acting, ChangeError, attribute, holiday};

pub(super) const OWNER: &str = "owner";
pub(super) const FILTER: &str = "groups.name eq \"members\" or system_user eq true";
const DOMAIN: &str = "portal.example";

/// The first Owner, with a password that is shown once.
pub(super) async fn owner(auth: &Auth) -> Result<Secret, Failure> {
    let password = Generator::Symbols.generate(&mut |bytes: &mut [u8]| {
        // An Owner without randomness is refused below: the password would be all the same symbol.
        let _ = getrandom::fill(bytes);
    });
    let token =
        auth.offer_ownership(now_ms()).await?.ok_or_else(|| Failure::failed("there is an Owner already"))?;
    let claim = Claim {
        username: OWNER,
        address: address(OWNER)?,
        given_name: "Olga",
        family_name: "Owner",
        language: Some("en".into()),
        password: &password,
    };
    match auth.claim_ownership(&token, claim, &Origin::default(), now_ms()).await? {
        Claimed::Done(_) => Ok(password),
        other => Err(Failure::failed(format!("the Owner could not be made: {other:?}"))),
    }
}

fn address(name: &str) -> Result<Address, Failure> {
    Address::parse(&format!("{name}@{DOMAIN}")).map_err(Failure::failed)
}

/// Brings the people in, as an operator with a CSV file would.
pub(super) async fn import(context: &Context, count: u64) -> Result<Outcome, Failure> {
    let acting = Acting::command_line();
    context
        .store
        .write(move |tx| {
            Box::pin(async move {
                attribute::insert(tx, &acting, "tier", AttributeKind::String, "Tier of membership", now_ms())
                    .await
            })
        })
        .await?;
    let options = Options { apply: true, ..Options::preview(Acting::command_line(), now_ms()) };
    let mut progress = Progress::begin(&context.out, "Importing", count);
    let mut random = |bytes: &mut [u8]| {
        let _ = getrandom::fill(bytes);
    };
    let outcome = import::import(&context.store, File::new(count), options, &mut random, |now| {
        progress.set(now.rows.min(count), count, "");
    })
    .await?;
    progress.end("");
    Ok(outcome)
}

/// What recipients may decide themselves: two groups to subscribe to, one with a confirmation by mail, an attribute to see
/// and one to change.
pub(super) async fn offers(context: &Context) -> Result<(), Failure> {
    for (name, title, description, double_opt_in) in [
        ("events", "Events", "Readings, concerts and courses, once a month", false),
        ("newsletter", "Newsletter", "What is new in the house, every Friday", true),
    ] {
        let (now, id) = (now_ms(), GroupId::generate(now_ms(), randomness()?));
        let offer = Offer {
            subscribable: true,
            public_title: title.into(),
            public_description: description.into(),
            double_opt_in,
        };
        context
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let acting = Acting::command_line();
                    group::insert(tx, &acting, id, name, description, now).await?;
                    group::set_offer(tx, &acting, id, &offer, now).await
                })
            })
            .await?;
    }
    context
        .store
        .write(|tx| {
            Box::pin(async move {
                let (acting, now) = (Acting::command_line(), now_ms());
                attribute::set_use(tx, &acting, "tier", AttributeUse::See, now).await?;
                attribute::insert(tx, &acting, "interests", AttributeKind::String, "Interests", now).await?;
                attribute::set_use(tx, &acting, "interests", AttributeUse::Edit, now).await
            })
        })
        .await?;
    Ok(())
}

/// One system user.
struct User {
    username: &'static str,
    given: &'static str,
    family: &'static str,
    role: &'static str,
    user_type: UserType,
    /// The account was over before the run begins.
    expired: bool,
}

const fn user(
    username: &'static str,
    given: &'static str,
    family: &'static str,
    role: &'static str,
    user_type: UserType,
) -> User {
    User { username, given, family, role, user_type, expired: false }
}

const USERS: [User; 6] = [
    user("admin", "Amir", "Administrator", "Administrator", UserType::Ui),
    user("manager", "Mona", "Manager", "Manager", UserType::Ui),
    user("helper", "Hugo", "Helper", "Helper", UserType::Ui),
    user("sync-robot", "", "", "Helper", UserType::Api),
    user("hybrid", "Hedda", "Hybrid", "Helper", UserType::Hybrid),
    User { expired: true, ..user("temp", "Tess", "Temporary", "Helper", UserType::Ui) },
];

/// Makes a system user of each kind; gives the Manager, who acts from then on and owns the automation.
pub(super) async fn system_users(context: &Context) -> Result<Acting, Failure> {
    let mut manager = None;
    for User { username, given, family, role, user_type, expired } in USERS {
        let now = now_ms();
        let id = PersonId::generate(now, randomness()?);
        let role = context.store.read(move |tx| Box::pin(store::role::find_by_name(tx, role))).await?;
        let role = role.ok_or_else(|| Failure::failed("a built-in role is missing"))?;
        let new = NewPerson {
            username: Some(username.into()),
            address: Some(address(username)?),
            given_name: given.into(),
            family_name: family.into(),
            language: Some("en".into()),
            ..NewPerson::new(id)
        };
        let system = SystemRole { role_id: role.id, user_type, expires_at: None };
        context
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let acting = Acting::command_line();
                    people::insert(tx, &acting, &new, now).await?;
                    people::grant_role(tx, &acting, id, system, now).await?;
                    if expired {
                        people::set_expiry(tx, &acting, id, Some(now - 1), now).await?;
                    }
                    Ok::<_, ChangeError>(())
                })
            })
            .await?;
        if username == "manager" {
            manager = Some(Acting::command_line_as(id, role.rank));
        }
    }
    manager.ok_or_else(|| Failure::failed("there is no Manager"))
}

/// A few people who must not be written to.
pub(super) async fn exceptions(context: &Context, count: u64) -> Result<(), Failure> {
    for number in [5, 17, 29, 88, 131, 207].into_iter().filter(|number| *number < count) {
        let one = person(number);
        let Some(address) = one.address.as_deref().and_then(|text| Address::parse(text).ok()) else {
            continue;
        };
        let username = one.username;
        context
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let Some(found) = people::find_by_username(tx, &username).await? else { return Ok(()) };
                    let now = now_ms();
                    if number % 2 == 1 && number < 100 {
                        people::block(tx, &Acting::command_line(), found.id, now).await?;
                    } else {
                        people::mark_undeliverable(tx, found.id, &address, "5.1.1 no such mailbox", now)
                            .await?;
                    }
                    Ok::<_, ChangeError>(())
                })
            })
            .await?;
    }
    Ok(())
}

/// A published selection and an active automation, both shaped by the Manager.
pub(super) async fn automation(context: &Context, acting: &Acting) -> Result<Automation, Failure> {
    let now = now_ms();
    let selection_id = SelectionId::generate(now, randomness()?);
    let draft = Draft {
        name: "Members and operators".into(),
        description: "Everybody who has an account".into(),
        filter: FILTER.into(),
        size_limit: None,
        time_zone: "Europe/Berlin".into(),
    };
    let by = acting.clone();
    context
        .store
        .write(move |tx| {
            Box::pin(async move {
                selection::insert(tx, &by, selection_id, &draft, now).await?;
                selection::publish(tx, &by, selection_id, now).await
            })
        })
        .await?;
    let id = AutomationId::generate(now, randomness()?);
    let step = JobStep {
        name: "Yearly renewal".into(),
        description: "A new password for everybody, once a year".into(),
        job: Job::SendNewPassword(SendNewPassword::default()),
        selection_id: Some(selection_id),
    };
    let schedule = ScheduleStep { schedule: schedule(now)?, reminder_to: Vec::new() };
    let by = acting.clone();
    let made = context
        .store
        .write(move |tx| {
            Box::pin(async move {
                let christmas =
                    HolidayInput { date: "2026-12-25".into(), name: "Christmas".into(), yearly: true };
                holiday::insert(tx, &by, &christmas, now).await?;
                automation::insert(tx, &by, id, &step, now).await?;
                automation::update_schedule(tx, &by, id, &schedule, now).await?;
                automation::activate(tx, &by, id, now).await
            })
        })
        .await
        .map_err(flow::StartError::from)?;
    Ok(made)
}

/// A moment by the wall clock of the invented installation.
pub(super) fn now_at_home(now: i64) -> Result<jiff::Zoned, Failure> {
    let now = jiff::Timestamp::from_millisecond(now).map_err(Failure::failed)?;
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").map_err(Failure::failed)?;
    Ok(now.to_zoned(zone))
}

/// In a month at nine, then every year, on weekdays, never on holidays.
fn schedule(now: i64) -> Result<Schedule, Failure> {
    let day = now_at_home(now)?.date().checked_add(jiff::Span::new().months(1)).map_err(Failure::failed)?;
    Schedule::new(&ScheduleInput {
        zone: "Europe/Berlin".into(),
        start: format!("{day}T09:00"),
        repetition: Some(RepetitionInput { every: 12, unit: Unit::Months }),
        end: None,
        delete_after_last: false,
        days: ExecutionDays::WEEKDAYS,
        holidays: HolidayRule::NeverOn,
    })
    .map_err(Failure::failed)
}
