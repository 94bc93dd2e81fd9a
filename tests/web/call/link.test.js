import assert from "node:assert/strict";
import { test } from "node:test";
import { tokenOf } from "../../../static/js/join/link.js";

test("the token, as mailed and as mail scanners rewrite it", () => {
  assert.equal(tokenOf({ pathname: "/v", hash: "#abc_-9" }), "abc_-9");
  assert.equal(tokenOf({ pathname: "/v%23abc_-9", hash: "" }), "abc_-9");
  assert.equal(tokenOf({ pathname: "/v", hash: "" }), "");
  assert.equal(tokenOf({ pathname: "/v", hash: "#" }), "");
});
