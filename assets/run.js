// A run while it runs: asks for the counts every two seconds and puts them in place.
// Without this module the page shows how things stood when it was loaded.

const panel = document.querySelector("[data-progress]");

if (panel) {
  const put = (name, text) => {
    for (const place of document.querySelectorAll(`[data-live="${name}"]`)) place.textContent = text;
  };

  const look = async () => {
    if (document.hidden) return;
    const answer = await fetch(panel.dataset.progress, { redirect: "error", cache: "no-store" });
    if (!answer.ok) return;
    const now = await answer.json();
    if (now.state !== panel.dataset.state) {
      // Reasons, causes and recipients changed with it: take the whole page.
      location.reload();
      return;
    }
    for (const name of ["percent", "waiting", "left_out", "total"]) put(name, String(now[name]));
    for (const [name, part] of Object.entries(now.parts)) {
      put(name, part.text);
      const bar = panel.querySelector(`[data-part="${name}"]`);
      bar?.setAttribute("x", part.x);
      bar?.setAttribute("width", part.width);
    }
  };

  setInterval(() => look().catch(() => {}), 2000);
}
