// @ts-check

/* The page of a file that is being made: asks how far it is until it is there. */

const BETWEEN_LOOKS = 1000; // ms
const GOING = "#export-going"; // what changes silently: nobody wants to hear each second how many rows there are

async function refresh() {
  const shown = /** @type {HTMLElement} */ (document.getElementById("export"));
  const answer = await fetch("?part").catch(() => null);
  if (answer?.ok && !answer.redirected) {
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("export");
    const going = fresh?.querySelector(GOING);
    if (going) shown.querySelector(GOING)?.replaceWith(document.importNode(going, true));
    else if (fresh) shown.replaceChildren(...document.importNode(fresh, true).childNodes);
  }
  wait();
}

function wait() {
  if (document.querySelector(GOING)) setTimeout(refresh, BETWEEN_LOOKS);
}

wait();
