/** The sentence about the other person, with the buttons that belong to it. */

import { sentence } from "../ui/api.js";
import { make, showText } from "../ui/elements.js";
import { text } from "../ui/texts.js";
import { callIcon } from "./icons.js";

/** @typedef {import("./situation.js").Situation} Situation */

export class SituationCard {
  element = make("div", "situation");
  /** @type {Situation | null} */
  shown = null;
  #words = make("p", "situation-words");
  #call = make("a", "button situation-button");
  #resend = make("button", "button button-primary situation-button");
  #answer = make("p", "situation-answer");

  /** @param {(() => Promise<void>) | null} onResend */
  constructor(onResend) {
    this.#words.setAttribute("role", "status");
    this.#answer.setAttribute("role", "status");
    this.#resend.type = "button";
    this.#resend.textContent = text("situation.resend");
    if (onResend !== null) this.#resend.addEventListener("click", () => void this.#press(onResend));
    this.#resend.hidden = true;
    this.#call.hidden = true;
    this.#answer.hidden = true;
    this.element.append(
      this.#words,
      make("div", "situation-buttons", this.#resend, this.#call),
      this.#answer,
    );
    this.element.hidden = true;
  }

  /** @param {Situation | null} situation */
  show(situation) {
    if (JSON.stringify(situation) === JSON.stringify(this.shown)) return;
    if (situation?.key !== this.shown?.key) showText(this.#answer, null);
    this.shown = situation;
    this.element.hidden = situation === null;
    this.#words.textContent = situation === null ? "" : text(situation.key, situation.values);
    this.#resend.hidden = situation?.resend !== true;
    this.#call.hidden = (situation?.phone ?? null) === null;
    if (situation?.phone != null) fillPhone(this.#call, situation.phone);
  }

  /** @param {() => Promise<void>} onResend */
  async #press(onResend) {
    if (this.#resend.getAttribute("aria-busy") === "true") return;
    this.#resend.setAttribute("aria-busy", "true");
    showText(this.#answer, text("situation.resending"));
    try {
      await onResend();
      showText(this.#answer, text("situation.resent"));
    } catch (error) {
      showText(this.#answer, sentence(error));
    } finally {
      this.#resend.removeAttribute("aria-busy");
    }
  }
}

/**
 * Makes a link to dial.
 * @param {HTMLAnchorElement} link
 * @param {string} phone
 */
export function fillPhone(link, phone) {
  link.href = `tel:${phone.replace(/[^+\d]/g, "")}`;
  link.replaceChildren(callIcon("phone"), make("span", "", text("phone.call", { phone })));
}
