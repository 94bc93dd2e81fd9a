/**
 * The signaling half of an RTCPeerConnection as webrtc-pc (sections 4.3, 4.4, 4.7) describes it: states, rollback,
 * "negotiation needed", and ICE credentials that change with a restart. Every step takes simulated time.
 */

let serial = 0;
const newUfrag = () => {
  serial += 1;
  return `ufrag${serial}`;
};

export class FakePeerConnection {
  signalingState = "stable";
  /** @type {any} */
  localDescription = null;
  /** @type {any} */
  remoteDescription = null;
  /** @type {(() => void) | null} */
  onnegotiationneeded = null;
  /** @type {((event: {candidate: any}) => void) | null} */
  onicecandidate = null;
  rollbacks = 0;
  #schedule;
  #ufrag = newUfrag();
  #restartWanted = false;
  #needed = false;
  #closed = false;
  /** @type {{local: any, remote: any}} */
  #stable = { local: null, remote: null };

  /** @param {import("./schedule.js").Schedule} schedule */
  constructor(schedule) {
    this.#schedule = schedule;
  }

  /** The user name fragments that both ends agree on. */
  get agreed() {
    return [this.localDescription?.ufrag, this.remoteDescription?.ufrag];
  }

  /** As adding a transceiver does. */
  need() {
    this.#needed = true;
    this.#announce();
  }

  restartIce() {
    this.#restartWanted = true;
    this.need();
  }

  close() {
    this.#closed = true;
    this.signalingState = "closed";
  }

  /** @param {any} [description] */
  async setLocalDescription(description) {
    await this.#schedule.wait(20);
    this.#check();
    if (description?.type === "rollback") {
      this.#must("have-local-offer");
      this.rollbacks += 1;
      this.localDescription = this.#stable.local;
      this.#become("stable");
      return;
    }
    if (this.signalingState === "stable") {
      const ufrag = this.#restartWanted ? newUfrag() : this.#ufrag;
      this.#describe("offer", ufrag);
      this.#become("have-local-offer");
    } else {
      this.#must("have-remote-offer");
      const renewed =
        this.remoteDescription.ufrag !== this.#stable.remote?.ufrag && this.#stable.remote !== null;
      this.#settle(renewed ? newUfrag() : this.#ufrag);
      this.#describe("answer", this.#ufrag);
      this.#keep();
    }
    this.#gather(this.localDescription.ufrag);
  }

  /** @param {any} description */
  async setRemoteDescription(description) {
    await this.#schedule.wait(20);
    this.#check();
    const parsed = JSON.parse(description.sdp);
    if (description.type === "offer") {
      this.#must("stable");
      this.remoteDescription = { type: "offer", ufrag: parsed.ufrag };
      this.#become("have-remote-offer");
      return;
    }
    this.#must("have-local-offer");
    if (parsed.to !== this.localDescription.ufrag) throw new Error("an answer to another offer");
    this.remoteDescription = { type: "answer", ufrag: parsed.ufrag };
    if (this.localDescription.ufrag !== this.#ufrag) this.#settle(this.localDescription.ufrag);
    this.#keep();
  }

  /** @param {any} candidate */
  async addIceCandidate(candidate) {
    await this.#schedule.wait(5);
    if (candidate !== undefined && candidate.usernameFragment !== this.remoteDescription?.ufrag) {
      throw new DOMException("unknown ufrag", "OperationError");
    }
  }

  /** @param {string} ufrag */
  #settle(ufrag) {
    if (ufrag === this.#ufrag) return;
    this.#ufrag = ufrag;
    this.#restartWanted = false;
  }

  /**
   * @param {string} type
   * @param {string} ufrag
   */
  #describe(type, ufrag) {
    const sdp = JSON.stringify({ ufrag, to: this.remoteDescription?.ufrag });
    this.localDescription = { type, sdp, ufrag };
  }

  #keep() {
    this.#stable = { local: this.localDescription, remote: this.remoteDescription };
    this.#needed = this.#restartWanted;
    this.#become("stable");
  }

  /** @param {string} state */
  #become(state) {
    this.signalingState = state;
    if (state === "stable") this.#announce();
  }

  #announce() {
    this.#schedule.after(0, () => {
      if (this.#needed && this.signalingState === "stable") this.onnegotiationneeded?.();
    });
  }

  /** @param {string} ufrag */
  #gather(ufrag) {
    for (let index = 0; index < 2; index += 1) {
      this.#schedule.after(1 + index, () => {
        const candidate = { candidate: `c${index}`, usernameFragment: ufrag, toJSON: () => candidate };
        this.onicecandidate?.({
          candidate: { ...candidate, toJSON: () => ({ candidate: `c${index}`, usernameFragment: ufrag }) },
        });
      });
    }
  }

  /** @param {string} state */
  #must(state) {
    if (this.signalingState !== state)
      throw new DOMException(`in ${this.signalingState}`, "InvalidStateError");
  }

  #check() {
    if (this.#closed) throw new DOMException("closed", "InvalidStateError");
  }
}
