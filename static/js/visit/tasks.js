/** The tasks of a visit, each done, or not done with a reason, or not answered yet. */

import { make } from "../ui/elements.js";
import { text } from "../ui/texts.js";
import { outcomeOf } from "./writing.js";

/** @import { Outcome, Task } from "../ui/resources.js" */

/**
 * @param {readonly Task[]} tasks
 * @param {() => void} onInput
 */
export function taskList(tasks, onInput) {
  const element = make("div", "tasks");
  const rows = tasks.map((task) => taskRow(task, onInput));
  const title = make("h3", "", text("documentation.tasks"));
  const none = make("p", "soft", text("documentation.noTasks"));
  element.append(title, ...(rows.length === 0 ? [none] : rows.map((row) => row.element)));
  return {
    element,
    /** @returns {Outcome[]} */
    read: () => rows.map((row) => row.read()),
    /** @param {readonly Outcome[]} outcomes */
    show: (outcomes) => {
      for (const row of rows) row.show(outcomeOf(outcomes, row.id));
    },
  };
}

/**
 * @param {Task} task
 * @param {() => void} onInput
 */
function taskRow({ id, title }, onInput) {
  const done = answer(id, "done");
  const notDone = answer(id, "notDone");
  const reason = reasonField(id);
  const clear = make("button", "button button-quiet task-clear", text("documentation.clear"));
  clear.type = "button";
  const element = make("fieldset", "task", make("legend", "", title));
  element.append(make("div", "task-answers", done.element, notDone.element, clear), reason.element);

  function reflect() {
    reason.element.hidden = !notDone.input.checked;
    clear.hidden = !notDone.input.checked && !done.input.checked;
  }
  element.addEventListener("input", () => {
    reflect();
    onInput();
  });
  clear.addEventListener("click", () => {
    done.input.checked = notDone.input.checked = false;
    done.input.focus();
    reflect();
    onInput();
  });
  return {
    id,
    element,
    /** @returns {Outcome} */
    read: () => ({
      task: id,
      done: done.input.checked ? true : notDone.input.checked ? false : null,
      reason: notDone.input.checked ? reason.input.value : "",
    }),
    /** @param {Outcome | undefined} outcome */
    show: (outcome) => {
      done.input.checked = outcome?.done === true;
      notDone.input.checked = outcome?.done === false;
      const words = outcome?.reason ?? "";
      if (reason.input.value !== words) reason.input.value = words;
      reflect();
    },
  };
}

/**
 * @param {string} id
 * @param {"done" | "notDone"} kind
 */
function answer(id, kind) {
  const input = make("input", "task-radio");
  input.type = "radio";
  input.name = `task-${id}`;
  input.value = kind;
  const element = make("label", "task-answer", input, make("span", "", text(`documentation.${kind}`)));
  return { input, element };
}

/** @param {string} id */
function reasonField(id) {
  const input = make("input", "input");
  input.id = `reason-${id}`;
  input.maxLength = 2000;
  input.autocomplete = "off";
  const label = make("label", "", text("documentation.reason"));
  label.htmlFor = input.id;
  return { input, element: make("div", "field", label, input) };
}
