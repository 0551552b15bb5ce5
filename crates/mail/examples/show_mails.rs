//! Writes the mails that come with the program as HTML files, to look at them in a browser.
//!
//! `cargo run -p mail --example show_mails -- <folder> [#accent]`
#![expect(clippy::unwrap_used, reason = "a tool for developers may end")]

use domain::address::Address;
use domain::language::Language;
use domain::message::NewPassword;
use domain::secret::Secret;
use mail::mailbox::Mailbox;
use mail::{Colour, Composer, House, Sender, TemplateKind, Templates};
use std::path::PathBuf;

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "target/mails".into()));
    let accent = std::env::args().nth(2).map_or(Colour::default(), |text| Colour::parse(&text).unwrap());
    std::fs::create_dir_all(&folder).unwrap();
    let address = |text: &str| Address::parse(text).unwrap();
    let sender =
        Sender { address: address("post@example.org"), name: String::new(), reply_to: None, bounce: None };
    let house = House {
        organisation: "Riverside Library".into(),
        help_contact: "help@riverside.example".into(),
        login_url: "https://people.riverside.example/login".into(),
        accent,
        time_zone: "Europe/Berlin".into(),
    };
    let templates = Templates::standard(TemplateKind::NewPassword).unwrap();
    let composer = Composer::prepare(&templates, sender, &house, [].into()).unwrap();
    let mailbox = Mailbox::new(10, 1 << 20);
    for language in Language::ALL {
        let message = NewPassword {
            to: address("ada.lovelace@example.net"),
            full_name: "Ada Lovelace".into(),
            given_name: "Ada".into(),
            family_name: "Lovelace".into(),
            username: "ada.lovelace".into(),
            language,
            time_zone: None,
            password: Secret::new("Kp3xYzR7mNq2WvT9bHc4".into()),
            valid_until: 1_795_338_000_000,
            message_key: "sample".into(),
        };
        let composed = composer.compose(&message, 1_795_251_600_000).unwrap();
        let id =
            mailbox.deliver(&composed.envelope_from, &composed.envelope_to, composed.content.into_bytes(), 0);
        let html = mailbox.get(id).unwrap().html.unwrap();
        std::fs::write(folder.join(format!("{language}.html")), html).unwrap();
    }
}
