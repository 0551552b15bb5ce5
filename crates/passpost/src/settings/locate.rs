//! Where a setting stands in the file: from key to offset and back.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A step of a key: a name, or a place in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Name(String),
    Place(usize),
}

/// `smtp[0].url` as steps.
pub(super) fn split_key(key: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for part in key.split('.').filter(|part| !part.is_empty()) {
        let (name, places) = part.split_once('[').unwrap_or((part, ""));
        steps.push(Step::Name(name.to_owned()));
        let numbers = places.split(['[', ']']).filter_map(|number| number.parse().ok());
        steps.extend(numbers.map(Step::Place));
    }
    steps
}

/// Line and column of an offset, both from 1; columns count characters.
pub(super) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// Where a setting's key begins.
pub(super) fn offset_of(text: &str, key: &[Step]) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut found = None;
    walk(document.get_ref(), &mut Vec::new(), &mut |path, range, _| {
        if path == key {
            found = Some(range.start);
        }
    });
    found
}

/// Which setting an offset belongs to.
pub(super) fn key_at(text: &str, offset: usize) -> Option<String> {
    let (document, _) = DeTable::parse_recoverable(text);
    let mut best: Option<(usize, String)> = None;
    walk(document.get_ref(), &mut Vec::new(), &mut |path, key, value| {
        let inside = |range: &std::ops::Range<usize>| range.start <= offset && offset < range.end.max(range.start + 1);
        if inside(&key) || inside(&value) {
            let length = if inside(&key) { key.len() } else { value.len() };
            if best.as_ref().is_none_or(|(shortest, _)| length <= *shortest) {
                best = Some((length, written(path)));
            }
        }
    });
    best.map(|(_, key)| key)
}

fn written(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Name(name) if text.is_empty() => text.push_str(name),
            Step::Name(name) => text.push_str(&format!(".{name}")),
            Step::Place(place) => text.push_str(&format!("[{place}]")),
        }
    }
    text
}

type Range = std::ops::Range<usize>;

fn walk(table: &DeTable<'_>, path: &mut Vec<Step>, visit: &mut dyn FnMut(&[Step], Range, Range)) {
    for (key, value) in table {
        path.push(Step::Name(key.get_ref().to_string()));
        visit(path, key.span(), value.span());
        into_value(value, path, visit);
        path.pop();
    }
}

fn into_value(value: &Spanned<DeValue<'_>>, path: &mut Vec<Step>, visit: &mut dyn FnMut(&[Step], Range, Range)) {
    match value.get_ref() {
        DeValue::Table(table) => walk(table, path, visit),
        DeValue::Array(list) => {
            for (place, entry) in list.iter().enumerate() {
                path.push(Step::Place(place));
                visit(path, entry.span(), entry.span());
                into_value(entry, path, visit);
                path.pop();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "base_url = \"x\"\n\n[limits]\ngrace_hours = 1\n\n[[smtp]]\nurl = \"a\"\n[[smtp]]\n  url = \"b\"\n";

    #[test]
    fn a_setting_is_found_by_its_key_and_the_key_by_its_place() {
        for (key, line, column) in
            [("base_url", 1, 1), ("limits.grace_hours", 4, 1), ("smtp[0].url", 7, 1), ("smtp[1].url", 9, 3)]
        {
            let offset = offset_of(TEXT, &split_key(key)).unwrap();
            assert_eq!(line_and_column(TEXT, offset), (line, column), "{key}");
            assert_eq!(key_at(TEXT, offset).as_deref(), Some(key));
        }
        assert_eq!(offset_of(TEXT, &split_key("smtp[2].url")), None);
    }
}
