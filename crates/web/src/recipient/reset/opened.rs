//! Whether a person or a program opened a page: scanners and previews of mail programs fetch every address in a mail.

use axum::http::Method;
use axum::http::header::{ACCEPT, HeaderMap, USER_AGENT};

/// What fetches ahead calls itself so, in one of these headers.
const AHEAD: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];
/// Parts of the names programs go by.
const PROGRAMS: [&str; 16] = [
    "bot",
    "crawl",
    "spider",
    "scan",
    "preview",
    "headless",
    "curl",
    "wget",
    "python",
    "java/",
    "go-http",
    "okhttp",
    "libwww",
    "barracuda",
    "proofpoint",
    "safelinks",
];

/// Whether a request was made by a program, as far as it shows. A program that behaves like a browser is not told
/// apart: what counts in the end is what only a person does, asking and setting a password.
pub(crate) fn by_machine(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if *method != Method::GET || AHEAD.iter().any(|name| !text(name).is_empty()) {
        return true;
    }
    let agent = text(USER_AGENT.as_str()).to_ascii_lowercase();
    if agent.is_empty() || PROGRAMS.iter().any(|part| agent.contains(part)) {
        return true;
    }
    // Browsers say that they navigate to a document, where they say anything.
    let (mode, destination) = (text("sec-fetch-mode"), text("sec-fetch-dest"));
    let navigates =
        (mode.is_empty() || mode == "navigate") && (destination.is_empty() || destination == "document");
    !navigates || !text(ACCEPT.as_str()).contains("text/html")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: Method, pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        by_machine(&method, &headers)
    }

    const BROWSER: (&str, &str) =
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
    const PAGE: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

    #[test]
    fn a_browser_that_opens_a_page_is_a_person() {
        assert!(!asked(Method::GET, &[BROWSER, PAGE]));
        let says =
            [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"), ("sec-fetch-site", "none")];
        assert!(!asked(Method::GET, &[&[BROWSER, PAGE], &says[..]].concat()));
    }

    #[test]
    fn what_fetches_ahead_scans_or_is_no_browser_is_a_program() {
        assert!(asked(Method::HEAD, &[BROWSER, PAGE]));
        assert!(asked(Method::GET, &[BROWSER, PAGE, ("sec-purpose", "prefetch")]));
        assert!(asked(Method::GET, &[BROWSER, PAGE, ("sec-fetch-mode", "no-cors")]));
        assert!(asked(Method::GET, &[BROWSER, ("accept", "*/*")]));
        assert!(asked(Method::GET, &[PAGE]));
        assert!(asked(Method::GET, &[PAGE, ("user-agent", "Mozilla/5.0 (compatible; LinkScanner/2.1)")]));
        assert!(asked(Method::GET, &[PAGE, ("user-agent", "curl/8.5.0")]));
    }
}
