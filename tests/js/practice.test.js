// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { firstWrong } from "../../src/klweb/browser/forms.js";
import { drawSeed, readLink, writeLink } from "../../src/klweb/browser/practice.js";
import { inWords, reviewOf } from "../../src/klweb/browser/review.js";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

test("an address names a variant, beside figures’ states", () => {
  assert.deepEqual(readLink("#practice=kl-two-coins:7"), { id: "kl-two-coins", seed: 7 });
  assert.deepEqual(readLink("#asymmetry=p:1,2;q:3,4&practice=kl-two-coins%3A12"), { id: "kl-two-coins", seed: 12 });
  assert.equal(readLink("#question-kl-two-coins"), undefined);
  assert.equal(readLink(""), undefined);
});

test("what is no seed is told apart from no link at all", () => {
  for (const text of ["", "x", "x:", "x:0", "x:-1", "x:1.5", "x:1e3", "x:07", "x:1000000", "x:7:8", "x: 7"]) assert.equal(readLink(`#practice=${text}`)?.seed, 0, text);
  assert.equal(readLink("#practice=x:999999")?.seed, 999_999);
});

test("a variant joins what the address holds, and takes the place of the last one", () => {
  assert.equal(writeLink("", "a:7"), "#practice=a:7");
  assert.equal(writeLink("#question-a", "a:7"), "#practice=a:7");
  assert.equal(writeLink("#asymmetry=identical&practice=b:3", "a:7"), "#asymmetry=identical&practice=a:7");
  assert.equal(writeLink("#practice=b:3&asymmetry=identical", ""), "#asymmetry=identical");
  assert.equal(writeLink("#practice=b:3", ""), "");
  assert.deepEqual(readLink(writeLink("#x=1", "kl-two-coins:42")), { id: "kl-two-coins", seed: 42 });
});

test("a new seed is one that links can hold, and never the last one", () => {
  assert.equal(drawSeed(1, () => 0), 2);
  assert.equal(drawSeed(5, () => 0), 1);
  assert.equal(drawSeed(999_999, () => 1 - 2 ** -53), 999_998);
  assert.equal(drawSeed(1, () => 1 - 2 ** -53), 999_999);
  for (let i = 0; i < 1000; i += 1) {
    const seed = drawSeed(1);
    assert.ok(Number.isInteger(seed) && seed > 1 && seed < 1e6);
  }
});

test("the first step that stands wrong stands too early", () => {
  assert.equal(firstWrong([0, 1, 2, 3]), -1);
  assert.equal(firstWrong([0, 3, 1, 2]), 1);
  assert.equal(firstWrong([2, 0, 1]), 0);
  for (const order of [[1, 0, 2], [0, 2, 1], [2, 1, 0]]) {
    const place = firstWrong(order);
    assert.ok(order[place] > place);
  }
});

test("times to come are said as people do", () => {
  const said = { "in 1 minute": 1, "in 10 minutes": 10 * MINUTE - 1, "in 2 hours": 130 * MINUTE, tomorrow: DAY - 1, "in 3 days": 3 * DAY, "in 7 days": 7 * DAY, "in 3 weeks": 21 * DAY, "in 9 weeks": 60 * DAY };
  for (const [words, time] of Object.entries(said)) assert.equal(inWords(time), words);
});

const NOW = 1e12;
const QUESTIONS = [
  { id: "kl-a", topic: "kl", words: "Work it out" },
  { id: "kl-b", topic: "kl", words: "Choose" },
  { id: "kl-c", topic: "kl", words: "Choose" },
  { id: "h-a", topic: "entropy", words: "Put in order" },
];

/** @param {Record<string, object>} practice @returns {any} */
function learner(practice) {
  const records = Object.fromEntries(Object.entries(practice).map(([id, record]) =>
    [id, { box: 0, due: NOW, seen: 1, right: 0, last: NOW, missed: true, ...record }]));
  return {
    state: { version: 1, known: [], goals: [], practice: records },
    topic: (/** @type {string} */ id) => ({ title: id.toUpperCase(), url: `https://site/topics/${id}/` }),
    due: (/** @type {number} */ now) => Object.entries(records).filter(([, { missed, due }]) => missed && due <= now)
      .sort(([, one], [, other]) => one.due - other.due).map(([id]) => id),
  };
}

test("who missed nothing has nothing to review", () => {
  const { due, later, topics } = reviewOf(learner({ "kl-a": { missed: false, box: 1, due: NOW + DAY } }), QUESTIONS, NOW);
  assert.deepEqual([due, later], [[], []]);
  assert.deepEqual(topics.map(({ title, right, seen, total }) => [title, right, seen, total]), [["KL", 1, 1, 3], ["ENTROPY", 0, 0, 1]]);
});

test("what is due comes first, the oldest at the top, and leads to its question", () => {
  const { due, later } = reviewOf(learner({
    "kl-b": { due: NOW - 5 }, "h-a": { due: NOW - 9 }, "kl-a": { box: 2, due: NOW + 3 * DAY }, "kl-c": { due: NOW + 10 * MINUTE },
  }), QUESTIONS, NOW);
  assert.deepEqual(due, [
    { url: "https://site/topics/entropy/#question-h-a", text: "ENTROPY, question 1: put in order", when: "" },
    { url: "https://site/topics/kl/#question-kl-b", text: "KL, question 2: choose", when: "" },
  ]);
  assert.deepEqual(later.map(({ text, when }) => [text, when]), [["KL, question 3: choose", "in 10 minutes"], ["KL, question 1: work it out", "in 3 days"]]);
});

test("a topic counts what was right when it was last answered", () => {
  const { topics } = reviewOf(learner({ "kl-a": { box: 3 }, "kl-b": { box: 0, right: 4 } }), QUESTIONS, NOW);
  assert.deepEqual(topics[0], { url: "https://site/topics/kl/", title: "KL", right: 1, seen: 2, total: 3 });
});

test("records of questions that the site no longer has are passed over", () => {
  const { due, later } = reviewOf(learner({ gone: { due: NOW - 1 }, away: { due: NOW + DAY } }), QUESTIONS, NOW);
  assert.deepEqual([due, later], [[], []]);
});
