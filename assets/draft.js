// A form whose draft the server looks at while somebody types: what is typed is posted, nothing is saved, and the
// parts named in `data-live` of the answer take the place of those here. Without this module the buttons of the form
// do the same by reload.

// The pages come from our own server, already escaped; nothing else goes through this policy.
const policy = globalThis.trustedTypes?.createPolicy("passpost-draft", { createHTML: (text) => text });
const parsed = (text) => new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/html");

for (const form of document.querySelectorAll("form[data-draft]")) {
  let waiting, asking;
  let edits = 0;

  // While somebody types in a part, that part stays as it is; after a button or a choice all parts are renewed.
  const put = (fresh, all) => {
    const focus = document.activeElement;
    const { id, value: pressed } = focus ?? {};
    for (const old of form.querySelectorAll("[data-live]")) {
      const now = fresh.querySelector(`[data-live="${old.dataset.live}"]`);
      if (!now || old.outerHTML === now.outerHTML) continue;
      if (!all && old.contains(focus)) continue;
      old.replaceWith(document.adoptNode(now));
    }
    if (document.activeElement === focus) return;
    const next = (id && document.getElementById(id)) || form.querySelector(`button[value="${CSS.escape(pressed ?? "")}"]`);
    next?.focus({ preventScroll: true });
  };

  const ask = async (act, all) => {
    clearTimeout(waiting);
    asking?.abort();
    const ours = (asking = new AbortController());
    const asOf = edits;
    const fields = new URLSearchParams(new FormData(form));
    fields.set("act", act);
    try {
      const answer = await fetch(form.getAttribute("action"), {
        method: "POST",
        body: fields,
        redirect: "error",
        cache: "no-store",
        signal: ours.signal,
      });
      if (!answer.ok) return;
      const text = await answer.text();
      // Whoever has typed on meanwhile keeps the field.
      if (!ours.signal.aborted) put(parsed(text), all && asOf === edits);
    } catch {
      // A newer question has taken its place, or the server is away: the next one finds out.
    }
  };

  form.addEventListener("input", (event) => {
    edits += 1;
    clearTimeout(waiting);
    if (event.target.matches("select, [type=checkbox], [type=radio], [type=date]")) return;
    waiting = setTimeout(() => ask(form.dataset.draft, false), 350);
  });
  form.addEventListener("change", () => ask(form.dataset.draft, true));
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    // Buttons that save go the ordinary way.
    const saves = button?.hasAttribute("formaction") || button?.classList.contains("saves");
    if (!button || saves) return;
    event.preventDefault();
    ask(button.value, true);
  });
}
