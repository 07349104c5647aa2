// @ts-check
// Says that nobody can talk now, where a clip of it can be had. The page shows the same words all the same.

/** @import { PageData } from "./data.js" */

export class Apology {
  #player = new Audio();

  /** @param {PageData} data */
  constructor(data) {
    this.url = data.apologyUrl;
  }

  /** Call from a tap, for Safari lets a player sound later only if it was loaded in one. Ends what it is saying. */
  unlock() {
    this.hush();
    this.#player.load();
  }

  /** @param {string} language */
  speak(language) {
    this.#player.src = this.url.replace("language-code", language);
    this.#player.play().catch(() => {}); // no clip, or no sound allowed
  }

  hush() {
    this.#player.pause();
    this.#player.removeAttribute("src");
  }
}
