// @ts-check
/**
 * Python as the page sees it: ask, and every question settles.
 *
 * One worker, one call at a time. A worker that dies or hangs is replaced and its call made once more,
 * which is safe since calls change nothing.
 */
import { makeBlobWorker } from "./blob.js";
import { decodes } from "./encoding.js";
import * as protocol from "./protocol.js";
import { Queue } from "./queue.js";
import { listenTo } from "./spawn.js";

/** @typedef {import("./queue.js").Outcome} Outcome */
/** @typedef {import("./spawn.js").WorkerLike} WorkerLike */
/** @typedef {Pick<Runtime, "isKept" | "snapshot" | "subscribe" | "start" | "retry" | "stop" | "request">} Python as figures see it */
/**
 * @typedef {object} Snapshot
 * @property {"idle" | "starting" | "ready" | "failed" | "absent"} phase `absent`: there is none, and never will be
 * @property {number} loaded bytes that have arrived
 * @property {number} total bytes to come in all, 0 while not known
 * @property {string} what what Python is doing, in words
 * @property {string} message why it failed and what to do, in words
 * @property {protocol.ErrorKind | ""} kind why it failed
 */
/**
 * @typedef {object} Options
 * @property {string} manifestUrl absolute, or relative to the page; the image lies beside it
 * @property {protocol.RuntimeFile[]} image the frozen Python in several encodings, the smallest first; without one that
 *   the browser can decode, Pyodide is booted whole
 * @property {string} workerUrl likewise
 * @property {(workerUrl: string, start: protocol.Start) => WorkerLike} [makeWorker] makes a worker that starts at once
 * @property {number} [startTimeout] longest silence while starting, in ms: slow is fine, stuck is not
 * @property {number} [callTimeout] longest time for one call, in ms
 */

/** @type {Readonly<Snapshot>} */
const IDLE = { phase: "idle", loaded: 0, total: 0, what: "", message: "", kind: "" };
/** @type {protocol.Fault} */
const LOST = { kind: "crashed", message: "Python stopped answering, twice. Reset the widget, or try again." };

export class Runtime {
  /** Whether it comes from this device, and so is there before anything that has to be fetched. */
  isKept = false;
  #snapshot = IDLE;
  /** @type {Set<(snapshot: Readonly<Snapshot>) => void>} */
  #listeners = new Set();
  #queue = new Queue();
  /** @type {protocol.RuntimeFile[]} */
  #images;
  /** @type {protocol.RuntimeFile | null | undefined} not known yet, none, or one */
  #image;
  #lastId = 0;
  /** @type {WorkerLike | undefined} */
  #worker;
  /** @type {Promise<boolean> | undefined} */
  #started;
  /** @type {(isReady: boolean) => void} */
  #settleStart = () => {};
  /** Pass over the browser's cache, which may hold what made a start fail. */
  #fresh = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Options} options */
  constructor({ manifestUrl, image, workerUrl, makeWorker = makeBlobWorker, startTimeout = 60_000, callTimeout = 10_000 }) {
    const base = globalThis.document?.baseURI;
    this.manifestUrl = new URL(manifestUrl, base).href;
    this.workerUrl = new URL(workerUrl, base).href;
    this.makeWorker = makeWorker;
    this.#images = image;
    this.startTimeout = startTimeout;
    this.callTimeout = callTimeout;
  }

  get snapshot() {
    return this.#snapshot;
  }

  /**
   * The image to start from, if this browser can decode one. Found out when it is needed: an encoding that is not known is an
   * exception, for which Chromium may read a page's whole script again.
   */
  get image() {
    if (this.#image === undefined) this.#image = this.#images.find(({ encoding }) => decodes(encoding)) ?? null;
    return this.#image;
  }

  /**
   * Hear how things stand, now and at every change.
   * @param {(snapshot: Readonly<Snapshot>) => void} listener
   * @returns {() => void} stop listening
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    listener(this.#snapshot);
    return () => { this.#listeners.delete(listener); };
  }

  /** Bring Python up, once; resolves to whether it is. After a failure only `retry` tries again. */
  start() {
    this.#started ??= new Promise((resolve) => {
      this.#settleStart = resolve;
      queueMicrotask(() => this.#boot());
    });
    return this.#started;
  }

  /** Start again after a failure. */
  retry() {
    if (this.#snapshot.phase === "failed") {
      this.#fresh = true;
      this.#started = undefined;
      this.#show(IDLE);
    }
    return this.start();
  }

  /** Give Python up, and every request with it; the next request starts it again. */
  stop() {
    this.#dismiss();
    this.#show(IDLE);
    this.#settleStart(false);
    this.#queue.refuse({ kind: "stopped", message: "Python was stopped. Try again to start it." });
  }

  /**
   * Ask Python. A newer request of the same key supersedes an older one that still waits.
   * @param {string} key
   * @param {unknown} payload anything that JSON holds
   * @param {boolean} [isWanted] whether somebody waits for the answer: for what nobody waits for Python is not started
   * @returns {Promise<Outcome>} rejects only if JSON does not hold the payload
   */
  request(key, payload, isWanted = true) {
    return new Promise((settle) => {
      const { phase, kind, message } = this.#snapshot;
      if (phase === "failed" && kind) return settle({ status: "error", error: { kind, message } });
      if (!isWanted && phase !== "ready") return settle({ status: "superseded" });
      this.#queue.add(key, JSON.stringify(payload), settle, isWanted);
      this.start();
      this.#next();
    });
  }

  #boot() {
    if (this.#worker || !this.#started) return; // stopped, perhaps started anew, before it came to this
    this.#show({ ...IDLE, phase: "starting", what: "Fetching Python" });
    this.#awaitProgress();
    /** @type {WorkerLike | undefined} */
    let worker;
    try {
      worker = this.#worker = this.makeWorker(this.workerUrl, protocol.start(this.image, this.manifestUrl, this.#fresh));
      // What a dismissed worker still says no longer counts.
      const isMine = () => this.#worker === worker;
      listenTo(worker, (message) => isMine() && this.#hear(message), () => isMine() && this.lose(), protocol.readFromWorker);
    } catch (reason) {
      if (this.#worker === worker) this.#fail("blocked", `This browser would not start Python (${reason}). Try again, or use another browser.`);
    }
  }

  /** @param {protocol.FromWorker} message */
  #hear(message) {
    if (message.tag === "answer" || message.tag === "error" || message.tag === "unfit") {
      if (!this.#queue.current || message.id !== this.#lastId) throw new protocol.ProtocolError(`no call ${message.id}`);
      if (message.tag === "unfit") {
        this.#image = null;
        return this.lose();
      }
      this.#queue.settle(message.tag === "answer" ? { status: "ok", value: JSON.parse(message.text) }
        : { status: "error", error: message.error });
      return this.#next();
    }
    if (this.#snapshot.phase !== "starting") throw new protocol.ProtocolError(`${message.tag} after the start`);
    if (message.tag === "failed") return this.#fail(message.kind, message.message);
    if (message.tag === "progress") {
      const { loaded, total, what } = message;
      this.#awaitProgress();
      return this.#show({ ...this.#snapshot, loaded, total, what });
    }
    this.#fresh = false;
    this.#show({ ...this.#snapshot, phase: "ready", what: "" });
    this.#settleStart(true);
    this.#next();
  }

  /** Make the next call, once Python is up and free. */
  #next() {
    if (this.#snapshot.phase !== "ready" || this.#queue.current) return;
    clearTimeout(this.#timer);
    const request = this.#queue.take();
    if (!request) return;
    this.#limit(this.callTimeout, () => this.lose());
    this.#lastId += 1;
    this.#worker?.postMessage(protocol.call(this.#lastId, request.text));
  }

  #awaitProgress() {
    const seconds = Math.round(this.startTimeout / 1000);
    this.#limit(this.startTimeout, () => this.#fail("slow", `Python is stuck: nothing has come for ${seconds} seconds. `
      + "The connection may be cut, or this device very slow. Try again."));
  }

  /** @param {number} time @param {() => void} end */
  #limit(time, end) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(end, time);
  }

  /** Give up a worker that died, hangs, or talks nonsense; what it was asked is asked of another one. */
  lose() {
    this.#worker?.doubt?.();
    if (this.#snapshot.phase === "starting") {
      return this.#fail("crashed", "Python stopped while it was starting. Try again, or reload the page.");
    }
    this.#dismiss();
    this.#show(IDLE);
    this.#queue.forgo();
    this.#queue.putBack(LOST);
    if (this.#queue.isBusy) this.start(); // with nothing to do, a new worker can wait
  }

  /** @param {protocol.ErrorKind} kind @param {string} message */
  #fail(kind, message) {
    this.#dismiss();
    this.#started = Promise.resolve(false);
    this.#show({ ...this.#snapshot, phase: "failed", what: "", message, kind });
    this.#settleStart(false);
    this.#queue.refuse({ kind, message });
  }

  #dismiss() {
    clearTimeout(this.#timer);
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#started = undefined;
  }

  /** @param {Readonly<Snapshot>} snapshot */
  #show(snapshot) {
    this.#snapshot = snapshot;
    for (const listener of this.#listeners) {
      try {
        listener(snapshot);
      } catch (reason) {
        console.error(reason); // a listener's fault is not Python's
      }
    }
  }
}
