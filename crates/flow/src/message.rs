//! Composing: from a minted password to the message that goes to the relay.

use crate::credential::Minted;
use crate::gate::{Hold, Sign};
use crate::plan::kind_of;
use crate::settings::Settings;
use auth::keys::Keys;
use auth::request_tag;
use domain::address::Address;
use domain::automation::Job;
use domain::id::{CredentialId, PersonId, RecipientId, RunId};
use domain::language::Language;
use domain::mailing::SendMailing;
use domain::message::{Carried, RunMessage};
use domain::person::full_name;
use domain::secret::Secret;
use domain::unverified::NamesOfUnverified;
use mail::{ComposeError, Composed, Composer, Sender, Template, TemplateKind, Templates};
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
    /// The keyed hash of the link it carries.
    pub link: Option<[u8; 32]>,
    pub attempt: i64,
    pub tries_left: i64,
    pub message_id: String,
    /// To take its secret out of the relay's words, should the relay repeat it.
    pub carried: Carried,
    pub hold: Arc<Hold>,
    pub sign: Sign,
}

impl Tag {
    /// What must not appear in anything that is written down.
    pub(crate) fn secrets(&self) -> Vec<&str> {
        self.carried.secret().map(Secret::expose).into_iter().collect()
    }
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
    job: &Job,
    written: &[(Language, Template)],
) -> Result<Composer, String> {
    match job {
        Job::SendNewPassword(_)
        | Job::SendNewPasswordToContact(_)
        | Job::SendNewPasswordToSystemUser(_)
        | Job::SendResetLink(_) => prepare_house(settings, kind_of(job), written),
        Job::SendMailing(mailing) => {
            let (language, words) =
                written.first().ok_or_else(|| "the words of the mailing are gone".to_owned())?;
            let sender = sender_of(settings, mailing)?;
            let signers = Arc::clone(&settings.signers);
            Composer::prepare_mailing(mailing.intent, *language, words, sender, &settings.house, signers)
                .map_err(|error| error.to_string())
        }
    }
}

/// Who a mailing comes from: as its operator wrote, with the return path of the house.
pub(crate) fn sender_of(settings: &Settings, mailing: &SendMailing) -> Result<Sender, String> {
    let address =
        |text: &str| Address::parse(text).map_err(|error| format!("{text:?} is no address: {error}"));
    Ok(Sender {
        address: address(&mailing.sender_address)?,
        name: mailing.sender_name.clone(),
        reply_to: (!mailing.reply_to.is_empty()).then(|| address(&mailing.reply_to)).transpose()?,
        bounce: settings.sender.bounce.clone(),
    })
}

pub(crate) fn prepare_house(
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
    /// Until when its passwords or links are good, milliseconds since 1970.
    pub valid_until: i64,
    /// Its mails belong to a mailing: the address of the page to ask for a link says whose mail it was.
    pub request_tags: bool,
    /// Which names stand in mails to people whose address nobody confirmed.
    pub names: NamesOfUnverified,
    pub keys: Arc<Keys>,
}

/// Composes one message. The recipient's own stored address is the only place it can go.
pub(crate) fn compose(
    composer: &Composer,
    chunk: &InHand,
    minted: Minted,
    now_ms: i64,
) -> Result<Outgoing<Tag>, Box<Uncomposed>> {
    let Minted { recipient, credential, carried, link } = minted;
    let mut tag = Tag {
        run: chunk.run,
        recipient: recipient.id,
        person: recipient.person_id,
        credential,
        link,
        attempt: recipient.attempt,
        tries_left: recipient.tries_left,
        message_id: String::new(),
        carried: carried.clone(),
        hold: Arc::clone(&chunk.hold),
        sign: chunk.sign.clone(),
    };
    let to = match Address::parse(&recipient.address) {
        Ok(to) => to,
        Err(error) => return Err(Box::new(Uncomposed { tag, cause: error.to_string() })),
    };
    let message = RunMessage {
        to,
        full_name: full_name(
            &recipient.display_name,
            &recipient.given_name,
            &recipient.family_name,
            &recipient.username,
        ),
        given_name: recipient.given_name,
        family_name: recipient.family_name,
        display_name: recipient.display_name,
        username: recipient.username,
        language: recipient.language.as_deref().and_then(Language::for_tag).unwrap_or_default(),
        time_zone: recipient.time_zone,
        attributes: chunk.names.shown(recipient.verified, recipient.attributes),
        carried,
        valid_until: chunk.valid_until,
        request_tag: if chunk.request_tags {
            request_tag::make(&chunk.keys, recipient.id)
        } else {
            String::new()
        },
        message_key: key_of(recipient.id, recipient.attempt, credential),
    };
    let message = if recipient.verified { message } else { message.for_unverified(chunk.names) };
    match composer.compose(&message, now_ms) {
        Ok(mut composed) => {
            tag.message_id = std::mem::take(&mut composed.message_id);
            Ok(outgoing(tag, composed))
        }
        Err(error) => Err(Box::new(Uncomposed { tag, cause: said(&error) })),
    }
}

/// A composed message as a connection takes it, with what comes back with its answer.
pub(crate) fn outgoing<T>(tag: T, composed: Composed) -> Outgoing<T> {
    Outgoing {
        tag,
        mail_from: composed.envelope_from,
        rcpt_to: composed.envelope_to,
        content: composed.content.into_bytes(),
        smtputf8: composed.smtputf8,
    }
}

fn said(error: &ComposeError) -> String {
    format!("the message could not be composed: {error}")
}

/// The key of a message: it tells the recipient and the attempt, and goes into the Message-ID and the return path.
/// With the largest ids and 99,999 attempts it has [`mail::bounce::MOST_KEY`] characters.
pub(crate) fn key_of(recipient: RecipientId, attempt: i64, credential: CredentialId) -> String {
    format!("{recipient}-{attempt}.{}", short(credential))
}

/// Reads the key of a message: recipient, attempt and the tail of the credential's id.
pub(crate) fn read_key(key: &str) -> Option<(RecipientId, i64, &str)> {
    let (numbers, tail) = key.split_once('.')?;
    let mut numbers = numbers.split('-');
    let run: u32 = numbers.next()?.parse().ok()?;
    let position: u32 = numbers.next()?.parse().ok()?;
    let attempt: u32 = numbers.next()?.parse().ok()?;
    let fits = numbers.next().is_none() && i32::try_from(run).is_ok();
    fits.then(|| (RecipientId::new(run.into(), position), attempt.into(), tail))
}

/// The random tail of a credential's id: it makes the Message-ID unique over restored backups, and it
/// is an id and no secret.
fn short(credential: CredentialId) -> String {
    let bytes = credential.0.as_bytes();
    bytes[10..].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_gives_back_what_it_was_made_of_and_the_longest_fits_into_a_return_path() {
        let credential = CredentialId(uuid::Uuid::max());
        let largest = RecipientId::new(i32::MAX.into(), u32::MAX);
        let key = key_of(largest, 99_999, credential);
        assert!(key.len() <= mail::bounce::MOST_KEY, "{key}");
        assert_eq!(read_key(&key), Some((largest, 99_999, "ffffffffffff")));
        for foreign in ["", "1-2", "1-2-3", "1-2-3-4.x", "a-2-3.x", "-1-2-3.x", "9999999999-1-1.x", "1-+.x"] {
            assert_eq!(read_key(foreign), None, "{foreign}");
        }
    }
}
