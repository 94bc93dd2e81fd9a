/** From the press on "Join visit" to the end of the call: devices, link, room. Loaded while the preview is read. */

import { Call } from "../call/call.js";
import { deliverCommand, keptCommand } from "../call/commands.js";
import { Devices } from "../call/devices.js";
import { openLeg } from "../call/leg.js";
import { askForDevices } from "../room/asking.js";
import { Room } from "../room/room.js";
import { ApiError, api } from "../ui/api.js";
import { setServerTime } from "../ui/clock.js";
import { forgetVisit, keepVisit } from "./link.js";
import { showEnd } from "./screens.js";

/** @typedef {import("../protocol.js").PreviewView} Preview */

/**
 * @typedef {object} Entry
 * @property {HTMLElement} place
 * @property {string} token
 * @property {Preview} preview
 * @property {boolean} resumed this tab was in the call already: a reload
 * @property {(code: string) => void} onRefused
 */

/**
 * Enters the call.
 * @param {Entry} entry
 */
export async function enterVisit(entry) {
  const { place, token, preview } = entry;
  const command = keptCommand(preview.visitId);
  if (command !== null) {
    showLeft(entry);
    await deliverCommand(preview.visitId, command);
    forgetVisit();
    return;
  }
  const devices = new Devices();
  await askForDevices(place, devices);
  const leg = await openLeg("client", preview.visitId);
  keepVisit(token, preview);
  /** @type {Call} */
  const call = new Call({
    visitId: preview.visitId,
    role: "client",
    leg,
    devices,
    ticket: ticketSource(entry),
    onChange: () => follow(entry, call, room),
  });
  const room = new Room({ call, onHangUp: () => void call.hangUp().then(forgetVisit) });
  place.replaceChildren(room.element);
  document.body.classList.add("in-call");
  addEventListener("pagehide", () => {
    if (call.view.phase === "open") call.farewell("closed");
  });
  room.draw();
  room.element.focus();
  call.enter();
}

/**
 * @param {Entry} entry
 * @param {Call} call
 * @param {Room} room
 */
function follow(entry, call, room) {
  const { phase, refusal } = call.view;
  if (phase === "entering" || phase === "open" || phase === "elsewhere") {
    room.draw();
    return;
  }
  if (!room.element.isConnected) return;
  room.remove();
  document.body.classList.remove("in-call");
  if (phase === "left") {
    showLeft(entry);
    return;
  }
  forgetVisit();
  if (phase === "over") showEnd(entry.place, entry.preview, "end.over");
  else if (phase === "refused") entry.onRefused(refusal ?? "internal");
  else showEnd(entry.place, entry.preview, "end.moved", back(entry, "end.useThis"));
}

/** @param {Entry} entry */
function showLeft(entry) {
  showEnd(entry.place, entry.preview, "end.left", back(entry, "end.rejoin"));
}

/**
 * @param {Entry} entry
 * @param {string} key
 */
function back(entry, key) {
  return { key, onPress: () => void enterVisit({ ...entry, resumed: false }) };
}

/**
 * Tickets for the client's connections. The link is exchanged for the cookie by the first press, and again when
 * the cookie is no longer there.
 * @param {Entry} entry
 * @returns {() => Promise<string>}
 */
function ticketSource({ token, preview, resumed }) {
  let exchanged = resumed;
  const exchange = async () => {
    await api("POST", "/invites/exchange", { token });
    exchanged = true;
  };
  const ask = async () => {
    const { ticket, serverTime } = await api(
      "POST",
      `/visits/${encodeURIComponent(preview.visitId)}/client-ticket`,
    );
    setServerTime(serverTime);
    return ticket;
  };
  return async () => {
    if (!exchanged) await exchange();
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status < 401 || error.status > 404) throw error;
      await exchange();
      return ask();
    }
  };
}
