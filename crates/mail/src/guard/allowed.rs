//! What the HTML part may have: elements, attributes, styles and comments that load nothing and run nothing.

use super::Fault;
use super::hiding::hiding;

const ELEMENTS: [&str; 43] = [
    "html",
    "head",
    "title",
    "meta",
    "style",
    "body",
    "table",
    "caption",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "td",
    "th",
    "div",
    "span",
    "p",
    "a",
    "br",
    "hr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "strong",
    "b",
    "em",
    "i",
    "u",
    "small",
    "code",
    "pre",
    "ul",
    "ol",
    "li",
    "blockquote",
    "center",
    "font",
    "sup",
    "sub",
    "address",
];
const VOID: [&str; 3] = ["meta", "br", "hr"];
/// Attributes that load, send or run something.
const REFUSED_ATTRIBUTES: [&str; 12] = [
    "src",
    "srcset",
    "background",
    "poster",
    "data",
    "action",
    "formaction",
    "ping",
    "srcdoc",
    "manifest",
    "codebase",
    "http-equiv",
];

/// A text without white space and in small letters, as browsers compare it; what the checks here expect.
pub(super) fn compact(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// Whether an element has no content and no end tag.
pub(super) fn is_void(element: &str) -> bool {
    VOID.contains(&element)
}

/// What is wrong with an element of this name.
pub(super) fn refuse_element(name: &str) -> Vec<Fault> {
    if ELEMENTS.contains(&name) {
        return Vec::new();
    }
    vec![Fault::Element { name: name.to_owned(), allowed: ELEMENTS.join(", ") }]
}

/// What is wrong with an attribute of this name and compact value.
pub(super) fn refuse_attribute(name: &str, value: &str) -> Vec<Fault> {
    let mut wrong = Vec::new();
    if name.starts_with("on") || REFUSED_ATTRIBUTES.contains(&name) {
        wrong.push(Fault::Attribute { name: name.to_owned() });
    }
    if name == "href" {
        let fit = ["{{login_url}}", "https://", "mailto:", "tel:", "#"];
        if !fit.iter().any(|start| value.starts_with(start)) {
            wrong.push(Fault::Link);
        }
    }
    if name == "style" {
        wrong.extend(refuse_style(value));
        if value.contains('&') {
            wrong.push(Fault::StyleAmpersand);
        }
    }
    wrong
}

/// What is wrong with a compact style.
pub(super) fn refuse_style(style: &str) -> Vec<Fault> {
    // A backslash could spell any of the others.
    ["url(", "@import", "expression(", "behavior:", "image(", "image-set(", "\\"]
        .into_iter()
        .filter(|bad| style.contains(bad))
        .map(|found| Fault::StyleLoads { found })
        .collect()
}

/// What is wrong with a compact style sheet.
pub(super) fn refuse_sheet(sheet: &str) -> Vec<Fault> {
    let mut wrong = refuse_style(sheet);
    // What a class hides cannot be told from what it shows, so only a style attribute may hide.
    wrong.extend(hiding(sheet).map(|found| Fault::SheetHides { found }));
    wrong
}

/// What is wrong with a compact comment.
pub(super) fn refuse_comment(comment: &str) -> Vec<Fault> {
    // Outlook reads conditional comments.
    let loads = ["src=", "href=", "url(", "<script", "<link", "<iframe", "<object"]
        .into_iter()
        .filter(|bad| comment.contains(bad))
        .map(|found| Fault::CommentLoads { found });
    loads.chain(hiding(comment).map(|found| Fault::CommentHides { found })).collect()
}

/// Whether an attribute hides what stands in its element.
pub(super) fn hides(name: &str, value: &str) -> bool {
    name == "hidden" || (name == "style" && hiding(value).is_some())
}
