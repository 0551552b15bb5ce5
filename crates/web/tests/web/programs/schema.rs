//! Whether a value fits a schema of the document; whatever the document uses must be known here.

use serde_json::Value;

/// What does not fit, and where.
pub(crate) fn check(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    fits(document, schema, value, "")
}

fn fits(document: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
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
            "anyOf" | "oneOf" => {
                let mut all = wanted.as_array().unwrap().iter();
                if !all.any(|one| fits(document, one, value, at).is_ok()) {
                    return Err(format!("{at}: none of the alternatives fits {value}"));
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
                let is_known = |name: &String| known.is_some_and(|known| known.contains_key(name));
                for (name, inside) in
                    value.as_object().into_iter().flatten().filter(|(name, _)| !is_known(name))
                {
                    if wanted == &Value::Bool(false) {
                        return Err(format!("{at}: {name} is not known"));
                    }
                    fits(document, wanted, inside, &format!("{at}/{name}"))?;
                }
            }
            "items" => {
                for (place, inside) in value.as_array().into_iter().flatten().enumerate() {
                    fits(document, wanted, inside, &format!("{at}/{place}"))?;
                }
            }
            rule if !keeps(rule, wanted, value) => {
                return Err(format!("{at}: {value} does not keep {rule} {wanted}"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether a value itself keeps a rule.
fn keeps(rule: &str, wanted: &Value, value: &Value) -> bool {
    let number = |value: &Value| value.as_f64();
    match rule {
        "type" => match wanted {
            Value::Array(names) => names.iter().any(|name| is_of(name.as_str().unwrap(), value)),
            name => is_of(name.as_str().unwrap(), value),
        },
        "enum" => wanted.as_array().unwrap().contains(value),
        "const" => wanted == value,
        "required" => {
            let names = wanted.as_array().unwrap();
            !value.is_object() || names.iter().all(|name| value.get(name.as_str().unwrap()).is_some())
        }
        "minimum" => number(value).is_none_or(|number| number >= wanted.as_f64().unwrap()),
        "maximum" => number(value).is_none_or(|number| number <= wanted.as_f64().unwrap()),
        "format" => match (wanted.as_str().unwrap(), value.as_str()) {
            ("uuid", Some(text)) => text.parse::<uuid::Uuid>().is_ok(),
            ("date-time", Some(text)) => text.parse::<jiff::Timestamp>().is_ok() && text.ends_with('Z'),
            _ => true,
        },
        "minLength" | "maxLength" | "minItems" | "maxItems" | "uniqueItems" | "description" | "title"
        | "default" => true,
        other => panic!("the document uses {other}, which is not known here"),
    }
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
