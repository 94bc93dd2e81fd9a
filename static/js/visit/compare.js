/** Documentation to read, and the question which of two texts stays. */

import { choose } from "../ui/dialog.js";
import { make } from "../ui/elements.js";
import { text } from "../ui/texts.js";
import { outcomeOf } from "./writing.js";

/** @import { Task, Writing } from "../ui/resources.js" */
/** @import { Saving } from "./saving.js" */

/**
 * Shows both texts and asks which one stays.
 * @param {Saving} saving
 * @param {readonly Task[]} tasks
 */
export async function decide(saving, tasks) {
  if (saving.theirs === null) return;
  const content = make(
    "div",
    "stack documentation-compare",
    make("p", "", text("documentation.staleText")),
    version("documentation.mine", saving.writing, tasks),
    version("documentation.theirs", saving.theirs, tasks),
  );
  const chosen = await choose({
    title: text("documentation.staleTitle"),
    content,
    choices: [
      { value: "both", label: text("documentation.keepBoth"), kind: "primary" },
      { value: "mine", label: text("documentation.keepMine") },
      { value: "theirs", label: text("documentation.keepTheirs") },
      { value: "later", label: text("documentation.decideLater") },
    ],
  });
  if (chosen === "mine" || chosen === "theirs" || chosen === "both") saving.decide(chosen);
}

/**
 * @param {string} title
 * @param {Writing} writing
 * @param {readonly Task[]} tasks
 */
function version(title, writing, tasks) {
  return make("section", "documentation-version", make("h3", "", text(title)), ...inWords(writing, tasks));
}

/**
 * What was written, to read.
 * @param {Writing} writing
 * @param {readonly Task[]} tasks
 * @returns {HTMLElement[]}
 */
export function inWords(writing, tasks) {
  const list = make("ul", "documentation-list");
  for (const { id, title } of tasks) {
    const outcome = outcomeOf(writing.tasks, id);
    const done = outcome?.done ?? null;
    const words =
      done === null ? "documentation.undecided" : done ? "documentation.done" : "documentation.notDone";
    const reason = done === false && outcome?.reason ? ` (${outcome.reason})` : "";
    list.append(make("li", "", `${title}: ${text(words)}${reason}`));
  }
  const notes = make("p", "documentation-text", writing.notes || text("documentation.empty"));
  return tasks.length === 0 ? [notes] : [notes, list];
}
