/** Keeps the screen on while the call is open (Screen Wake Lock API), where the browser can. */

export class WakeLock {
  /** @type {WakeLockSentinel | null} */
  #held = null;
  #wanted = false;

  constructor() {
    // The browser lets go of it whenever the page is hidden.
    document.addEventListener("visibilitychange", () => void this.#take());
  }

  hold() {
    this.#wanted = true;
    void this.#take();
  }

  release() {
    this.#wanted = false;
    void this.#held?.release();
    this.#held = null;
  }

  async #take() {
    if (!this.#wanted || document.visibilityState !== "visible" || navigator.wakeLock === undefined) return;
    if (this.#held !== null && !this.#held.released) return;
    try {
      const held = await navigator.wakeLock.request("screen");
      if (this.#wanted) this.#held = held;
      else void held.release();
    } catch {
      // A phone low on power says no; the call goes on.
    }
  }
}
