/**
 * The media of a call: one peer connection at a time, whatever pair is the current one, kept alive and measured.
 * It asks signaling for what it needs and is otherwise independent of it.
 */

import { Peer } from "./peer.js";
import { Quality, SAMPLE_MS } from "./quality.js";
import { Recovery } from "./recovery.js";

/** @typedef {import("../protocol.js").Presence} Presence */

/**
 * @typedef {object} MediaOptions
 * @property {boolean} polite
 * @property {import("./devices.js").Devices} devices
 * @property {import("./signaling.js").Signaling} signaling
 * @property {() => void} onChange the path, the grade or the other's tracks changed
 */

export class Media {
  #options;
  #recovery;
  #quality = new Quality();
  /** @type {Peer | null} */
  #peer = null;
  /** @type {RTCIceServer[]} */
  #iceServers = [];
  #iceFreshUntil = 0;
  #relayOnly = false;
  #toldGrade = "";
  #sampler;

  /** @param {MediaOptions} options */
  constructor(options) {
    this.#options = options;
    this.#recovery = new Recovery(options.polite, (remedy) => void this.#mend(remedy));
    this.#sampler = setInterval(() => void this.#sample(), SAMPLE_MS);
    options.devices.onTrack = (kind, track) => void this.#peer?.replace(kind, track);
  }

  /** The other's picture and sound; null without a peer connection. */
  get remote() {
    return this.#peer?.remote ?? null;
  }

  /** The pair that there is a peer connection for. */
  get pair() {
    return this.#peer?.pair ?? null;
  }

  get path() {
    return this.#peer?.path ?? null;
  }

  /** How good this person's connection is; null while there is none. */
  get grade() {
    return this.#peer === null ? null : this.#quality.grade;
  }

  /** The other's picture stands still. */
  get stalled() {
    return this.#peer !== null && this.#quality.stalled;
  }

  /**
   * Reconciles the peer connection to what is known of the other page.
   * @param {{pair: string | null, presence: Presence, online: boolean}} known
   */
  follow({ pair, presence, online }) {
    const gone = presence === "closed" || presence === "left";
    if (this.#peer !== null && (gone || this.#peer.pair !== pair)) this.#close();
    // The caregiver's side makes the first offer: there must be somebody to hear it.
    const ready = presence === "present" || (this.#options.polite && !gone);
    if (this.#peer === null && pair !== null && ready) this.#open(pair);
    this.#recovery.watch(online && presence === "present" ? this.path : null);
  }

  /**
   * @param {import("../protocol.js").IceServerInfo[]} servers
   * @param {number} ttlSeconds
   * @param {boolean} relayOnly media may go through relays only
   */
  useServers(servers, ttlSeconds, relayOnly) {
    this.#iceServers = servers;
    this.#relayOnly = relayOnly;
    this.#iceFreshUntil = performance.now() + ttlSeconds * 500;
    // A server that has started anew knows no grade.
    this.#toldGrade = "";
  }

  /**
   * A signal from the other page; one of another pair is stale.
   * @param {string} pair
   * @param {unknown} payload
   */
  receive(pair, payload) {
    if (pair === this.pair) this.#peer?.receive(payload);
  }

  /** Signaling was interrupted, here or there. */
  resync() {
    this.#peer?.resync();
  }

  /** Ends it for good. */
  stop() {
    clearInterval(this.#sampler);
    this.#recovery.stop();
    this.#close();
  }

  /** @param {string} pair */
  #open(pair) {
    this.#quality.startOver();
    /** @type {Peer} */
    const peer = new Peer({
      pair,
      polite: this.#options.polite,
      iceServers: this.#iceServers,
      relayOnly: this.#relayOnly,
      tracks: { ...this.#options.devices.tracks },
      send: (of, payload) => this.#options.signaling.signal(of, payload),
      onPath: () => {
        if (peer === this.#peer) this.#options.onChange();
      },
      onBroken: () => this.#renew(pair),
    });
    this.#peer = peer;
  }

  #close() {
    this.#peer?.close();
    this.#peer = null;
  }

  /** @param {import("./recovery.js").Remedy} remedy */
  async #mend(remedy) {
    const peer = this.#peer;
    if (peer === null) return;
    if (remedy === "renew" || !peer.negotiated) {
      this.#renew(peer.pair);
      return;
    }
    try {
      if (performance.now() > this.#iceFreshUntil) await this.#options.signaling.refresh();
    } catch {
      // The credentials at hand are better than none.
    }
    if (peer !== this.#peer) return;
    const relays = this.#iceServers.some(({ urls }) => [urls].flat().some((url) => /^turns?:/.test(url)));
    peer.restart(this.#iceServers, this.#relayOnly || (remedy === "relay" && relays));
  }

  /** @param {string} pair the one that is given up */
  #renew(pair) {
    if (pair !== this.pair) return;
    // Without an answer the recovery asks again.
    this.#options.signaling.command("renegotiate", { pair }).catch(() => {});
  }

  async #sample() {
    const peer = this.#peer;
    if (peer === null) return;
    const report = peer.path === "connected" ? await peer.stats() : null;
    if (peer !== this.#peer) return;
    const quality = this.#quality;
    const before = { picture: quality.picture, grade: quality.grade, stalled: quality.stalled };
    quality.sample(report === null ? null : /** @type {any} */ (report).values());
    this.#options.devices.noticeSilence("audio", quality.silent.audio);
    this.#options.devices.noticeSilence("video", quality.silent.video);
    if (quality.picture !== before.picture) void peer.sendPicture(quality.picture);
    this.#tellGrade(quality.grade);
    if (quality.grade !== before.grade || quality.stalled !== before.stalled) this.#options.onChange();
  }

  /** @param {import("../protocol.js").Grade} grade */
  #tellGrade(grade) {
    if (!this.#options.signaling.online || this.#toldGrade === grade) return;
    this.#toldGrade = grade;
    this.#options.signaling.command("quality", { grade }).catch(() => {});
  }
}
