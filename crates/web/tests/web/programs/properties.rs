//! Requests made up from the document's schemas, right and wrong ones: none makes the server fall over, every
//! status is one that is described, and every answer is as described.

use super::client::Program;
use super::examples::{furnished, id};
use super::schema;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy as _, any};
use proptest::strategy::{Union, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};

/// How many requests of each kind an operation gets.
const CASES: usize = 12;

/// Texts that people and attackers send.
fn texts() -> BoxedStrategy<String> {
    let words = [
        "",
        " ",
        "ada",
        "ada@example.org",
        "Europe/Berlin",
        "de-AT",
        "new-password",
        "department",
        "%",
        "_",
        "'",
        "\"",
        "\u{0}",
        "a\r\nBcc: b@example.org",
        "{{ password }}",
        "<script>",
        "../..",
        "\u{202e}",
        "\u{1f600}",
        "username pr",
        "2026-11-21T09:00:00Z",
        "2027-01-04T09:00",
        "9999-12-31T23:59:59.999999999Z",
        "-1",
    ];
    let words: Vec<_> = words.into_iter().map(|word| Just(word.to_owned()).boxed()).collect();
    let long = Just("x".repeat(3_000)).boxed();
    Union::new(words.into_iter().chain([long, "\\PC{0,40}".boxed(), ".{0,20}".boxed()])).boxed()
}

fn numbers() -> BoxedStrategy<Value> {
    Union::new([
        (-3_i64..300).prop_map(Value::from).boxed(),
        any::<i64>().prop_map(Value::from).boxed(),
        any::<u64>().prop_map(Value::from).boxed(),
        any::<f64>().prop_map(Value::from).boxed(),
    ])
    .boxed()
}

fn ids() -> BoxedStrategy<Value> {
    (0_u128..10).prop_map(|last| json!(id(last))).boxed()
}

/// Anything at all.
fn anything() -> BoxedStrategy<Value> {
    let leaf = Union::new([
        Just(Value::Null).boxed(),
        any::<bool>().prop_map(Value::from).boxed(),
        numbers(),
        texts().prop_map(Value::from).boxed(),
        ids(),
    ]);
    leaf.prop_recursive(3, 12, 4, |inner| {
        let list = vec(inner.clone(), 0..4).prop_map(Value::from).boxed();
        let object =
            vec((texts(), inner), 0..4).prop_map(|pairs| pairs.into_iter().collect::<Map<_, _>>().into());
        Union::new([list, object.boxed()])
    })
    .boxed()
}

/// Values of a schema, or nearly.
fn values(document: &Value, schema: &Value) -> BoxedStrategy<Value> {
    if let Some(place) = schema["$ref"].as_str() {
        return values(document, document.pointer(place.trim_start_matches('#')).unwrap());
    }
    if let Some(all) = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()) {
        return Union::new(all.iter().map(|one| values(document, one)).collect::<Vec<_>>()).boxed();
    }
    if let Some(all) = schema["enum"].as_array() {
        return Union::new(all.iter().cloned().map(|one| Just(one).boxed()).collect::<Vec<_>>()).boxed();
    }
    if let Some(one) = schema.get("const") {
        return Just(one.clone()).boxed();
    }
    match &schema["type"] {
        Value::Array(names) => {
            let kinds = names.iter().map(|name| {
                let mut one = schema.clone();
                one["type"] = name.clone();
                values(document, &one)
            });
            Union::new(kinds.collect::<Vec<_>>()).boxed()
        }
        Value::String(name) => of_type(document, schema, name),
        _ => anything(),
    }
}

fn of_type(document: &Value, schema: &Value, name: &str) -> BoxedStrategy<Value> {
    match (name, schema["format"].as_str()) {
        ("null", _) => Just(Value::Null).boxed(),
        ("boolean", _) => any::<bool>().prop_map(Value::from).boxed(),
        ("integer" | "number", _) => {
            let (least, most) =
                (schema["minimum"].as_i64().unwrap_or(-2), schema["maximum"].as_i64().unwrap_or(300));
            (least..=most).prop_map(Value::from).boxed()
        }
        ("string", Some("uuid")) => ids(),
        ("string", Some("date-time")) => {
            (0_i64..4_000_000_000).prop_map(|s| json!(jiff::Timestamp::from_second(s).unwrap())).boxed()
        }
        ("string", _) => texts().prop_map(Value::from).boxed(),
        ("array", _) => vec(values(document, &schema["items"]), 0..4).prop_map(Value::from).boxed(),
        ("object", _) => object(document, schema),
        (other, _) => panic!("{other} is no type"),
    }
}

fn object(document: &Value, schema: &Value) -> BoxedStrategy<Value> {
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut all = Just(Map::new()).boxed();
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        let (name, value) = (name.clone(), values(document, inner));
        let value = if required.contains(&name.as_str()) {
            value.prop_map(Some).boxed()
        } else {
            option::of(value).boxed()
        };
        all = (all, value)
            .prop_map(move |(mut object, value)| {
                if let Some(value) = value {
                    object.insert(name.clone(), value);
                }
                object
            })
            .boxed();
    }
    if schema["additionalProperties"].is_object() || schema["additionalProperties"] == true {
        let more = vec((texts(), anything()), 0..3);
        all = (all, more).prop_map(|(object, more)| object.into_iter().chain(more).collect()).boxed();
    }
    all.prop_map(Value::from).boxed()
}

/// A right value with something wrong in it.
fn spoilt(right: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let changed = (right, any::<proptest::sample::Index>(), texts(), anything()).prop_map(
        |(value, at, name, wrong)| {
            let Value::Object(mut object) = value else { return wrong };
            let names: Vec<String> = object.keys().cloned().collect();
            match names.is_empty() {
                true => object.insert(name, wrong),
                false => object.insert(at.get(&names).clone(), wrong),
            };
            object.into()
        },
    );
    Union::new([changed.boxed(), anything()]).boxed()
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A path with its parts and perhaps some parameters filled in.
fn addresses(document: &Value, operation: &Value, path: &str) -> BoxedStrategy<String> {
    let mut all = Just((path.to_owned(), Vec::<String>::new())).boxed();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap().to_owned();
        let value =
            Union::new([values(document, &parameter["schema"]), texts().prop_map(Value::from).boxed()]);
        match parameter["in"].as_str() {
            Some("path") => {
                let example = parameter["example"].clone();
                let value = Union::new([Just(example).boxed(), value.boxed()]);
                all = (all, value)
                    .prop_map(move |((path, query), value)| {
                        let text = encoded(&plain(&value));
                        let text = if text.is_empty() { "x".to_owned() } else { text };
                        (path.replace(&format!("{{{name}}}"), &text), query)
                    })
                    .boxed();
            }
            Some("query") => {
                all = (all, option::of(value))
                    .prop_map(move |((path, mut query), value)| {
                        query.extend(value.map(|value| format!("{name}={}", encoded(&plain(&value)))));
                        (path, query)
                    })
                    .boxed();
            }
            _ => {}
        }
    }
    all.prop_map(|(path, query)| if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) })
        .boxed()
}

/// A body as the operation takes it, right or wrong.
fn bodies(document: &Value, operation: &Value) -> Option<BoxedStrategy<(String, Vec<u8>)>> {
    let content = operation["requestBody"]["content"].as_object()?;
    let each = content.iter().map(|(media, described)| body(document, media, &described["schema"]));
    Some(Union::new(each.collect::<Vec<_>>()).boxed())
}

fn body(document: &Value, media: &str, schema: &Value) -> BoxedStrategy<(String, Vec<u8>)> {
    let media = media.to_owned();
    if media == "text/csv" {
        let rows = vec(vec(texts(), 1..4), 0..5)
            .prop_map(|rows| rows.into_iter().map(|cells| cells.join(",")).collect::<Vec<_>>().join("\n"));
        let headed = rows.clone().prop_map(|rows| format!("username,address,given_name\n{rows}"));
        let file = Union::new([headed.boxed(), rows.boxed()]);
        return file.prop_map(move |file| (media.clone(), file.into_bytes())).boxed();
    }
    let right = values(document, schema);
    let value = Union::new([right.clone(), right.clone(), spoilt(right)]);
    value.prop_map(move |value| (media.clone(), value.to_string().into_bytes())).boxed()
}

async fn hold(
    program: &mut Program,
    document: &Value,
    operation: &Value,
    asked: (&str, &str, Option<(String, Vec<u8>)>),
) {
    let (method, address, body) = asked;
    let sent = body.as_ref().map(|(media, body)| (media.as_str(), body.as_slice()));
    let answer = program.send(&method.to_ascii_uppercase(), address, sent, &[]).await;
    let status = answer.status.as_u16();
    let request = || {
        let body = body.as_ref().map(|(_, body)| String::from_utf8_lossy(body).into_owned());
        format!("{method} {address} {}", body.unwrap_or_default())
    };
    assert!(status < 500, "{}: {status} {}", request(), answer.body);
    let Some((media, wanted)) = schema::answer(document, operation, status) else {
        panic!("{}: {status} is not described: {}", request(), answer.body)
    };
    let kind = answer.header("content-type");
    assert!(
        media.is_empty() || kind.starts_with(media) || kind.starts_with("application/jsonl"),
        "{}: {kind}",
        request()
    );
    if media.ends_with("json") {
        schema::check(document, wanted, &answer.json())
            .unwrap_or_else(|why| panic!("{}: {status} {why}", request()));
    }
}

#[tokio::test]
async fn no_request_made_up_from_the_document_gets_an_answer_that_is_not_in_it() {
    for db in testkit::databases().await {
        let (house, mut program) = furnished(&db.store).await;
        let document = program.read("/api/v1/openapi.json").await;
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let mut asked = 0;
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let address = addresses(&document, operation, path);
                let body = bodies(&document, operation);
                for _ in 0..CASES {
                    // So that no limit is met.
                    house.pass(1_100);
                    let address = address.new_tree(&mut runner).unwrap().current();
                    let body = body.as_ref().map(|body| body.new_tree(&mut runner).unwrap().current());
                    hold(&mut program, &document, operation, (method, &address, body)).await;
                    asked += 1;
                }
            }
        }
        assert!(asked > 700, "{asked}");
        assert_eq!(program.read("/api/v1/audit/verify").await["broken_at"], Value::Null);
    }
}
