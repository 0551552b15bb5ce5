//! Minting: one password or link per recipient, made in the worker that sends it and nowhere else.

use auth::AuthError;
use auth::hashing::mailed_hash;
use auth::keys::{Keys, Purpose};
use auth::reset;
use domain::automation::Carries;
use domain::id::CredentialId;
use domain::message::Carried;
use domain::password::{Generator, Randomness};
use store::credential::Candidate;
use store::recipient::Claimed;
use store::reset_link_of_run::NewLink;

/// A recipient with what its mail carries, freshly minted and in memory only.
#[derive(Debug)]
pub(crate) struct Minted {
    pub recipient: Claimed,
    /// The id of the candidate, or of the mail itself.
    pub credential: CredentialId,
    pub carried: Carried,
    /// The keyed hash of the link it carries, under which that is stored.
    pub link: Option<[u8; 32]>,
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

/// What is stored of a chunk before its mails leave.
#[derive(Debug)]
pub(crate) enum Intent {
    Passwords(Vec<Candidate>),
    Links(Vec<NewLink>),
    Nothing,
}

/// Mints what each mail of a chunk carries; gives what to store and what to mail.
///
/// # Errors
/// The operating system gave no randomness.
pub(crate) fn mint(
    claimed: Vec<Claimed>,
    carries: Carries,
    generator: &Generator,
    keys: &Keys,
    random: &mut impl Randomness,
    now_ms: i64,
) -> Result<(Intent, Vec<Minted>), AuthError> {
    let (mut candidates, mut links) = (Vec::new(), Vec::new());
    let mut minted = Vec::with_capacity(claimed.len());
    let key = keys.current(Purpose::MailedPassword);
    for recipient in claimed {
        let mut bytes = [0; 10];
        random.fill(&mut bytes);
        let credential = CredentialId::generate(now_ms, bytes);
        let (person_id, recipient_id) = (recipient.person_id, recipient.id);
        let mut link_hash = None;
        let carried = match carries {
            Carries::Password => {
                let password = generator.generate(random);
                let hash = mailed_hash(&key, credential.0, password.expose()).to_vec();
                candidates.push(Candidate { person_id, id: credential, recipient_id, hash });
                Carried::Password(password)
            }
            Carries::Link => {
                let link = reset::mint(keys)?;
                link_hash = Some(link.hash);
                links.push(NewLink {
                    person_id,
                    mail_id: credential,
                    recipient_id,
                    token_hash: link.hash,
                    address: recipient.address.clone(),
                });
                Carried::Link(link.token)
            }
            Carries::Nothing => Carried::Nothing,
        };
        minted.push(Minted { recipient, credential, carried, link: link_hash });
    }
    let intent = match carries {
        Carries::Password => Intent::Passwords(candidates),
        Carries::Link => Intent::Links(links),
        Carries::Nothing => Intent::Nothing,
    };
    Ok((intent, minted))
}
