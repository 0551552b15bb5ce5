//! Proving once more who one is, before a sensitive step, and going on where one was.
//!
//! A request that changes something is not executed without the proof and not kept either: it is sent anew from the
//! page it came from, so nothing is ever half done. Where to go on is a path of the console and nothing else.

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

#[derive(Template)]
#[template(path = "console/prove.html")]
struct ProvePage {
    frame: Frame,
    token: String,
    username: String,
    second_factor: bool,
    next: String,
    undone: bool,
    refused: bool,
}

/// Where a request without a fresh proof is sent: a page comes back to itself, anything else to the page it came from.
pub(crate) fn way(settings: &Settings, parts: &Parts) -> String {
    if parts.method.is_safe() {
        let path = parts.uri.path_and_query().map_or(HOME, |path| path.as_str());
        return format!("/console/prove?next={}", encode(local(path).unwrap_or(HOME)));
    }
    let from = referring_path(settings, &parts.headers).and_then(local).unwrap_or(HOME);
    format!("/console/prove?next={}&undone=1", encode(from))
}

/// GET /console/prove
pub(crate) async fn show(
    context: Context,
    signed: Signed,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = Pairs::parse(query.as_deref().unwrap_or_default())?.only(&["next", "undone"])?;
    let next = local(query.text("next")).unwrap_or(HOME).to_owned();
    let undone = query.text("undone") == "1";
    form(&context.for_viewer(&signed.viewer), &signed, StatusCode::OK, next, undone, false)
}

/// POST /console/prove
pub(crate) async fn create(context: Context, signed: Signed, sent: Form) -> Result<Response, Failure> {
    let context = context.for_viewer(&signed.viewer);
    let known = ["username", "password", "code", "next", "undone"];
    let fields = sent.of_session(&signed.session, &known)?;
    let next = local(fields.text("next")).unwrap_or(HOME);
    let (password, code) = (fields.secret("password"), fields.secret("code"));
    let auth = &context.state.auth;
    match auth.prove_again(&signed.session, &password, &code, &context.origin, context.now_ms).await? {
        Some(session) => Ok(signed_in(next, &session)),
        None => {
            let undone = fields.text("undone") == "1";
            form(&context, &signed, StatusCode::UNPROCESSABLE_ENTITY, next.to_owned(), undone, true)
        }
    }
}

fn form(
    context: &Context,
    signed: &Signed,
    status: StatusCode,
    next: String,
    undone: bool,
    refused: bool,
) -> Result<Response, Failure> {
    let page = ProvePage {
        frame: Frame::of(context),
        token: signed.session.csrf.expose().to_owned(),
        username: signed.viewer.username.clone(),
        second_factor: signed.viewer.second_factor,
        next,
        undone,
        refused,
    };
    page::show(status, &page)
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

    fn way_of(method: &str, target: &str, referer: &'static str) -> String {
        let mut request = Request::builder().method(method).uri(target).body(()).unwrap();
        if !referer.is_empty() {
            request.headers_mut().insert(REFERER, HeaderValue::from_static(referer));
        }
        way(&settings(), &request.into_parts().0)
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
    fn a_page_comes_back_to_itself_and_a_change_to_the_page_it_came_from() {
        assert_eq!(way_of("GET", "/console/roles?x=1", ""), "/console/prove?next=%2Fconsole%2Froles%3Fx%3D1");
        let change = |referer| way_of("POST", "/console/roles", referer);
        assert_eq!(
            change("https://pass.example/console/roles/new?a=b"),
            "/console/prove?next=%2Fconsole%2Froles%2Fnew%3Fa%3Db&undone=1"
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
            assert_eq!(change(foreign), "/console/prove?next=%2Fconsole&undone=1", "{foreign}");
        }
    }
}
