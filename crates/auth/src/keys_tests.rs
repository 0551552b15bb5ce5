//! What a key file must be, and that purposes stay apart.

use super::*;

fn key(seed: u8) -> String {
    BASE64_STANDARD.encode(std::array::from_fn::<u8, 32, _>(|i| seed.wrapping_add(i as u8 * 7)))
}

#[test]
fn the_last_key_of_the_file_is_the_current_one() {
    let keys = Keys::parse(&format!("# a comment\n\nk1:{}\nk2:{}\n", key(1), key(2))).unwrap();
    assert_eq!(keys.current(Purpose::Session).id(), "k2");
    assert_eq!(keys.all(Purpose::Session).map(|key| key.id).collect::<Vec<_>>(), ["k2", "k1"]);
    assert!(keys.by_id(Purpose::Session, "k1").is_some());
    assert!(keys.by_id(Purpose::Session, "k3").is_none());
}

#[test]
fn every_purpose_and_every_key_has_its_own_derived_key() {
    let keys = Keys::parse(&format!("k1:{}\nk2:{}\n", key(1), key(2))).unwrap();
    let mut tags = HashSet::new();
    for purpose in [Purpose::MailedPassword, Purpose::Pepper, Purpose::Session, Purpose::Csrf] {
        tags.extend(keys.all(purpose).map(|key| key.tag(&[b"x"])));
    }
    assert_eq!(tags.len(), 8);
}

#[test]
fn parts_cannot_flow_into_each_other() {
    let keys = Keys::parse(&format!("k1:{}", key(1))).unwrap();
    let key = keys.current(Purpose::Api);
    assert_ne!(key.tag(&[b"ab", b"c"]), key.tag(&[b"a", b"bc"]));
}

#[test]
fn an_empty_short_default_or_doubled_key_is_refused_with_its_line() {
    let zeros = BASE64_STANDARD.encode([0; 32]);
    let cases = [
        (String::new(), "no key"),
        ("# only a comment\n".into(), "no key"),
        ("k1".into(), "line 1: expected an id"),
        ("k1:".into(), "line 1: the key must be 32 bytes"),
        (format!("\nk1:{}", BASE64_STANDARD.encode([7; 16])), "line 2: the key must be 32 bytes"),
        (format!("k1:{zeros}"), "line 1: this is not a random key"),
        ("k1:change-me".into(), "line 1: the key after the colon is not base64"),
        (format!("K 1:{}", key(1)), "line 1: the id"),
        (format!("k1:{}\nk1:{}", key(1), key(2)), "line 2: this id"),
        (format!("k1:{}\nk2:{}", key(1), key(1)), "line 2: this key"),
    ];
    for (text, expected) in cases {
        let problem = Keys::parse(&text).unwrap_err();
        assert!(problem.contains(expected), "{text:?}: {problem}");
        assert!(!problem.contains(&key(1)), "{problem}");
    }
}

#[test]
fn a_key_file_is_made_once_and_read_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    let made = Keys::read_or_create(&path).unwrap();
    let read = Keys::read_or_create(&path).unwrap();
    assert_eq!(made.current(Purpose::Api).tag(&[b"x"]), read.current(Purpose::Api).tag(&[b"x"]));
    assert!(Keys::create(&path).is_err(), "a key is never overwritten");
}

#[test]
#[cfg(unix)]
fn a_key_file_that_others_can_read_is_refused_and_the_cure_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    Keys::create(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    for mode in [0o644, 0o640, 0o602] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = Keys::read(&path).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(Keys::read(&path).is_ok());
}

#[test]
fn a_missing_key_file_or_a_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Keys::read(&folder.path().join("none")).is_err());
    assert!(Keys::read(folder.path()).unwrap_err().to_string().contains("not a regular file"));
}

#[test]
fn keys_do_not_print_themselves() {
    let keys = Keys::parse(&format!("k1:{}", key(1))).unwrap();
    assert!(!format!("{keys:?}").contains(&key(1)));
    assert!(format!("{keys:?}").contains("Key(…)"));
}
