// The console a little livelier: lists that follow what is typed, boxes that count, places that renew themselves.
// Every page works without this module; it only saves a click.

// What only helps without script goes out of sight.
document.documentElement.classList.add("scripted");

// The pages come from our own server, already escaped; nothing else goes through this policy.
const policy = globalThis.trustedTypes?.createPolicy("passpost", { createHTML: (text) => text });
const parsed = (text) => new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/html");

// Puts the parts named in `data-live` of a fresh copy of the page in place of those here.
let latest = 0;
const renew = async (address) => {
  const mine = ++latest;
  const answer = await fetch(address, { redirect: "error", cache: "no-store" });
  if (!answer.ok) return;
  const fresh = parsed(await answer.text());
  // Only the newest question counts: an older answer would undo what somebody chose meanwhile.
  if (mine !== latest) return;
  for (const old of document.querySelectorAll("[data-live]")) {
    const now = fresh.querySelector(`[data-live="${old.dataset.live}"]`);
    if (now && old.outerHTML !== now.outerHTML) old.replaceWith(document.adoptNode(now));
  }
};

// What follows a run says when something changed; a place with `data-renew` looks by itself every so many seconds,
// while somebody looks at it.
document.addEventListener("passpost:renew", () => renew(location.href).catch(() => {}));
for (const place of document.querySelectorAll("[data-renew]")) {
  setInterval(() => {
    const inside = document.activeElement?.closest("[data-live]");
    // Not under somebody's fingers.
    if (!document.hidden && !inside) renew(location.href).catch(() => {});
  }, Number(place.dataset.renew) * 1000);
}

// A form with `data-follow` asks while somebody types, and the address follows at once, so that going back works and
// whatever renews the page meanwhile asks for the same. It listens from outside: the form itself may be renewed.
let waiting;
const follow = (form) => {
  clearTimeout(waiting);
  const fields = [...new FormData(form)].filter(([, value]) => value !== "");
  const address = `${form.getAttribute("action")}?${new URLSearchParams(fields)}`;
  if (address === location.pathname + location.search) return;
  history.replaceState(null, "", address);
  renew(address).catch(() => {});
};
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => {
    const form = event.target.closest("form[data-follow]");
    if (!form) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => follow(form), 120);
  });
}
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-follow]")) return;
  event.preventDefault();
  follow(event.target);
});

// A form with `data-preview` shows what it makes while somebody types: the button that was used last is pressed again.
for (const form of document.querySelectorAll("form[data-preview]")) {
  const buttons = [...form.querySelectorAll("button[data-show]")];
  let button = buttons[0], waiting;
  const show = () => {
    // A new frame each time, so that going back leads to the page before and not through every preview.
    const old = form.querySelector("iframe");
    const fresh = old.cloneNode();
    old.replaceWith(fresh);
    form.requestSubmit(button);
  };
  form.addEventListener("submit", (event) => {
    if (buttons.includes(event.submitter)) {
      button = event.submitter;
      for (const one of buttons) one.setAttribute("aria-pressed", one === button);
    }
  });
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 700);
  });
  // What can stand in a text is put where the cursor is.
  let field = form.querySelector("textarea:not([readonly])");
  form.addEventListener("focusin", (event) => {
    if (event.target.matches("textarea, input[type=text].code")) field = event.target;
  });
  for (const code of field ? form.querySelectorAll("[data-insert]") : []) {
    const insert = document.createElement("button");
    insert.type = "button";
    insert.className = "insert";
    insert.textContent = code.textContent;
    insert.addEventListener("click", () => {
      field.focus();
      field.setRangeText(insert.textContent, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    code.replaceWith(insert);
  }
  show();
}

// Ticked rows: how many, and all at once.
const count = (table) => {
  const boxes = [...table.querySelectorAll("tbody input[type=checkbox]")];
  const ticked = boxes.filter((box) => box.checked).length;
  const all = table.querySelector("[data-tick-all]");
  if (all) {
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  }
  for (const place of document.querySelectorAll("[data-ticked]")) place.textContent = ticked;
};
document.addEventListener("change", (event) => {
  const table = event.target.closest("table");
  if (!table) return;
  if (event.target.matches("[data-tick-all]")) {
    for (const box of table.querySelectorAll("tbody input[type=checkbox]")) box.checked = event.target.checked;
  }
  count(table);
});

// What opened over the page, the menu of a small screen or a question, closes by Escape, and the focus is where it was.
document.addEventListener("keydown", (event) => {
  const open = event.target.closest("details.pop[open]") ?? document.querySelector("details.menu[open]");
  if (event.key === "Escape" && open) {
    open.open = false;
    open.querySelector("summary").focus();
  }
  // As in many lists: a slash begins a search.
  if (event.key === "/" && !event.target.closest("input, textarea, select, [contenteditable]")) {
    const search = document.querySelector("input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
});

// What was just done is said once: a reload does not say it again.
if (/[?&]done=/.test(location.search)) {
  const address = new URL(location.href);
  address.searchParams.delete("done");
  address.searchParams.delete("n");
  history.replaceState(null, "", address);
}
