// @ts-check
/**
 * Where the service worker keeps the site, Python costs nobody anything: its worker comes up while the page is laid out, and
 * `python.js` takes it over.
 */

import { makeBlobWorker } from "./blob.js";
import { decodes } from "./encoding.js";

/**
 * @typedef {object} Early what was begun
 * @property {Worker} worker told to start
 * @property {Event[]} heard what came from it before anybody listened
 * @property {Map<string, Promise<Response>>} files what the first figure will ask for, by address
 */

/** Where a page has room for the wider frame, more or less. */
const WIDE_PX = 720;

function startEarly() {
  const config = JSON.parse(document.getElementById("klweb")?.textContent ?? "{}");
  try {
    if (!config.early || !navigator.serviceWorker?.controller) return;
  } catch {
    return; // in a sandboxed frame it may not even be looked at
  }
  const image = config.image.find((/** @type {{encoding: string}} */ { encoding }) => decodes(encoding)) ?? null;
  const address = (/** @type {string} */ path) => new URL(path, document.baseURI).href;
  const worker = makeBlobWorker(address(config.worker), {
    tag: "start", image, manifestUrl: address(config.runtime), fresh: false, warm: config.early,
  });
  /** @type {Event[]} */
  const heard = [];
  for (const type of ["message", "error", "messageerror"]) worker.addEventListener(type, (event) => heard.push(event));
  // Which of its frames it will be is only known once the page is laid out; on most screens it is this one.
  const { presets } = config.widgets[JSON.parse(config.early).widget];
  const url = address(innerWidth < WIDE_PX ? presets.phone : presets.desk);
  const files = new Map([[url, fetch(url, { credentials: "omit" })]]);
  files.get(url)?.catch(() => {}); // whoever takes it hears of it
  /** @type {any} */ (window).klwebEarly = { worker, heard, files };
}
startEarly();
