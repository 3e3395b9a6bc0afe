// @ts-check
/**
 * The wire format between the page (runtime.js) and the worker that holds Python (worker.js).
 *
 *   page → worker   start(manifest, manifestUrl, fresh) · call(id, text)
 *   worker → page   hello · progress(loaded, total, what) · ready · failed(kind, message)
 *                   answer(id, text) · error(id, error)
 *
 * `hello` comes first: a message sent before the worker listens would be lost. Each `call` is
 * followed by one `answer` or `error` with its id, unless the worker dies. Whatever has another
 * shape is refused.
 *
 * @typedef {"plain" | "gzip"} Encoding
 * @typedef {{url: string, bytes: number, sha256: string, encoding: Encoding}} RuntimeFile
 *   `bytes` and `sha256` are those of the file as it lies on the server.
 * @typedef {{version: string, python: string, entry: string, files: {[name: string]: RuntimeFile}}} Manifest
 *
 * @typedef {"offline" | "blocked" | "truncated" | "corrupt" | "wasm-off" | "old-browser" | "slow"
 *   | "python" | "internal" | "crashed" | "stopped"} ErrorKind
 * @typedef {{kind: ErrorKind, message: string}} Fault
 *
 * @typedef {{tag: "start", manifest: Manifest, manifestUrl: string, fresh: boolean}} Start
 * @typedef {{tag: "call", id: number, text: string}} Call
 * @typedef {Start | Call} ToWorker
 *
 * @typedef {{tag: "hello"}} Hello
 * @typedef {{tag: "progress", loaded: number, total: number, what: string}} Progress
 * @typedef {{tag: "ready"}} Ready
 * @typedef {{tag: "failed", kind: ErrorKind, message: string}} Failed
 * @typedef {{tag: "answer", id: number, text: string}} Answer
 * @typedef {{tag: "error", id: number, error: Fault}} CallError
 * @typedef {Hello | Progress | Ready | Failed | Answer | CallError} FromWorker
 */

/** @type {readonly ErrorKind[]} */
export const ERROR_KINDS = [
  "offline", "blocked", "truncated", "corrupt", "wasm-off", "old-browser", "slow",
  "python", "internal", "crashed", "stopped",
];

/** @type {(manifest: Manifest, manifestUrl: string, fresh: boolean) => Start} */
export const start = (manifest, manifestUrl, fresh) => ({ tag: "start", manifest, manifestUrl, fresh });
/** @type {(id: number, text: string) => Call} */
export const call = (id, text) => ({ tag: "call", id, text });
/** @type {() => Hello} */
export const hello = () => ({ tag: "hello" });
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
const isFileName = (value) => typeof value === "string" && /^\w[\w.-]*$/.test(value);
const isRuntimeFile = isShape({
  url: isFileName,
  bytes: isCount,
  sha256: (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value),
  encoding: (value) => value === "plain" || value === "gzip",
});
const isManifestShape = isShape({
  version: isText,
  python: isText,
  entry: (value) => typeof value === "string" && /^\w+(\.\w+)*$/.test(value),
  files: (value) => isRecord(value)
    && Object.entries(value).every(([name, file]) => isFileName(name) && isRuntimeFile(file)),
});

/** @type {{[tag: string]: Check}} */
const TO_WORKER = {
  start: isShape({ tag: isText, manifest: isManifestShape, manifestUrl: isText, fresh: isFlag }),
  call: isShape({ tag: isText, id: isCount, text: isText }),
};
/** @type {{[tag: string]: Check}} */
const FROM_WORKER = {
  hello: isShape({ tag: isText }),
  progress: isShape({ tag: isText, loaded: isCount, total: isCount, what: isText }),
  ready: isShape({ tag: isText }),
  failed: isShape({ tag: isText, kind: isKind, message: isText }),
  answer: isShape({ tag: isText, id: isCount, text: isText }),
  error: isShape({ tag: isText, id: isCount, error: isShape({ kind: isKind, message: isText }) }),
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
