/** One visit in the schedule. */

import { chip, icon, make } from "../ui/elements.js";
import { text } from "../ui/texts.js";
import { clockTime, zoneName } from "../ui/time.js";
import { clientWaits, hasOpenSession } from "../visit/plan.js";
import { statusChip } from "../visit/summary.js";

/** @import { Me, Visit } from "../ui/resources.js" */

/**
 * @param {Visit} visit
 * @param {{me: Me, zone: string}} context `zone`: the agency's
 * @returns {HTMLLIElement}
 */
export function visitRow(visit, { me, zone }) {
  const link = make("a", "visit-link", visit.person.name);
  link.href = `/visits/${visit.id}`;
  link.dataset.visit = visit.id;
  const time = timeOf(visit, zone);
  time.id = `time-${visit.id}`;
  link.setAttribute("aria-describedby", time.id);
  const chips = make("p", "visit-chips", statusChip(visit), ...sessionChip(visit));
  const main = make(
    "div",
    "visit-main",
    make("h2", "visit-client", link),
    make("p", "soft", visit.service.name),
  );
  if (visit.employee !== me.id) main.append(make("p", "visit-employee", icon("person"), visit.assigned.name));
  const row = make("li", `card visit visit-${visit.status}`, time, main);
  row.classList.toggle("visit-waiting", clientWaits(visit));
  if (visit.service.allowsVirtualCare) {
    row.append(make("span", "visit-virtual", icon("video", text("visit.virtual"))));
  }
  row.append(chips);
  return row;
}

/**
 * @param {Visit} visit
 * @param {string} zone
 */
function timeOf({ startsAt, endsAt, timeZone }, zone) {
  const start = make("span", "visit-start", clockTime(startsAt, timeZone));
  const end = make("span", "visit-end", `– ${clockTime(endsAt, timeZone)}`);
  const time = make("p", "visit-time number", start, " ", end);
  const own = zoneName(startsAt, timeZone);
  if (own !== zoneName(startsAt, zone)) time.append(" ", make("span", "visit-zone", own));
  return time;
}

/**
 * What is worth knowing of the session at a glance: the most urgent thing only.
 * @param {Visit} visit
 * @returns {HTMLElement[]}
 */
function sessionChip(visit) {
  const { session } = visit;
  if (session === null || visit.status === "cancelled") return [];
  if (clientWaits(visit)) return [chip("attention", "waiting", text("schedule.waiting"))];
  if (!hasOpenSession(visit)) return [chip("plain", "video", text("schedule.over"))];
  if (visit.movedSinceInvite) return [chip("attention", "alert", text("schedule.moved"))];
  if (session.state === "joined") {
    const here = visit.clientPresence === "present";
    return [chip("calm", "video", text(here ? "schedule.here" : "schedule.open"))];
  }
  if (session.state === "client_hung_up") return [chip("plain", "hang-up", text("schedule.hungUp"))];
  /** @type {Record<string, [string, string]>} */
  const looks = {
    failed: ["danger", "alert"],
    delayed: ["attention", "clock"],
    sending: ["plain", "clock"],
    dropped: ["plain", "info"],
    sent: ["good", "mail"],
    copied: ["good", "link"],
  };
  const delivery = session.lastInvite?.delivery ?? "dropped";
  const [kind, name] = looks[delivery] ?? ["plain", "info"];
  return [chip(kind, name, text(`schedule.invite.${delivery}`))];
}
