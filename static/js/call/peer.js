/** One RTCPeerConnection: the pair's media, both ways. A new pair has a new one. */

import { Negotiation, readSignal } from "./negotiation.js";

/** @typedef {"audio" | "video"} Kind */
/** @typedef {Record<Kind, MediaStreamTrack | null>} Tracks */
/** @typedef {"connecting" | "connected" | "interrupted" | "failed" | "broken"} Path */

/**
 * @typedef {object} PeerOptions
 * @property {string} pair
 * @property {boolean} polite
 * @property {RTCIceServer[]} iceServers
 * @property {boolean} relayOnly
 * @property {Tracks} tracks
 * @property {(pair: string, payload: object) => void} send
 * @property {() => void} onPath the state of the path changed
 * @property {() => void} onBroken it can't be negotiated any more: a new pair is needed
 */

const KINDS = /** @type {const} */ (["audio", "video"]);
const VIDEO_BITS_PER_SECOND = 1_500_000;

export class Peer {
  /** What comes from the other person; its tracks are there from the first answer on. */
  remote = new MediaStream();
  #pc;
  #negotiation;
  #options;
  #closed = false;
  /** Only its id is used: it ties sound and picture together for the other page. */
  #stream = new MediaStream();
  /** @type {Map<Kind, RTCRtpTransceiver>} */
  #transceivers = new Map();

  /** @param {PeerOptions} options */
  constructor(options) {
    this.#options = options;
    this.#pc = new RTCPeerConnection(configuration(options.iceServers, options.relayOnly));
    this.#negotiation = new Negotiation(this.#pc, {
      polite: options.polite,
      send: (signal) => options.send(options.pair, signal),
      prepareAnswer: () => this.#adopt(),
      onFailure: options.onBroken,
    });
    this.#pc.ontrack = ({ track }) => this.#addRemote(track);
    this.#pc.onconnectionstatechange = () => this.#pathChanged();
    this.#pc.oniceconnectionstatechange = () => this.#pathChanged();
    if (!options.polite) this.#offerMedia();
  }

  get pair() {
    return this.#options.pair;
  }

  /**
   * How the media path is. `interrupted` often heals by itself; `failed` needs an ICE restart; `broken` (DTLS)
   * a new pair.
   * @returns {Path}
   */
  get path() {
    const ice = this.#pc.iceConnectionState;
    const whole = this.#pc.connectionState;
    if (ice === "failed") return "failed";
    if (whole === "failed" || whole === "closed") return "broken";
    if (ice === "disconnected") return "interrupted";
    return whole === "connected" ? "connected" : "connecting";
  }

  /** Whether the other page has ever answered; before that an ICE restart changes nothing. */
  get negotiated() {
    return this.#pc.remoteDescription !== null;
  }

  /** @param {unknown} payload */
  receive(payload) {
    const signal = readSignal(payload);
    if (signal !== null) this.#negotiation.receive(signal);
  }

  /** Signaling was interrupted: messages may have been lost, in both directions. */
  resync() {
    this.#negotiation.resync(this.path === "connected");
  }

  /**
   * Looks for a path anew, with these servers.
   * @param {RTCIceServer[]} iceServers
   * @param {boolean} relayOnly
   */
  restart(iceServers, relayOnly) {
    if (this.#closed) return;
    this.#pc.setConfiguration(configuration(iceServers, relayOnly));
    this.#pc.restartIce();
  }

  /**
   * Sends another track, or nothing; never negotiates.
   * @param {Kind} kind
   * @param {MediaStreamTrack | null} track
   */
  async replace(kind, track) {
    this.#options.tracks[kind] = track;
    try {
      await this.#transceivers.get(kind)?.sender.replaceTrack(track);
    } catch {
      this.#options.onBroken();
    }
  }

  /** @returns {Promise<RTCStatsReport>} */
  stats() {
    return this.#pc.getStats();
  }

  /**
   * Stops or starts the picture that is sent, so that the voice has what the network still carries.
   * @param {boolean} active
   */
  async sendPicture(active) {
    const sender = this.#transceivers.get("video")?.sender;
    if (sender !== undefined) await tune(sender, { active });
  }

  close() {
    this.#closed = true;
    this.#negotiation.close();
    this.#pc.ontrack = null;
    this.#pc.onconnectionstatechange = null;
    this.#pc.oniceconnectionstatechange = null;
    this.#pc.close();
  }

  #offerMedia() {
    for (const kind of KINDS) {
      const transceiver = this.#pc.addTransceiver(this.#options.tracks[kind] ?? kind, {
        direction: "sendrecv",
        streams: [this.#stream],
      });
      preferRedundancy(transceiver, kind);
      this.#transceivers.set(kind, transceiver);
    }
  }

  /** The polite side takes the offer's transceivers: its own would not be matched with them. */
  async #adopt() {
    for (const transceiver of this.#pc.getTransceivers()) {
      const kind = /** @type {Kind} */ (transceiver.receiver.track.kind);
      if (this.#transceivers.has(kind) || transceiver.direction === "stopped") continue;
      this.#transceivers.set(kind, transceiver);
      transceiver.direction = "sendrecv";
      transceiver.sender.setStreams(this.#stream);
      preferRedundancy(transceiver, kind);
      await transceiver.sender.replaceTrack(this.#options.tracks[kind]);
    }
  }

  /** @param {MediaStreamTrack} track */
  #addRemote(track) {
    for (const old of this.remote.getTracks()) {
      if (old.kind === track.kind && old !== track) this.remote.removeTrack(old);
    }
    this.remote.addTrack(track);
    this.#options.onPath();
  }

  #pathChanged() {
    if (this.path === "connected") this.#setPriorities();
    this.#options.onPath();
  }

  /** Sound goes before the picture; the picture gets smaller and slower before it stops. */
  #setPriorities() {
    const audio = this.#transceivers.get("audio")?.sender;
    const video = this.#transceivers.get("video")?.sender;
    if (audio !== undefined) void tune(audio, { priority: "high", networkPriority: "high" });
    if (video !== undefined)
      void tune(video, { maxBitrate: VIDEO_BITS_PER_SECOND, priority: "low" }, "balanced");
  }
}

/**
 * @param {RTCIceServer[]} iceServers
 * @param {boolean} relayOnly
 * @returns {RTCConfiguration}
 */
function configuration(iceServers, relayOnly) {
  return { iceServers, iceTransportPolicy: relayOnly ? "relay" : "all", bundlePolicy: "max-bundle" };
}

/**
 * Changes how a sender encodes, as far as this browser knows how.
 * @param {RTCRtpSender} sender
 * @param {RTCRtpEncodingParameters} encoding
 * @param {RTCDegradationPreference} [degradation]
 */
async function tune(sender, encoding, degradation) {
  const parameters = /** @type {RTCRtpSendParameters & {degradationPreference?: string}} */ (
    sender.getParameters()
  );
  const first = parameters.encodings?.[0];
  if (first === undefined) return;
  Object.assign(first, encoding);
  if (degradation !== undefined) parameters.degradationPreference = degradation;
  try {
    await sender.setParameters(parameters);
  } catch {
    // Not every browser knows every parameter; the call goes on with its own choice.
  }
}

/**
 * Sound with redundancy (RED, RFC 2198) first: far less of it is lost on a bad network. In-band FEC is Opus's
 * default in every browser.
 * @param {RTCRtpTransceiver} transceiver
 * @param {Kind} kind
 */
function preferRedundancy(transceiver, kind) {
  if (kind !== "audio" || typeof transceiver.setCodecPreferences !== "function") return;
  const codecs = RTCRtpReceiver.getCapabilities("audio")?.codecs ?? [];
  const red = codecs.filter(({ mimeType }) => mimeType.toLowerCase() === "audio/red");
  if (red.length === 0) return;
  try {
    transceiver.setCodecPreferences([...red, ...codecs.filter((codec) => !red.includes(codec))]);
  } catch {
    // An older browser wants them in its own order.
  }
}
