//! Declarations of a style that hide what they apply to.

use super::allowed::Hiding;

/// The smallest size by which an element makes the letters in it seen again, in pixels or points.
const LEAST_SIZE: f64 = 6.0;

/// The first declaration in a style that hides text or makes it unreadable, as `name:value`. `compact` is the style
/// in lower case without white space: the value of an attribute, or a whole style sheet.
pub(super) fn hiding(compact: &str) -> Option<String> {
    let style = without_comments(compact);
    declarations(&style)
        .find(|(name, value)| hides(name, value))
        .map(|(name, value)| format!("{name}:{value}"))
}

/// How the style of one element hides what stands in it.
pub(super) fn how_it_hides(compact: &str) -> Hiding {
    let style = without_comments(compact);
    let hidden = |letters: bool| {
        declarations(&style).any(|(name, value)| (name == "font-size") == letters && hides(name, value))
    };
    let is_seen = |value: &str| {
        let unit = value.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        matches!(unit, "px" | "pt") && number(value).is_some_and(|size| size >= LEAST_SIZE)
    };
    let sized = declarations(&style).any(|(name, value)| name == "font-size" && is_seen(value));
    Hiding::of(hidden(false), hidden(true), sized)
}

/// Names and values, without what only gives them weight.
fn declarations(style: &str) -> impl Iterator<Item = (&str, &str)> {
    let split = style.split(['{', '}', ';', '"', '\'']).filter_map(|one| one.split_once(':'));
    split.map(|(name, value)| (name, value.trim_end_matches("!important")))
}

fn hides(name: &str, value: &str) -> bool {
    // What is computed may come to nothing.
    let nothing = || is_nothing(value) || value.contains('(');
    match name {
        "display" => value == "none",
        "visibility" => matches!(value, "hidden" | "collapse"),
        "content-visibility" => value == "hidden",
        "mso-hide" => value != "none",
        "opacity" => nothing() || number(value).is_some_and(|opacity| opacity < 0.1),
        "font-size" | "height" | "max-height" | "width" | "max-width" | "zoom" | "scale" => nothing(),
        "font" => value.split(|c: char| !c.is_ascii_digit() && c != '.').any(is_nothing),
        "color" | "-webkit-text-fill-color" => value == "transparent",
        "left" | "right" | "top" | "bottom" | "inset" | "text-indent" => is_off(value),
        "clip" | "clip-path" | "mask" | "-webkit-mask" | "filter" | "transform" | "-webkit-text-security" => {
            value != "none" && value != "auto"
        }
        name => name.starts_with("margin") && is_off(value),
    }
}

fn is_off(value: &str) -> bool {
    value.contains(['-', '('])
}

/// A size of zero, whatever its unit.
fn is_nothing(value: &str) -> bool {
    number(value).is_some_and(|size| size == 0.0)
}

fn number(value: &str) -> Option<f64> {
    let digits = value.trim_start_matches(['+', '-']);
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
    let number: f64 = digits.get(..end)?.parse().ok()?;
    Some(if value.ends_with('%') { number / 100.0 } else { number })
}

/// A comment may stand within a declaration; one that is not closed takes in the rest.
fn without_comments(style: &str) -> String {
    let mut kept = String::with_capacity(style.len());
    let mut rest = style;
    while let Some((before, after)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, rest)| rest);
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_to_hide_are_told_from_ways_to_set_out() {
        for style in [
            "display:none",
            ".x{color:red;display:none!important}",
            "display:/*a*/none",
            "@media(max-width:600px){.x{visibility:hidden}}",
            "opacity:0",
            "opacity:.0",
            "opacity:0.01",
            "opacity:5%",
            "font-size:0",
            "font-size:0px",
            "font-size:0.0em",
            "font-size:calc(1px-1px)",
            "font:0/0a",
            "font:bold0pxarial",
            "height:0",
            "max-height:0",
            "max-width:0px",
            "text-indent:-9999px",
            "position:absolute;left:-9999px",
            "margin:0-9999px",
            "margin-left:-100%",
            "clip:rect(0,0,0,0)",
            "clip-path:inset(50%)",
            "transform:scale(0)",
            "color:transparent",
        ] {
            assert!(hiding(style).is_some(), "{style}");
        }
        for style in [
            "display:block",
            "opacity:1",
            "opacity:0.8",
            "font-size:1px;line-height:0",
            "font:10px/1.5arial",
            "height:06px",
            "width:100%!important;height:auto",
            "letter-spacing:-0.2px;margin:0;padding:0",
            "color:{{accent}};background:#000000",
            "a:focus{outline:3pxsolid{{accent}}}",
        ] {
            assert_eq!(hiding(style), None, "{style}");
        }
    }
}
