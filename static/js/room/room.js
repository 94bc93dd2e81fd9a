/** The room of a call: both pictures, the other's name, time, quality, notes, the situation, and the controls. */

import { now } from "../ui/clock.js";
import { make, showText } from "../ui/elements.js";
import { text } from "../ui/texts.js";
import { Controls } from "./controls.js";
import { callIcon } from "./icons.js";
import { coverOf, notesOf, qualityOf, silenceOf } from "./notes.js";
import { Pictures } from "./pictures.js";
import { situationOf } from "./situation.js";
import { SituationCard } from "./situation-card.js";

/** @typedef {import("../call/call.js").Call} Call */

/**
 * @typedef {object} RoomOptions
 * @property {Call} call
 * @property {() => void} onHangUp
 * @property {() => Promise<void>} [onResend] only where invites can be sent
 */

/** A short silence of the server is not worth a note, nor a reload of the other page a sentence. */
const OFFLINE_AFTER_MS = 1500;
const CLOSED_AFTER_MS = 1200;

export class Room {
  element;
  #call;
  #pictures = new Pictures(() => this.draw());
  #controls;
  #situation;
  #name = make("h1", "room-name");
  #time = make("span", "room-time number");
  #quality = make("span", "room-chip");
  #silence = make("span", "room-chip");
  #notes = make("div", "room-notes");
  #cover = make("div", "cover");
  #coverWords = make("p", "cover-words");
  #avatar = make("span", "avatar");
  #ownCover = make("span", "picture-own-off");
  #sound = make("button", "button room-sound");
  #ticker;
  /** @type {Map<string, number>} since when what may pass by itself has been so */
  #since = new Map();

  /** @param {RoomOptions} options */
  constructor({ call, onHangUp, onResend }) {
    this.#call = call;
    this.#controls = new Controls(call.devices, onHangUp);
    this.#situation = new SituationCard(onResend ?? null);
    this.element = make("section", `room room-${call.view.role}`, this.#stage(), this.#controls.element);
    this.element.tabIndex = -1;
    this.element.setAttribute("aria-label", text("controls.label"));
    this.#ticker = setInterval(() => this.draw(), 500);
  }

  /**
   * Adds a button of the page's own beside the others.
   * @param {HTMLElement} button
   */
  addControl(button) {
    this.#controls.add(button);
  }

  /** Shows the call as it is now. */
  draw() {
    const { view, devices, remote } = this.#call;
    this.#drawHead();
    this.#pictures.showRemote(remote);
    this.#pictures.showOwn(devices.tracks.video, devices.facingAway);
    this.#ownCover.hidden = devices.media.camera === "on";
    this.#sound.hidden = !this.#pictures.blocked;
    this.#controls.draw(devices);
    const away = view.peer.presence === "closed" && !this.#lasts("closed", true, CLOSED_AFTER_MS);
    if (view.peer.presence !== "closed") this.#lasts("closed", false, 0);
    const situation = away ? this.#situation.shown : situationOf(view);
    this.#situation.show(situation);
    const cover = coverOf(view);
    this.#cover.hidden = cover === null && view.path === "connected";
    this.#avatar.hidden = this.#cover.hidden || view.peer.name === "";
    this.#avatar.textContent = [...view.peer.name][0] ?? "";
    const words = cover === null ? null : text(cover, { name: view.peer.name });
    if (this.#coverWords.textContent !== (words ?? "")) showText(this.#coverWords, words);
    this.#drawNotes();
  }

  remove() {
    clearInterval(this.#ticker);
    this.#pictures.showRemote(null);
    this.#pictures.showOwn(null, false);
    this.element.remove();
  }

  #stage() {
    this.#notes.setAttribute("role", "status");
    this.#coverWords.setAttribute("role", "status");
    this.#avatar.setAttribute("aria-hidden", "true");
    this.#sound.type = "button";
    this.#sound.append(callIcon("sound"), text("room.soundOn"));
    this.#sound.addEventListener("click", () => void this.#pictures.unblock());
    this.#ownCover.append(callIcon("camera-off"));
    this.#pictures.remote.setAttribute("aria-label", text("room.remotePicture"));
    this.#pictures.own.setAttribute("aria-label", text("room.ownPicture"));
    const facts = make("div", "room-facts", this.#time, this.#quality, this.#silence);
    return make(
      "div",
      "stage",
      this.#pictures.remote,
      this.#cover,
      make("div", "room-head", this.#name, facts),
      this.#notes,
      make("div", "room-middle", this.#avatar, this.#coverWords, this.#situation.element, this.#sound),
      make("div", "picture-own", this.#pictures.own, this.#ownCover),
    );
  }

  #drawHead() {
    const { view } = this.#call;
    if (this.#name.textContent !== view.peer.name) this.#name.textContent = view.peer.name;
    showText(this.#time, view.talkingSince === null ? null : duration(view.talkingSince));
    chip(this.#quality, qualityOf(view));
    const silence = silenceOf(view);
    chip(this.#silence, silence === null ? null : { key: silence, icon: "microphone-off" });
  }

  #drawNotes() {
    const { view, devices } = this.#call;
    const offline = view.visit !== null && this.#lasts("offline", !view.online, OFFLINE_AFTER_MS);
    const notes = notesOf(view, devices, offline);
    const signature = JSON.stringify([notes, view.peer.name]);
    if (this.#notes.dataset.shown === signature) return;
    this.#notes.dataset.shown = signature;
    this.#notes.replaceChildren(
      ...notes.map(({ key, icon, retry }) => {
        const note = make(
          "p",
          "room-note",
          callIcon(icon),
          make("span", "", text(key, { name: view.peer.name })),
        );
        if (retry !== null) note.append(this.#retryButton(retry));
        return note;
      }),
    );
  }

  /** @param {import("../call/peer.js").Kind} kind */
  #retryButton(kind) {
    const key = kind === "audio" ? "device.microphone.retry" : "device.camera.retry";
    const button = make("button", "button room-note-button", text(key));
    button.type = "button";
    button.addEventListener("click", () => void this.#call.devices.retry(kind));
    return button;
  }

  /**
   * Whether something has been so for a while.
   * @param {string} what
   * @param {boolean} so
   * @param {number} milliseconds
   */
  #lasts(what, so, milliseconds) {
    if (!so) this.#since.delete(what);
    else if (!this.#since.has(what)) this.#since.set(what, performance.now());
    return so && performance.now() - (this.#since.get(what) ?? 0) >= milliseconds;
  }
}

/**
 * @param {HTMLElement} element
 * @param {{key: string, icon: string} | null} shown
 */
function chip(element, shown) {
  const signature = shown?.key ?? "";
  if (element.dataset.shown === signature) return;
  element.dataset.shown = signature;
  element.hidden = shown === null;
  element.replaceChildren();
  if (shown !== null) element.append(callIcon(shown.icon), make("span", "", text(shown.key)));
}

/**
 * How long the two have been in the call, as in `12:07` or `1:02:07`.
 * @param {string} since
 */
function duration(since) {
  const seconds = Math.max(0, Math.floor((now().getTime() - Date.parse(since)) / 1000));
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return `${hours > 0 ? `${hours}:` : ""}${two(minutes)}:${two(seconds % 60)}`;
}
