//! Adding a person, and changing what is known of one.

use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::place::id_of;
use crate::console::shell::{Choice, Place, Shell};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use crate::query::Pairs;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::address::Address;
use domain::id::PersonId;
use domain::person::{AttributeKind, AttributeValue, Person};
use std::collections::BTreeMap;
use store::attribute::{self, Attribute};
use store::person::{self, NewPerson, PersonChange};

/// The fields besides the attributes, which are named `attribute-<name>`.
const FIELDS: [&str; 9] = [
    "given_name",
    "family_name",
    "display_name",
    "username",
    "address",
    "language",
    "time_zone",
    "external_id",
    "attribute-*",
];

#[derive(Template)]
#[template(path = "console/people/edit.html")]
struct EditPage {
    shell: Shell,
    /// The person; empty: a new one.
    id: String,
    title: String,
    form: Filled,
    attributes: Vec<AttributeField>,
}

struct AttributeField {
    name: String,
    label: String,
    hint: String,
    /// For attributes that are yes, no or nothing.
    choices: Vec<Choice>,
}

/// GET /console/people/new
pub(crate) async fn show_blank(operator: Operator) -> Result<Response, Failure> {
    let attributes = read_attributes(&operator).await?;
    show_form(&operator, None, Filled::default(), &attributes, StatusCode::OK)
}

/// POST /console/people/new
pub(crate) async fn create(operator: Operator, sent: Form) -> Result<Response, Failure> {
    let fields = operator.form(sent, &FIELDS)?;
    let attributes = read_attributes(&operator).await?;
    let mut form = Filled::sent(&fields);
    let address = read_address(&operator, &fields, &mut form);
    let values = read_values(&operator, &fields, &attributes, &mut form);
    let given = |name: &str| Some(fields.text(name).trim().to_owned()).filter(|text| !text.is_empty());
    if given("username").is_none() && address.is_none() && form.is_right() {
        form.wrong("address", operator.say("edit-needs-address"));
    }
    if !form.is_right() {
        return show_form(&operator, None, form, &attributes, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let id = PersonId(auth::random::id(operator.now_ms())?);
    let person = NewPerson {
        username: given("username"),
        address,
        given_name: fields.text("given_name").trim().to_owned(),
        family_name: fields.text("family_name").trim().to_owned(),
        display_name: fields.text("display_name").trim().to_owned(),
        language: given("language"),
        time_zone: given("time_zone"),
        external_id: given("external_id"),
        attributes: values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
        ..NewPerson::new(id)
    };
    let (acting, now_ms) = (operator.acting(), operator.now_ms());
    let made = operator
        .state()
        .store
        .write(move |tx| Box::pin(async move { person::insert(tx, &acting, &person, now_ms).await }))
        .await;
    match made {
        Ok(()) => Ok(page::done(&format!("/console/people/{id}"), "person-created", None)),
        Err(error) => {
            form.refuse(error, operator.context.words)?;
            show_form(&operator, None, form, &attributes, StatusCode::UNPROCESSABLE_ENTITY)
        }
    }
}

/// GET /console/people/{id}/edit
pub(crate) async fn show(operator: Operator, Path(id): Path<String>) -> Result<Response, Failure> {
    let id: PersonId = id_of(&id)?;
    let (person, attributes) = read(&operator, id).await?;
    let filled = filled(&person);
    show_form(&operator, Some(&person), filled, &attributes, StatusCode::OK)
}

/// POST /console/people/{id}/edit
pub(crate) async fn update(
    operator: Operator,
    Path(id): Path<String>,
    sent: Form,
) -> Result<Response, Failure> {
    let id: PersonId = id_of(&id)?;
    let fields = operator.form(sent, &FIELDS)?;
    let (person, attributes) = read(&operator, id).await?;
    let mut form = Filled::sent(&fields);
    let address = read_address(&operator, &fields, &mut form);
    let attributes_sent = read_values(&operator, &fields, &attributes, &mut form);
    if !form.is_right() {
        return show_form(&operator, Some(&person), form, &attributes, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let change = change_of(&person, &fields, address, attributes_sent);
    let (acting, now_ms) = (operator.acting(), operator.now_ms());
    let made = operator
        .state()
        .store
        .write(move |tx| Box::pin(async move { person::update(tx, &acting, id, &change, now_ms).await }))
        .await;
    match made {
        Ok(_) => Ok(page::done(&format!("/console/people/{id}"), "person-changed", None)),
        Err(error) => {
            form.refuse(error, operator.context.words)?;
            show_form(&operator, Some(&person), form, &attributes, StatusCode::UNPROCESSABLE_ENTITY)
        }
    }
}

/// What differs from the person as it is: only that is changed and stands in the audit log.
fn change_of(
    person: &Person,
    fields: &Pairs,
    address: Option<Address>,
    attributes: BTreeMap<String, Option<AttributeValue>>,
) -> PersonChange {
    let text = |name: &str, before: &str| {
        let now = fields.text(name).trim();
        (now != before).then(|| now.to_owned())
    };
    let optional = |name: &str, before: Option<&String>| {
        let now = Some(fields.text(name).trim().to_owned()).filter(|text| !text.is_empty());
        (now.as_ref() != before).then_some(now)
    };
    PersonChange {
        username: text("username", &person.username).filter(|username| !username.is_empty()),
        address: (address != person.address).then_some(address),
        given_name: text("given_name", &person.given_name),
        family_name: text("family_name", &person.family_name),
        display_name: text("display_name", &person.display_name),
        language: optional("language", person.language.as_ref()),
        time_zone: optional("time_zone", person.time_zone.as_ref()),
        external_id: optional("external_id", person.external_id.as_ref()),
        verified: None,
        attributes: attributes
            .into_iter()
            .filter(|(name, value)| person.attributes.get(name) != value.as_ref())
            .collect(),
    }
}

fn filled(person: &Person) -> Filled {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut filled = Filled::with([
        ("given_name", person.given_name.clone()),
        ("family_name", person.family_name.clone()),
        ("display_name", person.display_name.clone()),
        ("username", person.username.clone()),
        ("address", person.address.as_ref().map(|address| address.as_given().to_owned()).unwrap_or_default()),
        ("language", text(&person.language)),
        ("time_zone", text(&person.time_zone)),
        ("external_id", text(&person.external_id)),
    ]);
    for (name, value) in &person.attributes {
        let text = match value {
            AttributeValue::String(text) => text.clone(),
            AttributeValue::Number(number) => number.to_string(),
            AttributeValue::Boolean(is) => is.to_string(),
            AttributeValue::DateTime(at) => at.to_string(),
        };
        filled.put(&format!("attribute-{name}"), text);
    }
    filled
}

fn read_address(operator: &Operator, fields: &Pairs, form: &mut Filled) -> Option<Address> {
    let text = fields.text("address").trim();
    if text.is_empty() {
        return None;
    }
    match Address::parse(text) {
        Ok(address) => Some(address),
        Err(error) => {
            form.wrong("address", operator.context.words.tell(&error));
            None
        }
    }
}

/// The attributes as typed; an empty field takes the value away.
fn read_values(
    operator: &Operator,
    fields: &Pairs,
    attributes: &[Attribute],
    form: &mut Filled,
) -> BTreeMap<String, Option<AttributeValue>> {
    let mut values = BTreeMap::new();
    for name in fields.ticked("attribute-") {
        let field = format!("attribute-{name}");
        let Some(attribute) = attributes.iter().find(|one| one.name == name) else {
            form.notice = Some(operator.fill("edit-no-such-attribute", "name", name));
            continue;
        };
        match fields.text(&field).trim() {
            "" => drop(values.insert(name.to_owned(), None)),
            text => match attribute.kind.read(text) {
                Ok(value) => drop(values.insert(name.to_owned(), Some(value))),
                Err(why) => form.wrong(&field, operator.context.words.tell(&why)),
            },
        }
    }
    values
}

async fn read_attributes(operator: &Operator) -> Result<Vec<Attribute>, Failure> {
    let asked = operator.state().store.read(|tx| Box::pin(async move { attribute::list(tx).await }));
    asked.await.map_err(Failure::from)
}

async fn read(operator: &Operator, id: PersonId) -> Result<(Person, Vec<Attribute>), Failure> {
    let asked = operator.state().store.read(move |tx| {
        Box::pin(async move { Ok::<_, Failure>((person::get(tx, id).await?, attribute::list(tx).await?)) })
    });
    asked.await
}

fn show_form(
    operator: &Operator,
    person: Option<&Person>,
    form: Filled,
    attributes: &[Attribute],
    status: StatusCode,
) -> Result<Response, Failure> {
    let fields = attributes
        .iter()
        .map(|one| {
            let name = format!("attribute-{}", one.name);
            let chosen = form.value(&name);
            let choices = [
                ("", "–".to_owned()),
                ("true", operator.say("form-yes")),
                ("false", operator.say("form-no")),
            ];
            let choices = choices.map(|(value, label)| Choice::new(value, label, chosen));
            AttributeField {
                label: one.label.clone(),
                hint: match one.kind {
                    AttributeKind::Number => operator.say("edit-hint-number"),
                    AttributeKind::DateTime => operator.say("edit-hint-time"),
                    AttributeKind::String | AttributeKind::Boolean => String::new(),
                },
                choices: if one.kind == AttributeKind::Boolean { choices.into() } else { Vec::new() },
                name,
            }
        })
        .collect();
    let page = EditPage {
        shell: operator.shell(Place::People),
        id: person.map(|person| person.id.to_string()).unwrap_or_default(),
        title: person.map_or_else(|| operator.say("edit-title-create"), Person::full_name),
        form,
        attributes: fields,
    };
    page::show(status, &page)
}
