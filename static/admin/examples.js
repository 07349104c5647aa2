// @ts-check

/* The page of an agent's examples: while runs are under way it asks again, and puts in the parts that have changed. */

const EVERY = 2000; // ms

/**
 * Put `fresh` in the place of `part`: what was open stays open, what was typed stays, and so does the focus.
 * @param {Element} part
 * @param {Element} fresh
 */
function replace(part, fresh) {
  const focused = document.activeElement;
  const fold = focused?.matches("summary") ? focused.parentElement?.id : "";
  const name = focused?.getAttribute("name");
  const inside = part.contains(focused);
  for (const open of part.querySelectorAll("details[open]")) {
    fresh.querySelector(`details[id="${open.id}"]`)?.setAttribute("open", "");
  }
  for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (part.querySelectorAll("input[type=text]"))) {
    const same = /** @type {HTMLInputElement | null} */ (fresh.querySelector(`input[name="${box.name}"]`));
    if (same) same.value = box.value;
  }
  part.replaceWith(fresh);
  if (!inside) return;
  const again = fold ? document.querySelector(`details[id="${fold}"] > summary`) : fresh.querySelector(`[name="${name}"]`);
  /** @type {HTMLElement | null} */ (again)?.focus();
}

async function refresh() {
  const page = /** @type {HTMLElement} */ (document.getElementById("examples"));
  const answer = await fetch(`${page.dataset.address}?part`).catch(() => null);
  if (answer?.ok) {
    const news = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#examples [data-state]"))) {
      const fresh = news.getElementById(part.id);
      if (fresh && fresh.dataset.state !== part.dataset.state) replace(part, document.importNode(fresh, true));
    }
  }
  wait();
}

function wait() {
  if (document.querySelector("#examples-progress[data-going]")) setTimeout(refresh, EVERY);
}

wait();
