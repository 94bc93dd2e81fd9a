/**
 * The question for camera and microphone, and what is offered when one can't be had. Both pages use it: one
 * thing at a time, in the page's main place.
 */

import { obstacle } from "../call/capture.js";
import { make } from "../ui/elements.js";
import { text } from "../ui/texts.js";
import { callIcon } from "./icons.js";

/** @typedef {import("../call/devices.js").Devices} Devices */

/**
 * Asks until there are devices, or the person chooses to go without.
 * @param {HTMLElement} place
 * @param {Devices} devices
 * @returns {Promise<void>}
 */
export async function askForDevices(place, devices) {
  if (obstacle() !== null) {
    await offer(place, `obstacle.${obstacle()}`, obstacle() === "in_app_browser", ["asking.without.both"]);
    return;
  }
  let wanted = { audio: true, video: true };
  for (;;) {
    place.replaceChildren(hint());
    await devices.open(wanted);
    const { audio, video } = devices.trouble;
    const noSound = wanted.audio && audio !== null;
    const noPicture = wanted.video && video !== null;
    if (!noSound && !noPicture) return;
    const choice = await offer(place, troubleKey(devices, wanted), false, [
      "common.tryAgain",
      withoutKey(devices, wanted),
    ]);
    if (choice !== "common.tryAgain") {
      if (choice !== "asking.without.camera" || devices.tracks.audio !== null) return;
      wanted = { audio: true, video: false };
    }
  }
}

/** The one sentence before the browser's own question. */
function hint() {
  const box = make("div", "asking", callIcon("camera"), make("h1", "asking-title", text("asking.allow")));
  box.setAttribute("role", "status");
  return box;
}

/**
 * The sentence for what is in the way.
 * @param {Devices} devices
 * @param {{audio: boolean, video: boolean}} wanted
 */
function troubleKey({ trouble }, wanted) {
  const audio = wanted.audio ? trouble.audio : null;
  const video = wanted.video ? trouble.video : null;
  if (audio !== null && video !== null) {
    return audio === video ? `asking.both.${video}` : "asking.both.failed";
  }
  return video !== null ? `device.camera.${video}` : `device.microphone.${audio}`;
}

/**
 * How the person can go on. After a no to both, the microphone alone is worth a question of its own.
 * @param {Devices} devices
 * @param {{audio: boolean, video: boolean}} wanted
 */
function withoutKey({ trouble }, wanted) {
  if (trouble.audio === null) return "asking.without.camera";
  if (wanted.video && trouble.video === null) return "asking.without.microphone";
  return wanted.video && trouble.audio === "refused" ? "asking.without.camera" : "asking.without.both";
}

/**
 * Shows a sentence and its buttons; answers with the one pressed.
 * @param {HTMLElement} place
 * @param {string} key
 * @param {boolean} copyLink whether the page should be opened elsewhere
 * @param {string[]} choices
 * @returns {Promise<string>}
 */
function offer(place, key, copyLink, choices) {
  return new Promise((resolve) => {
    const title = make("h1", "asking-title", text(key));
    title.tabIndex = -1;
    const buttons = choices.map((choice, index) => {
      const kind = index === 0 && !copyLink ? "button-primary" : "button-outline";
      const button = make("button", `button button-large button-wide ${kind}`, text(choice));
      button.type = "button";
      button.addEventListener("click", (event) => {
        if (event.isTrusted && document.visibilityState === "visible") resolve(choice);
      });
      return button;
    });
    if (copyLink) buttons.unshift(copyButton());
    const help = make(
      "p",
      "asking-help",
      text(key.endsWith("refused") ? "asking.help.refused" : "asking.help.other"),
    );
    place.replaceChildren(
      make("div", "asking", callIcon("alert"), title, help, make("div", "asking-buttons", ...buttons)),
    );
    help.hidden = copyLink;
    title.focus();
  });
}

/** Copies the page's address, to be opened in the real browser. */
export function copyButton() {
  const button = make("button", "button button-large button-wide button-primary", text("obstacle.copy"));
  button.type = "button";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      button.textContent = text("obstacle.copied");
    } catch {
      button.replaceWith(addressField());
    }
  });
  return button;
}

/** Where copying is not allowed: the address itself, to be marked and copied. */
function addressField() {
  const field = make("input", "input");
  field.readOnly = true;
  field.value = location.href;
  field.setAttribute("aria-label", text("obstacle.address"));
  queueMicrotask(() => field.select());
  return field;
}
