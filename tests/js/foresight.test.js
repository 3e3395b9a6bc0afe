// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Foresight } from "../../src/klweb/browser/foresight.js";

/** A movement of the slider, or of another. */
const move = (/** @type {number} */ value, name = "slider") => ({ type: /** @type {const} */ ("set"), name, value });

/** A figure with one slider from 0 to 1 in steps of 0.1, and a Python that says to each event that it happened. */
function makeFigure() {
  const first = { state: "preset" };
  const input = { min: "0", max: "1", step: "0.1" };
  /** @type {number[][]} the values asked for, one list for each question */
  const questions = [];
  /** @type {(() => void)[]} */
  const held = [];
  const figure = {
    name: "widget", element: { id: "figure", querySelector: () => input }, picture: { frame: "phone" },
    shown: /** @type {any} */ (first), waiting: new Map(), asked: new Map(), busy: false, isLoading: false,
    opening: /** @type {any} */ (null), begin: undefined,
    /** What Python says to a question. */
    say: (/** @type {any} */ question) => (/** @type {any} */ ({
      status: "ok",
      value: { ok: true, answers: question.events.map((/** @type {any} */ { name, value }) => ({ ok: true, state: { base: question.state, name, value }, errors: [] })) },
    })),
    runtime: {
      snapshot: { phase: "ready" },
      request: (/** @type {string} */ key, /** @type {any} */ question, /** @type {boolean} */ isWanted) => {
        assert.equal(key, "figure ahead");
        assert.equal(isWanted, false, "nobody waits for it");
        assert.deepEqual([question.op, question.widget, question.frame], ["each", "widget", "phone"]);
        questions.push(question.events.map((/** @type {any} */ event) => event.value));
        return new Promise((resolve) => { held.push(() => resolve(figure.say(question))); });
      },
    },
  };
  const foresight = new Foresight(/** @type {any} */ (figure));
  /** Let Python answer so many questions. */
  const answer = async (times = 99) => {
    for (let time = 0; time < times && held.length; time += 1) {
      held.shift()?.();
      await turn();
    }
  };
  /** Do what a figure does with a movement; return whether it was foreseen. */
  const control = (/** @type {ReturnType<typeof move>} */ event) => {
    figure.waiting.set(event.name, event);
    const known = foresight.answer(event);
    const shown = known ?? { state: { base: foresight.stateFor([event]), name: event.name, value: event.value } };
    figure.waiting.clear();
    figure.shown = shown;
    foresight.learn([event], /** @type {any} */ (shown));
    void foresight.look();
    return Boolean(known);
  };
  return { figure, first, foresight, input, questions, answer, control };
}

test("who takes hold of a slider has the steps around it asked for, some at a time, the nearest first", async () => {
  const { foresight, questions, answer } = makeFigure();
  foresight.expect("slider", 0.3);
  assert.deepEqual(questions, [[0.4, 0.5, 0.2, 0.6]]);
  await answer();
  assert.deepEqual(questions.flat().sort(), [0, 0.1, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
});

test("what was asked for is known, and where it was not asked for it is not", async () => {
  const { foresight, answer, control } = makeFigure();
  foresight.expect("slider", 0.3);
  await answer(1);
  assert.equal(foresight.answer(move(0.5))?.state.value, 0.5);
  assert.equal(control(move(0.6)), true);
  assert.equal(control(move(0.9)), false);
});

test("steps on the way of the hand come first", async () => {
  const { foresight, questions, answer, control } = makeFigure();
  foresight.expect("slider", 0.5);
  control(move(0.4));
  await answer(1);
  assert.deepEqual(questions[1], [0.3, 0.2, 0.5, 0.1]);
});

test("every movement of one control starts from the state before the first", async () => {
  const { figure, foresight, answer, control } = makeFigure();
  control(move(1));
  await answer();
  control(move(0.55));
  assert.equal(foresight.stateFor([move(0.2)]), "preset");
  // Another control starts from what the first one led to.
  const before = figure.shown.state;
  assert.equal(foresight.stateFor([move(3, "other")]), before);
});

test("what else changes the figure is where movements start from then", async () => {
  const { figure, foresight, answer, control } = makeFigure();
  control(move(0.5));
  await answer();
  figure.shown = { state: "another preset" };
  assert.equal(foresight.answer(move(0.6)), undefined);
  assert.equal(foresight.stateFor([move(0.6)]), "another preset");
});

test("another frame lays everything out anew", async () => {
  const { figure, foresight, answer } = makeFigure();
  foresight.expect("slider", 0.5);
  await answer();
  assert.ok(foresight.answer(move(0.6)));
  figure.picture.frame = "desk";
  assert.equal(foresight.answer(move(0.6)), undefined);
});

test("an answer that comes after the figure shows something else is not kept", async () => {
  const { figure, foresight, answer } = makeFigure();
  foresight.expect("slider", 0.5);
  figure.shown = { state: "another preset" };
  foresight.stateFor([move(0.6)]);
  await answer(1);
  assert.equal(foresight.answer(move(0.6)), undefined);
  await answer();
  assert.equal(foresight.answer(move(0.6))?.state.base, "another preset");
});

test("nothing is foreseen beside what else has to be answered", async () => {
  const { figure, foresight, answer } = makeFigure();
  foresight.expect("slider", 0.5);
  await answer();
  for (const [field, value] of /** @type {const} */ ([
    ["waiting", new Map([["other", {}]])], ["asked", new Map([["press 1", {}]])], ["opening", {}], ["isLoading", true],
  ])) {
    const before = figure[field];
    Object.assign(figure, { [field]: value });
    assert.equal(foresight.answer(move(0.6)), undefined, field);
    Object.assign(figure, { [field]: before });
  }
  assert.ok(foresight.answer(move(0.6)));
  assert.equal(foresight.answer(/** @type {any} */ ({ type: "set", name: "slider", value: "0.6" })), undefined);
  assert.equal(foresight.answer(/** @type {any} */ ({ type: "press", name: "slider" })), undefined);
});

test("nothing is asked while somebody waits, or before Python is up", async () => {
  const { figure, foresight, questions, answer } = makeFigure();
  figure.runtime.snapshot.phase = "starting";
  foresight.expect("slider", 0.5);
  figure.runtime.snapshot.phase = "ready";
  figure.busy = true;
  await foresight.look();
  figure.busy = false;
  figure.waiting.set("slider", move(0.5));
  await foresight.look();
  assert.deepEqual(questions, []);
  figure.waiting.clear();
  void foresight.look();
  figure.busy = true;
  await answer();
  assert.equal(questions.length, 1);
});

test("a fault is not asked for again and again, and hides nothing", async () => {
  const { figure, foresight, questions, answer } = makeFigure();
  figure.say = () => ({ status: "error", error: { kind: "internal", message: "no" } });
  foresight.expect("slider", 0.5);
  await answer();
  assert.equal(questions.length, 1);
  assert.equal(foresight.answer(move(0.6)), undefined);
});

test("a slider without steps has nothing around it", () => {
  const { foresight, input, questions } = makeFigure();
  input.step = "any";
  foresight.expect("slider", 0.5);
  assert.deepEqual(questions, []);
});

test("only the figure in hand keeps anything, and not without end", async () => {
  const one = makeFigure();
  const two = makeFigure();
  one.foresight.expect("slider", 0.5);
  await one.answer();
  two.foresight.expect("slider", 0.5);
  assert.equal(one.foresight.answer(move(0.6)), undefined);
  const { input, control, answer, foresight } = makeFigure();
  Object.assign(input, { max: "1000", step: "1" });
  for (let value = 0; value <= 200; value += 1) control(move(value));
  await answer();
  const known = [...Array(1001).keys()].filter((value) => foresight.answer(move(value)));
  assert.ok(known.length <= 128, `${known.length} are known`);
  assert.ok(known.includes(200) && !known.includes(0));
});
