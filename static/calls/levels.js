// @ts-check

const CALM = window.matchMedia("(prefers-reduced-motion: reduce)");
const LOUD = 0.22; // root mean square of a voice close to the microphone

/**
 * Draws how loud each side is, as CSS variables of one element (`--agent-level`, `--visitor-level`,
 * 0 to 1). Draws nothing for people who asked for less motion.
 */
export class Levels {
  #context = new AudioContext();
  /** @type {Map<string, {analyser: AnalyserNode, source: MediaStreamAudioSourceNode, level: number}>} */
  #sides = new Map();
  #samples = new Float32Array(512);
  #frame = 0;

  /** @param {HTMLElement} target */
  constructor(target) {
    this.target = target;
  }

  /**
   * @param {"agent" | "visitor"} side
   * @param {MediaStreamTrack} track
   */
  listen(side, track) {
    this.#sides.get(side)?.source.disconnect();
    const analyser = this.#context.createAnalyser();
    analyser.fftSize = this.#samples.length;
    const source = this.#context.createMediaStreamSource(new MediaStream([track]));
    source.connect(analyser);
    this.#sides.set(side, { analyser, source, level: 0 });
    this.wake();
    if (!this.#frame && !CALM.matches) this.#draw();
  }

  #draw() {
    this.#frame = requestAnimationFrame(() => this.#draw());
    for (const [side, meter] of this.#sides) {
      meter.analyser.getFloatTimeDomainData(this.#samples);
      let sum = 0;
      for (const sample of this.#samples) sum += sample * sample;
      const now = Math.min(1, Math.sqrt(sum / this.#samples.length) / LOUD);
      // Up at once, down slowly: syllables stay visible without flicker.
      meter.level = now > meter.level ? now : meter.level * 0.88 + now * 0.12;
      this.target.style.setProperty(`--${side}-level`, meter.level.toFixed(3));
    }
  }

  /** A phone call or a hidden page may have stopped the sound. Nothing when the call is over meanwhile. */
  wake() {
    void this.#context.resume().catch(() => {});
  }

  close() {
    cancelAnimationFrame(this.#frame);
    for (const side of this.#sides.keys()) this.target.style.removeProperty(`--${side}-level`);
    this.#sides.clear();
    void this.#context.close();
  }
}
