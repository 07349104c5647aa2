// @ts-check

/* A call's recording in step with its transcript: a line's button plays from there, and the line being heard is marked. */

const talk = /** @type {HTMLElement} */ (document.getElementById("call-talk"));

/** @param {string | undefined} recording */
const playerOf = (recording) =>
  /** @type {HTMLAudioElement | null} */ (document.querySelector(`audio[data-recording="${Number(recording)}"]`));

/** @param {string} recording */
const turnsOf = (recording) =>
  /** @type {NodeListOf<HTMLElement>} */ (talk.querySelectorAll(`.call-turn[data-recording="${Number(recording)}"]`));

/** The live page puts in new lines, so their buttons are shown as they come. */
function showButtons() {
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (talk.querySelectorAll(".call-play[hidden]"))) button.hidden = false;
}

/** @param {HTMLAudioElement} player */
function mark(player) {
  const turns = [...turnsOf(player.dataset.recording ?? "")];
  // A line is heard until the next one begins.
  const heard = player.paused ? undefined : turns.findLast((turn) => Number(turn.dataset.second) <= player.currentTime + 0.05);
  for (const turn of turns) {
    if (turn !== heard) turn.removeAttribute("aria-current");
    else if (!turn.hasAttribute("aria-current")) {
      turn.setAttribute("aria-current", "true");
      turn.scrollIntoView({ block: "nearest" });
    }
  }
}

talk.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest(".call-play");
  const turn = button && /** @type {HTMLElement | null} */ (button.closest(".call-turn"));
  const player = turn && playerOf(turn.dataset.recording);
  if (!player) return;
  for (const other of document.querySelectorAll("audio")) if (other !== player) other.pause();
  player.currentTime = Number(turn.dataset.second);
  void player.play();
});

// These do not bubble, and players come and go with the live page.
for (const name of ["play", "pause", "seeked", "timeupdate", "ended"]) {
  document.addEventListener(name, (event) => event.target instanceof HTMLAudioElement && mark(event.target), true);
}

showButtons();
new MutationObserver(showButtons).observe(talk, { childList: true });
