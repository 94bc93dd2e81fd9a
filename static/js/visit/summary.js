/** The facts of a visit at the top of its page: who, what, when, how to reach the client. */

import { now } from "../ui/clock.js";
import { chip, make, part, showText } from "../ui/elements.js";
import { text } from "../ui/texts.js";
import { addDays, clockTime, dateInWords, dayOf, timeRange, zoneName } from "../ui/time.js";

/** @import { Agency, Status, Visit } from "../ui/resources.js" */

/** @type {Record<Status, [string, string]>} */
const STATUS_LOOKS = {
  scheduled: ["plain", "calendar"],
  in_progress: ["calm", "clock"],
  completed: ["good", "check"],
  cancelled: ["danger", "cross"],
};

/**
 * The visit's status as a chip.
 * @param {Visit} visit
 */
export function statusChip({ status }) {
  const [kind, icon] = STATUS_LOOKS[status];
  return chip(kind, icon, text(`status.${status}`));
}

/**
 * The visit's day, as in `Today, Tuesday, November 25`.
 * @param {Visit} visit
 */
function dayOfVisit({ startsAt, timeZone }) {
  const words = dateInWords(startsAt, timeZone);
  const today = dayOf(now(), timeZone);
  const day = dayOf(startsAt, timeZone);
  if (day === today) return text("day.todayIs", { date: words });
  return day === addDays(today, 1) ? text("day.tomorrowIs", { date: words }) : words;
}

/**
 * @param {Visit} visit
 * @param {Agency} agency
 * @param {boolean} mine
 */
export function showSummary(visit, agency, mine) {
  const { person, startsAt, endsAt, timeZone } = visit;
  const foreign = zoneName(startsAt, timeZone) !== zoneName(startsAt, agency.timeZone);
  const zone = foreign ? ` (${zoneName(startsAt, timeZone)})` : "";
  part("client-name").textContent = person.name;
  part("visit-time").textContent = `${timeRange(startsAt, endsAt, timeZone)}${zone}`;
  part("visit-date").textContent = dayOfVisit(visit);
  part("visit-service").textContent = visit.service.name;
  part("virtual").hidden = !visit.service.allowsVirtualCare;
  part("visit-status").replaceChildren(statusChip(visit));
  showText(part("visit-clock"), clockWords(visit));
  showText(part("visit-caregiver"), mine ? null : text("visit.caregiver", { name: visit.assigned.name }));
  showPhone(person.phone);
  showEmail(person.email);
}

/**
 * @param {Visit} visit
 * @returns {string | null}
 */
function clockWords({ clockedInAt, clockedOutAt, timeZone }) {
  if (clockedInAt === null) return null;
  const start = clockTime(clockedInAt, timeZone);
  if (clockedOutAt === null) return text("visit.clockedInAt", { time: start });
  return text("visit.clockedFromTo", { start, end: clockTime(clockedOutAt, timeZone) });
}

/** @param {string | null} phone */
function showPhone(phone) {
  const place = part("client-phone");
  if (phone === null) return place.replaceChildren(make("span", "soft", text("visit.noPhone")));
  const link = make("a", "contact-link number", phone);
  link.href = `tel:${phone.replace(/[^\d+*#,;]/g, "")}`;
  place.replaceChildren(link);
}

/** @param {string | null} email */
function showEmail(email) {
  const place = part("client-email");
  if (email === null) return place.replaceChildren(make("span", "soft", text("visit.noEmail")));
  const link = make("a", "contact-link", email);
  link.href = `mailto:${email}`;
  place.replaceChildren(link);
}
