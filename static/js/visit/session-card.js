/** The video session on the visit page: how it stands, how the last invite fares, and what can be done. */

import { now } from "../ui/clock.js";
import { buttonOf, byId, chip, part, showText } from "../ui/elements.js";
import { say } from "../ui/live.js";
import { text } from "../ui/texts.js";
import { clockTime, dateInWords, dayOf } from "../ui/time.js";
import { clientWaits, deliveryChip, sessionText } from "./plan.js";

/** @import { Invite, Visit } from "../ui/resources.js" */
/** @import { Plan } from "./plan.js" */

/**
 * @param {Visit} visit
 * @param {Plan} plan
 */
export function showSession(visit, plan) {
  // Whoever may not invite still sees how a session stands.
  const shown = visit.videoActions || visit.session !== null;
  part("session").hidden = !shown;
  if (!shown) return;
  const waiting = clientWaits(visit);
  part("session-state").textContent = text(waiting ? "session.waiting" : sessionText(visit));
  part("session-state").classList.toggle("session-waiting", waiting);
  showInvite(visit.session?.lastInvite ?? null, visit.timeZone);
  const moved = visit.movedSinceInvite && plan.invite === "resend" && visit.cancelledAt === null;
  part("moved").hidden = !moved;
  const refusal = plan.inviteRefusal;
  showText(part("invite-refusal"), refusal === null ? null : text(`error.${refusal}`));
  for (const id of ["send-invite", "resend-invite"]) buttonOf(id).disabled = refusal !== null;
  buttonOf("send-invite").hidden = plan.invite !== "send";
  buttonOf("resend-invite").hidden = plan.invite !== "resend";
  buttonOf("copy-link").hidden = !plan.copyLink;
  buttonOf("end-session").hidden = !plan.end;
  if (!plan.copyLink) part("link").hidden = true;
}

/**
 * @param {Invite | null} invite
 * @param {string} zone
 */
function showInvite(invite, zone) {
  part("invite").hidden = invite === null;
  if (invite === null) return;
  const { key, kind, icon } = deliveryChip(invite);
  part("invite-delivery").replaceChildren(chip(kind, icon, text(key)));
  part("invite-when").textContent = inviteWords(invite, zone);
  showText(
    part("invite-reason"),
    invite.reason === null ? null : text("invite.reason", { reason: invite.reason }),
  );
}

/**
 * When and to whom, as in `14:02 to ann@example.org`.
 * @param {Invite} invite
 * @param {string} zone
 */
function inviteWords(invite, zone) {
  // While a mail is on its way again, `sentAt` is still that of an earlier one: the time belongs to the attempt.
  const at = invite.delivery === "sent" ? (invite.sentAt ?? invite.madeAt) : invite.madeAt;
  const today = dayOf(at, zone) === dayOf(now(), zone);
  const time = clockTime(at, zone);
  const when = today ? time : text("invite.dateAndTime", { date: dateInWords(at, zone), time });
  return invite.to === null ? when : text("invite.whenAndTo", { when, address: invite.to });
}

/**
 * Shows a copied link, and puts it on the clipboard where the browser lets it.
 * @param {string} link
 */
export async function showLink(link) {
  part("link").hidden = false;
  const field = byId("link-field", HTMLInputElement);
  field.value = link;
  await copyLink();
}

/** Copies the link that is shown. */
export async function copyLink() {
  const field = byId("link-field", HTMLInputElement);
  try {
    await navigator.clipboard.writeText(field.value);
    say(text("link.copied"));
  } catch {
    // Some browsers copy only straight after a press, or not at all: the selected text can be copied by hand.
    field.focus();
    field.select();
    say(text("link.copyByHand"));
  }
}
