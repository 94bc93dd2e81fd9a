import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { initialView, withSnapshot } from "../../../static/js/call/state.js";
import { coverOf, notesOf, qualityOf, silenceOf, weakSide } from "../../../static/js/room/notes.js";
import { situationOf } from "../../../static/js/room/situation.js";

const texts = JSON.parse(
  readFileSync(new URL("../../../static/locales/en/call.json", import.meta.url), "utf8"),
);

/**
 * What a page says in a situation, in English.
 * @param {"caregiver" | "client"} role
 * @param {object} changes
 */
function said(
  role,
  { state = "joined", presence = "present", path = null, lastInvite = null, talkingSince = null },
) {
  const view = {
    ...withSnapshot(initialView(role), {
      state,
      rev: 1,
      pair: null,
      peer: { name: "Rosa", presence, media: null, grade: null },
      visit: { timeZone: "America/Toronto", phone: "+33 1 99", lastInvite },
    }),
    path,
    talkingSince,
  };
  const situation = situationOf(view);
  if (situation === null) return null;
  const words = texts[situation.key].replace(/\{(\w+)\}/g, (_, name) => situation.values[name]);
  return [words, situation.resend, situation.phone];
}

test("the client never came in: each of the three sentences, in the visit's own time", () => {
  const sent = { how: "email", madeAt: "2026-07-01T13:58:00Z", sentAt: "2026-07-01T18:05:00Z" };
  const never = { state: "invited", presence: "never" };
  assert.deepEqual(said("caregiver", { ...never, lastInvite: sent }), [
    "The client has not joined the session yet. The last invite was sent at 14:05. Tap Resend invite to resend the link for the session to the client.",
    true,
    null,
  ]);
  const unsent = "The client has not joined the session yet. The invite has not been sent yet.";
  assert.equal(said("caregiver", { ...never, lastInvite: { ...sent, sentAt: null } })?.[0], unsent);
  assert.equal(said("caregiver", never)?.[0], unsent);
  const copied = { how: "link", madeAt: "2026-01-01T05:00:00Z", sentAt: null };
  assert.equal(
    said("caregiver", { ...never, lastInvite: copied })?.[0],
    "The client has not joined the session yet. The invite link was copied at 00:00.",
  );
});

test("the client hung up, was lost, or closed the page", () => {
  assert.deepEqual(said("caregiver", { state: "client_hung_up", presence: "left" }), [
    "The client has hung up. If the session is not supposed to be over, please reach out to the client.",
    true,
    "+33 1 99",
  ]);
  const lost = "The client lost the connection. Waiting for them to come back…";
  assert.equal(said("caregiver", { presence: "lost", path: "failed" })?.[0], lost);
  const closed = "The client closed the page. They can come back with the same link.";
  assert.equal(said("caregiver", { presence: "closed" })?.[0], closed);
});

test("nothing is said while there is media, whatever the server believes", () => {
  for (const presence of ["present", "lost", "unknown", "never"]) {
    assert.equal(said("caregiver", { presence, path: "connected" }), null, presence);
    assert.equal(said("client", { presence, path: "connected" }), null, presence);
  }
  assert.notEqual(said("caregiver", { presence: "closed", path: "connected" }), null);
});

test("the client waits for the caregiver", () => {
  assert.equal(
    said("client", { presence: "never" })?.[0],
    "Your caregiver has not joined yet. Please keep this page open.",
  );
  assert.match(said("client", { presence: "left" })?.[0], /left for a moment/);
  assert.match(said("client", { presence: "lost", path: "interrupted" })?.[0], /lost the connection/);
});

test("connecting is not the same as connecting again", () => {
  assert.equal(said("client", { path: "connecting" })?.[0], "Connecting…");
  assert.match(
    said("caregiver", { path: "failed", talkingSince: "2026-01-01T00:00:00Z" })?.[0],
    /interrupted/,
  );
  assert.equal(said("caregiver", { presence: "unknown" })?.[0], "Connecting…");
});

const TALKING = {
  path: "connected",
  grade: "good",
  stalled: false,
  peer: { name: "Rosa", presence: "present", media: { camera: "on", microphone: "on" }, grade: "good" },
};

test("what covers the other's picture, and why they can't be heard", () => {
  const media = (camera, microphone) => ({
    ...TALKING,
    peer: { ...TALKING.peer, media: { camera, microphone } },
  });
  assert.deepEqual([coverOf(TALKING), silenceOf(TALKING)], [null, null]);
  assert.deepEqual(
    ["off", "none"].map((c) => coverOf(media(c, "on"))),
    ["cover.cameraOff", "cover.noCamera"],
  );
  assert.deepEqual(
    ["off", "none"].map((m) => silenceOf(media("on", m))),
    ["cover.microphoneOff", "cover.noMicrophone"],
  );
  assert.equal(coverOf({ ...TALKING, stalled: true }), "cover.stalled");
  assert.equal(coverOf({ ...media("off", "off"), path: "failed" }), null);
});

test("which side is weak, and the weaker one counts", () => {
  const grades = (grade, other) => ({ ...TALKING, grade, peer: { ...TALKING.peer, grade: other } });
  const sides = [
    ["good", "good"],
    ["poor", "good"],
    ["fair", "lost"],
    ["poor", "poor"],
  ].map((g) => weakSide(grades(...g)));
  assert.deepEqual(sides, [null, "note.ownWeak", "note.peerWeak", "note.bothWeak"]);
  const chips = [
    ["good", null],
    ["good", "fair"],
    ["fair", "poor"],
  ].map((g) => qualityOf(grades(...g))?.key);
  assert.deepEqual(chips, ["quality.good", "quality.fair", "quality.poor"]);
  assert.equal(qualityOf({ ...grades("lost", null), path: "interrupted" })?.key, "quality.lost");
  assert.equal(qualityOf({ ...TALKING, path: null }), null);
});

test("each device's trouble has its own sentence and its own button", () => {
  const kinds = ["refused", "missing", "taken", "unplugged", "interrupted", "silent", "failed"];
  for (const trouble of kinds) {
    const notes = notesOf(TALKING, { trouble: { audio: trouble, video: trouble } }, false);
    assert.deepEqual(
      notes.map(({ retry }) => retry),
      ["audio", "video"],
    );
    for (const { key } of notes) assert.ok(texts[key], key);
  }
});

test("a lost server is a small note", () => {
  const keys = (view) => notesOf(view, { trouble: { audio: null, video: null } }, true).map(({ key }) => key);
  assert.deepEqual(keys(TALKING), ["note.serverLost"]);
  assert.deepEqual(keys({ ...TALKING, path: "failed" }), ["note.offline"]);
});
