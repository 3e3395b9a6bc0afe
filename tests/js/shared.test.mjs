// @ts-check
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import * as protocol from "../../src/klweb/browser/protocol.js";
import { Runtime } from "../../src/klweb/browser/runtime.js";
import { Shared } from "../../src/klweb/browser/shared.js";

/** @typedef {import("../../src/klweb/browser/embedding.js").Word} Word */

class FakeWorker extends EventTarget {
  isTerminated = false;
  /** @type {any[]} */
  received = [];
  /** @param {any} message @param {any} [transfer] */
  postMessage(message, transfer) { this.received.push([message, transfer]); }
  terminate() { this.isTerminated = true; }
  /** @param {unknown} data */
  say(data) { this.dispatchEvent(new MessageEvent("message", { data })); }
}

/** @type {MessagePort[]} */
let ports = [];

/** One figure, what it said, and the workers that it made. */
function makeFigure() {
  /** @type {FakeWorker[]} */
  const workers = [];
  /** @type {[Word, any][]} */
  const said = [];
  const runtime = new Runtime({
    manifestUrl: "https://example.org/runtime/m.json",
    workerUrl: "https://example.org/worker.js",
    image: [{ url: "python.0123456789ab.bin", bytes: 10, sha256: "a".repeat(64), encoding: "gzip",
      plain: { bytes: 30, sha256: "b".repeat(64) } }],
    makeWorker: () => {
      workers.push(new FakeWorker());
      return /** @type {FakeWorker} */ (workers.at(-1));
    },
  });
  const shared = new Shared(runtime, (word, transfer) => {
    said.push([word, transfer]);
    ports.push(.../** @type {MessagePort[]} */ (transfer ?? []));
  }, (text) => text !== '"unsound"');
  return { runtime, shared, workers, said, get words() { return said.map(([word]) => word); } };
}

/** Wait for what comes through real ports. */
const arrived = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.restoreAll();
  mock.method(console, "error", () => {});
});
afterEach(() => {
  for (const port of ports) port.close();
  ports = [];
});

test("where nobody passes words on, none is said, and nothing is waited for", async () => {
  const { runtime, shared, workers, words } = makeFigure();
  await shared.known;
  void runtime.start();
  await arrived();
  assert.equal(workers.length, 1);
  runtime.stop();
  assert.ok(workers[0].isTerminated);
  assert.deepEqual(words, []);
});

test("a figure offers what it has, and takes back what it ends", async () => {
  const figure = makeFigure();
  figure.shared.hear("gone");
  void figure.runtime.start();
  await arrived();
  assert.deepEqual(figure.words, ["offer"]);
  figure.shared.hear("gone");
  assert.deepEqual(figure.words, ["offer", "offer"]);
  figure.runtime.stop();
  assert.deepEqual(figure.words, ["offer", "offer", "gone"]);
});

test("who joins hears something at once, and its port goes to the worker", async () => {
  const figure = makeFigure();
  figure.shared.hear("gone");
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  figure.shared.hear("join", port2);
  assert.equal(figure.workers.length, 0);
  void figure.runtime.start();
  await arrived();
  const heard = new Promise((resolve) => { port1.onmessage = ({ data }) => resolve(data); });
  figure.shared.hear("join", port2);
  figure.shared.hear("join");
  assert.deepEqual(await heard, protocol.progress(0, 0, "Fetching Python"));
  assert.deepEqual(figure.workers[0].received, [[protocol.join(), [port2]]]);
});

/** A figure that has joined another one. */
async function makeGuest() {
  const figure = makeFigure();
  figure.shared.hear("offer");
  void figure.runtime.start();
  await arrived();
  assert.deepEqual(figure.words, ["join"]);
  assert.equal(figure.workers.length, 0);
  const [port] = figure.said[0][1];
  return { figure, port: /** @type {MessagePort} */ (port) };
}

test("a guest asks through its port, and stays the only one that ends", async () => {
  const { figure, port } = await makeGuest();
  port.postMessage(protocol.ready());
  port.onmessage = ({ data }) => port.postMessage(protocol.answer(data.id, JSON.stringify(data.text)));
  const outcome = await figure.runtime.request("a", { op: "view" });
  assert.deepEqual(outcome, { status: "ok", value: JSON.stringify({ op: "view" }) });
  figure.runtime.stop();
  assert.deepEqual(figure.words, ["join"]);
});

test("a holder that is silent, or gone before it was ready, is replaced unnoticed", async () => {
  for (const go of [(/** @type {Shared} */ shared) => shared.hear("gone"), () => mock.timers.tick(2000)]) {
    const { figure } = await makeGuest();
    /** @type {string[]} */
    const phases = [];
    figure.runtime.subscribe(({ phase }) => phases.push(phase));
    go(figure.shared);
    assert.equal(figure.workers.length, 1);
    figure.workers[0].say(protocol.ready());
    assert.deepEqual(phases, ["starting", "ready"]);
    assert.ok(figure.words.includes("offer"));
    figure.runtime.stop();
    assert.ok(figure.workers[0].isTerminated);
  }
});

test("one that was heard may take its time", async () => {
  const { figure, port } = await makeGuest();
  port.postMessage(protocol.progress(1, 9, "Fetching Python"));
  await arrived();
  mock.timers.tick(5000);
  assert.equal(figure.workers.length, 0);
});

test("what was asked of a holder that goes is asked of a worker of one's own", async () => {
  const { figure, port } = await makeGuest();
  port.postMessage(protocol.ready());
  await arrived();
  const outcome = figure.runtime.request("a", "question");
  figure.shared.hear("gone");
  await arrived();
  const [worker] = figure.workers;
  worker.say(protocol.ready());
  assert.deepEqual(worker.received.map(([message]) => message.text), ['"question"']);
  worker.say(protocol.answer(worker.received[0][0].id, '"answer"'));
  assert.deepEqual(await outcome, { status: "ok", value: "answer" });
  assert.deepEqual(figure.words, ["join", "offer"]);
});

test("a holder that hangs, talks nonsense, or answers what can’t be shown is told, and not asked again", async () => {
  for (const go of [
    async () => mock.timers.tick(10_000),
    async (/** @type {MessagePort} */ port) => port.postMessage({ tag: "?" }),
    async (/** @type {MessagePort} */ port) => port.postMessage(protocol.answer(1, '"unsound"')),
  ]) {
    const { figure, port } = await makeGuest();
    port.postMessage(protocol.ready());
    await arrived();
    void figure.runtime.request("a", "question");
    await arrived();
    await go(port);
    await arrived();
    assert.deepEqual(figure.words, ["join", "doubt", "offer"]);
    assert.equal(figure.workers.length, 1);
  }
});

test("a holder that is doubted begins anew, if it was up", async () => {
  const { runtime, shared, workers, said } = makeFigure();
  shared.hear("gone");
  shared.hear("doubt");
  void runtime.start();
  await arrived();
  shared.hear("doubt");
  assert.ok(!workers[0].isTerminated);
  workers[0].say(protocol.ready());
  shared.hear("doubt");
  assert.ok(workers[0].isTerminated);
  assert.equal(said.at(-1)?.[0], "gone");
});

test("what failed, or lacks something, is not tried through somebody else", async () => {
  const { figure, port } = await makeGuest();
  port.postMessage(protocol.failed("offline", "The browser is offline."));
  await arrived();
  assert.equal(figure.runtime.snapshot.phase, "failed");
  void figure.runtime.retry();
  await arrived();
  assert.equal(figure.workers.length, 1);

  const other = await makeGuest();
  other.port.postMessage(protocol.ready());
  await arrived();
  void other.figure.runtime.request("a", "question");
  await arrived();
  other.port.postMessage(protocol.unfit(1));
  await arrived();
  assert.equal(other.figure.workers.length, 1);
  assert.deepEqual(other.figure.words, ["join", "doubt", "offer"]);
});
