// @ts-check
/**
 * Runs before the page is laid out.
 *
 * Where the service worker keeps the site, Python costs nobody anything, and its worker comes up while the page does;
 * `python.js` takes it over. What is off the screen is laid out when all that has settled.
 *
 * The build joins this with what it imports into one classic script.
 */

import { makeBlobWorker } from "./blob.js";
import { decodes } from "./encoding.js";

/**
 * @typedef {object} Early a worker that has been told to start
 * @property {Worker} worker
 * @property {Event[]} heard what came from it before anybody listened
 */

function startEarly() {
  const config = JSON.parse(document.getElementById("klweb")?.textContent ?? "{}");
  try {
    if (!config.early || !navigator.serviceWorker?.controller) return;
  } catch {
    return; // in a sandboxed frame it may not even be looked at
  }
  const image = config.image.find((/** @type {{encoding: string}} */ { encoding }) => decodes(encoding)) ?? null;
  const address = (/** @type {string} */ path) => new URL(path, document.baseURI).href;
  const worker = makeBlobWorker(address(config.worker));
  /** @type {Event[]} */
  const heard = [];
  for (const type of ["message", "error", "messageerror"]) worker.addEventListener(type, (event) => heard.push(event));
  /** @type {import("./protocol.js").Start} */
  const start = { tag: "start", image, manifestUrl: address(config.runtime), fresh: false, warm: config.early };
  worker.postMessage(start);
  /** @type {any} */ (window).klwebEarly = { worker, heard };
}
startEarly();

// A link into the page needs everything in its place at once.
if (!location.hash) {
  const { classList } = document.documentElement;
  classList.add("settling");
  addEventListener("load", () => setTimeout(() => classList.remove("settling"), 2000), { once: true });
}
