// @ts-check

/* The agent form: a voice is heard when it is chosen, and by a button beside it, in the form's first language. */

const { gettext, interpolate } = /** @type {any} */ (window); // of Django's own catalogue, loaded before
const player = new Audio();
let sound = "";
let latest = 0;

/**
 * The voice's WAV, or an error whose message can be shown.
 * @param {string} voice
 */
async function fetchSample(voice) {
  const first = /** @type {HTMLSelectElement} */ (document.getElementById("id_default_language"));
  const query = new URLSearchParams({ language: first.value });
  const answer = await fetch(`/api/voices/${encodeURIComponent(voice)}/sample?${query}`).catch(() => null);
  if (answer?.ok) return answer.blob();
  const problem = await answer?.json().catch(() => null);
  throw new Error(problem?.detail ?? gettext("The voice can't be heard just now."));
}

/**
 * @param {HTMLButtonElement} button
 * @param {string} voice
 * @param {HTMLElement} message
 */
async function hear(button, voice, message) {
  const mine = ++latest;
  player.pause();
  message.textContent = "";
  button.setAttribute("aria-busy", "true");
  try {
    const sample = await fetchSample(voice);
    if (mine !== latest) return; // another voice was asked for meanwhile
    URL.revokeObjectURL(sound);
    sound = URL.createObjectURL(sample);
    player.src = sound;
    await player.play();
  } catch (error) {
    if (mine === latest) message.textContent = /** @type {Error} */ (error).message;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

const list = document.getElementById("id_voices");
const message = document.createElement("p");
message.className = "voice-message";
message.setAttribute("role", "status");
list?.after(message);

/** @type {Map<string, HTMLButtonElement>} */
const buttons = new Map();
for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[name=voices]"))) {
  const label = box.closest("label");
  if (!label) continue;
  const button = document.createElement("button");
  const name = (label.textContent ?? "").trim().split(",")[0];
  button.type = "button";
  button.className = "voice-sample material-symbols-outlined";
  button.textContent = "play_circle";
  button.title = interpolate(gettext("Hear %s"), [name]);
  button.setAttribute("aria-label", button.title);
  button.addEventListener("click", () => hear(button, box.value, message));
  box.addEventListener("change", () => box.checked && hear(button, box.value, message));
  buttons.set(box.value, button);
  label.parentElement?.classList.add("voice-choice");
  label.after(button);
}

document.getElementById("id_default_voice")?.addEventListener("change", (event) => {
  const voice = /** @type {HTMLSelectElement} */ (event.target).value;
  const button = buttons.get(voice);
  if (button) void hear(button, voice, message);
});
