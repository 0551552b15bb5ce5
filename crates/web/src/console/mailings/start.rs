//! The third step of a mailing: when it starts and how fast it goes, whom it would reach now, and the button that arms it.

use super::count::{Counted, count};
use super::{get, get_editable, path_of, refusals, typed, wall};
use crate::console::automations::refusals::number as read_number;
use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::shell::{Place, Shell};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::mailing::{MailingState, Settled, Unfit};
use domain::pace::{Pace, QuietHours, Waves};
use domain::role::Permission;
use flow::{ArmMailing, Finding, Refusal, Weight};
use jiff::civil::DateTime;
use store::mailing::{Draft, Mailing};

/// People of each kind named.
const FEW: i64 = 10;
pub(super) const FIELDS: [&str; 12] = [
    "when",
    "start",
    "zone",
    "per_minute",
    "spread_until",
    "wave_people",
    "wave_wait",
    "quiet_from",
    "quiet_until",
    "keep_days",
    "confirmed",
    "act",
];

#[derive(Template)]
#[template(path = "console/mailing_start.html")]
struct StartPage {
    shell: Shell,
    path: String,
    title: String,
    is_armed: bool,
    filled: Filled,
    zones: Vec<String>,
    has_pace: bool,
    settled: String,
    late: String,
    found: Option<Counted>,
    /// Why it cannot be armed as it is; empty: nothing known.
    refusal: String,
    findings: Vec<Checked>,
    has_fault: bool,
    may_send: bool,
}

/// One thing that was looked at.
struct Checked {
    class: &'static str,
    label: String,
    text: String,
}

/// The step as typed.
struct Step {
    start: Option<DateTime>,
    zone: String,
    pace: Pace,
    keep_days: Option<i64>,
}

/// GET /console/mailings/{id}/start
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    operator.query(&[])?;
    let one = match get_editable(&operator, &id).await? {
        Ok(one) => one,
        Err(page) => return Ok(page),
    };
    let filled = filled_of(&operator, &one);
    show_page(&operator, StatusCode::OK, &one, filled).await
}

/// POST /console/mailings/{id}/start: saves the pace; nothing is armed.
pub(crate) async fn update(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let pairs = operator.form(form, &FIELDS)?;
    let one = get(&operator, &id).await?;
    let mut filled = Filled::sent(&pairs);
    let Some(step) = read_step(&operator, &mut filled) else {
        return show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, &one, filled).await;
    };
    match save(&operator, &one, &step).await {
        Err(error) => {
            refusals::refuse(&operator, &mut filled, error, &FIELDS)?;
            show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, &one, filled).await
        }
        Ok(saved) if pairs.text("act") == "close" => Ok(page::done(&path_of(&saved), "mailing-saved", None)),
        Ok(saved) => {
            // The start is saved by arming only; what was typed as one stays.
            filled.good = Some(operator.say("mailing-start-kept"));
            show_page(&operator, StatusCode::OK, &saved, filled).await
        }
    }
}

/// POST /console/mailings/{id}/test: the saved words to whoever asks, for a throw-away account that walks the whole way.
pub(crate) async fn test(
    operator: Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let pairs = operator.form(form, &FIELDS)?;
    let one = get(&operator, &id).await?;
    let mut filled = Filled::sent(&pairs);
    let status = match operator.state().flow.test_mailing(one.id, &operator.acting()).await {
        Ok(test) => {
            let gaps = [("address", test.address.as_str()), ("username", test.username.as_str())];
            filled.good = Some(operator.context.words.say_with("mailing-test-sent", &gaps));
            StatusCode::OK
        }
        Err(error) => {
            filled.notice = Some(refusals::say(&operator, error)?);
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    show_page(&operator, status, &one, filled).await
}

/// POST /console/mailings/{id}/arm
pub(crate) async fn arm(operator: Operator, Path(id): Path<String>, form: Form) -> Result<Response, Failure> {
    let pairs = operator.form(form, &FIELDS)?;
    let one = get(&operator, &id).await?;
    if !operator.may(one.intent.needs()) {
        return Err(Failure::Forbidden);
    }
    let mut filled = Filled::sent(&pairs);
    let Some(step) = read_step(&operator, &mut filled) else {
        return show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, &one, filled).await;
    };
    let now = pairs.text("when") == "now";
    if !now && step.start.is_none() {
        filled.wrong("start", operator.say("mailing-wrong-start"));
        return show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, &one, filled).await;
    }
    let mut saved = one.clone();
    let armed = match save(&operator, &one, &step).await {
        Err(error) => Err(error),
        Ok(after) => {
            saved = after;
            let asked = ArmMailing {
                mailing: saved.id,
                start: step.start.filter(|_| !now),
                time_zone: step.zone,
                confirmed: read_number(pairs.text("confirmed")),
                acting: operator.acting(),
            };
            operator.state().flow.arm_mailing(asked).await
        }
    };
    match armed {
        Ok(armed) => Ok(page::done(&path_of(&armed), "mailing-armed", None)),
        Err(error) => {
            let place = place_of(&error);
            match place {
                Some(field) => filled.wrong(field, refusals::say(&operator, error)?),
                None => refusals::refuse(&operator, &mut filled, error, &FIELDS)?,
            }
            show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, &saved, filled).await
        }
    }
}

/// The field a refusal to arm belongs to.
fn place_of(error: &flow::MailingError) -> Option<&'static str> {
    match error {
        flow::MailingError::Refused(Refusal::Unconfirmed { .. }) => Some("confirmed"),
        flow::MailingError::Refused(Refusal::NotNow(why)) => match why.code() {
            "mailing-not-past" | "mailing-not-no-time" => Some("start"),
            "mailing-not-zone" => Some("zone"),
            _ => None,
        },
        flow::MailingError::Unfit(all) if all.as_slice() == [Unfit::LateUntil] => Some("start"),
        _ => None,
    }
}

/// Saves pace and keeping, when anything of it is another one: an approval is for what it was.
async fn save(operator: &Operator, one: &Mailing, step: &Step) -> Result<Mailing, flow::MailingError> {
    let draft = Draft { pace: step.pace.clone(), keep_days: step.keep_days, ..Draft::of(one) };
    if draft == Draft::of(one) {
        return Ok(one.clone());
    }
    operator.state().flow.update_mailing(one.id, draft, &operator.acting()).await
}

/// The step as typed; `None`: something is wrong, which then stands at its field.
fn read_step(operator: &Operator, filled: &mut Filled) -> Option<Step> {
    let zone = typed::zone(operator, filled);
    let start = typed::wall(operator, filled, "start");
    let per_minute = typed::number(operator, filled, "per_minute", "mailing-wrong-number");
    let spread = typed::wall(operator, filled, "spread_until");
    let people = typed::number(operator, filled, "wave_people", "mailing-wrong-number");
    let wait = typed::number(operator, filled, "wave_wait", "mailing-wrong-number");
    let from = typed::time(operator, filled, "quiet_from");
    let until = typed::time(operator, filled, "quiet_until");
    let keep = typed::number(operator, filled, "keep_days", "mailing-wrong-keep");
    if keep == Some(Some(0)) {
        filled.wrong("keep_days", operator.say("mailing-wrong-keep"));
    }
    let waves = match (people?, wait?) {
        (None, None) => None,
        (Some(people), Some(wait_minutes)) => Some(Waves { people, wait_minutes }),
        (None, Some(_)) => note_missing(operator, filled, "wave_people"),
        (Some(_), None) => note_missing(operator, filled, "wave_wait"),
    };
    let (name, zone) = zone?;
    let quiet = match (from?, until?) {
        (None, None) => None,
        (Some(from), Some(until)) => Some(QuietHours { from, until, zone: name.clone() }),
        (None, Some(_)) => note_missing(operator, filled, "quiet_from"),
        (Some(_), None) => note_missing(operator, filled, "quiet_until"),
    };
    let spread_until = spread?.and_then(|wall| typed::moment(&zone, wall));
    let pace = Pace { per_minute: per_minute?, spread_until, waves, quiet };
    if let Err(unfit) = pace.check(i64::MIN) {
        refusals::note_pace(operator, filled, &unfit);
    }
    let start = start?;
    filled.is_right().then(|| Step { start, zone: name, pace, keep_days: keep.flatten().map(i64::from) })
}

fn note_missing<T>(operator: &Operator, filled: &mut Filled, field: &str) -> Option<T> {
    filled.wrong(field, operator.say("mailing-wrong-both"));
    None
}

fn filled_of(operator: &Operator, one: &Mailing) -> Filled {
    let zone = jiff::tz::TimeZone::get(&one.time_zone).unwrap_or_else(|_| operator.time_zone());
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let pace = &one.pace;
    let time = |time: jiff::civil::Time| time.strftime("%H:%M").to_string();
    Filled::with([
        ("when", "then".to_owned()),
        ("start", one.start.map(|at| at.strftime(typed::MINUTE).to_string()).unwrap_or_default()),
        ("zone", one.time_zone.clone()),
        ("per_minute", number(pace.per_minute)),
        ("spread_until", typed::shown(&zone, pace.spread_until)),
        ("wave_people", number(pace.waves.map(|waves| waves.people))),
        ("wave_wait", number(pace.waves.map(|waves| waves.wait_minutes))),
        ("quiet_from", pace.quiet.as_ref().map(|quiet| time(quiet.from)).unwrap_or_default()),
        ("quiet_until", pace.quiet.as_ref().map(|quiet| time(quiet.until)).unwrap_or_default()),
        ("keep_days", one.keep_days.map(|days| days.to_string()).unwrap_or_default()),
    ])
}

async fn show_page(
    operator: &Operator,
    status: StatusCode,
    one: &Mailing,
    filled: Filled,
) -> Result<Response, Failure> {
    let findings = operator.state().flow.check_mailing(one.id).await?;
    let people = if operator.may(Permission::PeopleView) { FEW } else { 0 };
    let (found, refusal) = count(operator, one, operator.id(), people).await?;
    let pace = ["per_minute", "spread_until", "wave_people", "wave_wait", "quiet_from", "quiet_until"];
    let settled =
        if one.settled == Settled::WhenArmed { "settled-when-armed-now" } else { "settled-at-start-now" };
    let late = one
        .late_until_at
        .map(|at| operator.fill("mailing-late-now", "time", &wall(operator, &one.time_zone, at)));
    let page = StartPage {
        shell: operator.shell(Place::Mailings),
        path: path_of(one),
        title: one.name.clone(),
        is_armed: one.state == MailingState::Armed,
        zones: crate::console::choice::zones(),
        has_pace: pace.iter().any(|name| filled.has(name) || !filled.error(name).is_empty()),
        settled: operator.say(if one.reminder.is_some() { "settled-reminder-now" } else { settled }),
        late: late.unwrap_or_default(),
        has_fault: findings.iter().any(|finding| finding.weight == Weight::Fault),
        findings: findings.into_iter().map(|finding| checked(operator, finding)).collect(),
        may_send: operator.may(one.intent.needs()),
        found,
        refusal,
        filled,
    };
    page::show(status, &page)
}

fn checked(operator: &Operator, finding: Finding) -> Checked {
    let (class, way) = match finding.weight {
        Weight::Good => ("good", "good"),
        Weight::Warning => ("warn", "warning"),
        Weight::Fault => ("bad", "fault"),
    };
    let what = finding.what.replace('_', "-");
    let words = operator.context.words;
    // What is not known in the operator's language is told as the check says it.
    let text = words.find(&format!("finding-{what}-{way}")).unwrap_or(finding.says);
    let label = words.find(&format!("finding-{what}")).unwrap_or(what);
    Checked { class, label, text }
}
