//! Links to unsubscribe without signing in: signed, for one person and one group or everything.
//!
//! Nothing of them is stored and they have no end, for a mail may be read years later; they can do nothing but
//! unsubscribe (3-safety 4.1). Looking changes nothing; a POST does, once, also without a cookie (RFC 8058).

use crate::keys::{Keys, Purpose, PurposeKey};
use crate::{Auth, AuthError, Origin};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::id::{GroupId, PersonId};
use domain::preference::ConsentWay;
use store::consent::By;
use store::{Acting, StoreError, audit, confirmation, subscription};
use subtle::ConstantTimeEq as _;
use tracing::instrument;
use uuid::Uuid;

/// Whom a link takes out of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsubscribe {
    /// Who.
    pub person_id: PersonId,
    /// Out of which group; `None`: out of everything.
    pub group_id: Option<GroupId>,
}

/// The end of the address of a link to unsubscribe: 43 characters for everything, 64 for one group. For the field
/// `List-Unsubscribe` and the foot of mails that are no credential mails.
#[must_use]
pub fn tag(keys: &Keys, whom: Unsubscribe) -> String {
    tag_under(&keys.current(Purpose::Unsubscribe), whom)
}

fn tag_under(key: &PurposeKey, whom: Unsubscribe) -> String {
    let mut bytes = whom.person_id.0.as_bytes().to_vec();
    let group = whom.group_id.map(|group| *group.0.as_bytes());
    bytes.extend(group.iter().flatten());
    let group: &[u8] = group.as_ref().map_or(&[], |group| group);
    let proof = key.tag(&[b"unsubscribe", whom.person_id.0.as_bytes(), group]);
    bytes.extend(proof.split_at(16).0);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

impl Auth {
    /// Whom a tag takes out of what; `None`: it is none of ours.
    #[must_use]
    pub fn read_unsubscribe(&self, tag: &str) -> Option<Unsubscribe> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(tag).ok()?;
        let person_id = PersonId(Uuid::from_slice(bytes.get(..16)?).ok()?);
        let group_id = match bytes.len() {
            32 => None,
            48 => Some(GroupId(Uuid::from_slice(bytes.get(16..32)?).ok()?)),
            _ => return None,
        };
        let whom = Unsubscribe { person_id, group_id };
        let is_ours = |key: &PurposeKey| bool::from(tag_under(key, whom).as_bytes().ct_eq(tag.as_bytes()));
        self.keys.all(Purpose::Unsubscribe).any(|key| is_ours(&key)).then_some(whom)
    }

    /// Unsubscribes. `false`: it was so already, or the person is gone.
    ///
    /// # Errors
    /// The database is not available.
    #[instrument(skip_all)]
    pub async fn unsubscribe(
        &self,
        whom: Unsubscribe,
        way: ConsentWay,
        reason: &str,
        origin: &Origin,
        now_ms: i64,
    ) -> Result<bool, AuthError> {
        let acting = Acting::recipient(whom.person_id, origin.network.clone());
        let reason = domain::preference::reason(reason).unwrap_or_default();
        let done = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let by = By { acting: &acting, person_id: whom.person_id, way, reason: &reason, now_ms };
                    let mut entries = Vec::new();
                    let changed = match whom.group_id {
                        None => subscription::stop_all(tx, &by, &mut entries).await?,
                        Some(group_id) => {
                            let group = Some(group_id);
                            confirmation::cancel_subscriptions(tx, whom.person_id, group, now_ms).await?;
                            subscription::hold(tx, whom.person_id).await?;
                            subscription::unsubscribe(tx, &by, group_id, &mut entries).await?
                        }
                    };
                    for entry in entries {
                        audit::append(tx, entry).await?;
                    }
                    Ok(changed)
                })
            })
            .await;
        match done {
            Err(StoreError::NotFound(_)) => Ok(false),
            other => Ok(other?),
        }
    }
}
