// @ts-check
/**
 * The runtime's files on their way to Python: each fetched once, checked against the manifest, counted.
 */

import { requestOf } from "./request.js";

/** @typedef {import("./protocol.js").RuntimeFile} RuntimeFile */
/** @typedef {import("./protocol.js").ErrorKind} ErrorKind */
/** @typedef {import("./protocol.js").Plain} Plain */
/** @typedef {ReadableStream<Uint8Array<ArrayBuffer>>} Bytes */

const browserFetch = globalThis.fetch;
/** The browser's own fetch; the worker's is replaced while Pyodide boots. @type {typeof fetch} */
export const networkFetch = (input, init) => browserFetch(input, init);

/** What was asked for before this script was there, by address; see blob.js. @type {Map<string, Promise<Response>>} */
const begun = /** @type {any} */ (globalThis).begun ?? new Map();

const WASM = "application/wasm";
const TRY_AGAIN = "Check the connection, then try again.";

/** Why Python cannot start, in words for the reader. */
export class StartError extends Error {
  /** @param {ErrorKind} kind @param {string} message */
  constructor(kind, message) {
    super(message);
    this.name = "StartError"; // which the class would lose when it is made small
    this.kind = kind;
  }
}

/** The runtime's files, each fetched once, checked, and counted. */
export class Downloads {
  /** @type {Map<string, Promise<Response>>} */
  #responses = new Map();
  #loaded = 0;
  #total;
  /** @type {StartError | undefined} The first fault: what follows from it is less telling. */
  fault;
  /** @type {Promise<void>[]} what has to be over before anything that was opened is used */
  checks = [];

  /**
   * @param {Record<string, RuntimeFile>} files by the name that asks for each
   * @param {string} baseUrl the files lie beside it
   * @param {boolean} fresh pass over the browser's cache
   * @param {(loaded: number, total: number) => void} onProgress called with bytes as they arrive
   */
  constructor(files, baseUrl, fresh, onProgress) {
    this.files = files;
    this.baseUrl = baseUrl;
    this.fresh = fresh;
    this.onProgress = onProgress;
    this.#total = Object.values(this.files).reduce((sum, file) => sum + file.bytes, 0);
    /** @type {Promise<never>} Pyodide only logs some failures and then never settles. */
    this.failed = new Promise((_, reject) => { this.reject = reject; });
  }

  /** @param {StartError} fault */
  fail(fault) {
    this.fault ??= fault;
    this.reject?.(this.fault);
  }

  /** @param {string} name */
  url(name) {
    return new URL(this.files[name].url, this.baseUrl).href;
  }

  /**
   * A response whose body ends only when its length and hash turn out right.
   * @param {string} name
   */
  open(name) {
    const response = this.#responses.get(name) ?? this.#request(name);
    this.#responses.set(name, response);
    response.catch((fault) => this.fail(fault));
    return response;
  }

  /**
   * Open a WebAssembly module. A decoded copy that the service worker keeps is compiled while it is checked, and as the very
   * response that came: with what it keeps of that one, a browser may keep the code that it compiled.
   * @param {string} name
   */
  async openModule(name) {
    const { plain } = this.files[name];
    const response = await this.#fetch(name).catch((fault) => {
      this.fail(fault);
      throw fault;
    });
    // No host gives that type to a .bin file.
    if (!plain || response.headers.get("Content-Type") !== WASM) return this.#checkedResponse(name, response);
    this.checks.push(this.#checkKept(name, response.clone(), plain));
    return response;
  }

  /** @param {string} name @param {Response} copy @param {Plain} plain */
  async #checkKept(name, copy, plain) {
    const content = new Uint8Array(await copy.arrayBuffer().catch(() => new ArrayBuffer(0)));
    this.onProgress((this.#loaded += this.files[name].bytes), this.#total);
    this.#judge(name, await this.#inspect(name, [content], content.byteLength, plain));
  }

  /** @param {string} name */
  async #request(name) {
    return this.#checkedResponse(name, await this.#fetch(name));
  }

  /** @param {string} name */
  #fetch(name) {
    return fetchFile(name, this.url(name), this.fresh);
  }

  /** @param {string} name @param {Response} response */
  #checkedResponse(name, response) {
    const file = this.files[name];
    let body = this.#checked(name, /** @type {Bytes} */ (response.body), file);
    // The types that come with TypeScript do not know all encodings yet.
    if (file.encoding !== "plain") body = body.pipeThrough(new DecompressionStream(/** @type {any} */ (file.encoding)));
    // Compiling while the bytes arrive demands this type.
    return new Response(body, { headers: { "Content-Type": name.endsWith(".wasm") ? WASM : "application/octet-stream" } });
  }

  /** @param {string} name @param {StartError | undefined} fault */
  #judge(name, fault) {
    if (!fault) return;
    void forget(this.url(name)).catch(() => {}); // a look at what is kept throws in sandboxed frames
    this.fail(fault);
  }

  /**
   * Read a file again and say what is wrong with it, if anything: one that is no gzip at all fails to inflate before its
   * length and hash are known.
   * @param {string} name
   * @returns {Promise<StartError | undefined>}
   */
  async diagnose(name) {
    try {
      const content = new Uint8Array(await (await this.#fetch(name)).arrayBuffer());
      return await this.#inspect(name, [content], content.byteLength, this.files[name]);
    } catch (reason) {
      return reason instanceof StartError ? reason : undefined;
    }
  }

  /** @param {string} name @param {Bytes} body @param {Plain} expected @returns {Bytes} */
  #checked(name, body, expected) {
    const { bytes } = expected;
    const reader = body.getReader();
    /** @type {Uint8Array<ArrayBuffer>[]} */
    const chunks = [];
    let arrived = 0;
    /** @param {ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>} controller */
    const pull = async (controller) => {
      // A connection that breaks looks like an end that comes too soon.
      const { value } = await reader.read().catch(() => ({ value: undefined }));
      if (value) {
        arrived += value.byteLength;
        chunks.push(value);
        this.onProgress((this.#loaded += value.byteLength), this.#total);
        if (arrived <= bytes) return controller.enqueue(value);
      }
      const fault = await this.#inspect(name, chunks, arrived, expected);
      if (!fault) return controller.close();
      this.#judge(name, fault);
      controller.error(fault);
    };
    // No high-water mark: every file is fetched at once, whether Pyodide already reads it or not.
    return new ReadableStream({ pull, cancel: (reason) => reader.cancel(reason) }, { highWaterMark: Infinity });
  }

  /** @param {string} name @param {Uint8Array<ArrayBuffer>[]} chunks @param {number} arrived @param {Plain} expected */
  async #inspect(name, chunks, arrived, { bytes, sha256 }) {
    if (arrived < bytes) {
      return new StartError("truncated", `The file ${name} arrived cut short: ${arrived} of ${bytes} bytes. ${TRY_AGAIN}`);
    }
    // Browsers hash in secure contexts only; over plain HTTP the length has to do.
    if (arrived > bytes || (globalThis.crypto?.subtle && await hash(chunks) !== sha256)) {
      return new StartError("corrupt", `The file ${name} is not the one expected: it was changed on its way. ${TRY_AGAIN}`);
    }
    return undefined;
  }
}

/**
 * A copy that the service worker keeps and that is not the file expected must not stay: the next visit fetches it again.
 * @param {string} url
 */
async function forget(url) {
  for (const name of await caches.keys()) await (await caches.open(name)).delete(url);
}

/** @type {(chunks: Uint8Array<ArrayBuffer>[]) => Uint8Array<ArrayBuffer>} */
function joined(chunks) {
  if (chunks.length === 1) return chunks[0];
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

/** @type {(chunks: Uint8Array<ArrayBuffer>[]) => Promise<string>} */
async function hash(chunks) {
  const digest = await crypto.subtle.digest("SHA-256", joined(chunks));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @type {(name: string, url: string, fresh: boolean) => Promise<Response>} */
export async function fetchFile(name, url, fresh) {
  const first = begun.get(url);
  begun.delete(url);
  const response = await (first ?? networkFetch(url, requestOf(fresh))).catch(() => undefined);
  if (response?.ok && response.body) return response;
  if (response) {
    throw new StartError("blocked", `The file ${name} is not on the server (HTTP ${response.status}). `
      + "The site may have been updated: reload the page, or try again.");
  }
  if (globalThis.navigator?.onLine === false) {
    throw new StartError("offline", "You seem to be offline, and Python has yet to be fetched. Connect, then try again.");
  }
  throw new StartError("blocked", `The file ${name} could not be fetched: the connection or a content blocker may be `
    + `the cause. ${TRY_AGAIN}`);
}
