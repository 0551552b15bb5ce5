//! DKIM signatures: RSA-SHA256 (RFC 6376) and Ed25519-SHA256 (RFC 8463), relaxed/relaxed.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use zeroize::Zeroizing;

/// The header fields signed, in this order; `From` twice and `Reply-To` always, so that adding one breaks
/// the signature (RFC 6376 §5.4.2).
const SIGNED: [&str; 9] =
    ["From", "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Reply-To"];
/// The smallest RSA key that is accepted (RFC 8301 §3.2 asks signers for 2048).
const LEAST_RSA_BITS: usize = 2048;
/// Characters of base64 in a line of the header.
const LINE: usize = 72;

/// A key that signs for a domain.
pub struct Signer {
    domain: String,
    selector: String,
    key: PrivateKey,
    /// The field up to the tags that differ from message to message.
    start: String,
}

enum PrivateKey {
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

/// Why a key cannot sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DkimError {
    /// No PEM text.
    #[error(
        "the DKIM key must be PEM: a block from -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY-----"
    )]
    Pem,
    /// PEM, but no key of a kind that can sign mail.
    #[error("the DKIM key must be an unencrypted Ed25519 or RSA private key (PKCS#8)")]
    Key,
    /// An RSA key anybody may break.
    #[error("the DKIM key has {0} bits; RSA keys need 2048 at least")]
    TooShort(usize),
    /// The selector is no DNS label.
    #[error("the DKIM selector must be letters, digits, dots and hyphens, such as mail2026")]
    Selector,
    /// The domain is no domain.
    #[error("the DKIM domain must be a domain name such as example.org")]
    Domain,
    /// The library refused to sign.
    #[error("the message could not be signed")]
    Signing,
}

/// What the operator must publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsRecord {
    /// The name of the TXT record.
    pub name: String,
    /// Its value; [`DnsRecord::zone_line`] cuts it into the pieces DNS wants.
    pub value: String,
}

impl DnsRecord {
    /// As a line of a zone file: pieces of at most 255 octets (RFC 6376 §3.6.2.2).
    #[must_use]
    pub fn zone_line(&self) -> String {
        let pieces: Vec<String> = self
            .value
            .as_bytes()
            .chunks(250)
            .map(|piece| format!("\"{}\"", String::from_utf8_lossy(piece)))
            .collect();
        format!("{}. IN TXT ( {} )", self.name, pieces.join(" "))
    }
}

impl Signer {
    /// Takes a private key in PEM.
    ///
    /// # Errors
    /// Says what is wrong with key, domain or selector.
    pub fn new(domain: &str, selector: &str, pem: &[u8]) -> Result<Self, DkimError> {
        let is_name = |text: &str| {
            text.len() < 254
                && text.split('.').all(|label| {
                    (1..=63).contains(&label.len())
                        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
                })
        };
        if !is_name(selector) {
            return Err(DkimError::Selector);
        }
        if !is_name(domain) || !domain.contains('.') {
            return Err(DkimError::Domain);
        }
        let key = PrivateKey::read(pem)?;
        let domain = domain.to_ascii_lowercase();
        let algorithm = match key {
            PrivateKey::Ed25519(_) => "ed25519-sha256",
            PrivateKey::Rsa(_) => "rsa-sha256",
        };
        let fields = SIGNED.join(":").replace(":MIME", ":\r\n\t MIME");
        let start = format!(
            "DKIM-Signature: v=1; a={algorithm}; c=relaxed/relaxed;\r\n\td={domain};\r\n\ts={selector};\r\n\th={fields};\r\n\t"
        );
        Ok(Self { domain, selector: selector.to_owned(), key, start })
    }

    /// The domain it signs for.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The TXT record with the public key.
    ///
    /// # Errors
    /// When the library cannot write the public key.
    pub fn dns_record(&self) -> Result<DnsRecord, DkimError> {
        let value = match &self.key {
            PrivateKey::Ed25519(pair) => {
                format!("v=DKIM1; k=ed25519; p={}", STANDARD.encode(pair.public_key().as_ref()))
            }
            PrivateKey::Rsa(pair) => {
                let der: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| DkimError::Key)?;
                format!("v=DKIM1; k=rsa; p={}", STANDARD.encode(der.as_ref()))
            }
        };
        Ok(DnsRecord { name: format!("{}._domainkey.{}", self.selector, self.domain), value })
    }

    /// The length of the whole header field, the same for every message.
    pub(crate) fn header_length(&self) -> usize {
        let characters = self.key.signature_length().div_ceil(3) * 4;
        self.unsigned("", 0).len() + 44 + characters + characters.div_ceil(LINE) * 3 + 2
    }

    /// Writes the field with its signature. `signed`: the canonical header fields; `body_hash`: in base64.
    pub(crate) fn header(&self, signed: &[u8], body_hash: &str, now_ms: i64) -> Result<Vec<u8>, DkimError> {
        let mut header = self.unsigned(body_hash, now_ms);
        let mut data = Vec::with_capacity(signed.len() + header.len());
        data.extend_from_slice(signed);
        append_relaxed(&mut data, header.as_bytes());
        let signature = STANDARD.encode(self.key.sign(&data)?);
        for line in signature.as_bytes().chunks(LINE) {
            header.push_str("\r\n\t");
            header.push_str(&String::from_utf8_lossy(line));
        }
        header.push_str("\r\n");
        Ok(header.into_bytes())
    }

    fn unsigned(&self, body_hash: &str, now_ms: i64) -> String {
        // Ten digits until the year 2286, so that the field's length is known beforehand.
        let seconds = now_ms.div_euclid(1_000).clamp(0, 9_999_999_999);
        format!("{}t={seconds:010}; bh={body_hash};\r\n\tb=", self.start)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("domain", &self.domain)
            .field("selector", &self.selector)
            .finish_non_exhaustive()
    }
}

impl PrivateKey {
    fn read(pem: &[u8]) -> Result<Self, DkimError> {
        let text = std::str::from_utf8(pem).map_err(|_| DkimError::Pem)?;
        let (_, after) = text.split_once("-----BEGIN ").ok_or(DkimError::Pem)?;
        let (label, after) = after.split_once("-----").ok_or(DkimError::Pem)?;
        let (inside, _) = after.split_once("-----END ").ok_or(DkimError::Pem)?;
        let digits: Zeroizing<String> = Zeroizing::new(inside.split_ascii_whitespace().collect());
        let der = Zeroizing::new(STANDARD.decode(digits.as_bytes()).map_err(|_| DkimError::Pem)?);
        let rsa = match label {
            "PRIVATE KEY" => match Ed25519KeyPair::from_pkcs8(&der) {
                Ok(pair) => return Ok(Self::Ed25519(pair)),
                Err(_) => RsaKeyPair::from_pkcs8(&der),
            },
            "RSA PRIVATE KEY" => RsaKeyPair::from_der(&der),
            _ => return Err(DkimError::Key),
        };
        // The library refuses short keys itself, so their length is looked up in the key's own first number.
        let pair = rsa.map_err(|_| rsa_bits(&der).map_or(DkimError::Key, DkimError::TooShort))?;
        match pair.public_modulus_len() * 8 {
            bits if bits < LEAST_RSA_BITS => Err(DkimError::TooShort(bits)),
            _ => Ok(Self::Rsa(pair)),
        }
    }

    fn signature_length(&self) -> usize {
        match self {
            Self::Ed25519(_) => 64,
            Self::Rsa(pair) => pair.public_modulus_len(),
        }
    }

    fn sign(&self, data: &[u8]) -> Result<Vec<u8>, DkimError> {
        match self {
            // RFC 8463 §3: Ed25519 over the SHA-256 of the data.
            Self::Ed25519(pair) => Ok(pair.sign(digest(&SHA256, data).as_ref()).as_ref().to_vec()),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), data, &mut signature)
                    .map_err(|_| DkimError::Signing)?;
                Ok(signature)
            }
        }
    }
}

/// The bits of an RSA modulus shorter than we accept: the first long INTEGER of the DER text.
fn rsa_bits(der: &[u8]) -> Option<usize> {
    der.windows(3).enumerate().find_map(|(place, window)| {
        let octets = match window {
            [0x02, 0x81, length] => usize::from(*length),
            [0x02, 0x41, 0x00] => 65,
            _ => return None,
        };
        let bits = (octets - 1) * 8;
        (place < 64 && (512..LEAST_RSA_BITS).contains(&bits)).then_some(bits)
    })
}

/// Appends one header field in relaxed form (RFC 6376 §3.4.2), without a line end.
pub(crate) fn append_relaxed(out: &mut Vec<u8>, field: &[u8]) {
    let colon = field.iter().position(|&b| b == b':').unwrap_or(field.len());
    let (name, value) = field.split_at(colon);
    out.extend(name.trim_ascii().iter().map(u8::to_ascii_lowercase));
    out.push(b':');
    let mut blank = false;
    let mut begun = false;
    for &b in value.get(1..).unwrap_or_default() {
        match b {
            b' ' | b'\t' | b'\r' | b'\n' => blank = true,
            b => {
                if blank && begun {
                    out.push(b' ');
                }
                (blank, begun) = (false, true);
                out.push(b);
            }
        }
    }
}

/// The hash of a body in base64. Our bodies are their own relaxed form: see [`crate::quoted_printable`].
pub(crate) fn body_hash(body: &[u8]) -> String {
    STANDARD.encode(digest(&SHA256, body))
}

#[cfg(test)]
#[path = "dkim_tests.rs"]
mod tests;
