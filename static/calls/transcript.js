// @ts-check
// The words of both sides as they are said.

import { element } from "./data.js";

/** @import { PageData } from "./data.js" */

/** @typedef {"agent" | "visitor"} Role */

/**
 * @typedef {object} Line
 * @property {Role} role
 * @property {string} text whole text of the line so far
 * @property {boolean} final
 * @property {boolean} typed
 */

const NEAR_END = 48; // pixels: who scrolled further up is reading, and is left alone

export class Transcript {
  /** @type {Map<string, HTMLLIElement>} */
  #lines = new Map();
  #following = true;
  #mark = element("speaking");

  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} log the scrolling box around it
   * @param {PageData} data
   */
  constructor(list, log, data) {
    this.list = list;
    this.log = log;
    this.data = data;
    this.language = "";
    log.addEventListener("scroll", () => {
      this.#following = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;
    });
    // The box shrinks under a notice or the phone's keyboard.
    new ResizeObserver(() => this.#follow()).observe(log);
  }

  get empty() {
    return this.#lines.size === 0;
  }

  /** @param {string} language of the call that begins */
  clear(language) {
    this.#lines.clear();
    this.#following = true;
    this.list.replaceChildren();
    this.mark(false);
    this.language = language;
  }

  /**
   * Add the line `id`, or replace its text.
   *
   * @param {string} id
   * @param {Line} line
   */
  put(id, line) {
    const item = this.#lines.get(id) ?? this.#add(id, line);
    const text = item.querySelector("[data-text]");
    if (text) text.textContent = line.text;
    item.dataset.final = String(line.final);
    // A screen reader waits for the whole sentence.
    item.setAttribute("aria-busy", String(!line.final));
    if (line.role === "visitor") this.mark(false);
    this.#follow();
  }

  /**
   * Show that the visitor is heard, in the place where the words will be once the sentence is understood.
   *
   * @param {boolean} speaking
   */
  mark(speaking) {
    this.#mark.hidden = !speaking;
    this.#follow();
  }

  #follow() {
    if (this.#following) this.log.scrollTop = this.log.scrollHeight;
  }

  /** Nothing more will come: lines cut short stand as they are. */
  close() {
    this.mark(false);
    for (const item of this.#lines.values()) item.setAttribute("aria-busy", "false");
  }

  /**
   * @param {string} id
   * @param {Line} line
   */
  #add(id, line) {
    const item = document.createElement("li");
    item.className = "line";
    item.dataset.role = line.role;
    item.dataset.typed = String(line.typed);
    const who = document.createElement("span");
    who.className = "sr-only";
    who.textContent = `${line.role === "agent" ? this.data.agentName : this.data.texts.you}: `;
    const text = document.createElement("span");
    text.className = "line-text";
    text.dataset.text = "";
    text.lang = this.language;
    text.dir = "auto";
    item.append(who, text);
    if (line.role === "visitor" && !line.typed && this.data.sandbox) {
      const tag = document.createElement("span");
      tag.className = "line-tag";
      tag.dataset.tag = "sandbox";
      tag.textContent = this.data.texts.sandboxHeard ?? "";
      item.append(tag);
    }
    this.#lines.set(id, item);
    this.list.append(item);
    return item;
  }
}
