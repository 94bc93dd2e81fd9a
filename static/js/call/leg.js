/**
 * The leg: this page's stay in a call, across lost connections and reloads. Its id lives in the tab's session
 * storage. A duplicated tab gets a copy of that; a Web Lock tells it from a reload.
 */

import { holdLock } from "./locks.js";

const DUPLICATE_AFTER_MS = 1000;

/** @typedef {{id: string, generation: number | null, talkingSince: string | null}} KeptLeg */

/**
 * The leg that this tab has of a call, if it has joined one and not left it. It changes nothing.
 * @param {string} role
 * @param {string} visitId
 * @returns {KeptLeg | null}
 */
export function keptLeg(role, visitId) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(`leg:${role}:${visitId}`) ?? "null");
    return typeof kept?.id === "string" ? kept : null;
  } catch {
    return null;
  }
}

/**
 * Takes up the leg of this tab, or makes a new one.
 * @param {string} role
 * @param {string} visitId
 * @returns {Promise<Leg>}
 */
export async function openLeg(role, visitId) {
  const kept = keptLeg(role, visitId);
  if (kept !== null) {
    const release = await holdLock(`leg:${kept.id}`, DUPLICATE_AFTER_MS);
    if (release !== null) return new Leg(`leg:${role}:${visitId}`, kept, release);
  }
  const id = crypto.randomUUID();
  const release = await holdLock(`leg:${id}`, DUPLICATE_AFTER_MS);
  return new Leg(
    `leg:${role}:${visitId}`,
    { id, generation: null, talkingSince: null },
    release ?? (() => {}),
  );
}

export class Leg {
  #key;
  #kept;
  #release;

  /**
   * @param {string} key
   * @param {KeptLeg} kept
   * @param {() => void} release
   */
  constructor(key, kept, release) {
    this.#key = key;
    this.#kept = kept;
    this.#release = release;
  }

  get id() {
    return this.#kept.id;
  }

  /** The fencing token that the server gave; null before the first join. */
  get generation() {
    return this.#kept.generation;
  }

  /** When the two of them were first connected, by the server's clock. */
  get talkingSince() {
    return this.#kept.talkingSince;
  }

  /** @param {number} generation */
  joined(generation) {
    this.#keep({ ...this.#kept, generation });
  }

  /** @param {string} moment */
  talking(moment) {
    if (this.talkingSince === null) this.#keep({ ...this.#kept, talkingSince: moment });
  }

  /** The stay is over: coming back is a new leg. */
  end() {
    sessionStorage.removeItem(this.#key);
    this.#release();
  }

  /** @param {KeptLeg} kept */
  #keep(kept) {
    this.#kept = kept;
    sessionStorage.setItem(this.#key, JSON.stringify(kept));
  }
}
