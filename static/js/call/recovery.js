/**
 * Brings the media path back: an ICE restart twice, then over relays only, then a new pair, and so on without
 * ever giving up. It acts only while signaling works and the other page is there to answer. The caregiver's
 * page goes first; the client's follows if that did not help.
 */

/** @typedef {import("./peer.js").Path} Path */
/** @typedef {"restart" | "relay" | "renew"} Remedy */

/** @type {readonly Remedy[]} */
const LADDER = ["restart", "restart", "relay", "renew"];
/** How long each state of the path may last before the first remedy. */
const PATIENCE_MS = { connecting: 8000, interrupted: 2500, failed: 0, broken: 0 };
const POLITE_EXTRA_MS = 2500;
const NEXT_MS = 7000;
const NEXT_LATER_MS = 12_000;
/** Connected for so long, it counts as mended. */
const MENDED_MS = 10_000;

export class Recovery {
  #polite;
  #act;
  #timer = 0;
  #tried = 0;
  /** @type {Path | null} */
  #path = null;

  /**
   * @param {boolean} polite
   * @param {(remedy: Remedy) => void} act
   */
  constructor(polite, act) {
    this.#polite = polite;
    this.#act = act;
  }

  /**
   * Tells how the path is; null while nothing can or need be done.
   * @param {Path | null} path
   */
  watch(path) {
    if (path === this.#path) return;
    this.#path = path;
    clearTimeout(this.#timer);
    if (path === null) return;
    if (path === "connected") this.#timer = this.#after(MENDED_MS, () => this.#reset());
    else this.#timer = this.#after(this.#patience(path), () => this.#step());
  }

  stop() {
    clearTimeout(this.#timer);
    this.#path = null;
    this.#reset();
  }

  /** @param {Exclude<Path, "connected">} path */
  #patience(path) {
    // After a remedy it gets its time, whatever states the path goes through.
    const first = this.#tried > 0 ? Math.max(PATIENCE_MS[path], this.#pause()) : PATIENCE_MS[path];
    return first + (this.#polite ? POLITE_EXTRA_MS : 0);
  }

  #pause() {
    return this.#tried < LADDER.length ? NEXT_MS : NEXT_LATER_MS;
  }

  #reset() {
    this.#tried = 0;
  }

  #step() {
    const remedy = this.#path === "broken" ? "renew" : (LADDER[this.#tried % LADDER.length] ?? "restart");
    this.#tried += 1;
    this.#timer = this.#after(this.#pause(), () => this.#step());
    this.#act(remedy);
  }

  /**
   * @param {number} milliseconds
   * @param {() => void} then
   * @returns {number}
   */
  #after(milliseconds, then) {
    return /** @type {number} */ (/** @type {unknown} */ (setTimeout(then, milliseconds)));
  }
}
