// @ts-check

/* The page that shares an agent: copies, prints, makes the widget's tag of what is chosen, and shows it at work. */

const { gettext } = /** @type {any} */ (window); // of Django's own catalogue, loaded before

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const widget = element("share-widget");
const choices = /** @type {HTMLFormElement} */ (element("share-choices"));

/** @param {HTMLButtonElement} button */
async function copy(button) {
  const source = element(button.dataset.copies ?? "");
  getSelection()?.selectAllChildren(source);
  // The first is there on secure pages only; without either, the text stays selected.
  const done = await navigator.clipboard?.writeText(source.textContent ?? "").then(
    () => true,
    () => false,
  );
  const words = done || document.execCommand("copy") ? gettext("Copied") : gettext("Press Ctrl and C to copy");
  const label = button.textContent;
  button.textContent = element("share-status").textContent = words;
  setTimeout(() => {
    button.textContent = label;
    element("share-status").textContent = "";
  }, 3000);
}

/** The widget's attributes, as chosen. */
function attributes() {
  const chosen = new FormData(choices);
  const names = ["language", "colour", "position"];
  const pairs = names.map((name) => [name, String(chosen.get(`widget-${name}`))]);
  return { agent: widget.dataset.agent ?? "", ...Object.fromEntries(pairs) };
}

function show() {
  const chosen = attributes();
  // Every value is an id, a code or a colour: none needs escaping.
  const written = Object.entries(chosen).map(([name, value]) => `data-${name}="${value}"`);
  element("share-tag").textContent = `<script src="${widget.dataset.src}" ${written.join(" ")} async></script>`;
  if (!("preview" in widget.dataset)) return;
  document.querySelector("vaani-widget")?.remove();
  const script = document.createElement("script");
  script.src = "/widget.js"; // ours by whatever name this page was opened
  Object.assign(script.dataset, chosen);
  document.head.append(script);
  script.remove();
}

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-copies]"))) {
  button.addEventListener("click", () => void copy(button));
}
const printButton = element("share-print");
printButton.hidden = false;
printButton.addEventListener("click", () => window.print());
choices.addEventListener("change", show);
choices.addEventListener("submit", (event) => event.preventDefault());
show();
