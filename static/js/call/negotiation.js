/**
 * Perfect negotiation (W3C webrtc-pc, section 10.7) of one pair. Everything that touches the descriptions goes
 * through one serial queue, so that a collision is simply an offer that comes in while our own is open.
 *
 * Signaling messages can be lost with a socket and are never replayed. So an offer can be sent again (`resync`);
 * it carries a number, which its answer repeats, and an answer to another offer is dropped.
 */

/**
 * @typedef {object} Signal what `signal` carries: a description with its offer's number, or a candidate
 * @property {{type: RTCSdpType, sdp: string}} [description]
 * @property {number} [offer]
 * @property {RTCIceCandidateInit | null} [candidate] null: there are no more
 */

/**
 * @typedef {object} NegotiationOptions
 * @property {boolean} polite
 * @property {(signal: Signal) => void} send
 * @property {() => Promise<void>} prepareAnswer makes the offer's transceivers ours, before the answer
 * @property {(error: unknown) => void} onFailure the pair can't be negotiated any more
 */

/**
 * What came in as a signal, if it is one.
 * @param {unknown} payload
 * @returns {Signal | null}
 */
export function readSignal(payload) {
  if (typeof payload !== "object" || payload === null) return null;
  const { description, candidate, offer } = /** @type {Record<string, any>} */ (payload);
  if (description !== undefined) {
    const { type, sdp } = description ?? {};
    if ((type !== "offer" && type !== "answer") || typeof sdp !== "string") return null;
    return Number.isSafeInteger(offer)
      ? { description: { type, sdp }, offer }
      : { description: { type, sdp } };
  }
  if (candidate === null) return { candidate };
  return typeof candidate === "object" && typeof candidate.candidate === "string" ? { candidate } : null;
}

export class Negotiation {
  #pc;
  #options;
  #queue = Promise.resolve();
  #closed = false;
  #offers = 0;
  /** @type {{offer: number, sdp: string} | null} the last numbered offer that was answered, and the answer */
  #answered = null;

  /**
   * @param {RTCPeerConnection} pc
   * @param {NegotiationOptions} options
   */
  constructor(pc, options) {
    this.#pc = pc;
    this.#options = options;
    pc.onnegotiationneeded = () => this.#enqueue(() => this.#makeOffer());
    pc.onicecandidate = ({ candidate }) => {
      if (!this.#closed) options.send({ candidate: candidate === null ? null : candidate.toJSON() });
    };
  }

  /**
   * Takes what the other page sent.
   * @param {Signal} signal
   */
  receive(signal) {
    this.#enqueue(async () => {
      const { description, candidate } = signal;
      if (description === undefined) await this.#takeCandidate(candidate ?? null);
      else if (description.type === "offer") await this.#takeOffer(description, signal.offer);
      else await this.#takeAnswer(description, signal.offer);
    });
  }

  /**
   * Messages may have been lost: says again what the other page may not have heard.
   * @param {boolean} connected whether media has its path, so that lost candidates do not matter
   */
  resync(connected) {
    this.#enqueue(() => {
      if (this.#pc.signalingState === "have-local-offer") this.#sendOffer();
      else if (!connected && this.#pc.remoteDescription !== null) this.#pc.restartIce();
    });
  }

  /** Waits until everything that came in so far is done. */
  get settled() {
    return this.#queue;
  }

  close() {
    this.#closed = true;
    this.#pc.onnegotiationneeded = null;
    this.#pc.onicecandidate = null;
  }

  /** @param {() => Promise<void> | void} step */
  #enqueue(step) {
    this.#queue = this.#queue.then(async () => {
      if (this.#closed) return;
      try {
        await step();
      } catch (error) {
        if (!this.#closed) this.#options.onFailure(error);
      }
    });
  }

  async #makeOffer() {
    // The browser asks again as soon as it is stable.
    if (this.#pc.signalingState !== "stable") return;
    await this.#pc.setLocalDescription();
    this.#offers += 1;
    this.#sendOffer();
  }

  #sendOffer() {
    const description = this.#pc.localDescription;
    if (description === null || description.type !== "offer" || this.#closed) return;
    this.#options.send({ description: { type: "offer", sdp: description.sdp }, offer: this.#offers });
  }

  /**
   * @param {RTCSessionDescriptionInit} description
   * @param {number | undefined} offer
   */
  async #takeOffer(description, offer) {
    if (offer !== undefined && offer === this.#answered?.offer) {
      this.#options.send({ description: { type: "answer", sdp: this.#answered.sdp }, offer });
      // Until that answer the other page may have had no ear for an offer of ours.
      if (this.#pc.signalingState === "have-local-offer") this.#sendOffer();
      return;
    }
    if (this.#pc.signalingState !== "stable") {
      if (!this.#options.polite) {
        // The other page will give way, once it has ours: perhaps it never came.
        this.#sendOffer();
        return;
      }
      await this.#pc.setLocalDescription({ type: "rollback" });
    }
    await this.#pc.setRemoteDescription(description);
    await this.#options.prepareAnswer();
    await this.#pc.setLocalDescription();
    const sdp = this.#pc.localDescription?.sdp ?? "";
    this.#answered = offer === undefined ? null : { offer, sdp };
    if (this.#closed) return;
    this.#options.send({ description: { type: "answer", sdp }, ...(offer === undefined ? {} : { offer }) });
  }

  /**
   * @param {RTCSessionDescriptionInit} description
   * @param {number | undefined} offer
   */
  async #takeAnswer(description, offer) {
    if (this.#pc.signalingState !== "have-local-offer") return;
    if (offer !== undefined && offer !== this.#offers) return;
    await this.#pc.setRemoteDescription(description);
  }

  /** @param {RTCIceCandidateInit | null} candidate */
  async #takeCandidate(candidate) {
    try {
      await this.#pc.addIceCandidate(candidate ?? undefined);
    } catch {
      // It belongs to an offer that was given up: its user name fragment is not known here.
    }
  }
}
