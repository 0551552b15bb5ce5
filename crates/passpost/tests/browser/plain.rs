//! A page without script: its content is there, every form can be sent, nothing that does nothing is shown.

use crate::page::Browser;
use crate::rules::texts;

/// What the page lacks, in words; none when it is whole. Script must not have run on it.
pub(crate) async fn faults(browser: &Browser) -> Vec<String> {
    assert!(!browser.has_script(), "scripts run");
    texts(&browser.ask(PLAIN).await).map(|what| format!("without script: {what}")).collect()
}

const PLAIN: &str = r#"(() => {
  const name = e => e.outerHTML.slice(0, 110);
  for (const one of document.querySelectorAll("details")) one.open = true;
  const seen = e => e.ariaHidden !== "true" && e.getClientRects().length > 0
    && e.checkVisibility({ visibilityProperty: true });
  const wrong = [];
  const main = document.querySelector("main");
  if (!main || !seen(main) || main.innerText.trim().length < 20) wrong.push("no main content");
  if (!main?.querySelector("h1")) wrong.push("no heading");
  const sends = e => e.matches("button, input") && e.type === "submit" && seen(e);
  for (const form of document.forms) {
    if (seen(form) && ![...form.elements].some(sends)) wrong.push(`a form without a button: ${name(form)}`);
  }
  for (const button of document.querySelectorAll("button[type=button]")) {
    if (seen(button)) wrong.push(`a button that does nothing: ${name(button)}`);
  }
  for (const box of document.querySelectorAll("input:not([name])")) {
    if (seen(box) && box.type !== "submit") wrong.push(`a field that is not sent: ${name(box)}`);
  }
  return wrong;
})()"#;
