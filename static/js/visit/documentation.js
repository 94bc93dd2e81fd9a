/**
 * The documentation panel of a visit: notes and tasks, saved while they are written. The visit page and the call
 * page both use it; in two tabs of one browser the text is the same.
 */

import { api, sentence } from "../ui/api.js";
import { icon, make } from "../ui/elements.js";
import { text } from "../ui/texts.js";
import { clockTime } from "../ui/time.js";
import { decide, inWords } from "./compare.js";
import { eraseDraft, keepDraft, onDraftElsewhere, readDraft } from "./drafts.js";
import { Saving } from "./saving.js";
import { taskList } from "./tasks.js";
import { visible } from "./writing.js";

/** @import { Documentation, Task, Writing } from "../ui/resources.js" */
/** @import { Standing } from "./saving.js" */

// The server takes 64 kB of UTF-8; a unit of this count has three bytes at most.
const NOTES_MAX = 21_000;

/**
 * @typedef {object} Panel
 * @property {() => void} refresh the server's text may have changed
 * @property {() => boolean} hasUnsent
 */

/**
 * Opens the documentation of a visit in an element.
 * @param {HTMLElement} place
 * @param {{employee: string, visit: {id: string, tasks: Task[], timeZone: string}, readOnly?: boolean}} options
 *   `employee`: who is signed in
 * @returns {Promise<Panel>}
 */
export async function openDocumentation(place, { employee, visit, readOnly = false }) {
  const path = `/visits/${visit.id}/documentation`;
  const get = () => /** @type {Promise<Documentation>} */ (api("GET", path, undefined, { unattended: true }));
  const draft = readOnly ? null : readDraft(employee, visit.id);
  /** @type {Documentation} */
  let server;
  try {
    server = await get();
  } catch (error) {
    // Offline, with a draft: go on writing; the server's text is asked for when it is saved.
    if (draft === null)
      return showFailure(place, error, () => openDocumentation(place, { employee, visit, readOnly }));
    server = draft.base;
  }
  if (readOnly) return showReadOnly(place, visit.tasks, server, get);
  return new Editor(place, employee, visit, server).panel(get, path, draft);
}

class Editor {
  /**
   * @param {HTMLElement} place
   * @param {string} employee
   * @param {{id: string, tasks: Task[], timeZone: string}} visit
   * @param {Documentation} server
   */
  constructor(place, employee, visit, server) {
    this.employee = employee;
    this.visit = visit;
    this.server = server;
    this.state = make("p", "documentation-state soft");
    this.state.setAttribute("role", "status");
    this.compare = make("button", "button button-outline", text("documentation.staleOpen"));
    this.compare.type = "button";
    this.compare.hidden = true;
    this.notes = make("textarea", "input documentation-notes");
    this.notes.id = "documentation-notes";
    this.notes.maxLength = NOTES_MAX;
    const label = make("label", "", text("documentation.notes"));
    label.htmlFor = this.notes.id;
    this.tasks = taskList(visit.tasks, () => this.#written());
    place.replaceChildren(
      make("div", "documentation-head", this.state, this.compare),
      make("div", "field", label, this.notes),
      this.tasks.element,
    );
    this.notes.addEventListener("input", () => this.#written());
  }

  /**
   * @param {() => Promise<Documentation>} get
   * @param {string} path
   * @param {import("./drafts.js").Draft | null} draft
   * @returns {Panel}
   */
  panel(get, path, draft) {
    const { employee, visit } = this;
    this.#show(draft?.writing ?? this.server);
    this.saving = new Saving(
      {
        get,
        put: async (body, keepalive) => {
          this.server = await api("PUT", path, body, { keepalive });
          return this.server;
        },
        keep: (kept) => keepDraft(employee, visit.id, kept),
        erase: () => eraseDraft(employee, visit.id),
        onStanding: (standing, error) => this.#showStanding(standing, error),
        onWriting: (writing) => this.#show(writing),
      },
      visit.tasks,
      this.server,
      draft,
    );
    this.#listen(this.saving);
    const { saving } = this;
    return { refresh: () => void saving.refresh(), hasUnsent: () => saving.unsent };
  }

  /** @param {Saving} saving */
  #listen(saving) {
    onDraftElsewhere(this.employee, this.visit.id, (draft) => {
      if (draft === null) void saving.refresh();
      else saving.adopt(draft);
    });
    addEventListener("online", () => saving.flush());
    addEventListener("pagehide", () => saving.flush({ closing: true }));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") saving.flush({ closing: true });
    });
    this.compare.addEventListener("click", () => decide(saving, this.visit.tasks));
  }

  #written() {
    this.saving?.write(visible({ notes: this.notes.value, tasks: this.tasks.read() }));
  }

  /** @param {Writing} writing */
  #show(writing) {
    if (this.notes.value !== writing.notes) this.notes.value = writing.notes;
    this.tasks.show(writing.tasks);
  }

  /**
   * @param {Standing} standing
   * @param {unknown} error
   */
  #showStanding(standing, error) {
    const quiet = standing === "saved" || standing === "saving";
    // Read out when something is wrong; not at every pause of the typing.
    this.state.setAttribute("aria-live", quiet ? "off" : "polite");
    this.state.classList.toggle("documentation-trouble", !quiet);
    const words = this.#words(standing, error);
    if (this.state.textContent !== words) this.state.replaceChildren(icon(this.#iconOf(standing)), words);
    this.state.dataset.standing = standing;
    this.compare.hidden = standing !== "conflict";
  }

  /** @param {Standing} standing */
  #iconOf(standing) {
    if (standing === "saving") return "clock";
    if (standing !== "saved") return "alert";
    return this.server.savedAt === null ? "note" : "check";
  }

  /**
   * @param {Standing} standing
   * @param {unknown} error
   */
  #words(standing, error) {
    const { savedAt } = this.server;
    switch (standing) {
      case "saved":
        if (savedAt === null) return text("documentation.empty");
        return text("documentation.savedAt", { time: clockTime(savedAt, this.visit.timeZone) });
      case "saving":
        return text("documentation.saving");
      case "kept":
        return text("documentation.kept");
      case "unkept":
        return text("documentation.notKept");
      case "conflict":
        return text("documentation.staleWaiting");
      case "refused":
        return text("documentation.refused", { reason: sentence(error) });
    }
  }
}

/**
 * @param {HTMLElement} place
 * @param {readonly Task[]} tasks
 * @param {Documentation} server
 * @param {() => Promise<Documentation>} get
 * @returns {Panel}
 */
function showReadOnly(place, tasks, server, get) {
  /** @param {Documentation} documentation */
  const show = (documentation) => {
    const hint = make("p", "soft", text("documentation.readOnly"));
    place.replaceChildren(hint, ...inWords(documentation, tasks));
  };
  show(server);
  return { refresh: () => void get().then(show, () => {}), hasUnsent: () => false };
}

/**
 * @param {HTMLElement} place
 * @param {unknown} error
 * @param {() => Promise<Panel>} again
 * @returns {Panel}
 */
function showFailure(place, error, again) {
  /** @type {Panel | null} */
  let opened = null;
  const retry = async () => {
    opened = await again();
  };
  const button = make("button", "button button-outline", text("common.tryAgain"));
  button.type = "button";
  button.addEventListener("click", retry);
  place.replaceChildren(make("p", "", text("documentation.unavailable"), " ", sentence(error)), button);
  return {
    refresh: () => (opened === null ? void retry() : opened.refresh()),
    hasUnsent: () => opened?.hasUnsent() ?? false,
  };
}
