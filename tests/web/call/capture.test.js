import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { capture, isInAppBrowser, troubleOf } from "../../../static/js/call/capture.js";

/** @type {any[]} */
let asked;
/** @type {Record<string, (() => any)>} what asking for one kind alone, or both, gives */
let gives;
/** @type {Record<string, string>} */
let permissions;

const fail = (name) => () => {
  throw new DOMException("", name);
};
const track = (kind) => ({ kind });
const stream = (...kinds) => ({
  getTracks: () => kinds.map(track),
  getAudioTracks: () => kinds.filter((kind) => kind === "audio").map(track),
  getVideoTracks: () => kinds.filter((kind) => kind === "video").map(track),
});

beforeEach(() => {
  asked = [];
  permissions = {};
  gives = {
    both: () => stream("audio", "video"),
    audio: () => stream("audio"),
    video: () => stream("video"),
  };
  const browser = {
    mediaDevices: {
      getUserMedia: async (constraints) => {
        asked.push(constraints);
        const both = constraints.audio && constraints.video;
        return gives[both ? "both" : constraints.audio ? "audio" : "video"]();
      },
    },
    permissions: {
      query: async ({ name }) => {
        if (permissions[name] === undefined) throw new TypeError("not known here");
        return { state: permissions[name] };
      },
    },
  };
  Object.defineProperty(globalThis, "navigator", { value: browser, configurable: true });
});

/** Which tracks there are, and what is in the way of the others. */
async function outcome(wanted = { audio: true, video: true }) {
  const { tracks, trouble } = await capture(wanted);
  return [tracks.audio?.kind ?? trouble.audio, tracks.video?.kind ?? trouble.video];
}

test("both at once, with one question", async () => {
  assert.deepEqual(await outcome(), ["audio", "video"]);
  assert.equal(asked.length, 1);
});

test("what one lacks does not cost the other", async () => {
  gives = { ...gives, both: fail("NotFoundError"), video: fail("NotFoundError") };
  assert.deepEqual(await outcome(), ["audio", "missing"]);
  gives = {
    ...gives,
    both: fail("NotReadableError"),
    audio: fail("NotReadableError"),
    video: () => stream("video"),
  };
  assert.deepEqual(await outcome(), ["taken", "video"]);
  gives = { both: fail("NotFoundError"), audio: fail("NotFoundError"), video: fail("AbortError") };
  assert.deepEqual(await outcome(), ["missing", "taken"]);
});

test("a no is not followed by another question", async () => {
  gives.both = fail("NotAllowedError");
  assert.deepEqual(await outcome(), ["refused", "refused"]);
  assert.equal(asked.length, 1);
});

test("a no of the system, in spite of the browser's yes, is a no", async () => {
  gives.both = fail("NotAllowedError");
  permissions = { microphone: "granted", camera: "granted" };
  assert.deepEqual(await outcome(), ["refused", "refused"]);
  assert.equal(asked.length, 1);
});

test("what is allowed already is taken in spite of a no to the other", async () => {
  gives = { ...gives, both: fail("NotAllowedError") };
  permissions = { microphone: "granted", camera: "denied" };
  assert.deepEqual(await outcome(), ["audio", "refused"]);
});

test("a camera that can't do what is asked is asked for less", async () => {
  let tries = 0;
  gives.video = () => {
    tries += 1;
    if (tries === 1) throw new DOMException("", "OverconstrainedError");
    return stream("video");
  };
  assert.deepEqual(await outcome({ audio: false, video: true }), [null, "video"]);
  assert.deepEqual(asked.at(-1), { video: true });
});

test("each failure's meaning", () => {
  const names = [
    "NotAllowedError",
    "SecurityError",
    "NotFoundError",
    "NotReadableError",
    "AbortError",
    "TypeError",
  ];
  assert.deepEqual(
    names.map((name) => troubleOf({ name })),
    ["refused", "refused", "missing", "taken", "taken", "failed"],
  );
});

test("a mail app's own browser is known by its words", () => {
  const inside = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 Version/4.0 Chrome/120.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148 [FBAN/FBIOS;FBAV/440.0]",
  ];
  const outside = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0",
  ];
  assert.deepEqual(inside.map(isInAppBrowser), [true, true, true]);
  assert.deepEqual(outside.map(isInAppBrowser), [false, false, false]);
});
