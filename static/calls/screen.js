// @ts-check
// What the page shows: its state, the words about it, and where the keyboard is.

import { element } from "./data.js";
import { fill } from "./wording.js";

/** @import { Texts } from "./data.js" */

/** @typedef {"idle" | "connecting" | "waiting" | "live" | "ended" | "failed"} State */

export class Screen {
  #root = element("visitor");
  #title = element("state");
  #why = element("why");
  #notice = element("notice");
  #status = element("status");
  #again = element("again");
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #countdown;
  /** @type {Map<string, string>} by code: what lasts until it is over */
  #standing = new Map();
  #passing = { code: "", text: "" };

  /** @param {Texts} texts */
  constructor(texts) {
    this.texts = texts;
  }

  get state() {
    return /** @type {State} */ (this.#root.dataset.state);
  }

  /**
   * Go to `state`: show its parts and hide the others.
   *
   * @param {State} state
   * @param {string} [title]
   */
  go(state, title = "") {
    const focused = document.activeElement;
    const pressed = state === "connecting" ? this.state !== "connecting" : state === "ended" || state === "failed";
    this.#root.dataset.state = state;
    for (const part of document.querySelectorAll("[data-show]")) {
      if (part instanceof HTMLElement) part.hidden = !part.dataset.show?.split(" ").includes(state);
    }
    this.#title.textContent = title;
    clearInterval(this.#countdown);
    this.#again.textContent = this.texts.callAgain ?? "";
    // The pressed button is gone, or the field that was typed in: the keyboard must not be left nowhere.
    if (pressed || focused?.closest("[hidden]")) this.#title.focus();
  }

  /** @param {string} title */
  retitle(title) {
    this.#title.textContent = title;
  }

  /**
   * Say why the call is over and, when the server named a time, count down to it. Calling stays possible.
   *
   * @param {string} why
   * @param {number} retryAfter seconds, or 0
   */
  explain(why, retryAfter) {
    this.#why.textContent = why;
    this.say(why);
    if (!retryAfter) return;
    const until = Date.now() + retryAfter * 1000;
    const tick = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      this.#again.textContent =
        left > 0 ? fill(this.texts.callAgainIn, { seconds: left }) : (this.texts.callAgain ?? "");
      if (left <= 0) clearInterval(this.#countdown);
    };
    tick();
    this.#countdown = setInterval(tick, 1000);
  }

  /**
   * Tell people who do not see the screen.
   *
   * @param {string} text
   */
  say(text) {
    this.#status.textContent = text;
  }

  /** Code of the notice that passes, empty when there is none. */
  get passing() {
    return this.#passing.code;
  }

  /**
   * Put a notice under the title, for everyone, until the next one. Empty takes it away.
   *
   * @param {string} text
   * @param {string} code kind of notice, for style and tests
   */
  notify(text, code = "") {
    this.#passing = { code, text };
    this.#paint();
  }

  /**
   * Put a notice there that no passing one takes away, until it is over: then `text` is empty.
   *
   * @param {string} code
   * @param {string} text
   */
  stand(code, text) {
    if (text) this.#standing.set(code, text);
    else this.#standing.delete(code);
    this.#paint();
  }

  /** Take every notice away. */
  settle() {
    this.#standing.clear();
    this.notify("");
  }

  #paint() {
    const [first] = this.#standing;
    const { code, text } = first ? { code: first[0], text: first[1] } : this.#passing;
    if (text && (text !== this.#notice.textContent || this.#notice.hidden)) this.say(text);
    this.#notice.textContent = text;
    this.#notice.dataset.code = code;
    this.#notice.hidden = !text;
  }
}
