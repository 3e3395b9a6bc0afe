// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { between, paint, paletteOf } from "../../src/klweb/browser/painter.js";

/** @typedef {import("../../src/klweb/browser/painter.js").Scene} Scene */
/** @typedef {import("../../src/klweb/browser/painter.js").Mark} Mark */

/** Palettes of names, so that what is painted shows which role it asked for. */
const PALETTE = new Proxy(/** @type {Record<string, string>} */ ({}), { get: (_, role) => `the ${String(role)}` });

/** A drawing context that writes down what it is told: calls with their arguments, settings as `name=value`. */
function recorder() {
  /** @type {string[]} */
  const log = [];
  const context = new Proxy({}, {
    get: (_, name) => (/** @type {unknown[]} */ ...words) => { log.push(`${String(name)}(${words.join()})`); },
    set: (_, name, value) => { log.push(`${String(name)}=${value}`); return true; },
  });
  return { log, context };
}

/**
 * Paint some marks at one pixel a unit; return what was drawn after the canvas was cleared.
 * @param {Mark[]} marks
 */
function drawn(...marks) {
  const { log, context } = recorder();
  const canvas = /** @type {any} */ ({ width: 0, height: 0, getContext: () => context });
  paint(canvas, { width: 100, height: 50, marks }, PALETTE, 1);
  return log.slice(log.indexOf("lineJoin=round") + 1);
}

test("a canvas has as many pixels as the screen, and the scene fills it", () => {
  const { log, context } = recorder();
  const canvas = /** @type {any} */ ({ width: 0, height: 0, getContext: () => context });
  paint(canvas, { width: 360, height: 200.4, marks: [] }, PALETTE, 2);
  assert.deepEqual([canvas.width, canvas.height], [720, 401]);
  assert.deepEqual(log, ["setTransform(1,0,0,1,0,0)", "clearRect(0,0,720,401)", "setTransform(2,0,0,2,0,0)", "lineJoin=round"]);
});

test("a canvas of the right size is not made anew, which would clear it and cost time", () => {
  let made = 0;
  const { context } = recorder();
  const canvas = /** @type {any} */ ({
    get width() { return 100; }, set width(_) { made += 1; },
    get height() { return 50; }, set height(_) { made += 1; },
    getContext: () => context,
  });
  paint(canvas, { width: 100, height: 50, marks: [] }, PALETTE, 1);
  assert.equal(made, 0);
});

test("rectangles, with and without round corners", () => {
  assert.deepEqual(drawn({ mark: "rect", x: 1, y: 2, w: 3, h: 4, fill: "p" }),
    ["beginPath()", "rect(1,2,3,4)", "fillStyle=the p", "fill()"]);
  assert.deepEqual(drawn({ mark: "rect", x: 1, y: 2, w: 3, h: 4, radius: 1.5, stroke: "q", width: 2, dash: [5, 3] }),
    ["beginPath()", "roundRect(1,2,3,4,1.5)", "strokeStyle=the q", "lineWidth=2", "setLineDash(5,3)", "stroke()"]);
});

test("strokes are one unit wide and whole unless the mark says otherwise, whatever was drawn before", () => {
  const log = drawn({ mark: "dot", x: 0, y: 0, r: 1, stroke: "p", width: 4, dash: [1] }, { mark: "dot", x: 0, y: 0, r: 1, stroke: "q" });
  assert.deepEqual(log.slice(-4), ["strokeStyle=the q", "lineWidth=1", "setLineDash()", "stroke()"]);
});

test("lines are ink unless they have a role", () => {
  assert.deepEqual(drawn({ mark: "line", x1: 1, y1: 2, x2: 3, y2: 4 }),
    ["beginPath()", "moveTo(1,2)", "lineTo(3,4)", "strokeStyle=the ink", "lineWidth=1", "setLineDash()", "stroke()"]);
  assert.ok(drawn({ mark: "line", x1: 1, y1: 2, x2: 3, y2: 4, stroke: "faint" }).includes("strokeStyle=the faint"));
});

test("paths, open, closed and empty", () => {
  assert.deepEqual(drawn({ mark: "path", points: [0, 1, 2, 3, 4, 5], closed: true, fill: "gap" }),
    ["beginPath()", "moveTo(0,1)", "lineTo(2,3)", "lineTo(4,5)", "closePath()", "fillStyle=the gap", "fill()"]);
  assert.ok(!drawn({ mark: "path", points: [0, 1, 2, 3], stroke: "q" }).includes("closePath()"));
  assert.deepEqual(drawn({ mark: "path", points: [] }), []);
});

test("texts, with the scene's defaults", () => {
  assert.deepEqual(drawn({ mark: "text", x: 1, y: 2, text: "D" }),
    ["font=13px the font", "textAlign=start", "fillStyle=the ink", "fillText(D,1,2)"]);
  assert.deepEqual(drawn({ mark: "text", x: 1, y: 2, text: "D", size: 14, fill: "p-text", anchor: "middle", bold: true, italic: true, halo: true }), [
    "font=italic 600 14px the font", "textAlign=center", "strokeStyle=the paper", "lineWidth=4", "setLineDash()",
    "strokeText(D,1,2)", "fillStyle=the p-text", "fillText(D,1,2)",
  ]);
  assert.ok(drawn({ mark: "text", x: 1, y: 2, text: "D", anchor: "end" }).includes("textAlign=end"));
});

test("dots are whole circles, and handles are nothing to see", () => {
  assert.deepEqual(drawn({ mark: "dot", x: 1, y: 2, r: 3, fill: "paper" }),
    ["beginPath()", `arc(1,2,3,0,${2 * Math.PI})`, "fillStyle=the paper", "fill()"]);
  assert.deepEqual(drawn({ mark: "handle", name: "q.0", x: 1, y: 2, w: 3, h: 4 }), []);
});

test("marks are painted in their order", () => {
  const log = drawn({ mark: "dot", x: 1, y: 1, r: 1, fill: "p" }, { mark: "dot", x: 2, y: 2, r: 2, fill: "q" });
  assert.ok(log.indexOf("fillStyle=the p") < log.indexOf("fillStyle=the q"));
});

test("a palette has a colour for every role and the font, and leaves nothing behind", () => {
  /** @typedef {{hidden: boolean, removed: boolean, style: {color: string}, children: Probe[]}} Probe */
  /** @type {Probe[]} */
  const asked = [];
  const make = () => ({
    hidden: false, removed: false, style: { color: "" }, children: /** @type {Probe[]} */ ([]),
    append(/** @type {Probe} */ child) { this.children.push(child); },
    remove() { this.removed = true; },
  });
  Object.assign(globalThis, {
    document: { createElement: make },
    getComputedStyle: (/** @type {Probe} */ { style }) => ({ fontFamily: "Sans", color: `rgb of ${style.color}` }),
  });
  const palette = paletteOf(/** @type {any} */ ({ append: (/** @type {Probe} */ child) => asked.push(child) }));
  assert.equal(asked.length, 1);
  assert.equal(asked[0].hidden, true);
  assert.equal(asked[0].removed, true);
  assert.equal(palette.font, "Sans");
  assert.equal(palette["gap-soft"], "rgb of var(--gap-soft)");
  assert.equal(Object.keys(palette).length, 14);
});

/** @param {Mark[]} marks @param {number} [height] @returns {Scene} */
const scene = (marks, height = 100) => ({ width: 360, height, marks });

test("marks of one kind and key move; others appear at once", () => {
  const from = scene([{ mark: "rect", key: "p.0", x: 0, y: 100, w: 10, h: 0, fill: "p" }], 100);
  const to = scene([
    { mark: "rect", key: "p.0", x: 10, y: 50, w: 10, h: 50, fill: "q" },
    { mark: "rect", key: "p.1", x: 30, y: 50, w: 10, h: 50 },
    { mark: "dot", key: "p.0", x: 5, y: 5, r: 1 },
    { mark: "text", x: 0, y: 0, text: "a" },
  ], 200);
  const middle = between(from, to, 0.25);
  assert.deepEqual(middle.marks[0], { mark: "rect", key: "p.0", x: 2.5, y: 87.5, w: 10, h: 12.5, fill: "q" });
  assert.deepEqual(middle.marks.slice(1), to.marks.slice(1));
  assert.equal(middle.height, 125);
});

test("at the end stands the new scene, and at the start the old places", () => {
  const from = scene([{ mark: "dot", key: "a", x: 1, y: 2, r: 3 }]);
  const to = scene([{ mark: "dot", key: "a", x: 5, y: 6, r: 7 }]);
  assert.deepEqual(between(from, to, 1), to);
  assert.deepEqual(between(from, to, 0).marks, from.marks);
});

test("neither scene is changed by what comes between", () => {
  const from = scene([{ mark: "path", key: "a", points: [0, 0, 1, 1] }]);
  const to = scene([{ mark: "path", key: "a", points: [2, 2, 3, 3] }]);
  const before = JSON.stringify([from, to]);
  assert.deepEqual(between(from, to, 0.5).marks[0].points, [1, 1, 2, 2]);
  assert.equal(JSON.stringify([from, to]), before);
});

test("paths with another number of points appear at once", () => {
  const from = scene([{ mark: "path", key: "a", points: [0, 0, 1, 1] }]);
  const to = scene([{ mark: "path", key: "a", points: [2, 2, 3, 3, 4, 4] }]);
  assert.deepEqual(between(from, to, 0.5).marks[0].points, [2, 2, 3, 3, 4, 4]);
});

test("a mark that two scenes share in part is never painted with what is not a number", () => {
  const from = scene([{ mark: "line", key: "a", x1: 0, y1: 0, x2: 1, y2: 1 }]);
  const to = scene([{ mark: "line", key: "a", x1: 4, y1: 4, x2: 5, y2: 5, width: 3 }]);
  for (const value of Object.values(between(from, to, 0.5).marks[0])) assert.ok(!Number.isNaN(value));
});
