//! The data of an event: JSON as it is, other texts as a text, and what is no text in base64.

use super::json::strict;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde_json::{Value, json};

/// The most data of one event, in bytes: what `CloudEvents` asks everybody to pass on.
pub const LARGEST_DATA: usize = 64 * 1_024;

/// A media type without its parameters, in small letters.
pub(super) fn media_type(text: &str) -> String {
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_json(media_type: &str) -> bool {
    let subtype = media_type.split_once('/').map_or("", |(_, subtype)| subtype);
    subtype == "json" || subtype.ends_with("+json")
}

/// Checks the size of data that came as JSON.
pub(super) fn check_size(data: Value) -> Result<Value, String> {
    too_large(data.to_string().len()).map_or(Ok(data), Err)
}

fn too_large(bytes: usize) -> Option<String> {
    (bytes > LARGEST_DATA)
        .then(|| format!("the data of an event has at most {LARGEST_DATA} bytes (64 KiB), not {bytes}"))
}

/// Reads bytes as the media type says; without one, as JSON if they are.
pub(super) fn read_bytes(bytes: &[u8], content_type: Option<&str>) -> Result<Value, String> {
    if let Some(detail) = too_large(bytes.len()) {
        return Err(detail);
    }
    let in_base64 = || json!({ "base64": STANDARD.encode(bytes) });
    let Some(media_type) = content_type.map(media_type) else {
        return Ok(strict(bytes).unwrap_or_else(|_| in_base64()));
    };
    if is_json(&media_type) {
        return strict(bytes).map_err(|error| format!("the data is not JSON: {error}"));
    }
    let is_text = media_type.starts_with("text/")
        || media_type.ends_with("/xml")
        || media_type.ends_with("+xml")
        || media_type == "application/x-www-form-urlencoded";
    Ok(match std::str::from_utf8(bytes) {
        Ok(text) if is_text => Value::String(text.to_owned()),
        _ => in_base64(),
    })
}

/// Reads `data_base64`.
pub(super) fn read_base64(value: &Value, content_type: Option<&str>) -> Result<Value, String> {
    let Value::String(text) = value else { return Err("expected a text in base64".into()) };
    // Four characters stand for three bytes; what is far too long is not decoded at all.
    if let Some(detail) = too_large(text.len() / 4 * 3 - usize::from(text.len() >= 4) * 2) {
        return Err(detail);
    }
    let bytes = STANDARD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text));
    read_bytes(&bytes.map_err(|error| format!("not base64: {error}"))?, content_type)
}
