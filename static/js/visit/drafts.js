/**
 * Text that the server does not have yet, kept by the browser: one draft per employee and visit, never read for
 * another employee, erased once the server has it. `localStorage` because it writes at once, whatever happens to
 * the tab next, and tells the employee's other tabs.
 */

/** @import { Documentation, Writing } from "../ui/resources.js" */

/**
 * @typedef {object} Draft
 * @property {Documentation} base what the server had when this was written
 * @property {Writing} writing
 */

const PREFIX = "draft:";

/**
 * @param {string} employee
 * @param {string} visit
 */
function keyOf(employee, visit) {
  return `${PREFIX}${employee}:${visit}`;
}

/**
 * @param {string | null} stored
 * @returns {Draft | null}
 */
function parse(stored) {
  if (stored === null) return null;
  try {
    const draft = JSON.parse(stored);
    return typeof draft.writing.notes === "string" && Array.isArray(draft.writing.tasks) && draft.base
      ? draft
      : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} employee
 * @param {string} visit
 * @returns {Draft | null}
 */
export function readDraft(employee, visit) {
  try {
    return parse(localStorage.getItem(keyOf(employee, visit)));
  } catch {
    return null;
  }
}

/**
 * @param {string} employee
 * @param {string} visit
 * @param {Draft} draft
 * @returns {boolean} false when the browser keeps nothing (storage full, or forbidden)
 */
export function keepDraft(employee, visit, draft) {
  try {
    localStorage.setItem(keyOf(employee, visit), JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} employee
 * @param {string} visit
 */
export function eraseDraft(employee, visit) {
  try {
    localStorage.removeItem(keyOf(employee, visit));
  } catch {
    // A browser that keeps nothing has nothing to erase.
  }
}

/**
 * Whether this browser keeps text of the employee that the server does not have.
 * @param {string} employee
 * @returns {boolean}
 */
export function hasUnsent(employee) {
  try {
    return Object.keys(localStorage).some((key) => key.startsWith(`${PREFIX}${employee}:`));
  } catch {
    return false;
  }
}

/**
 * Hears of drafts that another tab of this browser kept (the draft) or erased (null).
 * @param {string} employee
 * @param {string} visit
 * @param {(draft: Draft | null) => void} listener
 */
export function onDraftElsewhere(employee, visit, listener) {
  addEventListener("storage", (event) => {
    if (event.key === keyOf(employee, visit)) listener(parse(event.newValue));
  });
}
