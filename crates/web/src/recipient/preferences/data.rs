//! One's own data as a file: what the record says, subscriptions and their log, mails, sessions, what happened. No secret,
//! no hash, nothing of others, and no attribute that recipients do not see.

use super::overview::Shown;
use crate::admit::Signed;
use crate::context::Context;
use crate::failure::Failure;
use crate::headers::Kind;
use auth::session::Listed;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use domain::preference::AttributeUse;
use serde_json::{Value, json};
use store::consent::{self, Consent};
use store::subscription::{self, Held};
use store::timeline::{self, Done, Mailed};
use store::{Acting, audit, deletion_request};

/// Lines of each list.
const MOST: i64 = 1_000;

/// What is read besides what the overview shows.
struct Kept {
    unsubscribed_at: Option<i64>,
    log: Vec<Consent>,
    mailed: Vec<Mailed>,
    done: Vec<Done>,
    request: Option<deletion_request::DeletionRequest>,
}

/// GET /preferences/data
pub(crate) async fn show(context: Context, signed: Signed) -> Result<Response, Failure> {
    let (id, now_ms) = (signed.session.person_id, context.now_ms);
    let acting = Acting::recipient(id, context.origin.network.clone());
    let shown = Shown::read(&context, id).await?;
    let sessions = context.state.auth.list_sessions(id, now_ms).await?;
    let kept = context.state.store.write(move |tx| {
        Box::pin(async move {
            let kept = Kept {
                unsubscribed_at: subscription::unsubscribed_at(tx, id).await?,
                log: consent::list(tx, id, MOST).await?,
                mailed: timeline::list_mailed(tx, id, MOST).await?,
                done: timeline::list_done(tx, id, MOST).await?,
                request: deletion_request::find(tx, id).await?,
            };
            // Who took the data out stands in the log before it leaves.
            audit::append(tx, acting.entry("person.data_taken", "person", id, json!({}), now_ms)).await?;
            Ok::<_, Failure>(kept)
        })
    });
    let mut text = serde_json::to_string_pretty(&whole(&shown, &kept.await?, &sessions, now_ms))
        .map_err(|_| Failure::Internal)?;
    text.push('\n');
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"my-data.json\"")),
    ];
    let mut response = (headers, text).into_response();
    response.extensions_mut().insert(Kind::Data);
    Ok(response)
}

fn whole(shown: &Shown, kept: &Kept, sessions: &[Listed], now_ms: i64) -> Value {
    let person = &shown.person;
    let visible = shown.attributes.iter().filter(|one| one.recipients != AttributeUse::Hidden);
    let attributes: serde_json::Map<String, Value> = visible
        .filter_map(|one| {
            let value = serde_json::to_value(person.attributes.get(&one.name)?).ok()?;
            Some((one.label.clone(), value))
        })
        .collect();
    json!({
        "written_at": time(now_ms),
        "account": {
            "user_name": person.username,
            "address": person.address.as_ref().map(|address| address.as_given()),
            "address_confirmed": person.verified,
            "mail_does_not_arrive": person.undeliverable,
            "given_name": person.given_name,
            "family_name": person.family_name,
            "called": person.display_name,
            "language": person.language,
            "time_zone": person.time_zone,
            "external_id": person.external_id,
            "added_at": time(person.created_at),
            "changed_at": time(person.updated_at),
        },
        "attributes": attributes,
        "password": {
            "chosen": person.credential.has_password,
            "changed_at": person.credential.changed_at.map(time),
            "mailed_at": person.credential.mailed_at.map(time),
            "last_sign_in_at": person.credential.last_login_at.map(time),
        },
        "subscriptions": shown.offers.iter().filter(|offer| offer.held != Held::No).map(|offer| {
            json!({ "title": offer.title, "waits_for_confirmation": offer.held == Held::Waiting })
        }).collect::<Vec<_>>(),
        "takes_no_mailings_since": kept.unsubscribed_at.map(time),
        "subscription_log": kept.log.iter().map(|one| json!({
            "at": time(one.at), "act": one.act.as_str(), "title": one.title, "way": one.way.as_str(),
            "reason": one.reason,
        })).collect::<Vec<_>>(),
        "deletion_request": kept.request.as_ref().map(|request| json!({
            "at": time(request.requested_at), "reason": request.reason,
            "declined_at": request.declined_at.map(time), "answer": request.answer,
        })),
        "sessions": sessions.iter().map(|one| json!({
            "browser": one.user_agent, "network": one.network, "signed_in_at": time(one.created_at),
            "last_used_at": time(one.seen_at),
        })).collect::<Vec<_>>(),
        "mails": kept.mailed.iter().map(|one| json!({
            "at": time(one.settled_at.unwrap_or(one.created_at)), "outcome": one.state.as_str(),
        })).collect::<Vec<_>>(),
        "what_happened": kept.done.iter().map(|one| json!({
            "at": time(one.at), "what": one.action, "by": one.actor,
        })).collect::<Vec<_>>(),
    })
}

fn time(at_ms: i64) -> Option<String> {
    jiff::Timestamp::from_millisecond(at_ms).ok().map(|at| at.to_string())
}
