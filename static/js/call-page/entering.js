/** The caregiver in the call: devices, leg, room, and the questions that only they are asked. */

import { Call } from "../call/call.js";
import { Devices } from "../call/devices.js";
import { openLeg } from "../call/leg.js";
import { holdLock } from "../call/locks.js";
import { askForDevices } from "../room/asking.js";
import { Room } from "../room/room.js";
import { api, commandId } from "../ui/api.js";
import { setServerTime } from "../ui/clock.js";
import { choose } from "../ui/dialog.js";
import { text } from "../ui/texts.js";
import { showLeft, showMoved, showOver, showRefusal } from "./screens.js";

/** @typedef {import("../protocol.js").VisitView} Visit */

/**
 * @typedef {object} Entry
 * @property {HTMLElement} place
 * @property {Visit} visit
 * @property {HTMLButtonElement} documentationButton
 */

const LOCK_MS = 1000;
const PENDING_AFTER_MS = 1500;

/**
 * @param {Entry} entry
 * @param {{takeover?: boolean}} [choice]
 */
export async function enterCall(entry, choice = {}) {
  const { place, visit, documentationButton } = entry;
  const devices = new Devices();
  await askForDevices(place, devices);
  const leg = await openLeg("caregiver", visit.id);
  // Other pages of this browser learn from the lock that the call is open here.
  const unlock = holdLock(`call:${visit.id}`, LOCK_MS);
  /** @type {Call} */
  const call = new Call({
    visitId: visit.id,
    role: "caregiver",
    leg,
    devices,
    ticket: () => ticketFor(visit.id),
    onChange: () => follow(entry, call, room, unlock),
  });
  const room = new Room({
    call,
    onHangUp: () => void askHangUp(entry, call),
    onResend: async () => {
      await api("POST", `/visits/${encodeURIComponent(visit.id)}/invites`, {
        delivery: "email",
        commandId: commandId(),
      });
    },
  });
  room.addControl(documentationButton);
  place.replaceChildren(room.element);
  document.body.classList.add("in-call");
  addEventListener("pagehide", () => {
    if (call.view.phase === "open") call.farewell("closed");
  });
  room.draw();
  room.element.focus();
  call.enter(choice);
}

/** @param {string} visitId */
async function ticketFor(visitId) {
  const { ticket, serverTime } = await api("POST", `/visits/${encodeURIComponent(visitId)}/ticket`);
  setServerTime(serverTime);
  return ticket;
}

/**
 * @param {Entry} entry
 * @param {Call} call
 */
async function askHangUp(entry, call) {
  const chosen = await choose({
    title: text("call.endQuestion"),
    choices: [
      { value: "end", label: text("call.end"), kind: "danger" },
      { value: "leave", label: text("call.leave") },
      { value: "keep", label: text("call.keepTalking"), kind: "primary" },
    ],
  });
  if (chosen === "end") await end(entry, call);
  if (chosen === "leave") await call.leave();
}

/**
 * Ends the session. It looks ended at once; that the server does not know it yet, or refuses, is said.
 * @param {Entry} entry
 * @param {Call} call
 */
async function end({ place, visit }, call) {
  let pending = false;
  const slow = setTimeout(() => {
    pending = true;
    showOver(place, visit, { pending });
  }, PENDING_AFTER_MS);
  const refusal = await call.endSession();
  clearTimeout(slow);
  if (refusal !== null) showRefusal(place, refusal.code, visit.id, () => location.reload());
  else if (pending) showOver(place, visit);
}

/** @param {Call} call */
async function askWhichOne(call) {
  const chosen = await choose({
    title: text("call.elsewhereTitle"),
    message: text("call.elsewhereQuestion"),
    choices: [
      { value: "this", label: text("call.useThis"), kind: "primary" },
      { value: "other", label: text("call.useOther") },
    ],
  });
  if (chosen === "this") call.enter({ takeover: true });
  else call.stayAway();
}

/**
 * @param {Entry} entry
 * @param {Call} call
 * @param {Room} room
 * @param {Promise<(() => void) | null>} unlock
 */
function follow(entry, call, room, unlock) {
  const { phase, refusal } = call.view;
  if (phase === "elsewhere" && room.element.dataset.phase !== "elsewhere") void askWhichOne(call);
  room.element.dataset.phase = phase;
  if (phase === "entering" || phase === "open" || phase === "elsewhere") {
    room.draw();
    return;
  }
  if (!room.element.isConnected) return;
  room.remove();
  document.body.classList.remove("in-call");
  void unlock.then((release) => release?.());
  const { place, visit } = entry;
  if (phase === "over") showOver(place, visit);
  else if (phase === "left") showLeft(place, visit, () => void enterCall(entry));
  else if (phase === "replaced") showMoved(place, visit, () => void enterCall(entry, { takeover: true }));
  else showRefusal(place, refusal ?? "internal", visit.id, () => location.reload());
}
