/**
 * The way to the server while a call is open. One path for the first connection and for every recovery:
 * ticket → connect → `join` → snapshot. It never touches media.
 */

import { io } from "../vendor/socket.io.esm.min.js";
import { ask, CommandError, codeOf, readFailure } from "./answers.js";
import { pause } from "./pause.js";

/** @typedef {import("../protocol.js").Facts} Facts */
/** @typedef {import("../protocol.js").Snapshot} Snapshot */
/** @typedef {import("./answers.js").Socket} Socket */
/** @typedef {import("./answers.js").CommandName} CommandName */
/** @typedef {Exclude<keyof Facts, "signal" | "draining">} FactName */

/**
 * @typedef {object} SignalingOptions
 * @property {() => Promise<string>} ticket asks for a ticket
 * @property {() => import("../protocol.js").Join} hello the `join` message
 * @property {(snapshot: Snapshot) => void} onSnapshot
 * @property {(name: FactName, fact: any) => void} onFact
 * @property {(pair: string, payload: unknown) => void} onSignal
 * @property {(online: boolean) => void} onOnline
 * @property {(code: string, detail: Record<string, unknown>) => void} onRefused the server won't have this page; it stops
 */

/** @type {readonly FactName[]} */
const FACTS = [
  "session_changed",
  "peer_changed",
  "peer_media",
  "peer_quality",
  "visit_changed",
  "invite_changed",
  "replaced",
  "leg_closed",
];
/** What goes away by itself: the next try may succeed. */
const PASSING = new Set(["offline", "unavailable", "internal", "too_many_requests", "ticket_invalid"]);
const PAUSES_MS = [150, 500, 1000, 2000, 3000, 4000];
const CONNECT_MS = 10_000;

export class Signaling {
  #options;
  /** @type {Socket | null} */
  #socket = null;
  #online = false;
  #open = false;
  #current = 0;
  #failures = 0;
  #spreadMs = 0;

  /** @param {SignalingOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** Whether the page is joined at this moment. */
  get online() {
    return this.#online;
  }

  /** Connects, and stays connected until `close`. */
  open() {
    if (this.#open) return;
    this.#open = true;
    // A run that still waits for its next try is over, even if it is opened again meanwhile.
    this.#current += 1;
    void this.#run(this.#current);
  }

  close() {
    this.#open = false;
    this.#socket?.disconnect();
    this.#setOnline(false);
  }

  /**
   * Sends a command of the open connection and gives its answer.
   * @param {CommandName} name
   * @param {object} body
   * @returns {Promise<any>}
   * @throws {CommandError}
   */
  command(name, body) {
    if (this.#socket === null || !this.#online) return Promise.reject(new CommandError("offline"));
    return ask(this.#socket, name, body);
  }

  /** Joins again on the open connection: a new snapshot, with new credentials for the relays. */
  async refresh() {
    if (this.#socket !== null && this.#online) await this.#join(this.#socket);
  }

  /**
   * Passes a signal on. It is lost without a connection: the negotiation says it again later.
   * @param {string} pair
   * @param {object} payload
   */
  signal(pair, payload) {
    if (this.#online) this.#socket?.emit("signal", pair, payload);
  }

  /** @param {number} run */
  async #run(run) {
    const goesOn = () => this.#open && run === this.#current;
    while (goesOn()) {
      try {
        const ticket = await this.#options.ticket();
        if (goesOn()) await this.#stay(ticket);
      } catch (error) {
        if (!goesOn()) return;
        const { code, body } = readFailure(error);
        if (!PASSING.has(code)) {
          this.close();
          this.#options.onRefused(code, body);
          return;
        }
      }
      if (!goesOn()) return;
      this.#setOnline(false);
      await pause(this.#nextPause());
    }
  }

  #nextPause() {
    const spread = this.#spreadMs;
    this.#spreadMs = 0;
    const usual = PAUSES_MS[Math.min(this.#failures, PAUSES_MS.length - 1)] ?? 0;
    this.#failures += 1;
    return usual * (0.75 + Math.random() / 2) + Math.random() * spread;
  }

  /**
   * One connection, from its beginning to its end. The client library ends one that has been silent for ping
   * interval and time-out together (10 s, as the server announces them).
   * @param {string} ticket
   * @returns {Promise<void>}
   */
  #stay(ticket) {
    return new Promise((resolve, reject) => {
      const socket = io(location.origin, {
        auth: { ticket },
        transports: ["websocket", "polling"],
        tryAllTransports: true,
        reconnection: false,
        forceNew: true,
        timeout: CONNECT_MS,
      });
      this.#socket = socket;
      this.#listen(socket);
      socket.on("connect_error", (error) => {
        socket.disconnect();
        reject(new CommandError(codeOf(error.data) ?? "offline"));
      });
      socket.on("disconnect", () => {
        this.#setOnline(false);
        resolve();
      });
      socket.on("connect", () => {
        this.#join(socket).catch((error) => {
          reject(error);
          socket.disconnect();
        });
      });
    });
  }

  /** @param {Socket} socket */
  #listen(socket) {
    /** @type {[string, unknown][]} signals that overtook the snapshot */
    const early = [];
    for (const name of FACTS) {
      socket.on(name, (/** @type {unknown} */ fact) => {
        if (socket === this.#socket && this.#open) this.#options.onFact(name, fact);
      });
    }
    socket.on("draining", (/** @type {import("../protocol.js").Draining} */ { spreadMs }) => {
      this.#spreadMs = spreadMs;
    });
    socket.on("signal", (pair, payload) => {
      if (socket !== this.#socket || typeof pair !== "string") return;
      if (this.#online) this.#options.onSignal(pair, payload);
      else early.push([pair, payload]);
    });
    this.#deliverEarly = () => {
      for (const [pair, payload] of early.splice(0)) this.#options.onSignal(pair, payload);
    };
  }

  #deliverEarly = () => {};

  /** @param {Socket} socket */
  async #join(socket) {
    const snapshot = await ask(socket, "join", this.#options.hello());
    if (socket !== this.#socket || !this.#open) return;
    this.#failures = 0;
    this.#setOnline(true);
    this.#options.onSnapshot(snapshot);
    this.#deliverEarly();
  }

  /** @param {boolean} online */
  #setOnline(online) {
    if (this.#online === online) return;
    this.#online = online;
    this.#options.onOnline(online);
  }
}
