//! The overview: everything a recipient decides, on one page with one button to save.

use crate::admit::Signed;
use crate::console::filled::Filled;
use crate::context::Context;
use crate::failure::Failure;
use crate::page::{self, Frame};
use crate::query::Pairs;
use askama::Template;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::PersonId;
use domain::language::Language;
use domain::person::{AttributeKind, AttributeValue, Person};
use domain::preference::AttributeUse;
use store::attribute::{self, Attribute};
use store::confirmation::{self, WaitingAddress};
use store::deletion_request::{self, DeletionRequest};
use store::subscription::{self, Held, Offer};
use store::{Tx, person};

/// The most things a page says were saved.
const MOST_SAVED: usize = 8;

#[derive(Template)]
#[template(path = "recipient/preferences.html")]
struct PreferencesPage {
    frame: Frame,
    token: String,
    /// What was just saved, in sentences.
    saved: Vec<String>,
    form: Filled,
    offers: Vec<OfferLine>,
    /// Since when no mailings are taken.
    stopped: Option<String>,
    languages: Vec<Choice>,
    zones: Vec<String>,
    house_zone: String,
    seen: Vec<(String, String)>,
    fields: Vec<AttributeField>,
    address: Option<String>,
    is_confirmed: bool,
    is_undeliverable: bool,
    /// The address that waits for a click, and until when.
    waiting: Option<(String, String)>,
    request: Option<RequestLine>,
}

struct OfferLine {
    id: String,
    title: String,
    description: String,
    is_ticked: bool,
    is_waiting: bool,
    /// A click in the mailbox is needed first.
    asks: bool,
}

struct Choice {
    value: String,
    label: String,
    is_chosen: bool,
}

struct AttributeField {
    name: String,
    label: String,
    hint: String,
    /// For attributes that are yes, no or nothing.
    choices: Vec<Choice>,
}

struct RequestLine {
    asked: String,
    /// What an operator said; `None`: nothing yet.
    declined: Option<String>,
}

/// What the page shows, out of the database.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) person: Person,
    pub(super) attributes: Vec<Attribute>,
    pub(super) offers: Vec<Offer>,
    unsubscribed_at: Option<i64>,
    waiting: Option<WaitingAddress>,
    request: Option<DeletionRequest>,
}

impl Shown {
    pub(super) async fn read(context: &Context, id: PersonId) -> Result<Self, Failure> {
        let now_ms = context.now_ms;
        let asked = context.state.store.read(move |tx| Box::pin(Self::find(tx, id, now_ms)));
        asked.await
    }

    async fn find(tx: &mut Tx, id: PersonId, now_ms: i64) -> Result<Self, Failure> {
        Ok(Self {
            person: person::get(tx, id).await?,
            attributes: attribute::list(tx).await?,
            offers: subscription::list_offers(tx, id, now_ms).await?,
            unsubscribed_at: subscription::unsubscribed_at(tx, id).await?,
            waiting: confirmation::find_waiting_address(tx, id, now_ms).await?,
            request: deletion_request::find(tx, id).await?,
        })
    }

    /// The attributes that recipients may change themselves.
    pub(super) fn editable(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|one| one.recipients == AttributeUse::Edit)
    }

    /// The form as it is stored.
    fn filled(&self) -> Filled {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let mut filled = Filled::with([
            ("language", text(&self.person.language)),
            ("time_zone", text(&self.person.time_zone)),
        ]);
        for offer in self.offers.iter().filter(|offer| offer.held != Held::No) {
            filled.put(&format!("tick-{}", offer.group_id), "1".into());
        }
        for one in self.editable() {
            if let Some(value) = self.person.attributes.get(&one.name) {
                filled.put(&format!("attribute-{}", one.name), written(value));
            }
        }
        filled
    }
}

/// A value as it is typed.
fn written(value: &AttributeValue) -> String {
    match value {
        AttributeValue::String(text) => text.clone(),
        AttributeValue::Number(number) => number.to_string(),
        AttributeValue::Boolean(is) => is.to_string(),
        AttributeValue::DateTime(at) => at.to_string(),
    }
}

/// GET /preferences
pub(crate) async fn show(
    context: Context,
    signed: Signed,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let context = context.for_viewer(&signed.viewer);
    let query = Pairs::parse(query.as_deref().unwrap_or_default())?.only(&["saved"])?;
    let codes = query.text("saved").split('.').filter(|code| !code.is_empty()).take(MOST_SAVED);
    let saved = codes.filter_map(|code| context.words.find(&format!("saved-{code}"))).collect();
    let shown = Shown::read(&context, signed.session.person_id).await?;
    let filled = shown.filled();
    answer(&context, &signed, &shown, filled, saved, StatusCode::OK)
}

/// The page, with what was typed and what is wrong with it.
pub(super) fn answer(
    context: &Context,
    signed: &Signed,
    shown: &Shown,
    form: Filled,
    saved: Vec<String>,
    status: StatusCode,
) -> Result<Response, Failure> {
    let zone = shown.person.time_zone.as_deref();
    let at = |at_ms: i64| context.clock_time(at_ms, zone);
    let page = PreferencesPage {
        frame: Frame::of(context),
        token: signed.session.csrf.expose().to_owned(),
        saved,
        offers: shown.offers.iter().map(|offer| line(offer, &form)).collect(),
        stopped: shown.unsubscribed_at.map(at),
        languages: languages(context, form.value("language")),
        zones: jiff::tz::db()
            .available()
            .map(|name| name.to_string())
            .filter(|name| name.contains('/'))
            .collect(),
        house_zone: context.state.settings.time_zone.iana_name().unwrap_or_default().to_owned(),
        seen: seen(context, shown),
        fields: shown.editable().map(|one| field(context, one, &form)).collect(),
        address: shown.person.address.as_ref().map(|address| address.as_given().to_owned()),
        is_confirmed: shown.person.verified,
        is_undeliverable: shown.person.undeliverable.is_some(),
        waiting: shown.waiting.as_ref().map(|waiting| (waiting.address.clone(), at(waiting.expires_at))),
        request: shown.request.as_ref().map(|request| RequestLine {
            asked: at(request.requested_at),
            declined: request.declined_at.map(|_| request.answer.clone()),
        }),
        form,
    };
    page::show(status, &page)
}

fn line(offer: &Offer, form: &Filled) -> OfferLine {
    let is_ticked = form.has(&format!("tick-{}", offer.group_id));
    OfferLine {
        id: offer.group_id.to_string(),
        title: offer.title.clone(),
        description: offer.description.clone(),
        is_ticked,
        is_waiting: is_ticked && offer.held == Held::Waiting,
        asks: offer.double_opt_in && offer.held == Held::No,
    }
}

/// The languages of the pages by their own names, and another one the person has.
fn languages(context: &Context, chosen: &str) -> Vec<Choice> {
    let choice =
        |value: &str, label: String| Choice { is_chosen: value == chosen, value: value.to_owned(), label };
    let mut all = vec![choice("", context.words.say("preferences-language-any"))];
    for (language, name) in [(Language::En, "English"), (Language::De, "Deutsch"), (Language::Fr, "Français")]
    {
        all.push(choice(language.tag(), name.to_owned()));
    }
    if all.iter().all(|one| !one.is_chosen) {
        all.push(choice(chosen, chosen.to_owned()));
    }
    all
}

/// What recipients see of their record and cannot change.
fn seen(context: &Context, shown: &Shown) -> Vec<(String, String)> {
    let all = shown.attributes.iter().filter(|one| one.recipients == AttributeUse::See);
    let value = |name: &String| match shown.person.attributes.get(name)? {
        AttributeValue::Boolean(is) => Some(context.words.say(if *is { "form-yes" } else { "form-no" })),
        AttributeValue::DateTime(at) => {
            Some(context.clock_time(at.as_millisecond(), shown.person.time_zone.as_deref()))
        }
        other => Some(written(other)),
    };
    all.filter_map(|one| Some((one.label.clone(), value(&one.name)?))).collect()
}

fn field(context: &Context, one: &Attribute, form: &Filled) -> AttributeField {
    let words = context.words;
    let name = format!("attribute-{}", one.name);
    let chosen = form.value(&name).to_owned();
    let choices = [("", "–".to_owned()), ("true", words.say("form-yes")), ("false", words.say("form-no"))];
    let choices =
        choices.map(|(value, label)| Choice { is_chosen: value == chosen, value: value.to_owned(), label });
    AttributeField {
        label: one.label.clone(),
        hint: match one.kind {
            AttributeKind::Number => words.say("edit-hint-number"),
            AttributeKind::DateTime => words.say("edit-hint-time"),
            AttributeKind::String | AttributeKind::Boolean => String::new(),
        },
        choices: if one.kind == AttributeKind::Boolean { choices.into() } else { Vec::new() },
        name,
    }
}
