//! Proving once more who one is, before a sensitive step, and going on where one was.
//!
//! A page asks first and comes back to itself; where to go on is a path of the console and nothing else. A change is
//! not made without the proof, and nothing typed is lost: it comes back in the page that asks, which sends it once more
//! together with the proof (`kept`).

use crate::admit::Signed;
use crate::context::Context;
use crate::failure::Failure;
use crate::form::Form;
use crate::host;
use crate::page::{self, Frame};
use crate::query::{Pairs, encode};
use crate::recipient::login::signed_in;
use crate::settings::Settings;
use askama::Template;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::http::header::{HeaderMap, REFERER};
use axum::http::request::Parts;
use axum::response::Response;

const HOME: &str = "/console";

/// Says of a response that it only asks for a proof: nothing is refused for good.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unproved;

/// Before the names of the proof's fields where they come with the fields of a change.
pub(crate) const PROOF: &str = "proof-";

#[derive(Template)]
#[template(path = "console/prove.html")]
struct ProvePage {
    frame: Frame,
    token: String,
    username: String,
    second_factor: bool,
    /// Where the form is sent.
    action: String,
    /// Before the names of the password's and the code's fields.
    prefix: &'static str,
    /// What else is sent with it.
    kept: Pairs,
    is_change: bool,
    back: String,
    refused: bool,
}

/// Where somebody who asks for a page without a fresh proof is sent: it comes back to itself.
pub(crate) fn way(parts: &Parts) -> String {
    let path = parts.uri.path_and_query().map_or(HOME, |path| path.as_str());
    format!("/console/prove?next={}", encode(local(path).unwrap_or(HOME)))
}

/// Asks for the proof of a change, with the fields that were sent in the page.
pub(crate) fn ask(
    context: &Context,
    signed: &Signed,
    parts: &Parts,
    kept: Pairs,
    refused: bool,
) -> Result<Response, Failure> {
    let page = ProvePage {
        frame: Frame::of(context),
        token: signed.session.csrf.expose().to_owned(),
        username: signed.viewer.username.clone(),
        second_factor: signed.viewer.second_factor,
        action: parts.uri.path().to_owned(),
        prefix: PROOF,
        kept,
        is_change: true,
        back: referring_path(&context.state.settings, &parts.headers)
            .and_then(local)
            .unwrap_or(HOME)
            .to_owned(),
        refused,
    };
    let status = if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::FORBIDDEN };
    let mut response = page::show(status, &page)?;
    response.extensions_mut().insert(Unproved);
    Ok(response)
}

/// GET /console/prove
pub(crate) async fn show(
    context: Context,
    signed: Signed,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = Pairs::parse(query.as_deref().unwrap_or_default())?.only(&["next"])?;
    let next = local(query.text("next")).unwrap_or(HOME).to_owned();
    form(&context.for_viewer(&signed.viewer), &signed, next, false)
}

/// POST /console/prove
pub(crate) async fn create(context: Context, signed: Signed, sent: Form) -> Result<Response, Failure> {
    let context = context.for_viewer(&signed.viewer);
    let known = ["username", "password", "code", "next"];
    let fields = sent.of_session(&signed.session, &known)?;
    let next = local(fields.text("next")).unwrap_or(HOME);
    let (password, code) = (fields.secret("password"), fields.secret("code"));
    let auth = &context.state.auth;
    match auth.prove_again(&signed.session, &password, &code, &context.origin, context.now_ms).await? {
        Some(session) => Ok(signed_in(next, &session)),
        None => form(&context, &signed, next.to_owned(), true),
    }
}

fn form(context: &Context, signed: &Signed, next: String, refused: bool) -> Result<Response, Failure> {
    let page = ProvePage {
        frame: Frame::of(context),
        token: signed.session.csrf.expose().to_owned(),
        username: signed.viewer.username.clone(),
        second_factor: signed.viewer.second_factor,
        action: "/console/prove".to_owned(),
        prefix: "",
        kept: Pairs::of(vec![("next".to_owned(), next)])?,
        is_change: false,
        back: HOME.to_owned(),
        refused,
    };
    page::show(if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}

/// The path of our own page a request came from.
fn referring_path<'a>(settings: &Settings, headers: &'a HeaderMap) -> Option<&'a str> {
    let referer = headers.get(REFERER)?.to_str().ok()?;
    let start = referer.find("://")? + 3;
    let slash = start + referer[start..].find('/')?;
    host::is_our_origin(settings, &referer[..slash]).then_some(&referer[slash..])
}

/// A path when it is one of the console's pages; `None`: it leads elsewhere, or out of the console, or into a circle.
fn local(path: &str) -> Option<&str> {
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>#".contains(&byte));
    let name = path.split('?').next().unwrap_or_default();
    let inside = name.strip_prefix(HOME).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let lowered = name.to_ascii_lowercase();
    let climbs = name.contains("//") || lowered.split('/').any(|part| part.replace("%2e", ".") == "..");
    let circles = ["/console/prove", "/console/login", "/console/logout", "/console/setup"]
        .iter()
        .any(|closed| name == *closed || name.starts_with(&format!("{closed}/")));
    (plain && inside && !climbs && !circles && path.len() <= 2_000).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderValue, Request};

    fn settings() -> Settings {
        Settings::new("https://pass.example", "Example", "#245bb0", "", "UTC").unwrap()
    }

    fn parts(target: &str, referer: &'static str) -> Parts {
        let mut request = Request::builder().uri(target).body(()).unwrap();
        if !referer.is_empty() {
            request.headers_mut().insert(REFERER, HeaderValue::from_static(referer));
        }
        request.into_parts().0
    }

    #[test]
    fn case_18_the_way_on_is_a_page_of_the_console_and_nothing_else() {
        for path in ["/console", "/console/users?after=x", "/console/users/1", "/console/a..b"] {
            assert_eq!(local(path), Some(path));
        }
        for path in [
            "",
            "/",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/%09/evil.example",
            "https:evil.example",
            "https://evil.example/console",
            "/consolex",
            "console",
            "/console//evil",
            "/console/../login",
            "/console/%2e%2E/login",
            "/console/.%2e/x",
            "/console\\..\\x",
            "/console/\t",
            "/console/ x",
            "/console/\u{e4}",
            "/console#x",
            "/console/login/code",
            "/console/prove",
            "/console/prove?next=/console",
            "/console/logout",
            "/login",
            "@evil.example",
        ] {
            assert_eq!(local(path), None, "{path}");
        }
    }

    #[test]
    fn a_page_comes_back_to_itself_and_a_change_leads_back_to_the_page_it_came_from() {
        assert_eq!(way(&parts("/console/roles?x=1", "")), "/console/prove?next=%2Fconsole%2Froles%3Fx%3D1");
        let from = |referer| {
            let parts = parts("/console/roles", referer);
            referring_path(&settings(), &parts.headers).and_then(local).map(str::to_owned)
        };
        assert_eq!(
            from("https://pass.example/console/roles/new?a=b").as_deref(),
            Some("/console/roles/new?a=b")
        );
        for foreign in [
            "",
            "https://evil.example/console/roles",
            "http://pass.example/console/roles",
            "nonsense",
            "https://pass.example",
            "https://pass.example/login",
            "https://pass.example@evil.example/console/x",
            "https://pass.example//evil.example",
        ] {
            assert_eq!(from(foreign), None, "{foreign}");
        }
    }
}
