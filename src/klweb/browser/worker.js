// @ts-check
/**
 * The worker that holds Python: goes on from the image that the build froze, or boots Pyodide whole; then answers calls.
 *
 * Runs in a classic worker (see blob.js), hence `importScripts`, but is itself a module, which the build joins with those
 * that it imports: left apart, Firefox would hold them against the policy for workers, not scripts.
 */

import { Downloads } from "./downloads.js";
import { resume } from "./image.js";
import * as protocol from "./protocol.js";
import { bootWhole, failureOf, lastLine } from "./whole.js";

/** @typedef {import("./protocol.js").Start} Start */
/** @typedef {import("./protocol.js").RuntimeFile} RuntimeFile */
/** @typedef {import("./protocol.js").Call} Call */
/** @typedef {(text: string) => unknown} Handle */

/** How long nobody may want anything before Python is warmed up. */
const IDLE_MS = 300;

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));

/**
 * Go on from the image.
 * @type {(image: RuntimeFile, manifestUrl: string, fresh: boolean) => Promise<Handle>}
 */
async function bootImage(image, manifestUrl, fresh) {
  const name = "python.wasm";
  const downloads = new Downloads({ [name]: image }, manifestUrl, fresh, tellProgress);
  try {
    const { ask } = await Promise.race([downloads.openModule(name).then(resume), downloads.failed]);
    await Promise.all(downloads.checks);
    if (downloads.fault) throw downloads.fault;
    return ask;
  } catch (reason) {
    throw downloads.fault ?? await downloads.diagnose(name) ?? reason; // what is no gzip fails before its length is known
  }
}

/** @type {(loaded: number, total: number) => void} */
function tellProgress(loaded, total) {
  scope.postMessage(protocol.progress(loaded, total, loaded < total ? "Fetching Python" : "Starting Python"));
}

/** @type {Handle} */
let handle = () => { throw new Error("called before it was ready"); };
/** Whether it is the image that answers. */
let isImage = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let warming;

/** @param {Start} message */
async function start({ image, manifestUrl, fresh, warm }) {
  try {
    if (image) {
      try {
        handle = await bootImage(image, manifestUrl, fresh);
        isImage = true;
        scope.postMessage(protocol.ready());
        // What is asked for comes first; without anything, an answer to nobody makes the next ones quick.
        if (warm) warming = setTimeout(() => handle(warm), IDLE_MS);
        return;
      } catch (reason) {
        console.warn("klweb: the quick way to start Python failed, so the slow one is taken.", reason);
      }
    }
    const { pyodide, manifest } = await bootWhole(manifestUrl, fresh, tellProgress);
    handle = pyodide.pyimport(manifest.entry).handle;
    scope.postMessage(protocol.ready());
  } catch (reason) {
    scope.postMessage(failureOf(reason));
  }
}

/** @param {Call} message */
function call({ id, text }) {
  clearTimeout(warming);
  try {
    const answer = handle(text);
    scope.postMessage(typeof answer === "string" ? protocol.answer(id, answer)
      : protocol.error(id, { kind: "internal", message: "Python's answer is not a text" }));
  } catch (reason) {
    if (isImage) {
      console.warn("klweb: the quick Python cannot answer this, so the whole of it is started.", reason);
      return scope.postMessage(protocol.unfit(id));
    }
    // Anything but a Python exception leaves the interpreter in doubt: the worker dies of it.
    if (!(reason instanceof Error && reason.name === "PythonError")) throw reason;
    console.error(reason);
    scope.postMessage(protocol.error(id, { kind: "internal", message: lastLine(reason) }));
  }
}

/** @param {MessageEvent} event */
function hear({ data }) {
  const message = protocol.readToWorker(data);
  if (message.tag === "start") void start(message);
  else call(message);
}
scope.onmessage = hear;
// What was said before these modules were there, see blob.js.
/** @type {MessageEvent[]} */ (/** @type {any} */ (scope).early).forEach(hear);
