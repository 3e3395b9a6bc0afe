// @ts-check
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { setAttribute, setLetters, setText } from "../../src/klweb/browser/letters.js";

/** @param {string} text @param {string} [before] */
function set(text, before = "") {
  let replaced = 0;
  /** @type {any[]} */
  let children = [];
  const element = {
    textContent: before,
    childNodes: [],
    replaceChildren(/** @type {any[]} */ ...nodes) { replaced += 1; children = nodes; },
  };
  setLetters(/** @type {any} */ (element), text);
  const html = children.map((node) => (typeof node === "string" ? node : `<${node.name} ${node.className}>${node.textContent}</>`));
  return { html: html.join(""), replaced };
}

beforeEach(() => {
  Object.assign(globalThis, { document: { createElement: (/** @type {string} */ name) => ({ name, className: "", textContent: "" }) } });
});

test("p and q are coloured where they stand alone", () => {
  assert.equal(set("D(p ‖ q)").html, "D(<i p>p</> ‖ <i q>q</>)");
  assert.equal(set("p").html, "<i p>p</>");
  assert.equal(set("p log₂(p/q)").html, "<i p>p</> log₂(<i p>p</>/<i q>q</>)");
});

test("a hat stays on its letter", () => {
  assert.equal(set("D(p\u0302 ‖ q)").html, "D(<i p>p\u0302</> ‖ <i q>q</>)");
  assert.equal(set("−H(p\u0302)").html, "−H(<i p>p\u0302</>)");
  assert.equal(set("xp\u0302").html, "xp\u0302");
  assert.equal(set("p\u0302x").html, "p\u0302x");
});

test("parts of words are left alone, in any script", () => {
  for (const text of ["up", "equal", "q’s", "p_i", "p2", "ép", "σp", "Pq"]) assert.equal(set(text).html, text);
});

test("text is never read as markup", () => {
  assert.equal(set("<b>p</b>").html, "<b><i p>p</></b>");
});

test("the same words are not set again, which would interrupt a screen reader", () => {
  assert.equal(set("D(p ‖ q)", "D(p ‖ q)").replaced, 0);
  assert.equal(set("D(q ‖ p)", "D(p ‖ q)").replaced, 1);
});

test("letters that stay where they are are not made again", () => {
  class Text { constructor(/** @type {string} */ data) { this.data = data; } }
  Object.assign(globalThis, { Text });
  let made = 0;
  const change = (/** @type {any[]} */ childNodes, /** @type {string} */ text) => {
    const element = { childNodes, textContent: "", replaceChildren: () => { made += 1; } };
    setLetters(/** @type {any} */ (element), text);
    return childNodes.map((node) => (node instanceof Text ? node.data : `<${node.textContent}>`)).join("");
  };
  const there = () => [{ textContent: "p" }, new Text(" costs 1, "), { textContent: "q" }, new Text(" costs 2")];
  assert.equal(change(there(), "p costs 3, q costs 4"), "<p> costs 3, <q> costs 4");
  assert.equal(made, 0);
  for (const text of ["q costs 1, p costs 2", "p costs 1", "Costs of p and q", "p costs 1, q costs 2, p costs 3"]) change(there(), text);
  change([new Text("p"), new Text("c")], "p costs 1");
  assert.equal(made, 5, "other letters, or elsewhere: all is made anew");
});

test("text without letters changes in place, and only where it differs", () => {
  let written = 0;
  class Text {
    #data = "1";
    nextSibling = null;
    get data() { return this.#data; }
    set data(text) { written += 1; this.#data = text; }
  }
  Object.assign(globalThis, { Text });
  const text = new Text();
  const element = /** @type {any} */ ({ firstChild: text, textContent: "untouched" });
  setText(element, "1");
  assert.equal(written, 0);
  setText(element, "2");
  assert.deepEqual([text.data, written, element.textContent], ["2", 1, "untouched"]);
});

test("text takes the place of whatever else there is, or of nothing", () => {
  class Text { data = "1"; nextSibling = /** @type {any} */ ({}); }
  Object.assign(globalThis, { Text });
  for (const firstChild of [null, {}, new Text()]) {
    const element = /** @type {any} */ ({ firstChild, textContent: "" });
    setText(element, "2");
    assert.equal(element.textContent, "2");
  }
});

test("an attribute is set only where it differs", () => {
  /** @type {string[]} */
  const log = [];
  const element = /** @type {any} */ ({ getAttribute: () => "0.5", setAttribute: (/** @type {string[]} */ ...words) => log.push(words.join("=")) });
  setAttribute(element, "max", 0.5);
  setAttribute(element, "max", "1");
  assert.deepEqual(log, ["max=1"]);
});
