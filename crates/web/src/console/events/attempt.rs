//! What would this event do now? And sending one that another system would send.

use super::outcome::reason_label;
use super::words::{self, CUSTOM, ChoiceGroup};
use super::{find_people, one::pretty, tabs};
use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::people::named::called;
use crate::console::shell::{Choice, Place, Shell, Tab};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use crate::query::Pairs;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::event::cloud::{CloudEvent, read_structured};
use domain::event::{BuiltIn, EventType};
use domain::event_job::{EventJobReason, EventJobState};
use domain::person::Person;
use domain::recipient::RecipientState;
use domain::role::Permission;
use domain::schedule::HolidayCalendar;
use flow::{Simulated, SimulatedJob, Simulation};
use jiff::Timestamp;
use store::automation::{self, Automation};
use store::event::Happened;
use store::{StoreError, group};

/// The path.
pub(super) const HERE: &str = "/console/events/try";
/// Groups to choose from.
const MOST_GROUPS: i64 = 500;

const FIELDS: &[&str] = &["event", "person", "group", "automation", "data", "json", "shown", "act"];

#[derive(Template)]
#[template(path = "console/events/try.html")]
struct TryPage {
    shell: Shell,
    tabs: Vec<Tab>,
    filled: Filled,
    events: Vec<ChoiceGroup>,
    chosen: Option<Chosen>,
    groups: Vec<Choice>,
    automations: Vec<Choice>,
    /// What would happen; `None`: not asked yet.
    answer: Option<Answer>,
    may_send: bool,
    may_name: bool,
}

/// The event that is tried.
struct Chosen {
    value: String,
    about: String,
    is_custom: bool,
    has_person: bool,
    has_group: bool,
    has_automation: bool,
}

/// What would happen, in sentences.
struct Answer {
    lead: String,
    lines: Vec<Would>,
}

/// What one automation would do.
struct Would {
    tone: &'static str,
    name: String,
    path: Option<String>,
    text: String,
    /// More, in English.
    detail: String,
}

/// Records a simulation names.
struct Around {
    automations: Vec<Automation>,
    calendar: HolidayCalendar,
}

/// GET /console/events/try
pub(crate) async fn show(operator: Operator) -> Result<Response, Failure> {
    let query = operator.query(&["event"])?;
    let asked = match query.text("event") {
        "" => String::new(),
        text => match EventType::parse(text) {
            Ok(EventType::BuiltIn(_)) => text.to_owned(),
            Ok(EventType::Custom(_)) => CUSTOM.to_owned(),
            Err(_) => String::new(),
        },
    };
    let mut filled = Filled::with([("event", asked.clone())]);
    fill_samples(&mut filled, query.text("event"));
    filled.put("shown", asked);
    show_page(&operator, StatusCode::OK, filled, None).await
}

/// POST /console/events/try: shows the fields of the chosen event, or what it would do.
pub(crate) async fn create(operator: Operator, form: Form) -> Result<Response, Failure> {
    let pairs = operator.form(form, FIELDS)?;
    let mut filled = sent(&pairs);
    if pairs.text("act") == "look" {
        return show_page(&operator, StatusCode::OK, filled, None).await;
    }
    let Some(what) = read_event(&operator, &mut filled).await? else {
        return show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, filled, None).await;
    };
    let found = operator.state().flow.simulate_event(what, &operator.acting()).await?;
    let answer = answer(&operator, &found).await?;
    show_page(&operator, StatusCode::OK, filled, Some(answer)).await
}

/// POST /console/events/send: an event as another system would send it.
pub(crate) async fn send(operator: Operator, form: Form) -> Result<Response, Failure> {
    let pairs = operator.form(form, FIELDS)?;
    let mut filled = sent(&pairs);
    let Some(event) = read_custom(&operator, &mut filled) else {
        return show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, filled, None).await;
    };
    let accepted = operator.state().flow.accept_events(vec![event], &operator.acting()).await?;
    let code = if accepted.accepted == 1 { "event-sent" } else { "event-known" };
    // Who may send events need not be allowed to see them.
    let path = if operator.may(Permission::EventsView) { super::HERE } else { "/console" };
    Ok(page::done(path, code, None))
}

/// What was sent; where another event was chosen since the page was shown, with its samples.
fn sent(pairs: &Pairs) -> Filled {
    let is_another = pairs.text("event") != pairs.text("shown");
    let kept = pairs.all().filter(|(name, _)| *name != "shown" && !(is_another && *name == "data"));
    let mut filled = Filled::with(kept.map(|(name, value)| (name, value.to_owned())));
    if is_another || pairs.text("json").is_empty() {
        fill_samples(&mut filled, pairs.text("event"));
    }
    filled.put("shown", pairs.text("event").to_owned());
    filled
}

/// Data as the event carries it, to be changed.
fn fill_samples(filled: &mut Filled, event: &str) {
    if let Ok(EventType::BuiltIn(event)) = EventType::parse(event)
        && !filled.has("data")
    {
        filled.put("data", pretty(&sample(event)));
    }
    if !filled.has("json") {
        let custom = if event.is_empty() || event == CUSTOM || event.starts_with("passpost.") {
            "org.example.course.booked"
        } else {
            event
        };
        let json = serde_json::json!({
            "specversion": "1.0", "id": "try-1", "source": "/console", "type": custom, "contact": "",
            "data": { "course": { "id": "C-7" } }
        });
        filled.put("json", pretty(&json));
    }
}

/// Made-up data of a built-in event.
fn sample(event: BuiltIn) -> serde_json::Value {
    let value = |name: &str| match name {
        "attributes" => serde_json::json!(["address"]),
        "origin" | "by" => serde_json::json!("console"),
        "how" => serde_json::json!("login"),
        "state" => serde_json::json!("finished"),
        "status" => serde_json::json!("5.1.1"),
        "expires_at" => serde_json::json!("2027-01-04T08:00:00Z"),
        "cause" | "file" | "group" | "name" | "run" => serde_json::json!(""),
        _ => serde_json::json!(1),
    };
    let fields = event.data_fields().iter().map(|field| (field.name.to_owned(), value(field.name)));
    serde_json::Value::Object(fields.collect())
}

/// The event as typed; `None`: something is wrong, which then stands at its field.
async fn read_event(operator: &Operator, filled: &mut Filled) -> Result<Option<Simulation>, Failure> {
    match filled.value("event") {
        CUSTOM => Ok(read_custom(operator, filled).map(|event| Simulation::Custom(Box::new(event)))),
        text => match EventType::parse(text) {
            Ok(EventType::BuiltIn(event)) => read_built_in(operator, filled, event).await,
            _ => {
                filled.wrong("event", operator.say("event-wrong-event"));
                Ok(None)
            }
        },
    }
}

fn read_custom(operator: &Operator, filled: &mut Filled) -> Option<CloudEvent> {
    // A contact left empty is nobody.
    let typed = match serde_json::from_str::<serde_json::Value>(filled.value("json")) {
        Ok(serde_json::Value::Object(mut all)) => {
            for name in ["contact", "systemuser", "group"] {
                if all.get(name).is_some_and(|value| value.as_str() == Some("")) {
                    all.remove(name);
                }
            }
            serde_json::Value::Object(all).to_string()
        }
        // What is wrong with it is said by who reads it.
        _ => filled.value("json").to_owned(),
    };
    match read_structured(typed.as_bytes()) {
        Ok(event) => Some(event),
        Err(problems) => {
            let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
            filled.wrong("json", operator.fill("event-wrong-json", "detail", &all.join(" · ")));
            None
        }
    }
}

async fn read_built_in(
    operator: &Operator,
    filled: &mut Filled,
    event: BuiltIn,
) -> Result<Option<Simulation>, Failure> {
    let carried = event.carried();
    let mut about = Happened::default();
    if carried.contact || carried.system_user {
        about.people.extend(read_person(operator, filled).await?.map(|person| person.id));
        if about.people.is_empty()
            && filled.error("person").is_empty()
            && event != BuiltIn::AutomationFinished
        {
            filled.wrong("person", operator.say("event-wrong-person"));
        }
    }
    if carried.group {
        about.group = filled.value("group").parse().ok();
        if about.group.is_none() {
            filled.wrong("group", operator.say("event-wrong-group"));
        }
    }
    if carried.automation {
        about.automation = filled.value("automation").parse().ok();
    }
    if event.can_have_causer() {
        about.actor = Some(operator.id());
    }
    match serde_json::from_str(filled.value("data").trim()) {
        Ok(serde_json::Value::Object(data)) => about.data = serde_json::Value::Object(data),
        Ok(_) => filled.wrong("data", operator.say("event-wrong-data")),
        Err(_) if filled.value("data").trim().is_empty() => about.data = serde_json::json!({}),
        Err(error) => filled.wrong("data", operator.fill("event-wrong-json", "detail", &error.to_string())),
    }
    Ok(filled.is_right().then_some(Simulation::BuiltIn(event, about)))
}

async fn read_person(operator: &Operator, filled: &mut Filled) -> Result<Option<Person>, Failure> {
    let typed = filled.value("person").trim().to_owned();
    if typed.is_empty() {
        return Ok(None);
    }
    if !operator.may(Permission::PeopleView) {
        filled.wrong("person", operator.say("target-not-yours"));
        return Ok(None);
    }
    let read = operator.state().store.read(move |tx| Box::pin(async move { find_people(tx, &typed).await }));
    let mut found = read.await.map_err(Failure::from)?;
    match found.len() {
        0 => filled.wrong("person", operator.say("target-nobody")),
        1 => return Ok(found.pop()),
        _ => {
            let names: Vec<String> = found.iter().map(called).collect();
            filled.wrong("person", operator.fill("target-several", "names", &names.join(", ")));
        }
    }
    Ok(None)
}

async fn answer(operator: &Operator, found: &Simulated) -> Result<Answer, Failure> {
    let words = operator.context.words;
    let Some(event) = &found.event else {
        return Ok(Answer { lead: words.say("try-known"), lines: Vec::new() });
    };
    let read = operator.state().store.read(|tx| {
        Box::pin(async move {
            Ok::<_, StoreError>(Around {
                automations: automation::list_of_events(tx).await?,
                calendar: automation::calendar(tx).await?,
            })
        })
    });
    let around = read.await.map_err(Failure::from)?;
    let label = words::label_of(words, &event.event_type);
    let lead = if found.jobs.is_empty() {
        words.fill("try-unheard", "event", &label)
    } else {
        words.fill("try-lead", "event", &label)
    };
    Ok(Answer { lead, lines: found.jobs.iter().map(|job| would(operator, job, &around)).collect() })
}

/// What one automation would do, in a sentence.
fn would(operator: &Operator, one: &SimulatedJob, around: &Around) -> Would {
    let words = operator.context.words;
    let job = &one.job;
    let automation = around.automations.iter().find(|other| other.id == job.automation_id);
    let who = match &job.username {
        Some(name) if operator.may(Permission::PeopleView) => name.clone(),
        _ => operator.say("try-the-person"),
    };
    let (mut tone, mut detail) = ("", job.detail.clone().unwrap_or_default());
    let text = match (job.state, job.recipient_state, &one.refusal) {
        (_, _, Some(refusal)) => {
            tone = "bad";
            detail.clone_from(refusal);
            words.say("try-refused")
        }
        (EventJobState::Executed, Some(RecipientState::LeftOut), _) => {
            let why = job.recipient_reason.as_deref().map(|reason| words.reason(reason)).unwrap_or_default();
            words.say_with("try-left-out", &[("who", &who), ("why", &why)])
        }
        (EventJobState::Executed | EventJobState::Waiting, ..) => {
            tone = "good";
            let what =
                automation.map(|one| operator.say(&format!("try-{}", one.job.name()))).unwrap_or_default();
            let when = when(operator, one.would_be_due_at, automation, &around.calendar);
            words.say_with("try-would", &[("who", &who), ("what", &what), ("when", &when)])
        }
        (EventJobState::NotActedOn | EventJobState::Cancelled, ..) => {
            let why = job.reason.unwrap_or(EventJobReason::ConditionNotMet);
            words.fill("try-nothing", "why", &reason_label(operator, why))
        }
    };
    let name = job.automation_name.clone().unwrap_or_default();
    Would {
        tone,
        path: operator
            .may(Permission::AutomationsView)
            .then(|| format!("/console/automations/{}", job.automation_id)),
        name,
        text,
        detail,
    }
}

/// When: at once, after the delay, and at an allowed day and hour.
fn when(
    operator: &Operator,
    due: Option<i64>,
    automation: Option<&Automation>,
    calendar: &HolidayCalendar,
) -> String {
    let now = operator.now_ms();
    let due = due.unwrap_or(now);
    let frame = automation.and_then(|one| one.frame.as_ref());
    let at = Timestamp::from_millisecond(due).unwrap_or(Timestamp::UNIX_EPOCH);
    match frame.map(|frame| frame.next_allowed(calendar, at).map(Timestamp::as_millisecond)) {
        Some(None) => operator.say("try-never"),
        Some(Some(allowed)) if allowed > due => operator.fill("try-postponed", "time", &operator.at(allowed)),
        _ if due <= now => operator.say("try-at-once"),
        _ => operator.fill("try-at", "time", &operator.at(due)),
    }
}

async fn show_page(
    operator: &Operator,
    status: StatusCode,
    filled: Filled,
    answer: Option<Answer>,
) -> Result<Response, Failure> {
    let read = operator.state().store.read(|tx| {
        Box::pin(async move {
            let groups = group::list_names(tx, MOST_GROUPS).await?;
            let automations = automation::list(tx, false).await?;
            Ok::<_, StoreError>((groups, automations))
        })
    });
    let (groups, automations) = read.await.map_err(Failure::from)?;
    let words = operator.context.words;
    let value = filled.value("event").to_owned();
    let event = match &*value {
        CUSTOM => Some(EventType::Custom(CUSTOM.to_owned())),
        text => EventType::parse(text).ok(),
    };
    let chosen = event.map(|event| {
        let carried = event.carried();
        Chosen {
            value,
            about: words::about(words, &event),
            is_custom: event.built_in().is_none(),
            has_person: carried.contact || carried.system_user,
            has_group: carried.group,
            has_automation: carried.automation,
        }
    });
    let mut group_choices = vec![Choice::new("", operator.say("people-group-choose"), filled.value("group"))];
    group_choices.extend(
        groups.iter().map(|one| Choice::new(&one.id.to_string(), one.name.clone(), filled.value("group"))),
    );
    let mut choices = vec![Choice::new("", operator.say("form-none"), filled.value("automation"))];
    choices.extend(
        automations
            .iter()
            .map(|one| Choice::new(&one.id.to_string(), one.name.clone(), filled.value("automation"))),
    );
    let page = TryPage {
        shell: operator.shell(Place::Events),
        tabs: tabs(operator, HERE),
        events: words::choices(words, filled.value("event")),
        chosen,
        groups: group_choices,
        automations: choices,
        answer,
        may_send: operator.may(Permission::EventsSend),
        may_name: operator.may(Permission::PeopleView),
        filled,
    };
    page::show(status, &page)
}
