// @ts-check
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { readMessage, readOptions, readWord } from "../../src/klweb/browser/embedded.js";
import { OPTIONS, WORDS, addressOf, readFromFigure } from "../../src/klweb/browser/embedding.js";

const SITE = "https://example.org/courses/kl/";
const HOST = { source: "klweb-host", version: 1 };
const PRESETS = ["uniform-vs-peaked", "identical"];
const hasPreset = (/** @type {string} */ name) => PRESETS.includes(name);
const hear = (/** @type {unknown} */ data) => readMessage(data, "asymmetry", hasPreset);

/**
 * A seeded generator (mulberry32): a failure can be seen again.
 * @param {number} seed
 */
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const HOSTILE = [
  "", " ", "__proto__", "constructor", "hasOwnProperty", "toString", "<img src=x onerror=alert(1)>", "javascript:alert(1)",
  "//evil.example/", "../../", "..\\", "%00", "%", "%E0%A4%A", "\u0000", "\ud800", "\u202e", "🂡".repeat(300), "p:1,2;q:3,4",
  "p:__proto__", ":", "x".repeat(5000), "a,b,,c", '"]', "') or (", "\n\r\t", "NaN", "Infinity", "-0", "1e999", "asymmetry",
  ...PRESETS,
];

/**
 * Replace halves of characters, which no address can hold.
 * @param {string} text
 */
const whole = (text) => new TextDecoder().decode(new TextEncoder().encode(text));

/**
 * @param {() => number} random
 * @returns {any}
 */
function anything(random, depth = 0) {
  const pick = (/** @type {any[]} */ list) => list[Math.floor(random() * list.length)];
  const kind = depth === 0 && random() < 0.8 ? 6 : Math.floor(random() * (depth > 2 ? 4 : 7));
  if (kind === 0) return pick(HOSTILE);
  if (kind === 1) return pick([null, undefined, true, false, 0, -1, 1, NaN, Infinity, -Infinity, 2 ** 53, 10n, new Date(NaN), /x/g]);
  if (kind === 2) return String.fromCharCode(...Array.from({ length: Math.floor(random() * 30) }, () => Math.floor(random() * 65536)));
  if (kind === 3) return random() * 10 ** Math.floor(random() * 10);
  if (kind === 4) return Array.from({ length: Math.floor(random() * 4) }, () => anything(random, depth + 1));
  if (kind === 5) return new Map([[anything(random, depth + 1), anything(random, depth + 1)]]);
  const names = ["source", "version", "type", "widget", "preset", "state", "height", "title", "subject", "__proto__", "length", "toString"];
  const found = Object.fromEntries(Array.from({ length: Math.floor(random() * 8) }, () => [pick(names), anything(random, depth + 1)]));
  // Random parts of a good message come nearer to the door than noise does.
  if (random() < 0.6) Object.assign(found, pick([HOST, { source: "klweb", version: 1 }, { source: "klweb-host" }]));
  if (random() < 0.6) found.type = pick(["preset", "state", "reset", "resize", "ready", "error", "python", "python", "__proto__", 1, null]);
  if (found.type === "python") found.word = pick([...WORDS, ...WORDS, ...WORDS, pick(HOSTILE)]);
  if (random() < 0.4) Object.assign(found, { preset: pick(HOSTILE), state: pick(HOSTILE), widget: pick(["asymmetry", undefined, undefined, "x"]) });
  if (random() < 0.2) found.height = pick([-1, 0, 700, 1e9, NaN, "700"]);
  if (random() < 0.4) delete found.title;
  return found;
}

test("the three messages are understood, and a state may be a preset’s name, as its link is", () => {
  assert.deepEqual(hear({ ...HOST, type: "preset", preset: "identical" }), { type: "show", text: "identical" });
  assert.deepEqual(hear({ ...HOST, type: "state", state: "p:1,1;q:1,3" }), { type: "show", text: "p:1,1;q:1,3" });
  assert.deepEqual(hear({ ...HOST, type: "state", state: "identical" }), { type: "show", text: "identical" });
  assert.deepEqual(hear({ ...HOST, type: "reset", widget: "asymmetry" }), { type: "reset" });
});

test("what is meant for others is passed over without a word", () => {
  for (const data of [null, undefined, "reset", 1, [], {}, { type: "reset" }, { source: "klweb", version: 1, type: "reset" },
    { ...HOST, type: "reset", widget: "gaussians" }, { ...HOST, type: "reset", widget: {} }, '{"source":"klweb-host"}']) {
    assert.equal(hear(data), null);
  }
});

test("what is meant for figures and not in the documented shape is refused in words", () => {
  for (const message of [{}, { type: "preset" }, { type: "preset", preset: ["identical"] }, { type: "preset", preset: "gone" },
    { type: "preset", preset: "p:1,1" }, { type: "preset", preset: "toString" }, { type: "state" }, { type: "state", state: { p: [1] } }, { type: "state", state: "" },
    { type: "state", state: `p:${"1,".repeat(3000)}` }, { type: "resize", height: 3 }, { type: "reset", version: 2 }, { type: "reset", version: "1" }]) {
    const wish = hear({ ...HOST, ...message });
    assert.ok(wish?.type === "error", JSON.stringify(message));
    assert.match(wish.message, /^\p{Lu}.*\.$|^“.*\.$/su);
  }
});

test("10,000 random and hostile messages raise nothing, and ask for nothing but what is documented", () => {
  const random = generator(6);
  const seen = { show: 0, reset: 0, error: 0, nothing: 0, figure: 0, word: 0, passed: 0 };
  for (let i = 0; i < 10_000; i += 1) {
    // As they arrive: copied, so without getters and without prototypes of their own.
    const data = structuredClone(anything(random));
    const wish = hear(data);
    seen[wish ? wish.type : "nothing"] += 1;
    if (wish?.type === "show") assert.ok(hasPreset(wish.text) || (data.type === "state" && wish.text.includes(":") && wish.text.length <= 4000));
    const word = readWord(data);
    if (word) {
      seen.word += 1;
      assert.ok(WORDS.includes(word) && data.type === "python" && !wish);
    }
    const said = readFromFigure(data);
    if (!said) continue;
    if (said.type === "python") {
      seen.passed += 1;
      assert.ok(WORDS.includes(String(said.word)));
    }
    seen.figure += 1;
    if (said.type === "resize") assert.ok(Number(said.height) > 0 && Number(said.height) < 20_000);
    assert.equal(typeof (said.title ?? ""), "string");
  }
  for (const [name, count] of Object.entries(seen)) assert.ok(count > 5, `${name}: ${count}`);
});

test("10,000 random and hostile addresses give options, or none", () => {
  const random = generator(7);
  for (let i = 0; i < 10_000; i += 1) {
    const parts = Array.from({ length: 5 }, () => {
      const name = [...OPTIONS, "x", "__proto__"][Math.floor(random() * 8)];
      const text = HOSTILE[Math.floor(random() * HOSTILE.length)];
      return `${name}=${random() < 0.5 ? encodeURIComponent(whole(text)) : text}`;
    });
    const { hidden, locked, ask } = readOptions(`?${parts.join("&")}`);
    for (const name of [...hidden, ...locked]) assert.match(name, /^[\w.-]{1,40}$/);
    assert.ok([...ask].length <= 300 && !/[\n\r\t]/.test(ask));
  }
});

test("a question is cut where it is too long, between characters", () => {
  assert.equal(readOptions("?ask=Why+is+it%0A+never+negative%3F").ask, "Why is it never negative?");
  assert.equal(readOptions("").ask, "");
  const { ask } = readOptions(`?ask=${"🂡".repeat(400)}`);
  assert.equal(ask, `${"🂡".repeat(299)}…`);
});

test("addresses of embed pages hold what was asked for, and lead nowhere else than to the site", () => {
  /** @type {Record<string, string>} */
  const given = { preset: "mirror-image", ask: "Which one is D(p ‖ q)?", theme: "", other: "x" };
  assert.equal(addressOf(SITE, "asymmetry", (name) => given[name]),
    `${SITE}embed/asymmetry/?preset=mirror-image&ask=Which+one+is+D%28p+%E2%80%96+q%29%3F`);
  assert.equal(addressOf(SITE, "asymmetry", () => null), `${SITE}embed/asymmetry/`);
  for (const site of ["javascript:alert(1)", "data:text/html,x", "", "x", "blob:https://example.org/1"]) assert.equal(addressOf(site, "asymmetry", () => null), null);
  const random = generator(8);
  for (let i = 0; i < 10_000; i += 1) {
    const widget = HOSTILE[Math.floor(random() * HOSTILE.length)];
    const address = addressOf(SITE, widget, () => whole(String(anything(random, 3))));
    if (address !== null) assert.ok(address.startsWith(`${SITE}embed/${widget}/?`), address);
  }
});

test("the script that others load is under 3 kB gzipped, and leaves nothing behind", () => {
  const built = buildSync({
    entryPoints: [fileURLToPath(new URL("../../src/klweb/browser/embed.js", import.meta.url))], bundle: true, minify: true, write: false, format: "iife", target: "es2022",
  }).outputFiles[0].text;
  const { length } = gzipSync(built);
  assert.ok(length < 3000, `${length} bytes`);
  assert.match(built, /^"use strict";\(\(\)=>\{.*\}\)\(\);\n$/s);
  assert.doesNotMatch(built, /innerHTML|insertAdjacent|setAttribute\("style|eval\(|new Function|document\.write/);
});
