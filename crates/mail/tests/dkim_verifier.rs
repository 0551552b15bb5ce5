//! An independent verifier reads our signatures: dkimpy, when it is installed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::address::Address;
use domain::language::Language;
use domain::mailing::Intent;
use domain::message::{Carried, RunMessage};
use domain::secret::Secret;
use mail::dkim::Signer;
use mail::{Colour, Composer, House, Sender, Template, TemplateKind, Templates};
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// Reads the record from its first argument, the mail from standard input; leaves 0 when every signature holds.
const VERIFIER: &str = "
import sys, dkim
record = sys.argv[1].encode()
mail = sys.stdin.buffer.read()
try:
    sound = dkim.DKIM(mail).verify(dnsfunc=lambda name, **kw: record)
except dkim.DKIMException:
    sound = False
sys.exit(0 if sound else 3)
";

fn python(script: &str, arguments: &[&str], input: &[u8]) -> Option<i32> {
    let mut child = Command::new("python3")
        .arg("-c")
        .arg(script)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(input).ok()?;
    child.wait().ok()?.code()
}

fn pem(der: &[u8]) -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der))
}

/// Fresh keys, an Ed25519 and an RSA one.
fn keys() -> [String; 2] {
    let ed25519 = Ed25519KeyPair::generate().unwrap().to_pkcs8v1().unwrap();
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let rsa: Pkcs8V1Der<'_> = rsa.as_der().unwrap();
    [pem(ed25519.as_ref()), pem(rsa.as_ref())]
}

/// A mail in two parts, and one that is its text alone.
fn composed(signer: Signer) -> [Vec<u8>; 2] {
    let address = |text: &str| Address::parse(text).unwrap();
    let sender =
        Sender { address: address("post@example.org"), name: "Büro".into(), reply_to: None, bounce: None };
    let house = House {
        organisation: "Büro".into(),
        help_contact: String::new(),
        login_url: "https://example.org/login".into(),
        base_url: "https://example.org".into(),
        accent: Colour::default(),
        time_zone: "UTC".into(),
    };
    let templates = Templates::standard(TemplateKind::NewPassword).unwrap();
    let signers: Arc<[Signer]> = Arc::new([signer]);
    let composer = Composer::prepare(&templates, sender.clone(), &house, Arc::clone(&signers)).unwrap();
    let alone = Template {
        subject: "{{ full_name }}".into(),
        text: "{{ password }}  and\ta\n\n {{ login_url }}\n{{ attribute.none }}\n\n\n".into(),
        html: String::new(),
    };
    let intent = Intent::ForcePassword;
    let alone = Composer::prepare_mailing(intent, Language::De, &alone, sender, &house, signers).unwrap();
    let message = RunMessage {
        to: address("zoe@example.net"),
        full_name: "Zoë  Müller-Ångström with a name that needs more than one line of the header".into(),
        given_name: "Zoë".into(),
        family_name: "Müller".into(),
        display_name: String::new(),
        username: "zoe".into(),
        language: Language::De,
        time_zone: None,
        attributes: [].into(),
        carried: Carried::Password(Secret::new("Kp3xYzR7mNq2WvT9bHc4".into())),
        valid_until: 1_795_338_000_000,
        request_tag: String::new(),
        message_key: "key-1".into(),
    };
    [composer, alone].map(|one| one.compose(&message, 1_795_251_600_000).unwrap().content.to_vec())
}

#[test]
fn an_independent_verifier_accepts_our_signatures_and_a_second_from_breaks_them() {
    if python("import dkim, nacl", &[], b"") != Some(0) {
        // Straight to the terminal: the test runner keeps what is printed from a test that passes.
        let hint =
            "SKIPPED: install python3-dkim and python3-nacl to verify DKIM with a second implementation";
        writeln!(std::io::stderr(), "{hint}").unwrap();
        return;
    }
    for pem in keys() {
        let signer = Signer::new("example.org", "test", pem.as_bytes()).unwrap();
        let record = signer.dns_record().unwrap().value;
        for mail in composed(signer) {
            let verify = |mail: &[u8]| python(VERIFIER, &[&record], mail);
            assert_eq!(verify(&mail), Some(0), "{}", String::from_utf8_lossy(&mail[..600]));
            for added in ["From: eve@example.org\r\n", "Reply-To: eve@example.org\r\n"] {
                assert_eq!(verify(&[added.as_bytes(), &mail].concat()), Some(3), "{added}");
            }
            let text = String::from_utf8(mail).unwrap();
            assert_eq!(verify(text.replace("Kp3x", "Kp4x").as_bytes()), Some(3));
            assert_eq!(verify(text.replace("zoe@example.net", "eve@example.net").as_bytes()), Some(3));
        }
    }
}
