// @ts-check
// From which of several speakers the agent is heard, where the browser lets a page choose.

import { element } from "./data.js";

/** @import { Texts } from "./data.js" */

/** @typedef {MediaDevices & {selectAudioOutput?: () => Promise<MediaDeviceInfo>}} Chooser what lib.dom does not know of */

const COLLECTIVE = ["default", "communications"]; // names for one of the others

export class Speakers {
  #place = element("speakers");
  #list = /** @type {HTMLSelectElement} */ (element("speaker"));
  #ask = element("speaker-ask");
  #open = false;

  /**
   * @param {Texts} texts
   * @param {(deviceId: string) => Promise<void>} use
   */
  constructor(texts, use) {
    this.texts = texts;
    this.use = use;
    this.#list.addEventListener("change", () => void this.#use(this.#list.value));
    this.#ask.addEventListener("click", () => void this.#choose());
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.#paint());
  }

  /** A call with sound has begun. Labels are there only once the microphone is open. */
  offer() {
    this.#open = true;
    void this.#paint();
  }

  withdraw() {
    this.#open = false;
    this.#place.hidden = true;
  }

  async #paint() {
    if (!this.#open || !("setSinkId" in HTMLMediaElement.prototype)) return;
    const devices = /** @type {Chooser | undefined} */ (navigator.mediaDevices);
    const asks = Boolean(devices?.selectAudioOutput); // Firefox lists none before it was asked
    const all = (await devices?.enumerateDevices()) ?? [];
    const several = all.filter(({ kind, deviceId, label }) => {
      return kind === "audiooutput" && label && !COLLECTIVE.includes(deviceId);
    });
    if (!this.#open) return;
    const chosen = this.#list.value;
    this.#list.replaceChildren(
      new Option(this.texts.speakerUsual, "default"),
      ...several.map(({ label, deviceId }) => new Option(label, deviceId)),
    );
    if (several.some(({ deviceId }) => deviceId === chosen)) this.#list.value = chosen;
    this.#ask.hidden = !asks;
    this.#list.hidden = asks;
    this.#place.hidden = !asks && several.length < 2;
  }

  async #choose() {
    const devices = /** @type {Chooser} */ (navigator.mediaDevices);
    try {
      const chosen = await devices.selectAudioOutput?.();
      if (chosen) await this.#use(chosen.deviceId);
    } catch {
      // The visitor chose none.
    }
  }

  /** @param {string} deviceId */
  async #use(deviceId) {
    try {
      await this.use(deviceId);
    } catch {
      this.#list.value = "default"; // it went, or the browser refused
    }
  }
}
