use super::*;
use crate::dkim::Signer;
use crate::house::Colour;
use domain::address::Address;
use domain::id::{AutomationId, RunId};
use domain::notice::{
    About, AboutAutomation, AboutMailing, AboutRun, Because, FailedWhy, Notice, NoticeKind, PausedWhy,
};
use domain::run::Counts;
use mail_parser::MessageParser;

const NOW: i64 = 1_795_251_600_000; // 2026-11-21 09:00 UTC
const DAY: i64 = 86_400_000;

fn composer() -> NoticeComposer {
    let sender = Sender {
        address: Address::parse("post@bücher.example").unwrap(),
        name: "Bücherei Nord".into(),
        reply_to: None,
        bounce: None,
    };
    let house = House {
        organisation: "Bücherei Nord".into(),
        help_contact: "help@example.org".into(),
        login_url: "https://people.example.org/login".into(),
        base_url: "https://people.example.org".into(),
        accent: Colour::default(),
        time_zone: "Europe/Berlin".into(),
    };
    let signers: Arc<[Signer]> = Arc::new([]);
    NoticeComposer::prepare(sender, &house, signers, "https://people.example.org/console/").unwrap()
}

fn automation() -> AboutAutomation {
    AboutAutomation { id: AutomationId::generate(1, [1; 10]), number: 3, name: "Yearly renewal".into() }
}

fn run(counts: Counts) -> AboutRun {
    AboutRun { id: RunId::generate(1, [2; 10]), number: 17, name: "Yearly renewal".into(), counts }
}

/// One of each kind, as an operator meets it.
fn samples() -> Vec<Notice> {
    let half =
        Counts { total: 1_500, left_out: 20, accepted: 700, refused: 41, unknown: 1, ..Counts::default() };
    let done =
        Counts { total: 12_403, left_out: 31, accepted: 12_365, refused: 6, unknown: 1, ..Counts::default() };
    let planned_at = NOW - 3_600_000;
    vec![
        Notice::AutomationEnds {
            automation: automation(),
            ends_at: NOW + 30 * DAY,
            last_at: Some(NOW + 28 * DAY),
        },
        Notice::RunFailed {
            automation: automation(),
            planned_at,
            why: FailedWhy::Selection,
            cause: "the selection cannot be used: \"Members\" is a draft: publish it first".into(),
        },
        Notice::RunMissed { automation: automation(), planned_at, missed: 2, later_due: false },
        Notice::RunSkipped { automation: automation(), planned_at },
        Notice::RunPaused {
            run: run(half),
            why: PausedWhy::Refusals,
            cause: "the relay refused 41 of 741 people; last answer: 550 <b>no such user</b>".into(),
        },
        Notice::RunFinished {
            run: run(done),
            left_out: [("api_user".to_owned(), 2), ("no_address".to_owned(), 29)].into(),
            refused: [("mailbox-unknown".to_owned(), 5), ("not_composed".to_owned(), 1)].into(),
        },
        Notice::MailingFailed {
            mailing: AboutMailing {
                id: domain::id::MailingId::generate(1, [3; 10]),
                number: 4,
                name: "Welcome back".into(),
            },
            planned_at,
            cause: "the mailing has no recipients; choose people, a group or a selection".into(),
        },
        Notice::SendingStopped { at: NOW, cause: "the list was wrong".into() },
    ]
}

fn message(notice: Notice, language: Language) -> OperatorNotice {
    OperatorNotice {
        to: Address::parse("Grace@example.org").unwrap(),
        full_name: "Grace Hopper".into(),
        language,
        time_zone: None,
        about: About { because: Because::Owner, notice },
        message_key: "notice-0198f2c400017bbb8ccc1234567890ab".into(),
    }
}

fn read(composed: &Composed) -> (String, String, String) {
    let parsed = MessageParser::default().parse(&*composed.content).unwrap();
    let subject = parsed.subject().unwrap().to_owned();
    (subject, parsed.body_text(0).unwrap().into_owned(), parsed.body_html(0).unwrap().into_owned())
}

#[test]
fn every_notice_reads_like_this() {
    let kinds: Vec<_> = samples().iter().map(Notice::kind).collect();
    assert_eq!(kinds, NoticeKind::ALL, "a sample of each kind");
    let composer = composer();
    for language in Language::ALL {
        let mut all = String::new();
        for notice in samples() {
            let (subject, text, html) = read(&composer.compose(&message(notice, language), NOW).unwrap());
            assert!(
                !text.contains("notice-") && !html.contains("notice-"),
                "{language}: a word is missing\n{text}"
            );
            all.push_str(&format!("Subject: {subject}\n\n{}\n=====\n", text.replace("\r\n", "\n")));
        }
        insta::assert_snapshot!(format!("notices_{language}"), all);
    }
}

#[test]
fn every_reason_to_pause_to_fail_to_leave_out_and_to_be_told_has_words() {
    for language in Language::ALL {
        let words = Words::of(language);
        let ids = domain::notice::PausedWhy::ALL.iter().map(|why| format!("notice-paused-{why}"));
        let ids = ids.chain(FailedWhy::ALL.iter().map(|why| format!("notice-failed-{why}")));
        let ids = ids.chain(Because::ALL.iter().map(|why| format!("notice-because-{why}")));
        let reasons = domain::recipient::Reason::ALL.iter().map(|reason| format!("notice-reason-{reason}"));
        for id in ids.chain(reasons) {
            assert_ne!(words.say(&id), id, "{language}");
        }
    }
}

#[test]
fn a_whole_notice_looks_like_this_on_the_wire() {
    let notice = samples().remove(4);
    let composed = composer().compose(&message(notice, Language::En), NOW).unwrap();
    let source = String::from_utf8(composed.content.to_vec()).unwrap();
    assert!(source.is_ascii() && source.ends_with("\r\n"));
    assert!(!source.replace("\r\n", "").contains(['\r', '\n']), "no bare CR or LF");
    let (header, _) = source.split_once("\r\n\r\n").unwrap();
    let names: Vec<&str> = header
        .split("\r\n")
        .filter(|line| !line.starts_with([' ', '\t']))
        .map(|line| line.split(':').next().unwrap())
        .collect();
    let expected = "From To Subject Date Message-ID MIME-Version Content-Type Content-Language Auto-Submitted \
        X-Auto-Response-Suppress";
    assert_eq!(names, expected.split_whitespace().collect::<Vec<_>>(), "and no List-Unsubscribe");
    assert!(header.contains("Auto-Submitted: auto-generated"));
    assert_eq!(composed.message_id, "notice-0198f2c400017bbb8ccc1234567890ab@xn--bcher-kva.example");
    assert_eq!(composed.envelope_to, "Grace@example.org");
}

#[test]
fn a_link_begins_with_the_console_of_the_settings_and_names_the_run() {
    for notice in samples() {
        let id = notice.run().map(|run| run.id);
        let (_, text, html) = read(&composer().compose(&message(notice, Language::En), NOW).unwrap());
        let link = id.map_or_else(
            || "https://people.example.org/console".to_owned(),
            |id| format!("https://people.example.org/console/runs/{id}"),
        );
        assert!(text.contains(&format!(": {link}\r\n")), "{text}");
        assert!(html.contains(&format!("href=\"{link}\"")));
        assert_eq!(html.matches("https://").count(), html.matches(&link).count(), "no other address");
    }
}

#[test]
fn what_a_relay_or_an_operator_wrote_is_only_text() {
    let evil = AboutAutomation { name: "<script>x</script>\r\nBcc: all@example.org".into(), ..automation() };
    let notice = Notice::RunFailed {
        automation: evil,
        planned_at: NOW,
        why: FailedWhy::Other,
        cause: "550 <a href='https://evil.example'>click</a> {{ 7 * 7 }}".into(),
    };
    let composed = composer().compose(&message(notice, Language::En), NOW).unwrap();
    let (subject, text, html) = read(&composed);
    assert!(subject.contains("<script>x</script>  Bcc: all@example.org"), "{subject}");
    assert!(!html.contains("<script") && !html.contains("<a href='") && html.contains("{{ 7 * 7 }}"));
    assert!(text.contains("<a href='https://evil.example'>click</a>"), "as it was said");
    assert_eq!(MessageParser::default().parse(&*composed.content).unwrap().bcc(), None);
}

#[test]
fn a_notice_has_a_return_path_of_its_own_where_bounces_are_read() {
    let key = domain::secret::Key::new([7; 32]);
    let bounce = crate::bounce::Bounce::new("bounces.example", &key);
    let sender = Sender {
        address: Address::parse("post@example.org").unwrap(),
        name: String::new(),
        reply_to: None,
        bounce: Some(bounce.clone()),
    };
    let composer =
        NoticeComposer::prepare(sender, &composer().house, Arc::new([]), "https://x.example").unwrap();
    let message = message(samples().remove(0), Language::En);
    let composed = composer.compose(&message, NOW).unwrap();
    assert_eq!(bounce.read(&composed.envelope_from).unwrap().message_key, message.message_key);
}

#[test]
fn a_reminder_that_comes_late_says_that_the_end_is_past() {
    let notice = Notice::AutomationEnds { automation: automation(), ends_at: NOW - DAY, last_at: None };
    let (subject, text, _) = read(&composer().compose(&message(notice, Language::En), NOW).unwrap());
    assert_eq!(subject, "“Yearly renewal” has ended");
    assert!(text.contains("no run is left"), "{text}");
}
