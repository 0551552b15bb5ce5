//! The pre-flight check of a mailing: everything that could keep it from arriving, told before it starts.

use super::save::MailingWords;
use crate::Flow;
use crate::template::Reader;
use domain::id::MailingId;
use domain::mailing::NotPossible;
use domain::unverified::NamesOfUnverified;
use serde::Serialize;
use store::StoreError;
use store::mailing;

/// How heavy a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// It is as it should be.
    Good,
    /// It should be looked at; nothing is kept from starting.
    Warning,
    /// It cannot be armed so.
    Fault,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What, as a stable name.
    pub what: &'static str,
    /// How heavy.
    pub weight: Weight,
    /// In words; what would be right.
    pub says: String,
}

impl Finding {
    fn good(what: &'static str, says: impl Into<String>) -> Self {
        Self { what, weight: Weight::Good, says: says.into() }
    }
    fn warning(what: &'static str, says: impl Into<String>) -> Self {
        Self { what, weight: Weight::Warning, says: says.into() }
    }
    fn fault(what: &'static str, says: impl Into<String>) -> Self {
        Self { what, weight: Weight::Fault, says: says.into() }
    }
}

impl Flow {
    /// Looks at everything a mailing needs before it starts: fields, words, recipients, start, base address. What needs
    /// the network (relay, DNS) is asked by `doctor`.
    ///
    /// # Errors
    /// There is no such mailing.
    pub async fn check_mailing(&self, id: MailingId) -> Result<Vec<Finding>, StoreError> {
        let attributes = self.attribute_names().await?;
        let (mailing, has_sources) = self
            .store
            .read(move |tx| {
                Box::pin(async move {
                    let mailing = mailing::get(tx, id).await?;
                    let has_sources = mailing::sources(tx, &mailing).await?;
                    Ok::<_, StoreError>((mailing, has_sources))
                })
            })
            .await?;
        let mut found = Vec::new();
        match mailing.words.check() {
            Ok(()) => found.push(Finding::good("fields", "sender, subject and text are there")),
            Err(unfit) => {
                found.extend(unfit.into_iter().map(|one| Finding::fault("fields", one.to_string())))
            }
        }
        let words = MailingWords::read(mailing.intent, &mailing.words, &attributes);
        if words.problems.is_empty() {
            found.push(Finding::good("words", "every replacement is known, and the mail has what it needs"));
        }
        found.extend(words.problems.iter().map(|problem| Finding::fault("words", problem.to_string())));
        found.push(if has_sources {
            Finding::good("recipients", "recipients are chosen")
        } else {
            Finding::fault("recipients", NotPossible::Nobody.to_string())
        });
        found.extend(self.check_names(&words));
        found.push(self.check_sender(&mailing.words.sender_address));
        found.push(self.check_base());
        Ok(found)
    }

    /// Names and attributes that the words show without care for who has none: those whose address nobody confirmed may.
    fn check_names(&self, words: &MailingWords) -> Option<Finding> {
        let nameless = Reader::invented().ok()?.message().without_names();
        let shown = mail::mailing::empty_for(&words.template, &nameless).join(", ");
        (!shown.is_empty()).then(|| match self.settings.names_of_unverified {
            NamesOfUnverified::Plain => Finding::good(
                "names",
                format!("where an address is not confirmed, {shown} are empty unless they are plain names"),
            ),
            NamesOfUnverified::Never => Finding::warning(
                "names",
                format!(
                    "where an address is not confirmed, {shown} are empty (mail.names_of_unverified): write what stands \
                     there instead, as in {{{{ given_name | default('friend') }}}}"
                ),
            ),
        })
    }

    /// A sender of another domain than the house's is not signed for, and its bounces do not come back here.
    fn check_sender(&self, address: &str) -> Finding {
        let house = self.settings.sender.address.domain();
        match domain::address::Address::parse(address) {
            Ok(sender) if sender.domain() == house => {
                Finding::good("sender", format!("the sender is of {house}, as the house's own mails are"))
            }
            Ok(sender) => Finding::warning(
                "sender",
                format!(
                    "the sender is of {}, the house's mails are of {house}: see that SPF, DKIM and DMARC of {} allow \
                     this server to send for it",
                    sender.domain(),
                    sender.domain()
                ),
            ),
            Err(_) => Finding::fault("sender", domain::mailing::Unfit::SenderAddress.to_string()),
        }
    }

    fn check_base(&self) -> Finding {
        let url = &self.settings.house.login_url;
        if url.starts_with("https://") {
            Finding::good("base_url", "links lead to an address with https")
        } else {
            Finding::warning(
                "base_url",
                format!("links lead to {url}: without https only this machine can use them"),
            )
        }
    }
}
