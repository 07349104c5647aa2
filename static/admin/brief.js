// @ts-check

/* The agent form: under each part of the brief its length, and the names that may be written into it. */

const { gettext, ngettext, interpolate } = /** @type {any} */ (window); // of Django's own catalogue, loaded before
const QUIET_MS = 1000; // a screen reader is told the length once typing has paused
const visited = new WeakSet(); // boxes with a caret that somebody has put there
const number = new Intl.NumberFormat("en-IN");

/**
 * The length of a text, as a sentence.
 * @param {string} text
 * @param {number} limit characters
 */
function lengthOf(text, limit) {
  const length = [...text.trim()].length; // characters as the server counts them
  const over = length - limit;
  if (over > 0) {
    const words = ngettext("%s character too many, of %s", "%s characters too many, of %s", over);
    return { over: true, words: interpolate(words, [number.format(over), number.format(limit)]) };
  }
  return { over: false, words: interpolate(gettext("%s of %s characters"), [number.format(length), number.format(limit)]) };
}

/** @param {HTMLTextAreaElement} box */
function count(box) {
  const limit = Number(box.dataset.limit);
  const seen = document.createElement("p");
  const heard = document.createElement("p");
  let pause = 0;
  seen.className = "length";
  seen.setAttribute("aria-hidden", "true");
  heard.className = "for-ears";
  heard.setAttribute("role", "status");
  box.after(seen, heard);

  const show = () => {
    const { over, words } = lengthOf(box.value, limit);
    seen.textContent = words;
    seen.classList.toggle("length-over", over);
    return words;
  };
  box.addEventListener("input", () => {
    const words = show();
    clearTimeout(pause);
    pause = window.setTimeout(() => (heard.textContent = words), QUIET_MS);
  });
  show();
}

/** The names in the box of the agent's own, as far as they are written. */
function ownNames() {
  const box = document.getElementById("id_variables");
  if (!(box instanceof HTMLTextAreaElement)) return [];
  const names = box.value.split("\n").map((line) => /^\s*([a-z][a-z0-9_]*)\s*=/.exec(line)?.[1] ?? "");
  return [...new Set(names)].filter(Boolean);
}

/**
 * Beside a part of the brief, a button for each name that writes it there.
 * @param {HTMLElement} place
 * @param {HTMLTextAreaElement} box
 * @param {string[]} names
 */
function offerNames(place, box, names) {
  const buttons = names.map((name) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `{${name}}`;
    button.title = interpolate(gettext("Write %s into the text"), [button.textContent]);
    button.addEventListener("click", () => {
      const [start, end] = visited.has(box) ? [box.selectionStart, box.selectionEnd] : [box.value.length, box.value.length];
      box.setRangeText(button.textContent ?? "", start, end, "end");
      box.dispatchEvent(new Event("input", { bubbles: true }));
      box.dispatchEvent(new Event("change", { bubbles: true })); // so that leaving the page asks first
      box.focus();
    });
    return button;
  });
  place.querySelectorAll("code, button").forEach((old) => old.remove());
  place.append(...buttons);
}

for (const box of document.querySelectorAll("textarea[data-limit]")) {
  count(/** @type {HTMLTextAreaElement} */ (box));
  box.addEventListener("focus", () => visited.add(box));
}

const places = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".names[data-into]"));
const always = [...(places[0]?.querySelectorAll("code[data-always]") ?? [])].map((code) =>
  (code.textContent ?? "").slice(1, -1),
);
const offerAll = () => {
  for (const place of places) {
    const box = document.getElementById(place.dataset.into ?? "");
    if (box instanceof HTMLTextAreaElement) offerNames(place, box, [...always, ...ownNames()]);
  }
};
document.getElementById("id_variables")?.addEventListener("input", offerAll);
offerAll();
