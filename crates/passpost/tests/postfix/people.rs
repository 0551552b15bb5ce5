//! People as they are: names in many scripts, three languages of ours, domains and local parts beyond ASCII.

use domain::address::Address;

/// Who sends.
pub(crate) const ORGANISATION: &str = "Hafenschule Zürich";

/// Given and family names; the place is added to the family name, so that everybody's is another one.
const NAMES: [(&str, &str); 20] = [
    ("Ada", "Lovelace"),
    ("Zoë", "Müller-Lüdenscheidt"),
    ("François", "Lefèvre"),
    ("美咲", "佐藤"),
    ("伟", "王"),
    ("민준", "김"),
    ("Дмитрий", "Шостакович"),
    ("Ελένη", "Παπαδοπούλου"),
    ("محمد", "الأحمد"),
    ("נועה", "לוי"),
    ("प्रिया", "शर्मा"),
    ("สมชาย", "ใจดี"),
    ("Nguyễn", "Thị Hương"),
    ("Łukasz", "Żółć"),
    ("Þórdís", "Ævarsdóttir"),
    ("Ōtani", "O'Brien"),
    ("Jean \"Jo\"", "de la Tour, Jr."),
    ("გიორგი", "ბერიძე"),
    ("தமிழ்", "செல்வன்"),
    ("Çağla", "İnönü"),
];

const DOMAINS: [&str; 5] =
    ["members.example", "bücher.example", "例え.example", "пример.example", "Mail.Members.example"];

/// Local parts beyond ASCII need SMTPUTF8 on the whole way.
const LOCAL_PARTS: [&str; 3] = ["jörg", "用户", "почта"];

/// One of them.
#[derive(Debug)]
pub(crate) struct Person {
    /// From 1.
    pub(crate) place: usize,
    pub(crate) username: String,
    pub(crate) language: &'static str,
    address: String,
    given_name: &'static str,
    family_name: String,
}

impl Person {
    /// The person at this place.
    pub(crate) fn at(place: usize) -> Self {
        let (given_name, family) = NAMES[place % NAMES.len()];
        // Every tenth has a local part beyond ASCII; the places differ in everything else as well.
        let local = if place % 10 == 3 { LOCAL_PARTS[place / 10 % 3] } else { "person" };
        Self {
            place,
            username: format!("u{place:04}"),
            language: ["en", "de", "fr"][place % 3],
            address: format!("{local}{place}@{}", DOMAINS[place / 3 % DOMAINS.len()]),
            given_name,
            family_name: format!("{family} {place}"),
        }
    }

    /// The row of the file.
    pub(crate) fn line(&self) -> String {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let names = (quoted(self.given_name), quoted(&self.family_name));
        format!("{};{};{};{};{};all\n", self.username, self.address, names.0, names.1, self.language)
    }

    /// The address as it travels: the domain in A-labels.
    pub(crate) fn envelope(&self) -> String {
        Address::parse(&self.address).unwrap().envelope()
    }

    /// What the person is called.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }

    /// The subject in the person's language.
    pub(crate) fn subject(&self) -> String {
        let says = match self.language {
            "de" => "Ihr neues Passwort für",
            "fr" => "Votre nouveau mot de passe pour",
            _ => "Your new password for",
        };
        format!("{says} {ORGANISATION}")
    }

    /// The first line of the mail in the person's language.
    pub(crate) fn salutation(&self) -> String {
        let says = match self.language {
            "de" => "Guten Tag",
            "fr" => "Bonjour",
            _ => "Hello",
        };
        format!("{says} {},", self.name())
    }
}
