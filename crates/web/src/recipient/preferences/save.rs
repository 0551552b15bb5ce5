//! Saving the overview: everything is checked first, then all of it is saved or nothing.

use super::overview::{self, Shown};
use super::{saved, wait_words, with_wait};
use crate::admit::Signed;
use crate::console::filled::Filled;
use crate::context::Context;
use crate::failure::Failure;
use crate::form::Form;
use crate::query::Pairs;
use auth::preferences::{Save, Saved, Wish};
use auth::unsubscribe::Unsubscribe;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::GroupId;
use domain::person::AttributeValue;
use domain::preference::ConsentWay;
use std::collections::{BTreeMap, BTreeSet};
use store::consent::By;
use store::person::{PersonChange, check};
use store::{Acting, ChangeError, Refusal, StoreError, Wrong, audit, subscription};

/// Subscriptions as shown and as ticked, the reason, and the record.
const FIELDS: [&str; 6] = ["shown-*", "tick-*", "reason", "language", "time_zone", "attribute-*"];

/// POST /preferences
pub(crate) async fn update(context: Context, signed: Signed, sent: Form) -> Result<Response, Failure> {
    let fields = sent.of_session(&signed.session, &FIELDS)?;
    let context = context.for_viewer(&signed.viewer);
    let shown = Shown::read(&context, signed.session.person_id).await?;
    let mut form = Filled::sent(&fields);
    let groups = read_groups(&fields)?;
    let record = read_record(&context, &shown, &fields, &mut form)?;
    if domain::preference::reason(fields.text("reason")).is_none() {
        form.wrong("reason", context.words.tell(&Wrong::Reason));
    }
    let unfit = StatusCode::UNPROCESSABLE_ENTITY;
    if !form.is_right() {
        return overview::answer(&context, &signed, &shown, form, Vec::new(), unfit);
    }
    let wish = Wish {
        shown: groups.shown,
        ticked: groups.ticked,
        reason: fields.text("reason").to_owned(),
        record,
        page_language: context.words.language.tag().to_owned(),
    };
    let auth = &context.state.auth;
    match auth.save_preferences(&signed.session, wish, &context.origin, context.now_ms).await? {
        Save::Done(done) => Ok(saved(&codes(done))),
        Save::TooMany { wait_ms } => {
            form.notice = Some(wait_words(&context, wait_ms));
            let status = StatusCode::TOO_MANY_REQUESTS;
            with_wait(overview::answer(&context, &signed, &shown, form, Vec::new(), status), wait_ms)
        }
        Save::Refused(refusal) => {
            form.refuse(ChangeError::Refused(at_the_field(refusal)), context.words)?;
            overview::answer(&context, &signed, &shown, form, Vec::new(), unfit)
        }
    }
}

/// The place of an attribute is called otherwise in the store than on the page.
fn at_the_field(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Field { field, message } => {
            Refusal::Field { field: field.replace("attributes.", "attribute-"), message }
        }
        other => other,
    }
}

fn codes(done: Saved) -> Vec<&'static str> {
    let all = [
        (done.waiting > 0, "waiting"),
        (done.subscribed > 0, "subscribed"),
        (done.unsubscribed > 0, "unsubscribed"),
        (done.language, "language"),
        (done.time_zone, "time-zone"),
        (done.attributes, "record"),
    ];
    let codes: Vec<&str> = all.into_iter().filter(|(is, _)| *is).map(|(_, code)| code).collect();
    if codes.is_empty() { vec!["nothing"] } else { codes }
}

struct Groups {
    shown: BTreeSet<GroupId>,
    ticked: BTreeSet<GroupId>,
}

/// What the page showed and what of it is ticked; a tick at something that was not shown is no answer to our page.
fn read_groups(fields: &Pairs) -> Result<Groups, Failure> {
    let read = |begin: &str| {
        let ids = fields.ticked(begin).map(|id| id.parse::<GroupId>());
        ids.collect::<Result<BTreeSet<GroupId>, _>>().map_err(|_| UNKNOWN)
    };
    let groups = Groups { shown: read("shown-")?, ticked: read("tick-")? };
    if groups.ticked.is_subset(&groups.shown) { Ok(groups) } else { Err(UNKNOWN) }
}

const UNKNOWN: Failure = Failure::BadRequest("A field was sent that this page does not know.");

/// Language, time zone and attributes, as far as they differ from what is stored. What was not sent stays.
fn read_record(
    context: &Context,
    shown: &Shown,
    fields: &Pairs,
    form: &mut Filled,
) -> Result<PersonChange, Failure> {
    let was_sent = |name: &str| fields.all().any(|(other, _)| other == name);
    let given = |name: &str| Some(fields.text(name).trim().to_owned()).filter(|text| !text.is_empty());
    let (language, zone) = (given("language"), given("time_zone"));
    if let Some(Err(why)) = language.as_deref().map(check::language) {
        form.wrong("language", context.words.tell(&why));
    }
    if let Some(Err(why)) = zone.as_deref().map(check::time_zone) {
        form.wrong("time_zone", context.words.tell(&why));
    }
    let differs = |name: &str, now: Option<String>, before: &Option<String>| {
        (was_sent(name) && now != *before).then_some(now)
    };
    Ok(PersonChange {
        language: differs("language", language, &shown.person.language),
        time_zone: differs("time_zone", zone, &shown.person.time_zone),
        attributes: read_values(context, shown, fields, form)?,
        ..PersonChange::default()
    })
}

/// The attributes as typed, as far as they differ; an empty field takes the value away. One that recipients may not
/// change is a field this page does not have.
fn read_values(
    context: &Context,
    shown: &Shown,
    fields: &Pairs,
    form: &mut Filled,
) -> Result<BTreeMap<String, Option<AttributeValue>>, Failure> {
    let mut values = BTreeMap::new();
    for name in fields.ticked("attribute-") {
        let field = format!("attribute-{name}");
        let one = shown.editable().find(|one| one.name == name).ok_or(UNKNOWN)?;
        let value = match fields.text(&field).trim() {
            "" => None,
            text => match one.kind.read(text) {
                Ok(value) => Some(value),
                Err(why) => {
                    form.wrong(&field, context.words.tell(&why));
                    continue;
                }
            },
        };
        if shown.person.attributes.get(name) != value.as_ref() {
            values.insert(name.to_owned(), value);
        }
    }
    Ok(values)
}

/// POST /preferences/unsubscribe: out of everything but credential mail.
pub(crate) async fn stop_all(context: Context, signed: Signed, sent: Form) -> Result<Response, Failure> {
    let fields = sent.of_session(&signed.session, &["reason"])?;
    let whom = Unsubscribe { person_id: signed.session.person_id, group_id: None };
    let (auth, reason) = (&context.state.auth, fields.text("reason"));
    auth.unsubscribe(whom, ConsentWay::Page, reason, &context.origin, context.now_ms).await?;
    Ok(saved(&["stopped"]))
}

/// POST /preferences/allow: takes mailings again.
pub(crate) async fn allow_again(context: Context, signed: Signed, sent: Form) -> Result<Response, Failure> {
    sent.of_session(&signed.session, &[])?;
    let (person_id, now_ms) = (signed.session.person_id, context.now_ms);
    let acting = Acting::recipient(person_id, context.origin.network.clone());
    let done = context.state.store.write(move |tx| {
        Box::pin(async move {
            let by = By { acting: &acting, person_id, way: ConsentWay::Page, reason: "", now_ms };
            let mut entries = Vec::new();
            subscription::allow_again(tx, &by, &mut entries).await?;
            for entry in entries {
                audit::append(tx, entry).await?;
            }
            Ok::<_, StoreError>(())
        })
    });
    done.await.map_err(Failure::from)?;
    Ok(saved(&["allowed"]))
}
