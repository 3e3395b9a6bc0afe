// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { csvOf, plain } from "../../src/klweb/browser/csv.js";
import { Recorder, escaped, svgOf } from "../../src/klweb/browser/recorder.js";
import { lines, sheet } from "../../src/klweb/browser/sheet.js";

/** @typedef {import("../../src/klweb/browser/painter.js").Mark} Mark */

/** Palettes of names, so that what is drawn shows which role it asked for. */
const PALETTE = new Proxy(/** @type {Record<string, string>} */ ({}), { get: (_, role) => `the ${String(role)}` });
const HOSTILE = `</text><script>alert("1")</script>]]>&amp;'\u0000\u001B\uFFFF\uD800 😀`;

/** Every letter is as wide as half its size. @type {import("../../src/klweb/browser/sheet.js").Measure} */
const measure = (text, { size }) => (text.length * size) / 2;

/** @param {Mark[]} marks */
function drawn(...marks) {
  const [, , title, description, ...rest] = svgOf({ width: 100, height: 50, marks }, PALETTE, { title: "T", description: "D" })
    .trimEnd().split("\n");
  assert.deepEqual([title, description, rest.pop()], ["<title>T</title>", "<desc>D</desc>", "</svg>"]);
  return rest;
}

/**
 * Read a file strictly: every element is closed, in order, and what is left holds no character of markup.
 * @param {string} xml
 */
function checked(xml) {
  /** @type {string[]} */
  const open = [];
  const text = xml.replace(/<\?xml [^<>]*\?>|<(\/?)([a-z]+)((?: [a-zA-Z-]+="[^"<]*")*)(\/?)>/g, (_, closes, tag, __, isEmpty) => {
    if (closes) assert.equal(open.pop(), tag);
    else if (tag && !isEmpty) open.push(tag);
    return "";
  });
  assert.deepEqual(open, []);
  assert.doesNotMatch(text, /[<>]|&(?!(amp|lt|gt|quot);)/);
}

test("a file says how large it is, what is in it, and in which letters", () => {
  const file = svgOf({ width: 360, height: 200.4567, marks: [] }, PALETTE, { title: "T", description: "D" });
  assert.ok(file.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" '
    + 'viewBox="0 0 360 200.46" width="360" height="200.46" role="img" fill="none" stroke-linejoin="round" '
    + 'font-family="the font">\n<title>T</title>'));
  checked(file);
});

test("each mark becomes an element, with the colours of its roles", () => {
  assert.deepEqual(drawn({ mark: "rect", x: 1, y: 2.3456, w: 3, h: 4, radius: 1.5, fill: "p", stroke: "q", width: 2, dash: [5, 3] }),
    ['<rect x="1" y="2.35" width="3" height="4" rx="1.5" fill="the p" stroke="the q" stroke-width="2" stroke-dasharray="5 3"/>']);
  assert.deepEqual(drawn({ mark: "line", x1: 1, y1: 2, x2: 3, y2: 4 }), ['<path d="M1,2 3,4" stroke="the ink"/>']);
  assert.deepEqual(drawn({ mark: "path", points: [0, 1, 2, 3, 4, 5], closed: true, fill: "gap" }),
    ['<path d="M0,1 2,3 4,5Z" fill="the gap"/>']);
  assert.deepEqual(drawn({ mark: "dot", x: 5, y: 6, r: 2, fill: "q" }), ['<circle cx="5" cy="6" r="2" fill="the q"/>']);
  assert.deepEqual(drawn({ mark: "text", x: 1, y: 2, text: "D", anchor: "middle", bold: true, italic: true, size: 15 }),
    ['<text x="1" y="2" font-size="15" font-style="italic" font-weight="600" text-anchor="middle" fill="the ink">D</text>']);
  assert.deepEqual(drawn({ mark: "handle", x: 0, y: 0, w: 9, h: 9 }, { mark: "spot" }, { mark: "path", points: [] }), []);
});

test("strokes are whole again after a dashed one", () => {
  const [, second] = drawn({ mark: "dot", x: 0, y: 0, r: 1, stroke: "p", dash: [1] }, { mark: "dot", x: 0, y: 0, r: 1, stroke: "q" });
  assert.equal(second, '<circle cx="0" cy="0" r="1" stroke="the q"/>');
});

test("a text's halo lies below it, and is not read out", () => {
  assert.deepEqual(drawn({ mark: "text", x: 1, y: 2, text: "D", halo: true }), [
    '<text aria-hidden="true" x="1" y="2" font-size="13" stroke="the paper" stroke-width="4">D</text>',
    '<text x="1" y="2" font-size="13" fill="the ink">D</text>',
  ]);
});

test("a text is as wide as in the page, whatever letters others have", () => {
  const scene = { width: 9, height: 9, marks: [{ mark: "text", x: 1, y: 2, text: "abc", size: 12 }] };
  assert.match(svgOf(scene, PALETTE, { title: "T", description: "D" }, measure),
    /<text x="1" y="2" font-size="12" textLength="18" lengthAdjust="spacingAndGlyphs" fill="the ink">abc<\/text>/);
});

test("hostile text stays text", () => {
  const file = svgOf({ width: 9, height: 9, marks: [{ mark: "text", x: 0, y: 0, text: HOSTILE, halo: true }] },
    { font: `"A" onload="alert(1)`, ink: `red"><script>`, paper: HOSTILE }, { title: HOSTILE, description: HOSTILE });
  checked(file);
  assert.doesNotMatch(file, /<script|[\u0000-\u0008]/);
  assert.ok(file.includes(`<title>${escaped(HOSTILE)}</title>`));
  assert.equal(escaped(HOSTILE), "&lt;/text&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;]]&gt;&amp;amp;'\uFFFD\uFFFD\uFFFD\uFFFD 😀");
});

test("what has no element of its own is refused, rather than left out", () => {
  const recorder = new Recorder();
  assert.throws(() => recorder.fill(), /no path/);
  recorder.rect(0, 0, 1, 1);
  assert.throws(() => recorder.arc(0, 0, 1), /several shapes/);
});

test("a sheet puts the title above the picture and its origin below, and moves the marks by as much", () => {
  const marks = [{ mark: "line", x1: 1, y1: 2, x2: 3, y2: 4 }, { mark: "path", points: [0, 1, 2, 3] }, { mark: "dot", x: 5, y: 6, r: 1 }];
  const { width, height, marks: [paper, title, line, path, dot, credit, ...more] } = sheet(
    { width: 300, height: 100, marks }, { title: "Why?", credit: "from" }, measure);
  assert.deepEqual(more, []);
  assert.deepEqual(paper, { mark: "rect", x: 0, y: 0, w: width, h: height, fill: "paper" });
  assert.deepEqual([title.text, credit.text], ["Why?", "from"]);
  const by = line.y1 - 2;
  assert.ok(by > title.y && credit.y > by + 100 && height > credit.y);
  assert.deepEqual([line.x1, line.y2, path.points, dot.x, dot.y], [1, 4 + by, [0, 1 + by, 2, 3 + by], 5, 6 + by]);
  assert.deepEqual(marks[2], { mark: "dot", x: 5, y: 6, r: 1 }, "the scene that is shown is left as it is");
});

test("lines are broken between words, and within a word that is longer than a line", () => {
  const width = (/** @type {string} */ text) => text.length;
  assert.deepEqual(lines("one two three", 7, width), ["one two", "three"]);
  assert.deepEqual(lines("at https://host/page/ now", 8, width), ["at", "https://", "host/pag", "e/ now"]);
  assert.deepEqual(lines("abc", 0, width), ["a", "b", "c"], "however little room there is");
  assert.deepEqual(lines("", 5, width), [""]);
});

test("a table is written as RFC 4180 says, with what is common to all rows in every row", () => {
  const rows = [["symbol", "p, the truth"], ["A", "0.25"], ['say "B"', "−∞"], ["two\nlines", "–"]];
  assert.equal(csvOf(rows, [["kl_pq", "inf"], ["link", "https://host/#a=p:1,2"]]), [
    'symbol,"p, the truth",kl_pq,link',
    'A,0.25,inf,"https://host/#a=p:1,2"',
    '"say ""B""",-inf,inf,"https://host/#a=p:1,2"',
    '"two\nlines",,inf,"https://host/#a=p:1,2"',
    "",
  ].join("\r\n"));
});

test("numbers are written as programs read them, and words as they are", () => {
  assert.deepEqual(["−0.0141", "∞", "−∞", "×6.67", "×∞", "0110", "–"].map(plain), ["-0.0141", "inf", "-inf", "6.67", "inf", "0110", ""]);
  const words = ["A", "6 of 8", "F(p)", "−log₂ p", "×", "B(p, r) = B(p, q) + B(q, r) + the line above", ""];
  assert.deepEqual(words.map(plain), words);
});
