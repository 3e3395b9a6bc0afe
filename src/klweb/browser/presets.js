// @ts-check
// What the build computed ahead of time: for each frame one file with the views of all presets, and for each preset one
// with what is shown around it. Each is fetched once, or found in the page, where that holds them all.

import { fetchNeighbours } from "./neighbours.js";

/** @typedef {import("./figure.js").Answer} Answer */
/** @typedef {import("./neighbours.js").Neighbours} Neighbours */
/** @typedef {{presets: Record<string, Answer>, near: Record<string, string>}} Examples */
/** @typedef {{presets: Record<string, string>, near: Record<string, string>}} Data frame → URL of the file of all presets,
 * and of what is around the first of them */
/** @typedef {(url: string) => Promise<Response>} Get */

/** @type {import("./ahead.js").Early["files"] | undefined} */
const early = /** @type {any} */ (globalThis).klwebEarly?.files;

export class Presets {
  /** @type {Map<string, Promise<Examples>>} */
  #files = new Map();
  /** @type {Map<string, Promise<Neighbours>>} */
  #near = new Map();

  /**
   * @param {Data} urls
   * @param {string} first the name of the first preset
   * @param {Get} [get]
   */
  constructor(urls, first, get = (url) => fetch(url, { credentials: "omit" })) {
    this.urls = urls;
    this.first = first;
    this.get = get;
  }

  /**
   * Return the answers for all presets in one frame. A fetch that failed is tried again the next time.
   * @param {string} frame
   * @returns {Promise<Record<string, Answer>>}
   */
  async answers(frame) {
    return (await this.#file(frame)).presets;
  }

  /**
   * Return the stops around a preset in one frame. Tried again likewise.
   * @param {string} frame
   * @param {string} preset
   * @returns {Promise<Neighbours>}
   */
  async near(frame, preset) {
    const base = new URL(this.urls.presets[frame], document.baseURI);
    const url = preset === this.first ? this.urls.near[frame] : new URL((await this.#file(frame)).near[preset], base).href;
    return once(this.#near, new URL(url, document.baseURI).href, (address) => fetchNeighbours(address, this.get));
  }

  /**
   * @param {string} frame
   */
  #file(frame) {
    const address = new URL(this.urls.presets[frame], document.baseURI).href;
    return once(this.#files, address, async (url) => {
      const begun = early?.get(url);
      early?.delete(url);
      const response = await (begun ?? this.get(url));
      if (!response.ok) throw new Error(`the server answers ${response.status}`);
      return response.json();
    });
  }
}

/**
 * @template T
 * @param {Map<string, Promise<T>>} known
 * @param {string} url
 * @param {(url: string) => Promise<T>} get
 * @returns {Promise<T>}
 */
function once(known, url, get) {
  let found = known.get(url);
  if (!found) {
    found = get(url);
    found.catch(() => known.delete(url));
    known.set(url, found);
  }
  return found;
}
