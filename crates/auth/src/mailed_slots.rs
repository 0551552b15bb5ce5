//! The mailed passwords a sign-in looks at: always as many, always all of them, in constant time.

use crate::hashing::mailed_hash;
use crate::keys::{Keys, Purpose};
use domain::credential::CANDIDATE_SLOTS;
use domain::id::CredentialId;
use store::credential_login::Slot;
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};
use uuid::Uuid;

/// Which of the slots a password is, if any. Missing slots are made up, so that the work does not tell
/// how many there are.
pub(crate) fn matching(keys: &Keys, slots: &[Slot], password: &str) -> Option<CredentialId> {
    let mut found = u8::MAX;
    for place in 0..CANDIDATE_SLOTS as u8 {
        let hit = is_slot(keys, slots.get(usize::from(place)), password);
        found = u8::conditional_select(&found, &place, hit);
    }
    slots.get(usize::from(found)).map(|slot| slot.id)
}

/// Whether a password is one of these, in whatever state.
pub(crate) fn is_any(keys: &Keys, slots: &[Slot], password: &str) -> bool {
    slots.iter().any(|slot| is_slot(keys, Some(slot), password).into())
}

fn is_slot(keys: &Keys, slot: Option<&Slot>, password: &str) -> Choice {
    let key = slot.and_then(|slot| keys.by_id(Purpose::MailedPassword, &slot.key_id));
    let real = Choice::from(u8::from(key.is_some()));
    let key = key.unwrap_or_else(|| keys.current(Purpose::MailedPassword));
    let hash = mailed_hash(&key, slot.map_or(Uuid::nil(), |slot| slot.id.0), password);
    // A slot that is not there compares with itself reversed: the same work, never a hit.
    let mut other = hash;
    other.reverse();
    let expected = slot.map_or(other.as_slice(), |slot| slot.hash.as_slice());
    hash.ct_eq(expected) & real
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;

    fn keys() -> Keys {
        let bytes: [u8; 32] = std::array::from_fn(|i| i as u8 * 7);
        Keys::parse(&format!("k1:{}", base64::prelude::BASE64_STANDARD.encode(bytes))).unwrap()
    }

    fn slot(keys: &Keys, id: u128, password: &str) -> Slot {
        let key = keys.current(Purpose::MailedPassword);
        Slot {
            id: CredentialId(Uuid::from_u128(id)),
            key_id: key.id().to_owned(),
            hash: mailed_hash(&key, Uuid::from_u128(id), password).to_vec(),
        }
    }

    #[test]
    fn every_slot_is_found_and_nothing_else() {
        let keys = keys();
        let last = CANDIDATE_SLOTS as u128;
        let slots: Vec<Slot> = (1..=last).map(|id| slot(&keys, id, &format!("password {id}"))).collect();
        for id in 1..=last {
            let found = matching(&keys, &slots, &format!("password {id}"));
            assert_eq!(found, Some(CredentialId(Uuid::from_u128(id))));
        }
        assert_eq!(matching(&keys, &slots, "password 0"), None);
        assert_eq!(matching(&keys, &[], "password 1"), None);
    }

    #[test]
    fn a_slot_under_a_removed_key_matches_nothing() {
        let keys = keys();
        let gone = Slot { key_id: "k9".into(), ..slot(&keys, 1, "password 1") };
        assert_eq!(matching(&keys, std::slice::from_ref(&gone), "password 1"), None);
        assert!(!is_any(&keys, &[gone], "password 1"));
    }
}
