// @ts-check
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

/** @typedef {typeof import("../../src/klweb/browser/address.js")} Address */

/** @type {{kind: string, state: any, url: string}[]} */
let entries = [];
let copies = 0;
let leave = () => {};

/** A module of its own for each test, since it remembers what the figures show. @returns {Promise<Address>} */
async function address() {
  copies += 1;
  const found = await import(`../../src/klweb/browser/address.js?copy=${copies}`);
  found.know(["asymmetry", "gaussians"]);
  return found;
}

/** Let what has been done be painted. */
async function frame() {
  mock.timers.tick(16);
  await Promise.resolve();
  await Promise.resolve();
}

/** Put the page at an address, with what its history entry holds. @param {string} hash @param {any} [state] */
function at(hash, state = null) {
  const url = `https://example.org/kl/?a=b${hash}`;
  Object.assign(globalThis, {
    requestAnimationFrame: (/** @type {() => void} */ paint) => setTimeout(paint, 8),
    addEventListener: (/** @type {string} */ type, /** @type {() => void} */ listener) => { if (type === "pagehide") leave = listener; },
    location: { hash, href: url, pathname: "/kl/", search: "?a=b" },
    history: {
      state,
      pushState: (/** @type {any} */ kept, /** @type {string} */ _, /** @type {string} */ to) => entries.push({ kind: "push", state: kept, url: to }),
      replaceState: (/** @type {any} */ kept, /** @type {string} */ _, /** @type {string} */ to) => entries.push({ kind: "replace", state: kept, url: to }),
    },
  });
}

beforeEach(() => {
  entries = [];
  leave = () => {};
  at("");
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("states are read by the names of widgets on the page", async () => {
  const { read } = await address();
  assert.deepEqual([...read("#asymmetry=mirror-image&gaussians=mu_p:0;sigma_p:1")],
    [["asymmetry", "mirror-image"], ["gaussians", "mu_p:0;sigma_p:1"]]);
});

test("what is no state of a widget here is left out", async () => {
  const { read } = await address();
  for (const hash of ["", "#", "#definition", "#=x", "#other=1", "#__proto__=1", "#constructor=1", "#&&", "#asymmetry", "#Asymmetry=1"]) {
    assert.deepEqual([...read(hash)], [], hash);
  }
  assert.deepEqual([...read("#other=1&asymmetry=a&x")], [["asymmetry", "a"]]);
});

test("a state may hold any character, percent-encoded, and broken encodings are passed on as they are", async () => {
  const { read } = await address();
  assert.equal(read("#asymmetry=p%3A0.5%2C0.5").get("asymmetry"), "p:0.5,0.5");
  assert.equal(read("#asymmetry=a=b").get("asymmetry"), "a=b");
  assert.equal(read("#asymmetry=%E0%A4%A").get("asymmetry"), "%E0%A4%A");
  assert.equal(read("#asymmetry=").get("asymmetry"), "");
});

test("what is written is read again, and stays readable", async () => {
  const { read, write } = await address();
  const states = new Map([["asymmetry", "edit:p;p:0.5,0.25,0.25"], ["gaussians", "a&b=c#d %∞é"]]);
  const hash = write(states);
  assert.deepEqual(read(hash), states);
  assert.ok(hash.startsWith("#asymmetry=edit:p;p:0.5,0.25,0.25&gaussians=a%26b"));
  assert.equal(write(new Map()), "");
});

test("on loading, the address says what the figures show, and history keeps it", async () => {
  const { follow } = await address();
  at("#asymmetry=identical");
  assert.deepEqual([...follow()], [["asymmetry", "identical"]]);
  assert.deepEqual(entries, [{ kind: "replace", state: { klweb: { asymmetry: "identical" } }, url: "https://example.org/kl/?a=b#asymmetry=identical" }]);
});

test("going back, history says what the figures show, also where the address is an anchor", async () => {
  const { follow } = await address();
  at("#definition", { klweb: { gaussians: "identical" } });
  assert.deepEqual([...follow()], [["gaussians", "identical"]]);
});

test("a jump to an anchor changes no figure", async () => {
  const { follow } = await address();
  at("#asymmetry=identical");
  follow();
  at("#definition");
  assert.deepEqual([...follow()], [["asymmetry", "identical"]]);
  at("#gaussians=identical");
  assert.deepEqual([...follow()], [["gaussians", "identical"]], "an address with states says all of them");
});

test("what strange things history holds is no reason to fail", async () => {
  for (const state of [5, "x", [], {}, { klweb: null }, { klweb: "x" }, { klweb: 7 }]) {
    const { follow } = await address();
    at("#asymmetry=identical", state);
    assert.deepEqual([...follow()], [["asymmetry", "identical"]]);
  }
  const { follow } = await address();
  at("", { klweb: { asymmetry: 5 } });
  assert.deepEqual([...follow()], [["asymmetry", "5"]], "every state is text, which Python reads or refuses");
});

test("a step gets a history entry, a movement replaces it", async () => {
  const { put } = await address();
  put({ asymmetry: "identical" }, true);
  assert.equal(entries.length, 0, "until it is painted");
  await frame();
  put({ asymmetry: "q:0.5,0.5" }, false);
  mock.timers.tick(1000);
  assert.deepEqual(entries, [
    { kind: "push", state: { klweb: { asymmetry: "identical" } }, url: "#asymmetry=identical" },
    { kind: "replace", state: { klweb: { asymmetry: "q:0.5,0.5" } }, url: "#asymmetry=q:0.5,0.5" },
  ]);
});

test("a movement is written once, when it rests", async () => {
  const { put } = await address();
  for (let i = 1; i <= 300; i += 1) {
    put({ asymmetry: `q:1,${i}` }, false);
    mock.timers.tick(16);
  }
  assert.equal(entries.length, 0);
  mock.timers.tick(1000);
  assert.deepEqual(entries.map((entry) => entry.url), ["#asymmetry=q:1,300"]);
});

test("what waits to be written is written before a step, and when the page is left", async () => {
  const { put } = await address();
  put({ asymmetry: "q:1,2" }, false);
  put({ gaussians: "identical" }, true);
  await frame();
  assert.deepEqual(entries.map(({ kind, url }) => [kind, url]),
    [["replace", "#asymmetry=q:1,2"], ["push", "#asymmetry=q:1,2&gaussians=identical"]]);
  put({ asymmetry: "q:1,3" }, false);
  leave();
  assert.deepEqual(entries.map((entry) => entry.url).at(-1), "#asymmetry=q:1,3&gaussians=identical");
  mock.timers.tick(1000);
  assert.equal(entries.length, 3);
});

test("a step that has not been written is written before the next one, and when the page is left", async () => {
  const { put } = await address();
  put({ asymmetry: "identical" }, true);
  put({ asymmetry: "mirror-image" }, true);
  assert.deepEqual(entries.map(({ kind, url }) => [kind, url]), [["push", "#asymmetry=identical"]]);
  leave();
  await frame();
  assert.deepEqual(entries.map(({ kind, url }) => [kind, url]), [["push", "#asymmetry=identical"], ["push", "#asymmetry=mirror-image"]]);
});

test("what one step changes is one entry, with nothing of it in the entry before", async () => {
  const { put } = await address();
  put({ gaussians: "mu_p:1" }, false);
  put({ asymmetry: "identical", gaussians: "far-apart" }, true);
  await frame();
  assert.deepEqual(entries.map(({ kind, url }) => [kind, url]),
    [["replace", "#gaussians=mu_p:1"], ["push", "#gaussians=far-apart&asymmetry=identical"]]);
});

test("an entry that was left is not written into any more", async () => {
  const { follow, put } = await address();
  put({ asymmetry: "q:1,2" }, false);
  at("#asymmetry=identical");
  follow();
  mock.timers.tick(1000);
  assert.deepEqual(entries.map((entry) => entry.url), ["https://example.org/kl/?a=b#asymmetry=identical"]);
});

test("a figure that shows its first preset leaves the address, and without any the address is the page's own", async () => {
  const { put } = await address();
  put({ asymmetry: "identical" }, true);
  put({ gaussians: "far-apart" }, true);
  put({ asymmetry: "" }, true);
  put({ gaussians: "" }, true);
  await frame();
  assert.deepEqual(entries.map((entry) => entry.url), [
    "#asymmetry=identical", "#asymmetry=identical&gaussians=far-apart", "#gaussians=far-apart", "/kl/?a=b",
  ]);
});

test("what changes nothing leaves no entry", async () => {
  const { put } = await address();
  put({ asymmetry: "" }, true);
  put({ asymmetry: "identical" }, true);
  put({ asymmetry: "identical" }, true);
  await frame();
  assert.equal(entries.length, 1);
});

test("a browser that refuses to change the address loses nothing but the address", async () => {
  const { follow, put } = await address();
  Object.assign(history, { pushState() { throw new Error("too often"); }, replaceState() { throw new Error("sandboxed"); } });
  put({ asymmetry: "identical" }, true);
  await frame();
  put({ gaussians: "identical" }, false);
  assert.deepEqual([...follow()], [], "at a plain address the figures are as they come");
});
