/** Labelled fields of the office's forms. */

import { make } from "../ui/elements.js";
import { text } from "../ui/texts.js";

/** @import { Named } from "../ui/resources.js" */

/**
 * What people choose from, in the order in which they look for it.
 * @template {Named} T
 * @param {T[]} list
 * @returns {T[]}
 */
export function byName(list) {
  return [...list].sort((a, b) => a.name.localeCompare(b.name));
}

/**
 * @template {HTMLElement} T
 * @param {T} input
 * @param {string} id
 * @param {string} key
 */
function labelled(input, id, key) {
  input.id = id;
  const label = make("label", "", text(key));
  label.htmlFor = id;
  return { input, element: make("div", "field", label, input) };
}

/**
 * @param {string} id
 * @param {string} key of the label
 * @param {string} type
 * @param {string} value
 */
export function inputField(id, key, type, value) {
  const input = make("input", "input");
  input.type = type;
  input.value = value;
  input.required = true;
  return labelled(input, id, key);
}

/**
 * @param {string} id
 * @param {string} key of the label
 * @param {Named[]} options
 * @param {string} value
 */
export function selectField(id, key, options, value) {
  const input = make("select", "input");
  input.append(...options.map((option) => new Option(option.name, option.id)));
  input.value = value;
  return labelled(input, id, key);
}

/** Where a form says what is wrong with it. */
export function errorLine() {
  const line = make("p", "field-error");
  line.setAttribute("role", "alert");
  return line;
}

/**
 * The buttons of a form: its own, and Cancel.
 * @param {string} key
 */
export function buttonRow(key) {
  const save = make("button", "button button-primary", text(key));
  const cancel = make("button", "button button-outline", text("common.cancel"));
  cancel.type = "button";
  return { row: make("div", "question-buttons", save, cancel), cancel };
}
