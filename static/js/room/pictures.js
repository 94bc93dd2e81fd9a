/** The two pictures, and the sound that comes with the large one. */

import { make } from "../ui/elements.js";

/** By how much the shapes of a picture and its place may differ. */
const MOST_CUT = 1.45;

export class Pictures {
  /** Whether the browser keeps the sound back until the person presses something. */
  blocked = false;
  #remote;
  #own;
  #onBlocked;
  /** @type {MediaStreamTrack | null} */
  #ownTrack = null;

  /**
   * @param {() => void} onBlocked `blocked` changed
   */
  constructor(onBlocked) {
    this.#onBlocked = onBlocked;
    this.#remote = video("picture-remote");
    this.#own = video("picture-own-video");
    this.#own.muted = true;
    for (const target of [this.#remote, window]) target.addEventListener("resize", () => this.#fit());
    // Sound that stops when a phone call comes in starts again only when it is asked to.
    this.#remote.addEventListener("pause", () => {
      if (this.#remote.isConnected && this.#remote.srcObject !== null) void this.#play();
    });
  }

  get remote() {
    return this.#remote;
  }

  get own() {
    return this.#own;
  }

  /** @param {MediaStream | null} stream */
  showRemote(stream) {
    if (this.#remote.srcObject === stream) return;
    this.#remote.srcObject = stream;
    if (stream !== null) void this.#play();
  }

  /**
   * @param {MediaStreamTrack | null} track
   * @param {boolean} facingAway
   */
  showOwn(track, facingAway) {
    this.#own.classList.toggle("mirrored", !facingAway);
    if (track === this.#ownTrack) return;
    this.#ownTrack = track;
    this.#own.srcObject = track === null ? null : new MediaStream([track]);
    if (track !== null) this.#own.play().catch(() => {});
  }

  /** Turns the sound on; to be called from a press. */
  unblock() {
    this.#remote.muted = false;
    return this.#play();
  }

  /** The picture fills its place unless too much of it would be cut off. */
  #fit() {
    const { videoWidth, videoHeight, clientWidth, clientHeight } = this.#remote;
    const ratio = videoWidth / videoHeight / (clientWidth / clientHeight);
    this.#remote.classList.toggle("picture-whole", Math.max(ratio, 1 / ratio) > MOST_CUT);
  }

  async #play() {
    try {
      await this.#remote.play();
      if (!this.#remote.muted) this.#setBlocked(false);
    } catch (error) {
      // Another stream took its place, or the element went; the newer call of play() counts.
      if (/** @type {Error} */ (error).name !== "NotAllowedError" || this.#remote.muted) return;
      this.#setBlocked(true);
      this.#remote.muted = true;
      await this.#play();
    }
  }

  /** @param {boolean} blocked */
  #setBlocked(blocked) {
    if (this.blocked === blocked) return;
    this.blocked = blocked;
    this.#onBlocked();
  }
}

/** @param {string} className */
function video(className) {
  const made = make("video", className);
  made.autoplay = true;
  made.playsInline = true;
  made.disablePictureInPicture = true;
  return made;
}
