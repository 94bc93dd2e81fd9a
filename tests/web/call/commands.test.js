import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { deliverCommand, keepCommand, keptCommand } from "../../../static/js/call/commands.js";

/** @type {Map<string, string>} */
let stored;
/** @type {{path: string, body: any}[]} */
let asked;
/** @type {(() => Response | Promise<Response>)[]} */
let answers;

beforeEach(() => {
  stored = new Map();
  asked = [];
  answers = [];
  globalThis.sessionStorage = {
    getItem: (key) => stored.get(key) ?? null,
    setItem: (key, value) => void stored.set(key, value),
    removeItem: (key) => void stored.delete(key),
  };
  globalThis.document = { addEventListener() {}, removeEventListener() {} };
  globalThis.addEventListener = (_type, listener) => queueMicrotask(listener);
  globalThis.removeEventListener = () => {};
  globalThis.fetch = async (path, { body }) => {
    asked.push({ path, body: JSON.parse(body) });
    const answer = answers.shift();
    if (answer === undefined) throw new Error("more requests than expected");
    return answer();
  };
});

const ok = () => new Response("{}", { status: 200 });
const refused = (status, code) => () => new Response(JSON.stringify({ code }), { status });
const noNetwork = () => Promise.reject(new TypeError("Failed to fetch"));
const LEG = { id: "leg-1", generation: 4 };

test("a command is written down before it is sent, and forgotten when it is answered", async () => {
  const command = keepCommand("v1", "hang_up", LEG);
  assert.deepEqual(keptCommand("v1"), command);
  answers = [ok];
  assert.equal(await deliverCommand("v1", command), null);
  const { commandId } = command;
  assert.deepEqual(asked, [
    { path: "/api/v1/visits/v1/hang-up", body: { commandId, legId: "leg-1", generation: 4 } },
  ]);
  assert.equal(keptCommand("v1"), null);
});

test("without a network, or a server, it is repeated with the same id", async () => {
  const command = keepCommand("v1", "end_session", LEG);
  answers = [noNetwork, refused(503, "unavailable"), refused(429, "too_many_requests"), ok];
  assert.equal(await deliverCommand("v1", command), null);
  assert.equal(asked.length, 4);
  assert.deepEqual(new Set(asked.map(({ path }) => path)), new Set(["/api/v1/visits/v1/session/end"]));
  assert.deepEqual(new Set(asked.map(({ body }) => body.commandId)), new Set([command.commandId]));
});

test("a refusal is an answer: it is not repeated", async () => {
  answers = [refused(409, "leg_replaced")];
  const refusal = await deliverCommand("v1", keepCommand("v1", "hang_up", LEG));
  assert.equal(refusal?.code, "leg_replaced");
  assert.equal(keptCommand("v1"), null);
});

test("what the socket has answered is not sent again", async () => {
  assert.equal(await deliverCommand("v1", keepCommand("v1", "hang_up", LEG), true), null);
  assert.deepEqual(asked, []);
  assert.equal(keptCommand("v1"), null);
});

test("commands of different visits do not meet, and rubbish in the storage is no command", () => {
  keepCommand("v1", "hang_up", LEG);
  assert.equal(keptCommand("v2"), null);
  stored.set("command:v2", "{");
  assert.equal(keptCommand("v2"), null);
});
