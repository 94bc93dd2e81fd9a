/** Questions: one modal dialog at a time, with the focus where it does no harm. */

import { text } from "./texts.js";

/**
 * @typedef {object} Choice
 * @property {string} value
 * @property {string} label
 * @property {"primary" | "danger" | "outline"} [kind]
 */

/**
 * Asks, and answers with the value chosen; null when the question was left with Escape.
 * The focus starts on the last choice: put the harmless one there; or on the title, when there is much to read.
 * @param {{title: string, message?: string, content?: Node, choices: Choice[]}} question
 * @returns {Promise<string | null>}
 */
export function choose({ title, message, content, choices }) {
  const box = document.createElement("dialog");
  box.className = "question";
  const heading = document.createElement("h2");
  heading.id = "question-title";
  heading.textContent = title;
  box.setAttribute("aria-labelledby", heading.id);
  box.append(heading);
  if (message !== undefined) box.append(paragraph(message, box));
  if (content !== undefined) box.append(content);
  const buttons = document.createElement("div");
  buttons.className = "question-buttons";
  // Side by side, three answers would break into uneven rows.
  buttons.classList.toggle("question-buttons-few", choices.length < 3);
  buttons.append(...choices.map((choice) => choiceButton(choice, box)));
  box.append(buttons);
  heading.tabIndex = -1;
  return answer(box, content === undefined ? buttons.lastElementChild : heading);
}

/**
 * @param {string} message
 * @param {HTMLDialogElement} box
 */
function paragraph(message, box) {
  const made = document.createElement("p");
  made.id = "question-text";
  made.className = "question-text";
  made.textContent = message;
  box.setAttribute("aria-describedby", made.id);
  return made;
}

/**
 * @param {Choice} choice
 * @param {HTMLDialogElement} box
 */
function choiceButton({ value, label, kind = "outline" }, box) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `button button-${kind}`;
  button.textContent = label;
  button.addEventListener("click", () => box.close(value));
  return button;
}

/**
 * @param {HTMLDialogElement} box
 * @param {Element | null} first what has the focus to begin with
 * @returns {Promise<string | null>}
 */
function answer(box, first) {
  const before = document.activeElement;
  document.body.append(box);
  box.showModal();
  if (first instanceof HTMLElement) first.focus();
  return new Promise((resolve) => {
    box.addEventListener("close", () => {
      box.remove();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
      resolve(box.returnValue === "" ? null : box.returnValue);
    });
  });
}

/**
 * A question with OK and Cancel, or with other words for them.
 * @param {{title: string, message?: string, ok?: string, cancel?: string, danger?: boolean}} question
 * @returns {Promise<boolean>}
 */
export async function ask({ title, message, ok, cancel, danger = false }) {
  const chosen = await choose({
    title,
    ...(message === undefined ? {} : { message }),
    choices: [
      { value: "ok", label: ok ?? text("common.ok"), kind: danger ? "danger" : "primary" },
      { value: "cancel", label: cancel ?? text("common.cancel") },
    ],
  });
  return chosen === "ok";
}
