// @ts-check
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import * as protocol from "../../src/klweb/browser/protocol.js";
import { Runtime } from "../../src/klweb/browser/runtime.js";

/** @typedef {import("../../src/klweb/browser/queue.js").Outcome} Outcome */

/** @type {protocol.RuntimeFile} */
const IMAGE = { url: "python.0123456789ab.bin", bytes: 10, sha256: "a".repeat(64), encoding: "gzip",
  plain: { bytes: 30, sha256: "b".repeat(64) } };

/** A worker that does what the test tells it to. */
class FakeWorker extends EventTarget {
  isTerminated = false;
  /** @param {any} start */
  constructor(start) {
    super();
    /** @type {any[]} */
    this.received = [start];
  }
  /** @param {any} message */
  postMessage(message) { this.received.push(message); }
  terminate() { this.isTerminated = true; }
  /** @param {unknown} data */
  say(data) { this.dispatchEvent(new MessageEvent("message", { data })); }
  die() { this.dispatchEvent(new Event("error")); }
  get call() { return this.received.at(-1); }
  /** @param {unknown} value */
  answer(value) { this.say(protocol.answer(this.call.id, JSON.stringify(value))); }
  /** Up to the first call. */
  async comeUp() {
    this.say(protocol.ready());
    await settled();
  }
}

/** Long enough for promises, without any timer. */
const settled = async () => { for (let turn = 0; turn < 20; turn++) await null; };

/** @type {FakeWorker[]} */
let workers = [];
const worker = () => /** @type {FakeWorker} */ (workers.at(-1));

beforeEach(() => {
  workers = [];
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.restoreAll();
  mock.method(console, "error", () => {});
});

/** @param {Partial<import("../../src/klweb/browser/runtime.js").Options>} [options] */
function runtime(options = {}) {
  return new Runtime({
    manifestUrl: "https://example.org/runtime/m.json",
    workerUrl: "https://example.org/worker.js",
    makeWorker: (_url, start) => { workers.push(new FakeWorker(start)); return worker(); },
    image: [{ ...IMAGE, encoding: /** @type {any} */ ("unheard-of") }, IMAGE],
    ...options,
  });
}

/** @param {Partial<import("../../src/klweb/browser/runtime.js").Options>} [options] */
async function readyRuntime(options) {
  const python = runtime(options);
  void python.start();
  await settled();
  await worker().comeUp();
  return python;
}

test("starting is told in bytes, and happens once", async () => {
  const python = runtime();
  /** @type {string[]} */
  const heard = [];
  const unsubscribe = python.subscribe(({ phase, loaded, total }) => heard.push(`${phase} ${loaded}/${total}`));
  assert.equal(python.start(), python.start());
  await settled();
  assert.deepEqual(worker().received, [protocol.start(IMAGE, "https://example.org/runtime/m.json", false)]);
  worker().say(protocol.progress(5, 10, "Fetching Python"));
  worker().say(protocol.ready());
  assert.equal(await python.start(), true);
  assert.deepEqual(heard, ["idle 0/0", "starting 0/0", "starting 5/10", "ready 5/10"]);
  unsubscribe();
  python.stop();
  assert.equal(heard.length, 4);
  assert.equal(workers.length, 1);
});

test("a request starts Python, waits for it, and gets its answer, 0 included", async () => {
  const python = runtime();
  const outcome = python.request("a", { op: "view" });
  await settled();
  await worker().comeUp();
  assert.deepEqual(JSON.parse(worker().call.text), { op: "view" });
  worker().answer(0);
  assert.deepEqual(await outcome, { status: "ok", value: 0 });
});

test("while Python is busy only the newest of each key waits, keys in their order", async () => {
  const python = await readyRuntime();
  const outcomes = ["a1", "a2", "b1", "a3", "b2"].map((name) => python.request(name[0], name));
  assert.deepEqual(await outcomes[1], { status: "superseded" });
  assert.deepEqual(await outcomes[2], { status: "superseded" });
  for (const name of ["a1", "a3", "b2"]) {
    assert.equal(JSON.parse(worker().call.text), name);
    worker().answer(name);
    await settled();
  }
  assert.deepEqual(await Promise.all([outcomes[0], outcomes[3], outcomes[4]]),
    ["a1", "a3", "b2"].map((value) => ({ status: "ok", value })));
});

test("before start-up is done the newest of each key waits too", async () => {
  const python = runtime();
  const [older, newer] = [python.request("a", 1), python.request("a", 2)];
  assert.deepEqual(await older, { status: "superseded" });
  await worker().comeUp();
  worker().answer("2");
  assert.deepEqual(await newer, { status: "ok", value: "2" });
});

test("a Python exception is an error of that request alone", async () => {
  const python = await readyRuntime();
  const [bad, good] = [python.request("a", 1), python.request("b", 2)];
  worker().say(protocol.error(worker().call.id, { kind: "internal", message: "ZeroDivisionError" }));
  assert.deepEqual(await bad, { status: "error", error: { kind: "internal", message: "ZeroDivisionError" } });
  worker().answer(2);
  assert.equal((await good).status, "ok");
  assert.equal(workers.length, 1);
});

/** @type {[string, () => void][]} */
const LOSSES = [
  ["dies", () => worker().die()],
  ["hangs", () => mock.timers.tick(10_000)],
  ["says what nobody knows", () => worker().say({ tag: "eval", text: "1" })],
  ["answers what was not asked", () => worker().say(protocol.answer(99, "1"))],
  ["answers with a broken text", () => worker().say(protocol.answer(worker().call.id, "{"))],
];
for (const [what, lose] of LOSSES) {
  test(`a worker that ${what} is replaced, and its call made once more`, async () => {
    const python = await readyRuntime();
    const outcome = python.request("a", 1);
    const later = python.request("b", 2);
    lose();
    assert.ok(workers[0].isTerminated);
    await settled();
    await worker().comeUp();
    assert.equal(workers.length, 2);
    assert.equal(worker().call.text, "1", "the lost call comes first");
    worker().answer("again");
    assert.deepEqual(await outcome, { status: "ok", value: "again" });
    worker().answer("later");
    assert.deepEqual(await later, { status: "ok", value: "later" });
  });

  test(`a call whose worker ${what} twice is an error; the others go on`, async () => {
    const python = await readyRuntime();
    const [bad, good] = [python.request("a", 1), python.request("b", 2)];
    lose();
    await settled();
    await worker().comeUp();
    lose();
    const outcome = await bad;
    assert.ok(outcome.status === "error" && outcome.error.kind === "crashed");
    await settled();
    await worker().comeUp();
    worker().answer("fine");
    assert.deepEqual(await good, { status: "ok", value: "fine" });
  });
}

test("a lost call gives way to a newer one of its key", async () => {
  const python = await readyRuntime();
  const [older, newer] = [python.request("a", 1), python.request("a", 2)];
  worker().die();
  assert.deepEqual(await older, { status: "superseded" });
  await worker().comeUp();
  worker().answer("2");
  assert.deepEqual(await newer, { status: "ok", value: "2" });
});

test("a worker that dies with nothing to do is replaced at the next request", async () => {
  const python = await readyRuntime();
  worker().die();
  await settled();
  assert.equal(workers.length, 1);
  assert.equal(python.snapshot.phase, "idle");
  const outcome = python.request("a", 1);
  await settled();
  await worker().comeUp();
  worker().answer(1);
  assert.equal((await outcome).status, "ok");
});

test("for what nobody waits for Python is neither started nor started again", async () => {
  const idle = runtime();
  assert.deepEqual(await idle.request("ahead", 1, false), { status: "superseded" });
  assert.equal(workers.length, 0);
  const python = await readyRuntime();
  const outcomes = ["ahead", "further"].map((key) => python.request(key, 1, false));
  worker().die();
  await settled();
  assert.equal(workers.length, 1);
  assert.deepEqual(await Promise.all(outcomes), [{ status: "superseded" }, { status: "superseded" }]);
});

test("what somebody waits for outlives what nobody waits for", async () => {
  const python = await readyRuntime();
  const [ahead, wanted] = [python.request("ahead", 1, false), python.request("a", 2)];
  worker().die();
  assert.deepEqual(await ahead, { status: "superseded" });
  await settled();
  await worker().comeUp();
  assert.equal(worker().call.text, "2");
  worker().answer("2");
  assert.deepEqual(await wanted, { status: "ok", value: "2" });
});

test("what a dismissed worker still says is not heard", async () => {
  const python = await readyRuntime();
  const first = worker();
  const outcome = python.request("a", 1);
  const { id } = first.call;
  first.die();
  await settled();
  first.say(protocol.answer(id, '"too late"'));
  first.die();
  await worker().comeUp();
  worker().answer("in time");
  assert.deepEqual(await outcome, { status: "ok", value: "in time" });
  assert.equal(workers.length, 2);
});

test("a failed start settles all that waits, stays failed, and can be retried past the cache", async () => {
  const python = runtime();
  const [one, two] = [python.request("a", 1), python.request("b", 2)];
  await settled();
  worker().say(protocol.failed("truncated", "Cut short. Try again."));
  const expected = { status: "error", error: { kind: "truncated", message: "Cut short. Try again." } };
  assert.deepEqual(await one, expected);
  assert.deepEqual(await two, expected);
  assert.deepEqual(await python.request("a", 3), expected);
  assert.equal(await python.start(), false);
  assert.equal(python.snapshot.phase, "failed");
  assert.equal(python.snapshot.kind, "truncated");
  assert.equal(workers.length, 1);

  const retried = python.retry();
  const outcome = python.request("a", 4);
  await settled();
  assert.equal(worker().received[0].fresh, true);
  worker().say(protocol.ready());
  assert.equal(await retried, true);
  worker().answer(4);
  assert.deepEqual(await outcome, { status: "ok", value: 4 });
});

test("what the frozen Python cannot answer is asked of the whole one, and so is all that follows", async () => {
  const python = await readyRuntime();
  const outcomes = [python.request("a", 1), python.request("b", 2)];
  const frozen = worker();
  frozen.say(protocol.unfit(frozen.call.id));
  assert.ok(frozen.isTerminated);
  await settled();
  assert.equal(workers.length, 2);
  assert.equal(python.snapshot.phase, "starting");
  assert.deepEqual(worker().received, [protocol.start(null, "https://example.org/runtime/m.json", false)]);
  worker().say(protocol.ready());
  for (const value of [1, 2]) {
    assert.equal(JSON.parse(worker().call.text), value);
    worker().answer(value);
    await settled();
  }
  assert.deepEqual((await Promise.all(outcomes)).map((outcome) => outcome.status), ["ok", "ok"]);
  assert.equal(workers.length, 2);
});

test("slow is fine while something moves; stuck is not", async () => {
  const python = runtime({ startTimeout: 60_000 });
  const started = python.start();
  await settled();
  for (let loaded = 1; loaded <= 5; loaded++) {
    mock.timers.tick(59_000);
    worker().say(protocol.progress(loaded, 10, "Fetching Python"));
  }
  assert.equal(python.snapshot.phase, "starting");
  mock.timers.tick(60_000);
  assert.equal(await started, false);
  assert.equal(python.snapshot.kind, "slow");
  assert.match(python.snapshot.message, /60 seconds.*Try again/);
  assert.ok(worker().isTerminated);
});

/** @type {[string, Partial<import("../../src/klweb/browser/runtime.js").Options>, string][]} */
const FAULTS = [
  ["workers are refused", { makeWorker: () => { throw new Error("SecurityError"); } }, "blocked"],
];
for (const [what, options, kind] of FAULTS) {
  test(`${what}: the request learns why`, async () => {
    const python = runtime(options);
    const outcome = await python.request("a", 1);
    assert.ok(outcome.status === "error" && outcome.error.kind === kind);
    assert.match(python.snapshot.message, /Try again/);
  });
}

test("a worker that dies while starting is a failed start", async () => {
  const python = runtime();
  const outcome = python.request("a", 1);
  await settled();
  worker().die();
  const settledOutcome = await outcome;
  assert.ok(settledOutcome.status === "error" && settledOutcome.error.kind === "crashed");
  assert.equal(python.snapshot.phase, "failed");
});

test("stopping settles everything, and a later request starts Python again", async () => {
  const python = await readyRuntime();
  const outcomes = [python.request("a", 1), python.request("a", 2), python.request("b", 3)];
  python.stop();
  for (const outcome of await Promise.all(outcomes)) {
    assert.ok(outcome.status === "error" && outcome.error.kind === "stopped");
  }
  assert.ok(worker().isTerminated);
  assert.equal(python.snapshot.phase, "idle");
  const outcome = python.request("a", 4);
  await settled();
  await worker().comeUp();
  worker().answer(4);
  assert.equal((await outcome).status, "ok");
  assert.equal(workers.length, 2);
});

test("stopped before it began, then started: one worker", async () => {
  const python = runtime();
  const first = python.start();
  python.stop();
  assert.equal(await first, false);
  const second = python.start();
  await settled();
  await worker().comeUp();
  assert.equal(await second, true);
  assert.equal(workers.length, 1);
});

test("a listener that throws disturbs nobody", async () => {
  const python = runtime();
  /** @type {string[]} */
  const heard = [];
  let calls = 0;
  python.subscribe(() => { if (calls++) throw new Error("a listener's fault"); });
  python.subscribe(({ phase }) => heard.push(phase));
  void python.start();
  await settled();
  await worker().comeUp();
  assert.equal(heard.at(-1), "ready");
});

test("nothing is left behind after 10,000 requests", async () => {
  const python = await readyRuntime();
  /** @type {{[status: string]: number}} */
  const counts = { ok: 0, superseded: 0, error: 0 };
  const outcomes = Array.from({ length: 10_000 }, (_, number) => python.request(`w${number % 3}`, number)
    .then(({ status }) => { counts[status] += 1; }));
  for (let answers = 0; answers < 4; answers++) {
    worker().answer(answers);
    await settled();
  }
  await Promise.all(outcomes);
  assert.deepEqual(counts, { ok: 4, superseded: 9_996, error: 0 });
});
