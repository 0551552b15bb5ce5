//! The builder as the template shows it: a flat list of lines, for containers open and close.

use super::draft::write_way;
use crate::console::choice;
use crate::console::shell::Choice;
use crate::words::Words;
use domain::filter::{
    Catalogue, Container, Criterion, Kind, MOST_LEVELS, MOST_ROWS, Operator, Part, Unfinished, Unit, When,
};
use domain::recipient::RecipientState;

/// What lists of the builder offer besides the attributes every installation has.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) catalogue: Catalogue,
    pub(super) groups: Vec<String>,
    pub(super) roles: Vec<String>,
    /// The selections that can be reused.
    pub(super) selections: Vec<String>,
}

/// A line of the template.
pub(super) enum Line {
    Open(Open),
    Row(Box<Row>),
    Close(Close),
}

/// The head of a container.
pub(super) struct Open {
    pub(super) way: String,
    pub(super) not: bool,
    pub(super) any: bool,
    pub(super) is_root: bool,
    /// The word that joins it with what stands before.
    pub(super) joint: String,
}

/// The foot of a container.
pub(super) struct Close {
    pub(super) way: String,
    pub(super) is_empty: bool,
    pub(super) may_add: bool,
    pub(super) may_nest: bool,
}

/// A criterion.
pub(super) struct Row {
    pub(super) way: String,
    pub(super) joint: String,
    pub(super) not: bool,
    pub(super) before: String,
    /// Attributes by family.
    pub(super) families: Vec<(String, Vec<Choice>)>,
    pub(super) operators: Vec<Choice>,
    pub(super) field: Field,
    pub(super) value: String,
    /// Why it is left out of the filter.
    pub(super) error: String,
}

/// What a value is typed into.
pub(super) enum Field {
    /// The operator needs none.
    None,
    Text,
    Number,
    Choices(Vec<Choice>),
    Time(Box<TimeField>),
}

/// A time: relative with number, unit and direction, or one of the calendar.
pub(super) struct TimeField {
    pub(super) when: Vec<Choice>,
    pub(super) is_counted: bool,
    pub(super) is_day: bool,
    pub(super) is_instant: bool,
    pub(super) amount: String,
    pub(super) units: Vec<Choice>,
}

/// The lines of a builder.
pub(super) fn lines(root: &Container, known: &Known, words: &Words) -> Vec<Line> {
    let mut writer = Writer { known, words, rows: root.rows(), lines: Vec::new() };
    writer.container(root, &mut Vec::new(), String::new());
    writer.lines
}

struct Writer<'a> {
    known: &'a Known,
    words: &'a Words,
    rows: usize,
    lines: Vec<Line>,
}

impl Writer<'_> {
    fn container(&mut self, one: &Container, way: &mut Vec<usize>, joint: String) {
        let place = write_way(way);
        self.lines.push(Line::Open(Open {
            way: place.clone(),
            not: one.not,
            any: one.any,
            is_root: way.is_empty(),
            joint,
        }));
        for (number, part) in one.parts.iter().enumerate() {
            let word = if one.any { "builder-or" } else { "builder-and" };
            let joint = if number == 0 { String::new() } else { self.words.say(word) };
            way.push(number);
            match part {
                Part::Container(inner) => self.container(inner, way, joint),
                Part::Criterion(row) => {
                    let row = self.row(row, write_way(way), joint);
                    self.lines.push(Line::Row(Box::new(row)));
                }
            }
            way.pop();
        }
        let may_add = self.rows < MOST_ROWS;
        let may_nest = may_add && way.len() < MOST_LEVELS;
        self.lines.push(Line::Close(Close { way: place, is_empty: one.parts.is_empty(), may_add, may_nest }));
    }

    fn row(&self, row: &Criterion, way: String, joint: String) -> Row {
        let kind = row.kind(&self.known.catalogue);
        let unfinished = row.filter(&self.known.catalogue).err();
        Row {
            way,
            joint,
            not: row.not,
            before: row.attribute.clone(),
            families: self.families(&row.attribute),
            operators: self.operators(kind, row.operator),
            field: self.field(kind, row),
            value: row.value.clone(),
            // A first row that nobody has touched needs no word.
            error: unfinished
                .filter(|why| *why != Unfinished::Empty || self.rows > 1)
                .map(|why| self.words.say(why_id(why)))
                .unwrap_or_default(),
        }
    }

    fn families(&self, chosen: &str) -> Vec<(String, Vec<Choice>)> {
        let mut families: Vec<(&'static str, Vec<Choice>)> = Vec::new();
        for entry in self.known.catalogue.entries() {
            let family = family_of(&entry.name);
            let label = attribute_label(&entry.name, self.words);
            let choice = Choice::new(&entry.name, label, chosen);
            match families.iter_mut().find(|(other, _)| *other == family) {
                Some((_, choices)) => choices.push(choice),
                None => families.push((family, vec![choice])),
            }
        }
        if !families.iter().any(|(_, choices)| choices.iter().any(|choice| choice.is_chosen)) {
            families.insert(0, ("family-gone", vec![Choice::new(chosen, chosen, chosen)]));
        }
        families.into_iter().map(|(family, choices)| (self.words.say(family), choices)).collect()
    }

    fn operators(&self, kind: Option<Kind>, chosen: Operator) -> Vec<Choice> {
        let only = [chosen];
        let all = kind.map_or(&only[..], |kind| kind.operators());
        let label = |one: &Operator| self.words.say(&operator_id(kind, *one));
        all.iter().map(|one| Choice::new(one.as_str(), label(one), chosen.as_str())).collect()
    }

    fn field(&self, kind: Option<Kind>, row: &Criterion) -> Field {
        let exact = matches!(row.operator, Operator::Equal | Operator::NotEqual);
        let choose = || self.words.say("builder-choose");
        let names = |names: &[String]| Field::Choices(choice::names(names, choose(), &row.value));
        match (kind, row.attribute.as_str()) {
            _ if row.operator == Operator::Present => Field::None,
            (Some(Kind::Selection), _) => names(&self.known.selections),
            (_, "groups.name") if exact => names(&self.known.groups),
            (_, "role") if exact => names(&self.known.roles),
            (Some(Kind::Flag), _) => {
                let label =
                    |value: &str| self.words.say(if value == "true" { "form-yes" } else { "form-no" });
                let mut choices = vec![Choice::new("", choose(), &row.value)];
                choices.extend(["true", "false"].map(|one| Choice::new(one, label(one), &row.value)));
                Field::Choices(choices)
            }
            (Some(Kind::Choice(all)), _) => {
                let mut choices = vec![Choice::new("", choose(), &row.value)];
                choices.extend(all.iter().map(|one| Choice::new(one, self.word(one), &row.value)));
                Field::Choices(choices)
            }
            (Some(Kind::Whole | Kind::Number), _) => Field::Number,
            (Some(Kind::Time), _) => Field::Time(Box::new(self.time(row))),
            _ => Field::Text,
        }
    }

    /// A word of a fixed list; names of hash schemes are the same in every language.
    fn word(&self, word: &str) -> String {
        match word {
            "ui" | "api" | "hybrid" | "chosen" | "mailed" => self.words.say(&format!("word-{word}")),
            _ if RecipientState::parse(word).is_some() => self.words.state(word),
            _ => word.to_owned(),
        }
    }

    fn time(&self, row: &Criterion) -> TimeField {
        let when = |one: When| self.words.say(&format!("when-{}", one.as_str()));
        let unit = |one: Unit| self.words.say(&format!("unit-{}", one.as_str()));
        TimeField {
            when: When::ALL
                .into_iter()
                .map(|one| Choice::new(one.as_str(), when(one), row.when.as_str()))
                .collect(),
            is_counted: row.when.is_counted(),
            is_day: row.when == When::Day,
            is_instant: row.when == When::Instant,
            amount: row.amount.clone(),
            units: Unit::ALL
                .into_iter()
                .map(|one| Choice::new(one.as_str(), unit(one), row.unit.as_str()))
                .collect(),
        }
    }
}

/// The name of an attribute for people; custom ones have only the name they were given.
fn attribute_label(name: &str, words: &Words) -> String {
    match name.strip_prefix("attributes.") {
        Some(own) => own.to_owned(),
        None => words.say(&fact_id(name)),
    }
}

pub(super) fn fact_id(name: &str) -> String {
    format!("fact-{}", name.replace(['.', '_'], "-"))
}

/// The heading an attribute stands under.
pub(super) fn family_of(name: &str) -> &'static str {
    match name.split('.').next().unwrap_or(name) {
        "attributes" => "family-own",
        "groups" => "family-groups",
        "password" | "candidate" => "family-password",
        "undeliverable" | "verified" | "address" => "family-mail",
        "system_user" | "api_user" | "user_type" | "role" | "rank" | "expires_at" | "expired" => {
            "family-system"
        }
        "blocked" | "last_login_at" | "never_logged_in" | "failed_logins" => "family-login",
        "last_run" => "family-runs",
        "selection" => "family-selection",
        _ => "family-person",
    }
}

/// Operators read differently for texts, numbers and times.
pub(super) fn operator_id(kind: Option<Kind>, operator: Operator) -> String {
    let family = match kind {
        Some(Kind::Time) => "time",
        Some(Kind::Whole | Kind::Number) => "number",
        Some(Kind::Several) => "several",
        Some(Kind::Selection) => "selection",
        _ => "text",
    };
    format!("operator-{family}-{operator}")
}

const fn why_id(why: Unfinished) -> &'static str {
    match why {
        Unfinished::Attribute => "builder-wrong-attribute",
        Unfinished::Empty => "builder-wrong-empty",
        Unfinished::Wrong(Kind::Whole | Kind::Number) => "builder-wrong-number",
        Unfinished::Wrong(Kind::Time) => "builder-wrong-time",
        Unfinished::Wrong(Kind::Id) => "builder-wrong-id",
        Unfinished::Wrong(_) => "builder-wrong-value",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::language::Language;

    #[test]
    fn everything_the_builder_offers_has_words_in_every_language() {
        for language in [Language::En, Language::De, Language::Fr] {
            let words = Words::of(language);
            let mut ids = Vec::new();
            for entry in Catalogue::default().entries() {
                ids.extend([fact_id(&entry.name), family_of(&entry.name).to_owned()]);
                ids.extend(entry.operators.iter().map(|one| operator_id(Some(entry.kind), *one)));
            }
            ids.extend(When::ALL.map(|one| format!("when-{}", one.as_str())));
            ids.extend(Unit::ALL.map(|one| format!("unit-{}", one.as_str())));
            ids.extend(["ui", "api", "hybrid", "chosen", "mailed"].map(|one| format!("word-{one}")));
            let kinds = [Kind::Whole, Kind::Time, Kind::Id, Kind::Text].map(Unfinished::Wrong);
            let whys = kinds.into_iter().chain([Unfinished::Attribute, Unfinished::Empty]);
            ids.extend(whys.map(|why| why_id(why).to_owned()));
            ids.extend(["family-own", "family-gone"].map(str::to_owned));
            for id in ids {
                assert_ne!(words.say(&id), id, "{language:?}");
            }
        }
    }
}
