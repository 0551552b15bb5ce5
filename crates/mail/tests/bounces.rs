//! Mails that come back, as servers of several makes write them, and what is read from each.
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use domain::address::Address;
use domain::secret::Key;
use mail::bounce::{Bounce, Failure, Meant, Returned, Said, read};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const KEY: &str = "1-1-1.0123456789ab";

fn bounce() -> Bounce {
    Bounce::new("bounces.portal.example", &Key::new([9; 32]))
}

fn path() -> String {
    bounce().return_path(KEY, &Address::parse("ada@example.org").expect("an address"))
}

fn sample(text: &str) -> Returned {
    read(text.replace("{path}", &path()).as_bytes())
}

/// The failure a sample tells of, which must also have come to our return path.
#[track_caller]
fn failed(text: &str) -> (Failure, Meant) {
    let returned = sample(text);
    let ours = returned.came_to.iter().find_map(|address| bounce().read(address));
    assert_eq!(ours.expect("it came to our return path").message_key, KEY);
    match returned.said {
        Said::Failed(failure) => {
            let meant = failure.meant();
            (failure, meant)
        }
        other => panic!("expected a failure, found {other:?}"),
    }
}

const UNKNOWN: Meant = Meant { reason: "mailbox-unknown", undeliverable: true };

#[test]
fn a_report_of_postfix_names_the_mailbox_that_is_not_there() {
    let (failure, meant) = failed(include_str!("bounces/postfix.eml"));
    assert_eq!((failure.code, failure.enhanced.as_deref()), (Some(550), Some("5.1.1")));
    assert_eq!(meant, UNKNOWN);
    let words = failure.redacted();
    assert!(words.contains("User unknown in virtual mailbox table"), "{words}");
    assert!(!words.contains('@'), "no address is kept: {words}");
}

#[test]
fn a_vague_status_of_exim_gives_way_to_the_words_of_the_server() {
    let (failure, meant) = failed(include_str!("bounces/exim.eml"));
    assert_eq!((failure.code, failure.enhanced.as_deref()), (Some(550), Some("5.1.1")));
    assert_eq!(meant, UNKNOWN);
}

#[test]
fn a_report_of_exchange_is_read_behind_its_two_versions_of_the_text() {
    let (failure, meant) = failed(include_str!("bounces/exchange.eml"));
    assert_eq!((failure.code, failure.enhanced.as_deref()), (Some(550), Some("5.1.10")));
    assert_eq!(meant, UNKNOWN);
}

#[test]
fn the_plain_words_of_qmail_are_read_up_to_the_copy_of_the_mail() {
    let (failure, meant) = failed(include_str!("bounces/qmail.eml"));
    assert_eq!((failure.code, failure.enhanced.as_deref()), (None, Some("5.1.1")));
    assert_eq!(meant, UNKNOWN);
    assert!(failure.words.contains("no mailbox here"), "{}", failure.words);
}

#[test]
fn what_was_tried_for_days_and_given_up_says_nothing_lasting_of_the_address() {
    let (failure, meant) = failed(include_str!("bounces/given-up.eml"));
    assert_eq!(failure.enhanced.as_deref(), Some("4.4.1"));
    assert_eq!(meant, Meant { reason: "given-up", undeliverable: false });
}

#[test]
fn a_full_mailbox_or_a_rule_is_not_the_fault_of_the_address() {
    let (failure, meant) = failed(include_str!("bounces/full.eml"));
    assert_eq!((failure.code, failure.enhanced.as_deref()), (Some(552), Some("5.2.2")));
    assert_eq!(meant, Meant { reason: "mailbox-full", undeliverable: false });
    let words = failure.redacted();
    assert!(!words.contains("aaaabbbbccccddddeeee") && !words.contains('@'), "{words}");

    let refused = include_str!("bounces/full.eml").replace("5.2.2", "5.7.1");
    assert_eq!(failed(&refused).1, Meant { reason: "policy", undeliverable: false });
}

#[test]
fn a_return_without_a_reason_says_so() {
    let (failure, meant) = failed(include_str!("bounces/unreasoned.eml"));
    assert_eq!((failure.code, failure.enhanced.clone()), (None, None));
    assert_eq!(meant, Meant { reason: "returned", undeliverable: false });
    assert_eq!(failure.redacted(), "returned without a reason");
}

#[test]
fn what_is_no_failure_is_not_taken_for_one() {
    for (text, said) in [
        (include_str!("bounces/delayed.eml"), Said::Delayed),
        (include_str!("bounces/delivered.eml"), Said::Delivered),
        (include_str!("bounces/out-of-office.eml"), Said::AutoReply),
        (include_str!("bounces/reply.eml"), Said::Other),
    ] {
        assert_eq!(sample(text).said, said);
    }
    let handed_on = include_str!("bounces/delivered.eml").replace("Action: delivered", "Action: relayed");
    assert_eq!(sample(&handed_on).said, Said::Delivered);
    let receipt =
        include_str!("bounces/delivered.eml").replace("delivery-status", "disposition-notification");
    assert_eq!(sample(&receipt).said, Said::Other);
}

/// A plain mail to the return path, which says nothing of being a reply or automatic.
fn plain(return_path: &str, from: &str, subject: &str, text: &str) -> Said {
    let header = format!("Return-Path: {return_path}\nDelivered-To: {{path}}\nFrom: {from}\nTo: {{path}}\n");
    sample(&format!("{header}Subject: {subject}\n\n{text}\n")).said
}

#[test]
fn what_no_mail_server_wrote_marks_nobody_whatever_it_says() {
    let gone = "550 5.1.1 The address ada@example.org does not exist";
    for subject in ["Zurzeit nicht im Haus", "Question about my password", "Cheap watches", "failure notice"]
    {
        assert_eq!(
            plain("<ada@example.org>", "Ada <ada@example.org>", subject, gone),
            Said::Other,
            "{subject}"
        );
    }
    for subject in ["Abwesenheitsnotiz", "Risposta automatica: password", "Respuesta automática"] {
        assert_eq!(plain("<>", "Ada <ada@example.org>", subject, gone), Said::AutoReply, "{subject}");
    }
    // Notes come from the null path as well: the number of an office is no status.
    let away = "I am away. In urgent cases call 550.";
    assert_eq!(plain("<>", "Ada <ada@example.org>", "Zurzeit nicht im Haus", away), Said::Other);
    assert_eq!(plain("<>", "Ada <ada@example.org>", "On holiday", "Back on Monday."), Said::Other);
}

#[test]
fn a_mail_server_is_known_by_its_name_or_by_the_null_path_and_a_status() {
    let gone = "550 5.1.1 no such user";
    for (return_path, from) in [
        ("<bounces@mx.example.org>", "MAILER-DAEMON@mx.example.org"),
        ("<x@mx.example.org>", "postmaster@mx.example.org"),
        ("<>", "Mail Delivery Subsystem <noreply@mx.example.org>"),
        ("<>", "gateway@mx.example.org"),
    ] {
        let said = plain(return_path, from, "Returned mail", gone);
        assert!(matches!(&said, Said::Failed(failure) if failure.meant() == UNKNOWN), "{from}: {said:?}");
    }
}

#[test]
fn a_passphrase_that_a_server_quotes_is_not_kept() {
    let quoting = |words: &str| {
        let text = include_str!("bounces/full.eml");
        let begin = text.find("Diagnostic-Code: smtp;").expect("it has one");
        let end = begin + text[begin..].find("\n\n").expect("the block ends");
        failed(&format!("{}Diagnostic-Code: smtp; {words}{}", &text[..begin], &text[end..])).0.redacted()
    };
    let whole =
        quoting("552 5.2.2 full: \"Password: Correct-horse-battery-staple-lamp-river-stone-cloud-nine\"");
    assert!(whole.contains("552 5.2.2 full"), "{whole}");
    let folded = quoting("552 5.2.2 full: correct-horse-battery-\n staple-lamp-river-stone-\n cloud");
    let ends = quoting("552 5.2.2 full: correct-horse-=\n battery-staple-lamp-\n river-zebra-élan-über-=");
    for words in [whole, folded, ends] {
        let low = words.to_lowercase();
        for word in ["correct", "horse", "battery", "staple", "lamp", "river", "stone", "zebra", "élan"] {
            assert!(!low.contains(word), "{word} in {words}");
        }
    }
}

#[test]
fn a_personal_link_that_a_server_quotes_is_not_kept() {
    let token = "Zq3kV9sX1nT7bYw2LmC8rJd4HgF6pA5uEoQiRt0vKxM";
    let quoting = |words: &str| {
        let text = include_str!("bounces/full.eml");
        let begin = text.find("Diagnostic-Code: smtp;").expect("it has one");
        let end = begin + text[begin..].find("\n\n").expect("the block ends");
        failed(&format!("{}Diagnostic-Code: smtp; {words}{}", &text[..begin], &text[end..])).0.redacted()
    };
    let link = format!("https://people.example.org/reset/link/{token}");
    let (head, tail) = token.split_at(25);
    for quoted in [
        link.clone(),
        format!("<{link}>"),
        token.to_owned(),
        format!("https://people.example.org/reset/link/{head}=\n {tail}"),
    ] {
        let words = quoting(&format!("552 5.2.2 bad content: {quoted} see https://help.example.org/552"));
        assert!(!words.contains(head) && !words.contains(token), "{words}");
        assert!(words.contains("552 5.2.2 bad content") && words.contains("help.example.org"), "{words}");
    }
}

#[test]
fn the_same_is_read_with_other_line_ends_and_when_the_end_is_cut_off() {
    for name in [include_str!("bounces/postfix.eml"), include_str!("bounces/exchange.eml")] {
        let expected = failed(name);
        assert_eq!(failed(&name.replace('\n', "\r\n")), expected);
        let cut = name.find("Undelivered Message").or(name.find("Content-Type: message/rfc822"));
        assert_eq!(failed(&name[..cut.expect("the copy is last")]), expected);
    }
}

#[test]
fn a_path_named_only_in_the_copy_is_found() {
    let text = include_str!("bounces/postfix.eml");
    let text =
        text.replace("X-Original-To: {path}", "X-Other: x").replace("To: {path}", "To: us@portal.example");
    failed(&text);
}

/// Reads a bomb on a small stack and in little time.
fn survives(name: &str, bomb: String) -> Said {
    let began = Instant::now();
    let thread = std::thread::Builder::new().stack_size(512 * 1024);
    let said =
        thread.spawn(move || read(bomb.as_bytes()).said).expect("a thread").join().expect("it returns");
    assert!(began.elapsed() < Duration::from_secs(5), "{name}: {:?}", began.elapsed());
    said
}

#[test]
fn bombs_do_no_harm() {
    let nested = "Content-Type: message/rfc822\n\n".repeat(200_000);
    survives("messages in messages", nested.clone());
    survives("in a report", include_str!("bounces/postfix.eml").replace("From: Example", &nested));
    let mut levels = String::new();
    for level in 0..20_000 {
        let _ = write!(levels, "Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n");
    }
    survives("levels", levels);
    let parts = format!("Content-Type: multipart/report; boundary=a\n\n{}", "--a\n\n550\n".repeat(300_000));
    survives("parts", parts);
    survives("fields", "X-Original-To: a@b, c@d\n".repeat(300_000));
    survives("brackets", format!("From: {}\nContent-Type: {}\n\n", "(".repeat(600_000), "(".repeat(600_000)));
    survives("one line", "5.1.1 ".repeat(2_000_000));
    survives("zeroes", "\0".repeat(3_000_000));
    survives("nothing", String::new());
    let long = include_str!("bounces/qmail.eml")
        .replace("--- Below", &format!("{}\n--- Below", "x".repeat(20_000_000)));
    assert!(matches!(survives("a huge copy", long), Said::Failed(_)));
}

#[test]
fn no_octets_make_it_fail() {
    let whole = include_str!("bounces/exchange.eml").as_bytes();
    for at in (0..whole.len()).step_by(7) {
        let mut broken = whole.to_vec();
        broken[at] = 0xff;
        let _ = read(&broken);
        let _ = read(&whole[..at]);
        let _ = read(&whole[at..]);
    }
}
