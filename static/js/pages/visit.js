/** The page of one visit (SPEC §4). */

import { ApiError, sentence } from "../ui/api.js";
import { buttonOf, part, showText } from "../ui/elements.js";
import { goToSignIn, staffApi } from "../ui/signed-in.js";
import { startStaffPage } from "../ui/staff.js";
import { text } from "../ui/texts.js";
import { dayOf } from "../ui/time.js";
import { watch } from "../ui/watch.js";
import { followCall, openCall } from "../visit/call-window.js";
import { attempt, clockIn, clockOut, endSession, makeLink, sendInvite } from "../visit/commands.js";
import { openDocumentation } from "../visit/documentation.js";
import { keepFocus } from "../visit/focus.js";
import { openOffice } from "../visit/office.js";
import { plan } from "../visit/plan.js";
import { copyLink, showLink, showSession } from "../visit/session-card.js";
import { showSummary } from "../visit/summary.js";

/** @import { Agency, Me, Visit } from "../ui/resources.js" */
/** @import { Panel } from "../visit/documentation.js" */

const JOIN_HINTS = {
  ready: null,
  clock_in_first: "error.clock_in_required",
  invite_first: "error.no_session",
};

class VisitPage {
  /** @type {Visit | null} */
  visit = null;
  /** @type {Panel | null} */
  documentation = null;
  callOpen = false;
  #reading = 0;

  /**
   * @param {string} id
   * @param {Agency} agency
   * @param {Me} me
   */
  constructor(id, agency, me) {
    this.id = id;
    this.agency = agency;
    this.me = me;
    this.office = me.role === "caregiver" ? null : openOffice(me, () => this.read());
  }

  /**
   * Reads the visit again and shows it. Of answers that overtake each other the last question's counts.
   * @param {{live?: boolean}} [options] live: nobody pressed anything
   */
  async read({ live = false } = {}) {
    const turn = ++this.#reading;
    try {
      const visit = await staffApi("GET", `/visits/${this.id}`, undefined, { unattended: live });
      if (turn === this.#reading) await this.#take(visit);
    } catch (error) {
      if (turn === this.#reading) this.#failed(error);
    }
  }

  /** @param {Visit} visit */
  async #take(visit) {
    const first = this.visit === null;
    this.visit = visit;
    this.show();
    this.office?.show(visit);
    part("visit").hidden = false;
    part("trouble").hidden = true;
    if (first) {
      this.documentation = await openDocumentation(part("documentation-panel"), {
        employee: this.me.id,
        visit,
        readOnly: !visit.actions.includes("document"),
      });
    } else {
      this.documentation?.refresh();
    }
  }

  /** @param {unknown} error */
  #failed(error) {
    if (error instanceof ApiError && error.code === "not_signed_in") return;
    const gone = error instanceof ApiError && error.code === "not_found";
    if (this.visit !== null && !gone) return;
    part("visit").hidden = true;
    part("trouble").hidden = false;
    part("trouble-text").textContent = gone ? text("visit.notFound") : sentence(error);
  }

  show() {
    const { visit, me, agency, callOpen } = this;
    if (visit === null) return;
    const offered = plan(visit, me, callOpen);
    const mine = visit.employee === me.id;
    keepFocus(() => {
      document.title = `${visit.person.name} · ${agency.name}`;
      showSummary(visit, agency, mine);
      showSession(visit, offered);
      buttonOf("clock-in").hidden = !offered.clockIn;
      buttonOf("clock-out").hidden = !offered.clockOut;
      const join = buttonOf("join");
      join.hidden = offered.join === null;
      join.disabled = offered.join !== "ready";
      const hint = JOIN_HINTS[offered.join ?? "ready"];
      showText(part("join-hint"), hint === null ? null : text(hint));
      part("dock").hidden = [...part("dock-buttons").children].every((button) =>
        button.hasAttribute("hidden"),
      );
    });
  }

  /**
   * @param {string} id
   * @param {(visit: Visit) => Promise<void>} work
   */
  onPress(id, work) {
    const button = buttonOf(id);
    button.addEventListener("click", async () => {
      const { visit } = this;
      if (visit === null || button.getAttribute("aria-busy") === "true") return;
      button.setAttribute("aria-busy", "true");
      await attempt(() => work(visit));
      button.removeAttribute("aria-busy");
      await this.read();
    });
  }

  listen() {
    this.onPress("send-invite", sendInvite);
    this.onPress("resend-invite", sendInvite);
    this.onPress("copy-link", async (visit) => showLink(await makeLink(visit)));
    this.onPress("clock-in", clockIn);
    this.onPress("clock-out", clockOut);
    this.onPress("end-session", endSession);
    buttonOf("copy-again").addEventListener("click", copyLink);
    // Straight in the click: a browser lets a window open only then.
    buttonOf("join").addEventListener("click", () => openCall(this.id));
    buttonOf("trouble-again").addEventListener("click", () => this.read());
    followCall(this.id, (open) => {
      this.callOpen = open;
      this.show();
    });
    watch({
      onChange: (changed) => {
        if (changed === null || changed === this.id) void this.read({ live: true });
      },
      onConnection: () => {},
      onSignedOut: goToSignIn,
    });
  }
}

const { agency, me } = await startStaffPage();
const id = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const page = new VisitPage(id, agency, me);
await page.read();
part("main").hidden = false;
const back = /** @type {HTMLAnchorElement} */ (part("back"));
if (page.visit !== null) back.href = `/?day=${dayOf(page.visit.startsAt, agency.timeZone)}`;
page.listen();
