// @ts-check
// The visitor's page, and the one on which staff try a draft: joins what is tapped and typed, the call, and the screen.

import "./older.js";
import { Apology } from "./apology.js";
import { Awake } from "./awake.js";
import { CallbackForm } from "./callback.js";
import { element, readPageData } from "./data.js";
import { hearHangUp, tellEnded, tellStarted } from "./embed.js";
import { Levels } from "./levels.js";
import { Resume } from "./resume.js";
import { Samples } from "./samples.js";
import { Screen } from "./screen.js";
import { Speakers } from "./speakers.js";
import { Summary } from "./summary.js";
import { TimeLeft } from "./timeleft.js";
import { Transcript } from "./transcript.js";
import { WayOut, findObstacle } from "./wayout.js";
import { Wording, chosenBefore, fill } from "./wording.js";

/** @import { Call, CallListener } from "./call.js" */
/** @import { Choice } from "./data.js" */
/** @import { Outcome } from "./outcome.js" */
/** @import { Kept } from "./resume.js" */

const DOUBLE_TAP_MS = 700; // the second tap of an eager thumb must not hang up
const AS_BEFORE = { language: "", voice: "", userName: "" };

const data = readPageData();
const texts = data.texts;
const screen = new Screen(texts);
const awake = new Awake();
const apology = new Apology(data);
const samples = new Samples(data, chosen);
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
const summary = callback && new Summary(data, element("transcript"));
const resume = callback && new Resume(data, (kept) => void begin(kept, kept));
const timeLeft = new TimeLeft(texts);
const speakers = new Speakers(texts, async (deviceId) => call?.hearFrom(deviceId));
const wayOut = new WayOut(texts, (text) => screen.say(text));
const obstacle = findObstacle();

/** @type {Call | null} */
let call = null;
/** @type {Levels | null} */
let levels = null;
let begunAt = 0;
let beginning = 0; // moves on as a call begins or ends, by which one that still loads sees that it is hung up
let typedOnly = false; // without sound
let mayType = data.textChat;
let stale = false; // only the page as it is today can call

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
    typed: typedOnly,
    ...(data.mode === "visitor" && {
      consent: { version: consentVersion(), recording: form.has("recording"), callback: form.has("callback") },
    }),
  };
}

/** Names the words that stand around the button: a language's, and what the agent adds to them. */
function consentVersion() {
  return `call-${texts.consentVersion}-${data.termsVersion}`;
}

/** @type {CallListener} */
const listener = {
  onStage(stage, text) {
    screen.go(stage, texts[stage === "live" ? "initializing" : text]);
    screen.notify("");
    screen.say(texts[text] ?? "");
    if (stage === "live" && typedOnly) typedField?.focus();
    if (stage === "live" && call) {
      tellStarted(call.id);
      const { id: callId, visitorKey } = call;
      resume?.hold({ callId, visitorKey, language: transcript.language, recorded: !recorded.hidden, silent: typedOnly });
    }
  },
  onAgentState(state) {
    orb.dataset.agentState = state;
    if (state === "speaking") {
      transcript.mark(false);
      if (screen.passing === "slow") screen.notify("");
    }
    if (screen.state === "live") screen.retitle((typedOnly && texts[`${state}Typed`]) || (texts[state] ?? ""));
  },
  onLine(id, line) {
    transcript.put(id, line);
    if (line.role === "visitor") screen.notify("");
  },
  onNotice({ code, text, seconds = 0 }) {
    if (code === "not_heard") notHeard();
    else if (code === "slow") screen.notify(texts.slow ?? "", code);
    else if (code === "microphone_changed") screen.notify(texts.microphoneChanged ?? "", code);
    else if (code === "time_left") timeLeft.count(seconds);
    else if (text) screen.notify(text, code);
  },
  onSound(side, track) {
    levels ??= new Levels(orb);
    levels.listen(side, track);
    if (side === "visitor") mute.hidden = false;
    else speakers.offer();
  },
  onSpeaking(speaking) {
    transcript.mark(speaking);
  },
  onMicrophone(trouble) {
    screen.stand("microphone", texts[trouble] ?? "");
    if (trouble) transcript.mark(false);
    else levels?.wake();
  },
  onConnection(weak) {
    screen.notify(""); // this explains why an answer was slow
    screen.stand("connection", weak ? (texts.reconnecting ?? "") : "");
    if (!weak) screen.say(texts.reconnected ?? "");
  },
  onPlaybackBlocked(blocked) {
    element("hear").hidden = !blocked;
  },
  onEnd: end,
};

function notHeard() {
  transcript.mark(false);
  const key = data.sandbox ? "sandboxSilent" : "notHeard";
  screen.notify(texts[mayType ? key : `${key}VoiceOnly`] ?? "", "not_heard");
  if (data.sandbox) typedField?.focus();
}

/**
 * @param {{silent: boolean}} how
 * @param {Kept | null} cutOff the call that is gone on with
 */
async function begin(how, cutOff = null) {
  begunAt = Date.now();
  beginning += 1;
  const mine = beginning;
  typedOnly = how.silent;
  mayType = data.textChat || typedOnly;
  if (typing) typing.dataset.show = mayType ? "live" : "never";
  // The server knows what was chosen for a call that is gone on with.
  const choice = cutOff ? { ...AS_BEFORE, typed: typedOnly, visitorKey: cutOff.visitorKey } : chosen();
  samples.hush();
  apology.unlock();
  callback?.withdraw();
  summary?.hide();
  if (cutOff) resume?.hide();
  else resume?.forget();
  wayOut.hide();
  recorded.hidden = typedOnly || !(cutOff?.recorded ?? choice.consent?.recording);
  transcript.clear(cutOff?.language ?? choice.language);
  log.hidden = false;
  mute.hidden = element("hear").hidden = true;
  paintMute(false);
  orb.dataset.agentState = "initializing";
  screen.go("connecting", texts.connecting);
  const [loaded, before] = await Promise.all([parts, cutOff && resume?.earlier(cutOff)]);
  if (mine !== beginning) return;
  if (!loaded) return end({ state: "failed", title: "failedTitle", text: "offline", stale: true });
  for (const [number, line] of (before ?? []).entries()) transcript.put(`earlier-${number}`, line);
  awake.hold();
  call = new loaded.Call(data, choice, listener, element("visitor"));
  await call.start(how);
}

/** @param {Outcome} outcome */
function end(outcome) {
  beginning += 1;
  if (seeCall) {
    seeCall.hidden = !call?.id;
    seeCall.href = data.callUrl.replace("call-id", call?.id ?? "");
  }
  tellEnded();
  const { id = "", visitorKey = "" } = call ?? {};
  call = null;
  levels?.close();
  levels = null;
  awake.release();
  transcript.close();
  log.hidden = transcript.empty;
  timeLeft.stop();
  speakers.withdraw();
  screen.settle();
  screen.go(outcome.state, texts[outcome.title]);
  const said = data.mode === "trial" && outcome.detail; // staff know what a draft is, and English
  screen.explain(said || fill(texts[outcome.text], { seconds: outcome.retryAfter ?? 0 }), outcome.retryAfter ?? 0);
  stale = outcome.stale ?? false;
  if (stale) element("again").textContent = texts.reload ?? "";
  if (typeInstead) typeInstead.hidden = !outcome.typing;
  if (obstacle && outcome.typing) {
    wayOut.show(obstacle, element("ways-on"));
    screen.explain("", 0); // how to allow it in a browser does not help in an app
  }
  if (id && outcome.state === "ended" && outcome.text !== "elsewhere") void summary?.show({ id, visitorKey });
  resume?.release(outcome);
  if (!outcome.sorry || !callback) return;
  const { language } = transcript; // the call's, which the form before it need not name
  callback.offer({ language, name: chosen().userName, visitorKey });
  apology.speak(language);
}

/** @param {boolean} muted */
function paintMute(muted) {
  mute.dataset.muted = String(muted);
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
  const before = chosenBefore();
  for (const tile of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[name=language]"))) {
    if (tile.value === before) tile.checked = true;
  }
  // A browser that comes back to the page may have kept another tile chosen too.
  if (chosen().language !== data.language) void wording.use(chosen().language);
}
for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("#start [type=submit]"))) {
  button.disabled = false;
}
showObstacle();
resume?.offer();

/** Say before the call what stands in its way, and take away what it makes useless. */
function showObstacle() {
  if (!obstacle) return;
  wayOut.show(obstacle, element("start"));
  const talk = /** @type {HTMLButtonElement} */ (element("call"));
  talk.hidden = talk.disabled = obstacle.fatal; // a hidden button is still pressed by Enter
  const type = document.getElementById("type");
  if (type) type.hidden = !window.isSecureContext || !window.RTCPeerConnection;
}

element("again").addEventListener("click", () => {
  if (stale) location.reload();
  else void begin({ silent: typedOnly });
});
typeInstead?.addEventListener("click", () => void begin({ silent: true }));

element("back").addEventListener("click", () => {
  apology.hush();
  screen.go("idle");
  showObstacle();
  summary?.hide();
  resume?.offer();
  /** @type {HTMLElement | null} */ (document.querySelector("input[name=language]:checked"))?.focus();
});

element("hang-up").addEventListener("click", () => {
  if (Date.now() - begunAt < DOUBLE_TAP_MS) return;
  if (call) call.hangUp();
  else end({ state: "ended", title: "endedTitle", text: "endedByVisitor" });
});

hearHangUp(() => call?.hangUp());

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible") return;
  call?.wake();
  levels?.wake();
});

element("hear").addEventListener("click", () => void call?.enableSound());

mute.addEventListener("click", () => {
  const muted = mute.dataset.muted !== "true";
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
