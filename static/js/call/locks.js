/** Web Locks: how the tabs of one browser know of each other. */

/**
 * Takes a lock and keeps it until it is released or the page goes.
 * @param {string} name
 * @param {number} patienceMs
 * @returns {Promise<(() => void) | null>} what releases it; null when another tab held it for so long
 */
export function holdLock(name, patienceMs) {
  if (navigator.locks === undefined) return Promise.resolve(() => {});
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), patienceMs);
  return new Promise((resolve) => {
    const held = navigator.locks.request(name, { signal: patience.signal }, () => {
      clearTimeout(timer);
      return new Promise((release) => resolve(() => release(undefined)));
    });
    held.catch(() => resolve(null));
  });
}
