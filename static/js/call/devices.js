/** This page's camera and microphone while the call is open. All changes go through one queue. */

import { capture, obstacle, permission } from "./capture.js";

/** @typedef {import("./peer.js").Kind} Kind */
/** @typedef {import("./peer.js").Tracks} Tracks */
/** @typedef {import("./capture.js").Trouble} Trouble */
/** @typedef {"on" | "off" | "none"} DeviceState */

const KINDS = /** @type {const} */ (["audio", "video"]);
/** What passes by itself within this time is not worth a sentence. */
const INTERRUPTED_AFTER_MS = 1500;

export class Devices {
  /** @type {Tracks} */
  tracks = { audio: null, video: null };
  /** @type {Record<Kind, Trouble | null>} */
  trouble = { audio: null, video: null };
  /** How many cameras there are to switch between. */
  cameras = 0;
  /** The camera looks away from the person: their own picture must not be mirrored. */
  facingAway = false;
  onChange = () => {};
  /** @type {(kind: Kind, track: MediaStreamTrack | null) => void} */
  onTrack = () => {};
  #on = { audio: true, video: true };
  #queue = Promise.resolve();
  /** @type {MediaTrackConstraints | undefined} */
  #camera;
  #countAgain = () => {
    if (document.visibilityState === "visible") void this.#count();
  };

  /**
   * Asks for the devices.
   * @param {Record<Kind, boolean>} wanted
   */
  open(wanted) {
    if (obstacle() !== null) return Promise.resolve();
    return this.#enqueue(async () => {
      navigator.mediaDevices.addEventListener("devicechange", this.#countAgain);
      // Phones end the tracks of a page that was hidden for long.
      document.addEventListener("visibilitychange", this.#countAgain);
      const found = await capture(wanted, this.#camera);
      for (const kind of KINDS) {
        if (!wanted[kind]) continue;
        this.#put(kind, found.tracks[kind]);
        this.trouble[kind] = found.trouble[kind];
      }
      await this.#count();
    });
  }

  /**
   * Tries once more to get one device; in place of a camera without a picture, the next one.
   * @param {Kind} kind
   */
  retry(kind) {
    if (obstacle() !== null) return Promise.resolve();
    if (kind === "video" && this.trouble.video === "silent" && this.cameras > 1) return this.switchCamera();
    return this.#enqueue(async () => {
      this.#drop(kind);
      await this.#get(kind);
      await this.#count();
    });
  }

  /**
   * What the other page is told.
   * @returns {{camera: DeviceState, microphone: DeviceState}}
   */
  get media() {
    return { camera: this.#state("video"), microphone: this.#state("audio") };
  }

  /**
   * Turns camera or microphone on or off. A camera that can be had back without a question is let go of, so that
   * its light goes out too.
   * @param {Kind} kind
   * @param {boolean} on
   */
  turn(kind, on) {
    this.#on[kind] = on;
    const track = this.tracks[kind];
    if (track !== null) track.enabled = on;
    this.onChange();
    return this.#enqueue(async () => {
      if (kind === "audio" || this.#on.video !== on) return;
      if (!on && this.trouble.video === null && (await permission("video")) === "granted")
        this.#drop("video");
      if (on && this.tracks.video === null) await this.#get("video");
    });
  }

  /** The next camera; on a phone, the one on the other side. */
  switchCamera() {
    return this.#enqueue(async () => {
      const now = this.tracks.video?.getSettings() ?? {};
      const before = this.#camera;
      this.#camera = await this.#nextCamera(now);
      // Many phones can't open two cameras at once.
      this.#drop("video");
      await this.#get("video");
      if (this.tracks.video !== null) return;
      this.#camera = before;
      await this.#get("video");
    });
  }

  /**
   * Whether a device that is on gives nothing at all: no sound, or no picture.
   * @param {Kind} kind
   * @param {boolean} silent
   */
  noticeSilence(kind, silent) {
    const known = this.trouble[kind];
    if (silent && known === null && this.tracks[kind] !== null && this.#on[kind])
      this.trouble[kind] = "silent";
    else if (!silent && known === "silent") this.trouble[kind] = null;
    else return;
    this.onChange();
  }

  /** Lets go of everything. */
  release() {
    navigator.mediaDevices?.removeEventListener("devicechange", this.#countAgain);
    document.removeEventListener("visibilitychange", this.#countAgain);
    return this.#enqueue(() => {
      for (const kind of KINDS) this.#drop(kind);
      return Promise.resolve();
    });
  }

  /**
   * @param {Kind} kind
   * @returns {DeviceState}
   */
  #state(kind) {
    if (!this.#on[kind]) return this.trouble[kind] === null || this.tracks[kind] !== null ? "off" : "none";
    const dark = kind === "video" && this.trouble.video === "silent";
    return this.tracks[kind] === null || this.trouble[kind] === "interrupted" || dark ? "none" : "on";
  }

  /** @param {MediaTrackSettings} now */
  async #nextCamera(now) {
    if (now.facingMode === "user" || now.facingMode === "environment") {
      return { facingMode: { exact: now.facingMode === "user" ? "environment" : "user" } };
    }
    const all = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
    const next = all[(all.findIndex(({ deviceId }) => deviceId === now.deviceId) + 1) % all.length];
    return next === undefined ? {} : { deviceId: { exact: next.deviceId } };
  }

  /** @param {Kind} kind */
  async #get(kind) {
    const found = await capture({ audio: kind === "audio", video: kind === "video" }, this.#camera);
    this.#put(kind, found.tracks[kind]);
    this.trouble[kind] = found.trouble[kind];
  }

  /**
   * @param {Kind} kind
   * @param {MediaStreamTrack | null} track
   */
  #put(kind, track) {
    this.#drop(kind);
    this.tracks[kind] = track;
    if (track === null) return;
    track.enabled = this.#on[kind];
    if (kind === "video") this.facingAway = track.getSettings().facingMode === "environment";
    track.onended = () => this.#lost(kind, "unplugged");
    track.onmute = () => setTimeout(() => this.#interrupted(kind, track), INTERRUPTED_AFTER_MS);
    track.onunmute = () => this.#resumed(kind, track);
    this.onTrack(kind, track);
  }

  /** @param {Kind} kind */
  #drop(kind) {
    const track = this.tracks[kind];
    if (track === null) return;
    track.onended = null;
    track.onmute = null;
    track.onunmute = null;
    track.stop();
    this.tracks[kind] = null;
    this.onTrack(kind, null);
  }

  /**
   * @param {Kind} kind
   * @param {Trouble} trouble
   */
  #lost(kind, trouble) {
    this.#drop(kind);
    this.trouble[kind] = trouble;
    this.onChange();
  }

  /**
   * @param {Kind} kind
   * @param {MediaStreamTrack} track
   */
  #interrupted(kind, track) {
    // A hidden page's camera is muted by the system; that needs no sentence.
    if (this.tracks[kind] !== track || !track.muted || document.visibilityState === "hidden") return;
    this.trouble[kind] = "interrupted";
    this.onChange();
  }

  /**
   * @param {Kind} kind
   * @param {MediaStreamTrack} track
   */
  #resumed(kind, track) {
    if (this.tracks[kind] !== track || this.trouble[kind] !== "interrupted") return;
    this.trouble[kind] = null;
    this.onChange();
  }

  async #count() {
    const all = await navigator.mediaDevices.enumerateDevices();
    this.cameras = all.filter(({ kind }) => kind === "videoinput").length;
    const back = KINDS.filter((kind) => {
      return this.trouble[kind] === "unplugged" && all.some((one) => one.kind === `${kind}input`);
    });
    for (const kind of back) void this.retry(kind);
    this.onChange();
  }

  /**
   * @param {() => Promise<void>} step
   * @returns {Promise<void>}
   */
  #enqueue(step) {
    const done = this.#queue.then(step);
    this.#queue = done.catch(() => {}).then(() => this.onChange());
    return done;
  }
}
