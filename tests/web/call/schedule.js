/** Randomness with a seed, time that is simulated, and two pages' signaling between them: what the tests share. */

/**
 * A generator of numbers in [0, 1) (mulberry32).
 * @param {number} seed
 */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Until no promise can get any further. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Things that happen at simulated times; what they await is let run in between. */
export class Schedule {
  now = 0;
  #random;
  /** @type {{at: number, order: number, act: () => void}[]} */
  #events = [];
  #count = 0;

  /** @param {() => number} random */
  constructor(random) {
    this.#random = random;
  }

  /**
   * @param {number} delay
   * @param {() => void} act
   */
  after(delay, act) {
    this.#count += 1;
    this.#events.push({ at: this.now + delay, order: this.#count, act });
  }

  /** @param {number} most */
  wait(most) {
    return new Promise((resolve) => this.after(this.#random() * most, () => resolve(undefined)));
  }

  /** Lets everything happen; fails when it never comes to rest. */
  async run() {
    await settled();
    for (let steps = 0; this.#events.length > 0; steps += 1) {
      if (steps > 5000) throw new Error("it never comes to rest");
      this.#events.sort((one, other) => one.at - other.at || one.order - other.order);
      const next = this.#events.shift();
      if (next === undefined) return;
      this.now = next.at;
      next.act();
      await settled();
    }
  }
}

/** One direction of signaling: in order, with delay, and lossy while it is cut. */
export class Line {
  cut = false;
  #schedule;
  #free = 0;
  /** @type {(payload: any) => void} */
  #deliver = () => {};

  /** @param {Schedule} schedule */
  constructor(schedule) {
    this.#schedule = schedule;
  }

  /** @param {(payload: any) => void} deliver */
  to(deliver) {
    this.#deliver = deliver;
  }

  /**
   * @param {object} payload
   * @param {number} delay
   */
  send(payload, delay) {
    if (this.cut) return;
    const copy = structuredClone(payload);
    this.#free = Math.max(this.#free, this.#schedule.now + delay);
    this.#schedule.after(this.#free - this.#schedule.now, () => {
      if (!this.cut) this.#deliver(copy);
    });
  }
}
