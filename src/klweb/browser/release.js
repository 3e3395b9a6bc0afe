// @ts-check
/**
 * One release of the site on the reader's device: fetched whole, checked, and given out again.
 *
 * Files whose names carry a hash are given out from wherever they are kept, since one name is one content. Pages have
 * plain names: they come from the network, and from this release alone where there is none.
 */

import { decodes } from "./encoding.js";

/**
 * @typedef {object} List what the build knows of a release
 * @property {string} id a hash of the rest
 * @property {Record<string, [bytes: number, integrity: string, encoding?: string, plain?: number]>} files by site path; a
 * page's is its folder's, "" or "…/". Files with an encoding are one file in several, of which a browser needs one: it is
 * kept decoded, as so many bytes, and says that it is by its type, `DECODED`.
 */
/** @typedef {Pick<CacheStorage, "open" | "match" | "delete" | "keys" | "has">} Storage */

/** How many files are fetched at a time: few, so that what the reader asks for passes. */
const LANES = 3;

/**
 * The names of the caches of one site begin alike; several sites, each with its path, may share an origin.
 * @param {string} scope the site's address
 */
const prefix = (scope) => `klweb ${new URL(scope).pathname} `;

/**
 * Delete the kept releases of a site.
 * @param {Storage} storage
 * @param {string} scope the site's address
 * @param {string} [spared] the name of a cache that stays
 */
export async function discard(storage, scope, spared) {
  const names = (await storage.keys()).filter((name) => name.startsWith(prefix(scope)) && name !== spared);
  await Promise.all(names.map((name) => storage.delete(name)));
}

/** The type of what is kept decoded; hosts have another one for it. */
const DECODED = "application/wasm";

/** @param {string} path */
const isPage = (path) => /(^|\/)$/.test(path);

/**
 * Leave out what is there in a better encoding: as the page does, which takes the smallest that the browser decodes.
 * @param {List["files"]} files
 */
function needed(files) {
  const entries = Object.entries(files);
  const sizes = entries.filter(([, [, , encoding]]) => encoding && decodes(encoding)).map(([, [bytes]]) => bytes);
  const best = Math.min(...sizes);
  return entries.filter(([, [bytes, , encoding]]) => !encoding || (decodes(encoding) && bytes === best));
}

export class Release {
  /** @type {Promise<void> | undefined} */
  #keeping;

  /**
   * @param {List} list
   * @param {string} scope the site's address, with a slash at its end
   * @param {Storage} storage
   * @param {(input: Request | string, init?: RequestInit) => Promise<Response>} network
   */
  constructor(list, scope, storage, network) {
    this.scope = scope;
    this.storage = storage;
    this.network = network;
    this.cacheName = prefix(scope) + list.id;
    const entries = needed(list.files);
    /** @type {Map<string, {bytes: number, integrity: string, encoding: string, isPage: boolean}>} by absolute address */
    this.files = new Map(entries.map(([path, [bytes, integrity, encoding = "plain", plain = bytes]]) =>
      [new URL(path, scope).href, { bytes: plain, integrity, encoding, isPage: isPage(path) }]));
    const hashed = entries.map(([path]) => path).filter((path) => !isPage(path));
    /** The folders that hold files with a hash in their names, and nothing else that is kept. */
    this.folders = [...new Set(hashed.map((path) => new URL(`${path.split("/")[0]}/`, scope).href))];
  }

  get bytes() {
    return [...this.files.values()].reduce((sum, file) => sum + file.bytes, 0);
  }

  /**
   * Fetch what is missing. A file that can't be had exactly as the list has it rejects; what is there by then stays, and
   * the next try begins with it.
   */
  keep() {
    this.#keeping ??= this.#fill().finally(() => { this.#keeping = undefined; });
    return this.#keeping;
  }

  async #fill() {
    const cache = await this.storage.open(this.cacheName);
    const kept = new Set((await cache.keys()).map(({ url }) => url));
    const missing = [...this.files].filter(([url]) => !kept.has(url));
    if (!missing.length) return;
    await requireRoom(missing.reduce((sum, [, { bytes }]) => sum + bytes, 0));
    const waiting = missing.values();
    const lane = async () => {
      for (const [url, { integrity, encoding, isPage }] of waiting) {
        await cache.put(url, decoded(await this.#obtain(url, integrity, isPage), encoding));
      }
    };
    try {
      await Promise.all(Array.from({ length: LANES }, lane));
    } catch (reason) {
      // On a device without room, half a release only takes more of it.
      if (reason instanceof DOMException && reason.name === "QuotaExceededError") await this.storage.delete(this.cacheName);
      throw reason;
    }
  }

  /** @param {string} url @param {string} integrity @param {boolean} isPage */
  async #obtain(url, integrity, isPage) {
    // An older release may have the same file: it was checked when it came.
    const known = isPage ? undefined : await this.storage.match(url);
    if (known) return known;
    /** @param {RequestCache} cache */
    const get = async (cache) => {
      const response = await this.network(url, { cache, integrity, priority: "low" });
      if (response.status !== 200 || response.redirected) throw new TypeError(`${url} answers ${response.status}`);
      return response;
    };
    // The browser's own cache holds what the page has just used; it may also hold a damaged or older copy.
    return get(isPage ? "no-cache" : "force-cache").catch(() => get("reload"));
  }

  /**
   * Return what to answer a request with; nothing for one that is none of our business.
   * @param {Request} request
   * @param {Promise<Response | undefined>} [preloaded] the network's answer, where the browser has asked already
   */
  answer(request, preloaded) {
    if (request.method !== "GET" || !request.url.startsWith(this.scope)) return undefined;
    if (request.mode === "navigate") return this.#page(request, preloaded);
    return this.folders.some((folder) => request.url.startsWith(folder)) ? this.#file(request) : undefined;
  }

  /** @param {Request} request */
  async #file(request) {
    // Storage may have been cleared or broken behind our back.
    const kept = await this.storage.match(request.url, { ignoreVary: true }).catch(() => undefined);
    return kept ?? this.network(request);
  }

  /** @param {Request} request @param {Promise<Response | undefined>} [preloaded] */
  async #page(request, preloaded) {
    try {
      return await preloaded ?? await this.network(request);
    } catch (reason) {
      const { origin, pathname, search } = new URL(request.url);
      const page = origin + pathname.replace(/\/index\.html$/, "/");
      if (this.files.get(`${page}/`)?.isPage) return Response.redirect(`${page}/${search}`);
      const kept = this.files.get(page)?.isPage
        && await this.storage.match(page, { cacheName: this.cacheName, ignoreVary: true }).catch(() => undefined);
      if (!kept) throw reason;
      return kept;
    }
  }

  /** Delete all other releases. */
  discardOthers() {
    return discard(this.storage, this.scope, this.cacheName);
  }
}

/**
 * Decode what is kept compressed otherwise, so that no later visit has to.
 * @param {Response} response
 * @param {string} encoding
 */
function decoded(response, encoding) {
  if (encoding === "plain" || response.headers.get("Content-Type") === DECODED || !response.body) return response;
  const body = response.body.pipeThrough(new DecompressionStream(/** @type {CompressionFormat} */ (encoding)));
  return new Response(body, { headers: { "Content-Type": DECODED } });
}

/** @param {number} bytes */
async function requireRoom(bytes) {
  const estimate = await navigator.storage?.estimate?.().catch(() => undefined);
  if (estimate?.quota !== undefined && estimate.quota - (estimate.usage ?? 0) < bytes) {
    throw new DOMException(`there is no room for ${bytes} bytes`, "QuotaExceededError");
  }
}
