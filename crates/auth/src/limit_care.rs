//! What operators see and clear of the limits: those of one person, of one mailbox, of one network, and of everybody.
//!
//! Buckets have keyed hashes for names, so nobody can list who is limited: one has to know whom to ask about. The
//! functions work inside a transaction of whoever calls them. Counters are emptied before people are held, as a sign-in
//! and the lane of account mails count before they look.

use crate::Auth;
use crate::api_key::ProgramLimits;
use crate::keys::Keys;
use crate::limits::{CODE_WAITS, LoginLimits, ResetLimits};
use domain::account_mail::MOST_LIVE_LINKS;
use domain::address::Address;
use domain::id::PersonId;
use domain::limit::{Fill, Level, LimitKind};
use domain::person::Person;
use serde_json::json;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use store::rate::{self, Limit};
use store::{
    Acting, ChangeResult, Refusal, StoreError, Tx, account_mail_view, audit, person, reset_link,
    second_factor,
};

/// Sees and clears limits; cheap to clone.
#[derive(Debug, Clone)]
pub struct LimitCare {
    keys: Arc<Keys>,
    logins: LoginLimits,
    resets: ResetLimits,
}

/// A limit with its bucket.
type Kept = (LimitKind, String, Limit);

/// How far the lane everybody asks for links through is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane {
    /// Requests of everybody in this second.
    pub requests: Fill,
    /// Account mails that wait or are on their way.
    pub waiting: i64,
    /// Since when the oldest of them waits, milliseconds since 1970.
    pub oldest_at: Option<i64>,
}

impl Auth {
    /// Sees and clears limits.
    #[must_use]
    pub fn limit_care(&self) -> LimitCare {
        LimitCare { keys: Arc::clone(&self.keys), logins: self.limits, resets: self.resets }
    }
}

/// The network of what an operator typed: an address, or an IPv6 network of 64 bits; `None`: it is neither.
#[must_use]
pub fn read_network(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let (address, bits) =
        typed.split_once('/').map_or((typed, None), |(address, bits)| (address, Some(bits)));
    let address: IpAddr = address.parse().ok()?;
    let fits = match bits {
        None => true,
        Some(bits) if address.is_ipv4() => bits == "32",
        Some(bits) => bits == "64" || bits == "128",
    };
    fits.then(|| crate::network::network_of(address))
}

impl LimitCare {
    /// The limits of a person and of the person's mailbox. What is free is there as well.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn of_person(
        &self,
        tx: &mut Tx,
        person: &Person,
        now_ms: i64,
    ) -> Result<Vec<Fill>, StoreError> {
        let mut fills = vec![self.wrong_passwords(tx, person.id, now_ms).await?];
        if let Some(factor) = second_factor::find(tx, person.id).await? {
            fills.push(wrong_codes(factor.failed_codes, factor.failed_code_at, now_ms));
        }
        let (live, first_end) = reset_link::count_live_until(tx, person.id, now_ms).await?;
        fills.push(Fill::of(LimitKind::LiveLinks, live, MOST_LIVE_LINKS, first_end));
        if let Some(address) = &person.address {
            fills.extend(look_all(tx, self.mailbox(&address.envelope()), now_ms).await?);
        }
        Ok(fills)
    }

    async fn wrong_passwords(&self, tx: &mut Tx, id: PersonId, now_ms: i64) -> Result<Fill, StoreError> {
        let Some(account) = store::credential_login::find(tx, id).await? else {
            return Ok(Fill::of(LimitKind::WrongPasswords, 0, self.logins.free, None));
        };
        let limits = self.logins.bounded();
        let (failed, kind) = (account.failed_logins, LimitKind::WrongPasswords);
        if limits.is_spent(failed) {
            return Ok(Fill { kind, used: failed, most: limits.most, level: Level::Full, frees_at: None });
        }
        let frees_at = account.failed_login_at.map(|at| at + limits.wait_ms(failed));
        let frees_at = frees_at.filter(|at| *at > now_ms && !limits.allow(&account, now_ms));
        let level = match (frees_at, failed) {
            (Some(_), _) => Level::Full,
            (None, failed) if failed + 1 >= limits.free => Level::Near,
            _ => Level::Open,
        };
        Ok(Fill { kind, used: failed, most: limits.free, level, frees_at })
    }

    /// The limits of a mailbox: of what was typed, and of every stored spelling that means the same address, for mails go
    /// to the stored one. The fullest of each kind.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn of_mailbox(
        &self,
        tx: &mut Tx,
        address: &Address,
        now_ms: i64,
    ) -> Result<Vec<Fill>, StoreError> {
        let (envelopes, _) = spellings(tx, address).await?;
        let mut fills: Vec<Fill> = Vec::new();
        for envelope in &envelopes {
            for fill in look_all(tx, self.mailbox(envelope), now_ms).await? {
                match fills.iter_mut().find(|other| other.kind == fill.kind) {
                    Some(other) if other.used < fill.used => *other = fill,
                    Some(_) => {}
                    None => fills.push(fill),
                }
            }
        }
        Ok(fills)
    }

    /// The limits of a network, see [`crate::network::network_of`].
    ///
    /// # Errors
    /// The database is not available.
    pub async fn of_network(&self, tx: &mut Tx, network: &str, now_ms: i64) -> Result<Vec<Fill>, StoreError> {
        look_all(tx, self.network(network), now_ms).await
    }

    /// How far the lane of everybody is filled.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn of_everybody(&self, tx: &mut Tx, now_ms: i64) -> Result<Lane, StoreError> {
        let bucket = self.keys.bucket("reset_everybody", "");
        let kept = vec![(LimitKind::EverybodysRequests, bucket, self.resets.everybody)];
        let free = Fill::of(LimitKind::EverybodysRequests, 0, self.resets.everybody.most, None);
        let requests = look_all(tx, kept, now_ms).await?.first().copied().unwrap_or(free);
        let (waiting, oldest_at) = account_mail_view::count_waiting(tx).await?;
        Ok(Lane { requests, waiting, oldest_at })
    }

    /// Clears what holds a person back: wrong passwords and codes, and the mails counted for the mailbox. Links that work
    /// stay. Who shares the mailbox with somebody of a higher rank must not open that one's mailbox to a flood: it takes
    /// the rank to change everybody who has it. `false`: nothing did.
    ///
    /// # Errors
    /// The rank is too low for somebody; the person is gone; the database is not available.
    pub async fn clear_person(
        &self,
        tx: &mut Tx,
        acting: &Acting,
        id: PersonId,
        now_ms: i64,
    ) -> ChangeResult<bool> {
        let person = person::get(tx, id).await?;
        let mut emptied = 0;
        if let Some(address) = &person.address {
            let others = person::list_by_address(tx, address).await?;
            let reaches = |one: &Person| acting.outranks(one.system.as_ref().map(|system| system.rank));
            if !others.iter().all(reaches) {
                return Err(Refusal::Rank.into());
            }
            emptied = clear_all(tx, &self.mailbox(&address.envelope())).await?;
        }
        person::clear_limits(tx, acting, id, emptied, now_ms).await
    }

    /// Clears the mails counted for a mailbox, in every spelling. It takes the rank to change everybody who has it.
    /// `false`: nothing was counted.
    ///
    /// # Errors
    /// The rank is too low for somebody; the database is not available.
    pub async fn clear_mailbox(
        &self,
        tx: &mut Tx,
        acting: &Acting,
        address: &Address,
        now_ms: i64,
    ) -> ChangeResult<bool> {
        let (envelopes, people) = spellings(tx, address).await?;
        let mut emptied = 0;
        for envelope in &envelopes {
            emptied += clear_all(tx, &self.mailbox(envelope)).await?;
        }
        for id in &people {
            person::hold_outranked(tx, acting, *id).await?;
        }
        if emptied == 0 {
            return Ok(false);
        }
        let detail = || json!({ "mail_counters": emptied });
        for id in &people {
            let entry = acting.entry("person.limits_cleared", "person", id, detail(), now_ms);
            audit::append(tx, entry).await?;
        }
        if people.is_empty() {
            // The address is nobody's, so there is nobody to name, and addresses do not belong in the log.
            let entry = acting.entry("limit.mailbox_cleared", "installation", "", detail(), now_ms);
            audit::append(tx, entry).await?;
        }
        Ok(true)
    }

    /// Clears the limits of a network. `false`: nothing was counted.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn clear_network(
        &self,
        tx: &mut Tx,
        acting: &Acting,
        network: &str,
        now_ms: i64,
    ) -> ChangeResult<bool> {
        let emptied = clear_all(tx, &self.network(network)).await?;
        if emptied > 0 {
            let detail = json!({ "of": network, "counters": emptied });
            let entry = acting.entry("limit.network_cleared", "installation", "", detail, now_ms);
            audit::append(tx, entry).await?;
        }
        Ok(emptied > 0)
    }

    fn mailbox(&self, envelope: &str) -> Vec<Kept> {
        let kinds = [LimitKind::MailboxApart, LimitKind::MailboxHour, LimitKind::MailboxDay];
        let buckets = self.resets.of_mailbox(&self.keys, envelope);
        kinds.into_iter().zip(buckets).map(|(kind, (bucket, limit))| (kind, bucket, limit)).collect()
    }

    fn network(&self, network: &str) -> Vec<Kept> {
        let all = [
            (LimitKind::SignInsMinute, "login/minute", self.logins.network_minute),
            (LimitKind::SignInsHour, "login/hour", self.logins.network_hour),
            (LimitKind::ResetRequests, "reset_network", self.resets.network),
            (
                LimitKind::ResetRequestsDuringMailing,
                "reset_network_mailing",
                self.resets.network_during_mailing,
            ),
            (LimitKind::UnknownLinks, "bad_token", self.logins.bad_tokens),
            (LimitKind::UnknownKeys, "program refused", ProgramLimits::default().refused),
        ];
        let kept = |(kind, name, limit)| (kind, self.keys.bucket(name, network), limit);
        all.into_iter().map(kept).collect()
    }
}

/// The envelopes of everybody with this address, that of the address itself among them, and who they are; both in one
/// order for all.
async fn spellings(
    tx: &mut Tx,
    address: &Address,
) -> Result<(BTreeSet<String>, BTreeSet<PersonId>), StoreError> {
    let people = person::list_by_address(tx, address).await?;
    let stored = people.iter().filter_map(|one| one.address.as_ref()).map(Address::envelope);
    let envelopes = stored.chain([address.envelope()]).collect();
    Ok((envelopes, people.iter().map(|one| one.id).collect()))
}

fn wrong_codes(failed: i64, at: Option<i64>, now_ms: i64) -> Fill {
    let (kind, waits) = (LimitKind::WrongCodes, CODE_WAITS);
    let wait = match failed {
        _ if failed >= waits.many => waits.long_ms,
        _ if failed >= waits.free => waits.short_ms,
        _ => 0,
    };
    // A time that lies further ahead than any wait comes from a clock that was set back.
    let frees_at =
        at.filter(|at| *at <= now_ms + waits.long_ms).map(|at| at + wait).filter(|at| *at > now_ms);
    let level = match frees_at {
        Some(_) if wait > 0 => Level::Full,
        _ if failed + 1 >= waits.free => Level::Near,
        _ => Level::Open,
    };
    Fill { kind, used: failed, most: waits.free, level, frees_at: frees_at.filter(|_| wait > 0) }
}

async fn look_all(tx: &mut Tx, kept: Vec<Kept>, now_ms: i64) -> Result<Vec<Fill>, StoreError> {
    let mut fills = Vec::with_capacity(kept.len());
    for (kind, bucket, limit) in kept {
        let counted = rate::look(tx, &bucket, limit, now_ms).await?;
        fills.push(Fill::of(
            kind,
            counted.map_or(0, |one| one.used),
            limit.most,
            counted.map(|one| one.frees_at),
        ));
    }
    Ok(fills)
}

async fn clear_all(tx: &mut Tx, kept: &[Kept]) -> Result<u64, StoreError> {
    let mut emptied = 0;
    for (_, bucket, _) in kept {
        emptied += u64::from(rate::clear(tx, bucket).await?);
    }
    Ok(emptied)
}

#[cfg(test)]
#[path = "limit_care_tests.rs"]
mod tests;
