/** The icons of a call. */

import { icon } from "../ui/elements.js";

/**
 * @param {string} name of a symbol in `img/call-icons.svg`
 * @returns {SVGSVGElement}
 */
export function callIcon(name) {
  const made = icon(name);
  made.querySelector("use")?.setAttribute("href", `/static/img/call-icons.svg#${name}`);
  return made;
}
