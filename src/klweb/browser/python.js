// @ts-check
/**
 * The page's one Python, and the signs that a reader will want it.
 *
 * Runs as soon as it is there, while the page is still being read and laid out, so that no sign is missed.
 */

import { sparing } from "./connection.js";
import { Runtime } from "./runtime.js";
import { makeBlobWorker } from "./blob.js";

/** @typedef {import("./spawn.js").WorkerLike} WorkerLike */

/** What the build knows of this page. */
export const config = JSON.parse(document.getElementById("klweb")?.textContent ?? "{}");

/** @type {import("./ahead.js").Early | undefined} */
let early = /** @type {any} */ (window).klwebEarly;

/**
 * Take over the worker that `early.js` made and told to start, if it made one, else make one.
 * @param {string} workerUrl
 * @param {import("./protocol.js").Start} start
 * @returns {WorkerLike}
 */
function makeWorker(workerUrl, start) {
  if (!early) return makeBlobWorker(workerUrl, start);
  const { worker, heard } = early;
  early = undefined;
  return {
    postMessage: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
    addEventListener(/** @type {string} */ type, /** @type {any} */ listener) {
      worker.addEventListener(type, listener);
      for (const event of heard) if (event.type === type) listener(event);
    },
  };
}

export const python = new Runtime({
  manifestUrl: config.runtime, image: config.image, workerUrl: config.worker, makeWorker,
});

// A hand on a figure, or a mouse over it, is a reader who will want Python in a moment. Where bytes are dear it takes a hand
// on a control: a finger may just have come to scroll. In somebody else's page a mouse is on its way past, over many figures.
const intents = ["pointerdown", "focusin"];
if (parent === window && matchMedia("(hover: hover) and (pointer: fine)").matches) intents.push("pointerover");
/** @param {Event} event */
function notice({ target }) {
  if (!(target instanceof Element) || !target.closest("figure.widget")) return;
  if (sparing() && !target.closest("input, .controls button")) return;
  for (const intent of intents) removeEventListener(intent, notice);
  void python.start();
}
for (const intent of intents) addEventListener(intent, notice, { passive: true });

if (early) {
  python.isKept = true;
  void python.start();
}
