// @ts-check
/**
 * Pyodide whole, booted in a worker from the site's own files: what answers where the frozen Python fails, and what runs the
 * cell below a figure.
 */

import { Downloads, StartError, fetchFile, networkFetch } from "./downloads.js";
import * as protocol from "./protocol.js";

/** @typedef {import("./protocol.js").Manifest} Manifest */
/** @typedef {import("./protocol.js").Failed} Failed */
/**
 * @typedef {object} Pyodide
 * @property {(name: string) => any} pyimport
 * @property {(name: string, options: object) => Promise<unknown>} loadPackage
 * @property {(text: string, options: object) => Promise<unknown>} loadPackagesFromImports
 */
/** @typedef {{pyodide: Pyodide, manifest: Manifest}} Whole */

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));

/** WebAssembly may be missing, switched off, or refused by a policy, which shows only in its use. */
async function requireWebAssembly() {
  try {
    // WebKit applies a page's policy to this form, but not to the constructor of a module.
    await WebAssembly.instantiate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  } catch {
    throw new StartError("wasm-off", "Python needs WebAssembly, which is switched off in this browser or refused "
      + "by a policy. Switch it on or use another browser, then try again.");
  }
  if (typeof DecompressionStream === "undefined" || !WebAssembly.instantiateStreaming) {
    throw new StartError("old-browser", "This browser is too old to run Python. Update it or use another one, "
      + "then try again.");
  }
}

/** No such folder: the downloads stand for it. @param {string} manifestUrl */
const folderOf = (manifestUrl) => new URL("pyodide/", manifestUrl).href;

/**
 * Let Pyodide's requests be answered by the downloads, and no others; return what undoes it.
 * @type {(downloads: Downloads) => () => void}
 */
export function answerFrom(downloads) {
  const folder = folderOf(downloads.baseUrl);
  scope.fetch = (input) => {
    const url = String(input instanceof Request ? input.url : input);
    const name = url.startsWith(folder) ? url.slice(folder.length) : "";
    return Object.hasOwn(downloads.files, name) ? downloads.open(name) : Promise.reject(new TypeError(`${url} is no file of Python’s`));
  };
  return () => { scope.fetch = networkFetch; };
}

/**
 * Do the same while Pyodide boots, and tell the downloads when a module can't be compiled.
 * @type {(downloads: Downloads) => () => void}
 */
function resolve(downloads) {
  const undo = answerFrom(downloads);
  const { instantiateStreaming } = WebAssembly;
  // Pyodide only logs that it cannot be compiled, and then waits for ever.
  WebAssembly.instantiateStreaming = (source, imports) =>
    instantiateStreaming.call(WebAssembly, source, imports).catch(async (reason) => {
      // A file that is not the one expected can't be compiled either: that would be its fault, not the browser's.
      const fault = downloads.fault ?? await downloads.diagnose("pyodide.asm.wasm");
      downloads.fail(fault ?? new StartError("old-browser", `This browser could not load Python (${reason}): it may be `
        + "too old, or short of memory. Close other tabs or use another browser, then try again."));
      throw reason;
    });
  return () => {
    undo();
    WebAssembly.instantiateStreaming = instantiateStreaming;
  };
}

/** @type {(manifestUrl: string, fresh: boolean) => Promise<Manifest>} */
export async function fetchManifest(manifestUrl, fresh) {
  const name = new URL(manifestUrl).pathname.split("/").at(-1) ?? "";
  const response = await fetchFile(name, manifestUrl, fresh);
  try {
    return protocol.readManifest(await response.json());
  } catch {
    throw new StartError("corrupt", `The file ${name} is damaged or cut short. Reload the page, or try again.`);
  }
}

/**
 * Boot Pyodide from its own files, with klweb to be imported.
 * @type {(manifestUrl: string, fresh: boolean, onProgress: (loaded: number, total: number) => void) => Promise<Whole>}
 */
export async function bootWhole(manifestUrl, fresh, onProgress) {
  await requireWebAssembly();
  const manifest = await fetchManifest(manifestUrl, fresh);
  const downloads = new Downloads(manifest.files, manifestUrl, fresh, onProgress);
  try {
    return { pyodide: await Promise.race([load(downloads, manifest.entry), downloads.failed]), manifest };
  } catch (reason) {
    throw downloads.fault ?? reason;
  }
}

/** @type {(downloads: Downloads, entry: string) => Promise<Pyodide>} */
async function load(downloads, entry) {
  const folder = folderOf(downloads.baseUrl);
  const restore = resolve(downloads);
  try {
    for (const name of Object.keys(downloads.files)) downloads.open(name);
    // Scripts are run by the browser's loader, which the page's policy governs. Read here first, they are
    // checked and counted, and lie in the cache when the loader asks.
    const scripts = ["pyodide.mjs", "pyodide.asm.js"];
    await Promise.all(scripts.map(async (name) => (await downloads.open(name)).arrayBuffer()));
    const { loadPyodide } = await import(downloads.url("pyodide.mjs"));
    scope.importScripts(downloads.url("pyodide.asm.js")); // Pyodide itself would use a name without the hash
    const pyodide = await loadPyodide({ indexURL: folder, lockFileURL: `${folder}pyodide-lock.json` });
    await pyodide.loadPackage(entry.split(".")[0], { messageCallback() {} });
    return pyodide;
  } finally {
    restore();
  }
}

/**
 * Say why Python can't start.
 * @param {unknown} reason
 * @returns {Failed}
 */
export function failureOf(reason) {
  console.error(reason);
  if (reason instanceof RangeError) {
    return protocol.failed("old-browser", "There is too little free memory here for Python. Close other tabs or use another "
      + "device, then try again.");
  }
  return reason instanceof StartError ? protocol.failed(reason.kind, reason.message)
    : protocol.failed("python", `Python could not start: ${lastLine(reason)}. Try again, or reload the page.`);
}

/**
 * What went wrong, which a Python traceback says at its end.
 * @param {unknown} reason
 */
export function lastLine(reason) {
  return String(reason instanceof Error ? reason.message : reason).trim().split("\n").at(-1) ?? "";
}
