/**
 * Times as people read them: always in the visit's time zone (SPEC §10), dates by the page's language, hours on
 * the 24-hour clock. A *day* is a calendar day as `YYYY-MM-DD`.
 */

import { language } from "./texts.js";

/**
 * @param {string | Date} moment
 * @param {string} zone an IANA name
 * @returns {Record<string, string>} year, month, day, hour, minute, second on the 24-hour clock
 */
function parts(moment, zone) {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  return Object.fromEntries(format.formatToParts(new Date(moment)).map(({ type, value }) => [type, value]));
}

/**
 * `HH:MM` on the 24-hour clock.
 * @param {string | Date} moment
 * @param {string} zone
 */
export function clockTime(moment, zone) {
  const { hour, minute } = parts(moment, zone);
  return `${hour}:${minute}`;
}

/**
 * As in `14:00 – 14:45`.
 * @param {string} start
 * @param {string} end
 * @param {string} zone
 */
export function timeRange(start, end, zone) {
  return `${clockTime(start, zone)} – ${clockTime(end, zone)}`;
}

/**
 * The calendar day of a moment.
 * @param {string | Date} moment
 * @param {string} zone
 * @returns {string}
 */
export function dayOf(moment, zone) {
  const { year, month, day } = parts(moment, zone);
  return `${year}-${month}-${day}`;
}

/**
 * @param {string} day
 * @param {number} count
 * @returns {string}
 */
export function addDays(day, count) {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + count);
  return date.toISOString().slice(0, 10);
}

/**
 * Milliseconds that a zone's clocks are ahead of UTC at a moment.
 * @param {number} time
 * @param {string} zone
 */
function zoneOffset(time, zone) {
  const { year, month, day, hour, minute, second } = parts(new Date(time), zone);
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) - Math.floor(time / 1000) * 1000;
}

/**
 * The moment at which a zone's clocks show a local time; of two, the first; of none (the hour that daylight
 * saving skips), the one as long after the skip.
 * @param {string} local `YYYY-MM-DDTHH:MM`
 * @param {string} zone
 * @returns {string} RFC 3339 in UTC
 */
export function momentOf(local, zone) {
  const asUtc = Date.parse(`${local}Z`);
  const around = [asUtc - 86_400_000, asUtc + 86_400_000].map((time) => asUtc - zoneOffset(time, zone));
  const exact = around.filter((time) => time + zoneOffset(time, zone) === asUtc);
  return new Date(exact.length > 0 ? Math.min(...exact) : Math.max(...around)).toISOString();
}

/**
 * What a zone's clocks show, for `<input type="datetime-local">`.
 * @param {string} moment
 * @param {string} zone
 */
export function localTime(moment, zone) {
  return `${dayOf(moment, zone)}T${clockTime(moment, zone)}`;
}

/**
 * The span of a calendar day, which may have 23 or 25 hours.
 * @param {string} day
 * @param {string} zone
 */
export function spanOf(day, zone) {
  return { from: momentOf(`${day}T00:00`, zone), to: momentOf(`${addDays(day, 1)}T00:00`, zone) };
}

/**
 * A calendar day in words, as in `Tuesday, November 25`.
 * @param {string} day
 * @param {{year?: boolean}} [options]
 */
export function dayInWords(day, { year = false } = {}) {
  return new Intl.DateTimeFormat(language(), {
    timeZone: "UTC",
    weekday: "long",
    month: "long",
    day: "numeric",
    ...(year ? { year: "numeric" } : {}),
  }).format(new Date(`${day}T12:00:00Z`));
}

/**
 * The day of a moment in words, as in `Tuesday, November 25`.
 * @param {string} moment
 * @param {string} zone
 */
export function dateInWords(moment, zone) {
  return dayInWords(dayOf(moment, zone));
}

/**
 * What people call a zone at a moment, as in `GMT+1` or `EST`.
 * @param {string} moment
 * @param {string} zone
 */
export function zoneName(moment, zone) {
  const format = new Intl.DateTimeFormat(language(), { timeZone: zone, timeZoneName: "short" });
  return format.formatToParts(new Date(moment)).find(({ type }) => type === "timeZoneName")?.value ?? zone;
}
