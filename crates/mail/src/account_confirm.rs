//! Mails about what a person changes at the own pages: the link that confirms, the link that objects, the word that the
//! account is asked to be erased.

use crate::account_mail::{AccountMailComposer, Aside, Linked, Page, fact};
use crate::compose::ComposeError;
use crate::content::Composed;
use crate::header::clean;
use crate::letter::Head;
use crate::notice::salutation;
use crate::words::Words;
use domain::message::{ConfirmLink, DeletionAsked};
use domain::preference::LinkPurpose;
use zeroize::Zeroizing;

/// The words of a purpose and the end of its links' addresses.
const fn named(purpose: LinkPurpose) -> (&'static str, &'static str) {
    match purpose {
        LinkPurpose::VerifyAddress => ("verify", "address"),
        LinkPurpose::ConfirmSubscription => ("subscribe", "subscription"),
        LinkPurpose::ObjectAddress => ("object", "objection"),
    }
}

impl AccountMailComposer {
    /// Composes a mail with one link that confirms something, or objects to it.
    ///
    /// # Errors
    /// When the values cannot stand in a mail.
    pub fn compose_confirm(&self, message: &ConfirmLink, now_ms: i64) -> Result<Composed, ComposeError> {
        let words = Words::of(message.language);
        let (id, path) = named(message.purpose);
        let say = |part: &str| words.say(&format!("{id}-{part}"));
        let clock = self.clock(message.language);
        let zone = message.time_zone.as_deref();
        let username = clean(&message.username);
        let url = Zeroizing::new(format!("{}/confirm/{path}/link/{}", self.base_url, message.token.expose()));
        let label = words.say_with("reset-account", &[("username", &username)]);
        let mut facts: Vec<_> = message
            .titles
            .iter()
            .map(|title| fact(words, "subscribe-fact-title", clean(title).into_owned()))
            .collect();
        facts.push(fact(words, "reset-fact-asked", clock.write(message.asked_at, zone).to_string()));
        facts.push(fact(words, "reset-fact-until", clock.write(message.valid_until, zone).to_string()));
        let page = Page {
            subject: self.named(words, &format!("{id}-subject")),
            title: say("title"),
            salutation: salutation(words, &message.full_name),
            lead: words.say_with(&format!("{id}-lead"), &[("username", &username)]),
            accounts: vec![Linked { label, url }],
            action: say("action"),
            facts,
            after: self.with_help(words, vec![say("after")]),
            aside: message.unsubscribe_tag.as_ref().map(|tag| Aside {
                text: words.say("subscribe-none"),
                action: words.say("subscribe-none-action"),
                url: format!("{}/unsubscribe/{tag}", self.base_url),
            }),
        };
        let head = Head {
            has_html: true,
            to: &message.to,
            full_name: &message.full_name,
            language: message.language,
            message_key: &message.message_key,
        };
        self.write(head, &page, now_ms)
    }

    /// Composes the word that an account is asked to be erased. It has no link.
    ///
    /// # Errors
    /// When the values cannot stand in a mail.
    pub fn compose_deletion_asked(
        &self,
        message: &DeletionAsked,
        now_ms: i64,
    ) -> Result<Composed, ComposeError> {
        let words = Words::of(message.language);
        let at = self.clock(message.language).write(message.asked_at, message.time_zone.as_deref());
        let page = Page {
            subject: self.named(words, "deletion-subject"),
            title: words.say("deletion-title"),
            salutation: salutation(words, &message.full_name),
            lead: words.say_with("deletion-lead", &[("username", &clean(&message.username))]),
            accounts: Vec::new(),
            action: String::new(),
            facts: vec![fact(words, "reset-fact-asked", at.to_string())],
            after: self.with_help(words, vec![words.say("deletion-after"), words.say("deletion-not-mine")]),
            aside: None,
        };
        let head = Head {
            has_html: true,
            to: &message.to,
            full_name: &message.full_name,
            language: message.language,
            message_key: &message.message_key,
        };
        self.write(head, &page, now_ms)
    }
}
