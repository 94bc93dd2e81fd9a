/** The log of a visit, for the office: what, who, when, from which connection. */

import { sentence } from "../ui/api.js";
import { make } from "../ui/elements.js";
import { staffApi } from "../ui/signed-in.js";
import { hasText, text } from "../ui/texts.js";
import { clockTime, dateInWords } from "../ui/time.js";

/** @import { LoggedEvent, Named, Visit } from "../ui/resources.js" */

/** @type {Promise<Map<string, string>> | null} */
let names = null;

/** The employees' names by id; without the list, ids are shown. */
function employeeNames() {
  names ??= staffApi("GET", "/employees").then(
    ({ employees }) => new Map(employees.map((/** @type {Named} */ { id, name }) => [id, name])),
    () => new Map(),
  );
  return names;
}

/**
 * @param {HTMLElement} place
 * @param {Visit} visit
 */
export async function showEvents(place, visit) {
  try {
    const [{ events }, known] = await Promise.all([
      staffApi("GET", `/visits/${visit.id}/events`, undefined, { unattended: true }),
      employeeNames(),
    ]);
    const rows = events.map((/** @type {LoggedEvent} */ event) => eventRow(event, visit, known));
    place.replaceChildren(...(rows.length === 0 ? [make("li", "soft", text("events.none"))] : rows));
  } catch (error) {
    place.replaceChildren(make("li", "soft", sentence(error)));
  }
}

/**
 * @param {LoggedEvent} event
 * @param {Visit} visit
 * @param {Map<string, string>} known
 */
function eventRow(event, visit, known) {
  const when = make("time", "event-time number", clockTime(event.at, visit.timeZone));
  when.dateTime = event.at;
  const key = `event.${event.kind}`;
  const what = make("p", "event-what", hasText(key) ? text(key) : event.kind);
  const date = dateInWords(event.at, visit.timeZone);
  const details = [actorInWords(event.actor, visit, known), date];
  if (event.connection !== null) details.push(text("events.connection", { id: event.connection }));
  return make(
    "li",
    "event",
    when,
    make("div", "", what, make("p", "event-details soft", details.join(" · "))),
  );
}

/**
 * @param {string} actor `employee:<id>`, `client:<id>`, `key:<id>` or `system`
 * @param {Visit} visit
 * @param {Map<string, string>} known
 */
function actorInWords(actor, visit, known) {
  const [kind, id = ""] = actor.split(":", 2);
  switch (kind) {
    case "employee":
      return known.get(id) ?? (id === visit.employee ? visit.assigned.name : id);
    case "client":
      return id === visit.client ? text("events.client", { name: visit.person.name }) : id;
    case "key":
      return text("events.key", { id });
    default:
      return text("events.system");
  }
}
