//! The binary mode of the HTTP binding: attributes in headers, data in the body.

use super::attributes::{Found, name_fault};
use super::{CloudEvent, Problem, data};
use serde_json::Value;
use std::collections::BTreeMap;

/// Reads one event from the headers `ce-…`, the header `Content-Type` and the body.
///
/// Of all headers of the request only these are looked at; names may have capital letters. Without a body there
/// is no data; without a `Content-Type` the body is JSON if it can be read so.
///
/// # Errors
/// Everything that is wrong, each with the header (`ce-id`), or with `/data` where it is the body.
pub fn read_binary<'a>(
    headers: impl Iterator<Item = (&'a str, &'a str)>,
    body: &[u8],
) -> Result<CloudEvent, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut found = Found { texts: BTreeMap::new(), faulty: Vec::new(), place: &place };
    for (header, value) in headers {
        let header = header.to_ascii_lowercase();
        let (name, read) = match header.strip_prefix("ce-") {
            None if header == "content-type" => ("datacontenttype", Ok(value.trim().to_owned())),
            None => continue,
            Some(name) => (name, read_attribute(name, value)),
        };
        let twice = || "the header comes twice".to_owned();
        let kept =
            read.and_then(|text| found.texts.insert(name.to_owned(), text).map_or(Ok(()), |_| Err(twice())));
        if let Err(detail) = kept {
            found.faulty.push(name.to_owned());
            problems.push(Problem::new(header, detail));
        }
    }
    let content_type = found.texts.get("datacontenttype").cloned();
    let event = found.read(&mut problems);
    let data =
        if body.is_empty() { Ok(Value::Null) } else { data::read_bytes(body, content_type.as_deref()) };
    match (event, data) {
        (Some(event), Ok(data)) if problems.is_empty() => Ok(CloudEvent { data, ..event }),
        (_, read) => {
            problems.extend(read.err().map(|detail| Problem::new("/data", detail)));
            Err(problems)
        }
    }
}

fn place(name: &str) -> String {
    match name {
        "" => String::new(),
        "datacontenttype" => "content-type".into(),
        _ => format!("ce-{name}"),
    }
}

fn read_attribute(name: &str, value: &str) -> Result<String, String> {
    match name {
        "datacontenttype" => {
            return Err("the media type of the data stands in the header Content-Type".into());
        }
        "data" => return Err("the data stands in the body".into()),
        _ => {}
    }
    match name_fault(name) {
        Some(detail) => Err(detail),
        None => decode(value.trim()),
    }
}

/// Undoes quotation marks and then percent-encoding, once each, as the binding says.
fn decode(value: &str) -> Result<String, String> {
    let value = unquote(value)?;
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(one) = rest.next() {
        if one != b'%' {
            bytes.push(one);
            continue;
        }
        let mut digit = || rest.next().and_then(|one| char::from(one).to_digit(16));
        let code = digit().zip(digit()).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        bytes.push(code.ok_or("after % stand two hexadecimal digits; write % itself as %25")?);
    }
    String::from_utf8(bytes).map_err(|_| "what is percent-encoded is not UTF-8".into())
}

/// The text within double quotation marks (RFC 7230 §3.2.6), or the value itself.
fn unquote(value: &str) -> Result<String, String> {
    let Some(quoted) = value.strip_prefix('"') else { return Ok(value.to_owned()) };
    let mut text = String::with_capacity(quoted.len());
    let mut rest = quoted.chars();
    while let Some(one) = rest.next() {
        match one {
            '"' if rest.as_str().is_empty() => return Ok(text),
            '"' => return Err("nothing may follow the closing quotation mark".into()),
            '\\' => text.extend(rest.next()),
            _ => text.push(one),
        }
    }
    Err("the closing quotation mark is missing".into())
}
