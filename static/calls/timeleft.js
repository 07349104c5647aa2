// @ts-check
// The last minute of a call, counted down from what the agent tells, where both sides' words are not disturbed by it.

import { element } from "./data.js";
import { fill } from "./wording.js";

/** @import { Texts } from "./data.js" */

export class TimeLeft {
  #place = element("time-left");
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #clock;

  /** @param {Texts} texts */
  constructor(texts) {
    this.texts = texts;
  }

  /** @param {number} seconds until the call ends */
  count(seconds) {
    this.stop();
    const end = Date.now() + seconds * 1000;
    const tick = () => {
      const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      this.#place.textContent = fill(this.texts.timeLeft, { time });
    };
    tick();
    this.#place.hidden = false;
    this.#clock = setInterval(tick, 1000);
  }

  stop() {
    clearInterval(this.#clock);
    this.#place.hidden = true;
  }
}
