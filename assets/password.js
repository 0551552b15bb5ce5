// Password fields: reveal, a strength meter that asks this server only, and whether both fields agree.
// Without this module every form works all the same.

for (const button of document.querySelectorAll("[data-reveal]")) {
  const fields = button.dataset.reveal.split(" ").map((id) => document.getElementById(id)).filter(Boolean);
  button.hidden = false;
  button.addEventListener("click", () => {
    const show = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(show));
    button.textContent = show ? button.dataset.hide : button.dataset.show;
    for (const field of fields) field.type = show ? "text" : "password";
  });
  // A field left in clear text would be offered as plain history by some browsers.
  button.form?.addEventListener("submit", () => {
    for (const field of fields) field.type = "password";
  });
}

const password = document.getElementById("password");
const confirmation = document.getElementById("confirmation");

if (password && confirmation) {
  const line = document.getElementById("match");
  const compare = () => {
    const empty = confirmation.value === "";
    const same = confirmation.value === password.value;
    line.textContent = empty ? "\u00a0" : same ? line.dataset.same : line.dataset.differs;
    line.classList.toggle("right", !empty && same);
  };
  confirmation.addEventListener("input", compare);
  password.addEventListener("input", compare);
}

// What was refused is another password than the one being typed.
password?.addEventListener("input", () => password.removeAttribute("aria-invalid"));

const form = password?.form;
const meter = form?.querySelector(".meter");

if (meter && form.dataset.meter) {
  const line = document.getElementById("strength");
  const rule = line.textContent;
  let waiting = 0;
  let asking = null;

  const show = (strength, text, fit) => {
    meter.dataset.strength = String(strength);
    meter.classList.toggle("fit", fit);
    line.textContent = text;
  };

  const ask = async () => {
    asking?.abort();
    if (password.value === "") {
      show(0, rule, false);
      return;
    }
    asking = new AbortController();
    try {
      const answer = await fetch(form.dataset.meter, {
        method: "POST",
        body: new URLSearchParams({ csrf: form.elements.csrf.value, password: password.value }),
        signal: asking.signal,
        redirect: "error",
      });
      if (!answer.ok) return;
      const { strength, text, fit } = await answer.json();
      // One bar at least, so that something is seen to happen.
      show(Math.max(1, strength), text, fit);
    } catch {
      // The form itself will say what is wrong.
    }
  };

  password.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 250);
  });
}
