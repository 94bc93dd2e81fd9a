import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { ApiError, api } from "../../../static/js/ui/api.js";
import { pressed } from "../../../static/js/ui/press.js";

/** @type {Array<{path: string, options: any}>} */
let asked = [];
/** @type {Array<Response | Error>} */
let answers = [];

beforeEach(() => {
  asked = [];
  answers = [];
  mock.method(globalThis, "fetch", async (path, options) => {
    asked.push({ path, options });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  });
});

const json = (status, body) => new Response(JSON.stringify(body), { status });
const idOf = ({ options }) => JSON.parse(options.body).commandId;

test("an answer is its JSON; what was asked is JSON below /api/v1", async () => {
  answers.push(json(200, { rev: 4 }));
  assert.deepEqual(await api("PUT", "/visits/7", { a: 1 }, { ifMatch: '"3"' }), { rev: 4 });
  assert.equal(asked[0].path, "/api/v1/visits/7");
  assert.equal(asked[0].options.headers["If-Match"], '"3"');
  assert.equal(asked[0].options.headers["Content-Type"], "application/json");
  assert.equal(asked[0].options.body, '{"a":1}');
});

test("a refusal is an error with the server's code and members", async () => {
  answers.push(json(409, { code: "confirmation_needed", detail: "…", confirmations: ["otherDay"] }));
  const error = await api("POST", "/x").catch((caught) => caught);
  assert.ok(error instanceof ApiError);
  assert.deepEqual(
    [error.status, error.code, error.body.confirmations],
    [409, "confirmation_needed", ["otherDay"]],
  );
  assert.equal(error.unanswered, false);
});

test("no network is offline; a proxy's page is internal; both may be repeated", async () => {
  answers.push(new TypeError("no network"), new Response("<html>", { status: 502 }));
  const offline = await api("GET", "/x").catch((caught) => caught);
  assert.deepEqual([offline.code, offline.status, offline.unanswered], ["offline", 0, true]);
  const proxy = await api("GET", "/x").catch((caught) => caught);
  assert.deepEqual([proxy.code, proxy.status, proxy.unanswered], ["internal", 502, true]);
});

test("a press that was not answered keeps its command id until it is", async () => {
  answers.push(new TypeError("no network"), json(503, { code: "unavailable" }), json(200, {}), json(200, {}));
  const press = () => pressed("/visits/1/invites", { delivery: "email" }).catch(() => {});
  for (let turn = 0; turn < 4; turn += 1) await press();
  const ids = asked.map(idOf);
  assert.equal(new Set(ids.slice(0, 3)).size, 1);
  assert.notEqual(ids[3], ids[0]);
});

test("a refusal is an answer: the next press is a new command; other commands have their own", async () => {
  answers.push(json(409, { code: "client_has_no_email" }), json(200, {}), json(200, {}));
  await pressed("/visits/1/invites", { delivery: "email" }).catch(() => {});
  await pressed("/visits/1/invites", { delivery: "email" });
  await pressed("/visits/1/invites", { delivery: "link" });
  assert.equal(new Set(asked.map(idOf)).size, 3);
});
