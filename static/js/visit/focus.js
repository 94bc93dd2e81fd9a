/** Keeps the focus somewhere sensible when what had it is taken away. */

/**
 * Runs a change of the page. If the focused element is gone, hidden or disabled after it, the focus goes to the
 * first button that can be pressed beside it, else to the page's heading.
 * @param {() => void} change
 */
export function keepFocus(change) {
  const before = document.activeElement;
  change();
  if (!(before instanceof HTMLElement) || before === document.body || canHaveFocus(before)) return;
  const beside = [...(before.parentElement?.querySelectorAll("button") ?? [])].find(canHaveFocus);
  const next = beside ?? document.querySelector("h1");
  if (next instanceof HTMLElement) next.focus();
}

/** @param {HTMLElement} element */
function canHaveFocus(element) {
  return element.isConnected && element.getClientRects().length > 0 && !element.matches(":disabled");
}
