// @ts-check
/**
 * One Python for all figures that embed.js puts into a page, sandboxed or not.
 *
 * The figure that starts first holds the worker and offers it; the others join. embed.js passes on four words between them,
 * and with `join` one end of a channel, which the holder hands to its worker: from then on worker and guest talk without
 * anybody between them. A holder that is taken away, stops, or hangs is `gone`, and a guest goes on with a worker of its
 * own, which it then offers. A student's hand waits for none of this: who has heard of no offer starts at once.
 *
 *   offer  here is Python          join   may I? (with a port)
 *   gone   no longer               doubt  it does not answer me
 */
import { FRAME_NAME } from "./embedding.js";
import * as protocol from "./protocol.js";

/** @typedef {import("./spawn.js").WorkerLike} WorkerLike */
/** @typedef {import("./embedding.js").Word} Word */
/** @typedef {(word: Word, transfer?: Transferable[]) => void} Say */

/** How long a holder may be silent when somebody joins: its page says something at once, whatever its Python does. */
const JOIN_MS = 2000;
/** How long embed.js may be silent. */
const WORD_MS = 300;

/** Another figure's worker, seen from here. Until it has been ready, one of our own can take its place unnoticed. */
class Guest extends EventTarget {
  #isReady = false;
  #isOver = false;
  /** @type {WorkerLike | undefined} */
  #own;

  /**
   * @param {MessagePort} port
   * @param {(text: string) => boolean} isSound whether an answer can be shown
   * @param {() => WorkerLike} begin makes a worker of our own
   * @param {() => void} doubt tells the holder that its worker does not answer
   */
  constructor(port, isSound, begin, doubt) {
    super();
    this.port = port;
    this.begin = begin;
    this.tellDoubt = doubt;
    this.timer = setTimeout(() => this.replace(), JOIN_MS);
    port.onmessage = ({ data }) => {
      clearTimeout(this.timer);
      this.#isReady ||= data?.tag === "ready";
      if (data?.tag === "answer" && !isSound(data.text)) this.dispatchEvent(new Event("error"));
      else this.dispatchEvent(new MessageEvent("message", { data }));
    };
    port.onmessageerror = () => this.dispatchEvent(new Event("messageerror"));
  }

  /** The holder is gone: start a worker of our own, if nothing was asked yet. @returns {boolean} whether that was so */
  replace() {
    if (this.#isOver) return true;
    this.#end();
    if (this.#isReady) return false;
    try {
      this.#own = this.begin();
      this.#own.addEventListener("message", ({ data }) => this.dispatchEvent(new MessageEvent("message", { data })));
      for (const type of /** @type {const} */ (["error", "messageerror"])) {
        this.#own.addEventListener(type, () => this.dispatchEvent(new Event(type)));
      }
    } catch {
      this.dispatchEvent(new Event("error"));
    }
    return true;
  }

  /** @param {unknown} message */
  postMessage(message) {
    (this.#own ?? this.port).postMessage(message);
  }

  terminate() {
    this.#end();
    this.#own?.terminate();
  }

  doubt() {
    if (!this.#isOver) this.tellDoubt();
  }

  #end() {
    this.#isOver = true;
    clearTimeout(this.timer);
    this.port.close();
  }
}

export class Shared {
  /** Whether anybody passes words on. */
  #isBrokered = false;
  #isOffered = false;
  #know = () => {};
  /** @type {WorkerLike | undefined} the worker that this figure holds */
  #held;
  /** @type {Guest | undefined} the worker that it shares in */
  #guest;

  /**
   * Let a runtime share its worker.
   * @param {import("./runtime.js").Runtime} runtime
   * @param {Say} say
   * @param {(text: string) => boolean} isSound whether an answer that came through the page around can be shown
   */
  constructor(runtime, say, isSound) {
    this.runtime = runtime;
    this.say = say;
    this.isSound = isSound;
    this.makeOwn = runtime.makeWorker;
    /** Settles once it is known whether there is a Python to join: at once where nobody would tell. */
    this.known = new Promise((/** @type {(nothing: void) => void} */ resolve) => {
      this.#know = resolve;
      if (globalThis.window?.name !== FRAME_NAME) resolve();
      else setTimeout(resolve, WORD_MS);
    });
    runtime.makeWorker = (workerUrl, start) => {
      // What could not be loaded, or lacks something, is not tried a second time.
      const canJoin = this.#isOffered && start.image && !start.fresh;
      return canJoin ? this.#join(workerUrl, start) : this.#begin(workerUrl, start);
    };
  }

  /** What two figures must have in common to share: a worker's script and what it loads go by the hashes in their names. */
  get release() {
    const { workerUrl, manifestUrl, image } = this.runtime;
    return [workerUrl, manifestUrl, image?.url ?? ""].join(" ");
  }

  /**
   * Hear what embed.js passes on.
   * @param {Word} word
   * @param {MessagePort} [port]
   */
  hear(word, port) {
    this.#isBrokered = true;
    this.#know();
    this.#isOffered = word === "offer" || (this.#isOffered && word !== "gone");
    const { runtime } = this;
    if (word === "gone") {
      const guest = this.#guest;
      this.#guest = undefined;
      if (guest && !guest.replace()) runtime.lose();
      if (this.#held) this.say("offer");
    } else if (word === "join" && port && this.#held) {
      port.postMessage(protocol.progress(0, 0, "Fetching Python"));
      this.#held.postMessage(protocol.join(), [port]);
    } else if (word === "doubt" && this.#held && runtime.snapshot.phase === "ready") {
      runtime.lose();
    }
  }

  /** @param {string} workerUrl @param {protocol.Start} start @returns {WorkerLike} */
  #begin(workerUrl, start) {
    const worker = this.makeOwn(workerUrl, start);
    this.#held = worker;
    if (this.#isBrokered) this.say("offer");
    return {
      postMessage: (/** @type {unknown} */ message) => worker.postMessage(message),
      addEventListener: (/** @type {string} */ type, /** @type {any} */ listener) => worker.addEventListener(type, listener),
      terminate: () => {
        worker.terminate();
        if (this.#held !== worker) return;
        this.#held = undefined;
        if (this.#isBrokered) this.say("gone");
      },
    };
  }

  /** @param {string} workerUrl @param {protocol.Start} start @returns {WorkerLike} */
  #join(workerUrl, start) {
    const { port1, port2 } = new MessageChannel();
    // Who did not answer, or nonsense, is not asked again.
    const begin = () => {
      this.#isOffered = false;
      return this.#begin(workerUrl, start);
    };
    const doubt = () => {
      this.#isOffered = false;
      this.say("doubt");
    };
    this.#guest = new Guest(port1, this.isSound, begin, doubt);
    this.say("join", [port2]);
    return this.#guest;
  }
}
