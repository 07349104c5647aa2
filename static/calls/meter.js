// @ts-check
// Says when one side begins and stops to sound. Runs in the browser's sound thread, so that a busy page makes no time late.

/**
 * What lib.dom does not know of the place this runs in.
 * @type {typeof globalThis & {currentTime: number, sampleRate: number, AudioWorkletProcessor: new () => {port: MessagePort},
 *   registerProcessor: (name: string, processor: Function) => void}}
 */
const scope = /** @type {any} */ (globalThis);

const LOUD = 0.01; // root mean square of 3 ms of sound, full scale being 1: above a cleaned microphone's noise
const PAUSE = 0.25; // seconds of quiet after which a side has stopped

/** Posts `{sounding, at}`, `at` in seconds on the audio context's clock. */
class Meter extends scope.AudioWorkletProcessor {
  #sounding = false;
  #loudUntil = 0;

  /** @param {Float32Array[][]} inputs */
  process([input]) {
    const samples = input?.[0] ?? new Float32Array();
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    if (sum > LOUD * LOUD * samples.length) {
      if (!this.#sounding) this.#tell(true, scope.currentTime);
      this.#loudUntil = scope.currentTime + samples.length / scope.sampleRate;
    } else if (this.#sounding && scope.currentTime - this.#loudUntil > PAUSE) {
      this.#tell(false, this.#loudUntil);
    }
    return true;
  }

  /**
   * @param {boolean} sounding
   * @param {number} at
   */
  #tell(sounding, at) {
    this.#sounding = sounding;
    this.port.postMessage({ sounding, at });
  }
}

scope.registerProcessor("meter", Meter);
