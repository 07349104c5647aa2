// @ts-check

/** Keeps the screen on while a call lasts, where the browser can. */
export class Awake {
  /** @type {WakeLockSentinel | null} */
  #lock = null;
  #wanted = false;

  constructor() {
    // The browser drops the lock whenever the page is hidden.
    document.addEventListener("visibilitychange", () => {
      if (this.#wanted && document.visibilityState === "visible") void this.#take();
    });
  }

  hold() {
    this.#wanted = true;
    void this.#take();
  }

  release() {
    this.#wanted = false;
    void this.#lock?.release();
    this.#lock = null;
  }

  async #take() {
    try {
      const lock = await navigator.wakeLock?.request("screen");
      if (this.#wanted) this.#lock = lock ?? null;
      else void lock?.release();
    } catch {
      // Refused, on low battery for instance: the call goes on without.
    }
  }
}
