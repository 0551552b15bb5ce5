//! What the HTML part may have: elements, attributes, styles and comments that load nothing and run nothing.

use super::Fault;
use super::hiding::{hiding, how_it_hides};

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
        let links = ["{{login_url}}", "{{request_password_link}}", "{{personal_link}}"];
        let fit = ["https://", "mailto:", "tel:", "#"];
        if !links.iter().chain(&fit).any(|start| value.starts_with(start)) {
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

/// How an element hides what stands in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Hiding {
    /// Whatever stands in it.
    whole: bool,
    /// Its letters, by a size of nothing, until an element in it gives them a size of its own.
    letters: bool,
    /// It gives letters a size.
    sized: bool,
}

impl Hiding {
    /// Takes an attribute of the element into account.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.whole |= name == "hidden";
        if name == "style" {
            let found = how_it_hides(value);
            self.whole |= found.whole;
            self.letters |= found.letters;
            self.sized |= found.sized;
        }
    }

    /// What holds for an element with this one in an element with the other.
    pub(super) const fn within(self, around: Self) -> Self {
        let letters = self.letters || (around.letters && !self.sized);
        Self { whole: self.whole || around.whole, letters, sized: false }
    }

    /// Whether what stands here is not seen.
    pub(super) const fn is_any(self) -> bool {
        self.whole || self.letters
    }

    pub(super) const fn of(whole: bool, letters: bool, sized: bool) -> Self {
        Self { whole, letters, sized }
    }
}
