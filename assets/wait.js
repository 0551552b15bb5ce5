// A button that waits before it can be pressed again. Without this module it works at once; the server then absorbs
// what is too much.

for (const button of document.querySelectorAll("[data-wait]")) {
  const until = Date.now() + Number(button.dataset.wait) * 1000;
  const label = button.textContent;
  let timer = 0;
  const release = () => {
    clearInterval(timer);
    button.disabled = false;
    button.textContent = label;
  };
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (left <= 0) release();
    else button.textContent = button.dataset.waiting.replace("#", String(left));
  };
  button.disabled = true;
  timer = setInterval(tick, 500);
  tick();
  // Whoever mistyped need not wait.
  const field = button.form?.querySelector("input[type=text]");
  field?.addEventListener("input", () => {
    if (field.value !== field.defaultValue) release();
  });
}
