/** The link that the page was opened by, and what the tab remembers of it across a reload. */

/** @typedef {import("../protocol.js").PreviewView} Preview */

const KEY = "joined";

/**
 * The token of the address: behind `/v#`, or `/v%23` where a mail scanner has rewritten the link.
 * @param {{pathname: string, hash: string}} address
 * @returns {string} empty when there is none
 */
export function tokenOf({ pathname, hash }) {
  const fromPath = /^\/v(?:%23|#)(.*)$/i.exec(pathname)?.[1] ?? "";
  return hash.length > 1 ? hash.slice(1) : fromPath;
}

/**
 * Remembers that this tab is in the visit: a reload goes straight back.
 * @param {string} token
 * @param {Preview} preview
 */
export function keepVisit(token, preview) {
  sessionStorage.setItem(KEY, JSON.stringify({ token, preview }));
}

export function forgetVisit() {
  sessionStorage.removeItem(KEY);
}

/**
 * @param {string} token
 * @returns {Preview | null} the visit that this tab is in, by this link
 */
export function keptVisit(token) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    return kept?.token === token ? kept.preview : null;
  } catch {
    return null;
  }
}
