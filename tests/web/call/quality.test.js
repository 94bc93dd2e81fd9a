import assert from "node:assert/strict";
import { test } from "node:test";
import { gradeOf, Quality } from "../../../static/js/call/quality.js";

/** One sample of statistics, as browsers give them. */
function stats({ loss = 0, delay = 0.04, room = 2_000_000, shrunk = false, frames, energy, taken } = {}) {
  return [
    { id: "T", type: "transport", selectedCandidatePairId: "P" },
    { id: "P", type: "candidate-pair", currentRoundTripTime: delay, availableOutgoingBitrate: room },
    { id: "RA", type: "remote-inbound-rtp", kind: "audio", fractionLost: loss },
    { id: "OV", type: "outbound-rtp", kind: "video", qualityLimitationReason: shrunk ? "bandwidth" : "none" },
    { id: "IV", type: "inbound-rtp", kind: "video", framesDecoded: frames },
    { id: "SA", type: "media-source", kind: "audio", totalAudioEnergy: energy },
    { id: "SV", type: "media-source", kind: "video", frames: taken },
  ];
}

/** @param {object[]} samples */
function after(samples) {
  const quality = new Quality();
  for (const sample of samples) quality.sample(sample === null ? null : stats(sample));
  return quality;
}

test("a grade by loss, by delay, by room", () => {
  const none = { loss: null, delay: null, room: null };
  assert.equal(gradeOf(none), "good");
  assert.deepEqual(
    [0.02, 0.05, 0.2].map((loss) => gradeOf({ ...none, loss })),
    ["good", "fair", "poor"],
  );
  assert.deepEqual(
    [0.1, 0.5, 1].map((delay) => gradeOf({ ...none, delay })),
    ["good", "fair", "poor"],
  );
  assert.deepEqual(
    [900_000, 300_000, 100_000].map((room) => gradeOf({ ...none, room })),
    ["good", "fair", "poor"],
  );
});

test("one bad sample is no bad connection, two are; a lost path counts at once", () => {
  assert.equal(after([{}, {}, { loss: 0.2 }]).grade, "good");
  assert.equal(after([{}, {}, { loss: 0.2 }, { loss: 0.2 }]).grade, "poor");
  assert.equal(after([{}, {}, null]).grade, "lost");
  assert.equal(after([{}, {}, null, {}]).grade, "good");
});

test("room counts only while the picture is limited by it", () => {
  assert.equal(after([{ room: 50_000 }, { room: 50_000 }]).grade, "good");
  assert.equal(after([1, 2].map(() => ({ room: 50_000, shrunk: true }))).grade, "poor");
});

test("the picture stops for the voice, and comes back when the network has recovered", () => {
  const bad = [1, 2, 3].map(() => ({ loss: 0.3 }));
  const well = [1, 2, 3, 4, 5].map(() => ({}));
  assert.equal(after(bad.slice(0, 2)).picture, true);
  assert.equal(after(bad).picture, false);
  assert.equal(after([...bad, ...well.slice(0, 4)]).picture, false);
  assert.equal(after([...bad, ...well]).picture, true);
});

test("a picture that stands still", () => {
  assert.equal(after([{ frames: 5 }, { frames: 5 }, { frames: 5 }]).stalled, true);
  assert.equal(after([{ frames: 5 }, { frames: 5 }, { frames: 9 }]).stalled, false);
  assert.equal(after([{}, {}, {}]).stalled, false);
});

test("devices that give nothing", () => {
  const still = (count) => Array.from({ length: count }, () => ({ energy: 0.5, taken: 30 }));
  assert.deepEqual(after(still(3)).silent, { audio: false, video: false });
  assert.deepEqual(after(still(4)).silent, { audio: false, video: true });
  assert.deepEqual(after(still(11)).silent, { audio: true, video: true });
  assert.deepEqual(after([...still(11), { energy: 0.6, taken: 31 }]).silent, { audio: false, video: false });
});

test("Firefox marks the selected pair itself", () => {
  const quality = new Quality();
  const pair = { id: "P", type: "candidate-pair", selected: true, currentRoundTripTime: 2 };
  for (let sample = 0; sample < 2; sample += 1) quality.sample([pair]);
  assert.equal(quality.grade, "poor");
});
