/**
 * The client's page. Until "Join visit" is pressed it asks for the preview only: no ticket, socket or device.
 */

import { pause } from "../call/pause.js";
import { forgetVisit, keptVisit, tokenOf } from "../join/link.js";
import { showPreview, showRefusal, showWaiting } from "../join/screens.js";
import { ApiError, api } from "../ui/api.js";
import { now, setServerTime } from "../ui/clock.js";
import { part } from "../ui/elements.js";
import { loadTexts, preferredLanguage, text } from "../ui/texts.js";

/** @typedef {import("../protocol.js").PreviewView} Preview */
/** @typedef {import("../join/screens.js").Known} Known */

/** A link may begin to admit earlier than it said: the caregiver clocks in. */
const LOOK_AGAIN_MS = 60_000;
const NO_NETWORK_MS = 3000;

const place = part("main");
const token = tokenOf(location);

// The same tab, another link.
addEventListener("hashchange", () => location.reload());
// A page that comes back from the back/forward cache has lost its connections: it begins anew, as after a reload.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
void start();

async function start() {
  const kept = keptVisit(token);
  if (kept === null) {
    await look();
    return;
  }
  await speak(kept.language);
  await enter(kept, true);
}

/** Looks what the link is for. */
async function look() {
  showWaiting(place);
  try {
    if (token === "") throw new ApiError(400, "link_incomplete", "", {});
    /** @type {Preview} */
    const preview = await api("POST", "/invites/preview", { token });
    setServerTime(preview.serverTime);
    await speak(preview.language);
    // The call is fetched while the preview is read.
    void import("../join/entering.js").catch(() => {});
    showPreview(place, preview, () => void enter(preview, false));
  } catch (error) {
    await showWhy(error);
  }
}

/**
 * @param {Preview} preview
 * @param {boolean} resumed
 */
async function enter(preview, resumed) {
  showWaiting(place);
  try {
    const { enterVisit } = await import("../join/entering.js");
    await enterVisit({ place, token, preview, resumed, onRefused: (code) => void refuse(code, preview) });
  } catch {
    showRefusal(place, "offline", preview, () => location.reload());
  }
}

/**
 * The server won't have this page any more; the link itself may tell more about why.
 * @param {string} code
 * @param {Preview} preview
 */
async function refuse(code, preview) {
  forgetVisit();
  if (code.startsWith("link_")) await look();
  else showRefusal(place, code, preview, () => void look());
}

/** @param {unknown} error */
async function showWhy(error) {
  const { code, body } = error instanceof ApiError ? error : new ApiError(0, "internal", "", {});
  const known = await knownFrom(body);
  try {
    await speak(body.language ?? known?.language ?? preferredLanguage("en"));
  } catch {
    // Not even the texts can be had: nothing can be said before the network is back.
    await pause(NO_NETWORK_MS);
    await look();
    return;
  }
  if (code === "link_too_early" && known?.opensAt !== undefined) {
    showPreview(place, known, () => {});
    setTimeout(() => void look(), waitFor(known.opensAt));
    return;
  }
  showRefusal(place, code, known, code.startsWith("link_") ? null : () => void look());
}

/**
 * What a refusal tells of the visit; at least whom to call.
 * @param {Record<string, any>} body
 * @returns {Promise<(Known & {language?: string}) | null>}
 */
async function knownFrom(body) {
  if (typeof body.agencyPhone === "string") return /** @type {Known} */ (body);
  try {
    /** @type {import("../protocol.js").AgencyView} */
    const agency = await api("GET", "/agency");
    return {
      agencyName: agency.name,
      agencyPhone: agency.phone,
      language: preferredLanguage(agency.language),
    };
  } catch {
    return null;
  }
}

/** @param {string} opensAt */
function waitFor(opensAt) {
  return Math.min(Math.max(Date.parse(opensAt) - now().getTime(), 500), LOOK_AGAIN_MS);
}

/** @param {string} language */
async function speak(language) {
  await loadTexts("call", language);
  document.title = text("join.documentTitle");
}
