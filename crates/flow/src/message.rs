//! Composing: from a minted password to the message that goes to the relay.

use crate::credential::Minted;
use crate::gate::{Hold, Sign};
use crate::settings::Settings;
use domain::address::Address;
use domain::id::{CredentialId, PersonId, RecipientId, RunId};
use domain::language::Language;
use domain::message::NewPassword;
use domain::person::full_name;
use domain::secret::Secret;
use mail::{ComposeError, Composer, Template, TemplateKind, Templates};
use smtp::Outgoing;
use std::sync::Arc;
use store::{StoreError, Tx, template};

/// What comes back with the answer: everything needed to record it.
#[derive(Debug)]
pub(crate) struct Tag {
    pub run: RunId,
    pub recipient: RecipientId,
    pub person: PersonId,
    pub credential: CredentialId,
    pub attempt: i64,
    pub tries_left: i64,
    pub message_id: String,
    /// To take it out of the relay's words, should the relay repeat it.
    pub password: Secret,
    pub hold: Arc<Hold>,
    pub sign: Sign,
}

/// A message that could not be composed: the person's data does not fit into a mail.
#[derive(Debug)]
pub(crate) struct Uncomposed {
    pub tag: Tag,
    pub cause: String,
}

/// The operators' words a run began with, where they changed the shipped ones.
///
/// # Errors
/// The database is not available.
pub(crate) async fn read_templates(
    tx: &mut Tx,
    run: RunId,
    kind: TemplateKind,
) -> Result<Vec<(Language, Template)>, StoreError> {
    let words = match template::list_frozen(tx, run).await? {
        Some(frozen) => frozen,
        None => template::list(tx, Some(kind.as_str())).await?.into_iter().map(|one| one.words).collect(),
    };
    Ok(words
        .into_iter()
        .filter_map(|one| {
            let language = Language::for_tag(&one.language)?;
            Some((language, Template { subject: one.subject, text: one.text, html: one.html }))
        })
        .collect())
}

/// Prepares the composer of a run. A template that the guard refuses stops the run: it never falls back
/// to other words than the operator wrote.
pub(crate) fn prepare(
    settings: &Settings,
    kind: TemplateKind,
    written: &[(Language, Template)],
) -> Result<Composer, String> {
    let said = |problems: &[mail::guard::Problem]| {
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    let mut templates = Templates::standard(kind).map_err(|problems| said(&problems))?;
    for (language, template) in written {
        templates
            .replace(*language, template)
            .map_err(|problems| format!("the {language} template: {}", said(&problems)))?;
    }
    Composer::prepare(&templates, settings.sender.clone(), &settings.house, Arc::clone(&settings.signers))
        .map_err(|error| error.to_string())
}

/// A chunk in this worker's hands.
#[derive(Debug)]
pub(crate) struct InHand {
    pub run: RunId,
    pub hold: Arc<Hold>,
    pub sign: Sign,
    /// Until when its passwords are good, milliseconds since 1970.
    pub valid_until: i64,
}

/// Composes one message. The recipient's own stored address is the only place it can go.
pub(crate) fn compose(
    composer: &Composer,
    chunk: &InHand,
    minted: Minted,
    now_ms: i64,
) -> Result<Outgoing<Tag>, Box<Uncomposed>> {
    let Minted { recipient, credential, password } = minted;
    let mut tag = Tag {
        run: chunk.run,
        recipient: recipient.id,
        person: recipient.person_id,
        credential,
        attempt: recipient.attempt,
        tries_left: recipient.tries_left,
        message_id: String::new(),
        password: password.clone(),
        hold: Arc::clone(&chunk.hold),
        sign: chunk.sign.clone(),
    };
    let to = match Address::parse(&recipient.address) {
        Ok(to) => to,
        Err(error) => return Err(Box::new(Uncomposed { tag, cause: error.to_string() })),
    };
    let message = NewPassword {
        to,
        full_name: full_name(
            &recipient.display_name,
            &recipient.given_name,
            &recipient.family_name,
            &recipient.username,
        ),
        given_name: recipient.given_name,
        family_name: recipient.family_name,
        username: recipient.username,
        language: recipient.language.as_deref().and_then(Language::for_tag).unwrap_or_default(),
        time_zone: recipient.time_zone,
        password,
        valid_until: chunk.valid_until,
        message_key: format!("{}-{}.{}", recipient.id, recipient.attempt, short(credential)),
    };
    match composer.compose(&message, now_ms) {
        Ok(composed) => {
            tag.message_id = composed.message_id;
            Ok(Outgoing {
                tag,
                mail_from: composed.envelope_from,
                rcpt_to: composed.envelope_to,
                content: composed.content.into_bytes(),
                smtputf8: composed.smtputf8,
            })
        }
        Err(error) => Err(Box::new(Uncomposed { tag, cause: said(&error) })),
    }
}

fn said(error: &ComposeError) -> String {
    format!("the message could not be composed: {error}")
}

/// The random tail of a credential's id: it makes the Message-ID unique over restored backups, and it
/// is an id and no secret.
fn short(credential: CredentialId) -> String {
    let bytes = credential.0.as_bytes();
    bytes[10..].iter().map(|byte| format!("{byte:02x}")).collect()
}
