// @ts-check
/**
 * The worker that holds Python: boots Pyodide from the manifest's files, then answers calls.
 *
 * Runs in a classic worker (see runtime.js), hence `importScripts`, but is itself a module. A memory
 * snapshot would be another function beside `bootPlain`, with the same promise of a `handle`.
 */

/** @typedef {import("./downloads.js").Downloads} Downloads */
/** @typedef {import("./protocol.js").Start} Start */
/** @typedef {import("./protocol.js").Call} Call */
/** @typedef {(text: string) => unknown} Handle */
/** @typedef {{pyimport(name: string): any, loadPackage(name: string, options: object): Promise<unknown>}} Pyodide */

// Not by import statements: in a worker Firefox holds those against the policy for workers, not scripts.
const [{ Downloads, StartError, networkFetch }, protocol] = await Promise.all([
  import("./downloads.js"), import("./protocol.js"),
]);

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

/**
 * Boot Pyodide from its own files and import the entry module.
 * @type {(downloads: Downloads, entry: string) => Promise<Handle>}
 */
async function bootPlain(downloads, entry) {
  const folder = new URL("pyodide/", downloads.manifestUrl).href; // no such folder: resolve() stands for it
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

/** @param {Start} message */
async function start({ manifest, manifestUrl, fresh }) {
  const downloads = new Downloads(manifest, manifestUrl, fresh, (loaded, total) => {
    scope.postMessage(protocol.progress(loaded, total, loaded < total ? "Fetching Python" : "Starting Python"));
  });
  try {
    await requireWebAssembly();
    handle = await Promise.race([bootPlain(downloads, manifest.entry), downloads.failed]);
    scope.postMessage(protocol.ready());
  } catch (caught) {
    const reason = downloads.fault ?? caught;
    console.error(reason);
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
  try {
    const answer = handle(text);
    scope.postMessage(typeof answer === "string" ? protocol.answer(id, answer)
      : protocol.error(id, { kind: "internal", message: "Python's answer is not a text" }));
  } catch (reason) {
    // Anything but a Python exception leaves the interpreter in doubt: the worker dies of it.
    if (!(reason instanceof Error && reason.name === "PythonError")) throw reason;
    console.error(reason);
    scope.postMessage(protocol.error(id, { kind: "internal", message: lastLine(reason) }));
  }
}

scope.onmessage = ({ data }) => {
  const message = protocol.readToWorker(data);
  if (message.tag === "start") start(message);
  else call(message);
};
scope.postMessage(protocol.hello());

export {}; // says that this is a module
