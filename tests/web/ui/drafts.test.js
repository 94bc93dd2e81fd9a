import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { eraseDraft, hasUnsent, keepDraft, readDraft } from "../../../static/js/visit/drafts.js";

const DRAFT = {
  base: { version: 1, notes: "", tasks: [], savedAt: null, savedBy: null },
  writing: { notes: "private", tasks: [] },
};

/** What the browser's storage does, as far as drafts need it. */
function storage() {
  /** @type {any} */
  const kept = {};
  Object.defineProperties(kept, {
    getItem: { value: (key) => (Object.hasOwn(kept, key) ? kept[key] : null) },
    setItem: { value: (key, value) => (kept[key] = String(value)) },
    removeItem: { value: (key) => delete kept[key] },
  });
  return kept;
}

beforeEach(() => {
  Object.defineProperty(globalThis, "localStorage", { value: storage(), configurable: true, writable: true });
});

test("a draft is kept, read and erased", () => {
  assert.equal(keepDraft("anna", "v1", DRAFT), true);
  assert.deepEqual(readDraft("anna", "v1"), DRAFT);
  assert.ok(hasUnsent("anna"));
  eraseDraft("anna", "v1");
  assert.equal(readDraft("anna", "v1"), null);
  assert.ok(!hasUnsent("anna"));
});

test("it is never another employee's, nor another visit's", () => {
  keepDraft("anna", "v1", DRAFT);
  assert.equal(readDraft("ben", "v1"), null);
  assert.equal(readDraft("anna", "v2"), null);
  assert.ok(!hasUnsent("ben"));
  assert.ok(!hasUnsent("ann"));
});

test("what is not a draft is none", () => {
  localStorage.setItem("draft:anna:v1", "{broken");
  assert.equal(readDraft("anna", "v1"), null);
  localStorage.setItem("draft:anna:v1", '{"writing":{"notes":5,"tasks":[]},"base":{}}');
  assert.equal(readDraft("anna", "v1"), null);
});

test("a browser that forbids storage keeps nothing and breaks nothing", () => {
  const forbidden = () => {
    throw new DOMException("denied", "SecurityError");
  };
  Object.defineProperty(globalThis, "localStorage", { get: forbidden, configurable: true });
  assert.equal(keepDraft("anna", "v1", DRAFT), false);
  assert.equal(readDraft("anna", "v1"), null);
  assert.equal(hasUnsent("anna"), false);
  eraseDraft("anna", "v1");
});
