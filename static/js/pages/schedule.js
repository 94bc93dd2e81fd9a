/** The schedule: a caregiver's day, or for the office everybody's (SPEC §3, §9). */

import { dayHeading, dayOfAddress, employeeOfAddress, keepInAddress, today } from "../schedule/day.js";
import { visitRow } from "../schedule/row.js";
import { ApiError, sentence } from "../ui/api.js";
import { now } from "../ui/clock.js";
import { buttonOf, byId, make, part } from "../ui/elements.js";
import { say } from "../ui/live.js";
import { goToSignIn, staffApi } from "../ui/signed-in.js";
import { startStaffPage } from "../ui/staff.js";
import { text } from "../ui/texts.js";
import { addDays, clockTime, spanOf } from "../ui/time.js";
import { watch } from "../ui/watch.js";
import { byName } from "../visit/fields.js";
import { clientWaits } from "../visit/plan.js";

/** @import { Agency, Me, Named, Visit } from "../ui/resources.js" */

const MINUTE_MS = 60_000;
// Several facts of one change come together: one reading serves them all.
const GATHER_MS = 150;
const OFFLINE_AFTER_MS = 5000;

class Schedule {
  /** @type {Visit[] | null} */
  visits = null;
  #reading = 0;
  /** @type {Set<string>} */
  #waiting = new Set();

  /**
   * @param {Agency} agency
   * @param {Me} me
   */
  constructor(agency, me) {
    this.agency = agency;
    this.me = me;
    this.zone = agency.timeZone;
    this.day = dayOfAddress(this.zone);
    this.employee = me.role === "caregiver" ? null : employeeOfAddress();
  }

  /** @param {{live?: boolean}} [options] live: nobody pressed anything */
  async read({ live = false } = {}) {
    const turn = ++this.#reading;
    const { from, to } = spanOf(this.day, this.zone);
    const query = new URLSearchParams({ from, to });
    if (this.employee !== null) query.set("employee", this.employee);
    try {
      const { visits } = await staffApi("GET", `/visits?${query}`, undefined, { unattended: live });
      if (turn !== this.#reading) return;
      this.visits = visits;
      part("trouble").hidden = true;
      this.show();
    } catch (error) {
      if (turn === this.#reading) this.#failed(error);
    }
  }

  /** @param {unknown} error */
  #failed(error) {
    if (error instanceof ApiError && error.code === "not_signed_in") return;
    part("trouble").hidden = false;
    part("trouble-text").textContent = sentence(error);
  }

  /** @param {string} day */
  go(day) {
    this.day = day;
    this.visits = null;
    this.#waiting.clear();
    keepInAddress(day, this.employee, this.zone);
    this.show();
    void this.read();
  }

  show() {
    const { name, date } = dayHeading(this.day, this.zone);
    part("day-name").textContent = name;
    part("day-date").textContent = date;
    document.title = `${name} · ${this.agency.name}`;
    byId("pick-day", HTMLInputElement).value = this.day;
    buttonOf("today").disabled = this.day === today(this.zone);
    const { visits } = this;
    part("loading").hidden = visits !== null;
    part("empty").hidden = visits === null || visits.length > 0;
    this.#fill(visits ?? []);
    this.#announce(visits ?? []);
  }

  /** @param {Visit[]} visits */
  #fill(visits) {
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset.visit : undefined;
    const rows = visits.map((visit) => visitRow(visit, { me: this.me, zone: this.zone }));
    const list = part("visits");
    list.replaceChildren(...rows);
    this.#markNow(visits, rows);
    if (focused === undefined) return;
    const link = list.querySelector(`[data-visit="${CSS.escape(focused)}"]`);
    if (link instanceof HTMLElement) link.focus({ preventScroll: true });
  }

  /**
   * A line between what is over and what is to come, today only.
   * @param {Visit[]} visits
   * @param {HTMLElement[]} rows
   */
  #markNow(visits, rows) {
    if (this.day !== today(this.zone) || visits.length === 0) return;
    const time = now().getTime();
    const next = visits.findIndex((visit) => Date.parse(visit.endsAt) > time);
    const line = make(
      "li",
      "now",
      make("span", "number", text("schedule.now", { time: clockTime(now(), this.zone) })),
    );
    if (next === -1) part("visits").append(line);
    else rows[next]?.before(line);
  }

  /**
   * Says which of one's own clients has begun to wait since the page was last shown.
   * @param {Visit[]} visits
   */
  #announce(visits) {
    const mine = visits.filter(({ employee }) => employee === this.me.id);
    const waiting = mine.filter(clientWaits);
    const news = waiting.find(({ id }) => !this.#waiting.has(id));
    this.#waiting = new Set(waiting.map(({ id }) => id));
    if (news !== undefined) say(text("schedule.waitingNow", { name: news.person.name }));
  }

  listen() {
    buttonOf("previous").addEventListener("click", () => this.go(addDays(this.day, -1)));
    buttonOf("next").addEventListener("click", () => this.go(addDays(this.day, 1)));
    buttonOf("today").addEventListener("click", () => this.go(today(this.zone)));
    buttonOf("trouble-again").addEventListener("click", () => this.read());
    const picker = byId("pick-day", HTMLInputElement);
    picker.addEventListener("change", () => {
      if (picker.value !== "") this.go(picker.value);
    });
    setInterval(() => this.visits !== null && this.show(), MINUTE_MS);
    this.#watch();
  }

  #watch() {
    /** @type {number | undefined} */
    let gathering;
    /** @type {number | undefined} */
    let offline;
    watch({
      onChange: () => {
        clearTimeout(gathering);
        gathering = setTimeout(() => this.read({ live: true }), GATHER_MS);
      },
      onConnection: (connected) => {
        clearTimeout(offline);
        if (connected) part("offline").hidden = true;
        else offline = setTimeout(() => (part("offline").hidden = false), OFFLINE_AFTER_MS);
      },
      onSignedOut: goToSignIn,
    });
  }

  /** Everybody's schedule, or one caregiver's: for the office. */
  async offerEmployees() {
    if (this.me.role === "caregiver") return;
    part("employee-filter").hidden = false;
    const picker = byId("employee", HTMLSelectElement);
    picker.addEventListener("change", () => {
      this.employee = picker.value === "" ? null : picker.value;
      this.go(this.day);
    });
    try {
      /** @type {{employees: Named[]}} */
      const { employees } = await staffApi("GET", "/employees");
      picker.append(...byName(employees).map(({ id, name }) => new Option(name, id)));
      picker.value = this.employee ?? "";
    } catch {
      // Everybody's schedule is there without the list.
    }
  }
}

const { agency, me } = await startStaffPage();
const schedule = new Schedule(agency, me);
schedule.show();
part("main").hidden = false;
schedule.listen();
await Promise.all([schedule.read(), schedule.offerEmployees()]);
