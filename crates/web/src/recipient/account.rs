//! Where people land after signing in: who they are, where they are signed in, how to leave.

use crate::admit::Signed;
use crate::context::Context;
use crate::cookie::Cookie;
use crate::failure::Failure;
use crate::form::Form;
use crate::page::{self, Frame};
use askama::Template;
use auth::session::{Listed, Realm};
use axum::http::StatusCode;
use axum::http::header::{HeaderName, HeaderValue};
use axum::response::Response;

#[derive(Template)]
#[template(path = "recipient/account.html")]
struct AccountPage {
    frame: Frame,
    token: String,
    name: String,
    username: String,
    address: String,
    sessions: Vec<SessionLine>,
}

struct SessionLine {
    browser: String,
    network: String,
    seen: String,
    is_this: bool,
}

/// GET /account
pub(crate) async fn show(context: Context, signed: Signed) -> Result<Response, Failure> {
    let context = context.for_viewer(&signed.viewer);
    let listed = context.state.auth.list_sessions(signed.session.person_id, context.now_ms).await?;
    let line = |one: Listed| SessionLine {
        browser: browser(&one.user_agent).unwrap_or_else(|| context.words.say("account-unknown-browser")),
        network: one.network,
        seen: context.clock_time(one.seen_at, signed.viewer.time_zone.as_deref()),
        is_this: one.id == signed.session.id,
    };
    let page = AccountPage {
        sessions: listed.into_iter().map(line).collect(),
        frame: Frame::of(&context),
        token: signed.session.csrf.expose().to_owned(),
        name: signed.viewer.name.clone(),
        username: signed.viewer.username.clone(),
        address: signed.viewer.address.clone().unwrap_or_default(),
    };
    page::show(StatusCode::OK, &page)
}

/// POST /account/sessions/end
pub(crate) async fn end_others(context: Context, signed: Signed, sent: Form) -> Result<Response, Failure> {
    sent.of_session(&signed.session, &[])?;
    context.state.auth.end_other_sessions(&signed.session, &context.origin, context.now_ms).await?;
    Ok(page::go("/account"))
}

/// POST /logout
pub(crate) async fn sign_out(context: Context, signed: Signed, sent: Form) -> Result<Response, Failure> {
    sent.of_session(&signed.session, &[])?;
    leave(&context, &signed, "/login").await
}

/// Ends the session and clears what the browser keeps of us.
pub(crate) async fn leave(context: &Context, signed: &Signed, path: &str) -> Result<Response, Failure> {
    context.state.auth.sign_out(&signed.session, &context.origin, context.now_ms).await?;
    let mut response = page::go(path);
    page::add_cookie(&mut response, Cookie::of(signed.session.realm).remove());
    if signed.session.realm != Realm::Console {
        page::add_cookie(&mut response, Cookie::ForcedChange.remove());
    }
    response.headers_mut().insert(
        HeaderName::from_static("clear-site-data"),
        HeaderValue::from_static("\"cache\", \"cookies\", \"storage\""),
    );
    Ok(response)
}

/// The browser's and the system's name, as far as the user agent tells; `None`: it does not.
pub(crate) fn browser(user_agent: &str) -> Option<String> {
    const BROWSERS: [(&str, &str); 6] = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("CrOS", "ChromeOS"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let first =
        |list: &[(&str, &'static str)]| list.iter().find(|(mark, _)| user_agent.contains(mark)).map(|f| f.1);
    match (first(&BROWSERS), first(&SYSTEMS)) {
        (Some(browser), Some(system)) => Some(format!("{browser}, {system}")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::browser;

    #[test]
    fn a_browser_is_named_by_what_people_call_it() {
        let edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0";
        assert_eq!(browser(edge).as_deref(), Some("Edge, Windows"));
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1";
        assert_eq!(browser(phone).as_deref(), Some("Safari, iPhone"));
        assert_eq!(browser("something"), None);
    }
}
