import assert from "node:assert/strict";
import { test } from "node:test";
import { Negotiation, readSignal } from "../../../static/js/call/negotiation.js";
import { FakePeerConnection } from "./fake-peer-connection.js";
import { Line, randomFrom, Schedule } from "./schedule.js";

const SEED = Number(process.env.SEED ?? 20_261_125);
const RUNS = 400;

/** Two pages that negotiate over lines which can be cut. */
function twoPages(random) {
  const schedule = new Schedule(random);
  const failures = [];
  const lines = [new Line(schedule), new Line(schedule)];
  const pages = [false, true].map((polite, side) => {
    const pc = new FakePeerConnection(schedule);
    const negotiation = new Negotiation(pc, {
      polite,
      send: (signal) => lines[side].send(signal, random() * 60),
      prepareAnswer: () => schedule.wait(5),
      onFailure: (error) => failures.push(error),
    });
    return { pc, negotiation };
  });
  lines[0].to((payload) => pages[1].negotiation.receive(readSignal(payload)));
  lines[1].to((payload) => pages[0].negotiation.receive(readSignal(payload)));
  return { schedule, lines, pages, failures };
}

/** Both came to rest and mean the same two pairs of credentials. */
function assertConverged({ pages, failures }, what) {
  const [caregiver, client] = pages.map(({ pc }) => pc);
  assert.deepEqual(failures, [], what);
  assert.equal(caregiver.signalingState, "stable", what);
  assert.equal(client.signalingState, "stable", what);
  assert.notEqual(caregiver.remoteDescription, null, what);
  assert.deepEqual(caregiver.agreed, client.agreed.toReversed(), what);
}

test("the caregiver's offer is answered", async () => {
  const call = twoPages(randomFrom(1));
  call.pages[0].pc.need();
  await call.schedule.run();
  assertConverged(call, "first offer");
});

test("restarts on both sides at once always converge", async (t) => {
  t.diagnostic(`seed ${SEED}`);
  for (let run = 0; run < RUNS; run += 1) {
    const random = randomFrom(SEED + run);
    const call = twoPages(random);
    call.pages[0].pc.need();
    for (let count = 0; count < 6; count += 1) {
      const { pc } = call.pages[random() < 0.5 ? 0 : 1];
      call.schedule.after(random() * 600, () => {
        if (pc.remoteDescription !== null) pc.restartIce();
      });
    }
    await call.schedule.run();
    assertConverged(call, `seed ${SEED + run}`);
  }
});

test("whatever is lost with a socket, it converges once both have come back", async (t) => {
  t.diagnostic(`seed ${SEED}`);
  for (let run = 0; run < RUNS; run += 1) {
    const random = randomFrom(SEED + run);
    const call = twoPages(random);
    call.pages[0].pc.need();
    for (let count = 0; count < 4; count += 1) {
      const side = random() < 0.5 ? 0 : 1;
      const start = random() * 500;
      call.schedule.after(start, () => {
        for (const line of call.lines) line.cut = true;
      });
      call.schedule.after(start + random() * 200, () => {
        for (const line of call.lines) line.cut = false;
        // Only the page whose socket was lost knows for sure; the other one may not be told.
        call.pages[side].negotiation.resync(random() < 0.5);
        if (random() < 0.5) call.pages[1 - side].negotiation.resync(random() < 0.5);
      });
      call.schedule.after(random() * 600, () => {
        const { pc } = call.pages[random() < 0.5 ? 0 : 1];
        if (pc.remoteDescription !== null) pc.restartIce();
      });
    }
    // What the recovery does in the end, while there is no media: it looks for a path anew.
    call.schedule.after(1500, () => {
      for (const line of call.lines) line.cut = false;
      for (const { negotiation } of call.pages) negotiation.resync(false);
    });
    await call.schedule.run();
    assertConverged(call, `seed ${SEED + run}`);
  }
});

test("when both offer at once, the client's side gives way", async () => {
  const call = twoPages(randomFrom(5));
  call.pages[0].pc.need();
  await call.schedule.run();
  for (const { pc } of call.pages) pc.restartIce();
  await call.schedule.run();
  assert.deepEqual(
    call.pages.map(({ pc }) => pc.rollbacks),
    [0, 1],
  );
  assertConverged(call, "glare");
});

test("an offer that was lost is said again when the client offers instead", async () => {
  const call = twoPages(randomFrom(6));
  call.pages[0].pc.need();
  await call.schedule.run();
  call.lines[0].cut = true;
  call.pages[0].pc.restartIce();
  await call.schedule.run();
  call.lines[0].cut = false;
  call.pages[1].pc.restartIce();
  await call.schedule.run();
  assertConverged(call, "lost offer");
});

test("an offer that comes twice is answered twice and applied once", async () => {
  const call = twoPages(randomFrom(7));
  call.pages[0].pc.need();
  await call.schedule.run();
  const before = call.pages[1].pc.remoteDescription;
  call.pages[0].negotiation.resync(true);
  const sdp = JSON.stringify({ ufrag: before.ufrag });
  call.pages[1].negotiation.receive({ description: { type: "offer", sdp }, offer: 1 });
  await call.schedule.run();
  assert.equal(call.pages[1].pc.remoteDescription, before);
  assertConverged(call, "repeated offer");
});

test("an answer to another offer is dropped", async () => {
  const call = twoPages(randomFrom(8));
  const [{ pc, negotiation }] = call.pages;
  call.lines[0].cut = true;
  pc.need();
  await call.schedule.run();
  assert.equal(pc.signalingState, "have-local-offer");
  negotiation.receive({
    description: { type: "answer", sdp: JSON.stringify({ ufrag: "x", to: "y" }) },
    offer: 9,
  });
  await call.schedule.run();
  assert.equal(pc.signalingState, "have-local-offer");
  assert.deepEqual(call.failures, []);
});

test("what can't be applied is reported once, and nothing after the end", async () => {
  const call = twoPages(randomFrom(9));
  const [{ negotiation }] = call.pages;
  negotiation.receive({ description: { type: "offer", sdp: "no description" } });
  await call.schedule.run();
  assert.equal(call.failures.length, 1);
  negotiation.close();
  negotiation.receive({ description: { type: "offer", sdp: "no description" } });
  await call.schedule.run();
  assert.equal(call.failures.length, 1);
});

test("only signals are read as signals", () => {
  const offer = { description: { type: "offer", sdp: "v=0" }, offer: 3 };
  assert.deepEqual(readSignal(offer), offer);
  assert.deepEqual(readSignal({ description: { type: "answer", sdp: "v=0", more: 1 }, offer: "3" }), {
    description: { type: "answer", sdp: "v=0" },
  });
  assert.deepEqual(readSignal({ candidate: null }), { candidate: null });
  assert.deepEqual(readSignal({ candidate: { candidate: "c", usernameFragment: "u" } }), {
    candidate: { candidate: "c", usernameFragment: "u" },
  });
  const others = [
    null,
    3,
    "offer",
    [],
    {},
    { description: null },
    { description: { type: "rollback", sdp: "" } },
  ];
  for (const other of [...others, { description: { type: "offer" } }, { candidate: 3 }, { candidate: {} }]) {
    assert.equal(readSignal(other), null, JSON.stringify(other));
  }
});
