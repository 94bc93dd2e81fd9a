import assert from "node:assert/strict";
import { test } from "node:test";
import { initialView, withFact, withRefusal, withSnapshot } from "../../../static/js/call/state.js";

const VISIT = {
  startsAt: "2026-11-25T14:00:00Z",
  timeZone: "Europe/Paris",
  phone: "+33 1",
  lastInvite: null,
};
const SNAPSHOT = {
  state: "joined",
  rev: 3,
  pair: "1.1.1",
  peer: { name: "Rosa", presence: "present", media: { camera: "on", microphone: "on" }, grade: "good" },
  visit: VISIT,
};

/** A caregiver's view in the middle of a call. */
const open = () => withSnapshot(initialView("caregiver"), SNAPSHOT);

test("the first snapshot opens the call, one of an ended session ends it", () => {
  assert.equal(open().phase, "open");
  assert.equal(withSnapshot(initialView("client"), { ...SNAPSHOT, state: "terminated" }).phase, "over");
});

test("a snapshot without a pair leaves the running one alone", () => {
  assert.equal(withSnapshot(open(), { ...SNAPSHOT, pair: null }).pair, "1.1.1");
});

test("only newer revisions change the state", () => {
  const fact = { visitId: "v", state: "client_hung_up" };
  assert.equal(withFact(open(), "session_changed", { ...fact, rev: 3 }).state, "joined");
  assert.equal(withFact(open(), "session_changed", { ...fact, rev: 4 }).state, "client_hung_up");
  assert.equal(withFact(open(), "session_changed", { ...fact, rev: 4, state: "terminated" }).phase, "over");
});

test("the other's coming and going", () => {
  const fact = { visitId: "v", role: "client", pair: null };
  const lost = withFact(open(), "peer_changed", { ...fact, presence: "lost" });
  assert.equal(lost.peer.presence, "lost");
  assert.deepEqual(lost.peer.media, { camera: "on", microphone: "on" });
  assert.equal(lost.pair, "1.1.1");
  const closed = withFact(open(), "peer_changed", { ...fact, presence: "closed" });
  assert.equal(closed.peer.media, null);
  const back = withFact(closed, "peer_changed", {
    ...fact,
    presence: "present",
    pair: "1.1.2",
    name: "Rosa G.",
  });
  assert.deepEqual([back.pair, back.peer.name, back.peer.presence], ["1.1.2", "Rosa G.", "present"]);
});

test("a fact about one's own role brings the pair only", () => {
  const view = withFact(open(), "peer_changed", {
    visitId: "v",
    role: "caregiver",
    presence: "lost",
    pair: "1.1.9",
  });
  assert.deepEqual([view.pair, view.peer.presence], ["1.1.9", "present"]);
});

test("the other's devices and connection", () => {
  const off = withFact(open(), "peer_media", { camera: "off", microphone: "none" });
  assert.deepEqual(off.peer.media, { camera: "off", microphone: "none" });
  assert.equal(withFact(open(), "peer_quality", { grade: "poor" }).peer.grade, "poor");
});

test("the last invite follows its delivery", () => {
  const lastInvite = { how: "email", sentAt: "2026-11-25T13:00:00Z" };
  assert.equal(withFact(open(), "invite_changed", { visitId: "v", lastInvite }).visit.lastInvite, lastInvite);
  assert.equal(
    withFact(initialView("caregiver"), "invite_changed", { visitId: "v", lastInvite }).visit,
    null,
  );
});

test("why a page has to go", () => {
  assert.equal(withFact(open(), "replaced", {}).phase, "replaced");
  const closed = withFact(open(), "leg_closed", { code: "link_revoked" });
  assert.deepEqual([closed.phase, closed.refusal], ["refused", "link_revoked"]);
  const phases = [
    "session_over",
    "link_over",
    "leg_replaced",
    "call_open_elsewhere",
    "clock_in_required",
  ].map((code) => withRefusal(initialView("caregiver"), code).phase);
  assert.deepEqual(phases, ["over", "over", "replaced", "elsewhere", "refused"]);
});

test("a fact that is not known here changes nothing", () => {
  const view = open();
  assert.equal(withFact(view, "visit_changed", { visitId: "v" }), view);
});
