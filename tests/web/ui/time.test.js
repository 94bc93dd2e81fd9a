// Times are the visit's, whatever the device's zone is: this one is as far away as can be.
process.env.TZ = "Pacific/Kiritimati";

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addDays,
  clockTime,
  dayInWords,
  dayOf,
  localTime,
  momentOf,
  spanOf,
  timeRange,
} from "../../../static/js/ui/time.js";

const HOUR = 3_600_000;
const hours = ({ from, to }) => (Date.parse(to) - Date.parse(from)) / HOUR;

test("a time is shown in the visit's zone on the 24-hour clock", () => {
  assert.equal(clockTime("2026-07-01T12:05:00Z", "Europe/Paris"), "14:05");
  assert.equal(clockTime("2026-07-01T22:00:00Z", "Europe/Paris"), "00:00");
  assert.equal(
    timeRange("2026-01-05T19:00:00Z", "2026-01-05T19:45:00Z", "America/Montreal"),
    "14:00 – 14:45",
  );
});

test("the calendar day is the zone's", () => {
  assert.equal(dayOf("2026-11-25T23:30:00Z", "Europe/Paris"), "2026-11-26");
  assert.equal(dayOf("2026-11-25T23:30:00Z", "America/Montreal"), "2026-11-25");
});

test("days are counted over months, years and leap days", () => {
  assert.equal(addDays("2026-12-31", 1), "2027-01-01");
  assert.equal(addDays("2028-02-28", 1), "2028-02-29");
  assert.equal(addDays("2026-03-01", -1), "2026-02-28");
});

test("a day has 24 hours, but 23 and 25 where daylight saving begins and ends", () => {
  assert.equal(hours(spanOf("2026-06-10", "Europe/Paris")), 24);
  assert.equal(hours(spanOf("2026-03-29", "Europe/Paris")), 23);
  assert.equal(hours(spanOf("2026-10-25", "Europe/Paris")), 25);
  assert.deepEqual(spanOf("2026-10-25", "Europe/Paris"), {
    from: "2026-10-24T22:00:00.000Z",
    to: "2026-10-25T23:00:00.000Z",
  });
});

test("a local time that comes twice is the first one, one that is skipped lies after the skip", () => {
  assert.equal(momentOf("2026-10-25T02:30", "Europe/Paris"), "2026-10-25T00:30:00.000Z");
  assert.equal(momentOf("2026-03-29T02:30", "Europe/Paris"), "2026-03-29T01:30:00.000Z");
});

test("what a zone's clocks show leads back to the moment", () => {
  const zones = [
    "Europe/Paris",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "UTC",
    "Australia/Lord_Howe",
  ];
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  console.log(`seed ${seed}`);
  let state = seed;
  const random = () => {
    state = (state * 48_271 + 11) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  for (let turn = 0; turn < 500; turn += 1) {
    const zone = zones[Math.floor(random() * zones.length)];
    const minute = 29_000_000 + Math.floor(random() * 1_000_000);
    const moment = new Date(minute * 60_000).toISOString();
    const shown = localTime(moment, zone);
    const back = momentOf(shown, zone);
    // In the hour that comes twice it is the first of the two, which shows the same.
    assert.equal(localTime(back, zone), shown, `${moment} ${zone}`);
    assert.ok(Date.parse(back) <= Date.parse(moment), `${moment} ${zone}`);
    assert.ok(Date.parse(moment) - Date.parse(back) <= HOUR, `${moment} ${zone}`);
  }
});

test("a day in words", () => {
  assert.equal(dayInWords("2026-11-25"), "Wednesday, November 25");
  assert.equal(dayInWords("2027-01-01", { year: true }), "Friday, January 1, 2027");
});
