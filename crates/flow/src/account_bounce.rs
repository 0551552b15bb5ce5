//! Account mails that came back: who is marked, which links are void, and what operators see.
//!
//! As with runs only the signed return path of a mail that was sent counts. An address that does not exist is marked for
//! everybody whose stored address it is, and the links that went there are void. Nothing new is sent: whoever has another
//! address by then asks again.

use crate::bounce::{Bounced, Why};
use domain::account_mail::AccountMailKind;
use domain::address::Address;
use domain::event::BuiltIn;
use domain::id::{AccountMailId, PersonId};
use domain::person::Person;
use mail::bounce::Failure;
use serde_json::json;
use std::collections::BTreeSet;
use store::account_mail_bounce::{self, Sent};
use store::audit::{self, Entry};
use store::event::{self, Happened};
use store::{StoreError, Tx, account_mail, person, reset_link};

/// Records a mail that came back for a try.
pub(crate) async fn record(
    tx: &mut Tx,
    (id, attempt): (AccountMailId, i64),
    failure: &Failure,
    went_to: impl Fn(&Address) -> bool + Send,
    now_ms: i64,
) -> Result<Bounced, StoreError> {
    let ignored = |why| Ok(Bounced::Ignored { why });
    let Some(sent) = account_mail_bounce::lock(tx, id).await? else { return ignored(Why::NotSent) };
    let address = sent.address.as_deref().and_then(|address| Address::parse(address).ok());
    let Some(address) = address.filter(|address| went_to(address)) else { return ignored(Why::NotSent) };
    if attempt > sent.attempts || sent.attempts == 0 {
        return ignored(Why::NotSent);
    }
    if sent.has_bounced {
        return Ok(Bounced::Repeated);
    }
    // The word that a password was changed has the same key with every try.
    if sent.is_held && (attempt == sent.attempts || attempt == 0) {
        return Ok(Bounced::NotYet);
    }
    if !reset_link::list_used(tx, id).await?.is_empty() {
        return ignored(Why::Used);
    }
    let meant = failure.meant();
    let status = failure.enhanced.clone().or(failure.code.map(|code| code.to_string()));
    let status = status.as_deref().unwrap_or("no status");
    let cause = format!("{}: mail came back ({status})", meant.reason);
    let words = failure.redacted();
    account_mail_bounce::record(tx, id, &format!("{cause}: {words}"), now_ms).await?;
    let mut people = concerned(tx, &sent, &address).await?;
    if meant.undeliverable {
        people.extend(reset_link::retire_of_mail(tx, id).await?);
    }
    let mut entries = Vec::with_capacity(people.len());
    let mut marked = 0;
    for person in people {
        let is_marked =
            meant.undeliverable && account_mail::mark_undeliverable(tx, id, person, &cause).await?;
        marked += i64::from(is_marked);
        if sent.person_id.is_some_and(|about| about != person) && !is_marked {
            // The word about somebody else is no business of who shares the mailbox.
            continue;
        }
        let action = match sent.kind {
            AccountMailKind::ResetLink => "reset.bounced",
            AccountMailKind::PasswordChanged => "password.notice_bounced",
            AccountMailKind::ConfirmAddress => "address.link_bounced",
            AccountMailKind::AddressChanging => "address.notice_bounced",
            AccountMailKind::ConfirmSubscription => "subscription.link_bounced",
            AccountMailKind::DeletionAsked => "deletion.notice_bounced",
        };
        let detail = json!({ "reason": meant.reason, "status": status, "reply": words, "marked": is_marked });
        entries.push(Entry::new(action, "person", person, detail, now_ms));
        let about = Happened::to(person, None, json!({ "cause": words, "status": status }));
        event::happened(tx, BuiltIn::MailBounced, &about, now_ms).await?;
    }
    // Last of all, for the entries wait for one another.
    for entry in entries {
        audit::append(tx, entry).await?;
    }
    Ok(Bounced::AccountMail { reason: meant.reason, marked })
}

/// Everybody with this stored address now, or whom the mail was about.
async fn concerned(tx: &mut Tx, sent: &Sent, address: &Address) -> Result<BTreeSet<PersonId>, StoreError> {
    let all = person::list_by_address(tx, address).await?;
    let fits =
        |one: &Person| one.address.as_ref().is_some_and(|other| other.envelope() == address.envelope());
    Ok(all.into_iter().filter(fits).map(|one| one.id).chain(sent.person_id).collect())
}
