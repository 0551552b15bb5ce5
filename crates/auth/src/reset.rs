//! Personal links: asking for one, minting it, and setting a new password behind it.
//!
//! Asking writes one row and looks nobody up, so that a known name, an unknown one and one that may have no link cost
//! the same and answer the same (3-safety 1 to 3). The lane of account mails looks it up, mints and mails. A link is
//! 256 random bits, stored as a keyed hash that belongs to this purpose only; looking at its page uses nothing up, and
//! a password that does not keep the rules leaves it alive.

use crate::happened;
use crate::keys::{Keys, Purpose};
use crate::limits::ResetLimits;
use crate::password_change::{about, login_realm};
use crate::password_rules::Problem;
use crate::request_tag;
use crate::session::entry;
use crate::typed::TypedPassword;
use crate::{Auth, AuthError, Origin, mailed_slots, random};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::address::canonical_username;
use domain::id::{AccountMailId, PersonId};
use domain::mailing::Step;
use domain::secret::Secret;
use serde_json::json;
use store::account_mail::{self, Asked};
use store::audit::{self, Entry};
use store::credential_login as accounts;
use store::rate::Limit;
use store::reset_link::{self, Live};
use store::second_factor;
use store::{StoreError, Tx, mailing, rate, session};
use tracing::instrument;
use uuid::Uuid;

/// The most characters of a name somebody asks with: an address has no more (RFC 5321 §4.5.3.1).
pub const MOST_NAME: usize = 254;

/// The answer to a request for a link; the page must not say more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedFor {
    /// It is written down.
    Taken,
    /// Too many were asked for, by this network or by all.
    TooMany {
        /// How long to wait, in milliseconds.
        wait_ms: i64,
    },
}

/// Whom a link is for, to show its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenLink {
    /// Whose.
    pub person_id: PersonId,
    /// User name.
    pub username: String,
    /// Whether the account has a second factor, which stays as it is.
    pub second_factor: bool,
    /// Until when the link works, milliseconds since 1970.
    pub expires_at: i64,
}

/// The answer to a new password behind a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reset {
    /// It is set. Every link, mailed password and session of the account is over, and nobody is signed in.
    Done,
    /// The link is used, replaced, over or unknown, or the account may not have one; the page must not tell which.
    Gone,
    /// It does not keep the rules; the link still works.
    Unfit(Vec<Problem>),
    /// Too many passwords that did not keep the rules were tried with this link.
    TooMany,
}

/// A fresh link, on its way into a mail.
#[derive(Debug)]
pub struct Minted {
    /// What the link ends with; in clear only here and in the mail.
    pub token: Secret,
    /// The keyed hash to store.
    pub hash: [u8; 32],
    /// Under which server key.
    pub key_id: String,
}

/// Mints a link.
///
/// # Errors
/// The operating system gave no randomness.
pub fn mint(keys: &Keys) -> Result<Minted, AuthError> {
    let token = random::token()?;
    let key = keys.current(Purpose::Link);
    Ok(Minted { hash: key.tag(&parts(&token)), key_id: key.id().to_owned(), token })
}

/// Says of a mail *it was not me*, without a secret: 43 characters, good for nothing else.
#[must_use]
pub fn report_tag(keys: &Keys, mail: AccountMailId) -> String {
    tag_under(&keys.current(Purpose::Link).tag(&report_parts(&mail)), mail)
}

/// What a token is.
enum Looked {
    Open(OpenLink),
    /// It was a link once.
    Over,
    Unknown,
}

async fn look(tx: &mut Tx, hashes: &[[u8; 32]], now_ms: i64) -> Result<Looked, StoreError> {
    if let Some(Live { person_id, expires_at }) = reset_link::find_live(tx, hashes, now_ms).await? {
        let second_factor = second_factor::standing(tx, person_id).await?.enrolled;
        if let Some(account) = accounts::find(tx, person_id).await? {
            let username = account.username;
            return Ok(Looked::Open(OpenLink { person_id, username, second_factor, expires_at }));
        }
    }
    Ok(if reset_link::is_known(tx, hashes).await? { Looked::Over } else { Looked::Unknown })
}

fn tag_under(tag: &[u8; 32], mail: AccountMailId) -> String {
    let mut bytes = [0; 32];
    let (id, proof) = bytes.split_at_mut(16);
    id.copy_from_slice(mail.0.as_bytes());
    proof.copy_from_slice(tag.split_at(16).0);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn parts(token: &Secret) -> [&[u8]; 2] {
    [b"reset", token.expose().as_bytes()]
}

fn report_parts(mail: &AccountMailId) -> [&[u8]; 2] {
    [b"not me", mail.0.as_bytes()]
}

impl Auth {
    /// Writes down that somebody asks for a link. Limits are counted before anybody could be looked up.
    ///
    /// # Errors
    /// No randomness; the database is not available.
    #[instrument(skip_all)]
    pub async fn ask_for_link(
        &self,
        name: &str,
        language: &str,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<AskedFor, AuthError> {
        // What cannot be a name means nobody, and costs the same.
        let is_name = name.chars().count() <= MOST_NAME && !name.contains(char::is_control);
        let asked = Asked {
            name: if is_name { canonical_username(name) } else { String::new() },
            network: origin.network.clone(),
            language: language.to_owned(),
        };
        let id = AccountMailId(random::id(now_ms)?);
        // Buckets of their own, so that a network that was full before a mailing is not when it begins.
        let (name, network) = if self.is_mailing_recent(now_ms).await? {
            ("reset_network_mailing", self.resets.network_during_mailing)
        } else {
            ("reset_network", self.resets.network)
        };
        let buckets = [
            (self.bucket(name, &origin.network), network),
            (self.bucket("reset_everybody", ""), self.resets.everybody),
        ];
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    for (place, (bucket, limit)) in buckets.iter().enumerate() {
                        if !rate::take(tx, bucket, *limit, now_ms).await? {
                            let wait_ms = rate::wait_ms(tx, bucket, *limit, now_ms).await?;
                            // Whoever waits for the others has not asked yet.
                            for (bucket, limit) in buckets.iter().take(place) {
                                rate::give_back(tx, bucket, *limit).await?;
                            }
                            return Ok(AskedFor::TooMany { wait_ms });
                        }
                    }
                    account_mail::ask(tx, id, &asked, now_ms).await?;
                    Ok(AskedFor::Taken)
                })
            })
            .await
    }

    /// Whether a link works, to show its page. Looking uses nothing up and writes nothing, however often a mail scanner
    /// does it. A token that never was one counts against its network and is audited until the limit is reached; beyond
    /// it nothing is written any more. A link that works does so whatever others in its network try: no number of
    /// guesses finds 256 bits, and nobody may shut a whole school out.
    ///
    /// # Errors
    /// The database is not available.
    #[instrument(skip_all)]
    pub async fn find_link(
        &self,
        token: &Secret,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<Option<OpenLink>, AuthError> {
        let hashes = self.link_hashes(token);
        let looked: Result<Looked, StoreError> =
            self.store.read(move |tx| Box::pin(async move { look(tx, &hashes, now_ms).await })).await;
        match looked? {
            Looked::Open(link) => return Ok(Some(link)),
            Looked::Over => return Ok(None),
            Looked::Unknown => {}
        }
        let (bucket, limit) = (self.bucket("bad_token", &origin.network), self.limits.bad_tokens);
        let refused = Entry::new("reset.unknown_link", "installation", "", json!({}), now_ms)
            .from_network(&origin.network);
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    if rate::take(tx, &bucket, limit, now_ms).await? {
                        audit::append(tx, refused).await?;
                    }
                    Ok(None)
                })
            })
            .await
    }

    /// Sets a new password behind a link. Nothing else has to be proved, and a second factor stays enrolled and is
    /// asked for at the next sign-in (3-safety 38).
    ///
    /// One transaction uses the link up, sets the password, retires everything else that opened the account, ends all
    /// sessions, writes the notice to the account's address and the audit entry; of parallel tries one wins.
    ///
    /// # Errors
    /// [`AuthError::Overloaded`] for everybody alike; the database is not available.
    #[instrument(skip_all)]
    pub async fn reset_password(
        &self,
        token: &Secret,
        chosen: &Secret,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<Reset, AuthError> {
        let Some(link) = self.find_link(token, origin, now_ms).await? else { return Ok(Reset::Gone) };
        let Some((account, mailed, standing)) = self.read_account(link.person_id).await? else {
            return Ok(Reset::Gone);
        };
        let Ok(typed) = TypedPassword::new(chosen) else {
            return self.unfit(token, vec![Problem::TooLong], now_ms).await;
        };
        let mut problems = self.rules_for(standing.enrolled).judge_typed(&typed, &about(&account)).problems;
        if mailed_slots::is_any(&self.keys, &mailed, typed.without_padding()) {
            problems = vec![Problem::NotNew];
        }
        if !problems.is_empty() {
            return self.unfit(token, problems, now_ms).await;
        }
        let hash = self.hasher.hash(&typed, login_realm(&account)).await?;
        let is_short = typed.length() < self.rules.least_length;
        let hashes = self.link_hashes(token);
        let notice = AccountMailId(random::id(now_ms)?);
        let done = entry("password.reset", link.person_id, "recipient", origin, now_ms);
        let network = origin.network.clone();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let Some(person_id) = reset_link::use_up(tx, &hashes, now_ms).await? else {
                        return Ok(Reset::Gone);
                    };
                    if !accounts::set_password(tx, person_id, &hash, now_ms).await? {
                        // Blocked a moment ago: the link stays used, as every link of somebody blocked is void.
                        return Ok(Reset::Gone);
                    }
                    session::remove_of_person(tx, person_id, None).await?;
                    second_factor::note_password(tx, person_id, is_short).await?;
                    account_mail::tell_changed(tx, notice, person_id, &network, now_ms).await?;
                    mailing::note_step(tx, person_id, Step::PasswordSet, notice.0, now_ms).await?;
                    happened::password_changed(tx, person_id, "link", now_ms).await?;
                    audit::append(tx, done).await?;
                    Ok(Reset::Done)
                })
            })
            .await
    }

    /// Counts a password that does not keep the rules against its link, so that a link cannot be used to try out the
    /// list of refused passwords.
    async fn unfit(&self, token: &Secret, problems: Vec<Problem>, now_ms: i64) -> Result<Reset, AuthError> {
        let (bucket, limit) = (self.bucket("reset_unfit", token.expose()), self.resets.unfit);
        let taken = self
            .store
            .write(move |tx| Box::pin(async move { rate::take(tx, &bucket, limit, now_ms).await }))
            .await?;
        Ok(if taken { Reset::Unfit(problems) } else { Reset::TooMany })
    }

    /// Whether a tag is one of ours, to show the page *it was not me*.
    #[must_use]
    pub fn read_report(&self, tag: &str) -> Option<AccountMailId> {
        let bytes: [u8; 32] = BASE64_URL_SAFE_NO_PAD.decode(tag).ok()?.try_into().ok()?;
        let (id, _) = bytes.split_at(16);
        let mail = AccountMailId(Uuid::from_slice(id).ok()?);
        let is_ours = |key: &crate::keys::PurposeKey| {
            use subtle::ConstantTimeEq as _;
            bool::from(tag_under(&key.tag(&report_parts(&mail)), mail).as_bytes().ct_eq(tag.as_bytes()))
        };
        self.keys.all(Purpose::Link).any(|key| is_ours(&key)).then_some(mail)
    }

    /// Whoever got a mail with links did not ask for it: its links die, it is not tried again, and operators see it, once
    /// a day. Nothing else happens: the password was not changed.
    ///
    /// # Errors
    /// The database is not available.
    #[instrument(skip_all)]
    pub async fn report_not_me(
        &self,
        mail: AccountMailId,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<(), AuthError> {
        let origin = origin.clone();
        // Once is enough: who clicks again and again must not fill the log.
        let once = Limit { most: 1, window_ms: 24 * 60 * 60_000 };
        let bucket = self.bucket("reset_report", &mail.to_string());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    if !rate::take(tx, &bucket, once, now_ms).await? {
                        return Ok(());
                    }
                    account_mail::stop(tx, mail, now_ms).await?;
                    for person_id in reset_link::retire_of_mail(tx, mail).await? {
                        let entry = entry("reset.not_me", person_id, "recipient", &origin, now_ms);
                        audit::append(tx, entry).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .map_err(AuthError::from)
    }

    /// Notes that somebody, or a program, opened the page a mailing's mail points to: the page to ask for a link, by its
    /// tag. A tag that is none of ours is passed over.
    ///
    /// # Errors
    /// No randomness; the database is not available.
    pub async fn note_opened(&self, tag: &str, by_machine: bool, now_ms: i64) -> Result<(), AuthError> {
        let Some(recipient) = request_tag::read(&self.keys, tag) else { return Ok(()) };
        let id = random::id(now_ms)?;
        self.store
            .write(move |tx| {
                Box::pin(async move { mailing::note_opened(tx, recipient, by_machine, id, now_ms).await })
            })
            .await
            .map_err(AuthError::from)
    }

    /// The same for the page behind a personal link that came with a mailing. Other links are passed over.
    ///
    /// # Errors
    /// No randomness; the database is not available.
    pub async fn note_link_opened(
        &self,
        token: &Secret,
        by_machine: bool,
        now_ms: i64,
    ) -> Result<(), AuthError> {
        let hashes = self.link_hashes(token);
        let found =
            self.store.read(move |tx| Box::pin(async move { reset_link::recipient_of(tx, &hashes).await }));
        let Some(recipient) = found.await.map_err(|error: StoreError| AuthError::from(error))? else {
            return Ok(());
        };
        let id = random::id(now_ms)?;
        self.store
            .write(move |tx| {
                Box::pin(async move { mailing::note_opened(tx, recipient, by_machine, id, now_ms).await })
            })
            .await
            .map_err(AuthError::from)
    }

    fn link_hashes(&self, token: &Secret) -> Vec<[u8; 32]> {
        if !random::looks_like_token(token.expose()) {
            return Vec::new();
        }
        self.keys.all(Purpose::Link).map(|key| key.tag(&parts(token))).collect()
    }

    /// The limits of asking for links.
    #[must_use]
    pub const fn reset_limits(&self) -> &ResetLimits {
        &self.resets
    }
}

#[cfg(test)]
#[path = "reset_tests.rs"]
mod tests;
