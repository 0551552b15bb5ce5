//! Unsubscribing by a link, without signing in. Looking changes nothing; the button does, and so does a mail program's
//! one click (RFC 8058), which comes without a cookie. The signed link is all the proof there is: it can do nothing else.

use crate::context::Context;
use crate::failure::Failure;
use crate::form::read_body;
use crate::page::{self, Frame};
use crate::query::Pairs;
use crate::state::State;
use askama::Template;
use auth::unsubscribe::Unsubscribe;
use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Path, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use domain::preference::ConsentWay;
use store::{StoreError, subscription};

/// The one pair a mail program sends.
const ONE_CLICK: (&str, &str) = ("List-Unsubscribe", "One-Click");
/// The largest body, in bytes.
const MOST_BYTES: usize = 16 * 1024;
/// The most fields.
const MOST_FIELDS: usize = 8;

#[derive(Template)]
#[template(path = "recipient/unsubscribe.html")]
struct UnsubscribePage {
    frame: Frame,
    tag: String,
    /// Out of what; empty: everything.
    title: String,
    is_done: bool,
}

#[derive(Template)]
#[template(path = "recipient/confirm_gone.html")]
struct GonePage {
    frame: Frame,
}

/// The fields of the one click or of our own page, in either of the two forms that mail programs use.
#[derive(Debug)]
pub(crate) struct Click(Pairs);

impl FromRequest<State> for Click {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &State) -> Result<Self, Failure> {
        if request.uri().query().is_some() {
            return Err(Failure::BadRequest("Fields belong into the body, not into the address."));
        }
        let (parts, body) = request.into_parts();
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let body = read_body(body, MOST_BYTES).await?;
        let pairs = match kind.as_str() {
            "application/x-www-form-urlencoded" => {
                let text = std::str::from_utf8(&body).map_err(|_| BROKEN)?;
                Pairs::parse(text)?
            }
            "multipart/form-data" => {
                let request = Request::from_parts(parts, Body::from(body));
                read_parts(Multipart::from_request(request, state).await.map_err(|_| BROKEN)?).await?
            }
            _ => return Err(Failure::UnsupportedMedia("Expected a form.")),
        };
        let pairs = pairs.only(&[ONE_CLICK.0, "reason", "page"])?;
        if pairs.text(ONE_CLICK.0) != ONE_CLICK.1 {
            return Err(Failure::BadRequest("Expected List-Unsubscribe=One-Click."));
        }
        Ok(Self(pairs))
    }
}

const BROKEN: Failure = Failure::BadRequest("The form cannot be read.");

async fn read_parts(mut multipart: Multipart) -> Result<Pairs, Failure> {
    let mut fields = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(|_| BROKEN)? {
        if fields.len() >= MOST_FIELDS {
            return Err(BROKEN);
        }
        let name = field.name().unwrap_or_default().to_owned();
        fields.push((name, field.text().await.map_err(|_| BROKEN)?));
    }
    Pairs::of(fields)
}

/// GET /unsubscribe/{tag}
pub(crate) async fn show(context: Context, Path(tag): Path<String>) -> Result<Response, Failure> {
    match find(&context, &tag).await? {
        Some((_, title)) => answer(&context, tag, title, false),
        None => gone(&context),
    }
}

/// POST /unsubscribe/{tag}
pub(crate) async fn create(
    context: Context,
    Path(tag): Path<String>,
    Click(fields): Click,
) -> Result<Response, Failure> {
    let Some((whom, title)) = find(&context, &tag).await? else { return gone(&context) };
    let way = if fields.text("page").is_empty() { ConsentWay::OneClick } else { ConsentWay::Link };
    let (auth, reason) = (&context.state.auth, fields.text("reason"));
    auth.unsubscribe(whom, way, reason, &context.origin, context.now_ms).await?;
    answer(&context, tag, title, true)
}

/// Whom a tag takes out of what, and what that is called.
async fn find(context: &Context, tag: &str) -> Result<Option<(Unsubscribe, String)>, Failure> {
    let Some(whom) = context.state.auth.read_unsubscribe(tag) else { return Ok(None) };
    let found = context.state.store.read(move |tx| {
        Box::pin(async move {
            match subscription::unsubscribed_at(tx, whom.person_id).await {
                Err(StoreError::NotFound(_)) => return Ok(None),
                other => other?,
            };
            match whom.group_id {
                None => Ok(Some(String::new())),
                Some(group) => subscription::find_title(tx, group).await,
            }
        })
    });
    let title: Option<String> = found.await.map_err(|error: StoreError| Failure::from(error))?;
    Ok(title.map(|title| (whom, title)))
}

fn answer(context: &Context, tag: String, title: String, is_done: bool) -> Result<Response, Failure> {
    page::show(StatusCode::OK, &UnsubscribePage { frame: Frame::of(context), tag, title, is_done })
}

fn gone(context: &Context) -> Result<Response, Failure> {
    page::show(StatusCode::NOT_FOUND, &GonePage { frame: Frame::of(context) })
}
