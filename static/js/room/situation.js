/** What there is to say about the other person, in the words of SPEC §7. Nothing while all is well. */

import { clockTime } from "../ui/time.js";

/** @typedef {import("../call/state.js").View} View */

/**
 * @typedef {object} Situation
 * @property {string} key of the text
 * @property {Record<string, string>} values
 * @property {boolean} resend whether "Resend invite" belongs to it
 * @property {string | null} phone whom to call
 */

/**
 * @param {string} key
 * @param {Partial<Situation>} [more]
 * @returns {Situation}
 */
function say(key, more = {}) {
  return { key, values: {}, resend: false, phone: null, ...more };
}

/**
 * @param {View} view
 * @returns {Situation | null}
 */
export function situationOf(view) {
  if (view.visit === null) return say("situation.entering");
  // What is seen and heard needs no words, whatever the server believes.
  const gone = view.peer.presence === "closed" || view.peer.presence === "left";
  if (view.path === "connected" && !gone) return null;
  return view.role === "caregiver" ? forCaregiver(view) : forClient(view);
}

/**
 * @param {View} view
 * @returns {Situation}
 */
function forCaregiver(view) {
  if (view.state === "invited") return notJoined(view);
  if (view.state === "client_hung_up") {
    return say("situation.clientHungUp", { resend: true, phone: view.visit?.phone ?? null });
  }
  switch (view.peer.presence) {
    case "closed":
    case "left":
      return say("situation.clientClosed");
    case "lost":
    case "never":
      return say("situation.clientLost");
    default:
      return say(view.talkingSince === null ? "situation.connecting" : "situation.interrupted");
  }
}

/**
 * @param {View} view
 * @returns {Situation}
 */
function notJoined({ visit }) {
  const invite = visit?.lastInvite ?? null;
  if (invite === null || visit === null) return say("situation.notJoinedNotSent", { resend: true });
  if (invite.how === "link") {
    const time = clockTime(invite.sentAt ?? invite.madeAt, visit.timeZone);
    return say("situation.notJoinedCopied", { values: { time }, resend: true });
  }
  if (invite.sentAt === null) return say("situation.notJoinedNotSent", { resend: true });
  const time = clockTime(invite.sentAt, visit.timeZone);
  return say("situation.notJoinedSent", { values: { time }, resend: true });
}

/**
 * @param {View} view
 * @returns {Situation}
 */
function forClient(view) {
  switch (view.peer.presence) {
    case "never":
      return say("situation.caregiverNotJoined");
    case "closed":
    case "left":
      return say("situation.caregiverAway");
    case "lost":
      return say("situation.caregiverLost");
    default:
      return say(view.talkingSince === null ? "situation.connecting" : "situation.interrupted");
  }
}
