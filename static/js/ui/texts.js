/**
 * Every text on the screen comes from a catalogue: `locales/<language>/common.json` (questions, errors,
 * documentation) together with the page's own, `staff.json` or `call.json`.
 */

const LANGUAGES = ["en", "fr"];

/** @type {Record<string, string>} */
let catalogue = {};
let current = "en";

/**
 * The best language of the catalogues for somebody who has not said theirs: the browser's, else `otherwise`.
 * @param {string} otherwise
 * @returns {string}
 */
export function preferredLanguage(otherwise) {
  for (const wish of navigator.languages) {
    const language = wish.slice(0, 2).toLowerCase();
    if (LANGUAGES.includes(language)) return language;
  }
  return otherwise;
}

/**
 * @param {string} name
 * @param {string} language
 * @returns {Promise<Record<string, string>>}
 */
async function fetchCatalogue(name, language) {
  const answer = await fetch(`/static/locales/${language}/${name}.json`);
  if (!answer.ok) throw new Error(`no catalogue ${name} in ${language}: ${answer.status}`);
  return answer.json();
}

/**
 * Loads a page's texts, sets the document's language and fills what is in it already.
 * @param {"staff" | "call"} name
 * @param {string} language
 */
export async function loadTexts(name, language) {
  current = LANGUAGES.includes(language) ? language : "en";
  const parts = await Promise.all(["common", name].map((part) => fetchCatalogue(part, current)));
  catalogue = Object.assign({}, ...parts);
  document.documentElement.lang = current;
  fillTexts(document);
}

/** The language of the texts, for `Intl`. */
export function language() {
  return current;
}

/**
 * @param {string} key
 * @returns {boolean}
 */
export function hasText(key) {
  return Object.hasOwn(catalogue, key);
}

/**
 * The text of a key, with its `{placeholders}` filled in. An unknown key is shown as it is.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function text(key, values = {}) {
  const found = catalogue[key];
  if (found === undefined) return key;
  return found.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * Fills the elements that name their text: `data-text`, `data-label` (aria-label), `data-placeholder`.
 * @param {ParentNode} root
 */
export function fillTexts(root) {
  for (const element of root.querySelectorAll("[data-text]")) {
    element.textContent = text(element.getAttribute("data-text") ?? "");
  }
  for (const element of root.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", text(element.getAttribute("data-label") ?? ""));
  }
  for (const element of root.querySelectorAll("[data-placeholder]")) {
    element.setAttribute("placeholder", text(element.getAttribute("data-placeholder") ?? ""));
  }
}
