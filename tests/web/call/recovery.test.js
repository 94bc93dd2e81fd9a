import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Recovery } from "../../../static/js/call/recovery.js";

/** @type {[number, string][]} */
let acts = [];
let clock = 0;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  acts = [];
  clock = 0;
});

/** @param {boolean} polite */
const recovery = (polite) => new Recovery(polite, (remedy) => acts.push([clock, remedy]));

/** @param {number} seconds */
function pass(seconds) {
  for (let step = 0; step < seconds * 10; step += 1) {
    clock += 100;
    mock.timers.tick(100);
  }
}

test("a failed path is restarted at once, then by relays, then as a new pair, without end", () => {
  const one = recovery(false);
  one.watch("failed");
  pass(60);
  const remedies = acts.map(([, remedy]) => remedy);
  assert.deepEqual(remedies.slice(0, 5), ["restart", "restart", "relay", "renew", "restart"]);
  assert.ok(acts[0][0] <= 100);
});

test("an interruption that heals by itself is left alone", () => {
  const one = recovery(false);
  one.watch("interrupted");
  pass(2);
  one.watch("connected");
  pass(30);
  assert.deepEqual(acts, []);
});

test("the client's side leaves the first try to the caregiver's", () => {
  const one = recovery(true);
  one.watch("failed");
  pass(2);
  assert.deepEqual(acts, []);
  pass(1);
  assert.equal(acts.length, 1);
});

test("nothing is tried while signaling is away or the other page is gone", () => {
  const one = recovery(false);
  one.watch("failed");
  pass(1);
  one.watch(null);
  pass(60);
  assert.equal(acts.length, 1);
  one.watch("failed");
  pass(8);
  assert.equal(acts.length, 2);
});

test("a remedy has its time, whatever the path does meanwhile; being mended for long starts over", () => {
  const one = recovery(false);
  one.watch("failed");
  pass(0.1);
  one.watch("connecting");
  one.watch("failed");
  pass(5);
  assert.equal(acts.length, 1);
  one.watch("connected");
  pass(11);
  one.watch("failed");
  pass(0.1);
  assert.deepEqual(
    acts.map(([, remedy]) => remedy),
    ["restart", "restart"],
  );
});

test("a broken peer connection needs a new pair at once", () => {
  const one = recovery(false);
  one.watch("broken");
  pass(0.1);
  assert.deepEqual(acts, [[100, "renew"]]);
  one.stop();
  pass(60);
  assert.equal(acts.length, 1);
});
