import assert from "node:assert/strict";
import { test } from "node:test";
import { checkServerTime, now, setServerTime } from "../../../static/js/ui/clock.js";

const SERVER = "2030-01-02T03:04:05Z";

/** Milliseconds between the page's clock and the server's time that it was told. */
const distance = () => now().getTime() - Date.parse(SERVER);

test("the time is the server's, whatever the device's clock says", (t) => {
  setServerTime(SERVER);
  t.mock.method(Date, "now", () => 0);
  assert.ok(distance() >= 0 && distance() < 2000);
});

test("a Date header mends a clock that is wrong, and leaves one that is right alone", () => {
  setServerTime(SERVER);
  checkServerTime("Wed, 02 Jan 2030 03:04:04 GMT");
  assert.ok(distance() >= 0, "a second is within what the header can tell");
  checkServerTime("Wed, 02 Jan 2030 04:00:00 GMT");
  assert.ok(Math.abs(distance() - (55 * 60 + 55) * 1000) < 2000);
});

test("what is no time changes nothing", () => {
  setServerTime(SERVER);
  setServerTime("soon");
  checkServerTime(null);
  checkServerTime("yesterday");
  assert.ok(distance() >= 0 && distance() < 2000);
});
