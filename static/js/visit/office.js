/** The back office's part of the visit page: edit, move, reassign, cancel, revoke links, clock out, events (SPEC §9). */

import { ApiError } from "../ui/api.js";
import { ask, choose } from "../ui/dialog.js";
import { buttonOf, part } from "../ui/elements.js";
import { say } from "../ui/live.js";
import { staffApi } from "../ui/signed-in.js";
import { text } from "../ui/texts.js";
import { attempt, clockOut } from "./commands.js";
import { editVisit } from "./edit-visit.js";
import { showEvents } from "./events.js";

/** @import { Me, Visit } from "../ui/resources.js" */

/**
 * Makes the office's section work.
 * @param {Me} me
 * @param {() => Promise<void>} readAgain
 * @returns {{show: (visit: Visit) => void}}
 */
export function openOffice(me, readAgain) {
  /** @type {Visit | null} */
  let current = null;
  part("office").hidden = false;
  part("events").hidden = false;
  /** @type {Record<string, (visit: Visit) => Promise<void>>} */
  const works = {
    "edit-visit": edit,
    "cancel-visit": cancel,
    "revoke-links": revoke,
    "office-clock-out": clockOut,
  };
  for (const [id, work] of Object.entries(works)) {
    buttonOf(id).addEventListener("click", async () => {
      if (current === null) return;
      const visit = current;
      await attempt(() => work(visit));
      await readAgain();
    });
  }
  return {
    show: (visit) => {
      current = visit;
      showActions(visit, me);
      void showEvents(part("events-list"), visit);
    },
  };
}

/**
 * @param {Visit} visit
 * @param {Me} me
 */
function showActions(visit, me) {
  const may = (/** @type {string} */ action) => visit.actions.includes(action);
  buttonOf("edit-visit").hidden = !may("edit");
  buttonOf("cancel-visit").hidden = !may("cancel");
  buttonOf("revoke-links").hidden = !may("revoke_links");
  const clockOutButton = buttonOf("office-clock-out");
  // One's own visit has its own button for that.
  clockOutButton.hidden = !may("clock_out") || visit.employee === me.id;
  const label = text("office.clockOut", { name: visit.assigned.name });
  clockOutButton.querySelector("span")?.replaceChildren(label);
  const none = ["edit", "cancel", "revoke_links", "clock_out"].every((action) => !may(action));
  part("office-nothing").hidden = !none;
}

/** @param {Visit} visit */
async function edit(visit) {
  if (await editVisit(visit)) say(text("office.saved"));
}

/** @param {Visit} visit */
async function cancel(visit) {
  const sure = await ask({
    title: text("office.cancelTitle"),
    message: text("office.cancelText", { name: visit.person.name }),
    ok: text("office.cancelVisit"),
    cancel: text("office.keepVisit"),
    danger: true,
  });
  if (!sure) return;
  try {
    await staffApi("POST", `/visits/${visit.id}/cancel`, {});
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "conflict") throw error;
    await tell(text("office.cancelConflict"));
    return;
  }
  say(text("office.cancelled"));
}

/** @param {Visit} visit */
async function revoke(visit) {
  const sure = await ask({
    title: text("office.revokeTitle"),
    message: text("office.revokeText"),
    ok: text("office.revokeLinks"),
    danger: true,
  });
  if (!sure) return;
  await staffApi("POST", `/visits/${visit.id}/invites/revoke`, {});
  say(text("office.revoked"));
}

/** @param {string} message */
async function tell(message) {
  const choices = [{ value: "close", label: text("common.close") }];
  await choose({ title: text("office.notPossible"), message, choices });
}
