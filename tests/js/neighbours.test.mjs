// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { Neighbours, fetchNeighbours, following, nearest } from "../../src/klweb/browser/neighbours.js";

/** A file with one control of three stops, and one readout whose number goes 5, 7, 9 (from 5: 0, then 2, then as foretold). */
function file() {
  const header = {
    templates: ["{}", '""', "[100,\ue012]", '"Now \ue001."', '["",[]]', '{"value":"\ue020"}'],
    tracks: [[0, [0]], [0, [1]], [0, [2]], [0, [3]], [0, [4]], [2, [5]]],
    controls: [{ name: "t", type: "set", values: [0, 1, 2], own: 0, isHome: true, covers: ["way"], bytes: 6 + 2 + 2 + 4 + 24 }],
  };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const base = [...Array(6).fill(2), 200, 1, 10]; // all there, as in their first template; height 100/100, the number 5
  const doubles = Buffer.alloc(24);
  [0.1, 1 / 3, 2].forEach((value, stop) => {
    const view = Buffer.alloc(8);
    view.writeDoubleLE(value);
    for (let byte = 0; byte < 8; byte += 1) doubles[3 * byte + stop] = view[byte];
  });
  // Modes of what is there; modes of numbers: as in the base, by two values; surprises 0, 2, 0.
  return Buffer.concat([length, text, Buffer.from(base), Buffer.from([...Array(6).fill(0), 0, 3, 0, 4, 0]), doubles]);
}

test("an answer is put together from templates and columns", () => {
  const stops = new Neighbours(new Uint8Array(file()));
  const [control] = stops.controls;
  const said = [0, 1, 2].map((stop) => stops.answer(control, stop));
  assert.deepEqual(said.map(({ view }) => view.summary), ["Now 0.5.", "Now 0.7.", "Now 0.9."]);
  assert.deepEqual(said.map(({ view }) => view.readouts[0].value), ["0.1", String(1 / 3), "2"]);
  assert.deepEqual(said[1].view.scene, { width: 100, height: 1, marks: [] });
  assert.equal(stops.answer(control, 1), said[1], "it is put together once");
});

test("events are found by what they move, and values that are typed are not", () => {
  const stops = new Neighbours(new Uint8Array(file()));
  assert.equal(stops.find({ type: "set", name: "t", value: 0.3 })?.name, "t");
  assert.equal(stops.find({ type: "set", name: "t", value: "0.3" }), undefined);
  assert.equal(stops.find({ type: "press", name: "t" }), undefined);
  assert.equal(stops.find({ type: "set", name: "u", value: 1 }), undefined);
});

test("what was put back, or no longer counts, is nothing", () => {
  const stops = new Neighbours(new Uint8Array(file()));
  const [control] = stops.controls;
  assert.ok(stops.isVoid({ type: "set", name: "way", value: "p" }, control));
  assert.ok(stops.isVoid({ type: "set", name: "t", value: 0 }, { ...control, covers: [] }));
  assert.ok(!stops.isVoid({ type: "set", name: "t", value: 0.1 }, { ...control, covers: [] }));
  assert.ok(!stops.isVoid({ type: "set", name: "u", value: 0 }, { ...control, covers: [] }));
});

test("a hand takes the nearest stop, a key the next", () => {
  const control = /** @type {any} */ ({ type: "set", values: [0, 0.05, 0.1, 1] });
  assert.deepEqual([-1, 0.02, 0.03, 0.09, 0.6, 9].map((value) => nearest(control, value)), [0, 0, 1, 2, 3, 3]);
  assert.deepEqual([0.06, 0.04, 0.05].map((value) => following(control, value, 1)), [2, 0, 1]);
  assert.equal(following(control, 1.01, 3), 3);
  assert.equal(following(control, -0.01, 0), 0);
  const choice = /** @type {any} */ ({ type: "set", values: ["p", "q"] });
  assert.equal(nearest(choice, "q"), 1);
  assert.equal(following(choice, "q", 1), 1);
  assert.equal(nearest(/** @type {any} */ ({ type: "press", values: [null] }), undefined), 0);
});

test("a file is inflated in the page; what is cut short or missing is refused", async (context) => {
  const packed = gzipSync(file());
  const answer = (/** @type {Buffer} */ body, status = 200) => context.mock.method(globalThis, "fetch", async () => new Response(new Uint8Array(body), { status }));
  answer(packed);
  assert.equal((await fetchNeighbours("x", fetch)).controls.length, 1);
  answer(packed.subarray(0, packed.length - 12));
  await assert.rejects(fetchNeighbours("x", fetch));
  answer(Buffer.from("<!doctype html>"));
  await assert.rejects(fetchNeighbours("x", fetch));
  answer(Buffer.from(""), 404);
  await assert.rejects(fetchNeighbours("x", fetch), /404/);
});
