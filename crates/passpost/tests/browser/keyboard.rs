//! A page by keyboard alone: Tab comes by everything, in order, to be seen, and on; what opens closes again.

use crate::page::{Browser, ENTER, ESCAPE, SPACE, TAB};
use crate::rules::{emulate, resize, texts};
use serde_json::Value;

/// How many times Tab is pressed before the page is asked where that led.
const AT_ONCE: usize = 40;

/// What cannot be done by keyboard at the page, in words; none when all can.
pub(crate) async fn faults(browser: &Browser) -> Vec<String> {
    emulate(browser, Some("light")).await;
    // On a phone, where the menu is one of what opens.
    resize(browser, Some((390, 844))).await;
    let mut wrong = open_and_close(browser).await;
    resize(browser, None).await;
    wrong.extend(walk(browser).await);
    wrong.extend(skip(browser).await);
    emulate(browser, None).await;
    wrong
}

/// Every box that opens: by Enter and by Space, closed by Escape from within, and the focus is back where it was.
async fn open_and_close(browser: &Browser) -> Vec<String> {
    let mut wrong = Vec::new();
    let boxes = browser.ask(BOXES).await.as_u64().unwrap_or_default();
    for number in 0..boxes {
        for (key, name) in [(ENTER, "Enter"), (SPACE, "Space")] {
            let place = format!("[...document.querySelectorAll('details.pop, details.menu')][{number}]");
            browser.ask(&format!("{place}.querySelector('summary').focus()")).await;
            browser.press(&[key]).await;
            if browser.ask(&format!("{place}.open")).await != true {
                wrong.push(format!("box {number} does not open by {name}"));
                continue;
            }
            browser.press(&[TAB]).await;
            let inside = format!("{place}.contains(document.activeElement)");
            if browser.ask(&inside).await != true {
                wrong.push(format!("Tab does not lead into box {number}"));
            }
            browser.press(&[ESCAPE]).await;
            let back =
                format!("!{place}.open && document.activeElement === {place}.querySelector('summary')");
            if browser.ask(&back).await != true {
                wrong.push(format!("box {number} opened by {name}: Escape does not close it and lead back"));
            }
        }
    }
    wrong
}

/// From the top with Tab until it begins again.
async fn walk(browser: &Browser) -> Vec<String> {
    let expected = browser.ask(BEGIN).await.as_u64().unwrap_or_default();
    let most = usize::try_from(expected).unwrap_or_default() * 4 + 2 * AT_ONCE;
    let mut pressed = 0;
    while browser.ask("window.walk.isOver").await != true {
        if pressed > most {
            let last = browser.ask("window.walk.name(document.activeElement)").await;
            return vec![format!("Tab never comes back to the top; it is at {last}")];
        }
        browser.press(&[TAB; AT_ONCE]).await;
        pressed += AT_ONCE;
    }
    texts(&browser.ask("window.walk.end()").await).collect()
}

/// The first thing Tab reaches leads past the navigation.
async fn skip(browser: &Browser) -> Vec<String> {
    browser.ask(TO_THE_TOP).await;
    browser.press(&[TAB]).await;
    if browser.ask("document.activeElement.matches('a.skip')").await != true {
        return vec!["the first of all is no skip link".into()];
    }
    browser.press(&[ENTER]).await;
    let is_there = browser.ask("document.activeElement === document.querySelector('main')").await;
    if is_there == Value::Bool(true) {
        Vec::new()
    } else {
        vec!["the skip link does not lead to main".into()]
    }
}

/// How many boxes there are that open.
const BOXES: &str = "document.querySelectorAll('details.pop, details.menu').length";

/// Tab goes on from where the focus was last, even when that is gone.
const TO_THE_TOP: &str = r#"(() => {
  const top = document.createElement("span");
  top.tabIndex = -1;
  document.body.prepend(top);
  top.focus();
  top.remove();
  return true;
})()"#;

/// Opens what is folded, notes what should be come by, and how each looks without the focus.
const BEGIN: &str = r#"(() => {
  for (const one of document.querySelectorAll("details:not(.menu)")) one.open = true;
  const top = document.createElement("span");
  top.tabIndex = -1;
  document.body.prepend(top);
  top.focus();
  const name = e => e.outerHTML.slice(0, 110);
  const seen = e => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0;
  const focusable = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
  // Of radio buttons that belong together Tab reaches one, the arrows the others. What programs alone read is passed
  // over; so is what only receives the focus, and a frame has pages of its own.
  const first = e => e.type !== "radio" || e === ([...document.getElementsByName(e.name)].find(r => r.form === e.form && r.checked)
    ?? [...document.getElementsByName(e.name)].find(r => r.form === e.form));
  const passed = e => e.matches("main, :disabled") || (e.tabIndex < 0 && e.ariaHidden === "true") || !first(e);
  const expected = [...document.querySelectorAll(focusable)].filter(e => e !== top && seen(e) && !passed(e));
  // A button may show the focus of the small field it is the label of.
  const shown = e => [e, ...(e.labels ?? [])].map(one => getComputedStyle(one))
    .map(s => `${s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2 ? "" : s.outline} ${s.boxShadow}`).join();
  const plain = new Map(expected.map(e => [e, shown(e)]));
  const steps = [], wrong = [];
  const step = event => {
    const e = event.target;
    if (walk.isOver) return;
    if (steps.includes(e)) { walk.isOver = true; return; }
    const last = steps.at(-1);
    if (last?.isConnected && !(last.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)) {
      wrong.push(`Tab goes back from ${name(last)} to ${name(e)}`);
    }
    const box = e.getBoundingClientRect();
    if (box.width < 1 || box.height < 1) wrong.push(`the focus is on what is not seen: ${name(e)}`);
    if (plain.has(e) && plain.get(e) === shown(e)) wrong.push(`the focus is not seen on ${name(e)}`);
    steps.push(e);
  };
  const walk = {
    isOver: expected.length === 0, name,
    end: () => {
      document.removeEventListener("focusin", step, true);
      const missed = expected.filter(e => e.isConnected && !steps.includes(e)).map(e => `Tab never reaches ${name(e)}`);
      return [...wrong, ...missed].slice(0, 8);
    },
  };
  window.walk = walk;
  top.remove();
  document.addEventListener("focusin", step, true);
  return expected.length;
})()"#;
