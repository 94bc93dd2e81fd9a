/** The tasks of a visit as the office edits them. */

import { make } from "../ui/elements.js";
import { text } from "../ui/texts.js";

/** @import { Task } from "../ui/resources.js" */

/** @param {readonly Task[]} tasks */
export function taskEditor(tasks) {
  const list = make("ul", "task-rows");
  list.setAttribute("role", "list");
  const add = make("button", "button button-outline", text("office.addTask"));
  add.type = "button";
  /** @type {Map<HTMLElement, {id: string, input: HTMLInputElement}>} */
  const rows = new Map();

  /** @param {Task} task */
  function addRow({ id, title }) {
    const input = make("input", "input");
    input.value = title;
    input.setAttribute("aria-label", text("office.taskTitle"));
    const remove = make("button", "button button-outline button-icon", "✕");
    remove.type = "button";
    remove.setAttribute("aria-label", text("office.removeTask", { title }));
    const row = make("li", "task-row", input, remove);
    remove.addEventListener("click", () => {
      rows.delete(row);
      row.remove();
      add.focus();
    });
    rows.set(row, { id, input });
    list.append(row);
    return input;
  }

  tasks.forEach(addRow);
  add.addEventListener("click", () =>
    addRow({ id: `task-${crypto.randomUUID().slice(0, 8)}`, title: "" }).focus(),
  );
  const element = make("fieldset", "stack", make("legend", "label", text("documentation.tasks")), list, add);
  return {
    element,
    /** @returns {Task[]} those with a title */
    read: () =>
      [...rows.values()]
        .map(({ id, input }) => ({ id, title: input.value.trim() }))
        .filter(({ title }) => title !== ""),
  };
}
