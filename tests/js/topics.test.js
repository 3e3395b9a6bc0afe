// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { fit } from "../../src/klweb/browser/finder.js";
import { holds, outcome } from "../../src/klweb/browser/keeping.js";
import { Learner } from "../../src/klweb/browser/learner.js";
import { progress, standing } from "../../src/klweb/browser/topics.js";
import { count, duration, levelName, listed, told } from "../../src/klweb/browser/words.js";

// ── words ────────────────────────────────────────────────────────────────────────────────────

test("numbers and levels read as words do", () => {
  assert.deepEqual([count(0, "topic"), count(1, "topic"), count(2, "topic"), count(2, "sheep", "sheep")], ["0 topics", "1 topic", "2 topics", "2 sheep"]);
  assert.equal(levelName("upper-secondary"), "Upper secondary");
  assert.equal(levelName("graduate"), "Graduate");
});

test("durations are no more exact than anybody can know them", () => {
  const shown = [1, 7, 12, 43, 60, 88, 90, 120, 149, 151, 1800].map(duration);
  assert.deepEqual(shown, [
    "about 1 minute", "about 7 minutes", "about 10 minutes", "about 45 minutes", "about 60 minutes", "about 90 minutes",
    "about 2 hours", "about 2 hours", "about 2 hours", "about 3 hours", "about 30 hours",
  ]);
});

test("lists name the first few of many", () => {
  assert.deepEqual([[], ["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d", "e"]].map((words) => listed(words)),
    ["", "a", "a and b", "a, b and c", "a, b and 3 more"]);
  assert.equal(listed(["a", "b", "c"], 2), "a and 2 more");
});

test("every change can be named", () => {
  const names = /** @type {const} */ (["know", "unknow", "goal", "drop", "merge", "forget"])
    .map((kind) => told({ kind, ids: ["a", "b", "c"] }, (id) => id.toUpperCase()));
  assert.deepEqual(names, [
    "A and 2 more marked as known", "A and 2 more no longer marked", "A and 2 more set as a goal", "A and 2 more no longer a goal",
    "marks added", "everything forgotten",
  ]);
});

// ── search ───────────────────────────────────────────────────────────────────────────────────

const KL = { title: "KL divergence", keywords: ["relative entropy", "information gain", "Kullback–Leibler"] };
const GIBBS = { title: "Gibbs’ inequality", keywords: [] };

test("what is typed has to begin words of the title or of the keywords", () => {
  for (const query of ["kl", "KL div", "divergence", "div kl", "leibler", "Kullback-Leibler", "kullback leib", " gain  information", "relative kl", ""]) {
    assert.ok(fit(KL, query).rank, query);
  }
  for (const query of ["vergence", "kl entropies", "klx", "gibbs", "__proto__"]) {
    assert.equal(fit(KL, query).rank, 0, query);
  }
  assert.ok(fit(KL, "( \\ *").rank, "punctuation alone asks for nothing");
});

test("accents, apostrophes and dashes make no difference", () => {
  for (const query of ["gibbs", "Gibbs'", "gibbs’ ineq", "GIBBS INEQUALITY"]) assert.ok(fit(GIBBS, query).rank, query);
  assert.ok(fit({ title: "Poincaré’s lemma", keywords: [] }, "poincare").rank);
  assert.ok(fit({ title: "Jensen–Shannon divergence", keywords: [] }, "jensen-shannon").rank);
});

test("the topic itself fits better than what only mentions it", () => {
  const entropy = { title: "Entropy", keywords: ["uncertainty"] };
  const ranks = [entropy, { title: "Entropy rate", keywords: [] }, { title: "Cross-entropy", keywords: [] }, KL].map((topic) => fit(topic, "entropy").rank);
  assert.deepEqual(ranks, [4, 3, 2, 1]);
});

test("a keyword that fits is named where the title does not fit", () => {
  assert.equal(fit(KL, "information").alias, "information gain");
  assert.equal(fit(KL, "kl").alias, "");
  assert.equal(fit(KL, "relative entropy").rank, 3);
});

// ── sentences ────────────────────────────────────────────────────────────────────────────────

/** A learner with a chain of topics, and storage of its own. @param {string[]} ids */
function chain(...ids) {
  const topics = ids.map((id, place) => ({
    id, title: id.toUpperCase(), level: "primary", minutes: 60, summary: "", keywords: [], url: `topics/${id}/`,
    needs: /** @type {Record<string, string>} */ (place ? { [ids[place - 1]]: "it comes next" } : {}),
    below: `0x${((1n << BigInt(place)) - 1n).toString(16)}`, depth: place + 1, practice: false, was: [],
  }));
  const items = new Map();
  return new Learner(topics, () => ({
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, text) => void items.set(key, text),
    removeItem: (key) => void items.delete(key),
  }));
}

test("a topic’s page says how a reader stands to it", () => {
  const learner = chain("a", "b", "c");
  assert.equal(standing(learner, "a"), "It rests on nothing else: you can begin here.");
  assert.equal(standing(learner, "c"), "It rests on 2 other topics, of which you have marked none.");
  learner.know("c");
  assert.equal(standing(learner, "c"), "You know this; of the 2 topics that it rests on, you have marked none.");
  learner.know("a");
  assert.equal(standing(learner, "c"), "You know this; of the 2 topics that it rests on, you have marked 1.");
  assert.equal(standing(learner, "b"), "You know all that it rests on: you can learn it now.");
  learner.know("b");
  assert.equal(standing(learner, "c"), "You know this.");
});

test("progress is told for one goal and for several", () => {
  const learner = chain("a", "b", "c");
  learner.know("a");
  assert.equal(progress(learner, ["c"]), "Towards C: 1 of 3 topics known, about 2 hours left.");
  assert.equal(progress(learner, ["c", "b"]), "Towards your 2 goals: 1 of 3 topics known, about 2 hours left.");
  assert.equal(progress(learner, ["a"]), "You have reached A.");
});

test("what a link holds is told before anything is done with it", () => {
  const learner = chain("a", "b", "c");
  const said = (/** @type {string} */ text) => holds(learner.inspect(text), (id) => learner.topic(id).title);
  assert.equal(said("#learner=1_a.b_c_q~1~1~1~1~1~0"),
    "2 topics known, 1 goal (C) and answers to 1 question. 4 of these are new here. Merging adds to what you have marked, and you can take it back.");
  assert.equal(said("#learner=1_later_"), "1 name that this release of the site does not know. One of these is new here. Merging adds to what you have marked, and you can take it back.");
  assert.equal(said("#learner=1"), "nothing.");
  learner.know("a");
  assert.equal(said("#learner=1_a"), "1 topic known. You have all of it already.");
});

test("what came of a merge is told with what this release does not know", () => {
  assert.equal(outcome(3, []), "Added: 3 marks.");
  assert.equal(outcome(1, ["later", "even-later"]), "Added: 1 mark. This release of the site does not know “later” and “even-later”; the names are kept.");
  assert.equal(outcome(0, []), "Nothing new: you had all of it already.");
});
