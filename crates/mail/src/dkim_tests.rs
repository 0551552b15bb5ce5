use super::*;
use aws_lc_rs::signature::{ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

/// The message and the keys of RFC 8463, appendix A.
const RFC_SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const RFC_PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const RFC_BODY: &str = "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";
const RFC_FIELDS: [&str; 5] = [
    "From: Joe SixPack <joe@football.example.com>",
    "To: Suzie Q <suzie@shopping.example.net>",
    "Subject: Is dinner ready?",
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)",
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>",
];
const RFC_SIGNATURE_FIELD: &str = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n \
     d=football.example.com; i=@football.example.com;\r\n \
     q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n \
     subject : date : message-id : from : subject : date;\r\n \
     bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=";
const RFC_SIGNATURE: &str =
    "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==";

#[test]
fn the_example_of_the_standard_gets_the_standards_signature() {
    // Relaxed: the two blanks become one.
    assert_eq!(
        body_hash(RFC_BODY.replace("  ", " ").as_bytes()),
        "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
    );
    let mut data = Vec::new();
    for field in RFC_FIELDS {
        append_relaxed(&mut data, field.as_bytes());
        data.extend_from_slice(b"\r\n");
    }
    append_relaxed(&mut data, RFC_SIGNATURE_FIELD.as_bytes());
    let seed = STANDARD.decode(RFC_SEED).unwrap();
    let key = PrivateKey::Ed25519(Ed25519KeyPair::from_seed_unchecked(&seed).unwrap());
    assert_eq!(STANDARD.encode(key.sign(&data).unwrap()), RFC_SIGNATURE);
}

#[test]
fn relaxed_fields_lose_case_folds_and_blanks() {
    let mut out = Vec::new();
    append_relaxed(&mut out, b"SubJect \t: \r\n\tA  \t b\r\n c \r\n");
    assert_eq!(out, b"subject:A b c");
}

fn ed25519_pem() -> String {
    // The PKCS#8 wrapping of RFC 8410 around the seed of the standard.
    let mut der = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    der.extend(STANDARD.decode(RFC_SEED).unwrap());
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der))
}

fn rsa_pem(size: aws_lc_rs::rsa::KeySize) -> String {
    use aws_lc_rs::encoding::Pkcs8V1Der;
    let pair = RsaKeyPair::generate(size).unwrap();
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()))
}

#[test]
fn the_published_record_fits_the_signature() {
    let ed = Signer::new("Example.org", "mail2026", ed25519_pem().as_bytes()).unwrap();
    let record = ed.dns_record().unwrap();
    assert_eq!(record.name, "mail2026._domainkey.example.org");
    assert_eq!(record.value, format!("v=DKIM1; k=ed25519; p={RFC_PUBLIC}"));
    let rsa = Signer::new("example.org", "r", rsa_pem(aws_lc_rs::rsa::KeySize::Rsa2048).as_bytes()).unwrap();
    let record = rsa.dns_record().unwrap();
    assert!(record.zone_line().matches('"').count() == 4, "two pieces of at most 255 octets");
    for signer in [&ed, &rsa] {
        let header = signer.header(b"from:a\r\n", &body_hash(b""), 1_795_251_600_000).unwrap();
        assert_eq!(header.len(), signer.header_length());
        let text = String::from_utf8(header).unwrap();
        let (unsigned, signature) = text.split_once("\tb=").unwrap();
        let mut data = b"from:a\r\n".to_vec();
        append_relaxed(&mut data, format!("{unsigned}\tb=").as_bytes());
        let signature = STANDARD.decode(signature.split_ascii_whitespace().collect::<String>()).unwrap();
        let public = signer.dns_record().unwrap().value;
        let public = STANDARD.decode(public.split_once("p=").unwrap().1).unwrap();
        let sound = match signer.key {
            PrivateKey::Ed25519(_) => {
                UnparsedPublicKey::new(&ED25519, public).verify(digest(&SHA256, &data).as_ref(), &signature)
            }
            PrivateKey::Rsa(_) => {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public).verify(&data, &signature)
            }
        };
        assert!(sound.is_ok(), "{signer:?}");
    }
}

#[test]
fn a_key_that_cannot_sign_is_refused_with_its_reason() {
    let refuse = |pem: &str| Signer::new("example.org", "s", pem.as_bytes()).err();
    assert_eq!(refuse("hello"), Some(DkimError::Pem));
    assert_eq!(refuse("-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----"), Some(DkimError::Pem));
    assert_eq!(refuse("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"), Some(DkimError::Key));
    assert_eq!(
        refuse("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----"),
        Some(DkimError::Key)
    );
    let short = include_str!("../tests/rsa1024.pem");
    assert_eq!(refuse(short), Some(DkimError::TooShort(1024)));
    let pem = ed25519_pem();
    assert_eq!(Signer::new("example.org", "s;x", pem.as_bytes()).err(), Some(DkimError::Selector));
    assert_eq!(Signer::new("org", "s", pem.as_bytes()).err(), Some(DkimError::Domain));
    assert!(!format!("{:?}", Signer::new("example.org", "s", pem.as_bytes())).contains("key"));
}
