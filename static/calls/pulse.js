// @ts-check
// Notices within seconds that nothing comes back over the network any more. LiveKit's client takes a quarter of a minute,
// which is long for somebody who speaks and is not answered.

const LOOK_MS = 1000;
const STILL_MS = 6000; // a connection that idles asks for a sign of life every 2.5 s

export class Pulse {
  #count = -1;
  #movedAt = 0;
  #lost = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #clock;

  /**
   * @param {() => Promise<RTCStatsReport | undefined> | undefined} ask for the statistics of the connection
   * @param {(lost: boolean) => void} onChange
   */
  constructor(ask, onChange) {
    this.ask = ask;
    this.onChange = onChange;
  }

  start() {
    this.#movedAt = Date.now();
    this.#clock = setInterval(() => void this.#look(), LOOK_MS);
  }

  stop() {
    clearInterval(this.#clock);
  }

  async #look() {
    const count = answers(await this.ask()?.catch(() => undefined));
    const now = Date.now();
    if (count === null || count !== this.#count) this.#movedAt = now;
    this.#count = count ?? -1;
    this.#tell(now - this.#movedAt > STILL_MS);
  }

  /** @param {boolean} lost */
  #tell(lost) {
    if (lost === this.#lost) return;
    this.#lost = lost;
    this.onChange(lost);
  }
}

/**
 * How much has come back so far; null where the browser does not count it.
 *
 * @param {RTCStatsReport | undefined} stats
 */
function answers(stats) {
  let sum = 0;
  let counted = false;
  for (const report of stats?.values() ?? []) {
    if (report.type !== "candidate-pair" || report.responsesReceived === undefined) continue;
    counted = true;
    sum += report.responsesReceived + (report.bytesReceived ?? 0);
  }
  return counted ? sum : null;
}
