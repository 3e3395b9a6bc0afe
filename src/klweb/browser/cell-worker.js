// @ts-check
/**
 * The worker of a cell: a whole Python, which runs what a reader wrote. It is a worker of its own, so that it can be stopped at
 * any time, and so that nothing that is done here reaches the Python of the figures.
 */

import * as wire from "./cell-protocol.js";
import { Downloads } from "./downloads.js";
import { fence } from "./fence.js";
import * as protocol from "./protocol.js";
import { answerFrom, bootWhole, failureOf, lastLine } from "./whole.js";

/** @typedef {import("./whole.js").Whole} Whole */
/** @typedef {Whole & {cell: any, manifestUrl: string}} Ready */

/** How much a run may say, in characters. */
const MOST = 100_000;
/** How much may wait before it is sent, and for how long. */
const PIECE = 8_000;
const WAIT_MS = 100;

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));
const post = scope.postMessage.bind(scope);

/** What a run says, sent in pieces: a message for each word would be slow, and one at the end too late. */
class Output {
  #kind = /** @type {wire.Kind} */ ("out");
  #text = "";
  #said = 0;
  #sent = performance.now();

  /** @param {number} id */
  constructor(id) {
    this.id = id;
  }

  /** @param {wire.Kind} kind @param {string} text */
  say(kind, text) {
    if (this.#said >= MOST) return;
    const room = text.slice(0, MOST - this.#said);
    this.#said += room.length;
    if (kind !== this.#kind) this.flush();
    this.#kind = kind;
    this.#text += room;
    if (this.#said >= MOST) {
      this.flush();
      post(wire.output(this.id, "hint", `\nThe output is cut here, after ${MOST.toLocaleString("en")} characters.\n`));
    } else if (this.#text.length > PIECE || performance.now() - this.#sent > WAIT_MS) this.flush();
  }

  flush() {
    if (this.#text) post(wire.output(this.id, this.#kind, this.#text));
    this.#text = "";
    this.#sent = performance.now();
  }
}

/**
 * @param {protocol.Start} message
 * @returns {Promise<Ready>}
 */
async function start({ manifestUrl, fresh }) {
  const whole = await bootWhole(manifestUrl, fresh, (loaded, total) =>
    post(protocol.progress(loaded, total, loaded < total ? "Fetching Python" : "Starting Python")));
  const cell = whole.pyodide.pyimport("klweb.cell");
  fence(scope);
  post(protocol.ready());
  return { ...whole, cell, manifestUrl };
}

/**
 * @param {Ready} ready
 * @param {wire.Run} run
 */
async function run(ready, { id, text }) {
  const output = new Output(id);
  const missing = await fetchImports(ready, text);
  if (missing) output.say("hint", missing);
  else post(wire.running(id));
  const good = !missing && ready.cell.run(text, (/** @type {wire.Kind} */ kind, /** @type {string} */ words) => output.say(kind, words));
  output.flush();
  post(wire.done(id, good));
}

/**
 * Fetch those packages of the site's that lines import; return why they can't be had, if they can't.
 * @param {Ready} ready
 * @param {string} text
 */
async function fetchImports({ pyodide, manifest, manifestUrl, cell }, text) {
  const wanted = cell.wanted(text);
  const names = wanted.toJs().join(", ");
  wanted.destroy();
  if (!names || !Object.keys(manifest.packages).length) return "";
  const downloads = new Downloads(manifest.packages, manifestUrl, false, (loaded) => post(protocol.progress(loaded, 0, `Fetching ${names}`)));
  downloads.failed.catch(() => {}); // Pyodide goes on without what it can't have; the fault is read below
  const undo = answerFrom(downloads);
  /** @type {string[]} */
  const faults = [];
  try {
    await pyodide.loadPackagesFromImports(text, { messageCallback() {}, errorCallback: (/** @type {string} */ words) => faults.push(words) });
  } catch (reason) {
    faults.push(lastLine(reason));
  } finally {
    undo();
    fence(scope);
  }
  if (downloads.fault?.kind === "offline") return `You seem to be offline, and ${names} has yet to be fetched. Connect, then run this again.\n`;
  const fault = downloads.fault?.message ?? faults[0];
  return fault ? `${names} belongs to this copy of the site, but could not be loaded. ${fault}\n` : "";
}

/** @type {Promise<Ready> | undefined} */
let started;

/** @param {{data: any}} event */
function hear({ data }) {
  if (data.tag === "start") {
    started = start(data);
    started.catch((reason) => post(failureOf(reason)));
  } else void started?.then((ready) => run(ready, data).catch(tellBroken), () => {});
}

/**
 * Anything but a Python exception, which the cell's Python keeps to itself, leaves the interpreter in doubt.
 * @param {unknown} reason
 */
function tellBroken(reason) {
  console.error(reason);
  post(protocol.failed("crashed", `Python broke down: ${lastLine(reason)}. The next run starts it again.`));
}

scope.onmessage = hear;
// What was said before these modules were there, see blob.js.
/** @type {MessageEvent[]} */ (/** @type {any} */ (scope).early).forEach(hear);
