// @ts-check
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Stops } from "../../src/klweb/browser/stops.js";

const slider = { type: "set", name: "slider", values: [0, 0.25, 0.5, 0.75, 1], own: 1, isHome: true, covers: [] };
const button = { type: "press", name: "slider", values: [true], own: 0, isHome: false, covers: [] };
/** @type {(() => void)[]} what waits until nobody does anything */
let idle = [];

beforeEach(() => {
  idle = [];
  Object.assign(globalThis, { addEventListener: () => {}, requestIdleCallback: (/** @type {() => void} */ work) => { idle.push(work); } });
});

/** A figure whose stops are known, and the places that were put together since then. */
async function figure() {
  /** @type {number[]} */
  const places = [];
  const near = { controls: [button, slider], find: () => undefined, answer: (/** @type {unknown} */ _, /** @type {number} */ place) => { places.push(place); } };
  const snapshot = { phase: "starting" };
  const stops = new Stops(/** @type {any} */ ({
    element: { addEventListener: () => {} },
    presets: { near: async () => near },
    picture: { frame: "phone" },
    runtime: { isKept: false, snapshot },
    shown: { link: "even" },
    waiting: new Map(),
    hasPreset: () => true,
    rehearse: () => {},
  }));
  await stops.surround();
  idle = [];
  places.length = 0;
  return { stops, places, snapshot };
}

/** @param {number} times */
async function rest(times) {
  for (let time = 0; time < times; time += 1) {
    idle.shift()?.();
    await turn();
  }
}

test("what a reader has in hand is put together in idle moments, the nearest stop first", async () => {
  const { stops, places } = await figure();
  stops.expect("slider");
  assert.deepEqual(places, [1]);
  await rest(9);
  assert.deepEqual(places, [1, 0, 2, 3, 4]);
});

test("once Python answers nobody needs them any more", async () => {
  const { stops, places, snapshot } = await figure();
  stops.expect("slider");
  await rest(1);
  snapshot.phase = "ready";
  await rest(9);
  assert.deepEqual(places, [1, 0]);
  stops.expect("slider");
  assert.equal(places.length, 2);
});

test("what has no stops has nothing to put together", async () => {
  const { stops, places } = await figure();
  stops.expect("nothing");
  assert.deepEqual([places, idle], [[], []]);
});
