//! What holds for every page: its language, one heading, labels, no sideways scrolling; and axe-core's rules.

use crate::page::Browser;
use crate::settings::SETTINGS;
use serde_json::{Value, json};

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
    let may_script = browser.has_script() && !browser.path().await.ends_with("/html");
    if let Some(file) = SETTINGS.axe.as_ref().filter(|_| may_script) {
        let axe = std::fs::read_to_string(file).unwrap();
        for scheme in ["light", "dark"] {
            emulate(browser, Some(scheme)).await;
            wrong.extend(
                ask_axe(browser, &axe).await.into_iter().map(|what| format!("axe, {scheme}: {what}")),
            );
        }
        emulate(browser, None).await;
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

fn texts(list: &Value) -> impl Iterator<Item = String> + '_ {
    list.as_array().into_iter().flatten().map(|one| one.as_str().unwrap_or_default().to_owned())
}

async fn ask_axe(browser: &Browser, axe: &str) -> Vec<String> {
    let script = format!(
        "{axe};\nconst done = arguments[arguments.length - 1];\
         axe.run(document, {{ resultTypes: ['violations'], iframes: false, rules: {{ 'target-size': {{ enabled: true }} }} }})\
         .then(found => done(found.violations.map(v => v.id + ': ' + v.help + ' ' + \
         v.nodes.map(n => n.target.join(' ') + ' ' + n.failureSummary).join('; '))), error => done([String(error)]));"
    );
    let found = browser.client().execute_async(&script, Vec::new()).await.unwrap();
    texts(&found).collect()
}

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
  const out = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > width + 0.5);
  return out.slice(0, 3).map(e => e.outerHTML.slice(0, 120)).concat(`${document.documentElement.scrollWidth} wide`);
})()"#;
