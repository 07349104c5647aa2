// @ts-check
// The visitor's page, and the one on which staff try a draft: joins what is tapped and typed, the call, and the screen.

import { Apology } from "./apology.js";
import { Awake } from "./awake.js";
import { CallbackForm } from "./callback.js";
import { element, readPageData } from "./data.js";
import { tellEnded, tellStarted } from "./embed.js";
import { Levels } from "./levels.js";
import { Screen } from "./screen.js";
import { Transcript } from "./transcript.js";
import { Wording, fill } from "./wording.js";

/** @import { Call, CallListener } from "./call.js" */
/** @import { Choice } from "./data.js" */
/** @import { Outcome } from "./outcome.js" */

const DOUBLE_TAP_MS = 700; // the second tap of an eager thumb must not hang up

const data = readPageData();
const texts = data.texts;
const screen = new Screen(texts);
const awake = new Awake();
const apology = new Apology(data);
const callback = data.mode === "visitor" ? new CallbackForm(data) : null; // a trial never makes a lead
const orb = element("orb");
const log = element("log");
const mute = element("mute");
const recorded = element("recorded");
const typing = document.getElementById("typing");
const typedField = /** @type {HTMLInputElement | null} */ (document.getElementById("typed"));
const typeInstead = document.getElementById("type-instead");
const seeCall = /** @type {HTMLAnchorElement | null} */ (document.getElementById("see-call"));
const transcript = new Transcript(element("transcript"), log, data);

/** @type {Call | null} */
let call = null;
/** @type {Levels | null} */
let levels = null;
let begunAt = 0;
let typedOnly = false; // a trial without sound
let mayType = data.textChat;

// Fetched while the visitor chooses a language, so that a tap calls at once.
const parts = import("./call.js").catch(() => null);

/** @returns {Choice} */
function chosen() {
  const form = new FormData(/** @type {HTMLFormElement} */ (element("start")));
  const text = (/** @type {string} */ name, otherwise = "") => String(form.get(name) ?? otherwise).trim();
  return {
    language: text("language", data.language),
    voice: text("voice", data.defaultVoice),
    userName: text("userName"),
    ...(data.mode === "trial" && { typed: typedOnly }),
    ...(data.mode === "visitor" && { consent: { version: consentVersion(), recording: form.has("recording") } }),
  };
}

/** Names the words that stand above the button: a language's, with the days that they say. */
function consentVersion() {
  return `call-${texts.consentVersion}-${data.values.days || "always"}`;
}

/** @type {CallListener} */
const listener = {
  onStage(stage, text) {
    screen.go(stage, texts[stage === "live" ? "initializing" : text]);
    screen.notify("");
    screen.say(texts[text] ?? "");
    if (stage === "live" && typedOnly) typedField?.focus();
    if (stage === "live" && call) tellStarted(call.id);
  },
  onAgentState(state) {
    orb.dataset.agentState = state;
    if (state === "speaking" && element("notice").dataset.code === "slow") screen.notify("");
    if (screen.state === "live") screen.retitle((typedOnly && texts[`${state}Typed`]) || (texts[state] ?? ""));
  },
  onLine(id, line) {
    transcript.put(id, line);
    if (line.role === "visitor" && element("notice").dataset.code !== "connection") screen.notify("");
  },
  onNotice({ code, text }) {
    if (code === "not_heard") notHeard();
    else if (code === "slow") screen.notify(texts.slow ?? "", code);
    else if (text) screen.notify(text, code);
  },
  onSound(side, track) {
    levels ??= new Levels(orb);
    levels.listen(side, track);
    if (side === "visitor") mute.hidden = false;
  },
  onConnection(weak) {
    screen.notify(weak ? (texts.reconnecting ?? "") : "", "connection");
    if (!weak) screen.say(texts.reconnected ?? "");
  },
  onPlaybackBlocked(blocked) {
    element("hear").hidden = !blocked;
  },
  onEnd: end,
};

function notHeard() {
  const key = data.sandbox ? "sandboxSilent" : "notHeard";
  screen.notify(texts[mayType ? key : `${key}VoiceOnly`] ?? "", "not_heard");
  if (data.sandbox) typedField?.focus();
}

/** @param {{silent: boolean}} how */
async function begin(how) {
  begunAt = Date.now();
  typedOnly = data.mode === "trial" && how.silent;
  mayType = data.textChat || typedOnly;
  if (typing) typing.dataset.show = mayType ? "live" : "never";
  const choice = chosen();
  apology.unlock();
  callback?.withdraw();
  recorded.hidden = !choice.consent?.recording;
  transcript.clear(choice.language);
  log.hidden = false;
  mute.hidden = element("hear").hidden = true;
  paintMute(false);
  orb.dataset.agentState = "initializing";
  screen.go("connecting", texts.connecting);
  if (!window.isSecureContext) return end(plainFailure("insecure"));
  if (!navigator.mediaDevices || !window.RTCPeerConnection) return end(plainFailure("unsupported"));
  const loaded = await parts;
  if (!loaded) return end(plainFailure("offline"));
  if (screen.state !== "connecting") return;
  awake.hold();
  call = new loaded.Call(data, choice, listener, element("visitor"));
  await call.start(how);
}

/**
 * @param {string} text
 * @returns {Outcome}
 */
function plainFailure(text) {
  return { state: "failed", title: "failedTitle", text };
}

/** @param {Outcome} outcome */
function end(outcome) {
  if (seeCall) {
    seeCall.hidden = !call?.id;
    seeCall.href = data.callUrl.replace("call-id", call?.id ?? "");
  }
  tellEnded();
  const visitorKey = call?.visitorKey ?? "";
  call = null;
  levels?.close();
  levels = null;
  awake.release();
  transcript.close();
  log.hidden = transcript.empty;
  screen.notify("");
  screen.go(outcome.state, texts[outcome.title]);
  const why = outcome.detail || fill(texts[outcome.text], { seconds: outcome.retryAfter ?? 0 });
  screen.explain(why, outcome.retryAfter ?? 0);
  if (typeInstead) typeInstead.hidden = !outcome.typing;
  if (!outcome.sorry || !callback) return;
  const { language, userName } = chosen();
  callback.offer({ language, name: userName, visitorKey });
  apology.speak(language);
}

/** @param {boolean} muted */
function paintMute(muted) {
  mute.setAttribute("aria-pressed", String(muted));
  const label = mute.querySelector("span");
  if (label) label.textContent = (muted ? texts.unmute : texts.mute) ?? "";
}

element("start").addEventListener("submit", (event) => {
  event.preventDefault();
  if (screen.state === "idle") void begin({ silent: event.submitter?.id === "type" });
});
if (data.mode === "visitor") {
  const wording = new Wording(data);
  element("start").addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && target.name === "language") void wording.use(target.value);
  });
  // A browser that comes back to the page may have kept another tile chosen.
  if (chosen().language !== data.language) void wording.use(chosen().language);
}
for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("#start [type=submit]"))) {
  button.disabled = false;
}
element("again").addEventListener("click", () => void begin({ silent: typedOnly }));
typeInstead?.addEventListener("click", () => void begin({ silent: true }));

element("back").addEventListener("click", () => {
  apology.hush();
  screen.go("idle");
  /** @type {HTMLElement | null} */ (document.querySelector("input[name=language]:checked"))?.focus();
});

element("hang-up").addEventListener("click", () => {
  if (Date.now() - begunAt < DOUBLE_TAP_MS) return;
  if (call) call.hangUp();
  else end({ state: "ended", title: "endedTitle", text: "endedByVisitor" });
});

element("hear").addEventListener("click", () => void call?.enableSound());

mute.addEventListener("click", () => {
  const muted = mute.getAttribute("aria-pressed") !== "true";
  paintMute(muted);
  screen.say((muted ? texts.muted : texts.unmuted) ?? "");
  void call?.setMuted(muted);
});

typing?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = typedField?.value.trim();
  if (!text || !typedField || !call) return;
  typedField.value = "";
  try {
    await call.type(text);
  } catch {
    typedField.value = text;
    screen.notify(texts.notSent ?? "", "not_sent");
  }
});
