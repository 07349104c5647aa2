// @ts-check
// A voice is heard before the call: when it is tapped, and by a button, in the language that is chosen.

import { element } from "./data.js";

/** @import { Choice, PageData } from "./data.js" */

export class Samples {
  #player = new Audio();
  #fault = element("hear-voice-fault");

  /**
   * @param {PageData} data
   * @param {() => Choice} chosen
   */
  constructor(data, chosen) {
    this.data = data;
    this.chosen = chosen;
    element("hear-voice").addEventListener("click", () => void this.#hear());
    element("start").addEventListener("change", ({ target }) => {
      if (target instanceof HTMLInputElement && target.name === "voice") void this.#hear();
    });
  }

  hush() {
    this.#player.pause();
  }

  async #hear() {
    const { voice, language } = this.chosen();
    const src = this.data.voiceUrl.replace("voice-id", voice).replace("language-code", language);
    this.#fault.textContent = "";
    this.#player.src = src;
    try {
      await this.#player.play();
    } catch (error) {
      const interrupted = error instanceof DOMException && error.name === "AbortError"; // by the call, or another voice
      if (!interrupted) this.#fault.textContent = this.data.texts.voiceSilent ?? "";
    }
  }
}
