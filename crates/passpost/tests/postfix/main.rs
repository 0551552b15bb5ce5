//! A real MTA: a private Postfix delivers a run's mails into Maildirs, they are read back, and each password signs in.
//! 500 people on SQLite; 50 on PostgreSQL, because a sign-in costs the same on both.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "the numbers are worth reading with --nocapture")]

mod people;

use mail_parser::{MessageParser, MimeHeaders as _};
use people::{ORGANISATION, Person};
use std::collections::HashSet;
use std::time::Instant;
use store::{Location, Store, StoreError};
use testkit::password_in;
use testkit::postfix::Postfix;
use testkit::program::{Program, Serving};

#[test]
fn five_hundred_people_of_a_run_sign_in_with_what_a_real_postfix_delivered() {
    story(None, 500);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_fifty_people_of_a_run_sign_in_with_what_a_real_postfix_delivered() {
    // Says itself when there is no server.
    if let Some(url) = testkit::database::postgres_url().await {
        tokio::task::block_in_place(|| story(Some(url), 50));
    }
}

fn story(url: Option<String>, count: usize) {
    let people: Vec<Person> = (1..=count).map(Person::at).collect();
    let mailboxes: Vec<_> =
        people.iter().map(|person| (person.envelope().to_lowercase(), person.username.clone())).collect();
    let Some(postfix) = Postfix::start(&mailboxes) else { return };
    let began = Instant::now();
    let (program, port) = furnished(url, postfix.port(), &people);
    let mut serving = program.serve(port, None);
    serving.wait_ready();
    let report = program.run("automation run 1 --yes --json").ok().json();
    assert_eq!(report["run"]["counts"]["accepted"], count, "{report}");
    postfix.wait_for(count);
    let delivered = began.elapsed();

    let mut ids = HashSet::new();
    let passwords: Vec<String> = people.iter().map(|person| read(person, &postfix, &mut ids)).collect();
    assert_eq!(
        passwords.iter().collect::<HashSet<_>>().len(),
        count,
        "everybody has a password of their own"
    );
    everybody_signs_in(&serving, &people, &passwords);
    some_choose_their_own(&serving, &people, &passwords);
    eprintln!(
        "{count} mails delivered by Postfix after {:.1} s, everybody signed in after {:.1} s",
        delivered.as_secs_f32(),
        began.elapsed().as_secs_f32()
    );
    serving.stop();
}

/// Everybody has shown to have the mailbox: otherwise names with a digit would not stand in the mails.
fn confirm_everybody(url: Option<&str>, program: &Program) {
    let location = Location::parse(url.unwrap_or("sqlite:passpost.db"), &program.data()).unwrap();
    // A thread of its own: one of the tests has a runtime already.
    let confirm = move || {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let store = Store::open(&location).await.unwrap();
            let sql = "UPDATE people SET verified = TRUE";
            let done: Result<u64, StoreError> =
                store.write(move |tx| Box::pin(async move { tx.execute(sql, &[]).await })).await;
            done.unwrap();
        });
    };
    std::thread::spawn(confirm).join().unwrap();
}

/// With the people imported from a file, an Owner, a published selection and an automation.
fn furnished(url: Option<String>, relay: u16, people: &[Person]) -> (Program, u16) {
    let mut program = Program::new(env!("CARGO_BIN_EXE_passpost"));
    let port = program.choose_port();
    if let Some(url) = &url {
        program.set("PASSPOST_DATABASE__URL", url);
    }
    for (name, value) in [
        ("PASSPOST_SMTP__0__URL", &*format!("smtp://127.0.0.1:{relay}")),
        ("PASSPOST_SMTP__0__TLS", "none"),
        ("PASSPOST_MAIL__FROM", "passwords@portal.example"),
        ("PASSPOST_MAIL__FROM_NAME", ORGANISATION),
        ("PASSPOST_MAIL__ORGANISATION", ORGANISATION),
    ] {
        program.set(name, value);
    }
    let mut file = String::from("username;address;given_name;family_name;language;groups\n");
    people.iter().for_each(|person| file.push_str(&person.line()));
    std::fs::write(program.path().join("people.csv"), file).unwrap();
    let imported = program.run("people import people.csv --json").ok().json();
    assert_eq!(imported["created"], people.len(), "{imported}");
    confirm_everybody(url.as_deref(), &program);
    program.run("user create boss --role Owner --address boss@portal.example").ok();
    program.args(&["selection", "create", "All", "--filter", "groups.name eq \"all\"", "--publish"]).ok();
    program.args(&["automation", "create", "Renewal", "--selection", "All"]).ok();
    (program, port)
}

/// Reads the one mail of a person as a mail program does; gives the password in it.
fn read(person: &Person, postfix: &Postfix, ids: &mut HashSet<String>) -> String {
    let mails = postfix.mails(&person.username);
    assert_eq!(mails.len(), 1, "{person:?}: one mail each\n{}", postfix.log());
    let source = String::from_utf8_lossy(&mails[0]);
    let mail = MessageParser::default().parse(&mails[0]).unwrap_or_else(|| panic!("no mail: {source}"));
    let header = |name: &str| mail.header_raw(name).unwrap_or_default().trim().to_owned();

    assert_eq!(header("Delivered-To"), person.envelope(), "{source}");
    let to = mail.to().and_then(|to| to.first()).expect("To");
    assert_eq!(to.name.as_deref(), Some(&*person.name()), "{source}");
    assert_eq!(to.address.as_deref(), Some(&*person.envelope()), "{source}");
    let from = mail.from().and_then(|from| from.first()).expect("From");
    assert_eq!(
        (from.name.as_deref(), from.address.as_deref()),
        (Some(ORGANISATION), Some("passwords@portal.example"))
    );
    assert_eq!(mail.subject(), Some(&*person.subject()), "{source}");
    assert_eq!(header("Content-Language"), person.language, "{source}");
    assert_eq!(header("Auto-Submitted"), "auto-generated", "{source}");
    assert!(ids.insert(mail.message_id().expect("Message-ID").to_owned()), "a Message-ID twice: {source}");

    let root = mail.content_type().expect("Content-Type");
    assert_eq!((root.ctype(), root.subtype()), ("multipart", Some("alternative")), "{source}");
    assert_eq!((mail.text_body.len(), mail.html_body.len(), mail.attachments.len()), (1, 1, 0), "{source}");
    assert!(mail.text_body[0] < mail.html_body[0], "text first: {source}");
    let (text, html) = (mail.body_text(0).expect("a text part"), mail.body_html(0).expect("an HTML part"));
    assert!(text.contains(&person.salutation()), "{text}");
    assert!(
        text.contains(&format!(" {}\r\n", person.username))
            || text.contains(&format!(" {}\n", person.username))
    );
    let password = password_in(&text).unwrap_or_else(|| panic!("no password: {text}"));
    assert!(html.contains(&format!(">{password}<")), "the HTML part holds the same: {html}");
    password
}

/// Two visitors at a time: the machine may have two cores, and each sign-in costs an Argon2id.
fn everybody_signs_in(serving: &Serving, people: &[Person], passwords: &[String]) {
    let all: Vec<(&Person, &String)> = people.iter().zip(passwords).collect();
    std::thread::scope(|scope| {
        for half in all.chunks(all.len().div_ceil(2)) {
            scope.spawn(move || {
                for (person, password) in half {
                    if person.place % CHOOSES != 0 {
                        let page = serving.visitor().sign_in(&person.username, password);
                        assert_eq!(
                            (page.status, page.location()),
                            (303, "/password/new"),
                            "{person:?}: {page:?}"
                        );
                    }
                }
            });
        }
    });
}

/// Every so manieth person chooses a password of their own.
const CHOOSES: usize = 49;

/// The rest signs in and does what the page asks: their own password opens the account, the mailed one nothing.
fn some_choose_their_own(serving: &Serving, people: &[Person], passwords: &[String]) {
    let mut chosen = 0;
    for (person, mailed) in people.iter().zip(passwords).filter(|(person, _)| person.place % CHOOSES == 0) {
        let own = format!("oyster lantern gravel {} plum", person.place);
        let mut visitor = serving.visitor();
        assert_eq!(visitor.sign_in(&person.username, mailed).location(), "/password/new", "{person:?}");
        assert_ne!(visitor.get("/account").status, 200, "nothing else is open yet");
        let done = visitor.choose_password(&person.username, &own);
        assert_eq!((done.status, done.location()), (303, "/password/done"), "{person:?}: {done:?}");
        assert_eq!(visitor.get("/account").status, 200);
        assert_eq!(serving.visitor().sign_in(&person.username, &own).location(), "/account", "{person:?}");
        assert_eq!(serving.visitor().sign_in(&person.username, mailed).status, 403, "the mailed one is dead");
        chosen += 1;
    }
    assert!(chosen > 0, "somebody does");
}
