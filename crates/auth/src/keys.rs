//! Server keys: the secrets that live outside the database, in one file with mode 0600.
//!
//! A line of the file is `id:key`, the key being 32 random bytes in base64; the last line is the
//! current key, the lines before it are kept so that what they protected can still be checked. Every
//! purpose gets its own key derived from these, so that no use can be turned against another.

use crate::random;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::secret::Key;
use std::collections::HashSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use zeroize::Zeroizing;

/// What a derived key is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Hashes of mailed passwords, class G.
    MailedPassword,
    /// The keyed step after Argon2id, class U.
    Pepper,
    /// Hashes of session ids.
    Session,
    /// Tokens in forms.
    Csrf,
    /// Hashes of API keys.
    Api,
    /// Hashes of reset links and other one-time links.
    Link,
    /// The hash of the link for the first Owner.
    Bootstrap,
    /// Signed return paths of mail.
    ReturnPath,
    /// Names of rate-limit buckets.
    Rate,
    /// Signed page cursors.
    Cursor,
    /// Seals the secrets of second factors.
    SecondFactor,
    /// Hashes of recovery codes.
    RecoveryCode,
    /// Repeated requests of programs, and their sealed answers.
    Repeatable,
    /// Signed links to unsubscribe.
    Unsubscribe,
}

impl Purpose {
    /// The label a key is derived with; it never changes, or everything stored under it is lost.
    const fn label(self) -> &'static str {
        match self {
            Self::MailedPassword => "passpost/mailed_password/1",
            Self::Pepper => "passpost/pepper/1",
            Self::Session => "passpost/session/1",
            Self::Csrf => "passpost/csrf/1",
            Self::Api => "passpost/api/1",
            Self::Link => "passpost/link/1",
            Self::Bootstrap => "passpost/bootstrap/1",
            Self::ReturnPath => "passpost/return_path/1",
            Self::Rate => "passpost/rate/1",
            Self::Cursor => "passpost/cursor/1",
            Self::SecondFactor => "passpost/second_factor/1",
            Self::RecoveryCode => "passpost/recovery_code/1",
            Self::Repeatable => "passpost/repeatable/1",
            Self::Unsubscribe => "passpost/unsubscribe/1",
        }
    }
}

/// A key for one purpose, with the id of the server key it comes from.
#[derive(Debug, Clone)]
pub struct PurposeKey {
    id: String,
    key: hmac::Key,
}

impl PurposeKey {
    /// The id of the server key it comes from, to be stored next to what it protects.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A key derived from this one, for a part of the program that keeps its own, such as the return paths.
    #[must_use]
    pub fn derived(&self) -> Key {
        Key::new(self.tag(&[b"derived"]))
    }

    /// A key of its own for one thing, which nobody has who does not know the parts.
    pub(crate) fn narrowed(&self, parts: &[&[u8]]) -> Self {
        Self { id: self.id.clone(), key: hmac::Key::new(hmac::HMAC_SHA256, &self.tag(parts)) }
    }

    /// HMAC-SHA-256 (FIPS 198-1) over the parts, each preceded by its length so that no two lists of
    /// parts give the same bytes.
    #[must_use]
    pub fn tag(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut tag = [0; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }
}

/// The server keys, oldest first.
#[derive(Debug, Clone)]
pub struct Keys {
    masters: Vec<Master>,
}

#[derive(Debug, Clone)]
struct Master {
    id: String,
    key: Key,
}

/// Why a key file is not used. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It cannot be read or written.
    #[error("the key file {path} cannot be {action}: {source}")]
    Io {
        /// Which file.
        path: String,
        /// `read` or `written`.
        action: &'static str,
        /// Why.
        source: io::Error,
    },
    /// Others than its owner may read or write it.
    #[error(
        "the key file {path} can be read or changed by other users (mode {mode:04o}); run: chmod 600 {path}"
    )]
    Exposed {
        /// Which file.
        path: String,
        /// Its mode.
        mode: u32,
    },
    /// It is a directory or a device.
    #[error("{0} is not a regular file; name the file with the server keys in keys.file")]
    NotAFile(String),
    /// Its text is wrong.
    #[error("the key file {path}, {problem}")]
    Text {
        /// Which file.
        path: String,
        /// Where and what, and what would be right.
        problem: String,
    },
    /// There is no randomness.
    #[error("the operating system gave no random bytes for a new key")]
    Randomness,
}

impl Keys {
    /// The name of a rate-limit bucket: a keyed hash, so that the table tells nobody who was limited.
    #[must_use]
    pub fn bucket(&self, limit: &str, what: &str) -> String {
        let tag = self.current(Purpose::Rate).tag(&[limit.as_bytes(), what.as_bytes()]);
        tag.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads the key file.
    ///
    /// # Errors
    /// When it is missing, can be read by others, or holds no, a short, a default or a doubled key
    /// (3-safety 59). There is no built-in key to fall back to.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let io = |source| KeyFileError::Io { path: path.display().to_string(), action: "read", source };
        let metadata = fs::metadata(path).map_err(io)?;
        if !metadata.is_file() {
            return Err(KeyFileError::NotAFile(path.display().to_string()));
        }
        refuse_exposed(path, &metadata)?;
        let text = Zeroizing::new(fs::read_to_string(path).map_err(io)?);
        Self::parse(&text).map_err(|problem| KeyFileError::Text { path: path.display().to_string(), problem })
    }

    /// Makes a key file with one fresh key, readable by its owner only.
    ///
    /// # Errors
    /// When the file exists already (a key is never overwritten) or cannot be written.
    pub fn create(path: &Path) -> Result<Self, KeyFileError> {
        let key = random::bytes::<32>().map_err(|_| KeyFileError::Randomness)?;
        let text = Zeroizing::new(format!("{HEADER}k1:{}\n", BASE64_STANDARD.encode(*key)));
        write_once(path, &text).map_err(|source| KeyFileError::Io {
            path: path.display().to_string(),
            action: "written",
            source,
        })?;
        Self::read(path)
    }

    /// Reads the key file, or makes it when there is none: for the first start.
    ///
    /// # Errors
    /// As [`Keys::read`] and [`Keys::create`].
    pub fn read_or_create(path: &Path) -> Result<Self, KeyFileError> {
        match Self::create(path) {
            Err(KeyFileError::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {
                Self::read(path)
            }
            other => other,
        }
    }

    /// Reads the text of a key file.
    ///
    /// # Errors
    /// Names the line and what would be right; the key itself is never repeated.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut masters: Vec<Master> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let at = |problem: &str| format!("line {}: {problem}", number + 1);
            let master = Master::parse(line).map_err(at)?;
            if masters.iter().any(|other| other.id == master.id) {
                return Err(at("this id stands in the file already; every key needs its own id"));
            }
            if masters.iter().any(|other| other.key.expose() == master.key.expose()) {
                return Err(at("this key stands in the file already; every key must be made afresh"));
            }
            masters.push(master);
        }
        if masters.is_empty() {
            return Err("which holds no key; remove the file, and the next start makes a fresh one \
                        (but restore it from a backup if there are passwords already)"
                .into());
        }
        Ok(Self { masters })
    }

    /// The current key of a purpose, for everything that is stored from now on.
    #[must_use]
    pub fn current(&self, purpose: Purpose) -> PurposeKey {
        // A key file without a key is refused, so there always is a last one.
        self.masters[self.masters.len() - 1].derive(purpose)
    }

    /// The key of a purpose by the id stored with a record; `None` when it was taken out of the file.
    #[must_use]
    pub fn by_id(&self, purpose: Purpose, id: &str) -> Option<PurposeKey> {
        self.masters.iter().find(|master| master.id == id).map(|master| master.derive(purpose))
    }

    /// The keys of a purpose, newest first, for records that are found by their keyed hash.
    pub fn all(&self, purpose: Purpose) -> impl Iterator<Item = PurposeKey> {
        self.masters.iter().rev().map(move |master| master.derive(purpose))
    }

    /// How many server keys there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.masters.len()
    }
}

impl Master {
    fn parse(line: &str) -> Result<Self, &'static str> {
        let (id, encoded) =
            line.split_once(':').ok_or("expected an id, a colon and a key in base64, as in k1:…")?;
        let (id, encoded) = (id.trim(), encoded.trim());
        let id_is_plain = (1..=16).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if !id_is_plain {
            return Err("the id before the colon must be 1 to 16 lower-case letters and digits, as in k1");
        }
        let bytes = Zeroizing::new(
            BASE64_STANDARD.decode(encoded).map_err(|_| "the key after the colon is not base64")?,
        );
        let bytes: [u8; 32] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| "the key must be 32 bytes long, 44 characters of base64")?;
        let bytes = Zeroizing::new(bytes);
        // 32 random bytes hold about 30 different ones; so few are a typed or a default key.
        if bytes.iter().collect::<HashSet<_>>().len() < 16 {
            return Err("this is not a random key; make one with: openssl rand -base64 32");
        }
        Ok(Self { id: id.to_owned(), key: Key::new(*bytes) })
    }

    /// HMAC as a key derivation in counter mode with a single block (NIST SP 800-108r1 §4.1).
    fn derive(&self, purpose: Purpose) -> PurposeKey {
        let master = hmac::Key::new(hmac::HMAC_SHA256, self.key.expose());
        let mut context = hmac::Context::with_key(&master);
        context.update(&1_u32.to_be_bytes());
        context.update(purpose.label().as_bytes());
        context.update(&[0]);
        context.update(&256_u32.to_be_bytes());
        PurposeKey { id: self.id.clone(), key: hmac::Key::new(hmac::HMAC_SHA256, context.sign().as_ref()) }
    }
}

const HEADER: &str = "\
# Server keys of Passpost. Keep this file secret (mode 0600) and back it up apart from the database:
# without it no password can be checked and everybody needs a new one.
# One key a line, id:key, 32 random bytes in base64. The last one is in use; to change keys, add a
# line and leave the old ones until nothing depends on them any more.
";

/// Writes a whole file under a passing name and then links it to its own, so that a second process
/// starting at the same moment finds either no file or a complete one, and nothing is overwritten.
fn write_once(path: &Path, text: &str) -> io::Result<()> {
    let passing = path.with_extension(format!("new-{}", std::process::id()));
    let written = write_synced(&passing, text).and_then(|()| fs::hard_link(&passing, path));
    fs::remove_file(&passing)?;
    written?;
    // The directory too: a key that vanished with the power would take every password with it.
    #[cfg(unix)]
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        fs::File::open(directory)?.sync_all()?;
    }
    Ok(())
}

fn write_synced(path: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, metadata: &fs::Metadata) -> Result<(), KeyFileError> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777;
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(KeyFileError::Exposed { path: path.display().to_string(), mode })
    }
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path, _: &fs::Metadata) -> Result<(), KeyFileError> {
    Ok(())
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
