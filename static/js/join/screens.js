/** The client's screens around the call: one thing each, with the agency's phone number at the bottom. */

import { icon, make } from "../ui/elements.js";
import { hasText, text } from "../ui/texts.js";
import { clockTime, dateInWords, timeRange, zoneName } from "../ui/time.js";

/**
 * What is known of a visit; a link that may be in the wrong hands has the agency only.
 * @typedef {object} Known
 * @property {string} agencyName
 * @property {string} agencyPhone
 * @property {string} [caregiverName]
 * @property {string} [startsAt]
 * @property {string} [endsAt]
 * @property {string} [timeZone]
 * @property {string} [opensAt]
 */

/**
 * @param {HTMLElement} place
 * @param {Known | null} known
 * @param {...(Node | null)} parts
 */
function show(place, known, ...parts) {
  const agency = make("p", "join-agency", known?.agencyName ?? "");
  const body = make("div", "join-body", ...parts.filter((part) => part !== null));
  const screen = make("div", "join-screen", agency, body);
  if (known !== null) screen.append(phoneLine(known));
  place.replaceChildren(screen);
}

/**
 * @param {string} words
 * @returns {HTMLHeadingElement}
 */
function title(words) {
  const made = make("h1", "", words);
  made.tabIndex = -1;
  return made;
}

/** @param {Known} known */
function phoneLine({ agencyName, agencyPhone }) {
  const link = make("a", "join-phone", icon("phone"), agencyPhone);
  link.href = `tel:${agencyPhone.replace(/[^+\d]/g, "")}`;
  return make("p", "join-help", text("join.help", { agency: agencyName }), link);
}

/**
 * A large button that only a person's press on a visible page sets off.
 * @param {string} words
 * @param {() => void} onPress
 */
export function pressButton(words, onPress) {
  const button = make("button", "button button-primary join-button", words);
  button.type = "button";
  button.addEventListener("click", (event) => {
    if (event.isTrusted && document.visibilityState === "visible") onPress();
  });
  return button;
}

/**
 * @param {Known} known
 * @returns {HTMLElement | null}
 */
function when({ startsAt, endsAt, timeZone }) {
  if (startsAt === undefined || endsAt === undefined || timeZone === undefined) return null;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const range = timeRange(startsAt, endsAt, timeZone);
  const elsewhere = zoneName(startsAt, here) !== zoneName(startsAt, timeZone);
  const hours = elsewhere ? `${range} (${zoneName(startsAt, timeZone)})` : range;
  return make(
    "p",
    "join-when",
    make("span", "join-date", dateInWords(startsAt, timeZone)),
    make("span", "join-hours number", hours),
  );
}

/**
 * What is seen before anything happens.
 * @param {HTMLElement} place
 * @param {Known} known
 * @param {() => void} onJoin
 */
export function showPreview(place, known, onJoin) {
  const early = known.opensAt !== undefined && known.timeZone !== undefined;
  const button = pressButton(text("join.join"), onJoin);
  button.disabled = early;
  const opens = early
    ? text("join.opens", { time: clockTime(known.opensAt ?? "", known.timeZone ?? "UTC") })
    : "";
  const note = make("p", "join-note", opens);
  note.setAttribute("role", "status");
  if (early) note.id = "join-opens";
  if (early) button.setAttribute("aria-describedby", note.id);
  show(
    place,
    known,
    title(text("join.title", { name: known.caregiverName ?? "" })),
    when(known),
    button,
    note,
  );
}

/**
 * Why the link does not admit, and what to do.
 * @param {HTMLElement} place
 * @param {string} code
 * @param {Known | null} known
 * @param {(() => void) | null} onRetry where trying again may help
 */
export function showRefusal(place, code, known, onRetry) {
  const key = hasText(`refused.${code}`) ? `refused.${code}` : "refused.other";
  const advice = hasText(`${key}.advice`) ? make("p", "join-note", text(`${key}.advice`)) : null;
  const heading = title(text(key));
  const moved = code === "link_moved" && known !== null ? when(known) : null;
  const newTime = moved === null ? null : make("p", "join-note", text("refused.newTime"));
  const retry = onRetry === null ? null : pressButton(text("common.tryAgain"), onRetry);
  show(place, known, heading, newTime, moved, advice, retry);
  if (known !== null && code !== "link_over")
    place.querySelector(".join-help")?.classList.add("join-help-large");
  heading.focus();
}

/**
 * An end of the call: a sentence, and perhaps a way back.
 * @param {HTMLElement} place
 * @param {Known} known
 * @param {string} key
 * @param {{key: string, onPress: () => void}} [back]
 */
export function showEnd(place, known, key, back) {
  const heading = title(text(key));
  const advice = hasText(`${key}.advice`) ? make("p", "join-note", text(`${key}.advice`)) : null;
  const button = back === undefined ? null : pressButton(text(back.key), back.onPress);
  show(place, known, heading, advice, button);
  heading.focus();
}

/** Something is on its way. @param {HTMLElement} place */
export function showWaiting(place) {
  const dots = make("div", "join-waiting", make("span", ""), make("span", ""), make("span", ""));
  dots.setAttribute("aria-hidden", "true");
  place.replaceChildren(dots);
}
