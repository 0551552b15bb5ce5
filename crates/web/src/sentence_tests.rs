//! Whatever is refused is said in German and French as well: every code of every enum of sentences has words.

use super::*;
use domain::address::AddressError;
use domain::filter::{Compared, Fault, Hint, May};
use domain::person::ValueError;
use std::collections::BTreeSet;
use std::path::Path;
use store::automation::NotReady;
use store::selection::{Unusable, Uses};

/// Every enum of sentences there is; the test below finds one that is missing here.
const KINDS: [(&str, &[&str]); 22] = [
    ("address", AddressError::CODES),
    ("value", ValueError::CODES),
    ("filter-fault", Fault::CODES),
    ("filter-hint", Hint::CODES),
    ("filter-may", May::CODES),
    ("filter-compared", Compared::CODES),
    ("wrong", store::Wrong::CODES),
    ("standing", store::Standing::CODES),
    ("used-by", Uses::CODES),
    ("unusable", Unusable::CODES),
    ("not-ready", NotReady::CODES),
    ("import-fault", store::import::Fault::CODES),
    ("not-now", flow::NotNow::CODES),
    ("lacking", flow::Lacking::CODES),
    ("unsent", flow::Unsent::CODES),
    ("template-fault", flow::template::Fault::CODES),
    ("unfit-mailing", domain::mailing::Unfit::CODES),
    ("mailing-not", domain::mailing::NotPossible::CODES),
    ("unfit-pace", domain::pace::UnfitPace::CODES),
    ("unmet", domain::event::Unmet::CODES),
    ("odd", domain::event::Odd::CODES),
    ("sample", &[]),
];

/// An area with the codes of its sentences, each with its gaps.
type Area = (String, Vec<(String, BTreeSet<String>)>);

/// The areas of all enums of sentences in the sources, each with the gaps its sentences have by code.
fn declared(folder: &Path, found: &mut Vec<Area>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            declared(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            for rest in text.split("sentences! {\n").skip(1) {
                let (head, body) = rest.split_once(" in \"").unwrap();
                assert!(head.contains(" enum ") || head.contains("enum "), "{head}");
                let (area, body) = body.split_once('"').unwrap();
                let body = body.split("\n    }\n").next().unwrap();
                let variants = body.split(";\n").filter_map(|one| {
                    let (left, right) = one.split_once("= \"")?;
                    let gaps = left.split_once('{').filter(|(_, rest)| rest.contains(':'));
                    let gaps = gaps.map_or("", |(_, rest)| rest.rsplit_once('}').unwrap().0);
                    let gaps = gaps.rsplit('{').next().unwrap().split(',');
                    let names =
                        gaps.filter_map(|gap| gap.split_once(':')).map(|(name, _)| name.trim().to_owned());
                    Some((format!("{area}-{}", right.split('"').next().unwrap()), names.collect()))
                });
                found.push((area.to_owned(), variants.collect()));
            }
        }
    }
}

fn all() -> Vec<Area> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for name in ["domain", "store", "auth", "mail", "flow", "web"] {
        declared(&crates.join(name).join("src"), &mut found);
    }
    found
}

/// The text of a message as it stands in the file of a language.
fn source(language: Language, id: &str) -> String {
    let sources = SOURCES.iter().find(|(one, _)| *one == language).unwrap().1;
    let begins = format!("\n{id} =");
    let rest = sources.iter().find_map(|source| source.split_once(&begins)).map(|(_, rest)| rest);
    let rest = rest.unwrap_or_else(|| panic!("{language}: {id} is missing"));
    let lines: Vec<&str> = rest
        .lines()
        .enumerate()
        .take_while(|(number, line)| *number == 0 || line.starts_with(' '))
        .map(|(_, line)| line)
        .collect();
    lines.join("\n")
}

fn gaps(text: &str) -> BTreeSet<String> {
    let named = text.split('$').skip(1);
    named.map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()).collect()
}

#[test]
fn no_enum_of_sentences_is_forgotten() {
    let mut areas: Vec<String> = all().into_iter().map(|(area, _)| area).collect();
    areas.sort();
    let mut known: Vec<&str> = KINDS.iter().map(|(area, _)| *area).collect();
    known.sort_unstable();
    assert_eq!(areas, known);
    for (area, codes) in KINDS {
        assert!(codes.iter().all(|code| code.starts_with(&format!("{area}-"))), "{area}: {codes:?}");
    }
}

#[test]
fn every_sentence_is_said_in_german_and_french() {
    for code in KINDS.iter().flat_map(|(_, codes)| *codes) {
        let english = source(Language::En, code);
        for language in [Language::De, Language::Fr] {
            let said = source(language, code);
            assert!(!said.trim().is_empty() && said.trim() != *code, "{language}: {code}");
            assert_ne!(said, english, "{language}: {code} is English");
            let words = Words::of(language);
            assert!(words.bundle.has_message(code), "{language} cannot read {code}");
        }
    }
}

#[test]
fn a_sentence_has_the_same_gaps_in_every_language_and_none_its_kind_lacks() {
    for (code, declared) in all().into_iter().filter(|(area, _)| area != "sample").flat_map(|(_, all)| all) {
        let english = gaps(&source(Language::En, &code));
        assert!(english.is_subset(&declared), "{code}: {english:?} of {declared:?}");
        for language in [Language::De, Language::Fr] {
            assert_eq!(gaps(&source(language, &code)), english, "{language}: {code}");
        }
    }
}

#[test]
fn no_english_is_left_in_german_and_french_sentences() {
    let english =
        ["the", "is", "must", "expected", "write", "with", "which", "cannot", "there", "this", "allowed"];
    for code in KINDS.iter().flat_map(|(_, codes)| *codes) {
        for language in [Language::De, Language::Fr] {
            let said = source(language, code);
            let left = said.split(|c: char| !c.is_alphabetic()).find(|word| english.contains(word));
            // A gap may be called like an English word.
            let left = left.filter(|word| !said.contains(&format!("${word}")));
            assert_eq!(left, None, "{language}: {code}: {said}");
        }
    }
}

#[test]
fn a_sentence_fills_in_its_values_and_chooses_between_one_and_many() {
    use store::import::Fault as Row;
    let german = Words::of(Language::De);
    assert_eq!(
        german.tell(&Row::Cells { cells: 1, expected: 3 }),
        "Die Zeile hat eine Zelle, die Kopfzeile hat 3."
    );
    assert_eq!(
        german.tell(&Row::Cells { cells: 4, expected: 3 }),
        "Die Zeile hat 4 Zellen, die Kopfzeile hat 3."
    );
    let inner = Sentence::from(Fault::Value { expected: Compared::Whole.into() });
    let outer = Fault::Inside { name: "VIP".into(), inner, line: 2, column: 7 };
    assert_eq!(
        Words::of(Language::Fr).tell(&outer),
        "Dans la sélection « VIP », ligne 2, colonne 7 : L’attribut se compare avec un nombre entier."
    );
    let fault = flow::template::Fault::Needed { name: "password" };
    assert!(
        german.tell(&fault).starts_with("{{ password }} muss in diesem Teil stehen"),
        "{}",
        german.tell(&fault)
    );
}
