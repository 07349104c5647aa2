// @ts-check

/* The page of a lead by keyboard. Every key presses a button or a link that is on the page, so nothing hangs on this
   script but the keys, and that a value shows its line while one is at it. */

const OFF = "vaani-review-keys-off"; // in this browser's storage

const rows = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".lead-value[id]")]);
const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("keys"));
const keysButton = /** @type {HTMLElement} */ (document.getElementById("keys-open"));
const switched = /** @type {HTMLInputElement} */ (document.getElementById("keys-on"));

/** @param {Element} row */
function showLines(row) {
  for (const lit of document.querySelectorAll(".call-turn[data-lit]")) lit.removeAttribute("data-lit");
  const turns = (/** @type {HTMLElement} */ (row).dataset.turns ?? "").split(" ").filter(Boolean);
  const lines = turns.map((id) => document.getElementById(id)).filter((line) => line !== null);
  for (const line of lines) {
    line.dataset.lit = "";
    line.closest("details")?.setAttribute("open", "");
  }
  const pane = lines[0]?.closest(".lead-calls");
  // On a phone the lines are below: there one goes to them by pressing the value.
  if (pane && pane.scrollHeight > pane.clientHeight + 1) scrollInside(pane, lines[0]);
}

/**
 * Bring a line into the middle of its pane without moving the page.
 * @param {Element} pane
 * @param {Element} line
 */
function scrollInside(pane, line) {
  const [outer, inner] = [pane.getBoundingClientRect(), line.getBoundingClientRect()];
  pane.scrollTop += inner.top - outer.top - (outer.height - inner.height) / 2;
}

/** @param {HTMLElement | undefined | null} row */
function goTo(row) {
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

/** What the address names after its #: a value, or the button that accepts. A box that has a fault comes before it. */
function goWhereAddressSays() {
  const fault = /** @type {HTMLElement | null} */ (document.querySelector("[aria-invalid=true]"));
  if (fault) return fault.focus();
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named?.matches(".lead-value, #accept")) goTo(named);
}

/**
 * Press what has this key, of the whole page or of one row.
 * @param {ParentNode} within
 * @param {string} name
 * @param {string} key
 */
function press(within, name, key) {
  const found = /** @type {HTMLElement | null} */ (within.querySelector(`[data-${name}~="${CSS.escape(key)}"]`));
  found?.click();
  return found;
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat || dialog.open) return;
  const target = /** @type {HTMLElement} */ (event.target);
  const row = /** @type {HTMLElement | null} */ (target.closest(".lead-value"));
  if (target.matches("input, select, textarea")) {
    if (event.key === "Escape" && row) {
      row.querySelector("details")?.removeAttribute("open");
      goTo(row);
    }
    return;
  }
  if (switched.checked && (takenByRow(event, row, target) || press(document, "key", event.key))) event.preventDefault();
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement | null} row
 * @param {HTMLElement} target
 */
function takenByRow(event, row, target) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && (row || document.activeElement === document.body)) {
    goTo(row ? rows[rows.indexOf(row) + step] : rows[step > 0 ? 0 : rows.length - 1]);
    return true;
  }
  if (!row || (event.key === "Enter" && target !== row)) return false; // a button takes Enter for itself
  const pressed = press(row, "row-key", event.key);
  if (pressed?.matches("summary")) /** @type {HTMLInputElement} */ (row.querySelector(".lead-box")).select?.();
  return pressed !== null;
}

for (const row of rows) {
  row.tabIndex = 0;
  row.addEventListener("focusin", () => showLines(row));
  row.querySelector("details")?.addEventListener("toggle", (event) => {
    const box = /** @type {HTMLDetailsElement} */ (event.target).open && row.querySelector(".lead-box");
    if (box) /** @type {HTMLElement} */ (box).focus();
  });
}
keysButton.hidden = false;
keysButton.addEventListener("click", () => dialog.showModal());
switched.checked = !localStorage.getItem(OFF);
switched.addEventListener("change", () => {
  if (switched.checked) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
});
addEventListener("keydown", onKey);
addEventListener("hashchange", goWhereAddressSays);
goWhereAddressSays();
