//! A selection while somebody edits it: a filter in two forms, builder and text, of which either can be changed.
//!
//! The page sends both back. Two digests say what each was when the page was shown, so it is known which one was
//! changed; the other one follows. When both were, nothing is overwritten and the operator says which counts.

use crate::query::Pairs;
use domain::filter::{
    Catalogue, Change, Container, Criterion, Filter, MOST_LEVELS, Operator, Part, Problem, Unit, When, parse,
};
use store::digest;

/// The fields of the builder: a letter for what it is, then its place.
pub(super) const BUILDER_FIELDS: [&str; 9] =
    ["any-*", "not-*", "attribute-*", "before-*", "operator-*", "value-*", "when-*", "amount-*", "unit-*"];

/// A digest that no text has: whatever the text is now, it counts as changed.
const NEVER: &str = "-";

/// Builder and text, brought together.
#[derive(Debug)]
pub(super) struct Draft {
    /// As typed, or as the builder says it.
    pub(super) text: String,
    /// `None`: the builder cannot show the text.
    pub(super) builder: Option<Container>,
    /// Both were changed since the page was shown.
    pub(super) is_torn: bool,
    /// What is wrong with the text; an empty one is not wrong, only missing.
    pub(super) problem: Option<Problem>,
}

impl Draft {
    /// A filter as it is saved.
    pub(super) fn of_text(text: &str, catalogue: &Catalogue) -> Self {
        let mut draft = Self {
            text: text.to_owned(),
            builder: Some(Container::default()),
            is_torn: false,
            problem: None,
        };
        draft.show_text(catalogue);
        draft
    }

    /// What was sent, with what the pressed button says done to it.
    pub(super) fn sent(pairs: &Pairs, catalogue: &Catalogue) -> Self {
        let text = lines(pairs.text("filter"));
        let builder = read_builder(pairs, catalogue);
        let text_changed = digest_of(&text) != pairs.text("shown");
        let said = builder.as_ref().map(|builder| builder.text(catalogue));
        let builder_changed = said.as_deref().is_some_and(|said| digest_of(said) != pairs.text("said"));
        let mut draft = Self { text, builder, is_torn: false, problem: None };
        let act = pairs.text("act");
        match (text_changed, builder_changed) {
            _ if act == "use-text" => draft.show_text(catalogue),
            _ if act == "use-builder" => draft.write_text(catalogue),
            (true, true) => {
                draft.is_torn = true;
                draft.problem = problem(&draft.text, catalogue);
            }
            (true, false) => draft.show_text(catalogue),
            (false, true) => draft.write_text(catalogue),
            (false, false) => draft.problem = problem(&draft.text, catalogue),
        }
        let (change, way) = act.split_once(' ').unwrap_or((act, ""));
        if let (Some(change), Some(way)) = (Change::parse(change), read_way(way)) {
            // The places of a builder that was just made of another text are not those the operator saw.
            let is_sure = !text_changed || draft.is_torn || way.is_empty();
            if let Some(builder) = draft.builder.as_mut().filter(|_| is_sure) {
                builder.change(change, &way);
                if !draft.is_torn && draft.problem.is_none() {
                    draft.write_text(catalogue);
                }
            }
        }
        draft
    }

    /// Makes the builder of the text, when it is one.
    fn show_text(&mut self, catalogue: &Catalogue) {
        if self.text.trim().is_empty() {
            self.builder = Some(Container::default());
            self.problem = None;
            return;
        }
        match parse(&self.text, catalogue) {
            Ok(filter) => {
                self.builder = Container::show(&filter);
                self.problem = None;
            }
            // The builder stays as it was: a slip in the text does not take it away.
            Err(problem) => self.problem = Some(problem),
        }
    }

    /// Makes the text of the builder; formatting of one's own stays while it says the same.
    fn write_text(&mut self, catalogue: &Catalogue) {
        let Some(builder) = &self.builder else { return };
        let filter = builder.filter(catalogue);
        let same = |text: &str, filter: &Filter| parse(text, catalogue).is_ok_and(|one| one == *filter);
        match filter {
            Some(filter) if same(&self.text, &filter) => {}
            Some(filter) => self.text = filter.to_string(),
            None => self.text.clear(),
        }
        self.problem = None;
    }

    /// The digest of the text as the page will show it.
    pub(super) fn shown(&self) -> String {
        if self.is_torn || self.problem.is_some() { NEVER.to_owned() } else { digest_of(&self.text) }
    }

    /// The digest of what the builder says as the page will show it.
    pub(super) fn said(&self, catalogue: &Catalogue) -> String {
        match &self.builder {
            Some(_) if self.is_torn => NEVER.to_owned(),
            Some(builder) => digest_of(&builder.text(catalogue)),
            None => String::new(),
        }
    }

    /// Whether every row of the builder is finished.
    pub(super) fn is_finished(&self, catalogue: &Catalogue) -> bool {
        self.builder.as_ref().is_none_or(|builder| builder.is_finished(catalogue))
    }
}

fn problem(text: &str, catalogue: &Catalogue) -> Option<Problem> {
    if text.trim().is_empty() { None } else { parse(text, catalogue).err() }
}

fn digest_of(text: &str) -> String {
    digest::of([text])
}

/// Browsers send line ends as CR LF.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").trim_end().to_owned()
}

/// A place as forms write it: `1.0.2`; the outermost container is the empty one.
pub(super) fn write_way(way: &[usize]) -> String {
    way.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
}

fn read_way(text: &str) -> Option<Vec<usize>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    text.split('.').map(|step| step.parse().ok()).collect()
}

/// The builder as sent; `None`: the page had none.
fn read_builder(pairs: &Pairs, catalogue: &Catalogue) -> Option<Container> {
    has(pairs, "any-").then(|| read_container(pairs, &mut Vec::new(), catalogue))
}

fn has(pairs: &Pairs, name: &str) -> bool {
    pairs.all().any(|(other, _)| other == name)
}

fn read_container(pairs: &Pairs, way: &mut Vec<usize>, catalogue: &Catalogue) -> Container {
    let place = write_way(way);
    let mut container = Container {
        not: pairs.text(&format!("not-{place}")) == "1",
        any: pairs.text(&format!("any-{place}")) == "1",
        parts: Vec::new(),
    };
    while way.len() <= MOST_LEVELS {
        way.push(container.parts.len());
        let inner = write_way(way);
        let part = if has(pairs, &format!("any-{inner}")) {
            Some(Part::Container(read_container(pairs, way, catalogue)))
        } else if has(pairs, &format!("attribute-{inner}")) {
            Some(Part::Criterion(read_criterion(pairs, &inner, catalogue)))
        } else {
            None
        };
        way.pop();
        match part {
            Some(part) => container.parts.push(part),
            None => break,
        }
    }
    container
}

fn read_criterion(pairs: &Pairs, place: &str, catalogue: &Catalogue) -> Criterion {
    let field = |name: &str| pairs.text(&format!("{name}-{place}"));
    let mut row = Criterion {
        not: field("not") == "1",
        attribute: field("before").to_owned(),
        operator: Operator::parse(field("operator")).unwrap_or(Operator::Equal),
        value: field("value").to_owned(),
        when: When::parse(field("when")).unwrap_or(When::Ago),
        amount: field("amount").trim().to_owned(),
        unit: Unit::parse(field("unit")).unwrap_or(Unit::Day),
    };
    if row.attribute != field("attribute") {
        let before = row.kind(catalogue);
        field("attribute").clone_into(&mut row.attribute);
        row.retype(before, catalogue);
    }
    row
}

#[cfg(test)]
#[path = "draft_tests.rs"]
mod tests;
