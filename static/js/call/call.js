/**
 * A call, as a page has it: signaling, media and devices put together. The page draws `view` whenever `onChange`
 * says so. Media and signaling have separate fates: losing the socket or the server never touches the media.
 */

import { PROTOCOL } from "../protocol.js";
import { now, setServerTime } from "../ui/clock.js";
import { deliverCommand, keepCommand } from "./commands.js";
import { Media } from "./media.js";
import { Signaling } from "./signaling.js";
import { initialView, withFact, withRefusal, withSnapshot } from "./state.js";
import { WakeLock } from "./wake-lock.js";

/** @typedef {import("./state.js").View} View */
/** @typedef {import("./state.js").Phase} Phase */
/** @typedef {import("../protocol.js").Role} Role */
/** @typedef {import("../protocol.js").Snapshot} Snapshot */

/**
 * @typedef {object} CallOptions
 * @property {string} visitId
 * @property {Role} role
 * @property {import("./leg.js").Leg} leg
 * @property {import("./devices.js").Devices} devices open already; released when the call ends
 * @property {() => Promise<string>} ticket asks the server for a ticket
 * @property {() => void} onChange the view or the devices changed
 */

/** Phases that nothing but the person's own press leads out of. */
const ENDED = new Set(["left", "over", "replaced", "refused"]);

export class Call {
  #options;
  #view;
  #signaling;
  #media;
  #wakeLock = new WakeLock();
  #takeover = false;
  #toldDevices = "";

  /** @param {CallOptions} options */
  constructor(options) {
    this.#options = options;
    this.#view = { ...initialView(options.role), talkingSince: options.leg.talkingSince };
    this.#signaling = new Signaling({
      ticket: options.ticket,
      hello: () => this.#hello(),
      onSnapshot: (snapshot) => this.#takeSnapshot(snapshot),
      onFact: (name, fact) => this.#takeFact(name, fact),
      onSignal: (pair, payload) => this.#media.receive(pair, payload),
      onOnline: (online) => this.#show({ ...this.#view, online }),
      onRefused: (code) => this.#show(withRefusal(this.#view, code)),
    });
    this.#media = new Media({
      polite: options.role === "client",
      devices: options.devices,
      signaling: this.#signaling,
      onChange: () => this.#mediaChanged(),
    });
    options.devices.onChange = () => this.#devicesChanged();
  }

  get view() {
    return this.#view;
  }

  get devices() {
    return this.#options.devices;
  }

  /** The other's picture and sound; null without a peer connection. */
  get remote() {
    return this.#media.remote;
  }

  /**
   * Enters the call.
   * @param {{takeover?: boolean}} [choice] `takeover`: the person chose this page over the one where it is open
   */
  enter({ takeover = false } = {}) {
    this.#takeover = takeover;
    this.#wakeLock.hold();
    this.#signaling.open();
  }

  /** The client leaves; they can come back. Carried out once, also if the network is away right now. */
  hangUp() {
    return this.#command("hang_up", "left");
  }

  /** The caregiver ends the session for good. */
  endSession() {
    return this.#command("end_session", "over");
  }

  /** "Leave for now": the session stays as it is. */
  async leave() {
    const told = this.#signaling.command("leave", { why: "left" }).catch(() => this.farewell("left"));
    this.#end("left");
    await told;
    this.#signaling.close();
  }

  /** The person uses the other page after all. */
  stayAway() {
    this.#show({ ...this.#view, phase: "replaced" });
  }

  /**
   * The page's last word while it closes: nothing waits for an answer any more.
   * @param {"closed" | "left"} why
   */
  farewell(why) {
    const { visitId, role, leg } = this.#options;
    if (leg.generation === null) return;
    const body = JSON.stringify({ legId: leg.id, generation: leg.generation, why });
    const path = `/api/v1/visits/${encodeURIComponent(visitId)}/farewell?role=${role}`;
    navigator.sendBeacon(path, new Blob([body], { type: "application/json" }));
  }

  /**
   * @param {"hang_up" | "end_session"} name
   * @param {Phase} phase
   * @returns {Promise<import("../ui/api.js").ApiError | null>} what the server has answered: null when it is done
   */
  async #command(name, phase) {
    const { visitId, leg } = this.#options;
    const signaling = this.#signaling;
    const command = leg.generation === null ? null : keepCommand(visitId, name, leg);
    const told =
      command !== null && signaling.online ? signaling.command(name, { commandId: command.commandId }) : null;
    this.#end(phase);
    const answered = told !== null && (await told.then(() => true).catch(() => false));
    // Not before: a page that is still connected would join again while the command waits for the network.
    signaling.close();
    return command === null ? null : deliverCommand(visitId, command, answered);
  }

  /** @returns {import("../protocol.js").Join} */
  #hello() {
    const { visitId, leg, devices } = this.#options;
    this.#toldDevices = JSON.stringify(devices.media);
    return {
      protocol: PROTOCOL,
      visitId,
      legId: leg.id,
      resume: leg.generation !== null,
      takeover: this.#takeover,
      pair: this.#media.pair,
      media: devices.media,
    };
  }

  /** @param {Snapshot} snapshot */
  #takeSnapshot(snapshot) {
    setServerTime(snapshot.serverTime);
    this.#takeover = false;
    this.#options.leg.joined(snapshot.generation);
    this.#media.useServers(snapshot.iceServers, snapshot.iceTtlSeconds, snapshot.relayOnly);
    this.#showAndResync(withSnapshot(this.#view, snapshot), true);
    this.#devicesChanged();
  }

  /**
   * @param {import("./signaling.js").FactName} name
   * @param {any} fact
   */
  #takeFact(name, fact) {
    const returned = name === "peer_changed" && fact.role !== this.#view.role && fact.presence === "present";
    this.#showAndResync(withFact(this.#view, name, fact), returned);
  }

  /**
   * @param {View} view
   * @param {boolean} missed whether signals may have been lost before it
   */
  #showAndResync(view, missed) {
    const held = this.#media.pair;
    this.#show(view);
    if (missed && held !== null && held === this.#media.pair) this.#media.resync();
  }

  /**
   * The one way by which the view changes; everything else follows it.
   * @param {View} view
   */
  #show(view) {
    if (ENDED.has(this.#view.phase)) return;
    this.#view = view;
    if (ENDED.has(view.phase)) {
      this.#end(view.phase);
      this.#signaling.close();
      return;
    }
    this.#media.follow({ pair: view.pair, presence: view.peer.presence, online: view.online });
    this.#view = { ...view, ...this.#measured() };
    this.#options.onChange();
  }

  #measured() {
    const { path, grade, stalled } = this.#media;
    return { path, grade, stalled, talkingSince: this.#options.leg.talkingSince };
  }

  #mediaChanged() {
    if (this.#media.path === "connected") this.#options.leg.talking(now().toISOString());
    this.#show(this.#view);
  }

  #devicesChanged() {
    const { media } = this.#options.devices;
    const told = JSON.stringify(media);
    if (this.#signaling.online && !ENDED.has(this.#view.phase) && told !== this.#toldDevices) {
      this.#toldDevices = told;
      this.#signaling.command("media_state", media).catch(() => {});
    }
    this.#options.onChange();
  }

  /**
   * Stops everything that this page has of the call.
   * @param {Phase} phase
   */
  #end(phase) {
    this.#media.stop();
    this.#wakeLock.release();
    void this.#options.devices.release();
    // One that was refused (signed out, say) may come back as the same leg.
    if (phase !== "refused") this.#options.leg.end();
    this.#view = { ...this.#view, phase, path: null, grade: null, stalled: false };
    this.#options.onChange();
  }
}
