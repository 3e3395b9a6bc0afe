// @ts-check
/**
 * The wire format between the page (runtime.js) and the worker that holds Python (worker.js).
 *
 *   page → worker   start(image, manifestUrl, fresh, warm) · call(id, text) · join, with a port
 *   worker → page   progress(loaded, total, what) · ready · failed(kind, message)
 *                   answer(id, text) · error(id, error) · unfit(id)
 *
 * `warm` is a request that nobody waits for, answered once Python is up so that the next is answered sooner. Each `call` is
 * followed by one `answer`, `error` or `unfit` with its id, unless the worker dies. `unfit` says that
 * the frozen Python lacks what the call needs: nothing more can be asked of that worker, and the next one
 * is started without an image, which makes it boot Pyodide whole. Whatever has another shape is refused.
 * Through the port of a `join` another page hears how things stand, and may send calls and nothing else.
 *
 * @typedef {"plain" | "gzip" | "brotli"} Encoding
 * @typedef {{bytes: number, sha256: string}} Plain a file's length and hash once it is decoded
 * @typedef {{url: string, bytes: number, sha256: string, encoding: Encoding, plain?: Plain}} RuntimeFile
 *   `bytes` and `sha256` are those of the file as it lies on the server, beside the manifest.
 * @typedef {{[name: string]: RuntimeFile}} Files
 * @typedef {{version: string, python: string, entry: string, files: Files, packages: Files, wheel: string}} Manifest
 *   `files` is what boots; `packages` are wheels that readers may import in a cell; `wheel` is klweb's for pip, beside it.
 *
 * @typedef {"offline" | "blocked" | "truncated" | "corrupt" | "wasm-off" | "old-browser" | "slow"
 *   | "python" | "internal" | "crashed" | "stopped"} ErrorKind
 * @typedef {{kind: ErrorKind, message: string}} Fault
 *
 * @typedef {{tag: "start", image: RuntimeFile | null, manifestUrl: string, fresh: boolean, warm: string}} Start
 * @typedef {{tag: "call", id: number, text: string}} Call
 * @typedef {{tag: "join"}} Join
 * @typedef {Start | Call | Join} ToWorker
 *
 * @typedef {{tag: "progress", loaded: number, total: number, what: string}} Progress
 * @typedef {{tag: "ready"}} Ready
 * @typedef {{tag: "failed", kind: ErrorKind, message: string}} Failed
 * @typedef {{tag: "answer", id: number, text: string}} Answer
 * @typedef {{tag: "error", id: number, error: Fault}} CallError
 * @typedef {{tag: "unfit", id: number}} Unfit
 * @typedef {Progress | Ready | Failed | Answer | CallError | Unfit} FromWorker
 */

/** @type {readonly ErrorKind[]} */
export const ERROR_KINDS = [
  "offline", "blocked", "truncated", "corrupt", "wasm-off", "old-browser", "slow",
  "python", "internal", "crashed", "stopped",
];

/** @type {(image: RuntimeFile | null, manifestUrl: string, fresh: boolean, warm?: string) => Start} */
export const start = (image, manifestUrl, fresh, warm = "") => ({ tag: "start", image, manifestUrl, fresh, warm });
/** @type {(id: number, text: string) => Call} */
export const call = (id, text) => ({ tag: "call", id, text });
/** @type {() => Join} */
export const join = () => ({ tag: "join" });
/** @type {(loaded: number, total: number, what: string) => Progress} */
export const progress = (loaded, total, what) => ({ tag: "progress", loaded, total, what });
/** @type {() => Ready} */
export const ready = () => ({ tag: "ready" });
/** @type {(kind: ErrorKind, message: string) => Failed} */
export const failed = (kind, message) => ({ tag: "failed", kind, message });
/** @type {(id: number, text: string) => Answer} */
export const answer = (id, text) => ({ tag: "answer", id, text });
/** @type {(id: number, error: Fault) => CallError} */
export const error = (id, { kind, message }) => ({ tag: "error", id, error: { kind, message } });

/** @type {(id: number) => Unfit} */
export const unfit = (id) => ({ tag: "unfit", id });

/** A message or manifest of a shape this format does not know. */
export class ProtocolError extends Error {
  name = "ProtocolError";
}

/** @typedef {(value: unknown) => boolean} Check */

/**
 * @param {unknown} value
 * @returns {value is {[name: string]: unknown}}
 */
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
/** @type {Check} */
const isText = (value) => typeof value === "string";
/** @type {Check} */
const isFlag = (value) => typeof value === "boolean";
/** @type {Check} */
const isCount = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
/** @type {Check} */
const isKind = (value) => ERROR_KINDS.some((kind) => kind === value);
/** @type {(fields: {[name: string]: Check}) => Check} */
const isShape = (fields) => (value) => isRecord(value)
  && Object.keys(value).length === Object.keys(fields).length
  && Object.entries(fields).every(([name, check]) => Object.hasOwn(value, name) && check(value[name]));

// A name in the manifest's own folder: it can neither climb out nor name another host.
/** @type {Check} */
const isFileName = (value) => typeof value === "string" && /^\w[\w.+-]*$/.test(value);
/** @type {Check} */
const isHash = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
const FILE = {
  url: isFileName,
  bytes: isCount,
  sha256: isHash,
  encoding: (/** @type {unknown} */ value) => value === "plain" || value === "gzip" || value === "brotli",
};
const isRuntimeFile = isShape(FILE);
const isImage = isShape({ ...FILE, plain: isShape({ bytes: isCount, sha256: isHash }) });
/** @type {Check} */
const isFiles = (value) => isRecord(value)
  && Object.entries(value).every(([name, file]) => isFileName(name) && isRuntimeFile(file));
const isManifestShape = isShape({
  version: isText,
  python: isText,
  entry: (value) => typeof value === "string" && /^\w+(\.\w+)*$/.test(value),
  files: isFiles,
  packages: isFiles,
  wheel: (value) => typeof value === "string" && /^[0-9a-f]{12}\/\w[\w.+-]*\.whl$/.test(value),
});

/** @type {{[tag: string]: Check}} */
const TO_WORKER = {
  start: isShape({
    tag: isText,
    image: (value) => value === null || isImage(value),
    manifestUrl: isText,
    fresh: isFlag,
    warm: isText,
  }),
  call: isShape({ tag: isText, id: isCount, text: isText }),
  join: isShape({ tag: isText }),
};
/** @type {{[tag: string]: Check}} */
const FROM_WORKER = {
  progress: isShape({ tag: isText, loaded: isCount, total: isCount, what: isText }),
  ready: isShape({ tag: isText }),
  failed: isShape({ tag: isText, kind: isKind, message: isText }),
  answer: isShape({ tag: isText, id: isCount, text: isText }),
  error: isShape({ tag: isText, id: isCount, error: isShape({ kind: isKind, message: isText }) }),
  unfit: isShape({ tag: isText, id: isCount }),
};

/** @type {(checks: {[tag: string]: Check}, data: unknown) => unknown} */
function read(checks, data) {
  const tag = isRecord(data) ? data.tag : undefined;
  if (typeof tag !== "string" || !Object.hasOwn(checks, tag)) {
    throw new ProtocolError(`unknown message tag ${JSON.stringify(tag)}`);
  }
  if (!checks[tag](data)) throw new ProtocolError(`a ${tag} message of another shape`);
  return data;
}

/**
 * Read what the page sent, or throw a ProtocolError.
 * @type {(data: unknown) => ToWorker}
 */
export const readToWorker = (data) => /** @type {ToWorker} */ (read(TO_WORKER, data));

/**
 * Read what the worker sent, or throw a ProtocolError.
 * @type {(data: unknown) => FromWorker}
 */
export const readFromWorker = (data) => /** @type {FromWorker} */ (read(FROM_WORKER, data));

/**
 * Read the parsed text of a runtime manifest, or throw a ProtocolError.
 * @type {(data: unknown) => Manifest}
 */
export function readManifest(data) {
  if (!isManifestShape(data)) throw new ProtocolError("a runtime manifest of another shape");
  return /** @type {Manifest} */ (data);
}
