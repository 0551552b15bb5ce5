use super::problem::Problem;
use super::*;
use std::io::Write as _;

fn load_text(text: &str, variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    load(&Sources {
        config: Some(file.path().to_owned()),
        data: None,
        without_file: false,
        variables: variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
    })
}

fn problems(text: &str, variables: &[(&str, &str)]) -> Vec<Problem> {
    load_text(text, variables).expect_err("wrong settings").0
}

/// Line and column at the end of a place.
fn position(problem: &Problem) -> (usize, usize) {
    let mut parts = problem.place.rsplit(':').map(|part| part.parse().unwrap());
    let column = parts.next().unwrap();
    (parts.next().unwrap(), column)
}

const EXAMPLE: &str = include_str!("../../../../config.example.toml");

#[test]
fn the_example_names_every_setting_with_its_default() {
    let example: toml::Table = EXAMPLE.parse().unwrap();
    let defaults = toml::Table::try_from(Raw::default()).unwrap();
    for (name, value) in &defaults {
        let shown = example.get(name);
        if name == "smtp" {
            continue;
        }
        assert_eq!(shown, Some(value), "{name} in config.example.toml");
    }
    assert_eq!(example.len(), defaults.len() - 1, "the example has nothing else: {example:?}");
    assert!(load_text(EXAMPLE, &[]).is_ok());
}

#[test]
fn settings_without_a_default_stand_in_the_example_as_comments_that_parse() {
    let uncommented: String = EXAMPLE
        .lines()
        .map(|line| line.strip_prefix("#:").unwrap_or(line).trim_start().to_owned() + "\n")
        .collect();
    let table: toml::Table = uncommented.parse().unwrap();
    let relay = table["smtp"][0].as_table().unwrap();
    for name in ["url", "password_file", "tls", "connections", "messages_per_minute", "ca_file", "helo"] {
        assert!(relay.contains_key(name), "smtp.{name} is in the example");
    }
    for (section, name) in [
        ("database", "password_file"),
        ("dkim", "domain"),
        ("dkim", "selector"),
        ("dkim", "key_file"),
        ("password", "words_file"),
        ("password", "blocklist_file"),
    ] {
        assert!(table[section].as_table().unwrap().contains_key(name), "{section}.{name} is in the example");
    }
    toml::from_str::<Raw>(&uncommented).unwrap();
    let defaults = toml::Table::try_from(relay::Raw::default()).unwrap();
    for name in ["tls", "connections", "messages_per_minute"] {
        assert_eq!(relay[name], defaults[name], "the default of smtp.{name}");
    }
}

#[test]
fn an_unknown_setting_stops_the_start_with_its_place_and_what_is_allowed() {
    let found = problems("base_url = \"http://localhost\"\n\n[limits]\ngrace_hour = 1\n", &[]);
    assert_eq!(position(&found[0]), (4, 1));
    assert_eq!(found[0].key, "limits.grace_hour");
    assert!(found[0].text.contains("unknown setting; allowed here:"), "{}", found[0]);
    assert!(found[0].text.contains("grace_hours"), "{}", found[0]);
}

#[test]
fn an_unknown_section_is_named_too() {
    let found = problems("[limit]\ngrace_hours = 1\n", &[]);
    assert!(found[0].text.contains("limits"), "{}", found[0]);
    assert_eq!(found[0].key, "limit");
}

#[test]
fn a_value_of_the_wrong_type_is_named_with_its_place() {
    let found = problems("[limits]\ngrace_hours = \"long\"\n", &[]);
    assert_eq!(position(&found[0]), (2, 15));
    assert_eq!(found[0].key, "limits.grace_hours");
    assert!(found[0].text.contains("expected a whole number"), "{}", found[0]);
}

#[test]
fn a_broken_file_is_named_with_line_and_column() {
    let found = problems("listen = \"127.0.0.1:1\"\n[limits\n", &[]);
    assert_eq!(position(&found[0]).0, 2);
}

#[test]
fn all_wrong_values_are_named_at_once_with_their_places() {
    let text =
        "listen = \"here\"\nlocale = \"pt\"\n[limits]\ngrace_hours = 9000\n[[smtp]]\nurl = \"relay:25\"\n";
    let found = problems(text, &[]);
    let keys: Vec<&str> = found.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["listen", "smtp[0].url", "locale", "limits.grace_hours"]);
    assert_eq!(found.iter().map(position).collect::<Vec<_>>(), [(1, 1), (6, 1), (2, 1), (4, 1)]);
}

#[test]
fn a_variable_wins_over_the_file_and_is_blamed_when_it_is_wrong() {
    let text = "[limits]\ngrace_hours = 1\n[database]\nurl = \"sqlite:a.db\"\n";
    let settings = load_text(
        text,
        &[
            ("PASSPOST_DATABASE__URL", "postgres://pp@db/pp"),
            ("PASSPOST_LIMITS__GRACE_HOURS", "12"),
            ("PASSPOST_MAIL__ORGANISATION", "2026"),
            ("PASSPOST_TRUSTED_PROXIES", "[\"10.0.0.0/8\"]"),
            ("HOME", "/root"),
        ],
    )
    .unwrap();
    assert_eq!(settings.database, store::Location::Postgres("postgres://pp@db/pp".into()));
    assert_eq!(settings.limits.grace_hours, 12);
    assert_eq!(settings.mail.organisation, "2026", "a text stays a text");
    let proxies = &settings.server.trusted_proxies;
    assert!(proxies.contain("10.1.2.3".parse().unwrap()) && !proxies.contain("192.0.2.1".parse().unwrap()));

    let found = problems(text, &[("PASSPOST_LIMITS__GRACE_HOURS", "soon")]);
    assert_eq!(
        (found[0].place.as_str(), found[0].key.as_str()),
        ("PASSPOST_LIMITS__GRACE_HOURS", "limits.grace_hours")
    );
    let found = problems(text, &[("PASSPOST_LIMITS__GRACE_HOURS", "9000")]);
    assert_eq!(found[0].place, "PASSPOST_LIMITS__GRACE_HOURS");
    let found = problems(text, &[("PASSPOST_LIMIT__GRACE_HOURS", "1")]);
    assert!(found[0].text.contains("unknown setting"), "{}", found[0]);
}

#[test]
fn a_relay_can_come_from_variables_alone_with_its_password() {
    let settings = load_text(
        "",
        &[
            ("PASSPOST_SMTP__0__URL", "smtp://me@relay.example:587"),
            ("PASSPOST_SMTP__0__PASSWORD", "007"),
            ("PASSPOST_SMTP__0__CONNECTIONS", "7"),
            ("PASSPOST_MAIL__FROM", "passwords@example.org"),
        ],
    );
    // Variables are taken in the order of their names, so that the list grows from its beginning.
    let settings = settings.unwrap();
    assert_eq!(settings.relays[0].connections, 7);
    assert_eq!(settings.relays[0].password.as_ref().unwrap().expose(), "007");
    let shown = toml::to_string(&settings.raw).unwrap();
    assert!(!shown.contains("007") && !format!("{settings:?}").contains("007"), "{shown}");
}

#[test]
fn a_relay_without_tls_is_only_allowed_on_this_machine() {
    let with = |host: &str, tls: &str| {
        load_text(
            &format!(
                "[mail]\nfrom = \"a@example.org\"\n[[smtp]]\nurl = \"smtp://{host}:25\"\ntls = \"{tls}\"\n"
            ),
            &[],
        )
    };
    assert!(with("127.0.0.1", "none").is_ok() && with("localhost", "none").is_ok());
    assert!(with("relay.example", "opportunistic").is_ok());
    let error = with("relay.example", "none").unwrap_err();
    assert_eq!(error.0[0].key, "smtp[0].tls");
    assert!(with("relay.example", "maybe").unwrap_err().to_string().contains("required"));
}

#[test]
fn a_relay_with_a_user_needs_a_password_and_a_sender() {
    let error = load_text("[[smtp]]\nurl = \"smtp://me@relay.example\"\n", &[]).unwrap_err();
    let keys: Vec<&str> = error.0.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["smtp[0].password_file", "mail.from"]);
}

#[test]
fn a_password_stands_neither_in_the_file_nor_in_the_url() {
    let error =
        load_text("[[smtp]]\nurl = \"smtp://me@relay.example\"\npassword = \"hunter2\"\n", &[]).unwrap_err();
    assert_eq!((error.0[0].key.as_str(), position(&error.0[0])), ("smtp[0].password", (3, 1)));
    assert!(!error.to_string().contains("hunter2"));
    let error = load_text("[[smtp]]\nurl = \"smtp://me:hunter2@relay.example\"\n", &[]).unwrap_err();
    assert!(error.to_string().contains("password_file") && !error.to_string().contains("hunter2"));
}

#[test]
fn a_named_file_must_be_there() {
    let error =
        load(&Sources { config: Some("/nowhere/passpost.toml".into()), ..Sources::default() }).unwrap_err();
    assert!(error.to_string().starts_with("/nowhere/passpost.toml: cannot be read"), "{error}");
}

#[test]
fn a_folder_for_bounces_needs_the_domain_whose_mail_comes_to_it() {
    let with = |domain: &str, maildir: &str| {
        load_text(&format!("[bounces]\ndomain = \"{domain}\"\nmaildir = \"{maildir}\"\n"), &[])
    };
    assert!(with("", "").unwrap().bounces.is_none());
    let bounces = with("Bounces.Bücher.example", "/var/mail/bounces").unwrap().bounces.unwrap();
    assert_eq!(bounces.domain, "bounces.xn--bcher-kva.example");
    assert_eq!(bounces.maildir.unwrap(), std::path::Path::new("/var/mail/bounces"));
    assert_eq!(with("", "/var/mail/bounces").unwrap_err().0[0].key, "bounces.maildir");
    for wrong in ["a@b.example", "no domain", "x\\u0000y", "-", &"a.".repeat(120)] {
        let error = with(wrong, "").unwrap_err();
        assert_eq!((error.0[0].key.as_str(), position(&error.0[0]).0), ("bounces.domain", 2), "{wrong}");
    }
}
