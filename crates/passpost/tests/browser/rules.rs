//! What holds for every page: its language, one heading, labels, no sideways scrolling; and axe-core's rules.

use crate::page::Browser;
use crate::settings::SETTINGS;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// Widths of phones; nothing may stick out of the page there (WCAG 2.2, 1.4.10: 320).
const NARROW: [u32; 2] = [390, 320];

/// What a page does not keep to, in words; none when all is well.
pub(crate) async fn broken(browser: &Browser, language: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let found = browser.ask(STRUCTURE).await;
    if found["language"] != language {
        wrong.push(format!("lang is {}, not {language}", found["language"]));
    }
    if found["headings"] != 1 {
        wrong.push(format!("{} headings of the first order", found["headings"]));
    }
    wrong.extend(texts(&found["unlabelled"]).map(|field| format!("a field without a label: {field}")));
    wrong.extend(texts(&found["twice"]).map(|id| format!("an id that stands there twice: {id}")));
    // Password managers need it; Chromium's own word on it comes too early on a busy machine.
    wrong.extend(texts(&found["nameless"]).map(|form| format!("a password without a user name: {form}")));
    wrong.extend(texts(&found["small"]).map(|what| format!("a target smaller than 24 pixels: {what}")));
    for width in NARROW {
        resize(browser, Some((width, 844))).await;
        wrong.extend(
            texts(&browser.ask(OVERHANG).await).map(|what| format!("sticks out at {width} pixels: {what}")),
        );
    }
    resize(browser, None).await;
    // It needs timers, which stand still without script, as on the page of a mail's HTML alone.
    if browser.has_script() && !browser.path().await.ends_with("/html") {
        wrong.extend(axe(browser).await);
    }
    wrong
}

/// Shows the page as on a screen of this size; `None`: as the window is.
pub(crate) async fn resize(browser: &Browser, size: Option<(u32, u32)>) {
    let Some((width, height)) = size else {
        browser.chrome.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await;
        return;
    };
    let phone = width < 600;
    let screen = json!({
        "width": width, "height": height, "mobile": phone, "deviceScaleFactor": if phone { 1.5 } else { 1.0 },
    });
    browser.chrome.devtools("Emulation.setDeviceMetricsOverride", screen).await;
}

/// Shows the page to somebody who likes it light or dark, and still; `None`: as the machine is set.
pub(crate) async fn emulate(browser: &Browser, scheme: Option<&str>) {
    let features = scheme.map_or_else(Vec::new, |scheme| {
        vec![
            json!({ "name": "prefers-color-scheme", "value": scheme }),
            json!({ "name": "prefers-reduced-motion", "value": "reduce" }),
        ]
    });
    browser.chrome.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
}

/// The texts of a list.
pub(crate) fn texts(list: &Value) -> impl Iterator<Item = String> + '_ {
    list.as_array().into_iter().flatten().map(|one| one.as_str().unwrap_or_default().to_owned())
}

/// What axe-core finds on the page as on a phone.
pub(crate) async fn narrow_axe(browser: &Browser) -> Vec<String> {
    resize(browser, Some((390, 844))).await;
    let wrong = axe(browser).await;
    resize(browser, None).await;
    wrong
}

/// What axe-core finds: by all its rules in light; in dark by those that look at colours, as nothing else differs.
async fn axe(browser: &Browser) -> Vec<String> {
    let mut wrong = Vec::new();
    let Some(axe) = AXE.as_deref() else { return wrong };
    if browser.ask("typeof window.axe").await != "object" {
        browser.client().execute(&format!("{axe};\nreturn true;"), Vec::new()).await.unwrap();
    }
    for (scheme, rules) in [
        ("light", "rules: { 'target-size': { enabled: true } }"),
        ("dark", "runOnly: ['color-contrast', 'link-in-text-block']"),
    ] {
        emulate(browser, Some(scheme)).await;
        let options = format!("{{ resultTypes: ['violations'], iframes: false, {rules} }}");
        let found = browser.ask_later(&format!("axe.run(document, {options}).then({TELL})")).await;
        let Value::Array(_) = found else { panic!("axe-core does not run: {found}") };
        wrong.extend(texts(&found).map(|what| format!("axe, {scheme}: {what}")));
    }
    emulate(browser, None).await;
    wrong
}

/// axe-core itself; without it, its rules are left out, loudly.
static AXE: LazyLock<Option<String>> = LazyLock::new(|| {
    let Some(file) = &SETTINGS.axe else {
        testkit::left_out("axe-core's rules for pages (AXE_CORE names no axe.min.js; make test fetches it)");
        return None;
    };
    let read = std::fs::read_to_string(file);
    let why = "sh packaging/test-needs.sh fetches it";
    Some(read.unwrap_or_else(|error| panic!("AXE_CORE: {}: {error}; {why}", file.display())))
});

const TELL: &str = "(found) => found.violations.map((v) => v.id + ': ' + v.help + ' ' + \
    v.nodes.map((n) => n.target.join(' ') + ' ' + n.failureSummary).join('; '))";

const STRUCTURE: &str = r#"(() => {
  const seen = e => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";
  const name = e => e.outerHTML.slice(0, 120);
  const fields = [...document.querySelectorAll("input:not([type=hidden]), select, textarea")];
  const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
  // Links within a sentence and what only helps programs are excepted (WCAG 2.2, 2.5.8).
  const targets = [...document.querySelectorAll("button, .button, input:not([type=hidden]), select, nav a")];
  // A box is ticked by its label as well.
  const target = e => (e.matches("[type=checkbox], [type=radio]") && e.labels?.[0]) || e;
  const small = e => { const box = target(e).getBoundingClientRect(); return Math.min(box.width, box.height) < 24; };
  return {
    language: document.documentElement.lang,
    headings: [...document.querySelectorAll("h1")].filter(seen).length,
    unlabelled: fields.filter(e => !e.labels?.length && !e.ariaLabel && e.ariaHidden !== "true").map(name),
    twice: ids.filter((id, place) => ids.indexOf(id) !== place),
    nameless: [...document.querySelectorAll("form:has(input[type=password])")]
      .filter(e => !e.querySelector("input[autocomplete~=username]")).map(name),
    small: targets.filter(e => seen(e) && e.ariaHidden !== "true" && small(e)).map(name),
  };
})()"#;

/// What reaches over the page's right edge, unless a scrolling box of its own holds it.
const OVERHANG: &str = r#"(() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const out = [...document.querySelectorAll("body *")].filter(e => e.checkVisibility() && e.getBoundingClientRect().right > width + 0.5);
  return out.slice(0, 3).map(e => e.outerHTML.slice(0, 120)).concat(`${document.documentElement.scrollWidth} wide`);
})()"#;
