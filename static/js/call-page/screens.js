/** The caregiver's screens around the call: before it, after it, and why it can't be. */

import { make } from "../ui/elements.js";
import { hasText, text } from "../ui/texts.js";
import { dateInWords, timeRange } from "../ui/time.js";

/** @typedef {import("../protocol.js").VisitView} Visit */

/**
 * @typedef {object} Choice
 * @property {string} key of its text
 * @property {(() => void) | string} go what a press does, or where it leads
 */

/**
 * A heading, a sentence, and what can be done.
 * @param {HTMLElement} place
 * @param {string} heading
 * @param {(Node | string | null)[]} lines
 * @param {Choice[]} choices the first one is the likely one
 */
export function showScreen(place, heading, lines, choices) {
  const title = make("h1", "", heading);
  title.tabIndex = -1;
  const buttons = choices.map(({ key, go }, index) => choice(text(key), go, index === 0));
  const words = lines.filter((line) => line !== null).map((line) => make("p", "call-screen-line", line));
  place.replaceChildren(
    make("div", "call-screen", title, ...words, make("div", "call-screen-buttons", ...buttons)),
  );
  title.focus();
}

/**
 * @param {string} words
 * @param {(() => void) | string} go
 * @param {boolean} likely
 */
function choice(words, go, likely) {
  const className = `button button-large ${likely ? "button-primary" : "button-outline"}`;
  if (typeof go === "string") {
    const link = make("a", className, words);
    link.href = go;
    return link;
  }
  const button = make("button", className, words);
  button.type = "button";
  button.addEventListener("click", go);
  return button;
}

/** @param {Visit} visit */
const pathOf = (visit) => `/visits/${encodeURIComponent(visit.id)}`;

/**
 * Before the browser's question: what it will ask, and one button.
 * @param {HTMLElement} place
 * @param {Visit} visit
 * @param {() => void} onJoin
 */
export function showReady(place, visit, onJoin) {
  const { person, startsAt, endsAt, timeZone } = visit;
  const when = `${dateInWords(startsAt, timeZone)}, ${timeRange(startsAt, endsAt, timeZone)}`;
  showScreen(
    place,
    text("call.readyTitle", { name: person.name }),
    [when, text("asking.allow")],
    [{ key: "call.join", go: onJoin }],
  );
}

/**
 * The session is over for good.
 * @param {HTMLElement} place
 * @param {Visit} visit
 * @param {{pending?: boolean}} [how] `pending`: the server does not know it yet
 */
export function showOver(place, visit, { pending = false } = {}) {
  const lines = pending ? [text("call.overPending")] : [];
  showScreen(place, text("call.over"), lines, [{ key: "call.toVisit", go: pathOf(visit) }]);
}

/**
 * @param {HTMLElement} place
 * @param {Visit} visit
 * @param {() => void} onAgain
 */
export function showLeft(place, visit, onAgain) {
  showScreen(
    place,
    text("call.left"),
    [text("call.leftAdvice")],
    [
      { key: "call.joinAgain", go: onAgain },
      { key: "call.toVisit", go: pathOf(visit) },
    ],
  );
}

/**
 * @param {HTMLElement} place
 * @param {Visit} visit
 * @param {() => void} onUseThis
 */
export function showMoved(place, visit, onUseThis) {
  showScreen(
    place,
    text("call.moved"),
    [text("call.movedAdvice")],
    [
      { key: "call.useThis", go: onUseThis },
      { key: "call.toVisit", go: pathOf(visit) },
    ],
  );
}

/**
 * @param {HTMLElement} place
 * @param {string} code
 * @param {string} visitId
 * @param {() => void} onRetry
 */
export function showRefusal(place, code, visitId, onRetry) {
  const key = hasText(`error.${code}`) ? `error.${code}` : "error.internal";
  const away = code === "not_found" ? "/" : `/visits/${encodeURIComponent(visitId)}`;
  showScreen(
    place,
    text(key),
    [],
    [
      { key: code === "not_found" ? "call.toSchedule" : "call.toVisit", go: away },
      { key: "common.tryAgain", go: onRetry },
    ],
  );
}
