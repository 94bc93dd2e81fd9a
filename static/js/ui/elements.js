/** Elements found and made, with their types. */

/**
 * The element of the page with this id; the page is broken without it.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`no ${type.name} #${id}`);
  return found;
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function part(id) {
  return byId(id, HTMLElement);
}

/**
 * @param {string} id
 * @returns {HTMLButtonElement}
 */
export function buttonOf(id) {
  return byId(id, HTMLButtonElement);
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} className
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  made.append(...children);
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * An icon of `img/icons.svg`: decoration, or an image with a name.
 * @param {string} name
 * @param {string} [label]
 * @returns {SVGSVGElement}
 */
export function icon(name, label) {
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("class", "icon");
  if (label === undefined) {
    made.setAttribute("aria-hidden", "true");
  } else {
    made.setAttribute("role", "img");
    made.setAttribute("aria-label", label);
  }
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/static/img/icons.svg#${name}`);
  made.append(use);
  return made;
}

/**
 * A small rounded label: an icon and words, never a colour alone.
 * @param {string} kind `plain`, `calm`, `good`, `attention` or `danger`
 * @param {string} iconName
 * @param {string} words
 * @returns {HTMLElement}
 */
export function chip(kind, iconName, words) {
  return make("span", `chip chip-${kind}`, icon(iconName), make("span", "", words));
}

/**
 * Shows text in an element, and the element only if there is text.
 * @param {HTMLElement} element
 * @param {string | null} words
 */
export function showText(element, words) {
  element.hidden = words === null;
  element.textContent = words ?? "";
}
