// @ts-check
/**
 * Ask whether answers could be shown: Python's, which come as JSON on standard input, and what is left of them when one
 * field is spoilt. Print how many of each were judged; fail with the first that was judged wrongly.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { isAnswer } from "../../src/klweb/browser/checking.js";

/** @type {any[]} */
const SPOILT = [undefined, {}, [{}], NaN, { toString: "x" }];
const count = { sound: 0, spoilt: 0, passed: 0 };

/**
 * Return all places of an answer.
 * @param {any} item
 * @returns {(string | number)[][]}
 */
function places(item) {
  if (typeof item !== "object" || item === null) return [[]];
  return [[], ...Object.keys(item).flatMap((key) => places(item[key]).map((rest) => [key, ...rest]))];
}

/**
 * Return a copy with another thing at one place.
 * @param {any} item
 * @param {(string | number)[]} place
 * @param {any} thing
 * @returns {any}
 */
function put(item, [key, ...rest], thing) {
  if (key === undefined) return thing;
  const copy = Array.isArray(item) ? [...item] : { ...item };
  copy[key] = put(item[key], rest, thing);
  return copy;
}

for (const [answer, names] of JSON.parse(readFileSync(0, "utf8"))) {
  const readouts = new Set(names);
  assert.ok(isAnswer(answer, readouts), JSON.stringify(answer).slice(0, 2000));
  count.sound += 1;
  if (!answer.ok) continue;
  assert.ok(!isAnswer(answer, new Set()), "readouts that nobody has");
  const all = places(answer);
  for (const [index, place] of all.entries()) {
    // Every seventh, since there are thousands.
    if (index % 7) continue;
    for (const thing of SPOILT) {
      const isSound = isAnswer(put(answer, place, thing), readouts);
      count[isSound ? "passed" : "spoilt"] += 1;
      // What a mark, a refusal or a pair may lack; and what may be anything that is not used.
      const text = place.join(".");
      const mayLack = thing === undefined && /^(answers\.\d+\.)?(pair|errors|view\.scene\.marks\.\d+\.\w+|state\.\w+)$/.test(text);
      assert.ok(!isSound || mayLack, `${text} may be ${JSON.stringify(thing)}`);
    }
  }
}
console.log(JSON.stringify(count));
