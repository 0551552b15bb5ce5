//! Writes the mails that come with the program as HTML files, to look at them in a browser.
//!
//! `cargo run -p mail --example show_mails -- <folder> [#accent]`
#![expect(clippy::unwrap_used, reason = "a tool for developers may end")]

use domain::address::Address;
use domain::id::{AutomationId, RunId};
use domain::language::Language;
use domain::mailing::{HtmlFormat, Intent};
use domain::message::{Carried, OperatorNotice, RunMessage};
use domain::notice::{About, AboutAutomation, AboutRun, Because, FailedWhy, Notice, PausedWhy};
use domain::run::Counts;
use domain::secret::Secret;
use mail::mailbox::Mailbox;
use mail::{Colour, Composer, House, NoticeComposer, Sender, Template, TemplateKind, Templates, mailing};
use std::path::{Path, PathBuf};

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
        base_url: "https://people.riverside.example".into(),
        accent,
        time_zone: "Europe/Berlin".into(),
    };
    let templates = Templates::standard(TemplateKind::NewPassword).unwrap();
    let composer = Composer::prepare(&templates, sender.clone(), &house, [].into()).unwrap();
    let url = "https://people.riverside.example/console";
    let notices = NoticeComposer::prepare(sender.clone(), &house, [].into(), url).unwrap();
    let mailbox = Mailbox::new(10, 1 << 20);
    show_mailings(&folder, &house, &sender);
    for language in Language::ALL {
        let message = message(language);
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

fn message(language: Language) -> RunMessage {
    RunMessage {
        to: Address::parse("ada.lovelace@example.net").unwrap(),
        full_name: "Ada Lovelace".into(),
        given_name: "Ada".into(),
        family_name: "Lovelace".into(),
        display_name: "Ada Lovelace".into(),
        username: "ada.lovelace".into(),
        language,
        time_zone: None,
        attributes: [("plan".to_owned(), "Family".to_owned())].into(),
        carried: Carried::Password(Secret::new("Kp3xYzR7mNq2WvT9bHc4".into())),
        valid_until: NOW + 86_400_000,
        request_tag: String::new(),
        message_key: "sample".into(),
    }
}

/// The ready-made words of every intent, every block of Markdown, and a mail of MJML.
fn show_mailings(folder: &Path, house: &House, sender: &Sender) {
    let personal = Intent::PersonalLink;
    let mut all = vec![
        ("markdown".to_owned(), personal, Language::En, HtmlFormat::Markdown, BLOCKS),
        ("mjml".to_owned(), personal, Language::En, HtmlFormat::Mjml, MJML),
    ];
    for intent in Intent::ALL {
        for language in Language::ALL {
            let words = mailing::starter(*intent, language);
            all.push((
                format!("{intent}.{language}"),
                *intent,
                language,
                HtmlFormat::Markdown,
                words.markdown,
            ));
        }
    }
    for (name, intent, language, format, source) in all {
        let words = mailing::starter(intent, language);
        let html = mailing::html_of(intent, language, format, source).unwrap();
        let template = Template { subject: words.subject.into(), text: words.text.into(), html };
        let composer =
            Composer::prepare_mailing(intent, language, &template, sender.clone(), house, [].into()).unwrap();
        let preview = mailing::preview(&composer, message(language), NOW).unwrap();
        std::fs::write(folder.join(format!("mailing.{name}.html")), preview.html).unwrap();
    }
}

const MJML: &str = include_str!("../src/mailing/sample.mjml");
const BLOCKS: &str = "# A heading\n\n{{ salutation }}\n\nA paragraph with **strong**, *soft*, `code` and \
    [a link]({{ personal_link }}) in it.\n\n## A second heading\n\n- one\n- two, with an address: \
    {{ personal_link }}\n  1. inner\n  2. list\n\n### A third\n\n> What somebody said, at some length, so that it \
    takes more than one line on a phone.\n\n    some code in a block\n\n[Set my password]({{ personal_link }})\n\n---\n\n\
    The end.\n";
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
