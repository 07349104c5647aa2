// @ts-check
// A call that was cut off: remembered for a quarter of an hour, also when the page was closed, and offered to go on with.

import { element } from "./data.js";

/** @import { PageData } from "./data.js" */
/** @import { Outcome } from "./outcome.js" */
/** @import { Line } from "./transcript.js" */

/**
 * A call under way: in which language, whether it is recorded, and whether it is without a microphone.
 *
 * @typedef {object} Held
 * @property {string} callId
 * @property {string} visitorKey
 * @property {string} language
 * @property {boolean} recorded
 * @property {boolean} silent
 */

/** @typedef {Held & {seenAt: number, dropped: boolean}} Kept when it was last on a page, and whether it is on none now */

const WITHIN_MS = 15 * 60_000;
const SEEN_MS = 5_000;
const SILENT_MS = 3 * SEEN_MS; // a page that has not been heard of for so long is gone without a word
const PATIENCE_MS = 5_000;

export class Resume {
  #place = element("resume");
  #home = this.#place.nextElementSibling; // before which it stands until there was a call
  /** @type {Kept | null} */
  #kept = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #clock;

  /**
   * @param {PageData} data
   * @param {(kept: Kept) => void} goOn
   */
  constructor(data, goOn) {
    this.data = data;
    this.name = `vaani:call:${data.agentId}`;
    element("resume-go").addEventListener("click", () => {
      const kept = this.#stored();
      if (kept) goOn(kept);
    });
    window.addEventListener("pagehide", () => {
      if (this.#clock) this.#see(true);
    });
  }

  /** Offer the call that was cut off, if there is one. */
  offer() {
    this.#show(this.#home);
  }

  /** @param {Held} call under way from now on */
  hold(call) {
    this.#kept = { ...call, seenAt: 0, dropped: false };
    this.#see(false);
    clearInterval(this.#clock);
    this.#clock = setInterval(() => this.#see(false), SEEN_MS);
  }

  /**
   * A call is over, or could not begin: offer to go on with it where it was cut off.
   *
   * @param {Outcome} outcome
   */
  release(outcome) {
    const wasHeld = this.#clock !== undefined;
    clearInterval(this.#clock);
    this.#clock = undefined;
    if (outcome.text === "elsewhere") return; // there it is remembered
    if (wasHeld && outcome.title === "lostTitle") this.#see(true);
    else if (outcome.state === "ended") this.forget();
    this.#show(element("time-left"));
  }

  /** The visitor begins anew. */
  forget() {
    this.#kept = null;
    this.hide();
    try {
      localStorage.removeItem(this.name);
    } catch {
      // A browser that keeps nothing.
    }
  }

  hide() {
    this.#place.hidden = true;
  }

  /**
   * What was said before the call was cut off; nothing when it cannot be had.
   *
   * @param {Kept} kept
   * @returns {Promise<Line[]>}
   */
  async earlier({ callId, visitorKey }) {
    try {
      const response = await fetch(this.data.transcriptUrl.replace("call-id", callId), {
        headers: { Authorization: `Bearer ${visitorKey}` },
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const { lines = [] } = response.ok ? await response.json() : {};
      return lines.map((/** @type {Line} */ { role, text }) => ({ role, text, final: true, typed: true }));
    } catch {
      return [];
    }
  }

  /** @param {Element | null} next before which the offer stands */
  #show(next) {
    const kept = this.#stored();
    const age = Date.now() - (kept?.seenAt ?? 0);
    this.#place.hidden = !kept || !(kept.dropped || age > SILENT_MS);
    next?.before(this.#place);
  }

  /** @returns {Kept | null} */
  #stored() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.name) ?? "null") ?? this.#kept;
      return kept && Date.now() - kept.seenAt < WITHIN_MS ? kept : null;
    } catch {
      return this.#kept;
    }
  }

  /** @param {boolean} dropped */
  #see(dropped) {
    if (!this.#kept) return;
    this.#kept = { ...this.#kept, seenAt: Date.now(), dropped };
    try {
      localStorage.setItem(this.name, JSON.stringify(this.#kept));
    } catch {
      // This page remembers it all the same.
    }
  }
}
