// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST, grade, read } from "../../src/klweb/browser/answers.js";

/** @typedef {import("../../src/klweb/browser/answers.js").Unit} Unit */

/** @param {string} text @param {number} value @param {string} [unit] */
function reads(text, value, unit = "") {
  const found = read(text);
  assert.ok("value" in found, `${text}: ${JSON.stringify(found)}`);
  assert.equal(found.unit, unit, text);
  assert.ok(found.value === value || Math.abs(found.value - value) <= 1e-12 * Math.abs(value), `${text} is ${found.value}, not ${value}`);
}

/** @param {string} text @param {RegExp} why */
function refuses(text, why) {
  const found = read(text);
  assert.ok("problem" in found, `${text}: ${JSON.stringify(found)}`);
  assert.match(found.problem, why, text);
  assert.match(found.problem, /^\p{Lu}.*[.]$|^“.*[.]$/su, "a sentence");
}

test("numbers are read with a point or a comma, and with an exponent", () => {
  reads("0.48", 0.48);
  reads("0,48", 0.48);
  reads(".5", 0.5);
  reads("5.", 5);
  reads(" = 3 ", 3);
  reads("≈ 0,5", 0.5);
  reads("2e-3", 0.002);
  reads("2E−3", 0.002);
  reads("1.5e2", 150);
});

test("fractions and mixed numbers are read as they are written by hand", () => {
  reads("3/4", 0.75);
  reads("3⁄4", 0.75);
  reads("1 1/2", 1.5);
  reads("−1 1/2", -1.5);
  reads("1½", 1.5);
  reads("¾", 0.75);
  reads("1 1/2 + 1", 2.5);
  reads("1½/3", 0.5);
});

test("every way to write an operation is known, and each binds as it should", () => {
  reads("1 + 2*3", 7);
  reads("2 × 3 · 4 ÷ 6", 4);
  reads("2⋅3", 6);
  reads("7 - 2 − 1 – 1", 3);
  reads("8/4/2", 1);
  reads("2^10", 1024);
  reads("2**3**2", 512);
  reads("2^-1", 0.5);
  reads("-2^2", -4);
  reads("--2", 2);
  reads("3² − 10⁻¹", 8.9);
  reads("(1 + 2)(3 + 4)", 21);
  reads("2(3)", 6);
  reads("((((7))))", 7);
});

test("functions and constants are read with brackets and without", () => {
  for (const text of ["log2(3)", "log2 3", "log₂ 3", "log₂3", "log_2(3)", "LOG2(3)", "lb 3", "lb(3)", "ln 3/ln 2", "ln(3)/ln(2)", "log10(3)/log10(2)", "log_10(3)/log₁₀(2)"]) {
    reads(text, Math.log2(3));
  }
  reads("2 log2 3", 2 * Math.log2(3));
  reads("1/2 log2(3)", Math.log2(3) / 2);
  reads("log2 2^3", 3);
  reads("log2 sqrt(8)", 1.5);
  reads("√2/2", Math.SQRT1_2);
  reads("√(2)", Math.SQRT2);
  reads("sqrt 2", Math.SQRT2);
  reads("exp(1)", Math.E);
  reads("2πe", 2 * Math.PI * Math.E);
  reads("2 pi e", 2 * Math.PI * Math.E);
  reads("1/2 log2(2πe)", Math.log2(2 * Math.PI * Math.E) / 2);
  reads("0.5*log2(0.5/0.25) + 0,5·log2(0,5/0,75)", 0.5 - 0.5 * Math.log2(1.5));
});

test("infinity is a value", () => {
  for (const text of ["∞", "inf", "Infinity", "+∞", "∞ bits", "1 + ∞"]) assert.deepEqual(read(text), { value: Infinity, unit: /bits/.test(text) ? "bits" : "" });
  assert.deepEqual(read("−∞"), { value: -Infinity, unit: "" });
  reads("1/∞", 0);
});

test("a unit stands behind the number", () => {
  reads("0.48 bits", 0.48, "bits");
  reads("1 bit", 1, "bits");
  reads("1bit", 1, "bits");
  reads("3/4 Bits", 0.75, "bits");
  reads("0,335 nat", 0.335, "nats");
  reads("48 %", 48, "%");
  reads("48%", 48, "%");
  reads("48 percent", 48, "%");
  reads("48 per cent", 48, "%");
  for (const text of ["2 bits a symbol", "2 bits per symbol", "2 bits/symbol", "2 bits each"]) reads(text, 2, "bits");
});

test("the words behind a field may be typed as well", () => {
  assert.deepEqual(read("12 flips", "flips"), { value: 12, unit: "" });
  assert.deepEqual(read("1 Flip", "flips"), { value: 1, unit: "" });
  assert.deepEqual(read("2 bits", "bits"), { value: 2, unit: "bits" });
  assert.ok("problem" in read("12 flips", "symbols"));
});

test("what cannot be read is refused in a sentence that says where and why", () => {
  refuses("", /answer first/);
  refuses("   ", /answer first/);
  refuses("log 3", /“log” at place 1 .* log2, ln or log10/);
  refuses("log23", /“log” at place 1/);
  refuses("log2.5", /“log” at place 1/);
  refuses("2 + log2 3/4", /“log2” at place 5 .*log2\(2\)\/3 or log2\(2\/3\)/);
  refuses("(1 + 2", /“\(” at place 1 is never closed/);
  refuses("1)", /“\)” at place 2/);
  refuses("2 +", /missing after “\+” at place 3/);
  refuses("* 2", /number is missing before “\*” at place 1/);
  refuses("bits", /number is missing before “bits”/);
  refuses("1 000", /“1” and “000” at place 3/);
  refuses("1,234.5", /one decimal sign/);
  refuses("12 flops", /“flops” at place 4 is not known/);
  refuses("1 bit + 2", /nothing can follow “bit”/);
  refuses("(1 bit)", /at the end, outside brackets/);
  refuses("3:4", /“:” at place 2/);
  refuses("alert(1)", /“alert” at place 1/);
  refuses("😀", /“😀” at place 1/);
});

test("what has no value is refused, and infinity is never made by accident", () => {
  refuses("1/0", /divides by zero.*∞/);
  refuses("0/0", /divides by zero/);
  refuses("10^400", /too large/);
  refuses("1e999", /too large/);
  refuses("log2(0)", /above 0, and gets 0/);
  refuses("ln(-1)", /above 0, and gets −1/);
  refuses("sqrt(-1)", /from 0 on/);
  refuses("(-8)^(1/3)", /no value/);
  refuses("∞ − ∞", /no value/);
});

test("names that every object has are no functions", () => {
  for (const text of ["constructor", "constructor(1)", "__proto__", "toString 1", "2 hasOwnProperty", "valueOf(2)"]) assert.ok("problem" in read(text), text);
});

test("no text makes it throw or hang, whatever is in it", () => {
  const pieces = [..."0123456789.,+-−*×/÷^()√π∞% ½²⁻₂e_=≈:😀é\u0000\ud800", "log2", "log", "ln ", "sqrt", "bits", "nat", "per cent", "a symbol", "inf", "1 1/2", "((((("];
  // Park and Miller's generator: the same texts each time.
  let luck = 1;
  const next = (/** @type {number} */ below) => (luck = (luck * 48271) % 2147483647) % below;
  const start = performance.now();
  for (let i = 0; i < 10_000; i += 1) {
    const text = Array.from({ length: next(40) }, () => (next(8) ? pieces[next(pieces.length)] : String.fromCodePoint(next(0x110000)))).join("");
    const found = read(text, ["", "bits", "flips"][i % 3]);
    if ("problem" in found) assert.ok(found.problem.length > 10 && found.problem.length < 400, text);
    else assert.ok(typeof found.value === "number" && !Number.isNaN(found.value) && ["", "%", "bits", "nats"].includes(found.unit), text);
  }
  for (const piece of ["(", "-", "√", "log2(", "2^", "1/", "9", " "]) read(piece.repeat(Math.floor(MOST / piece.length)));
  assert.ok(performance.now() - start < 5000);
});

test("a long text is refused before it is read", () => {
  assert.ok("value" in read("1".repeat(MOST)));
  refuses("1".repeat(MOST + 1), /at most 100 characters, and this one 101/);
  refuses("(".repeat(1_000_000), /at most/);
});

// ── grading ──────────────────────────────────────────────────────────────────────────────────

const KL = { answer: { value: "0.48300749985576883", text: "0.4830 bits" }, mistakes: [{ place: 0, value: "0.7" }, { place: 3, value: "inf" }] };
const BITS = { unit: "bits", tolerance: 0.01 };

/** @param {string} text @param {any} [variant] @param {any} [question] */
function graded(text, variant = KL, question = BITS) {
  const given = read(text);
  assert.ok("value" in given, text);
  return grade(given, variant, question);
}

/** @param {string | number} value @param {string} unit */
const only = (value, unit = "") => [{ answer: { value: String(value), text: `${value} ${unit}`.trim() } }, { unit, tolerance: 0.01 }];

test("a right answer is right with its unit, without it, and within the tolerance", () => {
  for (const text of ["0.483", "0.483 bits", "0,48", "0.4878", "0.4783 bit", "0.483 bits a symbol"]) assert.equal(graded(text).verdict, "right", text);
  assert.match(graded("0.483").says, /0\.4830 bits/);
  assert.equal(graded("0.4879").verdict, "close");
});

test("the right number in the wrong unit is named, both ways and bare", () => {
  const ways = { "0.483 nats": /counts bits, not nats/, "0.3348 nats": /right in nats/, "0.335": /right in nats/, "0.335 bits": /right in nats/, "0.483 %": /counts bits, not %/ };
  for (const [text, says] of Object.entries(ways)) {
    const { verdict, says: said } = graded(text);
    assert.equal(verdict, "right-wrong-unit", text);
    assert.match(said, says);
    assert.match(said, /0\.4830 bits/, "the amount as it should be");
  }
  const nats = only(0.5, "nats");
  assert.equal(graded("0.5", ...nats).verdict, "right");
  assert.equal(graded("0.7213 bits", ...nats).verdict, "right-wrong-unit");
  assert.match(graded("0.7213", ...nats).says, /right in bits/);
  assert.equal(graded("0.5 bits", ...nats).verdict, "right-wrong-unit");
});

test("longer units are counted in their first word", () => {
  const rate = only(2, "bits a symbol");
  assert.equal(graded("2 bits", ...rate).verdict, "right");
  assert.equal(graded("1.386", ...rate).verdict, "right-wrong-unit");
});

test("shares and percentages", () => {
  const share = only(0.48);
  assert.equal(graded("48 %", ...share).verdict, "right");
  assert.equal(graded("48", ...share).verdict, "right-wrong-unit");
  assert.match(graded("0.48 %", ...share).says, /no percentage/);
  assert.match(graded("0.48 bits", ...share).says, /no unit such as bits/);
  const percent = only(48, "%");
  for (const text of ["48", "48 %"]) assert.equal(graded(text, ...percent).verdict, "right", text);
  for (const text of ["0.48", "0.48 %", "48 bits"]) assert.equal(graded(text, ...percent).verdict, "right-wrong-unit", text);
  assert.equal(graded("500", ...only(5)).verdict, "wrong", "a count is no share");
});

test("a known mistake is recognised, also in another unit and where it is infinite", () => {
  assert.deepEqual(graded("0.7"), { verdict: "mistake", says: "", place: 0 });
  assert.equal(graded("0.4852 nats").place, 0);
  assert.equal(graded("∞").place, 3);
});

test("of a mistake and a wrong unit the nearer one is meant", () => {
  const variant = { answer: { value: "1", text: "1 bit" }, mistakes: [{ place: 0, value: "0.69" }] };
  assert.equal(graded("0.69", variant).verdict, "mistake");
  assert.equal(graded("0.6931", variant).verdict, "right-wrong-unit");
});

test("an answer that is nearly right asks for more digits, and tells no digit itself", () => {
  assert.equal(graded("0.5").verdict, "close");
  assert.doesNotMatch(graded("0.5").says, /0\.48/);
  assert.equal(graded("0.51").verdict, "wrong");
});

test("a wrong answer is told its direction and nothing more", () => {
  assert.match(graded("2").says, /too large/);
  assert.match(graded("-3").says, /−3 is too small/);
  assert.match(graded("-0.483").says, /sign/);
  for (const text of ["2", "-3", "-0.483", "0.1"]) assert.doesNotMatch(graded(text).says, /0\.48\d/);
});

test("zero and infinity are the same in every unit", () => {
  for (const text of ["0", "0 bits", "0 nats", "0.009"]) assert.equal(graded(text, ...only(0, "bits")).verdict, "right", text);
  assert.equal(graded("0.02", ...only(0, "bits")).verdict, "wrong");
  for (const text of ["∞", "inf bits", "∞ nats"]) assert.equal(graded(text, ...only("inf", "bits")).verdict, "right", text);
  assert.equal(graded("1000", ...only("inf", "bits")).verdict, "wrong");
  assert.equal(graded("−∞", ...only("inf", "bits")).verdict, "wrong");
  assert.equal(graded("−∞", ...only("-inf", "bits")).verdict, "right");
  assert.match(graded("∞", ...only(1, "bits")).says, /not ∞/);
});
