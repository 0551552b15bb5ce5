//! What an operator typed wrong is refused at the field, in the operator's language, and what was typed stays.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::house::{Answer, Browser, CHOSEN, House, OWNER};
use crate::people::upload;
use crate::scene::{run, send};
use store::params;
use testkit::databases;

/// Languages with what they call things.
const LANGUAGES: [&str; 2] = ["de", "fr"];

/// A form that is refused: where it stands, where it goes, its fields, what is kept of them, and what German and
/// French pages say.
type Case =
    (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str, [&'static str; 2]);

const CASES: [Case; 13] = [
    (
        "/console/people/new",
        "/console/people/new",
        &[("address", "ada.example.org"), ("given_name", "Ada")],
        "value=\"ada.example.org\"",
        [
            "Genau ein @ wird erwartet, wie in ada@example.org.",
            "Il faut exactement un @, comme dans ada@example.org.",
        ],
    ),
    (
        "/console/people/new",
        "/console/people/new",
        &[("address", "ada@-x.example"), ("given_name", "Ada")],
        "value=\"Ada\"",
        ["muss ein Domainname sein", "doit être un nom de domaine"],
    ),
    (
        "/console/people/new",
        "/console/people/new",
        &[("address", "ada@example.org"), ("family_name", "Love\u{2028}lace")],
        "value=\"ada@example.org\"",
        [
            "Zeilenumbrüche und Steuerzeichen sind nicht erlaubt.",
            "Les sauts de ligne et les caractères de contrôle",
        ],
    ),
    (
        "/console/people/new",
        "/console/people/new",
        &[("address", "ada@example.org"), ("language", "klingon language")],
        "value=\"klingon language\"",
        ["Eine Sprache wie de oder de-AT wird erwartet.", "Une langue telle que de ou de-AT est attendue."],
    ),
    (
        "/console/people/new",
        "/console/people/new",
        &[("address", "ada@example.org"), ("time_zone", "Mars/Olympus")],
        "value=\"Mars/Olympus\"",
        [
            "Eine Zeitzone wie Europe/Vienna wird erwartet.",
            "Un fuseau horaire tel que Europe/Vienna est attendu.",
        ],
    ),
    (
        "/console/people/new",
        "/console/people/new",
        &[("address", "ada@example.org"), ("attribute-size", "large")],
        "value=\"large\"",
        [
            "Eine Zahl wie 12.5 wird erwartet, nicht „large“.",
            "Un nombre tel que 12.5 est attendu, et non « large ».",
        ],
    ),
    (
        "/console/people/new",
        "/console/people/new",
        &[("address", "ada@example.org"), ("attribute-joined", "yesterday")],
        "value=\"yesterday\"",
        ["Ein Tag wie 2026-11-21 oder ein Zeitpunkt", "Une date telle que 2026-11-21 ou un instant"],
    ),
    (
        "/console/groups",
        "/console/groups",
        &[("name", "  "), ("description", "who may come in")],
        "who may come in",
        ["Geben Sie der Gruppe einen Namen.", "Donnez un nom au groupe."],
    ),
    (
        "/console/attributes",
        "/console/attributes",
        &[("name", "9 lives"), ("kind", "string"), ("label", "")],
        "value=\"9 lives\"",
        ["Höchstens 50 Buchstaben, Ziffern und Unterstriche", "50 lettres, chiffres et tirets bas au plus"],
    ),
    (
        "/console/roles/new",
        "/console/roles",
        &[("name", " "), ("rank", "1"), ("may-people.view", "1")],
        "name=\"may-people.view\" value=\"1\" checked",
        ["Geben Sie der Rolle einen Namen.", "Donnez un nom au rôle."],
    ),
    (
        "/console/holidays",
        "/console/holidays",
        &[("date", "2026-02-30"), ("name", "No day")],
        "value=\"No day\"",
        ["erwartet", "attendu"],
    ),
    (
        "/console/selections/new",
        "/console/selections",
        &[("name", "Members"), ("time_zone", "Mars/Olympus"), ("filter", "blocked eq"), ("act", "save")],
        "value=\"Members\"",
        [
            "Eine Zeitzone wie Europe/Berlin wird erwartet.",
            "Un fuseau horaire tel que Europe/Berlin est attendu.",
        ],
    ),
    (
        "/console/users/new",
        "/console/users",
        &[("address", "a b@example.org"), ("username", "bea"), ("user_type", "ui")],
        "value=\"a b@example.org\"",
        ["Eine Adresse hat keine Leerzeichen", "Une adresse n’a ni espace"],
    ),
];

/// An Owner who reads this language.
async fn owner(house: &House, language: &'static str) -> Browser {
    let id = house.operator(language, OWNER).await;
    house.execute("UPDATE people SET language = $2 WHERE id = $1", params![id, language]).await;
    let mut browser = house.browser();
    assert_eq!(browser.sign_in("/console/login", language, CHOSEN).await.location(), "/console");
    browser
}

async fn attributes(house: &House) {
    for (name, kind) in [("size", "number"), ("joined", "date_time")] {
        house
            .execute(
                "INSERT INTO attributes (name, kind, label, created_at) VALUES ($1, $2, $1, 0)",
                params![name, kind],
            )
            .await;
    }
}

/// The texts of a page that say what is wrong.
fn refusals(page: &Answer) -> Vec<String> {
    let marks = ["<p class=\"hint wrong\"", "<div class=\"notice bad\"", "<p class=\"notice bad\""];
    let mut found = Vec::new();
    for mark in marks {
        for rest in page.body.split(mark).skip(1) {
            let (_, rest) = rest.split_once('>').unwrap();
            let end = rest.find("</p>").into_iter().chain(rest.find("</div>")).min().unwrap();
            let mut text = String::new();
            for (place, part) in rest.get(..end).unwrap().split('<').enumerate() {
                text.push_str(if place == 0 { part } else { part.split_once('>').unwrap().1 });
            }
            found.push(text);
        }
    }
    found
}

/// Words that stand in English refusals and in no German or French ones.
const ENGLISH: [&str; 18] = [
    "the", "is", "are", "must", "not", "expected", "such", "with", "which", "cannot", "there", "this",
    "allowed", "needs", "least", "most", "has", "first",
];

fn no_english(language: &str, page: &Answer) {
    let said = refusals(page);
    assert!(!said.is_empty(), "{language}: nothing is refused: {}", page.body);
    for text in said {
        let left = text.split(|c: char| !c.is_alphabetic()).find(|word| ENGLISH.contains(word));
        assert_eq!(left, None, "{language}: {text}");
    }
}

#[tokio::test]
async fn what_is_wrong_stands_at_the_field_in_the_operators_language_and_nothing_typed_is_lost() {
    for db in databases().await {
        let house = House::new(&db.store);
        attributes(&house).await;
        for (place, language) in LANGUAGES.into_iter().enumerate() {
            let mut browser = owner(&house, language).await;
            for (page, to, fields, kept, says) in CASES {
                let refused = send(&mut browser, page, to, fields).await;
                assert_eq!(refused.status, 422, "{to} {fields:?}: {}", refused.body);
                let said = refusals(&refused).join(" ");
                assert!(said.contains(says[place]), "{language} {to} {fields:?}: {said}");
                assert!(refused.body.contains(kept), "{language} {to}: {kept}: {}", refused.body);
                no_english(language, &refused);
            }
        }
        assert_eq!(house.count("SELECT count(*) FROM people").await, 2, "nobody was added");
    }
}

#[tokio::test]
async fn a_filter_is_explained_with_its_place_and_what_would_be_right() {
    for db in databases().await {
        let house = House::new(&db.store);
        let says = [
            [
                "Ein Attribut „given_nam“ gibt es nicht. (Zeile 1, Spalte 1)",
                "Erlaubt: ",
                "Meinten Sie given_name?",
            ],
            [
                "Il n’y a pas d’attribut « given_nam ». (ligne 1, colonne 1)",
                "Admis : ",
                "Vouliez-vous dire given_name ?",
            ],
        ];
        for (language, says) in LANGUAGES.into_iter().zip(says) {
            let mut browser = owner(&house, language).await;
            let page = browser.get("/console/people?filter=given_nam+eq+%22Ada%22").await;
            assert_eq!(page.status, 200, "{}", page.body);
            for part in says {
                assert!(page.body.contains(part), "{language}: {part}: {}", page.body);
            }
            let draft = [("id", ""), ("filter", "blocked eq \"perhaps\""), ("act", "refresh")];
            let draft =
                send(&mut browser, "/console/selections/new", "/console/selections/draft", &draft).await;
            let told =
                ["Zum Vergleich gehört hier true oder false.", "L’attribut se compare avec true ou false."];
            assert!(told.iter().any(|text| draft.body.contains(text)), "{language}: {}", draft.body);
            for english in ["the attribute", "allowed:", "hint:", "is compared"] {
                assert!(
                    !page.body.contains(english) && !draft.body.contains(english),
                    "{language}: {english}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_file_is_refused_by_line_and_column_in_the_operators_language() {
    for db in databases().await {
        let house = House::new(&db.store);
        let says = [
            [
                "Zeile 1, Spalte 1 (colour): Diese Spalte ist unbekannt.",
                "Genau ein @ wird erwartet",
                "Zeile 2 hat dieselbe Adresse.",
            ],
            [
                "Ligne 1, colonne 1 (colour) : Cette colonne est inconnue.",
                "Il faut exactement un @",
                "La ligne 2 a la même adresse.",
            ],
        ];
        for (language, [header, row, again]) in LANGUAGES.into_iter().zip(says) {
            let mut browser = owner(&house, language).await;
            let token = browser.get("/console/groups").await.token();
            let wrong = upload(&mut browser, &token, "members", "colour,size\nred,9\n").await;
            assert!(wrong.status == 422 && wrong.body.contains(header), "{language}: {}", wrong.body);
            assert!(wrong.body.contains("value=\"members\""));
            no_english(language, &wrong);
            let rows = "address\nada@example.com\nnobody\nada@example.com\n";
            let sent = upload(&mut browser, &token, "", rows).await;
            let preview = browser.get(sent.location()).await;
            for part in [row, again] {
                assert!(preview.body.contains(part), "{language}: {part}: {}", preview.body);
            }
        }
    }
}

#[tokio::test]
async fn a_template_and_a_run_refuse_in_the_operators_language() {
    for db in databases().await {
        let house = House::new(&db.store);
        let says = [
            [
                "nonsense ist keine Ersetzung. Es gibt ",
                "In diesem Lauf ist bei niemandem etwas fehlgeschlagen",
            ],
            ["nonsense n’est pas un remplacement. Il y a ", "Dans cette exécution, rien n’a échoué"],
        ];
        for (number, (language, [fault, nobody])) in (1_i64..).zip(LANGUAGES.into_iter().zip(says)) {
            let mut browser = owner(&house, language).await;
            let editor = "/console/templates/new-password/en";
            let body = browser.get(editor).await.body;
            let seen =
                body.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
            let sent = [("subject", "Hello {{ nonsense }}"), ("text", ""), ("html", ""), ("seen", &*seen)];
            let refused = send(&mut browser, editor, editor, &sent).await;
            assert!(refused.status == 422 && refused.body.contains(fault), "{language}: {}", refused.body);
            assert!(refused.body.contains("Hello {{ nonsense }}"), "what was typed is still there");
            assert!(!refused.body.contains("must stand in this part"), "{language}: {}", refused.body);

            let who = house.operator(&format!("starter{number}"), OWNER).await;
            let id = run(&house, who, number, "finished", &[("accepted", None)]).await;
            let path = format!("/console/runs/{id}/retry");
            let refused = send(&mut browser, &path, &path, &[]).await;
            assert!(refused.status == 422 && refused.body.contains(nobody), "{language}: {}", refused.body);
            no_english(language, &refused);
        }
    }
}

#[tokio::test]
async fn that_nobody_was_ticked_is_no_success() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut browser = owner(&house, "de").await;
        let fields = [("act", "block"), ("whom", "ticked")];
        let answer = send(&mut browser, "/console/people", "/console/people/bulk", &fields).await;
        let page = browser.get(answer.location()).await;
        assert!(
            page.body.contains("<div class=\"toast note\" role=\"status\"><p>Niemand war angekreuzt.</p>"),
            "{}",
            page.body
        );
        let saved = browser.get("/console/people?done=person-changed").await;
        assert!(saved.body.contains("<div class=\"toast\" role=\"status\">"), "{}", saved.body);
    }
}
