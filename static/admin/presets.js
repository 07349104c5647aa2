// @ts-check

/* The agent form: ready settings that fill several boxes at once. The one that fits what stands there is marked. */

const group = /** @type {HTMLElement | null} */ (document.querySelector(".presets"));

/**
 * The boxes a preset fills, and what it writes into each.
 * @param {HTMLButtonElement} button
 * @returns {[HTMLInputElement, number][]}
 */
function boxesOf(button) {
  const values = Object.entries(JSON.parse(button.dataset.values ?? "{}"));
  return values.flatMap(([name, value]) => {
    const box = document.getElementById(`id_${name}`);
    return box instanceof HTMLInputElement ? [[box, value]] : [];
  });
}

/** @param {HTMLElement} group */
function offer(group) {
  const presets = [...group.querySelectorAll("button")].map((button) => ({ button, boxes: boxesOf(button) }));
  if (!presets[0]?.boxes.length) return; // to look at only

  const mark = () => {
    for (const { button, boxes } of presets) {
      const fits = boxes.every(([box, value]) => box.value.trim() !== "" && Number(box.value) === value);
      button.setAttribute("aria-pressed", String(fits));
    }
  };
  for (const { button, boxes } of presets) {
    button.addEventListener("click", () => {
      for (const [box, value] of boxes) {
        box.value = String(value);
        box.dispatchEvent(new Event("change", { bubbles: true })); // so that leaving the page asks first
      }
      mark();
    });
    for (const [box] of boxes) box.addEventListener("input", mark);
  }
  mark();
  group.hidden = false;
}

if (group) offer(group);
