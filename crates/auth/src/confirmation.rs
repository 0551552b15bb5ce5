//! One-time links that confirm something by a click in a mailbox, or object to it.
//!
//! They are minted by the lane of account mails, stored as keyed hashes that are computed under their purpose, and are
//! good for nothing else: at any other place a token is one that never was (3-safety 34). Looking uses nothing up, so
//! mail scanners confirm nothing.

use crate::keys::{Keys, Purpose};
use crate::reset::Minted;
use crate::{Auth, AuthError, Origin, random};
use domain::preference::{ConsentWay, LinkPurpose};
use domain::secret::Secret;
use serde_json::json;
use store::audit::{self, Entry};
use store::confirmation::{self, Live};
use store::consent::By;
use store::{Acting, ChangeError, StoreError, rate};
use tracing::instrument;

/// Mints a link of a purpose.
///
/// # Errors
/// The operating system gave no randomness.
pub fn mint(keys: &Keys, purpose: LinkPurpose) -> Result<Minted, AuthError> {
    let token = random::token()?;
    let key = keys.current(Purpose::Link);
    Ok(Minted { hash: key.tag(&parts(purpose, &token)), key_id: key.id().to_owned(), token })
}

fn parts(purpose: LinkPurpose, token: &Secret) -> [&[u8]; 2] {
    [purpose.as_str().as_bytes(), token.expose().as_bytes()]
}

impl Auth {
    /// What a link of a purpose confirms, while it works. A token that never was one of this purpose counts against its
    /// network and is audited until the limit is reached.
    ///
    /// # Errors
    /// The database is not available.
    #[instrument(skip_all)]
    pub async fn find_confirmation(
        &self,
        purpose: LinkPurpose,
        token: &Secret,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<Option<Live>, AuthError> {
        let hashes = self.confirmation_hashes(purpose, token);
        let found = self.store.read(move |tx| {
            Box::pin(async move {
                let live = confirmation::find_live(tx, &hashes, purpose, now_ms).await?;
                let known = live.is_some() || confirmation::is_known(tx, &hashes, purpose).await?;
                Ok::<_, StoreError>((live, known))
            })
        });
        let (live, known) = found.await?;
        if known {
            return Ok(live);
        }
        let (bucket, limit) = (self.bucket("bad_token", &origin.network), self.limits.bad_tokens);
        let detail = json!({ "purpose": purpose.as_str() });
        let refused = Entry::new("address.unknown_link", "installation", "", detail, now_ms)
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

    /// Confirms, or objects. Of parallel tries one wins. `None`: the link does not work (any more).
    ///
    /// # Errors
    /// The database is not available.
    #[instrument(skip_all)]
    pub async fn use_confirmation(
        &self,
        purpose: LinkPurpose,
        token: &Secret,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<Option<Live>, AuthError> {
        if self.find_confirmation(purpose, token, origin, now_ms).await?.is_none() {
            return Ok(None);
        }
        let hashes = self.confirmation_hashes(purpose, token);
        let network = origin.network.clone();
        let done = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let Some(live) = confirmation::find_live(tx, &hashes, purpose, now_ms).await? else {
                        return Ok(None);
                    };
                    let mut entries = Vec::new();
                    let is_first = match purpose {
                        LinkPurpose::ConfirmSubscription => {
                            let acting = Acting::recipient(live.person_id, network);
                            let (person_id, way) = (live.person_id, ConsentWay::Confirmation);
                            let by = By { acting: &acting, person_id, way, reason: "", now_ms };
                            confirmation::confirm_subscriptions(tx, &live, &by, &mut entries).await?
                        }
                        LinkPurpose::VerifyAddress => {
                            confirmation::confirm_address(tx, &live, &network, now_ms, &mut entries).await?
                        }
                        LinkPurpose::ObjectAddress => {
                            confirmation::object(tx, &live, &network, now_ms, &mut entries).await?
                        }
                    };
                    for entry in entries {
                        audit::append(tx, entry).await?;
                    }
                    Ok::<_, ChangeError>(is_first.then_some(live))
                })
            })
            .await;
        match done {
            Ok(live) => Ok(live),
            Err(ChangeError::Store(error)) => Err(error.into()),
            // Whoever holds the mailbox may do all of it: a refusal here is a fault of ours.
            Err(ChangeError::Refused(refusal)) => Err(StoreError::Defect(refusal.to_string()).into()),
        }
    }

    fn confirmation_hashes(&self, purpose: LinkPurpose, token: &Secret) -> Vec<[u8; 32]> {
        if !random::looks_like_token(token.expose()) {
            return Vec::new();
        }
        self.keys.all(Purpose::Link).map(|key| key.tag(&parts(purpose, token))).collect()
    }
}
