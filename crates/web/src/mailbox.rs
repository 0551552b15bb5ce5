//! The built-in mailbox, while it is the relay: what was "sent", readable as mail.

use crate::context::Context;
use crate::failure::Failure;
use crate::headers::Kind;
use crate::page::{self, Frame, framed, raw};
use crate::query::{Pairs, encode};
use crate::state::State;
use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::response::Response;
use flow::mailbox::{Mail, Mailbox, Summary};

/// Mails on one page.
const PER_PAGE: usize = 50;

#[derive(Template)]
#[template(path = "mailbox/list.html")]
struct ListPage {
    frame: Frame,
    search: String,
    lines: Vec<Line>,
    kept: usize,
    dropped: u64,
    found: usize,
    from: usize,
    to: usize,
    newer: Option<String>,
    older: Option<String>,
}

struct Line {
    number: u64,
    to: String,
    subject: String,
    at: String,
}

#[derive(Template)]
#[template(path = "mailbox/mail.html")]
struct MailPage {
    frame: Frame,
    number: u64,
    subject: String,
    headers: Vec<(String, String)>,
    text: Option<String>,
    source: Option<String>,
    has_html: bool,
    view: &'static str,
    /// Addresses of our own pages in it, to be followed from here: the frame of the HTML part stops them.
    links: Vec<String>,
    login: &'static str,
}

/// GET /mailbox
pub(crate) async fn list(context: Context, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let query = Pairs::parse(query.as_deref().unwrap_or_default())?.only(&["q", "page"])?;
    let number: usize = match query.text("page") {
        "" => 0,
        text => text.parse().map_err(|_| Failure::BadRequest("page: expected a number from 0."))?,
    };
    let (search, mailbox) = (query.text("q").trim().to_owned(), mailbox(&context.state)?);
    let counts = mailbox.counts();
    let (found, summaries) = if search.is_empty() {
        (counts.kept, mailbox.list(number, PER_PAGE))
    } else {
        let mut matching = mailbox.list(0, usize::MAX);
        matching.retain(|one| matches(one, &search));
        (matching.len(), matching.into_iter().skip(number.saturating_mul(PER_PAGE)).take(PER_PAGE).collect())
    };
    let link = |page: usize| match search.as_str() {
        "" => format!("/mailbox?page={page}"),
        search => format!("/mailbox?q={}&page={page}", encode(search)),
    };
    let from = number.saturating_mul(PER_PAGE);
    let page = ListPage {
        frame: Frame::of(&context),
        lines: summaries.iter().map(|one| line(&context, one)).collect(),
        kept: counts.kept,
        dropped: counts.dropped,
        found,
        from: from + 1,
        to: from.saturating_add(summaries.len()),
        newer: number.checked_sub(1).map(link),
        older: (from.saturating_add(PER_PAGE) < found).then(|| link(number + 1)),
        search,
    };
    page::show(StatusCode::OK, &page)
}

/// GET /mailbox/{number}: as text, as HTML in a frame, or as source.
pub(crate) async fn show(
    context: Context,
    Path(number): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = Pairs::parse(query.as_deref().unwrap_or_default())?.only(&["view"])?;
    let mail = get(&context.state, &number)?;
    let view = match query.text("view") {
        "text" => "text",
        "source" => "source",
        "html" | "" if mail.html.is_some() => "html",
        "" => "text",
        "html" => return Err(Failure::NotFound),
        _ => return Err(Failure::BadRequest("view: expected text, html or source.")),
    };
    let shown = ["From", "To", "Subject", "Date", "Reply-To"];
    let page = MailPage {
        frame: Frame::of(&context),
        number: mail.summary.id,
        subject: mail.summary.subject.clone(),
        headers: mail.headers.iter().filter(|(name, _)| shown.contains(&name.as_str())).cloned().collect(),
        has_html: mail.html.is_some(),
        links: own_links(&context.state.settings.base.origin(), mail.text.as_deref().unwrap_or_default()),
        text: mail.text.filter(|_| view == "text"),
        source: Some(mail.source).filter(|_| view == "source"),
        view,
        login: "/login",
    };
    page::show(StatusCode::OK, &page)
}

/// GET /mailbox/{number}/html: the part itself, for the frame; its headers lock it in.
pub(crate) async fn show_html(context: Context, Path(number): Path<String>) -> Result<Response, Failure> {
    let html = get(&context.state, &number)?.html.ok_or(Failure::NotFound)?;
    Ok(framed(html))
}

/// GET /mailbox/{number}/source: to save or to read by a program.
pub(crate) async fn show_source(context: Context, Path(number): Path<String>) -> Result<Response, Failure> {
    let mail = get(&context.state, &number)?;
    Ok(raw("text/plain; charset=utf-8", mail.source, Kind::Data))
}

fn mailbox(state: &State) -> Result<&Mailbox, Failure> {
    state.mailbox.as_deref().ok_or(Failure::NotFound)
}

fn get(state: &State, number: &str) -> Result<Mail, Failure> {
    let number = number.parse().map_err(|_| Failure::NotFound)?;
    mailbox(state)?.get(number).ok_or(Failure::NotFound)
}

/// Every address of ours in a text, once, in order.
fn own_links(origin: &str, text: &str) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let is_ours = word.strip_prefix(origin).is_some_and(|path| path.starts_with('/'));
        if is_ours && !links.iter().any(|link| link == word) {
            links.push(word.to_owned());
        }
    }
    links
}

fn matches(one: &Summary, search: &str) -> bool {
    let search = search.to_lowercase();
    one.envelope_to.to_lowercase().contains(&search) || one.subject.to_lowercase().contains(&search)
}

fn line(context: &Context, one: &Summary) -> Line {
    Line {
        number: one.id,
        to: one.envelope_to.clone(),
        subject: one.subject.clone(),
        at: context.clock_time(one.at_ms, None),
    }
}
