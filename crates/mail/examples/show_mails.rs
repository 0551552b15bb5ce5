//! Writes the mails that come with the program as HTML files, to look at them in a browser.
//!
//! `cargo run -p mail --example show_mails -- <folder> [#accent]`
#![expect(clippy::unwrap_used, reason = "a tool for developers may end")]

use domain::address::Address;
use domain::id::{AutomationId, RunId};
use domain::language::Language;
use domain::message::{Carried, OperatorNotice, RunMessage};
use domain::notice::{About, AboutAutomation, AboutRun, Because, FailedWhy, Notice, PausedWhy};
use domain::run::Counts;
use domain::secret::Secret;
use mail::mailbox::Mailbox;
use mail::{Colour, Composer, House, NoticeComposer, Sender, TemplateKind, Templates};
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
        base_url: "https://people.example.org".into(),
        accent,
        time_zone: "Europe/Berlin".into(),
    };
    let templates = Templates::standard(TemplateKind::NewPassword).unwrap();
    let composer = Composer::prepare(&templates, sender.clone(), &house, [].into()).unwrap();
    let url = "https://people.riverside.example/console";
    let notices = NoticeComposer::prepare(sender, &house, [].into(), url).unwrap();
    let mailbox = Mailbox::new(10, 1 << 20);
    for language in Language::ALL {
        let message = RunMessage {
            to: address("ada.lovelace@example.net"),
            full_name: "Ada Lovelace".into(),
            given_name: "Ada".into(),
            family_name: "Lovelace".into(),
            display_name: "Ada Lovelace".into(),
            username: "ada.lovelace".into(),
            language,
            time_zone: None,
            attributes: [("plan".to_owned(), "Family".to_owned())].into(),
            carried: Carried::Password(Secret::new("Kp3xYzR7mNq2WvT9bHc4".into())),
            valid_until: 1_795_338_000_000,
            request_tag: String::new(),
            message_key: "sample".into(),
        };
        let composed = composer.compose(&message, 1_795_251_600_000).unwrap();
        let id =
            mailbox.deliver(&composed.envelope_from, &composed.envelope_to, composed.content.into_bytes(), 0);
        let html = mailbox.get(id).unwrap().html.unwrap();
        std::fs::write(folder.join(format!("{language}.html")), html).unwrap();
        for (because, notice) in notices_of_all_kinds() {
            let kind = notice.kind();
            let message = OperatorNotice {
                to: address("grace.hopper@riverside.example"),
                full_name: "Grace Hopper".into(),
                language,
                time_zone: None,
                about: About { because, notice },
                message_key: "sample".into(),
            };
            let composed = notices.compose(&message, NOW).unwrap();
            let id = mailbox.deliver("", "", composed.content.into_bytes(), 0);
            let html = mailbox.get(id).unwrap().html.unwrap();
            std::fs::write(folder.join(format!("{kind}.{language}.html")), html).unwrap();
        }
    }
}

const NOW: i64 = 1_795_251_600_000;

fn notices_of_all_kinds() -> Vec<(Because, Notice)> {
    let automation =
        AboutAutomation { id: AutomationId::generate(1, [1; 10]), number: 3, name: "Yearly renewal".into() };
    let run = |counts| AboutRun {
        id: RunId::generate(NOW, [2; 10]),
        number: 17,
        name: "Yearly renewal".into(),
        counts,
    };
    let half = Counts { total: 1_500, left_out: 20, accepted: 700, refused: 41, ..Counts::default() };
    let done =
        Counts { total: 12_403, left_out: 31, accepted: 12_365, refused: 6, unknown: 1, ..Counts::default() };
    let planned_at = NOW - 3_600_000;
    let cause = "the relay refused 20 people one after the other; last answer: 554 5.7.1 mail from your network is \
        not welcome here";
    vec![
        (
            Because::Reminded,
            Notice::AutomationEnds {
                automation: automation.clone(),
                ends_at: NOW + 30 * 86_400_000,
                last_at: Some(NOW + 28 * 86_400_000),
            },
        ),
        (
            Because::Owner,
            Notice::RunFailed {
                automation: automation.clone(),
                planned_at,
                why: FailedWhy::Selection,
                cause: "the selection cannot be used: \"Members\" is a draft: publish it first".into(),
            },
        ),
        (
            Because::Owner,
            Notice::RunMissed { automation: automation.clone(), planned_at, missed: 2, later_due: false },
        ),
        (Because::Owner, Notice::RunSkipped { automation, planned_at }),
        (
            Because::Starter,
            Notice::RunPaused { run: run(half), why: PausedWhy::Refusals, cause: cause.into() },
        ),
        (
            Because::Owner,
            Notice::RunFinished {
                run: run(done),
                left_out: [("api_user".to_owned(), 2), ("no_address".to_owned(), 29)].into(),
                refused: [("mailbox-unknown".to_owned(), 5), ("too-large".to_owned(), 1)].into(),
            },
        ),
        (Because::House, Notice::SendingStopped { at: NOW, cause: "the list was wrong".into() }),
    ]
}
