/**
 * Saving what is written of a visit, while it is written: a draft in the browser at once, the server soon after,
 * as often as it takes. Never over newer text of somebody else: that is brought together, or asked about.
 */

import { ApiError } from "../ui/api.js";
import { complete, isSame, joinBoth, merge, writingOf } from "./writing.js";

/** @import { Documentation, Task, Writing } from "../ui/resources.js" */
/** @import { Draft } from "./drafts.js" */

/**
 * How it stands. `kept`: only in this browser so far; `unkept`: not even there; `conflict`: a person must decide;
 * `refused`: the server does not take it.
 * @typedef {"saved" | "saving" | "kept" | "unkept" | "conflict" | "refused"} Standing
 */

/**
 * @typedef {object} World
 * @property {() => Promise<Documentation>} get
 * @property {(body: Writing & {version: number}, keepalive: boolean) => Promise<Documentation>} put
 * @property {(draft: Draft) => boolean} keep whether the browser keeps it
 * @property {() => void} erase
 * @property {(standing: Standing, error?: unknown) => void} onStanding
 * @property {(writing: Writing) => void} onWriting the text changed by other means than typing
 */

// Every save is a version that is kept for ever; the browser has the text at once.
const PAUSE_MS = 2500;
const ELSEWHERE_MS = 6000;
const RETRY_MS = [2000, 4000, 8000, 15_000, 30_000];
// What browsers let a closing page send (Fetch standard, section 4.6, `keepalive`).
const KEEPALIVE_BYTES = 60_000;

export class Saving {
  /** @type {Documentation | null} the server's text, when this tab has not decided how to go on from it */
  theirs = null;
  #failures = 0;
  #busy = false;
  #again = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {World} world
   * @param {readonly Task[]} tasks
   * @param {Documentation} server what the server has
   * @param {Draft | null} draft what this browser has kept
   */
  constructor(world, tasks, server, draft) {
    this.world = world;
    this.tasks = tasks;
    this.base = draft?.base ?? server;
    this.writing = draft?.writing ?? writingOf(server);
    if (draft !== null) this.#reconcile(server);
    else world.onStanding("saved");
  }

  get unsent() {
    return !isSame(this.base, this.writing);
  }

  /**
   * The person wrote.
   * @param {Writing} writing
   */
  write(writing) {
    this.writing = writing;
    this.#keep();
    if (this.theirs === null) this.#later(PAUSE_MS);
  }

  /**
   * Another tab of this browser wrote, and saves; this one does if that one does not live to do it.
   * @param {Draft} draft
   */
  adopt(draft) {
    if (this.theirs !== null) return;
    this.base = draft.base;
    this.writing = draft.writing;
    this.world.onWriting(this.writing);
    this.world.onStanding("saving");
    this.#later(ELSEWHERE_MS);
  }

  /** Reads the server's text again, when there is reason to believe that it changed. */
  async refresh() {
    if (this.#busy || this.theirs !== null) return;
    try {
      this.#reconcile(await this.world.get());
    } catch {
      // It is read again with the next save or the next news.
    }
  }

  /**
   * Saves without waiting for a pause in the typing.
   * @param {{closing?: boolean}} [options] closing: the page may be gone before the answer comes
   */
  flush({ closing = false } = {}) {
    if (this.unsent && this.theirs === null) void this.#save(closing);
  }

  /**
   * A person has decided between the two texts.
   * @param {"mine" | "theirs" | "both"} choice
   */
  decide(choice) {
    const theirs = this.theirs;
    if (theirs === null) return;
    const both = { mine: this.writing, theirs: writingOf(theirs), both: joinBoth(this.writing, theirs) };
    this.theirs = null;
    this.base = theirs;
    this.#take(both[choice]);
  }

  #keep() {
    const kept = this.world.keep({ base: this.base, writing: this.writing });
    if (this.theirs === null) this.world.onStanding(kept ? "saving" : "unkept");
    return kept;
  }

  /** @param {number} delay */
  #later(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(false), delay);
  }

  /** @param {boolean} closing */
  async #save(closing) {
    clearTimeout(this.#timer);
    if (this.theirs !== null) return;
    if (this.#busy && !closing) {
      this.#again = true;
      return;
    }
    if (!this.unsent) return this.#settled();
    this.#busy = true;
    this.world.onStanding("saving");
    const sent = this.writing;
    try {
      const body = { version: this.base.version, ...complete(sent, this.tasks) };
      const small = new TextEncoder().encode(JSON.stringify(body)).length < KEEPALIVE_BYTES;
      this.#saved(await this.world.put(body, closing && small));
    } catch (error) {
      if (error instanceof ApiError && error.code === "stale") await this.#stale();
      else this.#failed(error);
    } finally {
      this.#busy = false;
    }
    if (this.#again) {
      this.#again = false;
      this.#later(0);
    }
  }

  /** @param {Documentation} server */
  #saved(server) {
    this.#failures = 0;
    this.base = server;
    if (!this.unsent) return this.#settled();
    this.#keep();
    this.#later(PAUSE_MS);
  }

  #settled() {
    this.world.erase();
    this.world.onStanding("saved");
  }

  /** @param {unknown} error */
  #failed(error) {
    const mayPass = !(error instanceof ApiError) || error.unanswered || error.status === 429;
    const kept = this.world.keep({ base: this.base, writing: this.writing });
    this.world.onStanding(!mayPass ? "refused" : kept ? "kept" : "unkept", error);
    if (!mayPass) return;
    this.#later(RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)] ?? 0);
    this.#failures += 1;
  }

  async #stale() {
    try {
      this.#reconcile(await this.world.get());
    } catch (error) {
      this.#failed(error instanceof ApiError && error.code === "stale" ? null : error);
    }
  }

  /**
   * The server's text is known: go on from it.
   * @param {Documentation} server
   */
  #reconcile(server) {
    const merged = merge(this.base, this.writing, server);
    if (merged === null) {
      this.theirs = server;
      this.#keep();
      this.world.onStanding("conflict");
      return;
    }
    this.base = server;
    this.#take(merged);
  }

  /** @param {Writing} writing */
  #take(writing) {
    const changed = !isSame(writing, this.writing);
    this.writing = writing;
    if (changed) this.world.onWriting(writing);
    if (!this.unsent) return this.#settled();
    this.#keep();
    this.#later(0);
  }
}
