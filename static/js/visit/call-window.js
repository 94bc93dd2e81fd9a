/** The call's own window, and whether the call is open in this browser. */

const POLL_MS = 2000;

/**
 * Opens the call in another window, or comes back to the one that is open: loading it anew would cut a call short.
 * Where pop-ups are blocked, a new tab.
 * @param {string} visitId
 */
export function openCall(visitId) {
  const address = `/visits/${visitId}/call`;
  const name = `call-${visitId}`;
  const opened = window.open("", name, "popup,width=1180,height=800");
  if (opened === null) {
    const link = document.createElement("a");
    link.href = address;
    link.target = "_blank";
    link.click();
    return;
  }
  if (pathOf(opened) !== address) opened.location.href = address;
  opened.focus();
}

/**
 * @param {Window} opened
 * @returns {string | null} null when the window went to another site
 */
function pathOf(opened) {
  try {
    return opened.location.pathname;
  } catch {
    return null;
  }
}

/**
 * Whether a page of this browser is in the call: it holds a lock as long as it is.
 * @param {string} visitId
 * @returns {Promise<boolean>}
 */
export async function isCallOpen(visitId) {
  if (navigator.locks === undefined) return false;
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === `call:${visitId}`);
}

/**
 * Follows whether the call is open; locks tell nobody when they are released, so that this asks now and then.
 * @param {string} visitId
 * @param {(open: boolean) => void} listener
 */
export function followCall(visitId, listener) {
  let last = false;
  const look = async () => {
    if (document.visibilityState === "hidden") return;
    const open = await isCallOpen(visitId);
    if (open !== last) listener(open);
    last = open;
  };
  setInterval(look, POLL_MS);
  addEventListener("focus", look);
  document.addEventListener("visibilitychange", look);
  void look();
}
