/** The office's form for a visit: edit, move, reassign. */

import { ApiError, api, sentence } from "../ui/api.js";
import { make } from "../ui/elements.js";
import { staffApi } from "../ui/signed-in.js";
import { text } from "../ui/texts.js";
import { localTime, momentOf } from "../ui/time.js";
import { buttonRow, byName, errorLine, inputField, selectField } from "./fields.js";
import { taskEditor } from "./task-editor.js";

/** @import { Named, Visit } from "../ui/resources.js" */

/**
 * Lets a coordinator change the visit.
 * @param {Visit} visit
 * @returns {Promise<boolean>} whether it was saved
 */
export async function editVisit(visit) {
  const [codes, employees, clients] = await Promise.all([
    staffApi("GET", "/service-codes"),
    staffApi("GET", "/employees"),
    staffApi("GET", "/clients"),
  ]);
  /** @type {(Named & {active: boolean})[]} */
  const staff = employees.employees;
  const assignable = staff.filter(({ id, active }) => active || id === visit.employee);
  const form = visitForm(visit, byName(codes.serviceCodes), byName(assignable), byName(clients.clients));
  const box = make("dialog", "question sheet", form.element);
  box.setAttribute("aria-labelledby", "edit-title");
  document.body.append(box);
  box.showModal();
  form.first.focus();
  return new Promise((resolve) => {
    form.cancel.addEventListener("click", () => box.close());
    form.element.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (await save(visit, form)) box.close("saved");
    });
    box.addEventListener("close", () => {
      box.remove();
      resolve(box.returnValue === "saved");
    });
  });
}

/**
 * @param {Visit} visit
 * @param {Named[]} codes
 * @param {Named[]} employees
 * @param {Named[]} clients
 */
function visitForm(visit, codes, employees, clients) {
  const zones = [...new Set([visit.timeZone, ...Intl.supportedValuesOf("timeZone")])].map((id) => ({
    id,
    name: id,
  }));
  const service = selectField("edit-service", "office.service", codes, visit.serviceCode);
  const employee = selectField("edit-employee", "office.employee", employees, visit.employee);
  const client = selectField("edit-client", "office.client", clients, visit.client);
  const start = inputField(
    "edit-start",
    "office.start",
    "datetime-local",
    localTime(visit.startsAt, visit.timeZone),
  );
  const end = inputField("edit-end", "office.end", "datetime-local", localTime(visit.endsAt, visit.timeZone));
  const zone = selectField("edit-zone", "office.zone", zones, visit.timeZone);
  const tasks = taskEditor(visit.tasks);
  const error = errorLine();
  const title = make("h2", "", text("office.editTitle"));
  title.id = "edit-title";
  const { row, cancel } = buttonRow("office.save");
  const times = make("div", "sheet-pair", start.element, end.element);
  const element = make(
    "form",
    "stack",
    title,
    times,
    zone.element,
    employee.element,
    client.element,
    service.element,
    tasks.element,
    error,
    row,
  );
  element.noValidate = true;
  return {
    element,
    cancel,
    error,
    first: start.input,
    read: () => ({
      serviceCode: service.input.value,
      employee: employee.input.value,
      client: client.input.value,
      startsAt: start.input.value === "" ? "" : momentOf(start.input.value.slice(0, 16), zone.input.value),
      endsAt: end.input.value === "" ? "" : momentOf(end.input.value.slice(0, 16), zone.input.value),
      timeZone: zone.input.value,
      tasks: tasks.read(),
    }),
  };
}

/**
 * @param {Visit} visit
 * @param {ReturnType<typeof visitForm>} form
 */
async function save(visit, form) {
  const wanted = form.read();
  const problem = mistake(wanted);
  form.error.textContent = problem ?? "";
  if (problem !== null) return false;
  try {
    await api("PUT", `/visits/${visit.id}`, wanted, { ifMatch: `"${visit.rev}"` });
    return true;
  } catch (error) {
    form.error.textContent = refusal(error);
    return false;
  }
}

/**
 * @param {{startsAt: string, endsAt: string}} wanted
 * @returns {string | null}
 */
function mistake({ startsAt, endsAt }) {
  if (startsAt === "" || endsAt === "") return text("office.timesNeeded");
  return Date.parse(endsAt) > Date.parse(startsAt) ? null : text("office.endBeforeStart");
}

/** Which rule refused a change, by the field that the server names. */
const CONFLICTS = {
  employee: "office.reassignConflict",
  client: "office.clientConflict",
  tasks: "office.taskConflict",
};

/** @param {unknown} error */
function refusal(error) {
  if (!(error instanceof ApiError) || error.code !== "conflict") return sentence(error);
  const key = Object.entries(CONFLICTS).find(([field]) => field === error.body.field)?.[1];
  return key === undefined ? sentence(error) : text(key);
}
