// @ts-check
/**
 * Compare what the browser reads of files with what Python says, which comes as JSON on standard input; print how many
 * stops agree, or fail with the first that does not.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Neighbours } from "../../src/klweb/browser/neighbours.js";

/**
 * Ten decimals are kept of a state’s probabilities, and of the value of a handle.
 * @param {any} one
 * @param {any} other
 * @returns {boolean}
 */
function isAlike(one, other) {
  if (typeof one === "number") return Math.abs(one - other) <= 2e-10;
  if (one === null || typeof one !== "object") return one === other;
  return Object.keys(one).length === Object.keys(other).length && Object.keys(one).every((key) => isAlike(one[key], other[key]));
}

const digits = (/** @type {any} */ state) => JSON.stringify(state, (_, value) => (typeof value === "number" ? Number(value.toPrecision(6)) : value));

let count = 0;
for (const { file, controls } of JSON.parse(readFileSync(0, "utf8"))) {
  const stops = new Neighbours(new Uint8Array(gunzipSync(readFileSync(file))));
  assert.equal(stops.controls.length, controls.length);
  for (const { name, type, values, answers } of controls) {
    const control = stops.find({ type, name, value: values[0] });
    assert.ok(control, `${file}: no stops of ${name}`);
    assert.deepEqual(control.values, values);
    for (const [stop, said] of answers.entries()) {
      const where = `${file}: ${name} at ${values[stop]}`;
      const { state, link, view } = stops.answer(control, stop);
      assert.ok(isAlike(state, said.state), where);
      assert.equal(digits(state), digits(said.state), where);
      assert.equal(link, said.link.includes(":") ? "" : said.link, where);
      const read = new Map(view.scene.marks.map((mark) => [mark, mark.mark === "handle" ? mark.value : 0]));
      said.view.scene.marks.forEach((/** @type {any} */ mark, /** @type {number} */ place) => {
        const own = view.scene.marks[place];
        if (mark.mark !== "handle") return;
        assert.ok(isAlike(read.get(own), mark.value), where);
        own.value = mark.value;
      });
      assert.deepEqual(view, said.view, where);
      count += 1;
    }
  }
}
console.log(count, "stops agree");
