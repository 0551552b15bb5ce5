//! A recipient's values: what each replacement becomes, how long it can get, and how a secret gets into a mail.

use super::Prepared;
use crate::header::clean;
use crate::quoted_printable;
use crate::render::{self, Slot};
use crate::replacement::Replacement;
use crate::template::Part;
use domain::message::{Carried, RunMessage};
use std::borrow::Cow;
use zeroize::Zeroizing;

/// Where the page for personal links is, behind the address of the recipients' pages.
const REQUEST_PAGE: &str = "/reset";
/// Where personal links are, behind the address of the recipients' pages.
const LINK_PAGE: &str = "/reset/link/";

impl Prepared {
    /// The most octets a value can have before it is encoded; cleaning makes none longer.
    pub(super) fn most(&self, slot: Slot, message: &RunMessage) -> usize {
        let secret = || message.carried.secret().map_or(0, |secret| secret.expose().len());
        let known = match slot {
            Slot::Known(known) => known,
            Slot::Attribute(number) => {
                let name = self.checked.attributes().get(number);
                return name.and_then(|name| message.attributes.get(name)).map_or(0, String::len);
            }
        };
        match known {
            Replacement::Salutation => {
                let (before, after) = &self.greeting;
                message.full_name.len() + before.len() + after.len() + self.greeting_nobody.len()
            }
            Replacement::FullName => message.full_name.len(),
            Replacement::GivenName => message.given_name.len(),
            Replacement::FamilyName => message.family_name.len(),
            Replacement::DisplayName => message.display_name.len(),
            Replacement::Username => message.username.len(),
            Replacement::Address => message.to.as_given().len(),
            Replacement::Password => secret(),
            Replacement::PersonalLink => self.base_url.len() + LINK_PAGE.len() + secret(),
            Replacement::RequestPasswordLink => {
                self.base_url.len() + REQUEST_PAGE.len() + 3 + message.request_tag.len()
            }
            Replacement::ValidUntil => 256,
            run => self.values.get(run).len(),
        }
    }

    pub(crate) fn value<'a>(&'a self, replacement: Replacement, message: &'a RunMessage) -> Cow<'a, str> {
        match replacement {
            Replacement::Salutation => self.salutation(message),
            Replacement::FullName => clean(&message.full_name),
            Replacement::GivenName => clean(&message.given_name),
            Replacement::FamilyName => clean(&message.family_name),
            Replacement::DisplayName => clean(&message.display_name),
            Replacement::Username => clean(&message.username),
            Replacement::Address => Cow::Borrowed(message.to.as_given()),
            Replacement::RequestPasswordLink => Cow::Owned(self.request_page(&message.request_tag)),
            // Secrets are put in by themselves; see `append_secret`.
            Replacement::Password | Replacement::PersonalLink => Cow::Borrowed(""),
            Replacement::ValidUntil => {
                Cow::Owned(self.clock.write(message.valid_until, message.time_zone.as_deref()).to_string())
            }
            run => Cow::Borrowed(self.values.get(run)),
        }
    }

    pub(super) fn attribute<'a>(&self, number: usize, message: &'a RunMessage) -> Cow<'a, str> {
        let name = self.checked.attributes().get(number);
        let value = name.and_then(|name| message.attributes.get(name));
        value.map_or(Cow::Borrowed(""), |value| clean(value))
    }

    pub(super) fn filled<'a>(&'a self, slot: Slot, message: &'a RunMessage) -> Cow<'a, str> {
        match slot {
            Slot::Known(replacement) => self.value(replacement, message),
            Slot::Attribute(number) => self.attribute(number, message),
        }
    }

    /// The page where a personal link can be asked for; the tag says only whose mail led there.
    fn request_page(&self, tag: &str) -> String {
        let mut page = String::with_capacity(self.base_url.len() + REQUEST_PAGE.len() + 3 + tag.len());
        page.push_str(&self.base_url);
        page.push_str(REQUEST_PAGE);
        if !tag.is_empty() {
            page.push_str("?m=");
            page.push_str(tag);
        }
        page
    }

    /// Appends the secret a replacement stands for, without leaving a copy anywhere else.
    pub(super) fn append_secret(
        &self,
        out: &mut Vec<u8>,
        column: &mut usize,
        replacement: Replacement,
        part: Part,
        message: &RunMessage,
    ) {
        let escaped = |text| if part == Part::Html { render::escape_html(text) } else { Cow::Borrowed(text) };
        match (&message.carried, replacement) {
            (Carried::Password(password), Replacement::Password) => match escaped(password.expose()) {
                Cow::Borrowed(password) => quoted_printable::append_value(out, column, password),
                Cow::Owned(password) => {
                    quoted_printable::append_value(out, column, &Zeroizing::new(password));
                }
            },
            (Carried::Link(token), Replacement::PersonalLink) => {
                let (base, token) = (escaped(&self.base_url), token.expose());
                let length = base.len() + LINK_PAGE.len() + token.len();
                // Its whole length at once: growing would leave a copy behind.
                let mut link = Zeroizing::new(String::with_capacity(length));
                for piece in [&base, LINK_PAGE, token] {
                    link.push_str(piece);
                }
                quoted_printable::append_value(out, column, &link);
            }
            _ => {}
        }
    }

    fn salutation(&self, message: &RunMessage) -> Cow<'_, str> {
        let name = clean(&message.full_name);
        if name.is_empty() || reads_like_a_link(&name) {
            return Cow::Borrowed(&self.greeting_nobody);
        }
        Cow::Owned([&self.greeting.0, &*name, &self.greeting.1].concat())
    }
}

/// Whether mail programs would turn a name into a link: somebody else may have chosen it.
pub(crate) fn reads_like_a_link(name: &str) -> bool {
    let is_domain = |word: &str| {
        word.split_once('.').is_some_and(|(label, rest)| {
            label.chars().filter(|c| c.is_alphanumeric()).count() > 1
                && rest.chars().filter(|c| c.is_alphanumeric()).count() > 1
        })
    };
    name.contains(['@', '/', '\\'])
        || name.to_lowercase().contains("www.")
        || name.split_whitespace().any(is_domain)
}
