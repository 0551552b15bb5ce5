//! The headers of every answer (3-safety 4.5), set in one place so that none can be forgotten.

use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

/// Which rules an answer goes out under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A page with forms.
    Page,
    /// A page whose address holds a token.
    TokenPage,
    /// JSON, downloads, files of the design.
    Data,
    /// The HTML of a mail, shown in a frame of the mailbox: no script, no form, nothing from outside.
    Mail,
}

const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
    object-src 'none'; require-trusted-types-for 'script'; report-to csp";
/// The mailbox and the editors of templates and mailings frame their own mails and nothing else.
const MAILBOX_PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; \
    base-uri 'none'; object-src 'none'; require-trusted-types-for 'script'; report-to csp";
const DATA: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";
const MAIL: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; \
    style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'";

const PERMISSIONS: &str = "accelerometer=(), autoplay=(), \
    browsing-topics=(), camera=(), display-capture=(), \
    encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), \
    local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), \
    publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), usb=(), \
    window-management=(), xr-spatial-tracking=()";

/// For ever: the name holds a hash of the content.
pub(crate) const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

impl Kind {
    /// The kind of answers under a path; a handler can ask for another one with an extension.
    pub(crate) fn of_path(path: &str) -> Self {
        let under = |folder: &str| {
            path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if ["/api", "/health", "/assets", "/metrics"].into_iter().any(under) {
            Self::Data
        } else if under("/console/setup") || under("/reset/link") || is_confirming_link(path) {
            Self::TokenPage
        } else {
            Self::Page
        }
    }
}

/// `/confirm/…/link/…`: the page it leads to has no token in its address.
fn is_confirming_link(path: &str) -> bool {
    path.strip_prefix("/confirm/").is_some_and(|rest| rest.contains("/link/"))
}

/// Sets what is common to all answers and what belongs to their kind.
pub(crate) fn set(headers: &mut HeaderMap, kind: Kind, frames_mails: bool) {
    let policy = match kind {
        Kind::Page | Kind::TokenPage if frames_mails => MAILBOX_PAGE,
        Kind::Page | Kind::TokenPage => PAGE,
        Kind::Data => DATA,
        Kind::Mail => MAIL,
    };
    let referrer = if kind == Kind::Page { "same-origin" } else { "no-referrer" };
    let frame = if kind == Kind::Mail { "SAMEORIGIN" } else { "DENY" };
    let fixed: [(HeaderName, &'static str); 9] = [
        (CONTENT_SECURITY_POLICY, policy),
        (REFERRER_POLICY, referrer),
        (X_FRAME_OPTIONS, frame),
        (STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A mail is locked into an origin of its own, which cannot ask for it: browsers complain there.
    if kind != Kind::Mail {
        headers.insert(HeaderName::from_static("origin-agent-cluster"), HeaderValue::from_static("?1"));
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
