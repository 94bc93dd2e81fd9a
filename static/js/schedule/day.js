/** The day that the schedule shows, kept in the page's address so that coming back from a visit finds it. */

import { now } from "../ui/clock.js";
import { text } from "../ui/texts.js";
import { addDays, dayInWords, dayOf } from "../ui/time.js";

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * @param {string} name
 * @returns {string | null}
 */
function parameter(name) {
  return new URLSearchParams(location.search).get(name);
}

/**
 * Today in the agency's zone.
 * @param {string} zone
 */
export function today(zone) {
  return dayOf(now(), zone);
}

/**
 * @param {string} zone
 * @returns {string}
 */
export function dayOfAddress(zone) {
  const day = parameter("day");
  return day !== null && DAY.test(day) && !Number.isNaN(Date.parse(day)) ? day : today(zone);
}

/** The employee whose schedule a coordinator picked; null: everybody's. */
export function employeeOfAddress() {
  return parameter("employee");
}

/**
 * @param {string} day
 * @param {string | null} employee
 * @param {string} zone
 */
export function keepInAddress(day, employee, zone) {
  const query = new URLSearchParams();
  if (day !== today(zone)) query.set("day", day);
  if (employee !== null) query.set("employee", employee);
  const search = query.toString();
  history.replaceState(null, "", search === "" ? "/" : `/?${search}`);
}

/**
 * The heading of a day: what people call it, and its date.
 * @param {string} day
 * @param {string} zone
 * @returns {{name: string, date: string}}
 */
export function dayHeading(day, zone) {
  const todayHere = today(zone);
  const names = new Map([
    [addDays(todayHere, -1), "day.yesterday"],
    [todayHere, "day.today"],
    [addDays(todayHere, 1), "day.tomorrow"],
  ]);
  const key = names.get(day);
  const otherYear = day.slice(0, 4) !== todayHere.slice(0, 4);
  const date = dayInWords(day, { year: otherYear });
  return key === undefined ? { name: date, date: "" } : { name: text(key), date };
}
