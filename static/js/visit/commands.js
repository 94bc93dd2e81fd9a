/** What the buttons of the visit page do: ask the server, and ask the person what the server wants confirmed. */

import { ApiError, sentence } from "../ui/api.js";
import { ask } from "../ui/dialog.js";
import { say, warn } from "../ui/live.js";
import { pressed } from "../ui/press.js";
import { staffApi } from "../ui/signed-in.js";
import { text } from "../ui/texts.js";
import { clockTime, dateInWords } from "../ui/time.js";

/** @import { Visit } from "../ui/resources.js" */

/**
 * Runs a command, telling what went wrong.
 * @param {() => Promise<void>} work
 */
export async function attempt(work) {
  try {
    await work();
  } catch (error) {
    if (error instanceof ApiError && error.code === "not_signed_in") return;
    warn(sentence(error));
  }
}

/** @param {Visit} visit */
export async function sendInvite(visit) {
  await pressed(`/visits/${visit.id}/invites`, { delivery: "email" }, staffApi);
  say(text("invite.onItsWay", { address: visit.person.email ?? "" }));
}

/**
 * @param {Visit} visit
 * @returns {Promise<string>} the link
 */
export async function makeLink(visit) {
  const { link } = await pressed(`/visits/${visit.id}/invites`, { delivery: "link" }, staffApi);
  return link;
}

/** @param {Visit} visit */
export async function clockIn(visit) {
  /** @type {string[]} */
  const confirm = [];
  for (;;) {
    try {
      await staffApi("POST", `/visits/${visit.id}/clock-in`, { confirm });
      say(text("clock.clockedIn"));
      return;
    } catch (error) {
      const asked = confirmations(error).filter((name) => !confirm.includes(name));
      if (asked.length === 0) throw error;
      for (const name of asked) {
        if (!(await confirmClockIn(name, visit))) return;
        confirm.push(name);
      }
    }
  }
}

/**
 * @param {unknown} error
 * @returns {string[]}
 */
function confirmations(error) {
  if (!(error instanceof ApiError) || error.code !== "confirmation_needed") return [];
  return error.body.confirmations ?? [];
}

/**
 * @param {string} name
 * @param {Visit} visit
 */
function confirmClockIn(name, visit) {
  const { startsAt, timeZone, clockedOutAt } = visit;
  const message =
    name === "otherDay"
      ? text("clock.otherDay", { date: dateInWords(startsAt, timeZone) })
      : text("clock.again", { time: clockedOutAt === null ? "" : clockTime(clockedOutAt, timeZone) });
  return ask({ title: text("clock.in"), message, ok: text("clock.in") });
}

/** @param {Visit} visit */
export async function clockOut(visit) {
  const path = `/visits/${visit.id}/clock-out`;
  try {
    await staffApi("POST", path, { confirmActiveSession: false });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "session_still_active") throw error;
    if (!(await ask({ title: text("clock.out"), message: text("error.session_still_active") }))) return;
    await staffApi("POST", path, { confirmActiveSession: true });
  }
  say(text("clock.clockedOut"));
}

/** @param {Visit} visit */
export async function endSession(visit) {
  const sure = await ask({
    title: text("session.endTitle"),
    message: text("session.endText"),
    ok: text("session.endNow"),
    danger: true,
  });
  if (!sure) return;
  const { alreadyOver } = await pressed(`/visits/${visit.id}/session/end`, {}, staffApi);
  say(text(alreadyOver ? "session.alreadyOver" : "session.ended"));
}
