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
/** @typedef {Pick<MessagePort, "postMessage">} Asker */
/** @type {Asker[]} the page, and figures of other frames that share this Python */
const askers = [scope];
/** @type {protocol.FromWorker | undefined} what was last said of the start */
let news;

/** Tell everybody how the start goes. @param {protocol.FromWorker} message */
function tell(message) {
  news = message;
  for (const asker of askers) asker.postMessage(message);
}

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
    await Promise.all(downloads.checks);
    throw downloads.fault ?? await downloads.diagnose(name) ?? reason; // what is no gzip fails before its length is known
  }
}

/** @type {(loaded: number, total: number) => void} */
function tellProgress(loaded, total) {
  tell(protocol.progress(loaded, total, loaded < total ? "Fetching Python" : "Starting Python"));
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
        tell(protocol.ready());
        // What is asked for comes first; without anything, an answer to nobody makes the next ones quick.
        if (warm) warming = setTimeout(() => handle(warm), IDLE_MS);
        return;
      } catch (reason) {
        console.warn("klweb: the quick way to start Python failed, so the slow one is taken.", reason);
      }
    }
    const { pyodide, manifest } = await bootWhole(manifestUrl, fresh, tellProgress);
    handle = pyodide.pyimport(manifest.entry).handle;
    tell(protocol.ready());
  } catch (reason) {
    tell(failureOf(reason));
  }
}

/** @param {Call} message @param {Asker} asker */
function call({ id, text }, asker) {
  clearTimeout(warming);
  try {
    const answer = handle(text);
    asker.postMessage(typeof answer === "string" ? protocol.answer(id, answer)
      : protocol.error(id, { kind: "internal", message: "Python's answer is not a text" }));
  } catch (reason) {
    if (isImage) {
      console.warn("klweb: the quick Python cannot answer this, so the whole of it is started.", reason);
      // Whoever asks next, and shares it, has to hear the same.
      handle = () => { throw reason; };
      return asker.postMessage(protocol.unfit(id));
    }
    // Anything but a Python exception leaves the interpreter in doubt: the worker dies of it.
    if (!(reason instanceof Error && reason.name === "PythonError")) throw reason;
    console.error(reason);
    asker.postMessage(protocol.error(id, { kind: "internal", message: lastLine(reason) }));
  }
}

/** Answer another page, too, which may ask and nothing else. @param {MessagePort} port */
function join(port) {
  askers.push(port);
  if (news) port.postMessage(news);
  port.onmessage = ({ data }) => {
    /** @type {protocol.ToWorker | undefined} */
    let message;
    try {
      message = protocol.readToWorker(data);
    } catch (reason) {
      console.warn(reason);
    }
    if (message?.tag === "call") call(message, port);
    else port.close();
  };
}

/** @param {MessageEvent} event */
function hear({ data, ports }) {
  const message = protocol.readToWorker(data);
  if (message.tag === "start") void start(message);
  else if (message.tag === "join") join(ports[0]);
  else call(message, scope);
}
scope.onmessage = hear;
// What was said before these modules were there, see blob.js.
/** @type {MessageEvent[]} */ (/** @type {any} */ (scope).early).forEach(hear);
