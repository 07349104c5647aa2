// @ts-check
// The visitor's microphone: opened once a call, and kept going when it is changed, pulled out or taken for a phone call.

import { TrackEvent, createLocalAudioTrack } from "livekit-client";

/** @import { LocalAudioTrack } from "livekit-client" */

/** The microphone could not be had. `text` is the key of the sentence that says what to do. */
export class NoMicrophone extends Error {
  /** @param {string} text */
  constructor(text) {
    super(text);
    this.text = text;
  }
}

/** @type {Record<string, string>} */
const WHY = {
  NotAllowedError: "microphoneRefused",
  SecurityError: "microphoneRefused",
  NotFoundError: "microphoneMissing",
  OverconstrainedError: "microphoneMissing",
  NotReadableError: "microphoneBusy",
  AbortError: "microphoneBusy",
};

/** @typedef {"" | "microphonePaused" | "microphoneGone"} Trouble "" when the microphone works; else what to say of it */

/**
 * @typedef {object} MicrophoneListener
 * @property {(sound: MediaStreamTrack) => void} onSound the microphone's sound, again whenever it is another track
 * @property {(trouble: Trouble) => void} onTrouble
 * @property {() => void} onChanged another microphone took the place of one that was pulled out
 */

export class Microphone {
  #muted = false;
  /** @type {Trouble} */
  #trouble = "";
  #ended = false;
  /** @type {(trouble: Trouble) => void} */
  #onTrouble = () => {};
  #leaving = new AbortController();

  /** @param {LocalAudioTrack} track */
  constructor(track) {
    this.track = track;
  }

  /** Ask for the microphone, with the browser's own cleaning of the sound. Throws `NoMicrophone`. */
  static async open() {
    try {
      return new Microphone(
        await createLocalAudioTrack({ echoCancellation: true, noiseSuppression: true, autoGainControl: true }),
      );
    } catch (error) {
      const why = WHY[error instanceof Error ? error.name : ""] ?? "microphoneFailed";
      throw new NoMicrophone(why === "microphoneRefused" && (await mayAskAgain()) ? "microphoneAsk" : why);
    }
  }

  /**
   * Tell of the sound and its troubles, from the moment on at which the track is published. LiveKit itself opens the
   * default microphone when this one ends, and mutes the track when there is none.
   *
   * @param {MicrophoneListener} listener
   */
  watch(listener) {
    this.#onTrouble = listener.onTrouble;
    const listen = () => {
      const sound = this.track.mediaStreamTrack;
      const { signal } = this.#leaving;
      // The system mutes it, for a phone call for instance.
      sound.addEventListener("mute", () => this.#tell("microphonePaused"), { signal });
      sound.addEventListener("unmute", () => this.#tell(""), { signal });
      listener.onSound(sound);
    };
    this.track
      .on(TrackEvent.Ended, () => {
        this.#ended = true;
      })
      .on(TrackEvent.Restarted, () => {
        listen();
        this.#tell("");
        if (this.#ended && !this.#muted) listener.onChanged();
        this.#ended = false;
      })
      .on(TrackEvent.Muted, () => {
        if (!this.#muted) this.#tell("microphoneGone");
      });
    // Whatever was plugged in may be a microphone; unmuting the track opens it.
    navigator.mediaDevices.addEventListener(
      "devicechange",
      () => {
        if (this.#trouble === "microphoneGone") this.track.unmute().catch(() => {});
      },
      { signal: this.#leaving.signal },
    );
    listen();
  }

  /** @param {boolean} muted */
  async setMuted(muted) {
    this.#muted = muted;
    try {
      await (muted ? this.track.mute() : this.track.unmute());
    } catch {
      this.#tell("microphoneGone"); // pulled out meanwhile
    }
  }

  /** @param {Trouble} trouble */
  #tell(trouble) {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#onTrouble(trouble);
  }

  stop() {
    this.#leaving.abort();
    this.track.stop();
  }
}

/** Whether the browser would ask the visitor once more. Who cannot tell, says no. */
async function mayAskAgain() {
  try {
    const { state } = await navigator.permissions.query({ name: /** @type {PermissionName} */ ("microphone") });
    return state === "prompt";
  } catch {
    return false;
  }
}
