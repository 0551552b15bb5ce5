// The reference a little livelier: a key, kept in this page's memory only, and a form for each operation.
// The page is whole without this module.

const words = document.querySelector("main").dataset;

const make = (name, properties = {}, ...inside) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...inside);
  return element;
};

// No name and no form around it: browsers have nothing to keep.
const key = make("input", { type: "password", autocomplete: "off", spellcheck: false });
document.querySelector("#key").append(
  make("label", {}, `${words.keyLabel} `, key),
  make("p", { textContent: words.keyHint }),
);

const field = (label, value) => {
  const input = make("input", { value, autocomplete: "off", spellcheck: false });
  return { input, element: make("label", {}, label, input) };
};

// Where a request goes: the parts of the path filled in, parameters that were given behind it.
const address = (operation, inputs) => {
  let path = operation.dataset.path;
  const query = new URLSearchParams();
  for (const { name, place, input } of inputs) {
    if (place === "path") path = path.replace(`{${name}}`, encodeURIComponent(input.value));
    else if (place === "query" && input.value !== "") query.set(name, input.value);
  }
  return query.size > 0 ? `${path}?${query}` : path;
};

const send = async (operation, inputs, body, output) => {
  const headers = {};
  if (key.value !== "") headers.Authorization = `Bearer ${key.value.trim()}`;
  for (const { name, place, input } of inputs) {
    if (place === "header" && input.value !== "") headers[name] = input.value;
  }
  if (body) headers["Content-Type"] = operation.dataset.media;
  const answer = await fetch(address(operation, inputs), {
    method: operation.dataset.method,
    headers,
    body: body?.value,
    credentials: "omit",
    cache: "no-store",
    redirect: "error",
  });
  const text = await answer.text();
  const isJson = /json/.test(answer.headers.get("content-type") ?? "") && !/jsonl/.test(answer.headers.get("content-type"));
  const shown = isJson && text !== "" ? JSON.stringify(JSON.parse(text), null, 2) : text;
  output.replaceChildren(
    make("strong", { textContent: `${words.answer} ${answer.status} ${answer.statusText}` }),
    make("pre", { textContent: shown.slice(0, 200_000), tabIndex: 0 }),
  );
};

const form = (operation) => {
  const inputs = [...operation.querySelectorAll("[data-parameter]")].map((row) => {
    const { parameter: name, place, example } = row.dataset;
    const { input, element } = field(`${name} (${place})`, place === "path" ? example : "");
    return { name, place, input, element };
  });
  const example = operation.querySelector("pre.body");
  const body = example && make("textarea", { value: example.textContent, spellcheck: false });
  const output = make("output");
  const parts = inputs.map(({ element }) => element);
  if (body) parts.push(make("label", {}, words.body, body));
  if (operation.dataset.method !== "GET") parts.push(make("p", { textContent: words.changes }));
  const element = make("form", { className: "try" }, make("h3", { textContent: words.try }), ...parts,
    make("button", { textContent: words.send }), output);
  output.setAttribute("aria-live", "polite");
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    send(operation, inputs, body, output).catch(() => output.replaceChildren(words.failed));
  });
  return element;
};

for (const operation of document.querySelectorAll("details[data-tries]")) {
  operation.addEventListener("toggle", () => operation.append(form(operation)), { once: true });
}

// A link to an operation opens it.
const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
if (target instanceof HTMLDetailsElement) target.open = true;
