import assert from "node:assert/strict";
import { test } from "node:test";
import { complete, isSame, joinBoth, merge, visible } from "../../../static/js/visit/writing.js";

const writing = (notes, ...tasks) => ({
  notes,
  tasks: tasks.map(([task, done, reason = ""]) => ({ task, done, reason })),
});

test("an unanswered task is as good as none; a reason counts only where it was not done", () => {
  assert.ok(isSame(writing("a", ["wash", null]), writing("a")));
  assert.ok(isSame(writing("a", ["wash", true, "old"]), writing("a", ["wash", true])));
  assert.ok(!isSame(writing("a", ["wash", false, "ill"]), writing("a", ["wash", false])));
  assert.ok(!isSame(writing("a"), writing("b")));
});

test("what only one side changed is taken from it", () => {
  const base = writing("notes", ["wash", null], ["cook", null]);
  const mine = writing("notes, and mine", ["wash", true], ["cook", null]);
  const theirs = writing("notes", ["wash", null], ["cook", false, "no gas"]);
  const merged = merge(base, mine, theirs);
  assert.ok(
    merged !== null && isSame(merged, writing("notes, and mine", ["wash", true], ["cook", false, "no gas"])),
  );
});

test("the same change on both sides is one change", () => {
  const both = writing("new", ["wash", true]);
  assert.ok(isSame(merge(writing("old"), both, both) ?? writing(""), both));
});

test("different changes of the same thing are for a person to decide", () => {
  assert.equal(merge(writing("old"), writing("mine"), writing("theirs")), null);
  const base = writing("n", ["wash", null]);
  assert.equal(merge(base, writing("n", ["wash", true]), writing("n", ["wash", false])), null);
});

test("both texts one after the other lose nothing", () => {
  const joined = joinBoth(
    writing("mine", ["wash", null], ["cook", true]),
    writing("theirs", ["wash", false, "ill"]),
  );
  assert.equal(joined.notes, "theirs\n\nmine");
  assert.ok(isSame(joined, writing("theirs\n\nmine", ["wash", false, "ill"], ["cook", true])));
  assert.equal(joinBoth(writing("same"), writing("same")).notes, "same");
  assert.equal(joinBoth(writing("only mine"), writing(" ")).notes, "only mine");
});

test("the server gets an outcome for each task of the visit", () => {
  const tasks = [
    { id: "wash", title: "Wash" },
    { id: "cook", title: "Cook" },
  ];
  assert.deepEqual(complete(writing("n", ["cook", true]), tasks).tasks, [
    { task: "wash", done: null, reason: "" },
    { task: "cook", done: true, reason: "" },
  ]);
});

test("what was pasted loses its invisible characters, and nothing else", () => {
  const pasted = writing("Ate\twell.\u000bSlept\u0000 é 😀\ud83d\nDone", ["wash", false, "too\u000c tired"]);
  assert.deepEqual(visible(pasted), writing("Ate\twell. Slept  é 😀\nDone", ["wash", false, "too  tired"]));
});
