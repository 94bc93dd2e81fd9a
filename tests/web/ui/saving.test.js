import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { ApiError } from "../../../static/js/ui/api.js";
import { Saving } from "../../../static/js/visit/saving.js";

const TASKS = [{ id: "wash", title: "Wash" }];
const notes = (text) => ({ notes: text, tasks: [] });

/** A server that keeps one documentation by versions, and a browser that keeps one draft. */
class World {
  server = { version: 0, notes: "", tasks: [], savedAt: null, savedBy: null };
  draft = null;
  standings = [];
  shown = null;
  puts = [];
  trouble = null;

  get = async () => {
    if (this.trouble !== null) throw this.trouble;
    return structuredClone(this.server);
  };
  put = async (body, keepalive) => {
    this.puts.push({ body, keepalive });
    if (this.trouble !== null) throw this.trouble;
    if (body.version !== this.server.version) throw new ApiError(412, "stale", "", {});
    this.save(body.notes, body.tasks);
    return structuredClone(this.server);
  };
  keep = (draft) => {
    this.draft = structuredClone(draft);
    return true;
  };
  erase = () => {
    this.draft = null;
  };
  onStanding = (standing) => this.standings.push(standing);
  onWriting = (writing) => {
    this.shown = writing;
  };

  save(text, tasks = []) {
    this.server = { ...this.server, version: this.server.version + 1, notes: text, tasks };
  }
  open() {
    return new Saving(this, TASKS, structuredClone(this.server), this.draft);
  }
  get standing() {
    return this.standings.at(-1);
  }
}

/** Longer than the pause in typing after which it is saved, in milliseconds. */
const SETTLED = 3000;

/** Lets time pass, and what it set off come to its end. */
async function pass(milliseconds) {
  mock.timers.tick(milliseconds);
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

test("typing is kept at once, saved after a pause, and then erased from the browser", async () => {
  const world = new World();
  const saving = world.open();
  saving.write(notes("a"));
  assert.equal(world.draft.writing.notes, "a");
  await pass(1500);
  saving.write(notes("ab"));
  await pass(1500);
  assert.equal(world.puts.length, 0);
  await pass(1500);
  assert.deepEqual([world.server.notes, world.draft, world.standing], ["ab", null, "saved"]);
  assert.equal(world.puts.length, 1);
});

test("offline it is kept, tried again with growing pauses, and saved when the network is back", async () => {
  const world = new World();
  const saving = world.open();
  world.trouble = new ApiError(0, "offline", "", {});
  saving.write(notes("a"));
  await pass(SETTLED);
  assert.equal(world.standing, "kept");
  await pass(2500);
  assert.equal(world.puts.length, 2);
  await pass(2500);
  assert.equal(world.puts.length, 2, "the second pause is longer");
  world.trouble = null;
  await pass(2000);
  assert.deepEqual([world.server.notes, world.draft, world.standing], ["a", null, "saved"]);
});

test("a draft left by a crash is saved when the page opens again", async () => {
  const world = new World();
  world.open().write(notes("half a sen"));
  const again = world.open();
  assert.equal(again.writing.notes, "half a sen");
  await pass(10);
  assert.deepEqual([world.server.notes, world.draft], ["half a sen", null]);
});

test("an answer that was lost is not a conflict", async () => {
  const world = new World();
  const saving = world.open();
  saving.write(notes("a"));
  world.save("a");
  await pass(SETTLED);
  assert.deepEqual([world.standing, world.server.version, world.draft], ["saved", 1, null]);
});

test("newer text elsewhere is never overwritten: a person decides, and nothing is lost until then", async () => {
  const world = new World();
  const saving = world.open();
  saving.write(notes("mine"));
  world.save("theirs");
  await pass(SETTLED);
  assert.equal(world.standing, "conflict");
  assert.deepEqual([world.server.notes, world.draft.writing.notes], ["theirs", "mine"]);
  saving.write(notes("mine, more"));
  await pass(60_000);
  assert.equal(world.server.notes, "theirs");
  saving.decide("both");
  await pass(10);
  assert.equal(world.server.notes, "theirs\n\nmine, more");
  assert.equal(world.shown.notes, "theirs\n\nmine, more");
  assert.deepEqual([world.standing, world.draft], ["saved", null]);
});

test("their text is taken when the person says so", async () => {
  const world = new World();
  const saving = world.open();
  saving.write(notes("mine"));
  world.save("theirs");
  await pass(SETTLED);
  saving.decide("theirs");
  await pass(10);
  assert.deepEqual([world.server.notes, world.server.version, world.draft], ["theirs", 1, null]);
});

test("a task answered elsewhere and notes written here are both kept without a question", async () => {
  const world = new World();
  const saving = world.open();
  saving.write(notes("mine"));
  world.save("", [{ task: "wash", done: true, reason: "" }]);
  await pass(SETTLED);
  await pass(10);
  assert.equal(world.standing, "saved");
  assert.equal(world.server.notes, "mine");
  assert.equal(world.server.tasks[0].done, true);
});

test("what is written while it is being saved is saved next", async () => {
  const world = new World();
  const saving = world.open();
  saving.write(notes("a"));
  mock.timers.tick(2500);
  saving.write(notes("ab"));
  await pass(0);
  await pass(SETTLED);
  assert.deepEqual([world.server.notes, world.server.version, world.draft], ["ab", 2, null]);
});

test("a refusal is said, the text stays in the browser", async () => {
  const world = new World();
  const saving = world.open();
  world.trouble = new ApiError(403, "forbidden", "", {});
  saving.write(notes("a"));
  await pass(SETTLED);
  assert.deepEqual([world.standing, world.draft.writing.notes], ["refused", "a"]);
  await pass(600_000);
  assert.equal(world.puts.length, 1);
});

test("a browser that keeps nothing is said so", async () => {
  const world = new World();
  world.keep = () => false;
  world.trouble = new ApiError(0, "offline", "", {});
  world.open().write(notes("a"));
  await pass(SETTLED);
  assert.equal(world.standing, "unkept");
});

test("a page that closes sends what is left, if it is small enough", async () => {
  const world = new World();
  const saving = world.open();
  saving.write(notes("a"));
  saving.flush({ closing: true });
  assert.deepEqual([world.puts.length, world.puts[0].keepalive], [1, true]);
  await pass(0);
  saving.write(notes("é".repeat(35_000)));
  saving.flush({ closing: true });
  assert.equal(world.puts[1].keepalive, false);
});

test("another tab's text is shown here, and saved by this tab if the other is gone", async () => {
  const world = new World();
  const saving = world.open();
  saving.adopt({ base: structuredClone(world.server), writing: notes("from the other tab") });
  assert.equal(world.shown.notes, "from the other tab");
  await pass(SETTLED);
  assert.equal(world.puts.length, 0, "the other tab saves it");
  await pass(6000);
  assert.equal(world.server.notes, "from the other tab");
});

test("text saved elsewhere appears when nothing is unsent here", async () => {
  const world = new World();
  const saving = world.open();
  world.save("written on the phone");
  await saving.refresh();
  assert.deepEqual(
    [world.shown.notes, world.standing, world.puts.length],
    ["written on the phone", "saved", 0],
  );
});
