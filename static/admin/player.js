// @ts-check

/* A call's recording in step with its transcript: a line's button plays from there, and the line being heard is marked.
   Players and lines of one call stand in one element with data-heard. */

/** @param {Element} within */
const heardWith = (within) => /** @type {HTMLElement} */ (within.closest("[data-heard]"));

/** The live page puts in new lines, so their buttons are shown as they come. */
function showButtons() {
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".call-play[hidden]"))) button.hidden = false;
}

/** @param {HTMLAudioElement} player */
function mark(player) {
  const turns = [...heardWith(player).querySelectorAll(`.call-turn[data-recording="${player.dataset.recording}"]`)];
  const second = (/** @type {Element} */ turn) => Number(/** @type {HTMLElement} */ (turn).dataset.second);
  // A line is heard until the next one begins.
  const heard = player.paused ? undefined : turns.findLast((turn) => second(turn) <= player.currentTime + 0.05);
  for (const turn of turns) {
    if (turn !== heard) turn.removeAttribute("aria-current");
    else if (!turn.hasAttribute("aria-current")) {
      turn.setAttribute("aria-current", "true");
      turn.scrollIntoView({ block: "nearest" });
    }
  }
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest(".call-play");
  const turn = button && /** @type {HTMLElement | null} */ (button.closest(".call-turn"));
  const player = turn && heardWith(turn).querySelector(`audio[data-recording="${turn.dataset.recording}"]`);
  if (!(player instanceof HTMLAudioElement)) return;
  for (const other of document.querySelectorAll("audio")) if (other !== player) other.pause();
  player.currentTime = Number(turn.dataset.second);
  void player.play();
});

// These do not bubble, and players come and go with the live page.
for (const name of ["play", "pause", "seeked", "timeupdate", "ended"]) {
  document.addEventListener(name, (event) => event.target instanceof HTMLAudioElement && mark(event.target), true);
}

showButtons();
for (const call of document.querySelectorAll("[data-heard]")) {
  new MutationObserver(showButtons).observe(call, { childList: true, subtree: true });
}
