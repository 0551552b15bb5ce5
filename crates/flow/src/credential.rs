//! Minting: one password per recipient, made in the worker that sends it and nowhere else.

use auth::hashing::mailed_hash;
use auth::keys::PurposeKey;
use domain::id::CredentialId;
use domain::password::{Generator, Randomness};
use domain::secret::Secret;
use store::credential::Candidate;
use store::recipient::Claimed;

/// A recipient with its freshly minted password, in memory only.
#[derive(Debug)]
pub(crate) struct Minted {
    pub recipient: Claimed,
    pub credential: CredentialId,
    pub password: Secret,
}

/// The operating system's random generator, asked for 4 KiB at a time: a call per password would cost
/// more than the password.
pub(crate) struct OsRandomness {
    buffer: zeroize::Zeroizing<[u8; 4096]>,
    used: usize,
}

impl OsRandomness {
    pub(crate) fn new() -> Self {
        Self { buffer: zeroize::Zeroizing::new([0; 4096]), used: 4096 }
    }
}

impl Randomness for OsRandomness {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            if self.used == self.buffer.len() {
                // Without randomness there is nothing safe to do; the operating system cannot refuse in practice.
                let filled = getrandom::fill(&mut self.buffer[..]);
                assert!(filled.is_ok(), "the operating system gives no random numbers");
                self.used = 0;
            }
            // Each byte is handed out once and wiped, so that no password can be read from here later.
            *byte = std::mem::take(&mut self.buffer[self.used]);
            self.used += 1;
        }
    }
}

/// Mints a password for each recipient; gives the candidates to store and the passwords to mail.
pub(crate) fn mint(
    claimed: Vec<Claimed>,
    generator: &Generator,
    key: &PurposeKey,
    random: &mut impl Randomness,
    now_ms: i64,
) -> (Vec<Candidate>, Vec<Minted>) {
    let mut candidates = Vec::with_capacity(claimed.len());
    let mut minted = Vec::with_capacity(claimed.len());
    for recipient in claimed {
        let mut bytes = [0; 10];
        random.fill(&mut bytes);
        let credential = CredentialId::generate(now_ms, bytes);
        let password = generator.generate(random);
        candidates.push(Candidate {
            person_id: recipient.person_id,
            id: credential,
            recipient_id: recipient.id,
            hash: mailed_hash(key, credential.0, password.expose()).to_vec(),
        });
        minted.push(Minted { recipient, credential, password });
    }
    (candidates, minted)
}
