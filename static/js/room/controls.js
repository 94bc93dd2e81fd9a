/** The buttons of a call, with the accessible names of SPEC §7. */

import { make } from "../ui/elements.js";
import { text } from "../ui/texts.js";
import { callIcon } from "./icons.js";

/** @typedef {import("../call/devices.js").Devices} Devices */

export class Controls {
  element = make("div", "controls");
  #microphone = control();
  #camera = control();
  #switchCamera = control();
  #hangUp = control("control-hang-up");

  /**
   * @param {Devices} devices
   * @param {() => void} onHangUp
   */
  constructor(devices, onHangUp) {
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", text("controls.label"));
    this.element.append(this.#microphone, this.#camera, this.#switchCamera, this.#hangUp);
    this.#microphone.addEventListener("click", () => toggle(devices, "audio"));
    this.#camera.addEventListener("click", () => toggle(devices, "video"));
    this.#switchCamera.addEventListener("click", () => void devices.switchCamera());
    this.#hangUp.addEventListener("click", onHangUp);
    label(this.#hangUp, "hang-up", "controls.hangUp");
    label(this.#switchCamera, "switch-camera", "controls.switchCamera");
  }

  /**
   * Adds a button of the page's own.
   * @param {HTMLElement} button
   */
  add(button) {
    this.element.insertBefore(button, this.#hangUp);
  }

  /** @param {Devices} devices */
  draw(devices) {
    const { camera, microphone } = devices.media;
    const muted = microphone !== "on";
    const dark = camera !== "on";
    label(
      this.#microphone,
      muted ? "microphone-off" : "microphone",
      muted ? "controls.unmute" : "controls.mute",
    );
    label(this.#camera, dark ? "camera-off" : "camera", dark ? "controls.cameraOn" : "controls.cameraOff");
    this.#microphone.classList.toggle("control-off", muted);
    this.#camera.classList.toggle("control-off", dark);
    this.#switchCamera.hidden = devices.cameras < 2 || devices.tracks.video === null;
  }
}

/**
 * @param {Devices} devices
 * @param {"audio" | "video"} kind
 */
function toggle(devices, kind) {
  const state = kind === "audio" ? devices.media.microphone : devices.media.camera;
  if (state === "none") return devices.retry(kind);
  return devices.turn(kind, state === "off");
}

/** @param {string} [className] */
function control(className = "") {
  const made = make("button", `control ${className}`.trim());
  made.type = "button";
  return made;
}

/**
 * Gives a control its icon and name; nothing is touched that is right already.
 * @param {HTMLElement} button
 * @param {string} iconName
 * @param {string} key
 */
export function label(button, iconName, key) {
  const words = text(key);
  if (button.dataset.icon === iconName && button.textContent === words) return;
  button.dataset.icon = iconName;
  button.replaceChildren(callIcon(iconName), make("span", "control-name", words));
}
