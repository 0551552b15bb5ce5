//! No page may show the name of a text instead of the text.

use super::*;
use std::collections::BTreeSet;
use std::path::Path;

fn ids(sources: &[&str]) -> BTreeSet<String> {
    let lines = sources.iter().flat_map(|source| source.lines());
    let named = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    let mut found = BTreeSet::new();
    for (id, _) in named.filter_map(|line| line.split_once(" =")) {
        assert!(found.insert(id.to_owned()), "{id} stands there twice");
    }
    found
}

/// Every id in quotes after a call of `say`, `fill` or `say_with` in templates and code.
fn used(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            used(&path, found);
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            for call in ["say(\"", "fill(\"", "say_with(\"", "title(\"", "label: \"", "count(\""] {
                found.extend(
                    text.split(call).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned),
                );
            }
        }
    }
}

#[test]
fn every_language_has_the_same_texts() {
    let english = ids(SOURCES[0].1);
    assert!(english.len() > 40, "{english:?}");
    for (language, sources) in SOURCES {
        assert_eq!(ids(sources), english, "{language}");
        let words = Words::of(language);
        for id in &english {
            let message =
                words.bundle.get_message(id).unwrap_or_else(|| panic!("{language} cannot read {id}"));
            assert!(message.value().is_some(), "{language}: {id} is empty");
        }
    }
}

#[test]
fn every_text_a_page_asks_for_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wanted = BTreeSet::new();
    for folder in ["../../templates/recipient", "../../templates/console", "../../templates/api", "src"] {
        used(&root.join(folder), &mut wanted);
    }
    let english = ids(SOURCES[0].1);
    let missing: Vec<_> = wanted.iter().filter(|id| !id.contains("{}") && !english.contains(*id)).collect();
    assert!(wanted.len() > 30 && missing.is_empty(), "missing: {missing:?}");
}

#[test]
fn every_problem_and_hint_of_a_password_is_translated() {
    use auth::password_rules::{Hint, Problem};
    let problems = [
        Problem::TooShort { length: 1, least: 15 },
        Problem::TooLong,
        Problem::Blocklisted,
        Problem::ServiceName,
        Problem::OwnName,
        Problem::Repeated,
        Problem::Sequence,
        Problem::EasyToGuess { hints: vec![] },
        Problem::NotNew,
        Problem::Different,
    ];
    let codes = problems.iter().map(|p| format!("problem-{}", p.code()));
    let hints = Hint::ALL.iter().map(|hint| format!("hint-{}", hint.code()));
    let english = ids(SOURCES[0].1);
    for id in codes.chain(hints).map(|id| id.replace('_', "-")) {
        assert!(english.contains(&id), "{id}");
    }
}

#[test]
fn every_state_and_reason_is_translated() {
    use domain::recipient::{Reason, RecipientState};
    use domain::run::RunState;
    let states = RunState::ALL.iter().map(|one| one.as_str());
    let states = states.chain(RecipientState::ALL.iter().map(|one| one.as_str()));
    let wanted = states.map(|one| format!("state-{one}"));
    let wanted = wanted.chain(Reason::ALL.iter().map(|one| format!("reason-{one}")));
    let english = ids(SOURCES[0].1);
    for id in wanted.map(|id| id.replace('_', "-")) {
        assert!(english.contains(&id), "{id}");
    }
}

#[test]
fn every_limit_is_told_in_words() {
    use domain::account_mail::{AccountMailKind, NoLink};
    use domain::limit::{Level, LimitKind};
    let wanted = LimitKind::ALL.iter().map(|one| format!("limit-{one}"));
    let wanted = wanted.chain(Level::ALL.iter().map(|one| format!("limit-level-{one}")));
    let wanted = wanted.chain(NoLink::ALL.iter().map(|one| format!("no-link-{one}")));
    let wanted = wanted.chain(AccountMailKind::ALL.iter().map(|one| format!("account-mail-{one}")));
    let shown = ["bounced", "accepted", "given-up", "absorbed", "left-out", "sending", "waiting"];
    let wanted = wanted.chain(shown.iter().map(|one| format!("account-mail-state-{one}")));
    let wanted = wanted.chain(["mailbox_limit", "live_links"].iter().map(|one| format!("absorbed-{one}")));
    let english = ids(SOURCES[0].1);
    for id in wanted.map(|id| id.replace('_', "-")) {
        assert!(english.contains(&id), "{id}");
    }
}

#[test]
fn a_page_says_only_what_it_knows() {
    let words = Words::of(Language::En);
    assert_eq!(words.done("<script>", "1"), None);
    assert_eq!(words.done("nothing-of-the-kind", "1"), None);
}

/// Texts in quotes that look like what was done: a known kind, a dot, a word.
fn actions(folder: &Path, found: &mut BTreeSet<String>) {
    use crate::console::KINDS;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            actions(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let quoted = text.split('"').skip(1).step_by(2);
            found.extend(
                quoted
                    .filter(|text| text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'.'))
                    .filter(|text| KINDS.iter().any(|kind| text.starts_with(kind) && text.len() > kind.len()))
                    .map(str::to_owned),
            );
        }
    }
}

#[test]
fn whatever_is_noted_in_the_audit_log_is_told_in_words() {
    use domain::role::Permission;
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = BTreeSet::new();
    for name in ["store", "auth", "flow", "web"] {
        actions(&crates.join(name).join("src"), &mut found);
    }
    // Columns, files and permissions look alike.
    let others = [".username", ".external_id", ".js"];
    found.retain(|one| Permission::parse(one).is_none() && !others.iter().any(|end| one.ends_with(end)));
    assert!(found.len() > 40, "{found:?}");
    let english = ids(SOURCES[0].1);
    let missing: Vec<_> = found
        .iter()
        .filter(|one| !english.contains(&format!("action-{}", one.replace(['.', '_'], "-"))))
        .collect();
    assert!(missing.is_empty(), "no words for {missing:?}");
    for kind in crate::console::KINDS {
        assert!(
            english.contains(&format!("audit-kind-{}", kind.trim_end_matches('.').replace('_', "-"))),
            "{kind}"
        );
    }
}
