//! What is read and what is refused, in all three modes.

use super::*;
use proptest::prelude::*;
use serde_json::json;

const BOOKED: &str = r#"{
    "specversion": "1.0",
    "type": "org.example.course.booked",
    "source": "/courses/vienna",
    "subject": null,
    "id": "B-17",
    "time": "2026-03-02T09:00:00.25+01:00",
    "region": "north",
    "seats": 5,
    "paid": true,
    "unset": null,
    "contact": "anna",
    "group": "Cooks",
    "datacontenttype": "application/json",
    "data": {"course": {"id": 17}, "notes": ["a", 1.5, null]}
}"#;

fn places<T: fmt::Debug>(read: Result<T, Vec<Problem>>) -> Vec<String> {
    read.unwrap_err().into_iter().map(|problem| problem.pointer).collect()
}

/// The event above with one field set to another value.
fn with(name: &str, value: Value) -> Vec<u8> {
    let mut event: Value = serde_json::from_str(BOOKED).unwrap();
    event[name] = value;
    event.to_string().into_bytes()
}

fn without(name: &str) -> Vec<u8> {
    let mut event: Value = serde_json::from_str(BOOKED).unwrap();
    event.as_object_mut().unwrap().remove(name).unwrap();
    event.to_string().into_bytes()
}

#[test]
fn an_event_in_json_is_read_with_all_it_says() {
    let event = read_structured(BOOKED.as_bytes()).unwrap();
    let text = |text: &str| Some(text.to_owned());
    let extensions = [("paid", "true"), ("region", "north"), ("seats", "5")];
    assert_eq!(
        event,
        CloudEvent {
            id: "B-17".into(),
            source: "/courses/vienna".into(),
            event_type: "org.example.course.booked".into(),
            subject: None,
            time_ms: Some(1_772_438_400_250),
            data_content_type: text("application/json"),
            data_schema: None,
            contact: text("anna"),
            system_user: None,
            group: text("Cooks"),
            extensions: extensions.iter().map(|&(name, value)| (name.into(), value.into())).collect(),
            data: json!({"course": {"id": 17}, "notes": ["a", 1.5, null]}),
        }
    );
}

#[test]
fn an_event_needs_no_more_than_four_attributes() {
    let event = read_structured(br#"{"specversion":"1.0","type":"x","source":"y","id":"z"}"#).unwrap();
    assert_eq!((event.data, event.extensions.len(), event.time_ms), (Value::Null, 0, None));
}

#[test]
fn what_is_missing_or_wrong_is_told_with_its_pointer() {
    for name in ["specversion", "id", "source", "type"] {
        assert_eq!(places(read_structured(&without(name))), [format!("/{name}")]);
        for wrong in [json!(""), json!(5), json!(null), json!({}), json!("a\nb"), json!("x".repeat(1_001))] {
            assert_eq!(places(read_structured(&with(name, wrong.clone()))), [format!("/{name}")], "{wrong}");
        }
    }
    for (name, wrong, says) in [
        ("specversion", json!("0.3"), "only version 1.0"),
        ("id", json!("x".repeat(256)), "at most 255 characters are allowed, not 256"),
        ("source", json!("my courses"), "no spaces"),
        ("type", json!("x".repeat(201)), "at most 200 characters"),
        ("type", json!("course booked"), "no spaces"),
        ("type", json!("passpost.person.created"), "Passpost's own"),
        ("type", json!("PassPost.other"), "Passpost's own"),
        ("subject", json!(""), "it is empty"),
        ("subject", json!(1), "must be a text"),
        ("time", json!("yesterday"), "RFC 3339"),
        ("time", json!(1_772_438_400), "must be a text"),
        ("datacontenttype", json!("json"), "no media type"),
        ("dataschema", json!("/schema"), "with a scheme"),
        ("contact", json!(17), "must be a text"),
        ("systemuser", json!(""), "it is empty"),
        ("region", json!(1.5), "whole and from -2147483648 to 2147483647"),
        ("region", json!(2_147_483_648_i64), "whole and from"),
        ("region", json!(["north"]), "lists and objects go into data"),
        ("region", json!("a\u{7}"), "control characters"),
        ("region", json!("x".repeat(1_001)), "at most 1000 characters"),
        ("Region", json!("north"), "small letters a–z and digits"),
        ("sub_region", json!("north"), "small letters a–z and digits"),
        ("", json!("north"), "no name of an attribute"),
    ] {
        let problems = read_structured(&with(name, wrong.clone())).unwrap_err();
        assert_eq!(problems.len(), 1, "{name} {wrong}: {problems:?}");
        let pointer = if name.is_empty() { String::new() } else { format!("/{name}") };
        assert_eq!(problems[0].pointer, pointer, "{problems:?}");
        assert!(problems[0].detail.contains(says), "{name}: {}", problems[0]);
    }
    let all = read_structured(br#"{"a/b~c":1,"data":1,"data_base64":"MQ=="}"#);
    assert_eq!(places(all), ["/a~1b~0c", "/specversion", "/id", "/source", "/type", "/data_base64"]);
}

#[test]
fn limits_are_reached_and_not_passed() {
    for (name, value) in [
        ("id", "x".repeat(255)),
        ("source", "ü".repeat(1_000)),
        ("type", "x".repeat(200)),
        ("region", "x".repeat(1_000)),
        (&*"n".repeat(64), String::new()),
    ] {
        assert!(read_structured(&with(name, json!(value))).is_ok(), "{name}");
    }
    assert_eq!(read_structured(&with(&"n".repeat(65), json!("x"))).unwrap_err().len(), 1);

    let mut event: Value = serde_json::from_str(BOOKED).unwrap();
    for number in 0..MOST_EXTENSIONS - 3 {
        event[format!("e{number}")] = json!("x");
    }
    assert_eq!(read_structured(event.to_string().as_bytes()).unwrap().extensions.len(), MOST_EXTENSIONS);
    event["onemore"] = json!("x");
    assert_eq!(places(read_structured(event.to_string().as_bytes())), [""]);

    // A text in JSON has two quotation marks.
    assert!(read_structured(&with("data", json!("x".repeat(LARGEST_DATA - 2)))).is_ok());
    assert_eq!(places(read_structured(&with("data", json!("x".repeat(LARGEST_DATA - 1))))), ["/data"]);
}

#[test]
fn a_moment_is_read_as_rfc_3339_writes_it() {
    let read = |text: &str| read_structured(&with("time", json!(text))).map(|event| event.time_ms);
    for (text, ms) in [
        ("1970-01-01T00:00:01Z", 1_000),
        ("1970-01-01t00:00:01.5z", 1_500),
        ("1970-01-01T01:00:01+01:00", 1_000),
        ("1969-12-31T16:00:01.123456789-08:00", 1_123),
        ("1969-12-31T23:59:59.5Z", -500),
    ] {
        assert_eq!(read(text), Ok(Some(ms)), "{text}");
    }
    for wrong in [
        "",
        "1970-01-01",
        "1970-01-01T00:00:01",
        "1970-01-01 00:00:01Z",
        "1970-01-01T00:00Z",
        "1970-01-01T00:00:01+0100",
        "1970-01-01T00:00:01+01",
        "1970-01-01T00:00:01+01:00[Europe/Berlin]",
        "1970-01-01T00:00:01,5Z",
        "1970-02-30T00:00:01Z",
        "1970-01-01T25:00:01Z",
        "19700101T000001Z",
        "+001970-01-01T00:00:01Z",
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_name_that_comes_twice_is_refused_wherever_it_is() {
    for body in [
        r#"{"specversion":"1.0","type":"x","source":"y","id":"z","id":"z"}"#,
        r#"{"specversion":"1.0","type":"x","source":"y","id":"z","data":{"a":[{"b":1,"b":2}]}}"#,
        r#"{"specversion":"1.0","type":"x","source":"y","id":"z","\u0069d":"z"}"#,
    ] {
        let problems = read_structured(body.as_bytes()).unwrap_err();
        assert!(problems[0].detail.contains("comes twice"), "{problems:?}");
        assert!(problems[0].detail.contains("line 1 column"), "{problems:?}");
        assert!(read_batch(format!("[{body}]").as_bytes(), 10).is_err());
    }
}

#[test]
fn what_is_no_event_is_refused() {
    let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
    let far = br#"{"specversion":"1.0","type":"x","source":"y","id":"z","data":1e999}"#;
    let bodies: [&[u8]; 9] = [b"", b"x", b"[]", b"null", b"{", b"{} {}", b"\xff", deep.as_bytes(), far];
    for body in bodies {
        assert_eq!(places(read_structured(body)), [""], "{}", String::from_utf8_lossy(body));
    }
}

#[test]
fn data_in_base64_is_read_as_its_media_type_says() {
    let read = |media_type: Value, coded: &str| {
        let mut event: Value = serde_json::from_str(BOOKED).unwrap();
        event["datacontenttype"] = media_type;
        event["data"] = Value::Null;
        event["data_base64"] = json!(coded);
        read_structured(event.to_string().as_bytes()).map(|event| event.data)
    };
    // {"a":1} and <a/>.
    let (object, element) = ("eyJhIjoxfQ==", "PGEvPg==");
    assert_eq!(read(json!("application/json"), object), Ok(json!({"a": 1})));
    assert_eq!(read(json!("Application/Vnd.Example+JSON; charset=utf-8"), object), Ok(json!({"a": 1})));
    assert_eq!(read(Value::Null, object), Ok(json!({"a": 1})));
    assert_eq!(read(Value::Null, element), Ok(json!({"base64": element})));
    assert_eq!(read(json!("application/xml"), element), Ok(json!("<a/>")));
    assert_eq!(read(json!("text/plain"), "/w=="), Ok(json!({"base64": "/w=="})));
    assert_eq!(read(json!("application/vnd.apache.thrift.binary"), "AAH/"), Ok(json!({"base64": "AAH/"})));
    // Twice the same name: {"a":1,"a":2}.
    for (media_type, wrong) in [
        (json!("application/json"), element),
        (json!("text/plain"), "not base64"),
        (json!("text/json"), "eyJhIjoxLCJhIjoyfQ=="),
    ] {
        assert_eq!(places(read(media_type, wrong)), ["/data_base64"], "{wrong}");
    }
    assert!(read(json!("text/plain"), &"AAAA".repeat(LARGEST_DATA / 3)).is_ok());
    assert!(read(json!("text/plain"), &"AAAA".repeat(LARGEST_DATA / 3 + 1)).is_err());
    assert_eq!(places(read_structured(&with("data_base64", json!(object)))), ["/data_base64"]);
}

#[test]
fn a_batch_is_read_whole_or_not_at_all() {
    assert_eq!(read_batch(b"[]", 0), Ok(vec![]));
    let batch =
        format!(r#"[{BOOKED},{{"specversion":"1.0","type":"x","source":"y","id":"z","data":"<a/>"}}]"#);
    let events = read_batch(batch.as_bytes(), 2).unwrap();
    assert_eq!((events[0].id.as_str(), events[1].id.as_str()), ("B-17", "z"));
    assert_eq!(events[1].data, json!("<a/>"));
    assert_eq!(places(read_batch(batch.as_bytes(), 1)), [""]);

    let wrong = batch.replace(r#""id":"z""#, r#""id":"""#).replace("true", "{}");
    assert_eq!(places(read_batch(wrong.as_bytes(), 2)), ["/0/paid", "/1/id"]);
    assert_eq!(places(read_batch(b"[1,null]", 2)), ["/0", "/1"]);
    assert_eq!(places(read_batch(BOOKED.as_bytes(), 2)), [""]);
    let many = format!("[{}]", vec!["0"; 1_000].join(","));
    assert_eq!(read_batch(many.as_bytes(), 1_000).unwrap_err().len(), MOST_PROBLEMS);
}

const HEADERS: [(&str, &str); 6] = [
    ("Host", "passpost.example.org"),
    ("ce-specversion", "1.0"),
    ("Ce-Type", "org.example.course.booked"),
    ("CE-TIME", "2026-03-02T08:00:00Z"),
    ("ce-id", "B-17"),
    ("ce-source", "/courses/vienna"),
];

fn binary(more: &[(&str, &str)], body: &[u8]) -> Result<CloudEvent, Vec<Problem>> {
    read_binary(HEADERS.iter().chain(more).copied(), body)
}

#[test]
fn in_binary_mode_attributes_are_headers_and_the_body_is_the_data() {
    let more = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("ce-subject", "Euro%20%E2%82%AC%20%F0%9F%98%80"),
        ("ce-systemuser", "anna"),
        ("ce-seats", " 5 "),
        ("x-ce-other", "y"),
    ];
    let event = binary(&more, br#"{"course":{"id":17}}"#).unwrap();
    assert_eq!((event.id.as_str(), event.source.as_str()), ("B-17", "/courses/vienna"));
    assert_eq!(
        (event.event_type.as_str(), event.time_ms),
        ("org.example.course.booked", Some(1_772_438_400_000))
    );
    assert_eq!(event.data_content_type.as_deref(), Some("application/json; charset=utf-8"));
    assert_eq!((event.subject.as_deref(), event.system_user.as_deref()), (Some("Euro € 😀"), Some("anna")));
    assert_eq!(event.extensions, BTreeMap::from([("seats".to_owned(), "5".to_owned())]));
    assert_eq!(event.data, json!({"course": {"id": 17}}));

    assert_eq!(binary(&[], b"").unwrap().data, Value::Null);
    assert_eq!(binary(&[], b"[1]").unwrap().data, json!([1]));
    assert_eq!(binary(&[], b"\xff").unwrap().data, json!({"base64": "/w=="}));
    assert_eq!(binary(&[("content-type", "text/plain")], b"[1]").unwrap().data, json!("[1]"));
    assert_eq!(binary(&[("content-type", "image/png")], b"abc").unwrap().data, json!({"base64": "YWJj"}));
}

#[test]
fn a_header_is_unquoted_and_percent_decoded_once() {
    let read = |value: &str| binary(&[("ce-subject", value)], b"").map(|event| event.subject.unwrap());
    for (value, expected) in [
        ("plain", "plain"),
        ("100%25", "100%"),
        ("%2525", "%25"),
        ("%c3%BC", "ü"),
        (r#""a b""#, "a b"),
        (r#""a \"b\" \\ c""#, r#"a "b" \ c"#),
        (r#""100%25""#, "100%"),
        ("a\"b", "a\"b"),
        ("a+b", "a+b"),
    ] {
        assert_eq!(read(value).as_deref(), Ok(expected), "{value}");
    }
    for wrong in ["100%", "%4", "%zz", "%+1", "%ff", "%c0%af", "%ED%A0%80", "\"a", "\"a\" b", "%0a", "\"a\\"]
    {
        assert_eq!(places(read(wrong)), ["ce-subject"], "{wrong}");
    }
}

#[test]
fn what_is_wrong_in_binary_mode_is_told_with_its_header() {
    for (more, place) in [
        (("ce-id", "B-18"), "ce-id"),
        (("ce-time", "2026-03-02T08:00:00Z"), "ce-time"),
        (("Ce-DataContentType", "text/plain"), "ce-datacontenttype"),
        (("ce-data", "x"), "ce-data"),
        (("ce-sub_region", "x"), "ce-sub_region"),
        (("ce-", "x"), "ce-"),
        (("content-type", ""), "content-type"),
        (("ce-region", "%00"), "ce-region"),
        (("ce-dataschema", "schema"), "ce-dataschema"),
    ] {
        assert_eq!(places(binary(&[more], b"")), [place], "{more:?}");
    }
    assert_eq!(places(binary(&[("content-type", "application/json")], b"{")), ["/data"]);
    assert_eq!(places(binary(&[("content-type", "text/plain")], &vec![b'a'; LARGEST_DATA + 1])), ["/data"]);
    assert!(binary(&[("content-type", "text/plain")], &vec![b'a'; LARGEST_DATA]).is_ok());
    let missing = places(read_binary([("content-type", "text/plain")].into_iter(), b"x"));
    assert_eq!(missing, ["ce-specversion", "ce-id", "ce-source", "ce-type"]);
}

#[test]
fn the_media_type_of_the_request_tells_the_mode() {
    for (content_type, mode) in [
        (Some("application/cloudevents+json"), Mode::Structured),
        (Some("Application/CloudEvents+JSON; charset=UTF-8"), Mode::Structured),
        (Some("application/cloudevents-batch+json"), Mode::Batch),
        (Some("application/json"), Mode::Binary),
        (None, Mode::Binary),
    ] {
        assert_eq!(Mode::of(content_type), Ok(mode), "{content_type:?}");
    }
    assert_eq!(Mode::of(Some("application/cloudevents+avro")).unwrap_err().pointer, "content-type");
}

/// Any JSON without a number that changes on its way.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("\\PC{0,4}", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Encodes as the HTTP binding says.
fn encode(text: &str) -> String {
    let plain = |one: u8| (0x21..=0x7e).contains(&one) && one != b'"' && one != b'%';
    let each = |one: u8| if plain(one) { char::from(one).to_string() } else { format!("%{one:02X}") };
    text.bytes().map(each).collect()
}

proptest! {
    #[test]
    fn data_is_kept_as_it_is(data in any_json()) {
        let read = read_structured(&with("data", data.clone())).unwrap();
        prop_assert_eq!(&read.data, &data);
        let body = data.to_string();
        let read = binary(&[("content-type", "application/json")], body.as_bytes()).unwrap();
        prop_assert_eq!(&read.data, &data);
    }

    #[test]
    fn any_text_comes_through_a_header(text in "\\PC{1,40}") {
        let read = binary(&[("ce-subject", &encode(&text))], b"").unwrap();
        prop_assert_eq!(read.subject, Some(text));
    }

    #[test]
    fn no_bytes_make_the_readers_fail_otherwise_than_with_a_problem(
        body in prop::collection::vec(any::<u8>(), 0..200),
        header in "\\PC{0,40}",
    ) {
        for problem in read_structured(&body).err().into_iter().flatten() {
            prop_assert!(!problem.detail.is_empty());
        }
        for problem in binary(&[("ce-subject", &header)], &body).err().into_iter().flatten() {
            prop_assert!(!problem.detail.is_empty());
        }
    }
}
