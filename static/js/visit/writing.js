/** What is written of a visit, compared and brought together. Pure: no page, no server. */

/** @import { Documentation, Outcome, Task, Writing } from "../ui/resources.js" */

/**
 * @param {Outcome | undefined} outcome
 * @returns {string} equal for equal outcomes; one that says nothing is as good as none
 */
function signature(outcome) {
  return outcome === undefined ? "null:" : `${outcome.done}:${outcome.done === false ? outcome.reason : ""}`;
}

/**
 * @param {readonly Outcome[]} outcomes
 * @param {string} task
 */
export function outcomeOf(outcomes, task) {
  return outcomes.find((outcome) => outcome.task === task);
}

/**
 * @param {Writing} one
 * @param {Writing} other
 * @returns {boolean}
 */
export function isSame(one, other) {
  return one.notes === other.notes && taskIds(one, other).every((id) => sameOutcome(one, other, id));
}

/**
 * @param {...Writing} writings
 * @returns {string[]}
 */
function taskIds(...writings) {
  return [...new Set(writings.flatMap((writing) => writing.tasks.map(({ task }) => task)))];
}

/**
 * @param {Writing} one
 * @param {Writing} other
 * @param {string} id
 */
function sameOutcome(one, other, id) {
  return signature(outcomeOf(one.tasks, id)) === signature(outcomeOf(other.tasks, id));
}

/**
 * Brings together two writings that began as `base`: what only one of them changed is taken from it.
 * @param {Writing} base
 * @param {Writing} mine
 * @param {Writing} theirs
 * @returns {Writing | null} null when both changed the same thing differently: a person must decide
 */
export function merge(base, mine, theirs) {
  const notes = pick(base.notes, mine.notes, theirs.notes, (text) => text);
  /** @type {Outcome[]} */
  const tasks = [];
  for (const id of taskIds(base, mine, theirs)) {
    const [was, ours, other] = [base, mine, theirs].map((writing) => outcomeOf(writing.tasks, id));
    const picked = pick(was, ours, other, signature);
    if (picked === null) return null;
    if (picked.value !== undefined) tasks.push(picked.value);
  }
  return notes === null ? null : { notes: notes.value, tasks };
}

/**
 * @template T
 * @param {T} was
 * @param {T} mine
 * @param {T} theirs
 * @param {(value: T) => string} key
 * @returns {{value: T} | null}
 */
function pick(was, mine, theirs, key) {
  if (key(mine) === key(theirs) || key(theirs) === key(was)) return { value: mine };
  return key(mine) === key(was) ? { value: theirs } : null;
}

/**
 * Both texts, one after the other; where the tasks differ, this device's answers.
 * @param {Writing} mine
 * @param {Writing} theirs
 * @returns {Writing}
 */
export function joinBoth(mine, theirs) {
  const notes = [theirs.notes, mine.notes].filter((text) => text.trim() !== "");
  const tasks = taskIds(mine, theirs).flatMap((id) => {
    const ours = outcomeOf(mine.tasks, id);
    const chosen = ours !== undefined && ours.done !== null ? ours : outcomeOf(theirs.tasks, id);
    return chosen === undefined ? [] : [chosen];
  });
  return { notes: [...new Set(notes)].join("\n\n"), tasks };
}

/**
 * The writing with an outcome for each of the visit's tasks, as the server takes it.
 * @param {Writing} writing
 * @param {readonly Task[]} tasks
 * @returns {Writing}
 */
export function complete(writing, tasks) {
  return {
    notes: writing.notes,
    tasks: tasks.map(({ id }) => outcomeOf(writing.tasks, id) ?? { task: id, done: null, reason: "" }),
  };
}

/**
 * The writing without invisible characters, as come along when text is pasted from another program: the server
 * refuses control characters, and halves of characters.
 * @param {Writing} writing
 * @returns {Writing}
 */
export function visible({ notes, tasks }) {
  const clean = (/** @type {string} */ words) =>
    words.replace(/\p{Cs}/gu, "").replace(/(?![\n\t])\p{Cc}/gu, " ");
  return {
    notes: clean(notes),
    tasks: tasks.map((outcome) => ({ ...outcome, reason: clean(outcome.reason) })),
  };
}

/**
 * @param {Documentation} documentation
 * @returns {Writing}
 */
export function writingOf({ notes, tasks }) {
  return { notes, tasks };
}
