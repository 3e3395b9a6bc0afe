// @ts-check
/**
 * The worker that holds Python: goes on from the image that the build froze, or boots Pyodide whole; then answers calls.
 *
 * Runs in a classic worker (see blob.js), hence `importScripts`, but is itself a module, which the build joins with those
 * that it imports: left apart, Firefox would hold them against the policy for workers, not scripts.
 */

import { Downloads, StartError, fetchFile, networkFetch } from "./downloads.js";
import { resume } from "./image.js";
import * as protocol from "./protocol.js";

/** @typedef {import("./protocol.js").Start} Start */
/** @typedef {import("./protocol.js").RuntimeFile} RuntimeFile */
/** @typedef {import("./protocol.js").Manifest} Manifest */
/** @typedef {import("./protocol.js").Call} Call */
/** @typedef {(text: string) => unknown} Handle */
/** @typedef {{pyimport(name: string): any, loadPackage(name: string, options: object): Promise<unknown>}} Pyodide */

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

/**
 * Let Pyodide's requests below `folder` be answered by the downloads; return what undoes it.
 * @type {(downloads: Downloads, folder: string) => () => void}
 */
function resolve(downloads, folder) {
  const { instantiateStreaming } = WebAssembly;
  scope.fetch = (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    const name = url.startsWith(folder) ? url.slice(folder.length) : "";
    return Object.hasOwn(downloads.files, name) ? downloads.open(name) : networkFetch(input, init);
  };
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
    scope.fetch = networkFetch;
    WebAssembly.instantiateStreaming = instantiateStreaming;
  };
}

/** @type {(manifestUrl: string, fresh: boolean) => Promise<Manifest>} */
async function fetchManifest(manifestUrl, fresh) {
  const name = new URL(manifestUrl).pathname.split("/").at(-1) ?? "";
  const response = await fetchFile(name, manifestUrl, fresh ? "reload" : "default");
  try {
    return protocol.readManifest(await response.json());
  } catch {
    throw new StartError("corrupt", `The file ${name} is damaged or cut short. Reload the page, or try again.`);
  }
}

/**
 * Boot Pyodide whole, from its own files, and import the entry module.
 * @type {(manifestUrl: string, fresh: boolean) => Promise<Handle>}
 */
async function bootWhole(manifestUrl, fresh) {
  await requireWebAssembly();
  const { files, entry } = await fetchManifest(manifestUrl, fresh);
  const downloads = new Downloads(files, manifestUrl, fresh, tellProgress);
  try {
    return await Promise.race([loadWhole(downloads, entry), downloads.failed]);
  } catch (reason) {
    throw downloads.fault ?? reason;
  }
}

/** @type {(downloads: Downloads, entry: string) => Promise<Handle>} */
async function loadWhole(downloads, entry) {
  const folder = new URL("pyodide/", downloads.baseUrl).href; // no such folder: resolve() stands for it
  const restore = resolve(downloads, folder);
  try {
    for (const name of Object.keys(downloads.files)) downloads.open(name);
    // Scripts are run by the browser's loader, which the page's policy governs. Read here first, they are
    // checked and counted, and lie in the cache when the loader asks.
    const scripts = ["pyodide.mjs", "pyodide.asm.js"];
    await Promise.all(scripts.map(async (name) => (await downloads.open(name)).arrayBuffer()));
    const { loadPyodide } = await import(downloads.url("pyodide.mjs"));
    scope.importScripts(downloads.url("pyodide.asm.js")); // Pyodide itself would use a name without the hash
    /** @type {Pyodide} */
    const pyodide = await loadPyodide({ indexURL: folder, lockFileURL: `${folder}pyodide-lock.json` });
    await pyodide.loadPackage(entry.split(".")[0], { messageCallback() {} });
    return pyodide.pyimport(entry).handle;
  } finally {
    restore();
  }
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
    handle = await bootWhole(manifestUrl, fresh);
    scope.postMessage(protocol.ready());
  } catch (reason) {
    console.error(reason);
    if (reason instanceof RangeError) {
      return scope.postMessage(protocol.failed("old-browser", "There is too little free memory here for Python. Close other "
        + "tabs or use another device, then try again."));
    }
    scope.postMessage(reason instanceof StartError ? protocol.failed(reason.kind, reason.message)
      : protocol.failed("python", `Python could not start: ${lastLine(reason)}. Try again, or reload the page.`));
  }
}

/**
 * What went wrong, which a Python traceback says at its end.
 * @param {unknown} reason
 */
function lastLine(reason) {
  return String(reason instanceof Error ? reason.message : reason).trim().split("\n").at(-1) ?? "";
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
