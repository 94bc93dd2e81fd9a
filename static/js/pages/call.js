/** The caregiver's call page, `/visits/{id}/call`. */

import { deliverCommand, keptCommand } from "../call/commands.js";
import { keptLeg } from "../call/leg.js";
import { mountDocumentation } from "../call-page/documentation-panel.js";
import { enterCall } from "../call-page/entering.js";
import { showOver, showReady, showRefusal } from "../call-page/screens.js";
import { ApiError, api } from "../ui/api.js";
import { setServerTime } from "../ui/clock.js";
import { part } from "../ui/elements.js";
import { goToSignIn } from "../ui/signed-in.js";
import { loadTexts, preferredLanguage, text } from "../ui/texts.js";

const place = part("call-place");
const visitId = decodeURIComponent(/^\/visits\/([^/]+)\/call$/.exec(location.pathname)?.[1] ?? "");

// A page that comes back from the back/forward cache has lost its connections: it begins anew, as after a reload.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
void start();

async function start() {
  try {
    const command = keptCommand(visitId);
    if (command !== null) await deliverCommand(visitId, command);
    const [agency, me, visit] = await Promise.all([
      api("GET", "/agency"),
      api("GET", "/me"),
      api("GET", `/visits/${encodeURIComponent(visitId)}`),
    ]);
    setServerTime(agency.serverTime);
    await loadTexts("call", me.language);
    show(visit, me.id);
  } catch (error) {
    await showWhy(error);
  }
}

/**
 * @param {import("../protocol.js").VisitView} visit
 * @param {string} employee
 */
function show(visit, employee) {
  document.title = text("call.documentTitle", { name: visit.person.name });
  if (visit.employee !== employee) {
    showRefusal(place, "forbidden", visitId, () => location.reload());
    return;
  }
  const entry = { place, visit, documentationButton: mountDocumentation(visit, employee) };
  if (visit.session?.state === "terminated") showOver(place, visit);
  // A reload is no new press: this tab is in the call.
  else if (keptLeg("caregiver", visitId)?.generation != null) void enterCall(entry);
  else if (visit.status === "cancelled")
    showRefusal(place, "visit_cancelled", visitId, () => location.reload());
  else if (visit.session === null) showRefusal(place, "no_session", visitId, () => location.reload());
  else if (!visit.actions.includes("join"))
    showRefusal(place, "clock_in_required", visitId, () => location.reload());
  else showReady(place, visit, () => void enterCall(entry));
}

/** @param {unknown} error */
async function showWhy(error) {
  const code = error instanceof ApiError ? error.code : "internal";
  if (code === "not_signed_in") {
    goToSignIn();
    return;
  }
  await loadTexts("call", preferredLanguage("en"));
  showRefusal(place, code, visitId, () => location.reload());
}
