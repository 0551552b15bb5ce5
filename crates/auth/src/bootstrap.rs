//! The first Owner: made once, behind a link that works once and for an hour; there is no default
//! password (3-safety 90, 4.1).

use crate::hashing::LoginRealm;
use crate::keys::Purpose;
use crate::password_rules::{About, Problem};
use crate::typed::TypedPassword;
use crate::{Auth, AuthError, Origin, random};
use domain::address::{Address, canonical_username};
use domain::id::PersonId;
use domain::secret::Secret;
use serde_json::json;
use store::audit::{self, Entry};
use store::bootstrap::{self, FirstOwner};
use store::{StoreError, rate};
use tracing::instrument;

/// How long the link works, in milliseconds.
pub const LINK_LIFE_MS: i64 = 60 * 60_000;

/// Who is to be the first Owner, as typed.
#[derive(Debug)]
pub struct Claim<'a> {
    /// User name; empty: the address.
    pub username: &'a str,
    /// Where mail goes.
    pub address: Address,
    /// Given name.
    pub given_name: &'a str,
    /// Family name.
    pub family_name: &'a str,
    /// BCP 47.
    pub language: Option<String>,
    /// The chosen password.
    pub password: &'a Secret,
}

/// The answer to a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The first Owner is there and signs in next.
    Done(PersonId),
    /// The link is used, over or unknown, or there is an Owner already; the page must not tell which.
    LinkGone,
    /// The password does not keep the rules; the link still works.
    Unfit(Vec<Problem>),
    /// The user name cannot be used; the link still works.
    BadUsername(&'static str),
}

impl Auth {
    /// Makes a link's token for the first Owner; `None`: there is an Owner already.
    ///
    /// Earlier links go on working until their hour is over: two nodes that start together may each
    /// print one, and only one can win.
    ///
    /// # Errors
    /// No randomness; the database is not available.
    #[instrument(skip_all)]
    pub async fn offer_ownership(&self, now_ms: i64) -> Result<Option<Secret>, AuthError> {
        let token = random::token()?;
        let hash = self.keys.current(Purpose::Bootstrap).tag(&[token.expose().as_bytes()]);
        let offered = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    if bootstrap::has_owner(tx).await? {
                        return Ok(false);
                    }
                    bootstrap::insert(tx, &hash, now_ms + LINK_LIFE_MS).await?;
                    let entry = Entry::new("bootstrap.offered", "installation", "", json!({}), now_ms);
                    audit::append(tx, entry).await?;
                    Ok::<_, AuthError>(true)
                })
            })
            .await?;
        Ok(offered.then_some(token))
    }

    /// Whether a link's token would work, to show its page. Looking uses nothing up, however often a
    /// mail scanner does it, but wrong tokens count against their network.
    ///
    /// # Errors
    /// The database is not available.
    #[instrument(skip_all)]
    pub async fn is_ownership_offered(
        &self,
        token: &Secret,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<bool, AuthError> {
        let hashes = self.bootstrap_hashes(token);
        let (bucket, limit) = (self.bucket("bad_token", &origin.network), self.limits.bad_tokens);
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    if !rate::take(tx, &bucket, limit, now_ms).await? {
                        return Ok(false);
                    }
                    let live =
                        bootstrap::is_live(tx, &hashes, now_ms).await? && !bootstrap::has_owner(tx).await?;
                    if live {
                        rate::give_back(tx, &bucket, limit).await?;
                    }
                    Ok(live)
                })
            })
            .await
    }

    /// Makes the first Owner. A claim that breaks a rule leaves the link as it was.
    ///
    /// # Errors
    /// [`AuthError::Overloaded`]; the database is not available.
    #[instrument(skip_all)]
    pub async fn claim_ownership(
        &self,
        token: &Secret,
        claim: Claim<'_>,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<Claimed, AuthError> {
        if !self.is_ownership_offered(token, origin, now_ms).await? {
            return Ok(Claimed::LinkGone);
        }
        let username = match usable_username(&claim) {
            Ok(username) => username,
            Err(problem) => return Ok(Claimed::BadUsername(problem)),
        };
        let Ok(typed) = TypedPassword::new(claim.password) else {
            return Ok(Claimed::Unfit(vec![Problem::TooLong]));
        };
        let about = About {
            username: username.clone(),
            address: Some(claim.address.as_given().to_owned()),
            names: vec![claim.given_name.to_owned(), claim.family_name.to_owned()],
        };
        let problems = self.rules.judge_typed(&typed, &about).problems;
        if !problems.is_empty() {
            return Ok(Claimed::Unfit(problems));
        }
        let owner = FirstOwner {
            id: PersonId(random::id(now_ms)?),
            username,
            address: claim.address,
            given_name: claim.given_name.trim().to_owned(),
            family_name: claim.family_name.trim().to_owned(),
            language: claim.language,
            password_hash: self.hasher.hash(&typed, LoginRealm::Operators).await?,
        };
        self.redeem_ownership(token, owner, origin, now_ms).await
    }

    async fn redeem_ownership(
        &self,
        token: &Secret,
        owner: FirstOwner,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<Claimed, AuthError> {
        let (hashes, id) = (self.bootstrap_hashes(token), owner.id);
        let made =
            Entry::new("bootstrap.used", "person", id, json!({}), now_ms).from_network(&origin.network);
        let redeemed = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let redeemed = bootstrap::redeem(tx, &hashes, &owner, now_ms).await?;
                    if redeemed {
                        audit::append(tx, made).await?;
                    }
                    Ok(redeemed)
                })
            })
            .await;
        match redeemed {
            Ok(true) => Ok(Claimed::Done(id)),
            Ok(false) => Ok(Claimed::LinkGone),
            Err(StoreError::Exists(_)) => Ok(Claimed::BadUsername("somebody has this user name already")),
            Err(error) => Err(error.into()),
        }
    }

    fn bootstrap_hashes(&self, token: &Secret) -> Vec<[u8; 32]> {
        if !random::looks_like_token(token.expose()) {
            return Vec::new();
        }
        self.keys.all(Purpose::Bootstrap).map(|key| key.tag(&[token.expose().as_bytes()])).collect()
    }
}

fn usable_username(claim: &Claim<'_>) -> Result<String, &'static str> {
    let username = match claim.username.trim() {
        "" => claim.address.canonical().to_owned(),
        text => canonical_username(text),
    };
    if username.chars().count() > 254 {
        return Err("a user name has at most 254 characters");
    }
    if username.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("a user name has no white space and no control characters");
    }
    Ok(username)
}

#[cfg(test)]
#[path = "bootstrap_tests.rs"]
mod tests;
