/** What every page of a signed-in employee begins with: who it is, the language, the header, signing out. */

import { hasUnsent } from "../visit/drafts.js";
import { ApiError, api, sentence } from "./api.js";
import { setServerTime } from "./clock.js";
import { ask } from "./dialog.js";
import { buttonOf, make, part } from "./elements.js";
import { readyMessages, warn } from "./live.js";
import { staffApi } from "./signed-in.js";
import { loadTexts, preferredLanguage, text } from "./texts.js";

/** @import { Agency, Me } from "./resources.js" */

// Well below the shortest idle sign-out that can be set.
const ACTIVITY_MS = 2 * 60_000;

/**
 * Loads the employee, the agency and the texts, and fills the header.
 * @returns {Promise<{agency: Agency, me: Me}>} never settles when the page can't be shown
 */
export async function startStaffPage() {
  try {
    const [agency, me] = await Promise.all([api("GET", "/agency"), staffApi("GET", "/me")]);
    setServerTime(agency.serverTime);
    await loadTexts("staff", me.language);
    readyMessages();
    part("agency-name").textContent = agency.name;
    part("account-name").textContent = me.name;
    buttonOf("sign-out").addEventListener("click", () => signOut(me));
    tellActivity();
    return { agency, me };
  } catch (error) {
    if (!(error instanceof ApiError && error.code === "not_signed_in")) await showUnreachable(error);
    return new Promise(() => {});
  }
}

/**
 * The page that is shown instead, when there is nothing to show.
 * @param {unknown} error
 */
async function showUnreachable(error) {
  await loadTexts("staff", preferredLanguage("en"));
  const again = make("button", "button button-primary", text("common.tryAgain"));
  again.type = "button";
  again.addEventListener("click", () => location.reload());
  const words = make("p", "", sentence(error));
  words.setAttribute("role", "alert");
  const main = part("main");
  main.replaceChildren(make("div", "card stack empty", words, again));
  main.hidden = false;
}

/**
 * @param {Me} me
 */
async function signOut(me) {
  if (hasUnsent(me.id) && !(await mayLeaveText())) return;
  try {
    await api("POST", "/sign-out", {});
  } catch (error) {
    if (!(error instanceof ApiError && error.code === "not_signed_in")) return warn(sentence(error));
  }
  location.replace("/sign-in");
}

/** Whether to sign out although there is text that the server does not have. */
function mayLeaveText() {
  return ask({
    title: text("account.unsentTitle"),
    message: text("account.unsentText"),
    ok: text("account.signOutAnyway"),
    cancel: text("account.staySignedIn"),
  });
}

/** Somebody who reads and scrolls is not idle, though the page asks the server for nothing. */
function tellActivity() {
  let told = performance.now();
  const tell = () => {
    if (performance.now() - told < ACTIVITY_MS) return;
    told = performance.now();
    staffApi("GET", "/me").catch(() => {});
  };
  for (const event of ["pointerdown", "keydown", "scroll"]) {
    addEventListener(event, tell, { passive: true, capture: true });
  }
}
