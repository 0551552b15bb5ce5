//! Whether a value fits a schema of the document; whatever the document uses must be known here.

use serde_json::Value;

/// What does not fit, and where.
pub(crate) fn check(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    fits(document, schema, value, "")
}

fn fits(document: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let fail = |why: String| Err(format!("{}: {why}, not {value}", if at.is_empty() { "/" } else { at }));
    let rules = match schema {
        Value::Bool(true) => return Ok(()),
        Value::Object(rules) => rules,
        other => panic!("no schema: {other}"),
    };
    for (rule, wanted) in rules {
        match rule.as_str() {
            "$ref" => {
                let place = wanted.as_str().unwrap().trim_start_matches('#');
                fits(document, document.pointer(place).unwrap(), value, at)?;
            }
            "type" => {
                let names: Vec<&str> = match wanted {
                    Value::String(name) => vec![name],
                    Value::Array(names) => names.iter().map(|name| name.as_str().unwrap()).collect(),
                    other => panic!("{other}"),
                };
                if !names.iter().any(|name| is_of(name, value)) {
                    return fail(format!("expected {names:?}"));
                }
            }
            "enum" if !wanted.as_array().unwrap().contains(value) => {
                return fail(format!("expected {wanted}"));
            }
            "const" if wanted != value => return fail(format!("expected {wanted}")),
            "anyOf" | "oneOf" => {
                let all = wanted.as_array().unwrap();
                let mut errors = all.iter().map(|one| fits(document, one, value, at));
                if !errors.any(|one| one.is_ok()) {
                    return fail("none of the alternatives fits".to_owned());
                }
            }
            "required" => {
                for name in wanted.as_array().unwrap() {
                    if value.is_object() && value.get(name.as_str().unwrap()).is_none() {
                        return fail(format!("{name} is missing"));
                    }
                }
            }
            "properties" => {
                for (name, inner) in wanted.as_object().unwrap() {
                    if let Some(inside) = value.get(name) {
                        fits(document, inner, inside, &format!("{at}/{name}"))?;
                    }
                }
            }
            "additionalProperties" => {
                let known = rules.get("properties").and_then(Value::as_object);
                for (name, inside) in value.as_object().into_iter().flatten() {
                    if known.is_none_or(|known| !known.contains_key(name)) {
                        if wanted == &Value::Bool(false) {
                            return fail(format!("{name} is not known"));
                        }
                        fits(document, wanted, inside, &format!("{at}/{name}"))?;
                    }
                }
            }
            "items" => {
                for (place, inside) in value.as_array().into_iter().flatten().enumerate() {
                    fits(document, wanted, inside, &format!("{at}/{place}"))?;
                }
            }
            "minimum" if value.as_f64().is_some_and(|number| number < wanted.as_f64().unwrap()) => {
                return fail(format!("expected at least {wanted}"));
            }
            "maximum" if value.as_f64().is_some_and(|number| number > wanted.as_f64().unwrap()) => {
                return fail(format!("expected at most {wanted}"));
            }
            "format" => {
                if let Some(text) = value.as_str() {
                    match wanted.as_str().unwrap() {
                        "uuid" if text.parse::<uuid::Uuid>().is_err() => return fail("no UUID".to_owned()),
                        "date-time" if text.parse::<jiff::Timestamp>().is_err() || !text.ends_with('Z') => {
                            return fail("no time in UTC".to_owned());
                        }
                        _ => {}
                    }
                }
            }
            "enum" | "const" | "minimum" | "maximum" | "minLength" | "maxLength" | "minItems"
            | "maxItems" | "uniqueItems" | "description" | "title" | "default" => {}
            other => panic!("the document uses {other}, which is not known here"),
        }
    }
    Ok(())
}

fn is_of(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type"),
    }
}

/// The answer of an operation for a status: its media type and its schema.
pub(crate) fn answer<'a>(
    document: &'a Value,
    operation: &'a Value,
    status: u16,
) -> Option<(&'a str, &'a Value)> {
    let mut described = operation["responses"].get(status.to_string())?;
    if let Some(place) = described["$ref"].as_str() {
        described = document.pointer(place.trim_start_matches('#')).unwrap();
    }
    let (media, content) = match described["content"].as_object().and_then(|content| content.iter().next()) {
        Some((media, content)) => (media.as_str(), &content["schema"]),
        None => ("", &Value::Null),
    };
    Some((media, content))
}

#[test]
fn a_value_that_does_not_fit_is_found() {
    let schema = serde_json::json!({
        "type": "object", "required": ["a"], "additionalProperties": false,
        "properties": { "a": { "type": ["integer", "null"], "minimum": 1 }, "b": { "enum": ["x"] } },
    });
    let document = Value::Null;
    for (value, right) in [
        (serde_json::json!({ "a": 1 }), true),
        (serde_json::json!({ "a": null, "b": "x" }), true),
        (serde_json::json!({}), false),
        (serde_json::json!({ "a": 0 }), false),
        (serde_json::json!({ "a": 1.5 }), false),
        (serde_json::json!({ "a": 1, "b": "y" }), false),
        (serde_json::json!({ "a": 1, "c": 1 }), false),
        (serde_json::json!([]), false),
    ] {
        assert_eq!(check(&document, &schema, &value).is_ok(), right, "{value}");
    }
}
