//! Fields of schemas as rows for people, two levels deep.

use serde_json::Value;

/// A field or a parameter.
#[derive(Debug)]
pub(crate) struct Field {
    /// As in `schedule.zone`.
    pub(crate) name: String,
    /// As in `string (uuid)`.
    pub(crate) kind: String,
    pub(crate) required: bool,
    pub(crate) text: String,
}

/// The fields of a schema in the document.
pub(crate) fn of_schema(document: &Value, schema: &Value) -> Vec<Field> {
    let mut fields = Vec::new();
    collect(document, schema, "", 2, &mut fields);
    fields
}

fn collect(document: &Value, schema: &Value, before: &str, depth: usize, fields: &mut Vec<Field>) {
    let schema = resolved(document, schema);
    let Some(properties) = schema["properties"].as_object() else { return };
    let required =
        |name: &str| schema["required"].as_array().is_some_and(|names| names.iter().any(|one| one == name));
    for (name, inner) in properties {
        let target = resolved(document, inner);
        let text = inner["description"].as_str().or_else(|| target["description"].as_str());
        fields.push(Field {
            name: format!("{before}{name}"),
            kind: kind(document, inner),
            required: required(name),
            text: text.unwrap_or_default().replace('\n', " "),
        });
        if depth > 1 {
            let (inner, mark) = match target.get("items") {
                Some(items) => (resolved(document, items), "[]."),
                None => (target, "."),
            };
            collect(document, inner, &format!("{before}{name}{mark}"), depth - 1, fields);
        }
    }
}

/// The schema itself, behind its reference, and without the alternative null.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let mut schema = schema;
    for _ in 0..4 {
        if let Some(place) = schema["$ref"].as_str().and_then(|text| text.strip_prefix('#')) {
            schema = document.pointer(place).unwrap_or(&Value::Null);
        } else if let Some(some) = schema["anyOf"].as_array().and_then(|all| all.first()) {
            schema = some;
        } else {
            break;
        }
    }
    schema
}

/// What a value is, in a word or two.
pub(crate) fn kind(document: &Value, schema: &Value) -> String {
    let target = resolved(document, schema);
    if let Some(values) = target["enum"].as_array() {
        let words: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
        return words.join(" | ");
    }
    if let Some(value) = target["const"].as_str() {
        return value.to_owned();
    }
    let name = match &target["type"] {
        Value::String(name) => name.clone(),
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | "),
        _ => "object".to_owned(),
    };
    match (name.as_str(), target["format"].as_str()) {
        ("array", _) => format!("array of {}", kind(document, &target["items"])),
        (_, Some(format @ ("uuid" | "date-time"))) => format!("{name} ({format})"),
        _ if schema.get("anyOf").is_some() => format!("{name} | null"),
        _ => name,
    }
}
