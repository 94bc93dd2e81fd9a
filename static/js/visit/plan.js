/** What the visit page offers now, and in which words. Pure; the rules themselves are the server's (SPEC §2, §4). */

/** @import { Invite, Me, Visit } from "../ui/resources.js" */

/**
 * @typedef {object} Plan
 * @property {"send" | "resend" | null} invite
 * @property {string | null} inviteRefusal the error code that keeps the invite from being sent
 * @property {boolean} copyLink
 * @property {"ready" | "clock_in_first" | "invite_first" | null} join
 * @property {boolean} end
 * @property {boolean} clockIn
 * @property {boolean} clockOut of one's own visit
 */

/**
 * Whether the visit has a session that goes on.
 * @param {Visit} visit
 */
export function hasOpenSession(visit) {
  return visit.session !== null && visit.session.state !== "terminated";
}

// These hide the invite: what is shown of the visit says why already.
const SAID_ELSEWHERE = new Set(["forbidden", "not_virtual", "visit_cancelled", "session_over", "not_found"]);

/**
 * @param {Visit} visit
 * @param {Me} me
 * @param {boolean} callOpen whether the call is open in this browser
 * @returns {Plan}
 */
export function plan(visit, me, callOpen) {
  const mine = visit.employee === me.id;
  const open = hasOpenSession(visit);
  const may = (/** @type {string} */ action) => visit.actions.includes(action);
  const refusal = visit.inviteRefusal;
  const invites = visit.videoActions && (refusal === null || !SAID_ELSEWHERE.has(refusal));
  const over = visit.session?.state === "terminated" || visit.cancelledAt !== null;
  const joins = mine && visit.videoActions && !over;
  return {
    invite: !invites ? null : open ? "resend" : "send",
    inviteRefusal: invites ? refusal : null,
    copyLink: visit.videoActions && may("copy_link"),
    join: joins ? readiness(visit) : null,
    end: visit.videoActions && open && may("end_session") && !callOpen,
    clockIn: may("clock_in"),
    clockOut: mine && may("clock_out"),
  };
}

/**
 * What joining still needs.
 * @param {Visit} visit
 */
function readiness({ actions, status }) {
  if (actions.includes("join")) return "ready";
  return status === "in_progress" ? "invite_first" : "clock_in_first";
}

/**
 * The key of the text that says how the session stands.
 * @param {Visit} visit
 * @returns {string}
 */
export function sessionText(visit) {
  const state = visit.session?.state ?? "none";
  if (visit.cancelledAt !== null && state !== "terminated") return "session.cancelled";
  if (state !== "joined") return `session.${state}`;
  return `session.joined.${visit.clientPresence}`;
}

/**
 * Whether the client is there and the caregiver is not.
 * @param {Visit} visit
 */
export function clientWaits({ session, clientPresence, caregiverInCall, cancelledAt }) {
  return (
    cancelledAt === null && session?.state === "joined" && clientPresence === "present" && !caregiverInCall
  );
}

/**
 * How an invite fares: the chip's text, its kind and icon.
 * @param {Invite} invite
 * @returns {{key: string, kind: string, icon: string}}
 */
export function deliveryChip({ delivery }) {
  /** @type {Record<Invite["delivery"], [string, string]>} */
  const looks = {
    sending: ["plain", "clock"],
    sent: ["good", "check"],
    delayed: ["attention", "clock"],
    failed: ["danger", "alert"],
    dropped: ["plain", "info"],
    copied: ["plain", "link"],
  };
  const [kind, icon] = looks[delivery];
  return { key: `delivery.${delivery}`, kind, icon };
}
