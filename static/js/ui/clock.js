/**
 * The server's time. The device's own clock is never trusted (SPEC §10): what counts is how long ago, by the
 * monotonic clock, the server last said what time it is.
 */

/** @type {number | null} milliseconds between the monotonic clock and the server's */
let offset = null;

/**
 * @param {string} iso the server's time, RFC 3339
 */
export function setServerTime(iso) {
  const time = Date.parse(iso);
  if (!Number.isNaN(time)) offset = time - performance.now();
}

/**
 * Takes the `Date` header of an answer (whole seconds) when the clock is not set, or is wrong: the monotonic
 * clock stands still while some devices sleep.
 * @param {string | null} header
 */
export function checkServerTime(header) {
  const time = header === null ? Number.NaN : Date.parse(header);
  if (Number.isNaN(time)) return;
  if (offset === null || Math.abs(now().getTime() - time) > 2500) offset = time - performance.now();
}

/**
 * The server's time now.
 * @returns {Date}
 */
export function now() {
  return new Date(offset === null ? Date.now() : performance.now() + offset);
}
