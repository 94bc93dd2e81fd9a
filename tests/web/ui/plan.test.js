import assert from "node:assert/strict";
import { test } from "node:test";
import { clientWaits, plan, sessionText } from "../../../static/js/visit/plan.js";

const ANNA = { id: "anna", name: "Anna", role: "caregiver", language: "en", mayInitiateVirtualVisits: true };
const CARLA = { ...ANNA, id: "carla", role: "coordinator" };

function visit(changes = {}) {
  return {
    id: "v1",
    employee: "anna",
    status: "scheduled",
    cancelledAt: null,
    session: null,
    clientPresence: "never",
    caregiverInCall: false,
    movedSinceInvite: false,
    actions: ["invite", "copy_link", "clock_in", "document"],
    inviteRefusal: null,
    videoActions: true,
    ...changes,
  };
}
const session = (state) => ({ state, rev: 1, lastInvite: null });

test("before the first invite it is sent, afterwards resent, at the end neither", () => {
  assert.equal(plan(visit(), ANNA, false).invite, "send");
  const open = visit({ session: session("invited") });
  assert.equal(plan(open, ANNA, false).invite, "resend");
  const over = visit({
    session: session("terminated"),
    actions: ["document"],
    inviteRefusal: "session_over",
  });
  assert.deepEqual([plan(over, ANNA, false).invite, plan(over, ANNA, false).join], [null, null]);
});

test("joining needs a session, and clocking in first", () => {
  assert.equal(plan(visit(), ANNA, false).join, "clock_in_first");
  const alone = visit({ status: "in_progress", actions: ["invite", "clock_out"] });
  assert.equal(plan(alone, ANNA, false).join, "invite_first");
  assert.equal(plan(visit({ session: session("invited") }), ANNA, false).join, "clock_in_first");
  const clockedIn = visit({ session: session("joined"), actions: ["join", "clock_out"] });
  assert.equal(plan(clockedIn, ANNA, false).join, "ready");
});

test("an ordinary visit has no video actions at all", () => {
  const ordinary = visit({
    videoActions: false,
    inviteRefusal: "not_virtual",
    actions: ["clock_in", "document"],
  });
  assert.deepEqual(plan(ordinary, ANNA, false), {
    invite: null,
    inviteRefusal: null,
    copyLink: false,
    join: null,
    end: false,
    clockIn: true,
    clockOut: false,
  });
});

test("a coordinator is told why the invite can't be sent, and enters no call", () => {
  const others = visit({
    session: session("invited"),
    inviteRefusal: "not_assigned",
    actions: ["edit", "cancel", "revoke_links", "clock_out"],
  });
  const offered = plan(others, CARLA, false);
  assert.deepEqual(
    [offered.invite, offered.inviteRefusal, offered.join, offered.end, offered.clockOut],
    ["resend", "not_assigned", null, false, false],
  );
});

test("without the permission to initiate, a session that exists can still be joined and ended", () => {
  const kept = visit({
    session: session("joined"),
    inviteRefusal: "forbidden",
    actions: ["join", "end_session", "clock_out", "document"],
  });
  const offered = plan(kept, ANNA, false);
  assert.deepEqual(
    [offered.invite, offered.copyLink, offered.join, offered.end],
    [null, false, "ready", true],
  );
});

test("a session is ended from here only while the call is not open in this browser", () => {
  const open = visit({ session: session("invited"), actions: ["end_session"] });
  assert.equal(plan(open, ANNA, false).end, true);
  assert.equal(plan(open, ANNA, true).end, false);
});

test("a client waits who is there while the caregiver is not", () => {
  const there = visit({ session: session("joined"), clientPresence: "present" });
  assert.equal(clientWaits(there), true);
  assert.equal(clientWaits({ ...there, caregiverInCall: true }), false);
  assert.equal(clientWaits({ ...there, clientPresence: "lost" }), false);
  assert.equal(clientWaits({ ...there, session: session("client_hung_up") }), false);
  assert.equal(clientWaits({ ...there, cancelledAt: "2026-01-01T00:00:00Z" }), false);
});

test("the session's state in words", () => {
  assert.equal(sessionText(visit()), "session.none");
  assert.equal(sessionText(visit({ session: session("client_hung_up") })), "session.client_hung_up");
  assert.equal(
    sessionText(visit({ session: session("joined"), clientPresence: "closed" })),
    "session.joined.closed",
  );
  assert.equal(
    sessionText(visit({ session: session("invited"), cancelledAt: "2026-01-01T00:00:00Z" })),
    "session.cancelled",
  );
});
