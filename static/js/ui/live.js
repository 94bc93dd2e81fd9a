/** Messages that are seen and read out: one place on the page, polite for news, assertive for trouble. */

import { text } from "./texts.js";

/**
 * @param {string} role
 * @returns {HTMLElement}
 */
function region(role) {
  const found = document.querySelector(`.messages > [role="${role}"]`);
  if (found instanceof HTMLElement) return found;
  let place = document.querySelector(".messages");
  if (place === null) {
    place = document.createElement("div");
    place.className = "messages";
    document.body.append(place);
  }
  const made = document.createElement("div");
  made.setAttribute("role", role);
  place.append(made);
  return made;
}

/** Makes both regions, empty: a screen reader reads out only what is added to a region that it knows. */
export function readyMessages() {
  region("status");
  region("alert");
}

/**
 * @param {string} role
 * @param {string} message
 */
function show(role, message) {
  quiet();
  const box = document.createElement("div");
  box.className = role === "alert" ? "message message-alert" : "message";
  const words = document.createElement("span");
  words.textContent = message;
  box.append(words, closeButton(box));
  region(role).append(box);
}

/**
 * @param {HTMLElement} box
 * @returns {HTMLButtonElement}
 */
function closeButton(box) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button-icon";
  button.setAttribute("aria-label", text("common.close"));
  button.textContent = "✕";
  button.addEventListener("click", () => box.remove());
  return button;
}

/**
 * Good news, or news: read out when the reader is free.
 * @param {string} message
 */
export function say(message) {
  show("status", message);
}

/**
 * Trouble: read out at once.
 * @param {string} message
 */
export function warn(message) {
  show("alert", message);
}

/** Takes the last message away. */
export function quiet() {
  for (const role of ["status", "alert"]) region(role).replaceChildren();
}
