// @ts-check
// How long the visitor waits for each answer: from the last sound of the microphone to the first of the agent.

/** @typedef {"agent" | "visitor"} Side */
/** @typedef {{sounding: boolean, at: number}} Told what the meter says of a side; seconds on the context's clock */
/** @typedef {{wait: number, ago: number}} Wait both in seconds; `ago` is when the answer began to sound */

const ECHO = 0.3; // seconds after the agent's sound in which the microphone may still hear it
const WORD = 0.15; // seconds; a shorter sound is a knock
const POST_AFTER_MS = 4000; // by then the server knows of the turn

export class Waits {
  #context = new AudioContext();
  #ready;
  /** @type {Record<Side, {sounding: boolean, since: number, until: number}>} */
  #sides = {
    agent: { sounding: false, since: 0, until: -Infinity },
    visitor: { sounding: false, since: 0, until: -Infinity },
  };
  /** @type {number | null} when the visitor fell silent, if the next sound of the agent answers that */
  #silentSince = null;
  /** @type {Partial<Record<Side, MediaStreamAudioSourceNode>>} */
  #sources = {};
  /** @type {{wait: number, at: number}[]} */
  #measured = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #clock;

  /**
   * @param {string} meterUrl
   * @param {(waits: Wait[]) => void} report is handed each wait once, some seconds later or at the end
   * @param {(speaking: boolean) => void} onSpeaking the visitor begins to speak, or what began was only a noise
   * @param {() => void} onSpoke the visitor has said something, and not over the agent
   * @param {() => void} onAnswer the agent begins to sound
   */
  constructor(meterUrl, report, onSpeaking, onSpoke, onAnswer) {
    this.report = report;
    this.onSpeaking = onSpeaking;
    this.onSpoke = onSpoke;
    this.onAnswer = onAnswer;
    this.#ready = this.#context.audioWorklet.addModule(meterUrl);
    this.#ready.catch(() => {}); // A browser without worklets measures nothing.
  }

  /**
   * @param {Side} side
   * @param {MediaStreamTrack} track
   */
  async listen(side, track) {
    try {
      await this.#ready;
      this.wake();
      const meter = new AudioWorkletNode(this.#context, "meter");
      meter.port.onmessage = ({ data }) => this.#hear(side, data);
      this.#sources[side]?.disconnect();
      this.#sides[side].sounding = false;
      const source = this.#context.createMediaStreamSource(new MediaStream([track]));
      this.#sources[side] = source;
      // A node that leads nowhere may not be run; this one's output is silence.
      source.connect(meter).connect(this.#context.destination);
    } catch {
      // What is not measured is estimated by the server.
    }
  }

  /** A phone call or a hidden page may have stopped the sound. Nothing when the call is over meanwhile. */
  wake() {
    void this.#context.resume().catch(() => {});
  }

  /** The microphone fell silent because it was muted: that says nothing of the visitor. */
  forget() {
    this.#silentSince = null;
    this.#sides.visitor.since = Infinity;
  }

  close() {
    this.#post();
    void this.#context.close();
  }

  /**
   * @param {Side} side
   * @param {Told} told
   */
  #hear(side, { sounding, at }) {
    const { agent, visitor } = this.#sides;
    const own = this.#sides[side];
    if (sounding) own.since = at;
    else own.until = at;
    own.sounding = sounding;
    if (side === "visitor") {
      const spoke = !sounding && at - visitor.since >= WORD;
      const clear = !agent.sounding && at - agent.until >= ECHO;
      if (spoke) this.#silentSince = clear ? at : null;
      if (spoke && clear) this.onSpoke();
      if (sounding ? clear : !(spoke && clear)) this.onSpeaking(sounding);
    } else if (!sounding) {
      if (visitor.sounding) this.onSpeaking(true); // over the agent, who made way
    } else {
      this.onAnswer();
      if (this.#silentSince !== null && !visitor.sounding) this.#measure(at - this.#silentSince, at);
      this.#silentSince = null;
    }
  }

  /**
   * @param {number} wait
   * @param {number} at
   */
  #measure(wait, at) {
    this.#measured.push({ wait, at });
    this.#clock ??= setTimeout(() => this.#post(), POST_AFTER_MS);
  }

  #post() {
    clearTimeout(this.#clock);
    this.#clock = undefined;
    if (!this.#measured.length) return;
    const now = this.#context.currentTime;
    this.report(this.#measured.map(({ wait, at }) => ({ wait, ago: now - at })));
    this.#measured = [];
  }
}

/**
 * Tell the server. What does not reach it is estimated there.
 *
 * @param {string} url
 * @param {string} visitorKey
 * @param {Wait[]} waits
 */
export function postWaits(url, visitorKey, waits) {
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${visitorKey}` };
  fetch(url, { method: "POST", headers, body: JSON.stringify({ waits }), keepalive: true }).catch(() => {});
}
