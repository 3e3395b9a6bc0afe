// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import * as wire from "../../src/klweb/browser/cell-protocol.js";
import { fence } from "../../src/klweb/browser/fence.js";
import * as protocol from "../../src/klweb/browser/protocol.js";

test("what a cell's worker says can be read", () => {
  for (const message of [
    wire.running(1), wire.output(1, "out", "0.5\n"), wire.output(2, "hint", ""), wire.done(3, false),
    protocol.progress(1, 2, "Fetching"), protocol.ready(), protocol.failed("crashed", "Try again."),
  ]) assert.deepEqual(wire.readFromCell(message), message);
});

test("anything else is refused, and what is read has no more than its fields", () => {
  for (const data of [
    null, undefined, 3, "done", {}, [], { tag: "done" }, { tag: "done", id: 1, good: 1 }, { tag: "done", id: "1", good: true },
    { tag: "output", id: 1, kind: "html", text: "" }, { tag: "output", id: 1, kind: "out", text: {} },
    { tag: "running", id: 1.5 }, { tag: "failed", kind: "odd", message: "" }, protocol.answer(1, "{}"), protocol.unfit(1),
  ]) assert.throws(() => wire.readFromCell(data), protocol.ProtocolError, JSON.stringify(data));
  assert.deepEqual(wire.readFromCell({ ...wire.done(1, true), more: "x" }), wire.done(1, true));
});

test("powers are gone wherever they were inherited from, and what computes stays", () => {
  class Global { fetch() {} get caches() { return 1; } atob() {} }
  class Worker extends Global { postMessage() {} get navigator() { return navigator; } }
  class Navigator { get storage() { return 1; } get language() { return "en"; } }
  const navigator = new Navigator();
  const scope = Object.assign(new Worker(), { indexedDB: {}, fetch() {} });
  fence(scope);
  for (const name of ["fetch", "caches", "postMessage", "indexedDB"]) assert.ok(!(name in scope), name);
  assert.ok("atob" in scope);
  assert.ok(!Reflect.has(navigator, "storage"));
  assert.equal(Reflect.get(navigator, "language"), "en");
  fence(scope); // a second time there is nothing to take
});
