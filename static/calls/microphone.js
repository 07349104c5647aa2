// @ts-check
import { createLocalAudioTrack } from "../built/livekit-client.mjs";

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

/** Ask for the microphone, with the browser's own cleaning of the sound. */
export async function openMicrophone() {
  try {
    return await createLocalAudioTrack({ echoCancellation: true, noiseSuppression: true, autoGainControl: true });
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    throw new NoMicrophone(WHY[name] ?? "microphoneFailed");
  }
}
