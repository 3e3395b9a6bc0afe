// @ts-check
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Learner } from "../../src/klweb/browser/learner.js";
import { MOST } from "../../src/klweb/browser/marks.js";
import { KEY, UNREADABLE } from "../../src/klweb/browser/store.js";

/** @typedef {import("../../src/klweb/browser/learner.js").Topic} Topic */

const DAY = 86_400_000;

/**
 * A small graph, in an order in which it can be learnt, as the build writes it.
 * @param {Record<string, {needs?: Record<string, string>, minutes?: number, was?: string[]}>} table
 * @returns {Topic[]}
 */
function graph(table) {
  const ids = Object.keys(table);
  /** @type {bigint[]} */
  const below = [];
  return ids.map((id, place) => {
    const { needs = {}, minutes = 10, was = [] } = table[id];
    below[place] = Object.keys(needs).reduce((mask, need) => mask | below[ids.indexOf(need)] | (1n << BigInt(ids.indexOf(need))), 0n);
    return {
      id, title: id.toUpperCase(), level: "primary", minutes, summary: `About ${id}.`, keywords: [], url: `topics/${id}/`, needs,
      below: `0x${below[place].toString(16)}`, depth: 1, practice: false, was,
    };
  });
}

const TABLE = {
  counting: {},
  fractions: { needs: { counting: "numerator and denominator are counts" }, minutes: 30 },
  logarithms: { needs: { counting: "powers count factors" }, minutes: 40 },
  probability: { needs: { fractions: "a probability is a fraction" }, minutes: 25 },
  entropy: { needs: { probability: "it averages", logarithms: "it is measured in bits" }, minutes: 60 },
  "kl-divergence": { needs: { entropy: "it is what is paid on top" }, minutes: 60, was: ["relative-entropy"] },
  elbo: { needs: { "kl-divergence": "the gap is one" }, minutes: 90 },
};
const TOPICS = graph(TABLE);

/** Storage that several tabs share: what one writes, the others are told. */
class Shelf {
  /** @type {Map<string, string>} */
  items = new Map();
  /** @type {{window: EventTarget}[]} */
  tabs = [];
  isFull = false;
  writes = 0;

  /**
   * Open a page with the site in it.
   * @param {{topics?: Topic[], deaf?: boolean, now?: () => number}} [options]
   */
  open({ topics = TOPICS, deaf = false, now } = {}) {
    const tab = { window: new EventTarget() };
    Object.assign(globalThis, { window: tab.window });
    if (!deaf) this.tabs.push(tab);
    const storage = () => ({
      getItem: (/** @type {string} */ key) => this.items.get(key) ?? null,
      setItem: (/** @type {string} */ key, /** @type {string} */ text) => {
        if (this.isFull) throw new DOMException("full", "QuotaExceededError");
        this.items.set(key, text);
        this.writes += 1;
        this.#tell(tab, key);
      },
      removeItem: (/** @type {string} */ key) => { if (this.items.delete(key)) this.#tell(tab, key); },
    });
    return new Learner(topics, storage, now);
  }

  /** @param {object} writer @param {string} key */
  #tell(writer, key) {
    for (const tab of this.tabs) if (tab !== writer) tab.window.dispatchEvent(Object.assign(new Event("storage"), { key }));
  }

  /** What is stored, as data. */
  get data() {
    return JSON.parse(this.items.get(KEY) ?? "null");
  }
}

/** @type {Shelf} */
let shelf;
/** @type {import("node:test").Mock<typeof console.warn>} */
let warned;

beforeEach(() => {
  shelf = new Shelf();
  warned = mock.method(console, "warn", () => {});
});
afterEach(() => mock.reset());

/** @param {Learner} learner @param {string[]} [goals] */
const steps = (learner, goals) => learner.path(goals).map(({ topic }) => topic.id);

// ── marks ────────────────────────────────────────────────────────────────────────────────────

test("what is marked is stored at once, and found again", () => {
  const first = shelf.open();
  assert.deepEqual(first.state, { version: 1, known: [], goals: [], practice: {} });
  assert.equal(shelf.writes, 0, "who marks nothing leaves nothing behind");
  first.know("logarithms", "counting");
  first.addGoal("elbo");
  const again = shelf.open();
  assert.deepEqual(again.state, { version: 1, known: ["counting", "logarithms"], goals: ["elbo"], practice: {} });
  assert.ok(again.isKnown("counting") && !again.isKnown("entropy") && again.isGoal("elbo"));
  assert.ok(again.kept);
});

test("taking a mark back says nothing about what rests on it", () => {
  const learner = shelf.open();
  learner.know("counting", "fractions");
  learner.unknow("counting");
  assert.deepEqual(learner.state.known, ["fractions"]);
});

test("listeners are told at once and after each change, until they end it", () => {
  const learner = shelf.open();
  let calls = 0;
  const end = learner.subscribe(() => { calls += 1; });
  assert.equal(calls, 1);
  learner.know("counting");
  learner.know("counting");
  assert.equal(calls, 2, "what changes nothing is no change");
  learner.addGoal("elbo");
  end();
  learner.dropGoal("elbo");
  assert.equal(calls, 3);
});

test("a topic that is not there is a mistake; an old name is not", () => {
  const learner = shelf.open();
  assert.throws(() => learner.know("nonsense"), RangeError);
  assert.throws(() => learner.addGoal("constructor"), RangeError);
  assert.equal(learner.isKnown("__proto__"), false);
  learner.know("relative-entropy");
  assert.deepEqual(learner.state.known, ["kl-divergence"]);
  assert.equal(learner.topic("relative-entropy").id, "kl-divergence");
});

test("what a topic rests on and is not known comes in order", () => {
  const learner = shelf.open();
  learner.know("fractions");
  assert.deepEqual(learner.missingBelow("entropy"), ["counting", "logarithms", "probability"]);
  assert.deepEqual(learner.missingBelow("counting"), []);
});

// ── paths ────────────────────────────────────────────────────────────────────────────────────

test("a path holds what is left, in order, with what is ready and why each is needed", () => {
  const learner = shelf.open();
  learner.know("counting", "logarithms");
  learner.addGoal("entropy");
  assert.deepEqual(learner.path().map(({ topic, ready, why }) => [topic.id, ready, why.map(({ id }) => id)]), [
    ["fractions", true, ["probability"]],
    ["probability", false, ["entropy"]],
    ["entropy", false, []],
  ]);
  assert.deepEqual(learner.path()[0].why[0], { id: "probability", title: "PROBABILITY", why: "a probability is a fraction" });
  assert.deepEqual(learner.progress(), { done: 2, total: 5, minutesLeft: 115 });
});

test("several goals share one path, in which no topic stands twice", () => {
  const learner = shelf.open();
  learner.addGoal("probability");
  learner.addGoal("logarithms");
  assert.deepEqual(steps(learner), ["counting", "fractions", "logarithms", "probability"]);
  assert.deepEqual(learner.path()[0].why.map(({ id }) => id), ["fractions", "logarithms"]);
  assert.deepEqual(steps(learner, ["logarithms"]), ["counting", "logarithms"]);
  assert.deepEqual(learner.progress(["logarithms"]), { done: 0, total: 2, minutesLeft: 50 });
});

test("without goals there is no path; a goal that is known is reached", () => {
  const learner = shelf.open();
  assert.deepEqual([learner.path(), learner.progress()], [[], { done: 0, total: 0, minutesLeft: 0 }]);
  learner.addGoal("counting");
  learner.know("counting");
  assert.deepEqual([learner.path(), learner.progress()], [[], { done: 1, total: 1, minutesLeft: 0 }]);
  assert.ok(learner.isGoal("counting"));
});

test("what only known topics need says so, and still has a reason", () => {
  const learner = shelf.open();
  learner.know("fractions", "logarithms");
  learner.addGoal("probability");
  assert.deepEqual(learner.path().map(({ topic, why }) => [topic.id, why.map(({ id }) => id)]),
    [["counting", ["fractions"]], ["probability", []]]);
});

test("masks reach beyond what a double can hold", () => {
  /** @type {Record<string, {needs?: Record<string, string>}>} */
  const table = { t0: {} };
  for (let i = 1; i < 200; i += 1) table[`t${i}`] = { needs: { [`t${i - 1}`]: "next" } };
  const learner = shelf.open({ topics: graph(table) });
  learner.addGoal("t199");
  learner.know("t60", "t198");
  assert.equal(learner.path().length, 198);
  assert.deepEqual(learner.progress(), { done: 2, total: 200, minutesLeft: 1980 });
});

// ── undo ─────────────────────────────────────────────────────────────────────────────────────

test("changes are taken back one by one", () => {
  const learner = shelf.open();
  learner.know("counting");
  learner.know("fractions", "logarithms");
  learner.addGoal("elbo");
  learner.dropGoal("elbo");
  assert.deepEqual(learner.lastChange && [learner.lastChange.kind, learner.lastChange.ids], ["drop", ["elbo"]]);
  learner.undo();
  assert.deepEqual(learner.state.goals, ["elbo"]);
  learner.undo();
  learner.undo();
  assert.deepEqual(learner.state.known, ["counting"]);
  assert.deepEqual(shelf.data.known, ["counting"]);
  learner.undo();
  assert.ok(learner.isEmpty);
  assert.equal(learner.undo(), undefined);
});

test("undoing leaves alone what another tab did meanwhile", () => {
  const [one, other] = [shelf.open(), shelf.open()];
  one.know("counting");
  other.know("fractions");
  one.undo();
  assert.deepEqual([one.state.known, other.state.known], [["fractions"], ["fractions"]]);
});

test("a goal that comes back comes back to its place", () => {
  const learner = shelf.open();
  for (const goal of ["elbo", "entropy", "counting"]) learner.addGoal(goal);
  learner.dropGoal("elbo");
  learner.undo();
  assert.deepEqual(learner.state.goals, ["elbo", "entropy", "counting"]);
});

test("forgetting everything empties the storage, too, and can be taken back", () => {
  const learner = shelf.open();
  learner.know("counting");
  learner.addGoal("elbo");
  learner.practised("kl-two-coins", false);
  const before = learner.state;
  shelf.items.set(UNREADABLE, "{");
  learner.forget();
  assert.ok(learner.isEmpty);
  assert.ok(!shelf.items.has(UNREADABLE));
  assert.ok(!/counting|elbo|kl-two-coins/.test(shelf.items.get(KEY) ?? ""));
  learner.undo();
  assert.deepEqual(learner.state, before);
});

// ── practice ─────────────────────────────────────────────────────────────────────────────────

test("questions rest longer each time they are right when due", () => {
  let now = 1_700_000_000_000;
  const learner = shelf.open({ now: () => now });
  learner.practised("q", false);
  assert.deepEqual(learner.state.practice.q, { box: 0, due: now + DAY / 144, seen: 1, right: 0, last: now, missed: true });
  assert.deepEqual([learner.due(), learner.due(now + DAY)], [[], ["q"]]);
  for (const [box, days] of [[1, 1], [2, 3], [3, 7], [4, 21], [5, 60], [5, 60]]) {
    now = learner.state.practice.q.due;
    learner.practised("q", true);
    const record = learner.state.practice.q;
    assert.deepEqual([record.box, record.due], [box, now + days * DAY]);
  }
  learner.practised("q", false);
  assert.deepEqual([learner.state.practice.q.box, learner.state.practice.q.due], [0, now + DAY / 144]);
});

test("right ahead of time moves nothing: who has just read the solution can tell it", () => {
  let now = 1e12;
  const learner = shelf.open({ now: () => now });
  learner.practised("q", false);
  learner.practised("q", true);
  const { box, due } = learner.state.practice.q;
  for (let i = 0; i < 5; i += 1) learner.practised("q", true);
  assert.deepEqual(learner.state.practice.q, { box, due, seen: 7, right: 6, last: now, missed: true });
});

test("only what was missed is asked again, the longest due first", () => {
  let now = 1e12;
  const learner = shelf.open({ now: () => now });
  for (const [question, right] of /** @type {[string, boolean][]} */ ([["b", false], ["easy", true], ["a", false]])) {
    learner.practised(question, right);
    now += 1000;
  }
  assert.deepEqual(learner.due(now + DAY), ["b", "a"]);
  assert.equal(learner.lastChange, undefined, "an answer is not taken back");
  assert.throws(() => learner.practised("__proto__", true), RangeError);
});

// ── several tabs ─────────────────────────────────────────────────────────────────────────────

test("tabs follow each other", () => {
  const [one, other] = [shelf.open(), shelf.open()];
  let told = 0;
  other.subscribe(() => { told += 1; });
  one.know("counting");
  other.know("fractions");
  one.unknow("counting");
  assert.deepEqual([one.state.known, other.state.known], [["fractions"], ["fractions"]]);
  assert.equal(told, 4);
});

test("a change is made to what is stored, also by a tab that was not told of it", () => {
  const [one, deaf] = [shelf.open(), shelf.open({ deaf: true })];
  one.know("counting");
  deaf.know("fractions");
  assert.deepEqual(one.state.known, ["counting", "fractions"]);
  one.unknow("counting");
  deaf.addGoal("elbo");
  assert.deepEqual(deaf.state.known, ["fractions"]);
});

test("a page that comes back out of the browser's memory looks again", () => {
  const back = shelf.open({ deaf: true });
  const { window } = globalThis;
  shelf.open().know("counting");
  window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  assert.deepEqual(back.state.known, ["counting"]);
});

test("storage that somebody else emptied does not empty the page", () => {
  const learner = shelf.open();
  learner.know("counting");
  shelf.items.clear();
  learner.know("fractions");
  assert.deepEqual(shelf.data.known, ["counting", "fractions"]);
});

// ── storage that refuses ─────────────────────────────────────────────────────────────────────

test("without storage everything works for the visit, and it is known that nothing is kept", () => {
  const learner = new Learner(TOPICS, () => { throw new DOMException("denied", "SecurityError"); });
  assert.equal(learner.kept, false);
  learner.know("counting");
  learner.addGoal("entropy");
  learner.unknow("counting");
  learner.practised("q", false);
  assert.deepEqual([learner.state.known, steps(learner).length], [[], 5]);
  learner.forget();
  learner.undo();
  assert.ok(learner.isGoal("entropy"));
});

test("a full storage is tried again with each change, and what could not be kept is kept then", () => {
  const learner = shelf.open();
  learner.know("counting", "fractions");
  shelf.isFull = true;
  assert.ok(learner.kept);
  learner.unknow("counting");
  assert.equal(learner.kept, false);
  assert.deepEqual(learner.state.known, ["fractions"]);
  learner.know("logarithms");
  assert.deepEqual(learner.state.known, ["fractions", "logarithms"], "what is stored does not come back");
  shelf.isFull = false;
  learner.addGoal("elbo");
  assert.ok(learner.kept);
  assert.deepEqual([shelf.data.known, shelf.data.goals], [["fractions", "logarithms"], ["elbo"]]);
});

test("what a full storage did not take is not lost when another tab writes", () => {
  const [one, other] = [shelf.open(), shelf.open()];
  shelf.isFull = true;
  one.know("counting");
  shelf.isFull = false;
  other.know("fractions");
  assert.deepEqual(one.state.known, ["counting", "fractions"]);
});

// ── other releases ───────────────────────────────────────────────────────────────────────────

/** As an older release left it: with topics that have other names today, one that was split up, and one that went away. */
const OLD = JSON.stringify({
  version: 1,
  known: ["counting", "relative-entropy", "abacus"],
  goals: ["variational-bound", "relative-entropy"],
  practice: { "old-question": { box: 2, due: 5, seen: 3, right: 2, last: 4, missed: true } },
});

test("an old release's marks are read with today's names, and nothing is dropped", () => {
  shelf.items.set(KEY, OLD);
  const topics = graph({ ...TABLE, elbo: { ...TABLE.elbo, was: ["evidence-bound", "variational-bound"] } });
  const learner = shelf.open({ topics });
  assert.deepEqual(learner.state, {
    version: 1, known: ["counting", "kl-divergence"], goals: ["elbo", "kl-divergence"],
    practice: { "old-question": { box: 2, due: 5, seen: 3, right: 2, last: 4, missed: true } },
  });
  learner.know("fractions");
  assert.deepEqual(shelf.data.unknown, { known: ["abacus"], goals: [] });
  assert.ok(learner.export().includes("abacus") && learner.link().includes("abacus"));
});

test("names that only a later release knows come back with it", () => {
  shelf.items.set(KEY, OLD);
  shelf.open().know("fractions");
  assert.deepEqual(shelf.data.unknown, { known: ["abacus"], goals: ["variational-bound"] });
  const later = shelf.open({ topics: graph({ ...TABLE, abacus: {}, "elbo-bound": { was: ["variational-bound"] } }) });
  assert.deepEqual([later.state.known, later.state.goals],
    [["counting", "fractions", "kl-divergence", "abacus"], ["kl-divergence", "elbo-bound"]]);
});

test("two old names of one topic are one mark", () => {
  const topics = graph({ ...TABLE, entropy: { ...TABLE.entropy, was: ["shannon-entropy", "uncertainty"] } });
  shelf.items.set(KEY, JSON.stringify({ version: 1, known: ["shannon-entropy", "uncertainty", "entropy"] }));
  assert.deepEqual(shelf.open({ topics }).state.known, ["entropy"]);
});

test("what a newer release stored is left alone", () => {
  const text = JSON.stringify({ version: 2, knowledge: [["counting", 0.9]] });
  shelf.items.set(KEY, text);
  const learner = shelf.open();
  assert.ok(!learner.kept && learner.isOutdated && learner.isEmpty);
  learner.know("counting");
  assert.equal(shelf.items.get(KEY), text);
  assert.ok(learner.isKnown("counting"));
});

test("what cannot be read is put aside, and the rest is read", () => {
  const text = JSON.stringify({ version: 1, known: ["counting", 7, "Not A Name", "fractions"], practice: { q: { box: 9 }, r: { box: 1, due: 1, seen: 1, right: 1, last: 1, missed: false } } });
  for (const [stored, known] of /** @type {[string, string[]][]} */ ([[text, ["counting", "fractions"]], ["{oops", []], ["", []], ["[]", []], ["{}", []]])) {
    shelf = new Shelf();
    shelf.items.set(KEY, stored);
    const learner = shelf.open();
    assert.deepEqual(learner.state.known, known, stored);
    assert.equal(shelf.items.get(UNREADABLE), stored);
    assert.ok(learner.kept);
  }
  assert.equal(warned.mock.callCount(), 5);
});

// ── files and links ──────────────────────────────────────────────────────────────────────────

/** A reader with a bit of everything. @param {number} [now] */
function busy(now = 1_700_000_000_000) {
  const learner = new Shelf().open({ now: () => now });
  learner.know("counting", "fractions");
  learner.addGoal("elbo");
  learner.addGoal("entropy");
  learner.practised("kl-two-coins", false);
  learner.practised("kl-two-coins", true);
  learner.practised("entropy-of-a-die", true);
  return learner;
}

test("a file holds everything, and is read again as it was", () => {
  const [one, other] = [busy(), shelf.open()];
  const text = one.export();
  assert.deepEqual(other.inspect(text), { known: ["counting", "fractions"], goals: ["elbo", "entropy"], practice: ["kl-two-coins", "entropy-of-a-die"], unknown: [], added: 6 });
  assert.ok(other.isEmpty, "looking changes nothing");
  assert.deepEqual(other.merge(text), { added: 6, unknown: [] });
  assert.deepEqual(other.state, one.state);
});

test("a link holds everything, to the minute, in characters that survive any mail", () => {
  const [one, other] = [busy(1_700_000_040_000), shelf.open()];
  const link = one.link();
  assert.match(link, /^#learner=[\w.~-]+$/);
  other.merge(`Look: https://example.org/topics/${link} !`.split(" ")[1]);
  assert.deepEqual(other.state, one.state, "the time was a whole minute");
  assert.deepEqual(shelf.open().merge(link), { added: 0, unknown: [] });
});

test("a link of everything in a graph of 200 topics stays a link", () => {
  const table = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`a-topic-with-a-name-${i}`, {}]));
  const learner = shelf.open({ topics: graph(table) });
  learner.know(...Object.keys(table));
  assert.ok(learner.link().length < 5000);
});

test("merging the same twice is merging it once, also the own", () => {
  const [one, other] = [busy(), shelf.open()];
  other.know("logarithms");
  other.merge(one.export());
  const { state } = other;
  for (const text of [one.export(), one.link(), other.export(), other.link()]) {
    assert.equal(other.merge(text).added, 0);
    assert.deepEqual(other.state, state);
  }
  other.undo();
  assert.deepEqual(other.state.known, ["logarithms"], "a merge that adds nothing leaves nothing to undo");
});

test("it does not matter who merges whom, but for the order of goals", () => {
  const texts = [busy(1e12), busy(2e12)].map((learner, index) => {
    learner.know(["logarithms", "probability"][index]);
    learner.addGoal(["counting", "kl-divergence"][index]);
    learner.practised(["a", "b"][index], false);
    return learner.export();
  });
  const states = [texts, [...texts].reverse()].map((order) => {
    const learner = new Shelf().open();
    order.forEach((text) => learner.merge(text));
    return { ...learner.state, goals: learner.state.goals.sort() };
  });
  assert.deepEqual(states[0], states[1]);
  assert.equal(states[0].practice["kl-two-coins"].last, 2e12, "of each question the newer record stays");
});

test("records of one moment are told apart by themselves, whoever comes first", () => {
  const record = { box: 1, due: 9, seen: 2, right: 1, last: 5, missed: true };
  const texts = [record, { ...record, due: 8 }, { ...record, seen: 3 }].map((item) => JSON.stringify({ version: 1, practice: { q: item } }));
  const outcomes = [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]].map((order) => {
    const learner = new Shelf().open();
    order.forEach((place) => learner.merge(texts[place]));
    return learner.state.practice.q;
  });
  for (const outcome of outcomes) assert.deepEqual(outcome, outcomes[0]);
});

test("a merge is one change, which can be taken back", () => {
  const learner = shelf.open();
  learner.know("counting");
  learner.practised("own", false);
  const before = learner.state;
  learner.merge(busy().export());
  assert.equal(learner.lastChange?.kind, "merge");
  learner.undo();
  assert.deepEqual(learner.state, before);
});

test("merging uses today's names, and keeps those it does not know", () => {
  const learner = shelf.open();
  assert.deepEqual(learner.merge(OLD), { added: 6, unknown: ["abacus", "variational-bound"] });
  assert.deepEqual(learner.state.known, ["counting", "kl-divergence"]);
  assert.deepEqual(learner.merge(OLD).added, 0);
});

test("what is no file and no link of marks is refused in a sentence, and changes nothing", () => {
  const learner = shelf.open();
  learner.know("counting");
  const before = learner.export();
  for (const [text, sentence] of /** @type {[string, RegExp][]} */ ([
    ["", /neither a file nor a link/],
    ["counting, fractions", /neither a file nor a link/],
    ["https://example.org/topics/#learned=1_a", /neither a file nor a link/],
    ['{"version": 1, "known": ["cou', /damaged or incomplete/],
    ["{}", /no version/],
    ['{"version": "1"}', /no version/],
    ['{"version": 0}', /no version/],
    ['{"version": 1.5}', /no version/],
    ["#learner=", /no version/],
    ["#learner=x_y", /no version/],
    ['{"version": 3}', /newer release/],
    ["#learner=2_counting", /newer release/],
    ['{"version": 1, "known": "counting"}', /Its topics known are no list/],
    ['{"version": 1, "goals": {"0": "elbo"}}', /Its goals are no list/],
    ['{"version": 1, "known": ["counting", "<img src=x onerror=alert(1)>"]}', /Entry 2 of its topics known is no topic’s name/],
    ['{"version": 1, "known": [null]}', /Entry 1/],
    [`{"version": 1, "known": ["${"a".repeat(81)}"]}`, /Entry 1/],
    ['{"version": 1, "unknown": {"goals": [{}]}}', /Entry 1 of its goals/],
    ['{"version": 1, "practice": []}', /no table/],
    ['{"version": 1, "practice": {"__proto__": {"box": 1}}}', /Record 1 of its practice/],
    ['{"version": 1, "practice": {"q": {"box": 6, "due": 1, "seen": 1, "right": 1, "last": 1, "missed": true}}}', /Record 1/],
    ['{"version": 1, "practice": {"q": {"box": 1, "due": 1e300, "seen": 1, "right": 1, "last": 1, "missed": true}}}', /Record 1/],
    ['{"version": 1, "practice": {"q": {"box": 1, "due": 1, "seen": 1, "right": 2, "last": 1, "missed": true}}}', /Record 1/],
    ['{"version": 1, "practice": {"q": {"box": 1, "due": 1, "seen": 1, "right": 1, "last": 1, "missed": "yes"}}}', /Record 1/],
    ["#learner=1_a_b_q~1~1~1~1~1", /Record 1/],
    ["#learner=1_a_b_q~1~zzzzzzzzzz~1~1~1~1", /Record 1/],
    ["#learner=1_a_b__more", /more parts/],
    ["#learner=1_a,b", /Entry 1/],
    ["#learner=1_%3Cscript%3E", /Entry 1/],
    [JSON.stringify({ version: 1, known: Array.from({ length: MOST.known + 1 }, (_, i) => `t${i}`) }), /more than 2000 topics/],
    [`{"version": 1}${" ".repeat(MOST.characters)}`, /too long/],
    [`{"version": 1, "known": ${"[".repeat(200_000)}`, /damaged/],
  ])) {
    assert.throws(() => learner.merge(text), (error) => error instanceof Error && sentence.test(error.message), text.slice(0, 100));
    assert.throws(() => learner.inspect(text), Error);
    assert.equal(learner.export(), before);
  }
});

test("marks that together are too many are refused", () => {
  const learner = shelf.open();
  const half = (/** @type {string} */ letter) => JSON.stringify({ version: 1, known: Array.from({ length: MOST.known - 10 }, (_, i) => `${letter}${i}`) });
  learner.merge(half("a"));
  const before = learner.export();
  assert.throws(() => learner.merge(half("b")), /more than can be kept/);
  assert.equal(learner.export(), before);
});

// ── hostile texts ────────────────────────────────────────────────────────────────────────────

/** A generator of numbers in [0, 1) that gives the same ones each time. @param {number} seed */
function dice(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

test("ten thousand hostile texts: read, or refused with a sentence; nothing else ever happens", () => {
  const chance = dice(7);
  const pick = (/** @type {any[]} */ items) => items[Math.floor(chance() * items.length)];
  const words = ["counting", "elbo", "relative-entropy", "later-topic", "", "__proto__", "constructor", "toString", "a".repeat(90), "<b>x</b>", "\u0000", "ü", "1", "-"];
  const values = [null, true, 0, -0, 1, -1, 1.5, 6, 1e15, 9e15, 1e300, NaN, Infinity, "", "x", "1", [], {}, [[]], { length: 3 }];
  /** @returns {any} */
  const anything = (depth = 3) => {
    const kind = chance();
    if (!depth || kind < 0.5) return pick([...values, ...words]);
    const items = some(5, () => anything(depth - 1));
    return kind < 0.75 ? items : Object.fromEntries(items.map((item) => [pick([...words, "version", "known", "box", "missed"]), item]));
  };
  const some = (/** @type {number} */ most, /** @type {() => any} */ make) => Array.from({ length: Math.floor(chance() * most) }, make);
  /** Mostly what it should be. @param {() => any} sound */
  const mostly = (sound) => (chance() < 0.97 ? sound() : anything());
  const names = () => mostly(() => some(6, () => mostly(() => pick(words.slice(0, 4)))));
  const record = () => ({
    box: mostly(() => pick([0, 5])), due: mostly(() => 1e12 * chance()), seen: mostly(() => 3), right: mostly(() => pick([0, 3])),
    last: mostly(() => pick([0, 1e12])), missed: mostly(() => pick([true, false])),
  });
  const file = () => JSON.stringify({
    version: mostly(() => 1), known: names(), goals: names(),
    practice: mostly(() => Object.fromEntries(some(4, () => [pick(words.slice(0, chance() < 0.9 ? 4 : 14)), mostly(record)]))),
    unknown: mostly(() => pick([undefined, { known: names(), goals: names() }])),
  });
  const valid = [busy().export(), busy().link(), OLD];
  const letters = '{}[]":,._~#&=%-\\ \n\u0000aé0919e+learner=version';
  const damaged = () => {
    const text = [...pick([...valid, file()])];
    for (let i = 0; i < 1 + chance() * 4; i += 1) {
      const at = Math.floor(chance() * text.length);
      text.splice(at, pick([0, 1, 1, 5, 40]), pick([...letters]));
    }
    return text.join("");
  };
  const noise = () => pick(["", "{", "#learner=", "#learner=1_"]) + Array.from({ length: Math.floor(chance() * 60) }, () => pick([...letters])).join("");

  const learner = shelf.open({ topics: graph(TABLE) });
  const prototype = Object.getOwnPropertyNames(Object.prototype).sort().join();
  let [read, refused] = [0, 0];
  for (let i = 0; i < 10_000; i += 1) {
    const text = pick([file, file, damaged, noise])();
    const before = learner.export();
    let known = learner.state.known.length;
    try {
      learner.merge(text);
      read += 1;
    } catch (error) {
      refused += 1;
      assert.ok(error instanceof Error && error.constructor.name === "MarksError", `${text}\n${error}`);
      assert.match(error.message, /^[A-Z][^<>]*\.$/);
      assert.equal(learner.export(), before, text);
    }
    assert.ok(learner.state.known.length >= known, "nothing is taken away");
    if (i % 100 === 0) {
      // What was let in can be used, kept and read again.
      learner.path();
      learner.progress();
      learner.due();
      assert.deepEqual(new Shelf().open().merge(learner.export()).unknown, learner.inspect(learner.export()).unknown);
      assert.deepEqual(shelf.open().state, learner.state);
    }
    if (i % 500 === 0) learner.forget();
  }
  assert.ok(read > 1000 && refused > 3000, `${read} read, ${refused} refused`);
  assert.equal(Object.getOwnPropertyNames(Object.prototype).sort().join(), prototype);
  assert.equal(/** @type {any} */ ({}).box, undefined);
});

test("the same texts in the storage stop no page", () => {
  const chance = dice(11);
  const text = [...busy().export()];
  for (let i = 0; i < 500; i += 1) {
    const at = Math.floor(chance() * text.length);
    shelf.items.set(KEY, [...text.slice(0, at), String.fromCharCode(32 + chance() * 95), ...text.slice(at + Math.floor(chance() * 9))].join(""));
    const learner = shelf.open({ deaf: true });
    learner.path(["elbo"]);
    learner.know("counting");
    assert.ok(learner.isKnown("counting"));
  }
});
