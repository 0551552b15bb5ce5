//! The operator's own account: password, second factor, language and time zone, where one is signed in.

use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::shell::{Choice, Place, Shell};
use crate::failure::Failure;
use crate::form::Form;
use crate::page::{self, Frame};
use crate::password_field::say_problems;
use crate::recipient::account::{browser, leave};
use crate::recipient::login::signed_in;
use askama::Template;
use auth::password_change::Choice as PasswordChoice;
use auth::password_rules::Problem;
use auth::session::{Listed, Realm};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::SessionId;
use domain::language::Language;
use store::person::{self, PersonChange};
use store::second_factor::{self, SecondFactor};
use uuid::Uuid;

/// Fewer recovery codes than this are too few.
const FEW_CODES: i64 = 3;

#[derive(Template)]
#[template(path = "console/account.html")]
struct AccountPage {
    shell: Shell,
    username: String,
    address: String,
    role: String,
    form: Filled,
    languages: Vec<Choice>,
    zones: Vec<String>,
    second_factor: Option<FactorLine>,
    is_required: bool,
    came_by_recovery: Option<String>,
    sessions: Vec<SessionLine>,
}

struct FactorLine {
    since: String,
    left: String,
    few: bool,
}

struct SessionLine {
    id: String,
    browser: String,
    network: String,
    since: String,
    seen: String,
    is_this: bool,
    is_between: bool,
}

#[derive(Template)]
#[template(path = "console/account_password.html")]
struct PasswordPage {
    frame: Frame,
    token: String,
    username: String,
    least: String,
    problems: Vec<String>,
    wrong_current: bool,
}

/// GET /console/account
pub(crate) async fn show(operator: Operator) -> Result<Response, Failure> {
    let came_by_recovery = !operator.query(&["recovery"])?.text("recovery").is_empty();
    let viewer = &operator.signed.viewer;
    let form = Filled::with([
        ("language", viewer.language.clone().unwrap_or_default()),
        ("time_zone", viewer.time_zone.clone().unwrap_or_default()),
    ]);
    page(&operator, form, StatusCode::OK, came_by_recovery).await
}

/// POST /console/account
pub(crate) async fn update(operator: Operator, sent: Form) -> Result<Response, Failure> {
    let fields = operator.form(sent, &["language", "time_zone"])?;
    let given =
        |name: &str| Some(fields.text(name).trim()).filter(|text| !text.is_empty()).map(str::to_owned);
    let change = PersonChange {
        language: Some(given("language")),
        time_zone: Some(given("time_zone")),
        ..PersonChange::default()
    };
    let (id, acting, now) = (operator.id(), operator.acting(), operator.now_ms());
    let saved = operator
        .state()
        .store
        .write(move |tx| Box::pin(async move { person::update(tx, &acting, id, &change, now).await }))
        .await;
    match saved {
        Ok(_) => Ok(page::done("/console/account", "profile-saved", None)),
        Err(error) => {
            let mut form = Filled::sent(&fields);
            form.refuse(error, operator.context.words)?;
            page(&operator, form, StatusCode::UNPROCESSABLE_ENTITY, false).await
        }
    }
}

/// GET /console/account/password
pub(crate) async fn show_password(operator: Operator) -> Result<Response, Failure> {
    password_form(&operator, StatusCode::OK, &[], false)
}

/// POST /console/account/password
pub(crate) async fn update_password(operator: Operator, sent: Form) -> Result<Response, Failure> {
    let fields = operator.form(sent, &["username", "current", "password", "confirmation"])?;
    let (chosen, confirmation) = (fields.secret("password"), fields.secret("confirmation"));
    let again = StatusCode::UNPROCESSABLE_ENTITY;
    if chosen.expose() != confirmation.expose() {
        return password_form(&operator, again, &[Problem::Different], false);
    }
    let (auth, current) = (&operator.state().auth, fields.secret("current"));
    let (session, origin) = (&operator.signed.session, &operator.context.origin);
    match auth.choose_password(session, Some(&current), &chosen, origin, operator.now_ms()).await? {
        PasswordChoice::Done { session } => Ok(signed_in("/console/account?done=password-changed", &session)),
        PasswordChoice::Unfit(problems) => password_form(&operator, again, &problems, false),
        PasswordChoice::WrongCurrent => password_form(&operator, again, &[], true),
        PasswordChoice::SessionGone => Ok(page::go("/console/login")),
    }
}

/// POST /console/account/sessions/{id}/end
pub(crate) async fn end_session(
    operator: Operator,
    Path(id): Path<String>,
    sent: Form,
) -> Result<Response, Failure> {
    operator.form(sent, &[])?;
    let id = id.parse::<Uuid>().map(SessionId).map_err(|_| Failure::NotFound)?;
    if id == operator.signed.session.id {
        return leave(&operator.context, &operator.signed, "/console/login").await;
    }
    let (auth, origin) = (&operator.state().auth, &operator.context.origin);
    // Somebody else's session is as unknown as one that never was.
    if !auth.end_session(&operator.signed.session, id, origin, operator.now_ms()).await? {
        return Err(Failure::NotFound);
    }
    Ok(page::done("/console/account", "session-ended", None))
}

/// POST /console/account/sessions/end
pub(crate) async fn end_sessions(operator: Operator, sent: Form) -> Result<Response, Failure> {
    let fields = operator.form(sent, &["all"])?;
    let (auth, origin) = (&operator.state().auth, &operator.context.origin);
    let ended = auth.end_other_sessions(&operator.signed.session, origin, operator.now_ms()).await?;
    if fields.text("all").is_empty() {
        return Ok(page::done("/console/account", "sessions-ended", Some(ended)));
    }
    leave(&operator.context, &operator.signed, "/console/login").await
}

async fn page(
    operator: &Operator,
    form: Filled,
    status: StatusCode,
    came_by_recovery: bool,
) -> Result<Response, Failure> {
    let (id, now) = (operator.id(), operator.now_ms());
    let asked = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let factor = second_factor::find(tx, id).await?;
            Ok::<_, Failure>((factor, second_factor::count_recovery_codes(tx, id).await?))
        })
    });
    let (factor, left) = asked.await?;
    let sessions = operator.state().auth.list_sessions(id, now).await?;
    let viewer = &operator.signed.viewer;
    let role = viewer.role.as_ref();
    let line = |factor: SecondFactor| FactorLine {
        since: operator.at(factor.enrolled_at),
        left: operator.context.words.count("own-codes-left", "left", left),
        few: left < FEW_CODES,
    };
    let page = AccountPage {
        shell: operator.shell(Place::Account),
        username: viewer.username.clone(),
        address: viewer.address.clone().unwrap_or_default(),
        role: role.map(|role| role.name.clone()).unwrap_or_default(),
        languages: languages(operator, form.value("language")),
        zones: jiff::tz::db().available().map(|name| name.to_string()).collect(),
        form,
        came_by_recovery: came_by_recovery
            .then(|| operator.context.words.count("own-came-by-recovery", "left", left)),
        second_factor: factor.map(line),
        is_required: role.is_some_and(|role| role.second_factor_required),
        sessions: sessions.into_iter().map(|one| session_line(operator, one)).collect(),
    };
    page::show(status, &page)
}

fn session_line(operator: &Operator, one: Listed) -> SessionLine {
    SessionLine {
        id: one.id.to_string(),
        browser: browser(&one.user_agent).unwrap_or_else(|| operator.say("account-unknown-browser")),
        network: one.network,
        since: operator.at(one.created_at),
        seen: operator.at(one.seen_at),
        is_this: one.id == operator.signed.session.id,
        is_between: one.realm != Realm::Console,
    }
}

/// The languages in their own words; one that was imported and is none of ours stays choosable.
fn languages(operator: &Operator, present: &str) -> Vec<Choice> {
    let mut lines = vec![(String::new(), operator.say("own-language-browser"))];
    for language in Language::ALL {
        let name = match language {
            Language::En => "English",
            Language::De => "Deutsch",
            Language::Fr => "Français",
        };
        lines.push((language.tag().to_owned(), name.to_owned()));
    }
    if !lines.iter().any(|(value, _)| value == present) {
        lines.push((present.to_owned(), present.to_owned()));
    }
    lines.into_iter().map(|(value, label)| Choice::new(&value, label, present)).collect()
}

fn password_form(
    operator: &Operator,
    status: StatusCode,
    problems: &[Problem],
    wrong_current: bool,
) -> Result<Response, Failure> {
    let viewer = &operator.signed.viewer;
    let page = PasswordPage {
        frame: Frame::of(&operator.context),
        token: operator.signed.session.csrf.expose().to_owned(),
        username: viewer.username.clone(),
        least: operator.state().auth.rules_for(viewer.second_factor).least_length.to_string(),
        problems: say_problems(operator.context.words, problems),
        wrong_current,
    };
    page::show(status, &page)
}
