//! From a template to an answer, and what every page shows around its content.

use crate::assets::Links;
use crate::context::Context;
use crate::failure::Failure;
use crate::headers::Kind;
use crate::settings::Settings;
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue, LOCATION, SET_COOKIE};
use axum::response::{IntoResponse, Response};

/// What is around every page.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) words: &'static Words,
    pub(crate) organisation: String,
    pub(crate) initial: String,
    pub(crate) help_contact: String,
    pub(crate) help_link: Option<String>,
    pub(crate) links: Links,
}

impl Frame {
    pub(crate) fn of(context: &Context) -> Self {
        Self::new(&context.state.settings, context.words)
    }

    pub(crate) fn new(settings: &Settings, words: &'static Words) -> Self {
        let initial = settings.organisation.trim().chars().next();
        Self {
            words,
            organisation: settings.organisation.clone(),
            initial: initial.map(|c| c.to_uppercase().collect()).unwrap_or_default(),
            help_link: help_link(&settings.help_contact),
            help_contact: settings.help_contact.clone(),
            links: Links::of(settings),
        }
    }

    /// The language tag for `<html lang>`.
    pub(crate) fn tag(&self) -> &'static str {
        self.words.language.tag()
    }

    pub(crate) fn say(&self, id: &str) -> String {
        self.words.say(id)
    }

    pub(crate) fn fill(&self, id: &str, gap: &str, value: &str) -> String {
        self.words.fill(id, gap, value)
    }
}

/// An address or a telephone number can be followed; anything else is only text.
fn help_link(contact: &str) -> Option<String> {
    let contact = contact.trim();
    let phone: String = contact.chars().filter(|c| !c.is_whitespace() && !"-/()".contains(*c)).collect();
    if domain::address::Address::parse(contact).is_ok() {
        Some(format!("mailto:{contact}"))
    } else if phone.len() >= 6 && phone.trim_start_matches('+').bytes().all(|b| b.is_ascii_digit()) {
        Some(format!("tel:{phone}"))
    } else {
        None
    }
}

/// The page with a status.
pub(crate) fn show(status: StatusCode, template: &impl Template) -> Result<Response, Failure> {
    let html = template.render().map_err(|error| {
        tracing::error!(%error, "a page could not be made");
        Failure::Internal
    })?;
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    let mut response = (status, [(CONTENT_TYPE, kind)], html).into_response();
    response.extensions_mut().insert(Finished);
    Ok(response)
}

/// Marks an answer that is a page already, whatever its status.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finished;

/// Content that is no page of ours, under the rules for its kind.
pub(crate) fn raw(kind: &'static str, content: String, rules: Kind) -> Response {
    let mut response = ([(CONTENT_TYPE, HeaderValue::from_static(kind))], content).into_response();
    response.extensions_mut().insert(rules);
    response.extensions_mut().insert(Finished);
    response
}

/// A mail, for a frame: its headers lock it in.
pub(crate) fn framed(html: String) -> Response {
    raw("text/html; charset=utf-8", html, Kind::Mail)
}

/// 303 to another of our pages (never permanent, never to another host).
pub(crate) fn go(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(path) = HeaderValue::from_str(path) {
        response.headers_mut().insert(LOCATION, path);
    }
    response
}

/// 303 to another of our pages, which then says what was done: `toast-<code>` in the words of the console, perhaps
/// with a number in it.
pub(crate) fn done(path: &str, code: &str, number: Option<u64>) -> Response {
    let joint = if path.contains('?') { '&' } else { '?' };
    let number = number.map(|number| format!("&n={number}")).unwrap_or_default();
    go(&format!("{path}{joint}done={code}{number}"))
}

/// Adds a cookie, or the removal of one.
pub(crate) fn add_cookie(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_or_a_telephone_number_becomes_a_link() {
        assert_eq!(help_link("help@pass.example").as_deref(), Some("mailto:help@pass.example"));
        assert_eq!(help_link("+49 30 123-456").as_deref(), Some("tel:+4930123456"));
        for other in ["", "the desk on floor 2", "javascript:alert(1)", "12"] {
            assert_eq!(help_link(other), None, "{other}");
        }
    }
}
