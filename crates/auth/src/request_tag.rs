//! Says whose mail led to the page where a personal link can be asked for: a number and a proof that it is ours.
//!
//! It grants nothing and shows nobody's address or name. Whoever gets the mail passed on opens the page with the tag
//! of whom it was for; what is asked for there counts for the account named in the form.

use crate::keys::{Keys, Purpose, PurposeKey};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::id::RecipientId;
use subtle::ConstantTimeEq as _;

/// The tag of a recipient's mail: 27 characters.
#[must_use]
pub fn make(keys: &Keys, recipient: RecipientId) -> String {
    under(&keys.current(Purpose::Link), recipient)
}

/// The recipient whose tag this is; `None`: it is none of ours.
#[must_use]
pub fn read(keys: &Keys, tag: &str) -> Option<RecipientId> {
    let bytes: [u8; 20] = BASE64_URL_SAFE_NO_PAD.decode(tag).ok()?.try_into().ok()?;
    let (number, _) = bytes.split_first_chunk::<8>()?;
    let recipient = RecipientId(i64::from_be_bytes(*number));
    let is_ours = |key: &PurposeKey| bool::from(under(key, recipient).as_bytes().ct_eq(tag.as_bytes()));
    keys.all(Purpose::Link).any(|key| is_ours(&key)).then_some(recipient)
}

fn under(key: &PurposeKey, recipient: RecipientId) -> String {
    let number = recipient.0.to_be_bytes();
    let proof = key.tag(&[b"request", &number]);
    let mut bytes = [0; 20];
    let (head, tail) = bytes.split_at_mut(8);
    head.copy_from_slice(&number);
    tail.copy_from_slice(proof.split_at(12).0);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_its_recipient_and_cannot_be_made_up() {
        let keys = crate::fixture::keys(&["k1"]);
        let one = RecipientId::new(7, 12);
        let tag = make(&keys, one);
        assert_eq!(tag.len(), 27);
        assert_eq!(read(&keys, &tag), Some(one));
        for wrong in
            ["", "x", &tag[1..], &tag.replace(&tag[20..21], if &tag[20..21] == "A" { "B" } else { "A" })]
        {
            assert_eq!(read(&keys, wrong), None, "{wrong}");
        }
    }
}
