// A run while it runs: follows its events and puts the numbers in place; what else changed with them is taken from a
// fresh copy of the page. Without this module the page shows how things stood when it was loaded.

const panel = document.querySelector("[data-events]");
// A list that keeps changing is not asked for more often than this.
const PATIENCE = 4000;

if (panel) {
  let events, lists, last = 0, waiting;

  // The part of the console's module that renews listens for this.
  const renew = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      last = Date.now();
      document.dispatchEvent(new Event("passpost:renew"));
    }, Math.max(0, last + PATIENCE - Date.now()));
  };

  const put = (name, text) => {
    for (const place of document.querySelectorAll(`[data-live="${name}"]`)) {
      if (place.textContent !== text) place.textContent = text;
    }
  };

  const show = (now) => {
    for (const [name, text] of Object.entries(now.texts)) put(name, text);
    for (const [name, part] of Object.entries(now.parts)) {
      put(name, part.text);
      const bar = panel.querySelector(`[data-part="${name}"]`);
      bar?.setAttribute("x", part.x);
      bar?.setAttribute("width", part.width);
    }
    const is = JSON.stringify([now.lists, now.cause]);
    if (now.state !== panel.dataset.state) {
      panel.dataset.state = now.state;
      last = 0;
      renew();
    } else if (lists !== undefined && is !== lists) {
      renew();
    }
    lists = is;
    if (["finished", "cancelled", "failed"].includes(now.state)) close();
  };

  const close = () => {
    events?.close();
    events = undefined;
  };

  const open = () => {
    if (events || document.hidden || ["finished", "cancelled", "failed"].includes(panel.dataset.state)) return;
    events = new EventSource(panel.dataset.events);
    events.addEventListener("run", (event) => show(JSON.parse(event.data)));
  };

  // Nobody looks: nothing is asked for, and the browser's few connections are free for others.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}
