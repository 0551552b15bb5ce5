//! How many messages one core composes: unsigned, signed with Ed25519, signed with RSA-2048.
//!
//! `cargo run --release -p mail --example compose_rate [messages]`
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement prints and may end")]

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
use std::hint::black_box;
use std::time::Instant;

const NOW: i64 = 1_795_251_600_000;

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

fn sender() -> Sender {
    Sender {
        address: Address::parse("post@example.org").unwrap(),
        name: "Example".into(),
        reply_to: None,
        bounce: None,
    }
}

fn house() -> House {
    House {
        organisation: "Example Society".into(),
        help_contact: "help@example.org".into(),
        login_url: "https://people.example.org/login".into(),
        base_url: "https://people.example.org".into(),
        accent: Colour::default(),
        time_zone: "Europe/Berlin".into(),
    }
}

fn composer(signers: Vec<Signer>, per_recipient: bool) -> Composer {
    let mut templates = Templates::standard(TemplateKind::NewPassword).unwrap();
    if per_recipient {
        let mut template = Template::standard(TemplateKind::NewPassword, Language::En);
        template.text.insert_str(0, "{% if given_name %}Dear {{ given_name }}{% endif %}\n");
        template.html = template.html.replace("{{ salutation }}", "{{ full_name | title }}");
        templates.replace(Language::En, &template).unwrap();
    }
    Composer::prepare(&templates, sender(), &house(), signers.into()).unwrap()
}

/// A mailing that shows a custom attribute in all parts.
fn mailing() -> Composer {
    let mut template = Template::standard(TemplateKind::Mailing(Intent::ForcePassword), Language::En);
    template.subject.push_str(" {{ attribute.plan }}");
    template.text.push_str("{{ attribute.plan }}\n");
    template.html = template.html.replace("{{ salutation }}", "{{ salutation }} {{ attribute.plan }}");
    let (sender, house) = (sender(), house());
    Composer::prepare_mailing(Intent::ForcePassword, Language::En, &template, sender, &house, [].into())
        .unwrap()
}

fn measure(name: &str, composer: &Composer, count: u32) {
    let mut octets = 0;
    let started = Instant::now();
    for number in 0..count {
        let message = RunMessage {
            to: Address::parse("ada.lovelace@example.net").unwrap(),
            full_name: "Ada Lovelace".into(),
            given_name: "Ada".into(),
            family_name: "Lovelace".into(),
            display_name: "Ada Lovelace".into(),
            username: "ada".into(),
            language: Language::En,
            time_zone: None,
            attributes: [("plan".to_owned(), "Family".to_owned())].into(),
            carried: Carried::Password(Secret::new("Kp3xYzR7mNq2WvT9bHc4".into())),
            valid_until: NOW + 86_400_000,
            request_tag: "Qm7xT2".into(),
            message_key: format!("key-{number}"),
        };
        let composed = composer.compose(black_box(&message), NOW).unwrap();
        octets += black_box(&composed).content.len();
    }
    let seconds = started.elapsed().as_secs_f64();
    let each = seconds * 1e6 / f64::from(count);
    println!(
        "{name:<24} {:>9.0} messages/s  {each:>7.2} µs each  {} octets",
        f64::from(count) / seconds,
        octets / count as usize
    );
}

fn main() {
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let signer = |pem: &str| Signer::new("example.org", "bench", pem.as_bytes()).unwrap();
    let [ed25519, rsa] = keys().map(|pem| signer(&pem));
    measure("unsigned", &composer(vec![], false), count);
    measure("unsigned, per recipient", &composer(vec![], true), count / 5);
    measure("mailing with attribute", &mailing(), count);
    measure("Ed25519", &composer(vec![ed25519], false), count / 2);
    measure("RSA-2048", &composer(vec![rsa], false), count / 20);
}
